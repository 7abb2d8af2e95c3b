//! The parts of an extension that show what it is: name, publisher, type, order. Written out, or what an
//! expression gives.
//!
//! Never knows where the extension stands. Start at [`Parts`].

use crate::json::{Document, Kind, NodeId};

use super::expression::Value;
use super::model::{Model, ResourceIndex};

/// What an extension comes after, by the names of others on its machine.
#[derive(Clone, Debug)]
pub struct ProvisionAfter {
    /// The member's value.
    pub value: NodeId,
    /// Its entries; `None` where it is no list.
    pub entries: Option<Vec<NodeId>>,
    /// The expression that gives the list, where it is made in a longer one.
    pub computed: Option<String>,
}

impl ProvisionAfter {
    /// What is written as the member's value.
    pub(super) fn written(document: &Document<'_>, value: NodeId) -> Self {
        let is_list = document.kind(value) == Kind::Array;
        Self {
            value,
            entries: is_list.then(|| document.children(value).collect()),
            computed: None,
        }
    }
}

/// A part of an extension.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// What is written there.
    Written(NodeId),
    /// What this expression gives.
    Computed(String),
}

impl Part {
    /// Its value where the resource at `owner` is.
    pub(super) fn value(&self, model: &Model<'_>, owner: ResourceIndex) -> Value {
        match self {
            Part::Written(node) => model.value(owner, *node),
            Part::Computed(text) => model.text_value(owner, text),
        }
    }

    /// The same if every parameter has its default.
    pub(super) fn default_value(&self, model: &Model<'_>, owner: ResourceIndex) -> Value {
        match self {
            Part::Written(node) => model.default_value(owner, *node),
            Part::Computed(text) => model.default_text_value(owner, text),
        }
    }
}

/// The parts of an extension that tell what it is.
pub(super) struct Parts {
    pub(super) name: Option<Part>,
    /// The object with its publisher, or the expression that makes it.
    pub(super) body: Option<NodeId>,
    pub(super) publisher: Option<Part>,
    pub(super) kind: Option<Part>,
    pub(super) order: Option<ProvisionAfter>,
}

impl Parts {
    /// Those of an extension that the expression `base` in the string `node` gives: publisher and type are
    /// members of its member `within`, such as `.properties`.
    pub(super) fn computed(
        model: &Model<'_>,
        owner: ResourceIndex,
        node: NodeId,
        base: &str,
        within: &str,
    ) -> Self {
        let part = |way: &str| Some(Part::Computed(format!("[{base}{way}]")));
        let body = model.text_value(owner, &format!("[{base}{within}]"));
        let has_order = match body {
            Value::Object(_) => body.get("provisionAfterExtensions").is_some(),
            _ => true,
        };
        Self {
            name: part(".name"),
            body: Some(node),
            publisher: part(&format!("{within}.publisher")),
            kind: part(&format!("{within}.type")),
            order: has_order.then(|| ProvisionAfter {
                value: node,
                entries: None,
                computed: Some(format!("[{base}{within}.provisionAfterExtensions]")),
            }),
        }
    }

    /// Those of an extension whose publisher and type stand in `body`.
    pub(super) fn of_body(document: &Document<'_>, body: Option<NodeId>) -> Self {
        let member = |name| body.and_then(|body| document.get(body, name));
        Self {
            name: None,
            body,
            publisher: member("publisher").map(Part::Written),
            kind: member("type").map(Part::Written),
            order: member("provisionAfterExtensions")
                .map(|value| ProvisionAfter::written(document, value)),
        }
    }
}
