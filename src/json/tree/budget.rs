//! How much a query may do on one source. It never knows what is asked.
//!
//! Some queries grow without end (`$..*..*..*`, `$[0,0][0,0][0,0]`), and so does what the engine keeps of
//! them. So each step is counted, and once none is left the source looks empty to the engine, which then
//! comes to its end.

use std::cell::Cell;

/// What any source may take, in steps.
const BASE: usize = 1_000_000;
/// What each of its nodes adds.
const PER_NODE: usize = 50;
/// What one test of a regular expression costs, which the engine compiles anew each time.
pub(super) const PATTERN: usize = 20;
/// The same where the pattern comes from the source, so that nobody has looked at it.
pub(super) const UNSEEN_PATTERN: usize = 20_000;

thread_local! {
    static LEFT: Cell<usize> = const { Cell::new(0) };
    /// What asking for a text costs.
    static TEXT: Cell<usize> = const { Cell::new(0) };
}

/// Starts to count for a source of `nodes` nodes, where a text costs `text` steps.
pub(super) fn start(nodes: usize, text: usize) {
    LEFT.set(BASE + PER_NODE * nodes);
    TEXT.set(text);
}

/// Whether no step is left.
pub(super) fn is_spent() -> bool {
    LEFT.get() == 0
}

/// Takes steps; false where there are not so many.
pub(super) fn take(steps: usize) -> bool {
    let left = LEFT.get().saturating_sub(steps);
    LEFT.set(left);
    left > 0
}

/// Takes what a text of this length costs.
pub(super) fn take_text(length: usize) -> bool {
    take(1 + TEXT.get() + length / 64)
}
