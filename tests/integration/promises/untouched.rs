//! Every byte outside of what a migration may write to is as before. Start at [`check`].

use std::ops::Range;

use msi2imds::json::{Document, Kind};
use msi2imds::migrate::Fixed;

use super::comments;

/// Checks that the edits take nothing but what goes, separators, white space and comments, and that
/// outside of the lists they add nothing but identities.
pub(crate) fn check(source: &[u8], fixed: &Fixed) -> Result<(), String> {
    let document = Document::parse(source);
    let gone = comments::gone(&document, fixed);
    let mut loose: Vec<bool> = source
        .iter()
        .map(|byte| b" \t\r\n,".contains(byte))
        .collect();
    for (at, pair) in source.windows(2).enumerate() {
        if pair == [0xc2, 0xa0] {
            loose[at..at + 2].fill(true);
        }
    }
    // A string has separators too.
    for token in tokens(&document) {
        loose[token].fill(false);
    }
    let free = gone.iter().chain(document.comments()).cloned();
    for range in free {
        loose[range].fill(true);
    }
    for edit in &fixed.edits {
        let range = edit.range();
        if let Some(at) = range.clone().find(|at| !loose[*at]) {
            let text = String::from_utf8_lossy(&source[at..range.end]);
            return Err(format!("a byte went that should stay: {text}"));
        }
        let within = |list: &Range<usize>| list.start <= range.start && range.end <= list.end;
        let added = String::from_utf8_lossy(edit.text());
        let added: String = added.split_whitespace().collect();
        let is_identity = added.contains("SystemAssigned") && !added.contains("resource");
        let stood = String::from_utf8_lossy(&source[range.clone()]);
        let is_loose = added
            .chars()
            .all(|c| matches!(c, ',' | ']' | '}') || stood.contains(c));
        if !gone.iter().any(within) && !is_identity && !is_loose {
            return Err(format!("this was added: {added}"));
        }
    }
    Ok(())
}

/// The keys and the values that hold no others.
pub(crate) fn tokens(document: &Document<'_>) -> impl Iterator<Item = Range<usize>> {
    let is_leaf = |kind| !matches!(kind, Kind::Array | Kind::Object);
    let leaves = document.nodes();
    let leaves = leaves.filter(move |node| is_leaf(document.kind(*node)));
    leaves.map(|node| document.span(node))
}
