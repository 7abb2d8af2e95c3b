//! The document and its queries before what others test readers of JSON and of JSONPath with.
//!
//! The cases are those of JSONTestSuite and of the compliance test suite for JSONPath (RFC 9535), put
//! down anew as tables: each says what the standard wants and, where the product does something else,
//! why. Start at [`json`] and [`jsonpath`].

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

mod json;
mod jsonpath;
