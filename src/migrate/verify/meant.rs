//! What a list of operations means to do, by the nodes of the old document.
//!
//! Read apart from surgery's own plan, which it is to check. Start at [`Meant`].

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::json::surgery::{Operation, WhenEmpty};
use crate::json::{Document, NodeId};
use crate::text::Edit;

/// The operations by the nodes they are about.
#[derive(Default)]
pub(super) struct Meant<'o> {
    pub(super) removed: HashSet<NodeId>,
    pub(super) replaced: HashMap<NodeId, &'o [u8]>,
    /// The parts of strings that are replaced, by the string, with offsets in the document.
    pub(super) texts: HashMap<NodeId, Vec<Edit>>,
    /// What is inserted, by the container and the item it follows.
    pub(super) inserted: HashMap<(NodeId, Option<NodeId>), Vec<&'o Operation>>,
    /// Where the nodes start that any of these are about, in their order.
    places: Vec<usize>,
}

impl<'o> Meant<'o> {
    pub(super) fn of(old: &Document<'_>, operations: &'o [Operation]) -> Self {
        let mut meant = Self::default();
        let mut goes_when_empty = HashSet::new();
        let mut stays_empty = HashSet::new();
        for operation in operations {
            match operation {
                Operation::RemoveElement {
                    element,
                    when_empty,
                } => {
                    meant.removed.insert(*element);
                    match when_empty {
                        WhenEmpty::RemoveMember => goes_when_empty.extend(old.parent(*element)),
                        WhenEmpty::Keep => stays_empty.extend(old.parent(*element)),
                    }
                }
                Operation::RemoveMember { key } => {
                    meant.removed.insert(*key);
                }
                Operation::Replace { node, raw } => {
                    meant.replaced.insert(*node, raw);
                }
                Operation::ReplaceText { node, range, raw } => {
                    let edits = meant.texts.entry(*node).or_default();
                    let edit = Edit::replacement(range.clone(), raw.as_slice());
                    if !edits.contains(&edit) {
                        edits.push(edit);
                    }
                }
                Operation::InsertMember { object, after, .. } => {
                    let at = meant.inserted.entry((*object, *after)).or_default();
                    at.push(operation);
                }
                Operation::InsertElement { array, after, .. } => {
                    let at = meant.inserted.entry((*array, *after)).or_default();
                    at.push(operation);
                }
            }
        }
        for array in goes_when_empty.difference(&stays_empty).copied() {
            let emptied = old
                .children(array)
                .all(|child| meant.removed.contains(&child))
                && meant
                    .inserted
                    .keys()
                    .all(|(container, _)| *container != array);
            if let Some(key) = old.parent(array).filter(|_| emptied) {
                meant.removed.insert(key);
            }
        }
        let containers = meant.inserted.keys().map(|(container, _)| container);
        let nodes = meant.removed.iter().chain(meant.replaced.keys());
        let nodes = nodes.chain(meant.texts.keys()).chain(containers);
        meant.places = nodes.map(|node| old.span(*node).start).collect();
        meant.places.sort_unstable();
        meant
    }

    /// Whether an operation is about a node in `span`.
    pub(super) fn concerns(&self, span: &Range<usize>) -> bool {
        let first = self.places.partition_point(|place| *place < span.start);
        self.places
            .get(first)
            .is_some_and(|place| *place < span.end)
    }
}
