//! Where the files of a run are: in folders on the disk, or in the tree of a git revision.
//!
//! The one seam between both: what reads, lists or follows links asks here. Never knows which files are
//! wanted. Start at [`Tree`].

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::bounded_read::read_plain;
use super::file_kind::FileKind;
use super::ignore_rules::{holds_repository, repository_of};
use super::read::{ReadFailure, read, read_into};
use super::revision::Revision;
use super::source_file::SourceFile;

/// Where files are.
#[derive(Clone, Debug, Default)]
pub enum Tree {
    /// On the disk.
    #[default]
    Disk,
    /// In a revision. Nothing can be written.
    Revision(Arc<Revision>),
}

impl Tree {
    /// Whether a folder is at `path`, or what it leads to is one.
    pub fn is_folder(&self, path: &Path) -> bool {
        self.kind(path).is_ok_and(|kind| kind == FileKind::Folder)
    }

    /// Whether something is at `path`.
    pub fn exists(&self, path: &Path) -> bool {
        self.kind(path).is_ok()
    }

    /// What is at `path`, behind links.
    pub(super) fn kind(&self, path: &Path) -> io::Result<FileKind> {
        match self {
            Self::Disk => Ok(std::fs::metadata(path)?.file_type().into()),
            Self::Revision(revision) => revision.kind(path),
        }
    }

    /// The absolute path without links.
    ///
    /// # Errors
    /// There is nothing at `path`.
    pub fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        match self {
            Self::Disk => path.canonicalize(),
            Self::Revision(revision) => revision.canonicalize(path),
        }
    }

    /// The bytes of a regular file, `most` at most.
    pub(super) fn read_plain(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        match self {
            Self::Disk => read_plain(path, most),
            Self::Revision(revision) => revision.read_plain(path, most),
        }
    }

    /// The bytes of a file.
    pub(super) fn read(&self, file: &SourceFile) -> Result<Vec<u8>, ReadFailure> {
        match self {
            Self::Disk => read(&file.path),
            Self::Revision(revision) => revision.read(&file.canonical),
        }
    }

    /// The bytes of a file, in `buffer`, which keeps stale bytes behind them.
    pub(super) fn read_into<'buffer>(
        &self,
        buffer: &'buffer mut Vec<u8>,
        file: &SourceFile,
    ) -> Result<&'buffer [u8], ReadFailure> {
        match self {
            Self::Disk => read_into(buffer, &file.path),
            Self::Revision(revision) => {
                *buffer = revision.read(&file.canonical)?;
                Ok(buffer)
            }
        }
    }

    /// Begins with files that are read next, in this order, where that saves time.
    pub(super) fn ask<'f>(&self, files: impl Iterator<Item = &'f SourceFile>) {
        if let Self::Revision(revision) = self {
            revision.ask(files.map(|file| file.canonical.as_path()));
        }
    }

    /// The file at a path relative to the folder of `file`, if there is one.
    pub(super) fn beside(&self, file: &SourceFile, relative: &Path) -> Option<SourceFile> {
        let path = file.path.parent().unwrap_or(Path::new("")).join(relative);
        let canonical = self.canonicalize(&path).ok()?;
        (self.kind(&canonical).ok()? == FileKind::File).then(|| SourceFile {
            name: file.name_beside(relative),
            path,
            root: file.root.clone(),
            canonical,
        })
    }

    /// The names in a folder; none if it cannot be listed.
    pub(super) fn names_in(&self, folder: &Path) -> Vec<OsString> {
        match self {
            Self::Disk => {
                let entries = std::fs::read_dir(folder).into_iter().flatten();
                let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
                names.collect()
            }
            Self::Revision(revision) => {
                let entries = revision.list(folder).into_iter().flatten();
                entries.map(|(name, _)| name).collect()
            }
        }
    }

    /// Whether the canonical `folder` is a repository's root.
    pub(super) fn holds_repository(&self, folder: &Path) -> bool {
        match self {
            Self::Disk => holds_repository(folder),
            Self::Revision(revision) => folder == revision.root(),
        }
    }

    /// The root of the repository that holds the canonical `folder`.
    pub(super) fn repository_of<'f>(&self, folder: &'f Path) -> Option<&'f Path> {
        match self {
            Self::Disk => repository_of(folder),
            Self::Revision(revision) => {
                folder.ancestors().find(|folder| *folder == revision.root())
            }
        }
    }

    /// The folder that names start at, whatever the current one is: the disk has nothing of a bare repository
    /// that a patch could be for.
    pub fn base(&self) -> Option<&Path> {
        match self {
            Self::Revision(revision) if revision.is_bare() => Some(revision.root()),
            _ => None,
        }
    }

    /// What is in the folder `root` and below, each folder before what is in it.
    pub(super) fn entries(&self, root: &Path) -> Entries {
        match self {
            Self::Disk => Entries::Disk(WalkDir::new(root).into_iter()),
            Self::Revision(revision) => Entries::Revision(RevisionEntries {
                revision: Arc::clone(revision),
                root: Some(root.to_path_buf()),
                folders: Vec::new(),
            }),
        }
    }
}

/// An entry that a walk comes to.
pub(super) struct Entry {
    pub(super) path: PathBuf,
    /// How many folders below the walk's root it is.
    pub(super) depth: usize,
    pub(super) kind: FileKind,
}

/// Why an entry cannot be looked at.
pub(super) struct EntryError {
    pub(super) path: Option<PathBuf>,
    pub(super) error: io::Error,
}

/// The entries of a walk.
pub(super) enum Entries {
    Disk(walkdir::IntoIter),
    Revision(RevisionEntries),
}

pub(super) struct RevisionEntries {
    revision: Arc<Revision>,
    /// The walk's root, until that was given.
    root: Option<PathBuf>,
    /// The folders that the walk is in, each with what is left of it.
    folders: Vec<(PathBuf, std::vec::IntoIter<(OsString, FileKind)>)>,
}

impl Entries {
    /// Passes over what is in the folder that came last.
    pub(super) fn skip_current_dir(&mut self) {
        match self {
            Self::Disk(entries) => entries.skip_current_dir(),
            Self::Revision(entries) => _ = entries.folders.pop(),
        }
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, EntryError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Disk(entries) => Some(match entries.next()? {
                Ok(entry) => Ok(Entry {
                    depth: entry.depth(),
                    kind: entry.file_type().into(),
                    path: entry.into_path(),
                }),
                Err(error) => Err(EntryError {
                    path: error.path().map(Path::to_path_buf),
                    error: error.into(),
                }),
            }),
            Self::Revision(entries) => entries.next(),
        }
    }
}

impl RevisionEntries {
    fn next(&mut self) -> Option<Result<Entry, EntryError>> {
        let (path, kind) = match self.root.take() {
            Some(root) => (root, FileKind::Folder),
            None => loop {
                let (folder, left) = self.folders.last_mut()?;
                match left.next() {
                    Some((name, kind)) => break (folder.join(name), kind),
                    None => _ = self.folders.pop(),
                }
            },
        };
        let depth = self.folders.len();
        if kind == FileKind::Folder {
            match self.revision.list(&path) {
                Ok(entries) => self.folders.push((path.clone(), entries.into_iter())),
                Err(error) => {
                    let path = Some(path);
                    return Some(Err(EntryError { path, error }));
                }
            }
        }
        Some(Ok(Entry { path, depth, kind }))
    }
}
