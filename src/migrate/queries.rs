//! What the JSONPath queries of the options select in a document.

use std::collections::HashSet;

use crate::json::{Document, JsonPath, Kind, NodeId, select};
use crate::rules::Context;
use crate::text::Edit;

use super::sources::shift_starts;
use super::{Fault, Options};

/// Why a query of the options cannot be asked of the document, if one cannot.
pub(super) fn query_fault(document: &Document<'_>, options: &Options) -> Option<Fault> {
    let waivers = options.waivers.iter();
    let of_waivers =
        waivers.filter_map(|waiver| Some(("within of a waiver", waiver.within.as_ref()?)));
    let within = options.within.iter().map(|query| ("--within", query));
    let lists = options.extension_lists.iter();
    let lists = lists.map(|query| ("extension-lists", query));
    let mut all = within.chain(lists).chain(of_waivers);
    all.find_map(|(place, query)| {
        let error = select(document, query).err()?;
        Some(Fault::beyond(format!(
            "{place}: {error}; select what you mean by fewer `..`, `*` and repeated selectors"
        )))
    })
}

/// The lists that the queries select.
pub(super) fn lists(document: &Document<'_>, queries: &[JsonPath]) -> Vec<NodeId> {
    let selected = queries
        .iter()
        .flat_map(|query| select(document, query).unwrap_or_default());
    let mut lists: Vec<NodeId> = selected
        .filter(|node| document.kind(*node) == Kind::Array)
        .collect();
    lists.sort_unstable();
    lists.dedup();
    lists
}

/// The lists of `context` in the result: a query may select others there, as places are counted.
pub(super) fn reselect_lists(
    context: &Context<'_, '_>,
    edits: &[Edit],
    document: &Document<'_>,
) -> Vec<NodeId> {
    let old = context.model.document();
    let lists = context.policies.extension_lists.iter();
    let starts: Vec<usize> = lists.map(|list| old.span(*list).start).collect();
    let starts = shift_starts(&starts, edits).into_iter();
    starts.filter_map(|start| document.node_at(start)).collect()
}

/// The nodes that the queries select, or `None` where there is no query.
pub(super) fn selected(document: &Document<'_>, queries: &[JsonPath]) -> Option<HashSet<NodeId>> {
    (!queries.is_empty()).then(|| {
        queries
            .iter()
            .flat_map(|query| select(document, query).unwrap_or_default())
            .collect()
    })
}
