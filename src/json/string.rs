//! Decoding of string literals and names.

use std::borrow::Cow;

use crate::text::SourceMap;

/// The bytes between the quotes; all of them for an unquoted name.
pub(super) fn content(raw: &[u8]) -> &[u8] {
    match raw {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner,
        // The closing quote is missing in a text that was recovered.
        [b'"' | b'\'', inner @ ..] => inner,
        unquoted => unquoted,
    }
}

/// The text of a raw string or name, which most spell as it is.
pub(super) fn text(raw: &[u8]) -> Cow<'_, str> {
    let inner = content(raw);
    match std::str::from_utf8(inner) {
        Ok(plain) if !inner.contains(&b'\\') => Cow::Borrowed(plain),
        _ => Cow::Owned(decode(raw).0),
    }
}

/// `text` as it is written inside a string with the quotes of `raw`.
pub(super) fn encode(raw: &[u8], text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let inner = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(&quoted);
    match raw.first() {
        Some(b'\'') => inner.replace("\\\"", "\"").replace('\'', "\\'"),
        _ => inner.to_owned(),
    }
}

/// Decodes a raw string or name; the map leads from the decoded bytes to those of `raw`.
pub(super) fn decode(raw: &[u8]) -> (String, SourceMap) {
    let inner = content(raw);
    let quote = usize::from(matches!(raw.first(), Some(b'"' | b'\'')));
    let mut text = String::with_capacity(inner.len());
    let mut map = SourceMap::new();
    let mut at = 0;
    while let Some(rest) = inner.get(at..).filter(|rest| !rest.is_empty()) {
        map.push(text.len(), quote + at);
        let plain = rest.iter().position(|byte| *byte == b'\\');
        let run = plain.unwrap_or(rest.len());
        for chunk in rest.get(..run).unwrap_or_default().utf8_chunks() {
            text.push_str(chunk.valid());
            at += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                map.push(text.len(), quote + at);
                text.push(char::REPLACEMENT_CHARACTER);
                at += chunk.invalid().len();
                map.push(text.len(), quote + at);
            }
        }
        if plain.is_some() {
            map.push(text.len(), quote + at);
            let (decoded, length) = escape(inner.get(at..).unwrap_or_default());
            text.push(decoded);
            at += length;
        }
    }
    map.push(text.len(), quote + inner.len());
    (text, map)
}

/// The character of the escape that `text` starts with, and its length in bytes.
fn escape(text: &[u8]) -> (char, usize) {
    let simple = match text.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(text),
        Some(other) if other.is_ascii() => char::from(*other),
        _ => return (char::REPLACEMENT_CHARACTER, 1),
    };
    (simple, 2)
}

fn unicode_escape(text: &[u8]) -> (char, usize) {
    let Some(first) = hex4(text.get(2..6)) else {
        return (char::REPLACEMENT_CHARACTER, 2);
    };
    if let Some(single) = char::from_u32(first) {
        return (single, 6);
    }
    let second = (text.get(6..8) == Some(b"\\u")).then(|| hex4(text.get(8..12)));
    match second.flatten() {
        Some(low @ 0xdc00..=0xdfff) if first < 0xdc00 => {
            let code = 0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00);
            (
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
                12,
            )
        }
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}

/// The value of four hexadecimal digits.
pub(super) fn hex4(digits: Option<&[u8]>) -> Option<u32> {
    let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_decode_and_map_back_to_the_file() {
        let raw = br#""a\u0041\n\ud83d\ude00z""#;
        let (text, map) = decode(raw);
        assert_eq!(text, "aA\n\u{1f600}z");
        assert_eq!(&raw[map.source_range(1..2)], br"\u0041");
        assert_eq!(&raw[map.source_range(7..8)], b"z");
        assert_eq!(map.source(8), raw.len() - 1);
    }

    #[test]
    fn lone_surrogates_and_invalid_bytes_become_replacement_characters() {
        assert_eq!(decode(br#""\ud83dx""#).0, "\u{fffd}x");
        let (text, map) = decode(b"\"\xffy\"");
        assert_eq!(text, "\u{fffd}y");
        assert_eq!(map.source_range(3..4), 2..3);
    }

    #[test]
    fn single_quotes_and_bare_names_have_their_content() {
        assert_eq!(decode(br"'it\'s'").0, "it's");
        assert_eq!(decode(b"name").0, "name");
    }

    #[test]
    fn what_is_encoded_decodes_to_itself_in_either_quotes() {
        for text in ["it's", "say \"x\"", "back\\slash", "line\nbreak", "\\\"'"] {
            for quote in ['"', '\''] {
                let inner = encode(format!("{quote}{quote}").as_bytes(), text);
                let raw = format!("{quote}{inner}{quote}");
                assert_eq!(decode(raw.as_bytes()).0, text, "{raw}");
                assert!(
                    crate::json::Document::parse(raw.as_bytes())
                        .errors()
                        .is_empty()
                );
            }
        }
    }
}
