//! Each format of a report: what it looks like, and that what reads it finds in it what was found.
//!
//! The inputs are a repository under `inputs`, called by what each file shows. The program runs with
//! an empty environment, so that a CI service around the tests changes nothing. Start at
//! [`Inputs`].

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

mod agents;
mod code_scanning;
mod default_format;
mod json;
mod linked;
mod output_files;
mod pictures;
mod schema;
mod snapshots;
mod suppressed;
mod test_results;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A copy of the inputs in a repository of its own.
struct Inputs {
    base: TempDir,
}

impl Inputs {
    fn new() -> Self {
        let inputs = Self::empty();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/formats/inputs");
        for entry in walkdir::WalkDir::new(&source) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let name = entry.path().strip_prefix(&source).unwrap();
                inputs.write(
                    name.to_str().unwrap(),
                    &std::fs::read(entry.path()).unwrap(),
                );
            }
        }
        inputs
    }

    fn empty() -> Self {
        let inputs = Self {
            base: tempfile::tempdir().unwrap(),
        };
        std::fs::create_dir_all(inputs.path(".git")).unwrap();
        inputs
    }

    fn path(&self, name: &str) -> PathBuf {
        self.base.path().join("repository").join(name)
    }

    /// A path outside of the repository.
    fn outside(&self, name: &str) -> String {
        self.base.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    fn command(&self, folder: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_msi2imds"));
        command
            .env_clear()
            .env("HOME", self.base.path())
            .current_dir(self.path(folder))
            .args(arguments);
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command("", arguments).output().unwrap()
    }

    /// What a run prints on stdout; fails if it has errors.
    #[track_caller]
    fn run(&self, arguments: &[&str]) -> String {
        printed(&self.output(arguments))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let json = [arguments, &["--output-format", "json"]].concat();
        serde_json::from_str(&self.run(&json)).unwrap()
    }
}

#[track_caller]
fn printed(output: &Output) -> String {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The list called `name` in an object.
fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

fn number(value: &Value, name: &str) -> usize {
    usize::try_from(value[name].as_u64().unwrap()).unwrap()
}
