//! Where the names of a run start in their repository.
//!
//! Reports name files from the current folder; code scanning, merge requests and pull requests name
//! them from the root of the repository. Start at [`folder_in_repository`].

use std::path::Path;

use super::SourceFile;
use super::source_file::slashed;
use super::tree::Tree;

/// What to put in front of the names of a run, of which `file` is one, to name the files from the root
/// of their repository: such as `infra/`, and nothing where there is no repository around them.
pub fn folder_in_repository(tree: &Tree, file: &SourceFile) -> Vec<u8> {
    let prefix = tree.canonicalize(&file.path).ok().and_then(|path| {
        let folder = base(&path, &file.name)?;
        let repository = tree.repository_of(folder)?;
        let below = folder.strip_prefix(repository).ok()?;
        Some(slashed(below))
    });
    match prefix {
        Some(prefix) if !prefix.is_empty() => [prefix.as_slice(), b"/"].concat(),
        _ => Vec::new(),
    }
}

/// What reports that call files as they call `file`, or from the current folder, call the file at `path`.
pub fn name_beside(tree: &Tree, file: Option<&SourceFile>, path: &Path) -> Vec<u8> {
    let folder = match file {
        Some(file) => {
            let path = tree.canonicalize(&file.path).ok();
            path.and_then(|path| base(&path, &file.name).map(Path::to_path_buf))
        }
        None => tree.base().map(Path::to_path_buf).or_else(|| {
            let current = std::env::current_dir();
            current.and_then(|it| it.canonicalize()).ok()
        }),
    };
    let name = folder
        .zip(tree.canonicalize(path).ok())
        .and_then(|(folder, path)| {
            let mut around = folder.ancestors().enumerate();
            let (up, below) =
                around.find_map(|(up, folder)| Some((up, path.strip_prefix(folder).ok()?)))?;
            Some([b"../".repeat(up), slashed(below)].concat())
        });
    name.unwrap_or_else(|| slashed(path))
}

/// The folder that a canonical path's name is relative to.
fn base<'p>(path: &'p Path, name: &[u8]) -> Option<&'p Path> {
    let depth = name.split(|byte| *byte == b'/').count();
    let folder = path.ancestors().nth(depth)?;
    // A name that is no tail of the path, such as that of a link, starts at no folder of it.
    let tail = path.strip_prefix(folder).ok()?;
    (slashed(tail) == name).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::super::test_folder::folder_with;
    use super::*;

    #[test]
    fn names_start_at_the_current_folder_and_that_below_the_repository() {
        let folder = folder_with(&[("repo/.git/HEAD", ""), ("repo/infra/vm/a", ""), ("b", "")]);
        for (path, name, prefix) in [
            ("repo/infra/vm/a", "vm/a", "infra/"),
            ("repo/infra/vm/a", "a", "infra/vm/"),
            ("repo/infra/vm/a", "infra/vm/a", ""),
            ("repo/infra/vm/a", "other", ""),
            ("absent", "absent", ""),
        ] {
            let file = SourceFile {
                name: name.into(),
                path: folder.path().join(path),
                root: folder.path().to_path_buf(),
                canonical: folder.path().join(path),
            };
            let found = folder_in_repository(&Tree::Disk, &file);
            assert_eq!(String::from_utf8(found).unwrap(), prefix, "{name}");
        }
    }
}
