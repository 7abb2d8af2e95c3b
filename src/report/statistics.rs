//! How many findings there are of each rule, the most frequent ones first, then the worst.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

use super::color::severity_style;
use super::content::Report;

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for entry in report.findings() {
        let kind = (Reverse(entry.severity), entry.rule.id);
        *counts.entry(kind).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(kind, count)| (Reverse(*count), *kind));
    let widest = counts
        .first()
        .map_or(0, |(_, count)| count.to_string().len());
    for ((Reverse(severity), rule), count) in counts {
        let style = severity_style(severity, report.color);
        writeln!(
            out,
            "{count:>widest$} {style}{}[{rule}]{style:#}",
            severity.word()
        )?;
    }
    report.write_summary(out)
}
