//! What an entry says, as a number, and the way to it by names.
//!
//! Both are the same after the file was reformatted, its members were put into another order, or
//! something else in it was changed. Start at [`Fingerprint`].

use std::fmt;

use serde::Deserialize;

use crate::json::{Document, Kind, NodeId};

/// A hash of what an entry says: of its parsed value, without white space, comments and the order of
/// members.
///
/// FNV-1a of 64 bits (datatracker.ietf.org/doc/html/draft-eastlake-fnv): it has no parameters, so that a
/// baseline means the same to every version. It need not resist anybody: whoever can choose an entry can
/// write into the baseline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Fingerprint(u64);

const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

fn fnv(state: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(state, |state, byte| {
        (state ^ u64::from(*byte)).wrapping_mul(PRIME)
    })
}

/// A part of a value; its length keeps it apart from the next one.
fn part(state: u64, kind: u8, bytes: &[u8]) -> u64 {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let state = fnv(state, &[kind]);
    fnv(fnv(state, &length.to_le_bytes()), bytes)
}

/// The fingerprint of a text.
pub(super) fn of_text(text: &str) -> Fingerprint {
    Fingerprint(part(OFFSET_BASIS, b's', text.as_bytes()))
}

impl Fingerprint {
    /// The first one in order.
    pub(super) const LEAST: Self = Self(0);
    /// The last one in order.
    pub(super) const GREATEST: Self = Self(u64::MAX);

    /// The fingerprint of a value; a key has its value's.
    pub(super) fn of_node(document: &Document<'_>, node: NodeId) -> Self {
        let value = document.value(node).unwrap_or(node);
        Self(hash(document, value))
    }
}

/// Recurses no deeper than the parser lets a document nest.
fn hash(document: &Document<'_>, node: NodeId) -> u64 {
    match document.kind(node) {
        Kind::Object => {
            let members = document.children(node).filter_map(|key| {
                let mut name = document.string(key)?;
                name.make_ascii_lowercase();
                Some((name, hash(document, document.value(key)?)))
            });
            let mut members: Vec<(String, u64)> = members.collect();
            // Of members with one name the last counts, so these keep their order.
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            let start = fnv(OFFSET_BASIS, b"{");
            members.iter().fold(start, |state, (name, value)| {
                fnv(part(state, b'k', name.as_bytes()), &value.to_le_bytes())
            })
        }
        Kind::Array => {
            let start = fnv(OFFSET_BASIS, b"[");
            document.children(node).fold(start, |state, element| {
                fnv(state, &hash(document, element).to_le_bytes())
            })
        }
        Kind::String | Kind::Key => {
            let text = document.string(node).unwrap_or_default();
            part(OFFSET_BASIS, b's', text.as_bytes())
        }
        Kind::Number => part(OFFSET_BASIS, b'n', document.raw(node)),
        Kind::Bool => part(OFFSET_BASIS, b'b', document.raw(node)),
        Kind::Null => part(OFFSET_BASIS, b'0', b""),
    }
}

/// The way to a node by names: those of members, and of entries in lists their `type` and `name`, such as
/// `/resources/[Microsoft.Compute/virtualMachines/extensions shop/msi]`. Places in lists are left out, as
/// they change with what precedes them.
pub(super) fn path_to(document: &Document<'_>, node: NodeId) -> String {
    let mut steps: Vec<String> = Vec::new();
    for at in document.ancestors(node) {
        let parent = document.parent(at);
        if document.kind(at) == Kind::Key {
            steps.push(document.string(at).unwrap_or_default());
        } else if parent.is_some_and(|parent| document.kind(parent) == Kind::Array) {
            let word = |name| document.string(document.get(at, name)?);
            let words: Vec<String> = ["type", "name"].into_iter().filter_map(word).collect();
            steps.push(format!("[{}]", words.join(" ")));
        }
    }
    let steps = steps.iter().rev();
    steps.map(|step| format!("/{step}")).collect()
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 16 || !text.bytes().all(is_hex) {
            return Err("a fingerprint has 16 hexadecimal digits in lower case");
        }
        u64::from_str_radix(&text, 16)
            .map(Self)
            .map_err(|_| "no fingerprint")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        let document = Document::parse(text.as_bytes());
        Fingerprint::of_node(&document, document.root().unwrap()).to_string()
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        // Test vectors of the draft.
        assert_eq!(fnv(OFFSET_BASIS, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv(OFFSET_BASIS, b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv(OFFSET_BASIS, b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn what_says_the_same_has_the_same_fingerprint() {
        let one = of(r#"{"a": ["x", 1, true, null], "B": {"c": "d/e"}}"#);
        let other = of("{ // why\n\t\"b\": {\"c\": \"d\\/\\u0065\",}, 'A': [\"x\",1,true,null] }");
        assert_eq!(one, other);
        // Written into files: it may never change.
        assert_eq!(of(r#"{"B": "x", "a": [1]}"#), "c1c5cb861700572c");
    }

    #[test]
    fn what_says_something_else_has_another_one() {
        let texts = [
            "{}",
            "[]",
            "[[]]",
            "[{}]",
            "\"\"",
            "null",
            "1",
            "\"1\"",
            "true",
            "[1, 2]",
            "[2, 1]",
            "[12]",
            r#"{"a": 1}"#,
            r#"{"a": "1"}"#,
            r#"{"a": {"b": 1}}"#,
            r#"{"a": 1, "a": 2}"#,
            r#"{"a": 2, "a": 1}"#,
            r#"["a", "b"]"#,
            r#"["ab"]"#,
            r#"["A", "b"]"#,
        ];
        let mut all: Vec<String> = texts.map(of).to_vec();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), texts.len());
    }

    #[test]
    fn the_way_is_told_by_names() {
        let text = br#"{"resources": [0, {"type": "t", "Name": "n", "a": [{"b": 1}]}]}"#;
        let document = Document::parse(text);
        let one = document.nodes().last().unwrap();
        assert_eq!(path_to(&document, one), "/resources/[t n]/a/[]/b");
    }

    #[test]
    fn a_fingerprint_is_read_as_it_is_written() {
        let fingerprint = of_text("a");
        assert_eq!(
            Fingerprint::try_from(fingerprint.to_string()),
            Ok(fingerprint)
        );
        for text in [
            "",
            "af640b4c8602447",
            "AF640B4C8602447B",
            "+f640b4c8602447b",
        ] {
            assert!(Fingerprint::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
