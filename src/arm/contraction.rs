//! Dependency repair: whoever waited for a removed resource now waits for what that one waited for.
//!
//! Edges are the only order ARM knows, so a removed node's own edges must move to its dependents:
//! exactly those, and in the dependents' own words where that can be. Start at [`contract`].

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use crate::json::NodeId;

use super::expression::{self, Parsed};
use super::graph::{Edge, Origin, Reach};
use super::hidden::hidden_names;
use super::inheritance::{
    CopyIndex, Inherited, Instances, copy_index, inherited, own_name, through,
};
use super::listed::{Chains, Listed, Work};
use super::model::{Model, Resource, ResourceIndex};
use super::resource_id::Target;

/// The steps that an edge takes which is passed on: it is worded and looked up.
const PASSED_ON: usize = 100;

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
pub struct Rewiring {
    /// The dependent.
    pub resource: ResourceIndex,
    /// The removed resources that it waited for.
    pub removed: Vec<ResourceIndex>,
    /// What to write, or why that cannot be done.
    pub rewrites: Result<Vec<Rewrite>, String>,
}

/// The repairs that removing the resources in `removed` asks for, in the order of the dependents.
pub fn contract(model: &Model<'_>, removed: &HashSet<ResourceIndex>) -> Vec<Rewiring> {
    if removed.is_empty() {
        return Vec::new();
    }
    let default_names = removed.iter().filter_map(|index| {
        let template = model.resource(*index)?.template;
        Some(((template, model.default_name(*index)?), *index))
    });
    let contraction = Contraction {
        model,
        removed,
        default_names: default_names.collect(),
        chains: Chains::new(model, removed),
        work: Work::default(),
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
    /// The removed resources by template and by the name that they have by default.
    default_names: HashMap<(usize, String), ResourceIndex>,
    chains: Chains<'m, 'd>,
    work: Work,
}

/// The entry of a dependent that passes edges on.
struct Passing<'e> {
    /// The dependent.
    index: ResourceIndex,
    entry: &'e Edge,
    /// The entry cut down to the parent of what it names, with what that means; it is the same for all edges.
    parent: OnceCell<Option<(String, Reach)>>,
}

impl Contraction<'_, '_> {
    /// Why the resource at `index` makes it impossible to say what a removal would do to it.
    fn undecided(&self, index: ResourceIndex) -> Option<Rewiring> {
        let resource = self.model.resource(index)?;
        let of_removed = |reached: Vec<ResourceIndex>| {
            let removed: Vec<_> = reached
                .into_iter()
                .filter(|r| self.removed.contains(r))
                .collect();
            (!removed.is_empty()).then_some(removed)
        };
        let held = |removed, reason: &str| {
            Some(Rewiring {
                resource: index,
                removed,
                rewrites: Err(reason.to_owned()),
            })
        };
        if let Some(parent) = self.parent(resource)
            && self.removed.contains(&parent)
        {
            return held(vec![parent], "a resource of its own stands below it");
        }
        let list = resource.depends_on.as_ref()?;
        if list.array.is_none() {
            let value = self.model.document().value(list.key)?;
            let (reached, complete) = self.model.may_reach(index, value);
            let all = || {
                let removed = self.removed.iter().copied();
                let template = |r: &ResourceIndex| self.model.resource(*r).map(|r| r.template);
                removed
                    .filter(|r| template(r) == Some(resource.template))
                    .collect()
            };
            let removed = of_removed(if complete { reached } else { all() })?;
            return held(
                removed,
                "what waits for it does so by a dependsOn that is no list",
            );
        }
        if let Some((removed, reason)) = hidden_names(self.model, self.removed, index) {
            return held(removed, reason);
        }
        let unresolved = self
            .model
            .edges(index)
            .iter()
            .filter(|edge| edge.reach.resources.is_empty());
        for edge in unresolved {
            if let Some((removed, reason)) = self.undecided_entry(index, edge) {
                return held(removed, reason);
            }
        }
        None
    }

    /// The removed resources that an unresolved edge of the resource at `owner` may name, with the
    /// reason why that cannot be told.
    fn undecided_entry(
        &self,
        owner: ResourceIndex,
        edge: &Edge,
    ) -> Option<(Vec<ResourceIndex>, &'static str)> {
        let Origin::Entry(entry) = edge.origin else {
            return None;
        };
        let (mut reached, _) = self.model.may_reach(owner, entry);
        reached.retain(|reached| self.removed.contains(reached));
        if !reached.is_empty() {
            return Some((
                reached,
                "whether something waits for it depends on a condition",
            ));
        }
        let template = self.model.resource(owner)?.template;
        let default = self.model.default_target(owner, entry)?;
        let named = self.default_names.get(&(template, default))?;
        Some((
            vec![*named],
            "something waits for it by the name it has by default",
        ))
    }

    /// The resource that this one is a child of, by its place or by its name.
    fn parent(&self, resource: &Resource) -> Option<ResourceIndex> {
        let by_name = || {
            let (kind, _) = resource.key.as_deref()?.rsplit_once('/')?;
            let (parent, _) = kind.rsplit_once('/')?;
            self.model.by_key(resource.template, parent)
        };
        resource.parent.or_else(by_name)
    }

    fn dependent(&self, index: ResourceIndex) -> Option<Rewiring> {
        let edges = self.model.edges(index);
        let names_removed = |edge: &&Edge| {
            edge.reach
                .resources
                .iter()
                .any(|r| self.removed.contains(r))
        };
        let removed: Vec<_> = edges
            .iter()
            .filter(names_removed)
            .flat_map(|edge| &edge.reach.resources)
            .filter(|resource| self.removed.contains(resource))
            .copied()
            .collect();
        if removed.is_empty() {
            return None;
        }
        let opaque = |removed: &ResourceIndex| {
            let list = self
                .model
                .resource(*removed)
                .and_then(|r| r.depends_on.as_ref());
            list.is_some_and(|list| list.array.is_none())
        };
        if removed.iter().any(opaque) {
            return Some(Rewiring {
                resource: index,
                removed,
                rewrites: Err("what it waits for itself is no list".to_owned()),
            });
        }
        let surviving = edges.iter().filter(|edge| self.survives(edge));
        let mut listed = self.chains.listed(surviving);
        let entries = edges
            .iter()
            .filter(names_removed)
            .filter(|edge| matches!(edge.origin, Origin::Entry(_)));
        let rewrites = entries
            .map(|entry| self.rewrite(index, entry, &mut listed))
            .collect();
        Some(Rewiring {
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
        listed: &mut Listed,
    ) -> Result<Rewrite, String> {
        let Origin::Entry(node) = entry.origin else {
            return Err("an edge by reference() cannot be rewritten".to_owned());
        };
        let mut texts = Vec::new();
        self.work.take(entry.reach.resources.len())?;
        let passing = Passing {
            index,
            entry,
            parent: OnceCell::new(),
        };
        for inherited in self.inherited(&passing) {
            self.work.take(PASSED_ON)?;
            let unresolved = inherited.edge.reach.resources.is_empty();
            if unresolved
                && self
                    .undecided_entry(inherited.owner, inherited.edge)
                    .is_some()
            {
                return Err("what it waits for itself may be removed too".to_owned());
            }
            if self.chains.is_implied(index, inherited, listed, &self.work) {
                continue;
            }
            let text = self.words(&passing, inherited)?;
            let reach = self.model.reach(index, &text);
            // A loop's name may stand for removed ones too.
            let left = |reach: &Reach| -> Vec<ResourceIndex> {
                let all = reach.resources.iter().copied();
                all.filter(|r| !self.removed.contains(r)).collect()
            };
            if left(&reach) != left(&inherited.edge.reach) {
                return Err(format!(
                    "the edge to {} means something else where what waits for it stands",
                    inherited.edge.text
                ));
            }
            if listed.holds(&reach, &text) {
                continue;
            }
            listed.add(reach, text.clone(), self.removed);
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
        if entry.reach.whole_loop || edge.reach.whole_loop || entry.reach.resources != [owner] {
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
        let by_parent = || {
            let parent = || expression::parent_entry(&entry.text).map(plain).map(meant);
            passing.parent.get_or_init(parent).as_ref()
        };
        match by_parent() {
            Some((text, reach)) if !target.looped || self.is_own_parent(owner, edge) => {
                is_same(reach).then(|| text.clone())
            }
            _ => {
                let (text, reach) = self.same_instance(entry, inherited, target).map(meant)?;
                is_same(&reach).then_some(text)
            }
        }
    }

    /// For `msi[2]`, where each `msi` waits for the `vm` of its own iteration: `vm[2]`.
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
        let own = self.model.resource(owner).and_then(own_name);
        let parent = own.as_deref().and_then(|own| own.rsplit_once('/'));
        let named = edge.reach.target.as_ref().map(Target::name);
        named.is_some() && named.as_deref() == parent.map(|(parent, _)| parent)
    }

    /// The text by which the dependent can name what the edge means.
    fn words(&self, passing: &Passing<'_>, inherited: Inherited<'_>) -> Result<String, String> {
        if let Some(text) = self.truncated(passing, inherited) {
            return Ok(text);
        }
        let index = passing.index;
        let edge = inherited.edge;
        let template = self.model.resource(index).map_or(0, |r| r.template);
        if let Origin::Entry(entry) = edge.origin
            && self.model.text(template, entry).is_none()
        {
            return Err("what it waits for is an expression of the template around it".to_owned());
        }
        let around = self.model.resource(index).filter(|around| around.looped);
        let is_own = inherited.instances == Instances::Own;
        let movable = match copy_index(&edge.text) {
            CopyIndex::Absent => true,
            CopyIndex::Implicit => is_own && around.is_some(),
            CopyIndex::Named(name) => {
                is_own && around.is_some_and(|around| around.loop_name.as_ref() == Some(&name))
            }
            CopyIndex::Mixed => false,
        };
        if movable {
            return Ok(edge.text.clone());
        }
        self.loop_words(edge).ok_or_else(|| {
            format!(
                "the edge to {} uses copyIndex(), and no loop name stands for exactly what it means",
                edge.text
            )
        })
    }

    /// The copy loop's name, if it stands for the edge's resources and no others.
    fn loop_words(&self, edge: &Edge) -> Option<String> {
        let first = self.model.resource(*edge.reach.resources.first()?)?;
        if let ([_], Some(symbol)) = (edge.reach.resources.as_slice(), &first.symbol) {
            return Some(symbol.clone());
        }
        let name = first.loop_name.as_deref().filter(|_| first.copies)?;
        let carriers = self.model.carriers(first.template, name).iter();
        let left: Vec<_> = carriers
            .filter(|r| !self.removed.contains(r))
            .copied()
            .collect();
        let document = self.model.document();
        let written = document
            .get(first.node, "copy")
            .and_then(|copy| document.get(copy, "name"))
            .and_then(|name| self.model.text(first.template, name))?;
        (left == edge.reach.resources).then_some(written)
    }
}

/// A literal without the brackets of an expression, where the expression is nothing else.
fn plain(text: String) -> String {
    match expression::parse(&text) {
        Parsed::Expression(expression) => match expression.string() {
            Some(literal) if !literal.starts_with('[') => literal.to_owned(),
            _ => text,
        },
        _ => text,
    }
}
