//! How the items of one array or object are laid out in the text: commas, comments and white space.

use std::ops::Range;

use crate::json::document::{Document, NodeId};

/// An element, or a member from its key to its value's end.
pub(super) struct ListItem {
    /// The element or the key.
    pub(super) node: NodeId,
    pub(super) start: usize,
    pub(super) end: usize,
    /// The offset of the comma behind it.
    pub(super) comma: Option<usize>,
}

/// An item with the comments that belong to it, or comments that belong to no item.
pub(super) struct Slot {
    /// The index of the item; `None` for comments on their own.
    pub(super) item: Option<usize>,
    /// Where the first comment above or in front of the item starts, or the item itself.
    pub(super) extent: usize,
    /// The end of what follows on the line: the comma, then comments.
    pub(super) tail: usize,
}

/// The interior of a container as a row of slots with nothing but white space between them.
pub(super) struct Layout<'s> {
    text: &'s [u8],
    comments: Vec<Range<usize>>,
    pub(super) container: Range<usize>,
    pub(super) node: NodeId,
    pub(super) items: Vec<ListItem>,
    pub(super) slots: Vec<Slot>,
    /// The slot of each item.
    slot_of: Vec<usize>,
    /// Behind the opening bracket and the comments that follow it on its line.
    head: usize,
}

impl<'s> Layout<'s> {
    pub(super) fn new(document: &Document<'s>, container: NodeId) -> Self {
        let span = document.span(container);
        let mut layout = Self {
            text: document.text(),
            comments: within(document.comments(), &span).to_vec(),
            container: span,
            node: container,
            items: Vec::new(),
            slots: Vec::new(),
            slot_of: Vec::new(),
            head: 0,
        };
        layout.read_items(document);
        layout.read_slots();
        layout
    }

    /// The index of the item's slot.
    pub(super) fn slot_of(&self, item: usize) -> usize {
        self.slot_of.get(item).copied().unwrap_or(self.slots.len())
    }

    /// The offset behind the opening bracket.
    pub(super) fn open(&self) -> usize {
        (self.container.start + 1).min(self.container.end)
    }

    /// The offset of the closing bracket.
    pub(super) fn close(&self) -> usize {
        self.container.end.saturating_sub(1).max(self.open())
    }

    /// Whether comments are inside that belong to no item.
    pub(super) fn has_loose_comments(&self) -> bool {
        self.head > self.open() || self.slots.iter().any(|slot| slot.item.is_none())
    }

    pub(super) fn has_trailing_comma(&self) -> bool {
        self.items.last().is_some_and(|item| item.comma.is_some())
    }

    /// The end of the slot before the one at `slot`, or of the opening bracket's line.
    pub(super) fn tail_before(&self, slot: usize) -> usize {
        slot.checked_sub(1)
            .and_then(|before| self.slots.get(before))
            .map_or(self.head, |before| before.tail)
    }

    /// The white space in front of a slot; of the closing bracket for the index behind the last.
    pub(super) fn gap(&self, slot: usize) -> Range<usize> {
        let end = self
            .slots
            .get(slot)
            .map_or(self.close(), |slot| slot.extent);
        self.tail_before(slot)..end
    }

    /// The line breaks in `range`, in order.
    pub(super) fn breaks(&self, range: Range<usize>) -> Vec<Range<usize>> {
        line_breaks(self.text, range)
    }

    pub(super) fn has_break(&self, range: Range<usize>) -> bool {
        has_break(self.bytes(range))
    }

    pub(super) fn bytes(&self, range: Range<usize>) -> &'s [u8] {
        self.text.get(range).unwrap_or_default()
    }

    /// The container's comments that lie in `range`.
    pub(super) fn comments(&self, range: Range<usize>) -> &[Range<usize>] {
        within(&self.comments, &range)
    }

    /// Whether a `//` comment ends at `offset`, so that only a line break may follow.
    pub(super) fn ends_line_comment(&self, offset: usize) -> bool {
        let behind = self
            .comments
            .partition_point(|comment| comment.end < offset);
        self.comments.get(behind).is_some_and(|comment| {
            comment.end == offset && self.bytes(comment.clone()).starts_with(b"//")
        })
    }

    fn read_items(&mut self, document: &Document<'_>) {
        for node in document.children(self.node) {
            let span = document.span(node);
            let end = document
                .value(node)
                .map_or(span.end, |value| document.span(value).end);
            self.items.push(ListItem {
                node,
                start: span.start,
                end,
                comma: None,
            });
        }
        let commas: Vec<Option<usize>> = (0..self.items.len())
            .map(|index| self.comma_behind(index))
            .collect();
        for (item, comma) in self.items.iter_mut().zip(commas) {
            item.comma = comma;
        }
    }

    fn start_of(&self, item: usize) -> usize {
        self.items.get(item).map_or(self.close(), |item| item.start)
    }

    fn comma_behind(&self, index: usize) -> Option<usize> {
        let mut from = self.items.get(index)?.end;
        let to = self.start_of(index + 1);
        let comma = |from: usize, to: usize| {
            let at = self.bytes(from..to).iter().position(|byte| *byte == b',')?;
            Some(from + at)
        };
        for comment in self.comments(from..to) {
            if let Some(at) = comma(from, comment.start) {
                return Some(at);
            }
            from = comment.end;
        }
        comma(from, to)
    }

    fn read_slots(&mut self) {
        self.head = self.tail(self.open(), self.start_of(0));
        let mut behind = self.head;
        for index in 0..self.items.len() {
            let start = self.start_of(index);
            let extent = self.extent(behind, start);
            self.push_loose(behind..extent);
            let end = self
                .items
                .get(index)
                .map_or(start, |item| item.comma.map_or(item.end, |comma| comma + 1));
            behind = self.tail(end, self.start_of(index + 1));
            self.slot_of.push(self.slots.len());
            self.slots.push(Slot {
                item: Some(index),
                extent,
                tail: behind,
            });
        }
        self.push_loose(behind..self.close());
    }

    /// The end of the comments that follow `from` on its line, unless an item follows them there.
    fn tail(&self, from: usize, to: usize) -> usize {
        let mut at = from;
        for comment in self.comments(from..to) {
            if self.has_break(at..comment.start) {
                return at;
            }
            at = comment.end;
        }
        let nothing_follows = to == self.close() || self.has_break(at..to);
        if nothing_follows { at } else { from }
    }

    /// The start of the comments in front of `to`, up to a blank line.
    fn extent(&self, from: usize, to: usize) -> usize {
        let mut at = to;
        for comment in self.comments(from..to).iter().rev() {
            if self.breaks(comment.end..at).len() > 1 {
                break;
            }
            at = comment.start;
        }
        at
    }

    fn push_loose(&mut self, range: Range<usize>) {
        let comments = self.comments(range);
        if let (Some(first), Some(last)) = (comments.first(), comments.last()) {
            let (extent, tail) = (first.start, last.end);
            self.slots.push(Slot {
                item: None,
                extent,
                tail,
            });
        }
    }
}

fn within<'c>(comments: &'c [Range<usize>], range: &Range<usize>) -> &'c [Range<usize>] {
    let from = comments.partition_point(|comment| comment.start < range.start);
    let to = comments.partition_point(|comment| comment.end <= range.end);
    comments.get(from..to).unwrap_or_default()
}

/// Whether `bytes` hold LF or CR.
pub(super) fn has_break(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
}

/// The line breaks of `text` in `range`: LF, CRLF or CR.
pub(super) fn line_breaks(text: &[u8], range: Range<usize>) -> Vec<Range<usize>> {
    let mut breaks: Vec<Range<usize>> = Vec::new();
    let start = range.start;
    for (index, byte) in text.get(range).unwrap_or_default().iter().enumerate() {
        let at = start + index;
        match (byte, breaks.last_mut()) {
            (b'\n', Some(last))
                if last.end == at && text.get(last.clone()) == Some(b"\r".as_slice()) =>
            {
                last.end = at + 1;
            }
            (b'\n' | b'\r', _) => breaks.push(at..at + 1),
            _ => {}
        }
    }
    breaks
}

/// The blanks at the start of the line that holds `offset`, up to it.
pub(super) fn line_indent<'s>(document: &Document<'s>, offset: usize) -> &'s [u8] {
    let start = document.line_start(offset);
    let line = document.text().get(start..offset).unwrap_or_default();
    let mut length = 0;
    while let Some(blank) = line.get(length..).and_then(blank) {
        length += blank;
    }
    line.get(..length).unwrap_or_default()
}

/// The length of the white space character that `bytes` start with.
fn blank(bytes: &[u8]) -> Option<usize> {
    let length = match bytes.first()? {
        0..=0x7f => 1,
        0xc0..=0xdf => 2,
        _ => 3,
    };
    let character = std::str::from_utf8(bytes.get(..length)?).ok()?;
    character.chars().all(char::is_whitespace).then_some(length)
}
