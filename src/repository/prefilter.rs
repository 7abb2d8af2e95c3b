//! Which files are worth parsing: reading and scanning is cheap, parsing is not.

use std::ops::Range;

use aho_corasick::packed::{MatchKind, Searcher};
use aho_corasick::{AhoCorasick, Input, Span};
use regex::bytes::Regex;

use crate::text::Decoded;

/// How many bytes of a needle are searched for first.
const ANCHOR: usize = 3;

/// The letters of English text and names, the most common first.
const COMMON: &[u8] = b"etaoinshrdlcumwfgypbvkjxqz";

/// Looks for the needles of several groups in one pass.
#[derive(Clone, Debug)]
pub struct Prefilter<const GROUPS: usize = 1> {
    needles: Vec<Needle>,
    /// The anchors of the needles in all spellings; `None` where nothing can search for them, so that
    /// everything passes.
    anchors: Option<Anchors>,
    /// See [`ESCAPE`]. Apart from the others, since the search for one literal, which all
    /// escapes begin with, is many times faster.
    escapes: Option<Regex>,
    /// Whether what is around a needle makes it something that is not looked for.
    is_other: fn(&[u8], Range<usize>) -> bool,
}

#[derive(Clone, Debug)]
struct Needle {
    /// In lower case.
    word: Vec<u8>,
    group: usize,
    /// Where its anchor starts.
    anchor: usize,
}

/// What searches for anchors.
#[derive(Clone, Debug)]
enum Anchors {
    /// Many bytes at a time: five times faster than the automaton. It takes at most some sixty words.
    Packed(Searcher),
    /// For more words, and for machines without the instructions that the other needs.
    Automaton(AhoCorasick),
}

impl Anchors {
    fn new(words: &[Vec<u8>]) -> Option<Self> {
        let mut packed = aho_corasick::packed::Config::new();
        packed.match_kind(MatchKind::LeftmostFirst);
        match packed.builder().extend(words).build() {
            Some(searcher) => Some(Self::Packed(searcher)),
            None => AhoCorasick::new(words).ok().map(Self::Automaton),
        }
    }

    /// Where the first anchor at or behind `from` starts.
    fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        let span = Span::from(from..text.len());
        let found = match self {
            Self::Packed(searcher) => searcher.find_in(text, span),
            Self::Automaton(automaton) => automaton.find(Input::new(text).span(span)),
        };
        found.map(|found| found.start())
    }
}

impl Prefilter {
    /// A filter for files that hold at least one of `needles`, in any ASCII case.
    ///
    /// A file with an escape of one of their letters passes too, since a needle may be spelled with
    /// escapes. JSON that is made by a program often has others, such as `\u003c`.
    pub fn new<'n>(needles: impl IntoIterator<Item = &'n str>) -> Self {
        Self::of_groups([needles.into_iter().collect()])
    }

    /// Whether a file with these bytes holds a needle; see [`Prefilter::passes_each`].
    pub fn passes(&self, bytes: &[u8]) -> bool {
        self.passes_each(bytes) == [true]
    }
}

impl<const GROUPS: usize> Prefilter<GROUPS> {
    /// [`Prefilter::new`] for several groups of needles, which are kept apart.
    pub fn of_groups(groups: [Vec<&str>; GROUPS]) -> Self {
        let mut anchors: Vec<Vec<u8>> = Vec::new();
        let mut needles = Vec::new();
        for (group, words) in groups.iter().enumerate() {
            for word in words {
                let word = word.to_ascii_lowercase().into_bytes();
                let (anchor, bytes) = rarest(&word, &anchors);
                if !anchors.contains(&bytes) {
                    anchors.push(bytes);
                }
                needles.push(Needle {
                    word,
                    group,
                    anchor,
                });
            }
        }
        Self {
            anchors: {
                let spelled = anchors.iter().flat_map(|anchor| spellings(anchor));
                Anchors::new(&spelled.collect::<Vec<_>>())
            },
            escapes: Regex::new(ESCAPE).ok(),
            needles,
            is_other: |_, _| false,
        }
    }

    /// The filter for files that hold a needle of which `is_other`, given the text and where the needle
    /// is in it, does not say that it is something else.
    pub fn unless(self, is_other: fn(text: &[u8], found: Range<usize>) -> bool) -> Self {
        Self { is_other, ..self }
    }

    /// Of which groups a file with these bytes may hold a needle. Files with NUL bytes are binary, and hold
    /// none, unless a byte order mark says that they are in UTF-16.
    pub fn passes_each(&self, bytes: &[u8]) -> [bool; GROUPS] {
        let decoded = Decoded::new(bytes);
        let text = decoded.text();
        let mut held = self.groups_in(text);
        if held.contains(&false) && self.escapes.as_ref().is_none_or(|one| one.is_match(text)) {
            held = [true; GROUPS];
        }
        let is_text = || decoded.is_utf16() || memchr::memchr(0, bytes).is_none();
        if held.contains(&true) && !is_text() {
            held = [false; GROUPS];
        }
        held
    }

    /// Whether a needle is in `bytes`, whatever else is: for names, also those that an archive holds.
    pub fn names(&self, bytes: &[u8]) -> bool {
        self.groups_in(bytes).contains(&true)
    }

    fn groups_in(&self, text: &[u8]) -> [bool; GROUPS] {
        let Some(anchors) = &self.anchors else {
            return [true; GROUPS];
        };
        let mut held = [false; GROUPS];
        let mut from = 0;
        while let Some(anchor) = anchors.find(text, from) {
            for needle in &self.needles {
                let Some(start) = anchor.checked_sub(needle.anchor) else {
                    continue;
                };
                let found = start..start + needle.word.len();
                let word = text.get(found.clone()).unwrap_or_default();
                if word.eq_ignore_ascii_case(&needle.word)
                    && !(self.is_other)(text, found)
                    && let Some(held) = held.get_mut(needle.group)
                {
                    *held = true;
                }
            }
            if !held.contains(&false) {
                break;
            }
            // The next one may overlap this one.
            from = anchor + 1;
        }
        held
    }
}

/// An escape of a letter, a digit, or one of `-./:_`, of which needles are made. Quotes, angle brackets and
/// ampersands, which programs escape, are not among these.
const ESCAPE: &str = r"(?-u)\\u00(?:2[d-fD-F]|3[0-9aA]|[4-7])";

/// Where the anchor of a needle starts, and its bytes: one that another needle has already, else the one that is
/// spelled in the fewest ways, else the one of the rarest letters.
fn rarest(word: &[u8], taken: &[Vec<u8>]) -> (usize, Vec<u8>) {
    let cost = |bytes: &[u8]| {
        let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic());
        let rank = |byte: &u8| COMMON.iter().position(|letter| letter == byte);
        let common: usize = letters
            .clone()
            .filter_map(rank)
            .map(|at| COMMON.len() - at)
            .sum();
        (
            !taken.iter().any(|taken| taken == bytes),
            letters.count(),
            common,
        )
    };
    let windows = word.windows(ANCHOR).enumerate();
    let best = windows.min_by_key(|(_, bytes)| cost(bytes));
    best.map_or_else(|| (0, word.to_vec()), |(at, bytes)| (at, bytes.to_vec()))
}

/// These bytes with their letters in either case.
fn spellings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    for byte in bytes {
        let upper = byte.to_ascii_uppercase();
        let cases = if upper == *byte {
            &[*byte][..]
        } else {
            &[*byte, upper]
        };
        let longer = |start: &Vec<u8>| {
            let start = start.clone();
            cases
                .iter()
                .map(move |case| [&start[..], &[*case]].concat())
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needles_are_found_in_any_case_and_escapes_fall_through() {
        let filter = Prefilter::new(["managedidentity"]);
        assert!(filter.passes(b"{\"Microsoft.MANAGEDidentity\"}"));
        assert!(filter.passes(br#""\u004danagedIdentity""#));
        assert!(filter.passes(br#""\u004Danagedidentity""#));
        assert!(filter.passes(br#""managed\u0049dentity""#));
        assert!(!filter.passes(br#""managed\u0020identity \u003c \u0027""#));
        assert!(!filter.passes(b"managed identity"));
    }

    #[test]
    fn what_only_ends_like_a_needle_hides_none_behind_it() {
        let filter = Prefilter::new(["identities", "abcabcabcd"]);
        assert!(filter.passes(b"entities, tities, identities"));
        assert!(!filter.passes(b"entities, tities, dentities"));
        assert!(filter.passes(b"cabcabcabcd"));
        assert!(Prefilter::new(["ababababa"]).passes(b"babababababa"));
    }

    #[test]
    fn groups_are_kept_apart() {
        let filter = Prefilter::of_groups([vec!["identity", "port"], vec!["link"]]);
        for (file, held) in [
            (&b"IDENTITY, link"[..], [true, true]),
            (b"link, port", [true, true]),
            (b"identity, identity", [true, false]),
            (b"lin, link", [false, true]),
            (b"nothing", [false, false]),
            (br"\u006cink", [true, true]),
            (b"link\0identity", [false, false]),
        ] {
            assert_eq!(filter.passes_each(file), held, "{}", file.escape_ascii());
        }
    }

    #[test]
    fn an_escape_of_each_letter_of_a_rule_s_needle_passes() {
        let rules = crate::rules::REGISTRY.iter();
        for needle in rules.flat_map(|entry| entry.needles) {
            for letter in needle.bytes() {
                for letter in [letter, letter.to_ascii_uppercase()] {
                    let text = format!("\\u{letter:04x} \\u{letter:04X}");
                    assert!(Prefilter::new(["x"]).passes(text.as_bytes()), "{needle}");
                }
            }
        }
    }

    #[test]
    fn what_is_around_may_say_that_a_needle_is_something_else() {
        let filter = Prefilter::new(["id", "port"]).unless(|text, found| {
            let is_id = text.get(found.clone()) == Some(b"id");
            is_id && text.get(found.end).is_some_and(u8::is_ascii_alphanumeric)
        });
        for (file, passes) in [
            ("\"ID\"", true),
            ("ideas", false),
            ("ideas of an id", true),
            ("ports", true),
            ("id", true),
        ] {
            assert_eq!(filter.passes(file.as_bytes()), passes, "{file}");
        }
    }

    #[test]
    fn binaries_never_pass() {
        let filter = Prefilter::new(["managedidentity"]);
        assert!(!filter.passes(b"managedidentity\0"));
        assert!(filter.passes(b"managedidentity"));
    }

    #[test]
    fn utf16_is_searched_as_text() {
        let filter = Prefilter::new(["vm"]);
        for (file, passes) in [
            (&b"\xff\xfe{\0V\0M\0"[..], true),
            (b"\xfe\xff\0v\0m\0{", true),
            (b"\xff\xfe\\\0u\x000\x000\x007\x006\0", true),
            (b"\xff\xfe\0v\0m", false),
            (b"\xff\xfe{\0", false),
            (b"v\0m\0", false),
            (b"vm\0", false),
        ] {
            assert_eq!(filter.passes(file), passes, "{file:x?}");
        }
    }
}
