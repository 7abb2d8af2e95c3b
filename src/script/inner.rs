//! A text inside another one, such as what a quoted word of a shell says, and the way back.
//!
//! An edit of the inner text becomes an edit of the outer one in the quoting that rules there; one
//! that cannot be written so is refused. Never knows what the text means. Start at [`Inner`] and
//! [`Levels`].

use std::ops::Range;

use super::cursor::Cursor;
use crate::text::Edit;

/// What a decoded text has in place of something whose value is not known.
pub const HOLE: char = '\u{fffc}';

/// A [`HOLE`] as a text.
const HOLE_TEXT: &str = "\u{fffc}";

/// How a text must be written at some place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoting {
    /// As it is.
    Plain,
    /// A plain scalar of YAML, which `: ` and ` #` would end.
    YamlPlain,
    /// It is something else in the outer text, so that nothing can be written there.
    Fixed,
    /// A word of a shell without quotes.
    ShellBare,
    /// `'…'` of a shell: nothing is special, and no quote can be written.
    ShellSingle,
    /// `"…"` of a shell.
    ShellDouble,
    /// A here-document that is expanded, in which a quote is no quote.
    HereDocument,
    /// Between backquotes of a shell; and whether those are in `"…"`.
    Backquoted(bool),
    /// `$'…'` of bash.
    AnsiC,
    /// A word of cmd without quotes.
    CmdBare,
    /// `"…"` of cmd.
    CmdQuoted,
    /// A word of PowerShell without quotes.
    PowerShellBare,
    /// `'…'` where a quote is written twice: PowerShell, expressions of templates, YAML.
    Doubled,
    /// `"…"` of PowerShell.
    PowerShellDouble,
    /// `"…"` where a quote is written twice: C#.
    DoubledDouble,
    /// Between quotes of this kind, with backslashes: code, JSON.
    Escaped(char),
    /// As [`Quoting::Escaped`], where braces are written twice: strings that are formatted.
    Formatted(char),
    /// As [`Quoting::Escaped`], where `${` starts an interpolation: Terraform, Bicep.
    Interpolated(char),
    /// Between quotes of this kind that cannot be written inside.
    Raw(char),
    /// A recipe of make, where a dollar is written twice.
    Recipe,
    /// Text of XML.
    Xml,
    /// A here-document of Terraform.
    Heredoc,
}

/// What ends a word of a shell, or is expanded in it.
const SHELL_SPECIAL: &str = " \t&;|<>()$`\\\"'*[]{}#~!";

/// What ends a word of cmd, or is expanded in it.
const CMD_SPECIAL: &str = " \t&;,|<>()^%!\"";

/// What ends a word of PowerShell, or is expanded in it.
const POWERSHELL_SPECIAL: &str = " \t&;|<>(){}@,$`\"'#";

impl Quoting {
    /// `text` as it is written here; `None` where it cannot be.
    fn write(self, text: &str) -> Option<String> {
        let escape = |special: &str, mark: char| {
            let mut written = String::new();
            for character in text.chars() {
                if special.contains(character) {
                    written.push(mark);
                }
                written.push(character);
            }
            written
        };
        if text.contains(HOLE) || (text.contains(['\n', '\r']) && self != Self::Plain) {
            return None;
        }
        match self {
            Self::Plain => Some(text.to_owned()),
            Self::YamlPlain => {
                (!text.contains(": ") && !text.contains(" #")).then(|| text.to_owned())
            }
            Self::Fixed => None,
            Self::ShellBare => Some(escape(SHELL_SPECIAL, '\\')),
            Self::ShellSingle => (!text.contains('\'')).then(|| text.to_owned()),
            Self::ShellDouble | Self::Backquoted(true) => Some(escape("$`\"\\", '\\')),
            Self::HereDocument | Self::Backquoted(false) => Some(escape("$`\\", '\\')),
            Self::AnsiC => Some(escape("\\'", '\\')),
            Self::CmdBare => (!text.contains(|c| CMD_SPECIAL.contains(c))).then(|| text.to_owned()),
            Self::CmdQuoted => (!text.contains(['"', '%', '!'])).then(|| text.to_owned()),
            Self::PowerShellBare => {
                (!text.contains(|c| POWERSHELL_SPECIAL.contains(c))).then(|| text.to_owned())
            }
            Self::Doubled => Some(text.replace('\'', "''")),
            Self::PowerShellDouble => Some(escape("$`\"", '`')),
            Self::DoubledDouble => Some(text.replace('"', "\"\"")),
            Self::Escaped(quote) => Some(escape(&format!("\\{quote}"), '\\')),
            Self::Formatted(quote) => {
                let escaped = escape(&format!("\\{quote}"), '\\');
                Some(escaped.replace('{', "{{").replace('}', "}}"))
            }
            Self::Interpolated(quote) => {
                (!text.contains("${")).then(|| escape(&format!("\\{quote}"), '\\'))
            }
            Self::Recipe => Some(text.replace('$', "$$")),
            Self::Raw(quote) => (!text.contains(quote)).then(|| text.to_owned()),
            Self::Xml => Some(text.replace('&', "&amp;").replace('<', "&lt;")),
            Self::Heredoc => (!text.contains("${")).then(|| text.to_owned()),
        }
    }
}

/// A decoded text, each part of which is somewhere in an outer one in some quoting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inner {
    /// The text; a [`HOLE`] represents each part that is not known.
    pub text: String,
    /// What was pushed, in order. A script has a million words, most of them of one piece.
    pieces: Vec<Piece>,
}

/// A part of a decoded text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    /// Where it starts in the decoded text.
    at: usize,
    /// Where it is in the outer one.
    source: Range<usize>,
    quoting: Quoting,
}

impl Inner {
    /// The text of `bytes`, of which those that are not UTF-8 cannot be edited.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let mut inner = Self::default();
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            inner.push(chunk.valid(), at..at + chunk.valid().len(), Quoting::Plain);
            at += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                let end = at + chunk.invalid().len();
                inner.push("\u{fffd}", at..end, Quoting::Fixed);
                at = end;
            }
        }
        inner
    }

    /// Adds a part that is at `source` of the outer text. Where it is as long as there, its
    /// bytes are there one by one.
    pub fn push(&mut self, text: &str, source: Range<usize>, quoting: Quoting) {
        let at = self.text.len();
        self.text.push_str(text);
        if let Some(last) = self.pieces.last_mut()
            && quoting == last.quoting
            && quoting != Quoting::Fixed
            && source.start == last.source.end
            && source.len() == text.len()
            && last.source.len() == at - last.at
        {
            last.source.end = source.end;
            return;
        }
        if self.pieces.is_empty() {
            self.pieces.reserve_exact(1);
        }
        self.pieces.push(Piece {
            at,
            source,
            quoting,
        });
    }

    /// Adds a part of the outer text as it is there.
    pub(super) fn push_range(&mut self, outer: &str, range: Range<usize>, quoting: Quoting) {
        let text = outer.get(range.clone()).unwrap_or_default();
        self.push(text, range, quoting);
    }

    /// Adds what a cursor passed from `from` on, as it is there.
    pub(super) fn push_passed(&mut self, cursor: &Cursor<'_>, from: usize, quoting: Quoting) {
        self.push_range(cursor.text, from..cursor.at, quoting);
    }

    /// Notes that a text ends there, which says nothing but may be written in.
    pub(super) fn push_end(&mut self, at: usize, quoting: Quoting) {
        if self.text.is_empty() {
            self.push("", at..at, quoting);
        }
    }

    /// Adds a part whose value is not known.
    pub fn push_hole(&mut self, source: Range<usize>) {
        self.push(HOLE_TEXT, source, Quoting::Fixed);
    }

    /// Adds the [`HOLE`] that a cursor is at, which it passes.
    pub(super) fn take_hole(&mut self, cursor: &mut Cursor<'_>) {
        let start = cursor.at;
        cursor.take();
        self.push_hole(start..cursor.at);
    }

    /// What of the outer text is not known here: it is code there.
    pub(super) fn holes(&self) -> impl Iterator<Item = &Range<usize>> {
        let says_hole = |piece: &&Piece| {
            let text = self.text.get(piece.at..);
            text.is_some_and(|text| text.starts_with(HOLE))
        };
        let fixed = self.pieces.iter();
        let fixed = fixed.filter(|piece| piece.quoting == Quoting::Fixed);
        fixed.filter(says_hole).map(|piece| &piece.source)
    }

    /// The quoting of what was pushed last.
    pub(super) fn last_quoting(&self) -> Option<Quoting> {
        self.pieces.last().map(|piece| piece.quoting)
    }

    /// The last piece that starts at a byte of the text or before it.
    fn piece(&self, offset: usize) -> Option<&Piece> {
        let behind = self.pieces.partition_point(|piece| piece.at <= offset);
        self.pieces.get(behind.checked_sub(1)?)
    }

    /// The byte of the outer text under one of this one.
    fn source(&self, offset: usize) -> usize {
        let piece = self.piece(offset);
        piece.map_or(offset, |piece| piece.source.start + (offset - piece.at))
    }

    /// The bytes of the outer text under some of this one.
    pub fn outer_range(&self, range: Range<usize>) -> Range<usize> {
        let start = self.source(range.start);
        let Some(last) = range.end.checked_sub(1).filter(|_| !range.is_empty()) else {
            return start..start;
        };
        // The end belongs to what is in front of it, not to what comes behind a quote.
        let behind = self.pieces.partition_point(|piece| piece.at <= last);
        let ends = |piece: Option<&Piece>| piece.map_or(self.text.len(), |piece| piece.at);
        let whole = behind.checked_sub(1).and_then(|at| self.pieces.get(at));
        let whole = whole.filter(|_| ends(self.pieces.get(behind)) == range.end);
        let end = whole.map_or_else(|| self.source(last) + 1, |piece| piece.source.end);
        start..end.max(start)
    }

    /// The quoting that rules at a byte of the text.
    pub fn quoting(&self, offset: usize) -> Quoting {
        let piece = self.piece(offset);
        piece.map_or(Quoting::Fixed, |piece| piece.quoting)
    }

    /// Whether all of the text has one quoting, which can be written in.
    pub fn is_uniform(&self) -> bool {
        let first = self.last_quoting();
        let mut all = self.pieces.iter();
        first
            .is_some_and(|first| first != Quoting::Fixed && all.all(|piece| piece.quoting == first))
    }

    /// An edit of this text as one of the outer text; `None` where it cannot be written there.
    pub fn outward(&self, edit: &Edit) -> Option<Edit> {
        let range = edit.range();
        let quoting = self.quoting(range.start);
        let mut later = self.pieces.iter();
        let crosses = later.any(|piece| {
            piece.at > range.start && piece.at < range.end && piece.quoting != quoting
        });
        let text = std::str::from_utf8(edit.text()).ok()?;
        // What is deleted from within quotes to within quotes of that kind is whole between them.
        let last = self.quoting(range.end.saturating_sub(1));
        if crosses && !(text.is_empty() && last == quoting && quoting != Quoting::Fixed) {
            return None;
        }
        let written = quoting.write(text)?;
        let outer = if range.is_empty() && range.start == self.text.len() {
            let end = self.pieces.last().map_or(0, |piece| piece.source.end);
            end..end
        } else {
            self.outer_range(range)
        };
        Some(Edit::replacement(outer, written))
    }
}

/// A text inside others, the innermost first.
#[derive(Clone, Copy, Debug)]
pub struct Levels<'l> {
    /// The innermost text.
    pub inner: &'l Inner,
    /// What it is in.
    pub outer: Option<&'l Levels<'l>>,
}

impl Levels<'_> {
    /// The bytes of the outermost text under some of the innermost one.
    pub fn outermost_range(&self, range: Range<usize>) -> Range<usize> {
        let range = self.inner.outer_range(range);
        match self.outer {
            Some(outer) => outer.outermost_range(range),
            None => range,
        }
    }

    /// An edit of the innermost text as one of the outermost; `None` where some level cannot hold it.
    pub fn outermost_edit(&self, edit: &Edit) -> Option<Edit> {
        let edit = self.inner.outward(edit)?;
        match self.outer {
            Some(outer) => outer.outermost_edit(&edit),
            None => Some(edit),
        }
    }

    /// How many texts there are around the innermost one.
    pub fn depth(&self) -> usize {
        self.outer.map_or(0, |outer| outer.depth() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(text: &str, quoting: Quoting) -> Inner {
        let mut inner = Inner::default();
        inner.push(text, 1..text.len() + 1, quoting);
        inner
    }

    #[test]
    fn an_edit_is_written_in_the_quoting_of_each_level() {
        // `"[concat('echo ''a''')]"`: JSON around an expression around a shell.
        let json = quoted("[concat('echo ''a''')]", Quoting::Escaped('"'));
        let mut expression = Inner::default();
        expression.push("echo ", 9..14, Quoting::Doubled);
        expression.push("'", 14..16, Quoting::Doubled);
        expression.push("a", 16..17, Quoting::Doubled);
        expression.push("'", 17..19, Quoting::Doubled);
        let outer = Levels {
            inner: &json,
            outer: None,
        };
        let levels = Levels {
            inner: &expression,
            outer: Some(&outer),
        };
        let edit = Edit::replacement(5..8, "'\"b\"'");
        let written = levels.outermost_edit(&edit).unwrap();
        assert_eq!(written, Edit::replacement(15..20, "''\\\"b\\\"''"));
        assert_eq!(levels.depth(), 1);
    }

    #[test]
    fn what_a_quoting_cannot_hold_is_refused() {
        for (quoting, text, written) in [
            (Quoting::ShellSingle, "a&b", Some("a&b")),
            (Quoting::ShellSingle, "it's", None),
            (Quoting::ShellBare, "?a=1&b", Some("?a=1\\&b")),
            (Quoting::ShellDouble, "a&\"$", Some("a&\\\"\\$")),
            (Quoting::PowerShellBare, "a&b", None),
            (Quoting::PowerShellDouble, "$a", Some("`$a")),
            (Quoting::Xml, "a&b", Some("a&amp;b")),
            (Quoting::Fixed, "a", None),
            (Quoting::Interpolated('"'), "${a}", None),
            (Quoting::DoubledDouble, "\"", Some("\"\"")),
        ] {
            assert_eq!(quoting.write(text).as_deref(), written, "{quoting:?}");
        }
    }

    #[test]
    fn an_edit_over_a_hole_or_over_two_quotings_is_refused() {
        let mut inner = Inner::default();
        inner.push("a", 0..1, Quoting::ShellBare);
        inner.push_hole(1..3);
        inner.push("b", 4..5, Quoting::ShellDouble);
        assert!(inner.outward(&Edit::replacement(0..4, "x")).is_none());
        assert!(inner.outward(&Edit::replacement(1..4, "x")).is_none());
        assert!(!inner.is_uniform());
        let edit = inner.outward(&Edit::replacement(4..5, "x")).unwrap();
        assert_eq!(edit, Edit::replacement(4..5, "x"));
    }
}
