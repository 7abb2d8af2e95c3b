//! Partial evaluation: what can be known from the files is folded, all else stays a symbol. It never
//! knows where a parameter, a variable or a function is declared ([`Scope`] does) and never guesses.
//!
//! A fold says what the value is *where the deployment evaluates the expression without an error*; one
//! that fails deploys nothing. So `and(false(), x)` is false whatever `x` is, while an argument that is
//! known not to fit leaves the call unknown. `if()` is lazy: what is in the branch that is not taken
//! does not matter, not even an error. What each function does is from the reference of template
//! functions (learn.microsoft.com, azure-resource-manager/templates/template-functions-*); where that is
//! silent, or other sources differ, nothing is folded. The bounds on work and size are in `budget`.

use super::ast::{Expression, ExpressionKind};
use super::budget::{self, Level, MAX_TEXT};
use super::functions;
use super::lambda;
use super::parse::{Parsed, parse};
use super::resource_id;
use super::symbol::{MAX_SPELLING, Symbol};
use super::value::Value;

/// Functions whose results differ from call to call.
const RANDOM: &[&str] = &["newguid"];

/// Where an expression is: what its names mean. What a scope does not say, the one around it does.
pub trait Scope {
    /// The scope around this one.
    fn around(&self) -> Option<&dyn Scope> {
        None
    }

    /// The value of the parameter `name` (compared without case); an unknown one is
    /// `Value::Unknown(Symbol::parameter(name))`.
    fn parameter(&self, name: &str) -> Value {
        let unknown = || Value::Unknown(Symbol::parameter(name));
        self.around()
            .map_or_else(unknown, |around| around.parameter(name))
    }

    /// The value of the variable `name` (compared without case); an unknown one is
    /// `Value::Unknown(Symbol::variable(name))`. An implementation remembers values and cuts cycles.
    fn variable(&self, name: &str) -> Value {
        let unknown = || Value::Unknown(Symbol::variable(name));
        self.around()
            .map_or_else(unknown, |around| around.variable(name))
    }

    /// The name of the copy loop that `copyIndex()` without a name belongs to.
    fn loop_name(&self) -> Option<String> {
        self.around()?.loop_name()
    }

    /// Which instance of the copy loop `name`, or without a name of the innermost one, the expression
    /// is in, where that is known: in the copy loops of variables.
    fn loop_index(&self, name: Option<&str>) -> Option<i64> {
        self.around()?.loop_index(name)
    }

    /// The value that is assumed for an unknown one, where the expression is evaluated by cases; `domain`
    /// gives all that it can have.
    fn assumed(&self, symbol: &Symbol, domain: &dyn Fn() -> Vec<Value>) -> Option<Value> {
        self.around()?.assumed(symbol, domain)
    }

    /// The value of the variable `name` of the lambda around the expression.
    fn lambda_variable(&self, name: &str) -> Option<Value> {
        self.around()?.lambda_variable(name)
    }

    /// What the user-defined function `namespace.name` gives for `args`; `None` where it is not
    /// declared or cannot be called so.
    fn user_function(&self, namespace: &str, name: &str, args: &[Value]) -> Option<Value> {
        self.around()?.user_function(namespace, name, args)
    }

    /// What distinguishes the symbols of this scope from those of others whose values it sees.
    fn frame(&self) -> usize {
        self.around().map_or(0, |around| around.frame())
    }
}

/// A scope in which every parameter and variable is unknown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unbound;

impl Scope for Unbound {}

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
        ExpressionKind::Number(raw) => Value::number(raw.strip_prefix('+').unwrap_or(raw)),
        ExpressionKind::Call {
            namespace: Some(namespace),
            name,
            args,
        } => {
            let args = arguments(args, scope);
            let known = scope.user_function(namespace, name, &args);
            budget::bounded(known.unwrap_or_else(|| symbolic(Some(namespace), name, &args)))
        }
        ExpressionKind::Call {
            namespace: None,
            name,
            args,
        } => budget::bounded(call(&name.to_ascii_lowercase(), args, scope)),
        ExpressionKind::Member { base, name } => {
            if let Some(member) = overlaid(base, name, scope) {
                return member;
            }
            let written = declared(base, scope.frame());
            access(evaluate(base, scope), &Value::text(name), &written)
        }
        ExpressionKind::Index { base, index } => {
            let index = evaluate(index, scope);
            if let Some(number) = counted(base, &index, scope) {
                return number;
            }
            let written = declared(base, scope.frame());
            let base = evaluate(base, scope);
            let index = assumed_index(&base, &index, scope).unwrap_or(index);
            access(base, &index, &written)
        }
    }
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
            unknown => {
                let condition = match unknown {
                    Value::Unknown(symbol) => symbol,
                    Value::Choice {
                        condition,
                        then,
                        otherwise,
                    } => Symbol::call(None, "if", &[Value::Unknown(condition), *then, *otherwise]),
                    _ => return Value::opaque(),
                };
                match scope.assumed(&condition, &booleans) {
                    Some(Value::Bool(true)) => evaluate(then, scope),
                    Some(Value::Bool(false)) => evaluate(otherwise, scope),
                    _ => {
                        Value::choice(condition, evaluate(then, scope), evaluate(otherwise, scope))
                    }
                }
            }
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
            unknown => Value::Unknown(Symbol::declared(name, &unknown, scope.frame())),
        },
        ("copyindex", _) => copy_index(&arguments(args, scope), scope),
        ("lambdavariables", [name]) => {
            let known = name.string().and_then(|name| scope.lambda_variable(name));
            known.unwrap_or_else(|| symbolic(None, "lambdavariables", &arguments(args, scope)))
        }
        _ if RANDOM.contains(&name) => Value::opaque(),
        _ => lambda::call(name, args, scope).unwrap_or_else(|| {
            let args = arguments(args, scope);
            apply(name, &args)
        }),
    }
}

/// The value of a call of the built-in function `name`, which is in lower case.
fn apply(name: &str, args: &[Value]) -> Value {
    let known = match resource_id::is_family(name) {
        true => resource_id::resource_id(name, args).map(Value::from),
        false => functions::find(name).and_then(|function| function(args)),
    };
    known.unwrap_or_else(|| symbolic(None, name, args))
}

/// A call that cannot be folded. One whose spelling grows too long has cost work all the same.
fn symbolic(namespace: Option<&str>, name: &str, args: &[Value]) -> Value {
    let symbol = Symbol::try_call(namespace, name, args);
    Value::Unknown(symbol.unwrap_or_else(|| {
        budget::spend(MAX_SPELLING / 16);
        Symbol::unique()
    }))
}

/// `range(start, count)[index]`, which the Bicep compiler writes for the index of a loop: no value but this
/// one is deployed, whatever the count is.
fn counted(base: &Expression, index: &Value, scope: &dyn Scope) -> Option<Value> {
    let [start, _]: &[Expression; 2] = base.call("range")?.try_into().ok()?;
    let start = evaluate(start, scope);
    matches!(index, Value::Int(_) | Value::Unknown(_))
        .then(|| apply("add", &[start, index.clone()]))
}

/// The member `name` of objects that `union()` or `shallowMerge()` lays over one another, of which the first
/// may be unknown: what the last one with that member has, if it is certain which that is.
fn overlaid(base: &Expression, name: &str, scope: &dyn Scope) -> Option<Value> {
    let merged = base.call("shallowMerge");
    let layers = match merged {
        Some([list]) => list.call("createArray")?,
        _ => base.call("union")?,
    };
    for layer in layers.iter().rev() {
        let Value::Object(members) = evaluate(layer, scope) else {
            return None;
        };
        let mut members = members.into_iter().rev();
        match members.find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            // Objects may be merged with others further in front.
            Some((_, Value::Object(_) | Value::Null)) if merged.is_none() => return None,
            Some((_, Value::Unknown(_) | Value::Choice { .. })) if merged.is_none() => return None,
            Some((_, value)) => return Some(value),
            None => {}
        }
    }
    None
}

fn booleans() -> Vec<Value> {
    vec![Value::Bool(true), Value::Bool(false)]
}

/// What an unknown index into a known collection is assumed to be: each index that something is at.
fn assumed_index(base: &Value, index: &Value, scope: &dyn Scope) -> Option<Value> {
    let symbol = match index {
        Value::Unknown(symbol) => symbol.clone(),
        Value::Text(text) if text.is_literal().is_none() => {
            Symbol::call(None, "concat", std::slice::from_ref(index))
        }
        _ => return None,
    };
    let domain = || match base {
        Value::Array(items) => (0..)
            .zip(items)
            .map(|(position, _)| Value::Int(position))
            .collect(),
        Value::Object(members) => members.iter().map(|(name, _)| Value::text(name)).collect(),
        _ => Vec::new(),
    };
    scope.assumed(&symbol, &domain)
}

/// `copyIndex()`, `copyIndex(offset)`, `copyIndex('loop')` and `copyIndex('loop', offset)`.
fn copy_index(args: &[Value], scope: &dyn Scope) -> Value {
    let (name, offset) = match args {
        [] => (None, None),
        [only] => match only.as_literal() {
            Some(name) => (Some(name), None),
            None => (None, Some(only)),
        },
        [name, offset] if name.as_literal().is_some() => (name.as_literal(), Some(offset)),
        // Which loop is meant cannot be known, but the value differs from instance to instance.
        _ => {
            let mut spelled = vec![Value::Unknown(Symbol::copy_index(None, 0))];
            spelled.extend_from_slice(args);
            return symbolic(None, "copyindex", &spelled);
        }
    };
    let index = match scope.loop_index(name) {
        Some(index) => Value::Int(index),
        None => {
            let name = name.map(str::to_owned).or_else(|| scope.loop_name());
            Value::Unknown(Symbol::copy_index(name.as_deref(), 0))
        }
    };
    match offset {
        Some(offset) => apply("add", &[index, offset.clone()]),
        None => index,
    }
}

fn access(base: Value, index: &Value, written: &Option<Value>) -> Value {
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
                .or_else(|| Symbol::try_access(written.as_ref()?, index))
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
fn declared(written: &Expression, frame: usize) -> Option<Value> {
    ["variables", "parameters"]
        .into_iter()
        .find_map(|function| {
            let [argument]: &[Expression; 1] = written.call(function)?.try_into().ok()?;
            let name = Value::text(argument.string()?.to_lowercase());
            Some(Value::Unknown(Symbol::declared(function, &name, frame)))
        })
}
