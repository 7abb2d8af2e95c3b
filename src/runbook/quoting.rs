//! Names as words of a shell, and texts as its comments, whatever is in them.
//!
//! A name comes from a template or from an inventory and may hold quotes, `$()`, line breaks, characters
//! that reorder a line, or a command for the agent that reads a log. A word made here is one word that
//! means the name byte for byte, and it is printable ASCII without `##`, so that no terminal and no log
//! acts on it; so what is printed and what is run is the same text. Never knows what a name is for. Start
//! at [`bash`] and [`powershell`].

use crate::report::sanitize;

/// A word of bash: as it is where it is plain, else in single quotes, else as `$'…'` with octal escapes,
/// which no locale and no history expansion reads in another way. `None` where no argument can hold it.
pub(super) fn bash(text: &str) -> Option<String> {
    if text.contains('\0') {
        return None;
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./:@%+,-".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return Some(text.to_owned());
    }
    let is_quiet = |byte: u8| matches!(byte, b' '..=b'~') && !b"'!$`\"\\".contains(&byte);
    if text.bytes().all(is_quiet) && !text.contains("##") {
        return Some(format!("'{text}'"));
    }
    let mut word = "$'".to_owned();
    for byte in text.bytes() {
        if is_plain(byte) || byte == b' ' {
            word.push(char::from(byte));
        } else {
            word.push_str(&format!("\\{byte:03o}"));
        }
    }
    word.push('\'');
    Some(word)
}

/// An option of `az` with its value. A value that begins with a dash would be taken for an option, and
/// one with `=@` for a file's name, so they are joined to the option's long name. `None` where `az` cannot
/// be given the value: it reads a file in place of one that begins with `@`.
pub(super) fn az_option(short: &str, long: &str, value: &str) -> Option<String> {
    if value.starts_with('@') {
        return None;
    }
    let word = bash(value)?;
    if value.starts_with('-') || value.contains("=@") {
        return Some(format!("{long}={word}"));
    }
    Some(format!("{short} {word}"))
}

/// A value of PowerShell: in single quotes, or, where something in it is not printable ASCII, put together
/// of such strings and `[char]` in parentheses. Curly quotes, which end a string there too, are among these.
pub(super) fn powershell(text: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut open: Option<String> = None;
    let mut previous = 0;
    for unit in text.encode_utf16() {
        let is_quiet = matches!(unit, 0x20..=0x7e) && !(unit == 0x23 && previous == 0x23);
        previous = unit;
        match u8::try_from(unit).ok().filter(|_| is_quiet) {
            Some(b'\'') => open.get_or_insert_default().push_str("''"),
            Some(byte) => open.get_or_insert_default().push(char::from(byte)),
            None => {
                parts.extend(open.take().map(|quiet| format!("'{quiet}'")));
                parts.push(format!("[char]0x{unit:04x}"));
            }
        }
    }
    parts.extend(open.map(|quiet| format!("'{quiet}'")));
    match parts.as_slice() {
        [] => "''".to_owned(),
        [only] if only.starts_with('\'') => only.clone(),
        // The first operand decides that this is about strings.
        [first, ..] if first.starts_with('[') => format!("('' + {})", parts.join(" + ")),
        _ => format!("({})", parts.join(" + ")),
    }
}

/// A text as the rest of a comment's line in either shell. It is printable ASCII, since a shell that reads it in
/// another encoding might lose the line's end.
pub(super) fn comment(text: &str) -> String {
    let clean = sanitize(text);
    let is_quiet = |character: char| matches!(character, ' '..='~');
    if clean.chars().all(is_quiet) {
        return clean.into_owned();
    }
    let mut ascii = String::with_capacity(clean.len());
    for character in clean.chars() {
        if is_quiet(character) {
            ascii.push(character);
        } else {
            ascii.extend(character.escape_unicode());
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What PowerShell makes of a value: strings in single quotes and `[char]`, joined by `+`.
    fn read_powershell(value: &str) -> Option<String> {
        let mut units: Vec<u16> = Vec::new();
        let inner = value
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'));
        let mut rest = inner.unwrap_or(value);
        loop {
            if let Some(hex) = rest.strip_prefix("[char]0x") {
                units.push(u16::from_str_radix(hex.get(..4)?, 16).ok()?);
                rest = hex.split_at(4).1;
            } else {
                rest = rest.strip_prefix('\'')?;
                loop {
                    let end = rest.find(['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'])?;
                    let (quiet, behind) = rest.split_at(end);
                    units.extend(quiet.encode_utf16());
                    rest = behind.strip_prefix('\'')?;
                    match rest.strip_prefix('\'') {
                        Some(more) => {
                            units.push(0x27);
                            rest = more;
                        }
                        None => break,
                    }
                }
            }
            match (rest.strip_prefix(" + "), inner) {
                (Some(next), Some(_)) => rest = next,
                _ if rest.is_empty() => return String::from_utf16(&units).ok(),
                _ => return None,
            }
        }
    }

    fn is_harmless(text: &str) -> bool {
        text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !text.contains("##")
    }

    #[test]
    fn plain_names_stay_as_they_are() {
        assert_eq!(bash("web-01.a_b").as_deref(), Some("web-01.a_b"));
        assert_eq!(bash("my vm").as_deref(), Some("'my vm'"));
        assert_eq!(bash("").as_deref(), Some("''"));
        assert_eq!(powershell("my vm"), "'my vm'");
        assert_eq!(powershell(""), "''");
    }

    #[test]
    fn what_a_shell_would_act_on_is_escaped() {
        assert_eq!(bash("a'b").as_deref(), Some("$'a\\047b'"));
        assert_eq!(bash("$(id)").as_deref(), Some("$'\\044\\050id\\051'"));
        assert_eq!(bash("a\0").as_deref(), None);
        assert_eq!(powershell("a'b"), "'a''b'");
        assert_eq!(powershell("\u{2019}; id"), "('' + [char]0x2019 + '; id')");
        assert_eq!(powershell("##vso[x]"), "('#' + [char]0x0023 + 'vso[x]')");
    }

    #[test]
    fn az_takes_no_value_for_an_option_or_a_file() {
        let option = |value| az_option("-n", "--name", value);
        assert_eq!(option("web").as_deref(), Some("-n web"));
        assert_eq!(option("-x").as_deref(), Some("--name=-x"));
        assert_eq!(option("a=@b").as_deref(), Some("--name='a=@b'"));
        assert_eq!(option("@/etc/hostname"), None);
    }

    #[test]
    fn a_comment_is_one_line_of_ascii() {
        let text = "a\nid\r\u{2028}##vso[x]\u{85}\u{e9}";
        let comment = comment(text);
        assert_eq!(comment, "a\\u{a}id\\u{d}\\u{2028}##_vso[x]\\u{85}\\u{e9}");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn powershell_reads_back_what_was_written(text in any::<String>()) {
            let word = powershell(&text);
            prop_assert!(is_harmless(&word), "{word}");
            prop_assert_eq!(read_powershell(&word), Some(text));
        }

        #[test]
        fn bash_words_and_comments_do_no_harm(text in any::<String>()) {
            let comment = comment(&text);
            prop_assert!(is_harmless(&comment.replace("##", "")), "{comment}");
            prop_assert!(!comment.contains("##vso[") && !comment.contains("##["), "{comment}");
            if let Some(word) = bash(&text) {
                prop_assert!(is_harmless(&word), "{word}");
            }
        }
    }
}
