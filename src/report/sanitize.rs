//! The one sanitizer of every text that goes to a terminal or a CI log.
//!
//! Whatever comes from a scanned repository is hostile: source lines, names, messages and file
//! names can carry terminal escapes, text that reads in another order than it is stored, and
//! commands for the agent that reads the log. All become visible, harmless text here; nothing is
//! dropped. JSON keeps its values and is escaped by its own serializer. It never knows what a text
//! means. Start at [`sanitize`].

use std::borrow::Cow;
use std::io;
use std::ops::{Range, RangeInclusive};

/// Characters of no width that pass [`char::is_control`]: they reorder a line or hide in it.
///
/// They are also a way around the commands below: a reader that compares by culture, or a writer
/// that drops them (annotate-snippets drops U+200D), sees `##vso[` where bytes show none.
const INVISIBLE: [RangeInclusive<char>; 15] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Whether a text starts as what follows `##` in the commands that agents look for anywhere in a line:
/// `[`, or a word and `[`, such as `vso[` (Azure, GitHub) and `teamcity[`.
fn is_command(text: &[u8]) -> bool {
    let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-.".contains(byte);
    let length = text.iter().take_while(is_word).count();
    text.get(length) == Some(&b'[')
}

/// A part of a line and the text that takes its place.
struct Masking {
    at: Range<usize>,
    text: String,
}

/// Makes `text` harmless as a part of one line.
///
/// Control characters except tab, line breaks among them, and characters that reorder or hide
/// text become escapes such as `\u{1b}`. `##vso[` becomes `##_vso[`, so does each `##word[`, `##[` becomes
/// `##_[`, and `::` at the start, after any white space, becomes `:_:`. The result of a second call is that
/// of the first.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    let changes = changes(text.as_bytes());
    if changes.is_empty() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(replaced(text.as_bytes(), &changes))
}

/// Writes `text` as one harmless line.
///
/// # Errors
///
/// Those of `out`.
pub fn write_line(out: &mut dyn io::Write, text: &str) -> io::Result<()> {
    writeln!(out, "{}", sanitize(text))
}

/// Makes each line of `bytes` harmless as [`sanitize`] does, and keeps the line ends.
///
/// An LF and a CR directly before it stay; any other CR is escaped. A byte that is not UTF-8
/// becomes an escape such as `\xff`. Borrowed where nothing changes, which a caller can see.
pub fn sanitize_lines(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut clean: Option<Vec<u8>> = None;
    let mut done = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let body = line
            .strip_suffix(b"\r\n")
            .or_else(|| line.strip_suffix(b"\n"))
            .unwrap_or(line);
        let changes = changes(body);
        if !changes.is_empty() {
            clean.get_or_insert_with(|| bytes.get(..done).unwrap_or_default().to_vec());
        }
        if let Some(clean) = &mut clean {
            clean.extend_from_slice(replaced(body, &changes).as_bytes());
            clean.extend_from_slice(line.get(body.len()..).unwrap_or_default());
        }
        done += line.len();
    }
    clean.map_or(Cow::Borrowed(bytes), Cow::Owned)
}

/// Makes one line of a source file, without its line end, harmless as [`sanitize_lines`] does,
/// and says where its bytes went, so that spans can follow.
pub fn sanitize_mapped(line: &[u8]) -> (String, OffsetMap) {
    let changes = changes(line);
    let clean = replaced(line, &changes);
    let shifts = changes
        .into_iter()
        .map(|change| (change.at, change.text.len()))
        .collect();
    (clean, OffsetMap { shifts })
}

/// Where the bytes of a line went when it was sanitized.
#[derive(Clone, Debug)]
pub struct OffsetMap {
    /// The replaced bytes, in order, and the length of what is there now.
    shifts: Vec<(Range<usize>, usize)>,
}

impl OffsetMap {
    /// The byte offset in the sanitized line of the byte at `offset` in the raw line.
    ///
    /// An offset within a replaced character gives the start of its escape.
    pub fn get(&self, offset: usize) -> usize {
        let mut raw = 0;
        let mut clean = 0;
        for (at, len) in self.shifts.iter().take_while(|(at, _)| at.end <= offset) {
            clean += at.start - raw + len;
            raw = at.end;
        }
        let inside = self.shifts.iter().find(|(at, _)| at.contains(&offset));
        clean + inside.map_or(offset, |(at, _)| at.start) - raw
    }
}

/// What must change in `line`, in order and without overlap.
fn changes(line: &[u8]) -> Vec<Masking> {
    let mut changes = Vec::new();
    let mut at = 0;
    let mut leading = true;
    // An escape ends in an ASCII character, and so may what precedes the text.
    let mut after_ascii = true;
    for chunk in line.utf8_chunks() {
        for character in chunk.valid().chars() {
            let end = at + character.len_utf8();
            let rest = line.get(at..).unwrap_or_default();
            if is_unsafe(character, after_ascii) {
                let text = character.escape_unicode().to_string();
                changes.push(Masking { at: at..end, text });
                leading = false;
                after_ascii = true;
            } else {
                let before = line.get(..at).unwrap_or_default();
                if before.ends_with(b"##") && is_command(rest) {
                    changes.push(insertion(at));
                } else if leading && rest.starts_with(b"::") {
                    changes.push(insertion(end));
                }
                leading &= character.is_whitespace();
                after_ascii = character.is_ascii();
            }
            at = end;
        }
        for byte in chunk.invalid() {
            let text = format!("\\x{byte:02x}");
            changes.push(Masking {
                at: at..at + 1,
                text,
            });
            leading = false;
            after_ascii = true;
            at += 1;
        }
    }
    changes
}

/// Whether a character must not be printed as it is, behind an ASCII character or another.
pub(super) fn is_unsafe(character: char, after_ascii: bool) -> bool {
    match character {
        '\t' => false,
        // A variation selector belongs to an emoji; after ASCII it only hides.
        '\u{fe00}'..='\u{fe0f}' => after_ascii,
        _ if character.is_ascii() => character.is_ascii_control(),
        _ => character.is_control() || INVISIBLE.iter().any(|range| range.contains(&character)),
    }
}

/// The mark that breaks a command; no command and no escape contains it, so it makes none.
fn insertion(at: usize) -> Masking {
    Masking {
        at: at..at,
        text: "_".to_owned(),
    }
}

fn replaced(line: &[u8], changes: &[Masking]) -> String {
    let kept = |range| String::from_utf8_lossy(line.get(range).unwrap_or_default());
    let mut clean = String::with_capacity(line.len());
    let mut done = 0;
    for change in changes {
        clean.push_str(&kept(done..change.at.start));
        clean.push_str(&change.text);
        done = change.at.end;
    }
    clean.push_str(&kept(done..line.len()));
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a line as Azure's agent, GitHub's runner and a terminal do.
    fn is_harmless(line: &str) -> bool {
        let lower = line.to_ascii_lowercase();
        let spoken = line.chars().all(|c| !is_unsafe(c, false));
        spoken
            && !lower.match_indices("##").any(|(at, _)| {
                let rest = lower.get(at + 2..).unwrap();
                rest.trim_start_matches(char::is_alphanumeric)
                    .starts_with('[')
            })
            && !line.trim_start().starts_with("::")
    }

    #[test]
    fn hostile_text_becomes_visible() {
        let table = [
            (
                "plain, \u{e9}, \u{1f600}, a::b",
                "plain, \u{e9}, \u{1f600}, a::b",
            ),
            ("tab\tstays", "tab\tstays"),
            ("##vso[task.setvariable]1", "##_vso[task.setvariable]1"),
            ("x ##VsO[a]", "x ##_VsO[a]"),
            ("##[command]rm", "##_[command]rm"),
            (
                "##teamcity[setParameter name='a']",
                "##_teamcity[setParameter name='a']",
            ),
            ("##some-agent.2[x]", "##_some-agent.2[x]"),
            ("## heading [link]", "## heading [link]"),
            ("###[group]", "###_[group]"),
            ("##v##vso[so[", "##v##_vso[so["),
            ("##vso", "##vso"),
            ("::set-output name=a::b", ":_:set-output name=a::b"),
            (" \t::error::x", " \t:_:error::x"),
            ("\u{3000}\u{a0}::error::x", "\u{3000}\u{a0}:_:error::x"),
            (":::a", ":_::a"),
            ("\n::error::x", "\\u{a}::error::x"),
            ("a\r::error::x", "a\\u{d}::error::x"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("##\u{1b}[group]", "##\\u{1b}[group]"),
            ("\u{9b}2J\u{7f}\0", "\\u{9b}2J\\u{7f}\\u{0}"),
            (
                "\u{202e}a\u{2066}b\u{200f}c\u{2028}",
                "\\u{202e}a\\u{2066}b\\u{200f}c\\u{2028}",
            ),
            ("##\u{200d}vso[a]", "##\\u{200d}vso[a]"),
            ("\u{feff}::error", "\\u{feff}::error"),
            ("#\u{fe0f}#[a]", "#\\u{fe0f}#[a]"),
            ("\u{26a0}\u{fe0f} mind", "\u{26a0}\u{fe0f} mind"),
        ];
        for (raw, clean) in table {
            assert_eq!(sanitize(raw), clean, "{raw:?}");
            assert_eq!(sanitize(clean), clean, "{raw:?} a second time");
        }
    }

    #[test]
    fn harmless_text_is_not_copied() {
        assert!(matches!(sanitize("a: b"), Cow::Borrowed(_)));
        assert!(matches!(
            sanitize_lines(b"{\r\n  \"a\": 1\n}"),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn a_diff_keeps_its_line_ends() {
        let raw = b"+ok\r\n ::error::x\r\n-a\rb\n+\xff##vso[x]\n last\r";
        let clean = b"+ok\r\n :_:error::x\r\n-a\\u{d}b\n+\\xff##_vso[x]\n last\\u{d}";
        assert_eq!(&*sanitize_lines(raw), clean);
        assert_eq!(&*sanitize_lines(clean), clean);
    }

    #[test]
    fn no_mix_of_pieces_becomes_a_command() {
        let pieces: [&[u8]; 15] = [
            b"teamcity[",
            b"#",
            b"##",
            b"vso[",
            b"VSO",
            b"[",
            b":",
            b"::",
            b" ",
            b"\t",
            b"\x1b",
            b"_",
            b"\xff",
            "\u{200d}".as_bytes(),
            "\u{fe0f}".as_bytes(),
        ];
        for mut number in 0..pieces.len().pow(4) {
            let mut raw = Vec::new();
            for _ in 0..4 {
                raw.extend_from_slice(pieces[number % pieces.len()]);
                number /= pieces.len();
            }
            let clean = sanitize_lines(&raw).into_owned();
            let text = std::str::from_utf8(&clean).unwrap();
            assert!(is_harmless(text), "{raw:?} became {text:?}");
            assert!(matches!(sanitize(text), Cow::Borrowed(_)), "{text:?}");
            assert_eq!(sanitize_mapped(&raw).0, text);
        }
    }

    #[test]
    fn a_span_follows_its_text() {
        let raw = b"\x1b##vso[a] \xff key";
        let (clean, map) = sanitize_mapped(raw);
        assert_eq!(clean, "\\u{1b}##_vso[a] \\xff key");
        let find = |needle: &str| clean.find(needle).unwrap();
        assert_eq!(map.get(0), 0);
        assert_eq!(map.get(1), find("##"));
        assert_eq!(map.get(3), find("vso["));
        assert_eq!(map.get(10), find("\\xff"));
        assert_eq!(map.get(12), find("key"));
        assert_eq!(map.get(raw.len()), clean.len());
        let (_, map) = sanitize_mapped("\u{202e}x".as_bytes());
        assert_eq!((map.get(1), map.get(3)), (0, 8));
    }
}
