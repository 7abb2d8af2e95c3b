//! The functions that can be folded, by name. Each takes evaluated arguments and gives `None` where the
//! result cannot be known; the caller then keeps the call as a symbol. None of them knows a scope.

mod collection;
mod encoding;
mod format;
mod logic;
mod number;
mod string;

use super::value::Value;

/// A foldable function.
pub(super) type Function = fn(&[Value]) -> Option<Value>;

const TABLES: &[&[(&str, Function)]] = &[
    collection::FUNCTIONS,
    encoding::FUNCTIONS,
    format::FUNCTIONS,
    logic::FUNCTIONS,
    number::FUNCTIONS,
    string::FUNCTIONS,
];

/// The function called `name`, which is in lower case.
pub(super) fn find(name: &str) -> Option<Function> {
    TABLES
        .iter()
        .copied()
        .flatten()
        .find(|(known, _)| *known == name)
        .map(|(_, function)| *function)
}
