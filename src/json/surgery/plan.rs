//! Operations sorted out by the container they change.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use crate::json::document::{Document, Kind, NodeId};
use crate::text::Edit;

use super::insertion::{self, EntryStyle};
use super::layout::Layout;
use super::render::{NewEntry, NewValue};
use super::{Inserted, Operation, WhenEmpty, removal};

/// All that happens to one document.
#[derive(Default)]
pub(super) struct EditPlan<'o> {
    changes: BTreeMap<NodeId, MemberChange<'o>>,
    replacements: BTreeMap<NodeId, &'o [u8]>,
    /// What becomes of parts of strings, by the string.
    texts: BTreeMap<NodeId, BTreeSet<Edit>>,
}

/// What happens to the items of one container.
#[derive(Default)]
struct MemberChange<'o> {
    /// Elements or keys.
    removed: BTreeSet<NodeId>,
    /// A removal wants the container to stay when it is empty.
    stays_empty: bool,
    /// In order, each with the item it follows.
    inserted: Vec<(Option<NodeId>, NewEntry<'o>)>,
}

impl<'o> EditPlan<'o> {
    pub(super) fn new(document: &Document<'_>, operations: &'o [Operation]) -> Self {
        let mut plan = Self::default();
        for operation in operations {
            plan.add(document, operation);
        }
        plan.remove_emptied(document);
        plan.drop_nested(document);
        plan
    }

    /// In no certain order.
    pub(super) fn edits(self, document: &Document<'_>) -> Vec<Edit> {
        let replacements = self.replacements.iter();
        let replacements =
            replacements.map(|(node, raw)| Edit::replacement(document.span(*node), *raw));
        let changes = self.changes.iter();
        let changes = changes.flat_map(|(container, change)| change.edits(document, *container));
        let texts = self.texts.values().flatten().cloned();
        replacements.chain(texts).chain(changes).collect()
    }

    fn add(&mut self, document: &Document<'_>, operation: &'o Operation) {
        match operation {
            Operation::RemoveElement {
                element,
                when_empty,
            } => {
                if let Some(change) = self.change_around(document, *element, Kind::Array) {
                    change.removed.insert(*element);
                    change.stays_empty |= *when_empty == WhenEmpty::Keep;
                }
            }
            Operation::RemoveMember { key } => {
                if let Some(change) = self.change_around(document, *key, Kind::Object) {
                    change.removed.insert(*key);
                }
            }
            Operation::InsertMember {
                object,
                after,
                name,
                value,
            } if document.kind(*object) == Kind::Object => {
                let entry = NewEntry::member(name, NewValue::Value(value));
                self.insert(*object, *after, entry);
            }
            Operation::InsertElement {
                array,
                after,
                value,
            } if document.kind(*array) == Kind::Array => {
                let value = match value {
                    Inserted::Value(value) => NewValue::Value(value),
                    Inserted::Raw(raw) => NewValue::Raw(raw),
                };
                self.insert(*array, *after, NewEntry::element(value));
            }
            Operation::InsertMember { .. } | Operation::InsertElement { .. } => {}
            Operation::Replace { node, raw } => {
                self.replacements.entry(*node).or_insert(raw);
            }
            Operation::ReplaceText { node, range, raw } => {
                let parts = self.texts.entry(*node).or_default();
                parts.insert(Edit::replacement(range.clone(), raw.as_slice()));
            }
        }
    }

    fn change_around(
        &mut self,
        document: &Document<'_>,
        item: NodeId,
        kind: Kind,
    ) -> Option<&mut MemberChange<'o>> {
        let container = document.parent(item)?;
        (document.kind(container) == kind).then(|| self.changes.entry(container).or_default())
    }

    fn insert(&mut self, container: NodeId, after: Option<NodeId>, entry: NewEntry<'o>) {
        let inserted = &mut self.changes.entry(container).or_default().inserted;
        if !inserted.contains(&(after, entry)) {
            inserted.push((after, entry));
        }
    }

    /// Turns the emptying of an array into the removal of its member where that is wanted.
    fn remove_emptied(&mut self, document: &Document<'_>) {
        let emptied: Vec<NodeId> = self
            .changes
            .iter()
            .filter(|(array, change)| {
                document.kind(**array) == Kind::Array
                    && !self.replacements.contains_key(array)
                    && !change.stays_empty
                    && !change.removed.is_empty()
                    && change.inserted.is_empty()
                    && document
                        .children(**array)
                        .all(|element| change.removed.contains(&element))
            })
            .map(|(array, _)| *array)
            .collect();
        for key in emptied.iter().filter_map(|array| document.parent(*array)) {
            if let Some(change) = self.change_around(document, key, Kind::Object) {
                change.removed.insert(key);
            }
        }
    }

    fn drop_nested(&mut self, document: &Document<'_>) {
        let gone: BTreeSet<NodeId> = self
            .changes
            .values()
            .flat_map(|change| change.removed.iter().copied())
            .collect();
        let replaced: BTreeSet<NodeId> = self.replacements.keys().copied().collect();
        let lost = |node: &NodeId| gone.contains(node) || replaced.contains(node);
        self.changes
            .retain(|container, _| !ancestry(document, *container).any(|node| lost(&node)));
        self.texts
            .retain(|string, _| !ancestry(document, *string).any(|node| lost(&node)));
        self.replacements.retain(|value, _| {
            !gone.contains(value) && !ancestry(document, *value).skip(1).any(|node| lost(&node))
        });
    }
}

/// The node, what holds it, and so on to the root.
fn ancestry(document: &Document<'_>, node: NodeId) -> impl Iterator<Item = NodeId> {
    iter::successors(Some(node), |node| document.parent(*node))
}

/// What happens to one item, and what comes behind it.
#[derive(Default)]
struct ContainerChange<'o> {
    removed: bool,
    replaced_by: Option<NewEntry<'o>>,
    followers: Vec<NewEntry<'o>>,
}

impl<'o> MemberChange<'o> {
    fn edits(&self, document: &Document<'_>, container: NodeId) -> Vec<Edit> {
        let layout = Layout::new(document, container);
        let mut fates = self.fates(&layout);
        if fates.is_empty() {
            let entries: Vec<NewEntry<'_>> = self.inserted.iter().map(|(_, it)| *it).collect();
            return insertion::into_empty(document, &layout, &entries)
                .into_iter()
                .collect();
        }
        replace_in_place(&mut fates);
        let mut edits = deletions(&layout, &fates);
        edits.extend(replacements(document, &layout, &fates));
        edits.extend(insertions(document, &layout, &fates));
        edits
    }

    /// The fate of each item.
    fn fates(&self, layout: &Layout<'_>) -> Vec<ContainerChange<'o>> {
        let mut fates: Vec<ContainerChange<'o>> = layout
            .items
            .iter()
            .map(|item| ContainerChange {
                removed: self.removed.contains(&item.node),
                ..ContainerChange::default()
            })
            .collect();
        let position: BTreeMap<NodeId, usize> = layout
            .items
            .iter()
            .enumerate()
            .map(|(index, item)| (item.node, index))
            .collect();
        for (after, entry) in &self.inserted {
            let anchor = after.and_then(|after| position.get(&after));
            let anchor = anchor.copied().or(fates.len().checked_sub(1));
            if let Some(fate) = anchor.and_then(|index| fates.get_mut(index)) {
                fate.followers.push(*entry);
            }
        }
        fates
    }
}

/// Lets what follows a removed item take its place, so that separators and layout stay.
fn replace_in_place(fates: &mut [ContainerChange<'_>]) {
    for fate in fates {
        if fate.removed && !fate.followers.is_empty() {
            fate.removed = false;
            fate.replaced_by = Some(fate.followers.remove(0));
        }
    }
}

fn deletions(layout: &Layout<'_>, fates: &[ContainerChange<'_>]) -> Vec<Edit> {
    let stays: Vec<bool> = fates.iter().map(|fate| !fate.removed).collect();
    let mut ranges = removal::runs(layout, &stays);
    let last = fates.iter().rposition(|fate| !fate.removed);
    for (index, (fate, item)) in fates.iter().zip(&layout.items).enumerate() {
        let is_last = last == Some(index) && fate.followers.is_empty();
        if is_last && !layout.has_trailing_comma() {
            ranges.extend(removal::comma(layout, item));
        }
    }
    removal::settle(layout, ranges)
        .into_iter()
        .map(Edit::deletion)
        .collect()
}

fn replacements<'a>(
    document: &'a Document<'_>,
    layout: &'a Layout<'_>,
    fates: &'a [ContainerChange<'_>],
) -> impl Iterator<Item = Edit> + 'a {
    let items = layout.items.iter().zip(fates).enumerate();
    items.filter_map(|(index, (item, fate))| {
        let entry = fate.replaced_by?;
        let style = EntryStyle::at(document, layout, index)?;
        Some(Edit::replacement(
            item.start..item.end,
            style.frame.render(entry),
        ))
    })
}

fn insertions(
    document: &Document<'_>,
    layout: &Layout<'_>,
    fates: &[ContainerChange<'_>],
) -> Vec<Edit> {
    let mut edits = Vec::new();
    let last = fates.iter().rposition(|fate| !fate.removed);
    for (index, fate) in fates.iter().enumerate() {
        if !fate.followers.is_empty() {
            let is_last = last == Some(index);
            let followers = &fate.followers;
            edits.extend(insertion::behind(
                document, layout, index, followers, is_last,
            ));
        }
    }
    edits
}
