//! The entry that something in a template stands in: what a person waives, and what a baseline knows.
//!
//! Start at [`entry`].

use std::collections::HashSet;

use crate::json::{Document, Kind, NodeId};

/// The innermost resource, or object in a list, that holds `node` or is it; `resources` are those of
/// the document.
pub(super) fn entry(
    document: &Document<'_>,
    resources: &HashSet<NodeId>,
    node: NodeId,
) -> Option<NodeId> {
    around(document, node).find(|node| {
        let parent = document.parent(*node);
        let is_listed = parent.is_some_and(|parent| document.kind(parent) == Kind::Array);
        document.kind(*node) == Kind::Object && is_listed || resources.contains(node)
    })
}

/// A node and all that hold it, the innermost first.
pub(super) fn around<'d>(
    document: &'d Document<'_>,
    node: NodeId,
) -> impl Iterator<Item = NodeId> + use<'d> {
    std::iter::successors(Some(node), |node| document.parent(*node))
}
