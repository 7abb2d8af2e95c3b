//! `identity-api-version`: the machine's apiVersion does not take the identity that it needs or has.

use crate::arm::{
    ApiVersion, IdentityBlock, IdentityShape, ResourceIndex, identity_block, identity_shape,
};
use crate::json::NodeId;
use crate::json::surgery::{Operation, respelled};

use super::missing_identity::{insert_identity, machines};
use super::phases::Safety;
use super::{Context, Finding, Fix, Related, Removal, Repair, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "identity-api-version",
    finds: "an identity is missing, or stands, where the machine's apiVersion takes none; \
            `identityIds` where it takes `userAssignedIdentities`",
    fixes: "a missing one: apiVersion raised to 2018-06-01 and identity inserted, with \
            `--unsafe-fixes`; the rest is reported",
    needles: &[],
};

/// What an apiVersion is raised to: the first whose identities have today's shape.
const RAISED: &str = "2018-06-01";

pub(super) fn repair(context: &Context<'_, '_>, removal: &Removal) -> Vec<Repair> {
    machines(context, removal)
        .into_iter()
        .filter_map(|(machine, extensions)| {
            let ApiVersion::Known { text, node } = ApiVersion::of(context.model, machine) else {
                return None;
            };
            let block = identity_block(context.model, machine);
            match (block, identity_shape(&text)) {
                (IdentityBlock::Absent, IdentityShape::Absent) => {
                    raise(context, machine, extensions, &text, node)
                }
                (IdentityBlock::Given { key, .. }, IdentityShape::Absent) => Some(report(
                    context,
                    extensions,
                    key,
                    format!("apiVersion {text} knows no identity, which came with 2016-03-30"),
                    "raise the machine's apiVersion to 2018-06-01 or later after a test deployment",
                )),
                (
                    IdentityBlock::Given {
                        key,
                        lists_ids: true,
                    },
                    IdentityShape::Map,
                ) => Some(report(
                    context,
                    extensions,
                    key,
                    format!("apiVersion {text} refuses identityIds"),
                    "write the ids as the keys of a userAssignedIdentities object",
                )),
                _ => None,
            }
        })
        .collect()
}

fn raise(
    context: &Context<'_, '_>,
    machine: ResourceIndex,
    extensions: Vec<usize>,
    version: &str,
    node: NodeId,
) -> Option<Repair> {
    let resource = context.model.resource(machine)?;
    let kind = context.model.document().key(resource.node, "type")?;
    let mut repair = Repair::new(extensions);
    let place = context.place(node);
    repair.safety = Safety::Unsafe;
    repair.operations = vec![
        Operation::Replace {
            node,
            raw: respelled(context.model.document(), node, RAISED),
        },
        insert_identity(resource.node, kind),
    ];
    repair.related.push(Related {
        place: place.clone(),
        message: format!(
            "--unsafe-fixes raises this to {RAISED} and gives a system-assigned identity"
        ),
    });
    repair.finding = Some(Finding {
        rule: &RULE,
        severity: Severity::Warning,
        message: format!(
            "the machine that carried the extension has no identity, and its apiVersion {version} \
             takes none"
        ),
        place,
        related: Vec::new(),
        help: vec![
            "--unsafe-fixes raises it in the run that removes the extension; a newer apiVersion \
             may change defaults of the machine, so test the deployment"
                .to_owned(),
        ],
        fix: Fix::Unsafe,
    });
    Some(repair)
}

fn report(
    context: &Context<'_, '_>,
    extensions: Vec<usize>,
    key: NodeId,
    message: String,
    help: &str,
) -> Repair {
    let mut repair = Repair::new(extensions);
    repair.finding = Some(Finding {
        rule: &RULE,
        severity: Severity::Warning,
        message,
        place: context.member_place(key),
        related: Vec::new(),
        help: vec![help.to_owned()],
        fix: Fix::DisplayOnly,
    });
    repair
}
