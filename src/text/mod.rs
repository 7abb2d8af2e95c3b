//! Bytes, lines and edits of a source file.
//!
//! Knows nothing of JSON or Azure. Offsets are bytes in the file, or in its text where it is decoded.
//! Start at [`Edit`], [`LineIndex`] and [`Decoded`].

mod diff;
mod edit;
mod encoding;
mod line_index;
mod pattern;
mod ranges;
mod source_map;
mod utf16_units;

pub use diff::{UnifiedDiff, readable_diff_of_edits, unified_diff, unified_diff_of_edits};
pub use edit::{Edit, EditError, apply, shift_offsets};
pub use encoding::Decoded;
pub use line_index::{LineIndex, Position};
pub use pattern::Pattern;
pub use ranges::RangeSet;
pub use source_map::SourceMap;
