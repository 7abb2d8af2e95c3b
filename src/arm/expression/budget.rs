//! How much one evaluation may build. It never knows what is built.
//!
//! A template may be made to grow without end (variables that double one another, functions of functions,
//! arrays of arrays), so everything is counted in *steps*: one for each node that is evaluated, and one
//! for each node, or 16 bytes of text, of each result. Beyond a bound a value is unknown and equals
//! nothing else.
//!
//! | what | bound |
//! |---|---|
//! | nesting, variables within variables counted too | [`MAX_NESTING`] levels |
//! | one evaluation | [`MAX_WORK`] steps |
//! | one value | [`MAX_NODES`] steps, [`MAX_VALUE_DEPTH`] levels |
//! | a string | [`MAX_TEXT`] bytes |
//! | an array | [`MAX_ITEMS`] items |

use std::cell::Cell;

use super::value::Value;

/// Nodes on the stack at once, variables within variables counted too.
const MAX_NESTING: usize = 256;

/// What one outermost evaluation may build, in steps.
pub(in crate::arm) const MAX_WORK: usize = 1_000_000;

/// The size of one folded value, in steps.
const MAX_NODES: usize = 50_000;

/// The nesting of one folded value.
const MAX_VALUE_DEPTH: usize = 64;

/// The longest folded string, in bytes.
pub(super) const MAX_TEXT: usize = 64 << 10;

/// The longest folded array: `range()` of the service stops there too.
pub(super) const MAX_ITEMS: usize = 10_000;

thread_local! {
    static NESTING: Cell<usize> = const { Cell::new(0) };
    static WORK: Cell<usize> = const { Cell::new(0) };
}

/// One level of nesting on this thread, over all scopes; the work is counted from the outermost level.
pub(in crate::arm) struct Level;

impl Level {
    /// Goes one level down and takes a step; `None` where no level or no step is left.
    pub(in crate::arm) fn enter() -> Option<Self> {
        Self::enter_with(MAX_WORK)
    }

    fn enter_with(work: usize) -> Option<Self> {
        let nesting = NESTING.get();
        if nesting == 0 {
            WORK.set(work);
        }
        if nesting >= MAX_NESTING || !spend(1) {
            return None;
        }
        NESTING.set(nesting + 1);
        Some(Self)
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        NESTING.set(NESTING.get().saturating_sub(1));
    }
}

/// Runs `evaluation` as one that may take `limit` steps, and says how many it took; `None` where
/// there is no step for it. Inside another evaluation the steps are those of that one.
pub(in crate::arm) fn measured<T>(
    limit: usize,
    evaluation: impl FnOnce() -> T,
) -> Option<(T, usize)> {
    let level = Level::enter_with(limit.min(MAX_WORK))?;
    let before = WORK.get() + 1;
    let result = evaluation();
    let taken = before.saturating_sub(WORK.get());
    drop(level);
    Some((result, taken))
}

/// Takes `steps`; false where they are more than are left, and then none is.
pub(in crate::arm) fn spend(steps: usize) -> bool {
    let left = WORK.get().checked_sub(steps);
    WORK.set(left.unwrap_or(0));
    left.is_some()
}

/// Whether no step is left, so that what was found last may be unknown for that reason only.
pub(in crate::arm) fn is_spent() -> bool {
    WORK.get() == 0
}

/// The size of a value in steps; `None` where it is beyond the bounds of one value.
pub(in crate::arm) fn size(value: &Value) -> Option<usize> {
    let too_long = matches!(value, Value::Text(text) if text.size() > MAX_TEXT);
    let too_many = matches!(value, Value::Array(items) if items.len() > MAX_ITEMS);
    let mut left = MAX_NODES;
    if too_long || too_many || value.exceeds(&mut left, MAX_VALUE_DEPTH) {
        return None;
    }
    Some(MAX_NODES - left)
}

/// The value, its size taken from the steps; unknown where it is beyond a bound.
pub(super) fn bounded(value: Value) -> Value {
    match size(&value) {
        Some(steps) if spend(steps) => value,
        Some(_) => Value::opaque(),
        None => {
            spend(MAX_NODES);
            Value::opaque()
        }
    }
}
