//! `identity-api-version`: the machine's apiVersion does not take the identity that it needs or has.
//!
//! Only machines that lose the extension in this run are looked at: the rule is about what their
//! callers need from then on. Source: the schemas of Microsoft.Compute, and the error
//! `InvalidParameter: ResourceIdentity property identityIds is deprecated`.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::arm::expression::Value as Evaluated;
use crate::arm::{
    ApiVersion, IdentityBlock, IdentityShape, Naming, ResourceIndex, UserAssigned, identity_block,
    identity_shape, user_assigned,
};
use crate::json::surgery::{Operation, respell};
use crate::json::{Kind, NodeId};

use super::missing_identity::{absent_blocker, insert_identity, machines};
use super::phases::Safety;
use super::{
    About, Change, Context, Finding, Fix, HoldCode, Related, Remedy, Removal, Repair, Rule,
    Severity,
};

pub(super) static RULE: Rule = Rule {
    id: "identity-api-version",
    finds: "on a machine that had the extension: an identity is missing or present where the \
            apiVersion supports none; `identityIds` where it takes `userAssignedIdentities`, or the \
            other way round",
    fixes: "with `--unsafe-fixes`: apiVersion raised to 2018-06-01 on this machine only and \
            identity inserted, `identityIds` converted; an identity with an apiVersion that \
            supports none is reported",
    severity: Severity::Error,
    needles: &[],
    remedy: Remedy::Unsafe,
    page: include_str!("identity_api_version.md"),
    about: About::Migration,
    changes: &[
        Change::AddIdentity,
        Change::RaiseApiVersion,
        Change::ConvertIdentityIds,
    ],
    repair: Some(repair),
    ..Rule::DEFAULT
};

/// What an apiVersion is raised to: the first whose identities have today's shape.
const RAISED: &str = "2018-06-01";

pub(super) fn repair(context: &Context<'_, '_>, removal: &Removal) -> Vec<Repair> {
    let machines = machines(context, removal).into_iter();
    machines
        .filter_map(|(machine, extensions)| {
            let wrong = match ApiVersion::of(context.model, machine) {
                ApiVersion::Known { text, node } => CheckedMachine {
                    context,
                    machine,
                    version: text,
                    version_node: node,
                }
                .wrong(&extensions)?,
                ApiVersion::Unknown => listed_somewhen(context, machine)?,
            };
            let holds = wrong.holds;
            let mut repair = wrong.repair(context, extensions);
            let place = repair.finding.as_ref().map(|found| found.place.clone());
            if let Some(place) = place.filter(|_| holds) {
                repair.hold_without_identity(context, &place);
            }
            Some(repair)
        })
        .collect()
}

/// A machine that loses its extension, with its apiVersion.
struct CheckedMachine<'c, 'm, 'd> {
    context: &'c Context<'m, 'd>,
    machine: ResourceIndex,
    version: String,
    version_node: NodeId,
}

/// What is wrong with a machine, and what would mend it.
struct Wrong {
    severity: Severity,
    message: String,
    /// What is shown: a member's key, or the apiVersion.
    at: NodeId,
    help: &'static str,
    mend: VersionFix,
    /// Whether the machine would be left without tokens.
    holds: bool,
}

enum VersionFix {
    /// These steps.
    Unsafe(Steps),
    /// None, for this reason.
    Held(String),
    /// None is meant.
    Advice,
}

impl CheckedMachine<'_, '_, '_> {
    fn wrong(&self, extensions: &[usize]) -> Option<Wrong> {
        let block = identity_block(self.context.model, self.machine);
        let shape = identity_shape(&self.version);
        match (block, shape) {
            (IdentityBlock::Absent, IdentityShape::Absent) => return self.missing(extensions),
            (IdentityBlock::Given(key), IdentityShape::Absent) => return Some(self.too_old(key)),
            _ => {}
        }
        let named = user_assigned(self.context.model, self.machine)?;
        match shape {
            IdentityShape::Map if named.list != Naming::Absent => Some(self.listed(named)),
            IdentityShape::SystemOnly if named.list != Naming::Absent => {
                let raised = self.converted(named);
                let raised = raised.map(|(operations, related)| {
                    (self.with_raise(operations), self.with_note(related))
                });
                Some(self.too_early(named, raised))
            }
            IdentityShape::SystemOnly | IdentityShape::List if named.map != Naming::Absent => {
                let raised = (self.with_raise(Vec::new()), self.with_note(Vec::new()));
                Some(self.too_early(named, Ok(raised)))
            }
            _ => None,
        }
    }

    /// No identity, and an apiVersion that takes none.
    fn missing(&self, extensions: &[usize]) -> Option<Wrong> {
        let resource = self.context.model.resource(self.machine)?;
        let document = self.context.model.document();
        let kind = document.key(resource.node, "type")?;
        let mend = match absent_blocker(self.context, self.machine, extensions) {
            Some(reason) => VersionFix::Held(reason.to_owned()),
            None => {
                let note = format!(
                    "--unsafe-fixes raises this to {RAISED} and adds a system-assigned identity"
                );
                let operations = vec![insert_identity(document, resource.node, kind)];
                VersionFix::Unsafe((self.with_raise(operations), vec![(self.version_node, note)]))
            }
        };
        Some(Wrong {
            severity: Severity::Warning,
            message: format!(
                "this machine has no managed identity, and its apiVersion {} supports none",
                self.version
            ),
            at: self.version_node,
            help: raise_help(&mend),
            mend,
            holds: true,
        })
    }

    /// An identity at an apiVersion that takes none. Templates do that and deploy, so the version
    /// is never raised.
    fn too_old(&self, key: NodeId) -> Wrong {
        Wrong {
            severity: Severity::Warning,
            message: format!(
                "apiVersion {} supports no identity; 2016-03-30 and later do",
                self.version
            ),
            at: key,
            help: "raise the machine's apiVersion to 2018-06-01 or later after a test deployment",
            mend: VersionFix::Advice,
            holds: false,
        }
    }

    /// `identityIds` where only the map is taken.
    fn listed(&self, named: UserAssigned) -> Wrong {
        Wrong {
            severity: Severity::Error,
            message: format!("apiVersion {} refuses identityIds", self.version),
            at: written(named.list).unwrap_or(named.key),
            help: "write the ids as the keys of a userAssignedIdentities object",
            mend: match self.converted(named) {
                Ok(steps) => VersionFix::Unsafe(steps),
                Err(reason) => VersionFix::Held(reason.to_owned()),
            },
            holds: false,
        }
    }

    /// User-assigned identities in a form that is newer than the apiVersion.
    fn too_early(&self, named: UserAssigned, raised: Result<Steps, &'static str>) -> Wrong {
        let member = written(named.map).or(written(named.list));
        let message = if identity_shape(&self.version) == IdentityShape::List {
            format!(
                "apiVersion {} supports identityIds; {RAISED} and later support \
                 userAssignedIdentities",
                self.version
            )
        } else {
            format!(
                "apiVersion {} supports no user-assigned identities; 2017-12-01 and later do",
                self.version
            )
        };
        let mend = match raised {
            Ok(steps) => VersionFix::Unsafe(steps),
            Err(reason) => VersionFix::Held(reason.to_owned()),
        };
        Wrong {
            severity: Severity::Warning,
            message,
            at: member.unwrap_or(named.key),
            help: raise_help(&mend),
            mend,
            holds: false,
        }
    }

    fn with_raise(&self, mut operations: Vec<Operation>) -> Vec<Operation> {
        // The value is replaced, not the variable that it may come from: others may share that.
        operations.push(Operation::Replace {
            node: self.version_node,
            raw: respell(self.context.model.document(), self.version_node, RAISED),
        });
        operations
    }

    fn with_note(&self, mut related: Vec<(NodeId, String)>) -> Vec<(NodeId, String)> {
        related.push((
            self.version_node,
            format!("--unsafe-fixes raises this to {RAISED}"),
        ));
        related
    }

    /// `identityIds` as the map, or why that cannot be.
    fn converted(&self, named: UserAssigned) -> Result<Steps, &'static str> {
        let document = self.context.model.document();
        let key = written(named.list).ok_or("the identity block is an expression")?;
        if named.map != Naming::Absent {
            return Err("the identity has both userAssignedIdentities and identityIds");
        }
        match named.wanted {
            Some(true) => {}
            Some(false) => return Err("the identity's type does not include UserAssigned"),
            None => return Err("the identity's type is unknown"),
        }
        let list = document
            .value(key)
            .filter(|list| document.kind(*list) == Kind::Array)
            .ok_or("identityIds is not an array")?;
        let span = document.span(list);
        let comments = document.comments().iter();
        if comments
            .clone()
            .any(|comment| span.contains(&comment.start))
        {
            return Err("there are comments between the ids");
        }
        if document.has_namesake(key) {
            return Err("identityIds is given twice");
        }
        let mut ids = Map::new();
        let mut seen = HashSet::new();
        for entry in document.children(list) {
            let id = document.string(entry).ok_or("an id is not a string")?;
            let value = self.context.model.value(self.machine, entry);
            if matches!(value, Evaluated::Array(_)) {
                return Err("an id is an array");
            }
            let same = value.as_text().map_or(id.clone(), |text| text.name_key());
            if seen.insert(same) {
                ids.insert(id, json!({}));
            }
        }
        let operations = vec![
            Operation::RemoveMember { key },
            Operation::InsertMember {
                object: document.parent(key).unwrap_or(key),
                after: Some(key),
                name: "userAssignedIdentities".to_owned(),
                value: Value::Object(ids),
            },
        ];
        let note = "--unsafe-fixes converts this to a userAssignedIdentities object".to_owned();
        Ok((operations, vec![(key, note)]))
    }
}

/// `identityIds` at an apiVersion that cannot be told.
fn listed_somewhen(context: &Context<'_, '_>, machine: ResourceIndex) -> Option<Wrong> {
    let named = user_assigned(context.model, machine)?;
    (named.list != Naming::Absent).then(|| Wrong {
        severity: Severity::Warning,
        message: format!("apiVersions {RAISED} and later refuse identityIds"),
        at: written(named.list).unwrap_or(named.key),
        help: "check that the machine's apiVersion supports this form of the identity",
        mend: VersionFix::Held("the machine's apiVersion is unknown".to_owned()),
        holds: false,
    })
}

impl Wrong {
    fn repair(self, context: &Context<'_, '_>, extensions: Vec<usize>) -> Repair {
        let document = context.model.document();
        let place = |node| match document.kind(node) {
            Kind::Key => context.member_place(node),
            _ => context.place(node),
        };
        let mut repair = Repair::new(extensions);
        repair.safety = Safety::Unsafe;
        let fix = match self.mend {
            VersionFix::Unsafe((operations, related)) => {
                repair.operations = operations;
                let related = related.into_iter();
                let related = related.map(|(node, message)| Related::new(place(node), message));
                repair.related = related.collect();
                Fix::Unsafe(
                    "gives the machine its identity in the form that its apiVersion takes".into(),
                )
            }
            VersionFix::Held(reason) => Fix::Held(HoldCode::Identity.because(reason)),
            VersionFix::Advice => Fix::DisplayOnly,
        };
        let finding = Finding::new(&RULE, place(self.at), self.message);
        let finding = finding.with_severity(self.severity).with_help([self.help]);
        repair.finding = Some(finding.with_fix(fix));
        repair
    }
}

/// Operations, and what they do, place by place.
type Steps = (Vec<Operation>, Vec<(NodeId, String)>);

/// What to do where raising the apiVersion is the way.
fn raise_help(mend: &VersionFix) -> &'static str {
    match mend {
        VersionFix::Unsafe(_) => {
            "--unsafe-fixes raises the apiVersion in the run that removes the extension; a newer \
             apiVersion may change defaults of the machine, so test the deployment"
        }
        VersionFix::Held(_) | VersionFix::Advice => {
            "give the machine the identity that its callers need, at apiVersion 2018-06-01 or later"
        }
    }
}

fn written(naming: Naming) -> Option<NodeId> {
    match naming {
        Naming::Written(key) => Some(key),
        Naming::Absent | Naming::Evaluated => None,
    }
}
