//! Places in files, as reports name them: owned, so that no file is needed any more.
//!
//! Start at [`Location`].

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// A spot that is meant by its place in the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Where it is in its file.
    #[serde(flatten)]
    pub region: Region,
    /// The RFC 9535 normalized path of the node; empty in what is not JSON.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
}

/// A range of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Region {
    /// The file's name in reports, with `/`.
    #[serde(serialize_with = "as_text")]
    pub file: Arc<[u8]>,
    /// Its first character.
    pub start: Spot,
    /// The character behind its last.
    pub end: Spot,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spot {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in UTF-16 units.
    pub column: usize,
    /// The byte in the file, from 0.
    pub offset: usize,
}

/// An edit of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replacement {
    /// What goes.
    #[serde(flatten)]
    pub region: Region,
    /// What comes.
    #[serde(flatten)]
    pub content: Content,
}

/// What an edit inserts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// Text.
    Text(String),
    /// Bytes of a file that is in no encoding.
    Bytes(Vec<u8>),
}

fn as_text<S: Serializer>(name: &Arc<[u8]>, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&String::from_utf8_lossy(name))
}

impl Region {
    /// The file's name as text: what is not UTF-8 in it is U+FFFD.
    pub fn name(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.file)
    }

    /// Where it starts: `file:line:column`.
    pub(super) fn place(&self) -> String {
        format!("{}:{}:{}", self.name(), self.start.line, self.start.column)
    }
}
