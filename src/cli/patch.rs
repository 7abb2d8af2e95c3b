//! What a command changes or would change, as a patch, and where its exact bytes go.
//!
//! Start at [`PatchFile`].

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::migrate::Fixed;
use crate::repository::{Loaded, create_output};
use crate::text::{readable_diff_of_edits, unified_diff_of_edits};

/// The patch of one file.
pub(super) struct Patch {
    pub(super) bytes: Vec<u8>,
    /// The form for a reader, where the bytes are none for him.
    pub(super) readable: Option<Vec<u8>>,
}

impl Patch {
    /// What makes `fixed` of a file; `None` if that is what it was.
    pub(super) fn new(loaded: &Loaded, fixed: &Fixed) -> Option<Self> {
        let name = &loaded.member.file.name;
        let (old, new) = (&loaded.bytes, &fixed.bytes);
        let bytes = unified_diff_of_edits(name, old, new, &fixed.edits);
        let readable = readable_diff_of_edits(name, old, new, &fixed.edits);
        (!bytes.is_empty()).then(|| Self {
            bytes: bytes.bytes().to_vec(),
            readable: readable.map(|diff| diff.bytes().to_vec()),
        })
    }
}

/// Where the exact patch goes.
pub(super) enum PatchFile {
    /// Nowhere: stdout gets the patch in a form that does no harm.
    Absent,
    /// To stdout, whatever reads it.
    Stdout,
    File {
        file: File,
        name: String,
    },
}

impl PatchFile {
    /// Makes the file, never through a link in one of the scanned `trees`; `-` is stdout.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub(super) fn create(path: Option<&Path>, trees: &[PathBuf]) -> Result<Self, String> {
        let Some(path) = path else {
            return Ok(Self::Absent);
        };
        if path == Path::new("-") {
            return Ok(Self::Stdout);
        }
        let name = path.display().to_string();
        match create_output(path, trees) {
            Ok(file) => Ok(Self::File { file, name }),
            Err(error) => Err(format!("{name}: cannot be written: {error}")),
        }
    }
}
