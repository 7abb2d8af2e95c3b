//! The files of a repository: which ones there are, their bytes, and their atomic replacement.
//!
//! Knows ignore rules, symbolic links and threads; never knows formats, rules or the command
//! line's text. Everything is bytes. Start at `scan`, which reads, and `replace`, which
//! writes.

mod bounded_read;
mod config;
mod config_lookup;
mod display_name;
mod file_kind;
mod globs;
mod ignore_rules;
mod linked_files;
mod links;
mod mentioned_names;
mod objects;
mod parameter_files;
mod prefilter;
mod read;
mod read_sets;
mod revision;
mod scan;
mod selection;
mod skipped;
mod source_file;
mod stdin_file;
mod temporary_file;
#[cfg(test)]
mod test_folder;
mod tracked_files;
mod tree;
mod walk;
mod whole_file;
mod write;

pub use bounded_read::{read_list, read_named};
pub use config::{
    CONFIG_NAME, CONFIG_SCHEMA, Config, ConfigError, ConfigWaiver, Day, Query, RuleId, Settings,
    WaiverReason,
};
pub use config_lookup::Configs;
pub use display_name::{folder_in_repository, name_beside};
pub use globs::{GlobError, Globs};
pub use linked_files::{Gathered, Linking, Seen, gather};
pub use links::create_output;
pub use mentioned_names::Mentions;
pub use prefilter::Prefilter;
pub use read::{ReadError, ReadFailure};
pub use read_sets::{InMemoryFile, Loaded, SetMember, visit_sets};
pub use revision::{Revision, RevisionError};
pub use scan::{Scan, scan};
pub use selection::{Selection, common_folder};
pub use skipped::{SkipReason, Skipped};
pub use source_file::SourceFile;
pub use stdin_file::stdin_file;
pub use temporary_file::{LeftoverError, remove_leftovers};
pub use tree::Tree;
pub use whole_file::{read_if_there, write_whole};
pub use write::{Replaced, WriteError, hold_writes, replace};
