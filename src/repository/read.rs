//! Reading a file from the disk, and why that may fail.
//!
//! Never knows which files are wanted. Start at [`ReadError`].

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// More would only wait for the disk; also keeps a mistyped number from exhausting the system.
pub(super) const MOST_THREADS: usize = 64;
/// The largest file, in bytes: spans in documents have 32 bits.
pub(super) const LARGEST_FILE: u64 = u32::MAX as u64;

/// A path that could not be read.
#[derive(Debug, Error)]
#[error("{}: {failure}", path.display())]
pub struct ReadError {
    /// The path: as named, or of the file or folder below.
    pub path: PathBuf,
    /// What failed.
    pub failure: ReadFailure,
}

impl ReadError {
    pub(super) fn new(path: &Path, failure: ReadFailure) -> Self {
        let path = path.to_path_buf();
        Self { path, failure }
    }
}

/// Why a path could not be read, and what to do.
#[derive(Debug, Error)]
pub enum ReadFailure {
    /// A named path that is not there.
    #[error("no such file or folder; check the spelling and the current folder")]
    Missing,
    /// A path from a list of files that is not there.
    #[error(
        "no such file, but a list names it; paths in lists are relative to the current folder (`git \
         diff --relative --diff-filter=d` omits deleted files)"
    )]
    MissingFromList,
    /// A named path that is a pipe, a socket or a device.
    #[error("neither a file nor a folder; name regular files or folders")]
    NotRegular,
    /// A file that could not be opened or read.
    #[error("cannot be read ({0}); check its permissions, or exclude it")]
    Unreadable(io::Error),
    /// A file of a revision whose object cannot be read.
    #[error("cannot be read: {0}")]
    UnreadableObject(String),
    /// A folder that could not be listed.
    #[error("cannot be listed ({0}); check its permissions, or exclude it")]
    Unlistable(io::Error),
    /// An ignore file that could not be read; the walk went on without its rules.
    #[error("ignore rules cannot be read ({0}); fix the file, or use --no-respect-gitignore")]
    UnreadableRules(io::Error),
    /// An index of git that could not be read; the walk took no file for a tracked one.
    #[error(
        "the index of git cannot be read ({0}); repair it with git, or use --no-respect-gitignore"
    )]
    UnreadableIndex(io::Error),
    /// A file whose offsets do not fit 32 bits.
    #[error("larger than 4 GiB; exclude it, or ignore it")]
    TooLarge,
}

/// The bytes of the file at `path`.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, ReadFailure> {
    let mut bytes = Vec::new();
    let length = read_into(&mut bytes, path)?.len();
    bytes.truncate(length);
    Ok(bytes)
}

/// The file's bytes, in `buffer`, which grows as needed and keeps stale bytes behind them.
pub(super) fn read_into<'buffer>(
    buffer: &'buffer mut Vec<u8>,
    path: &Path,
) -> Result<&'buffer [u8], ReadFailure> {
    let mut file = File::open(path).map_err(ReadFailure::Unreadable)?;
    let mut length = 0;
    loop {
        if length == buffer.len() {
            // The size is asked for only here: most files never fill the buffer.
            let size = file.metadata().map_err(ReadFailure::Unreadable)?.len();
            let read = u64::try_from(length).unwrap_or(u64::MAX);
            if size.max(read) > LARGEST_FILE {
                return Err(ReadFailure::TooLarge);
            }
            let size = usize::try_from(size).map_err(|_| ReadFailure::TooLarge)?;
            // One byte more than the file, so that its end shows in the next read.
            let wanted = size.saturating_add(1).max(length.saturating_mul(2));
            buffer.resize(wanted, 0);
        }
        match file.read(buffer.get_mut(length..).unwrap_or_default()) {
            Ok(0) => return Ok(buffer.get(..length).unwrap_or_default()),
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(ReadFailure::Unreadable(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_around_the_buffer_is_read_whole_and_without_stale_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let mut buffer = vec![b'?'; 4];
        for size in [9, 0, 3, 4, 5, 8, 9, 10, 100] {
            let bytes: Vec<u8> = (0..size).collect();
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(read_into(&mut buffer, &path).unwrap(), bytes);
        }
    }

    #[test]
    fn a_file_too_large_for_offsets_is_refused_unread() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sparse");
        let file = File::create(&path).unwrap();
        file.set_len(LARGEST_FILE + 1).unwrap();
        let mut buffer = vec![0; 16];
        let refusal = read_into(&mut buffer, &path).unwrap_err();
        assert!(matches!(refusal, ReadFailure::TooLarge));
        assert_eq!(buffer.len(), 16);
    }

    #[test]
    fn an_error_names_the_path_and_the_next_step() {
        let error = ReadError {
            path: PathBuf::from("a/b.json"),
            failure: ReadFailure::Missing,
        };
        assert_eq!(
            error.to_string(),
            "a/b.json: no such file or folder; check the spelling and the current folder"
        );
    }
}
