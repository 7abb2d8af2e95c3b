//! Objects of a git repository, as one `git cat-file --batch` gives them.
//!
//! The repository may be hostile. Nothing in it makes git run a program, use the network, write a file or
//! read another user's configuration: see [`command`]. What git says is bounded, and a process that an
//! object ends is started again for the next one. Never knows what an object is for. Start at [`Objects`].

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use thiserror::Error;

/// The most objects that are asked for before one is read. A pipe holds at least 4,096 bytes, so git can be
/// sent the 32 names of 65 bytes while it is itself stopped by an answer that nobody reads yet.
pub(super) const MOST_ASKED: usize = 32;
/// The most that git may say of one object before its bytes, and of its failure, in bytes.
const LONGEST_WORDS: u64 = 4_096;
/// How often git may be ended by an object.
const MOST_STARTS: usize = 100;

/// The kind of a file's object, as git calls it.
pub(super) const BLOB: &str = "blob";
/// The kind of a folder's object.
pub(super) const TREE: &str = "tree";

/// Why there is no object to be had, and what to do.
#[derive(Debug, Error)]
pub(super) enum ObjectError {
    #[error("git cannot be run ({0}); --rev needs git on the PATH")]
    NoGit(io::Error),
    #[error(
        "the repository does not have its object; a partial or damaged clone lacks some, and nothing is \
         fetched here: clone it without --filter, or run `git fetch --refetch`"
    )]
    Missing,
    #[error("ambiguous; write out more of the hash")]
    Ambiguous,
    #[error("its object is a {0}, and a {1} is expected; check the repository with `git fsck`")]
    OtherKind(String, &'static str),
    #[error("larger than {0} bytes")]
    TooLarge(u64),
    #[error("git failed ({0}); check the repository with `git fsck`")]
    Failed(String),
}

/// The objects of a repository.
#[derive(Debug)]
pub(super) struct Objects {
    git_folder: PathBuf,
    state: Mutex<ReaderState>,
}

#[derive(Debug, Default)]
struct ReaderState {
    process: Option<Process>,
    starts: usize,
}

/// An object.
pub(super) struct Object {
    /// Its hash, in hexadecimal.
    pub(super) id: String,
    pub(super) bytes: Vec<u8>,
}

impl Objects {
    /// Those of the repository whose own files are in `git_folder`.
    pub(super) fn of(git_folder: PathBuf) -> Self {
        let state = Mutex::default();
        Self { git_folder, state }
    }

    /// Lets git begin with objects that are read next, in this order; [`MOST_ASKED`] of them at most.
    pub(super) fn ask(&self, names: impl Iterator<Item = String>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(mut process) = self.take_process(&mut state) else {
            return;
        };
        // What fails here fails again when the object is read.
        if process.drain().is_ok() && process.ask(names.take(MOST_ASKED)).is_ok() {
            state.process = Some(process);
        }
    }

    /// The object with a name, which holds no line feed, of at most `most` bytes.
    pub(super) fn read(
        &self,
        name: &str,
        kind: &'static str,
        most: u64,
    ) -> Result<Object, ObjectError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut process = self.take_process(&mut state)?;
        match process.read(name, kind, most) {
            Ok(read) => {
                state.process = Some(process);
                read
            }
            Err(error) => Err(ObjectError::Failed(process.last_words(&error))),
        }
    }

    fn take_process(&self, state: &mut ReaderState) -> Result<Process, ObjectError> {
        if let Some(process) = state.process.take() {
            return Ok(process);
        }
        if state.starts == MOST_STARTS {
            return Err(ObjectError::Failed("too many objects end it".to_owned()));
        }
        state.starts += 1;
        Process::start(&self.git_folder).map_err(ObjectError::NoGit)
    }
}

/// `git cat-file --batch` in a repository that nobody vouches for.
///
/// The repository's own configuration is read by git in any case, as it holds the format of the repository.
/// Of what it can name, `cat-file` runs nothing but what fetches the objects that a partial clone lacks:
/// that is switched off, and for the versions of git that do not know the switch (before 2.45), no protocol is
/// allowed. As the repository is named, git does not ask who owns it (`safe.directory`).
fn command(git_folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("--git-dir")
        .arg(git_folder)
        .args(["-c", "core.fsmonitor=false"])
        .args(["-c", "core.hooksPath=/dev/null"])
        .args(["-c", "protocol.allow=never"])
        .args(["cat-file", "--batch"])
        .env("GIT_ALLOW_PROTOCOL", "none")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C");
    // A hook of git runs with those of the repository that it is for.
    for name in [
        "GIT_COMMON_DIR",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_INDEX_FILE",
        "GIT_WORK_TREE",
    ] {
        command.env_remove(name);
    }
    command
}

#[derive(Debug)]
struct Process {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// What was asked for and not read yet.
    asked: VecDeque<String>,
    /// What git says on stderr.
    words: Option<JoinHandle<Vec<u8>>>,
}

/// What git says of an object before its bytes.
struct ObjectHeader {
    id: String,
    kind: String,
    size: u64,
}

impl Process {
    fn start(git_folder: &Path) -> io::Result<Self> {
        let mut child = command(git_folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(requests), Some(answers), Some(stderr)) = pipes else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        Ok(Self {
            child,
            requests,
            answers: BufReader::with_capacity(1 << 16, answers),
            asked: VecDeque::new(),
            words: Some(std::thread::spawn(move || first_words(stderr))),
        })
    }

    fn ask(&mut self, names: impl Iterator<Item = String>) -> io::Result<()> {
        let mut lines = String::new();
        for name in names {
            lines.extend([&*name, "\n"]);
            self.asked.push_back(name);
        }
        self.requests.write_all(lines.as_bytes())
    }

    /// Reads what nobody wants any more.
    fn drain(&mut self) -> io::Result<()> {
        while self.asked.pop_front().is_some() {
            if let Ok(header) = self.header()? {
                self.skip(header.size)?;
            }
        }
        Ok(())
    }

    /// The object, or what is wrong with it; an error of the system is the end of the process.
    fn read(
        &mut self,
        name: &str,
        kind: &'static str,
        most: u64,
    ) -> io::Result<Result<Object, ObjectError>> {
        if self.asked.front().map(String::as_str) != Some(name) {
            self.drain()?;
            self.ask([name.to_owned()].into_iter())?;
        }
        self.asked.pop_front();
        let header = match self.header()? {
            Ok(header) => header,
            Err(error) => return Ok(Err(error)),
        };
        let error = if header.kind != kind {
            ObjectError::OtherKind(header.kind, kind)
        } else if header.size > most {
            ObjectError::TooLarge(most)
        } else {
            let mut bytes = Vec::new();
            let read = (&mut self.answers)
                .take(header.size)
                .read_to_end(&mut bytes)?;
            if u64::try_from(read).ok() != Some(header.size) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.skip(0)?;
            return Ok(Ok(Object {
                id: header.id,
                bytes,
            }));
        };
        self.skip(header.size)?;
        Ok(Err(error))
    }

    fn header(&mut self) -> io::Result<Result<ObjectHeader, ObjectError>> {
        let mut line = Vec::new();
        (&mut self.answers)
            .take(LONGEST_WORDS)
            .read_until(b'\n', &mut line)?;
        let Some(line) = line.strip_suffix(b"\n") else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let line = String::from_utf8_lossy(line);
        if line.ends_with(" missing") {
            return Ok(Err(ObjectError::Missing));
        }
        if line.ends_with(" ambiguous") {
            return Ok(Err(ObjectError::Ambiguous));
        }
        let mut words = line.split(' ').map(str::to_owned);
        let (id, kind, size) = (words.next(), words.next(), words.next());
        let size = size.and_then(|size| size.parse().ok());
        match (id, kind, size) {
            (Some(id), Some(kind), Some(size)) => Ok(Ok(ObjectHeader { id, kind, size })),
            _ => Err(io::Error::other(format!("an unknown answer: {line}"))),
        }
    }

    /// Reads over `size` bytes and the line feed behind them.
    fn skip(&mut self, size: u64) -> io::Result<()> {
        let size = size.saturating_add(1);
        let skipped = io::copy(&mut (&mut self.answers).take(size), &mut io::sink())?;
        match skipped == size {
            true => Ok(()),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Why the process ended, in git's own words if it said something.
    fn last_words(mut self, error: &io::Error) -> String {
        let _ = self.child.kill();
        let said = self.words.take().and_then(|words| words.join().ok());
        let said = String::from_utf8_lossy(&said.unwrap_or_default()).into_owned();
        let lines: Vec<&str> = said.lines().filter(|line| !line.is_empty()).collect();
        match lines.is_empty() {
            true => error.to_string(),
            false => lines.join("; "),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It only reads: nothing is lost. What cannot be ended ends with its pipes.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first of what is said; the rest is read too, so that git never stops for it.
fn first_words(mut stderr: impl Read) -> Vec<u8> {
    let mut words = Vec::new();
    let _ = (&mut stderr).take(LONGEST_WORDS).read_to_end(&mut words);
    let _ = io::copy(&mut stderr, &mut io::sink());
    words
}
