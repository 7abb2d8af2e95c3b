//! A double of `az`: it answers from files and writes down its arguments, each ended by NUL.
//!
//! Start at [`Azure`].

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// Answers to `az A B C` come from the file `A-B-C` where there is one. The command named in the file
/// `fails` fails.
const AZ: &str = r#"#!/usr/bin/env bash
call=$(printf '%s/calls/%06d' "$AZURE" "$(ls "$AZURE/calls" | wc -l)")
printf '%s\0' "$@" >"$call"
name=
for word in "$@"; do
    case $word in -*) break ;; esac
    name=${name:+$name-}$word
done
if [ "$name" = "$(cat "$AZURE/fails")" ]; then
    echo 'ERROR: (AuthorizationFailed)' >&2
    exit 3
fi
if [ -e "$AZURE/$name" ]; then
    cat "$AZURE/$name"
fi
"#;

pub(crate) struct Azure {
    folder: TempDir,
}

/// What a script did.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The arguments of each call of `az`.
    pub(crate) calls: Vec<Vec<String>>,
}

impl Ran {
    /// The calls that delete something.
    pub(crate) fn deletions(&self) -> Vec<Vec<&str>> {
        let calls = self.calls.iter();
        let deletions = calls.filter(|call| call.get(2).is_some_and(|word| word == "delete"));
        deletions
            .map(|call| call.iter().map(String::as_str).collect())
            .collect()
    }
}

impl Azure {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["bin", "calls", "here"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let az = folder.path().join("bin/az");
        std::fs::write(&az, AZ).unwrap();
        std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
        let azure = Self { folder };
        azure.answer("fails", "");
        azure
    }

    /// Lets a command answer with these lines: `vm-extension-list`, `vmss-list-instances` and the like.
    pub(crate) fn answer(&self, command: &str, lines: &str) {
        std::fs::write(self.folder.path().join(command), lines).unwrap();
    }

    /// Lets a command fail.
    pub(crate) fn fail(&self, command: &str) {
        self.answer("fails", command);
    }

    /// Where scripts are run: nothing may come to be there.
    pub(crate) fn here(&self) -> PathBuf {
        self.folder.path().join("here")
    }

    /// Runs a script in bash with these variables.
    pub(crate) fn run(&self, script: &str, variables: &[(&str, &str)]) -> Ran {
        let file = self.folder.path().join("script.sh");
        std::fs::write(&file, script).unwrap();
        let path = std::env::var("PATH").unwrap();
        let bin = self.folder.path().join("bin");
        let output = Command::new("bash")
            .arg(&file)
            .env_clear()
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("AZURE", self.folder.path())
            .envs(variables.iter().copied())
            .current_dir(self.here())
            .output()
            .expect("the tests need bash");
        Ran {
            code: output.status.code().expect("the script was killed"),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            calls: self.calls(),
        }
    }

    fn calls(&self) -> Vec<Vec<String>> {
        let folder = std::fs::read_dir(self.folder.path().join("calls")).unwrap();
        let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let calls = files.iter().map(|file| {
            let text = String::from_utf8(std::fs::read(file).unwrap()).unwrap();
            let words = text.split_terminator('\0');
            words.map(str::to_owned).collect()
        });
        calls.collect()
    }
}
