//! Strings. A result is folded over symbols only where it holds whatever they stand for; the one
//! assumption is that a name holds no slash.

use super::Function;
use crate::arm::expression::evaluate::{MAX_ITEMS, MAX_TEXT};
use crate::arm::expression::symbol::Symbol;
use crate::arm::expression::text::{Piece, Text};
use crate::arm::expression::value::Value;

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("endswith", ends_with),
    ("indexof", |args| {
        index_of(args, |text, part| text.find(part))
    }),
    ("lastindexof", |args| {
        index_of(args, |text, part| text.rfind(part))
    }),
    ("padleft", pad_left),
    ("replace", replace),
    ("split", split),
    ("startswith", starts_with),
    ("string", string),
    ("substring", substring),
    ("tolower", |args| cased(args, "tolower", str::to_lowercase)),
    ("toupper", |args| cased(args, "toupper", str::to_uppercase)),
    ("trim", trim),
];

/// The characters of `text`, where .NET counts them as Rust does.
pub(super) fn characters(text: &str) -> Option<Vec<char>> {
    text.chars()
        .map(|letter| (u32::from(letter) <= 0xFFFF).then_some(letter))
        .collect()
}

/// The text of an argument that is a string or unknown; numbers are no strings.
pub(super) fn string_argument(value: &Value) -> Option<Text> {
    match value {
        Value::Text(_) | Value::Unknown(_) | Value::Choice { .. } => value.as_text(),
        _ => None,
    }
}

fn cased(args: &[Value], name: &str, change: fn(&str) -> String) -> Option<Value> {
    let [argument] = args else {
        return None;
    };
    let wrap = |symbol: &Symbol| match symbol.loop_variable() {
        Some(_) => symbol.clone(),
        None => Symbol::call(None, name, &[Value::Unknown(symbol.clone())]),
    };
    Some(string_argument(argument)?.map(change, wrap).into())
}

fn trim(args: &[Value]) -> Option<Value> {
    let [Value::Text(text)] = args else {
        return None;
    };
    if let Some(literal) = text.is_literal() {
        return Some(Value::text(literal.trim()));
    }
    let is_clean = |end: Option<char>| end.is_some_and(|letter| !letter.is_whitespace());
    let clean = is_clean(text.leading_literal().chars().next())
        && is_clean(text.trailing_literal().chars().next_back());
    clean.then(|| Value::Text(text.clone()))
}

fn string(args: &[Value]) -> Option<Value> {
    match args {
        [argument @ (Value::Text(_) | Value::Int(_) | Value::Bool(_))] => {
            argument.as_text().map(Value::from)
        }
        [Value::Unknown(symbol)] if symbol.as_str().starts_with("string(") => {
            Some(Value::Unknown(symbol.clone()))
        }
        _ => None,
    }
}

fn split(args: &[Value]) -> Option<Value> {
    let [text, separators] = args else {
        return None;
    };
    let text = string_argument(text)?;
    let separators: Vec<&str> = match separators {
        Value::Array(items) => items.iter().map(Value::as_literal).collect::<Option<_>>()?,
        other => vec![other.as_literal()?],
    };
    let separators: Vec<&str> = separators
        .into_iter()
        .filter(|separator| !separator.is_empty())
        .collect();
    let parts: Vec<Value> = match (text.is_literal(), separators.as_slice()) {
        (Some(literal), []) => vec![Value::text(literal)],
        (_, [separator]) if text.is_literal().is_some() || splits_names(&text, separator) => {
            text.split(separator).into_iter().map(Value::from).collect()
        }
        (Some(literal), several) => split_by_any(literal, several),
        _ => return None,
    };
    (parts.len() <= MAX_ITEMS).then_some(Value::Array(parts))
}

/// Whether cutting at literal slashes is right: every symbol is a name, and some slash is there.
fn splits_names(text: &Text, separator: &str) -> bool {
    let slash = |piece: &Piece| matches!(piece, Piece::Literal(literal) if literal.contains('/'));
    let id = |piece: &Piece| matches!(piece, Piece::Symbol(symbol) if symbol.may_hold_slash());
    separator == "/" && text.pieces().iter().any(slash) && !text.pieces().iter().any(id)
}

fn split_by_any(mut rest: &str, separators: &[&str]) -> Vec<Value> {
    let mut parts = Vec::new();
    loop {
        let next = separators
            .iter()
            .filter_map(|separator| Some((rest.find(separator)?, separator.len())))
            .min_by_key(|(position, _)| *position);
        let cut = next.and_then(|(position, length)| {
            Some((rest.get(..position)?, rest.get(position + length..)?))
        });
        let Some((part, after)) = cut else {
            parts.push(Value::text(rest));
            return parts;
        };
        parts.push(Value::text(part));
        rest = after;
    }
}

fn substring(args: &[Value]) -> Option<Value> {
    let (text, start, length) = match args {
        [text, Value::Int(start)] => (text, *start, None),
        [text, Value::Int(start), Value::Int(length)] => (text, *start, Some(*length)),
        _ => return None,
    };
    let Value::Text(text) = text else {
        return None;
    };
    let start = usize::try_from(start).ok()?;
    let (known, whole) = match text.is_literal() {
        Some(literal) => (literal, true),
        None => (text.leading_literal(), false),
    };
    let letters = characters(known)?;
    let Some(length) = length else {
        return whole.then_some(Value::text(String::from_iter(letters.get(start..)?)));
    };
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    Some(Value::text(String::from_iter(letters.get(start..end)?)))
}

fn replace(args: &[Value]) -> Option<Value> {
    let [text, old, new] = args else {
        return None;
    };
    let (text, old, new) = (text.as_literal()?, old.as_literal()?, new.as_literal()?);
    if old.is_empty() {
        return None;
    }
    let found = text.matches(old).count();
    (text.len() + found.saturating_mul(new.len()) <= MAX_TEXT)
        .then(|| Value::text(text.replace(old, new)))
}

fn pad_left(args: &[Value]) -> Option<Value> {
    let (value, width, filler) = match args {
        [value, Value::Int(width)] => (value, *width, " "),
        [value, Value::Int(width), filler] => (value, *width, filler.as_literal()?),
        _ => return None,
    };
    let text = match value {
        Value::Int(_) => value.as_text()?,
        other => Text::literal(other.as_literal()?),
    };
    let literal = text.is_literal()?;
    let filler = match characters(filler)?.as_slice() {
        [letter] => *letter,
        _ => return None,
    };
    let width = usize::try_from(width)
        .ok()
        .filter(|width| *width <= MAX_TEXT)?;
    let missing = width.saturating_sub(characters(literal)?.len());
    let mut padded: String = std::iter::repeat_n(filler, missing).collect();
    padded.push_str(literal);
    Some(Value::text(padded))
}

/// Sources differ on whether these mind case, so only what holds either way is folded.
fn either_case(exact: bool, loose: bool) -> Option<Value> {
    (exact == loose).then_some(Value::Bool(exact))
}

fn starts_with(args: &[Value]) -> Option<Value> {
    let [text, part] = args else {
        return None;
    };
    let (text, part) = (string_argument(text)?, part.as_literal()?);
    let known = text.leading_literal();
    if text.is_literal().is_some() || known.len() >= part.len() {
        return either_case(known.starts_with(part), text.starts_with_literal(part));
    }
    let differs = known
        .bytes()
        .zip(part.bytes())
        .any(|(one, two)| !one.eq_ignore_ascii_case(&two));
    differs.then_some(Value::Bool(false))
}

fn ends_with(args: &[Value]) -> Option<Value> {
    let [text, part] = args else {
        return None;
    };
    let (text, part) = (string_argument(text)?, part.as_literal()?);
    let known = text.trailing_literal();
    if text.is_literal().is_some() || known.len() >= part.len() {
        return either_case(known.ends_with(part), text.ends_with_literal(part));
    }
    let differs = known
        .bytes()
        .rev()
        .zip(part.bytes().rev())
        .any(|(one, two)| !one.eq_ignore_ascii_case(&two));
    differs.then_some(Value::Bool(false))
}

fn index_of(args: &[Value], find: fn(&str, &str) -> Option<usize>) -> Option<Value> {
    let [text, part] = args else {
        return None;
    };
    let (text, part) = (text.as_literal()?, part.as_literal()?);
    if !text.is_ascii() || !part.is_ascii() || part.is_empty() {
        return None;
    }
    let exact = find(text, part);
    let loose = find(&text.to_ascii_lowercase(), &part.to_ascii_lowercase());
    if exact != loose {
        return None;
    }
    match exact {
        Some(position) => i64::try_from(position).ok().map(Value::Int),
        None => Some(Value::Int(-1)),
    }
}
