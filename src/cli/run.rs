//! One run of `check`, `diff`, `fix` or `plan`: what came of a session is printed, and gives the exit code.
//!
//! Never knows how a rule decides, nor which files there are. Start at [`Run::new`].

use std::io;

use crate::report::{Canvas, Needs, Report, Summary};
use crate::rules::Severity;
use crate::runbook::{RemovalFacts, Runbook, Shell};
use crate::session::{Goal, Input, Ran, Session};

use super::args::Common;
use super::out_files::{PatchFile, PlanFile};
use super::output::{self, ERROR, FINDINGS, Output, SUCCESS, printed};
use super::progress::Progress;
use super::sinks::Sinks;

pub(super) struct Run<'a> {
    common: &'a Common,
    session: Session,
    pub(super) output: Output,
    sinks: Sinks,
    needs: Needs,
    threshold: Severity,
    failed: bool,
}

impl<'a> Run<'a> {
    pub(super) fn new(common: &'a Common, session: Session, sinks: Sinks) -> Self {
        let mut output = Output::new(common.color);
        if sinks.writes_for_ci() {
            output.guard();
        }
        let of_run = &session.configuration.of_run;
        let threshold = session.overrides.threshold(of_run);
        let notes = common.formats.notes || threshold == Severity::Note;
        Self {
            common,
            needs: Needs {
                notes,
                unsafe_fixes: session.overrides.applies_unsafe_fixes(of_run),
                ..sinks.needs(output.canvas())
            },
            threshold,
            session,
            output,
            sinks,
            failed: false,
        }
    }

    /// Runs the session, and says what went wrong.
    pub(super) fn go(&mut self, goal: Goal) -> Ran {
        let progress = Progress::start(self.common.quiet);
        let mut has_unread = false;
        let mut say = |ran: &mut Ran| {
            for text in std::mem::take(&mut ran.warnings) {
                output::warning(&text);
            }
            for text in std::mem::take(&mut ran.errors) {
                output::error(&text);
                has_unread = true;
            }
        };
        let mut ran = self
            .session
            .run(goal, self.needs, || progress.scanned(), &mut say);
        drop(progress);
        say(&mut ran);
        self.failed |= has_unread;
        ran
    }

    /// Says what makes the run fail.
    fn complain(&mut self, errors: impl IntoIterator<Item = impl AsRef<str>>) {
        for error in errors {
            output::error(error.as_ref());
            self.failed = true;
        }
    }

    pub(super) fn check(mut self) -> u8 {
        let ran = self.go(Goal::Check);
        let code = self.code(&ran);
        self.print_reports(Ok(()), &ran, code)
    }

    /// Runs `diff` or `fix`.
    pub(super) fn change(
        mut self,
        goal: Goal,
        patch: &PatchFile,
        plan: Option<&PlanFile>,
        prints_diff: bool,
    ) -> u8 {
        let is_text = matches!(self.session.input, Input::Text(_)) && goal == Goal::Fix;
        if is_text {
            // What is left to report goes elsewhere.
            self.output.color = false;
            self.needs.drawing = self.needs.drawing.map(|_| Canvas::default());
        }
        // What `fix` leaves is for a person, and no later run may say it.
        self.needs.notes |= goal == Goal::Fix;
        let ran = self.go(goal);
        let printed = self.print_patches(&ran, patch, prints_diff && !is_text);
        if let Some(plan) = plan {
            let written = plan.write(ran.facts.clone());
            self.complain(written.err());
        }
        let code = match (self.failed, goal) {
            (true, _) => ERROR,
            (false, Goal::Diff) if ran.patches.is_empty() || self.common.exit_zero => SUCCESS,
            (false, Goal::Diff) => FINDINGS,
            (false, _) => self.code(&ran),
        };
        match is_text {
            true => self.print_fixed(printed, &ran, code),
            false => self.print_reports(printed, &ran, code),
        }
    }

    /// Prints the patches, to stdout only where that is for them.
    fn print_patches(&mut self, ran: &Ran, file: &PatchFile, on_stdout: bool) -> io::Result<()> {
        let exact = matches!(file, PatchFile::Stdout);
        if let PatchFile::File(file) = file {
            let mut patches = ran.patches.iter();
            let written =
                file.write(|out| patches.try_for_each(|(_, patch)| out.write_all(&patch.bytes)));
            self.complain(written.err());
        }
        if self.sinks.own_stdout() || !on_stdout {
            return Ok(());
        }
        for (_, patch) in &ran.patches {
            let readable = patch.readable.as_deref();
            self.output.diff(&patch.bytes, readable, exact)?;
        }
        if exact {
            Ok(())
        } else {
            self.output.end_of_diff()
        }
    }

    /// The exit code by what is found.
    pub(super) fn code(&self, ran: &Ran) -> u8 {
        let mut findings = ran.results.files.iter().flat_map(|file| &file.findings);
        let reached = findings.any(|finding| finding.severity >= self.threshold);
        match (self.failed, reached && !self.common.exit_zero) {
            (true, _) => ERROR,
            (false, true) => FINDINGS,
            (false, false) => SUCCESS,
        }
    }

    /// Prints the fixed text; what is left to report goes to stderr, which is empty where the exit
    /// code is 0.
    fn print_fixed(mut self, result: io::Result<()>, ran: &Ran, code: u8) -> u8 {
        let text = match &self.session.input {
            Input::Text(text) => ran.text.as_deref().unwrap_or(&text.bytes),
            Input::Files(_) => &[],
        };
        let result = result.and_then(|()| self.output.exact(text));
        if code != SUCCESS {
            self.output.turn_to_stderr();
        } else {
            self.sinks.stdout = None;
        }
        self.print_reports(result, ran, code)
    }

    /// Prints the reports after a diff of which `result` came; gives the exit code, which is `code`
    /// if all could be written.
    pub(super) fn print_reports(mut self, result: io::Result<()>, ran: &Ran, code: u8) -> u8 {
        let is_walk = self.session.input.is_walk();
        let mut summary = Summary {
            files_scanned: ran.files_scanned,
            ..Summary::default()
        };
        summary.count(&ran.results);
        let scanned_nothing = summary.files_scanned == 0 && (is_walk || self.failed);
        if scanned_nothing && !self.failed {
            output::warning("no file was scanned; --show-files says why");
        }
        let commands = match self.needs.pictures && !ran.facts.removed.is_empty() {
            true => {
                let facts = RemovalFacts {
                    read: true,
                    ..ran.facts.clone()
                };
                Runbook::new(facts, None, false).script(Shell::Bash)
            }
            false => String::new(),
        };
        let report = Report {
            results: &ran.results,
            summary,
            folder: &ran.folder,
            threshold: self.threshold,
            lists_notes: self.needs.notes,
            has_errors: self.failed,
            // A summary of nothing would read as one of something clean.
            quiet: self.common.quiet || scanned_nothing,
            include_suppressed: self.common.include_suppressed,
            color: self.output.color,
            by_machine: !self.common.no_summary,
            commands: &commands,
        };
        let unwritten = self.sinks.write_files(&report);
        unwritten.iter().for_each(|text| output::error(text));
        let code = if unwritten.is_empty() { code } else { ERROR };
        let result = result.and_then(|()| self.sinks.write_stdout(&report, &mut self.output));
        printed(result, code)
    }
}
