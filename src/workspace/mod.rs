//! The files of a repository: which ones there are, their bytes, and their atomic replacement.
//!
//! Knows ignore rules, symbolic links and threads; never knows formats, rules or the command
//! line's text. Everything is bytes. Start at [`scan`], which reads, and [`replace`], which
//! writes.

mod beside;
mod bounded;
mod companions;
mod config;
mod configs;
mod globs;
mod ignore_rules;
mod mentions;
mod neighbours;
mod passed_over;
mod prefilter;
mod prefix;
mod read;
mod revision;
mod selection;
mod sets;
mod source_file;
mod stdin_file;
#[cfg(test)]
mod test_folder;
mod walk;
mod whole;
mod write;

pub use beside::{LeftoverError, remove_leftovers};
pub use bounded::{read_list, read_named};
pub use config::{
    CONFIG_NAME, CONFIG_SCHEMA, Config, ConfigError, ConfigWaiver, Day, Identity, Query, RuleId,
    Settings, Threshold, WaiverReason,
};
pub use configs::Configs;
pub use globs::{GlobError, Globs};
pub use mentions::Mentions;
pub use neighbours::{Gathered, Linking, Seen, gather};
pub use passed_over::{PassedOver, Reason};
pub use prefilter::Prefilter;
pub use prefix::{folder_in_repository, name_beside};
pub use read::{ReadError, ReadFailure, Scan, scan};
pub use revision::{Revision, RevisionError};
pub use selection::{Selection, common_folder};
pub use sets::{Given, Loaded, Member, visit_sets};
pub use source_file::SourceFile;
pub use stdin_file::stdin_file;
pub use whole::{read_if_there, write_whole};
pub use write::{Replaced, WriteError, hold_writes, replace};
