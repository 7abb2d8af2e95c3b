//! Which files a walk comes by, and what they are called.

use std::num::NonZeroUsize;

use tempfile::TempDir;

use super::*;
use crate::repository::scan::{Scan, scan_in};
use crate::repository::test_folder;

/// A folder with these files, each with its own name in it.
fn folder_with(files: &[&str]) -> TempDir {
    let named: Vec<(&str, &str)> = files.iter().map(|file| (*file, *file)).collect();
    test_folder::folder_with(&named)
}

/// Reads `paths` below `base` as if `current` below it were the current folder.
fn read(base: &TempDir, current: &str, paths: &[&str], hidden: bool) -> Scan<()> {
    let selection = Selection {
        paths: paths.iter().map(|path| base.path().join(path)).collect(),
        hidden,
        respect_gitignore: true,
        ..Selection::default()
    };
    let current = base.path().join(current).canonicalize().unwrap();
    let threads = NonZeroUsize::new(2).unwrap();
    scan_in(Some(&current), &selection, threads, |_, _| Some(()))
}

fn names(scan: &Scan<()>) -> Vec<&str> {
    scan.results
        .iter()
        .map(|(file, ())| std::str::from_utf8(&file.name).unwrap())
        .collect()
}

#[test]
fn hidden_folders_are_read_on_request_and_git_folders_never() {
    let base = folder_with(&["a", ".h", ".d/x", "d/.git/x", ".git/config"]);
    assert_eq!(names(&read(&base, "", &[""], false)), [".h", "a"]);
    assert_eq!(names(&read(&base, "", &[""], true)), [".d/x", ".h", "a"]);
    // A named folder's own name does not count.
    assert_eq!(names(&read(&base, "", &[".d"], false)), [".d/x"]);
}

#[test]
fn temporary_files_of_runs_are_listed_and_never_read() {
    let left = ".msi2imds-0123456789ab.tmp";
    let below = format!("d/{left}");
    let base = folder_with(&["a", "d/x", "e/x", left, &below, &format!("e/{left}")]);
    assert_eq!(names(&read(&base, "", &[""], true)), ["a", "d/x", "e/x"]);
    let selection = Selection {
        paths: vec![base.path().join("a"), base.path().join("d")],
        lists_temporary: true,
        ..Selection::default()
    };
    let mut listed = walk(&selection, None, |_| true).temporary;
    listed.sort();
    let expected = [left, &below].map(|name| base.path().canonicalize().unwrap().join(name));
    let listed: Vec<PathBuf> = listed
        .iter()
        .map(|path| path.canonicalize().unwrap())
        .collect();
    assert_eq!(listed, expected);
}

#[test]
fn a_named_file_is_read_even_if_hidden_or_ignored() {
    let base = folder_with(&[".git/HEAD", ".h", "i/x"]);
    std::fs::write(base.path().join(".gitignore"), "i/\n").unwrap();
    let scan = read(&base, "", &[".h", "i/x"], false);
    assert_eq!(names(&scan), [".h", "i/x"]);
    assert!(scan.errors.is_empty());
}

#[test]
fn overlapping_paths_count_once() {
    let base = folder_with(&["a/b/x", "a/y"]);
    let scan = read(&base, "", &["a/b", "a", "a/../a/y", "a/y"], false);
    assert_eq!(names(&scan), ["a/b/x", "a/y"]);
    assert_eq!(scan.files, 2);
}

#[test]
fn names_are_relative_to_the_current_folder_the_repository_or_the_named_folder() {
    let base = folder_with(&["in/x", "repo/.git/HEAD", "repo/d/x", "plain/d/x"]);
    assert_eq!(names(&read(&base, "in", &["in"], false)), ["x"]);
    assert_eq!(names(&read(&base, "in", &["repo/d"], false)), ["d/x"]);
    assert_eq!(names(&read(&base, "in", &["repo/d/x"], false)), ["d/x"]);
    assert_eq!(names(&read(&base, "in", &["plain"], false)), ["d/x"]);
    assert_eq!(names(&read(&base, "in", &["plain/d/x"], false)), ["x"]);
}

#[test]
fn what_a_walk_comes_by_is_known_of_each_file_without_a_walk() {
    let files = [
        "repo/.git/HEAD",
        "repo/a.json",
        "repo/out/a.json",
        "repo/in/.h/a.json",
        "repo/in/a.x",
        "repo/in/kept/a.x",
        "repo/inner/.git/HEAD",
        "repo/inner/a.x",
        "other/a.json",
    ];
    let base = folder_with(&files);
    let write = |name: &str, text: &str| std::fs::write(base.path().join(name), text).unwrap();
    write("repo/.gitignore", "out/\n*.x\n");
    write("repo/in/kept/.gitignore", "!a.x\n");
    let root = base.path().canonicalize().unwrap();
    for paths in [
        &["repo"][..],
        &["repo/in", "repo/out"],
        &["repo/in/a.x"],
        &[""],
        &[],
    ] {
        for (hidden, respect_gitignore) in [(false, true), (true, true), (true, false)] {
            let selection = Selection {
                paths: paths.iter().map(|path| base.path().join(path)).collect(),
                hidden,
                respect_gitignore,
                ..Selection::default()
            };
            let all: Vec<PathBuf> = files.iter().map(|file| root.join(file)).collect();
            let mut expected = HashSet::new();
            walk(&selection, None, |found| {
                expected.insert(found.into_source_file().canonical)
            });
            expected.retain(|path| all.contains(path));
            let found = filter_walked(&selection, all.iter().map(PathBuf::as_path));
            let found: HashSet<PathBuf> = found.into_iter().map(Path::to_path_buf).collect();
            assert_eq!(found, expected, "{selection:?}");
        }
    }
}

#[test]
fn an_absent_path_is_an_error_and_stops_nothing() {
    let base = folder_with(&["x"]);
    let scan = read(&base, "", &["absent", "x"], false);
    assert_eq!(names(&scan), ["x"]);
    assert!(matches!(scan.errors[0].failure, ReadFailure::Missing));
}

#[cfg(unix)]
#[test]
fn a_socket_is_passed_over_unless_named() {
    let base = folder_with(&["x"]);
    let socket = base.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let walked = read(&base, "", &[""], false);
    assert_eq!((names(&walked), walked.errors.len()), (vec!["x"], 0));
    let named = read(&base, "", &["socket"], false);
    assert!(matches!(named.errors[0].failure, ReadFailure::NotRegular));
}

#[cfg(unix)]
#[test]
fn links_are_followed_only_where_named_and_a_loop_ends() {
    let base = folder_with(&["d/x", "other/y"]);
    let link = |to: &str, at: &str| {
        std::os::unix::fs::symlink(to, base.path().join(at)).unwrap();
    };
    link("..", "d/up");
    link("../other/y", "d/y");
    link("loop", "loop");
    assert_eq!(names(&read(&base, "", &["d"], false)), ["d/x"]);
    assert_eq!(names(&read(&base, "", &["d/y"], false)), ["other/y"]);
    assert_eq!(
        names(&read(&base, "", &["d/up"], false)),
        ["d/x", "other/y"]
    );
    let looped = read(&base, "", &["loop"], false);
    assert_eq!((looped.files, looped.errors.len()), (0, 1));
}
