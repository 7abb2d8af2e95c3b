//! The expression language of ARM templates: parsing, partial evaluation and the cutting of ids.
//!
//! Text goes in as it is after JSON's escapes were decoded; a [`Value`] comes out, which is known or
//! partly symbolic. The module never knows the document of a template (`json()` alone reads one, that of
//! its argument), a resource or a file: names are looked up through [`Scope`]. Spans are byte offsets into the decoded text. Start reading at [`parse()`] and [`evaluate()`].

mod ast;
pub(in crate::arm) mod budget;
mod evaluate;
mod functions;
mod lambda;
mod parse;
mod plain_json;
mod resource_id;
mod shape;
mod symbol;
#[cfg(test)]
mod tests;
mod text;
mod truncate;
mod value;

pub use ast::{Expression, ExpressionKind};
pub use evaluate::{Scope, Unbound, evaluate, evaluate_text};
pub use parse::{ParseError, Parsed, parse, parse_words, text_of_words};
pub(in crate::arm) use plain_json::from_json;
pub use symbol::Symbol;
pub use text::{Piece, Text};
pub(in crate::arm) use truncate::SegmentCutter;
pub use truncate::without_last_segments;
pub use value::Value;
