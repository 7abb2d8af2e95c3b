//! Edits as byte ranges.

use std::ops::Range;

use thiserror::Error;

/// The replacement of one byte range of the old text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    start: usize,
    end: usize,
    text: Vec<u8>,
}

impl Edit {
    /// Removes the bytes in `range`.
    pub fn deletion(range: Range<usize>) -> Self {
        Self::replacement(range, Vec::new())
    }

    /// Puts `text` in front of the byte at `offset`.
    pub fn insertion(offset: usize, text: impl Into<Vec<u8>>) -> Self {
        Self::replacement(offset..offset, text)
    }

    /// Puts `text` where the bytes in `range` were.
    pub fn replacement(range: Range<usize>, text: impl Into<Vec<u8>>) -> Self {
        Self {
            start: range.start,
            end: range.end,
            text: text.into(),
        }
    }

    /// The bytes of the old text that go.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The bytes that come in their place.
    pub fn text(&self) -> &[u8] {
        &self.text
    }
}

/// Why edits cannot be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EditError {
    /// Two edits touch the same bytes, or are not in order.
    #[error("edits overlap at byte {0}")]
    Overlap(usize),
    /// An edit reaches behind the end of the text.
    #[error("an edit reaches byte {0}, after the end of the text")]
    OutOfBounds(usize),
}

/// Applies `edits`, which are sorted by range and do not overlap, to `old`.
///
/// Insertions at one offset come out in their order; an insertion at the start of a deletion comes
/// out in front of it.
///
/// # Errors
/// [`EditError`] where the edits are not sorted, overlap or reach behind the end.
pub fn apply(old: &[u8], edits: &[Edit]) -> Result<Vec<u8>, EditError> {
    let mut new = Vec::with_capacity(old.len());
    let mut kept = 0;
    for edit in edits {
        if edit.start < kept || edit.end < edit.start {
            return Err(EditError::Overlap(edit.start));
        }
        let Some(unchanged) = old.get(kept..edit.start) else {
            return Err(EditError::OutOfBounds(edit.start));
        };
        if edit.end > old.len() {
            return Err(EditError::OutOfBounds(edit.end));
        }
        new.extend_from_slice(unchanged);
        new.extend_from_slice(&edit.text);
        kept = edit.end;
    }
    new.extend_from_slice(old.get(kept..).unwrap_or_default());
    Ok(new)
}

/// Where ascending byte offsets of the old text are in the new one. No edit, in the order of the text, may
/// reach over an offset.
pub fn shift_offsets(offsets: &[usize], edits: &[Edit]) -> Vec<usize> {
    let mut edits = edits.iter().peekable();
    let (mut added, mut removed) = (0, 0);
    let next = |offset: &usize| {
        while let Some(edit) = edits.next_if(|edit| edit.range().start < *offset) {
            added += edit.text().len();
            removed += edit.range().len();
        }
        offset + added - removed
    };
    offsets.iter().map(next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_replace_insert_and_delete_and_leave_the_rest() {
        let edits = [
            Edit::insertion(0, "<"),
            Edit::replacement(1..2, "BB"),
            Edit::insertion(3, ">"),
            Edit::deletion(3..4),
        ];
        assert_eq!(apply(b"abcd\xff", &edits).unwrap(), b"<aBBc>\xff");
    }

    #[test]
    fn overlapping_edits_are_refused() {
        let edits = [Edit::deletion(0..3), Edit::deletion(2..4)];
        assert_eq!(apply(b"abcd", &edits), Err(EditError::Overlap(2)));
    }

    #[test]
    fn an_edit_behind_the_end_is_refused() {
        assert_eq!(
            apply(b"ab", &[Edit::deletion(1..3)]),
            Err(EditError::OutOfBounds(3))
        );
        assert_eq!(
            apply(b"ab", &[Edit::insertion(3, "x")]),
            Err(EditError::OutOfBounds(3))
        );
    }
}
