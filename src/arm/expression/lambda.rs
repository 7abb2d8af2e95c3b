//! `map()` and `filter()`, which the Bicep compiler writes: functions that take a `lambda()`.
//!
//! A lambda is no value: its body is evaluated once for each item, in a scope that also knows the lambda's own
//! variables. It never knows what the items describe.

use super::ast::Expression;
use super::budget::MAX_ITEMS;
use super::evaluate::{Scope, evaluate};
use super::value::Value;

/// A `lambda()` at a place where a function asks for one.
struct Lambda<'e> {
    variables: Vec<&'e str>,
    body: &'e Expression,
}

/// A scope inside a lambda.
struct Inside<'s> {
    around: &'s dyn Scope,
    variables: Vec<(&'s str, Value)>,
}

/// The value of a call of `name`, which is in lower case; `None` where it takes no lambda, or where the
/// result cannot be known.
pub(super) fn call(name: &str, args: &[Expression], scope: &dyn Scope) -> Option<Value> {
    let [collection, lambda]: &[Expression; 2] = args.try_into().ok()?;
    let lambda = Lambda::of(lambda)?;
    let Value::Array(items) = evaluate(collection, scope) else {
        return None;
    };
    if items.len() > MAX_ITEMS {
        return None;
    }
    let numbered = items.iter().zip(0_i64..);
    let given = |item: &Value, at| lambda.value(&[item.clone(), Value::Int(at)], scope);
    let mut found = Vec::new();
    for (item, at) in numbered {
        let value = given(item, at)?;
        match name {
            "map" => found.push(value),
            "filter" if value.as_bool()? => found.push(item.clone()),
            "filter" => {}
            _ => return None,
        }
    }
    matches!(name, "map" | "filter").then_some(Value::Array(found))
}

impl<'e> Lambda<'e> {
    fn of(expression: &'e Expression) -> Option<Self> {
        let (body, variables) = expression.call("lambda")?.split_last()?;
        let variables = variables.iter().map(Expression::string);
        Some(Self {
            variables: variables.collect::<Option<_>>()?,
            body,
        })
    }

    /// What it gives for these values of its variables, of which it may have fewer.
    fn value(&self, given: &[Value], scope: &dyn Scope) -> Option<Value> {
        if self.variables.len() > given.len() {
            return None;
        }
        let variables = self.variables.iter().copied();
        let inside = Inside {
            around: scope,
            variables: variables.zip(given.iter().cloned()).collect(),
        };
        Some(evaluate(self.body, &inside))
    }
}

impl Scope for Inside<'_> {
    fn around(&self) -> Option<&dyn Scope> {
        Some(self.around)
    }

    fn lambda_variable(&self, name: &str) -> Option<Value> {
        let mut own = self.variables.iter();
        let found = own.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found
            .map(|(_, value)| value.clone())
            .or_else(|| self.around.lambda_variable(name))
    }
}
