//! `lookalike`: previews and tests that look like the extension.

use crate::arm::Recognition;

use super::needles::EXTENSION;
use super::{About, Context, Finding, Root, Rule};

pub(super) static RULE: Rule = Rule {
    id: "lookalike",
    finds: "the extension's previews: publisher `Microsoft.ManagedIdentity.Edp` or \
            `Microsoft.Azure.Test.Identity`",
    fixes: "reported only",
    needles: &[EXTENSION, "microsoft.azure.test.identity"],
    page: include_str!("lookalike.md"),
    about: About::Mention,
    detect: Some(detect),
    ..Rule::DEFAULT
};

pub(super) fn detect(context: &Context<'_, '_>) -> Vec<Root> {
    context
        .extensions
        .iter()
        .filter_map(|extension| {
            let Recognition::Lookalike(publisher) = &extension.recognition else {
                return None;
            };
            let place = context.place(extension.node);
            let finding = Finding::new(&RULE, place, message(publisher)).with_help([
                "IMDS replaces the preview too: remove the entry and request tokens from \
                 http://169.254.169.254/metadata/identity/oauth2/token",
            ]);
            Some(Root::report(finding))
        })
        .collect()
}

/// What there is to say of a preview's publisher.
pub(super) fn message(publisher: &str) -> String {
    format!("{publisher} published a preview of the managed identity extension")
}
