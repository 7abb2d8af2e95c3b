//! Which extensions are migrated together: those of one machine, and those that write to one list.
//!
//! Start at [`held_units`].

use std::collections::{BTreeMap, HashMap};

use crate::json::NodeId;
use crate::rules::{Context, Removal, Repair};

/// The extensions of units with a blocker, each with the first repair that has it.
pub(super) fn held_units(
    context: &Context<'_, '_>,
    removal: &Removal,
    repairs: &[Repair],
    unsafe_fixes: bool,
) -> BTreeMap<usize, usize> {
    let is_free = |repair: &Repair| repair.blocker(unsafe_fixes).is_none();
    if repairs.iter().all(is_free) {
        return BTreeMap::new();
    }
    let mut units = UnitPartition::default();
    for index in &removal.extensions {
        if let Some(extension) = context.extensions.get(*index) {
            let template = extension.template(context.model);
            units.join(*index, Shared::Machine(template, &extension.machine_key));
            units.join(*index, Shared::List(extension.node));
        }
    }
    for repair in repairs {
        for index in &repair.extensions {
            for list in &repair.touches {
                units.join(*index, Shared::List(*list));
            }
            if let Some(first) = repair.extensions.first() {
                units.merge(*index, *first);
            }
        }
    }
    // Each unit has its first blocker; thousands may have one.
    let mut blockers: HashMap<usize, usize> = HashMap::new();
    for (place, repair) in repairs.iter().enumerate() {
        if is_free(repair) {
            continue;
        }
        for index in &repair.extensions {
            blockers.entry(units.unit(*index)).or_insert(place);
        }
    }
    let held = removal.extensions.iter().filter_map(|index| {
        let place = blockers.get(&units.unit(*index))?;
        Some((*index, *place))
    });
    held.collect()
}

/// What makes extensions one unit.
#[derive(PartialEq, Eq, Hash)]
enum Shared<'a> {
    Machine(usize, &'a str),
    List(NodeId),
}

/// Disjoint sets of extensions.
#[derive(Default)]
struct UnitPartition<'a> {
    parents: HashMap<usize, usize>,
    by_shared: HashMap<Shared<'a>, usize>,
}

impl<'a> UnitPartition<'a> {
    fn unit(&mut self, index: usize) -> usize {
        let mut root = index;
        while let Some(parent) = self.parents.get(&root).filter(|parent| **parent != root) {
            root = *parent;
        }
        // Halving the path keeps long chains short.
        let mut at = index;
        while let Some(parent) = self.parents.insert(at, root).filter(|parent| *parent != at) {
            at = parent;
        }
        root
    }

    fn merge(&mut self, a: usize, b: usize) {
        let (a, b) = (self.unit(a), self.unit(b));
        self.parents.insert(a.max(b), a.min(b));
    }

    fn join(&mut self, index: usize, shared: Shared<'a>) {
        let first = *self.by_shared.entry(shared).or_insert(index);
        self.merge(index, first);
    }
}
