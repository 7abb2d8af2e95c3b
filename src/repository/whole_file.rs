//! A file that the program itself writes as a whole, such as a baseline.
//!
//! Never knows what is in it. Start at [`read_if_there`] and [`write_whole`].

use std::io;
use std::path::{Path, PathBuf};

use super::bounded_read::LARGEST_LIST;
use super::links::{WritePlace, write_place};
use super::read::{ReadError, ReadFailure};
use super::source_file::{SourceFile, folder_of, slashed};
use super::temporary_file::{ours_in, remove_leftovers};
use super::tree::Tree;
use super::write::{WriteError, create, replace};

/// The bytes of the file at `path`; `None` if there is none.
///
/// # Errors
/// Why it cannot be read.
pub fn read_if_there(tree: &Tree, path: &Path) -> Result<Option<Vec<u8>>, ReadError> {
    match tree.read_plain(path, LARGEST_LIST) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ReadError::new(path, ReadFailure::Unreadable(error))),
    }
}

/// Puts `new` into the file at `path`, all or nothing, if that is not what it holds, and never through a link
/// in one of `trees`. `old` is what it was
/// read with; without, there must be no such file yet.
///
/// # Errors
/// [`WriteError`]; the file then is as it was.
pub fn write_whole(
    path: &Path,
    trees: &[PathBuf],
    old: Option<&[u8]>,
    new: &[u8],
) -> Result<(), WriteError> {
    if old == Some(new) {
        return Ok(());
    }
    let failed = WriteError::at(path, "finding the file");
    let place = write_place(path, trees).and_then(|place| match place {
        // It held what was read, which is not the link's to say.
        WritePlace::InTree(place) if place.is_symlink() => {
            Err(io::Error::other("a symbolic link in the scanned tree"))
        }
        WritePlace::InTree(place) | WritePlace::Elsewhere(place) => Ok(place),
    });
    let target = place.map_err(failed)?;
    remove_abandoned(&target);
    let Some(old) = old else {
        return create(&target, new);
    };
    let file = SourceFile {
        name: slashed(path),
        path: target.clone(),
        root: target.parent().unwrap_or(Path::new("/")).to_path_buf(),
        canonical: target,
    };
    replace(&file, old, new).map(|_| ())
}

/// Removes what a run that was killed left beside a file.
fn remove_abandoned(file: &Path) {
    // What cannot be removed does no harm.
    let _ = remove_leftovers(ours_in(folder_of(file)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_replaced_and_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        assert_eq!(read_if_there(&Tree::Disk, &path).unwrap(), None);
        write_whole(&path, &[], None, b"1").unwrap();
        assert_eq!(read_if_there(&Tree::Disk, &path).unwrap().unwrap(), b"1");
        write_whole(&path, &[], Some(b"1"), b"2").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"2");
        let names = std::fs::read_dir(folder.path()).unwrap();
        assert_eq!(names.count(), 1);
    }

    #[test]
    fn what_a_killed_run_left_beside_goes_with_the_next_writing() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(".msi2imds-0123456789ab.tmp");
        let path = folder.path().join("x.json");
        for old in [None, Some(&b"1"[..])] {
            std::fs::write(&left, "half").unwrap();
            write_whole(&path, &[], old, if old.is_none() { b"1" } else { b"2" }).unwrap();
            assert!(!left.exists());
        }
    }

    #[test]
    fn what_somebody_else_wrote_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        std::fs::write(&path, b"theirs").unwrap();
        assert!(write_whole(&path, &[], None, b"1").is_err());
        assert!(write_whole(&path, &[], Some(b"0"), b"1").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_may_be_read_as_any_other() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let (new, other) = (folder.path().join("new"), folder.path().join("other"));
        write_whole(&new, &[], None, b"1").unwrap();
        std::fs::write(&other, b"1").unwrap();
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(new), mode(other));
    }
}
