//! The rules of the house, held against the sources: which room uses which, no circles inside of one, and
//! the words of the messages and the pages.
//!
//! Reads `src` as text, never compiles it. Start at [`source::all`].

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

mod circles;
mod names;
mod rooms;
mod source;
mod words;
