//! The value of JSON in which nothing is evaluated. Start at [`from_json`].

use crate::json::{Document, Kind, NodeId};

use super::value::Value;

/// The value of a node that holds no expressions, as in a parameter file or what `json()` reads; `None`
/// where the service may make another value of it.
pub(in crate::arm) fn from_json(document: &Document<'_>, node: NodeId) -> Option<Value> {
    let raw = std::str::from_utf8(document.raw(node)).ok()?;
    Some(match document.kind(node) {
        Kind::Null if raw == "null" => Value::Null,
        Kind::Null | Kind::Key => return None,
        Kind::Bool => Value::Bool(raw == "true"),
        Kind::Number => match Value::number(raw) {
            number @ Value::Int(_) => number,
            _ => return None,
        },
        Kind::String => {
            let text = document.string(node)?;
            // A lone surrogate cannot be held.
            if looks_like_date(&text) || text.contains(char::REPLACEMENT_CHARACTER) {
                return None;
            }
            Value::text(text)
        }
        Kind::Array => Value::Array(
            document
                .children(node)
                .map(|item| from_json(document, item))
                .collect::<Option<_>>()?,
        ),
        Kind::Object => Value::object(
            document
                .children(node)
                .map(|key| {
                    Some((
                        document.string(key)?,
                        from_json(document, document.value(key)?)?,
                    ))
                })
                .collect::<Option<Vec<_>>>()?,
        ),
    })
}

/// Newtonsoft.Json makes dates of such strings and may write them in another way.
fn looks_like_date(text: &str) -> bool {
    let is_iso = matches!(text.as_bytes(), [a, b, c, d, b'-', _, _, b'-', _, _, b'T', ..]
        if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()));
    is_iso || text.starts_with("/Date(")
}
