//! A run as one JSON object, which `json.schema.json` describes.
//!
//! Positions count from 1, columns in UTF-16 units; offsets count the file's bytes from 0. Start at
//! [`ReportObject`].

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::content::Report;
use super::json_text;
use super::location::{Location, Replacement};
use super::reported::{RelatedLocation, ReportedFinding, ReportedMachine};
use super::summary::Summary;
use crate::rules::{Fix, SuppressedBy};

/// The JSON Schema of the object.
pub const SCHEMA: &str = include_str!("json.schema.json");

/// The version of the schema: it grows with each change that a reader of an older one would trip over.
pub(super) const VERSION: u32 = 1;

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    json_text::write_pretty(out, &ReportObject::new(report))
}

#[derive(Serialize)]
struct ReportObject<'a> {
    schema: u32,
    tool: JsonTool,
    findings: Vec<JsonFinding<'a>>,
    applied: Vec<JsonFinding<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<Vec<JsonFinding<'a>>>,
    changes: Vec<JsonChange<'a>>,
    summary: Counts,
}

impl<'a> ReportObject<'a> {
    fn new(report: &Report<'a>) -> Self {
        let files = || report.results.files.iter();
        Self {
            schema: VERSION,
            tool: TOOL,
            findings: files()
                .flat_map(|file| listed(file.change, &file.findings))
                .collect(),
            applied: files()
                .flat_map(|file| listed(file.change, &file.applied))
                .collect(),
            suppressed: report.include_suppressed.then(|| {
                files()
                    .flat_map(|file| listed(file.change, &file.suppressed))
                    .collect()
            }),
            changes: report
                .results
                .changes
                .iter()
                .map(|edits| JsonChange { edits })
                .collect(),
            summary: Counts::new(report),
        }
    }
}

/// The findings of a file, which `change` fixes.
pub(super) fn listed<'a>(
    change: Option<usize>,
    entries: &'a [ReportedFinding],
) -> impl Iterator<Item = JsonFinding<'a>> + use<'a> {
    entries
        .iter()
        .map(move |entry| JsonFinding::new(entry, change))
}

/// The program that wrote it.
#[derive(Clone, Copy, Serialize)]
pub(super) struct JsonTool {
    name: &'static str,
    version: &'static str,
}

pub(super) const TOOL: JsonTool = JsonTool {
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
};

#[derive(Serialize)]
pub(super) struct JsonFinding<'a> {
    rule: &'static str,
    severity: &'static str,
    message: &'a str,
    location: &'a Location,
    related: &'a [RelatedLocation],
    help: &'a [String],
    fix: JsonFix<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<JsonMachine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<&'a SuppressedBy>,
}

impl<'a> JsonFinding<'a> {
    /// A finding, and the place of the change that fixes it if one does.
    fn new(entry: &'a ReportedFinding, change: Option<usize>) -> Self {
        Self {
            rule: entry.rule.id,
            severity: entry.severity.word(),
            message: &entry.message,
            location: &entry.location,
            related: &entry.related,
            help: &entry.help,
            fix: JsonFix::new(&entry.fix, change.filter(|_| entry.is_in_change)),
            machine: entry.machine.as_deref().map(JsonMachine::new),
            suppressed: entry.suppressed.as_ref(),
        }
    }
}

/// The machine that a finding is about.
#[derive(Serialize)]
struct JsonMachine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a str,
    file: std::borrow::Cow<'a, str>,
    place: JsonSpot<'a>,
}

/// A place whose file is named beside it.
#[derive(Serialize)]
struct JsonSpot<'a> {
    line: usize,
    column: usize,
    path: &'a str,
}

impl<'a> JsonMachine<'a> {
    fn new(machine: &'a ReportedMachine) -> Self {
        let start = machine.location.region.start;
        Self {
            kind: machine.kind.word(),
            name: &machine.name,
            file: machine.location.region.name(),
            place: JsonSpot {
                line: start.line,
                column: start.column,
                path: &machine.location.path,
            },
        }
    }
}

#[derive(Serialize)]
struct JsonFix<'a> {
    safety: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    releasable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<usize>,
}

impl<'a> JsonFix<'a> {
    fn new(fix: &'a Fix, change: Option<usize>) -> Self {
        let (safety, hold) = match fix {
            Fix::Safe(_) => ("safe", None),
            Fix::Unsafe(_) => ("unsafe", None),
            Fix::Held(hold) => ("held", Some(hold)),
            Fix::DisplayOnly => ("none", None),
        };
        Self {
            safety,
            action: fix.action(),
            code: hold.map(|hold| hold.code.word()),
            reason: hold.map(|hold| hold.reason.as_str()),
            releasable: hold.is_some_and(|hold| hold.releasable),
            change,
        }
    }
}

/// Edits that go together.
#[derive(Serialize)]
pub(super) struct JsonChange<'a> {
    pub(super) edits: &'a [Replacement],
}

#[derive(Serialize)]
pub(super) struct Counts {
    #[serde(flatten)]
    summary: Summary,
    rules: BTreeMap<&'static str, usize>,
}

impl Counts {
    pub(super) fn new(report: &Report<'_>) -> Self {
        let mut rules = BTreeMap::new();
        for entry in report.findings() {
            *rules.entry(entry.rule.id).or_default() += 1;
        }
        Self {
            summary: report.summary,
            rules,
        }
    }
}
