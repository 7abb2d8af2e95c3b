//! A file whose bytes are at hand: its name, its text and where the lines of that are.
//!
//! Knows lines and encodings; never knows a format. Start at [`SourceText`].

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use super::location::{Content, Location, Region, Replacement, Spot};
use super::sanitize::sanitize_lines;
use crate::rules::Place;
use crate::text::{
    Decoded, Edit, LineIndex, Position, apply, readable_diff_of_edits, unified_diff_of_edits,
};

/// A file to give places of.
pub struct SourceText<'a> {
    name: Arc<[u8]>,
    bytes: &'a [u8],
    decoded: Decoded<'a>,
    /// Made once a line of it is reported: of most files of a set none is.
    index: OnceCell<LineIndex>,
}

impl<'a> SourceText<'a> {
    /// A file with its name for reports, and its bytes: UTF-8, UTF-16 with a byte order mark, or
    /// neither.
    pub fn new(name: &[u8], bytes: &'a [u8]) -> Self {
        Self {
            name: name.into(),
            bytes,
            decoded: Decoded::new(bytes),
            index: OnceCell::new(),
        }
    }

    /// The file's name for reports.
    pub(super) fn name(&self) -> &Arc<[u8]> {
        &self.name
    }

    /// The text in UTF-8, or, where the file's is in no encoding, its bytes.
    pub(super) fn text(&self) -> &[u8] {
        self.decoded.text()
    }

    pub(super) fn index(&self) -> &LineIndex {
        self.index.get_or_init(|| LineIndex::new(self.text()))
    }

    /// Where in [`Self::text`] the bytes of the file in `span` are.
    pub(super) fn text_range(&self, span: &Range<usize>) -> Range<usize> {
        self.decoded.text_range(span.clone())
    }

    /// Says where the bytes in `span` are; what is behind the file's end is at its end.
    pub fn region(&self, span: &Range<usize>) -> Region {
        let bytes = span.start.min(self.bytes.len())..span.end.min(self.bytes.len());
        let text = self.text_range(&bytes);
        let spot = |at, offset| {
            let Position { line, column } = self.index().position(self.text(), at);
            Spot {
                line,
                column,
                offset,
            }
        };
        Region {
            file: Arc::clone(&self.name),
            start: spot(text.start, bytes.start),
            end: spot(text.end, bytes.end),
        }
    }

    /// Says where a place in this file is.
    pub fn location(&self, place: &Place) -> Location {
        Location {
            region: self.region(&place.span),
            path: place.path.clone(),
        }
    }

    /// The unified diff that these edits of the file make, for a reader.
    pub(super) fn diff(&self, edits: &[Edit]) -> Vec<u8> {
        let Some(new) = apply(self.bytes, edits).ok().filter(|_| !edits.is_empty()) else {
            return Vec::new();
        };
        let diff = readable_diff_of_edits(&self.name, self.bytes, &new, edits)
            .unwrap_or_else(|| unified_diff_of_edits(&self.name, self.bytes, &new, edits));
        sanitize_lines(diff.bytes()).into_owned()
    }

    /// An edit of this file.
    pub fn replacement(&self, edit: &Edit) -> Replacement {
        Replacement {
            region: self.region(&edit.range()),
            content: match String::from_utf8(self.decoded.decode(edit.text()).into_owned()) {
                Ok(text) => Content::Text(text),
                Err(error) => Content::Bytes(error.into_bytes()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_behind_the_end_is_at_the_end() {
        for (file, length) in [(&b"ab"[..], 2), (b"\xfe\xff\0a", 4), (b"", 0)] {
            let region = SourceText::new(b"a", file).region(&(1..9));
            assert_eq!(region.end.offset, length);
            assert_eq!(region.end.line, 1);
        }
    }
}
