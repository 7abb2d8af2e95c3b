//! The machine that a finding is about: what it is, its name as its author wrote it, and where it is declared.
//!
//! Start at [`Machine`].

use crate::arm::{Home, Resource, expression};

use super::{Context, Place};

/// A machine that carries the extension, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// What it is.
    pub kind: MachineKind,
    /// Its name as the template writes it, such as `[parameters('vmName')]`.
    pub name: String,
    /// Its declaration; where the files hold none, that of the first extension on it.
    pub place: Place,
}

/// What an extension is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MachineKind {
    /// A virtual machine.
    VirtualMachine,
    /// A virtual machine scale set.
    ScaleSet,
    /// A node type of a Service Fabric managed cluster.
    NodeType,
    /// A Batch pool.
    Pool,
    /// A fleet, or something else that makes machines.
    Other,
}

/// The types of resources that carry extensions, in lower case.
const KINDS: [(&str, MachineKind); 4] = [
    (
        "microsoft.compute/virtualmachinescalesets",
        MachineKind::ScaleSet,
    ),
    (
        "microsoft.compute/virtualmachines",
        MachineKind::VirtualMachine,
    ),
    (
        "microsoft.servicefabric/managedclusters/nodetypes",
        MachineKind::NodeType,
    ),
    ("microsoft.batch/batchaccounts/pools", MachineKind::Pool),
];

impl MachineKind {
    /// The kind of the machine that a resource of this type, in lower case, is or is an extension of.
    pub fn of_type(type_name: &str) -> Self {
        let of_resource = type_name.trim_end_matches("/extensions");
        let row = KINDS.iter().find(|(name, _)| *name == of_resource);
        row.map_or(Self::Other, |(_, kind)| *kind)
    }

    /// The word for machines, and the one for people.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::VirtualMachine => ("vm", "VM"),
            Self::ScaleSet => ("scale-set", "scale set"),
            Self::NodeType => ("node-type", "node type"),
            Self::Pool => ("pool", "pool"),
            Self::Other => ("other", "machine"),
        }
    }

    /// The word that formats for machines print.
    pub fn word(self) -> &'static str {
        self.words().0
    }

    /// The word that people read.
    pub fn label(self) -> &'static str {
        self.words().1
    }
}

impl Machine {
    /// The machine of the extension at `index` of [`Context::extensions`].
    pub fn of(context: &Context<'_, '_>, index: usize) -> Option<Self> {
        let extension = context.extensions.get(index)?;
        let owner = context.model.resource(extension.owner())?;
        let kind = MachineKind::of_type(&owner.type_name);
        let declared = match extension.home {
            Home::Profile { .. } => Some(owner),
            Home::Resource(_) | Home::Instance { .. } => {
                let machine = extension.machines.first();
                machine.and_then(|machine| context.model.resource(*machine))
            }
        };
        if let Some(machine) = declared {
            return Some(Self {
                kind,
                name: written_name(context, machine),
                place: context.place(machine.node),
            });
        }
        let around = owner.parent.filter(|_| owner.short_name.is_some());
        let name = match around.and_then(|parent| context.model.resource(parent)) {
            Some(parent) => written_name(context, parent),
            None => {
                let own = written_name(context, owner);
                expression::without_last_segments(&own, 1).unwrap_or(own)
            }
        };
        let first = context.first_on_machine_of(extension).unwrap_or(index);
        let first = context.extensions.get(first)?;
        Some(Self {
            kind,
            name,
            place: context.place(first.node),
        })
    }

    /// The machine of all these extensions, if they are on one.
    pub fn of_all(context: &Context<'_, '_>, extensions: &[usize]) -> Option<Self> {
        // What so many share is not about one of them.
        const MOST: usize = 50;
        let (first, rest) = extensions.split_first()?;
        let machine = Self::of(context, *first)?;
        let is_same = |index: &usize| Self::of(context, *index).as_ref() == Some(&machine);
        (rest.len() < MOST && rest.iter().all(is_same)).then_some(machine)
    }
}

fn written_name(context: &Context<'_, '_>, resource: &Resource) -> String {
    let document = context.model.document();
    let name = document.get(resource.node, "name");
    let name = name.and_then(|name| context.model.text(resource.template, name));
    name.unwrap_or_default()
}
