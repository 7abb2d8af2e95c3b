//! Any bytes as a JSON document: its nodes lie in it and in each other, its strings decode, and the
//! parsers of others agree. Start at [`check`].

use msi2imds::json::{Document, Kind, NodeId};

use crate::compare::{Counts, compare};

/// Parses `data` and walks all of it.
///
/// # Panics
///
/// Where a node is out of place, or another parser reads something else.
pub fn check(data: &[u8]) {
    let document = Document::parse(data);
    for node in document.nodes() {
        place(&document, node);
        strings(&document, node);
    }
    let mut behind = 0;
    for comment in document.comments() {
        assert!(behind <= comment.start && comment.start < comment.end);
        assert!(data[comment.clone()].starts_with(b"/"));
        behind = comment.end;
    }
    assert!(behind <= data.len());
    for error in document.errors() {
        assert!(error.offset <= data.len() && !error.message.is_empty());
    }
    for offset in (0..=data.len()).step_by(1 + data.len() / 64) {
        if let Some(node) = document.node_at(offset) {
            assert!(document.span(node).contains(&offset));
        }
        assert!(document.line_start(offset) <= offset);
    }
    // The others read UTF-8 only.
    if std::str::from_utf8(data).is_ok() {
        compare(data, &mut Counts::default()).unwrap_or_else(|what| panic!("{what}"));
    }
}

fn place(document: &Document<'_>, node: NodeId) {
    let span = document.span(node);
    assert!(span.start <= span.end && span.end <= document.text().len());
    let sound = document.errors().is_empty();
    assert!(!sound || span.start < span.end);
    match document.parent(node) {
        None => assert_eq!(document.root(), Some(node)),
        Some(parent) => {
            assert!(document.children(parent).any(|child| child == node) || document.len() > 4096);
            assert!(document.contains(parent, node));
        }
    }
    if document.len() < 4096 {
        let mut behind = span.start;
        for child in document.children(node) {
            let inner = document.span(child);
            assert!(behind <= inner.start, "children overlap");
            behind = document
                .value(child)
                .map_or(inner.end, |value| document.span(value).end);
            let is_key = document.kind(node) == Kind::Key;
            assert!(
                is_key || behind <= span.end,
                "a child ends behind its parent"
            );
        }
        if sound && document.kind(node) == Kind::Key {
            assert!(document.value(node).is_some());
        }
    }
}

fn strings(document: &Document<'_>, node: NodeId) {
    if !matches!(document.kind(node), Kind::String | Kind::Key) {
        assert_eq!(document.string(node), None);
        return;
    }
    let text = document.string(node).expect("a string has text");
    let (mapped, map) = document.map_string(node).expect("a string has text");
    assert_eq!(mapped, text);
    let span = document.span(node);
    for (offset, _) in text.char_indices() {
        let at = map.source(offset);
        assert!(span.contains(&at), "{offset} is at {at} of {span:?}");
    }
    if !document.errors().is_empty() || document.kind(node) != Kind::String {
        return;
    }
    // What is encoded for a string reads back.
    let quote = document.raw(node)[0];
    let written = [&[quote], &*document.encoded_for(node, &text), &[quote]].concat();
    let again = Document::parse(&written);
    assert!(again.errors().is_empty(), "what was encoded does not parse");
    let root = again.root().expect("a text of one string");
    assert_eq!(again.string(root), Some(text));
}
