//! The files of a repository: which ones there are, their bytes, and their atomic replacement.
//!
//! Knows ignore rules, symbolic links and threads; never knows formats, rules or the command
//! line's text. Everything is bytes. Start at [`scan`], which reads, and [`replace`], which
//! writes.

mod ignore_rules;
mod mentions;
mod neighbours;
mod prefilter;
mod prefix;
mod read;
mod revision;
mod sets;
mod source_file;
#[cfg(test)]
mod test_folder;
mod walk;
mod write;

pub use mentions::Mentions;
pub use neighbours::{Gathered, Linking, Member, Seen, gather};
pub use prefilter::Prefilter;
pub use prefix::folder_in_repository;
pub use read::{ReadError, ReadFailure, Scan, scan};
pub use revision::{Revision, RevisionError};
pub use sets::{Loaded, visit_sets};
pub use source_file::SourceFile;
pub use walk::Selection;
pub use write::{Replaced, WriteError, replace};
