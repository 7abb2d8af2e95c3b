//! Which files are worth parsing: reading and scanning is cheap, parsing is not.

use regex::bytes::{Regex, RegexBuilder};

use crate::text::Decoded;

/// How many letters of a needle are looked for first.
const END: usize = 7;

/// Looks for the needles of all rules at once.
#[derive(Clone, Debug)]
pub struct Prefilter {
    /// In lower case.
    needles: Vec<Vec<u8>>,
    /// The last letters of the needles; `None` where they make no regex, so that everything passes. Few
    /// words end so, while needles begin like many, such as `Microsoft.`: what has none of them is passed
    /// over several times faster.
    ends: Option<Regex>,
    /// Apart from the others, since the search for one literal is many times faster.
    escapes: Option<Regex>,
}

impl Prefilter {
    /// A filter for files that hold at least one of `needles`, in any ASCII case.
    ///
    /// A file with `\u00` passes too, since a needle may be spelled with escapes.
    pub fn new<'n>(needles: impl IntoIterator<Item = &'n str>) -> Self {
        let needles: Vec<&str> = needles.into_iter().collect();
        let end = |needle: &&'n str| {
            let start = needle.char_indices().rev().nth(END - 1);
            needle.get(start.map_or(0, |(at, _)| at)..)
        };
        let ends: Option<Vec<&str>> = needles.iter().map(end).collect();
        let lower = |needle: &str| needle.to_ascii_lowercase().into_bytes();
        Self {
            ends: ends.and_then(any_of),
            escapes: Regex::new(r"(?-u)\\u00").ok(),
            needles: needles.into_iter().map(lower).collect(),
        }
    }

    /// Whether a rule may have a finding in a file with these bytes. Files with NUL bytes are
    /// binary, unless a byte order mark says that they are in UTF-16.
    pub fn passes(&self, bytes: &[u8]) -> bool {
        let decoded = Decoded::new(bytes);
        let text = decoded.text();
        let escapes = || self.escapes.as_ref().is_none_or(|one| one.is_match(text));
        (self.holds_needle(text) || escapes())
            && (decoded.is_utf16() || memchr::memchr(0, bytes).is_none())
    }

    fn holds_needle(&self, text: &[u8]) -> bool {
        let Some(ends) = &self.ends else { return true };
        let is_whole = |until: usize| {
            self.needles.iter().any(|needle| {
                let start = until.checked_sub(needle.len());
                let word = start.and_then(|start| text.get(start..until));
                word.is_some_and(|word| word.eq_ignore_ascii_case(needle))
            })
        };
        let mut from = 0;
        while let Some(end) = ends.find_at(text, from) {
            if is_whole(end.end()) {
                return true;
            }
            // The next one may overlap this one.
            from = end.start() + 1;
        }
        false
    }
}

/// What finds one of these words in any ASCII case.
fn any_of(mut words: Vec<&str>) -> Option<Regex> {
    words.sort_unstable();
    words.dedup();
    let words: Vec<String> = words.into_iter().map(regex::escape).collect();
    let mut builder = RegexBuilder::new(&words.join("|"));
    builder.case_insensitive(true).unicode(false).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needles_are_found_in_any_case_and_escapes_fall_through() {
        let filter = Prefilter::new(["managedidentity"]);
        assert!(filter.passes(b"{\"Microsoft.MANAGEDidentity\"}"));
        assert!(filter.passes(br#""\u004danagedIdentity""#));
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
            (b"\xff\xfe\\\0u\x000\x000\0", true),
            (b"\xff\xfe\0v\0m", false),
            (b"\xff\xfe{\0", false),
            (b"v\0m\0", false),
            (b"vm\0", false),
        ] {
            assert_eq!(filter.passes(file), passes, "{file:x?}");
        }
    }
}
