//! The formats of a report: a table of names and what writes them.
//!
//! A new format is one new file and one row in [`FORMATS`]. Start at [`Report`], which is what each
//! of them writes.

use std::io;

use super::content::Report;
use super::{
    azure, concise, full, github, gitlab, html, json, jsonl, junit, markdown, sarif, statistics,
};

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
    /// Whether it shows diffs, pictures and the commands for machines that run.
    pub has_pictures: bool,
    /// Writes it.
    pub render: Renderer,
}

const fn log(name: &'static str, about: &'static str, render: Renderer) -> Format {
    Format {
        name,
        about,
        owns_stream: false,
        has_change: false,
        has_pictures: false,
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

const fn with_pictures(format: Format) -> Format {
    Format {
        has_change: true,
        has_pictures: true,
        ..format
    }
}

/// Drawings for a person.
pub static FULL: Format = log("full", "the source with the place underlined", full::render);
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
pub static FORMATS: [&Format; 11] = [
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
    &with_pictures(document(
        "markdown",
        "the body of a pull request: what is done, left and to do, with pictures and the diff",
        markdown::render,
    )),
    &with_pictures(document(
        "html",
        "a page for a browser, which needs nothing else",
        html::render,
    )),
];

/// The format called `name`.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.into_iter().find(|format| format.name == name)
}
