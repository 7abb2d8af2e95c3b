//! `expired-waiver`: a waiver whose last day is over.

use super::{About, Finding, Place, Rule, Severity, on_suppression};

pub(super) static RULE: Rule = Rule {
    id: "expired-waiver",
    finds: "a waiver whose last day, `until=YYYY-MM-DD`, is over: its finding is reported again",
    fixes: "reported only",
    severity: Severity::Warning,
    needles: &["msi2imds:"],
    page: include_str!("expired_waiver.md"),
    about: About::Suppression,
    ..Rule::DEFAULT
};

/// The finding for a waiver at `place` that waived the rules called `ids` up to the day `until`.
pub fn expired_waiver(place: Place, ids: &str, until: &str) -> Finding {
    on_suppression(
        &RULE,
        place,
        format!("this waiver of {ids} expired: its last day was {until}"),
        "fix the finding and remove the waiver, or set a later day".to_owned(),
    )
}
