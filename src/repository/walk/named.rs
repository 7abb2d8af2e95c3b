//! The paths that a user names: where they lead, what bounds the files there, and why some are passed over.
//!
//! Start at [`Resolved`].

use std::io;
use std::path::{Path, PathBuf};

use super::Walk;
use crate::repository::file_kind::FileKind;
use crate::repository::links::left_repository;
use crate::repository::read::ReadFailure;
use crate::repository::skipped::SkipReason;
use crate::repository::source_file::{NamedRoot, folder_of};
use crate::repository::tree::Tree;

/// A named path that is there.
pub(super) struct Resolved {
    pub(super) root: NamedRoot,
    pub(super) is_folder: bool,
    /// Whether it comes from a list of files.
    is_listed: bool,
    /// The folder itself, or the one that the file is in.
    pub(super) folder: PathBuf,
    /// The repository around it.
    repository: Option<PathBuf>,
}

/// A walk of a canonical folder.
fn walk_of(folder: PathBuf) -> NamedRoot {
    NamedRoot {
        named: folder.clone(),
        canonical: folder.clone(),
        shown: PathBuf::new(),
        bound: folder,
    }
}

impl Walk<'_> {
    /// The named paths that are there.
    pub(super) fn roots(&mut self) -> Vec<Resolved> {
        let mut roots = Vec::new();
        for (named, is_listed) in self.selection.named_paths() {
            match self.resolve(named, is_listed) {
                Ok(root) => roots.push(root),
                Err(failure) => self.fail(named, failure),
            }
        }
        roots
    }

    /// Looks at a named path; what reports call it is not known before all are looked at.
    fn resolve(&mut self, named: &Path, is_listed: bool) -> Result<Resolved, ReadFailure> {
        let absent_or_closed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound if is_listed => ReadFailure::MissingFromList,
            io::ErrorKind::NotFound => ReadFailure::Missing,
            _ => ReadFailure::Unreadable(error),
        };
        let tree = &self.selection.tree;
        let kind = tree.kind(named).map_err(absent_or_closed)?;
        if kind == FileKind::Other {
            return Err(ReadFailure::NotRegular);
        }
        let canonical = tree.canonicalize(named).map_err(absent_or_closed)?;
        let is_folder = kind == FileKind::Folder;
        let (bound, folder, repository) = if is_folder {
            let repository = self.repository_of(&canonical);
            (canonical.clone(), canonical.clone(), repository)
        } else {
            // The folder in which the file was named, not the one that a link led to, bounds it.
            let named_in = tree.canonicalize(folder_of(named));
            let named_in = named_in.map_err(absent_or_closed)?;
            let repository = self.repository_of(&named_in);
            let folder = canonical.parent().unwrap_or(&canonical).to_path_buf();
            (repository.clone().unwrap_or(named_in), folder, repository)
        };
        // Whoever changes a repository may have made the link: what it leads to is read and never written.
        let left = match tree {
            Tree::Disk => left_repository(named),
            Tree::Revision(_) => None,
        };
        let bound = left.unwrap_or(bound);
        Ok(Resolved {
            root: NamedRoot {
                named: named.to_path_buf(),
                canonical,
                shown: PathBuf::new(),
                bound,
            },
            is_folder,
            is_listed,
            folder,
            repository,
        })
    }

    /// Why a named path is not looked at, if it is not.
    pub(super) fn skip_reason_of_named(&mut self, resolved: &Resolved) -> Option<SkipReason> {
        if resolved.is_folder {
            if resolved.is_listed {
                return Some(SkipReason::ListedFolder);
            }
            let repository = resolved.repository.clone()?;
            let is_forced = self.selection.force_exclude && repository != resolved.folder;
            return is_forced
                .then(|| self.skip_reason(&walk_of(repository), &resolved.folder, true))
                .flatten();
        }
        let configs = &self.selection.configs;
        if configs
            .of_folder(&resolved.folder, &resolved.root.bound)
            .is_none()
        {
            return Some(SkipReason::Unconfigured);
        }
        if !self.selection.force_exclude {
            return None;
        }
        // A link is passed over as what is named, not as what it leads to.
        let bound = &resolved.root.bound;
        let named = &resolved.root.named;
        let folder = self.selection.tree.canonicalize(folder_of(named)).ok()?;
        let file = folder.join(named.file_name()?);
        self.skip_reason(&walk_of(bound.clone()), &file, false)
    }

    /// The folder that all names of a run are relative to, so that its patch applies in one place:
    /// the current folder if it holds all that was named, else the repository that does, else what
    /// the named folders have in common.
    pub(super) fn base(&self, roots: &[Resolved]) -> Option<PathBuf> {
        let holds_all = |base: &Path| {
            let mut roots = roots.iter();
            roots.all(|resolved| resolved.root.canonical.starts_with(base))
        };
        let first = roots.first()?;
        let tree = &self.selection.tree;
        let current = tree.base().or(self.current_folder);
        [current, first.repository.as_deref()]
            .into_iter()
            .flatten()
            .find(|base| holds_all(base))
            .or_else(|| first.folder.ancestors().find(|folder| holds_all(folder)))
            .map(Path::to_path_buf)
    }
}
