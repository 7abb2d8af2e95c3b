//! What must hold for every input, one room for each target.
//!
//! A check takes bytes and panics where a promise is broken. The readers beside ours and of patches are
//! those of the tests. Start at [`TARGETS`].

pub mod document;
pub mod expressions;
pub mod folder;
pub mod migrate;
mod pieces;
pub mod report;
pub mod surgery;
pub mod together;

#[path = "../../tests/integration/oracles/compare.rs"]
#[allow(dead_code, reason = "the tests print the counts")]
mod compare;
#[path = "../../tests/integration/promises/patch.rs"]
mod patch;
#[path = "../../tests/integration/oracles/tolerances.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod tolerances;
#[path = "../../tests/integration/promises/tree.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod tree;

/// A check with the name of its target.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 7] = [
    ("document", document::check),
    ("surgery", surgery::check),
    ("expressions", expressions::check),
    ("migrate", migrate::check),
    ("report", report::check),
    ("together", together::check),
    ("folder", folder::check),
];
