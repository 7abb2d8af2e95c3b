//! The `identity` block of VMs and scale sets, by API version.
//!
//! Source: the schemas of Microsoft.Compute; VM and scale set agree in all versions.

use crate::json::{Kind, NodeId};

use super::expression::Value;
use super::model::{Model, ResourceIndex};

/// The first API version of Microsoft.Compute with an identity of any kind.
const FIRST_IDENTITY: &str = "2016-03-30";
/// The first with `userAssignedIdentities` in place of `identityIds`.
const FIRST_MAP: &str = "2018-06-01";

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

/// What an API version takes as `identity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdentityShape {
    /// Nothing: the member does not exist.
    Absent,
    /// `{type}`, and with `UserAssigned` the list `identityIds`.
    List,
    /// `{type}`, and with `UserAssigned` the map `userAssignedIdentities`.
    Map,
}

/// What a machine's `identity` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityBlock {
    /// The member is not there.
    Absent,
    /// It gives an identity. `lists_ids` is whether it has `identityIds`.
    Given {
        /// The member's key.
        key: NodeId,
        /// Whether identities are listed in the old form.
        lists_ids: bool,
    },
    /// Its type is `None`.
    None(NodeId),
    /// It cannot be told from the template.
    Undecided(NodeId),
}

/// What `version` takes as `identity`.
pub fn identity_shape(version: &str) -> IdentityShape {
    // Versions are dates, so their order is that of their texts.
    let date = version.get(..10).unwrap_or(version);
    match date {
        date if date < FIRST_IDENTITY => IdentityShape::Absent,
        date if date < FIRST_MAP => IdentityShape::List,
        _ => IdentityShape::Map,
    }
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

/// Reads the `identity` of the resource at `index`.
pub fn identity_block(model: &Model<'_>, index: ResourceIndex) -> IdentityBlock {
    let document = model.document();
    let Some(key) = model
        .resource(index)
        .and_then(|resource| document.key(resource.node, "identity"))
    else {
        return IdentityBlock::Absent;
    };
    let Some(block) = document.value(key) else {
        return IdentityBlock::Undecided(key);
    };
    let lists_ids =
        document.kind(block) == Kind::Object && document.key(block, "identityIds").is_some();
    let kind = match model.value(index, block) {
        value @ Value::Object(_) => value
            .get("type")
            .and_then(|kind| kind.as_literal().map(str::to_owned)),
        _ => None,
    };
    match kind {
        None => IdentityBlock::Undecided(key),
        Some(kind) if kind.trim().eq_ignore_ascii_case("None") => IdentityBlock::None(key),
        Some(_) => IdentityBlock::Given { key, lists_ids },
    }
}
