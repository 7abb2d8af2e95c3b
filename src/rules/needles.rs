//! The word by which the rules find files and commands that are about the extension.
//!
//! Start at [`EXTENSION`].

/// A part of all that the extension is called: of its publisher, of its types, of the folder of its logs.
pub(super) const EXTENSION: &str = "managedidentity";

/// What user-assigned identities are called behind their provider, which is the extension's publisher.
const USER_ASSIGNED: &str = "/userassignedidentities";

/// Whether `behind`, what follows a needle in a text, makes it part of something that no rule looks for:
/// of the type of user-assigned identities, or of a name such as `managedIdentityResourceId`. Templates of
/// today are full of both.
pub fn is_of_something_else(needle: &[u8], behind: &[u8]) -> bool {
    if needle != EXTENSION.as_bytes() {
        return false;
    }
    match behind.first() {
        Some(byte) if byte.is_ascii_alphanumeric() || *byte == b'_' => !starts(behind, "ext"),
        Some(_) => starts(behind, USER_ASSIGNED),
        None => false,
    }
}

/// Whether a text names the extension's publisher or one of its types; what only has an identity in it,
/// such as the settings of another extension, does not.
pub(super) fn names_the_extension(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let mut found = text.match_indices(EXTENSION);
    found.any(|(at, name)| {
        let (before, behind) = (text.get(..at), text.get(at + name.len()..));
        let behind = behind.unwrap_or_default().as_bytes();
        let provides = before.is_some_and(|before| before.ends_with("microsoft."));
        starts(behind, "extension") || (provides && !is_of_something_else(name.as_bytes(), behind))
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
        for (behind, other) in [
            ("/userAssignedIdentities/x", true),
            ("ResourceId", true),
            ("_id", true),
            ("2", true),
            ("\"", false),
            ("'", false),
            ("", false),
            (".Edp", false),
            ("ExtensionForLinux", false),
            ("Ext', 'ension", false),
            ("/Identities/default", false),
            ("/", false),
            ("{0}", false),
        ] {
            let found = is_of_something_else(EXTENSION.as_bytes(), behind.as_bytes());
            assert_eq!(found, other, "{behind}");
        }
        assert!(!is_of_something_else(b"50342", b"0"));
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
