//! Whole numbers; everything that overflows or has a fraction stays unknown.

use super::Function;
use crate::arm::expression::evaluate::MAX_ITEMS;
use crate::arm::expression::symbol::Symbol;
use crate::arm::expression::value::Value;

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("add", |args| shifted(args, i64::checked_add, true)),
    ("div", |args| folded(args, i64::checked_div)),
    ("greater", |args| compared(args, |left, right| left > right)),
    ("greaterorequals", |args| {
        compared(args, |left, right| left >= right)
    }),
    ("int", int),
    ("less", |args| compared(args, |left, right| left < right)),
    ("lessorequals", |args| {
        compared(args, |left, right| left <= right)
    }),
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

fn compared(args: &[Value], holds: fn(i64, i64) -> bool) -> Option<Value> {
    match args {
        [Value::Int(left), Value::Int(right)] => Some(Value::Bool(holds(*left, *right))),
        _ => None,
    }
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

fn range(args: &[Value]) -> Option<Value> {
    let [Value::Int(start), Value::Int(count)] = args else {
        return None;
    };
    let length = usize::try_from(*count).ok()?;
    if length > MAX_ITEMS {
        return None;
    }
    let end = start.checked_add(*count)?;
    Some(Value::Array((*start..end).map(Value::Int).collect()))
}
