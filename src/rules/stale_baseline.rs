//! `stale-baseline`: an entry of the baseline whose finding is gone.

use super::{About, Finding, Place, Rule, Severity, on_suppression};

pub(super) static RULE: Rule = Rule {
    id: "stale-baseline",
    finds: "a baseline entry whose finding is gone; reported only where every rule runs on the \
            whole file",
    fixes: "with `--update-baseline`: removed; else reported",
    severity: Severity::Warning,
    page: include_str!("stale_baseline.md"),
    about: About::Suppression,
    ..Rule::DEFAULT
};

/// The finding for the entry at `place` in the baseline's file: `missing` of the findings called `id` in
/// `file` are gone.
pub fn stale_baseline(place: Place, id: &str, file: &str, missing: usize) -> Finding {
    let message = match missing {
        1 => format!("the baseline has a finding of {id} in {file} that is gone"),
        more => format!("the baseline has {more} findings of {id} in {file} that are gone"),
    };
    on_suppression(
        &RULE,
        place,
        message,
        "run again with --update-baseline, or remove the entry".to_owned(),
    )
}
