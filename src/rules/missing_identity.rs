//! `missing-identity`: the machine that had the extension has no identity block.
//!
//! The extension never created an identity, it only served its tokens; without the block there is
//! nobody to give tokens to, from IMDS neither.

use std::collections::{BTreeMap, HashSet};

use serde_json::json;

use crate::arm::{
    ApiVersion, Home, IdentityBlock, MachineIdentity, ResourceIndex, identity_block, takes_identity,
};
use crate::json::surgery::Operation;
use crate::json::{Document, Kind, NodeId};
use crate::text::Pattern;

use super::{
    About, Change, Context, Finding, Fix, HoldCode, IdentityPolicy, Related, Remedy, Removal,
    Repair, Rule, Severity,
};

pub(super) static RULE: Rule = Rule {
    id: "missing-identity",
    finds: "the VM or scale set that had the extension has no identity block",
    fixes: "`{\"type\": \"SystemAssigned\"}` beside `type`",
    severity: Severity::Warning,
    remedy: Remedy::Safe,
    page: include_str!("missing_identity.md"),
    about: About::Migration,
    changes: &[Change::AddIdentity],
    repair: Some(repair),
    ..Rule::DEFAULT
};

pub(super) fn repair(context: &Context<'_, '_>, removal: &Removal) -> Vec<Repair> {
    let mut repairs: Vec<Repair> = machines(context, removal)
        .into_iter()
        .filter_map(|(machine, extensions)| machine_repair(context, machine, extensions))
        .collect();
    repairs.extend(user_assigned_only(context, removal));
    repairs
}

/// What is said of machines without an identity that only take such as exist before.
fn user_assigned_only(context: &Context<'_, '_>, removal: &Removal) -> Vec<Repair> {
    let document = context.model.document();
    let mut owners: BTreeMap<ResourceIndex, Vec<usize>> = BTreeMap::new();
    for index in &removal.extensions {
        if let Some(extension) = context.extensions.get(*index) {
            owners.entry(extension.owner()).or_default().push(*index);
        }
    }
    let repair = |(owner, extensions): (ResourceIndex, Vec<usize>)| {
        let first = context.extensions.get(*extensions.first()?)?;
        let MachineIdentity::UserAssigned(way) = first.identity else {
            return None;
        };
        let resource = context.model.resource(owner)?;
        let mut steps = way.iter();
        let given = steps.try_fold(resource.node, |node, step| {
            // An expression may hold the rest.
            match document.kind(node) {
                Kind::Object => document.get(node, step),
                _ => Some(node),
            }
        });
        if given.is_some() {
            return None;
        }
        let kind = document.key(resource.node, "type")?;
        let mut repair = Repair::new(extensions);
        let finding = Finding::new(
            &RULE,
            context.member_place(kind),
            "these machines have no managed identity, so IMDS will not issue tokens",
        )
        .with_help([format!(
            "assign the user-assigned identity that their callers need, in {}",
            way.join(".")
        )])
        .held(HoldCode::Identity.because(
            "these machines support user-assigned identities only; create the identity first",
        ));
        repair.finding = Some(finding);
        Some(repair)
    };
    owners.into_iter().filter_map(repair).collect()
}

/// The machines that lose an extension, with the extensions.
pub(super) fn machines(
    context: &Context<'_, '_>,
    removal: &Removal,
) -> BTreeMap<ResourceIndex, Vec<usize>> {
    let mut machines: BTreeMap<ResourceIndex, Vec<usize>> = BTreeMap::new();
    for index in &removal.extensions {
        let extension = context.extensions.get(*index);
        for machine in extension.map_or(&[][..], |extension| &extension.machines) {
            machines.entry(*machine).or_default().push(*index);
        }
    }
    // One that may be on a machine changes nothing where another is on it for certain.
    let is_certain = |index: &usize| {
        let extension = context.extensions.get(*index);
        let instances = extension.and_then(|extension| extension.instances.as_ref());
        instances.is_none_or(|instances| !instances.is_empty())
    };
    for extensions in machines.values_mut() {
        if extensions.iter().any(is_certain) {
            extensions.retain(is_certain);
        }
    }
    machines
}

fn machine_repair(
    context: &Context<'_, '_>,
    machine: ResourceIndex,
    extensions: Vec<usize>,
) -> Option<Repair> {
    let block = identity_block(context.model, machine);
    let (blocked, at) = match block {
        IdentityBlock::Given(_) => return None,
        IdentityBlock::None(key) => (Some("identity None contradicts the extension"), Some(key)),
        IdentityBlock::Undecided(key) => (
            Some("the identity block does not show whether it gives an identity"),
            Some(key),
        ),
        IdentityBlock::Absent => (absent_blocker(context, machine, &extensions), None),
    };
    // An apiVersion without identities is the other rule's finding.
    let version = ApiVersion::of(context.model, machine);
    if at.is_none() && matches!(version, ApiVersion::Known { text, .. } if !takes_identity(&text)) {
        return None;
    }
    let resource = context.model.resource(machine)?;
    let document = context.model.document();
    let kind = document.key(resource.node, "type")?;
    let mut repair = Repair::new(extensions);
    let is_advice = blocked.is_some()
        && (matches!(block, IdentityBlock::Undecided(_))
            || context.policies.identity == IdentityPolicy::Report);
    let is_exported = at.is_none() && is_exported(document.text());
    let message = match (at, is_exported) {
        (Some(_), _) => {
            "this machine may have no managed identity, without which IMDS issues no tokens"
        }
        (None, true) => {
            "this machine has no managed identity, so IMDS will not issue tokens: Azure exported the template without it"
        }
        (None, false) => "this machine has no managed identity, so IMDS will not issue tokens",
    };
    let place = context.member_place(at.unwrap_or(kind));
    let help = if blocked.is_some() {
        "give the machine the identity that its callers need"
    } else {
        "check that no user-assigned identity is assigned to the machine outside this template: \
         deploying SystemAssigned replaces it"
    };
    if blocked.is_some() && !is_advice {
        repair.hold_without_identity(context, &place);
    }
    if blocked.is_none() {
        repair
            .operations
            .push(insert_identity(document, resource.node, kind));
        repair.related.push(Related::new(
            place.clone(),
            "gets a system-assigned identity",
        ));
    }
    let fix = match blocked {
        Some(reason) => Fix::Held(HoldCode::Identity.because(reason)),
        None => Fix::Safe("gives the machine a system-assigned identity".into()),
    };
    let finding = Finding::new(&RULE, place, message)
        .with_help([help])
        .with_help(is_exported.then_some(EXPORTED))
        .with_fix(fix);
    repair.finding = Some(match is_advice {
        true => finding.with_severity(Severity::Note),
        false => finding,
    });
    Some(repair)
}

const EXPORTED: &str = "az vm identity show -g GROUP -n VM (for a scale set: az vmss identity show) prints the identity \
                        of the machine that was exported: write it beside the machine's type";

/// Whether Azure wrote a template ("Automation script", "Export template"), by the names that it gives to
/// parameters and by its comments.
fn is_exported(template: &[u8]) -> bool {
    const SIGNS: [&str; 3] = [
        "\"virtualMachines_",
        "\"virtualMachineScaleSets_",
        "\"Generalized from resource: ",
    ];
    SIGNS
        .iter()
        .any(|sign| memchr::memmem::find(template, sign.as_bytes()).is_some())
}

/// Why a block cannot be put where none is.
pub(super) fn absent_blocker(
    context: &Context<'_, '_>,
    machine: ResourceIndex,
    extensions: &[usize],
) -> Option<&'static str> {
    let template = context.model.resource(machine).map_or(0, |m| m.template);
    let owners = context.extensions_at(extensions);
    let owners: Vec<ResourceIndex> = owners.map(|extension| extension.owner()).collect();
    let is_beside = |owner: &ResourceIndex| {
        let owner = context.model.resource(*owner);
        owner.is_some_and(|owner| owner.template == template)
    };
    // One for Windows and one for Linux: one of them is there in each case.
    let in_each_case = owners.iter().all(is_beside) && context.model.one_is_deployed(&owners);
    // An entry of a profile has no condition of its own.
    let conditional = |index: &usize| {
        let extension = context.extensions.get(*index);
        extension.is_some_and(|extension| {
            !in_each_case
                && !matches!(extension.home, Home::Profile { .. })
                && context.model.is_conditional(extension.owner(), template)
                && !context.model.has_condition_of(extension.owner(), machine)
        })
    };
    if extensions.iter().all(conditional) {
        return Some("the extension was deployed under a condition, so the identity may be too");
    }
    let certain = extensions.iter().filter(|index| !conditional(index));
    let certain = context.extensions_at(certain);
    let mut numbers = HashSet::new();
    let mut is_each = false;
    for extension in certain {
        match &extension.instances {
            None => is_each = true,
            Some(instances) => numbers.extend(instances.iter().copied()),
        }
    }
    let count = context.model.copy_count(machine);
    let has = |count: i64| count > 0 && (0..count).all(|number| numbers.contains(&number));
    if !is_each && !count.is_some_and(has) {
        return Some(
            "not every machine that this resource deploys is known to have had the extension",
        );
    }
    if names_an_identity(context) {
        return Some(
            "a request for tokens names a user-assigned identity, which is assigned to the machine \
             elsewhere, and which SystemAssigned would replace",
        );
    }
    if context.policies.identity == IdentityPolicy::Report {
        return Some("the option `identity` is `report`");
    }
    if ApiVersion::of(context.model, machine) == ApiVersion::Unknown {
        return Some("the machine's apiVersion is unknown, and with it the form of its identity");
    }
    None
}

/// Whether a string requests tokens of an identity by its id.
fn names_an_identity(context: &Context<'_, '_>) -> bool {
    static REQUEST: Pattern = Pattern::new(
        r#"(?i-u)(oauth2/token|identity/token)(?:[^"\\]|\\.)*(client_id|object_id|msi_res_id)"#,
    );
    context.names_an_identity(|| !context.strings_with(&REQUEST).is_empty())
}

/// The operation that puts the block behind the `location` of `machine`, or behind its key `kind`.
pub(super) fn insert_identity(document: &Document<'_>, machine: NodeId, kind: NodeId) -> Operation {
    Operation::InsertMember {
        object: machine,
        after: document.key(machine, "location").or(Some(kind)),
        name: "identity".to_owned(),
        value: json!({"type": "SystemAssigned"}),
    }
}
