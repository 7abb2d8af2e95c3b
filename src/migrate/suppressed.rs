//! Findings on their way past waivers and the baseline.
//!
//! Start at [`by_baseline`] and [`in_text`].

use crate::arm::Model;
use crate::json::Document;
use crate::rules::Finding;
use crate::text::Decoded;

use super::baseline::{Baseline, Settled};
use super::sources::{Texts, located, moved};
use super::waivers::{self, Suppressed, Suppressor};
use super::{Entry, Migration, Options, Source, Whole};

/// Takes out what the baseline holds, of what was found and of what is left.
pub(super) fn by_baseline(
    baseline: &Baseline,
    texts: &Texts<'_>,
    model: &Model<'_>,
    whole: &mut Whole,
) {
    let name_of = |source| baseline.name_of(texts.path(source));
    let migration = &mut whole.migration;
    let findings = std::mem::take(&mut migration.findings);
    let settled = baseline.settle(model, findings, name_of);
    whole.entries = take(settled, &mut migration.findings, &mut migration.suppressed);
    if let Some(fixed) = &mut migration.fixed {
        let starts = moved(texts.starts(), &fixed.edits);
        let document = Document::of_sources(&fixed.bytes, &starts);
        let model = Model::of_sources(&document, &texts.paths());
        let leftovers = std::mem::take(&mut fixed.leftovers);
        let mut settled = baseline.settle(&model, leftovers, name_of);
        let found_again = &fixed.found_again;
        settled.entries.retain(|one| found_again.contains(&one.at));
        whole.left_entries = take(settled, &mut fixed.leftovers, &mut fixed.suppressed);
    }
}

/// What there is to say of a file in another language, in which this was found.
pub(super) fn in_text(
    name: &[u8],
    source: &Source<'_>,
    decoded: Decoded<'_>,
    mut findings: Vec<Finding>,
    options: &Options,
) -> Migration {
    // Nothing in it is selected by a query.
    findings.retain(|finding| options.runs(finding.rule.id) && options.within.is_empty());
    let mut migration = Migration::default();
    findings = waivers::given_in_text(source.waivers, findings, options, &mut migration);
    let complete = options.is_complete();
    let (found, mut suppressed) =
        waivers::in_text(name, decoded.text(), findings, options, complete);
    migration.suppressed.append(&mut suppressed);
    migration.findings = found;
    migration
        .findings
        .retain(|finding| options.runs(finding.rule.id));
    if let Some(baseline) = &options.baseline {
        let findings = std::mem::take(&mut migration.findings);
        let settled = baseline.settle_text(decoded.text(), findings, source.path);
        let entries = take(settled, &mut migration.findings, &mut migration.suppressed);
        migration.entries = entries.into_iter().map(|(_, entry)| entry).collect();
    }
    let files = [decoded];
    migration.findings = located(migration.findings, &[0], &files);
    migration.suppressed = located_too(migration.suppressed, &[0], &files);
    migration
}

/// Puts what a baseline made of findings where it belongs; gives the entries.
fn take(
    settled: Settled,
    findings: &mut Vec<Finding>,
    suppressed: &mut Vec<Suppressed>,
) -> Vec<(usize, Entry)> {
    *findings = settled.left;
    let known = settled.suppressed.into_iter();
    suppressed.extend(known.map(|finding| Suppressed {
        finding,
        by: Suppressor::Baseline,
    }));
    suppressed.sort_by_key(|one| (one.finding.place.span.start, one.finding.rule.id));
    let entries = settled.entries.into_iter();
    entries.map(|one| (one.source, one.entry)).collect()
}

/// [`located`], of findings that are not told.
pub(super) fn located_too(
    suppressed: Vec<Suppressed>,
    starts: &[usize],
    files: &[Decoded<'_>],
) -> Vec<Suppressed> {
    let (findings, by): (Vec<Finding>, Vec<Suppressor>) = suppressed
        .into_iter()
        .map(|one| (one.finding, one.by))
        .unzip();
    let findings = located(findings, starts, files).into_iter();
    let both = findings.zip(by);
    both.map(|(finding, by)| Suppressed { finding, by })
        .collect()
}
