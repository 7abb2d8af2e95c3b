//! `identities-default`: the old way to read a machine's identity.
//!
//! `reference()` of `…/providers/Microsoft.ManagedIdentity/Identities/default` with
//! `2015-08-31-PREVIEW` becomes a full `reference()` of the machine, which holds the same ids. It
//! does not depend on the extension, so it is a finding of its own. Source: "resource not found" in
//! the troubleshooting pages of the ARM documentation.

use std::ops::Range;

use crate::arm::expression;
use crate::arm::{self, ApiVersion, ExpressionSite, Host, IdentityParts, IdentityRead, Reach};
use crate::json::surgery::Operation;

use super::needles::EXTENSION;
use super::{
    About, Change, Context, Finding, Fix, HoldCode, OwnFix, Place, Remedy, Root, Rule, Severity,
};

pub(super) static RULE: Rule = Rule {
    id: "identities-default",
    finds: "`reference()` of a machine's `…/Microsoft.ManagedIdentity/Identities/default` with \
            `2015-08-31-PREVIEW`",
    fixes: "`principalId` and `tenantId`: `reference(…, '…', 'Full').identity` of the machine, and \
            a `dependsOn` entry for the machine where there is none; all else is reported",
    severity: Severity::Warning,
    needles: &[EXTENSION],
    remedy: Remedy::Safe,
    page: include_str!("identities_default.md"),
    about: About::Migration,
    changes: &[Change::ReplaceRead, Change::AddEdge],
    detect: Some(detect),
    ..Rule::DEFAULT
};

/// The API version that a machine is read with unless its own is newer.
const FULL_VERSION: &str = "2018-06-01";

/// What both the old object and the machine's `identity` hold.
const SHARED: [&str; 2] = ["principalId", "tenantId"];

/// Members of a resource that are evaluated before anything is deployed.
const TOO_EARLY: [&str; 7] = [
    "name",
    "type",
    "apiVersion",
    "condition",
    "copy",
    "scope",
    "dependsOn",
];

pub(super) fn detect(context: &Context<'_, '_>) -> Vec<Root> {
    let reads = arm::identity_reads(context.model);
    let roots = reads
        .iter()
        .map(|read| root(context, read, own_fix(context, read)));
    roots.collect()
}

/// What makes a read one of the machine itself, or why that cannot be.
fn own_fix(context: &Context<'_, '_>, read: &IdentityRead) -> Result<OwnFix, String> {
    if let Some(doubt) = read.doubt {
        return Err(doubt.to_owned());
    }
    let host = read
        .host
        .as_ref()
        .ok_or("the machine's id cannot be derived from the expression")?;
    match &read.member {
        Some(member) if SHARED.iter().any(|name| member.eq_ignore_ascii_case(name)) => {}
        Some(member) => {
            return Err(format!("the machine's identity has no {member} to read"));
        }
        None => {
            return Err(
                "the whole object is used, and the machine's identity has no clientId and \
                 clientSecretUrl"
                    .to_owned(),
            );
        }
    }
    if let Some(place) = forbidden(context, read) {
        return Err(format!("reference() is not allowed in {place}"));
    }
    if reads_at_run_time(&host.words) {
        return Err("the machine's own name is read at run time".to_owned());
    }
    let edge = arm::edge_to(context.model, &read.site, &host.id, &host.words)?;
    let reach = context
        .model
        .reach_value(read.site.template, Some(&host.id));
    // By such an id the resource would depend on the machine, if it is the one that the template has.
    let unscoped = read.site.resource.is_some() && !host.id.starts_with_literal("/");
    if unscoped && edge.is_none() && !reach.resources.is_empty() {
        return Err(
            "the expression does not show whether this is the template's own machine".to_owned(),
        );
    }
    let target = edge.as_ref().map_or(&reach, |edge| &edge.reach);
    let lacks = |machine: &usize| arm::lacks_system_identity(context.model, *machine);
    if target.resources.iter().any(lacks) {
        return Err(
            "the machine has no system-assigned identity, so its `identity` has no such id: read \
             the id from the user-assigned identity, with `reference(ID, '2018-11-30')`"
                .to_owned(),
        );
    }
    let version = version(context, target);
    Ok(OwnFix {
        operations: rewritten(context, &read.site, &read.parts, host, &version),
        edges: edge.into_iter().collect(),
        circular: (
            "the machine depends, or may depend, on the resource that reads its identity",
            by_hand(),
        ),
    })
}

/// Whether a part of an expression calls `reference()` or `list*()`.
fn reads_at_run_time(words: &str) -> bool {
    let mut found = false;
    if let Some(expression) = expression::parse_words(words) {
        expression.visit(&mut |part| found |= arm::resolved_target(part).is_some());
    }
    found
}

/// The place where the read is, if `reference()` is not allowed there.
fn forbidden(context: &Context<'_, '_>, read: &IdentityRead) -> Option<String> {
    if read.in_variable {
        return Some("variables".to_owned());
    }
    let document = context.model.document();
    let resource = context.model.resource(read.site.resource?)?;
    let member = document
        .ancestors(read.site.node)
        .find(|at| document.parent(*at) == Some(resource.node))?;
    let early = TOO_EARLY
        .iter()
        .find(|name| document.is_called(member, name))?;
    Some(format!("a resource's {early}"))
}

/// The API version to read a machine with.
fn version(context: &Context<'_, '_>, machines: &Reach) -> String {
    let newest = machines
        .resources
        .iter()
        .filter_map(|machine| match ApiVersion::of(context.model, *machine) {
            ApiVersion::Known { text, node } => {
                // An expression may be meant to change with others.
                let written = context.model.document().string(node)?;
                (written == text && *text >= *FULL_VERSION).then_some(text)
            }
            ApiVersion::Unknown => None,
        })
        .max();
    newest.unwrap_or_else(|| FULL_VERSION.to_owned())
}

fn rewritten(
    context: &Context<'_, '_>,
    site: &ExpressionSite,
    parts: &IdentityParts,
    host: &Host,
    version: &str,
) -> Vec<Operation> {
    let Some(text) = context.model.text(site.template, site.node) else {
        return Vec::new();
    };
    let part = |range: &Range<usize>, new: &str| Operation::ReplaceText {
        node: site.node,
        range: context.model.source_span(site, range),
        raw: context.model.document().encoded_for(site.node, new),
    };
    let comma = text.get(parts.comma.clone()).unwrap_or(", ");
    vec![
        part(&parts.id, &host.words),
        part(&parts.rest, &format!("{comma}'{version}'{comma}'Full'")),
        part(&parts.gap, ".identity"),
    ]
}

fn by_hand() -> String {
    format!(
        "read principalId and tenantId from `reference(ID, '{FULL_VERSION}', 'Full').identity`, \
         where ID is the machine's id, and make the reader depend on the machine"
    )
}

fn root(context: &Context<'_, '_>, read: &IdentityRead, fix: Result<OwnFix, String>) -> Root {
    let span = context.model.source_span(&read.site, &read.span);
    let (severity, message) = if read.host.is_none() && read.doubt.is_some() {
        (
            Severity::Note,
            "this may read a machine's identity from Identities/default, which exists only in a \
             preview API",
        )
    } else {
        (
            Severity::Warning,
            "this reads a machine's identity from Identities/default, which exists only in a \
             preview API",
        )
    };
    let place = Place::within(context.model.document(), read.site.node, span);
    let finding = Finding::new(&RULE, place, message).with_severity(severity);
    match fix {
        Ok(fix) => Root {
            own_fix: Some(fix),
            ..Root::report(finding.with_fix(Fix::Safe("reads the machine's own identity".into())))
        },
        Err(reason) => {
            let hold = HoldCode::Identity.because(reason);
            Root::report(finding.with_help([by_hand()]).held(hold))
        }
    }
}
