//! Arrays and objects, and the functions that take a string or a collection alike.

use std::collections::HashSet;

use super::Function;
use super::string::characters;
use crate::arm::expression::budget::{self, MAX_ITEMS, MAX_TEXT};
use crate::arm::expression::text::Text;
use crate::arm::expression::value::Value;

/// Comparing every item with every other is bounded by this many items.
const MAX_COMPARED: usize = 512;

/// A name and its value.
type Member = (String, Value);

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("array", array),
    ("contains", contains),
    ("createarray", |args| Some(Value::Array(args.to_vec()))),
    ("createobject", create_object),
    ("empty", empty),
    ("first", |args| end(args, true)),
    ("flatten", flatten),
    ("indexfromend", |args| from_end(args).flatten()),
    ("intersection", intersection),
    ("items", |args| sorted(args, item)),
    ("join", join),
    ("last", |args| end(args, false)),
    ("length", length),
    ("objectkeys", |args| {
        sorted(args, |(name, _)| Value::text(name))
    }),
    ("shallowmerge", shallow_merge),
    ("skip", |args| portion(args, false)),
    ("take", |args| portion(args, true)),
    ("tryget", try_get),
    ("tryindexfromend", |args| {
        Some(from_end(args)?.unwrap_or(Value::Null))
    }),
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
    let members: Vec<(String, Value)> = args
        .chunks_exact(2)
        .map(|pair| match pair {
            [name, value] => Some((name.as_literal()?.to_owned(), value.clone())),
            _ => None,
        })
        .collect::<Option<_>>()?;
    // Names that differ in case are kept; whether a name may be given twice is not known.
    let names: HashSet<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    (names.len() == members.len()).then_some(Value::Object(members))
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
        // .NET counts UTF-16 units.
        [text] => text.as_literal()?.encode_utf16().count(),
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

/// `take()`, or `skip()`: what is in front of a number of items or letters, or behind it.
fn portion(args: &[Value], is_front: bool) -> Option<Value> {
    let [from, number]: &[Value; 2] = args.try_into().ok()?;
    let number = count(number)?;
    match from {
        Value::Array(items) => {
            let (front, behind) = items.split_at(number.min(items.len()));
            let portion = if is_front { front } else { behind };
            Some(Value::Array(portion.to_vec()))
        }
        Value::Text(text) => {
            let letters = characters(text.leading_literal())?;
            if text.is_literal().is_none() && letters.len() < number {
                return None;
            }
            let (front, behind) = letters.split_at(number.min(letters.len()));
            if is_front {
                return Some(Value::text(String::from_iter(front)));
            }
            let mut result = Text::literal(String::from_iter(behind));
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
        if !matches!(item, Value::Text(_) | Value::Int(_) | Value::Unknown(_)) {
            return None;
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
    if !budget::spend(budget::size(wanted)?.saturating_mul(items.len())) {
        return None;
    }
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
    let [container, wanted]: &[Value; 2] = args.try_into().ok()?;
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
        return rest
            .iter()
            .try_fold(first.clone(), |base, over| merged(base, over, true));
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

fn shallow_merge(args: &[Value]) -> Option<Value> {
    let [Value::Array(objects)] = args else {
        return None;
    };
    let empty = Value::Object(Vec::new());
    objects
        .iter()
        .try_fold(empty, |base, over| merged(base, over, false))
}

/// Later members win. Objects in objects are merged where the merge is `deep`, arrays in objects never are.
/// `None` where a member is null in the later object, or may be an object in both.
fn merged(base: Value, over: &Value, deep: bool) -> Option<Value> {
    let may_be_object = |value: &Value| {
        matches!(
            value,
            Value::Object(_) | Value::Unknown(_) | Value::Choice { .. }
        )
    };
    match (base, over) {
        (Value::Object(mut members), Value::Object(over)) => {
            for (name, value) in over {
                match members
                    .iter_mut()
                    .find(|(known, _)| known.eq_ignore_ascii_case(name))
                {
                    // A deep merge that goes on inside keeps the name's first spelling, as a shallow one does.
                    Some((known, slot)) => {
                        let is_object = |value: &Value| matches!(value, Value::Object(_));
                        let goes_on = is_object(slot) && is_object(value);
                        if deep && !goes_on {
                            known.clone_from(name);
                        }
                        *slot = match deep {
                            true => merged(std::mem::replace(slot, Value::Null), value, true)?,
                            false => value.clone(),
                        };
                    }
                    None => members.push((name.clone(), value.clone())),
                }
            }
            Some(Value::Object(members))
        }
        (_, Value::Null) => None,
        (base, over) if may_be_object(&base) && may_be_object(over) => None,
        (_, over) => Some(over.clone()),
    }
}

/// The items, or the members with their values, that all have. Objects and arrays inside that differ may have
/// common parts of their own: what comes of them is not said.
fn intersection(args: &[Value]) -> Option<Value> {
    let (first, rest) = args.split_first()?;
    match first {
        Value::Array(items) if items.len() <= MAX_COMPARED => {
            let mut result: Vec<Value> = Vec::new();
            for item in items {
                let mut everywhere = !holds(&result, item)?;
                for other in rest {
                    let Value::Array(others) = other else {
                        return None;
                    };
                    everywhere = everywhere && holds(others, item)?;
                }
                result.extend(everywhere.then(|| item.clone()));
            }
            Some(Value::Array(result))
        }
        Value::Object(members) if members.len() <= MAX_COMPARED => {
            let mut result = members.clone();
            for other in rest {
                let Value::Object(_) = other else {
                    return None;
                };
                let mut left = Vec::new();
                for (name, value) in result {
                    let same = other.get(&name).map(|two| (value.same(two), two));
                    match (same, &value) {
                        (None, _) => {}
                        (Some((None, _)), _)
                        | (Some((Some(false), Value::Object(_))), Value::Object(_))
                        | (Some((Some(false), Value::Array(_))), Value::Array(_)) => return None,
                        (Some((Some(is_same), _)), _) => {
                            left.extend(is_same.then_some((name, value)))
                        }
                    }
                }
                result = left;
            }
            Some(Value::Object(result))
        }
        _ => None,
    }
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

/// The members in the order of their names, in which letters come before their case, each as `made`.
fn sorted(args: &[Value], made: fn(&Member) -> Value) -> Option<Value> {
    let [Value::Object(members)] = args else {
        return None;
    };
    // The order of other characters is that of a culture.
    let is_plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if members.len() > 1 && !members.iter().all(|(name, _)| is_plain(name)) {
        return None;
    }
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(name, _)| name.to_ascii_lowercase());
    let next = members.iter().skip(1);
    let mut pairs = members.iter().zip(next);
    let is_clear = pairs.all(|(one, two)| !one.0.eq_ignore_ascii_case(&two.0));
    is_clear.then(|| Value::Array(members.into_iter().map(made).collect()))
}

fn item((name, value): &Member) -> Value {
    let key = ("key".to_owned(), Value::text(name));
    Value::Object(vec![key, ("value".to_owned(), value.clone())])
}

/// The item that is this far from the end of the array, the last one being 1; inside, nothing where the
/// array has none there.
fn from_end(args: &[Value]) -> Option<Option<Value>> {
    let [Value::Array(items), Value::Int(distance)] = args else {
        return None;
    };
    let distance = usize::try_from(*distance).ok();
    let place = distance
        .filter(|distance| *distance > 0)
        .and_then(|distance| items.len().checked_sub(distance));
    Some(place.and_then(|place| items.get(place)).cloned())
}

fn try_get(args: &[Value]) -> Option<Value> {
    let (base, path) = args.split_first().filter(|(_, path)| !path.is_empty())?;
    let mut current = base;
    for step in path {
        let next = match (current, step) {
            (Value::Object(_), _) => current.get(step.as_literal()?),
            (Value::Array(items), Value::Int(position)) => {
                let place = usize::try_from(*position).ok();
                place.and_then(|place| items.get(place))
            }
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
