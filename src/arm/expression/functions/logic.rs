//! Truth values, comparison and null.

use super::Function;
use crate::arm::expression::value::{Value, all};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("and", and),
    ("bool", bool),
    ("coalesce", coalesce),
    ("equals", equals),
    ("false", |args| {
        args.is_empty().then_some(Value::Bool(false))
    }),
    ("not", not),
    ("null", |args| args.is_empty().then_some(Value::Null)),
    ("or", or),
    ("true", |args| args.is_empty().then_some(Value::Bool(true))),
];

/// Truth values, or `None` where a known argument is none.
fn truths(args: &[Value]) -> Option<Vec<Option<bool>>> {
    // Both take two at least.
    if args.len() < 2 {
        return None;
    }
    args.iter()
        .map(|argument| match argument {
            Value::Bool(truth) => Some(Some(*truth)),
            Value::Unknown(_) | Value::Choice { .. } => Some(None),
            _ => None,
        })
        .collect()
}

/// One known `false` decides, whatever the others are: they are truth values if the deployment runs.
fn and(args: &[Value]) -> Option<Value> {
    all(truths(args)?.into_iter()).map(Value::Bool)
}

/// One known `true` decides, as a `false` does for [`and`].
fn or(args: &[Value]) -> Option<Value> {
    let negated = truths(args)?
        .into_iter()
        .map(|truth| truth.map(|truth| !truth));
    all(negated).map(|none| Value::Bool(!none))
}

fn not(args: &[Value]) -> Option<Value> {
    match args {
        [Value::Bool(truth)] => Some(Value::Bool(!truth)),
        _ => None,
    }
}

/// Minds the case of strings, and the kinds: `'1'` is not `1`.
fn equals(args: &[Value]) -> Option<Value> {
    match args {
        [left, right] => left.same(right).map(Value::Bool),
        _ => None,
    }
}

/// Of strings and numbers only those that every converter reads alike.
fn bool(args: &[Value]) -> Option<Value> {
    match args {
        [Value::Bool(truth)] => Some(Value::Bool(*truth)),
        [Value::Int(number)] => Some(Value::Bool(*number != 0)),
        [text] => {
            let text = text.as_literal()?;
            [("true", true), ("false", false)]
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(text))
                .map(|(_, truth)| Value::Bool(*truth))
        }
        _ => None,
    }
}

/// The first value that is not null, whatever is behind it.
fn coalesce(args: &[Value]) -> Option<Value> {
    let first = args.iter().find(|argument| **argument != Value::Null);
    match first {
        None if args.is_empty() => None,
        None => Some(Value::Null),
        Some(Value::Unknown(_) | Value::Choice { .. }) => None,
        Some(Value::Text(text)) if !text.has_literal() && !text.pieces().is_empty() => None,
        Some(known) => Some(known.clone()),
    }
}
