//! VM extensions: where they stand, and which of them is the managed identity extension.
//!
//! It is recognised by publisher and type after evaluation, never by its name: publisher
//! `Microsoft.ManagedIdentity` shipped `ManagedIdentityExtensionForWindows` and
//! `ManagedIdentityExtensionForLinux` only. Start at [`extensions`].

use std::collections::HashSet;

use crate::json::{Kind, NodeId};

use super::expression::{Text, Value};
use super::graph::without_numbers;
use super::model::{Model, Resource, ResourceIndex};

const VM_EXTENSION: &str = "microsoft.compute/virtualmachines/extensions";
const SCALE_SET: &str = "microsoft.compute/virtualmachinescalesets";
const SCALE_SET_EXTENSION: &str = "microsoft.compute/virtualmachinescalesets/extensions";

const PUBLISHER: &str = "Microsoft.ManagedIdentity";
const TYPES: [&str; 2] = [
    "ManagedIdentityExtensionForWindows",
    "ManagedIdentityExtensionForLinux",
];
const TYPE_PREFIX: &str = "ManagedIdentityExtensionFor";
/// Publishers of previews and tests that carried an extension of the same kind.
const LOOKALIKES: [&str; 2] = [
    "Microsoft.ManagedIdentity.Edp",
    "Microsoft.Azure.Test.Identity",
];

/// Where an extension is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// As a resource of its own, below a VM or a scale set.
    Resource(ResourceIndex),
    /// As an entry in a scale set's `extensionProfile`.
    Profile {
        /// The scale set.
        scale_set: ResourceIndex,
        /// The entry.
        element: NodeId,
    },
}

/// Whether an extension is the managed identity extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recognition {
    /// It is another one.
    Other,
    /// It is.
    Match,
    /// It has the publisher, but a type that the publisher never shipped.
    OtherType(String),
    /// It is in some deployments: why that cannot be told from the template.
    Undecided(String),
    /// A preview's publisher: not this extension, but as dead.
    Lookalike(String),
}

/// One declared VM extension of any publisher.
#[derive(Clone, Debug)]
pub struct Extension {
    /// Where it is declared.
    pub home: Home,
    /// Its object: the resource or the profile's entry.
    pub node: NodeId,
    /// The VM or scale set, where the template declares it; the whole loop where it is one of those.
    pub machine: Option<ResourceIndex>,
    /// Whether that is one machine of a loop, by its number or by another offset, and not each.
    pub partly: bool,
    /// What tells the machines of a template apart, also where they are declared elsewhere.
    pub machine_key: String,
    /// The same with numbers and loop variables left out: the machines of one loop are alike.
    pub machine_family: String,
    /// Whether it is there for each instance of a copy loop.
    pub looped: bool,
    /// Its own name, without the machine's.
    pub name: Option<Text>,
    /// Whether it is the one.
    pub recognition: Recognition,
    /// Its `provisionAfterExtensions`.
    pub provision_after: Option<ProvisionAfter>,
}

/// What an extension comes after, by the names of others on its machine.
#[derive(Clone, Debug)]
pub struct ProvisionAfter {
    /// The member's value.
    pub value: NodeId,
    /// Its entries; `None` where it is no list.
    pub entries: Option<Vec<NodeId>>,
}

impl Extension {
    /// Whether it stands on a scale set rather than on a VM.
    pub fn on_scale_set(&self) -> bool {
        self.machine_key.starts_with(SCALE_SET)
    }

    /// The resource in whose scope its expressions stand.
    pub fn owner(&self) -> ResourceIndex {
        match self.home {
            Home::Resource(index) => index,
            Home::Profile { scale_set, .. } => scale_set,
        }
    }
}

/// All VM extensions of a template file at the places where Azure takes them as such.
pub fn extensions(model: &Model<'_>) -> Vec<Extension> {
    let mut found = Vec::new();
    for (index, resource) in model.resources().iter().enumerate() {
        match resource.type_name.as_str() {
            VM_EXTENSION | SCALE_SET_EXTENSION => found.push(as_resource(model, index, resource)),
            SCALE_SET => found.extend(profile(model, index)),
            _ => {}
        }
    }
    found
}

/// Objects with the publisher and one of the types of the managed identity extension at places
/// that [`extensions`] does not know, such as variables.
pub fn stray_extensions(model: &Model<'_>, known: &[Extension]) -> Vec<NodeId> {
    let document = model.document();
    // Publisher and type stand in the `properties` of a known one.
    let known: HashSet<NodeId> = known.iter().map(|known| known.node).collect();
    document
        .nodes()
        .filter(|node| document.kind(*node) == Kind::Object)
        .filter(|node| {
            let is = |name: &str, accepts: &dyn Fn(&str) -> bool| {
                document
                    .get(*node, name)
                    .and_then(|value| document.string(value))
                    .is_some_and(|text| accepts(&text))
            };
            is("publisher", &|text| text.eq_ignore_ascii_case(PUBLISHER))
                && is("type", &|text| {
                    TYPES.iter().any(|ours| text.eq_ignore_ascii_case(ours))
                })
        })
        .filter(|node| {
            let holder = document.parent(*node).and_then(|key| document.parent(key));
            !known.contains(node) && holder.is_none_or(|holder| !known.contains(&holder))
        })
        .collect()
}

fn as_resource(model: &Model<'_>, index: ResourceIndex, resource: &Resource) -> Extension {
    let document = model.document();
    let node = resource.node;
    let machine_type = resource.type_name.trim_end_matches("/extensions");
    let segments = resource
        .name
        .as_ref()
        .map(Text::segments)
        .unwrap_or_default();
    let machine_name: Vec<String> = match segments.as_slice() {
        [machine @ .., _] => machine.iter().map(Text::name_key).collect(),
        [] => Vec::new(),
    };
    let machine_key = format!("{machine_type}/{}", machine_name.join("/"));
    let machine_family = without_numbers(&machine_key);
    let whole = model
        .by_key(resource.template, &machine_key)
        .or(resource.parent);
    let machine = whole.or_else(|| model.by_instance(resource.template, &machine_family));
    Extension {
        home: Home::Resource(index),
        node,
        machine,
        partly: whole.is_none(),
        machine_family,
        machine_key,
        looped: resource.looped,
        name: segments.last().cloned(),
        recognition: recognise(model, index, document.get(node, "properties")),
        provision_after: provision_after(model, document.get(node, "properties")),
    }
}

fn profile(model: &Model<'_>, scale_set: ResourceIndex) -> Vec<Extension> {
    let document = model.document();
    let Some(resource) = model.resource(scale_set) else {
        return Vec::new();
    };
    let steps = [
        "properties",
        "virtualMachineProfile",
        "extensionProfile",
        "extensions",
    ];
    let list = steps
        .iter()
        .try_fold(resource.node, |node, step| document.get(node, step))
        .filter(|list| document.kind(*list) == Kind::Array);
    let elements = list.into_iter().flat_map(|list| document.children(list));
    elements
        .filter(|element| document.kind(*element) == Kind::Object)
        .map(|element| {
            let properties = document.get(element, "properties");
            Extension {
                home: Home::Profile { scale_set, element },
                node: element,
                machine: Some(scale_set),
                partly: false,
                machine_key: resource.key.clone().unwrap_or_default(),
                machine_family: without_numbers(resource.key.as_deref().unwrap_or_default()),
                looped: resource.looped,
                name: document
                    .get(element, "name")
                    .and_then(|name| model.value(scale_set, name).as_text()),
                recognition: recognise(model, scale_set, properties),
                provision_after: provision_after(model, properties),
            }
        })
        .collect()
}

fn provision_after(model: &Model<'_>, properties: Option<NodeId>) -> Option<ProvisionAfter> {
    let document = model.document();
    let value = document.get(properties?, "provisionAfterExtensions")?;
    let is_list = document.kind(value) == Kind::Array;
    Some(ProvisionAfter {
        value,
        entries: is_list.then(|| document.children(value).collect()),
    })
}

/// Judges an extension by the `publisher` and `type` of its properties.
fn recognise(model: &Model<'_>, owner: ResourceIndex, properties: Option<NodeId>) -> Recognition {
    let document = model.document();
    let Some(properties) = properties else {
        return Recognition::Other;
    };
    let Some(publisher) = document.get(properties, "publisher") else {
        return Recognition::Other;
    };
    let type_node = document.get(properties, "type");
    let value = model.value(owner, publisher);
    let publishers = value.alternatives();
    let ours = publishers
        .iter()
        .filter(|p| is_literal(p, PUBLISHER))
        .count();
    if ours == publishers.len() {
        return recognise_type(model, owner, type_node);
    }
    if ours > 0 {
        return Recognition::Undecided("its publisher depends on a condition".to_owned());
    }
    if let [only] = publishers.as_slice()
        && let Some(name) = LOOKALIKES.iter().find(|name| is_literal(only, name))
    {
        return Recognition::Lookalike((*name).to_owned());
    }
    if publishers.iter().all(|p| p.as_literal().is_some()) {
        return Recognition::Other;
    }
    let value = model.default_value(owner, publisher);
    let defaults = value.alternatives();
    let by_default = defaults.iter().any(|p| is_literal(p, PUBLISHER));
    let unknown = defaults.iter().any(|p| p.as_literal().is_none());
    let type_matches = type_node.is_some_and(|node| {
        let value = model.default_value(owner, node);
        let types = value.alternatives();
        types
            .iter()
            .any(|t| TYPES.iter().any(|ours| is_literal(t, ours)))
    });
    if by_default || (unknown && type_matches) {
        Recognition::Undecided("its publisher is not fixed by the template".to_owned())
    } else {
        Recognition::Other
    }
}

/// The publisher is ours: judges the type.
fn recognise_type(model: &Model<'_>, owner: ResourceIndex, node: Option<NodeId>) -> Recognition {
    let Some(node) = node else {
        return Recognition::Match;
    };
    let value = model.value(owner, node);
    let types = value.alternatives();
    let others: Vec<&str> = types
        .iter()
        .filter(|leaf| !starts_like_ours(leaf))
        .filter_map(|leaf| leaf.as_literal())
        .collect();
    match others.as_slice() {
        [] => Recognition::Match,
        [other, ..] if others.len() == types.len() => Recognition::OtherType((*other).to_owned()),
        _ => Recognition::Undecided("its type depends on a condition".to_owned()),
    }
}

fn is_literal(value: &Value, text: &str) -> bool {
    value
        .as_literal()
        .is_some_and(|literal| literal.eq_ignore_ascii_case(text))
}

fn starts_like_ours(value: &Value) -> bool {
    value
        .as_text()
        .is_some_and(|text| text.starts_with_literal(TYPE_PREFIX))
}
