//! Replacing a file, all or nothing.
//!
//! The new bytes are written beside the file and renamed over it, so that whoever opens it sees the
//! old bytes or the new ones. Knows nothing of what the bytes mean. Start at [`replace`].

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;
use thiserror::Error;

use super::links::of_new_files;
use super::source_file::{SourceFile, folder_of};
use super::temporary_file::fresh;

/// Held while a file is on its way to its name.
static WRITING: Mutex<()> = Mutex::new(());

/// Waits until no file is on its way to its name, and lets none start while what this gives is kept: so
/// that a process may end.
pub fn hold_writes() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A replacement that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Other names of the same file (hard links) still have the old bytes.
    pub broke_hard_link: bool,
}

/// Why a file was not replaced, and what to do. It has its old bytes, and nothing is left beside
/// it.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The path leads by a symbolic link to where it may not write.
    #[error(
        "{}: not written: a symbolic link leads to {}, outside of {}; name that file itself",
        path.display(), target.display(), root.display()
    )]
    LeavesRoot {
        /// The file's path as it was opened.
        path: PathBuf,
        /// Where it leads to.
        target: PathBuf,
        /// The folder that bounds it.
        root: PathBuf,
    },
    /// The file no longer has the bytes that were read.
    #[error("{}: not written: the file changed after it was read; run again", .0.display())]
    Changed(PathBuf),
    /// The system refused a step.
    #[error("{}: not written: {step} failed ({source}); check permissions and free space", path.display())]
    System {
        /// The file's path as it was opened.
        path: PathBuf,
        /// What was tried.
        step: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl WriteError {
    /// The error of a step that the system refused.
    pub(super) fn at(path: &Path, step: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::System { path, step, source }
    }
}

/// Puts `new` in the place of `old`, the bytes that `file` was read with.
///
/// Permissions are kept, and the owner and extended attributes where the system allows. A symbolic link stays one: the
/// file that it leads to is replaced.
///
/// # Errors
/// [`WriteError`]; the file then is as it was.
pub fn replace(file: &SourceFile, old: &[u8], new: &[u8]) -> Result<Replaced, WriteError> {
    let failed = |step| WriteError::at(&file.path, step);
    let target = file
        .path
        .canonicalize()
        .map_err(failed("finding the file"))?;
    if !target.starts_with(&file.root) {
        return Err(WriteError::LeavesRoot {
            path: file.path.clone(),
            target,
            root: file.root.clone(),
        });
    }
    let metadata = std::fs::metadata(&target).map_err(failed("reading the file's metadata"))?;
    // To read what took its place could wait for ever.
    if !metadata.is_file() {
        return Err(WriteError::Changed(file.path.clone()));
    }
    let _turn = hold_writes();
    let fresh = fresh(folder_of(&target), None);
    let mut fresh = fresh.map_err(failed("creating a temporary file"))?;
    write_fresh(&mut fresh, new, &target, &metadata).map_err(failed("writing a temporary file"))?;

    // Compared last, to leave little time for a change that the rename would undo.
    let current = std::fs::read(&target).map_err(failed("reading the file again"))?;
    if current != old {
        return Err(WriteError::Changed(file.path.clone()));
    }
    fresh
        .persist(&target)
        .map_err(|error| failed("replacing the file")(error.error))?;
    Ok(Replaced {
        broke_hard_link: has_other_names(&metadata),
    })
}

/// Makes a file with these bytes where there is none.
///
/// # Errors
/// [`WriteError`]; there is no new file then.
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let failed = |step| WriteError::at(path, step);
    let _turn = hold_writes();
    let fresh = fresh(folder_of(path), of_new_files());
    let mut fresh = fresh.map_err(failed("creating a temporary file"))?;
    let written = fresh
        .write_all(bytes)
        .and_then(|()| fresh.as_file().sync_all());
    written.map_err(failed("writing a temporary file"))?;
    fresh
        .persist_noclobber(path)
        .map_err(|error| failed("renaming the temporary file")(error.error))?;
    Ok(())
}

fn write_fresh(
    fresh: &mut NamedTempFile,
    bytes: &[u8],
    old: &Path,
    like: &Metadata,
) -> io::Result<()> {
    fresh.write_all(bytes)?;
    let file = fresh.as_file();
    // Before the permissions: a change of owner takes some of them away.
    keep_owner(file, like)?;
    file.set_permissions(permissions_of(file, like)?)?;
    // After the permissions: an access list is an attribute that they would change.
    keep_attributes(file, old);
    file.sync_all()
}

/// The permissions of another file, without the right to run as its owner or group where `file` has
/// another one: nobody meant that right for this user.
#[cfg(unix)]
fn permissions_of(file: &File, like: &Metadata) -> io::Result<std::fs::Permissions> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let own = file.metadata()?;
    let user = if own.uid() == like.uid() { 0 } else { 0o4000 };
    let group = if own.gid() == like.gid() { 0 } else { 0o2000 };
    let mode = like.permissions().mode() & !(user | group);
    Ok(std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn permissions_of(_: &File, like: &Metadata) -> io::Result<std::fs::Permissions> {
    Ok(like.permissions())
}

/// Gives the file the extended attributes of another one, as far as the system lets this user.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn keep_attributes(file: &File, old: &Path) {
    use rustix::fs::{XattrFlags, fsetxattr, getxattr, listxattr};

    /// Linux takes neither longer lists nor longer values (`XATTR_LIST_MAX`, `XATTR_SIZE_MAX`).
    const MOST: usize = 64 << 10;
    let mut names = vec![0; MOST];
    // A file system without attributes is no reason to fail, nor is one that is not for this user.
    let length = listxattr(old, names.as_mut_slice()).unwrap_or_default();
    names.truncate(length);
    let mut value = vec![0; MOST];
    for name in names
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
    {
        if let Ok(length) = getxattr(old, name, value.as_mut_slice()) {
            let value = value.get(..length).unwrap_or_default();
            let _ = fsetxattr(file, name, value, XattrFlags::empty());
        }
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn keep_attributes(_: &File, _: &Path) {}

/// Gives the file the owner and group of another one, as far as this user may.
#[cfg(unix)]
fn keep_owner(file: &File, like: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};

    let own = file.metadata()?;
    let allowed = |result: io::Result<()>| match result {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        result => result,
    };
    // Apart, as a user who may not give files away may still set one of the own groups.
    if own.gid() != like.gid() {
        allowed(fchown(file, None, Some(like.gid())))?;
    }
    if own.uid() != like.uid() {
        allowed(fchown(file, Some(like.uid()), None))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn has_other_names(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const OLD: &[u8] = b"\xef\xbb\xbf{\r\n}\xff";
    const NEW: &[u8] = b"\xef\xbb\xbf{\r\n \r}\xff\r\n";

    fn folder_with(name: &str) -> (TempDir, SourceFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = SourceFile {
            name: name.as_bytes().to_vec(),
            path: folder.path().join(name),
            root: folder.path().canonicalize().unwrap(),
            canonical: folder.path().canonicalize().unwrap().join(name),
        };
        std::fs::write(&file.path, OLD).unwrap();
        (folder, file)
    }

    fn names_in(folder: &TempDir) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_new_bytes_come_as_they_are_and_nothing_is_left_beside() {
        let (folder, file) = folder_with("x.json");
        let replaced = replace(&file, OLD, NEW).unwrap();
        assert!(!replaced.broke_hard_link);
        assert_eq!(std::fs::read(&file.path).unwrap(), NEW);
        assert_eq!(names_in(&folder), ["x.json"]);
    }

    #[test]
    fn a_file_that_changed_is_left_alone() {
        let (folder, file) = folder_with("x.json");
        std::fs::write(&file.path, b"theirs").unwrap();
        let refusal = replace(&file, OLD, NEW).unwrap_err();
        assert!(matches!(refusal, WriteError::Changed(_)));
        assert_eq!(std::fs::read(&file.path).unwrap(), b"theirs");
        assert_eq!(names_in(&folder), ["x.json"]);
    }

    #[test]
    fn a_file_that_is_gone_is_not_made_again() {
        let (folder, file) = folder_with("x.json");
        std::fs::remove_file(&file.path).unwrap();
        assert!(replace(&file, OLD, NEW).is_err());
        assert!(names_in(&folder).is_empty());
    }

    #[test]
    fn a_folder_in_its_place_is_left_alone() {
        let (folder, file) = folder_with("x.json");
        std::fs::remove_file(&file.path).unwrap();
        std::fs::create_dir(&file.path).unwrap();
        let refusal = replace(&file, OLD, NEW).unwrap_err();
        assert!(matches!(refusal, WriteError::Changed(_)));
        assert!(file.path.is_dir());
        assert_eq!(names_in(&folder), ["x.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_its_place_is_not_waited_for() {
        let (folder, file) = folder_with("x.json");
        std::fs::remove_file(&file.path).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(&file.path)
            .status();
        assert!(made.unwrap().success());
        let refusal = replace(&file, OLD, NEW).unwrap_err();
        assert!(matches!(refusal, WriteError::Changed(_)));
        assert_eq!(names_in(&folder), ["x.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_another_file_in_its_place_changes_neither() {
        let (folder, file) = folder_with("x.json");
        let other = folder.path().join("other.json");
        std::fs::rename(&file.path, folder.path().join("moved.json")).unwrap();
        std::fs::write(&other, "theirs").unwrap();
        std::os::unix::fs::symlink("other.json", &file.path).unwrap();
        let refusal = replace(&file, OLD, NEW).unwrap_err();
        assert!(matches!(refusal, WriteError::Changed(_)));
        assert_eq!(std::fs::read(&other).unwrap(), b"theirs");
        assert_eq!(names_in(&folder), ["moved.json", "other.json", "x.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_kept() {
        use std::os::unix::fs::PermissionsExt;

        for mode in [0o640, 0o755, 0o444] {
            let (_folder, file) = folder_with("x.json");
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&file.path, permissions).unwrap();
            replace(&file, OLD, NEW).unwrap();
            let metadata = std::fs::metadata(&file.path).unwrap();
            assert_eq!(metadata.permissions().mode() & 0o7777, mode);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn extended_attributes_are_kept() {
        use rustix::fs::{XattrFlags, getxattr, setxattr};

        let (_folder, file) = folder_with("x.json");
        let set = setxattr(&file.path, "user.note", b"kept", XattrFlags::empty());
        replace(&file, OLD, NEW).unwrap();
        let mut value = [0; 8];
        let length = getxattr(&file.path, "user.note", value.as_mut_slice());
        // Where the file system has none, there is none to keep.
        assert_eq!(
            length.map(|length| value[..length].to_vec()).is_ok(),
            set.is_ok()
        );
        assert!(set.is_err() || value.starts_with(b"kept"));
    }

    #[cfg(unix)]
    #[test]
    fn the_right_to_run_as_another_owner_goes_with_the_owner() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};

        let (_folder, file) = folder_with("x.json");
        std::fs::set_permissions(&file.path, std::fs::Permissions::from_mode(0o6755)).unwrap();
        let like = std::fs::metadata(&file.path).unwrap();
        let own = File::open(&file.path).unwrap();
        assert_eq!(permissions_of(&own, &like).unwrap().mode() & 0o7777, 0o6755);
        // A file of somebody else, of whom there is one on every system.
        let theirs = std::fs::metadata("/").unwrap();
        let other = theirs.uid() != like.uid();
        let kept = permissions_of(&File::open("/").unwrap(), &like)
            .unwrap()
            .mode();
        assert_eq!(kept & 0o4000 == 0, other);
    }

    #[cfg(unix)]
    #[test]
    fn the_owner_is_kept_where_the_system_allows() {
        use std::os::unix::fs::{MetadataExt, chown};

        let (_folder, file) = folder_with("x.json");
        // Only a privileged user may set this up; others still see their own ids kept.
        let _ = chown(&file.path, Some(1234), Some(4321));
        let before = std::fs::metadata(&file.path).unwrap();
        replace(&file, OLD, NEW).unwrap();
        let after = std::fs::metadata(&file.path).unwrap();
        assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
    }

    #[cfg(unix)]
    #[test]
    fn a_broken_hard_link_is_reported() {
        let (folder, file) = folder_with("x.json");
        let other = folder.path().join("other.json");
        std::fs::hard_link(&file.path, &other).unwrap();
        let replaced = replace(&file, OLD, NEW).unwrap();
        assert!(replaced.broke_hard_link);
        assert_eq!(std::fs::read(&file.path).unwrap(), NEW);
        assert_eq!(std::fs::read(&other).unwrap(), OLD);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_inside_the_root_stays_and_its_file_is_replaced() {
        let (folder, file) = folder_with("x.json");
        let link = SourceFile {
            path: folder.path().join("link.json"),
            ..file.clone()
        };
        std::os::unix::fs::symlink("x.json", &link.path).unwrap();
        replace(&link, OLD, NEW).unwrap();
        assert!(link.path.is_symlink());
        assert!(!file.path.is_symlink());
        assert_eq!(std::fs::read(&file.path).unwrap(), NEW);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_root_is_refused() {
        let (outside, target) = folder_with("x.json");
        let (folder, file) = folder_with("y.json");
        std::fs::remove_file(&file.path).unwrap();
        std::os::unix::fs::symlink(&target.path, &file.path).unwrap();
        let refusal = replace(&file, OLD, NEW).unwrap_err();
        assert!(matches!(refusal, WriteError::LeavesRoot { .. }));
        assert_eq!(std::fs::read(&target.path).unwrap(), OLD);
        assert_eq!(names_in(&outside), ["x.json"]);
        assert_eq!(names_in(&folder), ["y.json"]);
    }
}
