//! Reading the files of a selection on several threads.
//!
//! The calling thread walks and hands batches of files to workers, each of which reads into one
//! buffer of its own: no file is mapped, so one that shrinks meanwhile does no harm. What comes out
//! does not depend on the number of threads. Start at [`scan`].

use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

use super::selection::Selection;
use super::skipped::Skipped;
use super::source_file::{SourceFile, WalkedFile};
use super::walk::walk;

/// Enough that the channel costs nothing, few enough that no worker idles at the end.
const BATCH: usize = 32;
/// Batches that wait at most, so that a fast walk does not hold a whole disk's names.
const WAITING_BATCHES: usize = 256;
/// A worker's buffer to start with, in bytes: nearly all templates fit.
const BUFFER: usize = 256 * 1024;
/// A buffer that one file made larger than this, in bytes, is given back after it.
const LARGEST_KEPT_BUFFER: usize = 16 * 1024 * 1024;
/// More would only wait for the disk; also keeps a mistyped number from exhausting the system.
pub(super) const MOST_THREADS: usize = 64;
/// The largest file, in bytes: spans in documents have 32 bits.
const LARGEST_FILE: u64 = u32::MAX as u64;

/// What [`scan`] found.
#[derive(Debug)]
pub struct Scan<T> {
    /// The files for which `visit` returned something, sorted by name.
    pub results: Vec<(SourceFile, T)>,
    /// What could not be read, sorted by path.
    pub errors: Vec<ReadError>,
    /// What was passed over, sorted by name, if the selection asks for it.
    pub skipped: Vec<Skipped>,
    /// Temporary files of runs, this program's own, if the selection asks for them.
    pub temporary: Vec<PathBuf>,
    /// The names of the folders of submodules that were not fetched, sorted.
    pub submodules: Vec<Vec<u8>>,
    /// How many files were read.
    pub files: usize,
}

/// A path that could not be read.
#[derive(Debug, Error)]
#[error("{}: {failure}", path.display())]
pub struct ReadError {
    /// The path: as named, or of the file or folder below.
    pub path: PathBuf,
    /// What failed.
    pub failure: ReadFailure,
}

/// Why a path could not be read, and what to do.
#[derive(Debug, Error)]
pub enum ReadFailure {
    /// A named path that is not there.
    #[error("no such file or folder; check the spelling and the current folder")]
    Missing,
    /// A path from a list of files that is not there.
    #[error(
        "no such file, though a list names it; lists are read from the current folder \
         (`git diff --relative --diff-filter=d` leaves out what was deleted)"
    )]
    MissingFromList,
    /// A named path that is a pipe, a socket or a device.
    #[error("neither a file nor a folder; name regular files or folders")]
    NotRegular,
    /// A file that could not be opened or read.
    #[error("cannot be read ({0}); check its permissions, or leave it out")]
    Unreadable(io::Error),
    /// A folder that could not be listed.
    #[error("cannot be listed ({0}); check its permissions, or leave it out")]
    Unlistable(io::Error),
    /// An ignore file that could not be read; the walk went on without its rules.
    #[error("ignore rules cannot be read ({0}); fix the file, or use --no-respect-gitignore")]
    UnreadableRules(io::Error),
    /// An index of git that could not be read; the walk took no file for a tracked one.
    #[error(
        "which files git tracks cannot be read ({0}); repair it with git, or use --no-respect-gitignore"
    )]
    UnreadableIndex(io::Error),
    /// A file whose offsets do not fit 32 bits.
    #[error("larger than 4 GiB; leave it out, or ignore it")]
    TooLarge,
}

/// Reads each file of `selection` once and collects what `visit` makes of its bytes.
///
/// `visit` runs on `threads` threads at once, 64 at most. A file that cannot be read becomes a [`ReadError`]
/// and does not stop the others. Panics of `visit` are passed on.
pub fn scan<T: Send>(
    selection: &Selection,
    threads: NonZeroUsize,
    visit: impl Fn(&SourceFile, &[u8]) -> Option<T> + Sync,
) -> Scan<T> {
    let current_folder = std::env::current_dir().and_then(|folder| folder.canonicalize());
    scan_in(current_folder.ok().as_deref(), selection, threads, visit)
}

/// [`scan`] with the canonical folder that names are relative to.
pub(super) fn scan_in<T: Send>(
    current_folder: Option<&Path>,
    selection: &Selection,
    threads: NonZeroUsize,
    visit: impl Fn(&SourceFile, &[u8]) -> Option<T> + Sync,
) -> Scan<T> {
    let mut scan = Scan {
        results: Vec::new(),
        errors: Vec::new(),
        skipped: Vec::new(),
        temporary: Vec::new(),
        submodules: Vec::new(),
        files: 0,
    };
    let (sender, receiver) = sync_channel::<Vec<WalkedFile>>(WAITING_BATCHES);
    let receiver = Arc::new(Mutex::new(receiver));
    std::thread::scope(|scope| {
        let visit = &visit;
        let workers: Vec<_> = (0..threads.get().min(MOST_THREADS))
            .map(|_| {
                let receiver = Arc::clone(&receiver);
                scope.spawn(move || read_batches(&receiver, visit))
            })
            .collect();
        // Only workers may hold the receiver: once all are gone, sending fails instead of waiting.
        drop(receiver);

        let mut batch = Vec::with_capacity(BATCH);
        let walked = walk(selection, current_folder, |found| {
            batch.push(found);
            batch.len() < BATCH
                || sender
                    .send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)))
                    .is_ok()
        });
        (scan.errors, scan.skipped) = (walked.errors, walked.skipped);
        scan.temporary = walked.temporary;
        scan.submodules = walked.submodules;
        // Fails only where all workers panicked, which is passed on below.
        let _ = sender.send(batch);
        drop(sender);

        for worker in workers {
            match worker.join() {
                Ok(part) => {
                    scan.results.extend(part.results);
                    scan.errors.extend(part.errors);
                    scan.files += part.files;
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    scan.results.sort_by(|(one, _), (other, _)| one.cmp(other));
    scan.errors.sort_by(|one, other| one.path.cmp(&other.path));
    scan.skipped.sort();
    scan.submodules.sort();
    scan
}

fn read_batches<T>(
    receiver: &Mutex<Receiver<Vec<WalkedFile>>>,
    visit: &impl Fn(&SourceFile, &[u8]) -> Option<T>,
) -> Scan<T> {
    let mut part = Scan {
        results: Vec::new(),
        errors: Vec::new(),
        skipped: Vec::new(),
        temporary: Vec::new(),
        submodules: Vec::new(),
        files: 0,
    };
    let mut buffer = vec![0; BUFFER];
    loop {
        let received = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(batch) = received else {
            return part;
        };
        for found in batch {
            let file = found.into_source_file();
            match read_into(&mut buffer, &file.path) {
                Ok(bytes) => {
                    part.files += 1;
                    if let Some(result) = visit(&file, bytes) {
                        part.results.push((file, result));
                    }
                }
                Err(failure) => part.errors.push(ReadError {
                    path: file.path,
                    failure,
                }),
            }
            if buffer.len() > LARGEST_KEPT_BUFFER {
                buffer.truncate(BUFFER);
                buffer.shrink_to_fit();
            }
        }
    }
}

/// The bytes of the file at `path`.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, ReadFailure> {
    let file = File::open(path).map_err(ReadFailure::Unreadable)?;
    let size = file.metadata().map_err(ReadFailure::Unreadable)?.len();
    if size > LARGEST_FILE {
        return Err(ReadFailure::TooLarge);
    }
    // Room for one byte more than the file, so that its end shows in the next read.
    let size = usize::try_from(size).map_err(|_| ReadFailure::TooLarge)?;
    let mut bytes = Vec::with_capacity(size.saturating_add(1));
    let mut within = file.take(LARGEST_FILE + 1);
    let length = within
        .read_to_end(&mut bytes)
        .map_err(ReadFailure::Unreadable)?;
    match u64::try_from(length).is_ok_and(|length| length <= LARGEST_FILE) {
        true => Ok(bytes),
        false => Err(ReadFailure::TooLarge),
    }
}

/// The file's bytes, in `buffer`, which grows as needed and keeps stale bytes behind them.
fn read_into<'buffer>(
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
    fn results_do_not_depend_on_the_number_of_threads() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..200 {
            let below = folder.path().join(format!("d{}", number % 7));
            std::fs::create_dir_all(&below).unwrap();
            std::fs::write(below.join(format!("{number}.json")), number.to_string()).unwrap();
        }
        let selection = Selection {
            paths: vec![folder.path().to_path_buf(), folder.path().join("absent")],
            hidden: false,
            respect_gitignore: true,
            ..Selection::default()
        };
        let with = |threads| {
            let threads = NonZeroUsize::new(threads).unwrap();
            let scan = scan(&selection, threads, |_, bytes| {
                (!bytes.ends_with(b"3")).then(|| bytes.to_vec())
            });
            assert_eq!((scan.files, scan.errors.len()), (200, 1));
            scan.results
        };
        let one = with(1);
        assert_eq!(one.len(), 180);
        assert!(one.is_sorted_by(|(a, _), (b, _)| a.name < b.name));
        assert_eq!(one, with(3));
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
