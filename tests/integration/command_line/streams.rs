//! stdout and stderr: colour, and readers that leave early.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use super::repository::Repository;
use super::templates;

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let repository = Repository::new();
    for number in 0..300 {
        repository.write(format!("{number}.json"), templates::held());
    }
    for command in ["check", "fix"] {
        let mut child = repository
            .command("")
            .args([command, "--no-summary"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert!(line.contains("[vm-extension]"), "{line}");
        drop(reader);
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
    }
}

#[test]
fn a_fix_is_complete_although_its_reader_left() {
    let repository = Repository::new();
    for number in 0..50 {
        repository.write(format!("{number}.json"), templates::FIXABLE);
    }
    let mut child = repository
        .command("")
        .arg("fix")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    child.wait().unwrap();
    for number in 0..50 {
        let name = format!("{number}.json");
        assert_eq!(repository.read(name), templates::clean().as_bytes());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_stdout_gives_2() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = repository
        .command("")
        .arg("check")
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(!output.stderr.is_empty());
}

#[test]
fn a_pipe_gets_no_colour_unless_asked() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    let plain = repository.run(&["check"]).quietly(1);
    assert!(!plain.stdout.contains(&0x1b));
    let always = repository.run(&["check", "--color", "always"]).quietly(1);
    assert!(always.stdout.contains(&0x1b));
    let mut command = repository.command("");
    let output = command.arg("check").env("NO_COLOR", "1").output().unwrap();
    assert_eq!(output.stdout, plain.stdout);
}

#[test]
fn colour_adds_escapes_to_a_diff_and_never_to_the_diff_file() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    let plain = repository.run(&["diff"]).quietly(1);
    let flags = ["diff", "--color", "always", "--diff-file", "p"];
    let coloured = repository.run(&flags).quietly(1);
    assert!(coloured.stdout.contains(&0x1b));
    assert_eq!(repository.read("p"), plain.stdout);
    let mut command = repository.command("");
    let forced = command
        .arg("diff")
        .env("FORCE_COLOR", "1")
        .output()
        .unwrap();
    assert_eq!(forced.stdout, coloured.stdout);
    let exact = ["diff", "--color", "always", "--diff-file", "-"];
    assert_eq!(repository.run(&exact), plain);
}

#[test]
fn an_unwritable_diff_file_gives_2_and_names_it() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    for command in ["diff", "fix"] {
        let outcome = repository.run(&[command, "--diff-file", "absent/p"]);
        assert_eq!(outcome.code, 2, "{outcome:#?}");
        assert!(outcome.stderr.contains("absent/p"), "{outcome:#?}");
        assert_eq!(
            repository.read("a.json"),
            templates::FIXABLE.as_bytes(),
            "{command} went on"
        );
    }
}
