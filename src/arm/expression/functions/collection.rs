//! Arrays and objects, and the functions that take a string or a collection alike.

use super::Function;
use super::string::characters;
use crate::arm::expression::evaluate::{MAX_ITEMS, MAX_TEXT};
use crate::arm::expression::text::Text;
use crate::arm::expression::value::Value;

/// Comparing every item with every other is bounded by this many items.
const MAX_COMPARED: usize = 512;

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("array", array),
    ("contains", contains),
    ("createarray", |args| Some(Value::Array(args.to_vec()))),
    ("createobject", create_object),
    ("empty", empty),
    ("first", |args| end(args, true)),
    ("flatten", flatten),
    ("intersection", intersection),
    ("items", items),
    ("join", join),
    ("last", |args| end(args, false)),
    ("length", length),
    ("objectkeys", object_keys),
    ("skip", skip),
    ("take", take),
    ("tryget", try_get),
    ("union", union),
];

fn array(args: &[Value]) -> Option<Value> {
    match args {
        [Value::Array(items)] => Some(Value::Array(items.clone())),
        [Value::Unknown(_) | Value::Choice { .. }] => None,
        [other] => Some(Value::Array(vec![other.clone()])),
        _ => None,
    }
}

fn create_object(args: &[Value]) -> Option<Value> {
    if !args.len().is_multiple_of(2) {
        return None;
    }
    let members = args
        .chunks_exact(2)
        .map(|pair| match pair {
            [name, value] => Some((name.as_literal()?.to_owned(), value.clone())),
            _ => None,
        })
        .collect::<Option<_>>()?;
    Some(Value::Object(members))
}

fn empty(args: &[Value]) -> Option<Value> {
    match args {
        [Value::Null] => Some(Value::Bool(true)),
        [Value::Array(items)] => Some(Value::Bool(items.is_empty())),
        [Value::Object(members)] => Some(Value::Bool(members.is_empty())),
        [Value::Text(text)] if text.has_literal() => Some(Value::Bool(false)),
        [Value::Text(text)] if text.pieces().is_empty() => Some(Value::Bool(true)),
        _ => None,
    }
}

fn length(args: &[Value]) -> Option<Value> {
    let count = match args {
        [Value::Array(items)] => items.len(),
        [Value::Object(members)] => members.len(),
        [text] => characters(text.as_literal()?)?.len(),
        _ => return None,
    };
    i64::try_from(count).ok().map(Value::Int)
}

fn end(args: &[Value], first: bool) -> Option<Value> {
    match args {
        [Value::Array(items)] => {
            let item = if first { items.first() } else { items.last() };
            // ARM gives null for an empty array.
            Some(item.cloned().unwrap_or(Value::Null))
        }
        [Value::Text(text)] => {
            let letter = if first {
                characters(text.leading_literal())?.first().copied()
            } else {
                characters(text.trailing_literal())?.last().copied()
            };
            match letter {
                Some(letter) => Some(Value::text(letter.to_string())),
                None => text.pieces().is_empty().then(|| Value::text("")),
            }
        }
        _ => None,
    }
}

/// How many items or letters are asked for; a negative number asks for none.
fn count(value: &Value) -> Option<usize> {
    Some(usize::try_from(value.as_int()?).unwrap_or(0))
}

fn take(args: &[Value]) -> Option<Value> {
    let [from, wanted] = args else {
        return None;
    };
    let wanted = count(wanted)?;
    match from {
        Value::Array(items) => Some(Value::Array(items.iter().take(wanted).cloned().collect())),
        Value::Text(text) => {
            let letters = characters(text.leading_literal())?;
            if text.is_literal().is_none() && letters.len() < wanted {
                return None;
            }
            Some(Value::text(letters.iter().take(wanted).collect::<String>()))
        }
        _ => None,
    }
}

fn skip(args: &[Value]) -> Option<Value> {
    let [from, unwanted] = args else {
        return None;
    };
    let unwanted = count(unwanted)?;
    match from {
        Value::Array(items) => Some(Value::Array(items.iter().skip(unwanted).cloned().collect())),
        Value::Text(text) => {
            let letters = characters(text.leading_literal())?;
            if text.is_literal().is_none() && letters.len() < unwanted {
                return None;
            }
            let rest: String = letters.iter().skip(unwanted).collect();
            let mut result = Text::literal(rest);
            result.append(&text.behind_leading_literal());
            Some(result.into())
        }
        _ => None,
    }
}

fn join(args: &[Value]) -> Option<Value> {
    let [Value::Array(items), delimiter] = args else {
        return None;
    };
    let delimiter = delimiter.as_literal()?;
    let mut joined = Text::new();
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            joined.push_literal(delimiter);
        }
        joined.append(&item.as_text()?);
        if joined.size() > MAX_TEXT {
            return None;
        }
    }
    Some(joined.into())
}

/// Whether some item is `wanted`; `None` where it cannot be known.
fn holds(items: &[Value], wanted: &Value) -> Option<bool> {
    let mut result = Some(false);
    for item in items {
        match item.same(wanted) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => result = None,
        }
    }
    result
}

fn contains(args: &[Value]) -> Option<Value> {
    let [container, wanted] = args else {
        return None;
    };
    let found = match container {
        Value::Array(items) => holds(items, wanted)?,
        Value::Object(_) => container.get(wanted.as_literal()?).is_some(),
        Value::Text(text) => {
            let part = wanted.as_literal()?;
            if part.is_empty() || text.split(part).len() > 1 {
                true
            } else {
                text.is_literal().map(|_| false)?
            }
        }
        _ => return None,
    };
    Some(Value::Bool(found))
}

fn union(args: &[Value]) -> Option<Value> {
    if args
        .iter()
        .all(|argument| matches!(argument, Value::Object(_)))
    {
        let (first, rest) = args.split_first()?;
        return Some(rest.iter().fold(first.clone(), merged));
    }
    let mut result: Vec<Value> = Vec::new();
    for argument in args {
        let Value::Array(items) = argument else {
            return None;
        };
        for item in items {
            if !holds(&result, item)? {
                result.push(item.clone());
            }
            if result.len() > MAX_COMPARED {
                return None;
            }
        }
    }
    Some(Value::Array(result))
}

/// Later members win; objects in objects are merged.
fn merged(base: Value, over: &Value) -> Value {
    match (base, over) {
        (Value::Object(mut members), Value::Object(over)) => {
            for (name, value) in over {
                match members
                    .iter_mut()
                    .find(|(known, _)| known.eq_ignore_ascii_case(name))
                {
                    Some((_, slot)) => {
                        *slot = merged(std::mem::replace(slot, Value::Null), value);
                    }
                    None => members.push((name.clone(), value.clone())),
                }
            }
            Value::Object(members)
        }
        (_, over) => over.clone(),
    }
}

fn intersection(args: &[Value]) -> Option<Value> {
    let (first, rest) = args.split_first()?;
    let Value::Array(items) = first else {
        return None;
    };
    let mut result: Vec<Value> = Vec::new();
    for item in items.iter().take(MAX_COMPARED + 1) {
        let mut everywhere = !holds(&result, item)?;
        for other in rest {
            let Value::Array(others) = other else {
                return None;
            };
            everywhere = everywhere && holds(others, item)?;
        }
        if everywhere {
            result.push(item.clone());
        }
    }
    (items.len() <= MAX_COMPARED).then_some(Value::Array(result))
}

fn flatten(args: &[Value]) -> Option<Value> {
    let [Value::Array(items)] = args else {
        return None;
    };
    let mut result = Vec::new();
    for item in items {
        let Value::Array(inner) = item else {
            return None;
        };
        result.extend(inner.iter().cloned());
        if result.len() > MAX_ITEMS {
            return None;
        }
    }
    Some(Value::Array(result))
}

/// The members in the order of their names, as `items()` gives them.
fn sorted(args: &[Value]) -> Option<Vec<&(String, Value)>> {
    let [Value::Object(members)] = args else {
        return None;
    };
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(name, _)| name.to_lowercase());
    Some(members)
}

fn items(args: &[Value]) -> Option<Value> {
    let items = sorted(args)?
        .into_iter()
        .map(|(name, value)| {
            Value::Object(vec![
                ("key".to_owned(), Value::text(name)),
                ("value".to_owned(), value.clone()),
            ])
        })
        .collect();
    Some(Value::Array(items))
}

fn object_keys(args: &[Value]) -> Option<Value> {
    let names = sorted(args)?
        .into_iter()
        .map(|(name, _)| Value::text(name))
        .collect();
    Some(Value::Array(names))
}

fn try_get(args: &[Value]) -> Option<Value> {
    let (base, path) = args.split_first()?;
    let mut current = base;
    for step in path {
        let next = match (current, step) {
            (Value::Object(_), _) => current.get(step.as_literal()?),
            (Value::Array(items), Value::Int(position)) => usize::try_from(*position)
                .ok()
                .and_then(|position| items.get(position)),
            (Value::Null, _) => None,
            _ => return None,
        };
        match next {
            Some(value) => current = value,
            None => return Some(Value::Null),
        }
    }
    Some(current.clone())
}
