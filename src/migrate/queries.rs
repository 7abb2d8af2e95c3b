//! What the JSONPath queries of the options select in a document.

use std::collections::{HashMap, HashSet};

use crate::json::{Document, JsonPath, Kind, NodeId, select};
use crate::rules::Context;
use crate::text::{Edit, shift_offsets};

use super::{Fault, Options};

/// What the queries of the options select, each asked once.
pub(super) struct Selections {
    /// What a narrowed run is about; `None` where there is no query.
    pub(super) within: Option<HashSet<NodeId>>,
    /// The lists whose entries are extensions.
    pub(super) lists: Vec<NodeId>,
    /// By the waiver's place in [`Options::waivers`].
    of_waivers: HashMap<usize, Vec<NodeId>>,
}

impl Selections {
    /// # Errors
    /// Where the queries take more steps than they may.
    pub(super) fn new(document: &Document<'_>, options: &Options) -> Result<Self, Fault> {
        let waivers = options.waivers.iter().enumerate();
        let waivers: Vec<(usize, &JsonPath)> = waivers
            .filter_map(|(index, waiver)| Some((index, waiver.within.as_ref()?)))
            .collect();
        let queries: Vec<&JsonPath> = options
            .within
            .iter()
            .chain(&options.extension_lists)
            .chain(waivers.iter().map(|(_, query)| *query))
            .collect();
        let selected = select(document, &queries).map_err(|error| {
            Fault::beyond(format!(
                "{error} (--within, extension-lists and `within` of waivers together); use fewer \
                 queries, `..`, `*` and repeated selectors"
            ))
        })?;
        let mut selected = selected.into_iter();
        let within: HashSet<NodeId> = selected
            .by_ref()
            .take(options.within.len())
            .flatten()
            .collect();
        let mut lists: Vec<NodeId> = selected
            .by_ref()
            .take(options.extension_lists.len())
            .flatten()
            .filter(|node| document.kind(*node) == Kind::Array)
            .collect();
        lists.sort_unstable();
        lists.dedup();
        let of_waivers = waivers.into_iter().zip(selected);
        Ok(Self {
            within: (!options.within.is_empty()).then_some(within),
            lists,
            of_waivers: of_waivers
                .map(|((index, _), mut nodes)| {
                    nodes.sort_unstable();
                    nodes.dedup();
                    (index, nodes)
                })
                .collect(),
        })
    }

    /// What the query of the waiver at `index` selects.
    pub(super) fn of_waiver(&self, index: usize) -> &[NodeId] {
        self.of_waivers.get(&index).map_or(&[], Vec::as_slice)
    }
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
    let starts = shift_offsets(&starts, edits).into_iter();
    starts.filter_map(|start| document.node_at(start)).collect()
}
