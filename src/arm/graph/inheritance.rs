//! What a resource depends on once others are out of the way, instance by instance.
//!
//! An edge of a removed resource means something to whoever depended on that resource, but its
//! `copyIndex()` counts other iterations there. Start at [`contracted_edges`].

use std::collections::HashSet;

use super::super::expression;
use super::super::model::{Model, Resource, ResourceIndex};
use super::super::resource_id::{Target, target};
use super::edges::Edge;
use super::names::instance_key;

/// Which instances of a looped target an inherited edge means, seen from the dependent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Instances {
    /// What the edge's own words mean there: `copyIndex()` counts the dependent's iterations.
    Own,
    /// All: the way led through a copy loop's name.
    All,
    /// Another one than the words would mean there: the way led through a number or an offset.
    Other,
}

/// An edge that a resource has, or inherits from a removed one.
#[derive(Clone, Copy, Debug)]
pub struct Inherited<'m> {
    /// Who declares the edge.
    pub owner: ResourceIndex,
    /// The edge.
    pub edge: &'m Edge,
    /// Which instances it means.
    pub instances: Instances,
}

/// What the resource at `index` depends on once the `removed` ones are out of the way.
pub fn contracted_edges<'m>(
    model: &'m Model<'_>,
    removed: &HashSet<ResourceIndex>,
    index: ResourceIndex,
) -> Vec<Inherited<'m>> {
    inherited(model, removed, vec![(index, Instances::Own)])
}

/// The edges of the resources in `open`, through removed ones.
pub(in crate::arm) fn inherited<'m>(
    model: &'m Model<'_>,
    removed: &HashSet<ResourceIndex>,
    mut open: Vec<(ResourceIndex, Instances)>,
) -> Vec<Inherited<'m>> {
    let mut seen: HashSet<_> = open.iter().copied().collect();
    let mut found = Vec::new();
    while let Some((owner, instances)) = open.pop() {
        for edge in model.edges(owner) {
            let targets = edge.reach.resources.iter();
            let (gone, left): (Vec<ResourceIndex>, Vec<_>) =
                targets.copied().partition(|r| removed.contains(r));
            if gone.is_empty() || !left.is_empty() {
                // Words without a loop variable mean the same everywhere, and so do those for what is
                // there once: the variable is in a branch that is not taken.
                let looped = |target: &ResourceIndex| {
                    let target = model.resource(*target);
                    target.is_none_or(|target| target.looped)
                };
                let once = !left.is_empty() && !left.iter().any(looped);
                let fixed = once || copy_loops(&edge.text).is_empty();
                found.push(Inherited {
                    owner,
                    edge,
                    instances: if fixed { Instances::Own } else { instances },
                });
            }
            for target in gone {
                let next = (target, through(model, instances, edge, target));
                open.extend(seen.insert(next).then_some(next));
            }
        }
    }
    found
}

/// Which instances of `target` are meant after following `edge`.
pub(in crate::arm) fn through(
    model: &Model<'_>,
    before: Instances,
    edge: &Edge,
    target: ResourceIndex,
) -> Instances {
    let Some(resource) = model.resource(target).filter(|target| target.looped) else {
        return Instances::Own;
    };
    if edge.reach.whole_loop {
        Instances::All
    } else if edge.reach.target.as_ref().map(Target::name) == own_name(resource) {
        before
    } else {
        Instances::Other
    }
}

/// The name by which an edge means the same iteration of the resource.
pub(in crate::arm) fn own_name(resource: &Resource) -> Option<String> {
    let by_symbol = || {
        let symbol = resource.symbol.as_deref()?;
        Some(match resource.looped {
            true => instance_key(symbol),
            false => symbol.to_ascii_lowercase(),
        })
    };
    let name = resource.name.as_ref();
    name.map(|name| target(name).name()).or_else(by_symbol)
}

/// The loops whose `copyIndex()` an entry with this decoded text uses, in lower case; `None` for the loop of
/// the resource around it.
pub(in crate::arm) fn copy_loops(text: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    if let Some(expression) = expression::parse(text).expression() {
        expression.visit(&mut |part| {
            let args = part.call("copyIndex").into_iter();
            found.extend(args.map(|args| Some(args.first()?.string()?.to_lowercase())));
        });
    }
    found
}

/// A `dependsOn` entry for just these resources of one copy loop, once the `removed` ones are gone: the
/// symbolic name, or the loop's where it means no others.
pub(in crate::arm) fn loop_words(
    model: &Model<'_>,
    resources: &[ResourceIndex],
    removed: &HashSet<ResourceIndex>,
) -> Option<String> {
    let first = model.resource(*resources.first()?)?;
    if let ([_], Some(symbol)) = (resources, &first.symbol) {
        return Some(symbol.clone());
    }
    let name = first.loop_name.as_deref().filter(|_| first.copies)?;
    let carriers = model.carriers(first.template, name).iter();
    let left = carriers.filter(|carrier| !removed.contains(carrier));
    let document = model.document();
    let written = document.get(document.get(first.node, "copy")?, "name")?;
    let written = model.text(first.template, written)?;
    left.eq(resources).then_some(written)
}
