//! What is to be done, machine by machine: from what a migration removed and from inventories.
//!
//! What an inventory shows is concrete; what only a template says may have names that nobody knows before
//! it is deployed, which are asked for or found live. Never knows a shell. Start at [`Runbook`].

mod live;

use std::collections::HashMap;

use crate::migrate::{MachineKind, Removed, TemplateName};

use super::inventory::Inventory;

/// Something at a place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedNote {
    /// The place, such as `vm.json:3:5`.
    pub place: String,
    /// What there is to say about it.
    pub message: String,
}

/// What files say about a removal.
#[derive(Clone, Debug, Default)]
pub struct RemovalFacts {
    /// What was removed, each with its place.
    pub removed: Vec<(String, Removed)>,
    /// Who asks the extension for tokens.
    pub callers: Vec<PlacedNote>,
    /// The extensions that stay in the files, with the reason.
    pub staying: Vec<PlacedNote>,
    /// Whether files were read at all.
    pub read: bool,
}

impl RemovalFacts {
    /// Adds what other files say.
    pub fn join(&mut self, others: Self) {
        self.removed.extend(others.removed);
        self.callers.extend(others.callers);
        self.staying.extend(others.staying);
    }
}

/// The commands that take the extension off machines that run, in their order.
#[derive(Debug, Default)]
pub struct Runbook {
    pub(super) callers: Vec<PlacedNote>,
    pub(super) staying: Vec<PlacedNote>,
    /// What came after a removed extension, so that the fixed templates are deployed first.
    pub(super) behind: Vec<PlacedNote>,
    pub(super) notes: Vec<String>,
    /// What is asked for before anything runs.
    pub(super) asked: Vec<RequestedValue>,
    pub(super) steps: Vec<Step>,
    pub(super) files_read: bool,
}

/// One machine's part.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) target: StepTarget,
    /// `None` for the shell's own subscription.
    pub(super) subscription: Option<KnownOrAsked>,
    pub(super) group: KnownOrAsked,
    /// `None` where it is found live.
    pub(super) machine: Option<String>,
    /// `None` where it is found live.
    pub(super) extension: Option<String>,
    /// What to read before the commands, a line each.
    pub(super) remarks: Vec<String>,
    /// Whether the machine did not run when the inventory was written.
    pub(super) is_stopped: bool,
    /// Whether it has no identity, where that was asked for.
    pub(super) lacks_identity: bool,
}

/// What a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum StepTarget {
    VirtualMachine,
    ScaleSet,
    /// Something that no command takes the extension off: what to do instead.
    Words(&'static str),
}

/// A name that is known, or the place in [`Runbook::asked`] of one that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum KnownOrAsked {
    Known(String),
    Asked(usize),
}

/// A value that whoever runs the commands gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequestedValue {
    pub(super) what: ValueKind,
    /// Its number among those of one kind, from 1.
    pub(super) number: usize,
    /// What the template says of it.
    pub(super) written: Option<String>,
}

/// The kinds of values that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueKind {
    /// The resource group that the files are deployed to.
    FilesGroup,
    /// The resource group of a deployment in them.
    Group,
    /// The subscription of a deployment in them.
    Subscription,
}

const NODE_TYPE: &str = "deploying the fixed template removes the extension from the node type; \
                         without a deployment: az sf managed-node-type vm-extension delete -g GROUP \
                         -c CLUSTER -n NODETYPE --extension-name NAME";
const POOL: &str = "no command removes an extension from a Batch pool, whose nodes get it when they \
                    are created: deploy the fixed template, as a new pool if Batch refuses to \
                    change this one";
const OTHER: &str = "no command removes the extension here: deploy the fixed template and recreate \
                     the machines";
impl Runbook {
    /// Puts together what `facts` and `inventory` say; `check_identity` asks for machines that have none.
    pub fn new(facts: RemovalFacts, inventory: Option<&Inventory>, check_identity: bool) -> Self {
        let mut runbook = Self {
            callers: facts.callers,
            staying: facts.staying,
            files_read: facts.read,
            ..Self::default()
        };
        let mut builder = Builder {
            runbook: &mut runbook,
            by_key: HashMap::new(),
            by_machine: HashMap::new(),
        };
        if let Some(inventory) = inventory {
            builder.add_inventory(inventory, check_identity);
        }
        for (place, removed) in &facts.removed {
            builder.add_removed(place, removed, inventory.is_some());
        }
        runbook.steps.sort_by_key(|step| {
            step.subscription.as_ref().map(|part| match part {
                KnownOrAsked::Known(name) => (0, name.to_lowercase()),
                KnownOrAsked::Asked(number) => (1, format!("{number:9}")),
            })
        });
        runbook
    }

    /// Whether there is nothing to remove.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

type StepKey = (
    StepTarget,
    Option<KnownOrAsked>,
    KnownOrAsked,
    Option<String>,
    Option<String>,
);

struct Builder<'r> {
    runbook: &'r mut Runbook,
    by_key: HashMap<StepKey, usize>,
    /// The steps that an inventory gave, by the machine's name.
    by_machine: HashMap<(StepTarget, String), Vec<usize>>,
}

impl Builder<'_> {
    /// Adds a step, or the remarks of one that is there already.
    fn add(&mut self, step: Step) -> usize {
        let lower = |part: &KnownOrAsked| match part {
            KnownOrAsked::Known(name) => KnownOrAsked::Known(name.to_lowercase()),
            KnownOrAsked::Asked(number) => KnownOrAsked::Asked(*number),
        };
        let key = (
            step.target,
            step.subscription.as_ref().map(lower),
            lower(&step.group),
            step.machine.as_ref().map(|name| name.to_lowercase()),
            step.extension.as_ref().map(|name| name.to_lowercase()),
        );
        let next = self.runbook.steps.len();
        let index = *self.by_key.entry(key).or_insert(next);
        match self.runbook.steps.get_mut(index) {
            Some(known) => known.remarks.extend(step.remarks),
            None => self.runbook.steps.push(step),
        }
        index
    }

    fn add_removed(&mut self, place: &str, removed: &Removed, has_inventory: bool) {
        for name in &removed.behind {
            self.runbook.behind.push(PlacedNote {
                place: place.to_owned(),
                message: display(name),
            });
        }
        let target = match removed.host {
            MachineKind::VirtualMachine => StepTarget::VirtualMachine,
            MachineKind::ScaleSet => StepTarget::ScaleSet,
            MachineKind::NodeType => StepTarget::Words(NODE_TYPE),
            MachineKind::Pool => StepTarget::Words(POOL),
            MachineKind::Other => StepTarget::Words(OTHER),
        };
        let mut remarks = remarks(place, removed);
        let is_machine = !matches!(target, StepTarget::Words(_));
        if has_inventory && is_machine {
            let TemplateName::Known(machine) = &removed.machine else {
                let machine = display(&removed.machine);
                self.runbook.notes.push(format!(
                    "{place}: the machine is {machine}; the inventories show which one that is"
                ));
                return;
            };
            let key = (target, machine.to_lowercase());
            if let Some(steps) = self.by_machine.get(&key) {
                for index in steps {
                    if let Some(step) = self.runbook.steps.get_mut(*index) {
                        step.remarks.extend(remarks.iter().cloned());
                    }
                }
                return;
            }
            remarks.push("no inventory has the extension on a machine of this name".to_owned());
        }
        let (machine, extension) = match &removed.machine {
            TemplateName::Known(machine) => (Some(machine.clone()), as_known(&removed.name)),
            // Which machine, and so which extension, is found live.
            TemplateName::Written(_) if is_machine => (None, None),
            TemplateName::Written(written) => (Some(written.clone()), as_known(&removed.name)),
        };
        let group = match &removed.resource_group {
            None => KnownOrAsked::Asked(self.ask_for(ValueKind::FilesGroup, None)),
            Some(name) => self.part(ValueKind::Group, name),
        };
        let subscription = removed.subscription.as_ref();
        let subscription = subscription.map(|name| self.part(ValueKind::Subscription, name));
        self.add(Step {
            target,
            subscription,
            group,
            machine,
            extension,
            remarks,
            is_stopped: false,
            lacks_identity: false,
        });
    }

    fn part(&mut self, what: ValueKind, name: &TemplateName) -> KnownOrAsked {
        match name {
            TemplateName::Known(name) => KnownOrAsked::Known(name.clone()),
            TemplateName::Written(written) => {
                KnownOrAsked::Asked(self.ask_for(what, Some(written)))
            }
        }
    }

    /// The place of a value in [`Runbook::asked`].
    fn ask_for(&mut self, what: ValueKind, written: Option<&str>) -> usize {
        let asked = &mut self.runbook.asked;
        let same = |one: &RequestedValue| one.what == what && one.written.as_deref() == written;
        if let Some(known) = asked.iter().position(same) {
            return known;
        }
        let number = asked.iter().filter(|one| one.what == what).count() + 1;
        asked.push(RequestedValue {
            what,
            number,
            written: written.map(str::to_owned),
        });
        asked.len() - 1
    }
}

fn as_known(name: &TemplateName) -> Option<String> {
    match name {
        TemplateName::Known(name) => Some(name.clone()),
        TemplateName::Written(_) => None,
    }
}

fn display(name: &TemplateName) -> String {
    match name {
        TemplateName::Known(name) | TemplateName::Written(name) => name.clone(),
    }
}

/// What a template says of an extension.
fn remarks(place: &str, removed: &Removed) -> Vec<String> {
    let types = match removed.types.as_slice() {
        [] => String::new(),
        types => format!(" ({})", types.join(" or ")),
    };
    let mut remarks = vec![format!("removed from {place}{types}")];
    if let TemplateName::Written(written) = &removed.machine {
        remarks.push(format!("the machine is {written}"));
    }
    if let TemplateName::Written(written) = &removed.name {
        remarks.push(format!("the extension is {written}"));
    }
    if let Some(condition) = &removed.condition {
        remarks.push(format!("the extension was deployed only if {condition}"));
    }
    if removed.looped {
        remarks.push("a copy loop created one for each of its machines".to_owned());
    }
    remarks.extend(removed.upgrade_mode.as_deref().map(upgrade_remark));
    remarks
}

/// What a deployment does to the instances that run, by the scale set's upgrade policy.
fn upgrade_remark(mode: &str) -> String {
    let then = match mode.to_ascii_lowercase().as_str() {
        "automatic" => "a change of the model is applied to all instances at once",
        "rolling" => "a change of the model is applied to the instances batch by batch",
        _ => "instances keep the extension until they are upgraded",
    };
    format!("upgradePolicy {mode}: {then}")
}
