//! Which bytes go with removed items.

use std::iter;
use std::ops::Range;

use super::layout::{Layout, ListItem};

/// The bytes that go with the items that do not stay, but for the comma of an item before them.
pub(super) fn runs(layout: &Layout<'_>, stays: &[bool]) -> Vec<Range<usize>> {
    let none_stay = stays.iter().all(|stays| !stays);
    if none_stay && !layout.has_loose_comments() {
        return iter::once(layout.open()..layout.close()).collect();
    }
    let goes: Vec<bool> = layout
        .slots
        .iter()
        .map(|slot| {
            slot.item
                .is_some_and(|item| stays.get(item) == Some(&false))
        })
        .collect();
    let mut ranges = Vec::new();
    let mut slot = 0;
    while slot < goes.len() {
        let rest = goes.get(slot..).unwrap_or_default();
        let length = rest.iter().take_while(|goes| **goes).count();
        if length > 0 {
            ranges.push(run(layout, slot, slot + length - 1));
        }
        slot += length + 1;
    }
    ranges
}

/// The bytes of the slots from `first` to `last`, which all go.
fn run(layout: &Layout<'_>, first: usize, last: usize) -> Range<usize> {
    let extent = layout.gap(first).end;
    let tail = layout.tail_before(last + 1);
    let begins = layout.has_break(layout.gap(first));
    let ends = layout.has_break(layout.gap(last + 1));
    let something_follows = last + 1 < layout.slots.len();
    let in_front = layout.tail_before(first);
    match (begins, ends, something_follows) {
        (true, true, _) => whole_lines(layout, first, last),
        (true, false, true) => extent..layout.gap(last + 1).end,
        (false, _, true) if first == 0 => extent..layout.gap(last + 1).end,
        // The bracket would otherwise end up in the comment.
        (true, false, false) if layout.ends_line_comment(in_front) => extent..tail,
        _ => in_front..tail,
    }
}

fn whole_lines(layout: &Layout<'_>, first: usize, last: usize) -> Range<usize> {
    let above = layout.breaks(layout.gap(first));
    let below = layout.breaks(layout.gap(last + 1));
    let something_follows = last + 1 < layout.slots.len();
    let line_above = if something_follows {
        above.last()
    } else {
        above.first()
    };
    let blank_above = first == 0 || above.len() > 1;
    let line_below = if something_follows && blank_above && below.len() > 1 {
        below.get(1)
    } else {
        below.first()
    };
    let start = line_above.map_or(layout.gap(first).end, |line_break| line_break.end);
    let end = line_below.map_or(layout.tail_before(last + 1), |line_break| line_break.end);
    start..end
}

/// The comma behind an item, with the white space between them.
pub(super) fn comma(layout: &Layout<'_>, item: &ListItem) -> Option<Range<usize>> {
    let comma = item.comma?;
    Some(behind_comments(layout, item, comma)..comma + 1)
}

/// The end of the item, or of the last comment between it and its comma.
pub(super) fn behind_comments(layout: &Layout<'_>, item: &ListItem, comma: usize) -> usize {
    layout
        .comments(item.end..comma)
        .last()
        .map_or(item.end, |comment| comment.end)
}

/// Sorts the ranges, joins those that overlap, and spares the line breaks that end a `//` comment
/// which stays in front of something else.
pub(super) fn settle(layout: &Layout<'_>, mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_by_key(|range| range.start);
    let mut settled: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match settled.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => settled.push(range),
        }
    }
    // Ranges that touch are kept apart, since an insertion may be between them.
    let mut next = usize::MAX..usize::MAX;
    for range in settled.iter_mut().rev() {
        let end = if range.end == next.start {
            next.end
        } else {
            range.end
        };
        next = range.start..end;
        if layout.ends_line_comment(range.start) && !layout.has_break(end..end + 1) {
            let line_break = layout.breaks(range.clone()).first().cloned();
            range.start = line_break.map_or(range.start, |line_break| line_break.end);
        }
    }
    settled.retain(|range| !range.is_empty());
    settled
}
