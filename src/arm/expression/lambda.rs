//! The functions that take a `lambda()`: `filter`, `groupBy`, `map`, `mapValues`, `reduce`, `sort` and
//! `toObject`. A lambda is no value: its body is evaluated once for each item, in a scope that also knows the
//! lambda's own variables. It never knows what the items describe.

use std::cmp::Ordering;

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
    let (collection, rest) = args.split_first()?;
    let lambdas: Vec<Lambda<'_>> = rest.iter().filter_map(Lambda::of).collect();
    let (first, second) = (lambdas.first()?, lambdas.get(1));
    let collection = evaluate(collection, scope);
    if name == "mapvalues" {
        let Value::Object(members) = collection else {
            return None;
        };
        let mapped = members
            .into_iter()
            .map(|(name, value)| Some((name, first.of_one(&value, None, scope)?)));
        return Some(Value::Object(mapped.collect::<Option<_>>()?));
    }
    let Value::Array(items) = collection else {
        return None;
    };
    if items.len() > MAX_ITEMS {
        return None;
    }
    let mut numbered = items.iter().zip(0_i64..);
    match name {
        "map" => {
            let mapped = numbered.map(|(item, at)| first.of_one(item, Some(at), scope));
            Some(Value::Array(mapped.collect::<Option<_>>()?))
        }
        "filter" => {
            let mut kept = Vec::new();
            for (item, at) in numbered {
                if first.of_one(item, Some(at), scope)?.as_bool()? {
                    kept.push(item.clone());
                }
            }
            Some(Value::Array(kept))
        }
        "reduce" => {
            let start = evaluate(rest.first()?, scope);
            numbered.try_fold(start, |sum, (item, at)| {
                first.value(&[sum, item.clone(), Value::Int(at)], scope)
            })
        }
        "sort" => sorted(&items, first, scope),
        "toobject" => {
            let mut members = Vec::new();
            for item in &items {
                let name = first.of_one(item, None, scope)?.as_literal()?.to_owned();
                let value = second.map_or_else(
                    || Some(item.clone()),
                    |second| second.of_one(item, None, scope),
                );
                members.push((name, value?));
            }
            Some(Value::object(members))
        }
        "groupby" => {
            let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
            for (item, at) in numbered {
                let key = first.of_one(item, Some(at), scope)?;
                let key = key.as_literal()?;
                match groups.iter_mut().find(|(known, _)| known == key) {
                    Some((_, group)) => group.push(item.clone()),
                    None => groups.push((key.to_owned(), vec![item.clone()])),
                }
            }
            let groups = groups.into_iter();
            let members = groups.map(|(key, group)| (key, Value::Array(group)));
            Some(Value::Object(members.collect()))
        }
        _ => None,
    }
}

/// The items in the order in which `comes_first` puts them; equal ones keep theirs.
fn sorted(items: &[Value], comes_first: &Lambda<'_>, scope: &dyn Scope) -> Option<Value> {
    let before = |one: &Value, two: &Value| {
        comes_first
            .value(&[one.clone(), two.clone()], scope)
            .and_then(|value| value.as_bool())
    };
    let mut is_known = true;
    let mut result = items.to_vec();
    result.sort_by(|one, two| match (before(one, two), before(two, one)) {
        (Some(true), Some(false)) => Ordering::Less,
        (Some(false), Some(true)) => Ordering::Greater,
        (Some(false), Some(false)) => Ordering::Equal,
        _ => {
            is_known = false;
            Ordering::Equal
        }
    });
    is_known.then_some(Value::Array(result))
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

    /// What it gives for an item and the item's number.
    fn of_one(&self, item: &Value, at: Option<i64>, scope: &dyn Scope) -> Option<Value> {
        let mut given = vec![item.clone()];
        given.extend(at.map(Value::Int));
        self.value(&given, scope)
    }

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
