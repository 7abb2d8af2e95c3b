//! The few source lines that one drawing needs.
//!
//! A drawing of a 20 MB file, or of one that is a single line, must cost no more than its own
//! lines: a window holds only those near its marks, sanitized, with the marks moved along. Knows
//! bytes and lines; never knows findings. Start at [`Window`].

use std::ops::Range;

use super::sanitize::sanitize_mapped;
use crate::text::{LineIndex, Position};

/// How much of a drawing's width its margin and the blanks around a mark take, in columns.
const BESIDE_MARK: usize = 30;
/// How many lines two marks that share a drawing may be apart.
const TALLEST: usize = 100;
/// Lines up to this length are given whole, in bytes; the renderer trims them to its width.
const LONGEST_LINE: usize = 400;
/// What stays of a longer line before and after its marks, in bytes.
const MARGIN: usize = 140;
/// How many lines of a span are shown below its first.
const LINES_BELOW: usize = 3;

/// A spot to underline: the part of a span on its first line.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    /// Where it starts in the file.
    pub(super) position: Position,
    /// The underlined bytes of the file, all on one line.
    bytes: Range<usize>,
    /// The last line to show, from 1; the span goes on there.
    last_line: usize,
}

impl Mark {
    /// Reads where `span`, byte offsets in `text`, lies. A span beyond the end marks the end.
    /// At most `longest` bytes are underlined.
    pub(super) fn new(text: &[u8], index: &LineIndex, span: &Range<usize>, longest: usize) -> Self {
        let offset = span.start.min(text.len());
        let position = index.position(text, offset);
        let line = content(text, index, position.line);
        let start = boundary(text, offset).clamp(line.start, line.end);
        let longest = start.saturating_add(longest).min(line.end);
        let end = boundary(text, span.end.clamp(start, longest)).max(start);
        let mut last_line = position.line;
        while last_line < position.line + LINES_BELOW {
            let next = index.line_start(last_line + 1);
            if next <= index.line_start(last_line) || next >= span.end {
                break;
            }
            last_line += 1;
        }
        Self {
            position,
            bytes: start..end,
            last_line,
        }
    }

    /// How many bytes may be underlined in a drawing of `width` columns: annotate-snippets shows
    /// everything between two marks, so where marks share a drawing, their distance needs room too.
    pub(super) fn longest(width: usize, is_alone: bool) -> usize {
        if is_alone {
            width.saturating_sub(BESIDE_MARK)
        } else {
            width / 2
        }
    }

    /// Whether one drawing of `width` columns can show both marks.
    pub(super) fn is_near(&self, other: &Self, width: usize) -> bool {
        let widest = width.saturating_sub(BESIDE_MARK) - width / 2;
        self.position.line.abs_diff(other.position.line) <= TALLEST
            && self.position.column.abs_diff(other.position.column) <= widest
    }
}

/// Sanitized source lines with marks in them.
#[derive(Clone, Debug)]
pub(super) struct Window {
    /// The lines, each with an LF.
    pub(super) source: String,
    /// The number of the first line, from 1.
    pub(super) first_line: usize,
    /// The number of the last line that is drawn, from 1.
    pub(super) last_line: usize,
    /// The byte offsets in `source` of each mark, in the order given.
    pub(super) spans: Vec<Range<usize>>,
    /// The byte offsets in `source` of lines to show without an underline.
    pub(super) shown: Vec<Range<usize>>,
}

impl Window {
    /// Cuts the window of `marks` out of `text`.
    pub(super) fn new(text: &[u8], index: &LineIndex, marks: &[&Mark]) -> Self {
        let lines = |of: fn(&Mark) -> usize| marks.iter().map(move |mark| of(mark));
        let first_line = lines(|mark| mark.position.line).min().unwrap_or(1);
        let end_line = lines(|mark| mark.last_line).max().unwrap_or(first_line);
        let last_mark = lines(|mark| mark.position.line).max().unwrap_or(first_line);
        let mut window = Self {
            source: String::new(),
            first_line,
            last_line: last_mark,
            spans: vec![0..0; marks.len()],
            shown: Vec::new(),
        };
        for number in first_line..=end_line {
            window.push_line(text, index, marks, number);
        }
        for span in window
            .spans
            .iter_mut()
            .filter(|span| span.start == span.end)
        {
            // annotate-snippets numbers its margin for one line too few when the last span is
            // empty. At the end of an earlier line one byte more would be the next line.
            let rest = window.source.get(span.end..).unwrap_or_default();
            match rest.chars().next() {
                Some('\n') if rest.len() > 1 => {}
                next => span.end += next.map_or(0, char::len_utf8),
            }
        }
        window
    }

    fn push_line(&mut self, text: &[u8], index: &LineIndex, marks: &[&Mark], number: usize) {
        let line = content(text, index, number);
        let here = |mark: &Mark| mark.position.line == number;
        let clip = clip(
            text,
            &line,
            marks
                .iter()
                .filter(|mark| here(mark))
                .map(|mark| &mark.bytes),
        );
        let start = self.source.len();
        if clip.start > line.start {
            self.source.push_str("...");
        }
        let offset = self.source.len();
        let (clean, map) = sanitize_mapped(text.get(clip.clone()).unwrap_or_default());
        let moved = |at: usize| offset + map.get(at.saturating_sub(clip.start));
        for (mark, span) in marks.iter().zip(&mut self.spans) {
            if here(mark) {
                *span = moved(mark.bytes.start)..moved(mark.bytes.end);
            }
        }
        self.source.push_str(&clean);
        if clip.end < line.end {
            self.source.push_str("...");
        }
        let below = |mark: &&Mark| (mark.position.line + 1..=mark.last_line).contains(&number);
        if marks.iter().any(below) && !clean.is_empty() {
            self.shown.push(start..self.source.len());
            self.last_line = self.last_line.max(number);
        }
        self.source.push('\n');
    }
}

/// The bytes of a line without its end and without a byte order mark.
fn content(text: &[u8], index: &LineIndex, number: usize) -> Range<usize> {
    let start = index.line_start(number).min(text.len());
    let next = index.line_start(number + 1).min(text.len());
    // The last line has none behind it.
    let (end, ended) = match next > start {
        true => (next - 1, true),
        false => (text.len(), false),
    };
    let line = text.get(start..end).unwrap_or_default();
    let end = match line {
        [.., b'\r'] if ended => end - 1,
        _ => end,
    };
    let mark = if start == 0 && line.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    start + mark..end
}

/// The part of a long line around its marks, or its start if it has none.
fn clip<'a>(
    text: &[u8],
    line: &Range<usize>,
    marks: impl Iterator<Item = &'a Range<usize>>,
) -> Range<usize> {
    if line.len() <= LONGEST_LINE {
        return line.clone();
    }
    let around = marks.fold(None::<Range<usize>>, |around, mark| {
        let around = around.unwrap_or(mark.clone());
        Some(around.start.min(mark.start)..around.end.max(mark.end))
    });
    let around = around.unwrap_or(line.start..line.start);
    let start = around.start.saturating_sub(MARGIN);
    let end = (around.end + MARGIN).min(line.end);
    boundary(text, start.max(line.start))..boundary(text, end)
}

/// The offset, or the start of the character that it would cut.
fn boundary(text: &[u8], offset: usize) -> usize {
    let is_within = |at: &usize| matches!(text.get(*at), Some(0x80..=0xbf));
    // A character has at most three further bytes; more of them are no UTF-8 at all.
    (offset.saturating_sub(3)..=offset)
        .rev()
        .find(|at| !is_within(at))
        .unwrap_or(offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::slice::from_ref;

    fn window(text: &[u8], spans: &[Range<usize>]) -> Window {
        let index = LineIndex::new(text);
        let marks: Vec<Mark> = spans
            .iter()
            .map(|span| Mark::new(text, &index, span, 70))
            .collect();
        Window::new(text, &index, &marks.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_window_holds_only_the_lines_of_its_marks() {
        let text = b"one\r\ntwo\r\nthree\r\nfour\r\n";
        let drawn = window(text, from_ref(&(5..8)));
        assert_eq!(drawn.source, "two\n");
        assert_eq!((drawn.first_line, drawn.last_line), (2, 2));
        assert_eq!(drawn.spans, from_ref(&(0..3)));
    }

    #[test]
    fn a_span_of_many_lines_marks_its_first_and_shows_a_few_more() {
        let drawn = window(b"[\n{\n1,\n2,\n3,\n4,\n5\n}\n]", from_ref(&(2..18)));
        assert_eq!(drawn.source, "{\n1,\n2,\n3,\n");
        assert_eq!(drawn.spans, from_ref(&(0..1)));
        assert_eq!(drawn.last_line, 5);
    }

    #[test]
    fn a_long_line_is_cut_at_characters() {
        let mut text = "\u{e9}".repeat(1000);
        text.insert_str(1000, "KEY");
        let drawn = window(text.as_bytes(), from_ref(&(1000..1003)));
        assert!(drawn.source.len() < 300, "{}", drawn.source.len());
        assert!(drawn.source.starts_with("...\u{e9}"));
        assert!(drawn.source.ends_with("\u{e9}...\n"));
        let span = drawn.spans[0].clone();
        assert_eq!(drawn.source.get(span), Some("KEY"));
    }

    #[test]
    fn any_span_of_any_text_stays_in_the_window() {
        let text = b"\xef\xbb\xbf{\r\n\n \xff\x1b\"\xf0\x9f\x98\x80\": 1\r\n\x80\x80\x80\x80\x80\r";
        for start in 0..text.len() + 2 {
            for end in 0..text.len() + 2 {
                let drawn = window(text, &[start..end, end..start]);
                for span in drawn.spans.iter().chain(&drawn.shown) {
                    assert!(drawn.source.get(span.clone()).is_some(), "{start}..{end}");
                }
            }
        }
    }
}
