//! Whether the extensions of a machine that stay come after what they came after.

use std::collections::HashSet;

use crate::arm::Extension;
use crate::rules::{Context, Removal};

use super::Fault;

/// Checks that the lists of `provisionAfterExtensions` of all extensions that stay are the
/// contraction of their old ones.
pub(in crate::migrate) fn provision_order(
    old: &Context<'_, '_>,
    removal: &Removal,
    new: &Context<'_, '_>,
) -> Result<(), Fault> {
    let removed: HashSet<usize> = removal.extensions.iter().copied().collect();
    let survivors: Vec<usize> = (0..old.extensions.len())
        .filter(|index| !removed.contains(index))
        .collect();
    if survivors.len() != new.extensions.len() {
        return Err(Fault::new("the result lacks extensions that should remain"));
    }
    for (index, after) in survivors.into_iter().zip(&new.extensions) {
        let Some(before) = old.extensions.get(index) else {
            continue;
        };
        let wanted = contracted(old, &removed, before);
        let found: HashSet<String> = names(new, after).into_iter().collect();
        if wanted != found {
            return Err(Fault::new(format!(
                "an extension is provisioned after the wrong extensions on {}",
                before.machine_key
            )));
        }
    }
    Ok(())
}

/// The names that `extension` comes after, those of removed ones replaced by what these came after.
fn contracted(
    context: &Context<'_, '_>,
    removed: &HashSet<usize>,
    extension: &Extension,
) -> HashSet<String> {
    let mut open = names(context, extension);
    if open.is_empty() {
        return HashSet::new();
    }
    let mut seen = HashSet::new();
    let mut wanted = HashSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let called = context.called(extension, &name);
        let gone = called.iter().filter(|index| removed.contains(index));
        let siblings = context.extensions_at(gone);
        let mut is_gone = false;
        for sibling in siblings {
            is_gone = true;
            open.extend(names(context, sibling));
        }
        if !is_gone || called.iter().any(|index| !removed.contains(index)) {
            wanted.insert(name);
        }
    }
    wanted
}

/// The keys of the names in its list; an entry without one is its own key.
fn names(context: &Context<'_, '_>, extension: &Extension) -> Vec<String> {
    let document = context.model.document();
    let written = |entry| String::from_utf8_lossy(document.raw(entry)).into_owned();
    let entries = context.order_entries(extension);
    entries
        .map(|(entry, name)| name.unwrap_or_else(|| written(entry)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arm::Model;
    use crate::json::Document;
    use crate::rules::Policies;

    fn order_of(extensions: &str) -> Result<(), Fault> {
        let set = |extensions: &str| {
            format!(
                r#"{{"resources": [{{"type": "Microsoft.Compute/virtualMachineScaleSets",
                "name": "set", "properties": {{"virtualMachineProfile":
                {{"extensionProfile": {{"extensions": [{extensions}]}}}}}}}}]}}"#
            )
        };
        let old = set(r#"{"name": "a"}, {"name": "b",
            "properties": {"provisionAfterExtensions": ["a"]}}, {"name": "c",
            "properties": {"provisionAfterExtensions": ["B"]}}"#);
        let (old, new) = (old.into_bytes(), set(extensions).into_bytes());
        let (old, new) = (Document::parse(&old), Document::parse(&new));
        let (old, new) = (Model::new(&old), Model::new(&new));
        let old = Context::new(&old, Policies::default());
        let new = Context::new(&new, Policies::default());
        provision_order(&old, &Removal::new(&old, vec![1]), &new)
    }

    #[test]
    fn the_contraction_passes() {
        let last = r#"{"name": "c", "properties": {"provisionAfterExtensions": ["a"]}}"#;
        assert_eq!(order_of(&format!(r#"{{"name": "a"}}, {last}"#)), Ok(()));
    }

    #[test]
    fn an_extension_that_went_too_is_refused() {
        let fault = order_of(r#"{"name": "a"}"#).unwrap_err();
        assert!(fault.to_string().contains("should remain"), "{fault}");
    }

    #[test]
    fn a_lost_order_is_refused() {
        let fault = order_of(r#"{"name": "a"}, {"name": "c"}"#).unwrap_err();
        assert!(
            fault.to_string().contains("provisioned after the wrong"),
            "{fault}"
        );
    }
}
