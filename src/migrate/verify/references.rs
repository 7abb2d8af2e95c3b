//! Whether anything still reads at run time what is gone.

use std::collections::HashSet;

use crate::arm::{self, Model, ResourceIndex};

use super::Fault;

/// Checks that no `reference()` or `list*()` of the new template names one of the `removed`
/// resources of the old one.
pub(in crate::migrate) fn references(
    old: &Model<'_>,
    removed: &HashSet<ResourceIndex>,
    new: &Model<'_>,
) -> Result<(), Fault> {
    let mut fault = None;
    new.visit_references(|site, expression, value_of| {
        expression.visit(&mut |part| {
            let Some(argument) = arm::runtime_target(part) else {
                return;
            };
            let value = value_of(argument);
            for text in value
                .alternatives()
                .iter()
                .filter_map(|value| value.as_text())
            {
                // No template goes, so the old one has the same number.
                let mut reached = old.reach_value(site.template, Some(&text)).resources;
                if reached.is_empty() {
                    reached = old.reach_elsewhere(site.template, &text);
                }
                if reached.iter().any(|resource| removed.contains(resource)) {
                    fault.get_or_insert_with(|| {
                        let path = new.document().path(site.node);
                        Fault::new(format!("{path} reads what is gone"))
                    });
                }
            }
        });
    });
    fault.map_or(Ok(()), Err)
}
