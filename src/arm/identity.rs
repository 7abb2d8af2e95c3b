//! The `identity` block of VMs and scale sets, by API version.
//!
//! Source: the schemas of Microsoft.Compute; VM and scale set agree in all versions.

use crate::json::NodeId;

use super::expression::Value;
use super::model::{Model, ResourceIndex};

/// The first API version of Microsoft.Compute with an identity of any kind.
const FIRST_IDENTITY: &str = "2016-03-30";

/// A resource's `apiVersion`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiVersion {
    /// A date, such as `2018-06-01`, perhaps with `-preview` behind it.
    Known {
        /// The date and suffix.
        text: String,
        /// The member's value.
        node: NodeId,
    },
    /// It depends on what the template does not show, or is left to an API profile.
    Unknown,
}

/// What a machine's `identity` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityBlock {
    /// The member is not there.
    Absent,
    /// It gives an identity.
    Given(NodeId),
    /// Its type is `None`.
    None(NodeId),
    /// The template does not show it.
    Undecided(NodeId),
}

/// Whether a version takes an `identity`.
pub fn takes_identity(version: &str) -> bool {
    // Versions are dates, so their order is that of their texts.
    version.get(..10).unwrap_or(version) >= FIRST_IDENTITY
}

impl ApiVersion {
    /// Reads the `apiVersion` of the resource at `index`.
    pub fn of(model: &Model<'_>, index: ResourceIndex) -> Self {
        let document = model.document();
        let read = || {
            let node = document.get(model.resource(index)?.node, "apiVersion")?;
            let text = model.value(index, node).as_text()?.is_literal()?.to_owned();
            let is_date = text.len() >= 10
                && text
                    .bytes()
                    .take(10)
                    .all(|byte| byte.is_ascii_digit() || byte == b'-');
            is_date.then_some(Self::Known { text, node })
        };
        read().unwrap_or(Self::Unknown)
    }
}

/// The key of the `identity` of the resource at `index`, with its value.
fn identity(model: &Model<'_>, index: ResourceIndex) -> Option<(NodeId, Value)> {
    let document = model.document();
    let key = document.key(model.resource(index)?.node, "identity")?;
    let value = document.value(key).map(|block| model.value(index, block));
    Some((key, value.unwrap_or(Value::Null)))
}

/// The type that an `identity` has for certain.
fn kind(identity: &Value) -> Option<&str> {
    identity.get("type")?.as_literal()
}

/// Reads the `identity` of the resource at `index`.
pub fn identity_block(model: &Model<'_>, index: ResourceIndex) -> IdentityBlock {
    let Some((key, value)) = identity(model, index) else {
        return IdentityBlock::Absent;
    };
    match kind(&value) {
        None => IdentityBlock::Undecided(key),
        Some(kind) if kind.trim().eq_ignore_ascii_case("None") => IdentityBlock::None(key),
        Some(_) => IdentityBlock::Given(key),
    }
}

/// Whether the machine at `index` has an identity for certain, and no system-assigned one: only that one's
/// ids are members of the machine's `identity` itself.
pub fn lacks_system_identity(model: &Model<'_>, index: ResourceIndex) -> bool {
    let identity = identity(model, index);
    let kinds = identity.as_ref().and_then(|(_, value)| kind(value));
    kinds.is_some_and(|kinds| {
        let mut kinds = kinds.split(',').map(str::trim);
        !kinds.any(|kind| kind.eq_ignore_ascii_case("SystemAssigned"))
    })
}
