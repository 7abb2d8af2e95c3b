//! Who fixes a finding, and what reports say of the fix.
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
            Fix::Unsafe(_) if !unsafe_fixes => Self::UnsafeFixes,
            Fix::Safe(_) | Fix::Unsafe(_) => Self::Fix,
            Fix::Held(hold) if hold.releasable && !unsafe_fixes => Self::UnsafeFixes,
            Fix::Held(_) | Fix::DisplayOnly => Self::Hand,
        }
    }

    /// What to run, in a cell of a table.
    pub(super) fn command(self) -> &'static str {
        match self {
            Self::Fix => "fix",
            Self::UnsafeFixes => "fix --unsafe-fixes",
            Self::Hand => "by hand",
        }
    }
}

/// What `fix` does about a finding, or why it does not.
pub(super) fn fix_note(fix: &Fix, by: FixedBy) -> Option<String> {
    let what = match fix {
        Fix::Safe(action) | Fix::Unsafe(action) => action,
        Fix::Held(hold) => &*hold.reason,
        Fix::DisplayOnly => return None,
    };
    Some(match by {
        FixedBy::Fix => format!("fixed by `fix`: {what}"),
        FixedBy::UnsafeFixes => format!("fixed only with --unsafe-fixes: {what}"),
        FixedBy::Hand => format!("not fixed: {what}"),
    })
}
