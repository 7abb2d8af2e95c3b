//! The repair of `provisionAfterExtensions`: what came after a removed extension now comes after
//! what that one came after.
//!
//! Entries are the names of extensions on one machine; no edge of the template's graph is behind
//! them. Start at [`repairs`].

use std::collections::{HashMap, HashSet};

use crate::arm::expression::{Text, Value as Evaluated};
use crate::arm::{Extension, ProvisionAfter};
use crate::json::{Kind, NodeId};

use super::dangling_dependency::list_operations;
use super::undecided_order::undecided_order;
use super::{Context, HoldCode, Related, Removal, Repair};

/// The key under which an entry of `provisionAfterExtensions` names an extension.
pub(super) fn entry_name(
    context: &Context<'_, '_>,
    extension: &Extension,
    entry: NodeId,
) -> Option<String> {
    let value = context.model.value(extension.owner(), entry);
    Some(value.as_text()?.name_key())
}

/// An entry of a list of `provisionAfterExtensions` with what it names.
struct NamedExtension {
    entry: NodeId,
    name: Option<String>,
    gone: Vec<usize>,
    /// Whether another extension of that name is left.
    stays: bool,
}

/// What the entries of the list of an extension name.
fn resolve(
    context: &Context<'_, '_>,
    removed: &HashSet<usize>,
    extension: &Extension,
) -> Vec<NamedExtension> {
    let named = context.order_entries(extension).map(|(entry, name)| {
        let called = name.as_ref().map(|name| context.called(extension, name));
        let (gone, left): (Vec<usize>, Vec<usize>) = called
            .unwrap_or_default()
            .into_iter()
            .partition(|index| removed.contains(index));
        context.take_order_steps(1 + gone.len() + left.len());
        NamedExtension {
            entry,
            name,
            gone,
            stays: !left.is_empty(),
        }
    });
    named.collect()
}

/// The repairs of what comes after removed extensions.
pub(super) fn repairs(context: &Context<'_, '_>, removal: &Removal) -> Vec<Repair> {
    let removed: HashSet<usize> = removal.extensions.iter().copied().collect();
    let mut repairs = Vec::new();
    let mut differing = HashMap::new();
    for (index, extension) in context.extensions.iter().enumerate() {
        let Some(order) = &extension.provision_after else {
            continue;
        };
        if !context.take_order_steps(1) {
            return vec![beyond(removal)];
        }
        if removed.contains(&index) {
            continue;
        }
        let Some(entries) = &order.entries else {
            repairs.extend(opaque_order(context, &removed, extension, order));
            continue;
        };
        let named = resolve(context, &removed, extension);
        if named
            .iter()
            .all(|named| named.gone.is_empty() && named.stays)
        {
            continue;
        }
        if let Some(held) = undecided_order(context, &removed, extension, entries) {
            repairs.push(held);
            continue;
        }
        let shared = named.iter();
        repairs.extend(shared.filter_map(|named| shared_name(context, &removed, extension, named)));
        let mut listed: HashSet<String> = named
            .iter()
            .filter(|named| named.gone.is_empty() || named.stays)
            .filter_map(|named| named.name.clone())
            .collect();
        let mut repair = Repair::new(Vec::new());
        for NamedExtension {
            entry, gone, stays, ..
        } in named
        {
            if gone.is_empty() {
                continue;
            }
            repair.extensions.extend(&gone);
            let inherited = inherited_names(context, &removed, extension, gone);
            let document = context.model.document();
            let inherited: Vec<NodeId> = inherited
                .into_iter()
                .filter(|(name, _)| listed.insert(name.clone()))
                .map(|(_, node)| node)
                .collect();
            // Each of them becomes an entry of the result.
            context.take_order_steps(100 * inherited.len());
            let texts: Vec<Vec<u8>> = inherited
                .iter()
                .map(|node| document.raw(*node).to_vec())
                .collect();
            let is_expression = |node: &NodeId| {
                let text = document.string(*node);
                text.is_some_and(|text| text.starts_with('['))
            };
            let moves = |gone: &usize| {
                let from = context.extensions.get(*gone);
                from.is_some_and(|from| is_read_elsewhere(from, extension))
            };
            if repair.extensions.iter().any(moves) && inherited.iter().any(is_expression) {
                repair.blocker = Some(HoldCode::Order.because(
                    "the extension that is provisioned after it is in a variable or a defaultValue, \
                     where the expression may mean another extension",
                ));
            }
            let message = match (stays, texts.is_empty()) {
                (false, true) => "removed",
                (false, false) => {
                    "replaced by the names that the removed extension was provisioned \
                                   after"
                }
                (true, true) => "kept: another extension has this name",
                (true, false) => {
                    "kept; the names that the removed extension was provisioned after are added"
                }
            };
            repair
                .related
                .push(Related::new(context.place(entry), message));
            repair
                .touches
                .extend(context.model.document().parent(entry));
            repair
                .operations
                .extend(list_operations(context, entry, stays, texts));
        }
        if !repair.related.is_empty() {
            let differs = *differing
                .entry(extension.node)
                .or_insert_with(|| differs_by_machine(context, &removed, extension));
            if differs {
                repair.blocker = Some(HoldCode::Order.because(
                    "the extension that is provisioned after it is shared with machines where this \
                     name is another extension",
                ));
            }
            repairs.push(repair);
        }
    }
    match context.take_order_steps(1) {
        true => repairs,
        false => vec![beyond(removal)],
    }
}

/// The blocker where following the lists takes more than it may.
fn beyond(removal: &Removal) -> Repair {
    Repair::new(removal.extensions.clone()).blocked(HoldCode::Order.because(
        "the lists of provisionAfterExtensions exceed their budget of steps; split the scale set's \
         template",
    ))
}

/// Whether an expression of `from` may mean something else, or nothing, in `to`.
fn is_read_elsewhere(from: &Extension, to: &Extension) -> bool {
    match (&from.datum, &to.datum) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(from), Some(to)) => to.in_default && !from.in_default,
    }
}

/// Whether the entries of an extension that several machines share mean removed ones on some of the
/// machines only.
fn differs_by_machine(
    context: &Context<'_, '_>,
    removed: &HashSet<usize>,
    extension: &Extension,
) -> bool {
    let on = |extension: &Extension| -> Vec<(bool, bool)> {
        let named = resolve(context, removed, extension);
        let fates = named
            .iter()
            .map(|named| (named.gone.is_empty(), named.stays));
        fates.collect()
    };
    let own = on(extension);
    let mut sharing = context.extensions_at(context.same_object(extension));
    sharing.any(|other| on(other) != own)
}

/// The blocker where a `provisionAfterExtensions` that is no list names a removed extension, or
/// may.
fn opaque_order(
    context: &Context<'_, '_>,
    removed: &HashSet<usize>,
    extension: &Extension,
    order: &ProvisionAfter,
) -> Option<Repair> {
    let siblings = context.on_machine_of(extension);
    context.take_order_steps(siblings.len());
    let gone: Vec<usize> = siblings
        .into_iter()
        .filter(|index| removed.contains(index))
        .collect();
    let (model, owner) = (context.model, extension.owner());
    let written = || model.text(extension.template(model), order.value);
    let text = order.computed.clone().or_else(written);
    let is_null = model.document().kind(order.value) == Kind::Null;
    let named = match text {
        None => !is_null,
        Some(text) => gone.iter().any(|index| {
            let own = context.extensions.get(*index);
            let own = own.and_then(|own| own.name.as_ref());
            let cases = model.cases(owner, &text);
            own.is_none_or(|own| cases.iter().any(|case| may_name(&case.value, own)))
        }),
    };
    let hold = "provisionAfterExtensions of another extension is an expression that may name it";
    (named && !gone.is_empty()).then(|| Repair::new(gone).blocked(HoldCode::MayName.because(hold)))
}

/// Whether a list of `provisionAfterExtensions` with this value may have the name `own` in it.
fn may_name(list: &Evaluated, own: &Text) -> bool {
    let is_own = |item: &Evaluated| {
        let names = item.alternatives();
        let mut names = names.iter().map(|name| name.as_text());
        names.any(|name| name.is_none_or(|name| name.could_equal(own)))
    };
    list.alternatives().iter().any(|list| match list {
        Evaluated::Array(items) => items.iter().any(is_own),
        Evaluated::Null => false,
        _ => true,
    })
}

/// The removed extensions that `entry` names: one, a pair of one name under opposite conditions, or
/// in a loop those of several machines.
pub(super) fn removed_by_name(
    context: &Context<'_, '_>,
    removed: &HashSet<usize>,
    extension: &Extension,
    entry: NodeId,
) -> Vec<usize> {
    let Some(name) = entry_name(context, extension, entry) else {
        return Vec::new();
    };
    let called = context.called(extension, &name);
    context.take_order_steps(1 + called.len());
    called
        .into_iter()
        .filter(|index| removed.contains(index))
        .collect()
}

/// The blocker where a name in `provisionAfterExtensions` of an extension in a loop means a removed
/// extension on one machine, and on the next one that is left or that came after others.
fn shared_name(
    context: &Context<'_, '_>,
    removed: &HashSet<usize>,
    extension: &Extension,
    entry: &NamedExtension,
) -> Option<Repair> {
    let named = |index: &usize| context.extensions.get(*index);
    let gone = &entry.gone;
    let first = gone.first().and_then(named)?;
    let mut others = gone.iter().filter_map(named);
    let is_apart = |other: &Extension| other.machine_key != first.machine_key;
    let apart = others.clone().any(is_apart);
    let ordered = others.any(|other| other.provision_after.is_some());
    let left_apart = entry.stays && {
        let called = context.called(extension, entry.name.as_deref()?);
        let mut left = called.iter().filter(|index| !removed.contains(index));
        left.any(|index| named(index).is_some_and(is_apart))
    };
    (left_apart || apart && ordered).then(|| {
        Repair::new(gone.clone()).blocked(HoldCode::Order.because(
            "provisionAfterExtensions in a copy loop names the extension on one machine, and \
             another extension on the next",
        ))
    })
}

/// What the removed extensions came after, by name, with the entries that say so; removed ones among
/// them pass on theirs.
fn inherited_names(
    context: &Context<'_, '_>,
    removed: &HashSet<usize>,
    dependent: &Extension,
    mut open: Vec<usize>,
) -> Vec<(String, NodeId)> {
    let mut seen: HashSet<usize> = open.iter().copied().collect();
    // The template's order, since the last one is taken first.
    open.reverse();
    let mut found = Vec::new();
    while let Some(extension) = open.pop().and_then(|index| context.extensions.get(index)) {
        for (entry, name) in context.order_entries(extension) {
            if !context.take_order_steps(1) {
                return found;
            }
            let next = removed_by_name(context, removed, dependent, entry);
            if next.is_empty() {
                found.extend(name.map(|name| (name, entry)));
            }
            open.extend(next.into_iter().filter(|next| seen.insert(*next)));
        }
    }
    found
}
