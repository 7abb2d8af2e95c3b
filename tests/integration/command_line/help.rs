//! What the program tells of itself.

use super::repository::Repository;

#[test]
fn an_unknown_rule_has_no_page_and_the_nearest_are_named() {
    let repository = Repository::new();
    let outcome = repository.run(&["explain", "missing-identiy"]);
    assert_eq!((outcome.code, outcome.text()), (2, ""));
    assert!(
        outcome.stderr.contains("'missing-identity'"),
        "{outcome:#?}"
    );
    let hostile = repository.run(&["explain", "##vso[task.complete]\u{1b}[2J"]);
    assert_eq!(hostile.code, 2);
    assert!(hostile.stderr.contains("##_vso["), "{hostile:#?}");
    assert!(!hostile.stderr.contains('\u{1b}'), "{hostile:#?}");
}

#[test]
fn completions_know_each_command_and_each_rule() {
    let repository = Repository::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = repository.run(&["completions", shell]).quietly(0);
        for word in ["check", "plan", "explain", "output-format"] {
            assert!(script.text().contains(word), "{shell}: {word}");
        }
    }
    let bash = repository.run(&["completions", "bash"]).quietly(0);
    assert!(bash.text().contains("orphaned-parameter"));
    assert_eq!(repository.run(&["completions", "dos"]).code, 2);
}

#[test]
fn the_manual_has_a_page_for_the_program_and_for_each_command() {
    let repository = Repository::new();
    let program = repository.run(&["man"]).quietly(0);
    let footer = format!("\"msi2imds {}\"", env!("CARGO_PKG_VERSION"));
    assert!(program.text().contains(&footer), "{program:#?}");
    for command in [
        "check", "diff", "fix", "plan", "explain", "rules", "man", "schema",
    ] {
        let named = format!("msi2imds\\-{command}(1)");
        assert!(program.text().contains(&named), "{named}");
        let page = repository.run(&["man", command]).quietly(0);
        let title = format!(".TH msi2imds-{command} 1");
        assert!(page.text().contains(&title), "{page:#?}");
        assert!(page.text().contains(&footer), "{page:#?}");
    }
    let outcome = repository.run(&["man", "exit"]);
    assert_eq!((outcome.code, outcome.text()), (2, ""));
    assert!(
        outcome.stderr.contains("exit: no such command"),
        "{outcome:#?}"
    );
}

#[test]
fn a_page_is_plain_text_for_a_pipe_and_survives_a_reader_that_leaves() {
    let repository = Repository::new();
    let page = repository.run(&["explain", "vm-extension"]).quietly(0);
    assert!(page.text().starts_with("# vm-extension\n"), "{page:#?}");
    assert!(!page.stdout.contains(&0x1b));
    let mut command = repository.command("");
    let mut child = command
        .args(["explain", "vm-extension"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
