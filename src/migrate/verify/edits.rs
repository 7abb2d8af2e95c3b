//! Whether the edits keep to what the operations are about.
//!
//! Between two items there are separators, white space and comments. An operation on an item may
//! change what is on both sides of it, up to the next items; all else must stay as it is.

use std::collections::HashSet;
use std::iter;
use std::ops::Range;

use crate::json::surgery::Operation;
use crate::json::{Document, NodeId};
use crate::text::{Edit, RangeSet};

use super::Fault;
use super::meant::Meant;

/// Checks that no edit leaves the surroundings of what an operation is about, and that of the
/// comments only those go that belong to what goes.
pub(in crate::migrate) fn edits(
    old: &Document<'_>,
    operations: &[Operation],
    edits: &[Edit],
    new: &Document<'_>,
) -> Result<(), Fault> {
    let surroundings = ItemSurroundings::of(old, &Meant::of(old, operations));
    let outside = |edit: &&Edit| !surroundings.touched.holds(&edit.range());
    if let Some(edit) = edits.iter().find(outside) {
        return Err(Fault::new(format!(
            "byte {} changes, which is not part of the plan",
            edit.range().start
        )));
    }
    comments(old, &surroundings, edits, new)
}

fn comments(
    old: &Document<'_>,
    surroundings: &ItemSurroundings,
    edits: &[Edit],
    new: &Document<'_>,
) -> Result<(), Fault> {
    let deleted = edits.iter().map(Edit::range);
    let deleted: RangeSet = deleted.filter(|range| !range.is_empty()).collect();
    let mut kept = Vec::new();
    for comment in old.comments() {
        if deleted.holds(comment) {
            if !surroundings.gone.holds(comment) {
                return Err(Fault::new(format!(
                    "the comment at byte {} is lost",
                    comment.start
                )));
            }
        } else {
            kept.push(bytes(old, comment.clone()));
        }
    }
    let found = new
        .comments()
        .iter()
        .map(|comment| bytes(new, comment.clone()));
    if found.eq(kept.iter().copied()) {
        Ok(())
    } else {
        Err(Fault::new("a comment has changed"))
    }
}

/// What operations may change.
struct ItemSurroundings {
    /// All of it.
    touched: RangeSet,
    /// What goes for good: items, and comments that belong to them.
    gone: RangeSet,
}

impl ItemSurroundings {
    fn of(old: &Document<'_>, meant: &Meant<'_>) -> Self {
        let replaced = meant.replaced.keys().map(|node| old.span(*node));
        let mut touched: Vec<Range<usize>> = replaced.collect();
        let mut gone = touched.clone();
        touched.extend(meant.texts.values().flatten().map(Edit::range));
        let changed: HashSet<NodeId> = meant
            .removed
            .iter()
            .filter_map(|item| old.parent(*item))
            .chain(meant.inserted.keys().map(|(container, _)| *container))
            .collect();
        for container in changed {
            for gap in gaps(old, container) {
                let goes = |item: Option<NodeId>| item.is_some_and(|i| meant.removed.contains(&i));
                let filled = meant.inserted.contains_key(&(container, gap.before));
                if filled || goes(gap.before) || goes(gap.behind) {
                    touched.push(gap.range.clone());
                }
                for (comment, owner) in gap.comments(old) {
                    if goes(owner) {
                        gone.push(comment);
                    }
                }
                if let Some(item) = gap.before.filter(|item| meant.removed.contains(item)) {
                    let span = item_span(old, item);
                    touched.push(span.clone());
                    gone.push(span);
                }
            }
        }
        Self {
            touched: touched.into_iter().collect(),
            gone: gone.into_iter().collect(),
        }
    }
}

/// What is between two items, or between one and a bracket.
struct Gap {
    before: Option<NodeId>,
    behind: Option<NodeId>,
    range: Range<usize>,
}

fn gaps(document: &Document<'_>, container: NodeId) -> Vec<Gap> {
    let span = document.span(container);
    let mut before = None;
    let mut start = span.start + 1;
    let mut gaps = Vec::new();
    for behind in document
        .children(container)
        .map(Some)
        .chain(iter::once(None))
    {
        let close = span.end.saturating_sub(1);
        let end = behind.map_or(close, |item| document.span(item).start);
        gaps.push(Gap {
            before,
            behind,
            range: start..end,
        });
        start = behind.map_or(close, |item| item_span(document, item).end);
        before = behind;
    }
    gaps
}

impl Gap {
    /// The comments, each with the item it belongs to: the one before it up to the comma and on
    /// its line, the one behind it where no blank line comes between.
    fn comments(&self, document: &Document<'_>) -> Vec<(Range<usize>, Option<NodeId>)> {
        let all = document.comments();
        let from = all.partition_point(|comment| comment.start < self.range.start);
        let to = all.partition_point(|comment| comment.end <= self.range.end);
        let comments = all.get(from..to).unwrap_or_default();
        let blanks = |index: usize| {
            let before = index.checked_sub(1).and_then(|before| comments.get(before));
            let start = before.map_or(self.range.start, |comment| comment.end);
            let end = comments
                .get(index)
                .map_or(self.range.end, |comment| comment.start);
            bytes(document, start..end)
        };
        let pieces = 0..=comments.len();
        let comma = pieces.clone().find(|index| blanks(*index).contains(&b','));
        // What is before the comma belongs to its item on whatever line.
        let breaks = |index: usize| match comma {
            Some(comma) if index < comma => 0,
            Some(comma) if index == comma => breaks(
                blanks(index)
                    .rsplit(|byte| *byte == b',')
                    .next()
                    .unwrap_or_default(),
            ),
            _ => breaks(blanks(index)),
        };
        let first_break = pieces.clone().find(|index| breaks(*index) > 0);
        let blank_line = pieces.rev().find(|index| breaks(*index) > 1);
        let owner = |index: usize| {
            let before_comma = comma.is_some_and(|comma| index < comma);
            let ends_line = first_break.map_or(self.behind.is_none(), |line| index < line);
            if self.before.is_some() && before_comma {
                self.before
            } else if ends_line {
                // Behind the opening bracket it is about the whole.
                self.before
            } else if blank_line.is_some_and(|blank| index < blank) {
                None
            } else {
                self.behind
            }
        };
        let comments = comments.iter().cloned().enumerate();
        comments
            .map(|(index, comment)| (comment, owner(index)))
            .collect()
    }
}

/// The item, a member up to the end of its value.
fn item_span(document: &Document<'_>, item: NodeId) -> Range<usize> {
    let span = document.span(item);
    let end = document
        .value(item)
        .map_or(span.end, |value| document.span(value).end);
    span.start..end
}

fn bytes<'s>(document: &Document<'s>, range: Range<usize>) -> &'s [u8] {
    document.text().get(range).unwrap_or_default()
}

/// How many lines end in `blanks`.
fn breaks(blanks: &[u8]) -> usize {
    let mut previous = b' ';
    let mut count = 0;
    for byte in blanks {
        let second_half = previous == b'\r' && *byte == b'\n';
        count += usize::from(matches!(byte, b'\n' | b'\r') && !second_half);
        previous = *byte;
    }
    count
}
