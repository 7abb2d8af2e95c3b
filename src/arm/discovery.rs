//! Finds the VM extensions of a file, at each place where Azure takes one.
//!
//! Start at [`extensions`].

use std::collections::{HashMap, HashSet};

use crate::json::{Kind, NodeId};

use super::consumers::Ledger;
use super::described;
use super::expression::Text;
use super::extension::{Extension, Home, SharedEntry};
use super::flow::Flow;
use super::graph::loop_family;
use super::machines::Machines;
use super::model::{Model, Resource, ResourceIndex};
use super::parts::{Parts, written};
use super::places::{MachineIdentity, Place, places};
use super::recognition::Recognition;

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
    let mut around = document.ancestors(list);
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
                datum: entry.declared.then(SharedEntry::default),
                ..Extension::of(model, home, entry.object, parts)
            })
        })
        .collect()
}

/// The expression in the string `node`, without its brackets.
fn computed(model: &Model<'_>, template: usize, node: NodeId) -> Option<String> {
    let expression = model.expression(template, node)?;
    let text = model.text(template, node)?;
    text.get(expression.span).map(str::to_owned)
}
