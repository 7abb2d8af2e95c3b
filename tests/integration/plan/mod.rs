//! The runbook as its readers meet it: the printed script, and what it does when it is run.
//!
//! Scripts for bash are really run, with a double of `az` on the path that writes down what it is asked;
//! those for PowerShell are read by a small reader of its words. Start at [`azure::Azure`].

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

mod azure;
mod command;
mod hostile;
mod run;
mod scripts;

use crate::command_line::repository;

/// The path of one of the inventories beside these tests.
fn inventory(name: &str) -> String {
    format!(
        "{}/tests/integration/plan/inventories/{name}",
        env!("CARGO_MANIFEST_DIR")
    )
}
