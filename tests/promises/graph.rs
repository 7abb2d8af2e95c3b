//! Who waits for whom, instance by instance: as a template's meaning says it, and as a text says it.

use std::collections::{BTreeMap, BTreeSet};

use crate::evaluate::{Values, evaluate};
use crate::forms;
use crate::template::{Aim, Nest, Template};

/// One instance of the resource at an index.
pub(crate) type Node = (usize, usize);

/// The declared edges of each node.
pub(crate) type Edges = BTreeMap<Node, BTreeSet<Node>>;

/// All instances of a template's resources.
pub(crate) fn nodes(template: &Template) -> Vec<Node> {
    let all = 0..template.resources.len();
    all.flat_map(|at| (0..template.count(at)).map(move |instance| (at, instance)))
        .collect()
}

/// The edges that the template's meaning has.
pub(crate) fn meant(template: &Template) -> Edges {
    let targets = |(at, instance): Node| {
        let edges = template.resources[at].edges.iter();
        edges
            .flat_map(|edge| aimed(template, &edge.aim, instance))
            .collect()
    };
    nodes(template)
        .into_iter()
        .map(|node| (node, targets(node)))
        .collect()
}

/// What an edge of the instance of this number names.
pub(crate) fn aimed(template: &Template, aim: &Aim, instance: usize) -> Vec<Node> {
    match aim {
        Aim::One(target, Some(number)) => vec![(*target, *number)],
        Aim::One(target, None) => vec![(*target, instance.min(template.count(*target) - 1))],
        Aim::Loop(name) => carriers(template, name),
    }
}

fn carriers(template: &Template, name: &str) -> Vec<Node> {
    let carries = |node: &Node| {
        let own = template.resources[node.0].loop_name.as_ref();
        own.is_some_and(|own| own.eq_ignore_ascii_case(name))
    };
    nodes(template).into_iter().filter(carries).collect()
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
    pub(crate) fn new(template: &Template, gone: &BTreeSet<usize>) -> Self {
        let named = template.variables.iter().chain(&template.parameters);
        let named = named.map(|(name, value)| (name.to_lowercase(), value.clone()));
        let mut all = Self {
            values: Values {
                named: named.collect(),
            },
            ids: BTreeMap::new(),
            names: BTreeMap::new(),
            loops: BTreeMap::new(),
        };
        for node in nodes(template) {
            let resource = &template.resources[node.0];
            if gone.contains(&node.0) {
                continue;
            }
            let text = |inner: &str| {
                let text = forms::property(inner).replace('#', "copyIndex()");
                evaluate(&text, &all.values, node.1).to_lowercase()
            };
            let names: Vec<String> = resource.names.iter().map(|name| text(name)).collect();
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
            if let Some(name) = &resource.loop_name {
                all.loops.entry(name.to_lowercase()).or_default().push(node);
            }
        }
        all
    }

    /// What the entry `text` names in an instance of this number; nothing where it dangles.
    pub(crate) fn targets(&self, text: &str, instance: usize) -> Vec<Node> {
        let value = evaluate(text, &self.values, instance).to_lowercase();
        let value = value.trim_matches('/');
        let id = value.rsplit_once("/providers/").map_or(value, |(_, id)| id);
        let one = self.ids.get(id).or_else(|| self.names.get(value));
        one.map(|node| vec![*node])
            .or_else(|| self.loops.get(value).cloned())
            .unwrap_or_default()
    }

    /// Whether the entry names a copy loop.
    pub(crate) fn is_loop(&self, text: &str) -> bool {
        self.loops.contains_key(&text.to_lowercase())
    }

    /// Whether the entry uses a loop's number outside of loops, which ARM refuses.
    pub(crate) fn is_misplaced(text: &str, looped: bool) -> bool {
        !looped && text.to_lowercase().contains("copyindex(")
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
