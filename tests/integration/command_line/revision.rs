//! `--rev`: a revision is read as a checkout of it would be, and a hostile repository gets nothing run.

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use super::repository::{Outcome, Repository};
use super::templates;

/// A template that has nothing but a link to another.
const LINKING: &str = r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
 "contentVersion": "1.0.0.0", "resources": [{"type": "Microsoft.Resources/deployments", "name": "a",
 "apiVersion": "2021-04-01", "properties": {"mode": "Incremental",
 "templateLink": {"relativePath": "../shared/vm.json"}}}]}"#;

/// What git prints in the root, without the line's end.
fn git(repository: &Repository, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(repository.root()).args(arguments);
    command.env("HOME", repository.outside().join("home"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim_end().into()
}

/// Commits all that is there; gives the hash.
fn commit(repository: &Repository) -> String {
    git(repository, &["add", "--all", "--force"]);
    commit_index(repository)
}

fn commit_index(repository: &Repository) -> String {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let rest = ["commit", "--quiet", "--allow-empty", "--message=a"];
    git(repository, &[&identity[..], &rest[..]].concat());
    git(repository, &["rev-parse", "HEAD"])
}

/// A bare clone beside the repository.
fn bare(repository: &Repository) -> String {
    let path = repository.outside().join("bare.git");
    let path = path.to_str().unwrap();
    git(repository, &["clone", "--quiet", "--bare", ".", path]);
    path.to_owned()
}

/// A commit whose tree has one entry, made by hand.
fn with_entry(repository: &Repository, mode: &str, names: &[&[u8]], id: &str) -> String {
    let id: Vec<u8> = (0..id.len() / 2)
        .map(|at| u8::from_str_radix(&id[at * 2..at * 2 + 2], 16).unwrap())
        .collect();
    let entries = names
        .iter()
        .map(|name| [mode.as_bytes(), b" ", name, b"\0", &id].concat());
    let tree = repository.outside().join("tree");
    std::fs::write(&tree, entries.collect::<Vec<_>>().concat()).unwrap();
    let tree = tree.to_str().unwrap();
    git(
        repository,
        &["hash-object", "-t", "tree", "--literally", "-w", tree],
    )
}

#[test]
fn each_revision_of_a_history_is_read_as_its_checkout() {
    let repository = Repository::with("vm.json", templates::FIXABLE);
    let mut history = vec![commit(&repository)];
    repository.write("a/main.json", LINKING);
    repository.write("shared/vm.json", templates::open());
    repository.write("shared/vm.parameters.json", templates::GIVEN);
    repository.write("run.sh", "curl http://localhost:50342/oauth2/token\n");
    history.push(commit(&repository));
    repository.write(".gitignore", "*.out\nignored/\n");
    repository.write("x.out", templates::held());
    repository.write("ignored/vm.json", templates::FIXABLE);
    repository.write(".hidden/vm.json", templates::FIXABLE);
    repository.write(".github/vm.json", templates::FIXABLE);
    repository.write("broken é.json", templates::broken());
    repository.write("lfs.zip", "version https://git-lfs.github.com/spec/v1\n");
    symlink("shared/vm.json", repository.path("link.json")).unwrap();
    symlink("shared", repository.path("folder")).unwrap();
    history.push(commit(&repository));
    // A link that a template names is followed.
    repository.write("b/main.json", LINKING.replace("shared", "folder"));
    repository.write(
        "sub/msi2imds.toml",
        "exclude = ['old/']\nbaseline = 'known'\n",
    );
    repository.write("sub/old/vm.json", templates::FIXABLE);
    repository.write("sub/vm.json", templates::FIXABLE);
    let known = [
        "check",
        "--baseline",
        "sub/known",
        "--update-baseline",
        "sub",
    ];
    assert_eq!(repository.run(&known).code, 0);
    repository.write("twice.json", templates::two_machines());
    history.push(commit(&repository));
    let submodule = format!("160000,{},module", history[0]);
    git(
        &repository,
        &["update-index", "--add", "--cacheinfo", &submodule],
    );
    history.push(commit_index(&repository));

    let bare = bare(&repository);
    let commands = [
        &["check", "--output-format", "json"][..],
        &["check", "--untrusted"],
        &["check", "--show-files"],
        &["check", "--show-settings"],
        &["diff"],
        &["plan"],
        &["diff", "shared", "vm.json"],
        &["check", "link.json", "--statistics"],
        &["check", "sub"],
        &["check", "absent.json"],
    ];
    let mut checked_out = Vec::new();
    for id in &history {
        git(&repository, &["checkout", "--quiet", "--force", id]);
        git(&repository, &["clean", "--quiet", "-xdff"]);
        std::fs::create_dir_all(repository.path("module")).unwrap();
        checked_out.push(commands.map(|command| {
            let mut outcome = repository.run(command);
            // A checkout has git's own folder besides.
            let own = ".git/: skipped: git's own\n";
            outcome.stdout = outcome.text().replace(own, "").into_bytes();
            outcome
        }));
    }
    assert!(checked_out.iter().flatten().any(|one| one.code == 1));
    // Nothing of the disk is looked at.
    git(&repository, &["checkout", "--quiet", "--orphan", "empty"]);
    git(&repository, &["rm", "--quiet", "--force", "-r", "."]);
    repository.write("vm.json", "{");
    for (id, expected) in history.iter().zip(checked_out) {
        for (command, expected) in commands.iter().zip(expected) {
            let command = [command, &["--rev", id][..]].concat();
            assert_eq!(repository.run(&command), expected, "{command:?}");
            // Names of a bare repository start at its root, from wherever it is named.
            let [head, paths @ ..] = &command[..] else {
                unreachable!();
            };
            let paths = paths.iter().map(|one| match one {
                one if one.contains("vm.json") || ["shared", "link.json", "sub"].contains(one) => {
                    format!("{bare}/{one}")
                }
                one => (*one).to_owned(),
            });
            let mut of_bare = vec![(*head).to_owned()];
            of_bare.extend(paths);
            if !of_bare.iter().any(|one| one.starts_with(&bare)) {
                of_bare.push(bare.clone());
            }
            if command.contains(&"absent.json") || command.contains(&"--show-settings") {
                continue;
            }
            let of_bare: Vec<&str> = of_bare.iter().map(String::as_str).collect();
            let given = repository.run(&of_bare);
            // What is not there is named as it was.
            let stderr = given.stderr.replace(&format!("{bare}/"), "");
            let given = (given.code, given.text().to_owned(), stderr);
            let expected = (expected.code, expected.text().to_owned(), expected.stderr);
            assert_eq!(given, expected, "{of_bare:?}");
        }
    }
}

#[test]
fn a_patch_of_a_revision_applies_to_its_checkout() {
    let repository = Repository::with("a/vm.json", templates::FIXABLE);
    commit(&repository);
    git(&repository, &["tag", "v1"]);
    let diff = repository.run(&["diff", "--rev", "v1"]).quietly(1);
    repository.git(&["apply"], &diff.stdout);
    repository.run(&["check"]).quietly(0);
    repository.run(&["check", "--rev", "v1"]).quietly(1);
}

#[test]
fn what_cannot_be_read_says_what_to_do() {
    let repository = Repository::with("vm.json", templates::FIXABLE);
    let id = commit(&repository);
    let blob = git(&repository, &["rev-parse", "HEAD:vm.json"]);
    let outside = repository.outside().join("home");
    let outside = outside.to_str().unwrap();
    let long = "x".repeat(2_000);
    for (arguments, says) in [
        (
            &["fix", "--rev", "HEAD"][..],
            "a revision cannot be changed",
        ),
        (&["check", "--rev", "absent"], "no such revision"),
        (&["check", "--rev="], "no such revision"),
        (&["check", "--rev=--batch-all-objects"], "no such revision"),
        (&["check", "--rev", "HEAD\nHEAD"], "no such revision"),
        (&["check", "--rev", &long], "no such revision"),
        (&["check", "--rev", &blob], "no such revision"),
        (&["check", "--rev", "HEAD", outside], "no git repository"),
        (
            &["check", "--rev", "HEAD", ".", outside],
            "reads one repository",
        ),
        (
            &["check", "--rev", "HEAD", "absent"],
            "no such file or folder",
        ),
        (&["check", "--rev", "HEAD", "-"], "`-` cannot be read"),
        (
            &[
                "check",
                "--rev",
                "HEAD",
                "--untrusted",
                "--config",
                "vm.json",
            ],
            "--untrusted does not trust",
        ),
    ] {
        let given = repository.run(arguments);
        assert_eq!((given.code, given.text()), (2, ""), "{arguments:?}");
        assert!(given.stderr.contains(says), "{arguments:?}: {given:?}");
    }
    for revision in ["HEAD", "HEAD^{tree}", "HEAD@{0}", &id, &id[..12]] {
        repository.run(&["check", "--rev", revision]).quietly(1);
    }
    let mut without_git = repository.command("");
    let without_git = without_git
        .args(["check", "--rev", "HEAD"])
        .env("PATH", outside);
    let stderr = String::from_utf8(without_git.output().unwrap().stderr).unwrap();
    assert!(stderr.contains("--rev needs git on the PATH"), "{stderr}");
}

#[test]
fn a_list_names_files_of_the_revision() {
    let repository = Repository::with("a/vm.json", templates::FIXABLE);
    repository.write("b/vm.json", templates::FIXABLE);
    commit(&repository);
    std::fs::remove_file(repository.path("a/vm.json")).unwrap();
    let list = ["check", "--rev", "HEAD", "--file-list", "-"];
    let given = repository.run_fed(&list, "a/vm.json\n").quietly(1);
    assert!(given.text().contains("a/vm.json") && !given.text().contains("b/vm.json"));
}

/// Each of these would run a program, if git were let.
#[test]
fn nothing_of_a_hostile_repository_is_run() {
    let repository = Repository::with("vm.json", templates::FIXABLE);
    repository.write("lost/vm.json", templates::FIXABLE);
    commit(&repository);
    let made = repository.outside().join("made");
    let program = repository.outside().join("program");
    std::fs::write(&program, format!("#!/bin/sh\ntouch {}\n", made.display())).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, executable).unwrap();
    let program = program.to_str().unwrap();
    std::fs::copy(program, repository.path(".git/hooks/post-checkout")).unwrap();
    for (name, value) in [
        ("core.fsmonitor", program),
        ("core.sshCommand", program),
        ("core.pager", program),
        ("core.worktree", "/"),
        ("alias.cat-file", &*format!("!{program}")),
        ("diff.external", program),
        ("filter.x.smudge", program),
        ("protocol.allow", "always"),
        ("protocol.ext.allow", "always"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", &*format!("ext::{program}")),
        ("core.repositoryFormatVersion", "1"),
    ] {
        git(&repository, &["config", name, value]);
    }
    std::fs::write(repository.path(".git/info/attributes"), "* filter=x\n").unwrap();
    repository.run(&["check", "--rev", "HEAD"]).quietly(1);
    // An object that a fetch would bring.
    let blob = git(&repository, &["rev-parse", "HEAD:lost"]);
    std::fs::remove_file(object(&repository, &blob)).unwrap();
    let given = repository.run(&["check", "--rev", "HEAD"]);
    assert_eq!(given.code, 2, "{given:?}");
    assert!(
        given.stderr.contains("nothing is fetched here"),
        "{given:?}"
    );
    assert!(!made.exists(), "git ran a program of the repository's");
}

/// The file of an object that is not packed.
fn object(repository: &Repository, id: &str) -> PathBuf {
    repository.path(format!(".git/objects/{}/{}", &id[..2], &id[2..]))
}

#[test]
fn a_damaged_object_is_an_error_and_the_rest_is_read() {
    let repository = Repository::with("vm.json", templates::FIXABLE);
    repository.write("a.json", templates::clean());
    repository.write("z.json", templates::held());
    commit(&repository);
    let whole = repository.run(&["check", "--rev", "HEAD"]).quietly(1);
    let damaged = object(
        &repository,
        &git(&repository, &["rev-parse", "HEAD:a.json"]),
    );
    std::fs::remove_file(&damaged).unwrap();
    for bytes in [None, Some(&b"garbage"[..]), Some(b"")] {
        if let Some(bytes) = bytes {
            std::fs::write(&damaged, bytes).unwrap();
        }
        let given = repository.run(&["check", "--rev", "HEAD"]);
        assert_eq!(given.code, 2, "{given:?}");
        assert!(
            given.stderr.contains("a.json: cannot be read: "),
            "{given:?}"
        );
        let findings = |outcome: &Outcome| {
            let text = outcome.text().to_owned();
            let lines = text.lines().filter(|line| line.contains("-->"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(findings(&given), findings(&whole));
    }
}

#[test]
fn a_tree_that_git_would_not_check_out_is_refused() {
    let repository = Repository::with("vm.json", templates::FIXABLE);
    commit(&repository);
    let blob = git(&repository, &["rev-parse", "HEAD:vm.json"]);
    let tree = git(&repository, &["rev-parse", "HEAD^{tree}"]);
    let long = [b'x'; 5_000];
    for (mode, names, id, says) in [
        (
            "100644",
            &[&b".."[..]][..],
            &blob,
            "no file can have this name",
        ),
        ("100644", &[b"."], &blob, "no file can have this name"),
        ("40000", &[b".."], &tree, "no file can have this name"),
        ("40000", &[b".Git"], &tree, "a file of git's own"),
        ("100644", &[b"a/b"], &blob, "cannot hold a separator"),
        ("100644", &[b"a", b"a"], &blob, "two of this name"),
        ("100644", &[&long], &blob, "longer than 4,096 bytes"),
        ("644", &[b"a"], &blob, "its object is damaged"),
        ("x", &[b"a"], &blob, "its object is damaged"),
        (
            "100644",
            &[b"a"],
            &blob[..10].to_owned(),
            "its object is damaged",
        ),
        ("40000", &[b"a"], &blob, "a tree is expected"),
    ] {
        let hostile = with_entry(&repository, mode, names, id);
        let given = repository.run(&["check", "--rev", &hostile]);
        assert_eq!((given.code, given.text()), (2, ""), "{names:?}");
        assert!(given.stderr.contains(says), "{says}: {given:?}");
    }
    // What says that it is a file, and is none.
    let hostile = with_entry(&repository, "100644", &[b"vm.json"], &tree);
    let given = repository.run(&["check", "--rev", &hostile]);
    assert_eq!(given.code, 2, "{given:?}");
    assert!(given.stderr.contains("a blob is expected"), "{given:?}");
    let odd = with_entry(&repository, "100664", &[b"vm\n\x1b.json"], &blob);
    let given = repository.run(&["check", "--rev", &odd]).quietly(1);
    assert!(!given.text().contains('\x1b'));
}

#[test]
fn links_of_a_revision_are_followed_in_it_only() {
    let repository = Repository::with("a/vm.json", templates::FIXABLE);
    std::fs::write(repository.outside().join("vm.json"), templates::FIXABLE).unwrap();
    for (link, target) in [
        ("near", "a/vm.json"),
        ("through", "a/../near"),
        ("out", "../vm.json"),
        ("absolute", "/etc/passwd"),
        ("round", "round"),
        ("beyond", "a/vm.json/x"),
    ] {
        symlink(target, repository.path(link)).unwrap();
    }
    let here = repository.root().canonicalize().unwrap().join("a/vm.json");
    symlink(here, repository.path("home")).unwrap();
    commit(&repository);
    for (name, code) in [
        ("near", 1),
        ("through", 1),
        ("home", 1),
        ("out", 2),
        ("absolute", 2),
        ("round", 2),
        ("beyond", 2),
    ] {
        let given = repository.run(&["check", "--rev", "HEAD", name]);
        assert_eq!(given.code, code, "{name}: {given:?}");
    }
}

#[test]
fn an_object_that_is_replaced_counts_as_it_was() {
    let repository = Repository::with("vm.json", templates::FIXABLE);
    commit(&repository);
    let blob = git(&repository, &["rev-parse", "HEAD:vm.json"]);
    repository.write("clean.json", templates::clean());
    let clean = git(&repository, &["hash-object", "-w", "clean.json"]);
    git(&repository, &["replace", &blob, &clean]);
    repository.run(&["check", "--rev", "HEAD"]).quietly(1);
}

#[test]
fn a_worktree_and_another_hash_are_read() {
    let repository = Repository::with("vm.json", templates::FIXABLE);
    commit(&repository);
    git(&repository, &["worktree", "add", "--quiet", "tree"]);
    repository
        .run_in("tree", &["check", "--rev", "HEAD"])
        .quietly(1);
    git(
        &repository,
        &["init", "--quiet", "--object-format=sha256", "other"],
    );
    repository.write("other/vm.json", templates::FIXABLE);
    let other = repository.path("other");
    let other = other.to_str().unwrap();
    git(&repository, &["-C", other, "add", "vm.json"]);
    let tree = git(&repository, &["-C", other, "write-tree"]);
    assert_eq!(tree.len(), 64);
    repository
        .run(&["check", "--rev", &tree, "other"])
        .quietly(1);
}
