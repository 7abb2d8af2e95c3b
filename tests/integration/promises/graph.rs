//! Who waits for whom, instance by instance: as a template's meaning says it, and as a text says it.

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::{Values, evaluate};
use super::forms;
use super::template::{Aim, Instance, Nest, Part, Resource};

/// One instance of the resource at an index.
pub(crate) type Node = (usize, usize);

/// The declared edges of each node.
pub(crate) type Edges = BTreeMap<Node, BTreeSet<Node>>;

/// All instances of a template's resources.
pub(crate) fn nodes(part: &Part) -> Vec<Node> {
    let all = part.resources.iter().enumerate();
    all.flat_map(|(at, resource)| (0..resource.count()).map(move |instance| (at, instance)))
        .collect()
}

/// The edges that the template's meaning has.
pub(crate) fn meant(part: &Part) -> Edges {
    let targets = |(at, instance): Node| {
        let edges = part.resources[at].edges.iter();
        edges
            .flat_map(|edge| aimed(part, &edge.aim, instance))
            .collect()
    };
    nodes(part)
        .into_iter()
        .map(|node| (node, targets(node)))
        .collect()
}

/// What an edge of the instance of this number names.
pub(crate) fn aimed(part: &Part, aim: &Aim, instance: usize) -> Vec<Node> {
    match aim {
        Aim::One(target, Instance::Fixed(number)) => vec![(*target, *number)],
        Aim::One(target, Instance::Own(shift)) => vec![(*target, instance + shift)],
        Aim::Loop(name) => carriers(part, name),
    }
}

/// All instances of the resources with this loop.
pub(crate) fn carriers(part: &Part, name: &str) -> Vec<Node> {
    let all = nodes(part).into_iter();
    all.filter(|node| part.resources[node.0].carries(name))
        .collect()
}

/// What texts may name in a template.
pub(crate) struct Names {
    values: Values,
    ids: BTreeMap<String, Node>,
    names: BTreeMap<String, Node>,
    loops: BTreeMap<String, Vec<Node>>,
}

impl Names {
    /// The names of all resources but those that are `gone`.
    pub(crate) fn new(part: &Part, gone: &BTreeSet<usize>) -> Self {
        let named = part.values.variables.iter().chain(&part.values.parameters);
        let named = named.map(|(name, value)| (name.to_lowercase(), value.clone()));
        let mut all = Self {
            values: Values {
                named: named.collect(),
            },
            ids: BTreeMap::new(),
            names: BTreeMap::new(),
            loops: BTreeMap::new(),
        };
        for node in nodes(part).into_iter().filter(|at| !gone.contains(&at.0)) {
            let resource = &part.resources[node.0];
            let names = all.segments(resource, node.1);
            let mut kinds = resource.type_name.split('/');
            let mut id = kinds.next().unwrap().to_lowercase();
            for (kind, name) in kinds.zip(&names) {
                id.push_str(&format!("/{}/{name}", kind.to_lowercase()));
            }
            assert_eq!(all.ids.insert(id, node), None, "two resources have one id");
            all.names.insert(names.join("/"), node);
            if resource.nest == Nest::Short {
                all.names.insert(names.last().unwrap().clone(), node);
            }
            if let Some(looping) = resource.looping.as_ref().filter(|_| resource.copies) {
                let key = looping.name.to_lowercase();
                all.loops.entry(key).or_default().push(node);
            }
        }
        all
    }

    /// The names of an instance, one for each segment.
    fn segments(&self, resource: &Resource, instance: usize) -> Vec<String> {
        let offset = resource.looping.as_ref().map_or(0, |own| own.offset);
        let number = (instance + offset).to_string();
        let names = resource.names.iter();
        names
            .map(|inner| self.value(&forms::property(&inner.replace('#', &number)), 0))
            .collect()
    }

    /// Whether a resource of one has the id of a resource of the other.
    pub(crate) fn shares_an_id(&self, other: &Self) -> bool {
        self.ids.keys().any(|id| other.ids.contains_key(id))
    }

    /// The value of a text in an instance of this number, in lower case.
    pub(crate) fn value(&self, text: &str, instance: usize) -> String {
        evaluate(text, &self.values, instance).to_lowercase()
    }

    /// What the entry `text` names in an instance of this number; nothing where it dangles.
    pub(crate) fn targets(&self, text: &str, instance: usize) -> Vec<Node> {
        let value = self.value(text, instance);
        let value = value.trim_matches('/');
        let id = value.rsplit_once("/providers/").map_or(value, |(_, id)| id);
        let one = self.ids.get(id).or_else(|| self.names.get(value));
        one.map(|node| vec![*node])
            .or_else(|| self.loops.get(value).cloned())
            .unwrap_or_default()
    }

    /// Whether the entry names a copy loop.
    pub(crate) fn is_loop(&self, text: &str) -> bool {
        self.loops.contains_key(&self.value(text, 0))
    }

    /// Whether the entry counts in a loop that the resource is not in, which ARM refuses.
    pub(crate) fn is_misplaced(text: &str, resource: &Resource) -> bool {
        let own = resource.looping.as_ref().map(|own| own.name.to_lowercase());
        let text: String = text.to_lowercase().split_whitespace().collect();
        text.match_indices("copyindex(").any(|(at, call)| {
            let Some(own) = &own else { return true };
            let argument = &text[at + call.len()..];
            argument.starts_with('\'') && !argument.starts_with(&format!("'{own}'"))
        })
    }
}

/// All pairs `(a, b)` of which `a` waits for `b`, where the resources in `absent` are not deployed.
pub(crate) fn waits(edges: &Edges, absent: &BTreeSet<usize>) -> BTreeSet<(Node, Node)> {
    let mut pairs = BTreeSet::new();
    for start in edges.keys().filter(|node| !absent.contains(&node.0)) {
        let mut open = vec![*start];
        while let Some(at) = open.pop() {
            for next in edges.get(&at).into_iter().flatten() {
                if !absent.contains(&next.0) && pairs.insert((*start, *next)) {
                    open.push(*next);
                }
            }
        }
    }
    pairs
}

/// The sets of conditional resources that may be absent together: all sets of a few, and one by one
/// of many.
pub(crate) fn scenarios(conditional: &[usize]) -> Vec<BTreeSet<usize>> {
    if conditional.len() > 5 {
        let mut single: Vec<BTreeSet<usize>> = conditional
            .iter()
            .map(|index| BTreeSet::from([*index]))
            .collect();
        single.push(BTreeSet::new());
        return single;
    }
    let member = |set: usize| {
        let within = conditional
            .iter()
            .enumerate()
            .filter(move |(bit, _)| set >> bit & 1 == 1);
        within.map(|(_, index)| *index).collect()
    };
    (0..1usize << conditional.len()).map(member).collect()
}
