//! What is in a repository and cannot be looked into: contents that are elsewhere, or packed.
//!
//! A run without findings says nothing of these, so they are listed once. Never knows what is found in
//! other files. Start at [`NotLookedInto`].

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::repository::{Prefilter, SourceFile};
use crate::rules::REGISTRY;

/// How a Git LFS pointer starts, which replaces the file (git-lfs, docs/spec.md).
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/v1";

/// What archives hold at an offset: zip, gzip, 7z, xz, bzip2 and tar.
const ARCHIVES: [(usize, &[u8]); 6] = [
    (0, b"PK\x03\x04"),
    (0, b"\x1f\x8b"),
    (0, b"7z\xbc\xaf\x27\x1c"),
    (0, b"\xfd7zXZ\0"),
    (0, b"BZh"),
    (257, b"ustar"),
];

/// How many are named.
const NAMED: usize = 10;

/// Collects what is not looked into.
pub(super) struct NotLookedInto {
    words: Prefilter,
    found: Mutex<BTreeSet<String>>,
}

impl NotLookedInto {
    pub(super) fn new() -> Self {
        let needles = REGISTRY
            .iter()
            .flat_map(|entry| entry.needles.iter().copied());
        Self {
            words: Prefilter::new(needles),
            found: Mutex::default(),
        }
    }

    /// Notes a file if it is a Git LFS pointer, or an archive that has a word in its name or in the names of
    /// what it packs.
    pub(super) fn see(&self, file: &SourceFile, bytes: &[u8]) {
        let is = |(at, magic): &(usize, &[u8])| {
            bytes
                .get(*at..)
                .is_some_and(|bytes| bytes.starts_with(magic))
        };
        if bytes.starts_with(LFS) {
            self.add(&file.name, "a Git LFS pointer");
        } else if ARCHIVES.iter().any(is)
            && (self.words.names(&file.name) || self.words.names(bytes))
        {
            self.add(&file.name, "an archive");
        }
    }

    /// Notes the folder of a submodule that was not fetched.
    pub(super) fn see_submodule(&self, name: &[u8]) {
        self.add(name, "a submodule that was not fetched");
    }

    fn add(&self, name: &[u8], what: &str) {
        let name = String::from_utf8_lossy(name);
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.insert(format!("{name} ({what})"));
    }

    /// What there is to say of them.
    pub(super) fn warning(self) -> Option<String> {
        let found = self
            .found
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let named: Vec<&str> = found.iter().take(NAMED).map(String::as_str).collect();
        let rest = match found.len().saturating_sub(NAMED) {
            0 => String::new(),
            rest => format!(" and {rest} more"),
        };
        (!named.is_empty()).then(|| format!("not checked: {}{rest}", named.join(", ")))
    }
}
