//! Where new items go, and the separators around them.

use crate::json::document::Document;
use crate::text::Edit;

use super::layout::{Layout, has_break, line_indent};
use super::removal::behind_comments;
use super::render::{Enclosure, NewEntry, comma_space};

/// How items are set apart beside one item.
pub(super) struct EntryStyle {
    /// In front of a comma; not empty only where commas lead their lines.
    lead: Vec<u8>,
    /// Behind a comma.
    trail: Vec<u8>,
    pub(super) frame: Enclosure,
}

impl EntryStyle {
    /// The style at the item with that index; `None` if there is none.
    pub(super) fn at(document: &Document<'_>, layout: &Layout<'_>, index: usize) -> Option<Self> {
        let item = layout.items.get(index)?;
        let slot = layout.slot_of(index);
        let mut frame = Enclosure::inside(document, layout, Some(item));
        frame.line_break = line_break(layout, slot).unwrap_or(frame.line_break);
        let own_line = [&frame.line_break, &*frame.indent].concat();
        let (lead, mut trail) = if is_alone(layout, index) {
            (Vec::new(), own_line.clone())
        } else {
            between_siblings(document, layout, index)
        };
        let comma_leads = item.comma.is_none() && !lead.is_empty();
        let comment_ends = layout.ends_line_comment(layout.tail_before(slot + 1));
        if comment_ends && !comma_leads && !trail.starts_with(b"\n") && !trail.starts_with(b"\r") {
            trail = own_line;
        }
        // The item may share its line with what opens the container: the new one does not.
        match trail.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
            Some(at) => frame.indent = trail.get(at + 1..).unwrap_or_default().to_vec(),
            None => {
                // An item on the line of another spreads over lines only if that one does.
                frame.multiline &= has_break(layout.bytes(item.start..item.end));
                frame.space.clone_from(&trail);
            }
        }
        Some(Self { lead, trail, frame })
    }

    fn comma(&self) -> Vec<u8> {
        [self.lead.as_slice(), b","].concat()
    }
}

/// Whether the item, and the one behind it, start their own lines.
fn is_alone(layout: &Layout<'_>, index: usize) -> bool {
    let begins = |index| layout.has_break(layout.gap(layout.slot_of(index)));
    begins(index) && (index + 1 >= layout.items.len() || begins(index + 1))
}

/// What is before and behind the comma between the item and the one behind it, or else the
/// one before it.
fn between_siblings(
    document: &Document<'_>,
    layout: &Layout<'_>,
    index: usize,
) -> (Vec<u8>, Vec<u8>) {
    let alone = || (Vec::new(), comma_space(document, layout.node).to_vec());
    let left = if index + 1 < layout.items.len() {
        Some(index)
    } else {
        index.checked_sub(1)
    };
    let Some((left, item)) = left.and_then(|left| Some((left, layout.items.get(left)?))) else {
        return alone();
    };
    let Some(comma) = item.comma else {
        return alone();
    };
    let lead = layout.bytes(behind_comments(layout, item, comma)..comma);
    // Blanks at the end of a line are not to be copied: they would go on a comment there.
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let first = lead.iter().position(is_break);
    let lead = first.and_then(|at| lead.get(at..)).unwrap_or_default();
    let right = layout.slot_of(left + 1);
    if right != layout.slot_of(left) + 1 {
        return (lead.to_vec(), b" ".to_vec());
    }
    let gap = layout.gap(right);
    let start = layout
        .breaks(gap.clone())
        .last()
        .map_or(gap.start, |line_break| line_break.start);
    (lead.to_vec(), layout.bytes(start..gap.end).to_vec())
}

/// The line break next to a slot.
fn line_break(layout: &Layout<'_>, slot: usize) -> Option<Vec<u8>> {
    // The line above the new item ends as it did: the break behind it moves behind the new one.
    let below = layout.breaks(layout.gap(slot + 1)).into_iter().next();
    let above = || layout.breaks(layout.gap(slot)).pop();
    below
        .or_else(above)
        .map(|line_break| layout.bytes(line_break).to_vec())
}

/// Puts `entries` behind an item that stays; `is_last` if no other item that stays follows.
pub(super) fn behind(
    document: &Document<'_>,
    layout: &Layout<'_>,
    index: usize,
    entries: &[NewEntry<'_>],
    is_last: bool,
) -> Vec<Edit> {
    let (Some(style), Some(item)) = (
        EntryStyle::at(document, layout, index),
        layout.items.get(index),
    ) else {
        return Vec::new();
    };
    let mut edits = Vec::new();
    let mut text = Vec::new();
    match (item.comma, style.lead.is_empty()) {
        (None, true) => edits.push(Edit::insertion(item.end, ",")),
        (None, false) => text.extend(style.comma()),
        (Some(_), _) => {}
    }
    for (number, entry) in entries.iter().enumerate() {
        text.extend_from_slice(&style.trail);
        text.extend(style.frame.render(*entry));
        if number + 1 < entries.len() || !is_last || layout.has_trailing_comma() {
            text.extend(style.comma());
        }
    }
    let slot = layout.slot_of(index) + 1;
    let mut tail = layout.tail_before(slot);
    // Blanks at the end of the line above stay there. A list may lose the element behind, blanks and all.
    if entries.iter().all(NewEntry::is_member)
        && style.trail.starts_with(&style.frame.line_break)
        && let Some(line_break) = layout.breaks(layout.gap(slot)).first()
        && layout
            .bytes(tail..line_break.start)
            .iter()
            .all(u8::is_ascii_whitespace)
    {
        tail = tail.max(line_break.start);
    }
    edits.push(Edit::insertion(tail, text));
    edits
}

/// Puts `entries` into a container without items, behind the comments it may hold.
pub(super) fn into_empty(
    document: &Document<'_>,
    layout: &Layout<'_>,
    entries: &[NewEntry<'_>],
) -> Option<Edit> {
    if entries.is_empty() {
        return None;
    }
    let frame = Enclosure::inside(document, layout, None);
    let rendered: Vec<Vec<u8>> = entries.iter().map(|entry| frame.render(*entry)).collect();
    let interior = layout.tail_before(layout.slots.len())..layout.close();
    let holds_comments = interior.start > layout.open();
    if !frame.multiline {
        let separator = [b",", frame.space.as_slice()].concat();
        let padding = match (holds_comments, entries.iter().any(NewEntry::is_member)) {
            (true, _) => frame.space.as_slice(),
            (false, true) => frame.padding.as_slice(),
            (false, false) => b"",
        };
        let text = [padding, &rendered.join(separator.as_slice()), padding].concat();
        return Some(Edit::replacement(interior, text));
    }
    let own_line = [frame.line_break.as_slice(), &frame.indent].concat();
    let separator = [b",", own_line.as_slice()].concat();
    let closing = line_indent(document, layout.container.start);
    let text = [
        own_line.as_slice(),
        &rendered.join(separator.as_slice()),
        &frame.line_break,
        closing,
    ]
    .concat();
    Some(Edit::replacement(interior, text))
}
