//! The dependency graph: what each resource of a template waits for.
//!
//! Edges are declared by `dependsOn` and by `reference('name')` or `list*('name')`; by id these two
//! declare none (template functions page of the ARM documentation). Start at [`Edge`].

use std::collections::{HashMap, HashSet};

use crate::json::NodeId;

use super::expression::{Expression, ExpressionKind, Text};
use super::model::{Model, ResourceIndex};
use super::names::Names;
use super::resource_id::{Target, target};

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
    /// The decoded text that names the target, fit for a `dependsOn`: a whole entry, or the
    /// expression that a reference's first argument makes.
    pub text: String,
    /// What it names.
    pub reach: Reach,
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
}

impl Reach {
    /// Finds what `value` names.
    pub(super) fn of(names: Option<&Names>, value: Option<&Text>) -> Self {
        let target = value.map(target);
        let (Some(names), Some(target)) = (names, target) else {
            return Self::default();
        };
        let found = |table: &HashMap<String, Vec<ResourceIndex>>, key: &str| {
            table.get(key).cloned().unwrap_or_default()
        };
        let (Target::Id(key) | Target::Name(key)) = &target;
        let mut whole_loop = false;
        let mut resources = match &target {
            Target::Id(_) => found(&names.ids, key),
            Target::Name(_) => found(&names.names, key),
        };
        if resources.is_empty() && matches!(target, Target::Name(_)) {
            resources = found(&names.loops, key);
            whole_loop = !resources.is_empty();
        }
        if resources.is_empty() {
            // One instance of a loop, by its number or by another offset.
            let numberless = without_numbers(key);
            if numberless.contains('#') {
                resources = found(&names.instances, &numberless);
            }
        }
        Self {
            target: Some(target),
            resources,
            whole_loop,
        }
    }

    /// Whether both have one name, be it by id or bare.
    pub(super) fn names_as(&self, other: &Reach) -> bool {
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

/// The edges of every resource.
pub(super) fn edges(model: &Model<'_>) -> Vec<Vec<Edge>> {
    let entries_of = |(index, resource): (usize, &super::Resource)| {
        let entries = resource.depends_on.iter().flat_map(|list| &list.entries);
        entries
            .filter_map(|entry| {
                let text = model.document().string(*entry)?;
                Some(Edge {
                    origin: Origin::Entry(*entry),
                    reach: model.reach(index, &text),
                    text,
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
    let mut seen: HashSet<(ResourceIndex, Target)> = HashSet::new();
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
            if is_full_id(&name) || !seen.insert((index, target(&name))) {
                return;
            }
            let reach = model.reach_value(site.template, Some(&name));
            if reach.resources.is_empty() {
                return;
            }
            let text = match argument.string().filter(|name| !name.starts_with('[')) {
                Some(name) => name.to_owned(),
                None => {
                    let whole = model.document().string(site.node).unwrap_or_default();
                    let argument = whole.get(argument.span.clone()).unwrap_or_default();
                    format!("[{argument}]")
                }
            };
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
pub fn runtime_target(part: &Expression) -> Option<&Expression> {
    let ExpressionKind::Call {
        namespace: None,
        name,
        args,
    } = &part.kind
    else {
        return None;
    };
    let name = name.to_ascii_lowercase();
    (name == "reference" || name.starts_with("list"))
        .then(|| args.first())
        .flatten()
}

/// A key with each number and loop variable replaced by `#`, under which all instances of a loop
/// are alike. Other symbols stay as they are.
pub(super) fn without_numbers(key: &str) -> String {
    let mut result = String::with_capacity(key.len());
    let mut rest = key;
    while let Some(first) = rest.chars().next() {
        let (length, counts) = match first {
            '0'..='9' => {
                let end = rest.find(|c: char| !c.is_ascii_digit());
                (end.unwrap_or(rest.len()), true)
            }
            '{' => {
                let length = symbol_length(rest);
                let inner = rest.get(1..length).unwrap_or_default();
                (
                    length,
                    inner.starts_with("i}") || inner.starts_with("i+") || inner.starts_with("i-"),
                )
            }
            other => (other.len_utf8(), false),
        };
        let (token, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if !counts {
            result.push_str(token);
        } else if !result.ends_with('#') {
            result.push('#');
        }
        rest = tail;
    }
    result
}

/// The length of the braced symbol that `key` starts with.
fn symbol_length(key: &str) -> usize {
    let mut depth = 0usize;
    for (offset, byte) in key.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return offset + 1;
        }
    }
    key.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_of_a_loop_are_alike_and_other_symbols_are_not() {
        assert_eq!(without_numbers("vm{i}/msi"), "vm#/msi");
        assert_eq!(without_numbers("vm{i+1}/msi"), "vm#/msi");
        assert_eq!(without_numbers("vm12/msi"), "vm#/msi");
        let symbol = "{parameters('vm1')}/msi";
        assert_eq!(without_numbers(symbol), symbol);
    }
}
