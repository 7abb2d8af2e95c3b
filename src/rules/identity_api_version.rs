//! `identity-api-version`: the machine's apiVersion takes no identity.
//!
//! Only machines that lose the extension in this run are looked at: the rule is about what their
//! callers need from then on. Source: the schemas of Microsoft.Compute.

use crate::arm::{ApiVersion, IdentityBlock, ResourceIndex, identity_block, takes_identity};
use crate::json::NodeId;
use crate::json::surgery::{Operation, respell};

use super::missing_identity::{absent_blocker, insert_identity, machines};
use super::phases::Safety;
use super::{
    About, Change, Context, Finding, Fix, HoldCode, Related, Remedy, Removal, Repair, Rule,
    Severity,
};

pub(super) static RULE: Rule = Rule {
    id: "identity-api-version",
    finds: "on a machine that had the extension: an identity is missing or present where the \
            apiVersion supports none",
    fixes: "with `--unsafe-fixes`: apiVersion raised to 2018-06-01 on this machine only and \
            identity inserted; an identity with an apiVersion that supports none is reported",
    severity: Severity::Warning,
    remedy: Remedy::Unsafe,
    page: include_str!("identity_api_version.md"),
    about: About::Migration,
    changes: &[Change::AddIdentity, Change::RaiseApiVersion],
    repair: Some(repair),
    ..Rule::DEFAULT
};

/// What an apiVersion is raised to: the first whose identities have today's shape.
const RAISED: &str = "2018-06-01";

pub(super) fn repair(context: &Context<'_, '_>, removal: &Removal) -> Vec<Repair> {
    let machines = machines(context, removal).into_iter();
    machines
        .filter_map(|(machine, extensions)| {
            let ApiVersion::Known { text, node } = ApiVersion::of(context.model, machine) else {
                return None;
            };
            if takes_identity(&text) {
                return None;
            }
            match identity_block(context.model, machine) {
                IdentityBlock::Absent => missing(context, machine, extensions, &text, node),
                IdentityBlock::Given(key) => Some(too_old(context, extensions, &text, key)),
                IdentityBlock::None(_) | IdentityBlock::Undecided(_) => None,
            }
        })
        .collect()
}

/// No identity, and an apiVersion that takes none.
fn missing(
    context: &Context<'_, '_>,
    machine: ResourceIndex,
    extensions: Vec<usize>,
    version: &str,
    node: NodeId,
) -> Option<Repair> {
    let resource = context.model.resource(machine)?;
    let document = context.model.document();
    let kind = document.key(resource.node, "type")?;
    let place = context.place(node);
    let message =
        format!("this machine has no managed identity, and its apiVersion {version} supports none");
    let finding = Finding::new(&RULE, place.clone(), message);
    let blocker = absent_blocker(context, machine, &extensions);
    let mut repair = Repair::new(extensions);
    repair.safety = Safety::Unsafe;
    repair.finding = Some(match blocker {
        Some(reason) => finding
            .with_help([
                "give the machine the identity that its callers need, at apiVersion 2018-06-01 or \
                 later",
            ])
            .held(HoldCode::Identity.because(reason)),
        None => {
            repair.operations = vec![
                insert_identity(document, resource.node, kind),
                // The value is replaced, not the variable that it may come from: others may share that.
                Operation::Replace {
                    node,
                    raw: respell(document, node, RAISED),
                },
            ];
            let note = format!(
                "--unsafe-fixes raises this to {RAISED} and adds a system-assigned identity"
            );
            repair.related.push(Related::new(place.clone(), note));
            let action = format!(
                "raises the machine's apiVersion to {RAISED} and gives it a system-assigned identity"
            );
            finding
                .with_help([
                    "--unsafe-fixes raises the apiVersion in the run that removes the extension; a \
                     newer apiVersion may change defaults of the machine, so test the deployment",
                ])
                .with_fix(Fix::Unsafe(action.into()))
        }
    });
    repair.hold_without_identity(context, &place);
    Some(repair)
}

/// An identity at an apiVersion that takes none. Templates do that and deploy, so the version
/// is never raised.
fn too_old(
    context: &Context<'_, '_>,
    extensions: Vec<usize>,
    version: &str,
    key: NodeId,
) -> Repair {
    let message = format!("apiVersion {version} supports no identity; 2016-03-30 and later do");
    let finding = Finding::new(&RULE, context.member_place(key), message).with_help([
        "raise the machine's apiVersion to 2018-06-01 or later after a test deployment",
    ]);
    Repair {
        finding: Some(finding),
        ..Repair::new(extensions)
    }
}
