//! The commands: scan, migrate, write, print.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use crate::migrate::{Fault, Migration, Options, inspect, inspect_text, migrate};
use crate::report::{self, ReportedFile, Summary};
use crate::rules::{Finding, Fix, REGISTRY, Severity};
use crate::text::{readable_diff_of_edits, unified_diff_of_edits};
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

/// What to report of a file. It is drawn where the file's bytes are at hand, which is on the threads
/// that read.
struct Report {
    findings: Vec<Finding>,
    drawing: Vec<u8>,
}

impl Report {
    fn new(file: &SourceFile, bytes: &[u8], findings: Vec<Finding>, color: bool) -> Self {
        let reported = ReportedFile {
            name: &String::from_utf8_lossy(&file.name),
            text: bytes,
            findings: &findings,
        };
        let mut drawing = Vec::new();
        // Writing to memory does not fail.
        let _ = report::full(&mut drawing, &reported, color);
        Self { findings, drawing }
    }
}

/// A template that `fix` is at.
struct Template {
    bytes: Vec<u8>,
    migration: Migration,
}

/// The patch of one file.
struct Patch {
    bytes: Vec<u8>,
    /// The form for a reader, where the bytes are none for him.
    readable: Option<Vec<u8>>,
}

struct Run<'a> {
    common: &'a Common,
    output: Output,
    summary: Summary,
    failed: bool,
    /// What makes a template's result; the gate's refusals come from it too.
    migrate: fn(&[u8], &Options) -> Migration,
}

impl<'a> Run<'a> {
    fn new(common: &'a Common) -> Self {
        Self {
            common,
            migrate,
            output: Output::new(common.color),
            summary: Summary::default(),
            failed: false,
        }
    }

    /// Reads all files and lets `visit` look at each that may be a template, on several threads.
    fn scan<T: Send>(
        &mut self,
        visit: impl Fn(&SourceFile, &[u8], &Options) -> Option<T> + Sync,
    ) -> Vec<(SourceFile, T)> {
        let options = self.common.options();
        let needles = REGISTRY
            .iter()
            .flat_map(|entry| entry.rule.needles.iter().copied());
        let prefilter = Prefilter::new(needles);
        let selection = self.common.selection();
        let scan = workspace::scan(&selection, self.common.threads(), |file, bytes| {
            prefilter
                .passes(bytes)
                .then(|| visit(file, bytes, &options))
                .flatten()
        });
        for error in &scan.errors {
            output::error(&error.to_string());
        }
        self.failed |= !scan.errors.is_empty();
        self.summary.files_scanned = scan.files;
        scan.results
    }

    fn check(mut self) -> u8 {
        let color = self.output.color;
        let found = self.scan(|file, bytes, options| {
            let text = inspect_text(&file.name, bytes, options);
            let findings = text.unwrap_or_else(|| inspect(bytes, options)).findings;
            (!findings.is_empty()).then(|| Report::new(file, bytes, findings, color))
        });
        let found: Vec<Report> = found.into_iter().map(|(_, report)| report).collect();
        let code = self.tally(&found);
        printed(self.print_reports(&found), code)
    }

    fn diff(mut self, file: &mut PatchFile) -> u8 {
        let migrate = self.migrate;
        let found = self.scan(|file, bytes, options| {
            let text = inspect_text(&file.name, bytes, options);
            let migration = text.unwrap_or_else(|| migrate(bytes, options));
            let patch = patch_of(file, bytes, &migration);
            (patch.is_some() || migration.fault.is_some()).then_some((patch, migration.fault))
        });
        let mut patches = Vec::new();
        for (file, (part, fault)) in found {
            self.fault(&file, fault.as_ref());
            patches.extend(part);
        }
        let result = self.print_patches(&patches, file);
        let code = match (self.failed, patches.is_empty()) {
            (true, _) => ERROR,
            (false, false) if !self.common.exit_zero => FINDINGS,
            (false, _) => SUCCESS,
        };
        printed(result.and_then(|()| self.output.flush()), code)
    }

    fn fix(mut self, file: &mut PatchFile) -> u8 {
        let migrate = self.migrate;
        let found = self.scan(|file, bytes, options| {
            let text = inspect_text(&file.name, bytes, options);
            let migration = text.unwrap_or_else(|| migrate(bytes, options));
            (!migration.findings.is_empty()).then(|| Template {
                bytes: bytes.to_vec(),
                migration,
            })
        });
        let mut patches = Vec::new();
        let mut left = Vec::new();
        for (file, template) in found {
            self.fault(&file, template.migration.fault.as_ref());
            let applied = patch_of(&file, &template.bytes, &template.migration);
            let (report, written) = self.write(&file, template);
            left.push(report);
            if written {
                patches.extend(applied);
            }
        }
        let result = self.print_patches(&patches, file);
        let code = self.tally(&left);
        let result = result.and_then(|()| self.print_reports(&left));
        printed(result, code)
    }

    /// Writes a fixed template; gives what is left of its findings, and whether it was written.
    fn write(&mut self, file: &SourceFile, template: Template) -> (Report, bool) {
        let color = self.output.color;
        let Template { bytes, migration } = template;
        let findings = migration.findings;
        let Some(fixed) = migration.fixed else {
            return (Report::new(file, &bytes, findings, color), false);
        };
        match workspace::replace(file, &bytes, &fixed.bytes) {
            Ok(replaced) => {
                if replaced.broke_hard_link {
                    let name = String::from_utf8_lossy(&file.name);
                    output::warning(&format!(
                        "{name}: had several hard links; the others keep the old content"
                    ));
                }
                self.summary.fixed += findings.len().saturating_sub(fixed.leftovers.len());
                let report = Report::new(file, &fixed.bytes, fixed.leftovers, color);
                (report, true)
            }
            Err(error) => {
                self.failed = true;
                output::error(&error.to_string());
                (Report::new(file, &bytes, findings, color), false)
            }
        }
    }

    /// Says that the gate refused a result.
    fn fault(&mut self, file: &SourceFile, fault: Option<&Fault>) {
        if let Some(fault) = fault {
            self.failed = true;
            output::error(&refusal(&file.name, fault));
        }
    }

    fn print_patches(&mut self, patches: &[Patch], file: &mut PatchFile) -> io::Result<()> {
        let exact = matches!(file, PatchFile::Stdout);
        if let PatchFile::File { file, name } = file
            && let Err(error) = patches
                .iter()
                .try_for_each(|patch| file.write_all(&patch.bytes))
        {
            self.failed = true;
            output::error(&format!("{name}: cannot be written: {error}"));
        }
        for patch in patches {
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
    fn tally(&mut self, reports: &[Report]) -> u8 {
        for Report { findings, .. } in reports {
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
        let mut findings = reports.iter().flat_map(|report| &report.findings);
        let reached = findings.any(|finding| finding.severity >= threshold);
        match (self.failed, reached && !self.common.exit_zero) {
            (true, _) => ERROR,
            (false, true) => FINDINGS,
            (false, false) => SUCCESS,
        }
    }

    fn print_reports(&mut self, reports: &[Report]) -> io::Result<()> {
        for report in reports {
            self.output.report().write_all(&report.drawing)?;
        }
        if !self.common.quiet {
            writeln!(self.output.report(), "{}", self.summary)?;
        }
        self.output.flush()
    }
}

fn refusal(name: &[u8], fault: &Fault) -> String {
    let name = String::from_utf8_lossy(name);
    format!(
        "{name}: not changed, since the result failed its own check ({fault}). This is a fault of \
         msi2imds: please report it with the template"
    )
}

fn patch_of(file: &SourceFile, old: &[u8], migration: &Migration) -> Option<Patch> {
    let fixed = migration.fixed.as_ref()?;
    let (name, new) = (&file.name, &fixed.bytes);
    let bytes = unified_diff_of_edits(name, old, new, &fixed.edits);
    let readable = readable_diff_of_edits(name, old, new, &fixed.edits);
    (!bytes.is_empty()).then(|| Patch {
        bytes: bytes.bytes().to_vec(),
        readable: readable.map(|diff| diff.bytes().to_vec()),
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

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
        | Command::Fix(PatchArguments { common, .. })) = &arguments.command
        else {
            unreachable!("{command} makes a patch");
        };
        let mut run = Run::new(common);
        run.migrate = |source, options| {
            let mut migration = migrate(source, options);
            assert!(migration.fixed.is_some());
            if source == refused().as_bytes() {
                migration.fixed = None;
                migration.fault = Some(Fault::new("sabotage"));
            }
            migration
        };
        let mut file = PatchFile::create(Some(&patch)).unwrap();
        let code = match command {
            "diff" => run.diff(&mut file),
            _ => run.fix(&mut file),
        };
        let read = |path| std::fs::read_to_string(path).unwrap();
        (code, paths.map(read), read(patch))
    }

    #[test]
    fn a_refused_result_is_an_error_and_the_other_file_is_fixed() {
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
        let (code, files, patch) = with_a_refused("diff");
        assert_eq!(code, ERROR);
        assert_eq!(files, [refused().as_str(), TEMPLATE]);
        assert!(!patch.contains("a.json"), "{patch}");
    }

    #[test]
    fn a_refusal_names_the_file_and_asks_for_a_report() {
        let said = refusal(b"a.json", &Fault::new("why"));
        assert!(said.starts_with("a.json: not changed"), "{said}");
        assert!(
            said.contains("(why)") && said.contains("please report it"),
            "{said}"
        );
    }
}
