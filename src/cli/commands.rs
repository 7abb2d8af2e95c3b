//! The commands: scan, migrate, write, print.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use crate::migrate::{
    Fault, Fixed, Migration, Options, Source, inspect_text, inspect_together, linked_paths,
    migrate_together,
};
use crate::report::{self, ReportedFile, Summary};
use crate::rules::{Finding, Fix, REGISTRY, Severity};
use crate::text::{readable_diff_of_edits, unified_diff_of_edits};
use crate::workspace::{self, Linking, Loaded, Mentions, Prefilter, Seen, SourceFile};

use super::args::{Arguments, Color, Command, Common, PatchArguments};
use super::output::{self, Output};

const SUCCESS: u8 = 0;
const FINDINGS: u8 = 1;
const ERROR: u8 = 2;

/// What stands in every file that links another.
const LINK: &str = "templatelink";

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

/// What to report of a file. It is drawn where the bytes of its set are at hand.
struct Report {
    file: SourceFile,
    findings: Vec<Finding>,
    drawing: Vec<u8>,
}

impl Report {
    /// The reports of files that were migrated together, each with its text and its findings.
    fn of_set(files: Vec<(SourceFile, &[u8], Vec<Finding>)>, color: bool) -> Vec<Self> {
        let names: Vec<_> = files
            .iter()
            .map(|(file, ..)| String::from_utf8_lossy(&file.name))
            .collect();
        let set: Vec<ReportedFile<'_>> = files
            .iter()
            .zip(&names)
            .map(|((_, text, findings), name)| ReportedFile {
                name,
                text,
                findings,
            })
            .collect();
        let drawn = set.iter().map(|reported| {
            let mut drawing = Vec::new();
            // Writing to memory does not fail.
            let _ = report::full(&mut drawing, reported, &set, color);
            drawing
        });
        let drawn: Vec<Vec<u8>> = drawn.collect();
        let all = files.iter().zip(drawn);
        let reports = all.map(|((file, _, findings), drawing)| Self {
            file: file.clone(),
            findings: findings.clone(),
            drawing,
        });
        reports
            .filter(|report| !report.findings.is_empty())
            .collect()
    }
}

/// A file with what is to be done about it.
struct Migrated {
    loaded: Loaded,
    migration: Migration,
}

/// What makes the migrations of files that belong together.
type Together = fn(&[Source<'_>], &Options) -> Vec<Migration>;

/// Migrates a set; what is in another language is looked at by itself, and comes last.
fn migrated(set: Vec<Loaded>, options: &Options, together: Together) -> Vec<Migrated> {
    let mut templates = Vec::new();
    let mut texts = Vec::new();
    for loaded in set {
        match inspect_text(&loaded.member.file.name, &loaded.bytes, options) {
            Some(migration) => texts.push(Migrated { loaded, migration }),
            None => templates.push(loaded),
        }
    }
    let paths: Vec<String> = templates
        .iter()
        .map(|loaded| slashed(&loaded.member.file.canonical))
        .collect();
    let sources: Vec<Source<'_>> = templates
        .iter()
        .zip(&paths)
        .map(|(loaded, path)| Source {
            path,
            bytes: &loaded.bytes,
            selected: loaded.member.selected,
        })
        .collect();
    let migrations = together(&sources, options);
    let migrated = templates.into_iter().zip(migrations);
    let mut done: Vec<Migrated> = migrated
        .map(|(loaded, migration)| Migrated { loaded, migration })
        .collect();
    for mut text in texts.into_iter().filter(|text| text.loaded.member.selected) {
        for finding in &mut text.migration.findings {
            finding.place.source = done.len();
        }
        done.push(text);
    }
    done
}

/// A path as links spell it.
fn slashed(path: &Path) -> String {
    path.to_string_lossy()
        .replace(std::path::MAIN_SEPARATOR, "/")
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
    /// What makes results; the gate's refusals come from it too.
    migrate: Together,
}

impl<'a> Run<'a> {
    fn new(common: &'a Common) -> Self {
        Self {
            common,
            migrate: migrate_together,
            output: Output::new(common.color),
            summary: Summary::default(),
            failed: false,
        }
    }

    /// Reads all files, puts those that may be templates together with what belongs to them, and gives
    /// what `visit` makes of each such set.
    fn visit<T: Send>(&mut self, visit: impl Fn(Vec<Loaded>, &Options) -> Vec<T> + Sync) -> Vec<T> {
        let options = self.common.options();
        let needles = REGISTRY
            .iter()
            .flat_map(|entry| entry.rule.needles.iter().copied());
        let prefilter = Prefilter::new(needles.clone());
        let links = Prefilter::new([LINK]);
        let either = Prefilter::new(needles.chain([LINK]));
        let mentions = |bytes: &[u8]| links.passes(bytes).then(|| Mentions::of(bytes));
        let linked =
            |file: &SourceFile, bytes: &[u8]| linked_paths(&slashed(&file.canonical), bytes);
        let (selection, threads) = (self.common.selection(), self.common.threads());
        let scan = workspace::scan(&selection, threads, |file, bytes| {
            // Nearly all files hold neither, and are searched once for both.
            if !either.passes(bytes) {
                return None;
            }
            let (picked, mentions) = (prefilter.passes(bytes), mentions(bytes));
            let links = (picked && mentions.is_some()).then(|| linked(file, bytes));
            Some(Seen {
                picked,
                mentions,
                links,
            })
        });
        self.summary.files_scanned = scan.files;
        let mut errors = scan.errors;
        let linking = Linking {
            mentions,
            links: |file: &SourceFile, bytes: &[u8]| {
                if links.passes(bytes) {
                    linked(file, bytes)
                } else {
                    Vec::new()
                }
            },
        };
        let gathered = workspace::gather(&selection, threads, scan.results, linking);
        errors.extend(gathered.errors);
        let (found, unread) =
            workspace::visit_sets(gathered.sets, threads, |set| visit(set, &options));
        errors.extend(unread);
        let mut told = BTreeSet::new();
        for error in errors {
            // A file may be read more than once.
            if told.insert(error.path.clone()) {
                output::error(&error.to_string());
            }
        }
        self.failed |= !told.is_empty();
        found.into_iter().flatten().collect()
    }

    fn check(mut self) -> u8 {
        let color = self.output.color;
        let mut found = self.visit(|set, options| {
            let done = migrated(set, options, inspect_together);
            if done.iter().all(|one| one.migration.findings.is_empty()) {
                return Vec::new();
            }
            let files = done.iter().map(|one| {
                let Migrated { loaded, migration } = one;
                let findings = migration.findings.clone();
                (loaded.member.file.clone(), &*loaded.bytes, findings)
            });
            Report::of_set(files.collect(), color)
        });
        found.sort_by(|one, other| one.file.cmp(&other.file));
        let code = self.tally(&found);
        printed(self.print_reports(&found), code)
    }

    fn diff(mut self, file: &mut PatchFile) -> u8 {
        let migrate = self.migrate;
        let mut found = self.visit(|set, options| {
            let done = migrated(set, options, migrate);
            let patches = done.into_iter().map(|one| {
                let patch = one.patch();
                (one.loaded.member.file, patch, one.migration.fault)
            });
            patches
                .filter(|(_, patch, fault)| patch.is_some() || fault.is_some())
                .collect()
        });
        found.sort_by(|(one, ..), (other, ..)| one.cmp(other));
        let mut patches = Vec::new();
        for (file, part, fault) in found {
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
        let found = self.visit(|set, options| {
            let done = migrated(set, options, migrate);
            let concerned = done
                .iter()
                .any(|one| !one.migration.findings.is_empty() || one.migration.fixed.is_some());
            concerned.then_some(done).into_iter().collect()
        });
        let mut patches = Vec::new();
        let mut left = Vec::new();
        for set in found {
            let (reports, applied) = self.write(set);
            left.extend(reports);
            patches.extend(applied);
        }
        left.sort_by(|one, other| one.file.cmp(&other.file));
        patches.sort_by(|(one, _), (other, _)| one.cmp(other));
        let patches: Vec<Patch> = patches.into_iter().map(|(_, patch)| patch).collect();
        let result = self.print_patches(&patches, file);
        let code = self.tally(&left);
        let result = result.and_then(|()| self.print_reports(&left));
        printed(result, code)
    }

    /// Writes the results of a set, until one cannot be written; gives what is left to report, and the
    /// patches of what was written.
    fn write(&mut self, set: Vec<Migrated>) -> (Vec<Report>, Vec<(SourceFile, Patch)>) {
        let color = self.output.color;
        let mut patches = Vec::new();
        let mut goes_on = true;
        let mut files = Vec::new();
        for one in &set {
            let file = &one.loaded.member.file;
            self.fault(file, one.migration.fault.as_ref());
            let findings = &one.migration.findings;
            let fixed = one.migration.fixed.as_ref().filter(|_| goes_on);
            let (text, findings) = match fixed {
                Some(fixed) if self.replace(&one.loaded, fixed) => {
                    let left = fixed.leftovers.len();
                    self.summary.fixed += findings.len().saturating_sub(left);
                    patches.extend(one.patch().map(|patch| (file.clone(), patch)));
                    (&fixed.bytes, &fixed.leftovers)
                }
                Some(_) => {
                    goes_on = false;
                    (&one.loaded.bytes, findings)
                }
                None => (&one.loaded.bytes, findings),
            };
            files.push((file.clone(), text.as_slice(), findings.clone()));
        }
        (Report::of_set(files, color), patches)
    }

    /// Writes a result, if it is another one than what is there; whether that is done.
    fn replace(&mut self, loaded: &Loaded, fixed: &Fixed) -> bool {
        if fixed.edits.is_empty() {
            return true;
        }
        let file = &loaded.member.file;
        match workspace::replace(file, &loaded.bytes, &fixed.bytes) {
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

impl Migrated {
    fn patch(&self) -> Option<Patch> {
        let fixed = self.migration.fixed.as_ref()?;
        let name = &self.loaded.member.file.name;
        let (old, new) = (&self.loaded.bytes, &fixed.bytes);
        let bytes = unified_diff_of_edits(name, old, new, &fixed.edits);
        let readable = readable_diff_of_edits(name, old, new, &fixed.edits);
        (!bytes.is_empty()).then(|| Patch {
            bytes: bytes.bytes().to_vec(),
            readable: readable.map(|diff| diff.bytes().to_vec()),
        })
    }
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
