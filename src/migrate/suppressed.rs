//! Findings on their way past waivers and the baseline.
//!
//! Start at [`by_baseline`] and [`in_text`].

use crate::arm::Model;
use crate::json::Document;
use crate::rules::Finding;
use crate::text::{Decoded, shift_offsets};

use super::baseline::{Baseline, BaselineMatch};
use super::sources::{JoinedTexts, locate_all};
use super::waivers::{self, Suppressed, SuppressedBy};
use super::{BaselineEntry, JoinedOutcome, Migration, Options, Source};

/// Takes out what the baseline holds, of what was found and of what is left.
pub(super) fn by_baseline(
    baseline: &Baseline,
    texts: &JoinedTexts<'_>,
    model: &Model<'_>,
    whole: &mut JoinedOutcome,
) {
    let name_of = |source| baseline.name_of(texts.path(source));
    let migration = &mut whole.migration;
    let findings = std::mem::take(&mut migration.findings);
    let settled = baseline.settle(model, findings, name_of);
    whole.entries = take(settled, &mut migration.findings, &mut migration.suppressed);
    if let Some(fixed) = &mut migration.fixed {
        let starts = shift_offsets(texts.starts(), &fixed.edits);
        let document = Document::of_sources(&fixed.bytes, &starts);
        let model = Model::of_sources(&document, &texts.paths());
        let remaining = std::mem::take(&mut fixed.remaining);
        let mut settled = baseline.settle(&model, remaining, name_of);
        let found_again = &fixed.found_again;
        settled.entries.retain(|one| found_again.contains(&one.at));
        whole.left_entries = take(settled, &mut fixed.remaining, &mut fixed.suppressed);
    }
}

/// What there is to say of a file in another language with this text, in which this was found; its places
/// are in the text.
pub(super) fn in_text(
    name: &[u8],
    source: &Source<'_>,
    text: &[u8],
    findings: Vec<Finding>,
    options: &Options,
) -> Migration {
    let mut migration = Migration::default();
    let findings = waivers::waive_given_in_text(source.waivers, findings, options, &mut migration);
    let complete = options.is_complete();
    let (found, mut suppressed) = waivers::in_text(name, text, findings, options, complete);
    migration.suppressed.append(&mut suppressed);
    migration.findings = found;
    migration
        .findings
        .retain(|finding| options.runs(finding.rule.id));
    if let Some(baseline) = &options.baseline {
        let findings = std::mem::take(&mut migration.findings);
        let settled = baseline.settle_text(text, findings, source.path);
        let entries = take(settled, &mut migration.findings, &mut migration.suppressed);
        migration.entries = entries.into_iter().map(|(_, entry)| entry).collect();
    }
    migration
}

/// Puts what a baseline made of findings where it belongs; gives the entries.
fn take(
    settled: BaselineMatch,
    findings: &mut Vec<Finding>,
    suppressed: &mut Vec<Suppressed>,
) -> Vec<(usize, BaselineEntry)> {
    *findings = settled.left;
    let known = settled.suppressed.into_iter();
    suppressed.extend(known.map(|finding| Suppressed {
        finding,
        by: SuppressedBy::Baseline,
    }));
    suppressed.sort_by_key(|one| (one.finding.place.span.start, one.finding.rule.id));
    let entries = settled.entries.into_iter();
    entries.map(|one| (one.source, one.entry)).collect()
}

/// [`locate_all`], of findings that are not told.
pub(super) fn locate_suppressed(
    suppressed: Vec<Suppressed>,
    starts: &[usize],
    files: &[Decoded<'_>],
) -> Vec<Suppressed> {
    let (findings, by): (Vec<Finding>, Vec<SuppressedBy>) = suppressed
        .into_iter()
        .map(|one| (one.finding, one.by))
        .unzip();
    let findings = locate_all(findings, starts, files).into_iter();
    let both = findings.zip(by);
    both.map(|(finding, by)| Suppressed { finding, by })
        .collect()
}
