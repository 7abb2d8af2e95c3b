//! Text into other forms and back: JSON, base64, URIs.

use super::Function;
use crate::arm::expression::from_json;
use crate::arm::expression::value::Value;
use crate::json::Document;

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("base64", base64),
    ("base64tojson", |args| json(&[base64_to_string(args)?])),
    ("base64tostring", base64_to_string),
    ("datauri", data_uri),
    ("datauritostring", data_uri_to_string),
    ("json", json),
    ("uri", uri),
    ("uricomponent", uri_component),
    ("uricomponenttostring", uri_component_to_string),
];

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn literal(args: &[Value]) -> Option<&str> {
    match args {
        [argument] => argument.as_literal(),
        _ => None,
    }
}

/// The text is read as templates are, since the service reads both with Newtonsoft.Json.
fn json(args: &[Value]) -> Option<Value> {
    let document = Document::parse(literal(args)?.as_bytes());
    if !document.errors().is_empty() {
        return None;
    }
    from_json(&document, document.root()?)
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

/// Strict: what one decoder takes and another refuses is left.
fn base64_to_string(args: &[Value]) -> Option<Value> {
    let encoded = literal(args)?;
    let letters = encoded.trim_end_matches('=');
    let padding = encoded.len() - letters.len();
    if !encoded.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let mut decoded = Vec::new();
    let mut bits = 0usize;
    let mut held = 0;
    for byte in letters.bytes() {
        bits = (bits << 6 | ALPHABET.iter().position(|letter| *letter == byte)?) & 0xFF_FFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            decoded.push(u8::try_from(bits >> held & 0xFF).ok()?);
        }
    }
    let spare = bits & ((1 << held) - 1);
    String::from_utf8(decoded)
        .ok()
        .filter(|_| spare == 0)
        .map(Value::text)
}

/// How the data URI of a text starts.
const DATA_URI: &str = "data:text/plain;charset=utf-8;base64,";

fn data_uri(args: &[Value]) -> Option<Value> {
    let encoded = base64(args)?;
    Some(Value::text(format!("{DATA_URI}{}", encoded.as_literal()?)))
}

/// Of a text without parameters, or with those that [`data_uri`] writes.
fn data_uri_to_string(args: &[Value]) -> Option<Value> {
    let written = literal(args)?;
    let mut heads = [DATA_URI, "data:;base64,"].into_iter();
    let encoded = heads.find_map(|head| written.strip_prefix(head))?;
    base64_to_string(&[Value::text(encoded)])
}

/// Two known parts, joined as the reference says: what is behind the last slash of the base goes.
/// .NET also rewrites what it joins (dots, escapes, ports, letters of the host), and on a base without
/// a path the reference contradicts the standard that it names; nothing of that is folded.
fn uri(args: &[Value]) -> Option<Value> {
    let [base, relative]: &[Value; 2] = args.try_into().ok()?;
    let (base, relative) = (base.as_literal()?, relative.as_literal()?);
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| base.starts_with(scheme))?;
    let (host, _) = base.get(scheme.len()..)?.split_once('/')?;
    let (kept, _) = base.rsplit_once('/')?;
    let is_host = !host.is_empty()
        && host.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte)
        });
    let is_plain = is_host
        && is_plain_path(base.get(scheme.len() + host.len()..)?)
        && is_plain_path(relative)
        && !relative.starts_with('/')
        && !relative.is_empty();
    is_plain.then(|| Value::text(format!("{kept}/{relative}")))
}

/// A path that every reader leaves as it is.
fn is_plain_path(path: &str) -> bool {
    let letters = path
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_~./".contains(&byte));
    let mut segments = path.split('/');
    letters && segments.all(|segment| segment.is_empty() || !segment.ends_with('.'))
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

/// What is no escape stays as it is.
fn uri_component_to_string(args: &[Value]) -> Option<Value> {
    let mut parts = literal(args)?.split('%');
    let mut decoded = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let is_hex = |digits: &&str| digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let digits = part.get(..2).filter(is_hex);
        let rest = match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                part.get(2..)?
            }
            None => {
                decoded.push(b'%');
                part
            }
        };
        decoded.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(decoded).ok().map(Value::text)
}
