//! What passes between the rules and the pipeline in the phases of a run.
//!
//! Phase (a) finds extensions and says which can go ([`Root`]). Phase (b) gets what goes
//! ([`Removal`]) and answers with repairs ([`Repair`]). A finding that needs no removal brings its
//! own operations ([`OwnFix`]). Phase (c) gets what all that leaves without a use, and answers in the
//! same way. None edits: operations on nodes are collected and lowered by the pipeline.

use std::cell::{Cell, OnceCell};
use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::arm::expression::Text;
use crate::arm::{self, DeclaredEdge, Extension, Home, Model, ResourceIndex};
use crate::json::surgery::Operation;
use crate::json::{Kind, NodeId};
use crate::text::Pattern;

use super::{Finding, Hold, HoldCode, Place, Related};

/// What to do about a machine that carried the extension and has no identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum IdentityPolicy {
    /// Add a system-assigned identity.
    #[default]
    SystemAssigned,
    /// Only report the machine.
    Report,
}

/// What the user wants of a run, apart from the choice of rules.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// What to do about a machine without an identity.
    pub identity: IdentityPolicy,
    /// Lists of a format of the user's own, whose entries are VM extensions.
    pub extension_lists: Vec<NodeId>,
}

/// What may be done to a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// It is edited, and what is found in it is reported.
    Edited,
    /// What is found in it is reported; it is not edited for this reason.
    Reported(&'static str),
    /// It was not selected: it is read for what it says about the others. Why that holds what would
    /// change it.
    Read(String),
}

/// What rules look at.
pub struct Context<'m, 'd> {
    /// The template.
    pub model: &'m Model<'d>,
    /// Its VM extensions of any publisher.
    pub extensions: Vec<Extension>,
    /// What the user wants.
    pub policies: Policies,
    /// What may be done to each source of the document.
    access: Vec<Access>,
    /// By machine and name.
    by_machine: ByMachine,
    /// By object: one in a variable is an extension of each machine that takes it.
    objects: HashMap<NodeId, Vec<usize>>,
    /// The steps that are left for following lists of `provisionAfterExtensions`.
    order_steps: Cell<usize>,
    /// What several rules look for in strings, once that was asked.
    callers: OnceCell<Vec<Root>>,
    /// Whether a request for tokens names an identity, once that was asked.
    names_an_identity: OnceCell<bool>,
}

/// A template and what names a machine in it, or several.
type PlaceKey = (usize, String);

/// Extensions by the machine that carries them and by a name, or by none. Thousands may be on a machine,
/// each with a list of all others.
#[derive(Default)]
pub struct ByMachine {
    machines: HashMap<PlaceKey, IndicesByName>,
    /// By machines that are alike but for a number: all, and those in loops.
    families: HashMap<PlaceKey, IndicesByName>,
    loops: HashMap<PlaceKey, IndicesByName>,
}

type IndicesByName = HashMap<Option<String>, Vec<usize>>;

impl ByMachine {
    /// Adds the extension at `index` under a name.
    pub fn add(
        &mut self,
        model: &Model<'_>,
        extension: &Extension,
        name: Option<&str>,
        index: usize,
    ) {
        let add = |table: &mut HashMap<PlaceKey, IndicesByName>, machine: &str| {
            let by_name = table.entry(place_key(model, extension, machine));
            let indices = by_name.or_default().entry(name.map(str::to_owned));
            indices.or_default().push(index);
        };
        add(&mut self.machines, &extension.machine_key);
        add(&mut self.families, &extension.machine_family);
        if extension.looped {
            add(&mut self.loops, &extension.machine_family);
        }
    }

    /// Those under a name that may be on the machine of `extension`: those that name it, and where a loop
    /// is in play those that name one of its machines by a number or another offset.
    pub fn of(&self, model: &Model<'_>, extension: &Extension, name: Option<&str>) -> Vec<usize> {
        let name = name.map(str::to_owned);
        let found = |table: &HashMap<PlaceKey, IndicesByName>, machine: &str| {
            let by_name = table.get(&place_key(model, extension, machine));
            by_name.and_then(|by_name| by_name.get(&name).cloned())
        };
        if extension.looped {
            return found(&self.families, &extension.machine_family).unwrap_or_default();
        }
        let mut all = found(&self.machines, &extension.machine_key).unwrap_or_default();
        if let Some(looped) = found(&self.loops, &extension.machine_family) {
            all.extend(looped);
            all.sort_unstable();
            all.dedup();
        }
        all
    }
}

/// What following lists of `provisionAfterExtensions` through removals may take, in steps, and what each
/// extension adds. Azure takes some twenty extensions on a machine.
const ORDER_STEPS: usize = 250_000;
const ORDER_STEPS_EACH: usize = 20;

impl<'m, 'd> Context<'m, 'd> {
    /// Looks for the extensions of `model`, each of whose sources may be edited.
    pub fn new(model: &'m Model<'d>, policies: Policies) -> Self {
        let sources = model.document().sources();
        Self::with_access(model, policies, vec![Access::Edited; sources])
    }

    /// Looks for the extensions of `model`, to whose sources `access` is given.
    pub fn with_access(model: &'m Model<'d>, policies: Policies, access: Vec<Access>) -> Self {
        let extensions = arm::extensions(model, &policies.extension_lists);
        let mut by_machine = ByMachine::default();
        let mut objects: HashMap<NodeId, Vec<usize>> = HashMap::new();
        for (index, extension) in extensions.iter().enumerate() {
            // An entry that a call makes has no object of its own: its string is the place of others too.
            if extension.datum.is_some() || model.document().kind(extension.node) == Kind::Object {
                objects.entry(extension.node).or_default().push(index);
            }
            let name = extension.name.as_ref().map(Text::name_key);
            by_machine.add(model, extension, None, index);
            if name.is_some() {
                by_machine.add(model, extension, name.as_deref(), index);
            }
        }
        let order_steps = Cell::new(ORDER_STEPS + ORDER_STEPS_EACH * extensions.len());
        Self {
            model,
            extensions,
            policies,
            access,
            by_machine,
            order_steps,
            objects,
            callers: OnceCell::new(),
            names_an_identity: OnceCell::new(),
        }
    }

    /// The extensions with these indices.
    pub fn extensions_at<'i>(
        &self,
        indices: impl IntoIterator<Item = &'i usize>,
    ) -> impl Iterator<Item = &Extension> {
        let indices = indices.into_iter();
        indices.filter_map(|index| self.extensions.get(*index))
    }

    /// The callers in strings, which `find` finds when they are asked for first.
    pub(super) fn callers(&self, find: impl FnOnce() -> Vec<Root>) -> &[Root] {
        self.callers.get_or_init(find)
    }

    /// Whether a request for tokens names an identity, which `find` finds out when it is asked first.
    pub(super) fn names_an_identity(&self, find: impl FnOnce() -> bool) -> bool {
        *self.names_an_identity.get_or_init(find)
    }

    /// What may be done to each source, in their order.
    pub fn all_access(&self) -> &[Access] {
        &self.access
    }

    /// Whether what is found at a place is reported by itself.
    pub fn reports(&self, place: &Place) -> bool {
        let access = self.access.get(place.source);
        access.is_some_and(|access| !matches!(access, Access::Read(_)))
    }

    /// Why the source that the node is in is not edited, if it is not.
    pub fn blocked(&self, node: NodeId) -> Option<&str> {
        let source = self.model.document().source_of(node);
        match self.access.get(source)? {
            Access::Edited => None,
            Access::Reported(reason) => Some(reason),
            Access::Read(reason) => Some(reason),
        }
    }

    /// All extensions with the object of `extension`, itself among them, as indices of
    /// [`Context::extensions`].
    pub fn same_object(&self, extension: &Extension) -> &[usize] {
        let found = self.objects.get(&extension.node);
        found.map_or(&[], Vec::as_slice)
    }

    /// Whether the extension, which is the one at `index`, is the first with its object: that one is
    /// reported.
    pub fn is_first(&self, index: usize, extension: &Extension) -> bool {
        self.same_object(extension).first() == Some(&index)
    }

    /// The extensions that may be on the machine of `extension`, itself among them, as indices of
    /// [`Context::extensions`]: those that name it, and where a loop is in play those that name one
    /// of its machines by a number or another offset.
    pub fn on_machine_of(&self, extension: &Extension) -> Vec<usize> {
        self.by_machine.of(self.model, extension, None)
    }

    /// The first of the extensions that name the machine of `extension`.
    pub fn first_on_machine_of(&self, extension: &Extension) -> Option<usize> {
        let key = place_key(self.model, extension, &extension.machine_key);
        let by_name = self.by_machine.machines.get(&key)?;
        by_name.get(&None)?.first().copied()
    }

    /// Those of them that are called `name`, as [`Text::name_key`] spells it.
    pub fn called(&self, extension: &Extension, name: &str) -> Vec<usize> {
        self.by_machine.of(self.model, extension, Some(name))
    }

    /// The entries of the extension's `provisionAfterExtensions`, each with the name of an extension, as
    /// [`Text::name_key`] spells it, where that is known.
    pub fn order_entries(
        &self,
        extension: &Extension,
    ) -> impl Iterator<Item = (NodeId, Option<String>)> {
        let owner = extension.owner();
        let entries = extension.provision_after.iter();
        let entries = entries.flat_map(|order| order.entries.iter().flatten());
        entries.map(move |entry| {
            let value = self.model.value(owner, *entry);
            (*entry, value.as_text().map(|text| text.name_key()))
        })
    }

    /// Takes steps of those that following lists of `provisionAfterExtensions` may take in all; false
    /// where there are not so many.
    pub fn take_order_steps(&self, steps: usize) -> bool {
        let left = self.order_steps.get().saturating_sub(steps);
        self.order_steps.set(left);
        left > 0
    }

    /// The strings, as they are written, that a pattern finds something in.
    pub fn strings_with(&self, pattern: &'static Pattern) -> Vec<NodeId> {
        let document = self.model.document();
        let found = pattern.find(document.text());
        let mut strings: Vec<NodeId> = found
            .filter_map(|found| document.node_at(found.start))
            .filter(|node| document.kind(*node) == Kind::String)
            .collect();
        strings.dedup();
        strings
    }

    /// The place of a node: its span and path.
    pub fn place(&self, node: NodeId) -> Place {
        let document = self.model.document();
        Place::within(document, node, document.span(node))
    }

    /// The member `key: value`, from the key to the end of its value.
    pub fn member_place(&self, key: NodeId) -> Place {
        let document = self.model.document();
        let end = document.value(key).map_or(key, |value| value);
        let span = document.span(key).start..document.span(end).end;
        Place::within(document, key, span)
    }
}

fn place_key(model: &Model<'_>, extension: &Extension, name: &str) -> PlaceKey {
    (extension.template(model), name.to_owned())
}

/// A finding of phase (a).
#[derive(Clone, Debug)]
pub struct Root {
    /// What is reported.
    pub finding: Finding,
    /// The extension that the finding is about, as an index of [`Context::extensions`].
    pub extension: Option<usize>,
    /// Its own fix, whatever becomes of extensions; applied as its `fix` says.
    pub own_fix: Option<OwnFix>,
    /// The extensions on the machines that run what the finding is about, as indices of
    /// [`Context::extensions`]: they go with it, or stay.
    pub runs_on: Vec<usize>,
}

/// The fix of a finding that needs no removal.
#[derive(Clone, Debug, Default)]
pub struct OwnFix {
    /// What to do; apart from what other findings do.
    pub operations: Vec<Operation>,
    /// What must depend on what from then on. Edges are written where the removals leave none.
    pub edges: Vec<DeclaredEdge>,
    /// What to say if they would let a resource depend on itself: the reason, and the help.
    pub circular: (&'static str, String),
}

impl Root {
    /// The extension that is to be removed, if one is.
    pub fn removes(&self) -> Option<usize> {
        self.extension.filter(|_| self.finding.fix.is_safe())
    }

    /// A finding that removes and fixes nothing.
    pub fn report(finding: Finding) -> Self {
        Self {
            finding,
            extension: None,
            own_fix: None,
            runs_on: Vec::new(),
        }
    }
}

/// What the run removes.
pub struct Removal {
    /// Indices of [`Context::extensions`], in order.
    pub extensions: Vec<usize>,
    /// The resources among them.
    pub resources: HashSet<ResourceIndex>,
    /// The resources whose loops make some of them, and stay.
    pub loops: HashSet<ResourceIndex>,
    by_resource: HashMap<ResourceIndex, usize>,
}

impl Removal {
    /// The removal of the extensions with these indices.
    pub fn new(context: &Context<'_, '_>, extensions: Vec<usize>) -> Self {
        let homes = extensions.iter().filter_map(|index| {
            let extension = context.extensions.get(*index)?;
            match extension.home {
                Home::Resource(resource) => Some((resource, *index)),
                Home::Profile { .. } | Home::Instance { .. } => None,
            }
        });
        let by_resource: HashMap<ResourceIndex, usize> = homes.collect();
        let loops = extensions.iter().filter_map(|index| {
            let extension = context.extensions.get(*index)?;
            match extension.home {
                Home::Instance { resource, .. } => Some(resource),
                Home::Resource(_) | Home::Profile { .. } => None,
            }
        });
        Self {
            loops: loops.collect(),
            resources: by_resource.keys().copied().collect(),
            by_resource,
            extensions,
        }
    }

    /// The removed extensions among `resources`.
    pub fn of_resources(&self, resources: &[ResourceIndex]) -> Vec<usize> {
        let index_of = |resource| self.by_resource.get(resource).copied();
        resources.iter().filter_map(index_of).collect()
    }
}

/// Whether an operation may be applied without being asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// It keeps what a working deployment does.
    Safe,
    /// It may change something that the files do not show.
    Unsafe,
}

/// What a removal asks for somewhere else.
pub struct Repair {
    /// The removed extensions that it is for; none in phase (c), where holds are settled.
    pub extensions: Vec<usize>,
    /// The lists that it writes to. Units that write to one list are one unit.
    pub touches: Vec<NodeId>,
    /// What to do.
    pub operations: Vec<Operation>,
    /// Whether `operations` need `--unsafe-fixes`.
    pub safety: Safety,
    /// What to say at the root finding.
    pub related: Vec<Related>,
    /// Why the unit cannot be removed.
    pub blocker: Option<Hold>,
    /// A finding beside the root's.
    pub finding: Option<Finding>,
}

impl Repair {
    /// A repair for `extensions` that does nothing yet.
    pub fn new(extensions: Vec<usize>) -> Self {
        Self {
            extensions,
            touches: Vec::new(),
            operations: Vec::new(),
            safety: Safety::Safe,
            related: Vec::new(),
            blocker: None,
            finding: None,
        }
    }

    /// The same repair with a reason why the unit cannot be removed.
    pub fn blocked(self, hold: Hold) -> Self {
        Self {
            blocker: Some(hold),
            ..self
        }
    }

    /// Why the unit is not removed in a run with or without `--unsafe-fixes`.
    pub fn blocker(&self, unsafe_fixes: bool) -> Option<&Hold> {
        let blocker = self.blocker.as_ref();
        blocker.filter(|hold| !(hold.releasable && unsafe_fixes))
    }

    /// Holds a removal that would leave the machine at `place` without tokens: a later run could not see
    /// that machine any more.
    pub(super) fn hold_without_identity(&mut self, context: &Context<'_, '_>, place: &Place) {
        if context.policies.identity != IdentityPolicy::Report {
            let reason = "without the extension, a machine would have no managed identity";
            self.blocker = Some(HoldCode::Identity.because(reason).releasable());
            self.related.push(Related::hold(place.clone()));
        }
    }
}
