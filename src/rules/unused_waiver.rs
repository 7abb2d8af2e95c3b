//! `unused-waiver`: a waiver that waives nothing.

use super::{About, Finding, Place, Rule, Severity, on_suppression};

pub(super) static RULE: Rule = Rule {
    id: "unused-waiver",
    finds: "a waiver that waives nothing; reported only where every rule runs on the whole file",
    fixes: "reported only",
    severity: Severity::Warning,
    needles: &["msi2imds:"],
    page: include_str!("unused_waiver.md"),
    about: About::Suppression,
    ..Rule::DEFAULT
};

/// The finding for a waiver at `place`, for whose rules called `ids` there is nothing to waive.
pub fn unused_waiver(place: Place, ids: &str) -> Finding {
    on_suppression(
        &RULE,
        place,
        format!("this waiver waives nothing: there is no finding of {ids} here"),
        "remove it, or put it on the line of the entry, on the line above, or into the `comments` of \
         the resource"
            .to_owned(),
    )
}
