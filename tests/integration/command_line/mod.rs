//! The program as its users meet it: real folders, real exit codes, real `git apply`.
//!
//! Each test makes a repository of its own and runs the built program with an empty environment,
//! so that a CI service around the tests changes nothing. Start at [`repository::Repository`].

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

mod agents;
mod baseline;
mod bounds;
mod configuration;
mod diffs;
mod encodings;
mod exit_codes;
mod faults;
mod fixing;
mod help;
mod hostile;
mod inputs;
mod links;
mod options;
mod patches;
mod policies;
pub(crate) mod repository;
#[cfg(unix)]
mod revision;
mod scripts;
mod streams;
mod templates;
mod untrusted;
mod waivers;
mod walking;
