//! Drawing findings.
//!
//! Knows findings, byte spans and how each reader wants text; never knows how a finding was made,
//! which files were scanned, or where the text goes: every renderer writes to an [`std::io::Write`]
//! that it is given. Everything of a repository passes [`sanitize`] on its way into text. Start
//! at [`full`].

mod full;
mod sanitize;
mod summary;
mod window;

pub use full::{ReportedFile, full};
pub use sanitize::{OffsetMap, sanitize, sanitize_lines, sanitize_mapped};
pub use summary::Summary;
