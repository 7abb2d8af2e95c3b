//! A file's three sides: where to open it, what reports call it, and what it may not leave.
//!
//! Plain values. Start at [`SourceFile`].

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// One file of a selection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceFile {
    /// Its name for reports and diff headers, with `/`: relative to the current folder; where not
    /// all named paths are in it, to the repository that holds them all, else to the folder that
    /// does. Links in the named path are resolved, as `git apply` does not follow them.
    pub name: Vec<u8>,
    /// Where to open it: the path that the user named, joined with the rest.
    pub path: PathBuf,
    /// The canonical folder that the file may not leave by a symbolic link: the named folder; for
    /// a named file its repository, else its folder.
    pub root: PathBuf,
    /// Its path without links, by which a file is known however it was come by, and which links
    /// between files are resolved from.
    pub canonical: PathBuf,
}

impl SourceFile {
    /// What reports call the file at a path relative to this one's folder.
    pub(super) fn name_beside(&self, relative: &Path) -> Vec<u8> {
        let start = self.name.iter().rposition(|byte| *byte == b'/');
        let mut parts: Vec<&[u8]> = match start {
            Some(end) => self
                .name
                .get(..end)
                .unwrap_or_default()
                .split(|b| *b == b'/')
                .collect(),
            None => Vec::new(),
        };
        for part in relative.components() {
            match part {
                Component::ParentDir if parts.last().is_some_and(|last| *last != b"..") => {
                    parts.pop();
                }
                Component::CurDir => {}
                other => parts.push(other.as_os_str().as_encoded_bytes()),
            }
        }
        parts.join(&b'/')
    }
}

/// A path that the user named, looked at once.
pub(super) struct NamedRoot {
    /// As the user wrote it.
    pub(super) named: PathBuf,
    /// Without links.
    pub(super) canonical: PathBuf,
    /// As reports show it.
    pub(super) shown: PathBuf,
    /// [`SourceFile::root`] of its files.
    pub(super) bound: PathBuf,
}

/// A file that the walk came by.
pub(super) struct WalkedFile {
    pub(super) path: PathBuf,
    pub(super) root: Arc<NamedRoot>,
}

impl WalkedFile {
    /// The file with its name for reports.
    pub(super) fn into_source_file(self) -> SourceFile {
        let below = self.root.below(&self.path);
        let in_folder =
            |folder: &Path| below.map_or_else(|| folder.to_path_buf(), |below| folder.join(below));
        SourceFile {
            name: slashed(&in_folder(&self.root.shown)),
            root: self.root.bound.clone(),
            canonical: in_folder(&self.root.canonical),
            path: self.path,
        }
    }
}

impl NamedRoot {
    /// The part of a walked path below the named one; `None` for the named path itself.
    fn below<'path>(&self, path: &'path Path) -> Option<&'path Path> {
        path.strip_prefix(&self.named)
            .ok()
            .filter(|below| !below.as_os_str().is_empty())
    }

    /// A walked path without links: only the named part of it can have any.
    pub(super) fn canonical_path(&self, path: &Path) -> PathBuf {
        self.below(path).map_or_else(
            || self.canonical.clone(),
            |below| self.canonical.join(below),
        )
    }
}

/// The path's bytes with `/` between its parts, whatever the system writes.
pub(super) fn slashed(path: &Path) -> Vec<u8> {
    let bytes = path.as_os_str().as_encoded_bytes();
    if std::path::MAIN_SEPARATOR == '/' {
        return bytes.to_vec();
    }
    bytes
        .iter()
        .map(|byte| match char::from(*byte) {
            std::path::MAIN_SEPARATOR => b'/',
            _ => *byte,
        })
        .collect()
}

/// The folder that a path is in; `.` for a bare name.
pub(super) fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    folder.unwrap_or(Path::new("."))
}

/// The path without `.` and `..`, as it is written: no link in it is looked at.
pub(super) fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beside_another_is_named_from_the_same_place() {
        let file = SourceFile {
            name: b"samples/shop/main.json".to_vec(),
            path: PathBuf::from("./samples/shop/main.json"),
            root: PathBuf::from("/here"),
            canonical: PathBuf::from("/here/samples/shop/main.json"),
        };
        for (relative, name) in [
            ("nested/vm.json", "samples/shop/nested/vm.json"),
            ("./vm.json", "samples/shop/vm.json"),
            ("../../shared/vm.json", "shared/vm.json"),
            ("../../../vm.json", "../vm.json"),
        ] {
            let beside = file.name_beside(Path::new(relative));
            assert_eq!(String::from_utf8(beside).unwrap(), name);
        }
    }

    #[test]
    fn dots_go_from_a_path_that_may_be_gone() {
        let plain = without_dots(Path::new("/a/./b/../c"));
        assert_eq!(plain, Path::new("/a/c"));
    }

    #[test]
    fn a_leading_dot_is_in_the_path_but_not_in_the_name() {
        for (named, shown, name) in [(".", "", "x"), ("./d/../e/", "e", "e/x")] {
            let root = NamedRoot {
                named: PathBuf::from(named),
                canonical: PathBuf::from("/here").join(shown),
                shown: PathBuf::from(shown),
                bound: PathBuf::from("/here").join(shown),
            };
            let path = root.named.join("x");
            let file = WalkedFile {
                path: path.clone(),
                root: Arc::new(root),
            };
            let file = file.into_source_file();
            assert_eq!((file.name.as_slice(), file.path), (name.as_bytes(), path));
        }
    }
}
