//! What a file is searched for before anything is parsed.
//!
//! Start at [`Searches`].

use crate::migrate::linked_paths;
use crate::repository::{Mentions, Prefilter, Seen, SourceFile};
use crate::rules::{REGISTRY, asks_for_surroundings, is_of_something_else};
use crate::text::Decoded;

use super::set::slashed;

/// What is in every file that links another.
const LINK: &str = "templatelink";

/// The searches of a run.
pub(super) struct Searches {
    /// For what the rules look for, and for links.
    words: Prefilter<2>,
}

impl Searches {
    pub(super) fn new() -> Self {
        let rules = REGISTRY.iter();
        let needles = rules.flat_map(|entry| entry.needles.iter().copied());
        Self {
            words: Prefilter::of_groups([needles.collect(), vec![LINK]])
                .unless(is_of_something_else),
        }
    }

    /// What is in a file, if there is anything.
    pub(super) fn seen(&self, file: &SourceFile, bytes: &[u8]) -> Option<Seen> {
        let [picked, links] = self.words.passes_each(bytes);
        (picked || links).then(|| Seen {
            picked,
            mentions: links.then(|| Mentions::of(bytes)),
            links: (picked && links).then(|| linked(file, bytes)),
        })
    }

    /// Whether what is found in a file depends on what the files beside it say.
    pub(super) fn asks(&self, seen: &Seen, file: &SourceFile, bytes: &[u8]) -> bool {
        seen.picked && asks_for_surroundings(&file.name, Decoded::new(bytes).text())
    }

    /// The paths, relative to its folder, that a file may link to.
    pub(super) fn links(&self, file: &SourceFile, bytes: &[u8]) -> Vec<String> {
        match self.words.passes_each(bytes) {
            [_, true] => linked(file, bytes),
            [_, false] => Vec::new(),
        }
    }
}

fn linked(file: &SourceFile, bytes: &[u8]) -> Vec<String> {
    linked_paths(&slashed(&file.canonical), bytes)
}
