//! `concat` and `format`, flattened into one normal form.
//!
//! A lone symbol is given back as it is, though `concat()` and `format()` make a string even of a
//! number: what is alone in them is taken for a string.

use super::Function;
use super::string::characters;
use crate::arm::expression::budget::{MAX_ITEMS, MAX_TEXT};
use crate::arm::expression::symbol::Symbol;
use crate::arm::expression::text::{Piece, Text};
use crate::arm::expression::value::Value;

/// The most digits that every version of .NET takes for a precision.
const MAX_PRECISION: usize = 99;

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
    if args.is_empty() {
        return None;
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
            text.append(&placeholder(item, args)?);
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

/// One `{index[,alignment][:spec]}`, the braces left out.
fn placeholder(item: &str, args: &[Value]) -> Option<Text> {
    let (place, spec) = item.split_once(':').unwrap_or((item, ""));
    let (index, alignment) = match place.split_once(',') {
        Some((index, alignment)) => (index, alignment.trim().parse().ok()?),
        None => (place, 0),
    };
    if spec.contains('{') {
        return None;
    }
    let argument = args.get(index.trim_end().parse::<usize>().ok()?)?;
    let text = formatted(argument, spec)?;
    if alignment == 0 {
        return Some(text);
    }
    aligned(text.is_literal()?, alignment).map(Text::literal)
}

/// `text` in a column of this width, at its left end where the width is negative.
fn aligned(text: &str, alignment: i32) -> Option<String> {
    let width = usize::try_from(alignment.unsigned_abs()).ok()?;
    let missing = width.saturating_sub(characters(text)?.len());
    if missing > MAX_TEXT {
        return None;
    }
    let space = " ".repeat(missing);
    Some(if alignment < 0 {
        format!("{text}{space}")
    } else {
        format!("{space}{text}")
    })
}

fn formatted(argument: &Value, spec: &str) -> Option<Text> {
    if *argument == Value::Null {
        return Some(Text::new());
    }
    let plain = argument.as_text()?;
    match argument {
        Value::Int(number) if !spec.is_empty() => match numeral(*number, spec) {
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

/// A whole number in one of .NET's formats that say the same in every culture: `D`, `X` (none below
/// zero, whose digits depend on the width of the type), `N0`, and zeros only.
fn numeral(number: i64, spec: &str) -> Option<String> {
    let sign = if number < 0 { "-" } else { "" };
    let digits = number.unsigned_abs();
    if spec.bytes().all(|byte| byte == b'0') {
        let width = spec.len();
        return (width <= MAX_PRECISION).then(|| format!("{sign}{digits:0>width$}"));
    }
    let (letter, precision) = (spec.get(..1)?, spec.get(1..)?);
    let width: usize = match precision {
        "" => 0,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits
            .parse()
            .ok()
            .filter(|width| *width <= MAX_PRECISION)?,
        _ => return None,
    };
    match letter {
        "D" | "d" => Some(format!("{sign}{digits:0>width$}")),
        "X" if number >= 0 => Some(format!("{digits:0>width$X}")),
        "x" if number >= 0 => Some(format!("{digits:0>width$x}")),
        "N" | "n" if precision == "0" => Some(format!("{sign}{}", grouped(&digits.to_string()))),
        _ => None,
    }
}

/// Digits with a comma before each group of three, as the reference of `format()` shows.
fn grouped(digits: &str) -> String {
    let mut result = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            result.push(',');
        }
        result.push(digit);
    }
    result
}
