//! Any bytes as the files of a repository, ignore rules, configuration and links included: what is walked,
//! taken together, migrated and written. Start at [`check`].

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use msi2imds::migrate::{Options, Source, linked_paths, migrate_together};
use msi2imds::repository::{
    Configs, Linking, Loaded, Seen, Selection, SourceFile, Tree, gather, replace, scan, visit_sets,
};

use crate::migrate::sum;

/// What a file may be called where no part says it.
const NAMES: [&str; 6] = [
    "a.json",
    "a.parameters.json",
    "infra/a.json",
    "infra/azuredeploy.json",
    ".github/a.json",
    "infra/setup.sh",
];

/// Takes `data` apart at each 0xff: ignore rules, a configuration, then a name and a text for each file.
/// Without, the whole is a file, and its ends are ignore rules and configuration.
///
/// # Panics
///
/// Where something outside of the folder is read or written, or a second run changes something.
pub fn check(data: &[u8]) {
    let base = tempfile::tempdir().expect("a folder");
    let base = base.path().canonicalize().expect("a folder");
    let (root, outside) = (base.join("root"), base.join("outside.json"));
    fs::create_dir_all(root.join(".git")).expect("a folder");
    fs::write(&outside, data).expect("a file");
    lay_out(&root, data);
    #[cfg(unix)]
    for (link, target) in [("link.json", "../outside.json"), ("up", "..")] {
        // A file may have that name.
        let _ = std::os::unix::fs::symlink(target, root.join(link));
    }
    run(&root);
    let again = run(&root);
    assert!(again.is_empty(), "{again:?} changed again");
    assert_eq!(fs::read(&outside).expect("it is there"), data, "outside");
}

fn lay_out(root: &Path, data: &[u8]) {
    let parts: Vec<&[u8]> = data.split(|byte| *byte == 0xff).collect();
    let write = |name: &[u8], text: &[u8]| {
        let path = below(root, name);
        // A name may be that of a folder, or go on behind that of a file.
        let folder = path.parent().map(fs::create_dir_all);
        let _ = folder.and_then(Result::ok).map(|()| fs::write(&path, text));
    };
    if let [rules, configuration, files @ ..] = parts.as_slice()
        && files.len() > 1
    {
        write(b".gitignore", rules);
        write(b"msi2imds.toml", configuration);
        for file in files.chunks(2).take(16) {
            write(file[0], file.get(1).copied().unwrap_or_default());
        }
        return;
    }
    write(NAMES[sum(data) % NAMES.len()].as_bytes(), data);
    let end = data.len().saturating_sub(40);
    write(b".gitignore", &data[end..]);
    if sum(data).is_multiple_of(3) {
        write(b"infra/msi2imds.toml", &data[..data.len().min(40)]);
    }
}

/// A path below `root`, in letters that every system takes.
fn below(root: &Path, name: &[u8]) -> PathBuf {
    let letter = |byte: &u8| match byte {
        b'/' | b'.' | b'-' | b'_' => char::from(*byte),
        byte if byte.is_ascii_alphanumeric() => char::from(*byte),
        _ => '_',
    };
    let name: String = name.iter().take(60).map(letter).collect();
    let parts = name
        .split('/')
        .filter(|part| !matches!(*part, "" | "." | ".." | ".git"));
    parts.fold(root.to_path_buf(), |path, part| path.join(part))
}

/// Fixes what is below `root`; gives the names of what changed.
fn run(root: &Path) -> Vec<String> {
    let selection = Selection {
        paths: vec![root.to_path_buf()],
        respect_gitignore: true,
        configs: Configs::nearest(Tree::default()),
        lists_skipped: true,
        lists_temporary: true,
        ..Selection::default()
    };
    let threads = NonZeroUsize::MIN;
    let links =
        |file: &SourceFile, bytes: &[u8]| linked_paths(&String::from_utf8_lossy(&file.name), bytes);
    let seen = |file: &SourceFile, bytes: &[u8]| {
        Some(Seen {
            picked: true,
            mentions: None,
            links: Some(links(file, bytes)),
        })
    };
    let scan = scan(&selection, threads, seen);
    assert!(scan.temporary.is_empty(), "{:?}", scan.temporary);
    let names: Vec<&[u8]> = scan.results.iter().map(|(file, _)| &*file.name).collect();
    assert!(names.is_sorted_by(|one, other| one < other), "{names:?}");
    let gathered = gather(&selection, threads, scan.results, Linking { seen, links });
    let (changed, _) = visit_sets(&selection.tree, gathered.sets, threads, None, |files| {
        write(root, &files)
    });
    changed.into_iter().flatten().collect()
}

fn write(root: &Path, files: &[Loaded]) -> Vec<String> {
    let names = files
        .iter()
        .map(|one| String::from_utf8_lossy(&one.member.file.name).into_owned());
    let names: Vec<String> = names.collect();
    let sources = names.iter().zip(files);
    let sources: Vec<Source<'_>> = sources
        .map(|(name, file)| Source {
            selected: file.member.selected,
            ..Source::new(name, &file.bytes)
        })
        .collect();
    let mut changed = Vec::new();
    for ((name, file), migration) in names
        .iter()
        .zip(files)
        .zip(migrate_together(&sources, &Options::default()))
    {
        let path = &file.member.file.canonical;
        assert!(path.starts_with(root), "{} was read", path.display());
        let edited = migration.fixed.filter(|fixed| !fixed.edits.is_empty());
        if let Some(fixed) = edited {
            replace(&file.member.file, &file.bytes, &fixed.bytes).expect("it is written");
            changed.push(name.clone());
        }
    }
    changed
}
