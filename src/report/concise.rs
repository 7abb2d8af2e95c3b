//! A line for each finding, as compilers print them and as problem matchers and editors read them:
//! `path:line:col: severity[rule] [*] message`.
//!
//! `[*]` marks what `fix` fixes, `[u]` what `fix --unsafe-fixes` fixes. Start at [`render`].

use std::io;

use super::color::{severity_style, strong};
use super::content::Report;
use super::fixed_by::FixedBy;
use super::reported::ReportedFinding;
use super::sanitize::sanitize;

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let strong = strong(report.color);
    for entry in report.listed() {
        let severity = severity_style(entry.severity, report.color);
        let [place, kind, rest] = parts(entry);
        // A log command must not come about between two parts either, so the line is sanitized whole.
        let line = sanitize(&format!("{place} {kind} {rest}")).into_owned();
        match line.strip_prefix(&*format!("{place} {kind} ")) {
            Some(rest) => writeln!(
                out,
                "{strong}{place}{strong:#} {severity}{kind}{severity:#} {rest}"
            )?,
            None => writeln!(out, "{line}")?,
        }
    }
    report.write_summary_of_listed(out)
}

/// `path:line:col: rule message`, for services that show the severity by themselves. Where it is printed
/// it must be sanitized as a whole.
pub(super) fn line(entry: &ReportedFinding) -> String {
    format!("{} {} {}", place(entry), entry.rule.id, entry.message)
}

/// `path:line:col:`.
fn place(entry: &ReportedFinding) -> String {
    entry.location.region.place() + ":"
}

/// The place, the severity with the rule, and the message with its mark.
fn parts(entry: &ReportedFinding) -> [String; 3] {
    let mark = match entry.fixed_by {
        FixedBy::Fix => "[*] ",
        FixedBy::UnsafeFixes => "[u] ",
        FixedBy::Hand => "",
    };
    [
        place(entry),
        format!("{}[{}]", entry.severity.word(), entry.rule.id),
        format!("{mark}{}", entry.message),
    ]
}
