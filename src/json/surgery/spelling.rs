//! Strings as the author spells them: quotes, escapes, and names without quotes.

use serde_json::Value;

use crate::json::document::{Document, Kind, NodeId};

/// How many comparisons the search for pieces to copy may take. Beyond it, text is encoded anew.
const MAX_COMPARED: usize = 1 << 20;

/// How many items of a container are asked how they are written: there may be thousands, and each change
/// asks again.
pub(super) const MOST_ASKED: usize = 64;

/// What is around a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    Double,
    Single,
    /// Nothing, as around a name.
    Bare,
}

impl Quotes {
    /// Those around the string or key `node`.
    pub(super) fn around(document: &Document<'_>, node: NodeId) -> Self {
        match document.raw(node).first() {
            Some(b'"') => Self::Double,
            Some(b'\'') => Self::Single,
            _ => Self::Bare,
        }
    }

    /// `text` between these quotes, or between double ones where it needs some.
    pub(super) fn spell(self, text: &str) -> Vec<u8> {
        match self {
            Self::Bare if is_name(text) => text.as_bytes().to_vec(),
            Self::Bare | Self::Double => Value::from(text).to_string().into_bytes(),
            Self::Single => {
                let content = text.chars().map(|character| self.escape_quotes(character));
                format!("'{}'", content.collect::<String>()).into_bytes()
            }
        }
    }

    fn escape_quotes(self, character: char) -> String {
        match (self, character) {
            (Self::Single, '\'') => "\\'".to_owned(),
            (Self::Single, '"') => "\"".to_owned(),
            _ => {
                let quoted = Value::from(character.to_string()).to_string();
                let inner = quoted.get(1..quoted.len() - 1);
                inner.unwrap_or_default().to_owned()
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    let part_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(part_of_name)
}

/// JSON text for a string that says `text`, with the quotes of the string `like`, and spelled as
/// that one wherever it says the same.
pub fn respell(document: &Document<'_>, like: NodeId, text: &str) -> Vec<u8> {
    let Some((old, map)) = document.map_string(like) else {
        return Quotes::Double.spell(text);
    };
    let quotes = match Quotes::around(document, like) {
        // A number or a key may be like a string, but says nothing about quotes.
        Quotes::Bare => return Quotes::Double.spell(text),
        quotes => quotes,
    };
    let quote: &[u8] = if quotes == Quotes::Single {
        b"'"
    } else {
        b"\""
    };
    let mut raw = quote.to_vec();
    let (mut from, mut at) = (0, 0);
    let mut budget = MAX_COMPARED;
    while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        match longest_piece(old.get(from..).unwrap_or_default(), rest, &mut budget) {
            Some((offset, length)) => {
                let decoded = from + offset..from + offset + length;
                let source = document.text().get(map.source_range(decoded.clone()));
                raw.extend_from_slice(source.unwrap_or_default());
                from = decoded.end;
                at += length;
            }
            None => {
                raw.extend(quotes.escape_quotes(next).into_bytes());
                at += next.len_utf8();
            }
        }
    }
    raw.extend_from_slice(quote);
    raw
}

/// Where in `old` the longest start of `new` is, and its length in bytes.
fn longest_piece(old: &str, new: &str, budget: &mut usize) -> Option<(usize, usize)> {
    if *budget == 0 {
        return None;
    }
    let mut longest = None;
    for (start, _) in old.char_indices() {
        let length = common_prefix(old.get(start..).unwrap_or_default(), new);
        // A search that is over stays over: each of thousands of characters would begin it again.
        *budget = budget.saturating_sub(length + 1);
        if *budget == 0 {
            return None;
        }
        if length > longest.map_or(0, |(_, length)| length) {
            longest = Some((start, length));
        }
        if length == new.len() {
            break;
        }
    }
    longest
}

fn common_prefix(a: &str, b: &str) -> usize {
    let pairs = a.chars().zip(b.chars());
    pairs
        .take_while(|(a, b)| a == b)
        .map(|(character, _)| character.len_utf8())
        .sum()
}

/// The quotes around the keys of the first of `scopes` that has one.
pub(super) fn of_keys(document: &Document<'_>, mut scopes: impl Iterator<Item = NodeId>) -> Quotes {
    scopes
        .find_map(|scope| {
            let first = document.children(scope).next()?;
            (document.kind(first) == Kind::Key).then(|| Quotes::around(document, first))
        })
        .unwrap_or(Quotes::Double)
}

/// The quotes around the string values of the first of `scopes` that has one.
pub(super) fn of_values(
    document: &Document<'_>,
    mut scopes: impl Iterator<Item = NodeId>,
) -> Quotes {
    scopes
        .find_map(|scope| {
            let items = document.children(scope).take(MOST_ASKED);
            let mut values = items.map(|item| document.value(item).unwrap_or(item));
            values.find(|value| document.kind(*value) == Kind::String)
        })
        .map_or(Quotes::Double, |value| Quotes::around(document, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spell_like(old: &str, text: &str) -> String {
        let document = Document::parse(old.as_bytes());
        let raw = respell(&document, document.root().unwrap(), text);
        let again = Document::parse(&raw);
        let said = again.string(again.root().unwrap());
        assert_eq!(said.as_deref(), Some(text), "{old}");
        String::from_utf8(raw).unwrap()
    }

    #[test]
    fn what_is_kept_keeps_its_escapes_and_quotes() {
        for (old, text, new) in [
            (
                r#""[concat(\u0027A/\u0027, X, \u0027/d/N\u0027)]""#,
                "[concat('A/', X)]",
                r#""[concat(\u0027A/\u0027, X)]""#,
            ),
            (
                r#""[resourceId('A\/b/c', \"x\u0026\", 'N')]""#,
                "[resourceId('A/b', \"x&\")]",
                r#""[resourceId('A\/b', \"x\u0026\")]""#,
            ),
            (r"'[concat(\'A/\', \'/d\')]'", "['A']", r"'[\'A\']'"),
            (r#""\ud83d\ude00/x""#, "\u{1f600}", r#""\ud83d\ude00""#),
            (r#""a""#, "b\"\n", r#""b\"\n""#),
            ("'a'", "it's \"b\"", r#"'it\'s "b"'"#),
            ("7", "8", "\"8\""),
        ] {
            assert_eq!(spell_like(old, text), new);
        }
    }

    #[test]
    fn a_long_search_ends_in_plain_text() {
        let old = format!("\"{}\"", "ab".repeat(20_000));
        let text = "ba".repeat(20_000);
        assert_eq!(spell_like(&old, &text), format!("\"{text}\""));
    }

    #[test]
    fn a_name_stays_bare_only_where_it_can() {
        assert_eq!(Quotes::Bare.spell("identity"), b"identity");
        assert_eq!(Quotes::Bare.spell("a b"), br#""a b""#);
        assert_eq!(Quotes::Bare.spell("1"), br#""1""#);
        assert_eq!(Quotes::Single.spell("a'\""), br#"'a\'"'"#);
    }
}
