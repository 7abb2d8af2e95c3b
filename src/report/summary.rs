//! The last line of a run.
//!
//! Counts findings and never says them. Start at [`Summary`].

use std::fmt;

use serde::Serialize;

use super::color::severity_style;
use super::fixed_by::FixedBy;
use super::reported::{ReportedFinding, Results};
use crate::rules::{Severity, SuppressedBy};

/// What a run found and did. Its [`Display`](fmt::Display) is one line without a line end.
///
/// ```
/// use msi2imds::report::Summary;
///
/// let summary = Summary {
///     files_scanned: 412,
///     files_with_findings: 3,
///     errors: 2,
///     warnings: 1,
///     fixable: 2,
///     unsafe_fixable: 1,
///     ..Summary::default()
/// };
/// assert_eq!(
///     summary.to_string(),
///     "2 errors, 1 warning in 3 files (412 files scanned); \
///      2 can be fixed with `msi2imds fix`, 1 more with `--unsafe-fixes`"
/// );
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Files that were read, templates or not.
    pub files_scanned: usize,
    /// Files that have a finding left.
    pub files_with_findings: usize,
    /// Findings left that are errors.
    pub errors: usize,
    /// Findings left that are warnings.
    pub warnings: usize,
    /// Findings left that are notes.
    pub notes: usize,
    /// Findings left that `fix` fixes.
    pub fixable: usize,
    /// Findings left that only `fix --unsafe-fixes` fixes.
    pub unsafe_fixable: usize,
    /// Findings that this run fixed; they are not among those left.
    pub fixed: usize,
    /// Findings that a waiver hides; they are not among those left.
    pub waived: usize,
    /// Findings that the baseline hides; they are not among those left.
    pub baselined: usize,
}

impl Summary {
    /// Adds what there is to say.
    pub fn count(&mut self, results: &Results) {
        for reported in &results.files {
            let baseline =
                |entry: &&ReportedFinding| entry.suppressed == Some(SuppressedBy::Baseline);
            let baselined = reported.suppressed.iter().filter(baseline).count();
            self.baselined += baselined;
            self.waived += reported.suppressed.len() - baselined;
            self.fixed += reported.applied.len();
            self.files_with_findings += usize::from(!reported.findings.is_empty());
            for finding in &reported.findings {
                match finding.severity {
                    Severity::Error => self.errors += 1,
                    Severity::Warning => self.warnings += 1,
                    Severity::Note => self.notes += 1,
                }
                match finding.fixed_by {
                    FixedBy::Fix => self.fixable += 1,
                    FixedBy::UnsafeFixes => self.unsafe_fixable += 1,
                    FixedBy::Hand => {}
                }
            }
        }
    }

    fn left(&self, color: bool) -> String {
        let counts = [
            (self.errors, Severity::Error),
            (self.warnings, Severity::Warning),
            (self.notes, Severity::Note),
        ];
        let words: Vec<String> = counts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, severity)| {
                let style = severity_style(severity, color);
                format!("{style}{}{style:#}", counted(number, severity.word()))
            })
            .collect();
        words.join(", ")
    }

    /// The line, which may have colours.
    pub(super) fn line(&self, color: bool) -> String {
        let mut line = String::new();
        // Writing to memory does not fail.
        let _ = self.write(&mut line, color);
        line
    }

    fn write(&self, out: &mut dyn fmt::Write, color: bool) -> fmt::Result {
        let left = self.left(color);
        match (self.fixed, left.is_empty()) {
            (0, true) => write!(out, "no findings")?,
            (0, false) => write!(
                out,
                "{left} in {}",
                counted(self.files_with_findings, "file")
            )?,
            (fixed, true) => write!(out, "{} fixed, none left", counted(fixed, "finding"))?,
            (fixed, false) => write!(
                out,
                "{} fixed, {left} left in {}",
                counted(fixed, "finding"),
                counted(self.files_with_findings, "file"),
            )?,
        }
        write!(out, " ({} scanned", counted(self.files_scanned, "file"))?;
        if self.waived > 0 {
            write!(out, ", {} waived", self.waived)?;
        }
        if self.baselined > 0 {
            write!(out, ", {} in the baseline", self.baselined)?;
        }
        write!(out, ")")?;
        match (self.fixable, self.unsafe_fixable) {
            (0, 0) => Ok(()),
            (0, more) => write!(
                out,
                "; {more} can be fixed with `msi2imds fix --unsafe-fixes`"
            ),
            (safe, 0) => write!(out, "; {safe} can be fixed with `msi2imds fix`"),
            (safe, more) => write!(
                out,
                "; {safe} can be fixed with `msi2imds fix`, {more} more with `--unsafe-fixes`"
            ),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(out, false)
    }
}

fn counted(number: usize, word: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {word}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_agree_with_their_nouns() {
        let none = Summary::default();
        let one = Summary {
            files_scanned: 1,
            files_with_findings: 1,
            notes: 1,
            ..none
        };
        let table = [
            (
                Summary {
                    files_scanned: 412,
                    ..none
                },
                "no findings (412 files scanned)",
            ),
            (one, "1 note in 1 file (1 file scanned)"),
            (
                Summary { fixable: 1, ..one },
                "1 note in 1 file (1 file scanned); 1 can be fixed with `msi2imds fix`",
            ),
            (
                Summary {
                    unsafe_fixable: 1,
                    ..one
                },
                "1 note in 1 file (1 file scanned); \
                 1 can be fixed with `msi2imds fix --unsafe-fixes`",
            ),
            (
                Summary {
                    files_scanned: 2,
                    fixed: 3,
                    waived: 1,
                    baselined: 2,
                    ..none
                },
                "3 findings fixed, none left (2 files scanned, 1 waived, 2 in the baseline)",
            ),
            (
                Summary { fixed: 1, ..one },
                "1 finding fixed, 1 note left in 1 file (1 file scanned)",
            ),
        ];
        for (summary, line) in table {
            assert_eq!(summary.to_string(), line);
        }
    }
}
