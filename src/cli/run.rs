//! One run of `check`, `diff`, `fix` or `plan`: files in, findings, patches and an exit code out.
//!
//! Never knows how a rule decides. Start at [`Run::new`].

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use crate::migrate::{Fixed, inspect_together, migrate_together};
use crate::report::{Canvas, Needs, Report, Results, Summary};
use crate::repository::{self, Loaded, ReadError, SourceFile};

use super::args::Common;
use super::baseline::BaselineFile;
use super::commands::Start;
use super::configuration::{Configuration, Terms};
use super::exit::{ERROR, FINDINGS, SUCCESS, printed};
use super::inputs::Input;
use super::output::{self, Output};
use super::patch::{Patch, PatchFile};
use super::plan::PlanFile;
use super::progress::Progress;
use super::searches::Searches;
use super::set::{Migrated, Together, migrated, proposed, written};
use super::sinks::Sinks;

pub(super) struct Run<'a> {
    pub(super) common: &'a Common,
    pub(super) input: Input,
    pub(super) configuration: Configuration,
    /// Where `fix` tells what to do with machines that run.
    pub(super) plan: Option<PlanFile>,
    pub(super) output: Output,
    sinks: Sinks,
    pub(super) wanted: Needs,
    pub(super) summary: Summary,
    /// See [`Report::folder`].
    pub(super) folder: Vec<u8>,
    /// A file whose name tells from where names start.
    pub(super) neighbour: Option<SourceFile>,
    pub(super) baseline: Option<Arc<BaselineFile>>,
    failed: bool,
    /// Temporary files that the scan came by.
    pub(super) temporary: Vec<PathBuf>,
    /// What the scan could not look into.
    pub(super) not_looked_into: Option<String>,
    /// What became of a text from stdin.
    fixed: Option<Vec<u8>>,
    /// What makes results; the gate's refusals come from it too.
    pub(super) migrate: Together,
}

impl<'a> Run<'a> {
    pub(super) fn new(common: &'a Common, start: Start, sinks: Sinks) -> Self {
        let Start {
            input,
            configuration,
            baseline,
        } = start;
        let mut output = Output::new(common.color);
        if sinks.writes_for_ci() {
            output.guard();
        }
        Self {
            common,
            input,
            wanted: sinks.wanted(
                output.canvas(),
                common.applies_unsafe_fixes(&configuration.of_run),
            ),
            configuration,
            baseline,
            plan: None,
            neighbour: None,
            migrate: migrate_together,
            output,
            sinks,
            summary: Summary::default(),
            folder: Vec::new(),
            failed: false,
            temporary: Vec::new(),
            not_looked_into: None,
            fixed: None,
        }
    }

    /// Reads all files, puts those that may be templates together with what belongs to them, and gives
    /// what `visit` makes of each such set.
    pub(super) fn visit<T: Send>(
        &mut self,
        visit: impl Fn(Vec<Loaded>, &Terms<'_>) -> Option<T> + Sync,
    ) -> Vec<T> {
        let threads = self.common.threads();
        let progress = Progress::start(self.common.quiet);
        let (gathered, surroundings) = self.gather(&Searches::new(), &progress);
        let given = self.input.given();
        let baseline = self.baseline.as_ref();
        let tree = self.input.tree();
        let (found, unread) = repository::visit_sets(tree, gathered.sets, threads, given, |set| {
            // What a configuration that cannot be taken is for is left alone.
            let mut terms = self.configuration.terms(self.common, &set)?;
            terms.options.baseline = baseline.map(|baseline| baseline.baseline());
            // All files of a set stand in one repository.
            let mut files = set.iter().map(|loaded| &loaded.member.file.root);
            let told = files.find_map(|root| surroundings.get(root));
            terms.options.surroundings = told.cloned().unwrap_or_default();
            visit(set, &terms)
        });
        drop(progress);
        if let Some(warning) = self.not_looked_into.take() {
            output::warning(&warning);
        }
        self.complain(gathered.errors.into_iter().chain(unread));
        let errors = self.configuration.errors();
        self.refuse(errors);
        found.into_iter().flatten().collect()
    }

    /// Says what could not be read.
    fn complain(&mut self, errors: impl Iterator<Item = ReadError>) {
        let mut told = BTreeSet::new();
        for error in errors {
            // A file may be read more than once.
            if told.insert(error.path.clone()) {
                output::error(&error.to_string());
            }
        }
        self.failed |= !told.is_empty();
    }

    /// Whether an error was told.
    pub(super) fn has_failed(&self) -> bool {
        self.failed
    }

    /// Adds what there is to say of configured waivers and of the baseline themselves.
    pub(super) fn conclude(&mut self, results: Vec<Results>) -> Results {
        let mut all = results;
        let neighbour = self.neighbour.as_ref();
        all.extend(
            self.configuration
                .conclude(self.common, &self.input, self.wanted, neighbour),
        );
        if let Some(baseline) = &self.baseline {
            let folders = match &self.input {
                Input::Files(selection) => selection.paths.as_slice(),
                Input::Text(_) => &[],
            };
            let options = self.common.options(&self.configuration.of_run);
            match baseline.conclude(&options, self.input.tree(), folders, self.wanted, neighbour) {
                Ok(results) => all.push(results),
                Err(error) => self.refuse(vec![error]),
            }
        }
        all.into_iter().collect()
    }

    pub(super) fn check(mut self) -> u8 {
        let wanted = self.wanted;
        let baseline = self.baseline.clone();
        let together = if wanted.change {
            self.migrate
        } else {
            inspect_together
        };
        let found = self.visit(|set, terms| {
            let set = migrated(set, terms, together);
            record(baseline.as_deref(), &set, &[]);
            Some((proposed(&set, wanted), refusals(&set)))
        });
        let (results, refusals) = found.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
        self.refuse(refusals.concat());
        let results = self.conclude(results);
        let code = self.tally(&results);
        self.print_reports(Ok(()), &results, code)
    }

    pub(super) fn diff(mut self, file: &mut PatchFile) -> u8 {
        let (migrate, wanted) = (self.migrate, self.wanted);
        let baseline = self.baseline.clone();
        let found = self.visit(|set, terms| {
            let set = migrated(set, terms, migrate);
            record(baseline.as_deref(), &set, &[]);
            Some((proposed(&set, wanted), refusals(&set), patches(&set)))
        });
        let mut results = Vec::new();
        let mut changed = Vec::new();
        for (said, refusals, patches) in found {
            results.push(said);
            self.refuse(refusals);
            changed.extend(patches);
        }
        let results = self.conclude(results);
        let printed = self.print_patches(&mut changed, file, true);
        self.tally(&results);
        let code = match (self.failed, changed.is_empty()) {
            (true, _) => ERROR,
            (false, false) if !self.common.exit_zero => FINDINGS,
            (false, _) => SUCCESS,
        };
        self.print_reports(printed, &results, code)
    }

    pub(super) fn fix(mut self, file: &mut PatchFile) -> u8 {
        let migrate = self.migrate;
        match &mut self.input {
            Input::Files(selection) => selection.tell_temporary = true,
            Input::Text(_) => {
                // What is left to report goes elsewhere.
                self.output.color = false;
                self.wanted = Needs {
                    drawing: self.wanted.drawing.map(|_| Canvas::default()),
                    ..self.wanted
                };
            }
        }
        let found = self.visit(|set, terms| {
            let set = migrated(set, terms, migrate);
            let is_concerned = set.iter().any(|one| {
                let migration = &one.migration;
                !migration.findings.is_empty()
                    || !migration.suppressed.is_empty()
                    || migration.fixed.is_some()
                    || migration.fault.is_some()
            });
            is_concerned.then_some(set)
        });
        for error in repository::remove_leftovers(std::mem::take(&mut self.temporary)) {
            output::warning(&error.to_string());
        }
        let mut results = Vec::new();
        let mut changed = Vec::new();
        for set in found {
            self.refuse(refusals(&set));
            let (said, patches) = self.write(&set);
            results.push(said);
            changed.extend(patches);
        }
        let fixed = match &self.input {
            Input::Files(_) => None,
            Input::Text(text) => Some(self.fixed.take().unwrap_or_else(|| text.bytes.clone())),
        };
        let results = self.conclude(results);
        let printed = self.print_patches(&mut changed, file, fixed.is_none());
        self.failed |= self.plan.take().is_some_and(|plan| !plan.write());
        let code = self.tally(&results);
        match fixed {
            Some(fixed) => self.print_fixed(printed, &fixed, &results, code),
            None => self.print_reports(printed, &results, code),
        }
    }

    /// Writes the results of a set, until one cannot be written; gives what is left to report, and the
    /// patches of what was written.
    fn write(&mut self, set: &[Migrated]) -> (Results, Vec<(SourceFile, Patch)>) {
        let mut goes_on = true;
        let mut done = Vec::new();
        let mut patches = Vec::new();
        for one in set {
            let fixed = one.migration.fixed.as_ref().filter(|_| goes_on);
            let is_written = fixed.is_some_and(|fixed| self.replace(&one.loaded, fixed));
            goes_on &= is_written || fixed.is_none();
            done.push(is_written);
            if is_written {
                let file = &one.loaded.member.file;
                patches.extend(one.patch().map(|patch| (file.clone(), patch)));
            }
        }
        record(self.baseline.as_deref(), set, &done);
        if let Some(plan) = &mut self.plan {
            plan.add(set, &done);
        }
        (written(set, &done, self.wanted), patches)
    }

    /// Writes a result, if it is another one than what is there; whether that is done.
    fn replace(&mut self, loaded: &Loaded, fixed: &Fixed) -> bool {
        if fixed.edits.is_empty() {
            return true;
        }
        let file = &loaded.member.file;
        if let Input::Text(_) = &self.input {
            self.fixed = Some(fixed.bytes.clone());
            return true;
        }
        match repository::replace(file, &loaded.bytes, &fixed.bytes) {
            Ok(replaced) => {
                if replaced.broke_hard_link {
                    let name = String::from_utf8_lossy(&file.name);
                    output::warning(&format!(
                        "{name}: had several hard links; the others keep the old content"
                    ));
                }
                true
            }
            Err(error) => {
                self.failed = true;
                output::error(&error.to_string());
                false
            }
        }
    }

    /// Says what the gate refused.
    pub(super) fn refuse(&mut self, refusals: Vec<String>) {
        for refusal in refusals {
            self.failed = true;
            output::error(&refusal);
        }
    }

    /// Prints the patches in the order of the files' names, to stdout only where that is for them.
    fn print_patches(
        &mut self,
        patches: &mut [(SourceFile, Patch)],
        file: &mut PatchFile,
        on_stdout: bool,
    ) -> io::Result<()> {
        patches.sort_by(|(one, _), (other, _)| one.cmp(other));
        let exact = matches!(file, PatchFile::Stdout);
        if let PatchFile::File { file, name } = file
            && let Err(error) = patches
                .iter()
                .try_for_each(|(_, patch)| file.write_all(&patch.bytes))
        {
            self.failed = true;
            output::error(&format!("{name}: cannot be written: {error}"));
        }
        if self.sinks.own_stdout() || !on_stdout {
            return Ok(());
        }
        for (_, patch) in patches {
            let readable = patch.readable.as_deref();
            self.output.diff(&patch.bytes, readable, exact)?;
        }
        if exact {
            Ok(())
        } else {
            self.output.end_of_diff()
        }
    }

    /// Counts the findings; gives the exit code.
    pub(super) fn tally(&mut self, results: &Results) -> u8 {
        self.summary.count(results);
        let threshold = self.common.threshold(&self.configuration.of_run);
        let mut findings = results.files.iter().flat_map(|file| &file.findings);
        let reached = findings.any(|finding| finding.severity >= threshold);
        match (self.failed, reached && !self.common.exit_zero) {
            (true, _) => ERROR,
            (false, true) => FINDINGS,
            (false, false) => SUCCESS,
        }
    }

    /// Prints the fixed text; what is left to report goes to stderr, which is empty where the exit
    /// code is 0.
    fn print_fixed(
        mut self,
        result: io::Result<()>,
        fixed: &[u8],
        results: &Results,
        code: u8,
    ) -> u8 {
        let result = result.and_then(|()| self.output.exact(fixed));
        if code != SUCCESS {
            self.output.turn_to_stderr();
        } else {
            self.sinks.stdout = None;
        }
        self.print_reports(result, results, code)
    }

    /// Prints the reports after a diff of which `result` came; gives the exit code, which is `code`
    /// if all could be written.
    pub(super) fn print_reports(
        mut self,
        result: io::Result<()>,
        results: &Results,
        code: u8,
    ) -> u8 {
        let is_walk = self.input.is_walk();
        let scanned_nothing = self.summary.files_scanned == 0 && (is_walk || self.failed);
        if scanned_nothing && !self.failed {
            output::warning("no file was scanned; --show-files says why");
        }
        let report = Report {
            results,
            summary: self.summary,
            folder: &self.folder,
            threshold: self.common.threshold(&self.configuration.of_run),
            has_errors: self.failed,
            // A summary of nothing would read as one of something clean.
            quiet: self.common.quiet || scanned_nothing,
            include_suppressed: self.common.include_suppressed,
            color: self.output.color,
        };
        let mut code = code;
        self.sinks.write_files(&report, |error| {
            output::error(&error);
            code = ERROR;
        });
        let result = result.and_then(|()| self.sinks.write_stdout(&report, &mut self.output));
        printed(result, code)
    }
}

pub(super) fn record(baseline: Option<&BaselineFile>, set: &[Migrated], written: &[bool]) {
    if let Some(baseline) = baseline {
        baseline.record(set, written);
    }
}

pub(super) fn refusals(set: &[Migrated]) -> Vec<String> {
    set.iter().filter_map(Migrated::refusal).collect()
}

fn patches(set: &[Migrated]) -> Vec<(SourceFile, Patch)> {
    let patches = set.iter().map(|one| {
        let file = one.loaded.member.file.clone();
        one.patch().map(|patch| (file, patch))
    });
    patches.flatten().collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::cli::args::{Arguments, Command, FixArguments, PatchArguments};
    use crate::cli::formats::Reporter;
    use crate::migrate::Fault;
    use crate::repository::Configs;

    use super::*;

    const TEMPLATE: &str = r#"{"contentVersion": "1", "resources": [
        {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
         "properties": {"publisher": "Microsoft.ManagedIdentity",
                        "type": "ManagedIdentityExtensionForLinux"}}]}"#;

    /// The template whose result is refused.
    fn refused() -> String {
        TEMPLATE.replace("vm/msi", "refused/msi")
    }

    /// Lets `command` run on `a.json` and `b.json` as if the gate had refused the first; gives the
    /// exit code, both files and the patch.
    fn with_a_refused(command: &str) -> (u8, [String; 2], String) {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a.json", "b.json"].map(|name| folder.path().join(name));
        std::fs::write(&paths[0], refused()).unwrap();
        std::fs::write(&paths[1], TEMPLATE).unwrap();
        let patch = folder.path().join("a.patch");
        let path = folder.path().to_str().unwrap();
        let line = ["msi2imds", command, "--exit-zero", "--quiet", path];
        let arguments = Arguments::try_parse_from(line).unwrap();
        let (Command::Diff(PatchArguments { common, .. })
        | Command::Fix(FixArguments {
            patch: PatchArguments { common, .. },
            ..
        })) = &arguments.command
        else {
            unreachable!("{command} makes a patch");
        };
        let reporter = match command {
            "diff" => Reporter::Diff,
            _ => Reporter::Fix,
        };
        let sinks = Sinks::open(&common.formats, reporter, None, &[]).unwrap();
        let configs = Configs::default();
        let input = common.inputs.read().unwrap();
        let configuration = Configuration::of(configs, &input).unwrap();
        let start = Start {
            input,
            configuration,
            baseline: None,
        };
        let mut run = Run::new(common, start, sinks);
        run.migrate = |sources, options| {
            let mut migrations = migrate_together(sources, options);
            for (source, migration) in sources.iter().zip(&mut migrations) {
                assert!(migration.fixed.is_some());
                if source.bytes == refused().as_bytes() {
                    migration.fixed = None;
                    migration.fault = Some(Fault::new("sabotage"));
                }
            }
            migrations
        };
        let mut file = PatchFile::create(Some(&patch), &[]).unwrap();
        let code = match command {
            "diff" => run.diff(&mut file),
            _ => run.fix(&mut file),
        };
        let read = |path| std::fs::read_to_string(path).unwrap();
        (code, paths.map(read), read(patch))
    }

    /// Whether the test `name` is to run here; if not, it has run as a process of its own, so that what
    /// it prints, which looks like a fault of the program, is nowhere to be seen.
    fn runs_here(name: &str) -> bool {
        const CHILD: &str = "MSI2IMDS_TEST_CHILD";
        if std::env::var_os(CHILD).is_some() {
            return true;
        }
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        let name = format!("cli::run::tests::{name}");
        let output = child
            .args(["--exact", &name, "--nocapture"])
            .env(CHILD, "")
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{printed}");
        assert!(printed.contains("This is a fault of msi2imds"), "{printed}");
        false
    }

    #[test]
    fn a_refused_result_is_an_error_and_the_other_file_is_fixed() {
        if !runs_here("a_refused_result_is_an_error_and_the_other_file_is_fixed") {
            return;
        }
        let (code, [a, b], patch) = with_a_refused("fix");
        assert_eq!(code, ERROR);
        assert_eq!(a, refused());
        assert!(b.contains("\"resources\": []"), "{b}");
        assert!(
            patch.contains("b.json") && !patch.contains("a.json"),
            "{patch}"
        );
    }

    #[test]
    fn a_refused_result_is_an_error_where_nothing_is_written_too() {
        if !runs_here("a_refused_result_is_an_error_where_nothing_is_written_too") {
            return;
        }
        let (code, files, patch) = with_a_refused("diff");
        assert_eq!(code, ERROR);
        assert_eq!(files, [refused().as_str(), TEMPLATE]);
        assert!(!patch.contains("a.json"), "{patch}");
    }
}
