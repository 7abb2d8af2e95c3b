//! What a fixed file leaves for a person, with positions in its new bytes.
//!
//! A finding that nothing was applied for, such as a machine whose identity is `None`, would be lost
//! with the extension that it came from: it is carried over. Start at [`merge`].

use std::collections::HashSet;

use crate::json::Document;
use crate::rules::{Finding, FindingKey, Fix, HoldCode, Place, Related};
use crate::text::Edit;

/// The findings of the new text, with those of the old one that still hold, in the new text's
/// order.
pub(super) fn merge<'f>(
    unapplied: impl Iterator<Item = &'f Finding>,
    found_again: Vec<Finding>,
    edits: &[Edit],
    new: &Document<'_>,
) -> Vec<Finding> {
    let mut findings = found_again;
    let mut known: HashSet<FindingKey> = findings.iter().map(Finding::key).collect();
    for finding in unapplied {
        let Some(finding) = carry_over(finding, edits, new) else {
            continue;
        };
        if known.insert(finding.key()) {
            findings.push(finding);
        }
    }
    findings.sort_by_key(|finding| (finding.place.span.start, finding.rule.id));
    findings
}

/// A finding of the old text in the new one; `None` if its place is gone.
fn carry_over(finding: &Finding, edits: &[Edit], new: &Document<'_>) -> Option<Finding> {
    let place = shift_place(&finding.place, edits, new)?;
    let related = finding.related.iter().filter_map(|related| {
        let place = shift_place(&related.place, edits, new)?;
        Some(Related {
            place,
            ..related.clone()
        })
    });
    // What was not applied now cannot be later: the extension that it came with is gone.
    let fix = match &finding.fix {
        Fix::Unsafe(_) => Fix::Held(HoldCode::Identity.because(
            "only a run that removes the extension makes this change: make it by hand, or restore \
             the file and run again with --unsafe-fixes",
        )),
        fix => fix.clone(),
    };
    let machine = finding.machine.clone().map(|mut machine| {
        let place = shift_place(&machine.place, edits, new).unwrap_or_else(|| place.clone());
        machine.place = place;
        machine
    });
    Some(Finding {
        fix,
        machine,
        place,
        related: related.collect(),
        ..finding.clone()
    })
}

/// A place of the old text in the new one; `None` if it is gone.
fn shift_place(place: &Place, edits: &[Edit], new: &Document<'_>) -> Option<Place> {
    let start = shift_offset(place.span.start, edits)?;
    // The end of a place may be inside an edit that starts within it.
    let end = shift_offset(place.span.end, edits).filter(|end| *end >= start);
    let node = new.node_at(start)?;
    Some(Place::within(new, node, start..end.unwrap_or(start)))
}

/// An offset of the old text in the new one; `None` if what was there is gone.
pub(super) fn shift_offset(offset: usize, edits: &[Edit]) -> Option<usize> {
    let mut added = 0;
    let mut removed = 0;
    for edit in edits {
        let range = edit.range();
        if range.start > offset || (range.start == offset && !range.is_empty()) {
            break;
        }
        if range.contains(&offset) {
            return None;
        }
        added += edit.text().len();
        removed += range.len();
    }
    Some(offset + added - removed)
}
