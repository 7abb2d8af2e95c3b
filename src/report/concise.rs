//! A line for each finding, as compilers print them.
//!
//! Start at [`line`].

use std::io;

use super::formats::Report;
use super::reported::ReportedFinding;
use super::sanitize::write_line;

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    for entry in report.findings() {
        write_line(out, &line(entry))?;
    }
    report.write_summary(out)
}

/// `path:line:col: rule message`. Where it is printed it must be sanitized as a whole.
pub(super) fn line(entry: &ReportedFinding) -> String {
    let region = &entry.location.region;
    format!(
        "{}:{}:{}: {} {}",
        region.name(),
        region.start.line,
        region.start.column,
        entry.rule.id,
        entry.message
    )
}
