//! How much the evaluations in files that belong together may build.
//!
//! Start at [`Steps`].

use std::cell::Cell;
use std::rc::Rc;

use super::super::expression::Value;
use super::super::expression::budget;

/// What all evaluations in files that belong together may build, in the steps of `expression::budget`. A
/// template of Azure's own size limit (4 MB) that is made by people stays far below.
pub(super) const MAX_WORK: usize = 10 * budget::MAX_WORK;

/// What each evaluation may build however much those before it took, so that plain texts and simple
/// expressions are known in every template.
const MIN_WORK: usize = 1_000;

/// How many steps are left for the evaluations in files that belong together.
#[derive(Clone)]
pub(in crate::arm) struct Steps(Rc<Cell<usize>>);

impl Default for Steps {
    fn default() -> Self {
        Self(Rc::new(Cell::new(MAX_WORK)))
    }
}

impl Steps {
    /// What an evaluation gives, and whether it took more steps than there were.
    pub(super) fn measured(&self, evaluation: impl FnOnce() -> Value) -> Option<(Value, bool)> {
        let limit = self.0.get().max(MIN_WORK);
        let (found, taken) = budget::measured(limit, || (evaluation(), budget::is_spent()))?;
        self.0.set(self.0.get().saturating_sub(taken));
        Some(found)
    }
}
