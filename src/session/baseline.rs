//! The baseline of a run: read before it, and reported, or written anew, at its end.
//!
//! Knows which files a run has seen; never knows when two findings are the same. Start at
//! [`BaselineFile`].

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::migrate::{Baseline, BaselineEntry, Migration, Options};
use crate::report::{Needs, Outcome, Results, SourceText, Stage};
use crate::repository::{self, SourceFile, Tree};

use super::goal::Goal;
use super::input::Input;
use super::set::{Migrated, slashed};

/// The file of `--baseline`.
pub(crate) struct BaselineFile {
    baseline: Arc<Baseline>,
    path: PathBuf,
    /// Where the file is.
    place: Tree,
    /// The roots of what is scanned.
    trees: Vec<PathBuf>,
    /// The file's bytes, if there is one yet.
    bytes: Option<Vec<u8>>,
    is_updated: bool,
    /// The paths of the files that have entries.
    known: HashSet<String>,
    seen: Mutex<HashSet<String>>,
    found: Mutex<Vec<BaselineEntry>>,
}

impl BaselineFile {
    /// Reads the file, if one is named. Its entries name files from the canonical folder `tree`, or else
    /// from its own.
    ///
    /// # Errors
    /// Why it cannot be taken for one, and what to do.
    pub(crate) fn open(
        path: Option<PathBuf>,
        is_updated: bool,
        tree: Option<PathBuf>,
        place: Tree,
        input: &Input,
        goal: Goal,
    ) -> Result<Option<Arc<Self>>, String> {
        let Some(path) = &path else {
            return match is_updated {
                true => Err(
                    "--update-baseline: no baseline is set; name one with --baseline".to_owned(),
                ),
                false => Ok(None),
            };
        };
        let only_prints = match goal {
            Goal::Diff => Some("diff"),
            Goal::Plan => Some("plan"),
            Goal::Check | Goal::Fix => None,
        };
        if let Some(command) = only_prints.filter(|_| is_updated) {
            return Err(format!(
                "--update-baseline: {command} writes no baseline; use check or fix"
            ));
        }
        if let (true, Tree::Revision(_)) = (is_updated, &place) {
            return Err(
                "--update-baseline: the baseline is in the revision, which cannot be changed; name a file \
                 by --baseline"
                    .to_owned(),
            );
        }
        let name = path.display();
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let folder = place.canonicalize(folder).map_err(|error| {
            format!("{name}: the folder of the baseline cannot be found ({error}); check the path")
        })?;
        let folder = slashed(&tree.unwrap_or(folder));
        let bytes = repository::read_if_there(&place, path).map_err(|error| error.to_string())?;
        let baseline = match &bytes {
            Some(bytes) => Baseline::parse(bytes, &folder).map_err(|error| {
                let (line, column) = (error.line, error.column);
                format!(
                    "{name}:{line}:{column}: not a baseline: {error}; fix it, or remove it and run \
                     again with --update-baseline"
                )
            })?,
            None if is_updated => Baseline::empty(&folder),
            None => {
                return Err(format!(
                    "{name}: no such baseline; check the path, or create it with --update-baseline"
                ));
            }
        };
        let known = baseline.files().map(|file| baseline.path_of(file));
        Ok(Some(Arc::new(Self {
            known: known.collect(),
            baseline: Arc::new(if is_updated {
                baseline.taking_all()
            } else {
                baseline
            }),
            path: path.clone(),
            place,
            trees: input.trees(),
            bytes,
            is_updated,
            seen: Mutex::default(),
            found: Mutex::default(),
        })))
    }

    /// What is known.
    pub(super) fn baseline(&self) -> Arc<Baseline> {
        Arc::clone(&self.baseline)
    }

    /// Notes that a file is looked at.
    pub(super) fn see(&self, file: &SourceFile) {
        if self.known.is_empty() {
            return;
        }
        let path = slashed(&file.canonical);
        if self.known.contains(&path) {
            self.seen
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(path);
        }
    }

    /// Notes what was found in a set, or what is left in those of its files that were written, of which
    /// `written` says.
    pub(super) fn record(&self, set: &[Migrated], written: &[bool]) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        for (index, one) in set.iter().enumerate() {
            let is_written = written.get(index) == Some(&true);
            let fixed = one.migration.fixed.as_ref().filter(|_| is_written);
            let entries = fixed.map_or(&one.migration.entries, |fixed| &fixed.entries);
            found.extend_from_slice(entries);
        }
    }

    /// What there is to say of the file itself once all is recorded, or the file is written anew.
    /// `folders` of `tree` are those that were walked, and `neighbour` is a file whose name shows from where names start.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub(super) fn conclude(
        &self,
        options: &Options,
        tree: &Tree,
        folders: &[PathBuf],
        wanted: Needs,
        neighbour: Option<&SourceFile>,
    ) -> Result<Results, String> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let folders: Vec<PathBuf> = folders
            .iter()
            .filter_map(|path| tree.canonicalize(path).ok())
            .collect();
        let is_judged = |file: &str| {
            let path = self.baseline.path_of(file);
            let is_gone = || {
                let path = Path::new(&path);
                !tree.exists(path) && folders.iter().any(|folder| path.starts_with(folder))
            };
            options.is_complete() && (seen.contains(&path) || is_gone())
        };
        let old = self.bytes.as_deref();
        if self.is_updated {
            let new = self.baseline.render_update(&found, is_judged);
            repository::write_whole(&self.path, &self.trees, old, &new)
                .map_err(|error| error.to_string())?;
            return Ok(Results::default());
        }
        let mut stale = self.baseline.stale(&found, is_judged);
        stale.retain(|finding| options.runs(finding.rule.id));
        let migration = Migration {
            findings: stale,
            ..Migration::default()
        };
        let outcome = Outcome {
            migration: &migration,
            stage: Stage::Proposed,
        };
        let name = repository::name_beside(&self.place, neighbour, &self.path);
        let page = SourceText::new(&name, old.unwrap_or_default());
        Ok(wanted.results(&[outcome], &[page], &[]))
    }
}
