//! Inventories: which machines there are and what is on them, as Azure's commands print it in JSON.
//!
//! Read are the results of `az vm list` (also with `-d`), `az vm show`, `az vm extension list`,
//! `az vmss list`, `az vmss show`, `az resource list`, `az graph query`, `az rest` and `az group export`,
//! several of them together; the members that count are in [`record`]. What an inventory leaves out is no
//! evidence: a list of machines without their extensions, and a list of resources, which has no
//! publishers, give machines to look at, and an exported template, which leaves out this extension and
//! identities, gives names. Never knows commands. Start at [`Inventory::read`].

mod record;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::Value;

use crate::text::Decoded;

use self::record::{ExportRoot, Row, Rows};
use super::resource_id::{MachineId, MachineKey, MachineType, ParsedId};

/// The query of Azure Resource Graph for the machines that have the extension, with their identities: what
/// `az graph query` then prints is an inventory. A join takes the machines to their extensions; scale sets hold
/// theirs in their model.
pub const INVENTORY_QUERY: &str = include_str!("query.kql");

const PUBLISHER: &str = "Microsoft.ManagedIdentity";
const TYPE_PREFIX: &str = "managedidentityextensionfor";

/// Why a file is no inventory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{file}:{line}:{column}: not an inventory: {reason}; write one with `az vm extension list`, `az \
     vmss list`, `az vm list` or `az graph query`, with `--output json`"
)]
pub struct InventoryError {
    file: String,
    /// From 1.
    line: usize,
    /// From 1, in bytes.
    column: usize,
    reason: String,
}

/// What is known of the machines that run.
#[derive(Debug, Default)]
pub struct Inventory {
    /// By [`MachineId::key`].
    pub(super) machines: BTreeMap<MachineKey, InventoryMachine>,
    /// Machines of exported templates, of which nothing but the name is known.
    pub(super) exported: Vec<ExportedMachine>,
    /// Extensions of single instances of scale sets.
    pub(super) instances: Vec<InstanceExtension>,
    /// Whether some file lists extensions of VMs with their publishers.
    pub(super) lists_extensions: bool,
}

/// A machine that is there.
#[derive(Debug)]
pub(super) struct InventoryMachine {
    pub(super) id: MachineId,
    /// The file that named it first.
    pub(super) file: String,
    pub(super) identity: IdentityState,
    /// Such as `VM deallocated`.
    pub(super) power: Option<String>,
    pub(super) upgrade_mode: Option<String>,
    pub(super) is_flexible: bool,
    /// By name in lower case.
    pub(super) extensions: BTreeMap<String, InventoryExtension>,
    /// Whether its extensions are listed with publishers: those of a scale set's model always are, where
    /// that is shown.
    pub(super) knows_publishers: bool,
}

/// What an inventory says of a machine's identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum IdentityState {
    /// Nothing.
    #[default]
    Unknown,
    /// It has none.
    Absent,
    /// It has one of this type.
    Present(String),
}

/// An extension of a machine.
#[derive(Clone, Debug)]
pub(super) struct InventoryExtension {
    pub(super) name: String,
    /// Whether it is the managed identity extension; `None` where its publisher is not known.
    pub(super) is_ours: Option<bool>,
    /// The names of those that it comes after.
    pub(super) after: Vec<String>,
}

/// A machine of an exported template.
#[derive(Debug)]
pub(super) struct ExportedMachine {
    pub(super) kind: MachineType,
    pub(super) name: String,
    pub(super) file: String,
}

/// An extension of one instance.
#[derive(Debug)]
pub(super) struct InstanceExtension {
    pub(super) set: MachineId,
    pub(super) instance: String,
    pub(super) extension: String,
    pub(super) file: String,
}

impl Inventory {
    /// Adds what a file says; `name` is what errors and the runbook call it. `bytes` are JSON in UTF-8
    /// or, with a byte order mark, UTF-16, as PowerShell redirects it.
    ///
    /// # Errors
    /// Broken JSON, or something else than what the commands print, with its line and column.
    pub fn read(&mut self, name: &str, bytes: &[u8]) -> Result<(), InventoryError> {
        let decoded = Decoded::new(bytes);
        let text = decoded.text();
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let top: ExportRoot = serde_json::from_slice(text).map_err(|wrong| {
            let (line, column) = (wrong.line(), wrong.column());
            let message = wrong.to_string();
            let place = format!(" at line {line} column {column}");
            InventoryError {
                file: name.to_owned(),
                line,
                column: column.max(1),
                reason: message.replace(&place, ""),
            }
        })?;
        match top {
            ExportRoot::Template(template) => self.add_exported(name, &template),
            ExportRoot::Rows(Rows(rows)) => {
                for Row(named, record) in rows {
                    self.add(name, named, &record);
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, file: &str, named: ParsedId, record: &Value) {
        match named {
            ParsedId::Machine(id) => self.add_machine(file, id, record),
            ParsedId::Extension(id, name) => {
                let extension = parse_extension(name, record, KINDS);
                if id.kind == MachineType::VirtualMachine && extension.is_ours.is_some() {
                    self.lists_extensions = true;
                }
                self.machine(file, id).put(extension);
            }
            ParsedId::OfInstance {
                set,
                instance,
                extension,
            } => {
                if parse_extension(String::new(), record, KINDS).is_ours != Some(false) {
                    self.instances.push(InstanceExtension {
                        set,
                        instance,
                        extension,
                        file: file.to_owned(),
                    });
                }
            }
            ParsedId::Other => {}
        }
    }

    fn add_machine(&mut self, file: &str, id: MachineId, record: &Value) {
        let is_scale_set = id.kind == MachineType::ScaleSet;
        let machine = self.machine(file, id);
        match identity(record) {
            IdentityState::Unknown => {}
            state => machine.identity = state,
        }
        machine.power = power(record).or(machine.power.take());
        if is_scale_set {
            if let Some(profile) = member(record, "virtualMachineProfile") {
                machine.knows_publishers = true;
                for entry in elements(profile.pointer("/extensionProfile/extensions")) {
                    if let Some(name) = text(entry, &["/name"]) {
                        machine.put(parse_extension(name, entry, KINDS_OF_MODEL));
                    }
                }
            }
            let policy = member(record, "upgradePolicy");
            let mode = policy.and_then(|policy| text(policy, &["/mode"]));
            machine.upgrade_mode = mode.or(machine.upgrade_mode.take());
            let mode = member(record, "orchestrationMode").and_then(Value::as_str);
            machine.is_flexible |= mode.is_some_and(|mode| mode.eq_ignore_ascii_case("Flexible"));
        }
        for child in elements(record.get("resources")) {
            let id = child.get("id").and_then(Value::as_str);
            if let Some(named @ ParsedId::Extension(..)) = id.and_then(MachineId::parse) {
                self.add(file, named, child);
            }
        }
    }

    fn add_exported(&mut self, file: &str, template: &Value) {
        for resource in elements(template.get("resources")) {
            let kind = text(resource, &["/type"]).unwrap_or_default();
            let kind = match kind.to_lowercase().as_str() {
                "microsoft.compute/virtualmachines" => MachineType::VirtualMachine,
                "microsoft.compute/virtualmachinescalesets" => MachineType::ScaleSet,
                _ => continue,
            };
            let name = text(resource, &["/name"]).unwrap_or_default();
            let parameter = name
                .strip_prefix("[parameters('")
                .and_then(|rest| rest.strip_suffix("')]"));
            let default = parameter
                .and_then(|parameter| template.get("parameters")?.get(parameter))
                .and_then(|parameter| text(parameter, &["/defaultValue"]));
            self.exported.push(ExportedMachine {
                kind,
                name: default.unwrap_or(name),
                file: file.to_owned(),
            });
        }
    }

    /// The machine with this id, which is added where it is new.
    fn machine(&mut self, file: &str, id: MachineId) -> &mut InventoryMachine {
        let key = id.key();
        self.machines
            .entry(key)
            .or_insert_with(|| InventoryMachine::new(file, id))
    }
}

impl InventoryMachine {
    fn new(file: &str, id: MachineId) -> Self {
        Self {
            id,
            file: file.to_owned(),
            identity: IdentityState::Unknown,
            power: None,
            upgrade_mode: None,
            is_flexible: false,
            extensions: BTreeMap::new(),
            knows_publishers: false,
        }
    }

    /// Adds an extension, or what one more file says of it.
    fn put(&mut self, extension: InventoryExtension) {
        self.knows_publishers |= extension.is_ours.is_some();
        match self.extensions.entry(extension.name.to_lowercase()) {
            Entry::Vacant(free) => {
                free.insert(extension);
            }
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.is_ours = extension.is_ours.or(known.is_ours);
                if !extension.after.is_empty() {
                    known.after = extension.after;
                }
            }
        }
    }
}

/// Where a record of an extension has its type: `type` is that of the resource.
const KINDS: &[&str] = &[
    "/typePropertiesType",
    "/virtualMachineExtensionType",
    "/properties/type",
];

/// Where an extension in a scale set's model has its type.
const KINDS_OF_MODEL: &[&str] = &["/typePropertiesType", "/properties/type", "/type"];

/// What a record says of the extension called `name`.
fn parse_extension(name: String, record: &Value, kinds: &[&str]) -> InventoryExtension {
    let publisher = text(record, &["/publisher", "/properties/publisher"]);
    let kind = text(record, kinds);
    let after = elements(member(record, "provisionAfterExtensions"));
    InventoryExtension {
        name,
        is_ours: publisher.map(|publisher| is_ours(&publisher, kind.as_deref())),
        after: after.filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

/// Whether publisher and type are the managed identity extension's. The publisher shipped no other.
fn is_ours(publisher: &str, kind: Option<&str>) -> bool {
    let fits = kind.is_none_or(|kind| kind.to_lowercase().starts_with(TYPE_PREFIX));
    publisher.eq_ignore_ascii_case(PUBLISHER) && fits
}

fn identity(record: &Value) -> IdentityState {
    // What shows a machine whole leaves out what it has not.
    let is_whole = ["storageProfile", "virtualMachineProfile"]
        .iter()
        .any(|name| record.get(name).is_some_and(|value| !value.is_null()));
    match record.get("identity") {
        None if is_whole => IdentityState::Absent,
        None => IdentityState::Unknown,
        Some(Value::Null) => IdentityState::Absent,
        Some(identity) => match text(identity, &["/type"]) {
            None => IdentityState::Unknown,
            Some(kind) if kind.eq_ignore_ascii_case("None") => IdentityState::Absent,
            Some(kind) => IdentityState::Present(kind),
        },
    }
}

fn power(record: &Value) -> Option<String> {
    let code = || {
        let code = text(
            record,
            &["/properties/extended/instanceView/powerState/code"],
        );
        Some(code?.replacen("PowerState/", "VM ", 1))
    };
    let flat = text(record, &["/powerState"]).filter(|text| !text.is_empty());
    flat.or_else(code)
}

/// A member, which may be in `properties`.
fn member<'v>(record: &'v Value, name: &str) -> Option<&'v Value> {
    let flat = record.get(name).filter(|value| !value.is_null());
    flat.or_else(|| record.get("properties")?.get(name))
}

/// The text at the first of some pointers that leads to one.
fn text(value: &Value, pointers: &[&str]) -> Option<String> {
    let mut texts = pointers
        .iter()
        .filter_map(|pointer| value.pointer(pointer)?.as_str());
    texts.next().map(str::to_owned)
}

fn elements(list: Option<&Value>) -> impl Iterator<Item = &Value> {
    list.and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests;
