//! How much queries may do on a document. It never knows what is asked.
//!
//! Some queries grow without end (`$..*..*..*`, `$[0,0][0,0][0,0]`), and so does what the engine keeps of
//! them. So each step is counted, and once none is left the source looks empty to the engine, which then
//! comes to its end.

use std::cell::Cell;

/// What any document may take, in steps, by all queries together.
const BASE: usize = 4_000_000;
/// What each of its nodes adds.
const PER_NODE: usize = 100;
/// What one test of a regular expression costs, which the engine compiles anew each time.
pub(super) const PATTERN: usize = 20;
/// The same where the pattern comes from the source, so that nobody has looked at it.
pub(super) const UNSEEN_PATTERN: usize = 20_000;

thread_local! {
    static LEFT: Cell<usize> = const { Cell::new(0) };
    /// What asking for a text costs.
    static TEXT: Cell<usize> = const { Cell::new(0) };
}

/// Starts to count for a document of `nodes` nodes.
pub(super) fn start(nodes: usize) {
    LEFT.set(BASE + PER_NODE * nodes);
}

/// Sets what a text costs, in steps.
pub(super) fn set_price(text: usize) {
    TEXT.set(text);
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
