//! Text into other forms and back: JSON, base64, URIs.

use super::Function;
use super::string::string_argument;
use crate::arm::expression::value::Value;

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("base64", base64),
    ("base64tostring", base64_to_string),
    ("json", json),
    ("uri", uri),
    ("uricomponent", uri_component),
];

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn literal(args: &[Value]) -> Option<&str> {
    match args {
        [argument] => argument.as_literal(),
        _ => None,
    }
}

fn json(args: &[Value]) -> Option<Value> {
    from_json(serde_json::from_str(literal(args)?).ok()?)
}

fn from_json(json: serde_json::Value) -> Option<Value> {
    Some(match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(truth),
        serde_json::Value::Number(number) => Value::Int(number.as_i64()?),
        serde_json::Value::String(text) => Value::text(text),
        serde_json::Value::Array(items) => {
            Value::Array(items.into_iter().map(from_json).collect::<Option<_>>()?)
        }
        serde_json::Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, member)| Some((name, from_json(member)?)))
                .collect::<Option<_>>()?,
        ),
    })
}

fn base64(args: &[Value]) -> Option<Value> {
    let mut encoded = String::new();
    for chunk in literal(args)?.as_bytes().chunks(3) {
        let bits = chunk
            .iter()
            .chain(std::iter::repeat(&0))
            .take(3)
            .fold(0usize, |bits, byte| bits << 8 | usize::from(*byte));
        for position in 0..4 {
            let sextet = bits >> (18 - 6 * position) & 63;
            let letter = ALPHABET.get(sextet).filter(|_| position <= chunk.len());
            encoded.push(letter.map_or('=', |letter| char::from(*letter)));
        }
    }
    Some(Value::text(encoded))
}

fn base64_to_string(args: &[Value]) -> Option<Value> {
    let encoded = literal(args)?;
    if !encoded.len().is_multiple_of(4) {
        return None;
    }
    let mut decoded = Vec::new();
    let mut bits = 0usize;
    let mut held = 0;
    for byte in encoded.trim_end_matches('=').bytes() {
        bits = (bits << 6 | ALPHABET.iter().position(|letter| *letter == byte)?) & 0xFF_FFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            decoded.push(u8::try_from(bits >> held & 0xFF).ok()?);
        }
    }
    String::from_utf8(decoded).ok().map(Value::text)
}

/// Joins a base that ends in a slash with a plain relative part; other forms need a URI parser.
fn uri(args: &[Value]) -> Option<Value> {
    let [base, relative] = args else {
        return None;
    };
    let (mut base, relative) = (string_argument(base)?, string_argument(relative)?);
    let start = relative.leading_literal();
    let plain = !start.is_empty()
        && !start.starts_with(['/', '.', '?', '#'])
        && !start
            .split('/')
            .next()
            .is_some_and(|first| first.contains(':'));
    if !plain || !base.has_literal() || !base.ends_with_literal("/") {
        return None;
    }
    base.append(&relative);
    Some(base.into())
}

fn uri_component(args: &[Value]) -> Option<Value> {
    let mut encoded = String::new();
    for byte in literal(args)?.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(Value::text(encoded))
}
