//! The files of a run: scanned, searched, and put together with what belongs to them.
//!
//! Never knows what is found in them. Start at [`Run::gather`].

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::migrate::surroundings_of;
use crate::repository::{
    self, Gathered, InMemoryFile, Linking, Loaded, Seen, SetMember, SourceFile, Tree,
};
use crate::rules::Surroundings;

use super::inputs::Input;
use super::not_looked_into::NotLookedInto;
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
        let not_looked_into = NotLookedInto::new();
        let (scanned, selection, errors) = match &self.input {
            Input::Files(selection) => {
                let baseline = self.baseline.as_deref();
                let scan = repository::scan(selection, threads, |file, bytes| {
                    progress.scanned();
                    if let Some(baseline) = baseline {
                        baseline.see(file);
                    }
                    not_looked_into.see(file, bytes);
                    seen(searches, file, bytes)
                });
                for folder in &scan.submodules {
                    not_looked_into.see_submodule(folder);
                }
                self.summary.files_scanned = scan.files;
                self.temporary = scan.temporary;
                (scan.results, selection.clone(), scan.errors)
            }
            Input::Text(text) => {
                self.summary.files_scanned = 1;
                if let Some(baseline) = &self.baseline {
                    baseline.see(&text.file);
                }
                let seen = seen(searches, &text.file, &text.bytes);
                let scanned = seen.map(|seen| (text.file.clone(), seen));
                let around = self
                    .common
                    .inputs
                    .surroundings(self.configuration.configs());
                (scanned.into_iter().collect(), around, Vec::new())
            }
        };
        self.not_looked_into = not_looked_into.warning();
        let told = told(self.input.tree(), &scanned, threads, self.input.given());
        let scanned = scanned.into_iter().map(|(file, (seen, _))| (file, seen));
        let scanned: Vec<(SourceFile, Seen)> = scanned.collect();
        if let Input::Text(text) = &self.input
            && !text.is_named
        {
            return (Gathered::alone(scanned.into_iter().next()), told);
        }
        if let Some((file, _)) = scanned.first() {
            self.folder = repository::folder_in_repository(self.input.tree(), file);
            self.neighbour = Some(file.clone());
        }
        let linking = Linking {
            seen: |file: &SourceFile, bytes: &[u8]| searches.seen(file, bytes),
            links: |file: &SourceFile, bytes: &[u8]| searches.links(file, bytes),
        };
        let mut gathered = repository::gather(&selection, threads, scanned, linking);
        gathered.errors.splice(0..0, errors);
        (gathered, told)
    }
}

/// What was seen in a file, and whether what is found in it depends on its surroundings.
fn seen(searches: &Searches, file: &SourceFile, bytes: &[u8]) -> Option<(Seen, bool)> {
    let seen = searches.seen(file, bytes)?;
    let asks = searches.asks(&seen, file, bytes);
    Some((seen, asks))
}

/// What the files below each root tell about where scripts beside them run, for those roots where that
/// is asked for. They are read again for that: few repositories have such scripts.
fn told(
    tree: &Tree,
    scanned: &[(SourceFile, (Seen, bool))],
    threads: NonZeroUsize,
    given: Option<InMemoryFile<'_>>,
) -> BTreeMap<PathBuf, Surroundings> {
    let asking = scanned.iter().filter(|(_, (_, asks))| *asks);
    let roots: BTreeSet<&Path> = asking.map(|(file, _)| &*file.root).collect();
    let telling = scanned
        .iter()
        .filter(|(file, (seen, _))| seen.picked && roots.contains(&*file.root));
    let alone = telling.map(|(file, _)| vec![SetMember::new(file.clone(), true)]);
    // What cannot be read is told of when it is migrated.
    let (told, _) = repository::visit_sets(tree, alone.collect(), threads, given, |files| {
        let Loaded { member, bytes } = files.into_iter().next()?;
        let told = surroundings_of(&member.file.name, &bytes);
        Some((member.file.root, told))
    });
    let mut all: BTreeMap<PathBuf, Surroundings> = BTreeMap::new();
    for (root, told) in told.into_iter().flatten() {
        all.entry(root).or_default().join(&told);
    }
    all
}
