//! Symbolic links on the way to a path: which of them must not be followed.
//!
//! A link in a repository is content like any other, and whoever changes a repository may put one anywhere
//! in it. Never knows what a path is for. Start at [`write_place`] and [`left_repository`].

use std::fs::{File, Permissions};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::ignore_rules::repository_of;
use super::temporary_file::fresh;

/// Walks along `path` from the current folder, and hands each link on the way to `meet`, with whether it is
/// the last part, until that gives something. Links are followed otherwise. Gives the path without links as
/// far as the system resolves them.
fn along<T>(
    path: &Path,
    mut meet: impl FnMut(&Path, bool) -> Option<T>,
) -> io::Result<(PathBuf, Option<T>)> {
    let mut at = std::env::current_dir()?.canonicalize()?;
    let mut parts = path.components().peekable();
    while let Some(part) = parts.next() {
        match part {
            Component::CurDir => continue,
            Component::ParentDir => {
                at.pop();
                continue;
            }
            part => at.push(part),
        }
        if !at.is_symlink() {
            continue;
        }
        let is_last = parts.peek().is_none();
        if let Some(met) = meet(&at, is_last) {
            return Ok((at, Some(met)));
        }
        match at.canonicalize() {
            Ok(target) => at = target,
            // Such as `/dev/stdout` where that is a pipe: only the system itself can open it.
            Err(_) if is_last => {}
            Err(error) => return Err(error),
        }
    }
    Ok((at, None))
}

/// Where the bytes go that are to be written to `path`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum WritePlace {
    /// A file in a tree, or a link there that a file takes the place of. No folder on the way to it is a
    /// link of the tree.
    InTree(PathBuf),
    /// Elsewhere, where links are the user's own.
    Elsewhere(PathBuf),
}

/// Finds where to write what a user names by `path`. `trees` are the canonical roots of what is scanned.
///
/// # Errors
/// A folder on the way is a link in a tree; those of the system.
pub(super) fn write_place(path: &Path, trees: &[PathBuf]) -> io::Result<WritePlace> {
    let is_in_tree = |path: &Path| trees.iter().any(|tree| path.starts_with(tree));
    let (place, met) = along(path, |link, is_last| is_in_tree(link).then_some(is_last))?;
    match met {
        Some(false) => Err(io::Error::other(format!(
            "{} is a symbolic link in the scanned tree",
            place.display()
        ))),
        Some(true) => Ok(WritePlace::InTree(place)),
        None if is_in_tree(&place) => Ok(WritePlace::InTree(place)),
        None => Ok(WritePlace::Elsewhere(place)),
    }
}

/// Makes the file for a report, a patch or a runbook at `path`. In one of `trees` it takes the place of what
/// has that name, so that no byte goes through a link; devices and pipes are opened as they are.
///
/// # Errors
/// Those of `write_place`, and of making the file.
pub fn create_output(path: &Path, trees: &[PathBuf]) -> io::Result<File> {
    let open = |place: &Path| {
        let mut options = File::options();
        options.write(true).create(true).truncate(true).open(place)
    };
    let place = match write_place(path, trees)? {
        WritePlace::InTree(place) => place,
        WritePlace::Elsewhere(place) => return open(&place),
    };
    let kept = match place.symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() => None,
        Ok(metadata) if metadata.is_file() => Some(metadata.permissions()),
        Ok(_) => return open(&place),
        Err(_) => None,
    };
    let folder = place.parent().unwrap_or(Path::new("."));
    let file = fresh(folder, kept.or_else(of_new_files))?;
    file.persist(place).map_err(|error| error.error)
}

/// The permissions of a new file, of which the system takes away what the user wants no new file to have.
pub(super) fn of_new_files() -> Option<Permissions> {
    #[cfg(unix)]
    return Some(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    #[cfg(not(unix))]
    None
}

/// The repository that a path starts in and leaves by a symbolic link, if it does.
pub(super) fn left_repository(path: &Path) -> Option<PathBuf> {
    let left = |link: &Path, _| {
        let repository = repository_of(link.parent()?)?;
        let target = link.canonicalize().ok()?;
        (!target.starts_with(repository)).then(|| repository.to_path_buf())
    };
    along(path, left).ok()?.1
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::super::test_folder::folder_with;
    use super::*;

    #[test]
    fn a_file_takes_the_place_of_a_link_in_a_tree_and_no_link_on_the_way_is_followed() {
        let base = folder_with(&[("tree/x", "1"), ("out/y", "kept"), ("out/z", "kept")]);
        let root = base.path().canonicalize().unwrap();
        let trees = [root.join("tree")];
        for (link, target) in [
            ("tree/l", "../out/y"),
            ("tree/new", "../out/new"),
            ("tree/d", "../out"),
        ] {
            symlink(target, root.join(link)).unwrap();
        }
        symlink("out/z", root.join("outer")).unwrap();
        for (name, written) in [
            ("tree/x", "tree/x"),
            ("tree/l", "tree/l"),
            ("tree/new", "tree/new"),
            ("tree/../tree/fresh", "tree/fresh"),
            // Elsewhere links are the user's own.
            ("outer", "out/z"),
        ] {
            let mut file = create_output(&root.join(name), &trees).unwrap();
            file.write_all(b"report").unwrap();
            drop(file);
            assert!(!root.join(written).is_symlink(), "{name}");
            assert_eq!(
                std::fs::read(root.join(written)).unwrap(),
                b"report",
                "{name}"
            );
        }
        for name in ["tree/d/y", "tree/d/../x"] {
            let error = create_output(&root.join(name), &trees).unwrap_err();
            assert!(
                error.to_string().contains("tree/d is a symbolic link"),
                "{error}"
            );
        }
        assert_eq!(std::fs::read(root.join("out/y")).unwrap(), b"kept");
        assert!(!root.join("out/new").exists());
    }

    #[test]
    fn a_file_in_a_tree_keeps_its_permissions_and_a_device_is_opened() {
        let base = folder_with(&[("x", "")]);
        let root = base.path().canonicalize().unwrap();
        let path = root.join("x");
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        create_output(&path, std::slice::from_ref(&root)).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        create_output(Path::new("/dev/null"), &[PathBuf::from("/dev")]).unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn a_path_that_leaves_its_repository_is_distinguished_from_one_that_does_not() {
        let base = folder_with(&[("repo/.git/HEAD", ""), ("repo/in/x", ""), ("other/x", "")]);
        let root = base.path().canonicalize().unwrap();
        for (link, target) in [
            ("repo/away", "../other"),
            ("repo/near", "in"),
            ("into", "repo"),
        ] {
            symlink(target, root.join(link)).unwrap();
        }
        for (path, leaves) in [
            ("repo/away", true),
            ("repo/away/x", true),
            ("into/away/x", true),
            ("repo/near/x", false),
            ("into/in/x", false),
            ("repo/in/x", false),
        ] {
            let left = left_repository(&root.join(path));
            assert_eq!(left, leaves.then(|| root.join("repo")), "{path}");
        }
    }
}
