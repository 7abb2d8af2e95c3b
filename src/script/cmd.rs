//! The commands of cmd, Windows' command prompt. Source: its help (`cmd /?`), and "Parsing C command-line
//! arguments" for what a program makes of its line.
//!
//! Each `"` begins or ends a part in which only `%` is special; outside, `^` escapes. Knows nothing of `for`
//! and delayed expansion: what a word holds of them is a hole. Start at [`read`].

use super::cursor::Cursor;
use super::inner::{HOLE, Inner, Quoting};
use super::{Command, Doubt, Reading, Word};
use crate::script::shell::arguments;

/// What ends a word outside quotes.
const ENDS: &str = " \t\r\n;,=&|<>()";

/// Reads a batch file or a command line.
pub(super) fn read(text: &str) -> Reading {
    let mut cursor = Cursor::new(text);
    let mut reading = Reading::default();
    let mut command = Command::default();
    let mut has_input = false;
    while let Some(next) = cursor.peek() {
        let at = cursor.at;
        match next {
            '\n' | '&' | '|' | '(' | ')' => {
                cursor.take();
                finish(&mut reading, &mut command, has_input);
                has_input = next == '|' && !cursor.pass("|");
                cursor.pass("&");
            }
            '^' if cursor.pass("^\r\n") || cursor.pass("^\n") => {}
            '<' | '>' => {
                cursor.pass_while(|c| "<>&".contains(c));
                cursor.pass_while(|c| c == ' ' || c == '\t');
                word(&mut cursor, &mut reading);
            }
            '@' if command.words.is_empty() => {
                cursor.take();
            }
            ' ' | '\t' | '\r' | ';' | ',' | '=' => {
                cursor.take();
            }
            _ => {
                let Some(word) = word(&mut cursor, &mut reading) else {
                    break;
                };
                let remark = word.is_any(&["rem"]) || word.text().starts_with("::");
                if command.words.is_empty() && remark {
                    cursor.pass_until("\n");
                    reading.comments.push(at..cursor.at);
                    continue;
                }
                if command.words.is_empty() {
                    command.span.start = at;
                }
                command.span.end = cursor.at;
                command.doubt = command.doubt.or(word.doubt);
                command.words.push(word);
            }
        }
    }
    finish(&mut reading, &mut command, has_input);
    let scripts = reading.commands.iter().filter_map(arguments::script);
    reading.embedded = scripts.collect();
    reading
}

fn finish(reading: &mut Reading, command: &mut Command, has_input: bool) {
    let mut done = std::mem::take(command);
    if !done.words.is_empty() {
        done.has_input = has_input;
        done.words.shrink_to_fit();
        reading.commands.push(done);
    }
}

/// Reads a word, which starts here.
fn word(cursor: &mut Cursor<'_>, reading: &mut Reading) -> Option<Word> {
    let start = cursor.at;
    let mut inner = Inner::default();
    let mut quoted = false;
    let mut doubt = None;
    while let Some(next) = cursor.peek() {
        let at = cursor.at;
        let quoting = match quoted {
            true => Quoting::CmdQuoted,
            false => Quoting::CmdBare,
        };
        match next {
            '\n' if quoted => {
                reading.doubts.push(start);
                break;
            }
            '"' => {
                // Whether it is a quote for the program too depends on the backslashes in front of it.
                let escaped = inner.text.ends_with('\\');
                doubt = doubt.or(escaped.then_some(Doubt::Cmd));
                cursor.take();
                inner.push("", cursor.at..cursor.at, quoting);
                quoted = !quoted;
            }
            '%' | '!' => {
                cursor.take();
                cursor.pass_while(|c| c.is_ascii_alphanumeric() || "_~*%!".contains(c));
                inner.push_hole(at..cursor.at);
                doubt = doubt.or((!quoted).then_some(Doubt::Glued));
            }
            HOLE => {
                inner.take_hole(cursor);
                doubt = doubt.or((!quoted && at > start).then_some(Doubt::Glued));
            }
            '^' if !quoted => {
                cursor.take();
                cursor.take();
                inner.push(
                    cursor.slice(at + 1..cursor.at),
                    at..cursor.at,
                    Quoting::Fixed,
                );
            }
            // An address and `name=value` are one word to the program, whatever cmd's own commands make of it.
            _ if !quoted && ENDS.contains(next) && !(at > start && "=,;".contains(next)) => break,
            _ => {
                cursor.take();
                cursor.pass_while(|c| {
                    !"\"%!^\n".contains(c) && c != HOLE && (quoted || !ENDS.contains(c))
                });
                inner.push_passed(cursor, at, quoting);
            }
        }
    }
    (cursor.at > start).then(|| Word::new(start..cursor.at, inner, doubt))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        let commands = read(text).commands.into_iter();
        let words = commands.map(|command| command.words.into_iter());
        words
            .map(|words| words.map(|word| word.text().to_owned()).collect())
            .collect()
    }

    #[test]
    fn a_quote_toggles_and_a_single_one_is_a_letter() {
        for (text, expected) in [
            ("curl \"a&b\" c", vec![vec!["curl", "a&b", "c"]]),
            ("curl 'a&b'", vec![vec!["curl", "'a"], vec!["b'"]]),
            (
                "@echo a^&b\r\nrem curl x\r\ndir",
                vec![vec!["echo", "a&b"], vec!["dir"]],
            ),
            (
                "curl a=b;c %X% > out",
                vec![vec!["curl", "a=b;c", "\u{fffc}"]],
            ),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
        assert!(!read("curl \"a\nb").doubts.is_empty());
    }
}
