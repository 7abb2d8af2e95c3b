//! `fix`: writes what it says, and nothing else.

use super::repository::Repository;
use super::templates;

#[test]
fn a_second_fix_changes_nothing_and_gives_0() {
    for text in [
        templates::FIXABLE.to_owned(),
        templates::without_identity(),
        templates::two_machines(),
        templates::FIXABLE.replace('\n', "\r\n"),
    ] {
        let repository = Repository::with("a.json", text);
        repository.run(&["fix"]).quietly(0);
        let fixed = repository.tree();
        let second = repository.run(&["fix"]).quietly(0);
        assert_eq!(second.text(), "no findings (1 file scanned)\n");
        assert_eq!(repository.tree(), fixed);
        repository.run(&["diff"]).quietly(0);
        repository.run(&["check"]).quietly(0);
    }
}

#[test]
fn nothing_but_the_template_changes() {
    let repository = Repository::with("infra/a.json", templates::FIXABLE);
    repository.write("README.md", "Microsoft.ManagedIdentity\n");
    repository.write("infra/clean.json", templates::clean());
    repository.write("infra/held.json", templates::held());
    repository.write("infra/b.json.orig", "{}");
    repository.git(&["add", "--all"], "");
    let before = repository.tree();
    for command in ["check", "diff"] {
        repository.run(&[command]).quietly(1);
        assert_eq!(repository.tree(), before, "{command} wrote");
    }
    repository.run(&["fix"]).quietly(1);
    let mut expected = before;
    expected.insert("infra/a.json".into(), templates::clean().into_bytes());
    assert_eq!(repository.tree(), expected);
}

#[test]
fn a_held_unit_stays_as_it_is_and_gives_1_with_the_reason() {
    let repository = Repository::with("a.json", templates::held());
    let outcome = repository.run(&["fix"]).quietly(1);
    assert!(outcome.text().contains("not fixed: "), "{outcome:#?}");
    assert!(outcome.text().contains("[extension-reference]"));
    assert!(!outcome.text().contains("--- a/"));
    assert_eq!(repository.read("a.json"), templates::held().as_bytes());
}

#[test]
fn what_is_left_carries_positions_in_the_new_text() {
    let repository = Repository::with("a.json", templates::fixable_with_a_warning());
    let line_of_id = |text: &[u8]| {
        let text = String::from_utf8(text.to_vec()).unwrap();
        text.lines()
            .position(|line| line.contains("resourceId("))
            .unwrap()
            + 1
    };
    let before = line_of_id(&repository.read("a.json"));
    let outcome = repository.run(&["fix"]).quietly(1);
    let after = line_of_id(&repository.read("a.json"));
    assert_ne!(before, after);
    assert!(
        outcome.text().contains(&format!("--> a.json:{after}:")),
        "{outcome:#?}"
    );
}

#[test]
fn what_is_left_of_one_machine_is_found_again_at_the_same_place() {
    let repository = Repository::with("a.json", half_held());
    let fix = repository.run(&["fix", "-q"]).quietly(1);
    let check = repository.run(&["check", "-q"]).quietly(1);
    assert!(fix.text().ends_with(check.text()), "{fix:#?}\n{check:#?}");
}

/// Two machines, of which an output holds the second.
fn half_held() -> String {
    templates::two_machines().replace(
        "  ]\n}\n",
        "  ],\n  \"outputs\": {\n    \"port\": {\n      \"type\": \"string\",\n      \
         \"value\": \"[reference('second/msi').settings.port]\"\n    }\n  }\n}\n",
    )
}

#[test]
fn a_held_machine_does_not_hold_the_other() {
    let repository = Repository::with("a.json", half_held());
    repository.run(&["fix"]).quietly(1);
    let left = String::from_utf8(repository.read("a.json")).unwrap();
    assert!(!left.contains("first/msi"));
    assert!(left.contains("second/msi"));
    let after = repository.tree();
    repository.run(&["fix"]).quietly(1);
    assert_eq!(repository.tree(), after);
}

#[cfg(unix)]
#[test]
fn permissions_stay() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    for mode in [0o600, 0o644, 0o664, 0o755] {
        let repository = Repository::with("a.json", templates::FIXABLE);
        let path = repository.path("a.json");
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        repository.run(&["fix"]).quietly(0);
        let kept = fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(kept, mode, "{kept:o} was {mode:o}");
    }
}

#[cfg(unix)]
#[test]
fn other_names_of_a_file_keep_the_old_text_and_that_is_said() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    let other = repository.outside().join("other.json");
    std::fs::hard_link(repository.path("a.json"), &other).unwrap();
    let outcome = repository.run(&["fix"]);
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    assert!(outcome.stderr.contains("hard link"), "{outcome:#?}");
    assert_eq!(
        std::fs::read(&other).unwrap(),
        templates::FIXABLE.as_bytes()
    );
    assert_eq!(repository.read("a.json"), templates::clean().as_bytes());
}

#[cfg(unix)]
#[test]
fn a_named_link_into_the_repository_is_followed_and_stays_a_link() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    let link = repository.path("link.json");
    std::os::unix::fs::symlink("a.json", &link).unwrap();
    repository.run(&["fix", "link.json"]).quietly(0);
    assert!(link.is_symlink());
    assert_eq!(repository.read("a.json"), templates::clean().as_bytes());
}

#[cfg(unix)]
#[test]
fn a_named_link_out_of_the_repository_is_refused() {
    let repository = Repository::new();
    let target = repository.outside().join("target.json");
    std::fs::write(&target, templates::FIXABLE).unwrap();
    std::os::unix::fs::symlink(&target, repository.path("link.json")).unwrap();
    let outcome = repository.run(&["fix", "link.json"]);
    assert_eq!(outcome.code, 2, "{outcome:#?}");
    assert!(outcome.stderr.contains("link.json"), "{outcome:#?}");
    assert_eq!(
        std::fs::read(&target).unwrap(),
        templates::FIXABLE.as_bytes()
    );
}
