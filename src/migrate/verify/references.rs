//! Whether anything still reads at run time what is gone.

use std::collections::HashSet;

use crate::arm::{self, Model, ResourceIndex};

use super::Fault;

/// Checks that nothing is read as an existing resource, nor by a `reference()` or `list*()` of the
/// new template, that is one of the `removed` resources of the old one.
pub(in crate::migrate) fn references(
    old: &Model<'_>,
    removed: &HashSet<ResourceIndex>,
    new: &Model<'_>,
) -> Result<(), Fault> {
    let of_removed = |(_, deployed): &(_, Vec<ResourceIndex>)| {
        deployed.iter().any(|resource| removed.contains(resource))
    };
    if old.reads().iter().any(of_removed) {
        return Err(Fault::new(
            "an existing resource of the result is the removed extension",
        ));
    }
    let mut fault = None;
    new.visit_references(|site, expression, value_of| {
        expression.visit(&mut |part| {
            let Some(argument) = arm::resolved_target(part) else {
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
                        Fault::new(format!("{path} reads the removed extension"))
                    });
                }
            }
        });
    });
    fault.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    #[test]
    fn an_existing_resource_that_goes_is_refused() {
        let existing = r#""read": {"existing": true, "type": "A.B/c", "name": "d"}"#;
        let with = |more: &str| format!(r#"{{"resources": {{{existing}{more}}}}}"#);
        let old = with(r#", "one": {"type": "A.B/c", "name": "d"}"#);
        let (old, new) = (
            Document::parse(old.as_bytes()),
            Document::parse(br#"{"resources": {}}"#),
        );
        let (old, new) = (Model::new(&old), Model::new(&new));
        let fault = references(&old, &HashSet::from([1]), &new).unwrap_err();
        assert!(fault.to_string().contains("existing"), "{fault}");
        assert!(references(&old, &HashSet::new(), &new).is_ok());
    }
}
