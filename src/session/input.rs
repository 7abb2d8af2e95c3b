//! What a run reads: files, or a text that is not read from the disk.
//!
//! Start at [`Input`].

use std::path::PathBuf;

use crate::repository::{Configs, InMemoryFile, Selection, SourceFile, Tree};

/// What is read.
pub(crate) enum Input {
    /// Files.
    Files(Selection),
    /// A text from stdin.
    Text(Text),
}

/// A text from stdin.
pub(crate) struct Text {
    pub(crate) file: SourceFile,
    /// Whether it has a name, and so neighbours.
    pub(crate) is_named: bool,
    pub(crate) bytes: Vec<u8>,
    /// Of what is not named, what may be read.
    pub(crate) around: Selection,
}

impl Input {
    /// Whether a folder is named that is to be looked into. A hook may name one that is excluded.
    pub(crate) fn is_walk(&self) -> bool {
        let Self::Files(selection) = self else {
            return false;
        };
        let tree = &selection.tree;
        !selection.force_exclude && selection.paths.iter().any(|path| tree.is_folder(path))
    }

    /// Where the files are.
    pub(crate) fn tree(&self) -> &Tree {
        match self {
            Self::Files(selection) => &selection.tree,
            Self::Text(_) => &Tree::Disk,
        }
    }

    /// Takes these configurations for what is read.
    pub(crate) fn configure(&mut self, configs: &Configs) {
        let selection = match self {
            Self::Files(selection) => selection,
            Self::Text(text) => &mut text.around,
        };
        selection.configs = configs.clone();
    }

    /// The roots of the trees that are scanned; see [`Selection::trees`].
    pub(crate) fn trees(&self) -> Vec<PathBuf> {
        match self {
            Self::Files(selection) => selection.trees(),
            Self::Text(text) => vec![text.file.root.clone()],
        }
    }

    /// What is not read from the disk.
    pub(crate) fn given(&self) -> Option<InMemoryFile<'_>> {
        match self {
            Self::Files(_) => None,
            Self::Text(text) => Some(InMemoryFile {
                file: &text.file,
                bytes: &text.bytes,
            }),
        }
    }
}
