//! The files beside templates that give parameters to them.
//!
//! Knows folders; by their names, [`crate::arm`] tells which files are meant. Start at [`Companions`].

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::read::read;
use super::source_file::SourceFile;
use crate::arm::{Companion, companion, companion_kind};

/// The files that may give parameters, with their names, by their folders: each folder is listed once.
#[derive(Default)]
pub(super) struct Companions(HashMap<PathBuf, Vec<(String, SourceFile)>>);

impl Companions {
    /// The files beside a template that give parameters to it, inside its repository: a link out of it
    /// could lead to a file that never ends, and is not even opened.
    pub(super) fn of(&mut self, template: &SourceFile, repository: &Path) -> Vec<SourceFile> {
        let Some(name) = template.path.file_name().and_then(|name| name.to_str()) else {
            return Vec::new();
        };
        let folder = match template.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        // One for another template of the folder is no matter here.
        let names_it = |file: &SourceFile| {
            read(&file.path).is_ok_and(|bytes| {
                let mut parts = bytes.windows(name.len());
                parts.any(|part| part.eq_ignore_ascii_case(name.as_bytes()))
            })
        };
        let files = self.0.entry(folder.to_path_buf());
        let files = files
            .or_insert_with(|| list_parameter_files(template, folder, repository))
            .iter();
        files
            .filter(|(beside, file)| match companion(beside, name) {
                Some(Companion::Bicep) => names_it(file),
                companion => companion.is_some(),
            })
            .map(|(_, file)| file.clone())
            .collect()
    }
}

/// The files that may give parameters in the folder of `template`.
fn list_parameter_files(
    template: &SourceFile,
    folder: &Path,
    repository: &Path,
) -> Vec<(String, SourceFile)> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
    let mut files: Vec<(String, SourceFile)> = names
        .map(|name| (name.to_string_lossy().into_owned(), name))
        .filter(|(name, _)| companion_kind(name).is_some())
        .filter_map(|(name, path)| Some((name, template.beside(Path::new(&path))?)))
        .filter(|(_, file)| file.canonical.starts_with(repository))
        .collect();
    files.sort();
    files
}
