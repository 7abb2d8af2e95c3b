//! Whole numbers, and the order of numbers and strings. What overflows or has a fraction stays unknown.

use std::cmp::Ordering;

use super::Function;
use crate::arm::expression::budget::MAX_ITEMS;
use crate::arm::expression::symbol::Symbol;
use crate::arm::expression::value::Value;

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("add", |args| shifted(args, i64::checked_add, true)),
    ("div", |args| folded(args, i64::checked_div)),
    ("greater", |args| compared(args, Ordering::is_gt)),
    ("greaterorequals", |args| compared(args, Ordering::is_ge)),
    ("int", int),
    ("less", |args| compared(args, Ordering::is_lt)),
    ("lessorequals", |args| compared(args, Ordering::is_le)),
    ("max", |args| {
        numbers(args)?.into_iter().max().map(Value::Int)
    }),
    ("min", |args| {
        numbers(args)?.into_iter().min().map(Value::Int)
    }),
    ("mod", |args| folded(args, i64::checked_rem)),
    ("mul", |args| folded(args, i64::checked_mul)),
    ("range", range),
    ("sub", |args| shifted(args, i64::checked_sub, false)),
];

fn folded(args: &[Value], operation: fn(i64, i64) -> Option<i64>) -> Option<Value> {
    match args {
        [Value::Int(left), Value::Int(right)] => operation(*left, *right).map(Value::Int),
        _ => None,
    }
}

/// `add` and `sub`, which also move the loop variable.
fn shifted(
    args: &[Value],
    operation: fn(i64, i64) -> Option<i64>,
    commutes: bool,
) -> Option<Value> {
    match args {
        [Value::Unknown(left), Value::Unknown(right)] if !commutes => distance(left, right),
        [Value::Unknown(symbol), Value::Int(number)] => moved(symbol, *number, operation),
        [Value::Int(number), Value::Unknown(symbol)] if commutes => {
            moved(symbol, *number, operation)
        }
        _ => folded(args, operation),
    }
}

fn moved(symbol: &Symbol, number: i64, operation: fn(i64, i64) -> Option<i64>) -> Option<Value> {
    let (name, offset) = symbol.loop_variable()?;
    let offset = operation(offset, number)?;
    Some(Value::Unknown(Symbol::copy_index(name, offset)))
}

/// How far two places of one loop are apart.
fn distance(left: &Symbol, right: &Symbol) -> Option<Value> {
    let (left, one) = left.loop_variable()?;
    let (right, two) = right.loop_variable()?;
    let offset = one.checked_sub(two).filter(|_| left == right)?;
    Some(Value::Int(offset))
}

fn compared(args: &[Value], holds: fn(Ordering) -> bool) -> Option<Value> {
    let order = match args {
        [Value::Int(left), Value::Int(right)] => left.cmp(right),
        // By UTF-16 unit, so that all capitals come first.
        [left, right] => {
            (left.as_literal()?.encode_utf16()).cmp(right.as_literal()?.encode_utf16())
        }
        _ => return None,
    };
    Some(Value::Bool(holds(order)))
}

fn numbers(args: &[Value]) -> Option<Vec<i64>> {
    match args {
        [Value::Array(items)] => items.iter().map(Value::as_int).collect(),
        _ => args.iter().map(Value::as_int).collect(),
    }
}

fn int(args: &[Value]) -> Option<Value> {
    match args {
        [Value::Int(number)] => Some(Value::Int(*number)),
        [text] => text.as_literal()?.trim().parse().ok().map(Value::Int),
        _ => None,
    }
}

/// The service takes up to 10,000 numbers, none beyond 2,147,483,647.
fn range(args: &[Value]) -> Option<Value> {
    let [Value::Int(start), Value::Int(count)] = args else {
        return None;
    };
    let length = usize::try_from(*count).ok()?;
    let end = start.checked_add(*count)?;
    if length > MAX_ITEMS || i32::try_from(*start).is_err() || i32::try_from(end).is_err() {
        return None;
    }
    Some(Value::Array((*start..end).map(Value::Int).collect()))
}
