//! Annotations for GitHub Actions: workflow commands, which its runner reads at the start of a line.
//!
//! Knows how the runner unescapes (`ActionCommand.cs` of actions/runner) and what it keeps: ten
//! annotations of each level in a step, so the worst come first. Start at [`render`].

use std::io;

use super::concise;
use super::content::Report;
use super::reported::ReportedFinding;
use super::sanitize::sanitize;
use crate::rules::Severity;

/// The longest message, in characters: GitHub cuts it at 4,096.
const LONGEST: usize = 4000;

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    for entry in report.worst_first() {
        writeln!(out, "{}", annotation(report, entry))?;
    }
    report.write_summary(out)
}

fn annotation(report: &Report<'_>, entry: &ReportedFinding) -> String {
    let level = match entry.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let region = &entry.location.region;
    let file = report.name_in_repository(&region.file);
    let mut command = format!(
        "::{level} file={},line={},endLine={}",
        property(&String::from_utf8_lossy(&file)),
        region.start.line,
        region.end.line
    );
    // The API refuses columns for more than one line.
    if region.start.line == region.end.line {
        let (start, end) = (region.start.column, region.end.column);
        command.push_str(&format!(",col={start},endColumn={end}"));
    }
    let title = property(entry.rule.id);
    command.push_str(&format!(",title={title}::{}", data(&message(entry))));
    command
}

/// What to read, a line for each advice: the log shows the message and not the place.
pub(super) fn message(entry: &ReportedFinding) -> String {
    let first = concise::line(entry);
    let lines: Vec<_> = std::iter::once(first)
        .chain(entry.advice())
        .map(|line| sanitize(&line).into_owned())
        .collect();
    let text = lines.join("\n");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn property(text: &str) -> String {
    data(&sanitize(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

/// Escapes `text`, which is sanitized.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}
