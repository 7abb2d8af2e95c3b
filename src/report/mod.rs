//! What a run says, in the formats that people, CI services and editors read.
//!
//! Knows findings, byte spans and how each reader wants text; never knows how a finding was made,
//! which files were scanned, or where the text goes: every renderer writes to an [`std::io::Write`]
//! that it is given, and none needs the bytes of a file. Everything of a repository passes
//! [`sanitize`] on its way into text. Start at [`Results`], which is what they all write, and
//! [`FORMATS`], which lists them.

mod azure;
mod color;
mod concise;
mod diff;
mod formats;
mod full;
mod github;
mod gitlab;
mod json;
mod json_text;
mod jsonl;
mod junit;
mod markdown;
mod reported;
mod sanitize;
mod sarif;
mod source_text;
mod statistics;
mod summary;
mod window;

pub use color::severity_style;
pub use diff::write_diff;
pub use formats::{AZURE, FORMATS, FULL, Format, GITHUB, Report, STATISTICS, format};
pub use full::{Canvas, draw};
pub use json::SCHEMA;
pub use markdown::job_summary;
pub use reported::{
    Applied, FixedBy, Location, Needs, Outcome, Region, Replacement, ReportedFile, ReportedFinding,
    Results,
};
pub use sanitize::{OffsetMap, sanitize, sanitize_lines, sanitize_mapped, write_line};
pub use source_text::SourceText;
pub use summary::Summary;
