//! The managed identity extension at places where Azure takes none, such as variables.
//!
//! Start at [`stray_extensions`].

use std::collections::HashSet;

use crate::extension::WORD;
use crate::json::{Document, Kind, NodeId};

use super::consumers::uses_around;
use super::expression;
use super::extension::Extension;
use super::model::Model;
use super::places::{Stray, stray};
use super::recognition::{is_declared, makes_ours};

/// An extension at a place that is not known.
#[derive(Clone, Debug)]
pub struct StrayExtension {
    /// The object with its publisher and type.
    pub node: NodeId,
    /// Why it stays, where its place says so.
    pub kept: Option<&'static str>,
    /// The strings that use the variable or parameter that it is in.
    pub uses: Vec<NodeId>,
}

/// Objects with the publisher and one of the types of the managed identity extension at places
/// that [`extensions`](super::extensions) does not know, such as variables, each with the reason why it stays if its
/// place gives one. Resources that only look like hosts of it are passed over.
pub fn stray_extensions(model: &Model<'_>, known: &[Extension]) -> Vec<StrayExtension> {
    let document = model.document();
    let known: HashSet<NodeId> = known.iter().filter_map(|known| known.body).collect();
    let resources = model.resources_by_node();
    // The innermost resource around a node.
    let host = |node: NodeId| {
        let mut around = document.ancestors(node);
        let index = around.find_map(|at| resources.get(&at).copied());
        index.and_then(|index| model.resource(index))
    };
    let place = |node| host(node).map_or(Stray::Unknown, |host| stray(&host.type_name));
    let found: Vec<(NodeId, Option<&'static str>)> = document
        .nodes()
        .filter(|node| match document.kind(*node) {
            Kind::Object => is_declared(document, *node),
            Kind::String => is_made(document, *node),
            _ => false,
        })
        .filter(|node| !known.contains(node))
        .filter_map(|node| match place(node) {
            Stray::AnotherHost => None,
            Stray::Kept(reason) => Some((node, Some(reason))),
            Stray::Unknown => Some((node, None)),
        })
        .collect();
    let nodes: Vec<NodeId> = found.iter().map(|(node, _)| *node).collect();
    let mut uses = uses_around(model, &nodes);
    let strays = found.into_iter();
    strays
        .map(|(node, kept)| StrayExtension {
            node,
            kept,
            uses: uses.remove(&node).unwrap_or_default(),
        })
        // What only extensions are made of that are known goes with them.
        .filter(|stray| stray.uses.is_empty() || !stray.uses.iter().all(|at| known.contains(at)))
        .collect()
}

/// Whether the string is an expression that makes the extension. Brackets that escape it do not matter.
fn is_made(document: &Document<'_>, node: NodeId) -> bool {
    let raw = document.raw(node);
    let may_make = raw.len() > 40 && memchr::memchr(b'(', raw).is_some();
    let text = document.string(node).filter(|_| may_make);
    // Most are expressions about something else, which need not be parsed.
    let text = text.filter(|text| text.to_ascii_lowercase().contains(WORD));
    let text = text.map(|text| format!("[{}", text.trim_start_matches('[')));
    let expression = text.and_then(|text| expression::parse(&text).expression());
    expression.is_some_and(|expression| makes_ours(&expression))
}
