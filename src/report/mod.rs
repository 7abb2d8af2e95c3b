//! What a run says, in the formats that people, CI services and editors read.
//!
//! Knows findings, byte spans and how each reader wants text; never knows how a finding was made,
//! which files were scanned, or where the text goes: every renderer writes to an [`std::io::Write`]
//! that it is given, and none needs the bytes of a file. Everything of a repository passes
//! `sanitize` on its way into text. Start at [`Results`], which is what they all write, and
//! [`FORMATS`], which lists them.

mod azure;
mod color;
mod concise;
mod content;
mod diff;
mod drawing;
mod fixed_by;
mod formats;
mod full;
mod github;
mod gitlab;
mod html;
mod json;
mod json_text;
mod jsonl;
mod junit;
mod layout;
mod location;
mod markdown;
mod mermaid;
mod overview;
mod preview;
mod reported;
mod sanitize;
mod sarif;
mod source_text;
mod statistics;
mod summary;
mod window;

pub use color::severity_style;
pub use content::Report;
pub use diff::write_diff;
pub use drawing::{Canvas, draw};
pub use fixed_by::FixedBy;
pub use formats::{AZURE, FORMATS, FULL, Format, GITHUB, STATISTICS, format};
pub use json::SCHEMA;
pub use location::{Content, Location, Region, Replacement, Spot};
pub use markdown::job_summary;
pub use reported::{
    Needs, Outcome, RelatedLocation, ReportedFile, ReportedFinding, ReportedMachine, Results, Stage,
};
pub use sanitize::{OffsetMap, sanitize, sanitize_lines, sanitize_mapped, write_line};
pub use source_text::SourceText;
pub use summary::Summary;
