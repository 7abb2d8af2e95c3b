//! VM extensions: where they stand, and what is known of each.
//!
//! Which of them is the managed identity extension, [`super::recognition`] says. Start at
//! [`extensions`].

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use crate::extension::WORD;
use crate::json::{Document, Kind, NodeId};

use super::consumers::{Ledger, uses_around};
use super::described::{self, Datum};
use super::expression::{self, Text};
use super::flow::Flow;
use super::graph::Instance;
use super::graph::loop_family;
use super::model::{Model, Resource, ResourceIndex};
use super::parts::{Parts, ProvisionAfter, written};
use super::places::{MachineIdentity, Place, Stray, places, stray};
use super::recognition::{Recognition, is_declared, makes_ours, recognise};

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
    /// What tells the machines of a template apart, also where they are declared elsewhere.
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
    /// More of one that stands in a variable or a parameter's default, from where its machines take it.
    pub datum: Option<Datum>,
}

impl Extension {
    /// One with these parts that stands at `home`, on no machine that is known.
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

    /// Whether it stands on a scale set rather than on a VM.
    pub fn on_scale_set(&self) -> bool {
        self.machine_key.starts_with(SCALE_SET)
    }

    /// The resource in whose scope its expressions stand.
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

/// All VM extensions of a template file at the places where Azure takes them as such, and in `lists`
/// of somebody's own.
pub fn extensions(model: &Model<'_>, lists: &[NodeId]) -> Vec<Extension> {
    let machines = Machines::of(model);
    let mut ledger = Ledger::new(model.document().len());
    let mut found = Vec::new();
    for (index, resource) in model.resources().iter().enumerate() {
        for place in places(&resource.type_name) {
            if place.list.is_empty() {
                let own = as_resource(model, &machines, place, index, resource);
                let instances = described::instances(model, &mut ledger, index, resource, &own);
                found.push(own);
                found.extend(instances);
            } else {
                found.extend(profile(model, &mut ledger, place, index, resource));
            }
        }
    }
    described::settle(model, &ledger, &mut found);
    if !lists.is_empty() {
        let known: HashSet<NodeId> = found.iter().map(|extension| extension.node).collect();
        let resources = model.resources_by_node();
        let own = lists
            .iter()
            .flat_map(|list| listed(model, &resources, *list));
        found.extend(own.filter(|extension| !known.contains(&extension.node)));
    }
    found
}

/// The entries of a list of somebody's own in a resource. What machine they are for is not known.
fn listed(
    model: &Model<'_>,
    resources: &HashMap<NodeId, ResourceIndex>,
    list: NodeId,
) -> Vec<Extension> {
    let document = model.document();
    let mut around = std::iter::successors(Some(list), |node| document.parent(*node));
    let Some(index) = around.find_map(|node| resources.get(&node).copied()) else {
        return Vec::new();
    };
    let entries: Vec<NodeId> = document.children(list).collect();
    let siblings_known = entries
        .iter()
        .all(|entry| document.kind(*entry) == Kind::Object);
    let objects = entries.into_iter();
    objects
        .filter(|entry| document.kind(*entry) == Kind::Object)
        .map(|entry| {
            let nested = document.get(entry, "properties");
            let nested = nested.filter(|body| document.get(*body, "publisher").is_some());
            let machine_key = format!("list/{}", document.span(list).start);
            let home = Home::Profile {
                scale_set: index,
                element: entry,
            };
            let parts = Parts {
                name: document
                    .get(entry, "name")
                    .map(|name| written(model, index, name)),
                ..Parts::of_body(model, index, nested.or(Some(entry)))
            };
            Extension {
                machine_family: machine_key.clone(),
                machine_key,
                siblings_known,
                ..Extension::of(model, home, entry, parts)
            }
        })
        .collect()
}

/// How many names of machines are looked at to see whether they may be that of an extension's. Beyond
/// it the first machine is taken for a possible one, which holds the extension.
const MAX_COMPARED: usize = 1 << 22;

/// The machines of a file.
#[derive(Default)]
struct Machines {
    /// By where they are deployed to and by their keys.
    by_key: HashMap<(usize, String), Vec<ResourceIndex>>,
    compared: Cell<usize>,
}

impl Machines {
    fn of(model: &Model<'_>) -> Self {
        let mut found = Self::default();
        let all = model.resources().iter().enumerate();
        for (index, resource) in all.filter(|(_, resource)| !resource.existing) {
            let Some(target) = model.target(resource.template) else {
                continue;
            };
            if let Some(key) = &resource.key {
                let named = found.by_key.entry((target, key.clone()));
                named.or_default().push(index);
            }
        }
        found
    }

    /// The machines that `resource` may be an extension of, where none is for certain: those of which it
    /// cannot be told that their names differ.
    fn possible(&self, model: &Model<'_>, resource: &Resource) -> Vec<ResourceIndex> {
        let kind = resource.type_name.rsplit_once('/').map(|(kind, _)| kind);
        let target = model.target(resource.template);
        let segments = resource.name.as_ref().map(Text::segments);
        let machine = segments.as_ref().and_then(|all| all.split_last());
        let may_be = |index: &&ResourceIndex| {
            let name = model.resource(**index).and_then(|one| one.name.as_ref());
            let (Some(name), Some((_, machine))) = (name, machine) else {
                return true;
            };
            let names = name.segments();
            names.len() == machine.len()
                && machine
                    .iter()
                    .zip(&names)
                    .all(|(own, name)| own.could_equal(name))
        };
        let all = model.resources().iter().enumerate();
        let all = all.filter(|(_, one)| {
            let is_there = !one.existing && model.target(one.template) == target;
            is_there && Some(one.type_name.as_str()) == kind
        });
        let all = all.map(|(index, _)| index);
        let compared = self.compared.get() + model.resources().len();
        self.compared.set(compared);
        match compared > MAX_COMPARED {
            true => all.take(1).collect(),
            false => all.filter(|index| may_be(&index)).collect(),
        }
    }

    /// The machines called `key` that `resource` is an extension of: those of its template, or where that
    /// may leave them out, all that templates around or beside it deploy to the same place.
    fn find(&self, model: &Model<'_>, key: &str, resource: &Resource) -> Vec<ResourceIndex> {
        let deployed = |index: &ResourceIndex| is_deployed(model, *index);
        let own = model.all_by_key(resource.template, key).iter().copied();
        let own: Vec<_> = own.filter(deployed).collect();
        let is_certain = |index: &ResourceIndex| {
            let machine = model.resource(*index);
            machine.is_some_and(|machine| machine.condition.is_none())
        };
        if own.iter().any(is_certain) {
            return own;
        }
        let target = model.target(resource.template);
        let elsewhere = target.and_then(|target| self.by_key.get(&(target, key.to_owned())));
        if let Some(elsewhere) = elsewhere {
            return elsewhere.clone();
        }
        if !own.is_empty() {
            return own;
        }
        let machine_type = resource.type_name.rsplit_once('/').map(|(kind, _)| kind);
        let around = resource.parent.filter(deployed).filter(|parent| {
            let parent = model.resource(*parent);
            parent.map(|parent| parent.type_name.as_str()) == machine_type
        });
        around.into_iter().collect()
    }

    /// The machines of an extension whose name is another in each case, and which of their instances.
    fn hosts(
        &self,
        model: &Model<'_>,
        index: ResourceIndex,
        resource: &Resource,
    ) -> (Vec<ResourceIndex>, Option<Vec<i64>>) {
        let target = model.target(resource.template);
        let elsewhere = |key: &str| {
            let all = target.and_then(|target| self.by_key.get(&(target, key.to_owned())));
            all.cloned().unwrap_or_default()
        };
        let mut found = model.hosts(index, &elsewhere);
        found.retain(|(host, _)| is_deployed(model, host.resource));
        let mut machines: Vec<_> = found.iter().map(|(host, _)| host.resource).collect();
        machines.dedup();
        let is_whole = |(host, in_all): &(Instance, bool)| *in_all && host.number.is_none();
        if found.iter().all(is_whole) {
            return (machines, None);
        }
        let numbers = found
            .iter()
            .filter(|(_, in_all)| *in_all && machines.len() == 1);
        let numbers = numbers.filter_map(|(host, _)| host.number).collect();
        (machines, Some(numbers))
    }
}

/// Whether the template deploys the resource, and does not only read it.
fn is_deployed(model: &Model<'_>, index: ResourceIndex) -> bool {
    model
        .resource(index)
        .is_some_and(|resource| !resource.existing)
}

/// An extension at a place that is not known.
#[derive(Clone, Debug)]
pub struct StrayExtension {
    /// The object with its publisher and type.
    pub node: NodeId,
    /// Why it stays, where its place says so.
    pub kept: Option<&'static str>,
    /// The strings that use the variable or parameter that it stands in.
    pub uses: Vec<NodeId>,
}

/// Objects with the publisher and one of the types of the managed identity extension at places
/// that [`extensions`] does not know, such as variables, each with the reason why it stays if its
/// place gives one. Resources that only look like hosts of it are passed over.
pub fn stray_extensions(model: &Model<'_>, known: &[Extension]) -> Vec<StrayExtension> {
    let document = model.document();
    let known: HashSet<NodeId> = known.iter().filter_map(|known| known.body).collect();
    let resources = model.resources_by_node();
    // The innermost resource around a node.
    let host = |node: NodeId| {
        let mut around = std::iter::successors(Some(node), |at| document.parent(*at));
        let index = around.find_map(|at| resources.get(&at).copied());
        index.and_then(|index| model.resource(index))
    };
    let place = |node| host(node).map_or(Stray::Unknown, |host| stray(&host.type_name));
    let found: Vec<(NodeId, Option<&'static str>)> = document
        .nodes()
        .filter(|node| match document.kind(*node) {
            Kind::Object => is_declared(document, *node),
            Kind::String => is_made(document, *node),
            _ => false,
        })
        .filter(|node| !known.contains(node))
        .filter_map(|node| match place(node) {
            Stray::AnotherHost => None,
            Stray::Kept(reason) => Some((node, Some(reason))),
            Stray::Unknown => Some((node, None)),
        })
        .collect();
    let nodes: Vec<NodeId> = found.iter().map(|(node, _)| *node).collect();
    let mut uses = uses_around(model, &nodes);
    let strays = found.into_iter();
    strays
        .map(|(node, kept)| StrayExtension {
            node,
            kept,
            uses: uses.remove(&node).unwrap_or_default(),
        })
        // What only extensions are made of that are known goes with them.
        .filter(|stray| stray.uses.is_empty() || !stray.uses.iter().all(|at| known.contains(at)))
        .collect()
}

/// Whether the string is an expression that makes the extension. Brackets that escape it do not matter.
fn is_made(document: &Document<'_>, node: NodeId) -> bool {
    let raw = document.raw(node);
    let may_make = raw.len() > 40 && memchr::memchr(b'(', raw).is_some();
    let text = document.string(node).filter(|_| may_make);
    // Most are expressions about something else, which need not be parsed.
    let text = text.filter(|text| text.to_ascii_lowercase().contains(WORD));
    let text = text.map(|text| format!("[{}", text.trim_start_matches('[')));
    let expression = text.and_then(|text| expression::parse(&text).expression());
    expression.is_some_and(|expression| makes_ours(&expression))
}

/// The expression in the string `node`, without its brackets.
fn computed(model: &Model<'_>, template: usize, node: NodeId) -> Option<String> {
    let expression = model.expression(template, node)?;
    let text = model.text(template, node)?;
    text.get(expression.span).map(str::to_owned)
}

fn as_resource(
    model: &Model<'_>,
    machines: &Machines,
    place: &Place,
    index: ResourceIndex,
    resource: &Resource,
) -> Extension {
    let document = model.document();
    let node = resource.node;
    let machine_type = resource.type_name.trim_end_matches("/extensions");
    let segments = resource
        .name
        .as_ref()
        .map(Text::segments)
        .unwrap_or_default();
    let of_key = resource
        .key
        .as_deref()
        .and_then(|key| key.rsplit_once('/')?.0.rsplit_once('/'));
    let machine_key = match of_key {
        Some((key, _)) => key.to_owned(),
        None => {
            let machine = segments
                .split_last()
                .map_or(&[][..], |(_, machine)| machine);
            let names: Vec<String> = machine.iter().map(Text::name_key).collect();
            format!("{machine_type}/{}", names.join("/"))
        }
    };
    let body = document.get(node, "properties");
    let computed = body.and_then(|body| {
        let base = computed(model, resource.template, body)?;
        Some(Parts::computed(model, index, body, &base, ""))
    });
    let parts = computed.unwrap_or_else(|| Parts::of_body(model, index, body));
    let mut found = Extension {
        machines: machines.find(model, &machine_key, resource),
        identity: place.identity,
        kept: match resource.existing {
            true => Some("the template only reads the extension and does not deploy it"),
            false => place.kept,
        },
        machine_family: loop_family(&machine_key),
        machine_key,
        looped: resource.looped,
        name: segments.last().cloned(),
        ..Extension::of(model, Home::Resource(index), node, parts)
    };
    match found.machines.as_slice() {
        [] => (found.machines, found.instances) = machines.hosts(model, index, resource),
        [machine] => found.instances = model.copies_of_fewer(index, *machine),
        _ => {}
    }
    if found.machines.is_empty() && found.recognition != Recognition::Other {
        found.machines = machines.possible(model, resource);
        found.instances = Some(Vec::new());
    }
    found
}

fn profile(
    model: &Model<'_>,
    ledger: &mut Ledger,
    place: &Place,
    index: ResourceIndex,
    resource: &Resource,
) -> Vec<Extension> {
    let flow = Flow::of(model, ledger, resource, place.list);
    let complete = flow.complete;
    let entries = flow.entries.iter();
    entries
        .filter_map(|entry| {
            let parts = described::parts(model, index, place.shape, entry)?;
            let home = Home::Profile {
                scale_set: index,
                element: entry.object,
            };
            let has_block = place.identity == MachineIdentity::Block && !resource.existing;
            let key = resource.key.as_deref().unwrap_or_default();
            Some(Extension {
                machines: has_block.then_some(index).into_iter().collect(),
                identity: place.identity,
                kept: place.kept,
                machine_key: key.to_owned(),
                machine_family: loop_family(key),
                looped: resource.looped,
                siblings_known: complete,
                datum: entry.declared.then(Datum::default),
                ..Extension::of(model, home, entry.object, parts)
            })
        })
        .collect()
}
