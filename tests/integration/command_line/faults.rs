//! What goes wrong around a run: files that change under it, signals, full disks, closed streams.
//!
//! Kills, mounts and many runs at once are in `.ci/faults`.

use std::fs;

use super::repository::Repository;
use super::templates;

const LEFT: &str = ".msi2imds-0123456789ab.tmp";

#[test]
fn fix_removes_what_a_killed_run_left_and_the_others_touch_nothing() {
    let repository = Repository::with("infra/a.json", templates::FIXABLE);
    let places = [LEFT.to_owned(), format!("infra/{LEFT}")];
    for place in &places {
        repository.write(place, "half");
    }
    for arguments in [&["check"][..], &["diff", "--hidden"]] {
        repository.run(arguments).quietly(1);
        assert!(places.iter().all(|place| repository.path(place).exists()));
    }
    let shown = repository.run(&["check", "--show-files"]).quietly(0);
    let said = "skipped: a temporary file of msi2imds";
    assert_eq!(shown.text().matches(said).count(), 2, "{shown:#?}");
    repository.run(&["fix"]).quietly(0);
    assert!(!places.iter().any(|place| repository.path(place).exists()));
}

#[test]
fn fix_removes_what_was_left_beside_a_named_file() {
    let repository = Repository::with("infra/a.json", templates::FIXABLE);
    let (beside, elsewhere) = (format!("infra/{LEFT}"), format!("other/{LEFT}"));
    repository.write(&beside, "half");
    repository.write(&elsewhere, "half");
    repository.run(&["fix", "infra/a.json"]).quietly(0);
    assert!(!repository.path(&beside).exists());
    assert!(repository.path(&elsewhere).exists());
}

#[test]
fn the_temporary_file_of_another_run_is_kept() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    repository.write(LEFT, "half");
    let file = fs::File::options()
        .write(true)
        .open(repository.path(LEFT))
        .unwrap();
    file.lock().unwrap();
    repository.run(&["fix", "--hidden"]).quietly(0);
    assert!(repository.path(LEFT).exists());
}

#[cfg(unix)]
mod unix {
    use std::io::Read as _;
    use std::os::unix::fs::symlink;
    use std::process::{Child, Command, ExitStatus, Stdio};

    use super::*;

    /// A `fix` of a whole repository that has read everything, and waits for somebody to read stderr
    /// before it writes.
    struct Paused {
        child: Child,
        said: Vec<u8>,
    }

    impl Paused {
        /// More complaints come than a pipe holds, and they come between reading and writing.
        fn in_repository(repository: &Repository) -> Self {
            let absent: String = (0..2000)
                .map(|number| format!("absent/{number:0>100}.json\n"))
                .collect();
            let list = repository.outside().join("list");
            fs::write(&list, absent).unwrap();
            let mut child = repository
                .command("")
                .args(["fix", "-q", ".", "--file-list", list.to_str().unwrap()])
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut first = [0];
            let stderr = child.stderr.as_mut().unwrap();
            stderr.read_exact(&mut first).unwrap();
            let said = first.to_vec();
            Self { child, said }
        }

        fn go_on(mut self) -> (ExitStatus, String) {
            let mut stderr = self.child.stderr.take().unwrap();
            stderr.read_to_end(&mut self.said).unwrap();
            let said = String::from_utf8(self.said).unwrap();
            (self.child.wait().unwrap(), said)
        }
    }

    #[test]
    fn what_took_the_place_of_a_file_meanwhile_is_kept_and_told() {
        let names = [
            "changed", "gone", "linked", "led-out", "folder", "pipe", "same",
        ];
        let repository = Repository::new();
        let name = |name: &str| format!("{name}.json");
        for one in names {
            repository.write(name(one), templates::FIXABLE);
        }
        let outside = repository.outside().join("outside.json");
        fs::write(&outside, templates::FIXABLE).unwrap();
        let paused = Paused::in_repository(&repository);
        repository.write("changed.json", "theirs");
        repository.write("other.txt", "theirs");
        for one in ["gone", "linked", "led-out", "folder", "pipe"] {
            fs::remove_file(repository.path(name(one))).unwrap();
        }
        symlink("other.txt", repository.path("linked.json")).unwrap();
        symlink(&outside, repository.path("led-out.json")).unwrap();
        fs::create_dir(repository.path("folder.json")).unwrap();
        let pipe = repository.path("pipe.json");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let (status, said) = paused.go_on();
        assert_eq!(status.code(), Some(2));
        for (one, why) in [
            ("changed", "the file changed after it was read; run again"),
            ("linked", "the file changed after it was read; run again"),
            ("folder", "the file changed after it was read; run again"),
            ("pipe", "the file changed after it was read; run again"),
            ("gone", "finding the file failed"),
            ("led-out", "a symbolic link leads to"),
        ] {
            let line = format!("{one}.json: not written: {why}");
            assert!(said.contains(&line), "{line}: {said}");
        }
        assert_eq!(said.matches("not written").count(), 6);
        assert_eq!(repository.read("changed.json"), b"theirs");
        assert_eq!(repository.read("other.txt"), b"theirs");
        assert_eq!(fs::read(&outside).unwrap(), templates::FIXABLE.as_bytes());
        assert!(!repository.path("gone.json").exists());
        assert!(repository.path("folder.json").is_dir());
        assert_eq!(repository.read("same.json"), templates::clean().as_bytes());
        let names = repository.tree().into_keys();
        let left = names.filter(|name| name.to_string_lossy().contains(".msi2imds-"));
        assert_eq!(left.count(), 0);
    }

    #[cfg(target_os = "linux")]
    impl Paused {
        /// Sends a signal, and waits until a thread of its own takes care of it.
        fn interrupt(&self, signal: &str) {
            let threads = format!("/proc/{}/task", self.child.id());
            let count = || fs::read_dir(&threads).unwrap().count();
            let before = count();
            let number = self.child.id().to_string();
            let sent = Command::new("kill").args([signal, &number]).status();
            assert!(sent.unwrap().success());
            while count() == before {
                std::thread::yield_now();
            }
            // What it does first: no file may be on its way from then on.
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interruption_says_so_and_gives_2_and_each_file_is_whole() {
        for signal in ["-INT", "-TERM"] {
            let repository = Repository::with("a.json", templates::FIXABLE);
            let before = repository.tree();
            let paused = Paused::in_repository(&repository);
            paused.interrupt(signal);
            let (status, said) = paused.go_on();
            assert_eq!(status.code(), Some(2), "{signal}");
            let line = "error: interrupted: every file is either unchanged";
            assert!(said.lines().any(|said| said.starts_with(line)), "{said}");
            assert_eq!(repository.tree(), before);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_second_interruption_waits_for_nobody() {
        let repository = Repository::with("a.json", templates::FIXABLE);
        let before = repository.tree();
        let mut paused = Paused::in_repository(&repository);
        paused.interrupt("-INT");
        let number = paused.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &number]).status();
        assert!(sent.unwrap().success());
        // Nobody reads its stderr.
        assert_eq!(paused.child.wait().unwrap().code(), Some(2));
        assert_eq!(repository.tree(), before);
    }

    /// Runs a line of a shell in the root, in which `$0` is the program.
    fn in_shell(repository: &Repository, line: &str) -> std::process::Output {
        let program = env!("CARGO_BIN_EXE_msi2imds");
        let mut shell = Command::new("sh");
        shell
            .args(["-c", line, program])
            .current_dir(repository.root());
        shell
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap());
        shell.output().unwrap()
    }

    #[test]
    fn a_limit_on_the_size_of_files_is_an_error_and_not_an_end() {
        let repository = Repository::with("a.json", templates::FIXABLE);
        let before = repository.tree();
        let output = in_shell(&repository, "ulimit -f 0; exec \"$0\" fix");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        let line = "a.json: not written: writing a temporary file failed (File too large";
        assert!(said.contains(line), "{said}");
        assert_eq!(repository.tree(), before);
    }

    #[test]
    fn a_reader_of_a_diff_that_leaves_early_is_no_error() {
        let repository = Repository::new();
        for number in 0..300 {
            repository.write(format!("{number}.json"), templates::FIXABLE);
        }
        let line = "{ \"$0\" diff; echo $? >../code; } | head -n 1";
        let output = in_shell(&repository, line);
        assert_eq!(output.stderr, b"", "{output:?}");
        assert_eq!(output.stdout, b"--- a/0.json\n");
        assert_eq!(fs::read(repository.outside().join("code")).unwrap(), b"1\n");
    }

    #[test]
    fn closed_streams_change_no_exit_code() {
        let repository = Repository::with("a.json", templates::FIXABLE);
        for (line, code) in [
            ("exec \"$0\" check >&-", 1),
            ("exec \"$0\" check absent 2>&-", 2),
            ("exec \"$0\" check <&- >&- 2>&-", 1),
            ("exec \"$0\" fix 2>&- >&-", 0),
        ] {
            let output = in_shell(&repository, line);
            assert_eq!(output.status.code(), Some(code), "{line}: {output:?}");
            assert!(output.stderr.is_empty(), "{line}: {output:?}");
        }
        assert_eq!(repository.read("a.json"), templates::clean().as_bytes());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_behind_stdout_is_told_and_what_was_fixed_stays() {
        for command in ["diff", "fix"] {
            let repository = Repository::with("a.json", templates::FIXABLE);
            let output = in_shell(&repository, &format!("exec \"$0\" {command} >/dev/full"));
            assert_eq!(output.status.code(), Some(2), "{command}: {output:?}");
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(
                said.contains("the output cannot be written: No space left"),
                "{said}"
            );
            let expected = match command {
                "fix" => templates::clean(),
                _ => templates::FIXABLE.to_owned(),
            };
            assert_eq!(repository.read("a.json"), expected.as_bytes());
        }
    }
}
