//! The lossless JSON document: parse, query, and surgery.
//!
//! Azure's dialect of JSON as an arena of byte spans. Knows nothing of ARM templates. Start at
//! [`Document`].

mod document;
mod parse;
mod path;
mod string;
pub mod surgery;
mod tree;

pub use document::{Document, Kind, NodeId, SyntaxError};
pub use tree::{JsonPath, JsonPathError, QueryTooCostly, select};
