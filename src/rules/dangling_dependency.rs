//! `dangling-dependency`: what depends on an extension that is not there, and the repair of what
//! depends on one that a run removes.

use std::collections::{HashMap, HashSet};

use crate::arm::{self, ResourceIndex, Rewrite, Target};
use crate::json::NodeId;
use crate::json::surgery::{Inserted, Operation, WhenEmpty, respell};

use super::needles::EXTENSION;
use super::provision_after;
use super::{
    About, Change, Context, Finding, HoldCode, Related, Removal, Repair, Root, Rule, Severity,
};

pub(super) static RULE: Rule = Rule {
    id: "dangling-dependency",
    finds: "`dependsOn` or `provisionAfterExtensions` naming an extension that was missing already",
    fixes: "repaired with a removal; else reported",
    severity: Severity::Error,
    needles: &[EXTENSION],
    page: include_str!("dangling_dependency.md"),
    about: About::Migration,
    changes: &[Change::RewriteOrder],
    detect: Some(detect),
    repair: Some(repair),
    ..Rule::DEFAULT
};

/// Entries that named a missing extension before anything was removed.
pub(super) fn detect(context: &Context<'_, '_>) -> Vec<Root> {
    let mut roots = dangling_entries(context);
    roots.extend(dangling_provision_after(context));
    roots
}

/// The repairs of what depends on removed extensions.
pub(super) fn repair(context: &Context<'_, '_>, removal: &Removal) -> Vec<Repair> {
    let mut repairs = depends_on(context, removal);
    repairs.extend(provision_after::repairs(context, removal));
    repairs
}

fn depends_on(context: &Context<'_, '_>, removal: &Removal) -> Vec<Repair> {
    let rewirings = arm::contract(context.model, &removal.resources);
    let written = written_entries(context, removal);
    rewirings
        .into_iter()
        .flat_map(|rewiring| {
            let resource = context.model.resource(rewiring.resource);
            let template = resource.map_or(0, |resource| resource.template);
            let list = resource
                .and_then(|resource| resource.depends_on.as_ref())
                .and_then(|list| list.array);
            let for_resources = |resources: &[ResourceIndex]| Repair {
                touches: list.into_iter().collect(),
                ..Repair::new(removal.of_resources(resources))
            };
            match rewiring.rewrites {
                Ok(rewrites) => rewrites
                    .into_iter()
                    .map(|rewrite| Repair {
                        operations: rewrite_operations(context, &written, template, &rewrite),
                        related: vec![Related::new(
                            context.place(rewrite.entry),
                            described(&rewrite),
                        )],
                        ..for_resources(&rewrite.removed)
                    })
                    .collect(),
                Err(obstacle) => vec![Repair {
                    related: vec![Related::hold(context.place(obstacle.place))],
                    blocker: Some(HoldCode::MayName.because(obstacle.reason)),
                    ..for_resources(&rewiring.removed)
                }],
            }
        })
        .collect()
}

/// The `dependsOn` entries of the removed resources by their templates and decoded texts.
fn written_entries<'c>(
    context: &'c Context<'_, '_>,
    removal: &Removal,
) -> HashMap<(usize, &'c str), NodeId> {
    let edges = removal.resources.iter().flat_map(|resource| {
        let template = context.model.resource(*resource).map_or(0, |r| r.template);
        let edges = context.model.edges(*resource).iter();
        edges.map(move |edge| (template, edge))
    });
    edges
        .filter_map(|(template, edge)| match edge.origin {
            arm::Origin::Entry(entry) => Some(((template, edge.text.as_str()), entry)),
            _ => None,
        })
        .collect()
}

fn rewrite_operations(
    context: &Context<'_, '_>,
    written: &HashMap<(usize, &str), NodeId>,
    template: usize,
    rewrite: &Rewrite,
) -> Vec<Operation> {
    let document = context.model.document();
    let raw = |text: &String| match written.get(&(template, text.as_str())) {
        Some(entry) => document.raw(*entry).to_vec(),
        None => {
            let text = context.model.written(template, text);
            respell(document, rewrite.entry, &text)
        }
    };
    let texts = rewrite.texts.iter().map(raw).collect();
    list_operations(context, rewrite.entry, rewrite.stays, texts)
}

fn described(rewrite: &Rewrite) -> String {
    match (rewrite.stays, rewrite.texts.as_slice()) {
        (false, []) => {
            "removed: the resource depends on the same resources without this entry".to_owned()
        }
        (false, texts) => format!("replaced by {}", texts.join(" and ")),
        (true, []) => "kept: another resource has this name".to_owned(),
        (true, texts) => format!("kept; {} is added", texts.join(" and ")),
    }
}

/// Puts `texts` (raw JSON) where the element `entry` was, or behind it if it `stays`. A list that
/// this empties goes with its member.
pub(super) fn list_operations(
    context: &Context<'_, '_>,
    entry: NodeId,
    stays: bool,
    texts: Vec<Vec<u8>>,
) -> Vec<Operation> {
    let Some(array) = context.model.document().parent(entry) else {
        return Vec::new();
    };
    let mut texts = texts.into_iter();
    let mut operations = Vec::new();
    if !stays {
        operations.push(match texts.next() {
            Some(raw) => Operation::Replace { node: entry, raw },
            None => Operation::RemoveElement {
                element: entry,
                when_empty: when_empty(context, array),
            },
        });
    }
    operations.extend(texts.map(|raw| Operation::InsertElement {
        array,
        after: Some(entry),
        value: Inserted::Raw(raw),
    }));
    operations
}

/// What becomes of a list that loses its last element: it goes, unless that would bring a dead member
/// of the same name to life.
fn when_empty(context: &Context<'_, '_>, array: NodeId) -> WhenEmpty {
    let document = context.model.document();
    match document.parent(array) {
        Some(key) if document.has_namesake(key) => WhenEmpty::Keep,
        _ => WhenEmpty::RemoveMember,
    }
}

/// Whether a name is one that this extension commonly has.
fn looks_like_ours(name: &str) -> bool {
    name.contains("managedidentityextension")
        || (name.starts_with("msi") && name.contains("extension"))
}

fn dangling_entries(context: &Context<'_, '_>) -> Vec<Root> {
    let mut roots = Vec::new();
    let known = Known::of(context);
    for index in 0..context.model.resources().len() {
        for edge in context.model.edges(index) {
            let (Some(named), arm::Origin::Entry(entry)) = (&edge.reach.target, edge.origin) else {
                continue;
            };
            if !edge.reach.resources.is_empty() || !known.lacks(context, index, named) {
                continue;
            }
            let finding = Finding::new(
                &RULE,
                context.place(entry),
                "this `dependsOn` entry names an extension that the template does not define, so \
                 the whole template is invalid",
            )
            .with_help([
                "depend on the machine instead, and on what the missing extension depended on",
            ])
            .held(
                HoldCode::Order
                    .because("the resources that the missing extension depended on are unknown"),
            );
            roots.push(Root::report(finding));
        }
    }
    roots
}

/// What the templates of a file may define, looked up once for all entries.
struct Known {
    /// The templates with a resource whose type is unknown: it may be any.
    untold: HashSet<usize>,
    /// The extensions that are resources, by template and name in lower case; `None` for one whose name
    /// is unknown.
    extensions: HashSet<(usize, Option<String>)>,
}

impl Known {
    fn of(context: &Context<'_, '_>) -> Self {
        let resources = context.model.resources().iter();
        let untold = resources.filter(|resource| resource.type_name.is_empty());
        let extensions = context.extensions.iter().filter_map(|extension| {
            if matches!(extension.home, arm::Home::Profile { .. }) {
                return None;
            }
            let template = context.model.resource(extension.owner())?.template;
            let name = extension.name.as_ref().and_then(|name| name.is_literal());
            Some((template, name.map(|name| name.to_ascii_lowercase())))
        });
        Self {
            untold: untold.map(|resource| resource.template).collect(),
            extensions: extensions.collect(),
        }
    }

    /// Whether `named` is certainly an extension and certainly not one of its template's.
    fn lacks(&self, context: &Context<'_, '_>, index: usize, named: &Target) -> bool {
        let Some(resource) = context.model.resource(index) else {
            return false;
        };
        let template = resource.template;
        let (key, typed) = match named {
            Target::Id(key) => (key, true),
            Target::Name(key) => (key, false),
        };
        let Some((before, name)) = key.rsplit_once('/').or(Some(("", key))) else {
            return false;
        };
        if name.contains('{') {
            return false;
        }
        if !typed {
            return looks_like_ours(name);
        }
        let is_extension = before.ends_with("/extensions")
            && (before.starts_with("microsoft.compute/virtualmachines/")
                || before.starts_with("microsoft.compute/virtualmachinescalesets/"));
        let may_have = |name: Option<String>| self.extensions.contains(&(template, name));
        is_extension
            && !self.untold.contains(&template)
            && !may_have(None)
            && !may_have(Some(name.to_ascii_lowercase()))
    }
}

/// The names of extensions in lower case, if all of them are known.
fn literal_names(context: &Context<'_, '_>, extensions: &[usize]) -> Option<HashSet<String>> {
    let names = context.extensions_at(extensions).map(|extension| {
        let name = extension.name.as_ref()?.is_literal();
        name.map(str::to_ascii_lowercase)
    });
    names.collect()
}

fn dangling_provision_after(context: &Context<'_, '_>) -> Vec<Root> {
    let mut roots = Vec::new();
    // Those of one machine follow one another.
    let mut of_machine = (None, None);
    for extension in &context.extensions {
        if extension.provision_after.is_none() {
            continue;
        }
        let owner = context.model.resource(extension.owner());
        let machine = (
            owner.map(|owner| owner.template),
            extension.looped,
            &extension.machine_key,
        );
        if of_machine.0 != Some(machine) {
            let names = literal_names(context, &context.on_machine_of(extension));
            of_machine = (Some(machine), names);
        }
        let Some(names) = of_machine.1.as_ref().filter(|_| extension.siblings_known) else {
            continue;
        };
        for (entry, name) in context.order_entries(extension) {
            let Some(name) = name.filter(|name| !name.contains('{')) else {
                continue;
            };
            let in_profile = matches!(extension.home, arm::Home::Profile { .. });
            // A VM may carry extensions from elsewhere; a scale set's model is all it has.
            if names.contains(&name) || !(in_profile || looks_like_ours(&name)) {
                continue;
            }
            let finding =
                Finding::new(
                    &RULE,
                    context.place(entry),
                    "this name is no extension of the machine, so the deployment fails",
                )
                .with_help(["remove the name from provisionAfterExtensions"])
                .held(HoldCode::Order.because(
                    "the extensions that the missing one was provisioned after are unknown",
                ));
            roots.push(Root::report(finding));
        }
    }
    roots
}
