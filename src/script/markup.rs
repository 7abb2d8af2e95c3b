//! Texts that hold texts in other languages: YAML, Markdown, XML, Dockerfiles and Makefiles.
//!
//! Of Markdown it knows the fences, of Dockerfiles what is run. Start at [`read`].

mod makefile;
mod yaml;

use std::ops::Range;

use super::cursor::Cursor;
use super::inner::{Inner, Quoting};
use super::language::{interpreter, of_fence};
use super::{Doubt, Embedded, Language, Reading, guessed};

/// Reads a text in one of these languages; nothing is said of one in another.
pub(super) fn read(text: &str, language: Language) -> Reading {
    match language {
        Language::Yaml => yaml::read(text),
        Language::Markdown => markdown(text),
        Language::Xml => xml(text),
        Language::Dockerfile => dockerfile(text),
        Language::Makefile => makefile::read(text),
        _ => Reading::default(),
    }
}

/// A line without its end, and where it is.
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

/// How far a line is indented.
fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
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
                inner.push_range(text, run.clone(), Quoting::Plain);
                reading.embedded.push(Embedded::new(
                    run,
                    inner,
                    language.unwrap_or(Language::Plain),
                    None,
                ));
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

/// What a Dockerfile runs, over continued lines, between which comments are dropped.
fn dockerfile(text: &str) -> Reading {
    let mut reading = Reading::default();
    let mut language = Language::Shell;
    let mark = if text.to_ascii_lowercase().contains("escape=`") {
        '`'
    } else {
        '\\'
    };
    let mut lines = text_lines(text).into_iter();
    while let Some((range, line)) = lines.next() {
        let trimmed = line.trim_start();
        let start = range.start + (line.len() - trimmed.len());
        if trimmed.starts_with('#') {
            reading.comments.push(start..range.end);
            continue;
        }
        let (word, arguments) = trimmed.split_once(' ').unwrap_or((trimmed, ""));
        let runs = word.eq_ignore_ascii_case("RUN");
        if word.eq_ignore_ascii_case("SHELL") {
            let program = arguments.split('"').nth(1).unwrap_or_default();
            language = interpreter(program).unwrap_or(Language::Plain);
        }
        let mut inner = Inner::default();
        let (mut from, mut end) = (start + 4.min(trimmed.len()), range.start + line.len());
        let mut last = line.trim_end();
        while last.ends_with(mark) {
            let cut = range_end(from, end, text, mark);
            inner.push_range(text, from..cut, Quoting::Plain);
            let next = lines.by_ref().find(|(range, line)| {
                let is_comment = line.trim_start().starts_with('#');
                if is_comment {
                    reading.comments.push(range.clone());
                }
                !is_comment && !line.trim().is_empty()
            });
            let Some((range, line)) = next else {
                from = end;
                break;
            };
            (from, end, last) = (range.start, range.start + line.len(), line.trim_end());
        }
        inner.push_range(text, from..end, Quoting::Plain);
        if runs {
            // What a here-document holds follows on lines of its own.
            let is_document = inner.text.contains("<<");
            reading.embedded.push(Embedded::new(
                start + 4..end,
                inner,
                language,
                is_document.then_some(Doubt::Piece),
            ));
        }
    }
    reading
}

/// Where a continued line ends, without its mark.
fn range_end(from: usize, end: usize, text: &str, mark: char) -> usize {
    let line = text.get(from..end).unwrap_or_default().trim_end();
    from + line.strip_suffix(mark).unwrap_or(line).len()
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
    fn each_line_of_a_recipe_is_a_script() {
        let rule = "X = a \\\n\tcurl no\n# b\nt: d; curl $(R)\n\t@-curl $$A ${B$(C)} $@\n\tcurl \\\n\t\tc # e\nifdef D\n\tcurl f\nendif\ndefine G\n\tcurl g\nendef\nH := i\n\tcurl j\n";
        let texts = |text: &str, language: Language| -> Vec<String> {
            let found = embedded(text, Language::Makefile);
            assert!(found.iter().all(|(own, _)| *own == language));
            found.into_iter().map(|(_, text)| text).collect()
        };
        let commands = [
            "curl \u{fffc}",
            "curl $A \u{fffc} \u{fffc}",
            "curl \\\n\tc # e",
            "curl f",
        ];
        assert_eq!(texts(rule, Language::Shell), commands);
        let one = "SHELL := /usr/bin/env\n.ONESHELL:\nt:\n\t@curl a\n\t@curl b\n";
        assert_eq!(texts(one, Language::Plain), ["curl a\ncurl b"]);
        let pwsh = "SHELL = pwsh.exe -NoProfile\nt:\n\tirm a\n";
        assert_eq!(texts(pwsh, Language::PowerShell), ["irm a"]);
        assert!(
            !read(".RECIPEPREFIX = >\n", Language::Makefile)
                .doubts
                .is_empty()
        );
    }

    #[test]
    fn what_a_dockerfile_runs_is_a_script_over_its_lines() {
        let found = embedded(
            "FROM a\n# RUN b\nRUN curl \\\n  c\nENV d=e\n",
            Language::Dockerfile,
        );
        assert_eq!(found, [(Language::Shell, "curl   c".to_owned())]);
    }
}
