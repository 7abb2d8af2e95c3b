//! `extension-reference`: expressions that name a removed extension outside `dependsOn`.

use std::collections::HashSet;

use crate::arm::expression::{Expression, ExpressionKind};
use crate::arm::{self, ExpressionSite};

use super::{About, Context, Finding, HoldCode, Place, Related, Removal, Repair, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "extension-reference",
    finds: "`reference()`, `list*()` or `resourceId()` of the removed entry elsewhere",
    fixes: "reported only; a remaining `reference()` or `list*()` holds the removal",
    severity: Severity::Error,
    page: include_str!("extension_reference.md"),
    about: About::Migration,
    repair: Some(repair),
    ..Rule::DEFAULT
};

pub(super) fn repair(context: &Context<'_, '_>, removal: &Removal) -> Vec<Repair> {
    let mut repairs = existing(context, removal);
    let candidates = arm::Candidates::of(context.model, &removal.resources);
    context.model.visit_references(|site, expression, _| {
        if site
            .resource
            .is_some_and(|resource| removal.resources.contains(&resource))
        {
            return;
        }
        let cases = |part: &Expression| {
            let whole = context.model.text(site.template, site.node)?;
            let text = format!("[{}]", whole.get(part.span.clone())?);
            Some(context.model.cases_at(site.resource, site.template, &text))
        };
        let removed = |cases: &[arm::Case]| {
            let found = context.model.named_in_some_case(site.template, cases);
            removal.of_resources(&found)
        };
        let mut foreign = HashSet::new();
        expression.visit(&mut |part| foreign.extend(reads_another(part)));
        let mut runtime = Vec::new();
        expression.visit(&mut |part| {
            let Some(argument) = arm::resolved_target(part) else {
                return;
            };
            let cases = cases(argument).unwrap_or_default();
            let mut extensions = removed(&cases);
            let may_read = part.call("reference").is_some() && !foreign.contains(&part.span.start);
            if extensions.is_empty() && may_read {
                let may_be = candidates.may_be_read(context.model, site.template, &cases);
                extensions = removal.of_resources(&may_be);
            }
            if !extensions.is_empty() {
                runtime.push(argument.span.clone());
                repairs.push(found(context, site, part, extensions, true));
            }
        });
        expression.visit(&mut |part| {
            let read = runtime
                .iter()
                .any(|span| span.start <= part.span.start && part.span.end <= span.end);
            if makes_id(part) && !read {
                let extensions = removed(&cases(part).unwrap_or_default());
                if !extensions.is_empty() {
                    repairs.push(found(context, site, part, extensions, false));
                }
            }
        });
    });
    repairs
}

/// Members of a template with symbolic names that read a removed extension as an existing resource.
fn existing(context: &Context<'_, '_>, removal: &Removal) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for (index, deployed) in context.model.reads() {
        let extensions = removal.of_resources(&deployed);
        let Some(resource) = context.model.resource(index) else {
            continue;
        };
        if extensions.is_empty() {
            continue;
        }
        let mut repair = Repair::new(extensions);
        repair.blocker =
            Some(HoldCode::StillRead.because("an existing resource still reads the extension"));
        repair
            .related
            .push(Related::hold(context.place(resource.node)));
        let finding = Finding::new(
            &RULE,
            context.place(resource.node),
            "this existing resource is the extension, and fails once the extension is removed",
        );
        repair.finding =
            Some(finding.with_help(["remove this resource and its readers, then run again"]));
        repairs.push(repair);
    }
    repairs
}

fn found(
    context: &Context<'_, '_>,
    site: &ExpressionSite,
    part: &Expression,
    extensions: Vec<usize>,
    runtime: bool,
) -> Repair {
    let document = context.model.document();
    let span = context.model.source_span(site, &part.span);
    let place = Place::within(document, site.node, span);
    let (severity, message, help) = if runtime {
        (
            Severity::Error,
            "this reads the extension at run time, and fails once the extension is removed",
            "remove or replace this read, then run again",
        )
    } else {
        (
            Severity::Warning,
            "this is the id of the extension, and names nothing after the removal",
            "check every use of the id",
        )
    };
    let mut repair = Repair::new(extensions);
    if runtime {
        repair.blocker =
            Some(HoldCode::StillRead.because("reference() or list*() still reads the extension"));
        repair.related.push(Related::hold(place.clone()));
    }
    let finding = Finding::new(&RULE, place, message).with_severity(severity);
    repair.finding = Some(finding.with_help([help]));
    repair
}

/// Members of what `reference()` gives for an extension, by itself and in full.
const MEMBERS: &[&str] = &[
    "apiversion",
    "autoupgrademinorversion",
    "condition",
    "enableautomaticupgrade",
    "forceupdatetag",
    "id",
    "instanceview",
    "location",
    "name",
    "properties",
    "protectedsettings",
    "protectedsettingsfromkeyvault",
    "provisionafterextensions",
    "provisioningstate",
    "publisher",
    "resourcegroupname",
    "resourceid",
    "scope",
    "settings",
    "subscriptionid",
    "suppressfailures",
    "tags",
    "type",
    "typehandlerversion",
];

/// Where a `reference()` starts of which a member is read that no extension has.
fn reads_another(part: &Expression) -> Option<usize> {
    let (base, name) = match &part.kind {
        ExpressionKind::Member { base, name } => (base, name.as_str()),
        ExpressionKind::Index { base, index } => (base, index.string()?),
        _ => return None,
    };
    let name = name.to_ascii_lowercase();
    base.call("reference")?;
    (!MEMBERS.contains(&name.as_str())).then_some(base.span.start)
}

/// Whether the call makes a resource id, such as `resourceId()` or `extensionResourceId()`.
fn makes_id(part: &Expression) -> bool {
    matches!(&part.kind, ExpressionKind::Call { namespace: None, name, .. }
        if name.to_ascii_lowercase().ends_with("resourceid"))
}
