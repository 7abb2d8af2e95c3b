//! 0, 1 and 2: what a pipeline decides by.

use super::repository::Repository;
use super::templates;

#[test]
fn a_clean_repository_gives_0_everywhere() {
    let repository = Repository::with("azuredeploy.json", templates::clean());
    for command in ["check", "diff", "fix"] {
        repository.run(&[command]).quietly(0);
    }
    assert_eq!(repository.run(&["diff"]).stdout, b"");
    assert_eq!(
        repository.run(&["check"]).text(),
        "no findings (1 file scanned)\n"
    );
}

#[test]
fn an_empty_repository_gives_0() {
    let repository = Repository::new();
    for command in ["check", "diff", "fix"] {
        let outcome = repository.run(&[command]);
        let warning = "warning: no file was scanned; --show-files says why\n";
        assert_eq!(
            (outcome.code, &*outcome.stderr),
            (0, warning),
            "{outcome:#?}"
        );
    }
}

#[test]
fn findings_give_1_and_what_was_fixed_completely_gives_0() {
    let repository = Repository::with("azuredeploy.json", templates::FIXABLE);
    repository.run(&["check"]).quietly(1);
    repository.run(&["diff"]).quietly(1);
    repository.run(&["fix"]).quietly(0);
    assert_eq!(
        repository.read("azuredeploy.json"),
        templates::clean().as_bytes()
    );
}

#[test]
fn diff_of_what_cannot_be_fixed_prints_nothing_and_gives_0() {
    let repository = Repository::with("azuredeploy.json", templates::held());
    let outcome = repository.run(&["diff"]).quietly(0);
    assert_eq!(outcome.text(), "");
}

#[test]
fn a_missing_path_gives_2_and_does_not_stop_the_others() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    for command in ["check", "diff", "fix"] {
        let outcome = repository.run(&[command, "absent.json", "a.json"]);
        assert_eq!(outcome.code, 2, "{command}: {outcome:#?}");
        assert!(outcome.text().contains("a.json"), "{outcome:#?}");
        assert!(outcome.stderr.contains("absent.json"), "{outcome:#?}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:#?}");
    }
    assert_eq!(repository.read("a.json"), templates::clean().as_bytes());
}

#[test]
fn a_path_below_a_file_gives_2_and_does_not_stop_the_others() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    let outcome = repository.run(&["check", "a.json/below", "a.json"]);
    assert_eq!(outcome.code, 2, "{outcome:#?}");
    assert!(outcome.text().contains("--> a.json:"), "{outcome:#?}");
    assert!(outcome.stderr.contains("a.json/below"), "{outcome:#?}");
}

#[test]
fn a_missing_path_gives_2_where_all_else_is_clean() {
    let repository = Repository::with("a.json", templates::clean());
    for command in ["check", "diff", "fix"] {
        assert_eq!(repository.run(&[command, "a.json", "absent"]).code, 2);
    }
}

/// Root reads everything, so the test says nothing there.
#[cfg(unix)]
#[test]
fn an_unreadable_file_and_an_unlistable_folder_give_2_and_the_others_are_checked() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    let repository = Repository::with("z.json", templates::FIXABLE);
    repository.write("a.json", templates::FIXABLE);
    repository.write("closed/a.json", templates::FIXABLE);
    for name in ["a.json", "closed"] {
        fs::set_permissions(repository.path(name), Permissions::from_mode(0o000)).unwrap();
    }
    let is_root = fs::read(repository.path("a.json")).is_ok();
    let outcome = repository.run(&["check"]);
    fs::set_permissions(repository.path("closed"), Permissions::from_mode(0o755)).unwrap();
    if is_root {
        return;
    }
    assert_eq!(outcome.code, 2, "{outcome:#?}");
    assert!(outcome.text().contains("z.json:"), "{outcome:#?}");
    assert_eq!(outcome.stderr.lines().count(), 2, "{outcome:#?}");
}

#[test]
fn a_template_that_does_not_parse_is_a_finding_and_the_rest_goes_on() {
    let repository = Repository::with("a.json", templates::broken());
    repository.write("b.json", templates::FIXABLE);
    let check = repository.run(&["check"]).quietly(1);
    assert!(check.text().contains("[unparsable-template]"));
    assert!(check.text().contains("b.json"));
    let fix = repository.run(&["fix"]).quietly(1);
    assert!(fix.text().contains("[unparsable-template]"));
    assert_eq!(repository.read("a.json"), templates::broken().as_bytes());
    assert_eq!(repository.read("b.json"), templates::clean().as_bytes());
}

#[test]
fn an_error_that_cannot_be_mended_gives_1() {
    let repository = Repository::with("a.json", templates::dangling());
    for command in ["check", "fix"] {
        let outcome = repository.run(&[command]).quietly(1);
        assert!(outcome.text().contains("[dangling-dependency]"));
    }
    repository.run(&["diff"]).quietly(0);
    assert_eq!(repository.read("a.json"), templates::dangling().as_bytes());
}

#[test]
fn a_warning_that_fix_leaves_gives_1() {
    let repository = Repository::with("a.json", templates::warning_left());
    let outcome = repository.run(&["fix"]).quietly(1);
    assert!(
        outcome.text().contains("[missing-identity]"),
        "{outcome:#?}"
    );
}

#[test]
fn usage_errors_give_2_on_stderr_with_nothing_on_stdout() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    for arguments in [
        &["chek"][..],
        &["check", "--no-such-flag"],
        &["check", "-j", "0"],
        &["check", "--fail-on", "never"],
        &["fix", "--identity", "none"],
        &["fix", "--within", "$.resources[?"],
        &["fix", "--select", "no-such-rule"],
        &["fix", "--ignore", "no-such-rule"],
    ] {
        let outcome = repository.run(arguments);
        assert_eq!(outcome.code, 2, "{arguments:?}: {outcome:#?}");
        assert_eq!(outcome.text(), "", "{arguments:?}");
        assert!(!outcome.stderr.is_empty(), "{arguments:?}");
    }
    assert_eq!(repository.read("a.json"), templates::FIXABLE.as_bytes());
}

#[test]
fn help_and_version_give_0_on_stdout() {
    let repository = Repository::new();
    let version = repository.run(&["--version"]).quietly(0);
    assert_eq!(
        version.text(),
        concat!("msi2imds ", env!("CARGO_PKG_VERSION"), "\n")
    );
    for arguments in [
        &["--help"][..],
        &["check", "--help"],
        &["diff", "-h"],
        &["fix", "--help"],
        &["rules"],
    ] {
        let outcome = repository.run(arguments).quietly(0);
        assert!(!outcome.stdout.is_empty(), "{arguments:?}");
    }
}
