//! The files beside templates that give parameters to them.
//!
//! Knows folders; by their names, [`crate::arm`] says which files are meant. Start at [`Companions`].

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::source_file::{SourceFile, folder_of};
use super::tree::Tree;
use crate::arm::{companion_kind, templates_of_companion};

/// The files that give parameters, by their folders and, in lower case, the names of their templates:
/// each folder is listed once, and each file is read at most once.
pub(super) struct Companions<'t> {
    tree: &'t Tree,
    by_folder: HashMap<PathBuf, HashMap<String, Vec<SourceFile>>>,
}

impl<'t> Companions<'t> {
    /// Those in `tree`.
    pub(super) fn new(tree: &'t Tree) -> Self {
        let by_folder = HashMap::new();
        Self { tree, by_folder }
    }

    /// The files beside a template that give parameters to it, inside its repository: a link out of it
    /// could lead to a file that never ends, and is not even opened.
    pub(super) fn of(&mut self, template: &SourceFile, repository: &Path) -> Vec<SourceFile> {
        let Some(name) = template.path.file_name().and_then(|name| name.to_str()) else {
            return Vec::new();
        };
        let folder = folder_of(&template.path);
        let by_template = self.by_folder.entry(folder.to_path_buf());
        let by_template = by_template
            .or_insert_with(|| list_parameter_files(self.tree, template, folder, repository));
        let files = by_template.get(&name.to_ascii_lowercase());
        files.cloned().unwrap_or_default()
    }
}

/// The files that give parameters in the folder of `template`, by the names of their templates.
fn list_parameter_files(
    tree: &Tree,
    template: &SourceFile,
    folder: &Path,
    repository: &Path,
) -> HashMap<String, Vec<SourceFile>> {
    let mut by_template: HashMap<String, Vec<SourceFile>> = HashMap::new();
    let names = tree.names_in(folder).into_iter();
    let mut files: Vec<(String, SourceFile)> = names
        .map(|name| (name.to_string_lossy().into_owned(), name))
        .filter(|(name, _)| companion_kind(name).is_some())
        .filter_map(|(name, path)| Some((name, tree.beside(template, Path::new(&path))?)))
        .filter(|(_, file)| file.canonical.starts_with(repository))
        .collect();
    files.sort();
    for (name, file) in files {
        let text = || tree.read(&file).unwrap_or_default();
        for template in templates_of_companion(&name, text) {
            by_template.entry(template).or_default().push(file.clone());
        }
    }
    by_template
}
