//! Dependency repair: whoever depended on a removed resource now depends on what that one depended on.
//!
//! Edges are the only order ARM knows, so a removed node's own edges must move to its dependents:
//! exactly those, and in the dependents' own words where that can be. Start at [`contract`].

use std::collections::HashSet;

use crate::json::NodeId;

use super::super::model::{Model, Resource, ResourceIndex};
use super::super::resource_id::{Target, parent_entry};
use super::candidates::Candidates;
use super::dependency_list::DependencyList;
use super::edges::{Edge, Origin, Reach};
use super::inheritance::{
    Inherited, Instances, copy_loops, inherited, loop_words, own_name, through,
};
use super::reachability::{Reachability, StepBudget};

/// The steps that an edge takes which is passed on: it is worded and looked up.
const PASSED_ON: usize = 100;

/// The steps that it takes to see whether a text may name a resource.
const COMPARED: usize = 100;

/// What becomes of one `dependsOn` entry that names a removed resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// The entry.
    pub entry: NodeId,
    /// The removed resources that it names.
    pub removed: Vec<ResourceIndex>,
    /// Whether it stays, since it names survivors too.
    pub stays: bool,
    /// The decoded texts that take its place, or follow it where it stays.
    pub texts: Vec<String>,
}

/// The repair of one dependent.
#[derive(Clone, Debug)]
pub struct DependentRepair {
    /// The dependent.
    pub resource: ResourceIndex,
    /// The removed resources that it depended on.
    pub removed: Vec<ResourceIndex>,
    /// What to write, or why that cannot be done.
    pub rewrites: Result<Vec<Rewrite>, Obstacle>,
}

/// Why a resource cannot be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The reason.
    pub reason: String,
    /// What the reason is about.
    pub place: NodeId,
}

/// The repairs that removing the resources in `removed` asks for, in the order of the dependents.
pub fn contract(model: &Model<'_>, removed: &HashSet<ResourceIndex>) -> Vec<DependentRepair> {
    if removed.is_empty() {
        return Vec::new();
    }
    let contraction = Contraction {
        model,
        removed,
        candidates: Candidates::of(model, removed),
        work: StepBudget::default(),
    };
    (0..model.resources().len())
        .filter(|index| !removed.contains(index))
        .filter_map(|index| {
            contraction
                .undecided(index)
                .or_else(|| contraction.dependent(index))
        })
        .collect()
}

struct Contraction<'m, 'd> {
    model: &'m Model<'d>,
    removed: &'m HashSet<ResourceIndex>,
    candidates: Candidates,
    work: StepBudget,
}

/// The entry of a dependent that passes edges on.
struct Passing<'e> {
    /// The dependent.
    index: ResourceIndex,
    entry: &'e Edge,
    /// The entry cut down to the parent of what it names, with what that means; it is the same for all edges.
    parent: Option<(String, Reach)>,
}

/// A dependent for which the resources in `removed`, if any, cannot go.
fn held(
    resource: ResourceIndex,
    removed: Vec<ResourceIndex>,
    reason: &str,
    place: NodeId,
) -> Option<DependentRepair> {
    let reason = reason.to_owned();
    (!removed.is_empty()).then_some(DependentRepair {
        resource,
        removed,
        rewrites: Err(Obstacle { reason, place }),
    })
}

impl Contraction<'_, '_> {
    /// Why the resource at `index` makes it impossible to say what a removal would do to it.
    fn undecided(&self, index: ResourceIndex) -> Option<DependentRepair> {
        let resource = self.model.resource(index)?;
        if let Some((removed, place)) = self.candidates.around(self.model, index) {
            let reason = "another resource is a child of the extension, or has it as scope";
            return held(index, removed, reason, place);
        }
        let list = resource.depends_on.as_ref()?;
        if list.array.is_none() {
            let value = self.model.document().value(list.key)?;
            let removed = self.may_be(index, value).unwrap_or_default();
            let reason = "a resource that depends on it has a `dependsOn` that is not an array";
            return held(index, removed, reason, list.key);
        }
        let edges = self.model.edges(index).iter();
        edges
            .filter_map(|edge| self.undecided_entry(index, edge))
            .find_map(|(removed, reason, entry)| held(index, removed, &reason, entry))
    }

    /// The removed resources that an entry of the resource at `owner` may name, with the reason why that
    /// is unknown.
    fn undecided_entry(
        &self,
        owner: ResourceIndex,
        edge: &Edge,
    ) -> Option<(Vec<ResourceIndex>, String, NodeId)> {
        let Origin::Entry(entry) = edge.origin else {
            return None;
        };
        let named = &edge.reach.resources;
        if !named.is_empty() {
            let gone = self.candidates.among(named);
            let is_mixed = edge.reach.by_cases && !gone.is_empty() && gone.len() < named.len();
            let reason = "a condition decides whether a resource depends on it";
            return is_mixed.then(|| (gone, reason.to_owned(), entry));
        }
        let (found, reason) = match self.may_be(owner, entry) {
            Ok(mut found) => {
                // What depends on the resource is not what the resource depends on.
                found.retain(|one| !self.waits_for(*one, owner));
                let reason = "the files do not show every resource that depends on the extension";
                (found, reason.to_owned())
            }
            Err(reason) => {
                let template = self.model.resource(owner)?.template;
                (self.candidates.in_template(template), reason)
            }
        };
        (!found.is_empty()).then_some((found, reason, entry))
    }

    /// Whether `from` depends on `to` for certain, as far as a short search sees.
    fn waits_for(&self, from: ResourceIndex, to: ResourceIndex) -> bool {
        let passes = |resource: &Resource, _: &Edge| resource.condition.is_none();
        let mut search = Reachability::new(self.model, self.removed, passes);
        search.add([from]);
        search.leads_to(to, &self.work)
    }

    /// The removed resources that a node inside the resource at `owner` may name.
    fn may_be(&self, owner: ResourceIndex, node: NodeId) -> Result<Vec<ResourceIndex>, String> {
        let template = self.model.resource(owner).map_or(0, |owner| owner.template);
        let all = self.candidates.in_template(template);
        self.work.take(all.len() * COMPARED)?;
        Ok(match self.model.text(template, node) {
            Some(text) => {
                let cases = self.model.cases(owner, &text);
                self.candidates.may_be(self.model, template, &cases)
            }
            // An expression of a template around this one may name any.
            None if self.model.document().string(node).is_some() => all,
            None => Vec::new(),
        })
    }

    fn dependent(&self, index: ResourceIndex) -> Option<DependentRepair> {
        let edges = self.model.edges(index);
        let names_removed = |edge: &&Edge| {
            edge.reach
                .resources
                .iter()
                .any(|r| self.removed.contains(r))
        };
        let removed = edges.iter().flat_map(|edge| &edge.reach.resources);
        let removed: Vec<_> = removed
            .filter(|resource| self.removed.contains(resource))
            .copied()
            .collect();
        if removed.is_empty() {
            return None;
        }
        let opaque = |removed: &ResourceIndex| {
            let list = self.model.resource(*removed)?.depends_on.as_ref()?;
            list.array.is_none().then_some(list.key)
        };
        if let Some(place) = removed.iter().find_map(opaque) {
            let reason = "the `dependsOn` of the extension is not an array";
            return held(index, removed, reason, place);
        }
        // What reads another by its name depends on it too, but not by a word that says so.
        let surviving = edges
            .iter()
            .filter(|edge| edge.is_entry() && self.survives(edge));
        let mut listed = DependencyList::of(self.model, self.removed, surviving);
        let entries = edges
            .iter()
            .filter(|edge| edge.is_entry() && names_removed(edge));
        let rewrites = entries
            .map(|entry| {
                let (Origin::Entry(place) | Origin::Reference(place)) = entry.origin;
                let rewrite = self.rewrite(index, entry, &mut listed);
                rewrite.map_err(|reason| Obstacle { reason, place })
            })
            .collect();
        Some(DependentRepair {
            resource: index,
            removed,
            rewrites,
        })
    }

    /// Whether the edge still names something after the removal, or never did.
    fn survives(&self, edge: &Edge) -> bool {
        let resources = &edge.reach.resources;
        resources.is_empty() || resources.iter().any(|r| !self.removed.contains(r))
    }

    fn rewrite(
        &self,
        index: ResourceIndex,
        entry: &Edge,
        listed: &mut DependencyList<'_, '_>,
    ) -> Result<Rewrite, String> {
        let Origin::Entry(node) = entry.origin else {
            return Err("a dependency by reference() cannot be rewritten".to_owned());
        };
        let mut texts = Vec::new();
        self.work.take(entry.reach.resources.len())?;
        let parent = parent_entry(&entry.text);
        let passing = Passing {
            index,
            entry,
            parent: parent.map(|text| (text.clone(), self.model.reach(index, &text))),
        };
        for inherited in self.inherited(&passing) {
            self.work.take(PASSED_ON)?;
            if self
                .undecided_entry(inherited.owner, inherited.edge)
                .is_some()
            {
                return Err(
                    "a resource that the extension depends on may be removed too".to_owned(),
                );
            }
            if listed.implies(index, inherited, &self.work) {
                continue;
            }
            let truncated = self.truncated(&passing, inherited);
            let is_choice = entry.reach.resources.len() > 1 && entry.reach.by_cases;
            if is_choice && truncated.is_none() && !self.is_shared(entry, inherited.edge) {
                return Err("a condition decides what the extension depends on".to_owned());
            }
            let is_parents = is_choice && truncated.is_some();
            let text = truncated.map_or_else(|| self.words(&passing, inherited), Ok)?;
            let reach = self.model.reach(index, &text);
            // A loop's name may mean removed ones too.
            let left = |reach: &Reach| -> Vec<ResourceIndex> {
                let all = reach.resources.iter().copied();
                all.filter(|r| !self.removed.contains(r)).collect()
            };
            if !is_parents && left(&reach) != left(&inherited.edge.reach) {
                return Err(format!(
                    "`{}` names another resource in the scope of the resource that depends on it",
                    inherited.edge.text
                ));
            }
            if listed.holds(&reach, &text) {
                continue;
            }
            listed.add(reach, text.clone());
            texts.push(text);
        }
        let gone = entry.reach.resources.iter();
        Ok(Rewrite {
            entry: node,
            removed: gone.filter(|r| self.removed.contains(r)).copied().collect(),
            stays: self.survives(entry),
            texts,
        })
    }

    /// The edges that a dependent's entry passes on, the edge to the machine first, since it can be
    /// worded best.
    fn inherited(&self, passing: &Passing<'_>) -> Vec<Inherited<'_>> {
        let entry = passing.entry;
        let gone = entry.reach.resources.iter();
        let starts = gone
            .filter(|resource| self.removed.contains(resource))
            .map(|resource| {
                (
                    *resource,
                    through(self.model, Instances::Own, entry, *resource),
                )
            });
        let mut inherited = inherited(self.model, self.removed, starts.collect());
        inherited.sort_by_cached_key(|inherited| self.truncated(passing, *inherited).is_none());
        inherited
    }

    /// The entry cut down to its parent, where that is what the edge names.
    fn truncated(&self, passing: &Passing<'_>, inherited: Inherited<'_>) -> Option<String> {
        let Inherited { owner, edge, .. } = inherited;
        let entry = passing.entry;
        if entry.reach.whole_loop || edge.reach.whole_loop {
            return None;
        }
        if entry.reach.by_cases && entry.reach.resources.len() > 1 {
            return self.truncated_choice(passing, inherited);
        }
        if entry.reach.resources != [owner] {
            return None;
        }
        let [wanted] = edge.reach.resources.as_slice() else {
            return None;
        };
        let target = self.model.resource(*wanted)?;
        let meant = |text: String| {
            let reach = self.model.reach(passing.index, &text);
            (text, reach)
        };
        let is_same = |reach: &Reach| !reach.whole_loop && reach.resources == edge.reach.resources;
        match &passing.parent {
            Some((text, reach)) if !target.looped || self.is_own_parent(owner, edge) => {
                is_same(reach).then(|| text.clone())
            }
            _ => {
                let (text, reach) = self.same_instance(entry, inherited, target).map(meant)?;
                is_same(&reach).then_some(text)
            }
        }
    }

    /// The entry cut down to the parents of the resources of which it names one in each case, where each
    /// of these depends on its own parent.
    fn truncated_choice(&self, passing: &Passing<'_>, inherited: Inherited<'_>) -> Option<String> {
        let own_parent = |owner: &ResourceIndex| {
            let mut edges = self.model.edges(*owner).iter();
            let edge = edges.find(|edge| self.is_own_parent(*owner, edge))?;
            edge.reach.resources.first().copied()
        };
        let named = &passing.entry.reach.resources;
        let parents: Option<HashSet<_>> = named.iter().map(own_parent).collect();
        let (text, reach) = passing.parent.as_ref()?;
        let meant: HashSet<_> = reach.resources.iter().copied().collect();
        let is_parent =
            named.contains(&inherited.owner) && self.is_own_parent(inherited.owner, inherited.edge);
        (is_parent && parents == Some(meant)).then(|| text.clone())
    }

    /// Whether all resources of which `entry` names one in each case depend on what `edge` names.
    fn is_shared(&self, entry: &Edge, edge: &Edge) -> bool {
        let has = |owner: &ResourceIndex| {
            let mut own = self.model.edges(*owner).iter();
            own.any(|own| {
                own.reach.resources == edge.reach.resources
                    && own.reach.whole_loop == edge.reach.whole_loop
                    && own.text == edge.text
            })
        };
        entry.reach.resources.iter().all(has)
    }

    /// For `msi[2]`, where each `msi` depends on the `vm` of its own iteration: `vm[2]`.
    fn same_instance(
        &self,
        entry: &Edge,
        inherited: Inherited<'_>,
        target: &Resource,
    ) -> Option<String> {
        let Inherited { owner, edge, .. } = inherited;
        let own = edge.reach.target.as_ref().map(Target::name);
        if own.is_none() || own != own_name(target) {
            return None;
        }
        let gone = self.model.resource(owner)?.symbol.as_deref()?;
        let left = target.symbol.as_deref()?;
        let (gone, left) = (format!("{gone}["), format!("{left}["));
        Some(entry.text.replacen(&gone, &left, 1))
    }

    /// Whether `edge` names the very instance whose child the removed `owner` is.
    fn is_own_parent(&self, owner: ResourceIndex, edge: &Edge) -> bool {
        if edge.reach.resources.len() != 1 {
            return false;
        }
        self.model.names_own_parent(owner, &edge.text)
    }

    /// The text by which the dependent can name what the edge means.
    fn words(&self, passing: &Passing<'_>, inherited: Inherited<'_>) -> Result<String, String> {
        let index = passing.index;
        let edge = inherited.edge;
        let template = self.model.resource(index).map_or(0, |r| r.template);
        if let Origin::Entry(entry) = edge.origin
            && self.model.text(template, entry).is_none()
        {
            return Err(
                "the `dependsOn` of the extension is an expression of the parent template"
                    .to_owned(),
            );
        }
        let around = self.model.resource(index).filter(|around| around.looped);
        let is_own = inherited.instances == Instances::Own;
        let fits = |name: Option<String>| {
            is_own && around.is_some_and(|around| name.is_none() || around.loop_name == name)
        };
        let movable = copy_loops(&edge.text).into_iter().all(fits);
        if movable {
            return Ok(edge.text.clone());
        }
        let loop_words = loop_words(self.model, &edge.reach.resources, self.removed);
        loop_words.ok_or_else(|| {
            format!(
                "the `dependsOn` entry {} uses copyIndex(), and no copy loop's name means exactly \
                 the same instances",
                edge.text
            )
        })
    }
}
