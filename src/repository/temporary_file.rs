//! The new file beside an old one, which holds bytes until it is renamed over it.
//!
//! Whoever is killed in between leaves it. Its maker holds a lock on it, which ends with the process
//! however that ends: so a file of this kind that can be locked belongs to nobody any more. Never knows
//! what the bytes are for. Start at [`fresh`] and [`remove_leftovers`].

use std::fs::{File, Permissions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

const PREFIX: &str = ".msi2imds-";
/// Random letters and digits: enough that no name comes twice, and that nobody else makes such a name.
const RANDOM: usize = 12;
const SUFFIX: &str = ".tmp";

/// A file that a run left because it was killed, and that cannot be removed.
#[derive(Debug, thiserror::Error)]
#[error("{}: left by a run that was killed, and cannot be removed ({source}); remove it", path.display())]
pub struct LeftoverError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// Makes a new locked file in `folder`, with these permissions or only for its owner.
pub(super) fn fresh(folder: &Path, permissions: Option<Permissions>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).rand_bytes(RANDOM).suffix(SUFFIX);
    if let Some(permissions) = permissions {
        builder.permissions(permissions);
    }
    loop {
        let file = builder.tempfile_in(folder)?;
        match file.as_file().try_lock() {
            // Between the two, another run may have taken it for a leftover, and have removed it.
            Ok(()) if file.path().exists() => return Ok(file),
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            // Where there are no locks, no run takes it for a leftover either.
            Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
}

/// Whether this is the name of a file that [`fresh`] makes.
pub(super) fn is_ours(name: &[u8]) -> bool {
    let random = name.strip_prefix(PREFIX.as_bytes());
    let random = random.and_then(|rest| rest.strip_suffix(SUFFIX.as_bytes()));
    random.is_some_and(|random| {
        random.len() == RANDOM && random.iter().all(u8::is_ascii_alphanumeric)
    })
}

/// The files in `folder` that have such names.
pub(super) fn ours_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| is_ours(entry.file_name().as_encoded_bytes()))
        .map(|entry| entry.path())
        .collect()
}

/// Removes those of some files that `fresh` made and no process holds any more; gives those that cannot
/// be removed.
pub fn remove_leftovers(paths: Vec<PathBuf>) -> Vec<LeftoverError> {
    let removed = paths.into_iter().map(|path| match remove(&path) {
        Ok(()) => Ok(()),
        // Another run was faster.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(LeftoverError { path, source }),
    });
    removed.filter_map(Result::err).collect()
}

fn remove(path: &Path) -> io::Result<()> {
    if !path.symlink_metadata()?.is_file() {
        return Ok(());
    }
    // Network file systems lock only what is open for writing, which the permissions may forbid.
    let file = File::options().read(true).write(true).open(path);
    let file = file.or_else(|_| File::open(path))?;
    match file.try_lock() {
        Ok(()) => std::fs::remove_file(path),
        // In use, or nobody can know.
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_our_own_are_leftovers() {
        let folder = tempfile::tempdir().unwrap();
        let file = fresh(folder.path(), None).unwrap();
        assert_eq!(ours_in(folder.path()), [file.path()]);
        for theirs in [
            ".msi2imds-backup",
            ".msi2imds-.tmp",
            ".msi2imds-0123456789ab",
            ".msi2imds-0123456789a.tmp",
            ".msi2imds-0123456789abc.tmp",
            ".msi2imds-0123-5678_ab.tmp",
            "msi2imds-0123456789ab.tmp",
            "x.msi2imds-0123456789ab.tmp",
        ] {
            assert!(!is_ours(theirs.as_bytes()), "{theirs}");
        }
    }

    #[test]
    fn a_file_in_use_is_kept_and_an_abandoned_one_goes() {
        let folder = tempfile::tempdir().unwrap();
        let file = fresh(folder.path(), None).unwrap();
        assert!(remove_leftovers(ours_in(folder.path())).is_empty());
        assert!(file.path().exists(), "it was in use");
        // What a kill does: the lock goes, the file stays.
        let (lock, path) = file.keep().unwrap();
        drop(lock);
        assert!(remove_leftovers(vec![path.clone(), path.clone()]).is_empty());
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_leftover_that_nobody_may_write_goes_too() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".msi2imds-0123456789ab.tmp");
        std::fs::write(&path, "x").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o444)).unwrap();
        assert!(remove_leftovers(vec![path.clone()]).is_empty());
        assert!(!path.exists());
    }

    #[test]
    fn a_folder_or_a_link_of_such_a_name_is_not_ours() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join(".msi2imds-0123456789ab.tmp");
        std::fs::create_dir(&below).unwrap();
        assert!(remove_leftovers(vec![below.clone()]).is_empty());
        assert!(below.is_dir());
        #[cfg(unix)]
        {
            let link = folder.path().join(".msi2imds-abcdefghijkl.tmp");
            std::os::unix::fs::symlink("x", &link).unwrap();
            assert!(remove_leftovers(vec![link.clone()]).is_empty());
            assert!(link.is_symlink());
        }
    }

    #[test]
    fn two_runs_that_make_and_remove_at_once_lose_no_file() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for maker in 0..2 {
                let folder = folder.path();
                scope.spawn(move || {
                    for number in 0..300 {
                        let file = fresh(folder, None).unwrap();
                        let target = folder.join(format!("{maker}-{number}"));
                        file.persist_noclobber(target).unwrap();
                    }
                });
                scope.spawn(move || {
                    for _ in 0..300 {
                        assert!(remove_leftovers(ours_in(folder)).is_empty());
                    }
                });
            }
        });
        assert!(ours_in(folder.path()).is_empty());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 600);
    }
}
