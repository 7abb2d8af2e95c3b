//! A result's text as the file holds it.
//!
//! Knows encodings and edits; never knows rules or JSON. Start at [`encoded`].

use crate::text::{Decoded, Edit, apply};

use super::{Fault, Fixed};

/// The verified text of a file, made by `edits` of the text of `source`, in the file's bytes and without
/// remaining. That the file then decodes to that text, and that its own edits make it, is checked here:
/// the checks of the text know nothing of bytes.
pub(super) fn encoded(
    text: &[u8],
    edits: &[Edit],
    source: &[u8],
    decoded: &Decoded<'_>,
) -> Result<Fixed, Fault> {
    // A file that nothing changes keeps its bytes, also those that its text cannot hold.
    if edits.is_empty() {
        return Ok(Fixed::of(source.to_vec(), Vec::new()));
    }
    let encode = |piece| {
        decoded
            .encode(piece)
            .ok_or_else(|| Fault::new("an edit starts or ends inside a character"))
    };
    let bytes = encode(text)?.into_owned();
    let edits = edits
        .iter()
        .map(|edit| {
            let range = decoded.file_range(edit.range());
            Ok(Edit::replacement(range, encode(edit.text())?))
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    let new = Decoded::new(&bytes);
    if new.text() != text || apply(source, &edits).as_ref() != Ok(&bytes) {
        return Err(Fault::new("the bytes of the file differ from its text"));
    }
    Ok(Fixed::of(bytes, edits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::{Options, migrate};

    /// The file `ab` in UTF-16, with the text that `edits` are said to have made of it.
    fn encoded_of(text: &[u8], edits: Vec<Edit>) -> Result<Fixed, Fault> {
        let source = b"\xfe\xff\0a\0b";
        encoded(text, &edits, source, &Decoded::new(source))
    }

    #[test]
    fn edits_of_the_text_are_edits_of_the_file() {
        let edit = Edit::replacement(3..4, "\u{e9}");
        let fixed = encoded_of("\u{feff}\u{e9}b".as_bytes(), vec![edit]).unwrap();
        assert_eq!(fixed.bytes, b"\xfe\xff\0\xe9\0b");
        assert_eq!(fixed.edits, [Edit::replacement(2..4, b"\0\xe9".to_vec())]);
    }

    #[test]
    fn a_result_that_the_file_cannot_hold_is_refused() {
        for (text, edit) in [
            (&b"\xef\xbb\xbfb"[..], Edit::deletion(4..5)),
            (b"\xef\xbb\xbfa\xff", Edit::replacement(4..5, "\u{ff}")),
            (b"\xef\xbb\xbfa\xff", Edit::replacement(4..5, vec![0xff])),
            (b"ab", Edit::deletion(0..3)),
        ] {
            assert!(encoded_of(text, vec![edit]).is_err(), "{text:?}");
        }
    }

    const TEMPLATE: &str = r#"{"contentVersion": "1.0.0.0", "resources": [
  {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi", // 😀
    "properties": {"publisher": "Microsoft.ManagedIdentity",
      "type": "ManagedIdentityExtensionForLinux"}}]}"#;

    /// The template in UTF-16, most significant byte first.
    fn file() -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(TEMPLATE.encode_utf16());
        units.flat_map(u16::to_be_bytes).collect()
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_edited_only_if_whole_and_never_a_fault() {
        let file = file();
        for length in 0..=file.len() {
            let migration = migrate(&file[..length], &Options::default());
            assert!(migration.fault.is_none(), "{length}");
            assert_eq!(migration.fixed.is_some(), length == file.len(), "{length}");
        }
    }

    #[test]
    fn half_of_a_character_anywhere_keeps_the_file_from_being_edited() {
        let file = file();
        for at in (2..=file.len()).step_by(2) {
            for half in [b"\xd8\x3d", b"\xde\x00"] {
                let broken = [&file[..at], half, &file[at..]].concat();
                let migration = migrate(&broken, &Options::default());
                assert!(migration.fault.is_none() && migration.fixed.is_none());
                for finding in &migration.findings {
                    assert!(finding.place.span.end <= broken.len());
                    assert!(finding.place.span.start % 2 == 0);
                }
            }
        }
    }
}
