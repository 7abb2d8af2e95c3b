//! The commands: scan, migrate, write, print.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use crate::migrate::{Migration, migrate};
use crate::report::{self, ReportedFile, Summary};
use crate::rules::{Finding, Fix, REGISTRY, Severity};
use crate::text::unified_diff_of_edits;
use crate::workspace::{self, Prefilter, SourceFile};

use super::args::{Arguments, Color, Command, Common, PatchArguments};
use super::output::{self, Output};

const SUCCESS: u8 = 0;
const FINDINGS: u8 = 1;
const ERROR: u8 = 2;

/// Runs a command; gives the exit code.
pub(super) fn run(arguments: &Arguments) -> u8 {
    match &arguments.command {
        Command::Check(common) => Run::new(common).check(),
        Command::Diff(arguments) => with_patch(arguments, Run::diff),
        Command::Fix(arguments) => with_patch(arguments, Run::fix),
        Command::Rules => printed(rules(), SUCCESS),
    }
}

/// Runs a command that makes a patch. The patch's file is made first: what cannot be told must not
/// be done.
fn with_patch<'a>(arguments: &'a PatchArguments, command: fn(Run<'a>, &mut PatchFile) -> u8) -> u8 {
    match PatchFile::create(arguments.diff_file.as_deref()) {
        Ok(mut patch) => command(Run::new(&arguments.common), &mut patch),
        Err(error) => {
            output::error(&error);
            ERROR
        }
    }
}

/// The exit code after printing: `code`, unless the output could not be written.
fn printed(result: io::Result<()>, code: u8) -> u8 {
    match result {
        Ok(()) => code,
        // Whoever read the output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => code,
        Err(error) => {
            output::error(&format!("the output cannot be written: {error}"));
            ERROR
        }
    }
}

/// Where the exact patch goes.
enum PatchFile {
    /// Nowhere: stdout gets the patch in a form that does no harm.
    Absent,
    /// To stdout, whatever reads it.
    Stdout,
    File {
        file: File,
        name: String,
    },
}

impl PatchFile {
    fn create(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else {
            return Ok(Self::Absent);
        };
        if path == Path::new("-") {
            return Ok(Self::Stdout);
        }
        let name = path.display().to_string();
        match File::create(path) {
            Ok(file) => Ok(Self::File { file, name }),
            Err(error) => Err(format!("{name}: cannot be written: {error}")),
        }
    }
}

fn rules() -> io::Result<()> {
    let mut output = Output::new(Color::Never);
    for registration in REGISTRY {
        let rule = registration.rule;
        writeln!(output.report(), "{}: {}", rule.id, rule.finds)?;
    }
    output.flush()
}

/// A template with something to say about it.
struct Template {
    bytes: Vec<u8>,
    migration: Migration,
}

/// A file, its bytes, and what to report of them.
type Reported = (SourceFile, Vec<u8>, Vec<Finding>);

struct Run<'a> {
    common: &'a Common,
    output: Output,
    templates: Vec<(SourceFile, Template)>,
    summary: Summary,
    failed: bool,
}

impl<'a> Run<'a> {
    /// Reads and checks all files.
    fn new(common: &'a Common) -> Self {
        let options = common.options();
        let needles = REGISTRY
            .iter()
            .flat_map(|entry| entry.rule.needles.iter().copied());
        let prefilter = Prefilter::new(needles);
        let scan = workspace::scan(&common.selection(), common.threads(), |file, bytes| {
            if !prefilter.passes(&file.name, bytes) {
                return None;
            }
            let migration = migrate(bytes, &options);
            migration.is_template.then(|| Template {
                bytes: bytes.to_vec(),
                migration,
            })
        });
        for error in &scan.errors {
            output::error(&error.to_string());
        }
        Self {
            common,
            output: Output::new(common.color),
            summary: Summary {
                files_scanned: scan.files,
                ..Summary::default()
            },
            failed: !scan.errors.is_empty(),
            templates: scan.results,
        }
    }

    fn check(mut self) -> u8 {
        let mut found = Vec::new();
        for (file, template) in std::mem::take(&mut self.templates) {
            self.fault(&file, &template);
            found.push((file, template.bytes, template.migration.findings));
        }
        let code = self.tally(&found);
        printed(self.print_findings(&found), code)
    }

    fn diff(mut self, file: &mut PatchFile) -> u8 {
        let mut patch = Vec::new();
        for (file, template) in std::mem::take(&mut self.templates) {
            self.fault(&file, &template);
            patch.extend(patch_of(&file, &template));
        }
        let result = self.print_patch(&patch, file);
        let code = match (self.failed, patch.is_empty()) {
            (true, _) => ERROR,
            (false, false) if !self.common.exit_zero => FINDINGS,
            (false, _) => SUCCESS,
        };
        printed(result.and_then(|()| self.output.flush()), code)
    }

    fn fix(mut self, file: &mut PatchFile) -> u8 {
        let mut patch = Vec::new();
        let mut left = Vec::new();
        for (file, template) in std::mem::take(&mut self.templates) {
            self.fault(&file, &template);
            if template.migration.fixed.is_none() {
                left.push((file, template.bytes, template.migration.findings));
                continue;
            }
            let applied = patch_of(&file, &template);
            if let Some(rest) = self.write(file, template, &mut left) {
                self.summary.fixed += rest;
                patch.extend(applied);
            }
        }
        let result = self.print_patch(&patch, file);
        let code = self.tally(&left);
        let result = result.and_then(|()| self.print_findings(&left));
        printed(result, code)
    }

    /// Writes a fixed template and adds what is left of its findings; gives how many are not, or
    /// nothing if it could not be written.
    fn write(
        &mut self,
        file: SourceFile,
        template: Template,
        left: &mut Vec<Reported>,
    ) -> Option<usize> {
        let Template { bytes, migration } = template;
        let fixed = migration.fixed?;
        match workspace::replace(&file, &bytes, &fixed.bytes) {
            Ok(replaced) => {
                if replaced.broke_hard_link {
                    let name = String::from_utf8_lossy(&file.name);
                    output::warning(&format!(
                        "{name}: had several hard links; the others keep the old content"
                    ));
                }
                let applied = migration.findings.len();
                let applied = applied.saturating_sub(fixed.leftovers.len());
                left.push((file, fixed.bytes, fixed.leftovers));
                Some(applied)
            }
            Err(error) => {
                self.failed = true;
                output::error(&error.to_string());
                left.push((file, bytes, migration.findings));
                None
            }
        }
    }

    /// Says that the gate refused a result.
    fn fault(&mut self, file: &SourceFile, template: &Template) {
        if let Some(fault) = &template.migration.fault {
            self.failed = true;
            let name = String::from_utf8_lossy(&file.name).into_owned();
            output::error(&format!(
                "{name}: not changed, since the result failed its own check ({fault}). This is a \
                 fault of msi2imds: please report it with the template"
            ));
        }
    }

    fn print_patch(&mut self, patch: &[u8], file: &mut PatchFile) -> io::Result<()> {
        let exact = matches!(file, PatchFile::Stdout);
        if let PatchFile::File { file, name } = file
            && let Err(error) = file.write_all(patch)
        {
            self.failed = true;
            output::error(&format!("{name}: cannot be written: {error}"));
        }
        self.output.diff(patch, exact)?;
        if exact {
            Ok(())
        } else {
            self.output.end_of_diff()
        }
    }

    /// Counts the findings; gives the exit code.
    fn tally(&mut self, reported: &[Reported]) -> u8 {
        for (_, _, findings) in reported {
            self.summary.templates += usize::from(!findings.is_empty());
            for finding in findings {
                match finding.severity {
                    Severity::Error => self.summary.errors += 1,
                    Severity::Warning => self.summary.warnings += 1,
                    Severity::Note => self.summary.notes += 1,
                }
                match finding.fix {
                    Fix::Safe => self.summary.fixable += 1,
                    Fix::Unsafe => self.summary.unsafe_fixable += 1,
                    Fix::Held(_) | Fix::DisplayOnly => {}
                }
            }
        }
        let threshold = self.common.threshold();
        let mut findings = reported.iter().flat_map(|(_, _, findings)| findings);
        let reached = findings.any(|finding| finding.severity >= threshold);
        match (self.failed, reached && !self.common.exit_zero) {
            (true, _) => ERROR,
            (false, true) => FINDINGS,
            (false, false) => SUCCESS,
        }
    }

    fn print_findings(&mut self, reported: &[Reported]) -> io::Result<()> {
        let color = self.output.color;
        for (file, bytes, findings) in reported {
            let file = ReportedFile {
                name: &String::from_utf8_lossy(&file.name),
                text: bytes,
                findings,
            };
            report::full(self.output.report(), &file, color)?;
        }
        if !self.common.quiet {
            writeln!(self.output.report(), "{}", self.summary)?;
        }
        self.output.flush()
    }
}

fn patch_of(file: &SourceFile, template: &Template) -> Vec<u8> {
    template
        .migration
        .fixed
        .as_ref()
        .map_or_else(Vec::new, |fixed| {
            let diff =
                unified_diff_of_edits(&file.name, &template.bytes, &fixed.bytes, &fixed.edits);
            diff.bytes().to_vec()
        })
}
