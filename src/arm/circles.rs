//! Whether edges that fixes declare would let resources wait for themselves, which makes a template
//! invalid.
//!
//! Knows edges only; never knows why they are wanted. Start at [`circular`].

use std::collections::{HashMap, HashSet, VecDeque};

use super::declared_edge::DeclaredEdge;
use super::model::{Model, ResourceIndex};
use super::resource_id::Target;

/// The resources that would be on a circle, or between two, if all of `declared` held. An entry that
/// cannot be resolved may name whatever its type and template allow.
pub fn circular(model: &Model<'_>, declared: &[DeclaredEdge]) -> HashSet<ResourceIndex> {
    let mut waits: Vec<(ResourceIndex, ResourceIndex)> = declared
        .iter()
        .flat_map(|edge| edge.reach.resources.iter().map(|to| (edge.resource, *to)))
        .collect();
    let mut crowds = Crowds::of(model);
    for (from, resource) in model.resources().iter().enumerate() {
        for edge in model.edges(from) {
            let reached = edge.reach.resources.iter();
            waits.extend(reached.filter(|to| **to != from).map(|to| (from, *to)));
            if edge.reach.resources.is_empty() {
                let crowd = crowds.named(resource.template, edge.reach.target.as_ref());
                waits.extend(crowd.map(|crowd| (from, crowd)));
            }
        }
        let list = resource.depends_on.as_ref();
        if list.is_some_and(|list| list.array.is_none()) {
            let crowd = crowds.named(resource.template, None);
            waits.extend(crowd.map(|crowd| (from, crowd)));
        }
    }
    waits.extend(crowds.members(model));
    let mut left: HashSet<ResourceIndex> = waits.iter().map(|(from, _)| *from).collect();
    left.extend(waits.iter().map(|(_, to)| *to));
    // What waits for nothing is on no circle, nor is what nothing waits for; then again without it.
    peel(&mut left, waits.iter().map(|(from, to)| (*from, *to)));
    peel(&mut left, waits.iter().map(|(from, to)| (*to, *from)));
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

/// Takes out of `left`, one after the other, what has no edge to another that is left.
fn peel(
    left: &mut HashSet<ResourceIndex>,
    edges: impl Iterator<Item = (ResourceIndex, ResourceIndex)>,
) {
    let mut count: HashMap<ResourceIndex, usize> = HashMap::new();
    let mut back: HashMap<ResourceIndex, Vec<ResourceIndex>> = HashMap::new();
    for (from, to) in edges {
        if left.contains(&from) && left.contains(&to) {
            *count.entry(from).or_default() += 1;
            back.entry(to).or_default().push(from);
        }
    }
    let mut open: VecDeque<ResourceIndex> = left
        .iter()
        .copied()
        .filter(|at| !count.contains_key(at))
        .collect();
    while let Some(at) = open.pop_front() {
        left.remove(&at);
        for from in back.remove(&at).unwrap_or_default() {
            if let Some(count) = count.get_mut(&from) {
                *count -= 1;
                if *count == 0 {
                    open.push_back(from);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    /// Resources `a`, `b`, …, each with what it waits for.
    fn template(waits: &[&str]) -> String {
        let resources: Vec<String> = ('a'..)
            .zip(waits)
            .map(|(name, waits)| {
                format!(r#"{{"type": "A.B/c", "name": "{name}", "dependsOn": [{waits}]}}"#)
            })
            .collect();
        format!(r#"{{"resources": [{}]}}"#, resources.join(","))
    }

    fn circle(waits: &[&str], declared: &[(usize, &str)]) -> Vec<usize> {
        let template = template(waits);
        let document = Document::parse(template.as_bytes());
        let model = Model::new(&document);
        let edge = |(from, to): &(usize, &str)| DeclaredEdge {
            resource: *from,
            reach: model.reach(*from, to),
            text: (*to).to_owned(),
        };
        let declared: Vec<DeclaredEdge> = declared.iter().map(edge).collect();
        let mut found: Vec<usize> = circular(&model, &declared).into_iter().collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn edges_that_would_close_a_circle_are_told_from_others() {
        assert_eq!(circle(&["", "\"a\"", "\"b\""], &[(2, "a")]), [0usize; 0]);
        assert_eq!(circle(&["", "\"a\"", "\"b\""], &[(0, "b")]), [0, 1]);
        assert_eq!(circle(&["", "\"a\"", "\"b\""], &[(0, "c")]), [0, 1, 2]);
        // Two declared edges close one together.
        let waits = ["\"b\"", "", "\"d\"", ""];
        assert_eq!(circle(&waits, &[(1, "c"), (3, "a")]), [0, 1, 2, 3]);
        assert_eq!(circle(&waits, &[(1, "c")]), [0usize; 0]);
    }

    #[test]
    fn what_cannot_be_resolved_may_close_a_circle() {
        let by_type = ["\"[resourceId('A.B/c', parameters('x'))]\"", ""];
        assert!(!circle(&by_type, &[(1, "a")]).is_empty());
        let by_another = ["\"[resourceId('A.B/d', parameters('x'))]\"", ""];
        assert_eq!(circle(&by_another, &[(1, "a")]), [0usize; 0]);
        let by_name = ["\"[parameters('x')]\"", ""];
        assert!(!circle(&by_name, &[(1, "a")]).is_empty());
        assert_eq!(circle(&["\"x\"", ""], &[(1, "a")]), [0usize; 0]);
    }
}
