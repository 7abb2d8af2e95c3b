//! The formats of a report: a table of names and what writes them.
//!
//! A new format is one new file and one row in [`FORMATS`]. Start at [`Report`], which is what each
//! of them writes.

use std::cmp::Reverse;
use std::io;

use super::reported::{ReportedFile, ReportedFinding, Results};
use super::sanitize::write_line;
use super::summary::Summary;
use super::{
    azure, concise, full, github, gitlab, json, jsonl, junit, markdown, sarif, statistics,
};
use crate::rules::Severity;

/// A run's results, ready to be written in any format.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What there is to say.
    pub results: &'a Results,
    /// The counts.
    pub summary: Summary,
    /// What stands in front of the files' names in their repository, such as `infra/`; empty where the
    /// names start at its root.
    pub folder: &'a [u8],
    /// The least severity that makes the run fail.
    pub threshold: Severity,
    /// Whether something could not be read, written or verified, which is said elsewhere.
    pub has_errors: bool,
    /// Whether only findings are wanted, without the summary line.
    pub quiet: bool,
    /// Whether what waivers and the baseline hide is in the formats for machines that have a place for
    /// it.
    pub include_suppressed: bool,
    /// Whether colors stay in what was drawn with them.
    pub color: bool,
}

impl<'a> Report<'a> {
    /// The findings that are left, in the order of the files' names and of the text.
    pub fn findings(&self) -> impl Iterator<Item = &'a ReportedFinding> + use<'a> {
        self.results.files.iter().flat_map(|file| &file.findings)
    }

    /// What is hidden of a file, if that is wanted.
    pub(super) fn suppressed_in(&self, file: &'a ReportedFile) -> &'a [ReportedFinding] {
        if self.include_suppressed {
            &file.suppressed
        } else {
            &[]
        }
    }

    /// The findings that are left, the worst ones first.
    pub(super) fn worst_first(&self) -> Vec<&'a ReportedFinding> {
        let mut findings: Vec<&ReportedFinding> = self.findings().collect();
        findings.sort_by_key(|entry| Reverse(entry.severity));
        findings
    }

    /// Writes the summary line, if one is wanted.
    pub(super) fn write_summary(&self, out: &mut dyn io::Write) -> io::Result<()> {
        if self.quiet {
            return Ok(());
        }
        write_line(out, &self.summary.to_string())
    }

    /// The bytes of a file's name from the root of its repository.
    pub(super) fn name_in_repository(&self, file: &[u8]) -> Vec<u8> {
        [self.folder, file].concat()
    }
}

/// Writes a report.
type Renderer = fn(&mut dyn io::Write, &Report<'_>) -> io::Result<()>;

/// One way to write a report.
#[derive(Debug)]
pub struct Format {
    /// What the command line calls it.
    pub name: &'static str,
    /// Whom it is for, in a few words.
    pub about: &'static str,
    /// Whether a diff in front of it would spoil it.
    pub owns_stream: bool,
    /// Whether it holds the edits of fixes.
    pub has_change: bool,
    /// Writes it.
    pub render: Renderer,
}

const fn log(name: &'static str, about: &'static str, render: Renderer) -> Format {
    Format {
        name,
        about,
        owns_stream: false,
        has_change: false,
        render,
    }
}

const fn document(name: &'static str, about: &'static str, render: Renderer) -> Format {
    Format {
        owns_stream: true,
        ..log(name, about, render)
    }
}

const fn with_change(format: Format) -> Format {
    Format {
        has_change: true,
        ..format
    }
}

/// Drawings for a person.
pub static FULL: Format = log("full", "the source with the spot underlined", full::render);
/// Annotations for GitHub Actions.
pub static GITHUB: Format = log(
    "github",
    "annotations of GitHub Actions; a table is appended to $GITHUB_STEP_SUMMARY",
    github::render,
);
/// Issues for Azure Pipelines.
pub static AZURE: Format = log("azure", "issues of Azure Pipelines", azure::render);
/// Counts in place of findings. It has a flag of its own and is in no table.
pub static STATISTICS: Format = log("statistics", "counts by rule", statistics::render);

/// All formats that can be named, in the order of `--help`.
pub static FORMATS: [&Format; 10] = [
    &FULL,
    &log("concise", "a line for each finding", concise::render),
    &with_change(document("json", "one object", json::render)),
    &with_change(document("jsonl", "an object on each line", jsonl::render)),
    &with_change(document(
        "sarif",
        "SARIF 2.1.0, for code scanning and editors",
        sarif::render,
    )),
    &GITHUB,
    &AZURE,
    &document("junit", "test results in JUnit's XML", junit::render),
    &document("gitlab", "a code quality report of GitLab", gitlab::render),
    &document("markdown", "a table", markdown::render),
];

/// The format called `name`.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.into_iter().find(|format| format.name == name)
}
