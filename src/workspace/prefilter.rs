//! Which files are worth parsing: reading and scanning is cheap, parsing is not.

use regex::bytes::{Regex, RegexBuilder};

use crate::text::Decoded;

/// How many letters of a needle are looked for first.
const END: usize = 7;

/// Looks for the needles of all rules at once.
#[derive(Clone, Debug)]
pub struct Prefilter {
    /// `None` where a needle makes no regex, so that everything passes.
    needles: Option<Regex>,
    /// The last letters of the needles. Few words end so, while needles begin like many, such as
    /// `Microsoft.`: what has none of them is passed over several times faster.
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
        let ends = ends.and_then(any_of);
        let needles = any_of(needles);
        let escapes = Regex::new(r"(?-u)\\u00").ok();
        Self {
            needles,
            ends,
            escapes,
        }
    }

    /// Whether a rule may have a finding in a file with these bytes. Files with NUL bytes are
    /// binary, unless a byte order mark says that they are in UTF-16.
    pub fn passes(&self, bytes: &[u8]) -> bool {
        let decoded = Decoded::new(bytes);
        let found = |pattern: &Option<Regex>| {
            pattern
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(decoded.text()))
        };
        let holds_needle = || found(&self.ends) && found(&self.needles);
        (holds_needle() || found(&self.escapes))
            && (decoded.is_utf16() || memchr::memchr(0, bytes).is_none())
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
