//! What a dependent depends on while its edges are repaired: an edge that this implies is not written.
//!
//! Start at [`DependencyList`].

use std::collections::{HashMap, HashSet};

use super::super::model::{Model, ResourceIndex};
use super::super::resource_id::Target;
use super::edges::{Edge, Reach};
use super::inheritance::{Inherited, Instances};
use super::reachability::{Reachability, StepBudget, is_certain};

/// The edges that a dependent has, or gets, and by what they are looked up: lists of thousands exist.
pub(in crate::arm) struct DependencyList<'m, 'd> {
    model: &'m Model<'d>,
    removed: &'m HashSet<ResourceIndex>,
    reaches: Vec<Reach>,
    texts: HashSet<String>,
    /// The names of those of `reaches`.
    targets: HashSet<Target>,
    /// Those of `reaches` that name a resource, by it.
    by_resource: HashMap<ResourceIndex, Vec<usize>>,
    reachability: Reachability<'m, 'd>,
}

impl<'m, 'd> DependencyList<'m, 'd> {
    /// The list of a dependent that has these edges.
    pub(in crate::arm) fn of<'e>(
        model: &'m Model<'d>,
        removed: &'m HashSet<ResourceIndex>,
        edges: impl Iterator<Item = &'e Edge>,
    ) -> Self {
        let mut list = Self {
            model,
            removed,
            reaches: Vec::new(),
            texts: HashSet::new(),
            targets: HashSet::new(),
            by_resource: HashMap::new(),
            reachability: Reachability::new(model, removed, is_certain),
        };
        for edge in edges {
            list.add(edge.reach.clone(), edge.text.clone());
        }
        list
    }

    pub(in crate::arm) fn add(&mut self, reach: Reach, text: String) {
        let index = self.reaches.len();
        self.texts.insert(text);
        self.targets.extend(reach.target.clone());
        for resource in reach.certain() {
            self.by_resource.entry(*resource).or_default().push(index);
        }
        // What a removed one depends on is just what is being decided.
        let left = reach.certain().iter().copied();
        self.reachability
            .add(left.filter(|r| !self.removed.contains(r)));
        self.reaches.push(reach);
    }

    /// Those that name a resource.
    fn naming(&self, resource: ResourceIndex) -> impl Iterator<Item = &Reach> {
        let found = self.by_resource.get(&resource).into_iter().flatten();
        found.filter_map(|index| self.reaches.get(*index))
    }

    /// Whether an edge with this text, or to the same instances, is there.
    pub(in crate::arm) fn holds(&self, reach: &Reach, text: &str) -> bool {
        let first = reach.resources.first();
        let mut alike = first.into_iter().flat_map(|first| self.naming(*first));
        self.texts.contains(text) || alike.any(|listed| same_reach(listed, reach))
    }

    /// Whether the dependent, the resource at `index`, depends on all that the edge means without that edge.
    pub(in crate::arm) fn implies(
        &mut self,
        index: ResourceIndex,
        inherited: Inherited<'_>,
        steps: &StepBudget,
    ) -> bool {
        let edge = inherited.edge;
        let resources = &edge.reach.resources;
        if resources.is_empty() {
            let target = edge.reach.target.as_ref();
            return self.texts.contains(&edge.text)
                || target.is_some_and(|target| self.targets.contains(target));
        }
        let survivors = resources.iter().filter(|r| !self.removed.contains(r));
        survivors.copied().all(|wanted| {
            let looped = self.model.resource(wanted).is_some_and(|r| r.looped);
            let covers = |listed: &Reach| match inherited.instances {
                Instances::Own => listed.covers(&edge.reach, wanted, looped),
                Instances::All | Instances::Other => !looped || listed.whole_loop,
            };
            wanted == index
                || self.naming(wanted).any(covers)
                || (!looped && self.reachability.leads_to(wanted, steps))
        })
    }
}

/// Whether both name the same instances of the same resources.
fn same_reach(a: &Reach, b: &Reach) -> bool {
    !a.resources.is_empty()
        && a.resources == b.resources
        && a.whole_loop == b.whole_loop
        && (a.whole_loop || a.names_as(b))
}
