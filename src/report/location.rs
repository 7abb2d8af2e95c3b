//! Places in files, as reports name them: owned, so that no file is needed any more.
//!
//! Start at [`Location`].

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::text::Position;

/// A spot that is meant by its place in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Where it is in its file.
    pub region: Region,
    /// The RFC 9535 normalized path of the node; empty in what is not JSON.
    pub path: String,
}

/// A range of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The file's name in reports, with `/`.
    pub file: Arc<[u8]>,
    /// Its first character.
    pub start: Position,
    /// The character behind its last.
    pub end: Position,
    /// Its bytes in the file.
    pub bytes: Range<usize>,
}

/// An edit of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// What goes.
    pub region: Region,
    /// What comes: text in UTF-8, or, where the file's is not, bytes of the file.
    pub text: Vec<u8>,
}

impl Region {
    /// The file's name as text: what is not UTF-8 in it is U+FFFD.
    pub fn name(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.file)
    }
}
