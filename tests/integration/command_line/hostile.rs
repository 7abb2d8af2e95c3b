//! Text of a repository that would act on a terminal or a CI service.

use super::agents::{GITHUB_ACTIONS, TF_BUILD, assert_harmless, assert_only};
use super::encodings::Encoding;
use super::repository::Repository;
use super::templates;

const AZURE: &str = "##vso[task.setvariable variable=x]1";
const GITHUB: &str = "::set-output name=x::1";

/// [`templates::FIXABLE`] whose extension holds lines that start with commands: in a comment, and
/// in a string of several lines.
fn template_with_commands() -> String {
    let lines = format!("{AZURE}\n{GITHUB}\n  {GITHUB}\n##[command]x\n");
    templates::FIXABLE
        .replace(
            "      \"name\": \"shop/msi\",\n",
            &format!(
                "/*\n{lines}*/\n      \"name\": \"shop/msi\",\n      \"comments\": \"\n{lines}\",\n"
            ),
        )
        .replace(
            "  \"resources\"",
            &format!("/*\n{lines}*/\n  \"resources\""),
        )
}

#[test]
fn a_diff_in_ci_runs_nothing_and_diff_file_is_exact() {
    for (agent, encoding) in [GITHUB_ACTIONS, TF_BUILD]
        .into_iter()
        .flat_map(|agent| Encoding::ALL.map(|encoding| (agent, encoding)))
    {
        let variable = agent.variable;
        let file = encoding.file(template_with_commands().as_bytes());
        let repository = Repository::with("a.json", file.unwrap());
        let exact = repository.run(&["diff"]).quietly(1);
        repository.git(&["apply", "--check"], &exact.stdout);

        let guarded = repository.run_under(variable, &["diff"]).quietly(1);
        assert_harmless(&guarded);
        assert_ne!(guarded.stdout, exact.stdout);
        let last = guarded.text().lines().last().unwrap();
        assert!(last.contains("--diff-file"), "{last}");

        let file = repository.outside().join("p");
        let arguments = ["diff", "--diff-file", file.to_str().unwrap()];
        let both = repository.run_under(variable, &arguments).quietly(1);
        assert_harmless(&both);
        assert_eq!(std::fs::read(&file).unwrap(), exact.stdout);

        let forced = repository.run_under(variable, &["diff", "--diff-file", "-"]);
        assert_eq!(forced.quietly(1).stdout, exact.stdout);
        assert_only(
            &agent,
            1,
            &repository.run_under(variable, &["check"]).quietly(1),
        );
        assert_harmless(&repository.run_under(variable, &["fix"]).quietly(0));
    }
}

#[test]
fn a_harmless_diff_in_ci_is_exact_and_says_nothing() {
    for text in [
        templates::FIXABLE.to_owned(),
        templates::FIXABLE.replace('\n', "\r\n"),
        format!("\u{feff}{}", templates::FIXABLE),
    ] {
        let repository = Repository::with("a.json", text);
        let plain = repository.run(&["diff"]).quietly(1);
        for variable in ["GITHUB_ACTIONS", "TF_BUILD"] {
            assert_eq!(repository.run_under(variable, &["diff"]), plain);
        }
    }
}

#[test]
fn an_empty_patch_makes_an_empty_diff_file() {
    let repository = Repository::with("a.json", templates::clean());
    let file = repository.outside().join("p");
    repository
        .run(&["diff", "--diff-file", file.to_str().unwrap()])
        .quietly(0);
    assert_eq!(std::fs::read(&file).unwrap(), b"");
}

#[test]
fn reports_show_what_would_act() {
    let mut text = template_with_commands();
    text = text.replace(
        "shop/msi",
        "shop/msi\u{1b}]0;x\u{7}\u{202e}\u{9b}2J##vso[y]",
    );
    text = text.replace(
        "\"publisher\": \"Microsoft.ManagedIdentity\",",
        "/*\u{1b}[2J\u{2066}##vso[z]*/ \"publisher\": \"Microsoft.ManagedIdentity\", /*\r::x::*/",
    );
    let repository = Repository::with("a.json", text);
    for arguments in [&["check"][..], &["check", "--color", "never"]] {
        let outcome = repository.run(arguments);
        assert_eq!(outcome.code, 1);
        assert!(outcome.text().contains("[vm-extension]"), "{outcome:#?}");
        assert_harmless(&outcome);
        assert_only(&TF_BUILD, 1, &repository.run_under("TF_BUILD", arguments));
    }
}

#[test]
fn a_template_that_does_not_parse_acts_neither() {
    let text = template_with_commands();
    for cut in (400..text.len()).step_by(37) {
        let repository = Repository::with("a.json", &text[..cut]);
        assert_harmless(&repository.run(&["check"]));
    }
}

#[cfg(unix)]
#[test]
fn names_of_files_do_not_act() {
    use std::os::unix::ffi::OsStrExt as _;

    let repository = Repository::new();
    let names = [
        &b"::set-output name=x::1.json"[..],
        b"##vso[task.complete result=Failed]x.json",
        b"\x1b]0;x\x07.json",
        b"a\n::error::b.json",
        b"a\r##[command]b.json",
        "\u{202e}nosj.json".as_bytes(),
        b"not-\xff-utf8.json",
    ];
    for name in names {
        repository.write(std::ffi::OsStr::from_bytes(name), templates::FIXABLE);
    }
    let check = repository.run(&["check"]).quietly(1);
    assert!(check.text().contains("7 errors in 7 files"));
    assert_harmless(&check);
    assert_harmless(&repository.run_under("GITHUB_ACTIONS", &["diff"]).quietly(1));
    let exact = repository.run(&["diff", "--diff-file", "-"]).quietly(1);
    repository.git(&["apply", "--check"], &exact.stdout);
    assert_harmless(&repository.run_under("TF_BUILD", &["fix"]).quietly(0));
    for name in names {
        let fixed = repository.read(std::ffi::OsStr::from_bytes(name));
        assert_eq!(fixed, templates::clean().as_bytes());
    }
}

#[test]
fn arguments_do_not_act_on_stderr() {
    let repository = Repository::new();
    for name in [
        "::error::x",
        "##vso[task.complete]",
        "\u{1b}[2J",
        "a\n::x::",
    ] {
        let outcome = repository.run(&["check", name]);
        assert_eq!(outcome.code, 2);
        assert_harmless(&outcome);
    }
}
