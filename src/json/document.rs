//! The arena: nodes with byte spans, in document order.
//!
//! A document may be made of several sources, such as templates that link each other: their texts are
//! laid one after another, and each has a root of its own. Spans count in the whole.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use crate::text::SourceMap;

use super::{parse, string};

/// The depth of nesting beyond which a document is refused.
///
/// What works on documents (JSONPath, the gate's comparison) recurses, so depth must be bounded.
pub(super) const MAX_DEPTH: usize = 512;

/// A node of a [`Document`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`; its children are keys.
    Object,
    /// `[…]`; its children are the elements.
    Array,
    /// A property's name; its one child is the property's value.
    Key,
    /// A string, in double or single quotes.
    String,
    /// A number, in any of the dialect's notations.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`, or the dialect's `undefined`.
    Null,
}

/// A tolerated deviation from strict JSON is silent; this is what makes a document unusable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// The byte offset at which the document stops making sense.
    pub offset: usize,
    /// The source that it is in.
    pub in_source: usize,
    /// One sentence without a full stop.
    pub message: String,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// For strings and keys: holds a backslash.
    pub(super) escaped: bool,
    pub(super) start: u32,
    pub(super) end: u32,
    /// The next sibling, or 0.
    pub(super) next: u32,
    /// A root's is itself.
    pub(super) parent: u32,
}

/// Where a source starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SourceStart {
    /// Its first byte.
    pub(super) byte: usize,
    /// Its first node.
    pub(super) node: u32,
}

/// A parsed text. Nodes are spans of it; nothing is decoded before it is asked for.
#[derive(Clone, Debug)]
pub struct Document<'s> {
    pub(super) text: &'s [u8],
    pub(super) nodes: Vec<Node>,
    /// In order; at least one.
    pub(super) sources: Vec<SourceStart>,
    /// Comments in order, each from its first slash to its end without the line break.
    pub(super) comments: Vec<Range<usize>>,
    pub(super) errors: Vec<SyntaxError>,
    /// Each element's place in its array, by node, once somebody asks for paths.
    pub(super) element_indices: OnceCell<Vec<u32>>,
    /// Where lines start, once somebody asks. Here a lone CR ends a line too.
    pub(super) line_starts: OnceCell<Vec<usize>>,
}

impl<'s> Document<'s> {
    /// Parses `text`, which may start with a byte order mark.
    ///
    /// Never fails: what cannot be read is in [`Document::errors`], and the nodes are what could
    /// be recovered. A document with errors must not be edited.
    pub fn parse(text: &'s [u8]) -> Self {
        parse::parse(text, &[0])
    }

    /// Parses a text that is made of several, which start at the byte offsets `starts`: the first at
    /// 0, the others in order. Each is parsed as by [`Document::parse`].
    pub fn of_sources(text: &'s [u8], starts: &[usize]) -> Self {
        parse::parse(text, starts)
    }

    /// How many sources the text is made of.
    pub fn sources(&self) -> usize {
        self.sources.len()
    }

    /// The source that the byte at `offset` belongs to; one behind the end belongs to the last.
    pub fn source_at(&self, offset: usize) -> usize {
        let behind = self.sources.partition_point(|source| source.byte <= offset);
        behind.saturating_sub(1)
    }

    /// The source that the node is in.
    pub fn source_of(&self, id: NodeId) -> usize {
        let behind = self.sources.partition_point(|source| source.node <= id.0);
        behind.saturating_sub(1)
    }

    /// The bytes of a source in the whole text; empty where there is no such source.
    pub fn source_span(&self, source: usize) -> Range<usize> {
        let start = |index: usize| self.sources.get(index).map(|source| source.byte);
        let end = self.text.len();
        start(source).unwrap_or(end)..start(source + 1).unwrap_or(end)
    }

    /// The outermost value of a source, if there is one.
    pub fn root_of(&self, source: usize) -> Option<NodeId> {
        self.nodes_of(source).next()
    }

    /// The nodes of a source, in document order.
    pub fn nodes_of(&self, source: usize) -> impl Iterator<Item = NodeId> + use<> {
        let start = |source: usize| self.sources.get(source).map(|source| source.node);
        let end = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        (start(source).unwrap_or(end)..start(source + 1).unwrap_or(end)).map(NodeId)
    }

    /// The outermost values of all sources that have one.
    pub fn roots(&self) -> impl Iterator<Item = NodeId> + '_ {
        (0..self.sources()).filter_map(|source| self.root_of(source))
    }

    /// What is wrong with a source, in order.
    pub fn errors_of(&self, source: usize) -> impl Iterator<Item = &SyntaxError> + '_ {
        let errors = self.errors.iter();
        errors.filter(move |error| error.in_source == source)
    }

    /// The text that was parsed.
    pub fn text(&self) -> &'s [u8] {
        self.text
    }

    /// What is wrong with the text, in order; empty for a document that may be edited.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// The comments, in order, as byte ranges: a `//` comment ends before its line break.
    pub fn comments(&self) -> &[Range<usize>] {
        &self.comments
    }

    /// The outermost value of the only or the first source, if there is one.
    pub fn root(&self) -> Option<NodeId> {
        self.root_of(0)
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node at all.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What the node is.
    pub fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind
    }

    /// The node's bytes in the file; a string's span includes its quotes.
    pub fn span(&self, id: NodeId) -> Range<usize> {
        let node = self.node(id);
        node.start as usize..node.end as usize
    }

    /// The bytes of the node as they are in the file.
    pub fn raw(&self, id: NodeId) -> &'s [u8] {
        self.text.get(self.span(id)).unwrap_or_default()
    }

    /// The container of an element or a key, the key of a value; `None` for a root.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        let parent = self.node(id).parent;
        (parent != id.0).then_some(NodeId(parent))
    }

    /// An array's elements or an object's keys, in order; a key's one value; else nothing.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let first = id.0 + 1;
        let has_child = !matches!(
            self.kind(id),
            Kind::String | Kind::Number | Kind::Bool | Kind::Null
        ) && self
            .nodes
            .get(first as usize)
            .is_some_and(|node| node.parent == id.0);
        std::iter::successors(has_child.then_some(NodeId(first)), |id| {
            let next = self.node(*id).next;
            (next != 0).then_some(NodeId(next))
        })
    }

    /// The value of a key.
    pub fn value(&self, key: NodeId) -> Option<NodeId> {
        self.children(key)
            .next()
            .filter(|_| self.kind(key) == Kind::Key)
    }

    /// The key of the member called `name` without regard to ASCII case; where several are, the
    /// last, which is the one that counts. `None` too where `object` is no object.
    pub fn key(&self, object: NodeId, name: &str) -> Option<NodeId> {
        if self.kind(object) != Kind::Object {
            return None;
        }
        self.children(object)
            .filter(|key| self.is_called(*key, name))
            .last()
    }

    /// The value of the member called `name`, found as by [`Document::key`].
    pub fn get(&self, object: NodeId, name: &str) -> Option<NodeId> {
        self.key(object, name).and_then(|key| self.value(key))
    }

    /// Whether the key's decoded text is `name` but for ASCII case.
    pub fn is_called(&self, key: NodeId, name: &str) -> bool {
        if self.node(key).escaped {
            return self
                .string(key)
                .is_some_and(|text| text.eq_ignore_ascii_case(name));
        }
        string::content(self.raw(key)).eq_ignore_ascii_case(name.as_bytes())
    }

    /// Whether another member of the key's object is called the same, see [`Document::is_called`].
    pub fn has_namesake(&self, key: NodeId) -> bool {
        let name = self.string(key).unwrap_or_default();
        let object = self.parent(key);
        let mut members = object.into_iter().flat_map(|o| self.children(o));
        members.any(|other| other != key && self.is_called(other, &name))
    }

    /// The decoded text of a string or key. Bytes that are not UTF-8 and lone surrogates come out
    /// as U+FFFD.
    pub fn string(&self, id: NodeId) -> Option<String> {
        self.text_of(id).map(Cow::into_owned)
    }

    /// [`Document::string`], in place where the file has it without escapes.
    pub fn text_of(&self, id: NodeId) -> Option<Cow<'s, str>> {
        matches!(self.kind(id), Kind::String | Kind::Key).then(|| string::text(self.raw(id)))
    }

    /// The decoded text of a string or key, with the way back from its bytes to the file's.
    pub fn map_string(&self, id: NodeId) -> Option<(String, SourceMap)> {
        matches!(self.kind(id), Kind::String | Kind::Key).then(|| {
            let (text, map) = string::decode(self.raw(id));
            (text, map.shift(self.span(id).start))
        })
    }

    /// `text` with the escapes that it needs inside the string `id`, whose quotes may be single.
    pub fn encoded_for(&self, id: NodeId, text: &str) -> Vec<u8> {
        string::encode(self.raw(id), text).into_bytes()
    }

    /// The string values at and below `id`, in no certain order.
    pub fn strings_below(&self, id: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut open = vec![id];
        while let Some(at) = open.pop() {
            if self.kind(at) == Kind::String {
                found.push(at);
            }
            open.extend(self.children(at));
        }
        found
    }

    /// Whether `ancestor` is `id` or holds it.
    pub fn contains(&self, ancestor: NodeId, id: NodeId) -> bool {
        let outer = self.node(ancestor);
        let inner = self.node(id);
        if outer.kind == Kind::Key {
            return ancestor == id
                || self
                    .value(ancestor)
                    .is_some_and(|value| self.contains(value, id));
        }
        outer.start <= inner.start && inner.end <= outer.end
    }

    /// A node and all that hold it, the innermost first.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<'_, 's> {
        std::iter::successors(Some(id), |node| self.parent(*node))
    }

    /// The innermost node that the byte at `offset` belongs to; a key's for its own bytes.
    pub fn node_at(&self, offset: usize) -> Option<NodeId> {
        // Nodes are in the order of their starts.
        let behind = self
            .nodes
            .partition_point(|node| node.start as usize <= offset);
        let last = u32::try_from(behind.checked_sub(1)?).ok()?;
        std::iter::successors(Some(NodeId(last)), |node| self.parent(*node))
            .find(|node| self.span(*node).contains(&offset))
    }

    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            let starts_in = |source: Range<usize>| {
                let text = self.text.get(source.clone()).unwrap_or_default();
                let ends = memchr::memchr2_iter(b'\n', b'\r', text).filter_map(move |at| {
                    let is_last = text.get(at) == Some(&b'\n') || text.get(at + 1) != Some(&b'\n');
                    is_last.then_some(at + 1)
                });
                std::iter::once(source.start).chain(ends.map(move |end| source.start + end))
            };
            let sources = (0..self.sources()).map(|source| self.source_span(source));
            let mut starts: Vec<usize> = sources.flat_map(starts_in).collect();
            // What is behind the last break of a source is the start of the next one.
            starts.dedup();
            starts
        })
    }

    /// The start of the line that holds `offset`.
    pub fn line_start(&self, offset: usize) -> usize {
        let starts = self.line_starts();
        let behind = starts.partition_point(|start| *start <= offset);
        behind
            .checked_sub(1)
            .and_then(|line| starts.get(line))
            .copied()
            .unwrap_or(0)
    }

    /// The first line break within `range`, which does not leave a source.
    pub(super) fn first_break(&self, range: Range<usize>) -> Option<Range<usize>> {
        let starts = self.line_starts();
        let next = starts.partition_point(|start| *start <= range.start);
        let start = starts.get(next).filter(|start| **start <= range.end)?;
        self.break_before(*start)
    }

    /// The last line break in front of `offset`, in the same source.
    pub(super) fn break_above(&self, offset: usize) -> Option<Range<usize>> {
        let start = self.line_start(offset);
        let source = self.source_span(self.source_at(offset));
        (start > source.start).then(|| self.break_before(start))?
    }

    /// The break that ends in front of a line's start; a source may end without one.
    fn break_before(&self, start: usize) -> Option<Range<usize>> {
        let before = self.text.get(..start)?;
        if before.ends_with(b"\r\n") {
            return Some(start - 2..start);
        }
        let ends = before.ends_with(b"\n") || before.ends_with(b"\r");
        ends.then(|| start - 1..start)
    }

    /// All nodes in document order.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    pub(super) fn node(&self, id: NodeId) -> Node {
        // Ids are only made by the parser, from the arena's own length.
        self.nodes.get(id.0 as usize).copied().unwrap_or(Node {
            kind: Kind::Null,
            escaped: false,
            start: 0,
            end: 0,
            next: 0,
            parent: 0,
        })
    }
}
