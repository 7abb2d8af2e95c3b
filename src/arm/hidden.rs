//! Entries of `dependsOn` that cannot be read and may name a resource that is removed.
//!
//! Start at [`hidden_names`].

use std::collections::HashSet;

use super::graph::Origin;
use super::model::{Model, Resource, ResourceIndex};

/// The `removed` resources that an entry of the resource at `index` may name unseen, and why:
/// as an expression of a template around its own, or by a symbolic name in another case, which
/// Azure tells apart and other readers do not.
pub(super) fn hidden_names(
    model: &Model<'_>,
    removed: &HashSet<ResourceIndex>,
    index: ResourceIndex,
) -> Option<(Vec<ResourceIndex>, &'static str)> {
    let resource = model.resource(index)?;
    let among = |counts: &dyn Fn(&Resource) -> bool| -> Vec<ResourceIndex> {
        let counted = |index: &&ResourceIndex| {
            let other = model.resource(**index);
            other.is_some_and(|other| other.template == resource.template && counts(other))
        };
        removed.iter().filter(counted).copied().collect()
    };
    let unresolved = model
        .edges(index)
        .iter()
        .filter(|edge| edge.reach.resources.is_empty());
    for edge in unresolved {
        let Origin::Entry(entry) = edge.origin else {
            continue;
        };
        let (found, reason) = if model.text(resource.template, entry).is_none() {
            let reason = "an expression of the template around it may say what waits for it";
            (among(&|_| true), reason)
        } else {
            let in_another_case = |other: &Resource| {
                let symbol = other.symbol.as_deref();
                symbol.is_some_and(|symbol| symbol.eq_ignore_ascii_case(&edge.text))
            };
            let reason = "something waits for its symbolic name in another case";
            (among(&in_another_case), reason)
        };
        if !found.is_empty() {
            return Some((found, reason));
        }
    }
    None
}
