//! What a run changes or would change in a file, as a patch.
//!
//! Start at [`Patch`].

use crate::migrate::Fixed;
use crate::repository::Loaded;
use crate::text::{readable_diff_of_edits, unified_diff_of_edits};

/// The patch of one file.
pub(crate) struct Patch {
    pub(crate) bytes: Vec<u8>,
    /// The form for a reader, where the bytes are none for him.
    pub(crate) readable: Option<Vec<u8>>,
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
