//! What a dependent waits for while its edges are repaired: an edge that this implies is not written.
//!
//! Start at [`Chains`].

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use super::graph::{Edge, Reach};
use super::inheritance::{Inherited, Instances};
use super::model::{Model, Resource, ResourceIndex};
use super::resource_id::Target;

/// How many edges more are looked at to see that an edge is implied already. Beyond it the edge is
/// written, which does no harm, so that time stays linear.
const MAX_IMPLIED_SEARCH: usize = 1_024;

/// How much the repairs of one removal may take together: a step for each resource that is looked at, and
/// more for each edge that is passed on. Thousands that wait for what waits for thousands would need
/// millions of new entries, which no service takes.
const MAX_WORK: usize = 160_000_000;

/// The steps that are left.
pub(super) struct Work(Cell<usize>);

impl Default for Work {
    fn default() -> Self {
        Self(Cell::new(MAX_WORK))
    }
}

impl Work {
    /// Takes steps.
    ///
    /// # Errors
    /// There are not so many.
    pub(super) fn take(&self, steps: usize) -> Result<(), String> {
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

/// The edges that a dependent has, or gets, and by what they are looked up: lists of thousands exist.
#[derive(Default)]
pub(super) struct Listed {
    reaches: Vec<Reach>,
    texts: HashSet<String>,
    /// The names of those of `reaches`.
    targets: HashSet<Target>,
    /// Those of `reaches` that name a resource, by it.
    by_resource: HashMap<ResourceIndex, Vec<usize>>,
    /// The number of the dependent, see [`Chains::reached`].
    dependent: usize,
    /// What the dependent waits for, and was not followed yet.
    open: Vec<ResourceIndex>,
}

impl Listed {
    pub(super) fn add(&mut self, reach: Reach, text: String, removed: &HashSet<ResourceIndex>) {
        let index = self.reaches.len();
        self.texts.insert(text);
        self.targets.extend(reach.target.clone());
        for resource in reach.certain() {
            self.by_resource.entry(*resource).or_default().push(index);
        }
        // What a removed one waits for is just what is being decided.
        let left = reach.certain().iter().filter(|r| !removed.contains(r));
        self.open.extend(left);
        self.reaches.push(reach);
    }

    /// Those that name a resource.
    fn naming(&self, resource: ResourceIndex) -> impl Iterator<Item = &Reach> {
        let found = self.by_resource.get(&resource).into_iter().flatten();
        found.filter_map(|index| self.reaches.get(*index))
    }

    /// Whether an edge with this text, or to the same instances, is there.
    pub(super) fn holds(&self, reach: &Reach, text: &str) -> bool {
        let first = reach.resources.first();
        let mut alike = first.into_iter().flat_map(|first| self.naming(*first));
        self.texts.contains(text) || alike.any(|listed| same_reach(listed, reach))
    }
}

/// Follows what the dependents of one removal wait for.
pub(super) struct Chains<'m, 'd> {
    model: &'m Model<'d>,
    removed: &'m HashSet<ResourceIndex>,
    /// How many dependents were looked at.
    dependents: Cell<usize>,
    /// From which of them each resource was reached last.
    reached: RefCell<Vec<usize>>,
}

impl<'m, 'd> Chains<'m, 'd> {
    pub(super) fn new(model: &'m Model<'d>, removed: &'m HashSet<ResourceIndex>) -> Self {
        Self {
            model,
            removed,
            dependents: Cell::new(0),
            reached: RefCell::new(vec![0; model.resources().len()]),
        }
    }

    /// The list of one more dependent, which has these edges.
    pub(super) fn listed<'e>(&self, edges: impl Iterator<Item = &'e Edge>) -> Listed {
        self.dependents.set(self.dependents.get() + 1);
        let mut listed = Listed {
            dependent: self.dependents.get(),
            ..Listed::default()
        };
        for edge in edges {
            listed.add(edge.reach.clone(), edge.text.clone(), self.removed);
        }
        listed
    }

    /// Whether the resource at `index` waits for all that the edge means without that edge.
    pub(super) fn is_implied(
        &self,
        index: ResourceIndex,
        inherited: Inherited<'_>,
        listed: &mut Listed,
        work: &Work,
    ) -> bool {
        let edge = inherited.edge;
        let resources = &edge.reach.resources;
        if resources.is_empty() {
            let target = edge.reach.target.as_ref();
            return listed.texts.contains(&edge.text)
                || target.is_some_and(|target| listed.targets.contains(target));
        }
        let survivors = resources.iter().filter(|r| !self.removed.contains(r));
        survivors.copied().all(|wanted| {
            let looped = self.model.resource(wanted).is_some_and(|r| r.looped);
            let covers = |listed: &Reach| match inherited.instances {
                Instances::Own => listed.covers(&edge.reach, wanted, looped),
                Instances::All | Instances::Other => !looped || listed.whole_loop,
            };
            wanted == index
                || listed.naming(wanted).any(covers)
                || (!looped && self.leads_to(listed, wanted, work))
        })
    }

    /// Whether a chain of resources that are there in every deployment leads to `wanted`. What was
    /// followed for another edge of the same dependent is not followed again.
    fn leads_to(&self, listed: &mut Listed, wanted: ResourceIndex, work: &Work) -> bool {
        let is_certain = |resource: &Resource| resource.condition.is_none() && !resource.looped;
        let mut reached = self.reached.borrow_mut();
        let mut left = MAX_IMPLIED_SEARCH;
        while reached.get(wanted) != Some(&listed.dependent) {
            if left == 0 || work.take(1).is_err() {
                return false;
            }
            left -= 1;
            let Some(at) = listed.open.pop() else {
                return false;
            };
            let last = reached.get_mut(at);
            let last = last.map(|last| std::mem::replace(last, listed.dependent));
            // A removed resource is transparent: its edges have moved to who waited for it.
            let passable =
                self.removed.contains(&at) || self.model.resource(at).is_some_and(is_certain);
            if passable && last.is_some_and(|last| last != listed.dependent) {
                let edges = self.model.edges(at).iter().filter(|edge| edge.is_entry());
                let next = edges.flat_map(|edge| edge.reach.certain().iter().copied());
                let before = listed.open.len();
                listed.open.extend(next.take(left));
                left -= listed.open.len() - before;
            }
        }
        true
    }
}

/// Whether both name the same instances of the same resources.
fn same_reach(a: &Reach, b: &Reach) -> bool {
    !a.resources.is_empty()
        && a.resources == b.resources
        && a.whole_loop == b.whole_loop
        && (a.whole_loop || a.names_as(b))
}
