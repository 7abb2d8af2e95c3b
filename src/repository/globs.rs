//! Which files a user wants read or left out, as globs.
//!
//! They are written as lines of a `.gitignore` are, relative to one folder, so that nobody has to learn
//! a second language: `vendor/`, `*.bicep`, `/legacy`, `!kept.json`. Never knows who wrote them. Start
//! at [`Globs`].

use std::path::Path;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use thiserror::Error;

use super::skipped::SkipReason;

/// Globs that are relative to one folder.
#[derive(Clone, Debug)]
pub struct Globs {
    include: Option<Gitignore>,
    exclude: Gitignore,
}

/// A glob that cannot be read.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{glob}: {why}; globs are written as in a .gitignore")]
pub struct GlobError {
    /// The glob.
    pub glob: String,
    /// What is wrong with it.
    pub why: String,
}

impl Default for Globs {
    fn default() -> Self {
        Self {
            include: None,
            exclude: Gitignore::empty(),
        }
    }
}

impl Globs {
    /// Globs relative to the canonical `folder`: what is to be read, which is everything if there is
    /// none, and what of that is left out.
    ///
    /// # Errors
    /// The first glob that is none.
    pub fn new(folder: &Path, include: &[String], exclude: &[String]) -> Result<Self, GlobError> {
        Ok(Self {
            include: match include {
                [] => None,
                _ => Some(matcher(folder, include)?),
            },
            exclude: matcher(folder, exclude)?,
        })
    }

    /// Whether they leave nothing out.
    pub(super) fn is_empty(&self) -> bool {
        self.include.is_none() && self.exclude.is_empty()
    }

    /// Whether only what some globs match is read.
    pub(super) fn has_includes(&self) -> bool {
        self.include.is_some()
    }

    /// The same globs without those that include.
    pub(super) fn without_includes(self) -> Self {
        Self {
            include: None,
            ..self
        }
    }

    /// Why the canonical `path` is left out, if it is; of folders only those that are excluded are.
    pub(super) fn exclusion(&self, path: &Path, is_folder: bool) -> Option<SkipReason> {
        if let Match::Ignore(glob) = self.exclude.matched(path, is_folder) {
            return Some(SkipReason::Excluded(glob.original().to_owned()));
        }
        let include = self.include.as_ref().filter(|_| !is_folder)?;
        let mut above = path.ancestors().skip(1);
        let is_included = match include.matched(path, false) {
            Match::Ignore(_) => true,
            Match::Whitelist(_) => false,
            // What is in a folder that is included is included too.
            Match::None => above.any(|folder| include.matched(folder, true).is_ignore()),
        };
        (!is_included).then_some(SkipReason::NotIncluded)
    }
}

fn matcher(folder: &Path, globs: &[String]) -> Result<Gitignore, GlobError> {
    let refusal = |glob: &str, why: &ignore::Error| GlobError {
        glob: glob.to_owned(),
        why: match why {
            ignore::Error::Glob { err, .. } => err.clone(),
            other => other.to_string(),
        },
    };
    let mut builder = GitignoreBuilder::new(folder);
    for glob in globs {
        let added = builder.add_line(None, glob);
        added.map_err(|error| refusal(glob, &error))?;
    }
    builder
        .build()
        .map_err(|error| refusal(&globs.join(", "), &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globs(include: &[&str], exclude: &[&str]) -> Globs {
        let owned = |globs: &[&str]| {
            globs
                .iter()
                .map(|&glob| glob.to_owned())
                .collect::<Vec<_>>()
        };
        Globs::new(Path::new("/here"), &owned(include), &owned(exclude)).unwrap()
    }

    #[test]
    fn globs_match_as_lines_of_a_gitignore_do() {
        let excluded = |exclude: &[&str], path: &str, is_folder| {
            let left_out = globs(&[], exclude).exclusion(Path::new(path), is_folder);
            left_out.is_some()
        };
        for (glob, path, is_folder, expected) in [
            ("vendor/", "/here/a/vendor", true, true),
            ("vendor/", "/here/a/vendor", false, false),
            ("/top.json", "/here/top.json", false, true),
            ("/top.json", "/here/a/top.json", false, false),
            ("a/**/b.json", "/here/a/x/y/b.json", false, true),
            ("*.json", "/elsewhere/x.json", false, true),
            ("", "/here/x", false, false),
            ("# words", "/here/# words", false, false),
        ] {
            assert_eq!(excluded(&[glob], path, is_folder), expected, "{glob}");
        }
        assert!(!excluded(
            &["*.json", "!kept.json"],
            "/here/kept.json",
            false
        ));
    }

    #[test]
    fn what_is_included_is_a_file_or_all_below_a_folder() {
        let globs = globs(&["*.json", "samples/"], &["x.json"]);
        let left_out = |path: &str| globs.exclusion(Path::new(path), false);
        assert_eq!(left_out("/here/a/b.json"), None);
        assert_eq!(left_out("/here/samples/deep/readme.md"), None);
        assert_eq!(left_out("/here/readme.md"), Some(SkipReason::NotIncluded));
        assert_eq!(
            left_out("/here/samples/x.json"),
            Some(SkipReason::Excluded("x.json".to_owned()))
        );
        assert_eq!(globs.exclusion(Path::new("/here/other"), true), None);
    }

    #[test]
    fn a_glob_that_is_none_is_named() {
        let bad = ["fine".to_owned(), "a{b".to_owned()];
        let error = Globs::new(Path::new("/here"), &[], &bad).unwrap_err();
        assert_eq!(error.glob, "a{b");
        assert!(error.to_string().contains("alternate"), "{error}");
    }
}
