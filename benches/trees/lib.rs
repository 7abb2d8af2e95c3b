//! Repositories of templates to measure on, made from a seed: the same seed, the same bytes.
//!
//! Layout, kinds and sizes are like those of large public collections of templates; the texts are the
//! project's own. Knows nothing of the product. Start at [`Tree`] and [`Large`].

mod chance;
mod folders;
mod large;
mod resources;
mod template;

use std::io;
use std::path::{Path, PathBuf};

pub use large::Large;

use folders::Samples;

/// A repository of many files.
#[derive(Clone, Copy, Debug)]
pub struct Tree {
    /// How many files it has, of all kinds.
    pub files: usize,
    /// How many of each hundred files have the extension. About 25 files of a hundred are templates:
    /// more are not reached.
    pub percent: usize,
    /// What it is made from.
    pub seed: u64,
}

/// A file of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeFile {
    /// Its path below the tree's folder.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether the extension is in it.
    pub has_extension: bool,
}

/// What a tree came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// All files.
    pub files: usize,
    /// All bytes.
    pub bytes: usize,
    /// Files whose names end in `.json`.
    pub json_files: usize,
    /// The bytes in them.
    pub json_bytes: usize,
    /// The files with the extension.
    pub with_extension: usize,
}

impl Tree {
    /// The files, sample by sample. Any number of them is the beginning of a larger tree of the same seed
    /// and share.
    pub fn files(self) -> impl Iterator<Item = TreeFile> {
        let mut samples = Samples::new(self.seed, self.percent);
        std::iter::repeat_with(move || samples.sample())
            .flatten()
            .take(self.files)
    }

    /// Writes the tree into `folder`, which is made.
    ///
    /// # Errors
    /// What could not be written.
    pub fn write(self, folder: &Path) -> io::Result<Written> {
        let mut written = Written::default();
        for file in self.files() {
            let path = folder.join(&file.path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(&path, &file.bytes)?;
            written.count(&file);
        }
        Ok(written)
    }
}

impl Written {
    /// Counts a file.
    pub fn count(&mut self, file: &TreeFile) {
        self.files += 1;
        self.bytes += file.bytes.len();
        if file.path.extension().is_some_and(|it| it == "json") {
            self.json_files += 1;
            self.json_bytes += file.bytes.len();
        }
        self.with_extension += usize::from(file.has_extension);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(tree: Tree) -> Written {
        let mut written = Written::default();
        tree.files().for_each(|file| written.count(&file));
        written
    }

    #[test]
    fn a_seed_decides_each_byte_and_another_gives_another_tree() {
        let tree = |seed| Tree {
            files: 300,
            percent: 20,
            seed,
        };
        let all = |seed| tree(seed).files().collect::<Vec<_>>();
        assert_eq!(all(1), all(1));
        assert_ne!(all(1), all(2));
        let longer = Tree {
            files: 400,
            ..tree(1)
        }
        .files()
        .take(300);
        assert_eq!(all(1), longer.collect::<Vec<_>>());
    }

    #[test]
    fn the_share_is_that_of_the_files_that_name_the_publisher() {
        for percent in [0, 1, 20] {
            let tree = Tree {
                files: 2_000,
                percent,
                seed: 7,
            };
            let names = |file: &TreeFile| {
                file.bytes
                    .windows(15)
                    .any(|word| word.eq_ignore_ascii_case(b"managedidentity"))
            };
            for file in tree.files() {
                assert_eq!(names(&file), file.has_extension, "{}", file.path.display());
            }
            let share = counted(tree).with_extension;
            assert!(
                share.abs_diff(20 * percent) <= 10,
                "{percent} %: {share} of 2000"
            );
        }
    }

    #[test]
    fn no_two_files_have_one_path() {
        let tree = Tree {
            files: 3_000,
            percent: 1,
            seed: 3,
        };
        let mut paths: Vec<PathBuf> = tree.files().map(|file| file.path).collect();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), 3_000);
    }

    #[test]
    fn sizes_are_like_those_of_public_collections() {
        let written = counted(Tree {
            files: 10_000,
            percent: 0,
            seed: 1,
        });
        let share = written.json_files * 100 / written.files;
        assert!((50..60).contains(&share), "{share} % are JSON");
        let mean = written.json_bytes / written.json_files;
        assert!((4_000..8_000).contains(&mean), "{mean} bytes a JSON file");
    }
}
