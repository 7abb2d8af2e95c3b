//! What the commands print, as serde reads it.
//!
//! A record has the members of all shapes, and is checked while it is read, so that an error has the line and
//! column of what is wrong. The members that count, and where they come from:
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
//! Never knows what is made of it. Start at [`ExportRoot`].

use std::fmt;

use serde::Deserialize;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::super::resource_id::{MachineId, ParsedId};

/// The top of a file.
#[derive(Debug)]
pub(super) enum ExportRoot {
    /// Resources: a list of them, a page with such a list, or a single one.
    Rows(Rows),
    /// An exported template.
    Template(Value),
}

/// Resources.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Rows(pub(super) Vec<Row>);

/// What a resource's id names, and the members of the resource that count.
#[derive(Debug)]
pub(super) struct Row(pub(super) ParsedId, pub(super) Value);

/// The members that count, in `properties` too. All others may be large, and are not kept.
const MEMBERS: &[&str] = &[
    "$schema",
    "extended",
    "id",
    "identity",
    "name",
    "orchestrationMode",
    "parameters",
    "powerState",
    "properties",
    "provisionAfterExtensions",
    "publisher",
    "resources",
    "storageProfile",
    "type",
    "typePropertiesType",
    "upgradePolicy",
    "virtualMachineExtensionType",
    "virtualMachineProfile",
];

/// The members of a record that count, and the page that it is.
fn members<'de, A: MapAccess<'de>>(mut map: A) -> Result<(Value, Option<Rows>), A::Error> {
    let mut members = Map::new();
    let mut page = None;
    while let Some(name) = map.next_key::<String>()? {
        if matches!(&*name, "data" | "value") {
            page = map.next_value::<Option<Rows>>()?.or(page);
        } else if MEMBERS.contains(&&*name) {
            let mut value: Value = map.next_value()?;
            if let ("properties", Value::Object(inner)) = (&*name, &mut value) {
                inner.retain(|name, _| MEMBERS.contains(&&**name));
            }
            members.insert(name, value);
        } else {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok((Value::Object(members), page))
}

impl Row {
    fn of<E: Error>(record: Value) -> Result<Self, E> {
        let Some(id) = record.get("id").and_then(Value::as_str) else {
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
        Row::of(members(map)?.0)
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
        let (record, page) = members(map)?;
        if record
            .get("$schema")
            .is_some_and(|schema| !schema.is_null())
        {
            return Ok(ExportRoot::Template(record));
        }
        if let Some(rows) = page {
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
