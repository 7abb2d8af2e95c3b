//! The files of a repository as they were at a revision, in a folder of their own.
//!
//! git is asked for the tree and the bytes; nothing of the repository is touched, no link is made, and no
//! path leaves the folder. Never knows what is in a file. Start at [`Revision::of`].

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufReader, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::source_file::without_dots;

/// Why the files of a revision cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// The revision reads like an option.
    #[error("{0}: is no name of a revision, since it is empty or begins with a dash")]
    Name(String),
    /// git cannot be run.
    #[error("git, which reads revisions, cannot be run: {0}")]
    NoGit(io::Error),
    /// The current folder is in no repository.
    #[error(
        "the current folder is in no git repository: run this in the one with the templates ({0})"
    )]
    NoRepository(String),
    /// The repository has no such revision.
    #[error(
        "{0}: there is no such revision in this repository; where the clone is shallow, fetch it first"
    )]
    Unknown(String),
    /// A named path is outside the repository.
    #[error("{}: is outside the repository {}, of which the revision is", .path.display(), .repository.display())]
    Outside {
        /// The path, as the user wrote it.
        path: PathBuf,
        /// The repository's root.
        repository: PathBuf,
    },
    /// A named path was not there.
    #[error("{}: is not there at {revision}", .path.display())]
    Absent {
        /// The path, as the user wrote it.
        path: PathBuf,
        /// The revision.
        revision: String,
    },
    /// git failed, or gave something that it should not.
    #[error("git cannot read the revision: {0}")]
    Git(String),
    /// The folder cannot be written.
    #[error("the files of the revision cannot be laid out: {0}")]
    Folder(#[from] io::Error),
}

/// A tree, laid out. The folder goes when this is dropped.
#[derive(Debug)]
pub struct Revision {
    name: String,
    /// The root of the work tree.
    repository: PathBuf,
    /// The folder that has the tree.
    root: PathBuf,
    /// Kept for as long as its files are read.
    _folder: TempDir,
}

impl Revision {
    /// Lays out the whole tree of `revision` in the repository around the current folder, since templates
    /// link others anywhere in it.
    ///
    /// # Errors
    /// No git, no repository, or no such revision.
    pub fn of(revision: &str) -> Result<Self, RevisionError> {
        if revision.is_empty() || revision.starts_with('-') || revision.contains('\0') {
            return Err(RevisionError::Name(revision.to_owned()));
        }
        let top = git(&["rev-parse", "--show-toplevel"])?;
        if !top.status.success() {
            return Err(RevisionError::NoRepository(complaint(&top)));
        }
        let repository = path_of(top.stdout.trim_ascii_end()).canonicalize()?;
        let tree = format!("{revision}^{{tree}}");
        let id = git(&[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &tree,
        ])?;
        if !id.status.success() {
            return Err(RevisionError::Unknown(revision.to_owned()));
        }
        let id = String::from_utf8_lossy(id.stdout.trim_ascii()).into_owned();
        let folder = tempfile::tempdir()?;
        let root = folder.path().canonicalize()?;
        lay_out(&root, &listed(&id)?)?;
        // What marks the root of a repository, which files that belong together do not leave.
        fs::create_dir(root.join(".git"))?;
        Ok(Self {
            name: revision.to_owned(),
            repository,
            root,
            _folder: folder,
        })
    }

    /// The canonical folder that has the tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the file or folder is that is called `path` from the current folder.
    ///
    /// # Errors
    /// A path outside of the repository, or one that was not there.
    pub fn path(&self, path: &Path) -> Result<PathBuf, RevisionError> {
        let there = self.place(path)?;
        match there.symlink_metadata() {
            Ok(_) => Ok(there),
            Err(_) => Err(RevisionError::Absent {
                path: path.to_path_buf(),
                revision: self.name.clone(),
            }),
        }
    }

    /// Where the current folder is, or would be.
    ///
    /// # Errors
    /// It is outside of the repository.
    pub fn current_folder(&self) -> Result<PathBuf, RevisionError> {
        self.place(Path::new("."))
    }

    fn place(&self, path: &Path) -> Result<PathBuf, RevisionError> {
        Ok(self.root.join(within(&self.repository, path)?))
    }
}

/// A file of a tree.
struct Blob {
    id: String,
    path: PathBuf,
}

/// The plain files of a tree, without links and submodules.
fn listed(tree: &str) -> Result<Vec<Blob>, RevisionError> {
    let list = git(&["ls-tree", "-r", "-z", "--full-tree", tree])?;
    if !list.status.success() {
        return Err(RevisionError::Git(complaint(&list)));
    }
    let entries = list.stdout.split(|byte| *byte == 0);
    let blobs = entries.filter_map(|entry| {
        let tab = entry.iter().position(|byte| *byte == b'\t')?;
        let (meta, path) = entry.split_at_checked(tab)?;
        let meta = std::str::from_utf8(meta).ok()?;
        let mut words = meta.split(' ');
        let mode = words.next()?;
        let id = words.nth(1)?;
        let path = path_of(path.get(1..)?);
        (mode.starts_with("100") && is_safe(&path)).then(|| Blob {
            id: id.to_owned(),
            path,
        })
    });
    Ok(blobs.collect())
}

/// Whether a path stays below the folder that it is joined to, and is none of git's own.
fn is_safe(path: &Path) -> bool {
    let mut parts = path.components();
    parts.all(|part| match part {
        Component::Normal(name) => {
            let is_git = name.eq_ignore_ascii_case(".git");
            let bytes = name.as_encoded_bytes();
            let is_odd = cfg!(windows) && bytes.iter().any(|byte| b"\\:".contains(byte));
            !is_git && !is_odd
        }
        _ => false,
    })
}

/// Writes the files to where they belong below `root`.
fn lay_out(root: &Path, blobs: &[Blob]) -> Result<(), RevisionError> {
    let mut child = command(&["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(RevisionError::NoGit)?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let result = std::thread::scope(|scope| {
        // git answers while it is asked, so that one of both would wait for ever in one thread.
        scope.spawn(move || {
            let Some(mut input) = input.map(io::BufWriter::new) else {
                return;
            };
            for blob in blobs {
                // git is gone, as its answers will tell.
                if writeln!(input, "{}", blob.id).is_err() {
                    return;
                }
            }
            let _ = input.flush();
        });
        let Some(mut output) = output.map(BufReader::new) else {
            return Ok(());
        };
        blobs
            .iter()
            .try_for_each(|blob| write_blob(root, blob, &mut output))
    });
    let status = child.wait();
    result?;
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(RevisionError::Git(format!("cat-file ended with {status}"))),
        Err(error) => Err(RevisionError::NoGit(error)),
    }
}

/// Takes an answer of `cat-file --batch`: `ID TYPE SIZE`, the bytes, a line feed.
fn write_blob(
    root: &Path,
    blob: &Blob,
    answers: &mut impl io::BufRead,
) -> Result<(), RevisionError> {
    let mut head = String::new();
    answers.read_line(&mut head)?;
    let size = head
        .trim_end()
        .rsplit(' ')
        .next()
        .and_then(|size| size.parse::<u64>().ok())
        .ok_or_else(|| {
            let path = blob.path.display();
            RevisionError::Git(format!("{path} cannot be had: {}", head.trim_end()))
        })?;
    let path = root.join(&blob.path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create(path)?;
    let copied = io::copy(&mut answers.by_ref().take(size), &mut file)?;
    let mut end = [0];
    answers.read_exact(&mut end)?;
    if copied != size {
        return Err(RevisionError::Git(
            "an answer of git was cut off".to_owned(),
        ));
    }
    Ok(())
}

/// A named path from the repository's root.
fn within(repository: &Path, path: &Path) -> Result<PathBuf, RevisionError> {
    let outside = || RevisionError::Outside {
        path: path.to_path_buf(),
        repository: repository.to_path_buf(),
    };
    let whole = match path.canonicalize() {
        Ok(whole) => whole,
        // It may be gone since.
        Err(_) => without_dots(&std::env::current_dir()?.canonicalize()?.join(path)),
    };
    let below = whole.strip_prefix(repository).map_err(|_| outside())?;
    let is_below = below.as_os_str().is_empty() || is_safe(below);
    is_below.then(|| below.to_path_buf()).ok_or_else(outside)
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .args(arguments)
        // Nothing is written, and nothing is fetched.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_LAZY_FETCH", "1");
    command
}

fn git(arguments: &[&str]) -> Result<Output, RevisionError> {
    command(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(RevisionError::NoGit)
}

/// The first line that git complained with.
fn complaint(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    let text = String::from_utf8_lossy(bytes);
    PathBuf::from(OsStr::new(text.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_tree_that_leave_the_folder_are_left_out() {
        for path in ["../a", "/a", "a/../../b", ".git/config", "a/.GIT/hooks/x"] {
            assert!(!is_safe(Path::new(path)), "{path}");
        }
        for path in ["a", "a/b.json", ".github/x", "..a"] {
            assert!(is_safe(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn a_revision_that_reads_like_an_option_is_refused() {
        for name in ["--upload-pack=x", "-p", ""] {
            let error = Revision::of(name).unwrap_err();
            assert!(matches!(error, RevisionError::Name(_)), "{error}");
        }
    }
}
