//! The files of a run: scanned, searched, and put together with what belongs to them.
//!
//! Never knows what is found in them. Start at [`gather`].

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::migrate::surroundings_of;
use crate::repository::{
    self, Gathered, InMemoryFile, Linking, Loaded, Seen, SetMember, SourceFile, Tree,
};
use crate::rules::Surroundings;

use super::baseline::BaselineFile;
use super::input::Input;
use super::not_looked_into::NotLookedInto;
use super::searches::Searches;

/// The files of a run.
#[derive(Default)]
pub(crate) struct Files {
    /// Those to look into, each with what belongs to it.
    pub(super) gathered: Gathered,
    /// What the files below each root say of where scripts run.
    pub(super) surroundings: BTreeMap<PathBuf, Surroundings>,
    /// How many were read.
    pub(super) scanned: usize,
    /// See [`crate::report::Report::folder`].
    pub(super) folder: Vec<u8>,
    /// A file whose name shows from where names start.
    pub(super) neighbour: Option<SourceFile>,
    /// Temporary files that the scan came by.
    pub(super) temporary: Vec<PathBuf>,
    /// What the scan could not look into.
    pub(super) warning: Option<String>,
}

/// Puts what is to be looked into together with what belongs to it. Each file that is read is counted by
/// `on_file`.
pub(super) fn gather(
    input: &Input,
    baseline: Option<&BaselineFile>,
    threads: NonZeroUsize,
    on_file: impl Fn() + Sync,
) -> Files {
    let searches = Searches::new();
    let not_looked_into = NotLookedInto::new();
    let mut files = Files::default();
    let (scanned, selection, errors) = match input {
        Input::Files(selection) => {
            let scan = repository::scan(selection, threads, |file, bytes| {
                on_file();
                if let Some(baseline) = baseline {
                    baseline.see(file);
                }
                not_looked_into.see(file, bytes);
                seen(&searches, file, bytes)
            });
            for folder in &scan.submodules {
                not_looked_into.see_submodule(folder);
            }
            files.scanned = scan.files;
            files.temporary = scan.temporary;
            (scan.results, selection, scan.errors)
        }
        Input::Text(text) => {
            files.scanned = 1;
            if let Some(baseline) = baseline {
                baseline.see(&text.file);
            }
            let seen = seen(&searches, &text.file, &text.bytes);
            let scanned = seen.map(|seen| (text.file.clone(), seen));
            (scanned.into_iter().collect(), &text.around, Vec::new())
        }
    };
    files.warning = not_looked_into.warning();
    files.surroundings = surroundings(input.tree(), &scanned, threads, input.given());
    let scanned = scanned.into_iter().map(|(file, (seen, _))| (file, seen));
    let scanned: Vec<(SourceFile, Seen)> = scanned.collect();
    if let Input::Text(text) = input
        && !text.is_named
    {
        files.gathered = Gathered::alone(scanned.into_iter().next());
        return files;
    }
    if let Some((file, _)) = scanned.first() {
        files.folder = repository::folder_in_repository(input.tree(), file);
        files.neighbour = Some(file.clone());
    }
    let linking = Linking {
        seen: |file: &SourceFile, bytes: &[u8]| searches.seen(file, bytes),
        links: |file: &SourceFile, bytes: &[u8]| searches.links(file, bytes),
    };
    files.gathered = repository::gather(selection, threads, scanned, linking);
    files.gathered.errors.splice(0..0, errors);
    files
}

/// What was seen in a file, and whether what is found in it depends on its surroundings.
fn seen(searches: &Searches, file: &SourceFile, bytes: &[u8]) -> Option<(Seen, bool)> {
    let seen = searches.seen(file, bytes)?;
    let asks = searches.asks(&seen, file, bytes);
    Some((seen, asks))
}

/// What the files below each root say about where scripts beside them run, for those roots where that
/// is asked for. They are read again for that: few repositories have such scripts.
fn surroundings(
    tree: &Tree,
    scanned: &[(SourceFile, (Seen, bool))],
    threads: NonZeroUsize,
    given: Option<InMemoryFile<'_>>,
) -> BTreeMap<PathBuf, Surroundings> {
    let asking = scanned.iter().filter(|(_, (_, asks))| *asks);
    let roots: BTreeSet<&Path> = asking.map(|(file, _)| &*file.root).collect();
    let picked = scanned
        .iter()
        .filter(|(file, (seen, _))| seen.picked && roots.contains(&*file.root));
    let alone = picked.map(|(file, _)| vec![SetMember::new(file.clone(), true)]);
    // What cannot be read is reported when it is migrated.
    let (found, _) = repository::visit_sets(tree, alone.collect(), threads, given, |files| {
        let Loaded { member, bytes } = files.into_iter().next()?;
        let surroundings = surroundings_of(&member.file.name, &bytes);
        Some((member.file.root, surroundings))
    });
    let mut all: BTreeMap<PathBuf, Surroundings> = BTreeMap::new();
    for (root, surroundings) in found.into_iter().flatten() {
        all.entry(root).or_default().join(&surroundings);
    }
    all
}
