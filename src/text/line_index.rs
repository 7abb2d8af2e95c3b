//! From byte offsets to lines and columns.

use std::cell::OnceCell;

use super::utf16_units::{STEP, Utf16Units, count};

/// A spot as an editor shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1. Lines end at LF, as for git and patch.
    pub line: usize,
    /// The column, from 1, in UTF-16 code units, as SARIF and language servers count.
    pub column: usize,
}

/// The starts of a text's lines.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<usize>,
    /// Counted once a position on a long line is asked for.
    units: OnceCell<Utf16Units>,
}

impl LineIndex {
    /// Reads the lines of `text`.
    pub fn new(text: &[u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text).map(|offset| offset + 1));
        Self {
            starts,
            units: OnceCell::new(),
        }
    }

    /// The position of the byte at `offset` of the `text` that the index was made of.
    ///
    /// A byte order mark at the text's start takes no column; bytes that are not UTF-8 take one each.
    pub fn position(&self, text: &[u8], offset: usize) -> Position {
        let line = self.line(offset);
        let start = self.line_start(line);
        let before = text.get(start..offset).unwrap_or_default();
        let column = if before.len() > STEP {
            let units = self.units.get_or_init(|| Utf16Units::new(text));
            units.before(text, offset) - units.before(text, start)
        } else {
            count(before)
        };
        let mark = usize::from(start == 0 && before.starts_with(b"\xef\xbb\xbf"));
        Position {
            line,
            column: column - mark + 1,
        }
    }

    /// The 1-based line of the byte at `offset`.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The byte at which the 1-based `line` starts; the last line's start for later lines.
    pub fn line_start(&self, line: usize) -> usize {
        let last = self.starts.last().copied().unwrap_or(0);
        self.starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_utf16_units_and_skip_the_byte_order_mark() {
        let text = "\u{feff}{\r\n \"\u{1f600}\": 1\n".as_bytes();
        let index = LineIndex::new(text);
        let at = |needle: &[u8]| {
            let offset = text.windows(needle.len()).position(|w| w == needle);
            index.position(text, offset.unwrap())
        };
        assert_eq!(at(b"{"), Position { line: 1, column: 1 });
        assert_eq!(at(b"1"), Position { line: 2, column: 8 });
        assert_eq!(
            index.position(text, text.len()),
            Position { line: 3, column: 1 }
        );
    }

    #[test]
    fn a_byte_order_mark_in_the_middle_takes_a_column() {
        let text = "[\n\u{feff}1]".as_bytes();
        let position = LineIndex::new(text).position(text, 5);
        assert_eq!(position, Position { line: 2, column: 2 });
    }

    #[test]
    fn columns_on_a_long_line_are_the_same() {
        let text = "\u{feff}a\u{1f600}\u{e9}".repeat(3000).into_bytes();
        let text = [text.as_slice(), b"\xff\xfe", &text].concat();
        let index = LineIndex::new(&text);
        for offset in [
            3,
            4,
            8,
            10,
            5000,
            29_999,
            30_001,
            30_002,
            30_003,
            text.len(),
        ] {
            let before = &text[3..offset];
            let expected = count(before) + 1;
            assert_eq!(index.position(&text, offset).column, expected, "{offset}");
        }
    }

    #[test]
    fn a_lone_carriage_return_ends_no_line() {
        let text = b"a\rb\xffc";
        let index = LineIndex::new(text);
        assert_eq!(index.position(text, 4), Position { line: 1, column: 5 });
    }
}
