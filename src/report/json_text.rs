//! JSON that does no harm where a CI service prints it.
//!
//! The values stay what they are: only their spelling changes. Start at [`write_pretty`].

use std::io;

use serde::Serialize;

use super::sanitize::is_unsafe;

/// Writes `value` with an indent of two, and a line end.
pub(super) fn write_pretty(out: &mut dyn io::Write, value: &impl Serialize) -> io::Result<()> {
    writeln!(out, "{}", harmless(&serde_json::to_string_pretty(value)?))
}

/// Writes `value` on one line, and a line end.
pub(super) fn write_line(out: &mut dyn io::Write, value: &impl Serialize) -> io::Result<()> {
    writeln!(out, "{}", harmless(&serde_json::to_string(value)?))
}

/// The same JSON with escapes for what an agent, a terminal or a reader takes for something else: the
/// second of two `#`, which start a command, and characters that control, reorder or hide. Outside
/// of strings there is neither.
fn harmless(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let escape = |character: char, text: &mut String| {
        for unit in character.encode_utf16(&mut [0; 2]) {
            text.push_str(&format!("\\u{unit:04x}"));
        }
    };
    let mut is_after_hash = false;
    for character in json.chars() {
        let is_second_hash = is_after_hash && character == '#';
        if is_second_hash || (character != '\n' && is_unsafe(character, false)) {
            escape(character, &mut text);
        } else {
            text.push(character);
        }
        is_after_hash = character == '#' && !is_second_hash;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_comes_back_and_no_command_is_in_it() {
        for text in [
            "##vso[task.complete]",
            "###[group]####",
            "\u{1b}[2J\u{9b}\u{7f}\u{202e}\u{e0041}\u{2028}\u{fffe}\"\\##",
            "\u{1f600} e\u{301}",
        ] {
            let mut out = Vec::new();
            write_pretty(&mut out, &[text]).unwrap();
            write_line(&mut out, &[text]).unwrap();
            let written = String::from_utf8(out).unwrap();
            assert!(!written.contains("##"), "{written}");
            let shown = |c: char| c == '\n' || !is_unsafe(c, false);
            assert!(written.chars().all(shown), "{written:?}");
            let read: Vec<[String; 1]> = serde_json::Deserializer::from_str(&written)
                .into_iter()
                .map(Result::unwrap)
                .collect();
            assert_eq!(read, [[text.to_owned()], [text.to_owned()]]);
        }
    }
}
