//! Which files there are: from the paths that the user named to the files below them.
//!
//! Never opens a file to be checked, and never follows a symbolic link but a named one. Start at
//! [`Selection`].

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::config::Config;
use super::configs::Configs;
use super::globs::Globs;
use super::ignore_rules::{IgnoreRules, UnreadableRules, repository_of};
use super::passed_over::{PassedOver, Reason};
use super::read::{ReadError, ReadFailure};
use super::source_file::{Found, Root};

/// What to read.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Files, which are read whatever the rules below say, and folders, which are walked.
    pub paths: Vec<PathBuf>,
    /// Files as [`Selection::paths`]; folders among them are passed over.
    pub listed: Vec<PathBuf>,
    /// Whether to read files and enter folders whose name starts with a dot. `.git` is never
    /// entered.
    pub hidden: bool,
    /// Whether to pass over what git ignores: `.gitignore`, `.git/info/exclude` and the user's
    /// own excludes file, inside repositories only.
    pub respect_gitignore: bool,
    /// Whether to pass over named files too where a walk of their repository would.
    pub force_exclude: bool,
    /// What to read of the rest. Where these are empty, those of configurations count.
    pub globs: Globs,
    /// What is configured.
    pub configs: Configs,
    /// Whether a scan tells what it passes over.
    pub tell_passed_over: bool,
}

impl Selection {
    /// The canonical folder that holds all that is named and there.
    pub fn common_folder(&self) -> Option<PathBuf> {
        let named = self.named().filter_map(|(path, _)| {
            let path = path.canonicalize().ok()?;
            // What is common to files and folders is told by what stands in them.
            Some(if path.is_dir() { path.join("_") } else { path })
        });
        let named: Vec<PathBuf> = named.collect();
        common_folder(named.iter().map(PathBuf::as_path))
    }

    /// Whether all of the canonical `folder` is walked, but for what its own configuration leaves out.
    pub fn has_all_of(&self, folder: &Path) -> bool {
        let folders = self
            .paths
            .iter()
            .filter_map(|path| path.canonicalize().ok());
        let mut folders = folders.filter(|path| path.is_dir());
        self.globs.are_empty() && folders.any(|named| folder.starts_with(named))
    }

    fn named(&self) -> impl Iterator<Item = (&PathBuf, bool)> {
        let paths = self.paths.iter().map(|path| (path, false));
        paths.chain(self.listed.iter().map(|path| (path, true)))
    }
}

/// What a walk came to besides files.
pub(super) struct Walked {
    /// What could not be walked.
    pub(super) errors: Vec<ReadError>,
    /// What was passed over, if that was asked for.
    pub(super) passed_over: Vec<PassedOver>,
}

/// The folder that holds all of some canonical files.
pub fn common_folder<'f>(files: impl IntoIterator<Item = &'f Path>) -> Option<PathBuf> {
    let mut folders = files.into_iter().filter_map(Path::parent);
    let first = folders.next()?;
    let common = folders.fold(first, |common, folder| {
        let mut around = common.ancestors();
        around
            .find(|around| folder.starts_with(around))
            .unwrap_or(common)
    });
    Some(common.to_path_buf())
}

/// Hands each file of `selection` to `found`, once, until that says `false`.
///
/// `current_folder` is canonical.
pub(super) fn walk(
    selection: &Selection,
    current_folder: Option<&Path>,
    mut found: impl FnMut(Found) -> bool,
) -> Walked {
    let mut walk = Walk::new(selection, current_folder);
    let roots = walk.roots();
    let base = walk.base(&roots);
    for mut resolved in roots {
        let shown = base
            .as_ref()
            .and_then(|base| resolved.root.canonical.strip_prefix(base).ok());
        resolved.root.shown = shown.unwrap_or(&resolved.root.canonical).to_path_buf();
        let reason = walk.reason_to_pass_over(&resolved);
        let (is_folder, root) = (resolved.is_folder, Arc::new(resolved.root));
        let goes_on = match reason {
            Some(reason) => {
                walk.pass_over(root.named.clone(), &root, is_folder, reason);
                true
            }
            None if is_folder => walk.folder(&root, &mut found),
            None => walk.file(root.named.clone(), &root, &mut found),
        };
        if !goes_on {
            break;
        }
    }
    Walked {
        errors: walk.errors,
        passed_over: walk.passed_over.unwrap_or_default(),
    }
}

/// Those of some files, by canonical paths to where one is, that [`walk`] comes by. Their folders are
/// entered and no others.
pub(super) fn walked<'f>(
    selection: &Selection,
    files: impl Iterator<Item = &'f Path>,
) -> HashSet<&'f Path> {
    let mut walk = Walk::new(selection, None);
    let roots = walk.roots().into_iter();
    let roots: Vec<Resolved> = roots
        .filter(|resolved| walk.reason_to_pass_over(resolved).is_none())
        .collect();
    let (folders, named): (Vec<Resolved>, Vec<Resolved>) =
        roots.into_iter().partition(|resolved| resolved.is_folder);
    let named: HashSet<PathBuf> = named.into_iter().map(|file| file.root.canonical).collect();
    files
        .filter(|file| {
            let mut folders = folders.iter();
            named.contains(*file)
                || folders.any(|folder| {
                    let root = &folder.root;
                    file.starts_with(&root.canonical) && walk.left_out(root, file, false).is_none()
                })
        })
        .collect()
}

/// A walk of a canonical folder.
fn walk_of(folder: PathBuf) -> Root {
    Root {
        named: folder.clone(),
        canonical: folder.clone(),
        shown: PathBuf::new(),
        bound: folder,
    }
}

/// A named path that is there.
struct Resolved {
    root: Root,
    is_folder: bool,
    /// Whether it comes from a list of files.
    is_listed: bool,
    /// The folder itself, or the one that the file stands in.
    folder: PathBuf,
    /// The repository around it.
    repository: Option<PathBuf>,
}

struct Walk<'run> {
    selection: &'run Selection,
    current_folder: Option<&'run Path>,
    /// The repository's root of each named folder, or of the folder of each named file.
    repositories: HashMap<PathBuf, Option<PathBuf>>,
    seen: Option<HashSet<PathBuf>>,
    errors: Vec<ReadError>,
    /// What is passed over, where that is to be told.
    passed_over: Option<Vec<PassedOver>>,
}

impl<'run> Walk<'run> {
    fn new(selection: &'run Selection, current_folder: Option<&'run Path>) -> Self {
        Self {
            selection,
            current_folder,
            repositories: HashMap::new(),
            // One path cannot overlap: its files need not be remembered.
            seen: (selection.named().count() > 1).then(HashSet::new),
            errors: Vec::new(),
            passed_over: selection.tell_passed_over.then(Vec::new),
        }
    }

    /// The named paths that are there.
    fn roots(&mut self) -> Vec<Resolved> {
        let mut roots = Vec::new();
        for (named, is_listed) in self.selection.named() {
            match self.resolve(named, is_listed) {
                Ok(root) => roots.push(root),
                Err(failure) => self.fail(named, failure),
            }
        }
        roots
    }

    fn fail(&mut self, path: &Path, failure: ReadFailure) {
        self.errors.push(ReadError {
            path: path.to_path_buf(),
            failure,
        });
    }

    /// Looks at a named path; what reports call it is not known before all are looked at.
    fn resolve(&mut self, named: &Path, is_listed: bool) -> Result<Resolved, ReadFailure> {
        let absent_or_closed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound if is_listed => ReadFailure::MissingFromList,
            io::ErrorKind::NotFound => ReadFailure::Missing,
            _ => ReadFailure::Unreadable(error),
        };
        let metadata = std::fs::metadata(named).map_err(absent_or_closed)?;
        if !metadata.is_dir() && !metadata.is_file() {
            return Err(ReadFailure::NotRegular);
        }
        let canonical = named.canonicalize().map_err(absent_or_closed)?;
        let is_folder = metadata.is_dir();
        let (bound, folder, repository) = if is_folder {
            let repository = self.repository_of(&canonical);
            (canonical.clone(), canonical.clone(), repository)
        } else {
            // The folder in which the file was named, not the one that a link led to, bounds it.
            let named_in = match named.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder,
                _ => Path::new("."),
            };
            let named_in = named_in.canonicalize().map_err(absent_or_closed)?;
            let repository = self.repository_of(&named_in);
            let folder = canonical.parent().unwrap_or(&canonical).to_path_buf();
            (repository.clone().unwrap_or(named_in), folder, repository)
        };
        Ok(Resolved {
            root: Root {
                named: named.to_path_buf(),
                canonical,
                shown: PathBuf::new(),
                bound,
            },
            is_folder,
            is_listed,
            folder,
            repository,
        })
    }

    /// Why a named path is not looked at, if it is not.
    fn reason_to_pass_over(&mut self, resolved: &Resolved) -> Option<Reason> {
        if resolved.is_folder {
            if resolved.is_listed {
                return Some(Reason::ListedFolder);
            }
            let repository = resolved.repository.clone()?;
            let is_forced = self.selection.force_exclude && repository != resolved.folder;
            return is_forced
                .then(|| self.left_out(&walk_of(repository), &resolved.folder, true))
                .flatten();
        }
        let configs = &self.selection.configs;
        if configs
            .of_folder(&resolved.folder, &resolved.root.bound)
            .is_none()
        {
            return Some(Reason::Unconfigured);
        }
        if !self.selection.force_exclude {
            return None;
        }
        // A link is passed over as what is named, not as what it leads to.
        let bound = &resolved.root.bound;
        let (folder, name) = (
            resolved.root.named.parent()?,
            resolved.root.named.file_name()?,
        );
        let folder = match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder,
        };
        let file = folder.canonicalize().ok()?.join(name);
        self.left_out(&walk_of(bound.clone()), &file, false)
    }

    /// Notes that something is passed over.
    fn pass_over(&mut self, path: PathBuf, root: &Arc<Root>, is_folder: bool, reason: Reason) {
        if let Some(passed_over) = &mut self.passed_over {
            let root = Arc::clone(root);
            passed_over.push(PassedOver {
                name: Found { path, root }.into_source_file().name,
                is_folder,
                reason,
            });
        }
    }

    /// The folder that all names of a run are relative to, so that its patch applies in one place:
    /// the current folder if it holds all that was named, else the repository that does, else what
    /// the named folders have in common.
    fn base(&self, roots: &[Resolved]) -> Option<PathBuf> {
        let holds_all = |base: &Path| {
            let mut roots = roots.iter();
            roots.all(|resolved| resolved.root.canonical.starts_with(base))
        };
        let first = roots.first()?;
        [self.current_folder, first.repository.as_deref()]
            .into_iter()
            .flatten()
            .find(|base| holds_all(base))
            .or_else(|| first.folder.ancestors().find(|folder| holds_all(folder)))
            .map(Path::to_path_buf)
    }

    fn repository_of(&mut self, folder: &Path) -> Option<PathBuf> {
        if let Some(known) = self.repositories.get(folder) {
            return known.clone();
        }
        let repository = repository_of(folder).map(Path::to_path_buf);
        self.repositories
            .insert(folder.to_path_buf(), repository.clone());
        repository
    }

    fn file(
        &mut self,
        path: PathBuf,
        root: &Arc<Root>,
        found: &mut impl FnMut(Found) -> bool,
    ) -> bool {
        let is_new = match &mut self.seen {
            Some(seen) => seen.insert(root.canonical_path(&path)),
            None => true,
        };
        !is_new
            || found(Found {
                path,
                root: Arc::clone(root),
            })
    }

    fn folder(&mut self, root: &Arc<Root>, found: &mut impl FnMut(Found) -> bool) -> bool {
        let mut unreadable = Vec::new();
        let mut rules = self.rules_above(root, &mut unreadable);
        let mut configs: Vec<Arc<Config>> = Vec::new();
        let mut goes_on = true;
        let mut entries = WalkDir::new(&root.named).into_iter();
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(&root.named).to_path_buf();
                    self.fail(&path, ReadFailure::Unlistable(error.into()));
                    continue;
                }
            };
            rules.leave_to(entry.depth());
            configs.truncate(entry.depth());
            let kind = entry.file_type();
            let is_folder = kind.is_dir() || entry.depth() == 0;
            let reason = match entry.depth() {
                0 => None,
                _ if kind.is_symlink() => Some(Reason::Link),
                _ if !is_folder && !kind.is_file() => Some(Reason::NotRegular),
                _ => self.reason_below(entry.path(), is_folder, root, &rules, configs.last()),
            };
            let config = (is_folder && reason.is_none())
                .then(|| self.config_of(&root.canonical_path(entry.path()), root));
            let reason = match &config {
                Some(None) => Some(Reason::Unconfigured),
                _ => reason,
            };
            if let Some(reason) = reason {
                if is_folder {
                    entries.skip_current_dir();
                }
                self.pass_over(entry.into_path(), root, is_folder, reason);
            } else if is_folder {
                rules.enter(entry.path(), entry.depth(), &mut unreadable);
                configs.extend(config.flatten());
            } else if !self.file(entry.into_path(), root, found) {
                goes_on = false;
                break;
            }
        }
        for (path, error) in unreadable {
            self.fail(&path, ReadFailure::UnreadableRules(error));
        }
        goes_on
    }

    /// Why a walk of the folder `root` does not come by the file, or folder, below it with this canonical
    /// path, which is there; `None` if it does.
    fn left_out(&mut self, root: &Root, file: &Path, ends_in_folder: bool) -> Option<Reason> {
        let below = file.strip_prefix(&root.canonical).ok()?;
        // What cannot be read was told by the walk itself.
        let mut unreadable = Vec::new();
        let mut rules = self.rules_above(root, &mut unreadable);
        let mut at = root.named.clone();
        let mut parts = below.components().enumerate().peekable();
        while let Some((depth, part)) = parts.next() {
            rules.enter(&at, depth, &mut unreadable);
            at.push(part);
            let folder = root.canonical_path(at.parent().unwrap_or(&at));
            let Some(config) = self.config_of(&folder, root) else {
                return Some(Reason::Unconfigured);
            };
            let is_folder = ends_in_folder || parts.peek().is_some();
            let reason = self.reason_below(&at, is_folder, root, &rules, Some(&config));
            if reason.is_some() {
                return reason;
            }
        }
        None
    }

    /// What is configured for a canonical folder.
    fn config_of(&self, folder: &Path, root: &Root) -> Option<Arc<Config>> {
        self.selection.configs.of_folder(folder, &root.bound)
    }

    fn rules_above(&mut self, root: &Root, unreadable: &mut Vec<UnreadableRules>) -> IgnoreRules {
        if !self.selection.respect_gitignore {
            return IgnoreRules::disregarded();
        }
        let repository = self.repository_of(&root.canonical);
        IgnoreRules::above(&root.canonical, repository.as_deref(), unreadable)
    }

    /// Why the walk passes over the file or folder at `path`, which is not the named one, if it does.
    fn reason_below(
        &self,
        path: &Path,
        is_folder: bool,
        root: &Root,
        rules: &IgnoreRules,
        config: Option<&Arc<Config>>,
    ) -> Option<Reason> {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if name == b".git" {
            return Some(Reason::Git);
        }
        if name.starts_with(b".") && !self.selection.hidden {
            return Some(Reason::Hidden);
        }
        let canonical = || root.canonical_path(path);
        if let Some(rule) = rules.ignoring(path, canonical, is_folder) {
            return Some(Reason::from(rule));
        }
        let configured = config.map(|config| &config.globs);
        let mut globs = [Some(&self.selection.globs), configured]
            .into_iter()
            .flatten();
        let globs = globs.find(|globs| !globs.are_empty())?;
        let left_out = globs.leave_out(&canonical(), is_folder);
        left_out.map(Reason::from)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use tempfile::TempDir;

    use super::super::read::{Scan, scan_in};
    use super::super::test_folder;
    use super::*;

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
    fn hidden_files_are_read_on_request_and_git_folders_never() {
        let base = folder_with(&["a", ".h", ".d/x", "d/.git/x", ".git/config"]);
        assert_eq!(names(&read(&base, "", &[""], false)), ["a"]);
        assert_eq!(names(&read(&base, "", &[""], true)), [".d/x", ".h", "a"]);
        // A named folder's own name does not count.
        assert_eq!(names(&read(&base, "", &[".d"], false)), [".d/x"]);
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
                let found = walked(&selection, all.iter().map(PathBuf::as_path));
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
}
