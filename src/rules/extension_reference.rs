//! `extension-reference`: expressions that name a removed extension outside `dependsOn`.

use crate::arm::expression::{Expression, ExpressionKind};
use crate::arm::{self, ExpressionSite};

use super::{Context, Finding, Fix, Place, Remedy, Removal, Repair, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "extension-reference",
    finds: "`reference()`, `list*()` or `resourceId()` of the removed entry elsewhere",
    fixes: "reported only; a `reference()` or `list*()` that survives holds the removal",
    severity: Severity::Error,
    needles: &[],
    remedy: Remedy::None,
    page: include_str!("extension_reference.md"),
};

pub(super) fn repair(context: &Context<'_, '_>, removal: &Removal) -> Vec<Repair> {
    let mut repairs = existing(context, removal);
    context
        .model
        .visit_references(|site, expression, value_of| {
            if site
                .resource
                .is_some_and(|resource| removal.resources.contains(&resource))
            {
                return;
            }
            let removed = |part: &Expression| {
                let value = value_of(part);
                let mut found = Vec::new();
                for text in value.alternatives().iter().filter_map(|v| v.as_text()) {
                    let own = context.model.reach_value(site.template, Some(&text));
                    if own.resources.is_empty() {
                        // At run time an expression may read what another template deploys.
                        let elsewhere = context.model.reach_elsewhere(site.template, &text);
                        found.extend(removal.of_resources(&elsewhere));
                    } else {
                        found.extend(removal.of_resources(&own.resources));
                    }
                }
                found
            };
            let mut runtime = Vec::new();
            expression.visit(&mut |part| {
                if let Some(argument) = arm::resolved_target(part) {
                    let extensions = removed(argument);
                    if !extensions.is_empty() {
                        runtime.push(argument.span.clone());
                        repairs.push(found(context, site, part, extensions, true));
                    }
                }
            });
            expression.visit(&mut |part| {
                let read = runtime
                    .iter()
                    .any(|span| span.start <= part.span.start && part.span.end <= span.end);
                if makes_id(part) && !read {
                    let extensions = removed(part);
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
        repair.blocker = Some("it is still read as an existing resource".to_owned());
        repair.finding = Some(Finding {
            rule: &RULE,
            severity: Severity::Error,
            message: "this reads the extension as an existing resource, and fails once it is gone"
                .to_owned(),
            place: context.place(resource.node),
            related: Vec::new(),
            help: vec!["remove it and what reads it, then run again".to_owned()],
            fix: Fix::DisplayOnly,
        });
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
    let (severity, message, help) = if runtime {
        (
            Severity::Error,
            "this reads the extension at run time, and fails once it is gone",
            "remove or replace what reads it, then run again",
        )
    } else {
        (
            Severity::Warning,
            "this makes the id of the extension, which will name nothing",
            "see what uses the id",
        )
    };
    let mut repair = Repair::new(extensions);
    if runtime {
        repair.blocker = Some("it is still read by reference() or list*()".to_owned());
    }
    repair.finding = Some(Finding {
        rule: &RULE,
        severity,
        message: message.to_owned(),
        place: Place::within(document, site.node, span),
        related: Vec::new(),
        help: vec![help.to_owned()],
        fix: Fix::DisplayOnly,
    });
    repair
}

/// Whether the call makes a resource id, such as `resourceId()` or `extensionResourceId()`.
fn makes_id(part: &Expression) -> bool {
    matches!(&part.kind, ExpressionKind::Call { namespace: None, name, .. }
        if name.to_ascii_lowercase().ends_with("resourceid"))
}
