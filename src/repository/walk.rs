//! Which files there are: from the paths that the user named to the files below them.
//!
//! Never opens a file to be checked, and never follows a symbolic link but a named one. Start at
//! [`walk`].

mod named;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::config::Config;
use super::file_kind::FileKind;
use super::ignore_rules::{IgnoreRules, UnreadableRules, git_folder};
use super::read::{ReadError, ReadFailure};
use super::selection::Selection;
use super::skipped::{SkipReason, Skipped};
use super::source_file::{NamedRoot, WalkedFile};
use super::temporary_file::{is_ours, ours_in};
use super::tracked_files::TrackedFiles;
use super::tree::{Entry, EntryError, Tree};

use self::named::Resolved;

/// The hidden folders that hold pipelines and settings of a repository: these are entered.
const HIDDEN_FOLDERS: [&str; 7] = [
    ".azure-pipelines",
    ".azuredevops",
    ".circleci",
    ".devcontainer",
    ".github",
    ".gitlab",
    ".pipelines",
];

/// What a walk came to besides files.
#[derive(Default)]
pub(super) struct Walked {
    /// What could not be walked.
    pub(super) errors: Vec<ReadError>,
    /// What was passed over, if that was asked for.
    pub(super) skipped: Vec<Skipped>,
    /// Temporary files, if they were asked for.
    pub(super) temporary: Vec<PathBuf>,
    /// The names of the folders of submodules that were not fetched.
    pub(super) submodules: Vec<Vec<u8>>,
}

/// Hands each file of `selection` to `found`, once, until that says `false`.
///
/// `current_folder` is canonical.
pub(super) fn walk(
    selection: &Selection,
    current_folder: Option<&Path>,
    mut found: impl FnMut(WalkedFile) -> bool,
) -> Walked {
    let mut walk = Walk::new(selection, current_folder);
    let roots = walk.roots();
    let base = walk.base(&roots);
    walk.look_beside(&roots);
    for mut resolved in roots {
        let shown = base
            .as_ref()
            .and_then(|base| resolved.root.canonical.strip_prefix(base).ok());
        resolved.root.shown = shown.unwrap_or(&resolved.root.canonical).to_path_buf();
        let reason = walk.skip_reason_of_named(&resolved);
        let (is_folder, root) = (resolved.is_folder, Arc::new(resolved.root));
        let goes_on = match reason {
            Some(reason) => {
                walk.note_skipped(root.named.clone(), &root, is_folder, reason);
                true
            }
            None if is_folder => walk.folder(&root, &mut found),
            None => walk.file(root.named.clone(), &root, &mut found),
        };
        if !goes_on {
            break;
        }
    }
    walk.walked
}

/// Those of some files, by canonical paths to where one is, that [`walk`] comes by. Their folders are
/// entered and no others.
pub(super) fn filter_walked<'f>(
    selection: &Selection,
    files: impl Iterator<Item = &'f Path>,
) -> HashSet<&'f Path> {
    let mut walk = Walk::new(selection, None);
    let roots = walk.roots().into_iter();
    let roots: Vec<Resolved> = roots
        .filter(|resolved| walk.skip_reason_of_named(resolved).is_none())
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
                    file.starts_with(&root.canonical)
                        && walk.skip_reason(root, file, false).is_none()
                })
        })
        .collect()
}

struct Walk<'run> {
    selection: &'run Selection,
    current_folder: Option<&'run Path>,
    /// The repository's root of each named folder, or of the folder of each named file.
    repositories: HashMap<PathBuf, Option<PathBuf>>,
    /// What git tracks in each repository where an ignore rule matched something.
    tracked: HashMap<PathBuf, TrackedFiles>,
    seen: Option<HashSet<PathBuf>>,
    walked: Walked,
}

impl<'run> Walk<'run> {
    fn new(selection: &'run Selection, current_folder: Option<&'run Path>) -> Self {
        Self {
            selection,
            current_folder,
            repositories: HashMap::new(),
            tracked: HashMap::new(),
            // One path cannot overlap: its files need not be remembered.
            seen: (selection.named_paths().count() > 1).then(HashSet::new),
            walked: Walked::default(),
        }
    }

    fn fail(&mut self, path: &Path, failure: ReadFailure) {
        self.walked.errors.push(ReadError::new(path, failure));
    }

    /// Looks for temporary files beside the named ones.
    fn look_beside(&mut self, roots: &[Resolved]) {
        if self.selection.lists_temporary {
            let files = roots.iter().filter(|resolved| !resolved.is_folder);
            let folders: HashSet<&Path> = files.map(|file| file.folder.as_path()).collect();
            let temporary = &mut self.walked.temporary;
            temporary.extend(folders.into_iter().flat_map(ours_in));
        }
    }

    /// Notes that something is passed over.
    fn note_skipped(
        &mut self,
        path: PathBuf,
        root: &Arc<NamedRoot>,
        is_folder: bool,
        reason: SkipReason,
    ) {
        if self.selection.lists_temporary && reason == SkipReason::Temporary {
            self.walked.temporary.push(path.clone());
        }
        if self.selection.lists_skipped {
            let root = Arc::clone(root);
            self.walked.skipped.push(Skipped {
                name: WalkedFile { path, root }.into_source_file().name,
                is_folder,
                reason,
            });
        }
    }

    fn repository_of(&mut self, folder: &Path) -> Option<PathBuf> {
        if let Some(known) = self.repositories.get(folder) {
            return known.clone();
        }
        let repository = self.selection.tree.repository_of(folder);
        let repository = repository.map(Path::to_path_buf);
        self.repositories
            .insert(folder.to_path_buf(), repository.clone());
        repository
    }

    fn file(
        &mut self,
        path: PathBuf,
        root: &Arc<NamedRoot>,
        found: &mut impl FnMut(WalkedFile) -> bool,
    ) -> bool {
        let is_new = match &mut self.seen {
            Some(seen) => seen.insert(root.canonical_path(&path)),
            None => true,
        };
        !is_new
            || found(WalkedFile {
                path,
                root: Arc::clone(root),
            })
    }

    fn folder(
        &mut self,
        root: &Arc<NamedRoot>,
        found: &mut impl FnMut(WalkedFile) -> bool,
    ) -> bool {
        let mut unreadable = Vec::new();
        let mut rules = self.rules_above(root, &mut unreadable);
        let mut configs: Vec<Arc<Config>> = Vec::new();
        let mut goes_on = true;
        // The folder that was entered last, as long as nothing in it was met.
        let mut empty: Option<(usize, PathBuf)> = None;
        let mut entries = self.selection.tree.entries(&root.named);
        while let Some(entry) = entries.next() {
            let depth = entry.as_ref().map_or(0, |entry| entry.depth);
            if let Some((_, folder)) = empty.take().filter(|(around, _)| *around >= depth) {
                self.note_if_submodule(folder, root);
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(EntryError { path, error }) => {
                    let path = path.as_deref().unwrap_or(&root.named);
                    self.fail(path, ReadFailure::Unlistable(error));
                    continue;
                }
            };
            let Entry { path, kind, .. } = entry;
            rules.leave_to(depth);
            configs.truncate(depth);
            let is_folder = kind == FileKind::Folder || depth == 0;
            let reason = match depth {
                0 => None,
                _ if kind == FileKind::Link => Some(SkipReason::Link),
                _ if kind == FileKind::Other => Some(SkipReason::NotRegular),
                _ => self.skip_reason_below(&path, is_folder, root, &rules, configs.last()),
            };
            let config = (is_folder && reason.is_none())
                .then(|| self.config_of(&root.canonical_path(&path), root));
            let reason = match &config {
                Some(None) => Some(SkipReason::Unconfigured),
                _ => reason,
            };
            if let Some(reason) = reason {
                if is_folder {
                    entries.skip_current_dir();
                }
                self.note_skipped(path, root, is_folder, reason);
            } else if is_folder {
                let canonical = || root.canonical_path(&path);
                rules.enter(&path, canonical, depth, &mut unreadable);
                configs.extend(config.flatten());
                empty = Some((depth, path));
            } else if !self.file(path, root, found) {
                goes_on = false;
                break;
            }
        }
        if let Some((_, folder)) = empty {
            self.note_if_submodule(folder, root);
        }
        for (path, error) in unreadable {
            self.fail(&path, ReadFailure::UnreadableRules(error));
        }
        goes_on
    }

    /// Notes an empty folder, which git tracks only where it is that of a submodule.
    fn note_if_submodule(&mut self, path: PathBuf, root: &Arc<NamedRoot>) {
        if self.is_tracked(&root.canonical_path(&path), false) {
            let root = Arc::clone(root);
            let folder = WalkedFile { path, root };
            self.walked.submodules.push(folder.into_source_file().name);
        }
    }

    /// Why a walk of the folder `root` does not come by the file, or folder, below it with this canonical
    /// path, which is there; `None` if it does.
    fn skip_reason(
        &mut self,
        root: &NamedRoot,
        file: &Path,
        ends_in_folder: bool,
    ) -> Option<SkipReason> {
        let below = file.strip_prefix(&root.canonical).ok()?;
        // What cannot be read was reported by the walk itself.
        let mut unreadable = Vec::new();
        let mut rules = self.rules_above(root, &mut unreadable);
        let mut at = root.named.clone();
        let mut parts = below.components().enumerate().peekable();
        while let Some((depth, part)) = parts.next() {
            let canonical = || root.canonical_path(&at);
            rules.enter(&at, canonical, depth, &mut unreadable);
            at.push(part);
            let folder = root.canonical_path(at.parent().unwrap_or(&at));
            let Some(config) = self.config_of(&folder, root) else {
                return Some(SkipReason::Unconfigured);
            };
            let is_folder = ends_in_folder || parts.peek().is_some();
            let reason = self.skip_reason_below(&at, is_folder, root, &rules, Some(&config));
            if reason.is_some() {
                return reason;
            }
        }
        None
    }

    /// Whether git tracks the file with this canonical path, or something in the folder.
    fn is_tracked(&mut self, path: &Path, is_folder: bool) -> bool {
        if let Tree::Revision(revision) = &self.selection.tree {
            return path != revision.root();
        }
        let Some(repository) = path.parent().and_then(|folder| self.repository_of(folder)) else {
            return false;
        };
        if !self.tracked.contains_key(&repository) {
            let git = git_folder(&repository);
            let tracked = TrackedFiles::of(&git).unwrap_or_else(|error| {
                self.fail(&git.join("index"), ReadFailure::UnreadableIndex(error));
                TrackedFiles::default()
            });
            self.tracked.insert(repository.clone(), tracked);
        }
        let below = path.strip_prefix(&repository).unwrap_or(path);
        let tracked = self.tracked.get(&repository);
        tracked.is_some_and(|tracked| tracked.has(below, is_folder))
    }

    /// What is configured for a canonical folder.
    fn config_of(&self, folder: &Path, root: &NamedRoot) -> Option<Arc<Config>> {
        self.selection.configs.of_folder(folder, &root.bound)
    }

    fn rules_above(
        &mut self,
        root: &NamedRoot,
        unreadable: &mut Vec<UnreadableRules>,
    ) -> IgnoreRules {
        // All that is in a revision is tracked.
        if !self.selection.respect_gitignore || matches!(self.selection.tree, Tree::Revision(_)) {
            return IgnoreRules::none();
        }
        let repository = self.repository_of(&root.canonical);
        IgnoreRules::above(&root.canonical, repository.as_deref(), unreadable)
    }

    /// Why the walk passes over the file or folder at `path`, which is not the named one, if it does.
    fn skip_reason_below(
        &mut self,
        path: &Path,
        is_folder: bool,
        root: &NamedRoot,
        rules: &IgnoreRules,
        config: Option<&Arc<Config>>,
    ) -> Option<SkipReason> {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if name == b".git" {
            return Some(SkipReason::Git);
        }
        if !is_folder && is_ours(name) {
            return Some(SkipReason::Temporary);
        }
        let is_known = || HIDDEN_FOLDERS.iter().any(|known| known.as_bytes() == name);
        if is_folder && name.starts_with(b".") && !self.selection.hidden && !is_known() {
            return Some(SkipReason::Hidden);
        }
        let canonical = || root.canonical_path(path);
        if let Some(rule) = rules.ignoring_rule(path, canonical, is_folder)
            && !self.is_tracked(&canonical(), is_folder)
        {
            return Some(SkipReason::from(rule));
        }
        let configured = config.map(|config| &config.globs);
        let mut globs = [Some(&self.selection.globs), configured]
            .into_iter()
            .flatten();
        let globs = globs.find(|globs| !globs.is_empty())?;
        globs.exclusion(&canonical(), is_folder)
    }
}

#[cfg(test)]
mod tests;
