//! `malformed-waiver`: a waiver that waives nothing since it cannot be read.

use super::{About, Finding, Place, Rule, Severity, on_suppression};

pub(super) static RULE: Rule = Rule {
    id: "malformed-waiver",
    finds: "a waiver without a reason or brackets, for an unknown rule, or with an invalid date: it \
            waives nothing",
    fixes: "reported only",
    severity: Severity::Warning,
    needles: &["msi2imds:"],
    page: include_str!("malformed_waiver.md"),
    about: About::Suppression,
    ..Rule::DEFAULT
};

/// The finding for a waiver at `place`: what is wrong with it, and what to write.
pub fn malformed_waiver(place: Place, message: String, help: String) -> Finding {
    on_suppression(&RULE, place, message, help)
}
