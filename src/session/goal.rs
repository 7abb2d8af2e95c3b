//! The commands, as a session knows them.

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// What is found.
    Check,
    /// What would change.
    Diff,
    /// That it is changed.
    Fix,
    /// What is to be done to machines that run.
    Plan,
}
