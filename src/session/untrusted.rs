//! `--untrusted`: a scan of trees that nobody vouches for, such as the checkout of a pull request.
//!
//! Nothing in such a tree may decide what is reported, and nothing is written into it but what `fix` is
//! for. Knows the trees; never knows what a path is for. Start at [`UntrustedTrees`].

use std::path::{Path, PathBuf};

use crate::repository::common_folder;

use super::input::Input;

/// The scanned trees.
#[derive(Debug)]
pub(crate) struct UntrustedTrees(Vec<PathBuf>);

impl UntrustedTrees {
    /// The trees that `input` is from.
    pub(crate) fn of(input: &Input) -> Self {
        Self(input.trees())
    }

    /// The folder that holds all trees: what an outside configuration or baseline names is below it.
    pub(crate) fn root(&self) -> Option<PathBuf> {
        let inside: Vec<PathBuf> = self.0.iter().map(|tree| tree.join("_")).collect();
        common_folder(inside.iter().map(PathBuf::as_path))
    }

    /// Refuses a path that `flag` gives, if it lies in a tree, or leads into one.
    ///
    /// # Errors
    /// It does.
    pub(crate) fn refuse(&self, flag: &str, path: &Path) -> Result<(), String> {
        let name = path.file_name().unwrap_or_default();
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let place = folder.canonicalize().ok().map(|folder| folder.join(name));
        let mut places = [place, path.canonicalize().ok()].into_iter().flatten();
        if places.any(|place| self.0.iter().any(|tree| place.starts_with(tree))) {
            return Err(format!(
                "{flag} {}: the file is inside the scanned tree, which --untrusted does not trust; \
                 name a file outside",
                path.display()
            ));
        }
        Ok(())
    }
}
