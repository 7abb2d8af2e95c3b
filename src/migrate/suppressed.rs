//! Findings on their way past the gate and the baseline, whatever kind of file they are in.
//!
//! Start at [`hold_refused`] and [`by_baseline`].

use crate::arm::Model;
use crate::json::Document;
use crate::text::shift_offsets;

use super::JoinedOutcome;
use super::baseline::{Baseline, EntryAt};
use super::entries::EntryIndex;
use super::holds::{Refused, Units};
use super::sources::JoinedTexts;

/// What comes of `attempt`, which is repeated without the units that the gate refuses, if it refuses any.
pub(super) fn hold_refused(attempt: impl Fn(&Refused) -> (JoinedOutcome, Units)) -> JoinedOutcome {
    let (whole, units) = attempt(&Refused::default());
    let fault = whole.migration.fault.as_ref();
    let Some(fault) = fault.filter(|fault| fault.is_refusal()) else {
        return whole;
    };
    let refused = Refused::find(&units, &fault.to_string(), |refused| {
        let (whole, _) = attempt(refused);
        Some(whole.migration.fault?.to_string())
    });
    attempt(&refused).0
}

/// Takes out what the baseline holds, of what was found, which is in `entries`, and of what is left.
pub(super) fn by_baseline(
    baseline: &Baseline,
    texts: &JoinedTexts<'_>,
    entries: &EntryIndex<'_, '_>,
    whole: &mut JoinedOutcome,
) {
    let name_of = |source| baseline.name_of(texts.path(source));
    let migration = &mut whole.migration;
    let (findings, suppressed) = (&mut migration.findings, &mut migration.suppressed);
    let all = baseline.settle(entries, findings, suppressed, name_of);
    whole.entries = with_sources(all);
    let Some(fixed) = &mut migration.fixed else {
        return;
    };
    let (findings, suppressed) = (&mut fixed.remaining, &mut fixed.suppressed);
    let mut all = match entries.document() {
        Some(_) => {
            let starts = shift_offsets(texts.starts(), &fixed.edits);
            let document = Document::of_sources(&fixed.bytes, &starts);
            let model = Model::of_sources(&document, &texts.paths());
            let entries = EntryIndex::of_templates(&model);
            baseline.settle(&entries, findings, suppressed, name_of)
        }
        None => {
            let entries = EntryIndex::of_text(&fixed.bytes);
            baseline.settle(&entries, findings, suppressed, name_of)
        }
    };
    all.retain(|one| fixed.found_again.contains(&one.key));
    whole.left_entries = with_sources(all);
}

fn with_sources(all: Vec<EntryAt>) -> Vec<(usize, super::BaselineEntry)> {
    all.into_iter().map(|one| (one.source, one.entry)).collect()
}
