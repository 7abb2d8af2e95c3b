//! Strings. A result is folded over symbols only where it holds whatever they are; the one
//! assumption is that a name holds no slash.
//!
//! `startsWith`, `endsWith`, `indexOf` and `lastIndexOf` do not mind case, `contains`, `replace` and
//! `split` do (the reference of string functions says so of each, with examples). Where .NET's tables of
//! letters, or the culture of the service, could decide, nothing is folded.

use super::Function;
use crate::arm::expression::budget::{self, MAX_ITEMS, MAX_TEXT};
use crate::arm::expression::symbol::Symbol;
use crate::arm::expression::text::{Piece, Text};
use crate::arm::expression::value::Value;

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("endswith", |args| has_affix(args, true)),
    ("indexof", |args| {
        index_of(args, |text, part| text.find(part))
    }),
    ("lastindexof", |args| {
        index_of(args, |text, part| match part {
            // An empty text is found in front of the last letter.
            "" => Some(
                text.char_indices()
                    .next_back()
                    .map_or(0, |(place, _)| place),
            ),
            _ => text.rfind(part),
        })
    }),
    ("padleft", pad_left),
    ("replace", replace),
    ("split", split),
    ("startswith", |args| has_affix(args, false)),
    ("string", string),
    ("substring", substring),
    ("tolower", |args| {
        cased(args, "tolower", |text| recased(text, char::to_lowercase))
    }),
    ("toupper", |args| {
        cased(args, "toupper", |text| recased(text, char::to_uppercase))
    }),
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

fn cased(args: &[Value], name: &str, change: impl Fn(&str) -> Option<String>) -> Option<Value> {
    let [argument]: &[Value; 1] = args.try_into().ok()?;
    let mut result = Text::new();
    for piece in string_argument(argument)?.pieces() {
        match piece {
            Piece::Literal(literal) => result.push_literal(&change(literal)?),
            Piece::Symbol(symbol) if symbol.loop_variable().is_some() => {
                result.push_symbol(symbol.clone());
            }
            Piece::Symbol(symbol) => {
                let symbol = Value::Unknown(symbol.clone());
                result.push_symbol(Symbol::call(None, name, &[symbol]));
            }
        }
    }
    Some(result.into())
}

/// Letter by letter, as .NET does; `None` beyond Latin-1, where its tables differ from ours, and for
/// the letters of Latin-1 that leave it.
fn recased<I: Iterator<Item = char>>(text: &str, change: fn(char) -> I) -> Option<String> {
    let mut result = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() || !letter.is_alphabetic() {
            result.extend(change(letter));
            continue;
        }
        if u32::from(letter) > 0xFF || matches!(letter, 'ß' | 'ÿ' | 'µ') {
            return None;
        }
        result.extend(change(letter));
    }
    Some(result)
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
        [collection @ (Value::Array(_) | Value::Object(_))] => {
            let mut json = String::new();
            write_json(collection, &mut json)?;
            Some(Value::text(json))
        }
        _ => None,
    }
}

/// Compact JSON, as the reference of `string()` shows it.
fn write_json(value: &Value, out: &mut String) -> Option<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Text(text) => write_json_string(text.is_literal()?, out)?,
        Value::Array(items) => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_json(item, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (position, (name, member)) in members.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_json_string(name, out)?;
                out.push(':');
                write_json(member, out)?;
            }
            out.push('}');
        }
        Value::Choice { .. } | Value::Unknown(_) => return None,
    }
    (out.len() <= MAX_TEXT).then_some(())
}

/// `None` for what one writer of JSON escapes and another does not.
fn write_json_string(text: &str, out: &mut String) -> Option<()> {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            ' '..='~' => out.push(letter),
            _ => return None,
        }
    }
    out.push('"');
    Some(())
}

fn split(args: &[Value]) -> Option<Value> {
    let [text, separators]: &[Value; 2] = args.try_into().ok()?;
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
        (Some(literal), several) => split_by_any(literal, several)?,
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

/// As .NET splits: at each place the first of the separators that stands there cuts.
fn split_by_any(text: &str, separators: &[&str]) -> Option<Vec<Value>> {
    if !budget::spend(text.len().saturating_mul(separators.len()) / 16) {
        return None;
    }
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < text.len() {
        let rest = text.get(at..)?;
        match separators
            .iter()
            .find(|separator| rest.starts_with(**separator))
        {
            Some(separator) => {
                parts.push(Value::text(text.get(start..at)?));
                at += separator.len();
                start = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    parts.push(Value::text(text.get(start..)?));
    Some(parts)
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
    let [text, old, new]: &[Value; 3] = args.try_into().ok()?;
    let old = old.as_literal()?;
    if old.is_empty() {
        return None;
    }
    let (Some(text), Some(new)) = (text.as_literal(), new.as_literal()) else {
        return replace_around_names(&string_argument(text)?, old, &string_argument(new)?);
    };
    let found = text.matches(old).count();
    (text.len() + found.saturating_mul(new.len()) <= MAX_TEXT)
        .then(|| Value::text(text.replace(old, new)))
}

/// The same in a text whose unknown parts are names that cannot hold a letter of `old`, as in the id of a
/// resource: a subscription and a resource group have letters, digits and few signs.
fn replace_around_names(text: &Text, old: &str, new: &Text) -> Option<Value> {
    const NAMES: [&str; 2] = ["subscription().subscriptionid", "resourcegroup().name"];
    let is_foreign = |letter: char| !letter.is_alphanumeric() && !"_-.()/".contains(letter);
    if !old.chars().all(is_foreign) {
        return None;
    }
    let mut result = Text::new();
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => {
                for (place, part) in literal.split(old).enumerate() {
                    if place > 0 {
                        result.append(new);
                    }
                    result.push_literal(part);
                }
            }
            Piece::Symbol(symbol) if NAMES.contains(&symbol.as_str()) => {
                result.push_symbol(symbol.clone());
            }
            Piece::Symbol(_) => return None,
        }
    }
    (result.size() <= MAX_TEXT).then(|| result.into())
}

/// The service refuses a width beyond 16 ("Total width must be a positive integer value and not greater
/// than '16'").
const MAX_WIDTH: usize = 16;

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
        .filter(|width| (1..=MAX_WIDTH).contains(width))?;
    let missing = width.saturating_sub(characters(literal)?.len());
    let mut padded: String = std::iter::repeat_n(filler, missing).collect();
    padded.push_str(literal);
    Some(Value::text(padded))
}

/// The text for a search that does not mind case; `None` where a culture could decide what is found.
fn caseless(text: &str) -> Option<String> {
    let is_plain =
        |letter| matches!(letter, ' '..='~' | 'À'..='Ö' | 'Ø'..='Þ' | 'à'..='ö' | 'ø'..='þ');
    text.chars().all(is_plain).then(|| text.to_lowercase())
}

/// `startsWith` and, with `at_end`, `endsWith`: of a text that is known in part, as far as that says it.
fn has_affix(args: &[Value], at_end: bool) -> Option<Value> {
    let [text, part]: &[Value; 2] = args.try_into().ok()?;
    let (text, part) = (string_argument(text)?, caseless(part.as_literal()?)?);
    let known = caseless(match at_end {
        true => text.trailing_literal(),
        false => text.leading_literal(),
    })?;
    let has = |text: &str, affix: &str| match at_end {
        true => text.ends_with(affix),
        false => text.starts_with(affix),
    };
    let found = has(&known, &part);
    // What is seen may still be a part of what is asked for.
    let is_open = !found && text.is_literal().is_none() && has(&part, &known);
    (!is_open).then_some(Value::Bool(found))
}

fn index_of(args: &[Value], find: fn(&str, &str) -> Option<usize>) -> Option<Value> {
    let [text, part]: &[Value; 2] = args.try_into().ok()?;
    let (text, part) = (caseless(text.as_literal()?)?, caseless(part.as_literal()?)?);
    let Some(position) = find(&text, &part) else {
        return Some(Value::Int(-1));
    };
    let letters = text.get(..position)?.chars().count();
    i64::try_from(letters).ok().map(Value::Int)
}
