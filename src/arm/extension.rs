//! A declared VM extension: where it is declared, and what is known of it.
//!
//! Whether it is the managed identity extension, [`super::recognition`] says. Start at [`Extension`].

use crate::json::NodeId;

use super::consumers::Cut;
use super::expression::Text;
use super::model::{Model, ResourceIndex};
use super::parts::{Parts, ProvisionAfter};
use super::places::MachineIdentity;
use super::recognition::{Recognition, recognise};

const SCALE_SET: &str = "microsoft.compute/virtualmachinescalesets";

/// Where an extension is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// As a resource of its own, below a VM or a scale set.
    Resource(ResourceIndex),
    /// As an entry in the profile of a scale set, node type, pool or fleet.
    Profile {
        /// The resource with the profile.
        scale_set: ResourceIndex,
        /// The entry.
        element: NodeId,
    },
    /// As one of the resources that a copy loop makes of a list.
    Instance {
        /// The resource with the loop.
        resource: ResourceIndex,
        /// The element of the list that describes the extension.
        element: NodeId,
    },
}

/// One declared VM extension of any publisher.
#[derive(Clone, Debug)]
pub struct Extension {
    /// Where it is declared.
    pub home: Home,
    /// Its object: the resource or the profile's entry.
    pub node: NodeId,
    /// The object with its publisher and type.
    pub body: Option<NodeId>,
    /// The machines that get an `identity` block, where the files deploy them: a VM or scale set, or
    /// several of one name under different conditions; the whole loop where it is one of those.
    pub machines: Vec<ResourceIndex>,
    /// The numbers of the instances of the machine's loop that have it; `None` where each has.
    pub instances: Option<Vec<i64>>,
    /// What its machine takes as identity.
    pub identity: MachineIdentity,
    /// Why it is not removed at its place, if it is not.
    pub kept: Option<&'static str>,
    /// What distinguishes the machines of a template, also where they are declared elsewhere.
    pub machine_key: String,
    /// The same with numbers and loop variables left out: the machines of one loop are alike.
    pub machine_family: String,
    /// Whether it is there for each instance of a copy loop.
    pub looped: bool,
    /// Its own name, without the machine's.
    pub name: Option<Text>,
    /// Whether it is the one.
    pub recognition: Recognition,
    /// Its `provisionAfterExtensions`.
    pub provision_after: Option<ProvisionAfter>,
    /// Whether all other entries of its list are known.
    pub siblings_known: bool,
    /// More of one that is in a variable or a parameter's default, from where its machines take it.
    pub datum: Option<SharedEntry>,
}

/// Where an extension is that is not written at its machine.
#[derive(Clone, Debug, Default)]
pub struct SharedEntry {
    /// What takes it out of the lists.
    pub cuts: Vec<Cut>,
    /// The strings by which the machines take it.
    pub consumers: Vec<NodeId>,
    /// What is to blame where it stays.
    pub blamed: Option<NodeId>,
    /// Whether it is in a parameter's default, whose expressions see no variables.
    pub in_default: bool,
}

impl Extension {
    /// One with these parts at `home`, on no machine that is known.
    pub(super) fn of(model: &Model<'_>, home: Home, node: NodeId, parts: Parts) -> Self {
        let owner = home.owner();
        let name = parts.name.as_ref();
        Self {
            home,
            node,
            body: parts.body,
            machines: Vec::new(),
            instances: None,
            identity: MachineIdentity::Block,
            kept: None,
            machine_family: String::new(),
            machine_key: String::new(),
            looped: false,
            name: name.and_then(|name| model.text_value(owner, name).as_text()),
            recognition: recognise(model, owner, &parts),
            provision_after: parts.order,
            siblings_known: true,
            datum: None,
        }
    }

    /// Whether it is on a scale set rather than on a VM.
    pub fn on_scale_set(&self) -> bool {
        self.machine_key.starts_with(SCALE_SET)
    }

    /// The resource in whose scope its expressions are.
    pub fn owner(&self) -> ResourceIndex {
        self.home.owner()
    }

    /// The template that its resource is in.
    pub fn template(&self, model: &Model<'_>) -> usize {
        model
            .resource(self.owner())
            .map_or(0, |owner| owner.template)
    }
}

impl Home {
    fn owner(self) -> ResourceIndex {
        match self {
            Home::Resource(index)
            | Home::Instance {
                resource: index, ..
            }
            | Home::Profile {
                scale_set: index, ..
            } => index,
        }
    }
}
