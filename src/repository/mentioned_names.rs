//! The names of files that a text mentions, so that it can be asked later which of them it may link.
//!
//! Knows that links name JSON files, and nothing of what a link is. Start at [`Mentions`].

use std::collections::BTreeSet;
use std::ops::Range;

use crate::text::Decoded;

/// How a name ends that a link may name.
const ENDING: &[u8] = b".json";

/// What is between two words: no word holds it, see [`last_word`].
const BETWEEN: u8 = b' ';

/// The longest name of a file, in bytes: no system takes a longer one.
const LONGEST_NAME: usize = 255;

/// The words of a text that end like file names, in lower case, each once.
///
/// What is in front of the name may be anything, also a part of another name, since an expression may
/// make the path from parts. A word may hold many names, as `a.json.json` does, and is kept once: they
/// are one string, since those of every file that links are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions(Box<[u8]>);

impl Mentions {
    /// Those of a file with these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let decoded = Decoded::new(bytes);
        let text = decoded.text();
        let mut words: BTreeSet<Vec<u8>> = BTreeSet::new();
        let mut last: Option<Range<usize>> = None;
        for end in ends_of_names(text) {
            let known = last.clone().unwrap_or_default();
            let between = text.get(known.end..end).unwrap_or_default();
            match (between.iter().rposition(is_other), &mut last) {
                (None, Some(last)) => last.end = end,
                (found, last) => {
                    let start = found.map_or(0, |at| known.end + at + 1);
                    let whole = last.replace(start..end);
                    words.extend(whole.and_then(|word| lower(text, word)));
                }
            }
        }
        words.extend(last.and_then(|word| lower(text, word)));
        let words: Vec<Vec<u8>> = words.into_iter().collect();
        Self(words.join(&BETWEEN).into_boxed_slice())
    }
}

/// Where the names of files end that a link may name.
fn ends_of_names(text: &[u8]) -> impl Iterator<Item = usize> {
    memchr::memchr_iter(b'.', text).filter_map(|dot| {
        let end = dot + ENDING.len();
        let ending = text.get(dot..end)?;
        ending.eq_ignore_ascii_case(ENDING).then_some(end)
    })
}

fn lower(text: &[u8], word: Range<usize>) -> Option<Vec<u8>> {
    text.get(word).map(<[u8]>::to_ascii_lowercase)
}

/// Which texts mention which names: sorted by the ends of the words, with the text's place.
pub(super) struct MentionIndex<'m>(Vec<(&'m [u8], usize)>);

impl<'m> MentionIndex<'m> {
    pub(super) fn of(texts: impl Iterator<Item = &'m Mentions>) -> Self {
        let mut all = Vec::new();
        for (place, Mentions(words)) in texts.enumerate() {
            for word in words.split(|byte| *byte == BETWEEN) {
                let names = ends_of_names(word);
                all.extend(names.filter_map(|end| {
                    let start = end.saturating_sub(LONGEST_NAME);
                    Some((word.get(start..end)?, place))
                }));
            }
        }
        all.sort_unstable_by(|(one, at), (other, at_other)| {
            one.iter()
                .rev()
                .cmp(other.iter().rev())
                .then(at.cmp(at_other))
        });
        Self(all)
    }

    /// The places of the texts that may link a file called `name`.
    pub(super) fn of_name(&self, name: &[u8]) -> impl Iterator<Item = usize> {
        // A word of the text cannot be longer than what a word of the name is.
        let name = last_word(name);
        let first = self
            .0
            .partition_point(|(word, _)| word.iter().rev().lt(name.iter().rev()));
        let from = self.0.get(first..).unwrap_or_default().iter();
        from.take_while(move |(word, _)| word.ends_with(&name))
            .map(|(_, place)| *place)
    }
}

/// The letters, digits, dots, dashes and underscores at the end, in lower case. A name may hold other
/// characters, which texts may escape: what is before these is left out on both sides.
fn last_word(text: &[u8]) -> Vec<u8> {
    let start = text.iter().rposition(is_other).map_or(0, |at| at + 1);
    text.get(start..).unwrap_or_default().to_ascii_lowercase()
}

fn is_other(byte: &u8) -> bool {
    !byte.is_ascii_alphanumeric() && !b".-_".contains(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentions(text: &[u8], name: &str) -> bool {
        let mentions = Mentions::of(text);
        let both = [Mentions::default(), mentions];
        let index = MentionIndex::of(both.iter());
        index.of_name(name.as_bytes()).any(|place| place == 1)
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
    fn a_word_of_many_names_is_kept_once_and_each_is_found() {
        let text = format!("see {}: b.json/c.json", "a.json".repeat(10_000));
        let mentions_of = Mentions::of(text.as_bytes());
        assert!(mentions_of.0.len() <= text.len());
        for name in ["a.json", "a.jsona.json", "b.json", "c.json"] {
            assert!(mentions(text.as_bytes(), name), "{name}");
        }
        assert!(!mentions(text.as_bytes(), "b.jsona.json"));
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
