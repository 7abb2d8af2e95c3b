//! Why a walk passes over a file or folder.
//!
//! Start at [`Skipped`].

use std::path::PathBuf;

use ignore::gitignore::Glob;
use thiserror::Error;

/// A file or folder that is not read, nor is anything in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Its name for reports, as [`super::SourceFile::name`].
    pub name: Vec<u8>,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Why.
    pub reason: SkipReason,
}

/// Why something is passed over, and what has it read.
#[derive(Clone, Debug, Error, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// Git's own folder.
    #[error("git's own")]
    Git,
    /// A folder whose name starts with a dot, and which is not one of those that hold pipelines.
    #[error("a hidden folder; --hidden reads it")]
    Hidden,
    /// A run writes it, or was killed while it did.
    #[error("a temporary file of msi2imds")]
    Temporary,
    /// Git ignores it.
    #[error("ignored by `{rule}` in {}; --no-respect-gitignore reads it", file.display())]
    Ignored {
        /// The rule.
        rule: String,
        /// The file with the rule.
        file: PathBuf,
    },
    /// A glob excludes it.
    #[error("excluded by `{0}`")]
    Excluded(String),
    /// It is not among what is included.
    #[error("matched by no include glob")]
    NotIncluded,
    /// A symbolic link below a named path.
    #[error("a symbolic link; name it to follow it")]
    Link,
    /// A pipe, a socket or a device below a named path.
    #[error("neither a file nor a folder")]
    NotRegular,
    /// The configuration for it cannot be taken.
    #[error("its configuration is invalid")]
    Unconfigured,
    /// A folder in a list of files.
    #[error("a folder in a list of files; name it on the command line to check it")]
    ListedFolder,
}

impl From<&Glob> for SkipReason {
    fn from(rule: &Glob) -> Self {
        Self::Ignored {
            rule: rule.original().to_owned(),
            file: rule
                .from()
                .map(|file| file.strip_prefix(".").unwrap_or(file).to_path_buf())
                .unwrap_or_default(),
        }
    }
}
