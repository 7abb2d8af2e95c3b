//! The patch: what it holds, where its names start, and that it makes what `fix` writes. Odd
//! contents and names are tried in `patches`.

use super::repository::Repository;
use super::templates;

/// Fails unless the diff of the file called `name` with this text is taken by git and by patch,
/// and both make of it what `fix` does.
#[track_caller]
fn assert_applies(name: &str, text: impl AsRef<[u8]>) {
    let repository = Repository::with(name, text.as_ref());
    let patch = repository.run(&["diff"]).quietly(1).stdout;
    repository.git(&["apply", "--check"], &patch);
    repository.feed("patch", "", &["-p1", "--dry-run"], &patch);
    assert_eq!(repository.read(name), text.as_ref(), "diff wrote");

    repository.run(&["fix"]).quietly(0);
    let fixed = repository.read(name);
    assert_ne!(fixed, text.as_ref());
    for (program, arguments) in [("git", &["apply"][..]), ("patch", &["-p1", "--quiet"])] {
        repository.write(name, text.as_ref());
        repository.feed(program, "", arguments, &patch);
        assert!(repository.read(name) == fixed, "{program} makes another");
    }
}

#[test]
fn plain_templates() {
    assert_applies("azuredeploy.json", templates::FIXABLE);
    assert_applies("azuredeploy.json", templates::without_identity());
    assert_applies("azuredeploy.json", templates::two_machines());
}

#[test]
fn all_on_one_line() {
    let line: String = templates::FIXABLE.lines().map(str::trim).collect();
    assert_applies("a.json", line);
}

#[test]
fn several_files_make_one_patch() {
    let repository = Repository::new();
    for name in ["b.json", "a/b/c.json", "a.json"] {
        repository.write(name, templates::FIXABLE);
    }
    let patch = repository.run(&["diff"]).quietly(1).stdout;
    repository.feed("patch", "", &["-p1", "--dry-run"], &patch);
    repository.git(&["apply"], &patch);
    for name in ["b.json", "a/b/c.json", "a.json"] {
        assert_eq!(repository.read(name), templates::clean().as_bytes());
    }
}

#[test]
fn a_run_in_a_folder_gives_a_patch_for_that_folder() {
    let repository = Repository::with("infra/vm/a.json", templates::FIXABLE);
    let patch = repository.run_in("infra", &["diff"]).quietly(1).stdout;
    assert!(patch.starts_with(b"--- a/vm/a.json\n+++ b/vm/a.json\n"));
    repository.feed("patch", "infra", &["-p1", "--dry-run"], &patch);
    repository.feed("git", "infra", &["apply"], &patch);
    assert_eq!(
        repository.read("infra/vm/a.json"),
        templates::clean().as_bytes()
    );
}

#[test]
fn a_folder_named_from_elsewhere_in_the_repository_gives_a_patch_for_the_root() {
    let repository = Repository::with("infra/a.json", templates::FIXABLE);
    repository.write("scripts/x", "");
    let patch = repository.run_in("scripts", &["diff", "../infra"]);
    let patch = patch.quietly(1).stdout;
    repository.git(&["apply"], &patch);
    assert_eq!(
        repository.read("infra/a.json"),
        templates::clean().as_bytes()
    );
}

#[test]
fn fix_prints_the_patch_of_what_it_did_and_diff_file_holds_it_alone() {
    let repository = Repository::with("a.json", templates::fixable_with_a_warning());
    let before = repository.read("a.json");
    let expected = repository.run(&["diff"]).quietly(1).stdout;
    let file = repository.outside().join("exact.patch");
    let arguments = ["fix", "--diff-file", file.to_str().unwrap()];
    let outcome = repository.run(&arguments).quietly(1);
    assert!(outcome.stdout.starts_with(&expected), "{outcome:#?}");
    assert_eq!(std::fs::read(&file).unwrap(), expected);
    repository.git(&["apply", "--reverse"], &expected);
    assert_eq!(repository.read("a.json"), before);
}

#[test]
fn files_in_and_above_the_current_folder_make_one_patch_for_the_root() {
    let repository = Repository::with("sub/a.json", templates::FIXABLE);
    repository.write("a.json", templates::machine("other"));
    repository.write("side/b.json", templates::machine("third"));
    let patch = repository.run_in("sub", &["diff", ".", "../a.json", "../side"]);
    let patch = patch.quietly(1).stdout;
    repository.git(&["apply"], &patch);
    repository.run(&["check"]).quietly(0);
}
