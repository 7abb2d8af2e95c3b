//! What an expression gives: known, partly known or unknown, in normal form. It never knows the
//! document that a value came from.

use std::collections::HashMap;

use super::symbol::Symbol;
use super::text::{Piece, Text};

/// A value in normal form. Two values are equal when they are provably the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A string that is known at least in part; a lone symbol is [`Value::Unknown`] instead.
    Text(Text),
    /// An array.
    Array(Vec<Value>),
    /// An object, its members in the order of the document; names are compared without case.
    Object(Vec<(String, Value)>),
    /// One of two values, by a condition that is not known.
    Choice {
        /// The unknown condition.
        condition: Symbol,
        /// The value where it holds.
        then: Box<Value>,
        /// The value where it does not hold.
        otherwise: Box<Value>,
    },
    /// A value of which only the spelling is known.
    Unknown(Symbol),
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        match text.pieces() {
            [Piece::Symbol(symbol)] => Value::Unknown(symbol.clone()),
            _ => Value::Text(text),
        }
    }
}

impl Value {
    /// A known string.
    pub fn text(text: impl AsRef<str>) -> Self {
        Value::Text(Text::literal(text))
    }

    /// A value that equals nothing but its own clones.
    pub fn opaque() -> Self {
        Value::Unknown(Symbol::unique())
    }

    /// Whether the value equals nothing but its own clones.
    pub(in crate::arm) fn is_opaque(&self) -> bool {
        matches!(self, Value::Unknown(symbol) if symbol.is_unique())
    }

    /// The number that is written so: a whole one as JSON writes it, else a value of which only the
    /// spelling is known (a fraction, an exponent, more than 64 bits, or a leading zero, which
    /// Newtonsoft.Json takes for octal).
    pub fn number(written: &str) -> Self {
        let digits = written.strip_prefix('-').unwrap_or(written);
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'));
        match written.parse().ok().filter(|_| is_plain) {
            Some(number) => Value::Int(number),
            None => Value::Unknown(Symbol::raw(written)),
        }
    }

    /// One of two values by an unknown condition; equal ones are that value.
    pub fn choice(condition: Symbol, then: Value, otherwise: Value) -> Self {
        if then == otherwise {
            return then;
        }
        Value::Choice {
            condition,
            then: Box::new(then),
            otherwise: Box::new(otherwise),
        }
    }

    /// The value as part of a string; `None` for null, arrays and objects. A choice becomes one symbol.
    pub fn as_text(&self) -> Option<Text> {
        match self {
            Value::Null | Value::Array(_) | Value::Object(_) => None,
            // .NET writes truth values with a capital.
            Value::Bool(true) => Some(Text::literal("True")),
            Value::Bool(false) => Some(Text::literal("False")),
            Value::Int(number) => Some(Text::literal(number.to_string())),
            Value::Text(text) => Some(text.clone()),
            Value::Unknown(symbol) => Some(Text::symbol(symbol.clone())),
            Value::Choice {
                condition,
                then,
                otherwise,
            } => {
                let (first, second) = (then.as_text()?, otherwise.as_text()?);
                if first == second {
                    return Some(first);
                }
                let args = [
                    Value::Unknown(condition.clone()),
                    Value::from(first),
                    Value::from(second),
                ];
                Some(Text::symbol(Symbol::call(None, "if", &args)))
            }
        }
    }

    /// The string, where the value is one and all of it is known.
    pub fn as_literal(&self) -> Option<&str> {
        match self {
            Value::Text(text) => text.is_literal(),
            _ => None,
        }
    }

    /// The whole number, where the value is a known one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The truth value, where it is known.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// An object of these members. Of two with the same name but for ASCII case the last counts, at the
    /// place of the first.
    pub fn object(members: impl IntoIterator<Item = (String, Value)>) -> Self {
        let mut result: Vec<(String, Value)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (name, value) in members {
            let place = *places
                .entry(name.to_ascii_lowercase())
                .or_insert(result.len());
            match result.get_mut(place) {
                Some(member) => *member = (name, value),
                None => result.push((name, value)),
            }
        }
        Value::Object(result)
    }

    /// The member `name` of a known object, compared without case; the last one where there are two.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(members) => members
                .iter()
                .rev()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// Every value that this one can be, as far as choices show: itself, unless it is a choice.
    pub fn alternatives(&self) -> Vec<&Value> {
        match self {
            Value::Choice {
                then, otherwise, ..
            } => {
                let mut all = then.alternatives();
                all.extend(otherwise.alternatives());
                all
            }
            _ => vec![self],
        }
    }

    /// The values that this one is made of: items, members, branches.
    fn parts(&self) -> Vec<&Value> {
        match self {
            Value::Array(items) => items.iter().collect(),
            Value::Object(members) => members.iter().map(|(_, member)| member).collect(),
            Value::Choice {
                then, otherwise, ..
            } => vec![then, otherwise],
            _ => Vec::new(),
        }
    }

    /// Whether some part differs from one instance of a copy loop to the next.
    pub fn mentions_copy_index(&self) -> bool {
        let own = match self {
            Value::Text(text) => text.mentions_copy_index(),
            Value::Unknown(symbol)
            | Value::Choice {
                condition: symbol, ..
            } => symbol.mentions_copy_index(),
            _ => false,
        };
        own || self.parts().into_iter().any(Value::mentions_copy_index)
    }

    /// Whether two values are the same to `equals()`, which minds case; `None` where it cannot be known.
    pub fn same(&self, other: &Value) -> Option<bool> {
        if self == other {
            return Some(true);
        }
        match (self, other) {
            (Value::Unknown(_) | Value::Choice { .. }, _)
            | (_, Value::Unknown(_) | Value::Choice { .. }) => None,
            (Value::Text(left), Value::Text(right)) => texts_differ(left, right).then_some(false),
            (Value::Text(text), _) | (_, Value::Text(text)) => {
                (text.has_literal() || text.pieces().is_empty()).then_some(false)
            }
            (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
                all(left.iter().zip(right).map(|(one, two)| one.same(two)))
            }
            (Value::Object(left), Value::Object(right)) if left.len() == right.len() => {
                // Names that differ in case are not the same here.
                all(left.iter().map(|(name, one)| {
                    let mut members = right.iter();
                    let found = members.find(|(known, _)| known == name);
                    found.map_or(Some(false), |(_, two)| one.same(two))
                }))
            }
            _ => Some(false),
        }
    }

    /// Nodes and text bytes together, and the depth of nesting; counting ends beyond `limit`.
    pub(super) fn exceeds(&self, limit: &mut usize, depth: usize) -> bool {
        let own = match self {
            Value::Text(text) => 1 + text.size() / 16,
            Value::Unknown(symbol) => 1 + symbol.as_str().len() / 16,
            _ => 1,
        };
        let Some(left) = limit.checked_sub(own) else {
            return true;
        };
        let Some(below) = depth.checked_sub(1) else {
            return true;
        };
        *limit = left;
        let mut parts = self.parts().into_iter();
        parts.any(|part| part.exceeds(limit, below))
    }
}

/// `and` over what may be unknown.
pub(super) fn all(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for truth in truths {
        match truth {
            Some(false) => return Some(false),
            Some(true) => {}
            None => result = None,
        }
    }
    result
}

fn texts_differ(left: &Text, right: &Text) -> bool {
    if let (Some(left), Some(right)) = (left.is_literal(), right.is_literal()) {
        return left != right;
    }
    let starts_differ = left
        .leading_literal()
        .bytes()
        .zip(right.leading_literal().bytes())
        .any(|(one, two)| one != two);
    let ends_differ = left
        .trailing_literal()
        .bytes()
        .rev()
        .zip(right.trailing_literal().bytes().rev())
        .any(|(one, two)| one != two);
    starts_differ || ends_differ
}
