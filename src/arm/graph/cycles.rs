//! Whether edges that fixes declare would let resources depend on themselves, which makes a template
//! invalid.
//!
//! Knows resources and edges only; never knows why edges are wanted. Start at [`circular`].

use std::collections::{BTreeSet, HashMap, HashSet};

use super::super::expression::Value;
use super::super::model::{Model, ResourceIndex};
use super::super::order::in_order;
use super::super::resource_id::Target;
use super::edges::Origin;
use super::inheritance::{Inherited, contracted_edges};
use super::lookup::texts;
use super::new_edges::DeclaredEdge;
use super::reachability::{Reachability, StepBudget};

/// An edge between two nodes: resources, or the groups of [`Crowds`].
type Wait = (usize, usize);

/// Which of `declared` would, if all of them held and the `removed` resources were gone, be on a
/// circle, or between two.
///
/// An entry that cannot be resolved may name whatever its type and template allow, but for what
/// depends on its resource already.
pub fn circular(
    model: &Model<'_>,
    removed: &HashSet<ResourceIndex>,
    declared: &[&DeclaredEdge],
) -> Vec<bool> {
    let is_new: Vec<bool> = declared
        .iter()
        .map(|edge| !is_led(model, removed, edge))
        .collect();
    let new = declared.iter().zip(&is_new).filter(|(_, is_new)| **is_new);
    let mut waits = waits(model, removed);
    waits.extend(new.flat_map(|(edge, _)| {
        let targets = edge.reach.resources.iter();
        targets.map(|to| (edge.resource, *to))
    }));
    let circles = on_circles(&waits);
    let closes = |edge: &DeclaredEdge| {
        let mut targets = edge.reach.resources.iter();
        circles.contains(&edge.resource) && targets.any(|to| circles.contains(to))
    };
    let edges = declared.iter().zip(is_new);
    edges.map(|(edge, is_new)| is_new && closes(edge)).collect()
}

/// Who waits, or may wait, for whom without the edges that are declared.
fn waits(model: &Model<'_>, removed: &HashSet<ResourceIndex>) -> Vec<Wait> {
    let mut waits = Vec::new();
    let mut crowds = Crowds::of(model);
    for (from, resource) in model.resources().iter().enumerate() {
        if removed.contains(&from) {
            continue;
        }
        let list = resource.depends_on.as_ref();
        let list = list.filter(|list| list.array.is_none());
        let list = list.and_then(|list| model.document().value(list.key));
        let mut unresolved: Vec<_> = list.map(|value| (from, value)).into_iter().collect();
        for Inherited { owner, edge, .. } in contracted_edges(model, removed, from) {
            let reached = edge.reach.resources.iter();
            waits.extend(reached.map(|to| (from, *to)));
            if let Origin::Entry(entry) = edge.origin
                && edge.reach.resources.is_empty()
            {
                unresolved.push((owner, entry));
            }
        }
        for (owner, node) in unresolved {
            let value = model.value(owner, node);
            let named = crowds.may_name(model, resource.template, &value);
            waits.extend(named.into_iter().map(|to| (from, to)));
        }
    }
    waits.extend(crowds.members(model));
    waits.retain(|(from, to)| from != to && !removed.contains(from) && !removed.contains(to));
    waits
}

/// Whether the resource depends on some instance of each target anyway. What may be named in all instances the
/// same cannot be the resource then.
fn is_led(model: &Model<'_>, removed: &HashSet<ResourceIndex>, edge: &DeclaredEdge) -> bool {
    let mut search = Reachability::new(model, removed, |_, _| true);
    search.add([edge.resource]);
    let steps = StepBudget::default();
    let mut targets = edge.reach.resources.iter();
    targets.all(|to| search.leads_to(*to, &steps))
}

/// The nodes that are on a circle, or between two.
fn on_circles(waits: &[Wait]) -> BTreeSet<usize> {
    let mut left: BTreeSet<usize> = waits.iter().flat_map(|(from, to)| [*from, *to]).collect();
    // What depends on nothing is on no circle, nor is what nothing depends on; then again without it.
    for gone in in_order(&left, waits.iter().copied()) {
        left.remove(&gone);
    }
    for gone in in_order(&left, waits.iter().map(|(from, to)| (*to, *from))) {
        left.remove(&gone);
    }
    left
}

/// Groups of resources as nodes of their own behind the resources, so that an edge to all of a group
/// is one edge.
struct Crowds {
    count: usize,
    /// By template and by the first part of the type; all of a template where that is `None`.
    nodes: HashMap<(usize, Option<String>), usize>,
}

impl Crowds {
    fn of(model: &Model<'_>) -> Self {
        Self {
            count: model.resources().len(),
            nodes: HashMap::new(),
        }
    }

    /// What an entry with this value, or a list of them, may name: either branch of an `if()`.
    fn may_name(&mut self, model: &Model<'_>, template: usize, value: &Value) -> Vec<usize> {
        let mut found = Vec::new();
        for text in texts(value) {
            let reach = model.reach_value(template, Some(&text));
            if reach.resources.is_empty() {
                found.extend(self.named(template, reach.target.as_ref()));
            }
            found.extend(reach.resources);
        }
        found
    }

    /// The node for what a name may mean that names nothing for certain; `None` if it can name
    /// nothing.
    fn named(&mut self, template: usize, target: Option<&Target>) -> Option<usize> {
        let kind = match target {
            Some(Target::Id(key)) => Some(first_type(key)),
            Some(Target::Name(key)) if !key.contains('{') => return None,
            Some(Target::Name(_)) | None => None,
        };
        let fresh = self.count + self.nodes.len();
        Some(*self.nodes.entry((template, kind)).or_insert(fresh))
    }

    /// The edges from groups to their members.
    fn members(&self, model: &Model<'_>) -> Vec<(usize, ResourceIndex)> {
        let mut edges = Vec::new();
        for (index, resource) in model.resources().iter().enumerate() {
            let kinds = [None, Some(first_type(&resource.type_name))];
            let groups = kinds
                .into_iter()
                .filter_map(|kind| self.nodes.get(&(resource.template, kind)));
            edges.extend(groups.map(|group| (*group, index)));
        }
        edges
    }
}

/// The namespace and the first type in lower case.
fn first_type(key: &str) -> String {
    let parts: Vec<&str> = key.split('/').take(2).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    /// Resources `a`, `b`, …, each with what it depends on.
    fn template(waits: &[&str]) -> String {
        let resources: Vec<String> = ('a'..)
            .zip(waits)
            .map(|(name, waits)| {
                format!(r#"{{"type": "A.B/c", "name": "{name}", "dependsOn": [{waits}]}}"#)
            })
            .collect();
        format!(r#"{{"resources": [{}]}}"#, resources.join(","))
    }

    /// Which of the declared edges would close a circle.
    fn circle(waits: &[&str], declared: &[(usize, &str)]) -> Vec<bool> {
        let template = template(waits);
        let document = Document::parse(template.as_bytes());
        let model = Model::new(&document);
        let edge = |(from, to): &(usize, &str)| DeclaredEdge {
            resource: *from,
            reach: model.reach(*from, to),
            text: (*to).to_owned(),
        };
        let declared: Vec<DeclaredEdge> = declared.iter().map(edge).collect();
        let declared: Vec<&DeclaredEdge> = declared.iter().collect();
        circular(&model, &HashSet::new(), &declared)
    }

    #[test]
    fn edges_that_would_close_a_circle_are_told_from_others() {
        assert_eq!(circle(&["", "\"a\"", "\"b\""], &[(2, "a")]), [false]);
        assert_eq!(circle(&["", "\"a\"", "\"b\""], &[(0, "b")]), [true]);
        assert_eq!(circle(&["", "\"a\"", "\"b\""], &[(0, "c")]), [true]);
        // Two declared edges close one together.
        let waits = ["\"b\"", "", "\"d\"", ""];
        assert_eq!(circle(&waits, &[(1, "c"), (3, "a")]), [true, true]);
        assert_eq!(circle(&waits, &[(1, "c")]), [false]);
    }

    #[test]
    fn what_cannot_be_resolved_may_close_a_circle() {
        let by_type = ["\"[resourceId('A.B/c', parameters('x'))]\"", ""];
        assert_eq!(circle(&by_type, &[(1, "a")]), [true]);
        let by_another = ["\"[resourceId('A.B/d', parameters('x'))]\"", ""];
        assert_eq!(circle(&by_another, &[(1, "a")]), [false]);
        let by_name = ["\"[parameters('x')]\"", ""];
        assert_eq!(circle(&by_name, &[(1, "a")]), [true]);
        assert_eq!(circle(&["\"x\"", ""], &[(1, "a")]), [false]);
    }

    #[test]
    fn what_waits_anyway_is_not_what_an_entry_means() {
        let by_name = ["\"[parameters('x')]\"", "\"a\"", "\"b\""];
        assert_eq!(circle(&by_name, &[(1, "a"), (2, "a")]), [false, false]);
    }

    #[test]
    fn a_condition_chooses_among_its_branches_only() {
        let choice = ["\"[if(parameters('x'), 'b', 'c')]\"", "", "", ""];
        assert_eq!(circle(&choice, &[(2, "a"), (3, "a")]), [true, false]);
    }
}
