//! What the library does with the files of a folder.
//!
//! Start at [`Migrator::folder`].

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::migrate::{Options, migrate_together};
use crate::migrator::{Error, Migrator, Outcome, outcome};
use crate::repository::{Configs, Selection};

use crate::session::{Configuration, Input, Overrides, Session, migrated};

/// What became of the files of a folder.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct FolderOutcome {
    /// The files with something to say, in the order of their names.
    pub files: Vec<FileOutcome>,
    /// What could not be read or verified; the other files are not touched by it.
    pub errors: Vec<Error>,
}

/// What became of one of the files of a folder.
#[derive(Debug)]
#[non_exhaustive]
pub struct FileOutcome {
    /// The file.
    pub path: PathBuf,
    /// Its bytes, in which the outcome's places count.
    pub bytes: Vec<u8>,
    /// What became of it.
    pub outcome: Outcome,
}

impl Migrator {
    /// Migrates all files below a folder, each with the templates that it links and its parameter files, and
    /// writes nothing. Files that git ignores are left out; no configuration is read.
    ///
    /// ```no_run
    /// # fn main() -> std::io::Result<()> {
    /// let done = msi2imds::Migrator::default().folder("infra".as_ref());
    /// for file in &done.files {
    ///     if let Some(fixed) = &file.outcome.fixed {
    ///         std::fs::write(&file.path, &fixed.bytes)?;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn folder(&self, folder: &Path) -> FolderOutcome {
        let input = Input::Files(Selection {
            paths: vec![folder.to_path_buf()],
            respect_gitignore: true,
            ..Selection::default()
        });
        let mut done = FolderOutcome::default();
        let configuration = match Configuration::of(Configs::default(), &input) {
            Ok(configuration) => configuration,
            Err(error) => {
                done.errors.push(Error::Unreadable(error));
                return done;
            }
        };
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let session = Session::new(input, configuration, Overrides::default(), None, threads);
        let (sets, _, errors) = session.visit(
            false,
            || {},
            |set, terms| {
                let options = Options {
                    is_cut: terms.options.is_cut,
                    surroundings: terms.options.surroundings.clone(),
                    ..self.options().clone()
                };
                Some(migrated(set, &terms.with(options), migrate_together))
            },
        );
        done.errors
            .extend(errors.into_iter().map(Error::Unreadable));
        for one in sets.into_iter().flatten() {
            let file = one.loaded.member.file;
            match outcome(&String::from_utf8_lossy(&file.name), one.migration) {
                Ok(outcome) if outcome.is_empty() => {}
                Ok(outcome) => done.files.push(FileOutcome {
                    path: file.path,
                    bytes: one.loaded.bytes,
                    outcome,
                }),
                Err(error) => done.errors.push(error),
            }
        }
        done
    }
}
