//! What the README shows is what the program has and does.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

use std::path::Path;

use msi2imds::migrate::{Options, migrate};
use msi2imds::rules::REGISTRY;
use msi2imds::text::unified_diff_of_edits;

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

#[test]
fn the_diff_is_the_one_that_the_example_gives() {
    let path = "examples/scale-set/azuredeploy.json";
    let old = read(path);
    let fixed = migrate(old.as_bytes(), &Options::default()).fixed.unwrap();
    let diff = unified_diff_of_edits(path.as_bytes(), old.as_bytes(), &fixed.bytes, &fixed.edits);
    let shown = format!("```diff\n{}```\n", String::from_utf8_lossy(diff.bytes()));
    assert!(
        read("README.md").contains(&shown),
        "README.md should show:\n{shown}"
    );
}
