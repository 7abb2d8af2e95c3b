//! Reading files that belong together, one set after another on several threads.
//!
//! What comes out does not depend on the number of threads. Start at [`visit_sets`].

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::read::{MOST_THREADS, ReadError};
use super::source_file::SourceFile;
use super::tree::Tree;

/// A file of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetMember {
    /// The file.
    pub file: SourceFile,
    /// Whether the selection has it, so that it may be edited.
    pub selected: bool,
    /// Whether files were left out that belong to it: they are more than are taken together.
    pub is_cut: bool,
}

impl SetMember {
    /// A file without others that belong to it.
    pub fn new(file: SourceFile, selected: bool) -> Self {
        let is_cut = false;
        Self {
            file,
            selected,
            is_cut,
        }
    }
}

/// A file of a set with its bytes.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The file.
    pub member: SetMember,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Bytes of a file that are not read from the disk.
#[derive(Clone, Copy, Debug)]
pub struct InMemoryFile<'b> {
    /// The file.
    pub file: &'b SourceFile,
    /// What is in it.
    pub bytes: &'b [u8],
}

/// Reads each of `sets` from `tree`, but for what is `given`, and gives what `visit` makes of it, in their order, with what could not be read:
/// a set goes without those files.
///
/// `visit` runs on `threads` threads at once, 64 at most. Its panics are passed on.
pub fn visit_sets<T: Send>(
    tree: &Tree,
    sets: Vec<Vec<SetMember>>,
    threads: NonZeroUsize,
    given: Option<InMemoryFile<'_>>,
    visit: impl Fn(Vec<Loaded>) -> T + Sync,
) -> (Vec<T>, Vec<ReadError>) {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut part = Vec::new();
        let take = || sets.get(next.fetch_add(1, Ordering::Relaxed));
        let mut at = take();
        while let Some(set) = at {
            let (files, errors) = load(tree, set, given);
            part.push((set.first(), visit(files), errors));
            at = take();
        }
        part
    };
    let mut done = std::thread::scope(|scope| {
        let threads = threads.get().min(MOST_THREADS).min(sets.len());
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut done = Vec::new();
        for worker in workers {
            match worker.join() {
                Ok(part) => done.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    let name = |member: Option<&SetMember>| member.map(|member| member.file.clone());
    done.sort_by_cached_key(|(first, _, _)| name(*first));
    let (results, errors): (Vec<T>, Vec<Vec<ReadError>>) = done
        .into_iter()
        .map(|(_, result, errors)| (result, errors))
        .unzip();
    (results, errors.into_iter().flatten().collect())
}

fn load(
    tree: &Tree,
    set: &[SetMember],
    given: Option<InMemoryFile<'_>>,
) -> (Vec<Loaded>, Vec<ReadError>) {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    for member in set {
        let given = given.filter(|given| *given.file == member.file);
        let bytes = match given {
            Some(given) => Ok(given.bytes.to_vec()),
            None => tree.read(&member.file),
        };
        match bytes {
            Ok(bytes) => files.push(Loaded {
                member: member.clone(),
                bytes,
            }),
            Err(failure) => errors.push(ReadError::new(&member.file.path, failure)),
        }
    }
    (files, errors)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::repository::test_folder::folder_with;

    fn member(base: &Path, name: &str) -> SetMember {
        let file = SourceFile {
            name: name.as_bytes().to_vec(),
            path: base.join(name),
            root: base.to_path_buf(),
            canonical: base.join(name),
        };
        SetMember::new(file, true)
    }

    #[test]
    fn sets_come_in_their_order_whatever_the_threads_and_without_what_is_gone() {
        let names: Vec<String> = (0..40).map(|number| format!("{number:02}")).collect();
        let files: Vec<(&str, &str)> = names.iter().map(|name| (&**name, &**name)).collect();
        let base = folder_with(&files);
        let mut sets: Vec<Vec<SetMember>> = names
            .iter()
            .map(|name| vec![member(base.path(), name)])
            .collect();
        sets[0].push(member(base.path(), "gone"));
        for threads in [1, 3, 100] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let (texts, errors) = visit_sets(&Tree::Disk, sets.clone(), threads, None, |files| {
                let texts = files
                    .iter()
                    .map(|file| String::from_utf8_lossy(&file.bytes));
                texts.collect::<String>()
            });
            assert_eq!(texts, names);
            let paths: Vec<_> = errors.iter().map(|error| error.path.clone()).collect();
            assert_eq!(paths, [base.path().join("gone")]);
        }
    }
}
