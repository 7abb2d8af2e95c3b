//! The tests of the library and of the program, as one binary: one link, and one run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::module_inception,
    reason = "a test fails by panicking, and the rooms of tests are called as what they test"
)]

mod bounds_in_guide;
mod command_line;
mod draw;
mod embedded;
mod fixtures;
mod formats;
mod house;
mod imds_double;
mod lexers;
mod library;
mod notice;
mod oracles;
mod pages;
mod plan;
mod promises;
mod readme;
mod renditions;
mod semantics;
mod shell_words;
mod standards;
