//! Reading the files of a selection on several threads.
//!
//! The calling thread walks and hands batches of files to workers, each of which reads into one
//! buffer of its own: no file is mapped, so one that shrinks meanwhile does no harm. What comes out
//! does not depend on the number of threads. Start at [`scan`].

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::read::{MOST_THREADS, ReadError};
use super::selection::Selection;
use super::skipped::Skipped;
use super::source_file::{SourceFile, WalkedFile};
use super::tree::Tree;
use super::walk::walk;

/// Enough that the channel costs nothing, few enough that no worker idles at the end.
const BATCH: usize = 32;
/// Batches that wait at most, so that a fast walk does not hold a whole disk's names.
const WAITING_BATCHES: usize = 256;
/// A worker's buffer to start with, in bytes: nearly all templates fit.
const BUFFER: usize = 256 * 1024;
/// A buffer that one file made larger than this, in bytes, is given back after it.
const LARGEST_KEPT_BUFFER: usize = 16 * 1024 * 1024;
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

impl<T> Scan<T> {
    fn empty() -> Self {
        Self {
            results: Vec::new(),
            errors: Vec::new(),
            skipped: Vec::new(),
            temporary: Vec::new(),
            submodules: Vec::new(),
            files: 0,
        }
    }
}

/// [`scan`] with the canonical folder that names are relative to.
pub(super) fn scan_in<T: Send>(
    current_folder: Option<&Path>,
    selection: &Selection,
    threads: NonZeroUsize,
    visit: impl Fn(&SourceFile, &[u8]) -> Option<T> + Sync,
) -> Scan<T> {
    let mut scan = Scan::empty();
    let (sender, receiver) = sync_channel::<Vec<WalkedFile>>(WAITING_BATCHES);
    let receiver = Arc::new(Mutex::new(receiver));
    std::thread::scope(|scope| {
        let visit = &visit;
        // One git reads for all.
        let workers = match selection.tree {
            Tree::Disk => threads.get().min(MOST_THREADS),
            Tree::Revision(_) => 1,
        };
        let workers: Vec<_> = (0..workers)
            .map(|_| {
                let receiver = Arc::clone(&receiver);
                scope.spawn(move || read_batches(&selection.tree, &receiver, visit))
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
    tree: &Tree,
    receiver: &Mutex<Receiver<Vec<WalkedFile>>>,
    visit: &impl Fn(&SourceFile, &[u8]) -> Option<T>,
) -> Scan<T> {
    let mut part = Scan::empty();
    let mut buffer = vec![0; BUFFER];
    loop {
        let received = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(batch) = received else {
            return part;
        };
        let files: Vec<SourceFile> = batch
            .into_iter()
            .map(WalkedFile::into_source_file)
            .collect();
        tree.ask(files.iter());
        for file in files {
            match tree.read_into(&mut buffer, &file) {
                Ok(bytes) => {
                    part.files += 1;
                    if let Some(result) = visit(&file, bytes) {
                        part.results.push((file, result));
                    }
                }
                Err(failure) => part.errors.push(ReadError::new(&file.path, failure)),
            }
            if buffer.len() > LARGEST_KEPT_BUFFER {
                buffer.truncate(BUFFER);
                buffer.shrink_to_fit();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
