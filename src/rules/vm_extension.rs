//! `vm-extension`: the extension as a resource of its own.

use crate::arm::{self, Home};

use super::{Context, Finding, Fix, Root, Rule, Severity, removal};

pub(super) static RULE: Rule = Rule {
    id: "vm-extension",
    finds: "the extension as a resource: at the root, nested in its VM, or below a scale set",
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
            let help =
                "incremental deployments leave the extension on running machines: remove it \
                        there with `az vm extension delete`"
                    .to_owned();
            removal::root(context, &RULE, index, extension, vec![help])
        })
        .collect();
    roots.extend(strays(context));
    roots
}

/// Extensions at places that are not followed yet to the resource that takes them.
fn strays(context: &Context<'_, '_>) -> Vec<Root> {
    let document = context.model.document();
    arm::stray_extensions(context.model, &context.extensions)
        .into_iter()
        .map(|node| {
            let mut place = context.place(node);
            if let Some(publisher) = document.key(node, "publisher") {
                place.span = context.member_place(publisher).span;
            }
            Root::report(Finding {
                rule: &RULE,
                severity: Severity::Error,
                message: "the managed identity VM extension is defined here, away from the \
                          resource that deploys it"
                    .to_owned(),
                place,
                related: Vec::new(),
                help: vec!["remove the definition, and what reads it, by hand".to_owned()],
                fix: Fix::Held("what reads this definition cannot be told".to_owned()),
            })
        })
        .collect()
}
