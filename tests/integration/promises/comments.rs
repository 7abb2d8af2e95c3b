//! Comments go only with what they stand in or at.

use std::ops::Range;

use msi2imds::json::{Document, Kind, NodeId};
use msi2imds::migrate::Fixed;

use super::lists;
use super::removal::LISTS;

/// Checks that the new text has every comment of the old one that neither stands in nor at what
/// went, and each as often as before.
pub(crate) fn check(source: &[u8], fixed: &Fixed) -> Result<(), String> {
    let document = Document::parse(source);
    let gone = gone(&document, fixed);
    let has = |text: &[u8]| {
        fixed
            .bytes
            .windows(text.len())
            .filter(|at| *at == text)
            .count()
    };
    for comment in document.comments() {
        let text = &source[comment.clone()];
        let stands_in =
            |gone: &Range<usize>| gone.start <= comment.start && comment.end <= gone.end;
        let may_go = gone.iter().any(|gone| {
            stands_in(gone)
                || is_beside(&source[comment.end.min(gone.start)..gone.start.max(comment.end)])
                || is_beside(&source[gone.end.min(comment.start)..comment.start.max(gone.end)])
        });
        let left = has(text);
        if left > 1 || (left == 0 && !may_go) {
            let text = String::from_utf8_lossy(text);
            return Err(format!("the comment {text} is there {left} times"));
        }
    }
    Ok(())
}

/// The nodes that went with the edits, elements of lists and members, and the members and the texts
/// that may be written to.
pub(crate) fn gone(document: &Document<'_>, fixed: &Fixed) -> Vec<Range<usize>> {
    let mut taken: Vec<Range<usize>> = Vec::new();
    for range in fixed.edits.iter().map(|edit| edit.range()) {
        match taken.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => taken.push(range),
        }
    }
    let deleted = |node: NodeId| {
        let span = document.span(node);
        let mut taken = taken.iter();
        taken.any(|taken| taken.start <= span.start && span.end <= taken.end)
    };
    let is_element = |node: NodeId| {
        let parent = document.parent(node);
        parent.is_some_and(|parent| document.kind(parent) == Kind::Array)
    };
    let member = |key: NodeId| {
        let end = document.value(key).map_or(key, |value| value);
        document.span(key).start..document.span(end).end
    };
    document
        .nodes()
        .filter_map(|node| {
            let is_key = document.kind(node) == Kind::Key;
            let writable = || LISTS.iter().any(|name| document.is_called(node, name));
            if is_key && (deleted(node) || writable()) {
                return Some(member(node));
            }
            let takes = || {
                let text = document.string(node).unwrap_or_default();
                document.kind(node) == Kind::String && lists::takes(&text)
            };
            let goes = (is_element(node) && deleted(node)) || takes();
            goes.then(|| document.span(node))
        })
        .collect()
}

/// Whether only separators and comments are between a comment and what went.
fn is_beside(between: &[u8]) -> bool {
    let separates = |c: char| c.is_whitespace() || c == ',';
    let text = String::from_utf8_lossy(between);
    let mut rest = text.trim_start_matches(separates);
    while !rest.is_empty() {
        let end = if rest.starts_with("//") {
            rest.find('\n')
        } else if rest.starts_with("/*") {
            rest.find("*/").map(|at| at + 2)
        } else {
            return false;
        };
        let Some(end) = end else { return true };
        rest = rest[end..].trim_start_matches(separates);
    }
    true
}
