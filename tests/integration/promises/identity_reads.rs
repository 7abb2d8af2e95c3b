//! Generated templates in which resources read the identities of machines in the old way: each must
//! come to read the machine itself and wait for it, and nobody else for anything new.
//!
//! Readers and machines are those of the root; templates nested in it stay as they are. Start at
//! [`Case`].

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;

use msi2imds::migrate::{Migration, Options, migrate};
use msi2imds::text::apply;

use super::author;
use super::build;
use super::forms;
use super::graph::{self, Edges, Names, Node};
use super::naming::number;
use super::part::located;
use super::plan::Plan;
use super::promises;
use super::removal;
use super::style::Style;
use super::template::{Aim, Edge, Instance, Kind, Manner, Part, ROLE, Resource};
use super::tree::{Tree, text};

const END: &str = "/providers/Microsoft.ManagedIdentity/Identities/default";

/// The member of a reader's properties that reads.
const MEMBER: &str = "principalId";

/// The ways of [`forms::edge`] that give an id.
const IDS: [u8; 12] = [0, 1, 2, 3, 7, 8, 10, 11, 13, 15, 17, 18];

/// The numbers behind what a resource reads.
#[derive(Clone, Debug)]
pub(crate) struct ReadPlan {
    /// Whether it reads, and whether a machine that stands behind it too.
    kind: u8,
    machine: u8,
    /// How the id is written.
    way: u8,
    /// How what follows the machine's id is written.
    end: u8,
    /// Chooses the instance, and how its number is written.
    choice: u8,
}

/// One for each resource of the root.
pub(crate) fn plans() -> impl Strategy<Value = Vec<ReadPlan>> {
    let numbers = (0..8u8, any::<u8>(), 0..12u8, 0..4u8, 0..12u8);
    let plan = numbers.prop_map(|(kind, machine, way, end, choice)| ReadPlan {
        kind,
        machine,
        way,
        end,
        choice,
    });
    vec(plan, 8)
}

/// What a resource reads, and the text that does.
struct Read {
    aim: Aim,
    machine: usize,
    text: String,
}

/// What came of the cases of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tried {
    cases: usize,
    reads: usize,
    held: usize,
    /// The reads for which an entry of `dependsOn` was written.
    declared: usize,
}

impl std::ops::Add for Tried {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            cases: self.cases + other.cases,
            reads: self.reads + other.reads,
            held: self.held + other.held,
            declared: self.declared + other.declared,
        }
    }
}

impl Tried {
    /// Checks that most reads tried something.
    pub(crate) fn check(&self) {
        #[expect(clippy::print_stderr, reason = "the counts are what a long run is for")]
        {
            eprintln!("{self:?}");
        }
        if self.cases < 100 {
            return;
        }
        assert!(self.reads >= self.cases, "{self:?}");
        assert!(
            self.held > 0 && 100 * self.held / self.reads <= 50,
            "{self:?}"
        );
        assert!(100 * self.declared / self.reads >= 15, "{self:?}");
    }
}

/// A template with readers, and what became of it.
pub(crate) struct Case {
    part: Part,
    /// By reader.
    reads: BTreeMap<usize, Read>,
    source: Vec<u8>,
    migration: Migration,
}

impl Case {
    pub(crate) fn new(plan: &Plan, style: &Style, plans: &[ReadPlan]) -> Self {
        let mut template = author::template(plan);
        let reads = reads(&mut template.root, plans);
        let tree = with_reads(&build::tree(&template), &template.root, None, &reads);
        let source = style.render(&tree);
        let migration = migrate(&source, &Options::default());
        Self {
            part: template.root,
            reads,
            source,
            migration,
        }
    }

    /// What is wrong, with the texts.
    pub(crate) fn described(&self, what: &str) -> String {
        promises::described(what, &self.source, &self.migration)
    }

    pub(crate) fn check(&self) -> Result<Tried, String> {
        if let Some(fault) = &self.migration.fault {
            return Err(format!("the gate refused: {fault}"));
        }
        let findings = self.migration.findings.iter();
        let said = findings.filter(|finding| finding.rule.id == "identities-default");
        let said: Vec<_> = said.collect();
        if said.len() != self.reads.len() {
            return Err("a read is not found, or found twice".into());
        }
        let held = said.iter().filter(|finding| !finding.fix.is_safe());
        let tried = Tried {
            cases: 1,
            reads: self.reads.len(),
            held: held.count(),
            declared: said.iter().map(|finding| finding.related.len()).sum(),
        };
        if tried.held > 0 && !self.may_hold() {
            return Err("a read is held without need".into());
        }
        let Some(fixed) = &self.migration.fixed else {
            return match tried.held == tried.reads {
                true => Ok(tried),
                false => Err("nothing is fixed".into()),
            };
        };
        if apply(&self.source, &fixed.edits).as_ref() != Ok(&fixed.bytes) {
            return Err("the edits do not give the bytes".into());
        }
        let again = migrate(&fixed.bytes, &Options::default());
        if again.fault.is_some() || again.fixed.is_some() {
            return Err("a second run is no no-op".into());
        }
        let new = Tree::parse(&fixed.bytes);
        let found = located(&self.part, &new)?;
        let left = self.left(&found)?;
        if left.len() != tried.held {
            return Err("a read is left, or lost".into());
        }
        self.waits(&found, &left)?;
        Ok(tried)
    }

    /// Whether there may be a reason to hold a read: a machine that waits for who reads it, or an
    /// edge that cannot be resolved and may then name a reader. Which instance a number inside of a
    /// guid() means is not for a reader of names to see.
    fn may_hold(&self) -> bool {
        let is_sealed = |at: usize| {
            let to = &self.part.resources[at];
            to.type_name == ROLE && to.looping.is_some()
        };
        let may_name_any = |edge: &Edge| match (&edge.aim, &edge.manner) {
            (Aim::One(target, _), Manner::Undecided(other)) => {
                is_sealed(*target) || is_sealed(*other)
            }
            (Aim::One(target, _), _) => is_sealed(*target),
            (Aim::Loop(_), _) => false,
        };
        let mut edges = self.part.resources.iter().flat_map(|from| &from.edges);
        let mut reads = self.reads.iter();
        // A machine without a system-assigned identity has no principal of its own.
        let lacks = |machine: usize| matches!(self.part.resources[machine].plan.identity, 2 | 3);
        reads.any(|(reader, read)| read.machine >= *reader || lacks(read.machine))
            || edges.any(may_name_any)
    }

    fn is_looped(&self) -> bool {
        let mut resources = self.part.resources.iter();
        resources.any(|resource| resource.looping.is_some())
    }

    /// The readers that read as before; the others must read machines.
    fn left(&self, found: &BTreeMap<usize, &Tree>) -> Result<BTreeSet<usize>, String> {
        let mut left = BTreeSet::new();
        for (reader, read) in &self.reads {
            let tree = found.get(reader).ok_or("a reader is lost")?;
            let now = tree.at(&["properties", MEMBER]).and_then(Tree::str);
            let now = now.ok_or("what reads is lost")?;
            if now == read.text {
                left.insert(*reader);
            } else if now.contains("Identities") || !now.ends_with("'Full').identity.principalId]")
            {
                return Err(format!("{now} does not read the machine"));
            }
        }
        Ok(left)
    }

    /// Each reader but those `left` waits for its machine, and nobody for less than before or for
    /// himself; where there are no loops, whose names can stand for more than is read, nor for more.
    fn waits(&self, found: &BTreeMap<usize, &Tree>, left: &BTreeSet<usize>) -> Result<(), String> {
        let part = &self.part;
        let gone = (0..part.resources.len()).filter(|index| !found.contains_key(index));
        let gone: BTreeSet<usize> = gone.collect();
        let names = Names::new(part, &gone);
        let mut wanted = graph::meant(part);
        let mut after = Edges::new();
        for node in graph::nodes(part) {
            let (index, instance) = node;
            let Some(tree) = found.get(&index) else {
                continue;
            };
            if let Some(read) = self.reads.get(&index).filter(|_| !left.contains(&index)) {
                let machine = graph::aimed(part, &read.aim, instance);
                wanted.entry(node).or_default().extend(machine);
            }
            after.insert(node, targets(part, &names, node, tree)?);
        }
        let conditional = found.keys().copied();
        let conditional = conditional.filter(|at| part.resources[*at].condition);
        for absent in graph::scenarios(&conditional.collect::<Vec<usize>>()) {
            let is_left = |(a, b): &(Node, Node)| !gone.contains(&a.0) && !gone.contains(&b.0);
            let old = graph::waits(&wanted, &absent);
            let old: BTreeSet<_> = old.into_iter().filter(is_left).collect();
            let new = graph::waits(&after, &absent);
            let told = |(a, b): &(Node, Node)| format!("{a:?} waits for {b:?} without {absent:?}");
            if let Some(lost) = old.difference(&new).next() {
                return Err(format!("it does not hold that {}", told(lost)));
            }
            if let Some(circle) = new.iter().find(|(a, b)| a == b) {
                return Err(told(circle));
            }
            let extra = new.difference(&old).next();
            if let Some(extra) = extra.filter(|_| !self.is_looped()) {
                return Err(format!("it is new that {}", told(extra)));
            }
        }
        Ok(())
    }
}

/// What an instance of the resource that `tree` is waits for.
fn targets(part: &Part, names: &Names, node: Node, tree: &Tree) -> Result<BTreeSet<Node>, String> {
    let resource = &part.resources[node.0];
    let mut targets = BTreeSet::new();
    for entry in tree.texts("dependsOn") {
        if Names::is_misplaced(entry, resource) {
            return Err(format!("{entry} counts in a loop that is not there"));
        }
        let named = names.targets(entry, node.1);
        if named.is_empty() {
            return Err(format!("{entry} dangles"));
        }
        targets.extend(named);
    }
    let edges = resource.edges.iter();
    for edge in edges.filter(|edge| edge.manner == Manner::Implicit) {
        targets.extend(graph::aimed(part, &edge.aim, node.1));
    }
    Ok(targets)
}

/// Who reads what, by reader: any but the extension that goes, and deployments.
fn reads(part: &mut Part, plans: &[ReadPlan]) -> BTreeMap<usize, Read> {
    let mut reads = BTreeMap::new();
    for (reader, plan) in plans.iter().enumerate().take(part.resources.len()) {
        let kind = part.resources[reader].kind;
        if plan.kind < 2 || matches!(kind, Kind::Msi | Kind::Deployment) {
            continue;
        }
        // Mostly machines from before, so that few wait in circles.
        let end = if plan.kind == 7 {
            part.resources.len()
        } else {
            reader
        };
        let is_machine =
            |at: &usize| matches!(part.resources[*at].kind, Kind::Machine | Kind::ScaleSet);
        let machines: Vec<usize> = (0..end).filter(is_machine).collect();
        let Some(choice) = usize::from(plan.machine).checked_rem(machines.len()) else {
            continue;
        };
        reads.insert(reader, read(part, reader, machines[choice], plan));
    }
    reads
}

fn read(part: &mut Part, reader: usize, machine: usize, plan: &ReadPlan) -> Read {
    let (from, to) = (&part.resources[reader], &part.resources[machine]);
    let instance = instance(from, to, usize::from(plan.choice));
    let offset = to.looping.as_ref().map_or(0, |looping| looping.offset);
    let number = match instance {
        Instance::Fixed(at) => (at + offset).to_string(),
        Instance::Own(shift) => number(from.looping.as_ref(), shift + offset, plan.choice),
    };
    let way = IDS[usize::from(plan.way) % IDS.len()];
    let variables = &mut part.values.variables;
    let id = forms::edge(&to.type_name, &to.names, way, variables);
    let id = forms::inner(&id.replace('#', &number));
    let id = match plan.end {
        0 => format!("format('{{0}}{END}', {id})"),
        1 => {
            format!("extensionResourceId({id}, 'Microsoft.ManagedIdentity/Identities', 'default')")
        }
        _ => format!("concat({id}, '{END}')"),
    };
    Read {
        aim: Aim::One(machine, instance),
        machine,
        text: format!("[reference({id}, '2015-08-31-PREVIEW').{MEMBER}]"),
    }
}

/// An instance of `to` that there is for each one of `from`.
fn instance(from: &Resource, to: &Resource, choice: usize) -> Instance {
    if to.looping.is_none() {
        return Instance::Fixed(0);
    }
    let spare = to.count().checked_sub(from.count());
    match spare.filter(|_| from.looping.is_some() && !choice.is_multiple_of(4)) {
        Some(spare) => Instance::Own((choice / 4).min(spare)),
        None => Instance::Fixed(choice % to.count()),
    }
}

/// The value `tree` of the root, or of the resource at `parent`, with what the readers in it read.
fn with_reads(
    tree: &Tree,
    part: &Part,
    parent: Option<usize>,
    reads: &BTreeMap<usize, Read>,
) -> Tree {
    let resource = |tree: &Tree| {
        let index = removal::index(part, parent, tree).unwrap();
        let tree = with_reads(tree, part, Some(index), reads);
        let Some(read) = reads.get(&index) else {
            return tree;
        };
        tree.with("properties", |properties| {
            let mut properties = properties.clone();
            if let Tree::Object(members) = &mut properties {
                members.push((MEMBER.to_owned(), text(&read.text)));
            }
            properties
        })
    };
    tree.with("resources", |list| {
        Tree::List(list.elements().iter().map(resource).collect())
    })
}
