//! What a run reads: paths, lists of paths and stdin, and what of them is left out.
//!
//! Knows the flags; never knows what is looked for in the files. Start at [`Inputs`].

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::repository::{self, Globs, Revision, Selection, Tree, stdin_file};
use crate::session::{Input, Text};

/// What represents stdin.
const STDIN: &str = "-";

/// The flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Files")]
pub(super) struct Inputs {
    /// Files and folders to check, by default the current folder, or `-` for a text on
    /// stdin; names in reports and patches are relative to the current folder, or, if not
    /// all of these are in it, to the repository or folder that contains them all
    paths: Vec<PathBuf>,

    /// File name of the text on stdin; linked templates, parameter files and the
    /// configuration are read from its folder
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<PathBuf>,

    /// Check the files that this file lists, one a line; `-` for a list on stdin
    #[arg(long, value_name = "FILE")]
    file_list: Option<PathBuf>,

    /// Entries of --file-list end with a NUL, as in `git diff -z --name-only`
    #[arg(short = '0', long, requires = "file_list")]
    null: bool,

    /// Only check files in folders that match this glob; globs are written as in a
    /// .gitignore, relative to the current folder; may be repeated
    #[arg(long, value_name = "GLOB")]
    include: Vec<String>,

    /// Skip files and folders that match this glob; may be repeated
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,

    /// Apply exclusions to files named on the command line too (for hooks)
    #[arg(long)]
    force_exclude: bool,

    /// Read all hidden folders, not only those of pipelines, such as .github
    #[arg(long)]
    hidden: bool,

    /// Also check untracked files that git ignores
    #[arg(long)]
    no_respect_gitignore: bool,

    /// Ignore everything in the scanned tree that can hide a finding: configuration,
    /// waivers, baseline and ignore rules; read all files and folders. Paths in other flags
    /// must be outside of the tree
    #[arg(long)]
    pub(super) untrusted: bool,

    /// Read the files of this revision (a branch, tag or hash) from git instead of the disk, without a
    /// checkout; PATH is then a repository, bare or not, or a path in it. Not for `fix`
    #[arg(long, value_name = "REV")]
    pub(super) rev: Option<String>,

    /// List the files that are checked, and why others are skipped; do nothing else
    #[arg(long)]
    pub(super) show_files: bool,
}

impl Inputs {
    /// Reads what names files, and stdin.
    ///
    /// # Errors
    /// Flags that exclude each other, and what cannot be read.
    pub(super) fn read(&self) -> Result<Input, String> {
        if self.is_text() {
            if self.rev.is_some() {
                return Err("--rev reads files from git: `-` cannot be read with it".to_owned());
            }
            return self.text().map(Input::Text);
        }
        if self.stdin_filename.is_some() {
            return Err("--stdin-filename names the text on stdin, which `-` reads".to_owned());
        }
        let listed = match &self.file_list {
            Some(list) => paths_in(&list_bytes(list)?, self.null)?,
            None => Vec::new(),
        };
        let mut paths = self.paths.clone();
        if paths.is_empty() && self.file_list.is_none() {
            paths.push(PathBuf::from("."));
        }
        let current = std::env::current_dir().and_then(|folder| folder.canonicalize());
        let current = current.map_err(|error| format!("the current folder: {error}"))?;
        Ok(Input::Files(Selection {
            tree: self.tree(&paths, &listed)?,
            paths,
            listed,
            globs: Globs::new(&current, &self.include, &self.exclude)
                .map_err(|error| error.to_string())?,
            force_exclude: self.force_exclude,
            lists_skipped: self.show_files,
            ..self.around()
        }))
    }

    /// Where the files are.
    fn tree(&self, paths: &[PathBuf], listed: &[PathBuf]) -> Result<Tree, String> {
        let Some(name) = &self.rev else {
            return Ok(Tree::Disk);
        };
        let first = paths.first().map_or(Path::new("."), PathBuf::as_path);
        let revision = Revision::open(name, first);
        let revision = revision.map_err(|error| error.to_string())?;
        let mut named = paths.iter().chain(listed);
        named
            .try_for_each(|path| revision.holds(path))
            .map_err(|error| error.to_string())?;
        Ok(Tree::Revision(Arc::new(revision)))
    }

    /// Of what is not named, what may be read.
    fn around(&self) -> Selection {
        Selection {
            hidden: self.hidden || self.untrusted,
            respect_gitignore: !self.no_respect_gitignore && !self.untrusted,
            ..Selection::default()
        }
    }

    /// Whether something is named.
    pub(super) fn has_paths(&self) -> bool {
        !self.paths.is_empty() || self.file_list.is_some()
    }

    /// Whether a text on stdin is named.
    pub(super) fn is_text(&self) -> bool {
        // A hook passes the names of files, and a pull request may call a file `-`. An editor that
        // forces exclusions for a text on stdin names the text.
        let names_files = self.force_exclude && self.stdin_filename.is_none();
        !names_files && self.paths.iter().any(|path| path == Path::new(STDIN))
    }

    /// Whether stdin is read.
    pub(super) fn reads_stdin(&self) -> bool {
        self.is_text() || self.file_list.as_deref() == Some(Path::new(STDIN))
    }

    /// The list of files, where it is a file.
    pub(super) fn file_list(&self) -> Option<&Path> {
        self.file_list
            .as_deref()
            .filter(|list| *list != Path::new(STDIN))
    }

    /// The globs that include and those that exclude.
    pub(super) fn globs(&self) -> (&[String], &[String]) {
        (&self.include, &self.exclude)
    }

    fn text(&self) -> Result<Text, String> {
        if self.paths.len() > 1 || self.file_list.is_some() {
            return Err(
                "`-` reads one text from stdin and cannot be combined with other paths or \
                 --file-list"
                    .to_owned(),
            );
        }
        let mut bytes = Vec::new();
        // One byte more than there may be, so that it shows.
        let most = u64::from(u32::MAX) + 1;
        let read = io::stdin().lock().take(most).read_to_end(&mut bytes);
        read.map_err(|error| format!("stdin cannot be read: {error}"))?;
        if u32::try_from(bytes.len()).is_err() {
            return Err("stdin: larger than 4 GiB".to_owned());
        }
        Ok(Text {
            file: stdin_file(self.stdin_filename.as_deref()),
            is_named: self.stdin_filename.is_some(),
            bytes,
            around: self.around(),
        })
    }
}

fn list_bytes(list: &Path) -> Result<Vec<u8>, String> {
    let read = match list == Path::new(STDIN) {
        true => repository::read_list(io::stdin().lock()),
        false => repository::read_named(list),
    };
    read.map_err(|error| format!("--file-list {}: cannot be read: {error}", list.display()))
}

/// The paths in a list.
fn paths_in(list: &[u8], null: bool) -> Result<Vec<PathBuf>, String> {
    let entries = list.split(|byte| *byte == if null { 0 } else { b'\n' });
    let entries = entries.map(|entry| match null {
        true => entry,
        false => entry.strip_suffix(b"\r").unwrap_or(entry),
    });
    let entries = entries.filter(|entry| !entry.is_empty());
    entries.map(|entry| path_of(entry, null)).collect()
}

fn path_of(entry: &[u8], null: bool) -> Result<PathBuf, String> {
    let shown = || String::from_utf8_lossy(entry).into_owned();
    if !null && entry.contains(&0) {
        return Err("--file-list: the entries end with a NUL; add -0".to_owned());
    }
    // Git quotes odd names unless it ends entries with a NUL.
    if !null && entry.starts_with(b"\"") && !Path::new(&shown()).exists() {
        return Err(format!(
            "--file-list: {}: a quoted name; list unquoted names that end with a NUL (`git … -z`), \
             and add -0",
            shown()
        ));
    }
    native(entry).ok_or_else(|| format!("--file-list: {}: not in UTF-8", shown()))
}

#[cfg(unix)]
fn native(path: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Some(PathBuf::from(OsStr::from_bytes(path)))
}

#[cfg(not(unix))]
fn native(path: &[u8]) -> Option<PathBuf> {
    let path = std::str::from_utf8(path).ok()?;
    Some(PathBuf::from(OsStr::new(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_an_entry_a_line_or_between_nuls() {
        let paths = |list: &[u8], null| paths_in(list, null);
        let expected = |paths: &[&str]| Ok(paths.iter().map(PathBuf::from).collect());
        assert_eq!(paths(b"a b\r\n\nc", false), expected(&["a b", "c"]));
        assert_eq!(paths(b"a\nb\0\"c\"\0", true), expected(&["a\nb", "\"c\""]));
        assert_eq!(paths(b"", true), expected(&[]));
    }

    #[test]
    fn a_list_in_another_form_is_refused_with_the_flag_that_reads_it() {
        for list in [&b"a\0b\0"[..], b"\"caf\\303\\251.json\"\n"] {
            let error = paths_in(list, false).unwrap_err();
            assert!(error.contains("add -0"), "{error}");
        }
    }
}
