//! `vm-extension`: the extension as a resource of its own.

use crate::arm::{self, Extension, Home};

use super::{Context, Finding, Fix, Root, Rule, Severity, removal};

pub(super) static RULE: Rule = Rule {
    id: "vm-extension",
    finds: "the extension as a resource: at the root, nested in its VM, below a scale set, by symbolic \
            name, or in a template within a deployment, template spec, policy or blueprint",
    fixes: "removed",
    needles: &["managedidentity"],
};

pub(super) fn detect(context: &Context<'_, '_>) -> Vec<Root> {
    let mut roots: Vec<Root> = context
        .extensions
        .iter()
        .enumerate()
        .filter(|(_, extension)| matches!(extension.home, Home::Resource(_)))
        .filter_map(|(index, extension)| {
            removal::root(context, &RULE, index, extension, vec![live_note(extension)])
        })
        .collect();
    roots.extend(strays(context));
    roots
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
        .map(|(node, kept)| {
            let mut place = context.place(node);
            if let Some(publisher) = document.key(node, "publisher") {
                place.span = context.member_place(publisher).span;
            }
            Root::report(Finding {
                rule: &RULE,
                severity: Severity::Error,
                message: "the managed identity VM extension is no longer published: a deployment \
                          that names it fails"
                    .to_owned(),
                place,
                related: Vec::new(),
                help: vec!["remove it, and what waits for it or reads it, by hand".to_owned()],
                fix: Fix::Held(
                    kept.unwrap_or(
                        "it stands at a place whose use cannot be followed yet, such as a variable",
                    )
                    .to_owned(),
                ),
            })
        })
        .collect()
}
