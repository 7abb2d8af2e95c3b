//! What the commands print, as serde reads it.
//!
//! One record has the members of all shapes, so that an error has the line and column of what is wrong.
//! The field names, and where they come from:
//!
//! | member | in | source |
//! |---|---|---|
//! | `id` | all but exported templates | resource id, Azure Resource Manager |
//! | `publisher`, `typePropertiesType` | `az vm extension list`; `resources[]` of `az vm show` and, in some versions, `az vm list` | azure-cli 2.91.0, `vm/operations/vm_extension.py` and `vm.py`, which call `properties.type` so |
//! | `virtualMachineExtensionType` | the same in older versions | sample output in the Network Watcher packet capture page of the Azure documentation |
//! | `virtualMachineProfile.extensionProfile.extensions[]` with `name`, `publisher`, `type` or `typePropertiesType`, `provisionAfterExtensions` | `az vmss list`, `az vmss show` | azure-cli 2.91.0, `vm/aaz/latest/vmss/_show.py` |
//! | `upgradePolicy.mode`, `orchestrationMode` | the same | the same |
//! | `identity`, which recent versions leave out where there is none | `az vm list`, `az vmss list` | azure-cli 2.91.0, `core/aaz/_field_value.py` |
//! | `powerState` | `az vm list -d` | azure-cli 2.91.0, `vm/custom.py`, `get_vm_details` |
//! | `properties` with the members above, unflattened | Azure Resource Graph, REST | REST reference of Compute |
//! | `properties.extended.instanceView.powerState.code` | Azure Resource Graph | its sample "Summarize virtual machine by the power states extended property" |
//! | `data` | `az graph query` | Azure CLI extension `resource-graph` |
//! | `value` | `az rest` | REST reference of Compute |
//! | `$schema`, `resources[]`, `parameters` | `az group export` | template reference |
//!
//! Never knows what is made of it. Start at [`Record`].

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::super::resource_id::{MachineId, ParsedId};

/// The top of a file.
#[derive(Debug)]
pub(super) enum ExportRoot {
    /// Resources: a list of them, a page with such a list, or a single one.
    Rows(Rows),
    /// An exported template.
    Template(Box<Record>),
}

/// Resources.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Rows(pub(super) Vec<Row>);

/// A resource, with what its id names.
#[derive(Debug)]
pub(super) struct Row(pub(super) ParsedId, pub(super) Record);

/// A resource, an extension, a page of them, or a template.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Record {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) data: Option<Rows>,
    pub(super) value: Option<Rows>,
    #[serde(rename = "$schema")]
    pub(super) schema: Option<String>,
    pub(super) parameters: Option<HashMap<String, Parameter>>,
    pub(super) resources: Option<Vec<Record>>,
    #[serde(deserialize_with = "there")]
    pub(super) identity: Option<Option<Identity>>,
    pub(super) power_state: Option<String>,
    /// There only where a machine is shown whole and flattened.
    pub(super) storage_profile: Option<IgnoredAny>,
    pub(super) publisher: Option<String>,
    pub(super) type_properties_type: Option<String>,
    pub(super) virtual_machine_extension_type: Option<String>,
    pub(super) virtual_machine_profile: Option<Value>,
    pub(super) upgrade_policy: Option<Value>,
    pub(super) orchestration_mode: Option<String>,
    pub(super) provision_after_extensions: Option<Vec<String>>,
    pub(super) properties: Option<Box<MachineProperties>>,
}

/// What stands in `properties`. A result of Resource Graph has resources of all types in it, whose
/// members of these names may be anything.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct MachineProperties {
    pub(super) publisher: Option<Value>,
    #[serde(rename = "type")]
    pub(super) kind: Option<Value>,
    pub(super) virtual_machine_profile: Option<Value>,
    pub(super) upgrade_policy: Option<Value>,
    pub(super) orchestration_mode: Option<Value>,
    pub(super) provision_after_extensions: Option<Value>,
    pub(super) extended: Option<Value>,
}

/// The `identity` of a resource.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Identity {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}

/// A parameter of a template.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Parameter {
    pub(super) default_value: Option<Value>,
}

/// Tells a member that is `null` from one that is left out.
fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Identity>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl Row {
    fn of<E: serde::de::Error>(record: Record) -> Result<Self, E> {
        let Some(id) = &record.id else {
            let reason = "the value that ends here is neither a list of resources nor a resource \
                          with an id";
            return Err(E::custom(reason));
        };
        match MachineId::parse(id) {
            Some(named) => Ok(Self(named, record)),
            None => Err(E::custom(
                "the id before this is not of the form \
                 /subscriptions/S/resourceGroups/G/providers/...",
            )),
        }
    }
}

/// An error within a visit has the place of the entry's end, one behind it that of the next.
struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a resource")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Row, A::Error> {
        Row::of(Record::deserialize(MapAccessDeserializer::new(map))?)
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowVisitor)
    }
}

struct ExportRootVisitor;

impl<'de> Visitor<'de> for ExportRootVisitor {
    type Value = ExportRoot;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of resources")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<ExportRoot, A::Error> {
        Rows::deserialize(SeqAccessDeserializer::new(list)).map(ExportRoot::Rows)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ExportRoot, A::Error> {
        let mut record = Record::deserialize(MapAccessDeserializer::new(map))?;
        if record.schema.is_some() {
            return Ok(ExportRoot::Template(Box::new(record)));
        }
        if let Some(rows) = record.data.take().or(record.value.take()) {
            return Ok(ExportRoot::Rows(rows));
        }
        Ok(ExportRoot::Rows(Rows(vec![Row::of(record)?])))
    }
}

impl<'de> Deserialize<'de> for ExportRoot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExportRootVisitor)
    }
}
