//! What a file is searched for before anything is parsed.
//!
//! Start at [`Searches`].

use crate::migrate::linked_paths;
use crate::rules::{REGISTRY, asks_for_surroundings};
use crate::text::Decoded;
use crate::workspace::{Mentions, Prefilter, Seen, SourceFile};

use super::set::slashed;

/// What stands in every file that links another.
const LINK: &str = "templatelink";

/// The searches of a run.
pub(super) struct Searches {
    rules: Prefilter,
    links: Prefilter,
    either: Prefilter,
}

impl Searches {
    /// Those for what the rules look for, and for links.
    pub(super) fn new() -> Self {
        let needles = || {
            let rules = REGISTRY.iter();
            rules.flat_map(|entry| entry.rule.needles.iter().copied())
        };
        Self {
            rules: Prefilter::new(needles()),
            links: Prefilter::new([LINK]),
            either: Prefilter::new(needles().chain([LINK])),
        }
    }

    /// What is in a file, if there is anything.
    pub(super) fn seen(&self, file: &SourceFile, bytes: &[u8]) -> Option<Seen> {
        // Nearly all files hold neither, and are searched once for both.
        if !self.either.passes(bytes) {
            return None;
        }
        let (picked, mentions) = (self.rules.passes(bytes), self.mentions(bytes));
        let links = (picked && mentions.is_some()).then(|| linked(file, bytes));
        Some(Seen {
            picked,
            mentions,
            links,
        })
    }

    /// Whether what is found in a file depends on what the files beside it tell.
    pub(super) fn asks(&self, seen: &Seen, file: &SourceFile, bytes: &[u8]) -> bool {
        seen.picked && asks_for_surroundings(&file.name, Decoded::new(bytes).text())
    }

    /// What a file mentions, if it may hold a link.
    fn mentions(&self, bytes: &[u8]) -> Option<Mentions> {
        self.links.passes(bytes).then(|| Mentions::of(bytes))
    }

    /// The paths, relative to its folder, that a file may link to.
    pub(super) fn links(&self, file: &SourceFile, bytes: &[u8]) -> Vec<String> {
        match self.links.passes(bytes) {
            true => linked(file, bytes),
            false => Vec::new(),
        }
    }
}

fn linked(file: &SourceFile, bytes: &[u8]) -> Vec<String> {
    linked_paths(&slashed(&file.canonical), bytes)
}
