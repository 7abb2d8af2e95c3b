//! Calls with arguments that depend on an unknown condition: the result is folded branch by branch. It
//! never knows a scope.

use super::budget::{self, MAX_COMBINATIONS};
use super::functions::{self, Function};
use super::resource_id;
use super::symbol::{MAX_SPELLING, Symbol};
use super::value::Value;

/// Functions in which a choice stays one symbol or one element instead of splitting the result.
const KEEPS_CHOICES: &[&str] = &[
    "concat",
    "format",
    "createarray",
    "createobject",
    "array",
    "join",
    "uri",
    "coalesce",
    "union",
    "intersection",
];

/// The symbol of a condition that is not known.
pub(super) fn condition(value: &Value) -> Option<Symbol> {
    match value {
        Value::Unknown(symbol) => Some(symbol.clone()),
        // A nested `if` gives a symbol of its own as a text.
        Value::Choice { .. } => match Value::from(boolean_branches(value).as_text()?) {
            Value::Unknown(symbol) => Some(symbol),
            _ => None,
        },
        _ => None,
    }
}

/// Truth values inside a choice in the spelling of the language, for use as a condition.
fn boolean_branches(value: &Value) -> Value {
    match value {
        Value::Bool(truth) => {
            let name = if *truth { "true" } else { "false" };
            Value::Unknown(Symbol::call(None, name, &[]))
        }
        Value::Choice {
            condition,
            then,
            otherwise,
        } => Value::choice(
            condition.clone(),
            boolean_branches(then),
            boolean_branches(otherwise),
        ),
        other => other.clone(),
    }
}

/// The value of a call of the built-in function `name`, which is in lower case.
pub(super) fn apply(name: &str, args: &[Value]) -> Value {
    if resource_id::is_family(name) {
        let id = resource_id::resource_id(name, args);
        return id.map_or_else(|| symbolic(None, name, args), Value::from);
    }
    let Some(function) = functions::find(name) else {
        return symbolic(None, name, args);
    };
    let combinations = args
        .iter()
        .map(|argument| argument.alternatives().len())
        .fold(1, usize::saturating_mul);
    if combinations == 1 || combinations > MAX_COMBINATIONS || KEEPS_CHOICES.contains(&name) {
        return folded(name, function, args);
    }
    let nodes = args.iter().filter_map(budget::size).sum();
    if !budget::spend(combinations.saturating_mul(nodes)) {
        return Value::opaque();
    }
    by_branches(name, function, args)
}

fn folded(name: &str, function: Function, args: &[Value]) -> Value {
    function(args).unwrap_or_else(|| symbolic(None, name, args))
}

/// A call that cannot be folded. One whose spelling grows too long has cost work all the same.
pub(super) fn symbolic(namespace: Option<&str>, name: &str, args: &[Value]) -> Value {
    let symbol = Symbol::try_call(namespace, name, args);
    Value::Unknown(symbol.unwrap_or_else(|| {
        budget::spend(MAX_SPELLING / 16);
        Symbol::unique()
    }))
}

fn by_branches(name: &str, function: Function, args: &[Value]) -> Value {
    let chosen = args.iter().find_map(|argument| match argument {
        Value::Choice { condition, .. } => Some(condition),
        _ => None,
    });
    let Some(chosen) = chosen else {
        return folded(name, function, args);
    };
    let branch = |truth: bool| {
        let decided: Vec<Value> = args
            .iter()
            .map(|value| decided(value, chosen, truth))
            .collect();
        by_branches(name, function, &decided)
    };
    Value::choice(chosen.clone(), branch(true), branch(false))
}

/// The value where `chosen` is known to hold or not to.
fn decided(value: &Value, chosen: &Symbol, truth: bool) -> Value {
    match value {
        Value::Choice {
            condition,
            then,
            otherwise,
        } if condition == chosen => decided(if truth { then } else { otherwise }, chosen, truth),
        Value::Choice {
            condition,
            then,
            otherwise,
        } => Value::choice(
            condition.clone(),
            decided(then, chosen, truth),
            decided(otherwise, chosen, truth),
        ),
        other => other.clone(),
    }
}
