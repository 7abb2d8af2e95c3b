//! Texts that hold texts in other languages: YAML, Markdown, XML and Dockerfiles.
//!
//! Of YAML it knows comments, values in quotes, plain values and block scalars, which is where
//! commands stand, in cloud-init too; of Markdown the fences. Start at [`read`].

use std::ops::Range;

use super::cursor::Cursor;
use super::inner::{Inner, Quoting};
use super::language::of_fence;
use super::{Embedded, Language, Reading, guessed};

/// Reads a text in one of these languages; nothing is said of one in another.
pub(super) fn read(text: &str, language: Language) -> Reading {
    match language {
        Language::Yaml => yaml(text),
        Language::Markdown => markdown(text),
        Language::Xml => xml(text),
        Language::Dockerfile => dockerfile(text),
        _ => Reading::default(),
    }
}

/// A line without its end, and where it stands.
fn text_lines(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let start = at;
        at += line.len();
        let content = line.trim_end_matches(['\n', '\r']);
        (start..at, content)
    });
    lines.collect()
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn yaml(text: &str) -> Reading {
    let mut reading = Reading::default();
    let lines = text_lines(text);
    let mut next = 0;
    while let Some((range, line)) = lines.get(next) {
        next += 1;
        let trimmed = line.trim_start();
        if trimmed.starts_with('#') {
            reading
                .comments
                .push(range.end - (range.len() - indentation(line))..range.end);
            continue;
        }
        let (column, value) = value_of(line);
        let content = line.get(value..).unwrap_or_default();
        if is_block(content) {
            let block = lines.get(next..).unwrap_or_default();
            let block: Vec<&(Range<usize>, &str)> = block
                .iter()
                .take_while(|(_, line)| line.trim().is_empty() || indentation(line) > column)
                .collect();
            next += block.len();
            embed_block(&mut reading, &block);
            continue;
        }
        scalar(&mut reading, text, range.start + value, content);
    }
    reading
}

/// How far the key of the line's value is indented, or its last dash where it has no key, and where the
/// value starts in the line.
fn value_of(line: &str) -> (usize, usize) {
    let mut at = indentation(line);
    let mut dash = at;
    while line.get(at..).is_some_and(|rest| rest.starts_with("- ")) {
        dash = at;
        at += 1 + indentation(line.get(at + 1..).unwrap_or_default());
    }
    let rest = line.get(at..).unwrap_or_default();
    let key_end = rest.find(": ").filter(|end| {
        let key = rest.get(..*end).unwrap_or_default();
        let plain = |c: char| c.is_alphanumeric() || "_-./\"'$".contains(c);
        !key.is_empty() && key.chars().all(plain)
    });
    match key_end {
        Some(end) => {
            let behind = rest.get(end + 1..).unwrap_or_default();
            (at, at + end + 1 + indentation(behind))
        }
        None => (dash, at),
    }
}

/// Whether a value is the head of a block scalar.
fn is_block(value: &str) -> bool {
    let head = value.split(" #").next().unwrap_or_default().trim_end();
    let mut characters = head.chars();
    matches!(characters.next(), Some('|' | '>'))
        && characters.all(|c| "+-".contains(c) || c.is_ascii_digit())
}

/// Adds the text of a block scalar, without its indentation.
fn embed_block(reading: &mut Reading, block: &[&(Range<usize>, &str)]) {
    let filled = block.iter().filter(|(_, line)| !line.trim().is_empty());
    let Some(cut) = filled.map(|(_, line)| indentation(line)).min() else {
        return;
    };
    let mut inner = Inner::default();
    for (range, line) in block {
        let from = cut.min(line.len());
        let said = line.get(from..).unwrap_or_default();
        let end = range.start + line.len();
        inner.push(said, range.start + from..end, Quoting::Plain);
        inner.push("\n", end..range.end, Quoting::Fixed);
    }
    let (Some((first, _)), Some((last, _))) = (block.first(), block.last()) else {
        return;
    };
    let language = guessed(&inner.text).unwrap_or(Language::Shell);
    reading.embedded.push(Embedded {
        span: first.start..last.end,
        inner,
        language,
    });
}

/// Adds a value on one line, which starts at `at`, if it holds a command.
fn scalar(reading: &mut Reading, text: &str, at: usize, value: &str) {
    let mut cursor = Cursor::new(text);
    cursor.at = at;
    let mut inner = Inner::default();
    if value.starts_with('[') {
        return;
    }
    if let Some(quote) = value.chars().next().filter(|c| "'\"".contains(*c)) {
        cursor.take();
        loop {
            let start = cursor.at;
            match cursor.peek() {
                None => {
                    reading.doubts.push(at);
                    return;
                }
                Some('\'') if quote == '\'' && cursor.pass("''") => {
                    inner.push("'", start..cursor.at, Quoting::Doubled);
                }
                Some(end) if end == quote => break,
                Some('\\') if quote == '"' => {
                    cursor.take();
                    let said = match cursor.take() {
                        Some('n') => "\n".to_owned(),
                        Some('t') => "\t".to_owned(),
                        Some(other) => other.to_string(),
                        None => String::new(),
                    };
                    inner.push(&said, start..cursor.at, Quoting::Escaped('"'));
                }
                Some(_) => {
                    cursor.take();
                    cursor.pass_while(|c| c != quote && c != '\\');
                    let quoting = match quote {
                        '"' => Quoting::Escaped('"'),
                        _ => Quoting::Doubled,
                    };
                    inner.push(cursor.slice(start..cursor.at), start..cursor.at, quoting);
                }
            }
        }
        cursor.take();
    } else {
        let plain = value.split(" #").next().unwrap_or_default().trim_end();
        if plain.len() < value.len() {
            let comment = at + value.find(" #").unwrap_or(value.len());
            reading.comments.push(comment..at + value.len());
        }
        cursor.at = at + plain.len();
        inner.push(plain, at..cursor.at, Quoting::Plain);
    }
    if let Some(language) = guessed(&inner.text) {
        reading.embedded.push(Embedded {
            span: at..cursor.at,
            inner,
            language,
        });
    }
}

fn markdown(text: &str) -> Reading {
    let mut reading = Reading::default();
    let lines = text_lines(text);
    let mut open: Option<(&str, Option<Language>, usize)> = None;
    for (range, line) in &lines {
        let trimmed = line.trim_start();
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|mark| trimmed.starts_with(mark));
        match (open, mark) {
            (None, Some(mark)) => {
                let named = trimmed.trim_start_matches(['`', '~']).trim();
                let named = named.split([' ', '{', ',']).next().unwrap_or_default();
                open = Some((mark, of_fence(named), range.end));
            }
            (Some((ours, language, start)), Some(mark)) if ours == mark => {
                let run = start..range.start;
                let said = text.get(run.clone()).unwrap_or_default();
                let language = language.or_else(|| guessed(said));
                let mut inner = Inner::default();
                inner.push(said, run.clone(), Quoting::Plain);
                reading.embedded.push(Embedded {
                    span: run,
                    inner,
                    language: language.unwrap_or(Language::Plain),
                });
                open = None;
            }
            _ => {}
        }
    }
    if let Some((_, _, start)) = open {
        reading.doubts.push(start);
    }
    reading
}

fn xml(text: &str) -> Reading {
    let mut reading = Reading::default();
    let mut cursor = Cursor::new(text);
    while cursor.pass_until("<!--") {
        let start = cursor.at;
        cursor.pass_until("-->");
        cursor.pass("-->");
        reading.comments.push(start..cursor.at);
    }
    reading
}

fn dockerfile(text: &str) -> Reading {
    let mut reading = Reading::default();
    let mut lines = text_lines(text).into_iter().peekable();
    while let Some((range, line)) = lines.next() {
        let trimmed = line.trim_start();
        let start = range.start + (line.len() - trimmed.len());
        if trimmed.starts_with('#') {
            reading.comments.push(start..range.end);
            continue;
        }
        let mut end = range.start + line.len();
        let mut last = line;
        while last.ends_with('\\') {
            let Some((range, line)) = lines.next() else {
                break;
            };
            (end, last) = (range.start + line.len(), line);
        }
        let runs = trimmed
            .get(..4)
            .is_some_and(|word| word.eq_ignore_ascii_case("RUN "));
        if runs {
            let run = start + 4..end;
            let mut inner = Inner::default();
            inner.push(
                text.get(run.clone()).unwrap_or_default(),
                run.clone(),
                Quoting::Plain,
            );
            reading.embedded.push(Embedded {
                span: run,
                inner,
                language: Language::Shell,
            });
        }
    }
    reading
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedded(text: &str, language: Language) -> Vec<(Language, String)> {
        let reading = read(text, language);
        let all = reading.embedded.into_iter();
        all.map(|one| (one.language, one.inner.text)).collect()
    }

    #[test]
    fn commands_of_yaml_are_found_in_each_kind_of_value() {
        let text = "#cloud-config\nruncmd:\n  - curl a # why\n  - 'echo ''b'''\n  - \"curl \\\"c\\\"\"\n  - |\n    curl d\n      e\n\n  - [ curl, f ]\nsteps:\n- script: |\n    az login\n  name: x\n";
        let found = embedded(text, Language::Yaml);
        let texts: Vec<&str> = found.iter().map(|(_, text)| &**text).collect();
        assert_eq!(
            texts,
            [
                "curl a",
                "echo 'b'",
                "curl \"c\"",
                "curl d\n  e\n\n",
                "az login\n"
            ]
        );
    }

    #[test]
    fn fences_of_markdown_are_in_their_language() {
        let text = "a\n```powershell\nb\n```\n~~~\ncurl c\n~~~\n```\n";
        let found = embedded(text, Language::Markdown);
        assert_eq!(
            found,
            [
                (Language::PowerShell, "b\n".to_owned()),
                (Language::Shell, "curl c\n".to_owned())
            ]
        );
        assert_eq!(read(text, Language::Markdown).doubts.len(), 1);
    }

    #[test]
    fn what_a_dockerfile_runs_is_a_script_over_its_lines() {
        let found = embedded(
            "FROM a\n# RUN b\nRUN curl \\\n  c\nENV d=e\n",
            Language::Dockerfile,
        );
        assert_eq!(found, [(Language::Shell, "curl \\\n  c".to_owned())]);
    }
}
