//! Which files belong together, whatever was named.

use std::path::Path;

use super::*;
use crate::repository::scan;
use crate::repository::test_folder::folder_with;

/// The sets of the files below `selected` that say `pick`, each file with whether it is selected.
fn sets(base: &Path, selected: &[&str]) -> Vec<Vec<(String, bool)>> {
    let selection = Selection {
        paths: selected.iter().map(|path| base.join(path)).collect(),
        hidden: false,
        respect_gitignore: true,
        ..Selection::default()
    };
    let threads = NonZeroUsize::MIN;
    let mentions = |bytes: &[u8]| {
        let is_linking = bytes.windows(5).any(|at| at == b".json");
        is_linking.then(|| Mentions::of(bytes))
    };
    let seen = |_: &SourceFile, bytes: &[u8]| {
        Some(Seen {
            picked: bytes.starts_with(b"pick"),
            mentions: mentions(bytes),
            links: None,
        })
    };
    let scan = scan(&selection, threads, seen);
    let linking = Linking {
        seen,
        links: |_: &SourceFile, bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.lines().map(str::to_owned).collect()
        },
    };
    let gathered = gather(&selection, threads, scan.results, linking);
    assert!(gathered.errors.is_empty(), "{:?}", gathered.errors);
    let named = |member: SetMember| {
        let path = member.file.path.canonicalize().unwrap();
        let below = path.strip_prefix(base.canonicalize().unwrap()).unwrap();
        (below.to_string_lossy().into_owned(), member.selected)
    };
    let sets = gathered.sets.into_iter();
    sets.map(|set| {
        let mut set: Vec<_> = set.into_iter().map(named).collect();
        set.sort();
        set
    })
    .collect()
}

fn selected(name: &str) -> (String, bool) {
    (name.to_owned(), true)
}

fn context(name: &str) -> (String, bool) {
    (name.to_owned(), false)
}

const LINKED: [(&str, &str); 7] = [
    (".git/HEAD", ""),
    ("main.json", "nested/extension.json\nnested/machine.json"),
    ("nested/extension.json", "pick"),
    ("nested/machine.json", "disk.json"),
    ("nested/disk.json", ""),
    ("other.json", "nested/absent.json\n../outside.json"),
    ("alone.json", "pick"),
];

/// What makes a named file one of interest may be in a file around it.
#[test]
fn a_named_file_belongs_to_what_is_picked_outside_of_what_was_named() {
    let base = folder_with(&LINKED);
    let family = vec![
        context("main.json"),
        context("nested/disk.json"),
        context("nested/extension.json"),
        selected("nested/machine.json"),
    ];
    assert_eq!(sets(base.path(), &["nested/machine.json"]), [family]);
    assert!(sets(base.path(), &["other.json"]).is_empty());
    // Without a repository nothing but what is beside it is looked at.
    let base = folder_with(&LINKED[1..]);
    assert!(sets(base.path(), &["nested/machine.json"]).is_empty());
}

#[test]
fn parents_siblings_and_what_they_link_belong_to_a_picked_file() {
    let base = folder_with(&LINKED);
    let family = vec![
        selected("main.json"),
        selected("nested/disk.json"),
        selected("nested/extension.json"),
        selected("nested/machine.json"),
    ];
    let expected = vec![vec![selected("alone.json")], family];
    assert_eq!(sets(base.path(), &["."]), expected);
}

#[test]
fn what_belongs_together_does_not_depend_on_what_was_named() {
    let base = folder_with(&LINKED);
    let file = vec![
        context("main.json"),
        context("nested/disk.json"),
        selected("nested/extension.json"),
        context("nested/machine.json"),
    ];
    assert_eq!(sets(base.path(), &["nested/extension.json"]), [file]);
    let folder = vec![
        context("main.json"),
        selected("nested/disk.json"),
        selected("nested/extension.json"),
        selected("nested/machine.json"),
    ];
    assert_eq!(sets(base.path(), &["nested"]), [folder]);
}

#[test]
fn files_outside_of_the_repository_are_not_read() {
    let base = folder_with(&[
        ("repository/.git/HEAD", ""),
        ("repository/main.json", "pick\n../secret.json"),
        ("secret.json", ""),
    ]);
    let expected = vec![vec![selected("repository/main.json")]];
    assert_eq!(sets(base.path(), &["repository"]), expected);
}

#[test]
fn parameter_files_are_beside_their_template() {
    let base = folder_with(&[
        ("a.json", "pick"),
        ("a.parameters.json", ""),
        ("a.parameters.test.json", ""),
        ("ab.parameters.json", ""),
        ("b.json", "pick"),
    ]);
    let with = vec![
        selected("a.json"),
        selected("a.parameters.json"),
        selected("a.parameters.test.json"),
    ];
    assert_eq!(sets(base.path(), &["."]), [with, vec![selected("b.json")]]);
}

#[test]
fn a_parameter_file_that_is_picked_brings_its_template() {
    let base = folder_with(&[
        ("a.json", "b.json"),
        ("a.parameters.test.json", "pick"),
        ("b.json", ""),
    ]);
    let expected = vec![
        context("a.json"),
        selected("a.parameters.test.json"),
        context("b.json"),
    ];
    assert_eq!(sets(base.path(), &["a.parameters.test.json"]), [expected]);
}

#[test]
fn links_in_a_circle_end() {
    let base = folder_with(&[("a.json", "pick\nb.json"), ("b.json", "a.json")]);
    let expected = vec![vec![selected("a.json"), selected("b.json")]];
    assert_eq!(sets(base.path(), &["."]), expected);
}
