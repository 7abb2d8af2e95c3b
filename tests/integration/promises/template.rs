//! Generated templates as what they mean: resources, and edges that know what they name.
//!
//! Start at [`Template`]; `author` makes one.

use std::collections::BTreeMap;

use super::plan::{ResourcePlan, Scope};

pub(crate) const VM: &str = "Microsoft.Compute/virtualMachines";
pub(crate) const SCALE_SET: &str = "Microsoft.Compute/virtualMachineScaleSets";
pub(crate) const NODE_TYPE: &str = "Microsoft.ServiceFabric/managedClusters/nodeTypes";
pub(crate) const POOL: &str = "Microsoft.Batch/batchAccounts/pools";
pub(crate) const NIC: &str = "Microsoft.Network/networkInterfaces";
pub(crate) const ROLE: &str = "Microsoft.Authorization/roleAssignments";
pub(crate) const DEPLOYMENT: &str = "Microsoft.Resources/deployments";

/// A file: its template, and those in its deployments.
pub(crate) struct Template {
    pub(crate) root: Part,
    /// The template of each deployment, by the deployment's index.
    pub(crate) nested: BTreeMap<usize, Part>,
}

/// A template with a graph of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    /// A resource waits only for those before it.
    pub(crate) resources: Vec<Resource>,
    /// What its expressions see.
    pub(crate) values: Values,
    /// What it declares, if that is not what its expressions see.
    pub(crate) decoys: Option<Values>,
    /// In what words a nested one says whose values it sees.
    pub(crate) scope: Option<Scope>,
    /// The extension that the outputs read.
    pub(crate) read: Option<usize>,
    pub(crate) order: u8,
}

/// Variables and parameters with their texts; a text of digits is a number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) parameters: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Machine,
    ScaleSet,
    /// Of a managed Service Fabric cluster.
    NodeType,
    /// Of a Batch account; the members of its extensions stand at one level.
    Pool,
    Msi,
    Script,
    Deployment,
    Other,
}

impl Kind {
    /// The way to the list of extensions in a resource of this kind; empty where there is none.
    pub(crate) fn list(self) -> &'static [&'static str] {
        match self {
            Self::ScaleSet => &[
                "properties",
                "virtualMachineProfile",
                "extensionProfile",
                "extensions",
            ],
            Self::NodeType => &["properties", "vmExtensions"],
            Self::Pool => &[
                "properties",
                "deploymentConfiguration",
                "virtualMachineConfiguration",
                "extensions",
            ],
            _ => &[],
        }
    }

    /// Whether an identity block makes it an identity of any kind.
    pub(crate) fn takes_identity(self) -> bool {
        matches!(self, Self::Machine | Self::ScaleSet)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nest {
    Root,
    Short,
    Full,
}

/// What an edge names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// The resource at this index.
    One(usize, Instance),
    /// All instances of all resources with this loop.
    Loop(String),
}

/// Which instance of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instance {
    /// The one of this number, counted from 0; 0 where there is no loop.
    Fixed(usize),
    /// The one so many behind the dependent's own number.
    Own(usize),
}

/// How an edge is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// By an entry of `dependsOn`.
    Entry,
    /// By an entry that is an `if()` which a parameter decides; one branch is what the edge names by
    /// default, the other names this resource.
    Undecided(usize),
    /// By a `reference()` or `list…()` by name.
    Implicit,
}

#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) aim: Aim,
    pub(crate) manner: Manner,
    /// As it stands in `dependsOn`, or would.
    pub(crate) text: String,
    /// Chooses among spellings.
    pub(crate) choice: u8,
}

/// A mention of a resource that is no edge.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    pub(crate) target: usize,
    /// Whether it is read at run time.
    pub(crate) reads: bool,
    pub(crate) text: String,
}

/// An extension in the list of a scale set, a node type or a pool.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) msi: bool,
    pub(crate) after: Vec<String>,
}

/// A copy loop, as the names in it have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Loop {
    pub(crate) name: String,
    pub(crate) count: usize,
    /// The number in the first instance's name.
    pub(crate) offset: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) kind: Kind,
    pub(crate) type_name: String,
    /// One for each segment, as `forms` has it.
    pub(crate) names: Vec<String>,
    pub(crate) nest: Nest,
    /// The machine in the template that an extension belongs to, and the first instance of it.
    pub(crate) machine: Option<usize>,
    /// Which instance of the machine the first instance belongs to.
    pub(crate) shift: usize,
    /// Whether it belongs to one instance of a looped machine only.
    pub(crate) fixed: bool,
    pub(crate) looping: Option<Loop>,
    /// Whether the loop is declared by the resource, not by the machine around it.
    pub(crate) copies: bool,
    pub(crate) condition: bool,
    pub(crate) edges: Vec<Edge>,
    pub(crate) mentions: Vec<Mention>,
    /// The extensions on the machine that it comes after, by index and in words.
    pub(crate) after: Vec<(usize, String)>,
    pub(crate) profile: Vec<Entry>,
    pub(crate) plan: ResourcePlan,
}

impl Resource {
    pub(crate) fn is_msi(&self) -> bool {
        self.kind == Kind::Msi
    }

    /// Whether it is an extension of a machine.
    pub(crate) fn is_extension(&self) -> bool {
        matches!(self.kind, Kind::Msi | Kind::Script)
    }

    pub(crate) fn count(&self) -> usize {
        self.looping.as_ref().map_or(1, |looping| looping.count)
    }

    /// Whether a copy loop's name means it.
    pub(crate) fn carries(&self, name: &str) -> bool {
        let own = self.looping.as_ref().filter(|_| self.copies);
        own.is_some_and(|own| own.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn has_profile_msi(&self) -> bool {
        self.profile.iter().any(|entry| entry.msi)
    }
}

impl Part {
    pub(crate) fn msis(&self) -> impl Iterator<Item = usize> {
        (0..self.resources.len()).filter(|index| self.resources[*index].is_msi())
    }

    /// What removals are about: the extensions that are resources, and what has them in a list
    /// of its own.
    pub(crate) fn homes(&self) -> impl Iterator<Item = usize> {
        let is_home = |resource: &Resource| resource.is_msi() || resource.has_profile_msi();
        (0..self.resources.len()).filter(move |index| is_home(&self.resources[*index]))
    }
}
