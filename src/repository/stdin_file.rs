//! A file whose bytes come from stdin, where they would be on the disk.
//!
//! Its name is a user's word for it: the file need not be there. Start at [`stdin_file`].

use std::path::Path;

use super::ignore_rules::repository_of;
use super::source_file::{SourceFile, slashed, without_dots};

/// What reports call a text from stdin without a name.
const UNNAMED: &str = "<stdin>";

/// The file that `name` names, from the current folder, or one that is nowhere.
pub fn stdin_file(name: Option<&Path>) -> SourceFile {
    let current = std::env::current_dir().and_then(|folder| folder.canonicalize());
    let current = current.unwrap_or_default();
    stdin_file_in(&current, name.unwrap_or(Path::new(UNNAMED)))
}

/// [`stdin_file`] with the canonical folder that names are relative to.
fn stdin_file_in(current: &Path, name: &Path) -> SourceFile {
    let path = without_dots(&current.join(name));
    let folder = path.parent().unwrap_or(Path::new(""));
    // Of a folder that is not there, nothing can be read either.
    let folder = folder.canonicalize().unwrap_or(folder.to_path_buf());
    let canonical = folder.join(path.file_name().unwrap_or_default());
    let repository = repository_of(&folder);
    let base = [Some(current), repository];
    let mut bases = base.into_iter().flatten();
    let shown = bases.find_map(|base| canonical.strip_prefix(base).ok());
    SourceFile {
        name: slashed(shown.unwrap_or(name)),
        path: name.to_path_buf(),
        root: repository.unwrap_or(&folder).to_path_buf(),
        canonical,
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_folder::folder_with;
    use super::*;

    #[test]
    fn a_text_from_stdin_is_named_from_the_current_folder_or_its_repository() {
        let base = folder_with(&[("repo/.git/HEAD", ""), ("repo/infra/vm.json", "")]);
        let root = base.path().canonicalize().unwrap();
        let named = |current: &str, name: &str| {
            let file = stdin_file_in(&root.join(current), Path::new(name));
            let below = |path: &Path| slashed(path.strip_prefix(&root).unwrap());
            let texts = [file.name.clone(), below(&file.canonical), below(&file.root)];
            texts.map(|text| String::from_utf8(text).unwrap())
        };
        let canonical = "repo/infra/new.json".to_owned();
        for (current, name, shown) in [
            ("repo", "./infra/new.json", "infra/new.json"),
            ("repo/infra", "new.json", "new.json"),
            ("repo/infra", "../infra/new.json", "new.json"),
            ("", "repo/infra/new.json", "repo/infra/new.json"),
        ] {
            let expected = [shown.to_owned(), canonical.clone(), "repo".to_owned()];
            assert_eq!(named(current, name), expected);
        }
        assert_eq!(named("repo/infra", "../x.json")[0], "x.json");
    }
}
