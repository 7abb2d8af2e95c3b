//! A machine's own callers move with its extension, or neither does.
//!
//! Start at [`hold_removals`] and [`hold_callers`].

use std::collections::{HashMap, HashSet};

use super::{Options, hold, removed_objects, same_object};
use crate::rules::{About, Context, HoldCode, Related, Removal, Root};

/// Holds the removals whose machine runs a caller that this run does not move.
pub(super) fn hold_removals(context: &Context<'_, '_>, roots: &mut [Root], options: &Options) {
    if options.unsafe_fixes {
        return;
    }
    let mut stuck: HashMap<usize, Related> = HashMap::new();
    for root in roots.iter().filter(|root| !root.finding.fix.is_safe()) {
        if root.finding.rule.about != About::Caller {
            continue;
        }
        for index in &root.runs_on {
            stuck.entry(*index).or_insert_with(|| {
                let message = "this caller on the same machine is not moved";
                Related::new(root.finding.place.clone(), message)
            });
        }
    }
    let script = options
        .surroundings
        .stuck_in(context.model.document().text());
    if stuck.is_empty() && script.is_none() {
        return;
    }
    for root in roots.iter_mut().filter(|root| root.removes().is_some()) {
        let mut objects = removed_objects(context, root).iter();
        let caller = objects.find_map(|index| stuck.get(index)).cloned();
        let caller_in = match (&caller, &script) {
            (Some(_), _) => "on the same machine".to_owned(),
            (None, Some(script)) => format!("in {script}, which the template names,"),
            (None, None) => continue,
        };
        let reason = format!("a caller {caller_in} cannot be moved with it");
        hold(root, HoldCode::Command.because(reason).releasable());
        root.finding.related.extend(caller);
    }
}

/// Holds the callers whose machine keeps an extension that was found.
pub(super) fn hold_callers(context: &Context<'_, '_>, removal: &Removal, roots: &mut [Root]) {
    let removed: HashSet<usize> = removal.extensions.iter().copied().collect();
    let found = roots.iter().filter_map(|root| root.extension);
    let kept: HashSet<usize> = found
        .flat_map(|index| same_object(context, index).iter().copied())
        .filter(|index| !removed.contains(index))
        .collect();
    for root in roots.iter_mut().filter(|root| root.own_fix.is_some()) {
        if root.runs_on.iter().any(|index| kept.contains(index)) {
            let reason = "the machine keeps the extension";
            hold(root, HoldCode::Command.because(reason));
        }
    }
}
