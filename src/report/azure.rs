//! Issues for Azure Pipelines: logging commands, which its agent reads anywhere in a line.
//!
//! Knows how the agent unescapes (`Command.cs` of microsoft/azure-pipelines-agent), that it knows
//! errors and warnings only, and that it keeps ten of each in a task, so the worst come first. Start
//! at [`render`].

use std::io;

use super::concise;
use super::content::Report;
use super::github::message;
use super::reported::ReportedFinding;
use super::sanitize::{sanitize, write_line};
use crate::rules::Severity;

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    for entry in report.worst_first() {
        match entry.severity {
            Severity::Error => writeln!(out, "{}", issue(report, entry, "error"))?,
            Severity::Warning => writeln!(out, "{}", issue(report, entry, "warning"))?,
            // A type that the agent does not know fails the task.
            Severity::Note => write_line(out, &format!("note: {}", concise::line(entry)))?,
        }
    }
    report.write_summary(out)
}

fn issue(report: &Report<'_>, entry: &ReportedFinding, kind: &str) -> String {
    let region = &entry.location.region;
    let file = report.name_in_repository(&region.file);
    format!(
        "##vso[task.logissue type={kind};sourcepath={};linenumber={};columnnumber={};code={};]{}",
        escaped(&sanitize(&String::from_utf8_lossy(&file))),
        region.start.line,
        region.start.column,
        escaped(entry.rule.id),
        escaped(&message(entry))
    )
}

/// Escapes `text`, which is sanitized.
fn escaped(text: &str) -> String {
    [
        ("%", "%AZP25"),
        (";", "%3B"),
        ("\r", "%0D"),
        ("\n", "%0A"),
        ("]", "%5D"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
