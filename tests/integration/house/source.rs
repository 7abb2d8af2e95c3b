//! A file of `src` as the guards see it: its place in the house, the paths that its code names, and its
//! texts.
//!
//! Start at [`all`].

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

/// The start of a path, its names, and whether names in braces follow.
static PATH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(crate|super|self)((?:\s*::\s*[A-Za-z_]\w*)*)(\s*::\s*\{)?").unwrap()
});

static TOKEN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[A-Za-z_]\w*|::|[{},*]|;").unwrap());

/// A text in quotes; the quote as a character is none.
static TEXT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r##"(?s)r#"(.*?)"#|'"'|"((?:[^"\\]|\\.)*)""##).unwrap());

/// A source file without its tests.
pub(super) struct Source {
    /// The path below `src`, with `/`.
    pub(super) path: String,
    /// The code without comments on their own lines, up to the tests.
    pub(super) code: String,
}

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The files of `src` that are no tests.
pub(super) fn all() -> Vec<Source> {
    let folder = folder();
    let entries = walkdir::WalkDir::new(&folder).sort_by_file_name();
    let files = entries.into_iter().map(|entry| entry.unwrap().into_path());
    let rust = files.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    let sources = rust.map(|file| {
        let parts: Vec<&str> = file
            .strip_prefix(&folder)
            .unwrap()
            .iter()
            .map(|part| part.to_str().unwrap())
            .collect();
        Source {
            path: parts.join("/"),
            code: code(&std::fs::read_to_string(&file).unwrap()),
        }
    });
    let sources: Vec<Source> = sources.filter(|source| !source.is_test()).collect();
    assert!(sources.len() > 100, "{}", sources.len());
    sources
}

/// The lines before the tests that are no comments.
fn code(text: &str) -> String {
    // A module of tests in the file is its end; one that is a file of its own may be anywhere.
    let text = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
}

impl Source {
    fn is_test(&self) -> bool {
        let mut parts = self.path.split('/');
        parts.any(|part| {
            [
                "tests",
                "tests.rs",
                "sabotage",
                "sabotage.rs",
                "test_folder.rs",
            ]
            .contains(&part)
        })
    }

    /// The room that the file is in: `lib` and `main` have none.
    pub(super) fn room(&self) -> Option<&str> {
        self.path.split_once('/').map(|(room, _)| room)
    }

    /// The module of the room that the file is in or under; `None` for the room's own head.
    pub(super) fn module(&self) -> Option<&str> {
        let (_, rest) = self.path.split_once('/')?;
        let module = rest.split('/').next()?.trim_end_matches(".rs");
        (module != "mod").then_some(module)
    }

    /// The paths that the code names, from the root of the crate on: `arm`, `model`, `Model`.
    pub(super) fn paths(&self) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        for found in PATH.captures_iter(&self.code) {
            let mut path = self.base(&found[1]);
            let Some(base) = path.as_mut() else { continue };
            let rest = found[2]
                .split("::")
                .map(str::trim)
                .filter(|word| !word.is_empty());
            for word in rest {
                match word {
                    "super" => {
                        base.pop();
                    }
                    word => base.push(word.to_owned()),
                }
            }
            if found[2].is_empty() && found.get(3).is_none() {
                continue;
            }
            let base = base.clone();
            match found.get(3) {
                Some(open) => flatten(&self.code[open.end()..], &base, &mut paths),
                None => paths.push(base),
            }
        }
        paths
    }

    /// Where a path that starts with this word starts.
    fn base(&self, word: &str) -> Option<Vec<String>> {
        let own: Vec<String> = self
            .path
            .trim_end_matches(".rs")
            .split('/')
            .filter(|part| *part != "mod")
            .map(str::to_owned)
            .collect();
        match word {
            "crate" => Some(Vec::new()),
            "self" => Some(own),
            _ => own.split_last().map(|(_, parent)| parent.to_vec()),
        }
    }

    /// The texts in quotes.
    pub(super) fn texts(&self) -> Vec<String> {
        let found = TEXT.captures_iter(&self.code);
        let text = found.filter_map(|found| found.get(1).or(found.get(2)));
        text.map(|text| {
            text.as_str()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
    }
}

/// The paths of what is in braces, which are open already.
fn flatten(text: &str, base: &[String], paths: &mut Vec<Vec<String>>) {
    let mut open = vec![base.to_vec()];
    let mut path = Some(base.to_vec());
    for token in TOKEN.find_iter(text) {
        match token.as_str() {
            "{" => open.push(path.clone().unwrap_or_default()),
            "}" => {
                paths.extend(path.take());
                open.pop();
            }
            "," => {
                paths.extend(path.take());
                path = open.last().cloned();
            }
            "::" | "*" | "self" => {}
            ";" => return,
            name => path.iter_mut().for_each(|path| path.push(name.to_owned())),
        }
        if open.is_empty() {
            return;
        }
    }
}
