//! Reading what steers a run: configurations, ignore rules, lists. Each has a bound in bytes.
//!
//! A repository may hold anything under these names: a pipe, which would be waited for, a link to a device
//! without end, a gigabyte. Never knows what is in a file. Start at [`read_plain`] and [`read_named`].

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The largest configuration, and the largest file of ignore rules, in bytes.
pub(super) const LARGEST_RULES: u64 = 1 << 20;
/// The largest list of files, inventory or baseline, in bytes.
pub(super) const LARGEST_LIST: u64 = 256 << 20;

/// The bytes of a regular file that a repository holds.
///
/// # Errors
/// Those of the system; what is no regular file, or larger than `most` bytes.
pub(super) fn read_plain(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    read_within(File::open(path)?, most)
}

/// The bytes of a list, an inventory or a baseline that the user named, which may be a pipe.
///
/// # Errors
/// Those of the system; one that is larger than 256 MiB.
pub fn read_named(path: &Path) -> io::Result<Vec<u8>> {
    read_within(File::open(path)?, LARGEST_LIST)
}

/// The bytes of a configuration that the user named, which may be a pipe.
pub(super) fn read_named_rules(path: &Path) -> io::Result<Vec<u8>> {
    read_within(File::open(path)?, LARGEST_RULES)
}

/// The bytes of a list or an inventory on stdin.
///
/// # Errors
/// Those of the system; one that is larger than 256 MiB.
pub fn read_list(from: impl Read) -> io::Result<Vec<u8>> {
    read_within(from, LARGEST_LIST)
}

fn read_within(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= most) {
        return Ok(bytes);
    }
    let most = most >> 20;
    Err(io::Error::new(
        io::ErrorKind::FileTooLarge,
        format!("the file is larger than {most} MiB"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_up_to_the_bound_is_read_and_a_larger_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        for (size, is_read) in [(0, true), (LARGEST_RULES, true), (LARGEST_RULES + 1, false)] {
            File::create(&path).unwrap().set_len(size).unwrap();
            let read = read_plain(&path, LARGEST_RULES);
            assert_eq!(read.is_ok(), is_read, "{size}");
        }
        let error = read_plain(&path, LARGEST_RULES).unwrap_err();
        assert_eq!(error.to_string(), "the file is larger than 1 MiB");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_waited_for_and_what_has_no_end_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let device = folder.path().join("device");
        std::os::unix::fs::symlink("/dev/zero", &device).unwrap();
        for path in [&pipe, &device] {
            let error = read_plain(path, LARGEST_RULES).unwrap_err();
            assert_eq!(error.to_string(), "not a regular file");
        }
        let folder = read_plain(folder.path(), LARGEST_RULES).unwrap_err();
        assert_eq!(folder.kind(), io::ErrorKind::IsADirectory);
        assert!(read_within(File::open("/dev/zero").unwrap(), 1 << 20).is_err());
    }
}
