//! Lists of `provisionAfterExtensions` that cannot be followed through a removal.
//!
//! Names are compared after evaluation; what has none may be any name. Start at
//! [`undecided_order`].

use std::collections::HashSet;

use crate::arm::Extension;
use crate::arm::expression::Value;
use crate::json::NodeId;

use super::provision_after::{entry_name, removed_by_name};
use super::{Context, HoldCode, Related, Repair};

/// The blocker where an entry may name a removed extension, or where it is unknown what one
/// that an entry names comes after.
pub(super) fn undecided_order(
    context: &Context<'_, '_>,
    removed: &HashSet<usize>,
    extension: &Extension,
    entries: &[NodeId],
) -> Option<Repair> {
    let unknown: Vec<Value> = entries
        .iter()
        .filter(|entry| {
            let name = entry_name(context, extension, **entry);
            name.is_none_or(|name| context.called(extension, &name).is_empty())
        })
        .map(|entry| context.model.value(extension.owner(), *entry))
        .collect();
    let may_name = |own: Option<&str>| {
        let leaves = unknown.iter().flat_map(|value| value.alternatives());
        leaves
            .into_iter()
            .any(|leaf| match (leaf.as_literal(), own) {
                (Some(name), Some(own)) => name.eq_ignore_ascii_case(own),
                _ => true,
            })
    };
    let siblings = match unknown.is_empty() {
        true => Vec::new(),
        false => context.on_machine_of(extension),
    };
    context.take_order_steps(siblings.len() * unknown.len());
    let held: Vec<usize> = siblings
        .iter()
        .filter_map(|index| Some((index, context.extensions.get(*index)?)))
        .filter(|(index, sibling)| {
            let own = sibling.name.as_ref().and_then(|name| name.is_literal());
            removed.contains(index) && may_name(own)
        })
        .map(|(index, _)| *index)
        .collect();
    let blocked = |reason: &str, held| {
        let mut repair = Repair::new(held).blocked(HoldCode::MayName.because(reason));
        let first = entries.first();
        repair
            .related
            .extend(first.map(|entry| Related::hold(context.place(*entry))));
        repair
    };
    if !held.is_empty() {
        let reason = "an entry of provisionAfterExtensions of another extension may name it";
        return Some(blocked(reason, held));
    }
    let named = entries
        .iter()
        .flat_map(|entry| removed_by_name(context, removed, extension, *entry));
    let opaque: Vec<usize> = named
        .filter(|first| comes_after_unknown(context, removed, *first))
        .collect();
    let reason = "another extension is provisioned after it, and its own provisionAfterExtensions \
                  is not an array";
    (!opaque.is_empty()).then(|| blocked(reason, opaque))
}

/// Whether a removed extension, or a removed one that it comes after, has no list to pass on.
fn comes_after_unknown(context: &Context<'_, '_>, removed: &HashSet<usize>, first: usize) -> bool {
    let mut seen = HashSet::from([first]);
    let mut open = vec![first];
    while let Some(extension) = open.pop().and_then(|index| context.extensions.get(index)) {
        let Some(order) = &extension.provision_after else {
            continue;
        };
        let Some(entries) = &order.entries else {
            return !matches!(
                context.model.value(extension.owner(), order.value),
                Value::Null
            );
        };
        let next = entries
            .iter()
            .flat_map(|entry| removed_by_name(context, removed, extension, *entry));
        open.extend(next.filter(|next| seen.insert(*next)));
    }
    false
}
