//! Bytes, lines and edits of a source file.
//!
//! Knows nothing of JSON or Azure. Offsets are bytes in the file. Start at [`Edit`] and
//! [`LineIndex`].

mod diff;
mod edit;
mod encoding;
mod line_index;
mod source_map;

pub use diff::{UnifiedDiff, unified_diff, unified_diff_of_edits};
pub use edit::{Edit, EditError, apply};
pub use encoding::{from_utf16, is_utf16};
pub use line_index::{LineIndex, Position};
pub use source_map::SourceMap;
