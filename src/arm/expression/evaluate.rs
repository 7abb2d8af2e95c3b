//! Partial evaluation: what can be known from the files is folded, all else stays a symbol. It never
//! knows where a parameter or variable is declared ([`Scope`] does) and never guesses.

use std::cell::Cell;

use super::ast::{Expression, ExpressionKind};
use super::functions;
use super::parse::{Parsed, parse};
use super::resource_id;
use super::symbol::Symbol;
use super::value::Value;

/// Nodes on the stack at once, variables within variables counted too.
const MAX_NESTING: usize = 256;

/// What one outermost evaluation may build, in nodes.
const MAX_WORK: usize = 2_000_000;

/// The size of one folded value, in nodes.
const MAX_NODES: usize = 50_000;

/// The nesting of one folded value.
const MAX_VALUE_DEPTH: usize = 64;

/// The longest folded string, in bytes.
pub(super) const MAX_TEXT: usize = 64 << 10;

/// The longest folded array.
pub(super) const MAX_ITEMS: usize = 10_000;

/// Results of a choice are folded branch by branch up to this many combinations.
const MAX_COMBINATIONS: usize = 64;

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

/// Functions whose results differ from call to call.
const RANDOM: &[&str] = &["newguid"];

/// Where an expression stands: what its names mean.
pub trait Scope {
    /// The value of the parameter `name` (compared without case); an unknown one is
    /// `Value::Unknown(Symbol::parameter(name))`.
    fn parameter(&self, name: &str) -> Value;

    /// The value of the variable `name` (compared without case); an unknown one is
    /// `Value::Unknown(Symbol::variable(name))`. An implementation remembers values and cuts cycles.
    fn variable(&self, name: &str) -> Value;

    /// The name of the copy loop that `copyIndex()` without a name belongs to.
    fn loop_name(&self) -> Option<String>;
}

/// A scope in which every parameter and variable is unknown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unbound;

impl Scope for Unbound {
    fn parameter(&self, name: &str) -> Value {
        Value::Unknown(Symbol::parameter(name))
    }

    fn variable(&self, name: &str) -> Value {
        Value::Unknown(Symbol::variable(name))
    }

    fn loop_name(&self) -> Option<String> {
        None
    }
}

/// The value of a JSON string's decoded text: plain text is itself, a broken expression is unknown.
pub fn evaluate_text(text: &str, scope: &dyn Scope) -> Value {
    match parse(text) {
        Parsed::Literal(literal) => Value::text(literal),
        Parsed::Expression(expression) => evaluate(&expression, scope),
        Parsed::Invalid(_) => Value::opaque(),
    }
}

/// The value of `expression` in `scope`. Depth, size and work are bounded; beyond a bound the value is
/// unknown and equals nothing else.
pub fn evaluate(expression: &Expression, scope: &dyn Scope) -> Value {
    let Some(_level) = Level::enter() else {
        return Value::opaque();
    };
    match &expression.kind {
        ExpressionKind::String(text) if text.len() > MAX_TEXT => Value::opaque(),
        ExpressionKind::String(text) => Value::text(text),
        ExpressionKind::Number(raw) => match raw.strip_prefix('+').unwrap_or(raw).parse() {
            Ok(number) => Value::Int(number),
            Err(_) => Value::Unknown(Symbol::raw(raw)),
        },
        ExpressionKind::Call {
            namespace: Some(namespace),
            name,
            args,
        } => {
            let args = arguments(args, scope);
            Value::Unknown(Symbol::call(Some(namespace), name, &args))
        }
        ExpressionKind::Call {
            namespace: None,
            name,
            args,
        } => bounded(call(&name.to_ascii_lowercase(), args, scope)),
        ExpressionKind::Member { base, name } => {
            access(evaluate(base, scope), &Value::text(name), base)
        }
        ExpressionKind::Index { base, index } => {
            let index = evaluate(index, scope);
            access(evaluate(base, scope), &index, base)
        }
    }
}

/// One level of nesting on this thread, over all scopes; the work is counted from the outermost level.
struct Level;

thread_local! {
    static NESTING: Cell<usize> = const { Cell::new(0) };
    static WORK: Cell<usize> = const { Cell::new(0) };
}

impl Level {
    fn enter() -> Option<Self> {
        let nesting = NESTING.get();
        if nesting == 0 {
            WORK.set(MAX_WORK);
        }
        if nesting >= MAX_NESTING || WORK.get() == 0 {
            return None;
        }
        WORK.set(WORK.get() - 1);
        NESTING.set(nesting + 1);
        Some(Self)
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        NESTING.set(NESTING.get().saturating_sub(1));
    }
}

fn bounded(value: Value) -> Value {
    let too_long = matches!(&value, Value::Text(text) if text.size() > MAX_TEXT);
    let too_many = matches!(&value, Value::Array(items) if items.len() > MAX_ITEMS);
    let mut left = MAX_NODES;
    if too_long || too_many || value.exceeds(&mut left, MAX_VALUE_DEPTH) {
        WORK.set(WORK.get().saturating_sub(MAX_NODES));
        return Value::opaque();
    }
    WORK.set(WORK.get().saturating_sub(MAX_NODES - left));
    value
}

fn arguments(args: &[Expression], scope: &dyn Scope) -> Vec<Value> {
    args.iter()
        .map(|argument| evaluate(argument, scope))
        .collect()
}

fn call(name: &str, args: &[Expression], scope: &dyn Scope) -> Value {
    match (name, args) {
        ("if", [condition, then, otherwise]) => match evaluate(condition, scope) {
            Value::Bool(true) => evaluate(then, scope),
            Value::Bool(false) => evaluate(otherwise, scope),
            unknown => match symbol_of(&unknown) {
                Some(condition) => {
                    Value::choice(condition, evaluate(then, scope), evaluate(otherwise, scope))
                }
                None => Value::opaque(),
            },
        },
        ("parameters" | "variables", [argument]) => match evaluate(argument, scope) {
            known if known.as_literal().is_some() => {
                let declared = known.as_literal().unwrap_or_default();
                if name == "parameters" {
                    scope.parameter(declared)
                } else {
                    scope.variable(declared)
                }
            }
            unknown => Value::Unknown(Symbol::call(None, name, &[unknown])),
        },
        ("copyindex", _) => copy_index(&arguments(args, scope), scope),
        _ if RANDOM.contains(&name) => Value::opaque(),
        _ => {
            let args = arguments(args, scope);
            apply(name, &args).unwrap_or_else(|| Value::Unknown(Symbol::call(None, name, &args)))
        }
    }
}

/// The symbol of a condition that is not known.
fn symbol_of(value: &Value) -> Option<Symbol> {
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

fn apply(name: &str, args: &[Value]) -> Option<Value> {
    if resource_id::is_family(name) {
        return resource_id::resource_id(name, args).map(Value::from);
    }
    let function = functions::find(name)?;
    let combinations = args
        .iter()
        .map(|argument| argument.alternatives().len())
        .fold(1, usize::saturating_mul);
    if combinations == 1 || combinations > MAX_COMBINATIONS || KEEPS_CHOICES.contains(&name) {
        return function(args);
    }
    Some(by_branches(name, function, args))
}

fn by_branches(name: &str, function: functions::Function, args: &[Value]) -> Value {
    let chosen = args
        .iter()
        .enumerate()
        .find_map(|(position, argument)| match argument {
            Value::Choice {
                condition,
                then,
                otherwise,
            } => Some((position, condition, then, otherwise)),
            _ => None,
        });
    let Some((position, condition, then, otherwise)) = chosen else {
        return function(args).unwrap_or_else(|| Value::Unknown(Symbol::call(None, name, args)));
    };
    let branch = |value: &Value| {
        let mut replaced = args.to_vec();
        if let Some(slot) = replaced.get_mut(position) {
            *slot = value.clone();
        }
        by_branches(name, function, &replaced)
    };
    Value::choice(condition.clone(), branch(then), branch(otherwise))
}

fn copy_index(args: &[Value], scope: &dyn Scope) -> Value {
    let own = scope.loop_name();
    let known = match args {
        [] => Some((own.clone(), 0)),
        [Value::Int(offset)] => Some((own.clone(), *offset)),
        [name] => name.as_literal().map(|name| (Some(name.to_owned()), 0)),
        [name, Value::Int(offset)] => name
            .as_literal()
            .map(|name| (Some(name.to_owned()), *offset)),
        _ => None,
    };
    if let Some((name, offset)) = known {
        return Value::Unknown(Symbol::copy_index(name.as_deref(), offset));
    }
    let named = args
        .first()
        .and_then(Value::as_literal)
        .map(str::to_owned)
        .or(own);
    match args.last() {
        Some(offset) => {
            let base = Value::Unknown(Symbol::copy_index(named.as_deref(), 0));
            Value::Unknown(Symbol::call(None, "add", &[base, offset.clone()]))
        }
        None => Value::opaque(),
    }
}

fn access(base: Value, index: &Value, written: &Expression) -> Value {
    match (base, index) {
        (
            Value::Choice {
                condition,
                then,
                otherwise,
            },
            _,
        ) => {
            let then = access(*then, index, written);
            Value::choice(condition, then, access(*otherwise, index, written))
        }
        (Value::Array(items), Value::Int(position)) => {
            let mut items = items;
            match usize::try_from(*position) {
                Ok(position) if position < items.len() => items.swap_remove(position),
                _ => Value::opaque(),
            }
        }
        (base, index) => {
            if let Some(name) = index.as_literal() {
                if let Some(member) = base.get(name) {
                    return member.clone();
                }
                if let Some(id) = scope_id(&base, name) {
                    return id;
                }
            }
            let symbol = Symbol::try_access(&base, index)
                .or_else(|| Symbol::try_access(&declared(written)?, index))
                .unwrap_or_else(Symbol::unique);
            Value::Unknown(symbol)
        }
    }
}

/// `resourceGroup().id` and `subscription().id`, spelled out so that they equal a `resourceId()`.
fn scope_id(base: &Value, member: &str) -> Option<Value> {
    let Value::Unknown(symbol) = base else {
        return None;
    };
    match (symbol.as_str(), member.eq_ignore_ascii_case("id")) {
        ("resourcegroup()", true) => Some(resource_id::resource_group_id().into()),
        ("subscription()", true) => Some(resource_id::subscription_scope_id().into()),
        _ => None,
    }
}

/// The name of the variable or parameter that `written` reads: a short spelling of a value too long.
fn declared(written: &Expression) -> Option<Value> {
    let name = |args: &[Expression]| match args {
        [argument] => argument.string().map(str::to_owned),
        _ => None,
    };
    if let Some(args) = written.call("variables") {
        return Some(Value::Unknown(Symbol::variable(&name(args)?)));
    }
    let args = written.call("parameters")?;
    Some(Value::Unknown(Symbol::parameter(&name(args)?)))
}
