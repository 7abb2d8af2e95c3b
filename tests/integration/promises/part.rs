//! One template of a file, with its own graph, before and after. Start at [`PartCheck`].

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{self, Edges, Names, Node};
use super::holds;
use super::naming;
use super::order;
use super::removal::{self, Gone, LISTS};
use super::template::{Manner, Part, Resource, Template};
use super::tree::Tree;

/// A template's meaning, and the values of it.
pub(crate) struct PartCheck<'c> {
    part: &'c Part,
    template: &'c Template,
    /// All resources by index, and the survivors.
    old: BTreeMap<usize, &'c Tree>,
    found: BTreeMap<usize, &'c Tree>,
    pub(crate) gone: Gone,
}

impl<'c> PartCheck<'c> {
    /// Finds what is left and what is gone.
    pub(crate) fn new(
        part: &'c Part,
        template: &'c Template,
        old: &'c Tree,
        new: &'c Tree,
    ) -> Result<Self, String> {
        let found = located(part, new)?;
        let all = 0..part.resources.len();
        let resources: BTreeSet<usize> = all.filter(|index| !found.contains_key(index)).collect();
        let mut lost = resources.iter().map(|index| &part.resources[*index]);
        if let Some(lost) = lost.find(|lost| !lost.is_msi()) {
            return Err(format!("{} is lost", naming::name(lost)));
        }
        let loses = |index: &usize| {
            let resource = &part.resources[*index];
            let left = found.get(index);
            let left = left.map_or(0, |tree| entries(resource, tree).len());
            left < resource.profile.len()
        };
        let profiles = (0..part.resources.len()).filter(loses).collect();
        Ok(Self {
            part,
            template,
            old: located(part, old)?,
            found,
            gone: Gone {
                resources,
                profiles,
            },
        })
    }

    /// The extensions that are left, as findings count them: those that are resources, and entries.
    pub(crate) fn left(&self) -> (usize, usize) {
        let msis = self.part.msis();
        let left = msis.filter(|at| self.found.contains_key(at)).count();
        let profiles = self
            .part
            .homes()
            .filter(|at| !self.part.resources[*at].is_msi() && !self.gone.profiles.contains(at));
        let entries = profiles.map(|at| {
            let profile = self.part.resources[at].profile.iter();
            profile.filter(|entry| entry.msi).count()
        });
        (left, entries.sum())
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        let removed = &self.gone.resources;
        self.holds()?;
        for index in self.found.keys() {
            self.lists(*index)?;
        }
        let names = Names::new(self.part, removed);
        order::resources(self.part, &names, &self.found, removed)?;
        self.order(&names)
    }

    /// A test of the test: what edges mean is what their texts say.
    pub(crate) fn meaning_and_text_agree(&self) -> Result<(), String> {
        let names = Names::new(self.part, &BTreeSet::new());
        for node in graph::nodes(self.part) {
            for edge in &self.part.resources[node.0].edges {
                let meant = graph::aimed(self.part, &edge.aim, node.1);
                let said = names.targets(&edge.text, node.1);
                if said != meant {
                    let text = &edge.text;
                    return Err(format!("the generator is wrong about {text}: {said:?}"));
                }
            }
        }
        Ok(())
    }

    /// Nothing is held but for a reason.
    fn holds(&self) -> Result<(), String> {
        let parts = std::iter::once(&self.template.root).chain(self.template.nested.values());
        let mut others = parts.filter(|part| !std::ptr::eq(*part, self.part));
        if others.any(holds::may_reach_others) {
            return Ok(());
        }
        let removable = holds::removable(self.part);
        let gone = self.gone.resources.iter().chain(&self.gone.profiles);
        let gone: BTreeSet<usize> = gone.copied().collect();
        match removable.difference(&gone).next() {
            Some(held) => {
                let name = naming::name(&self.part.resources[*held]);
                Err(format!("{name} is held without need"))
            }
            None => Ok(()),
        }
    }

    /// The lists of the resource at `index` are as before, where nothing that they name is gone.
    fn lists(&self, index: usize) -> Result<(), String> {
        let resource = &self.part.resources[index];
        let name = naming::name(resource);
        let before = self.old[&index];
        let after = self.found[&index];
        if !resource.kind.list().is_empty() {
            let removes = self.gone.profiles.contains(&index);
            order::profile(resource, entries(resource, after), removes)?;
        }
        let waits_for_removed = resource.edges.iter().any(|edge| {
            let targets = graph::aimed(self.part, &edge.aim, 0);
            let mut targets = targets.iter();
            edge.manner != Manner::Implicit
                && targets.any(|target| self.gone.resources.contains(&target.0))
        });
        let (old, new) = (before.get(LISTS[0]), after.get(LISTS[0]));
        if !waits_for_removed && old != new {
            return Err(format!("the edges of {name} changed without need"));
        }
        for list in LISTS {
            if before.dead(list) != after.dead(list) {
                return Err(format!("a dead {list} of {name} changed"));
            }
        }
        let is_empty = |list: Option<&Tree>| list.is_some_and(|list| list.elements().is_empty());
        if is_empty(new) && !is_empty(old) && before.dead(LISTS[0]).is_empty() {
            return Err(format!("an empty dependsOn is left at {name}"));
        }
        Ok(())
    }

    /// Survivors wait for each other as before, whichever conditional ones are deployed.
    fn order(&self, names: &Names) -> Result<(), String> {
        let removed = &self.gone.resources;
        let before = graph::meant(self.part);
        let mut after = Edges::new();
        let mut widened = false;
        for node in before.keys().filter(|node| !removed.contains(&node.0)) {
            let resource = &self.part.resources[node.0];
            let mut targets = BTreeSet::new();
            for entry in self.found[&node.0].texts("dependsOn") {
                if Names::is_misplaced(entry, resource) {
                    return Err(format!("{entry} counts in a loop that is not there"));
                }
                let named = names.targets(entry, node.1);
                if named.is_empty() {
                    return Err(format!("{entry} dangles"));
                }
                if named.contains(node) {
                    return Err(format!("by {entry} a resource waits for itself"));
                }
                let is_new = resource.edges.iter().all(|edge| edge.text != entry);
                widened |= is_new && names.is_loop(entry);
                targets.extend(named);
            }
            let implicit = resource.edges.iter();
            let implicit = implicit.filter(|edge| edge.manner == Manner::Implicit);
            for edge in implicit {
                targets.extend(graph::aimed(self.part, &edge.aim, node.1));
            }
            after.insert(*node, targets);
        }
        let conditional: Vec<usize> = self
            .found
            .keys()
            .copied()
            .filter(|at| self.part.resources[*at].condition)
            .collect();
        for absent in graph::scenarios(&conditional) {
            let is_left =
                |pair: &(Node, Node)| !removed.contains(&pair.0.0) && !removed.contains(&pair.1.0);
            let old = graph::waits(&before, &absent)
                .into_iter()
                .filter(is_left)
                .collect();
            let new = graph::waits(&after, &absent);
            self.same_order(&old, &new, widened)
                .map_err(|what| format!("{what}, where {absent:?} are absent"))?;
        }
        Ok(())
    }

    fn same_order(
        &self,
        old: &BTreeSet<(Node, Node)>,
        new: &BTreeSet<(Node, Node)>,
        widened: bool,
    ) -> Result<(), String> {
        let told = |(a, b): &(Node, Node)| {
            let name = |node: &Node| naming::name(&self.part.resources[node.0]);
            format!("{}#{} waits for {}#{}", name(a), a.1, name(b), b.1)
        };
        if let Some(lost) = old.difference(new).next() {
            return Err(format!("it is lost that {}", told(lost)));
        }
        let by_resource: BTreeSet<(usize, usize)> = old.iter().map(|(a, b)| (a.0, b.0)).collect();
        // A loop's name may stand for what an entry names in the other of its cases.
        let undecided: BTreeSet<usize> = self
            .part
            .resources
            .iter()
            .flat_map(|resource| &resource.edges)
            .filter_map(|edge| match edge.manner {
                Manner::Undecided(other) => Some(other),
                _ => None,
            })
            .collect();
        for extra in new.difference(old) {
            if widened && undecided.contains(&extra.1.0) {
                continue;
            }
            if !widened || !by_resource.contains(&(extra.0.0, extra.1.0)) {
                return Err(format!("it is new that {}", told(extra)));
            }
        }
        Ok(())
    }
}

/// The entries in the list of extensions of a resource.
fn entries<'t>(resource: &Resource, tree: &'t Tree) -> &'t [Tree] {
    tree.at(resource.kind.list()).map_or(&[], Tree::elements)
}

/// The resources in the value of a template, by index.
pub(crate) fn located<'t>(
    part: &Part,
    tree: &'t Tree,
) -> Result<BTreeMap<usize, &'t Tree>, String> {
    let mut found = BTreeMap::new();
    let children = |tree: &'t Tree| tree.get("resources").map_or(&[][..], Tree::elements);
    let mut open: Vec<(Option<usize>, &Tree)> =
        children(tree).iter().map(|child| (None, child)).collect();
    while let Some((parent, tree)) = open.pop() {
        let Some(index) = removal::index(part, parent, tree) else {
            return Err("there is a resource that was not there".to_owned());
        };
        if found.insert(index, tree).is_some() {
            return Err("a resource is there twice".to_owned());
        }
        open.extend(children(tree).iter().map(|child| (Some(index), child)));
    }
    Ok(found)
}
