//! The numbers behind a generated template. They shrink well, and each of them makes some template
//! (see `author`). Start at [`Plan`].

use proptest::collection::vec;
use proptest::prelude::*;

use super::forms;

/// A template and those nested in it.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) root: PartPlan,
    /// What deployments hold, in the order of the deployments.
    pub(crate) nested: Vec<(Scope, PartPlan)>,
    pub(crate) breadth: Breadth,
}

/// One template with its own graph of resources.
#[derive(Clone, Debug)]
pub(crate) struct PartPlan {
    pub(crate) resources: Vec<ResourcePlan>,
    /// Whether outputs read an extension, and which.
    pub(crate) read: u8,
    /// Orders the text.
    pub(crate) order: u8,
}

/// Whose parameters and variables a nested template sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those of the template around it, as it is where nothing is said.
    Unsaid,
    /// The same, in so many words.
    Outer,
    /// Its own.
    Inner,
}

#[derive(Clone, Debug)]
pub(crate) struct ResourcePlan {
    pub(crate) kind: u8,
    pub(crate) machine: u8,
    pub(crate) nest: u8,
    pub(crate) name: u8,
    pub(crate) looped: u8,
    pub(crate) count: u8,
    pub(crate) offset: u8,
    pub(crate) condition: u8,
    pub(crate) own_edge: u8,
    pub(crate) edges: Vec<EdgePlan>,
    pub(crate) after: Vec<u8>,
    pub(crate) profile: Vec<(bool, Vec<u8>)>,
    pub(crate) identity: u8,
    /// Which of several spellings other members have.
    pub(crate) spelling: u8,
    /// Which member stands there twice.
    pub(crate) dead: u8,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct EdgePlan {
    pub(crate) target: u8,
    pub(crate) other: u8,
    pub(crate) way: u8,
    pub(crate) choice: u8,
    /// How odd the expression looks.
    pub(crate) oddity: u8,
    /// Whether it is an entry, a condition, a `reference()` …
    pub(crate) manner: u8,
}

/// How much of ARM the templates use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Breadth {
    /// No copy loops.
    Plain,
    /// Loops, with edges to the own instance or by the loop's name.
    Loops,
    /// Loops over some of the machines, and edges to one instance by its number or by an offset.
    Instances,
}

impl Plan {
    /// The plan with scopes of their own for all nested templates: those in a template with symbolic
    /// names have no others, nor have linked ones.
    pub(crate) fn with_own_scopes(mut self) -> Self {
        for (scope, _) in &mut self.nested {
            *scope = Scope::Inner;
        }
        self
    }
}

pub(crate) fn plans(breadth: Breadth) -> impl Strategy<Value = Plan> {
    let scope = prop_oneof![Just(Scope::Unsaid), Just(Scope::Outer), Just(Scope::Inner)];
    let nested = prop_oneof![
        2 => vec((scope.clone(), part_plans(1..5)), 0..1),
        1 => vec((scope, part_plans(1..5)), 1..3),
    ];
    (part_plans(1..9), nested).prop_map(move |(root, nested)| Plan {
        root,
        nested,
        breadth,
    })
}

fn part_plans(size: std::ops::Range<usize>) -> impl Strategy<Value = PartPlan> {
    (vec(resource_plans(), size), 0..24u8, any::<u8>()).prop_map(|(resources, read, order)| {
        PartPlan {
            resources,
            read,
            order,
        }
    })
}

fn resource_plans() -> impl Strategy<Value = ResourcePlan> {
    let place = (0..18u8, any::<u8>(), 0..6u8, 0..6u8, 0..10u8, 0..8u8);
    let loops = (0..4u8, 0..8u8, 0..16u8);
    let profile = vec((any::<bool>(), vec(any::<u8>(), 0..3)), 0..5);
    let after = prop_oneof![2 => vec(any::<u8>(), 0..1), 1 => vec(any::<u8>(), 0..3)];
    let waits = (0..forms::WAYS + 4, vec(edge_plans(), 0..4), after, profile);
    let rest = (0..7u8, 0..8u8);
    (place, loops, waits, rest).prop_map(|(place, loops, waits, rest)| {
        let (kind, machine, nest, name, looped, condition) = place;
        let (count, offset, dead) = loops;
        let (own_edge, edges, after, profile) = waits;
        let (identity, spelling) = rest;
        ResourcePlan {
            kind,
            machine,
            nest,
            name,
            looped,
            count,
            offset,
            condition,
            own_edge,
            edges,
            after,
            profile,
            identity,
            spelling,
            dead,
        }
    })
}

fn edge_plans() -> impl Strategy<Value = EdgePlan> {
    let ends = (any::<u8>(), any::<u8>());
    let looks = (0..=forms::WAYS, 0..8u8, 0..12u8, 0..24u8);
    (ends, looks).prop_map(
        |((target, other), (way, choice, oddity, manner))| EdgePlan {
            target,
            other,
            way,
            choice,
            oddity,
            manner,
        },
    )
}
