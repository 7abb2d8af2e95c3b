//! The commands: scan, migrate, print, write.

use std::io;
use std::path::Path;

use crate::migrate::{Migration, migrate};
use crate::report::{self, ReportedFile, Summary};
use crate::rules::{Finding, Fix, REGISTRY, Severity};
use crate::text::unified_diff_of_edits;
use crate::workspace::{self, Prefilter, SourceFile};

use super::args::{Arguments, Command, Common};
use super::output::{self, Output};

const SUCCESS: u8 = 0;
const FINDINGS: u8 = 1;
const ERROR: u8 = 2;

/// Runs a command; gives the exit code.
pub(super) fn run(arguments: &Arguments) -> u8 {
    let result = match &arguments.command {
        Command::Check(common) => Run::new(common).check(),
        Command::Diff(common) => Run::new(common).diff(),
        Command::Fix(common) => Run::new(common).fix(),
        Command::Rules => rules(),
    };
    match result {
        Ok(code) => code,
        // Whoever read the output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => SUCCESS,
        Err(error) => {
            output::error(&error.to_string());
            ERROR
        }
    }
}

fn rules() -> io::Result<u8> {
    let mut output = Output::new(super::args::Color::Never);
    for registration in REGISTRY {
        let rule = registration.rule;
        writeln!(output.report(), "{}: {}", rule.id, rule.finds)?;
    }
    output.flush()?;
    Ok(SUCCESS)
}

/// A template with something to say about it.
struct Template {
    bytes: Vec<u8>,
    migration: Migration,
}

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

    fn check(mut self) -> io::Result<u8> {
        for (file, template) in std::mem::take(&mut self.templates) {
            self.fault(&file, &template);
            self.report(&file, &template.bytes, &template.migration.findings)?;
        }
        self.end()
    }

    fn diff(mut self) -> io::Result<u8> {
        let mut patch = Vec::new();
        for (file, template) in std::mem::take(&mut self.templates) {
            self.fault(&file, &template);
            patch.extend(patch_of(&file, &template));
        }
        self.print_patch(&patch)?;
        self.output.flush()?;
        Ok(match (self.failed, patch.is_empty()) {
            (true, _) => ERROR,
            (false, false) => FINDINGS,
            (false, true) => SUCCESS,
        })
    }

    fn fix(mut self) -> io::Result<u8> {
        let mut patch = Vec::new();
        let mut left: Vec<(SourceFile, Vec<u8>, Vec<Finding>)> = Vec::new();
        for (file, template) in std::mem::take(&mut self.templates) {
            self.fault(&file, &template);
            let applied = patch_of(&file, &template);
            let Template { bytes, migration } = template;
            let Some(fixed) = migration.fixed else {
                left.push((file, bytes, migration.findings));
                continue;
            };
            match workspace::replace(&file, &bytes, &fixed.bytes) {
                Ok(replaced) => {
                    if replaced.broke_hard_link {
                        let name = String::from_utf8_lossy(&file.name).into_owned();
                        output::error(&format!(
                            "{name}: had several hard links; the others keep the old content"
                        ));
                    }
                    patch.extend(applied);
                    let fixed_findings = migration.findings.len();
                    self.summary.fixed += fixed_findings.saturating_sub(fixed.leftovers.len());
                    left.push((file, fixed.bytes, fixed.leftovers));
                }
                Err(error) => {
                    self.failed = true;
                    output::error(&error.to_string());
                    left.push((file, bytes, migration.findings));
                }
            }
        }
        self.print_patch(&patch)?;
        for (file, bytes, findings) in left {
            self.report(&file, &bytes, &findings)?;
        }
        self.end()
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

    fn print_patch(&mut self, patch: &[u8]) -> io::Result<()> {
        let exact = self.common.diff_file.as_deref() == Some(Path::new("-"));
        if let Some(path) = self.common.diff_file.as_deref().filter(|_| !exact) {
            std::fs::write(path, patch)?;
        }
        self.output.diff(patch, exact)?;
        if exact {
            Ok(())
        } else {
            self.output.end_of_diff()
        }
    }

    fn report(&mut self, file: &SourceFile, bytes: &[u8], findings: &[Finding]) -> io::Result<()> {
        if findings.is_empty() {
            return Ok(());
        }
        self.summary.templates += 1;
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
        let color = self.output.color;
        let reported = ReportedFile {
            name: &String::from_utf8_lossy(&file.name),
            text: bytes,
            findings,
        };
        report::full(self.output.report(), &reported, color)
    }

    /// Prints the summary; gives the exit code.
    fn end(mut self) -> io::Result<u8> {
        if !self.common.quiet {
            writeln!(self.output.report(), "{}", self.summary)?;
        }
        self.output.flush()?;
        let reached = match self.common.threshold() {
            Severity::Error => self.summary.errors,
            Severity::Warning => self.summary.errors + self.summary.warnings,
            Severity::Note => self.summary.errors + self.summary.warnings + self.summary.notes,
        };
        Ok(match (self.failed, reached) {
            (true, _) => ERROR,
            (false, 0) => SUCCESS,
            (false, _) => FINDINGS,
        })
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
