//! The names of files that a text mentions, so that it can be asked later which of them it may link.
//!
//! Knows that links name JSON files, and nothing of what a link is. Start at [`Mentions`].

use std::collections::{BTreeSet, HashSet};

use crate::text::Decoded;

/// How a name ends that a link may name.
const ENDING: &[u8] = b".json";

/// What stands between two words: no word holds it, see [`last_word`].
const BETWEEN: u8 = b' ';

/// The ends of the file names in a text, in lower case, each once.
///
/// What stands before the name may be anything, also a part of another name, since an expression may
/// make the path from parts. They are one string, since those of every file that links are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions(Box<[u8]>);

impl Mentions {
    /// Those of a file with these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let decoded = Decoded::new(bytes);
        let text = decoded.text();
        let dots = memchr::memchr_iter(b'.', text);
        let words = dots.filter_map(|dot| {
            let end = dot + ENDING.len();
            let ending = text.get(dot..end)?;
            ending
                .eq_ignore_ascii_case(ENDING)
                .then(|| last_word(text.get(..end).unwrap_or_default()))
        });
        let words: BTreeSet<Vec<u8>> = words.collect();
        let words: Vec<Vec<u8>> = words.into_iter().collect();
        Self(words.join(&BETWEEN).into_boxed_slice())
    }

    /// Whether the text may link a file with one of these names.
    pub(super) fn any_of(&self, names: &FileNames) -> bool {
        let mut words = self.0.split(|byte| *byte == BETWEEN);
        words.any(|word| names.end(word))
    }
}

/// The names of files, as they are looked for in mentions.
#[derive(Default)]
pub(super) struct FileNames {
    names: HashSet<Vec<u8>>,
    /// Those that some name has, so that few ends of a word are looked up.
    lengths: BTreeSet<usize>,
}

impl FileNames {
    pub(super) fn of<'n>(names: impl Iterator<Item = &'n [u8]>) -> Self {
        // A word of the text cannot be longer than what a word of the name is.
        let names: HashSet<Vec<u8>> = names.map(last_word).collect();
        let lengths = names.iter().map(Vec::len).collect();
        Self { names, lengths }
    }

    /// Whether a word ends with one of the names.
    fn end(&self, word: &[u8]) -> bool {
        let starts = self
            .lengths
            .iter()
            .map_while(|length| word.len().checked_sub(*length));
        let mut ends = starts.filter_map(|start| word.get(start..));
        ends.any(|end| self.names.contains(end))
    }
}

/// The letters, digits, dots, dashes and underscores at the end, in lower case. A name may hold other
/// characters, which texts may escape: what stands before these is left out on both sides.
fn last_word(text: &[u8]) -> Vec<u8> {
    let is_other = |byte: &u8| !byte.is_ascii_alphanumeric() && !b".-_".contains(byte);
    let start = text.iter().rposition(is_other).map_or(0, |at| at + 1);
    text.get(start..).unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentions(text: &[u8], name: &str) -> bool {
        Mentions::of(text).any_of(&FileNames::of([name.as_bytes()].into_iter()))
    }

    #[test]
    fn a_name_is_found_in_any_case_and_behind_anything() {
        for text in [
            &b"\"nested/VM.json\""[..],
            b"[uri(base, concat('vm.JSON', sas))]",
            b"{0}vm.json",
            b"other-vm.json.bak",
            b"nested\\/vm.json",
            b"\xff\xfev\0m\0.\0j\0s\0o\0n\0",
        ] {
            assert!(mentions(text, "Vm.json"), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn other_names_are_no_mention() {
        for text in ["vm.jso", "vm2.json", "vm .json", "vm.txt and x.json", ""] {
            assert!(!mentions(text.as_bytes(), "vm.json"), "{text}");
        }
    }

    #[test]
    fn a_name_with_spaces_or_accents_is_found_by_its_end() {
        assert!(mentions(b"\"my%20vm.json\"", "my vm.json"));
        assert!(mentions(br#""caf\u00e9.json""#, "caf\u{e9}.json"));
    }
}
