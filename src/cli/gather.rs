//! The files of a run: scanned, searched, and put together with what belongs to them.
//!
//! Never knows what is found in them. Start at [`Run::gather`].

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::rules::Surroundings;
use crate::workspace::{self, Gathered, Linking, Seen, SourceFile};

use super::inputs::Input;
use super::progress::Progress;
use super::run::Run;
use super::searches::Searches;

impl Run<'_> {
    /// Puts what is to be looked into together with what belongs to it, and gives what the files below
    /// each root tell of it.
    pub(super) fn gather(
        &mut self,
        searches: &Searches,
        progress: &Progress,
    ) -> (Gathered, BTreeMap<PathBuf, Surroundings>) {
        let threads = self.common.threads();
        let (scanned, selection, errors) = match &self.input {
            Input::Files(selection) => {
                let baseline = self.baseline.as_deref();
                let scan = workspace::scan(selection, threads, |file, bytes| {
                    progress.scanned();
                    if let Some(baseline) = baseline {
                        baseline.see(file);
                    }
                    let seen = searches.seen(file, bytes)?;
                    let told = searches.surroundings(&seen, file, bytes);
                    Some((seen, told))
                });
                self.summary.files_scanned = scan.files;
                self.temporary = scan.temporary;
                (scan.results, selection.clone(), scan.errors)
            }
            Input::Text(text) => {
                self.summary.files_scanned = 1;
                if let Some(baseline) = &self.baseline {
                    baseline.see(&text.file);
                }
                let seen = searches.seen(&text.file, &text.bytes);
                let seen = seen.map(|seen| {
                    let told = searches.surroundings(&seen, &text.file, &text.bytes);
                    (text.file.clone(), (seen, told))
                });
                if !text.is_named {
                    let (seen, told) = apart(seen);
                    return (Gathered::alone(seen.into_iter().next()), told);
                }
                let surroundings = self
                    .common
                    .inputs
                    .surroundings(self.configuration.configs());
                (seen.into_iter().collect(), surroundings, Vec::new())
            }
        };
        if let Some((file, _)) = scanned.first() {
            self.folder = workspace::folder_in_repository(file);
            self.neighbour = Some(file.clone());
        }
        let linking = Linking {
            seen: |file: &SourceFile, bytes: &[u8]| searches.seen(file, bytes),
            links: |file: &SourceFile, bytes: &[u8]| searches.links(file, bytes),
        };
        let (scanned, told) = apart(scanned);
        let mut gathered = workspace::gather(&selection, threads, scanned, linking);
        gathered.errors.splice(0..0, errors);
        (gathered, told)
    }
}

/// A file with what was seen in it, and what it tells of others.
type Scanned = (SourceFile, (Seen, Option<Surroundings>));

/// What was seen in files, and what they tell together.
fn apart(
    scanned: impl IntoIterator<Item = Scanned>,
) -> (Vec<(SourceFile, Seen)>, BTreeMap<PathBuf, Surroundings>) {
    let (seen, told): (Vec<_>, Vec<_>) = scanned
        .into_iter()
        .map(|(file, (seen, told))| {
            let told = told.map(|told| (file.root.clone(), told));
            ((file, seen), told)
        })
        .unzip();
    (seen, by_root(told.into_iter().flatten()))
}

/// What the files below each root tell about where scripts beside them run.
fn by_root(told: impl Iterator<Item = (PathBuf, Surroundings)>) -> BTreeMap<PathBuf, Surroundings> {
    let mut all: BTreeMap<PathBuf, Surroundings> = BTreeMap::new();
    for (root, told) in told {
        all.entry(root).or_default().join(&told);
    }
    all
}
