//! Who else uses the variables and parameters that extensions are in, and whether an extension can
//! go from there.
//!
//! [`super::flow`] writes down each use that it followed to a list of extensions. Whatever else uses
//! the same must not mind: a `length()` in outputs, or a member that does not hold the extension. Never knows why
//! an extension goes. Start at [`Ledger`].

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::json::{Kind, NodeId};

use super::expression;
use super::model::Model;
use super::scope::Declaration;
use super::usage::Used;
use super::usage::{Changes, visit_uses};
use super::usage::{Declarations, Key, Place};
use super::uses::{Access, Declared, Use};

/// How many steps the walks through a file's lists may take together, however small it is. Beyond it nothing in
/// variables is decided, so that time and memory stay linear.
const LIST_STEPS: usize = 5_000;
/// Of how many values and names each gives one step more: an extension that is found takes some KB.
const VALUES_A_STEP: usize = 4;

/// What takes an entry out of a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cut {
    /// This element of an array goes.
    Element(NodeId),
    /// An argument of a call goes.
    Argument {
        /// The string with the call.
        string: NodeId,
        /// The template that it is in.
        template: usize,
        /// Where the call starts and ends in the decoded text, free of escapes.
        call: (usize, usize),
        /// Which argument it is.
        index: usize,
    },
}

/// Why an extension stays in the variable or parameter that it is in.
pub(super) mod reason {
    /// A use is not one of those that are followed.
    pub(super) const UNREAD: &str = "the variable or list that holds the extension is also used in a way that cannot be followed";
    /// Something may mention it by a computed name or in a text.
    pub(super) const MENTIONED: &str =
        "the variable that holds the extension may also be used by a computed name or in a text";
    /// In a template of such a kind, who uses what it declares is not read.
    pub(super) const UNSEEN: &str = "other uses of the variable that holds the extension are not visible in an embedded template";
    /// A deployment may pass something else.
    pub(super) const PARAMETER: &str =
        "the defaultValue is not trusted: a deployment may pass something else";
    /// A condition chooses between it and something else.
    pub(super) const CHOSEN: &str = "a condition chooses between the extension and another value";
    /// It is a part of an object that would stay.
    pub(super) const PART: &str =
        "the extension is part of a value whose parts are used one by one";
    /// The loop over it uses its number in other ways.
    pub(in crate::arm) const COUNTED: &str =
        "the copy loop over its list also uses copyIndex() elsewhere";
    /// The loop over it would have nothing left.
    pub(super) const LAST: &str = "the extension is the only item of a list that a copy loop runs \
                                   over, and older API versions refuse a count of 0";
    /// The list has parts that are not seen.
    pub(in crate::arm) const INCOMPLETE: &str =
        "the list also has entries that cannot be evaluated";
    /// Something names the resource that is made of it.
    pub(in crate::arm) const NAMED: &str =
        "another resource may name the instance that a copy loop makes of the extension";
}

/// A use that was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Followed {
    /// The string that it is in.
    pub(super) string: NodeId,
    /// Where in its text.
    pub(super) start: usize,
    /// The value of the variable or parameter around.
    pub(super) inside: Option<NodeId>,
}

/// Something declared, by its value.
struct Source {
    declaration: Declaration,
    followed: Vec<Followed>,
}

/// An extension that is in something declared.
#[derive(Default)]
struct FollowedObject {
    inside: Option<NodeId>,
    cuts: BTreeSet<Cut>,
    /// Cuts that a condition decides on.
    chosen: BTreeSet<Cut>,
    /// The array that a loop goes over, of which it is an element.
    counted: Option<NodeId>,
    held: Option<&'static str>,
}

/// What the walks through a file's lists went through.
pub(super) struct Ledger {
    /// How many are left.
    steps: usize,
    sources: BTreeMap<NodeId, Source>,
    data: HashMap<NodeId, FollowedObject>,
    by_cut: HashMap<Cut, Vec<NodeId>>,
    open: HashSet<Cut>,
}

/// What is made of an extension in something declared.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict {
    pub(super) cuts: Vec<Cut>,
    /// The strings that lead from it to the lists.
    pub(super) consumers: Vec<NodeId>,
    /// Why it stays, and the use that is to blame.
    pub(super) held: Option<(&'static str, Option<NodeId>)>,
}

impl Ledger {
    /// For a document with as many values and names.
    pub(super) fn new(values: usize) -> Self {
        Self {
            steps: LIST_STEPS + values / VALUES_A_STEP,
            sources: BTreeMap::new(),
            data: HashMap::new(),
            by_cut: HashMap::new(),
            open: HashSet::new(),
        }
    }

    /// Takes a step; whether there was one left.
    pub(super) fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        !self.is_exhausted()
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.steps == 0
    }

    pub(super) fn follow(&mut self, declaration: Declaration, use_: Followed) {
        let source = self.sources.entry(declaration.value);
        let source = source.or_insert_with(|| Source {
            declaration,
            followed: Vec::new(),
        });
        source.followed.push(use_);
    }

    pub(super) fn found(&mut self, object: NodeId, inside: Option<NodeId>, cut: Cut, chosen: bool) {
        let datum = self.data.entry(object).or_default();
        datum.inside = inside;
        // What a call makes goes with the argument.
        let is_made = matches!(&cut, Cut::Argument { string, .. } if *string == object);
        if cut != Cut::Element(object) && inside != Some(object) && !is_made {
            datum.held.get_or_insert(reason::PART);
        }
        if chosen {
            datum.chosen.insert(cut.clone());
        }
        if datum.cuts.insert(cut.clone()) {
            self.by_cut.entry(cut).or_default().push(object);
        }
    }

    /// The object is an element of a list that a loop goes over, whose number may be used for something else.
    pub(super) fn counted(&mut self, object: NodeId, list: Option<NodeId>, counts_elsewhere: bool) {
        let known = self.data.entry(object).or_default();
        known.counted = list.or(known.counted);
        known.held = known.held.or(counts_elsewhere.then_some(reason::COUNTED));
    }

    /// Whether an object is in a parameter's default.
    pub(super) fn is_in_default(&self, object: NodeId) -> bool {
        let inside = self.data.get(&object).and_then(|datum| datum.inside);
        let source = inside.and_then(|inside| self.sources.get(&inside));
        source.is_some_and(|one| one.declaration.declared == Declared::Parameter)
    }

    /// What a cut takes out is not all known.
    pub(super) fn open(&mut self, cut: Cut) {
        self.open.insert(cut);
    }

    /// What becomes of `going`, the objects that are the extension.
    pub(super) fn settle(
        &self,
        model: &Model<'_>,
        going: &HashSet<NodeId>,
    ) -> HashMap<NodeId, Verdict> {
        let mut verdicts = HashMap::new();
        if going.is_empty() {
            return verdicts;
        }
        let mut emptied: HashMap<NodeId, bool> = HashMap::new();
        let affected = Affected::of(self, going);
        let blamed = affected.blamed(model, self);
        for object in going {
            let Some(datum) = self.data.get(object) else {
                continue;
            };
            let mut verdict = Verdict {
                cuts: datum.cuts.iter().cloned().collect(),
                ..Verdict::default()
            };
            let own = self
                .own_reason(model, datum, going, &mut emptied)
                .map(|own| (own, None));
            let around = self.around(datum.inside);
            let around_held = around.iter().find_map(|value| {
                let source = self.sources.get(value)?;
                let open = !source.declaration.is_certain
                    || (Some(*object) == datum.inside
                        && source.declaration.declared == Declared::Parameter);
                let by_parameter = open.then_some((reason::PARAMETER, None));
                by_parameter.or_else(|| blamed.get(value).copied())
            });
            verdict.held = own.or(around_held);
            let uses = around.iter().filter_map(|value| self.sources.get(value));
            let uses = uses.flat_map(|source| &source.followed);
            let strings: BTreeSet<NodeId> = uses.map(|followed| followed.string).collect();
            verdict.consumers = strings.into_iter().collect();
            verdicts.insert(*object, verdict);
        }
        verdicts
    }

    fn own_reason(
        &self,
        model: &Model<'_>,
        datum: &FollowedObject,
        going: &HashSet<NodeId>,
        emptied: &mut HashMap<NodeId, bool>,
    ) -> Option<&'static str> {
        let goes_whole = |cut: &Cut| {
            let all = self.by_cut.get(cut);
            !self.open.contains(cut) && all.is_some_and(|all| all.iter().all(|o| going.contains(o)))
        };
        if !datum.chosen.iter().all(goes_whole) {
            return Some(reason::CHOSEN);
        }
        let is_last = datum.counted.is_some_and(|list| {
            *emptied.entry(list).or_insert_with(|| {
                let mut elements = model.document.children(list);
                elements.all(|element| going.contains(&element))
            })
        });
        datum.held.or(is_last.then_some(reason::LAST))
    }

    /// The value around an object, and those that are made of it.
    fn around(&self, inside: Option<NodeId>) -> BTreeSet<NodeId> {
        let mut found = BTreeSet::new();
        let mut open: Vec<NodeId> = inside.into_iter().collect();
        while let Some(value) = open.pop() {
            if found.insert(value) {
                let followed = self.sources.get(&value).map(|source| &source.followed);
                open.extend(followed.into_iter().flatten().filter_map(|one| one.inside));
            }
        }
        found
    }
}

/// The values that change when objects go from them.
struct Affected {
    /// Each with the nodes in it that change.
    changed: BTreeMap<NodeId, Vec<NodeId>>,
}

impl Affected {
    fn of(ledger: &Ledger, going: &HashSet<NodeId>) -> Self {
        let mut changed: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
        let mut around = BTreeSet::new();
        for object in going {
            let inside = ledger.data.get(object).and_then(|datum| datum.inside);
            if let Some(inside) = inside {
                changed.entry(inside).or_default().push(*object);
                around.extend(ledger.around(Some(inside)));
            }
        }
        let around = around.iter().filter_map(|value| ledger.sources.get(value));
        for one in around.flat_map(|source| &source.followed) {
            if let Some(inside) = one.inside {
                changed.entry(inside).or_default().push(one.string);
            }
        }
        Self { changed }
    }

    /// The values that something uses in a way that was not followed, with that use.
    fn blamed(
        &self,
        model: &Model<'_>,
        ledger: &Ledger,
    ) -> HashMap<NodeId, (&'static str, Option<NodeId>)> {
        let declarations = Declarations::of(model);
        let by_key: HashMap<NodeId, usize> = declarations
            .all
            .iter()
            .enumerate()
            .map(|(index, one)| (one.node, index))
            .collect();
        let mut values: HashMap<&Key, NodeId> = HashMap::new();
        let mut blamed = HashMap::new();
        for value in self.changed.keys() {
            let source = ledger.sources.get(value);
            let one = source
                .and_then(|source| by_key.get(&source.declaration.key))
                .and_then(|index| declarations.all.get(*index));
            match one {
                Some(one) if one.unique => {
                    values.insert(&one.key, *value);
                }
                Some(_) => {
                    blamed.insert(*value, (reason::MENTIONED, None));
                }
                None => {
                    blamed.insert(*value, (reason::UNSEEN, None));
                }
            }
        }
        let mut followed: HashMap<(NodeId, NodeId), HashSet<usize>> = HashMap::new();
        for (value, source) in &ledger.sources {
            for one in &source.followed {
                let starts = followed.entry((*value, one.string)).or_default();
                starts.insert(one.start);
            }
        }
        let mut rest = Used::default();
        let mut uses: BTreeMap<(NodeId, NodeId), usize> = BTreeMap::new();
        visit_uses(
            model.document,
            &declarations,
            &Changes::default(),
            |at, used| {
                let value = match (&used, at.place) {
                    (Use::Name(declared, name), Place::Scope(scope)) => {
                        values.get(&(scope, *declared, name.clone())).copied()
                    }
                    _ => None,
                };
                match (value, at.node) {
                    (Some(value), Some(node)) => *uses.entry((value, node)).or_default() += 1,
                    _ => rest.add(at.place, used),
                }
            },
        );
        for one in &declarations.all {
            if let Some(value) = values.get(&one.key)
                && rest.has(one)
            {
                blamed.insert(*value, (reason::MENTIONED, None));
            }
        }
        for ((value, string), count) in uses {
            let starts = followed.remove(&(value, string)).unwrap_or_default();
            let declaration = ledger.sources.get(&value).map(|source| source.declaration);
            if starts.len() >= count {
                continue;
            }
            let understood = |one| self.understood(model, one, starts, string);
            if declaration.map_or(0, understood) < count {
                blamed
                    .entry(value)
                    .or_insert((reason::UNREAD, Some(string)));
            }
        }
        blamed
    }

    /// How many uses of what is declared are followed in `string`, those at `starts`, or do not mind.
    fn understood(
        &self,
        model: &Model<'_>,
        declaration: Declaration,
        mut starts: HashSet<usize>,
        string: NodeId,
    ) -> usize {
        let document = model.document;
        let value = declaration.value;
        let name = document.string(declaration.key).unwrap_or_default();
        let text = document.string(string).unwrap_or_default();
        let Some(expression) = expression::parse(&text).expression() else {
            return starts.len();
        };
        let changed = self.changed.get(&value).map_or(&[][..], Vec::as_slice);
        let mut around = document.ancestors(string);
        let in_outputs =
            around.any(|key| document.kind(key) == Kind::Key && document.is_called(key, "outputs"));
        let mut seen = HashSet::new();
        expression.visit(&mut |part| {
            let counted = match part.call("length") {
                Some([counted]) if in_outputs => Some(counted),
                _ => None,
            };
            let access = Access::of(counted.unwrap_or(part)).filter(|access| {
                access.declared == declaration.declared && access.name.eq_ignore_ascii_case(&name)
            });
            // The whole way comes before its parts.
            let Some(access) = access.filter(|access| seen.insert(access.start)) else {
                return;
            };
            let mut at = value;
            for step in &access.path {
                match document.get(at, step) {
                    Some(member) => at = member,
                    None => break,
                }
            }
            let holds = changed.iter().any(|node| document.contains(at, *node));
            if !holds || (counted.is_some() && access.whole) {
                starts.insert(access.start);
            }
        });
        starts.len()
    }
}

/// For each of `nodes` that is in a variable or parameter, the strings that use that.
pub(super) fn uses_around(model: &Model<'_>, nodes: &[NodeId]) -> HashMap<NodeId, Vec<NodeId>> {
    let mut found: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
    if nodes.is_empty() {
        return found;
    }
    let document = model.document;
    let declarations = Declarations::of(model);
    let by_node: HashMap<NodeId, &Key> = declarations
        .all
        .iter()
        .map(|one| (one.node, &one.key))
        .collect();
    let mut inside: HashMap<&Key, Vec<NodeId>> = HashMap::new();
    for node in nodes {
        let around = document.ancestors(*node);
        if let Some(key) = around.filter_map(|at| by_node.get(&at)).last() {
            inside.entry(key).or_default().push(*node);
        }
    }
    if inside.is_empty() {
        return found;
    }
    visit_uses(document, &declarations, &Changes::default(), |at, used| {
        let (Use::Name(declared, name), Place::Scope(scope), Some(string)) =
            (used, at.place, at.node)
        else {
            return;
        };
        for node in inside.get(&(scope, declared, name)).into_iter().flatten() {
            let strings = found.entry(*node).or_default();
            if strings.last() != Some(&string) {
                strings.push(string);
            }
        }
    });
    found
}
