//! The colours of a unified diff: each line by what becomes of it, the changed words marked.
//!
//! A removed line is paired with the added line that is most like it, so that a rewritten
//! `dependsOn` entry shows at once which of its words are new. Knows lines and words; never knows a
//! file, and never changes a character. Start at [`write_diff`].

use std::io;

use anstyle::{AnsiColor, Style};
use similar::{Algorithm, DiffOp, capture_diff_slices, diff_ratio};

const HEADER: Style = Style::new().bold();
const HUNK: Style = AnsiColor::Cyan.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();

/// Lines that share less than this part of their words are not versions of one line.
const LEAST_ALIKE: f32 = 0.5;

/// The words of a block are compared up to this many pairs of lines, and lines up to
/// [`LONGEST_LINE`] bytes: a reader looks for words in a few lines, not in a thousand.
const MOST_PAIRS: usize = 400;
const LONGEST_LINE: usize = 2_000;

/// Writes a unified diff in colour. The diff holds no escapes of its own: see
/// [`sanitize_lines`](super::sanitize_lines).
///
/// # Errors
///
/// Those of `out`.
pub fn write_diff(out: &mut dyn io::Write, diff: &[u8]) -> io::Result<()> {
    paint(diff, &mut |ink, text| {
        let style = ink.style();
        write!(out, "{style}")?;
        out.write_all(text)?;
        write!(out, "{style:#}")
    })
}

/// What a part of a diff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// A line that stays, or a line end.
    Plain,
    Header,
    Hunk,
    /// What a removed line shares with the line that takes its place, or all of it.
    Removed,
    /// What only the removed line has.
    RemovedWord,
    Added,
    AddedWord,
}

impl Ink {
    fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Header => HEADER,
            Self::Hunk => HUNK,
            Self::Removed => REMOVED,
            Self::RemovedWord => REMOVED.invert(),
            Self::Added => ADDED,
            Self::AddedWord => ADDED.invert(),
        }
    }
}

/// Takes the parts of a diff one after another, which are all of it.
type Painter<'p> = dyn FnMut(Ink, &[u8]) -> io::Result<()> + 'p;

/// Gives the parts of a unified diff to `out`, in order.
pub(super) fn paint(diff: &[u8], out: &mut Painter<'_>) -> io::Result<()> {
    let mut block = DiffBlock::default();
    let mut hunk = Hunk::default();
    for line in diff.split_inclusive(|byte| *byte == b'\n') {
        match hunk.take(line) {
            LineKind::Removed => {
                if !block.added.is_empty() {
                    block.write(out)?;
                }
                block.removed.push(line);
            }
            LineKind::Added => block.added.push(line),
            LineKind::Context => {
                block.write(out)?;
                out(Ink::Plain, line)?;
            }
            LineKind::Hunk => {
                block.write(out)?;
                write_line(out, Ink::Hunk, line)?;
            }
            LineKind::Header => {
                block.write(out)?;
                write_line(out, Ink::Header, line)?;
            }
        }
    }
    block.write(out)
}

/// What a line of a diff is.
enum LineKind {
    Header,
    Hunk,
    Context,
    Removed,
    Added,
}

/// The lines that the current hunk still has, by its header: only these distinguish a removed line `--- a`
/// from the header of the next file.
#[derive(Default)]
struct Hunk {
    old: usize,
    new: usize,
}

impl Hunk {
    fn take(&mut self, line: &[u8]) -> LineKind {
        if line.starts_with(b"\\") {
            return LineKind::Context;
        }
        if self.old == 0 && self.new == 0 {
            let Some(hunk) = Self::parse(line) else {
                return LineKind::Header;
            };
            *self = hunk;
            return LineKind::Hunk;
        }
        let (old, new, kind) = match line.first() {
            Some(b'-') => (1, 0, LineKind::Removed),
            Some(b'+') => (0, 1, LineKind::Added),
            _ => (1, 1, LineKind::Context),
        };
        self.old = self.old.saturating_sub(old);
        self.new = self.new.saturating_sub(new);
        kind
    }

    /// The counts of `@@ -1,7 +1,6 @@`; one that is left out is 1.
    fn parse(line: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(line).ok()?;
        let mut sides = line.strip_prefix("@@ -")?.split(' ');
        let count = |side: &str| match side.split_once(',') {
            Some((_, count)) => count.parse().ok(),
            None => Some(1),
        };
        Some(Self {
            old: count(sides.next()?)?,
            new: count(sides.next()?)?,
        })
    }
}

/// Removed lines and the added lines behind them.
#[derive(Default)]
struct DiffBlock<'d> {
    removed: Vec<&'d [u8]>,
    added: Vec<&'d [u8]>,
}

impl<'d> DiffBlock<'d> {
    fn write(&mut self, out: &mut Painter<'_>) -> io::Result<()> {
        let pairs = self.pairs();
        for (index, line) in self.removed.iter().enumerate() {
            let pair = pairs.iter().find(|pair| pair.removed == index);
            let inks = [Ink::Removed, Ink::RemovedWord];
            write_words(out, inks, line, pair.map(|pair| (&*pair.ops, Side::Old)))?;
        }
        for (index, line) in self.added.iter().enumerate() {
            let pair = pairs.iter().find(|pair| pair.added == index);
            let inks = [Ink::Added, Ink::AddedWord];
            write_words(out, inks, line, pair.map(|pair| (&*pair.ops, Side::New)))?;
        }
        self.removed.clear();
        self.added.clear();
        Ok(())
    }

    /// The lines that are versions of one line, in the order of both sides.
    fn pairs(&self) -> Vec<LinePair> {
        let mut pairs: Vec<LinePair> = Vec::new();
        if self.removed.len() * self.added.len() > MOST_PAIRS {
            return pairs;
        }
        for (added, new) in self.added.iter().enumerate() {
            let first = pairs.last().map_or(0, |pair| pair.removed + 1);
            let candidates = self.removed.iter().enumerate().skip(first);
            let pair = candidates
                .filter_map(|(removed, old)| LinePair::of((removed, old), (added, new)))
                .max_by(|one, other| one.alike.total_cmp(&other.alike));
            pairs.extend(pair);
        }
        pairs
    }
}

/// A removed line and the added line that takes its place, by their indices in a block.
struct LinePair {
    removed: usize,
    added: usize,
    ops: Vec<DiffOp>,
    alike: f32,
}

impl LinePair {
    fn of((removed, old): (usize, &[u8]), (added, new): (usize, &[u8])) -> Option<Self> {
        if old.len().max(new.len()) > LONGEST_LINE {
            return None;
        }
        let (old, new) = (words(old), words(new));
        let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
        let alike = diff_ratio(&ops, old.len(), new.len());
        (alike >= LEAST_ALIKE).then_some(Self {
            removed,
            added,
            ops,
            alike,
        })
    }
}

/// Which line of a pair is written.
#[derive(Clone, Copy)]
enum Side {
    Old,
    New,
}

/// The words of a line without its mark and its end: runs of letters, digits and `_`, and every other
/// character alone.
fn words(line: &[u8]) -> Vec<&[u8]> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii();
    let (_, content, _) = parts(line);
    content
        .chunk_by(|one, other| is_letter(*one) && is_letter(*other))
        .collect()
}

/// A line's mark, its content and its end.
fn parts(line: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let (mark, rest) = line.split_at(line.len().min(1));
    let content = rest.trim_ascii_end().len();
    let (content, end) = rest.split_at(content);
    (mark, content, end)
}

fn write_words(
    out: &mut Painter<'_>,
    [same, other]: [Ink; 2],
    line: &[u8],
    pair: Option<(&[DiffOp], Side)>,
) -> io::Result<()> {
    let Some((ops, side)) = pair else {
        return write_line(out, same, line);
    };
    let (mark, _, end) = parts(line);
    let words = words(line);
    out(same, mark)?;
    for op in ops {
        let range = match side {
            Side::Old => op.old_range(),
            Side::New => op.new_range(),
        };
        let is_same = matches!(op, DiffOp::Equal { .. });
        let text = words.get(range).unwrap_or_default().concat();
        if !text.is_empty() {
            out(if is_same { same } else { other }, &text)?;
        }
    }
    out(Ink::Plain, end)
}

/// Writes a line; its end is outside the colour, so that no terminal fills the line with it.
fn write_line(out: &mut Painter<'_>, ink: Ink, line: &[u8]) -> io::Result<()> {
    let (mark, content, end) = parts(line);
    out(ink, &[mark, content].concat())?;
    out(Ink::Plain, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coloured(diff: &str) -> String {
        let mut out = Vec::new();
        write_diff(&mut out, diff.as_bytes()).unwrap();
        let plain: Vec<u8> = anstream::adapter::strip_bytes(&out)
            .flatten()
            .copied()
            .collect();
        assert_eq!(
            String::from_utf8(plain).unwrap(),
            diff,
            "only colours are added"
        );
        let text = String::from_utf8(out).unwrap();
        [
            ("\u{1b}[31m", "<red>"),
            ("\u{1b}[32m", "<green>"),
            ("\u{1b}[36m", "<cyan>"),
            ("\u{1b}[1m", "<bold>"),
            ("\u{1b}[7m", "<mark>"),
            ("\u{1b}[0m", "</>"),
        ]
        .into_iter()
        .fold(text, |text, (escape, name)| text.replace(escape, name))
    }

    #[test]
    fn a_rewritten_line_shows_its_new_words() {
        let diff = "--- a/x\n+++ b/x\n@@ -1,3 +1,2 @@\n a\n-[concat(vm, '/msi')]\n-gone\n+[concat(vm, '/app')]\n";
        insta::assert_snapshot!(coloured(diff), @r"
        <bold>--- a/x</>
        <bold>+++ b/x</>
        <cyan>@@ -1,3 +1,2 @@</>
         a
        <red>-</><red>[concat(vm, '/</><mark><red>msi</><red>')]</>
        <red>-gone</>
        <green>+</><green>[concat(vm, '/</><mark><green>app</><green>')]</>
        ");
    }

    #[test]
    fn a_removed_line_that_looks_like_a_header_is_none() {
        let diff = "--- a/x\r\n+++ b/x\r\n@@ -1 +0,0 @@\n--- a/y\r\n\\ No newline at end of file\n";
        insta::assert_snapshot!(coloured(diff).replace('\r', "<CR>"), @r"
        <bold>--- a/x</><CR>
        <bold>+++ b/x</><CR>
        <cyan>@@ -1 +0,0 @@</>
        <red>--- a/y</><CR>
        \ No newline at end of file
        ");
    }

    #[test]
    fn lines_that_share_little_are_no_pair() {
        let diff = "@@ -1 +1 @@\n-\"PORT=50342\"\n+{ }\n";
        assert!(!coloured(diff).contains("<mark>"));
    }
}
