//! New items as text, in the style of their surroundings.

use std::iter;
use std::ops::Range;

use serde_json::Value;

use crate::json::document::{Document, Kind, NodeId};

use super::layout::{Layout, ListItem, has_break, line_indent};
use super::spelling::{self, MOST_ASKED, Quotes};

/// The value of a new item.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum NewValue<'o> {
    Value(&'o Value),
    Raw(&'o [u8]),
}

/// A new item.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct NewEntry<'o> {
    name: Option<&'o str>,
    value: NewValue<'o>,
}

impl<'o> NewEntry<'o> {
    pub(super) fn element(value: NewValue<'o>) -> Self {
        Self { name: None, value }
    }

    pub(super) fn member(name: &'o str, value: NewValue<'o>) -> Self {
        Self {
            name: Some(name),
            value,
        }
    }

    pub(super) fn is_member(&self) -> bool {
        self.name.is_some()
    }
}

/// What the text of an item depends on.
pub(super) struct Enclosure {
    /// Objects and arrays spread over lines.
    pub(super) multiline: bool,
    pub(super) line_break: Vec<u8>,
    /// In front of the item's own first and last line.
    pub(super) indent: Vec<u8>,
    /// What each level adds.
    pub(super) unit: Vec<u8>,
    /// Between a key and its value.
    pub(super) colon: Vec<u8>,
    /// Where colons are aligned: the columns of a key with the blanks behind it.
    aligned: Option<usize>,
    /// Inside the braces of a one-line object.
    pub(super) padding: Vec<u8>,
    /// Behind a comma on one line.
    pub(super) space: Vec<u8>,
    keys: Quotes,
    strings: Quotes,
}

impl Enclosure {
    /// The frame of a new item beside `sibling`, or in a container without items.
    pub(super) fn inside(
        document: &Document<'_>,
        layout: &Layout<'_>,
        sibling: Option<&ListItem>,
    ) -> Self {
        let unit = unit(document, layout.node);
        let indent = match sibling {
            Some(item) => line_indent(document, item.start).to_vec(),
            None => [line_indent(document, layout.container.start), &unit].concat(),
        };
        let mut colon = colon(document, sibling.map_or(layout.node, |item| item.node));
        let blanks = colon.iter().take_while(|byte| **byte == b' ').count();
        let aligned = sibling.filter(|_| blanks > 1);
        let aligned = aligned.map(|item| document.raw(item.node).len() + blanks);
        if blanks > 1 {
            colon.drain(..blanks);
        }
        Self {
            aligned,
            multiline: is_multiline(document, layout),
            line_break: line_break_around(document, layout.container.clone()),
            indent,
            unit,
            colon,
            padding: padding(document, layout.node),
            space: comma_space(document, layout.node).to_vec(),
            keys: spelling::of_keys(document, containers(document, layout.node)),
            strings: spelling::of_values(document, containers(document, layout.node)),
        }
    }

    pub(super) fn render(&self, entry: NewEntry<'_>) -> Vec<u8> {
        let mut text = Vec::new();
        if let Some(name) = entry.name {
            text.extend(self.keys.spell(name));
            if let Some(width) = self.aligned {
                text.resize(width.max(text.len() + 1), b' ');
            }
            text.extend_from_slice(&self.colon);
        }
        match entry.value {
            NewValue::Raw(raw) => text.extend_from_slice(raw),
            NewValue::Value(value) => self.write(&mut text, value, 0),
        }
        text
    }

    fn write(&self, text: &mut Vec<u8>, value: &Value, depth: usize) {
        match value {
            Value::Object(members) if !members.is_empty() => {
                let items = members.iter().map(|(name, value)| (Some(name), value));
                self.write_items(text, (b"{", b"}", &self.padding), items, depth);
            }
            Value::Array(elements) if !elements.is_empty() => {
                let items = elements.iter().map(|value| (None, value));
                self.write_items(text, (b"[", b"]", &[]), items, depth);
            }
            Value::String(string) => text.extend(self.strings.spell(string)),
            _ => text.extend(value.to_string().into_bytes()),
        }
    }

    fn write_items<'v>(
        &self,
        text: &mut Vec<u8>,
        (open, close, padding): (&[u8], &[u8], &[u8]),
        items: impl Iterator<Item = (Option<&'v String>, &'v Value)>,
        depth: usize,
    ) {
        text.extend_from_slice(open);
        for (number, (name, value)) in items.enumerate() {
            if number > 0 {
                text.push(b',');
            }
            match (self.multiline, number) {
                (true, _) => self.write_line_break(text, depth + 1),
                (false, 0) => text.extend_from_slice(padding),
                (false, _) => text.extend_from_slice(&self.space),
            }
            if let Some(name) = name {
                text.extend(self.keys.spell(name));
                text.extend_from_slice(&self.colon);
            }
            self.write(text, value, depth + 1);
        }
        if self.multiline {
            self.write_line_break(text, depth);
        } else {
            text.extend_from_slice(padding);
        }
        text.extend_from_slice(close);
    }

    fn write_line_break(&self, text: &mut Vec<u8>, depth: usize) {
        text.extend_from_slice(&self.line_break);
        text.extend_from_slice(&self.indent);
        text.extend(iter::repeat_n(self.unit.as_slice(), depth).flatten());
    }
}

/// The arrays and objects around a node, itself included, from the inside out.
fn containers<'a>(document: &'a Document<'_>, node: NodeId) -> impl Iterator<Item = NodeId> + 'a {
    iter::successors(Some(node), |node| document.parent(*node))
        .filter(|node| matches!(document.kind(*node), Kind::Array | Kind::Object))
}

fn is_multiline(document: &Document<'_>, layout: &Layout<'_>) -> bool {
    if layout.items.is_empty() {
        // An empty container says nothing by itself: the one around it does.
        let around = containers(document, layout.node).nth(1);
        return around.is_none_or(|around| has_break(document.raw(around)));
    }
    if !has_break(document.raw(layout.node)) {
        return false;
    }
    let mut objects = layout
        .items
        .iter()
        .filter(|item| document.kind(item.node) == Kind::Object)
        .peekable();
    objects.peek().is_none() || objects.any(|item| has_break(document.raw(item.node)))
}

/// The line break in the container, or else in front of it, or else the first behind it.
fn line_break_around(document: &Document<'_>, container: Range<usize>) -> Vec<u8> {
    let text = document.text();
    let source = document.source_span(document.source_at(container.start));
    document
        .first_break(container.clone())
        .or_else(|| document.break_above(container.start))
        .or_else(|| document.first_break(container.end..source.end))
        .and_then(|range| text.get(range))
        .unwrap_or(b"\n")
        .to_vec()
}

/// What one level of indentation adds, read from the nearest container whose items start lines.
fn unit(document: &Document<'_>, container: NodeId) -> Vec<u8> {
    let inner = document
        .children(container)
        .map(|item| document.value(item).unwrap_or(item));
    let unit = iter::once(container)
        .chain(inner)
        .chain(containers(document, container).skip(1))
        .find_map(|scope| step(document, scope));
    let outer = line_indent(document, document.span(container).start);
    let fallback: &[u8] = if outer.starts_with(b"\t") {
        b"\t"
    } else {
        b"  "
    };
    unit.unwrap_or(fallback).to_vec()
}

/// How much deeper than its container's line the first item that starts a line is.
fn step<'s>(document: &Document<'s>, container: NodeId) -> Option<&'s [u8]> {
    let text = document.text();
    // Where nothing starts a line there is nothing to read.
    document.first_break(document.span(container))?;
    let outer = line_indent(document, document.span(container).start);
    let mut items = document.children(container).take(MOST_ASKED);
    items.find_map(|item| {
        let start = document.span(item).start;
        let inner = line_indent(document, start);
        let line_start = start - inner.len();
        let starts_line = text
            .get(..line_start)
            .is_some_and(|before| before.ends_with(b"\n") || before.ends_with(b"\r"));
        let deeper = inner.strip_prefix(outer);
        // An object may have no indentation, as other objects then.
        let is_step = |step: &&[u8]| !step.is_empty() || document.kind(container) == Kind::Object;
        deeper.filter(is_step).filter(|_| starts_line)
    })
}

/// What is between the nearest key and its value, the node's own first.
fn colon(document: &Document<'_>, node: NodeId) -> Vec<u8> {
    iter::successors(Some(node), |node| document.parent(*node))
        .filter(|node| document.kind(*node) == Kind::Key)
        .find_map(|key| {
            let value = document.span(document.value(key)?);
            let between = document.text().get(document.span(key).end..value.start)?;
            let text = std::str::from_utf8(between).ok()?;
            (text.trim() == ":" && !has_break(between)).then_some(between)
        })
        .unwrap_or(b": ")
        .to_vec()
}

/// What is behind the nearest comma on one line.
pub(super) fn comma_space<'s>(document: &Document<'s>, container: NodeId) -> &'s [u8] {
    containers(document, container)
        .find_map(|scope| {
            let mut items = document.children(scope);
            let (first, second) = (items.next()?, items.next()?);
            let end = document.span(document.value(first).unwrap_or(first)).end;
            let between = document.text().get(end..document.span(second).start)?;
            let space = between.strip_prefix(b",")?;
            let is_blank = std::str::from_utf8(space).ok()?.trim().is_empty();
            (is_blank && !has_break(space)).then_some(space)
        })
        .unwrap_or(b" ")
}

/// What is behind the brace of the nearest object on one line.
fn padding(document: &Document<'_>, container: NodeId) -> Vec<u8> {
    document
        .children(container)
        .map(|item| document.value(item).unwrap_or(item))
        .chain(containers(document, container))
        .filter(|node| document.kind(*node) == Kind::Object)
        .find_map(|object| {
            let first = document.children(object).next()?;
            let open = document.span(object).start + 1;
            let between = document.text().get(open..document.span(first).start)?;
            let text = std::str::from_utf8(between).ok()?;
            let is_blank = text.trim().is_empty() && !has_break(document.raw(object));
            is_blank.then_some(between)
        })
        .unwrap_or(b" ")
        .to_vec()
}
