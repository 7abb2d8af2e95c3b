//! Whether a resource depends on another anyway, by way of others. Start at [`Reachability`].

use std::cell::Cell;
use std::collections::HashSet;

use super::super::model::{Model, Resource, ResourceIndex};
use super::edges::Edge;

/// How many edges more one question looks at. Beyond it the answer is no, so that time stays linear: an edge
/// too many does no harm.
const MAX_SEARCH: usize = 1_024;

/// How much the repairs of one removal may take together: a step for each resource that is looked at, and
/// more for each edge that is passed on. Thousands that depend on what depends on thousands would need
/// millions of new entries, which no service takes.
const MAX_STEPS: usize = 160_000_000;

/// The steps that are left.
pub(in crate::arm) struct StepBudget(Cell<usize>);

impl Default for StepBudget {
    fn default() -> Self {
        Self(Cell::new(MAX_STEPS))
    }
}

impl StepBudget {
    /// Takes steps.
    ///
    /// # Errors
    /// There are not so many.
    pub(in crate::arm) fn take(&self, steps: usize) -> Result<(), String> {
        let left = self.0.get().saturating_sub(steps);
        self.0.set(left);
        if left > 0 {
            return Ok(());
        }
        Err(
            "too many resources depend on it, and it depends on too many, for all `dependsOn` \
             entries to be rewritten; split the template"
                .to_owned(),
        )
    }
}

/// Whether the edge is an entry of `dependsOn` in a resource that is there, once, in every deployment, so that a
/// chain by it always holds.
pub(in crate::arm) fn is_certain(resource: &Resource, edge: &Edge) -> bool {
    edge.is_entry() && resource.condition.is_none() && !resource.looped
}

/// What some resources depend on. What was followed for one question is not followed again for another.
pub(in crate::arm) struct Reachability<'m, 'd> {
    model: &'m Model<'d>,
    removed: &'m HashSet<ResourceIndex>,
    /// Whether a chain may lead through a resource by this edge of its own.
    passes: fn(&Resource, &Edge) -> bool,
    reached: HashSet<ResourceIndex>,
    /// What is reached and was not followed yet.
    open: Vec<ResourceIndex>,
}

impl<'m, 'd> Reachability<'m, 'd> {
    pub(in crate::arm) fn new(
        model: &'m Model<'d>,
        removed: &'m HashSet<ResourceIndex>,
        passes: fn(&Resource, &Edge) -> bool,
    ) -> Self {
        Self {
            model,
            removed,
            passes,
            reached: HashSet::new(),
            open: Vec::new(),
        }
    }

    /// Searches from these resources too.
    pub(in crate::arm) fn add(&mut self, from: impl IntoIterator<Item = ResourceIndex>) {
        let new = from.into_iter().filter(|one| self.reached.insert(*one));
        self.open.extend(new);
    }

    /// Whether one of them is `wanted`, or a chain leads to it.
    pub(in crate::arm) fn leads_to(&mut self, wanted: ResourceIndex, steps: &StepBudget) -> bool {
        let model = self.model;
        let mut left = MAX_SEARCH;
        while !self.reached.contains(&wanted) {
            let Some(at) = self.open.pop().filter(|_| steps.take(1).is_ok()) else {
                return false;
            };
            // A removed resource is transparent: its edges move to what depends on it.
            let is_removed = self.removed.contains(&at);
            let Some(own) = model.resource(at) else {
                continue;
            };
            let edges = model.edges(at).iter();
            let edges = edges.filter(|edge| is_removed || (self.passes)(own, edge));
            let next: Vec<_> = edges.flat_map(|edge| edge.reach.certain()).collect();
            let Some(rest) = left.checked_sub(1 + next.len()) else {
                return false;
            };
            left = rest;
            self.add(next.into_iter().copied());
        }
        true
    }
}
