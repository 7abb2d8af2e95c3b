//! The files of a revision, from the objects of its folders. Start at [`Revision::load`].

use std::collections::HashSet;

use super::{LONGEST_PATH, MOST_TREE_FILES, Revision, RevisionError, TreeEntry, path_of};
use crate::repository::file_kind::FileKind;
use crate::repository::objects::{MOST_ASKED, ObjectError, TREE};

/// The largest folder, in bytes of git's own format.
const LARGEST_FOLDER: u64 = 256 << 20;
/// The longest name of a revision, in bytes.
const LONGEST_REVISION: usize = 1_024;

/// What a folder of git's has one of.
struct FolderEntry<'f> {
    name: &'f [u8],
    id: String,
    /// Folders of files are apart from those of submodules.
    is_tree: bool,
    kind: FileKind,
}

impl Revision {
    pub(super) fn load(&mut self) -> Result<(), RevisionError> {
        let unknown = || RevisionError::Unknown(self.name.clone());
        // Git reads one name a line.
        if self.name.is_empty()
            || self.name.len() > LONGEST_REVISION
            || self.name.contains(char::is_control)
        {
            return Err(unknown());
        }
        let name = format!("{}^{{tree}}", self.name);
        let root = self.objects.read(&name, TREE, LARGEST_FOLDER);
        let root = root.map_err(|error| match error {
            ObjectError::Missing => unknown(),
            error => self.unreadable(&error),
        })?;
        let mut files = Vec::new();
        let mut folders = Vec::new();
        self.sort(
            b"",
            &root.bytes,
            root.id.len() / 2,
            &mut files,
            &mut folders,
        )?;
        while !folders.is_empty() {
            let next = folders.split_off(folders.len().saturating_sub(MOST_ASKED));
            self.objects
                .ask(next.iter().map(|(_, id): &(Vec<u8>, String)| id.clone()));
            for (path, id) in next {
                let read = self.objects.read(&id, TREE, LARGEST_FOLDER);
                let folder = read.map_err(|error| {
                    let path = String::from_utf8_lossy(&path);
                    self.unreadable(&format!("{path}: {error}"))
                })?;
                self.sort(&path, &folder.bytes, id.len() / 2, &mut files, &mut folders)?;
            }
        }
        files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        self.files = files;
        Ok(())
    }

    fn unreadable(&self, why: &impl ToString) -> RevisionError {
        RevisionError::Unreadable {
            revision: self.name.clone(),
            why: why.to_string(),
        }
    }

    /// Adds what is in the folder at `path`, whose object has these bytes, to the files and folders.
    fn sort(
        &self,
        path: &[u8],
        bytes: &[u8],
        hash: usize,
        files: &mut Vec<TreeEntry>,
        folders: &mut Vec<(Vec<u8>, String)>,
    ) -> Result<(), RevisionError> {
        let mut names = HashSet::new();
        let mut left = bytes;
        while !left.is_empty() {
            let (entry, rest) = split_entry(left, hash)
                .ok_or_else(|| self.refused(path, "its object is damaged; run `git fsck`"))?;
            left = rest;
            let path = match path {
                b"" => entry.name.to_vec(),
                path => [path, b"/", entry.name].concat(),
            };
            if let Some(why) = why_refused(entry.name) {
                return Err(self.refused(&path, why));
            }
            if !names.insert(entry.name) {
                return Err(self.refused(&path, "there are two of this name; run `git fsck`"));
            }
            if path.len() > LONGEST_PATH {
                return Err(self.refused(&path, "its path is longer than 4,096 bytes"));
            }
            if files.len() + folders.len() == MOST_TREE_FILES {
                let revision = self.name.clone();
                return Err(RevisionError::TooMany { revision });
            }
            match entry.is_tree {
                true => folders.push((path, entry.id)),
                false => files.push(TreeEntry {
                    path: path.into(),
                    id: entry.id.into(),
                    kind: entry.kind,
                }),
            }
        }
        Ok(())
    }

    fn refused(&self, path: &[u8], why: &'static str) -> RevisionError {
        let shown = path.get(..path.len().min(256)).unwrap_or_default();
        RevisionError::Refused {
            revision: self.name.clone(),
            path: String::from_utf8_lossy(shown).into_owned(),
            why,
        }
    }
}

/// The first entry of a folder of git's: its mode, a blank, its name, a NUL and the `hash` bytes of its
/// object's hash.
fn split_entry(bytes: &[u8], hash: usize) -> Option<(FolderEntry<'_>, &[u8])> {
    let (mode, rest) = split_at_byte(bytes, b' ')?;
    let (name, rest) = split_at_byte(rest, 0)?;
    let (id, rest) = rest.split_at_checked(hash)?;
    let mode = u32::from_str_radix(std::str::from_utf8(mode).ok()?, 8).ok()?;
    let (is_tree, kind) = match mode & 0o170_000 {
        0o040_000 => (true, FileKind::Folder),
        0o100_000 => (false, FileKind::File),
        0o120_000 => (false, FileKind::Link),
        // A submodule: its files are in another repository.
        0o160_000 => (false, FileKind::Folder),
        _ => return None,
    };
    let id = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let entry = FolderEntry {
        name,
        id,
        is_tree,
        kind,
    };
    Some((entry, rest))
}

fn split_at_byte(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == at)?;
    let (before, rest) = bytes.split_at_checked(at)?;
    Some((before, rest.get(1..)?))
}

/// Why git would check nothing out with this name in it, if it would not.
fn why_refused(name: &[u8]) -> Option<&'static str> {
    let is_separator = |byte: &u8| std::path::is_separator(char::from(*byte));
    match name {
        b"" | b"." | b".." => Some("no file can have this name; run `git fsck`"),
        name if name.eq_ignore_ascii_case(b".git") => {
            Some("a file of git's own cannot be in a revision; run `git fsck`")
        }
        name if name.iter().any(is_separator) => {
            Some("a name cannot hold a separator; run `git fsck`")
        }
        name if path_of(name).is_none() => Some("its name is not in UTF-8"),
        _ => None,
    }
}
