//! Git's ignore rules along a walk.
//!
//! The rules of each folder are pushed as the walk enters it and popped as it leaves, so a file is
//! asked only against the rules of its own folders. As for git and ripgrep, rules count inside a
//! repository only, the innermost rule decides, and an inner repository knows nothing of the outer
//! one's. Knows nothing of hidden files or of what is read. Start at [`IgnoreRules`].

use std::io;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder, Glob, gitconfig_excludes_path};

use super::bounded_read::{LARGEST_RULES, read_plain};

/// The rules in force at one place of a walk.
#[derive(Default)]
pub(super) struct IgnoreRules {
    respected: bool,
    /// Rules of the folders above the walk's root: they match canonical paths.
    above: Vec<RuleSet>,
    /// Rules of the folders that the walk is in, the outermost first: they match walked paths.
    entered: Vec<RuleSet>,
    /// The ignored folder that the walk entered for what git tracks in it, by its depth, and its rule.
    within: Option<(usize, Glob)>,
}

struct RuleSet {
    matcher: Gitignore,
    /// How far below the walk's root the rules' folder is; 0 for the root and what is above.
    depth: usize,
    /// The last rules to ask: those behind them are of another repository.
    starts_repository: bool,
}

/// An ignore file that could not be read; its rules are not in force.
pub(super) type UnreadableRules = (PathBuf, io::Error);

impl IgnoreRules {
    /// The rules that reach the canonical folder `root` from above.
    ///
    /// `repository` is the folder that holds the `.git` that `root` belongs to.
    pub(super) fn above(
        root: &Path,
        repository: Option<&Path>,
        unreadable: &mut Vec<UnreadableRules>,
    ) -> Self {
        let mut above = Vec::new();
        if let Some(repository) = repository.filter(|repository| *repository != root) {
            let mut folders: Vec<&Path> = root
                .ancestors()
                .skip(1)
                .take_while(|folder| folder.starts_with(repository))
                .collect();
            folders.reverse();
            for folder in folders {
                push_folder(&mut above, folder, 0, folder == repository, unreadable);
            }
        }
        Self {
            respected: true,
            above,
            ..Self::default()
        }
    }

    /// No rules at all, wherever the walk goes.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// Puts the rules of the walked `folder` into force; `canonical` gives its path without links.
    pub(super) fn enter(
        &mut self,
        folder: &Path,
        canonical: impl FnOnce() -> PathBuf,
        depth: usize,
        unreadable: &mut Vec<UnreadableRules>,
    ) {
        if !self.respected {
            return;
        }
        let is_repository = holds_repository(folder);
        // What is in an ignored folder is ignored with it. A folder that was named is not, and a
        // submodule has rules of its own.
        if is_repository {
            self.within = None;
        } else if depth > 0 && self.within.is_none() {
            let rule = self.ignoring_rule(folder, canonical, true).cloned();
            self.within = rule.map(|rule| (depth, rule));
        }
        let within_repository = !self.above.is_empty() || !self.entered.is_empty();
        if is_repository || within_repository {
            push_folder(&mut self.entered, folder, depth, is_repository, unreadable);
        }
    }

    /// Takes the rules of all folders out of force that hold no entry of `depth`.
    pub(super) fn leave_to(&mut self, depth: usize) {
        while self.entered.last().is_some_and(|set| set.depth >= depth) {
            self.entered.pop();
        }
        self.within.take_if(|(within, _)| *within >= depth);
    }

    /// The rule by which the walked `path` is ignored, if it is; `canonical` gives the same path
    /// without links.
    pub(super) fn ignoring_rule(
        &self,
        path: &Path,
        canonical: impl FnOnce() -> PathBuf,
        is_folder: bool,
    ) -> Option<&Glob> {
        if let Some((_, rule)) = &self.within {
            return Some(rule);
        }
        match verdict(&self.entered, path, is_folder) {
            None if !self.above.is_empty() => verdict(&self.above, &canonical(), is_folder)?,
            decided => decided?,
        }
    }
}

/// Whether the rules decide, and the one that ignores the path.
fn verdict<'r>(sets: &'r [RuleSet], path: &Path, is_folder: bool) -> Option<Option<&'r Glob>> {
    let mut sets = sets.iter().rev();
    sets.find_map(|set| match set.matcher.matched(path, is_folder) {
        Match::Ignore(rule) => Some(Some(rule)),
        Match::Whitelist(_) => Some(None),
        Match::None => set.starts_repository.then_some(None),
    })
}

/// Adds a folder's rules; at a repository's root also those of `info/exclude` and the user's own,
/// which rank lower. The user's are added even when empty: they mark where the repository starts.
fn push_folder(
    sets: &mut Vec<RuleSet>,
    folder: &Path,
    depth: usize,
    is_repository: bool,
    unreadable: &mut Vec<UnreadableRules>,
) {
    let mut push = |file: Option<PathBuf>, starts_repository: bool| {
        let matcher = file.map_or_else(Gitignore::empty, |file| matcher(folder, file, unreadable));
        if starts_repository || !matcher.is_empty() {
            sets.push(RuleSet {
                matcher,
                depth,
                starts_repository,
            });
        }
    };
    if is_repository {
        push(gitconfig_excludes_path(), true);
        push(Some(shared_git_folder(folder).join("info/exclude")), false);
    }
    push(Some(folder.join(".gitignore")), false);
}

/// The rules in `file`, matched relative to `folder`. As for git, a line that is no pattern is
/// passed over.
fn matcher(folder: &Path, file: PathBuf, unreadable: &mut Vec<UnreadableRules>) -> Gitignore {
    let bytes = match read_plain(&file, LARGEST_RULES) {
        Ok(bytes) => bytes,
        Err(error) => {
            let is_absent = matches!(
                error.kind(),
                io::ErrorKind::NotFound
                    | io::ErrorKind::NotADirectory
                    | io::ErrorKind::IsADirectory
            );
            if !is_absent {
                unreadable.push((file, error));
            }
            return Gitignore::empty();
        }
    };
    let mut builder = GitignoreBuilder::new(folder);
    let rules = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    for line in rules.split(|byte| *byte == b'\n') {
        // A pattern in another encoding matches no name that the matcher could be given.
        if let Ok(line) = std::str::from_utf8(line) {
            let _ = builder.add_line(Some(file.clone()), line);
        }
    }
    builder.build().unwrap_or_else(|error| {
        // Each line was a pattern: all together are more than the matcher has room for.
        unreadable.push((file, io::Error::other(error)));
        Gitignore::empty()
    })
}

/// Whether `folder` is a repository's root.
pub(super) fn holds_repository(folder: &Path) -> bool {
    folder.join(".git").symlink_metadata().is_ok()
}

/// The nearest folder from the canonical `folder` upward that holds a `.git`.
pub(super) fn repository_of(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| holds_repository(folder))
}

/// The folder with the index of the repository whose root is `folder`: in a worktree or submodule `.git` is
/// a file that names another folder.
pub(super) fn git_folder(folder: &Path) -> PathBuf {
    let git = folder.join(".git");
    let named = text_of(&git);
    let named = named
        .as_deref()
        .and_then(|text| text.strip_prefix("gitdir:"));
    named.map_or(git, |named| folder.join(named.trim()))
}

/// The folder with the `info` of the repository whose root is `folder`: a worktree shares that of another.
fn shared_git_folder(folder: &Path) -> PathBuf {
    let git = git_folder(folder);
    match text_of(&git.join("commondir")) {
        Some(shared) => git.join(shared.trim()),
        None => git,
    }
}

fn text_of(path: &Path) -> Option<String> {
    String::from_utf8(read_plain(path, LARGEST_RULES).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use tempfile::TempDir;

    use super::super::scan::scan_in;
    use super::super::selection::Selection;
    use super::super::test_folder::folder_with;

    /// The files read below `root`, by their names relative to `base`; the rules themselves are files too.
    fn read(base: &TempDir, root: &str, respect_gitignore: bool) -> Vec<String> {
        let selection = Selection {
            paths: vec![base.path().join(root)],
            hidden: false,
            respect_gitignore,
            ..Selection::default()
        };
        let current = base.path().canonicalize().unwrap();
        let threads = NonZeroUsize::MIN;
        let scan = scan_in(Some(&current), &selection, threads, |_, _| Some(()));
        assert!(scan.errors.is_empty(), "{:?}", scan.errors);
        scan.results
            .into_iter()
            .map(|(file, ())| String::from_utf8(file.name).unwrap())
            .filter(|name| !name.ends_with(".gitignore"))
            .collect()
    }

    const NESTED: [(&str, &str); 9] = [
        (".git/HEAD", ""),
        (".gitignore", "*.out\n/top.json\nbuild/\n"),
        ("a/.gitignore", "\u{feff}!keep.out\r\n/b/deep.json\r\n"),
        ("a/keep.out", ""),
        ("a/drop.out", ""),
        ("a/b/deep.json", ""),
        ("a/top.json", ""),
        ("a/build/x.json", ""),
        ("top.json", ""),
    ];

    #[test]
    fn the_innermost_rule_decides_and_may_take_back() {
        let base = folder_with(&NESTED);
        assert_eq!(read(&base, "", true), ["a/keep.out", "a/top.json"]);
    }

    #[test]
    fn rules_of_folders_above_the_root_hold() {
        let base = folder_with(&NESTED);
        assert_eq!(read(&base, "a", true), ["a/keep.out", "a/top.json"]);
        assert_eq!(read(&base, "a/b", true), [""; 0]);
        // A folder that was named is walked even where git ignores it.
        assert_eq!(read(&base, "a/build", true), ["a/build/x.json"]);
    }

    #[test]
    fn rules_are_disregarded_on_request_and_outside_of_repositories() {
        let base = folder_with(&NESTED);
        assert_eq!(read(&base, "", false).len(), 6);
        let base = folder_with(&NESTED[1..]);
        assert_eq!(read(&base, "", true).len(), 6);
    }

    #[test]
    fn rules_end_with_their_folder() {
        let base = folder_with(&[
            (".git/HEAD", ""),
            ("a/.gitignore", "*.x\n"),
            ("a/d/1.x", ""),
            ("b/d/2.x", ""),
            ("c.x", ""),
        ]);
        assert_eq!(read(&base, "", true), ["b/d/2.x", "c.x"]);
    }

    #[test]
    fn info_exclude_ranks_below_every_gitignore() {
        let base = folder_with(&[
            (".git/info/exclude", "*.x\n/sub/y\n"),
            ("sub/.gitignore", "!kept.x\n"),
            ("sub/kept.x", ""),
            ("sub/1.x", ""),
            ("sub/y", ""),
            ("y", ""),
        ]);
        assert_eq!(read(&base, "", true), ["sub/kept.x", "y"]);
        assert_eq!(read(&base, "sub", true), ["sub/kept.x"]);
    }

    #[test]
    fn an_inner_repository_has_its_own_rules_only() {
        let base = folder_with(&[
            (".git/info/exclude", "*.x\n"),
            (".gitignore", "*.y\n"),
            ("1.x", ""),
            ("inner/.git/info/exclude", "*.z\n"),
            ("inner/1.x", ""),
            ("inner/1.y", ""),
            ("inner/1.z", ""),
        ]);
        let expected = ["inner/1.x", "inner/1.y"];
        assert_eq!(read(&base, "", true), expected);
        assert_eq!(read(&base, "inner", true), expected);
    }

    #[test]
    fn a_worktree_has_the_exclude_file_of_its_repository() {
        let base = folder_with(&[
            ("main/.git/info/exclude", "*.x\n"),
            ("main/.git/worktrees/tree/commondir", "../..\n"),
            ("tree/.git", "gitdir: ../main/.git/worktrees/tree\n"),
            ("tree/1.x", ""),
            ("tree/1.y", ""),
        ]);
        assert_eq!(read(&base, "tree", true), ["tree/1.y"]);
    }

    #[test]
    fn lines_that_are_no_pattern_or_no_utf8_leave_the_others_in_force() {
        let base = folder_with(&[(".git/HEAD", ""), ("1.x", ""), ("1.y", "")]);
        let rules = b"a{b\n\xff\xfe\n# *.y\n*.x";
        std::fs::write(base.path().join(".gitignore"), rules).unwrap();
        assert_eq!(read(&base, "", true), ["1.y"]);
    }
}
