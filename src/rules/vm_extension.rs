//! `vm-extension`: the extension as a resource of its own.
//!
//! It may be one of those that a copy loop makes of a list in a variable, where the count is the list's
//! `length()` and `copyIndex()` does nothing but read the list. Then its object goes from the list, and
//! the resource stays for the others, with what depends on it. It is held as `vmss-extension` holds what
//! is in variables, and where something may name the one resource of the loop.

use crate::arm::{self, Extension, Home, MachineIdentity};

use super::needles::EXTENSION;
use super::{
    About, Change, Context, Finding, HoldCode, Related, Remedy, Root, Rule, Severity, removal,
};

pub(super) static RULE: Rule = Rule {
    id: "vm-extension",
    finds: "the extension as a resource: at the root, nested in its VM, below a scale set, by symbolic \
            name, or in a template within a deployment, template spec, policy or blueprint",
    fixes: "removed",
    severity: Severity::Error,
    needles: &[EXTENSION],
    remedy: Remedy::Safe,
    page: concat!(
        include_str!("vm_extension.md"),
        include_str!("notice.md"),
        include_str!("removal.md")
    ),
    about: About::Extension,
    changes: &[Change::RemoveExtension],
    detect: Some(detect),
    ..Rule::DEFAULT
};

pub(super) fn detect(context: &Context<'_, '_>) -> Vec<Root> {
    let mut roots = removal::roots(context, &RULE, |extension| {
        (!matches!(extension.home, Home::Profile { .. })).then(|| help(extension))
    });
    roots.extend(strays(context));
    roots
}

/// What a person does elsewhere.
fn help(extension: &Extension) -> Vec<String> {
    let mut help = vec![live_note(extension)];
    if extension.machines.is_empty() && extension.identity == MachineIdentity::Block {
        help.push(
            "no scanned file deploys the machine: check that it has a managed identity, without \
             which IMDS issues no tokens"
                .to_owned(),
        );
    }
    help
}

/// What the next deployment leaves behind (deployment modes page of the ARM documentation).
fn live_note(extension: &Extension) -> String {
    let command = if extension.on_scale_set() {
        "az vmss extension delete"
    } else {
        "az vm extension delete"
    };
    format!(
        "incremental deployments leave the extension on running machines: remove it there with \
         `{command}`"
    )
}

/// Extensions at places that are not followed yet to the resource that takes them, or that say
/// why they stay.
fn strays(context: &Context<'_, '_>) -> Vec<Root> {
    let document = context.model.document();
    arm::stray_extensions(context.model, &context.extensions)
        .into_iter()
        .map(|stray| {
            let mut place = context.place(stray.node);
            if let Some(publisher) = document.key(stray.node, "publisher") {
                place.span = context.member_place(publisher).span;
            }
            let uses = stray.uses.into_iter().map(|node| {
                let message = "the value that holds the extension is used here";
                Related::new(context.place(node), message)
            });
            let reason = stray.kept.unwrap_or(
                "the extension is in a value whose uses cannot be followed, such as a variable \
                 that a function selects from",
            );
            let finding = Finding::new(&RULE, place, removal::DEPRECATED)
                .with_related(uses)
                .with_help([
                    "remove the extension and every `dependsOn` entry and read of it by hand",
                ])
                .held(HoldCode::Place.because(reason));
            Root::report(finding)
        })
        .collect()
}
