//! What a user wants read: paths, and what of the files below them is left out.
//!
//! Says what is wanted; never looks for files but to distinguish named folders from named files. Start at
//! [`Selection`].

use std::path::{Path, PathBuf};

use super::config_lookup::Configs;
use super::globs::Globs;
use super::ignore_rules::repository_of;
use super::source_file::folder_of;
use super::tree::Tree;

/// What to read.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Where these are.
    pub tree: Tree,
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
    /// Whether a scan lists what it passes over.
    pub lists_skipped: bool,
    /// Whether a scan lists temporary files of this program in the folders that it walks and beside the
    /// files that are named.
    pub lists_temporary: bool,
}

impl Selection {
    /// The canonical folder that holds all that is named and there.
    pub fn common_folder(&self) -> Option<PathBuf> {
        let named = self.named_paths().filter_map(|(path, _)| {
            let path = self.tree.canonicalize(path).ok()?;
            // What is common to files and folders is known by what is in them.
            Some(match self.tree.is_folder(&path) {
                true => path.join("_"),
                false => path,
            })
        });
        let named: Vec<PathBuf> = named.collect();
        common_folder(named.iter().map(PathBuf::as_path))
    }

    /// Whether all of the canonical `folder` is walked, but for what its own configuration leaves out.
    pub fn has_all_of(&self, folder: &Path) -> bool {
        let folders = self.paths.iter();
        let folders = folders.filter_map(|path| self.tree.canonicalize(path).ok());
        let mut folders = folders.filter(|path| self.tree.is_folder(path));
        self.globs.is_empty() && folders.any(|named| folder.starts_with(named))
    }

    /// The canonical roots of the trees that are scanned: the repository around each named path, or else
    /// the folder that is named or holds the file.
    pub fn trees(&self) -> Vec<PathBuf> {
        if let Tree::Revision(revision) = &self.tree {
            return vec![revision.root().to_path_buf()];
        }
        let folders = self.named_paths().flat_map(|(path, _)| {
            let folder = |path: &Path| match path.is_dir() {
                true => path.canonicalize().ok(),
                false => folder_of(path).canonicalize().ok(),
            };
            // A link is in one tree and may lead into another.
            let target = path.canonicalize().ok();
            let target = target.and_then(|path| folder(&path));
            [folder(path), target].into_iter().flatten()
        });
        let trees = folders.map(|folder| repository_of(&folder).unwrap_or(&folder).to_path_buf());
        let mut trees: Vec<PathBuf> = trees.collect();
        trees.sort();
        trees.dedup();
        trees
    }

    /// What is named, each with whether a list names it.
    pub(super) fn named_paths(&self) -> impl Iterator<Item = (&PathBuf, bool)> {
        let paths = self.paths.iter().map(|path| (path, false));
        paths.chain(self.listed.iter().map(|path| (path, true)))
    }
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
