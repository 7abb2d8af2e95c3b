//! The tree of a git revision, read without a checkout.
//!
//! Paths in it are those that the files would have in a checkout at the repository's root; those of a bare
//! repository start at its folder. The tree may be hostile: its folders, names and links are bounded, and a
//! name that git would not check out is refused. Never touches the disk below the root. Start at
//! [`Revision::open`].

mod load;

use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

use thiserror::Error;

use super::file_kind::FileKind;
use super::ignore_rules::holds_repository;
use super::objects::{BLOB, ObjectError, Objects};
use super::read::{LARGEST_FILE, ReadFailure};

/// The most files of a tree.
const MOST_TREE_FILES: usize = 1 << 21;
/// The longest path of a file, in bytes: that of Linux's `PATH_MAX`. It bounds the depth too.
const LONGEST_PATH: usize = 4_096;
/// The most links on the way to a file: as many as Linux follows.
const MOST_LINKS: usize = 40;

/// Why a revision cannot be read, and what to do.
#[derive(Debug, Error)]
pub enum RevisionError {
    /// What is named is in no repository.
    #[error(
        "{}: no git repository is here or above; with --rev, name a repository, bare or not, or a path in one",
        .0.display()
    )]
    NoRepository(PathBuf),
    /// Two repositories are named.
    #[error("{}: not in {}; --rev reads one repository", .path.display(), .root.display())]
    OtherRepository {
        /// What is named.
        path: PathBuf,
        /// The root of the repository.
        root: PathBuf,
    },
    /// Git knows no such revision.
    #[error(
        "--rev {0}: no such revision of a tree here; list branches and tags with `git for-each-ref`, and \
         fetch what a shallow clone lacks"
    )]
    Unknown(String),
    /// Git cannot read it.
    #[error("--rev {revision}: {why}")]
    Unreadable {
        /// The revision.
        revision: String,
        /// Why.
        why: String,
    },
    /// A path in it that no checkout can have.
    #[error("--rev {revision}: {path}: {why}")]
    Refused {
        /// The revision.
        revision: String,
        /// The path.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// It has more files than are read.
    #[error(
        "--rev {revision}: more than {MOST_TREE_FILES} files; check it out, and name its folders one by one"
    )]
    TooMany {
        /// The revision.
        revision: String,
    },
}

/// The tree of a revision.
#[derive(Debug)]
pub struct Revision {
    name: String,
    /// The canonical folder that paths start at.
    root: PathBuf,
    is_bare: bool,
    /// The canonical current folder.
    current: PathBuf,
    /// Sorted by path: what is in a folder is together.
    files: Vec<TreeEntry>,
    objects: Objects,
}

/// A file, a link or a submodule.
#[derive(Debug)]
struct TreeEntry {
    /// From the root, with `/`.
    path: Box<[u8]>,
    /// The hash of its object, in hexadecimal.
    id: Box<str>,
    kind: FileKind,
}

impl Revision {
    /// The tree of the revision `name` in the repository that holds `path`.
    ///
    /// # Errors
    /// [`RevisionError`].
    pub fn open(name: &str, path: &Path) -> Result<Self, RevisionError> {
        let current = std::env::current_dir().and_then(|folder| folder.canonicalize());
        let current = current.unwrap_or_default();
        let absolute = current.join(path);
        let folders = absolute.ancestors();
        let mut folders = folders.filter_map(|folder| folder.canonicalize().ok());
        let found = folders.find_map(|folder| {
            if holds_repository(&folder) {
                let git = folder.join(".git");
                return Some((folder, git));
            }
            is_bare(&folder).then(|| (folder.clone(), folder))
        });
        let (root, git) = found.ok_or_else(|| RevisionError::NoRepository(path.to_path_buf()))?;
        let is_bare = root == git;
        let mut revision = Self {
            name: name.to_owned(),
            root,
            is_bare,
            current,
            files: Vec::new(),
            objects: Objects::of(git),
        };
        revision.load()?;
        Ok(revision)
    }

    /// The canonical folder that paths start at.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the repository has no folder for a checkout.
    pub(super) fn is_bare(&self) -> bool {
        self.is_bare
    }

    /// Refuses a path outside of the repository.
    ///
    /// # Errors
    /// It is.
    pub fn holds(&self, path: &Path) -> Result<(), RevisionError> {
        match self.below_root(path) {
            Some(_) => Ok(()),
            None => Err(RevisionError::OtherRepository {
                path: path.to_path_buf(),
                root: self.root.clone(),
            }),
        }
    }

    /// The part of a path that is below the root; `None` if it is outside.
    fn below_root(&self, path: &Path) -> Option<PathBuf> {
        let absolute = self.current.join(path);
        if let Ok(below) = absolute.strip_prefix(&self.root) {
            return Some(below.to_path_buf());
        }
        // The way to the root may lead through links of the disk.
        let mut folders = absolute.ancestors();
        let root = folders.find(|folder| folder.canonicalize().is_ok_and(|it| it == self.root))?;
        let below = absolute.strip_prefix(root).ok()?;
        Some(below.to_path_buf())
    }

    /// The entry at a path from the root.
    fn entry(&self, path: &[u8]) -> Option<&TreeEntry> {
        let found = self.files.binary_search_by(|entry| (*entry.path).cmp(path));
        self.files.get(found.ok()?)
    }

    /// What is in the folder at a path from the root that is empty or ends with `/`.
    fn below(&self, folder: &[u8]) -> &[TreeEntry] {
        let start = self.files.partition_point(|entry| &*entry.path < folder);
        let rest = self.files.get(start..).unwrap_or_default();
        let end = rest.partition_point(|entry| entry.path.starts_with(folder));
        rest.get(..end).unwrap_or_default()
    }

    /// What is at a path from the root, itself and not what it leads to.
    fn kind_at(&self, path: &[u8]) -> Option<FileKind> {
        match self.entry(path) {
            _ if path.is_empty() => Some(FileKind::Folder),
            Some(entry) => Some(entry.kind),
            None => {
                let is_folder = !self.below(&[path, b"/"].concat()).is_empty();
                is_folder.then_some(FileKind::Folder)
            }
        }
    }

    /// Follows all links on the way to `path`: where it leads, from the root, and what is there.
    fn follow(&self, path: &Path) -> io::Result<(Vec<u8>, FileKind)> {
        let absent = || io::Error::from(io::ErrorKind::NotFound);
        let parts = |path: &Path| -> Vec<OsString> {
            let parts = path.components().rev();
            parts.map(|part| part.as_os_str().to_owned()).collect()
        };
        let mut left = parts(&self.below_root(path).ok_or_else(absent)?);
        let mut at: Vec<Vec<u8>> = Vec::new();
        let mut kind = FileKind::Folder;
        let mut links = 0;
        while let Some(part) = left.pop() {
            if kind != FileKind::Folder {
                return Err(absent());
            }
            match Path::new(&part).components().next() {
                None | Some(Component::CurDir) => continue,
                Some(Component::ParentDir) => {
                    at.pop().ok_or_else(absent)?;
                    continue;
                }
                Some(_) => at.push(part.as_encoded_bytes().to_vec()),
            }
            let here = at.join(&b'/');
            kind = self.kind_at(&here).ok_or_else(absent)?;
            if kind != FileKind::Link {
                continue;
            }
            links += 1;
            if links > MOST_LINKS {
                return Err(io::Error::other("too many symbolic links"));
            }
            let target = self.bytes_at(&here, LONGEST_PATH as u64);
            let target = target.map_err(io::Error::other)?;
            let target = path_of(&target).ok_or_else(absent)?;
            at.pop();
            let target = match target.is_absolute() {
                true => {
                    at.clear();
                    target.strip_prefix(&self.root).map_err(|_| absent())?
                }
                false => &target,
            };
            left.extend(parts(target));
            kind = FileKind::Folder;
        }
        Ok((at.join(&b'/'), kind))
    }

    fn bytes_at(&self, path: &[u8], most: u64) -> Result<Vec<u8>, ObjectError> {
        let entry = self.entry(path).ok_or(ObjectError::Missing)?;
        let read = self.objects.read(&entry.id, BLOB, most);
        read.map(|object| object.bytes)
    }

    /// What is at `path`, behind links.
    pub(super) fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.follow(path).map(|(_, kind)| kind)
    }

    /// The path without links.
    pub(super) fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        let (path, _) = self.follow(path)?;
        let path = path_of(&path).ok_or(io::ErrorKind::InvalidData)?;
        // Nothing joined to the root would end it with a separator.
        match path.as_os_str().is_empty() {
            true => Ok(self.root.clone()),
            false => Ok(self.root.join(path)),
        }
    }

    /// The bytes of a file, of which there are `most` at most.
    pub(super) fn read_plain(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        match self.follow(path)? {
            (_, FileKind::Folder) => Err(io::ErrorKind::IsADirectory.into()),
            (path, _) => self.bytes_at(&path, most).map_err(|error| match error {
                ObjectError::TooLarge(_) => {
                    io::Error::other(format!("it is larger than {} MiB", most >> 20))
                }
                error => io::Error::other(error.to_string()),
            }),
        }
    }

    /// The bytes of a file.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<u8>, ReadFailure> {
        let (path, _) = self.follow(path).map_err(ReadFailure::Unreadable)?;
        self.bytes_at(&path, LARGEST_FILE)
            .map_err(|error| match error {
                ObjectError::TooLarge(_) => ReadFailure::TooLarge,
                error => ReadFailure::UnreadableObject(error.to_string()),
            })
    }

    /// Lets git begin with files that are read next, in this order.
    pub(super) fn ask<'p>(&self, paths: impl Iterator<Item = &'p Path>) {
        let entries = paths.filter_map(|path| {
            let path = self.below_root(path)?;
            let parts = path
                .components()
                .map(|part| part.as_os_str().as_encoded_bytes());
            self.entry(&parts.collect::<Vec<_>>().join(&b'/'))
        });
        self.objects.ask(entries.map(|entry| entry.id.to_string()));
    }

    /// What is in a folder, in the order of names.
    pub(super) fn list(&self, folder: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        let (mut folder, _) = self.follow(folder)?;
        if !folder.is_empty() {
            folder.push(b'/');
        }
        let mut left = self.below(&folder);
        let mut entries = Vec::new();
        while let Some(first) = left.first() {
            let name = first.path.get(folder.len()..).unwrap_or_default();
            let end = name.iter().position(|byte| *byte == b'/');
            let name = end.and_then(|end| name.get(..end)).unwrap_or(name);
            let (kind, count) = match end {
                Some(_) => {
                    let below = [&*folder, name, b"/"].concat();
                    let count = left.partition_point(|entry| entry.path.starts_with(&below));
                    (FileKind::Folder, count)
                }
                None => (first.kind, 1),
            };
            left = left.get(count..).unwrap_or_default();
            let name = path_of(name).ok_or(io::ErrorKind::InvalidData)?;
            entries.push((name.into_os_string(), kind));
        }
        Ok(entries)
    }
}

/// Whether a canonical folder is a bare repository.
fn is_bare(folder: &Path) -> bool {
    folder.join("HEAD").symlink_metadata().is_ok()
        && folder.join("objects").is_dir()
        && folder.join("refs").is_dir()
}

/// The path with these bytes, if the system can have it.
#[cfg(unix)]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    Some(PathBuf::from(std::str::from_utf8(bytes).ok()?))
}
