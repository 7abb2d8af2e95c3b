//! What around the word of the extension makes it something else.
//!
//! Start at [`is_of_something_else`].

use std::ops::Range;

pub(super) use crate::extension::WORD as EXTENSION;

/// What user-assigned identities are called behind their provider, which is the extension's publisher.
const USER_ASSIGNED: &str = "/userassignedidentities";

/// What precedes the name of a provider of Azure's own.
const PROVIDER: &[u8] = b"microsoft.";

/// What settings of other extensions call an identity; the publisher is spelled so behind `Microsoft.` only.
const PROPERTY: &[u8] = b"managedIdentity";

/// Whether what is around the needle at `found` in `text` makes it part of something that no rule looks
/// for: of the type of user-assigned identities, of a name such as `managedIdentityResourceId` or
/// `vmManagedIdentity`, or the property `managedIdentity`. Templates of today are full of them.
pub fn is_of_something_else(text: &[u8], found: Range<usize>) -> bool {
    let needle = text.get(found.clone()).unwrap_or_default();
    let before = text.get(..found.start).unwrap_or_default();
    let behind = text.get(found.end..).unwrap_or_default();
    if !needle.eq_ignore_ascii_case(EXTENSION.as_bytes()) || starts(behind, "ext") {
        return false;
    }
    starts(behind, USER_ASSIGNED)
        || behind.first().is_some_and(is_of_name)
        || ends_with_name(before)
        || (needle == PROPERTY && !provides(before))
}

/// Whether a name goes on behind `text`; the letter of an escape, such as `\n`, is part of none.
fn ends_with_name(text: &[u8]) -> bool {
    match text {
        [.., b'\\', _] => false,
        [.., last] => is_of_name(last),
        [] => false,
    }
}

fn is_of_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

fn provides(before: &[u8]) -> bool {
    let start = before.len().saturating_sub(PROVIDER.len());
    let end = before.get(start..).unwrap_or_default();
    end.eq_ignore_ascii_case(PROVIDER)
}

/// Whether a text names the extension's publisher or one of its types; what only has an identity in it,
/// such as the settings of another extension, does not.
pub(super) fn names_the_extension(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let text = text.as_bytes();
    let mut found = lower.match_indices(EXTENSION);
    found.any(|(at, name)| {
        let end = at + name.len();
        let (before, behind) = (text.get(..at), text.get(end..));
        starts(behind.unwrap_or_default(), "extension")
            || (provides(before.unwrap_or_default()) && !is_of_something_else(text, at..end))
    })
}

/// Whether `text` starts with `word`, which is in lower case, in any ASCII case.
fn starts(text: &[u8], word: &str) -> bool {
    let start = text.get(..word.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_something_else_and_all_names_of_the_extension_are_not() {
        for (text, other) in [
            ("\"Microsoft.ManagedIdentity/userAssignedIdentities/x", true),
            ("managedIdentityResourceId", true),
            ("ManagedIdentity_id", true),
            ("ManagedIdentity2", true),
            ("userAssignedManagedIdentity\"", true),
            ("\"managedIdentity\": {", true),
            ("settings.managedIdentity", true),
            ("\"Microsoft.ManagedIdentity\"", false),
            ("\"microsoft.managedIdentity\"", false),
            ("'MANAGEDIDENTITY'", false),
            ("'Microsoft.', 'ManagedIdentity'", false),
            ("ManagedIdentity", false),
            ("\\nManagedIdentity", false),
            ("ManagedIdentity.Edp", false),
            ("managedIdentityExtensionForLinux", false),
            ("myManagedIdentityExtension", false),
            ("'ManagedIdentityExt', 'ension", false),
            ("Microsoft.ManagedIdentity/Identities/default", false),
            ("ManagedIdentity/", false),
            ("ManagedIdentity{0}", false),
        ] {
            let at = text.to_ascii_lowercase().find(EXTENSION).unwrap();
            let found = is_of_something_else(text.as_bytes(), at..at + EXTENSION.len());
            assert_eq!(found, other, "{text}");
        }
        assert!(!is_of_something_else(b"503420", 0..5));
    }

    #[test]
    fn settings_with_an_identity_do_not_name_the_extension() {
        for (text, names) in [
            ("Microsoft.ManagedIdentity", true),
            ("microsoft.managedidentity.Edp", true),
            ("ManagedIdentityExtensionForWindows", true),
            ("{\"managedIdentity\":{}}", false),
            (
                "/x/Microsoft.ManagedIdentity/userAssignedIdentities/u",
                false,
            ),
            ("$managedIdentityName", false),
            ("managedIdentity Microsoft.ManagedIdentity", true),
        ] {
            assert_eq!(names_the_extension(text), names, "{text}");
        }
    }
}
