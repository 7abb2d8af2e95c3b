//! Extensions that are in variables and parameter defaults: as entries of a list that expressions
//! put together, or as objects of which a loop makes an extension each.
//!
//! Such an extension is one for each machine that takes it, all with the same object. Whether it can go
//! from there is settled once all are known. Start at [`settle`].

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use crate::json::{Kind, NodeId};

use super::consumers::{Cut, Ledger, Verdict, reason};
use super::expression::Piece;
use super::extension::{Extension, Home, SharedEntry};
use super::flow::{Flow, FlowEntry};
use super::instances;
use super::model::{Model, Resource, ResourceIndex};
use super::parts::{Parts, ProvisionAfter, written};
use super::places::Shape;
use super::recognition::Recognition;

/// The parts of the extension that `entry` is or describes; `None` where its publisher is not its own.
pub(super) fn parts(
    model: &Model<'_>,
    owner: ResourceIndex,
    shape: Shape,
    entry: &FlowEntry,
) -> Option<Parts> {
    let document = model.document;
    if let Some(base) = &entry.computed {
        let within = match shape {
            Shape::Nested => ".properties",
            Shape::Flat => "",
        };
        return Some(Parts::computed(model, owner, entry.object, base, within));
    }
    let template = model.resource(owner)?.template;
    let text = |node| written(model, owner, node);
    let Some(input) = entry.input else {
        let body = match shape {
            Shape::Nested => document.get(entry.object, "properties"),
            Shape::Flat => Some(entry.object),
        };
        return Some(Parts {
            name: document.get(entry.object, "name").map(text),
            ..Parts::of_body(model, owner, body)
        });
    };
    let member = |name: &str| {
        let way = match shape {
            Shape::Nested if name != "name" => vec!["properties", name],
            _ => vec![name],
        };
        instances::member(model, template, input, &way, entry.object)
    };
    let publisher = member("publisher").filter(|node| document.contains(entry.object, *node))?;
    let around = document
        .parent(publisher)
        .and_then(|key| document.parent(key));
    Some(Parts {
        name: member("name").map(text),
        body: around,
        publisher: Some(text(publisher)),
        kind: member("type").map(text),
        order: member("provisionAfterExtensions")
            .map(|value| ProvisionAfter::written(document, value)),
    })
}

/// The extensions that the loop of the extension `own`, a resource, makes of the objects of a list.
pub(super) fn instances(
    model: &Model<'_>,
    ledger: &mut Ledger,
    index: ResourceIndex,
    resource: &Resource,
    own: &Extension,
) -> Vec<Extension> {
    if !resource.copies {
        return Vec::new();
    }
    let flow = Flow::of_loop(model, ledger, resource);
    let entries = flow.entries.iter();
    let is_named_so = own
        .name
        .as_ref()
        .is_some_and(|name| matches!(name.pieces(), [Piece::Symbol(_)]));
    entries
        .filter_map(|entry| {
            let mut parts = parts(model, index, Shape::Nested, entry)?;
            parts.name = parts.name.filter(|_| is_named_so);
            let home = Home::Instance {
                resource: index,
                element: entry.object,
            };
            let made = Extension::of(model, home, entry.object, parts);
            Some(Extension {
                machines: own.machines.clone(),
                instances: own.instances.clone(),
                identity: own.identity,
                kept: own.kept,
                machine_key: own.machine_key.clone(),
                machine_family: own.machine_family.clone(),
                datum: Some(SharedEntry::default()),
                ..made
            })
        })
        .collect()
}

/// Settles which of the extensions that are in something declared can go from there.
pub(super) fn settle(model: &Model<'_>, ledger: &Ledger, found: &mut Vec<Extension>) {
    if ledger.is_exhausted() {
        found.retain(|extension| extension.datum.is_none());
    }
    let mut staying: HashMap<NodeId, &'static str> = HashMap::new();
    let going = found.iter().filter(|extension| {
        extension.datum.is_some() && extension.recognition == Recognition::Match
    });
    let going: HashSet<NodeId> = going.map(|extension| extension.node).collect();
    if going.is_empty() {
        return;
    }
    let verdicts = ledger.settle(model, &going);
    for extension in found.iter() {
        if extension.datum.is_none() {
            continue;
        }
        let verdict = verdicts.get(&extension.node);
        let reason = extension
            .kept
            .or_else(|| Some(verdict?.held?.0))
            .or_else(|| (!extension.siblings_known).then_some(reason::INCOMPLETE));
        if let Some(reason) = reason {
            staying.entry(extension.node).or_insert(reason);
        }
    }
    for node in named_elsewhere(model, found) {
        staying.entry(node).or_insert(reason::NAMED);
    }
    stay_together(&verdicts, &mut staying);
    for extension in found.iter_mut() {
        let Some(datum) = extension.datum.as_mut() else {
            continue;
        };
        datum.in_default = ledger.is_in_default(extension.node);
        extension.kept = staying.get(&extension.node).copied().or(extension.kept);
        if let Some(verdict) = verdicts.get(&extension.node) {
            datum.cuts.clone_from(&verdict.cuts);
            datum.consumers.clone_from(&verdict.consumers);
            datum.blamed = verdict.held.and_then(|(_, blamed)| blamed);
        }
    }
}

/// Lets all that one cut takes out stay where some of it does.
fn stay_together(verdicts: &HashMap<NodeId, Verdict>, staying: &mut HashMap<NodeId, &'static str>) {
    let mut by_cut: HashMap<&Cut, Vec<NodeId>> = HashMap::new();
    for (node, verdict) in verdicts {
        for cut in &verdict.cuts {
            by_cut.entry(cut).or_default().push(*node);
        }
    }
    let mut open: Vec<(NodeId, &'static str)> = staying
        .iter()
        .map(|(node, reason)| (*node, *reason))
        .collect();
    open.sort_unstable();
    while let Some((node, reason)) = open.pop() {
        let cuts = verdicts.get(&node).map(|verdict| &verdict.cuts);
        let partners = cuts.into_iter().flatten();
        let partners = partners.filter_map(|cut| by_cut.remove(cut)).flatten();
        for partner in partners {
            if let Entry::Vacant(free) = staying.entry(partner) {
                free.insert(reason);
                open.push((partner, reason));
            }
        }
    }
}

/// The objects whose resources, which a loop makes, something may name: those words would be left.
fn named_elsewhere(model: &Model<'_>, found: &[Extension]) -> HashSet<NodeId> {
    let document = model.document;
    let mut named = HashSet::new();
    let mut names: HashMap<String, Vec<&Extension>> = HashMap::new();
    for extension in found {
        let of_loop = matches!(extension.home, Home::Instance { .. });
        if !of_loop || extension.recognition != Recognition::Match {
            continue;
        }
        match extension.name.as_ref().and_then(|name| name.is_literal()) {
            Some(name) => names
                .entry(name.to_lowercase())
                .or_default()
                .push(extension),
            None => {
                named.insert(extension.node);
            }
        }
    }
    if names.is_empty() {
        return named;
    }
    for node in document.nodes() {
        if document.kind(node) != Kind::String {
            continue;
        }
        let text = document.string(node).unwrap_or_default().to_lowercase();
        let list = document.parent(node).and_then(|list| document.parent(list));
        let waits = list.is_some_and(|key| {
            document.kind(key) == Kind::Key && document.is_called(key, "dependsOn")
        });
        let reads = ["reference(", "resourceid(", "/extensions/", "list"];
        if !waits && !reads.iter().any(|word| text.contains(word)) {
            continue;
        }
        let words =
            text.split(|letter: char| !(letter.is_alphanumeric() || "-_.".contains(letter)));
        for word in words {
            let extensions = names.get(word).into_iter().flatten();
            let others = extensions.filter(|extension| !document.contains(extension.node, node));
            named.extend(others.map(|extension| extension.node));
        }
    }
    named
}
