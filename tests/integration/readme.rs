//! What the README shows is what the program has and does.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

use std::path::Path;

use msi2imds::rules::REGISTRY;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_table_of_rules_is_the_registry() {
    let rows = REGISTRY
        .iter()
        .map(|rule| format!("| `{}` | {} | {} |\n", rule.id, rule.finds, rule.fixes));
    let table: String = rows.collect();
    assert!(
        read("README.md").contains(&table),
        "README.md should have these rows:\n{table}"
    );
}
