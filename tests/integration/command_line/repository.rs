//! A repository in a temporary folder, and the program run in it.
//!
//! Knows git and processes, never templates. Start at [`Repository`].

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A git repository, empty at first, beside an empty home folder.
pub(crate) struct Repository {
    base: TempDir,
}

/// What a run of the program gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Outcome {
    fn new(output: Output) -> Self {
        Self {
            code: output.status.code().expect("the program was killed"),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// Fails unless the exit code is this one and stderr is empty.
    #[track_caller]
    pub(crate) fn quietly(self, code: i32) -> Self {
        assert_eq!((self.code, self.stderr.as_str()), (code, ""), "{self:#?}");
        self
    }
}

impl Repository {
    pub(crate) fn new() -> Self {
        let repository = Self {
            base: tempfile::tempdir().unwrap(),
        };
        std::fs::create_dir(repository.base.path().join("home")).unwrap();
        std::fs::create_dir(repository.root()).unwrap();
        repository.git(&["init", "--quiet"], "");
        repository
    }

    /// A repository with one file.
    pub(crate) fn with(name: impl AsRef<OsStr>, text: impl AsRef<[u8]>) -> Self {
        let repository = Self::new();
        repository.write(name, text);
        repository
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.base.path().join("repository")
    }

    /// The folder around the repository, for files that are not part of it.
    pub(crate) fn outside(&self) -> &Path {
        self.base.path()
    }

    pub(crate) fn path(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.root().join(Path::new(name.as_ref()))
    }

    pub(crate) fn write(&self, name: impl AsRef<OsStr>, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: impl AsRef<OsStr>) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Runs the program in the root.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_in("", arguments)
    }

    /// Runs the program in a folder of the repository.
    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str]) -> Outcome {
        let mut command = self.command(folder);
        Outcome::new(command.args(arguments).output().unwrap())
    }

    /// Runs the program in the root with something on stdin.
    pub(crate) fn run_fed(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Outcome {
        let program = env!("CARGO_BIN_EXE_msi2imds");
        Outcome::new(self.output(program, "", arguments, input.as_ref()))
    }

    /// Runs the program in the root with one environment variable set.
    pub(crate) fn run_under(&self, variable: &str, arguments: &[&str]) -> Outcome {
        let mut command = self.command("");
        let output = command.args(arguments).env(variable, "true").output();
        Outcome::new(output.unwrap())
    }

    /// The program, ready to run in a folder of the repository.
    pub(crate) fn command(&self, folder: &str) -> Command {
        self.bare(OsStr::new(env!("CARGO_BIN_EXE_msi2imds")), folder)
    }

    /// Runs git in the root, fails unless it succeeds.
    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str], input: impl AsRef<[u8]>) {
        self.feed("git", "", arguments, input);
    }

    /// Runs a program in a folder of the repository, fails unless it succeeds.
    #[track_caller]
    pub(crate) fn feed(
        &self,
        program: &str,
        folder: &str,
        arguments: &[&str],
        input: impl AsRef<[u8]>,
    ) {
        let output = self.output(program, folder, arguments, input.as_ref());
        assert!(
            output.status.success(),
            "{program} {arguments:?}: {}{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
            String::from_utf8_lossy(input.as_ref()),
        );
    }

    /// Runs a program in the root, fails unless it fails and changes nothing.
    #[track_caller]
    pub(crate) fn refuses(&self, program: &str, arguments: &[&str], input: impl AsRef<[u8]>) {
        let templates = |tree: BTreeMap<PathBuf, Vec<u8>>| -> Vec<_> {
            let is_template = |name: &PathBuf| name.extension().is_some_and(|end| end == "json");
            tree.into_iter()
                .filter(|(name, _)| is_template(name))
                .collect()
        };
        let before = templates(self.tree());
        let output = self.output(program, "", arguments, input.as_ref());
        assert!(!output.status.success(), "{program} {arguments:?} succeeds");
        assert_eq!(templates(self.tree()), before);
    }

    #[track_caller]
    fn output(&self, program: &str, folder: &str, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = self
            .bare(OsStr::new(program), folder)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{program} cannot be run ({error}): the tests need git and patch")
            });
        // A program that refuses its input may leave before it has read all.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    fn bare(&self, program: &OsStr, folder: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.path(folder));
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.env("HOME", self.base.path().join("home"));
        command
    }

    /// Every regular file below the root with its bytes, git's own among them.
    pub(crate) fn tree(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        walkdir::WalkDir::new(self.root())
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let bytes = std::fs::read(entry.path()).unwrap();
                let name = entry.path().strip_prefix(self.root()).unwrap();
                (name.to_path_buf(), bytes)
            })
            .collect()
    }
}
