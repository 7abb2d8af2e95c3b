//! Where texts and names come from: stdin, lists, globs; and what is told of each file.

use super::repository::Repository;
use super::templates;

#[test]
fn a_text_from_stdin_is_fixed_to_stdout_and_nothing_else_is_said() {
    let repository = Repository::new();
    let outcome = repository.run_fed(&["fix", "-"], templates::FIXABLE);
    assert_eq!(outcome.quietly(0).text(), templates::clean());
    // What has nothing to fix comes back as it is: a template, another text, bytes, nothing.
    for text in [
        templates::clean().as_bytes(),
        b"plain\n",
        b"\xff\0\xfe",
        b"",
    ] {
        let outcome = repository.run_fed(&["fix", "-"], text).quietly(0);
        assert_eq!(outcome.stdout, text);
    }
}

#[test]
fn what_is_left_of_a_text_from_stdin_goes_to_stderr_with_exit_1_only() {
    let repository = Repository::new();
    let held = templates::held();
    let outcome = repository.run_fed(&["fix", "-"], &held);
    assert_eq!((outcome.code, outcome.text()), (1, held.as_str()));
    assert!(
        outcome.stderr.contains("error[vm-extension]"),
        "{outcome:#?}"
    );
    assert!(outcome.stderr.contains("--> <stdin>:"), "{outcome:#?}");
    let outcome = repository.run_fed(&["fix", "-", "--exit-zero"], &held);
    assert_eq!(outcome.quietly(0).text(), held);
}

#[test]
fn a_text_that_does_not_parse_comes_back_whole() {
    let cut = &templates::FIXABLE[..templates::FIXABLE.len() * 3 / 4];
    let outcome = Repository::new().run_fed(&["fix", "-"], cut);
    assert_eq!((outcome.code, outcome.text()), (1, cut));
    assert!(
        outcome.stderr.contains("unparsable-template"),
        "{outcome:#?}"
    );
}

#[test]
fn a_text_from_stdin_gives_the_reports_and_patches_of_a_file_with_its_name() {
    let repository = Repository::with("infra/vm.json", templates::FIXABLE);
    let named = ["-", "--stdin-filename", "infra/vm.json"];
    for command in [
        &["check"][..],
        &["diff"],
        &["check", "--output-format", "sarif"],
    ] {
        let of_file = repository.run(&[command, &["infra/vm.json"]].concat());
        let of_text = repository.run_fed(&[command, &named].concat(), templates::FIXABLE);
        assert_eq!(of_text, of_file, "{command:?}");
    }
    let patch = repository.run(&["diff", "infra/vm.json"]);
    let arguments = [&["fix"], &named[..], &["--diff-file", "../p"]].concat();
    repository
        .run_fed(&arguments, templates::FIXABLE)
        .quietly(0);
    assert_eq!(
        std::fs::read(repository.path("../p")).unwrap(),
        patch.stdout
    );
    assert_eq!(
        repository.read("infra/vm.json"),
        templates::FIXABLE.as_bytes()
    );
}

/// The text on stdin, not the file with its name, is what its neighbours are read for.
#[test]
fn a_text_from_stdin_is_read_with_the_files_around_its_name() {
    let repository = Repository::with("vm.json", "{}");
    let open = templates::open();
    repository.write("vm.parameters.json", templates::GIVEN);
    let named = [
        "fix",
        "-",
        "--stdin-filename",
        "vm.json",
        "--ignore",
        "orphaned-parameter",
    ];
    let outcome = repository.run_fed(&named, &open).quietly(0);
    assert!(!outcome.text().contains("shop/msi"), "{outcome:#?}");
    assert_eq!(repository.read("vm.json"), b"{}");
    // Without a name there is nothing around it, and what is open stays.
    let outcome = repository.run_fed(&["fix", "-"], &open);
    assert_eq!((outcome.code, outcome.text()), (1, open.as_str()));
}

#[test]
fn flags_that_stdin_cannot_go_with_are_refused() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    for (arguments, said) in [
        (
            &["check", "-", "a.json"][..],
            "cannot be combined with other paths",
        ),
        (
            &["check", "-", "--file-list", "x"],
            "cannot be combined with other paths",
        ),
        (&["check", "--stdin-filename", "a.json"], "which `-` reads"),
        (&["check", "-0"], "--file-list"),
        (
            &["fix", "-", "--diff-file", "-"],
            "stdout already holds the fixed text",
        ),
    ] {
        let outcome = repository.run_fed(arguments, "");
        assert_eq!((outcome.code, outcome.text()), (2, ""), "{arguments:?}");
        assert!(outcome.stderr.contains(said), "{outcome:#?}");
    }
}

#[test]
fn what_git_lists_is_read_whatever_the_names_are() {
    let repository = Repository::with("a b.json", templates::FIXABLE);
    repository.write("n\new \"é\".json", templates::FIXABLE);
    repository.write("left.json", templates::FIXABLE);
    let list = b"a b.json\0n\new \"\xc3\xa9\".json\0";
    let arguments = ["check", "-q", "--output-format", "concise", "--file-list"];
    let outcome = repository.run_fed(&[&arguments[..], &["-", "-0"]].concat(), list);
    let text = outcome.quietly(1).text().to_owned();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(
        text.contains("a b.json") && !text.contains("left"),
        "{text}"
    );
    // A list may be a file too, and PATHs are looked at with it, once each.
    repository.write("list", "a b.json\r\n\n./a b.json\n");
    let outcome = repository.run(&[&arguments[..], &["list", "left.json"]].concat());
    assert_eq!(outcome.quietly(1).text().lines().count(), 2);
}

#[test]
fn an_empty_list_is_nothing_to_do_and_not_the_current_folder() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    for list in ["", "\n", "\0"] {
        let arguments: &[&str] = match list {
            "\0" => &["check", "--file-list", "-", "-0"],
            _ => &["check", "--file-list", "-"],
        };
        let outcome = repository.run_fed(arguments, list).quietly(0);
        assert!(outcome.text().contains("0 files"), "{outcome:#?}");
    }
}

#[test]
fn a_listed_file_that_is_gone_is_an_error_and_a_listed_folder_is_passed_over() {
    let repository = Repository::with("in/a.json", templates::FIXABLE);
    let list = |list: &str| repository.run_fed(&["check", "--file-list", "-"], list);
    let outcome = list("gone.json\nin/a.json\n");
    assert_eq!(outcome.code, 2);
    assert!(
        outcome
            .stderr
            .contains("gone.json: no such file, but a list names it")
    );
    assert!(outcome.text().contains("in/a.json"), "{outcome:#?}");
    // Git lists a submodule as a folder.
    assert!(list("in\n").quietly(0).text().contains("0 files"));
    let absent = repository.run(&["check", "--file-list", "absent"]);
    assert_eq!(absent.code, 2);
    assert!(absent.stderr.contains("--file-list absent: cannot be read"));
    let quoted = list("\"caf\\303\\251.json\"\n");
    assert!(quoted.stderr.contains("add -0"), "{quoted:#?}");
}

#[test]
fn globs_narrow_walks_and_named_files_stay_unless_exclusion_is_forced() {
    let repository = Repository::with(".gitignore", "out/\n");
    for name in [
        "a.json",
        "a.txt",
        "vendor/b.json",
        "out/c.json",
        "in/.d/d.json",
    ] {
        repository.write(name, templates::FIXABLE);
    }
    let found = |arguments: &[&str]| -> Vec<String> {
        let flags = ["check", "-q", "--output-format", "concise"];
        let outcome = repository.run(&[&flags, arguments].concat());
        assert_eq!(outcome.stderr, "");
        let lines = outcome.text().lines();
        lines
            .map(|line| line.split(':').next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(found(&[]), ["a.json", "a.txt", "vendor/b.json"]);
    assert_eq!(found(&["--include", "*.json"]), ["a.json", "vendor/b.json"]);
    assert_eq!(
        found(&["--exclude", "vendor/", "--exclude", "*.txt"]),
        ["a.json"]
    );
    assert_eq!(found(&["--include", "vendor/"]), ["vendor/b.json"]);
    let named = ["vendor/b.json", "out/c.json", "in/.d/d.json", "a.txt"];
    let narrowed = [&named[..], &["--exclude", "vendor/", "--include", "*.json"]].concat();
    assert_eq!(found(&narrowed).len(), 4);
    let forced = [&narrowed[..], &["--force-exclude"]].concat();
    assert_eq!(found(&forced), [""; 0]);
    assert_eq!(
        found(&["a.json", "out/c.json", "--force-exclude"]),
        ["a.json"]
    );
    // From a folder below, what git ignores is the same.
    let flags = ["check", "-q", "--force-exclude", "../out/c.json"];
    repository.run_in("in", &flags).quietly(0);
    let outcome = repository.run(&["check", "--exclude", "a{b"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("a{b") && outcome.stderr.contains(".gitignore"),
        "{outcome:#?}"
    );
}

/// A parent that is not included still says what a linked template is deployed with.
#[test]
fn a_glob_that_includes_one_file_does_not_change_what_is_known_of_it() {
    let repository = Repository::new();
    let parent = r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": [{"type": "Microsoft.Resources/deployments",
        "apiVersion": "2021-04-01", "name": "d", "properties": {"mode": "Incremental",
        "templateLink": {"relativePath": "vm.json"},
        "parameters": {"of": {"value": "Microsoft.ManagedIdentity"}}}}]}"#;
    let linked = templates::open();
    repository.write("main.json", parent);
    repository.write("vm.json", linked);
    let flags = [
        "fix",
        "-q",
        "--ignore",
        "orphaned-parameter",
        "--include",
        "vm.json",
    ];
    repository.run(&flags).quietly(0);
    let fixed = String::from_utf8(repository.read("vm.json")).unwrap();
    assert!(!fixed.contains("shop/msi"), "{fixed}");
}

#[cfg(unix)]
#[test]
fn each_file_is_shown_with_what_becomes_of_it() {
    let repository = Repository::with(".gitignore", "out/\n");
    repository.write("a.json", templates::FIXABLE);
    repository.write("a.parameters.json", "{\"parameters\": {}}");
    repository.write("readme.md", "nothing");
    repository.write("note.md", "the ManagedIdentityExtensionForLinux");
    repository.write("list.json", "[\"Microsoft.ManagedIdentity\"]");
    repository.write("out/b.json", templates::FIXABLE);
    repository.write("vendor/c.json", templates::FIXABLE);
    repository.write("in/odd\n::error::x##vso[y]", "");
    std::os::unix::fs::symlink("a.json", repository.path("link.json")).unwrap();
    let flags = ["--show-files", "--exclude", "vendor/"];
    let expected = "\
.git/: skipped: git's own
.gitignore: read: contains nothing that a rule looks for
a.json: checked: a template
a.parameters.json: read: its values are passed to templates
in/odd\\u{a}::error::x##_vso[y]: read: contains nothing that a rule looks for
link.json: skipped: a symbolic link; name it to follow it
list.json: checked: a text
note.md: checked: a text
out/: skipped: ignored by `out/` in .gitignore; --no-respect-gitignore reads it
readme.md: read: contains nothing that a rule looks for
vendor/: skipped: excluded by `vendor/`
";
    for command in ["check", "diff", "fix"] {
        let outcome = repository
            .run(&[&[command], &flags[..]].concat())
            .quietly(0);
        assert_eq!(outcome.text(), expected, "{command}");
    }
    assert_eq!(repository.read("a.json"), templates::FIXABLE.as_bytes());
    let outcome = repository.run(&["check", "--show-files", "absent"]);
    assert_eq!(outcome.code, 2);
}
/// A template alone says nothing of the extension where its parameter file does.
#[test]
fn a_named_template_is_looked_into_for_what_files_around_it_say() {
    let repository = Repository::new();
    let open = templates::open();
    repository.write("vm.json", open);
    repository.write("vm.parameters.json", templates::GIVEN);
    let outcome = repository.run(&["check", "vm.json"]).quietly(1);
    assert!(outcome.text().contains("vm-extension"), "{outcome:#?}");
    // What is wrong elsewhere in the repository is no matter of the file that was named.
    repository.write("other/msi2imds.toml", "exlude = 1\n");
    repository.run(&["check", "vm.json"]).quietly(1);
}

#[test]
fn a_named_folder_is_passed_over_too_where_exclusion_is_forced() {
    let repository = Repository::with(".gitignore", "out/\n");
    repository.write("out/a.json", templates::FIXABLE);
    repository.run(&["check", "out"]).quietly(1);
    repository
        .run(&["check", "out", "--force-exclude"])
        .quietly(0);
}

#[test]
fn a_hook_that_names_a_file_called_like_stdin_or_an_option_checks_that_file() {
    let repository = Repository::with("-", templates::FIXABLE);
    repository.write("--exit-zero", templates::FIXABLE);
    let names = ["check", "-q", "--force-exclude", "--", "-", "--exit-zero"];
    let outcome = repository.run(&names).quietly(1);
    for name in ["-", "--exit-zero"] {
        assert!(
            outcome.text().contains(&format!("--> {name}:")),
            "{outcome:#?}"
        );
    }
    repository
        .run(&["fix", "--force-exclude", "--", "-"])
        .quietly(0);
    assert_ne!(repository.read("-"), templates::FIXABLE.as_bytes());
}
