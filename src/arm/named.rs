//! How a resource declares itself: its symbolic name, its type and name, its `dependsOn`.
//!
//! Never knows other resources than its parent. Start at [`Named`].

use std::collections::HashMap;

use crate::json::{Document, Kind, NodeId};

use super::expression::Text;
use super::resource::{DependsOn, Resource};

/// A resource in a list, or in an object by its symbolic name.
pub(super) struct DeclaredResource {
    pub(super) node: NodeId,
    pub(super) symbol: Option<String>,
    /// See [`Resource::overrides`].
    pub(super) overrides: bool,
}

impl DeclaredResource {
    /// The resources in the value of `resources`; of equal symbolic names, which must have equal case too,
    /// the last counts.
    pub(super) fn all(document: &Document<'_>, list: NodeId) -> Vec<Self> {
        let children = document.children(list);
        let nameless = |node| Self {
            node,
            symbol: None,
            overrides: false,
        };
        if document.kind(list) == Kind::Array {
            return children.map(nameless).collect();
        }
        let named = |key| Some((document.string(key)?, key));
        let mut members: HashMap<String, (NodeId, usize)> = HashMap::new();
        for (name, key) in children.filter_map(named) {
            let (last, count) = members.entry(name).or_insert((key, 0));
            (*last, *count) = (key, *count + 1);
        }
        let mut all: Vec<(NodeId, Self)> = members
            .into_iter()
            .filter_map(|(name, (key, count))| {
                let declared = Self {
                    node: document.value(key)?,
                    symbol: Some(name),
                    overrides: count > 1,
                };
                Some((key, declared))
            })
            .collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        all.into_iter().map(|(_, declared)| declared).collect()
    }
}

pub(super) fn depends_on(document: &Document<'_>, resource: NodeId) -> Option<DependsOn> {
    let key = document.key(resource, "dependsOn")?;
    let array = document
        .value(key)
        .filter(|value| document.kind(*value) == Kind::Array);
    Some(DependsOn {
        key,
        array,
        entries: array.map_or_else(Vec::new, |array| document.children(array).collect()),
    })
}

/// A resource's full type and name, which a nested child may leave to its place.
pub(super) struct Named {
    pub(super) full_type: String,
    pub(super) full_name: Option<Text>,
    pub(super) short_name: Option<Text>,
}

impl Named {
    pub(super) fn of(parent: Option<&Resource>, own_type: String, own_name: Option<Text>) -> Self {
        let Some(parent) = parent.filter(|_| !own_type.contains('.')) else {
            return Self {
                full_type: own_type,
                full_name: own_name,
                short_name: None,
            };
        };
        let full_type = format!("{}/{own_type}", parent.type_name);
        // A short type with a full name occurs too.
        let is_full = own_name
            .as_ref()
            .is_some_and(|name| name.segments().len() == full_type.matches('/').count());
        let around = parent.name.as_ref().filter(|_| !is_full);
        let full_name = match own_name.as_ref() {
            Some(own) if is_full => Some(own.clone()),
            own => around
                .zip(own)
                .map(|(parent, own)| Text::of_segments([parent, own])),
        };
        Self {
            full_type,
            full_name,
            short_name: own_name.filter(|_| !is_full),
        }
    }
}
