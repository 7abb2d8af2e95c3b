//! Node operations lowered to byte edits.
//!
//! Owns separators, the comments that belong to an item, indentation, line breaks and one-line
//! containers. Every byte outside the touched items stays as it is. Never knows why an operation
//! is wanted, nor what the document means. Start at [`Operation`] and [`lower`].

mod insertion;
mod layout;
mod plan;
mod removal;
mod render;
mod spelling;

#[cfg(test)]
mod tests;

use std::ops::Range;

use serde_json::Value;

use crate::text::Edit;

use super::document::{Document, NodeId};

pub use spelling::respell;

/// What becomes of an array that loses its last element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenEmpty {
    /// It stays, as `[]`.
    Keep,
    /// The member that holds it goes too, if every removal from the array says so.
    RemoveMember,
}

/// A new value.
#[derive(Clone, Debug, PartialEq)]
pub enum Inserted {
    /// A value, written in the style of its surroundings.
    Value(Value),
    /// JSON text that is written as it is.
    Raw(Vec<u8>),
}

/// A change to a document, in terms of its nodes.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Takes an element out of its array.
    RemoveElement {
        /// The element.
        element: NodeId,
        /// What becomes of the array when no element is left.
        when_empty: WhenEmpty,
    },
    /// Takes a member out of its object.
    RemoveMember {
        /// The member's key.
        key: NodeId,
    },
    /// Puts a member into an object.
    InsertMember {
        /// The object.
        object: NodeId,
        /// The key of the member to follow; the last one counts where `None` is given. If that member is
        /// removed too, the new one takes its place.
        after: Option<NodeId>,
        /// The name, not encoded.
        name: String,
        /// The value.
        value: Value,
    },
    /// Puts an element into an array.
    InsertElement {
        /// The array.
        array: NodeId,
        /// The element to follow; the last one counts where `None` is given. If that element is removed
        /// too, the new one takes its place.
        after: Option<NodeId>,
        /// The value.
        value: Inserted,
    },
    /// Puts a value's text in the place of another.
    Replace {
        /// The value that goes.
        node: NodeId,
        /// JSON text that is written as it is.
        raw: Vec<u8>,
    },
    /// Puts text in the place of a part of a string. Several on one string must be disjoint.
    ReplaceText {
        /// The string.
        node: NodeId,
        /// The part that goes, as bytes of the file between the string's quotes; empty to insert.
        range: Range<usize>,
        /// What is written as it is, escapes and all: see [`Document::encoded_for`].
        raw: Vec<u8>,
    },
}

impl Operation {
    /// A node in whose source the operation changes something.
    pub fn place(&self) -> NodeId {
        match self {
            Operation::RemoveElement { element: node, .. }
            | Operation::RemoveMember { key: node }
            | Operation::InsertMember { object: node, .. }
            | Operation::InsertElement { array: node, .. }
            | Operation::Replace { node, .. }
            | Operation::ReplaceText { node, .. } => *node,
        }
    }
}

/// The edits that carry out all of `operations` at once, sorted and without overlap.
///
/// Equal operations count once, and those inside a node that is removed or replaced are dropped.
/// A removed item takes along the comments directly above it and those behind it on its line;
/// comments set off by a blank line stay. The document must be without errors.
pub fn lower(document: &Document<'_>, operations: &[Operation]) -> Vec<Edit> {
    let mut edits = plan::EditPlan::new(document, operations).edits(document);
    // The sort is stable: insertions at one offset keep the order they were made in.
    edits.sort_by_key(|edit| (edit.range().start, edit.range().end));
    edits
}
