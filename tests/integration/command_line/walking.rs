//! Which files are looked at.

use super::repository::Repository;
use super::templates::{self, machine};

/// The files that a check has findings in.
fn reported(repository: &Repository, arguments: &[&str]) -> Vec<String> {
    let outcome = repository.run(&[&["check", "--quiet"], arguments].concat());
    assert_eq!(outcome.stderr, "", "{outcome:#?}");
    let mut names: Vec<String> = outcome
        .text()
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("--> "))
        .filter_map(|place| Some(place.split_once(':')?.0.to_owned()))
        .collect();
    names.dedup();
    names
}

#[test]
fn what_git_ignores_is_passed_over_unless_asked_for_or_named() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    repository.write(".gitignore", "out/\n");
    repository.write("out/b.json", templates::FIXABLE);
    assert_eq!(reported(&repository, &[]), ["a.json"]);
    assert_eq!(
        reported(&repository, &["--no-respect-gitignore"]),
        ["a.json", "out/b.json"]
    );
    assert_eq!(reported(&repository, &["out/b.json"]), ["out/b.json"]);
    repository.run(&["fix"]).quietly(0);
    assert_eq!(repository.read("out/b.json"), templates::FIXABLE.as_bytes());
}

#[test]
fn hidden_files_are_looked_at_and_of_hidden_folders_those_that_hold_pipelines() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    repository.write(".b.json", templates::FIXABLE);
    repository.write(".cache/c.json", templates::FIXABLE);
    repository.write(".git/c.json", templates::FIXABLE);
    let mut expected = vec![".b.json".to_owned()];
    for folder in [
        ".azure-pipelines",
        ".azuredevops",
        ".circleci",
        ".devcontainer",
        ".github",
        ".gitlab",
        ".pipelines",
    ] {
        let name = format!("{folder}/in/c.json");
        repository.write(&name, templates::FIXABLE);
        expected.push(name);
    }
    expected.push("a.json".to_owned());
    expected.sort();
    assert_eq!(reported(&repository, &[]), expected);
    expected.push(".cache/c.json".to_owned());
    expected.sort();
    assert_eq!(reported(&repository, &["--hidden"]), expected);
}

#[test]
fn what_git_tracks_is_looked_at_though_a_rule_ignores_it() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    let tracked = ["out/b.json", "out/in/c.json", "d.gen"];
    for name in tracked {
        repository.write(name, templates::FIXABLE);
    }
    for version in ["2", "3", "4"] {
        repository.git(&["add", "--force", "."], "");
        repository.git(&["update-index", "--index-version", version], "");
        repository.write(".gitignore", "out/\n*.gen\n");
        for name in [
            "out/new.json",
            "out/in/new.json",
            "out/other/new.json",
            "e.gen",
        ] {
            repository.write(name, templates::FIXABLE);
        }
        let expected = ["a.json", "d.gen", "out/b.json", "out/in/c.json"];
        assert_eq!(reported(&repository, &[]), expected, "{version}");
        for name in [
            "out/new.json",
            "out/in/new.json",
            "out/other/new.json",
            "e.gen",
        ] {
            std::fs::remove_file(repository.path(name)).unwrap();
        }
    }
    repository.write("e.gen", templates::FIXABLE);
    repository.write(".git/index", b"DIRC\0\0\0\x02\xff\xff\xff\xff");
    let outcome = repository.run(&["check", "-q"]);
    assert_eq!(outcome.code, 2, "{outcome:#?}");
    let said = "the index of git cannot be read";
    assert!(outcome.stderr.contains(said), "{outcome:#?}");
}

#[test]
fn what_cannot_be_looked_into_is_listed_once() {
    let repository = Repository::with("readme.md", "nothing");
    repository.write(
        "a.json",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
    );
    repository.write(
        "b.zip",
        b"PK\x03\x04\0\0ManagedIdentityExtensionForLinux.json\0",
    );
    repository.write("other.zip", b"PK\x03\x04\0\0photo.png\0");
    std::fs::create_dir(repository.path("sub")).unwrap();
    std::fs::create_dir(repository.path("empty")).unwrap();
    let link = format!("160000,{},sub", "1".repeat(40));
    repository.git(&["update-index", "--add", "--cacheinfo", &link], "");
    let outcome = repository.run(&["check"]);
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    assert_eq!(
        outcome.stderr,
        "warning: not checked: a.json (a Git LFS pointer), b.zip (an archive), sub (a submodule that \
         was not fetched)\n"
    );
}

#[test]
fn a_run_that_scanned_nothing_does_not_read_as_a_clean_one() {
    let repository = Repository::with("vendor/a.json", templates::FIXABLE);
    let outcome = repository.run(&["check", "--exclude", "vendor"]);
    let warning = "warning: no file was scanned; --show-files says why\n";
    assert_eq!(
        (outcome.code, outcome.text(), &*outcome.stderr),
        (0, "", warning)
    );
    let outcome = repository.run(&["check", "absent.json"]);
    assert_eq!((outcome.code, outcome.text()), (2, ""), "{outcome:#?}");
}

#[test]
fn too_many_ignore_rules_are_an_error() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    let rules: String = (0..20_000)
        .map(|number| format!("a*{number}?b\n"))
        .collect();
    repository.write(".gitignore", rules);
    let outcome = repository.run(&["check", "-q"]);
    assert_eq!(outcome.code, 2, "{outcome:#?}");
    assert!(
        outcome.stderr.contains("ignore rules cannot be read"),
        "{outcome:#?}"
    );
}

#[test]
fn the_name_of_a_template_does_not_matter() {
    let names = ["azuredeploy", "main.jsonc", "t.json.bak", "x.template"];
    let repository = Repository::new();
    for name in names {
        repository.write(name, templates::FIXABLE);
    }
    assert_eq!(reported(&repository, &[]), names);
}

#[test]
fn overlapping_paths_are_one() {
    let repository = Repository::with("d/a.json", templates::FIXABLE);
    let paths = [".", "d", "d/a.json", "d/../d/a.json"];
    let once = repository.run(&["check"]);
    assert_eq!(repository.run(&[&["check"], &paths[..]].concat()), once);
    repository.run(&[&["fix"], &paths[..]].concat()).quietly(0);
}

#[test]
fn what_is_no_template_is_reported_where_it_declares_and_never_edited() {
    let repository = Repository::new();
    let text = templates::FIXABLE;
    repository.write(
        "values.json",
        text.replace("$schema", "schema")
            .replace("contentVersion", "v"),
    );
    repository.write("list.json", format!("[{text}]"));
    repository.write("deploy.ps1", "'Microsoft.ManagedIdentity'\n");
    repository.write("binary", [text.as_bytes(), b"\0"].concat());
    repository.write("empty.json", "");
    repository.write("brace.json", "{");
    repository.write("word.json", "{\"Microsoft.ManagedIdentity\": ");
    let before = repository.tree();
    for (command, code) in [("check", 1), ("diff", 0), ("fix", 1)] {
        repository.run(&[command]).quietly(code);
    }
    assert_eq!(repository.tree(), before);
    assert_eq!(reported(&repository, &[]), ["list.json", "values.json"]);
}

#[test]
fn a_template_with_nothing_but_identities_of_its_own_is_not_even_parsed() {
    let repository = Repository::new();
    let name = "\"managedIdentity\": \"vmManagedIdentity\", \"managedIdentityName\": \
        \"Microsoft.ManagedIdentity";
    for (file, broken, found) in [
        (
            "own.json",
            format!("{{ {name}/userAssignedIdentities\""),
            false,
        ),
        ("whole.json", format!("{{ {name}\""), true),
    ] {
        let text = broken.replacen('{', "{ \"$schema\": \"https://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#\", \"resources\": [],", 1);
        repository.write(file, text);
        assert_eq!(!reported(&repository, &[file]).is_empty(), found, "{file}");
    }
}

#[test]
fn other_languages_are_noted_and_never_edited() {
    let repository = Repository::new();
    let text = templates::FIXABLE;
    let directives = format!("{{{{ if .x }}}}\n{text}{{{{ end }}}}\n");
    repository.write("armtemplate.go", format!("const t = `{text}`\n"));
    repository.write("chart.json", directives);
    repository.write("go.t", text);
    repository.write("notes.md", format!("```json\n{text}```\n"));
    let before = repository.tree();
    for (command, code) in [("check", 1), ("diff", 0), ("fix", 1)] {
        repository.run(&[command]).quietly(code);
    }
    assert_eq!(repository.tree(), before);
    assert_eq!(
        reported(&repository, &["--fail-on", "note"]),
        ["armtemplate.go", "chart.json", "go.t", "notes.md"]
    );
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_loops_end() {
    use std::os::unix::fs::symlink;

    let repository = Repository::with("d/a.json", templates::FIXABLE);
    std::fs::write(repository.outside().join("o.json"), templates::FIXABLE).unwrap();
    symlink("..", repository.path("d/up")).unwrap();
    symlink("loop", repository.path("loop")).unwrap();
    symlink("absent", repository.path("dangling.json")).unwrap();
    symlink("d/a.json", repository.path("again.json")).unwrap();
    symlink("../o.json", repository.path("outside.json")).unwrap();
    assert_eq!(reported(&repository, &[]), ["d/a.json"]);
    repository.run(&["fix"]).quietly(0);
    let outside = std::fs::read(repository.outside().join("o.json")).unwrap();
    assert_eq!(outside, templates::FIXABLE.as_bytes());
}

#[cfg(unix)]
#[test]
fn pipes_and_sockets_do_not_block() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    repository.feed("mkfifo", "", &["pipe.json"], "");
    let socket = repository.path("s.json");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert_eq!(reported(&repository, &[]), ["a.json"]);
    for name in ["pipe.json", "s.json"] {
        let outcome = repository.run(&["check", name, "a.json"]);
        assert_eq!(outcome.code, 2, "{outcome:#?}");
        assert!(outcome.stderr.contains(name), "{outcome:#?}");
        assert!(outcome.text().contains("a.json"), "{outcome:#?}");
    }
}

#[test]
fn the_number_of_threads_does_not_show() {
    let repository = Repository::new();
    for number in 0..60 {
        let text = match number % 4 {
            0 => templates::held(),
            1 => templates::broken(),
            2 => templates::note_only(),
            _ => templates::machine(&format!("m{number}")),
        };
        repository.write(format!("d{}/{number}.json", number % 7), text);
    }
    for command in ["check", "diff"] {
        let one = repository.run(&[command, "-j", "1"]).quietly(1);
        assert_eq!(repository.run(&[command, "-j", "4"]), one);
        assert_eq!(repository.run(&[command]), one);
    }
}

#[test]
fn what_belongs_together_does_not_depend_on_threads_or_on_the_order_of_paths() {
    let repository = Repository::new();
    let deployment = |name: &str, path: &str| {
        format!(
            r#"{{"type": "Microsoft.Resources/deployments", "apiVersion": "2019-05-01",
            "name": "{name}", "properties": {{"mode": "Incremental",
            "templateLink": {{"relativePath": "{path}"}}}}}}"#
        )
    };
    let template = |resources: &[String]| {
        let resources = resources.join(", ");
        format!(r#"{{"contentVersion": "1.0.0.0", "resources": [{resources}]}}"#)
    };
    for number in 0..20 {
        let folder = format!("d{}", number % 7);
        let extension = format!("parts/{number}.json");
        let shared = deployment("shared", "../shared/plain.json");
        let parent = template(&[deployment("part", &extension), shared]);
        repository.write(format!("{folder}/{number}.json"), parent);
        let part = machine(&format!("m{number}"));
        repository.write(format!("{folder}/{extension}"), part);
        let parameters = format!("{folder}/parts/{number}.parameters.json");
        repository.write(
            parameters,
            r#"{"contentVersion": "1.0.0.0", "parameters": {}}"#,
        );
    }
    repository.write("shared/plain.json", template(&[]));
    let folders = ["shared", "d0", "d1", "d2", "d3", "d4", "d5", "d6"];
    for command in ["check", "diff"] {
        let mut outcomes = Vec::new();
        for threads in ["1", "2", "5"] {
            let mut arguments = vec![command, "-j", threads];
            arguments.extend(folders);
            outcomes.push(repository.run(&arguments).quietly(1));
            arguments[3..].reverse();
            outcomes.push(repository.run(&arguments).quietly(1));
        }
        let first = outcomes.remove(0);
        assert!(first.text().contains("d6/parts/13.json"), "{first:?}");
        for other in outcomes {
            assert_eq!(other, first);
        }
        assert_eq!(repository.run(&[command]).quietly(1).stdout, first.stdout);
    }
}
