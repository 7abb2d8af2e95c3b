//! What the two removing rules share: from an extension's recognition to a root finding.

use crate::arm::{self, Extension, Recognition};
use crate::extension::PUBLISHER;
use crate::json::NodeId;

use super::{Context, Finding, Fix, Hold, HoldCode, Related, Root, Rule, Severity};

/// The root findings of a rule: those for extensions about which it has something to say by `help`, which goes
/// with a removal. Of those with one object the first is reported.
pub(super) fn roots(
    context: &Context<'_, '_>,
    rule: &'static Rule,
    help: impl Fn(&Extension) -> Option<Vec<String>>,
) -> Vec<Root> {
    let extensions = context.extensions.iter().enumerate();
    extensions
        .filter(|(index, extension)| context.is_first(*index, extension))
        .filter_map(|(index, extension)| root(context, rule, index, extension, help(extension)?))
        .collect()
}

/// The root finding for the extension at `index`, if it is the managed identity extension or may
/// be it. `help` goes with a removal.
fn root(
    context: &Context<'_, '_>,
    rule: &'static Rule,
    index: usize,
    extension: &Extension,
    help: Vec<String>,
) -> Option<Root> {
    let document = context.model.document();
    let (severity, message, fix) = match &extension.recognition {
        Recognition::Other | Recognition::Lookalike(_) => return None,
        Recognition::Match => (
            Severity::Error,
            DEPRECATED.to_owned(),
            Fix::Safe("removes the extension".into()),
        ),
        Recognition::OtherType(name) => (
            Severity::Warning,
            format!(
                "publisher Microsoft.ManagedIdentity never shipped an extension of type {name}"
            ),
            Fix::Held(
                HoldCode::Undecided
                    .because("the type is not a type of the managed identity extension"),
            ),
        ),
        Recognition::Undecided(reason) => (
            Severity::Warning,
            "this may be the deprecated managed identity VM extension".to_owned(),
            Fix::Held(HoldCode::Undecided.because(reason)),
        ),
    };
    let stays = stays(context, extension);
    let fix = match &stays {
        Some((hold, _)) if fix.is_safe() => Fix::Held(hold.clone()),
        _ => fix,
    };
    let publisher = extension
        .body
        .and_then(|body| document.key(body, "publisher"));
    let mut place = context.place(extension.node);
    if let Some(publisher) = publisher {
        place.span = context.member_place(publisher).span;
    }
    let help = match (fix.is_safe(), stays) {
        (true, _) => help,
        (false, Some((_, help))) => vec![help.to_owned()],
        (false, None) => vec![UNDECIDED.to_owned()],
    };
    let finding = Finding::new(rule, place, message)
        .with_severity(severity)
        .with_related(related(context, extension))
        .with_help(help)
        .with_help(bicep_note(context, extension))
        .with_fix(fix);
    Some(Root {
        extension: Some(index),
        ..Root::report(finding)
    })
}

/// What is said of a declaration that certainly is the extension.
pub(super) const DEPRECATED: &str = "deprecated managed identity VM extension; where Azure no longer publishes it, the \
                                     deployment fails";

/// What to do about a template that Bicep made: the compiler writes its name into `metadata._generator`, and
/// `main.json` from `main.bicep` unless it is given another name.
fn bicep_note(context: &Context<'_, '_>, extension: &Extension) -> Option<String> {
    let document = context.model.document();
    let source = document.source_of(extension.node);
    let way = ["metadata", "_generator", "name"];
    let generator = way
        .iter()
        .try_fold(document.root_of(source)?, |node, name| {
            document.get(node, name)
        });
    if !document.string(generator?)?.eq_ignore_ascii_case("bicep") {
        return None;
    }
    let file = match context.model.source_name(source).rsplit_once('.') {
        Some((stem, _)) => format!("`{stem}.bicep`, unless it was built from another file"),
        None => "the `.bicep` file that it was built from".to_owned(),
    };
    Some(format!(
        "Bicep generated this template: change its source too ({file}), or the next build adds the \
         extension again"
    ))
}

/// Where an extension that is in something declared is taken from there, and where the publisher of
/// one comes from that is a parameter.
fn related(context: &Context<'_, '_>, extension: &Extension) -> Vec<Related> {
    let at = |node: NodeId, message: &str| Related::new(context.place(node), message);
    let Some(datum) = &extension.datum else {
        if !matches!(extension.recognition, Recognition::Undecided(_)) {
            return Vec::new();
        }
        let passed = context.model.passed_strings(extension.owner()).into_iter();
        let is_ours = |node: &NodeId| {
            let text = context.model.document().string(*node);
            text.is_some_and(|text| text.eq_ignore_ascii_case(PUBLISHER))
        };
        return passed
            .filter(is_ours)
            .map(|node| at(node, "this deployment passes the extension's publisher"))
            .collect();
    };
    let blamed = datum.blamed.iter();
    let blamed = blamed.map(|node| at(*node, "this use cannot be followed"));
    let consumers = datum.consumers.iter();
    let consumers = consumers.filter(|node| datum.blamed != Some(**node));
    blamed
        .chain(consumers.map(|node| at(*node, "used here")))
        .collect()
}

const UNDECIDED: &str = "if this is that extension: remove it, make its dependents depend on the \
                         machine, and request tokens from IMDS";

/// Why an extension stays that certainly is the one, and what to do about it.
fn stays(context: &Context<'_, '_>, extension: &Extension) -> Option<(Hold, &'static str)> {
    if let Some(reason) = extension.kept {
        let help = "remove it by hand, in the template and from running machines, and request tokens from \
             IMDS";
        return Some((HoldCode::Place.because(reason), help));
    }
    let owner = context.model.resource(extension.owner());
    if owner.is_some_and(|owner| owner.overrides && owner.node == extension.node) {
        return Some((
            HoldCode::Place.because(
                "two resources have this symbolic name: without this one, the earlier one would be \
                 deployed",
            ),
            "remove the earlier resource first; Azure ignores it",
        ));
    }
    arm::policy_asks_for(context.model, extension).then_some((
        HoldCode::Policy.because(
            "the policy tests for the extension, so no machine would comply with it again",
        ),
        "retire the policy: delete its assignments and the definition; machines need an identity \
         and IMDS instead",
    ))
}
