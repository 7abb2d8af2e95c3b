//! A set of offsets.
//!
//! Start at [`RangeSet`].

use std::ops::Range;

/// Ranges in order, those that overlap or touch as one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RangeSet(Vec<Range<usize>>);

impl FromIterator<Range<usize>> for RangeSet {
    fn from_iter<I: IntoIterator<Item = Range<usize>>>(ranges: I) -> Self {
        let mut ranges: Vec<Range<usize>> = ranges.into_iter().collect();
        ranges.sort_by_key(|range| range.start);
        let mut joined: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        Self(joined)
    }
}

impl RangeSet {
    /// The range that starts last up to an offset.
    fn last(&self, offset: usize) -> Option<&Range<usize>> {
        let behind = self.0.partition_point(|range| range.start <= offset);
        self.0.get(behind.checked_sub(1)?)
    }

    /// Whether an offset is in it.
    pub fn contains(&self, offset: usize) -> bool {
        self.last(offset)
            .is_some_and(|range| range.contains(&offset))
    }

    /// Whether all of a range is in it.
    pub fn holds(&self, inner: &Range<usize>) -> bool {
        let last = self.last(inner.start);
        last.is_some_and(|range| inner.end <= range.end)
    }

    /// Whether the first or the last offset of a range is in it.
    pub fn touches(&self, range: &Range<usize>) -> bool {
        self.contains(range.start) || self.contains(range.end.saturating_sub(1))
    }
}
