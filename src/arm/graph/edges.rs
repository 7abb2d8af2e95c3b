//! The dependency graph: what each resource of a template depends on.
//!
//! Edges are declared by `dependsOn` and by `reference('name')`, `references('name')` or
//! `list*('name')`; by id these declare none (template functions page of the ARM documentation). In a
//! template with symbolic names it is these that count. Start at [`Edge`].

use std::collections::HashSet;

use crate::json::NodeId;

use super::super::expression::{self, Expression, ExpressionKind, Text};
use super::super::model::{Model, Resource, ResourceIndex};
use super::super::resource_id::{Target, target};
use super::inheritance::own_name;
use super::names::{NameKind, instance_key, loop_family};

/// Where an edge is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// An entry of `dependsOn`.
    Entry(NodeId),
    /// A `reference()` or `list*()` by name in this string.
    Reference(NodeId),
}

/// One declared edge.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Where it is written.
    pub origin: Origin,
    /// The decoded text that names the target, free of escapes and fit for a `dependsOn`: a whole
    /// entry, or the expression that a reference's first argument makes.
    pub text: String,
    /// What it names.
    pub reach: Reach,
}

impl Edge {
    /// Whether it is an entry of `dependsOn`.
    pub fn is_entry(&self) -> bool {
        matches!(self.origin, Origin::Entry(_))
    }
}

/// What a text names in its template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The name itself; `None` where it cannot be evaluated to a text.
    pub target: Option<Target>,
    /// The resources it names; several for a copy loop that they share, none where nothing in the
    /// template has that name.
    pub resources: Vec<ResourceIndex>,
    /// Whether it names a copy loop, and so every instance.
    pub whole_loop: bool,
    /// Whether `resources` are several of which one is named, in each case another.
    pub by_cases: bool,
    /// Whether the instance of a loop that is named may not be there.
    pub(in crate::arm) is_guess: bool,
}

impl Reach {
    /// Finds what `value` names in the template at `template`.
    pub(in crate::arm) fn of(model: &Model<'_>, template: usize, value: Option<&Text>) -> Self {
        // What is never the same as something else names nothing, in no reading of the file.
        let Some(value) = value.filter(|value| !value.is_unique()) else {
            return Self::default();
        };
        if let Some(reach) = Self::by_symbol(model, template, value) {
            return reach;
        }
        let find = |kind, key: &str| model.names.find(template, kind, key).to_vec();
        let mut reach = Self::default();
        let target = target(value);
        let (Target::Id(key) | Target::Name(key)) = &target;
        match &target {
            Target::Id(_) => reach.resources = find(NameKind::Id, key),
            Target::Name(_) => {
                reach.resources = find(NameKind::Full, key);
                if reach.resources.is_empty() {
                    reach.resources = unambiguous(&model.resources, find(NameKind::Last, key));
                }
                if reach.resources.is_empty() {
                    reach.resources = find(NameKind::Loop, key);
                    reach.whole_loop = !reach.resources.is_empty();
                }
            }
        }
        if reach.resources.is_empty() {
            // One instance of a loop, by its number or by another offset.
            let family = loop_family(key);
            if family.contains('#') {
                reach.resources = find(NameKind::Family, &family);
                reach.is_guess = true;
            }
        }
        Self {
            target: Some(target),
            ..reach
        }
    }

    /// What a symbolic name means: `vm` all instances of the resource, `vm[0]` one instance.
    fn by_symbol(model: &Model<'_>, template: usize, value: &Text) -> Option<Self> {
        let find = |symbol: &str| {
            let index = *model
                .names
                .find(template, NameKind::Symbol, symbol)
                .last()?;
            Some((index, model.resource(index)?))
        };
        let key = value.name_key();
        if let Some((index, resource)) = value.is_literal().and_then(find) {
            return Some(Self {
                target: own_name(resource).map(Target::Name),
                resources: vec![index],
                whole_loop: resource.looped,
                ..Self::default()
            });
        }
        let (symbol, _) = value.leading_literal().split_once('[')?;
        let (index, resource) = find(symbol).filter(|(_, resource)| resource.looped)?;
        let is_own = key == instance_key(symbol);
        value.ends_with_literal("]").then(|| Self {
            target: match own_name(resource).filter(|_| is_own) {
                Some(own) => Some(Target::Name(own)),
                None => Some(Target::Name(key)),
            },
            resources: vec![index],
            ..Self::default()
        })
    }

    /// Those of the resources that are named in every case.
    pub(in crate::arm) fn certain(&self) -> &[ResourceIndex] {
        if self.by_cases { &[] } else { &self.resources }
    }

    /// Whether both have one name, be it by id or bare.
    pub(in crate::arm) fn names_as(&self, other: &Reach) -> bool {
        let name = |reach: &Reach| reach.target.as_ref().map(Target::name);
        self.target.is_some() && name(self) == name(other)
    }

    /// Whether waiting by `self` means waiting by `other` too, as far as the resource at `index`
    /// goes.
    pub fn covers(&self, other: &Reach, index: ResourceIndex, looped: bool) -> bool {
        self.resources.contains(&index)
            && (!looped || self.whole_loop || (!other.whole_loop && self.names_as(other)))
    }
}

/// The resources, if they are one under several conditions: a name that others have too means none.
fn unambiguous(resources: &[Resource], mut named: Vec<ResourceIndex>) -> Vec<ResourceIndex> {
    let mut keys = named.iter().map(|index| Some(&resources.get(*index)?.key));
    let first = keys.next();
    if keys.any(|key| Some(key) != first) {
        named.clear();
    }
    named
}

/// The edges of every resource.
pub(in crate::arm) fn edges(model: &Model<'_>) -> Vec<Vec<Edge>> {
    let entries_of = |(index, resource): (usize, &super::super::Resource)| {
        let entries = resource.depends_on.iter().flat_map(|list| &list.entries);
        entries
            .filter_map(|entry| {
                let (reach, text) = match model.text(resource.template, *entry) {
                    Some(text) => (model.reach(index, &text), text),
                    // An expression of a template around this one, which cannot move.
                    None => (Reach::default(), model.document().string(*entry)?),
                };
                Some(Edge {
                    origin: Origin::Entry(*entry),
                    text,
                    reach,
                })
            })
            .collect()
    };
    let mut all: Vec<Vec<Edge>> = model
        .resources()
        .iter()
        .enumerate()
        .map(entries_of)
        .collect();
    add_references(model, &mut all);
    all
}

fn add_references(model: &Model<'_>, all: &mut [Vec<Edge>]) {
    let mut seen: HashSet<(ResourceIndex, Target, Vec<ResourceIndex>)> = HashSet::new();
    model.visit_references(|site, expression, value_of| {
        let Some(index) = site.resource else { return };
        expression.visit(&mut |part| {
            let Some(argument) = runtime_target(part) else {
                return;
            };
            let Some(name) = value_of(argument).as_text() else {
                return;
            };
            // By id there is no edge; `type/name` without a scope counts as a name here.
            if is_full_id(&name) {
                return;
            }
            let reach = model.reach_value(site.template, Some(&name));
            // Symbolic names that differ by case are one target to other readers.
            let mut is_new = || seen.insert((index, target(&name), reach.resources.clone()));
            if reach.resources.is_empty() || !is_new() {
                return;
            }
            let whole = model.text(site.template, site.node).unwrap_or_default();
            let words = whole.get(argument.span.clone()).unwrap_or_default();
            let text = expression::text_of_words(words);
            if let Some(edges) = all.get_mut(index) {
                edges.push(Edge {
                    origin: Origin::Reference(site.node),
                    text,
                    reach,
                });
            }
        });
    });
}

fn is_full_id(name: &Text) -> bool {
    name.starts_with_literal("/subscriptions/") || name.starts_with_literal("/providers/")
}

/// The argument that says what a `reference()` or `list*()` call reads at run time.
fn runtime_target(part: &Expression) -> Option<&Expression> {
    let ExpressionKind::Call {
        namespace: None,
        name,
        args,
    } = &part.kind
    else {
        return None;
    };
    let name = name.to_ascii_lowercase();
    (matches!(name.as_str(), "reference" | "references") || name.starts_with("list"))
        .then(|| args.first())
        .flatten()
}

/// The argument that must resolve for a call to work: what it reads at run time, or the symbolic name
/// of `resourceInfo('name')`, which reads nothing.
pub fn resolved_target(part: &Expression) -> Option<&Expression> {
    runtime_target(part).or_else(|| part.call("resourceInfo")?.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_of_a_loop_are_alike_and_other_symbols_are_not() {
        assert_eq!(loop_family("vm{i}/msi"), "vm#/msi");
        assert_eq!(loop_family("vm{i+1}/msi"), "vm#/msi");
        assert_eq!(loop_family("vm12/msi"), "vm#/msi");
        assert_eq!(loop_family("vm{padleft(i+1,2,'0')}/msi"), "vm#/msi");
        let symbol = "{parameters('vm1')}/msi";
        assert_eq!(loop_family(symbol), symbol);
    }
}
