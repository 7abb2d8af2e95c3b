//! Who fixes a finding, and what reports say where `fix` does not.
//!
//! Start at [`FixedBy`].

use crate::rules::Fix;

/// Who fixes a finding, with the flags and the configuration of this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixedBy {
    /// `fix` does.
    Fix,
    /// `fix --unsafe-fixes` does.
    UnsafeFixes,
    /// A person does.
    Hand,
}

impl FixedBy {
    /// Reads it from a fix; `unsafe_fixes` says whether unsafe fixes are switched on.
    pub(super) fn new(fix: &Fix, unsafe_fixes: bool) -> Self {
        match fix {
            Fix::Safe => Self::Fix,
            Fix::Unsafe if unsafe_fixes => Self::Fix,
            Fix::Unsafe => Self::UnsafeFixes,
            Fix::Held(hold) if hold.releasable && !unsafe_fixes => Self::UnsafeFixes,
            Fix::Held(_) | Fix::DisplayOnly => Self::Hand,
        }
    }
}

/// Why `fix` does not fix a finding.
pub(super) fn fix_note(fix: &Fix, by: FixedBy) -> Option<String> {
    match (fix, by) {
        (Fix::Held(reason), FixedBy::UnsafeFixes) => {
            Some(format!("fixed only with --unsafe-fixes: {reason}"))
        }
        (Fix::Held(reason), _) => Some(format!("not fixed: {reason}")),
        (_, FixedBy::UnsafeFixes) => Some("fixed only with --unsafe-fixes".to_owned()),
        _ => None,
    }
}
