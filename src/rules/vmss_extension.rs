//! `vmss-extension`: the extension as an entry of a scale set's profile.
//!
//! The list may be written there, or put together by `if()`, `concat()`, `union()` and `createArray()`
//! of variables and parameters, or made by a property copy over one whose count is its `length()`. Then
//! the entry goes from where it is: an element from its array, an argument from its call, and the
//! variable that only served it with it. What is decided so: every use of each variable on the way is
//! one of these, a `length()` in outputs, or reads another member. What is not, and is reported there
//! with the use that is to blame: a list that is read by a number, a computed name or another function,
//! that has entries which cannot be seen, or is a parameter's default that a deployment may replace; an
//! entry that a condition exchanges for another one; the last object of a loop, since older deployments
//! refuse a count of 0; whatever is in the variables of an embedded template.

use crate::arm::{Home, MachineIdentity, ResourceIndex};

use super::needles::EXTENSION;
use super::{About, Change, Context, Remedy, Root, Rule, Severity, removal};

pub(super) static RULE: Rule = Rule {
    id: "vmss-extension",
    finds: "an entry in a scale set's `extensionProfile.extensions`, a Service Fabric node type's \
            `vmExtensions`, a Batch pool's `extensions`, or a fleet's profile, also one that such \
            a list takes from a variable",
    fixes: "removed; an empty list is kept as `[]`, which removes the extension from the model",
    severity: Severity::Error,
    needles: &[EXTENSION],
    remedy: Remedy::Safe,
    page: concat!(
        include_str!("vmss_extension.md"),
        include_str!("removal.md")
    ),
    about: About::Extension,
    changes: &[Change::RemoveExtension],
    detect: Some(detect),
    ..Rule::DEFAULT
};

pub(super) fn detect(context: &Context<'_, '_>) -> Vec<Root> {
    removal::roots(context, &RULE, |extension| {
        let Home::Profile { scale_set, .. } = extension.home else {
            return None;
        };
        Some(vec![match extension.identity {
            MachineIdentity::Block => upgrade_note(context, scale_set),
            MachineIdentity::UserAssigned(_) => NODES.to_owned(),
        }])
    })
}

/// What is said of machines whose service decides what becomes of those that run.
const NODES: &str = "running machines may keep the extension until their service recreates them: \
                     move the callers first";

/// What the next deployment does to the instances that run, by the scale set's upgrade policy
/// (upgrade policy page of the scale set documentation).
fn upgrade_note(context: &Context<'_, '_>, scale_set: ResourceIndex) -> String {
    let document = context.model.document();
    let mode = context.model.resource(scale_set).and_then(|resource| {
        let properties = document.get(resource.node, "properties")?;
        let policy = document.get(properties, "upgradePolicy")?;
        let mode = document.get(policy, "mode")?;
        let value = context.model.value(scale_set, mode);
        value.as_literal().map(str::to_ascii_lowercase)
    });
    match mode.as_deref() {
        Some("automatic") => {
            "upgradePolicy Automatic: the next deployment removes the extension from all instances \
             at once, so move the callers first"
        }
        Some("rolling") => {
            "upgradePolicy Rolling: the next deployment removes the extension from the instances \
             batch by batch, so move the callers first"
        }
        Some("manual") => {
            "upgradePolicy Manual: running instances keep the extension until they are upgraded \
             with `az vmss update-instances`"
        }
        _ => {
            "the upgradePolicy decides when running instances lose the extension: with Automatic \
             or Rolling it is the next deployment, so move the callers first"
        }
    }
    .to_owned()
}
