//! The parts of an extension that show what it is: name, publisher, type, order. Written out, or what an
//! expression gives.
//!
//! Never knows where the extension is. Start at [`Parts`].

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

/// The parts of an extension that say what it is. Texts are expressions or plain, free of escapes.
pub(super) struct Parts {
    pub(super) name: Option<String>,
    /// The object with its publisher, or the expression that makes it.
    pub(super) body: Option<NodeId>,
    pub(super) publisher: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) order: Option<ProvisionAfter>,
}

/// What is written as a part of an extension in the resource at `owner`.
pub(super) fn written(model: &Model<'_>, owner: ResourceIndex, node: NodeId) -> String {
    let template = model.resource(owner).map_or(0, |owner| owner.template);
    // The value of an expression of a template around this one is not seen here.
    model
        .text(template, node)
        .unwrap_or_else(|| "[outer()]".to_owned())
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
        let part = |way: &str| Some(format!("[{base}{way}]"));
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

    /// Those of an extension whose publisher and type are in `body`.
    pub(super) fn of_body(model: &Model<'_>, owner: ResourceIndex, body: Option<NodeId>) -> Self {
        let document = model.document();
        let member = |name| body.and_then(|body| document.get(body, name));
        let text = |name| member(name).map(|node| written(model, owner, node));
        let order = member("provisionAfterExtensions");
        Self {
            name: None,
            body,
            publisher: text("publisher"),
            kind: text("type"),
            order: order.map(|value| ProvisionAfter::written(document, value)),
        }
    }
}
