//! `concat` and `format`, flattened into one normal form.

use super::Function;
use crate::arm::expression::evaluate::{MAX_ITEMS, MAX_TEXT};
use crate::arm::expression::symbol::Symbol;
use crate::arm::expression::text::{Piece, Text};
use crate::arm::expression::value::Value;

pub(super) const FUNCTIONS: &[(&str, Function)] = &[("concat", concat), ("format", format)];

fn concat(args: &[Value]) -> Option<Value> {
    if args
        .iter()
        .any(|argument| matches!(argument, Value::Array(_)))
    {
        let mut joined = Vec::new();
        for argument in args {
            let Value::Array(items) = argument else {
                return None;
            };
            joined.extend(items.iter().cloned());
            if joined.len() > MAX_ITEMS {
                return None;
            }
        }
        return Some(Value::Array(joined));
    }
    let mut text = Text::new();
    for argument in args {
        text.append(&argument.as_text()?);
        if text.size() > MAX_TEXT {
            return None;
        }
    }
    Some(text.into())
}

fn format(args: &[Value]) -> Option<Value> {
    let (pattern, args) = args.split_first()?;
    let mut rest = pattern.as_literal()?;
    let mut text = Text::new();
    while let Some(position) = rest.find(['{', '}']) {
        text.push_literal(rest.get(..position)?);
        let brace = rest.get(position..position + 1)?;
        rest = rest.get(position + 1..)?;
        if let Some(after) = rest.strip_prefix(brace) {
            text.push_literal(brace);
            rest = after;
        } else if brace == "{" {
            let (item, after) = rest.split_once('}')?;
            let (index, spec) = match item.split_once(':') {
                Some((index, spec)) => (index, spec),
                None => (item, ""),
            };
            if spec.contains('{') {
                return None;
            }
            let argument = args.get(index.trim().parse::<usize>().ok()?)?;
            text.append(&formatted(argument, spec)?);
            rest = after;
        } else {
            return None;
        }
        if text.size() > MAX_TEXT {
            return None;
        }
    }
    text.push_literal(rest);
    Some(text.into())
}

fn formatted(argument: &Value, spec: &str) -> Option<Text> {
    if *argument == Value::Null {
        return Some(Text::new());
    }
    let plain = argument.as_text()?;
    match argument {
        Value::Int(number) if !spec.is_empty() => match decimal(*number, spec) {
            Some(digits) => Some(Text::literal(digits)),
            None => Some(unformatted(argument, spec)),
        },
        Value::Unknown(_) | Value::Choice { .. } if !spec.is_empty() => {
            Some(unformatted(argument, spec))
        }
        // .NET gives strings and truth values back as they are, whatever the format says.
        Value::Text(text) if !spec.is_empty() && !text.has_literal() && !is_empty(text) => {
            Some(unformatted(argument, spec))
        }
        _ => Some(plain),
    }
}

fn is_empty(text: &Text) -> bool {
    <[Piece]>::is_empty(text.pieces())
}

fn unformatted(argument: &Value, spec: &str) -> Text {
    let pattern = Value::text(format!("{{0:{spec}}}"));
    Text::symbol(Symbol::call(None, "format", &[pattern, argument.clone()]))
}

fn decimal(number: i64, spec: &str) -> Option<String> {
    let width = spec.strip_prefix(['D', 'd'])?;
    let width: usize = if width.is_empty() {
        0
    } else {
        width.parse().ok().filter(|width| *width <= 99)?
    };
    let sign = if number < 0 { "-" } else { "" };
    Some(format!("{sign}{:0>width$}", number.unsigned_abs()))
}
