//! From decoded text back to the file's bytes.

use std::ops::Range;

/// Where each byte of a decoded text is in its source.
///
/// A run of characters that decoding left alone is one segment; an escape starts a new one.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SourceMap {
    /// `(decoded offset, source offset)` of each segment's start, in order.
    segments: Vec<(usize, usize)>,
}

impl SourceMap {
    /// A map of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that from `decoded` on, decoded bytes are, one by one, those from `source` on.
    pub fn push(&mut self, decoded: usize, source: usize) {
        self.segments.push((decoded, source));
    }

    /// The same map for a source whose first byte is at `offset` of the file.
    pub fn shift(mut self, offset: usize) -> Self {
        for (_, source) in &mut self.segments {
            *source += offset;
        }
        self
    }

    /// The source offset of the decoded byte at `decoded`.
    pub fn source(&self, decoded: usize) -> usize {
        let index = self.segments.partition_point(|(at, _)| *at <= decoded);
        index
            .checked_sub(1)
            .and_then(|index| self.segments.get(index))
            .map_or(decoded, |(at, source)| source + (decoded - at))
    }

    /// The source range of a decoded range.
    pub fn source_range(&self, decoded: Range<usize>) -> Range<usize> {
        self.source(decoded.start)..self.source(decoded.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_behind_an_escape_is_found_in_the_file() {
        // `a\u0041b` decodes to `aAb`.
        let mut map = SourceMap::new();
        map.push(0, 1);
        map.push(1, 2);
        map.push(2, 8);
        assert_eq!(map.source_range(1..2), 2..8);
        assert_eq!(map.source_range(2..3), 8..9);
    }
}
