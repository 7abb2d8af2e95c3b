//! A machine's own callers move with its extension, or neither does.
//!
//! Start at [`hold_removals`] and [`hold_callers`].

use std::collections::{HashMap, HashSet};

use super::{Options, hold, same_object};
use crate::rules::{Context, HoldCode, Related, Removal, Root};

/// Holds the removals whose machine runs a caller that this run does not move.
pub(super) fn hold_removals(context: &Context<'_, '_>, roots: &mut [Root], options: &Options) {
    if options.unsafe_fixes {
        return;
    }
    let mut stuck: HashMap<usize, Related> = HashMap::new();
    for root in roots.iter().filter(|root| !root.finding.fix.is_safe()) {
        if !root.finding.rule.is_about_callers() {
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
    for root in roots.iter_mut().filter(|root| root.removes) {
        let objects = root
            .extension
            .map_or(&[][..], |index| same_object(context, index));
        let caller = objects.iter().find_map(|index| stuck.get(index)).cloned();
        if caller.is_some() {
            hold(
                root,
                HoldCode::Command
                    .because("a caller on the same machine cannot be moved with it")
                    .releasable(),
            );
            root.finding.related.extend(caller);
        } else if let Some(script) = &script {
            let reason =
                format!("a caller in {script}, which the template names, cannot be moved with it");
            hold(root, HoldCode::Command.because(reason).releasable());
        }
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
    for root in roots.iter_mut().filter(|root| root.mend.is_some()) {
        if root.runs_on.iter().any(|index| kept.contains(index)) {
            hold(
                root,
                HoldCode::Command.because("the machine keeps the extension"),
            );
        }
    }
}
