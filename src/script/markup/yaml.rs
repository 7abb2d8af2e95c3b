//! The scalars of YAML that are scripts: cloud-init, pipelines, Ansible. Source: YAML 1.2.2, 7 and 8.
//!
//! Knows comments, keys, dashes, anchors and tags in front of a value, and scalars in all their forms,
//! over lines too; a flow sequence is an argument list, which no shell reads. Who reads a scalar is said
//! by its key, by what is beside it, by the task, or by its words. Start at [`read`].

use std::ops::Range;

use super::{indentation, text_lines};
use crate::script::cursor::Cursor;
use crate::script::inner::{Inner, Quoting};
use crate::script::language::{LanguageNames, named};
use crate::script::{Doubt, Embedded, Language, Reading, guessed};

/// A line without its end, and where it is.
type YamlLine<'t> = (Range<usize>, &'t str);

/// Keys and values that name what reads a script, in lower case.
const READERS: LanguageNames = &[
    (Language::PowerShell, "pwsh powershell ps pscore win_shell"),
    (Language::Cmd, "cmd batch win_command"),
    (Language::Python, "python"),
    // `pwsh` ends with `sh` too.
    (Language::Shell, "bash sh"),
];

/// Keys beside a script that name what reads it.
const NAMES_READER: [&str; 3] = ["shell", "scripttype", "executable"];

/// The beginnings of tasks of Azure Pipelines that read a script, in lower case.
const TASKS: LanguageNames = &[
    (Language::PowerShell, "powershell@ azurepowershell@"),
    (Language::Shell, "bash@ shellscript@"),
];

struct Yaml<'t> {
    text: &'t str,
    lines: Vec<YamlLine<'t>>,
    reading: Reading,
    /// Whether a pool or a default of the file may give a script to a shell of Windows.
    windows: bool,
}

/// How many lines around a value may say what reads it.
const NEAR: usize = 200;

/// Reads a document.
pub(super) fn read(text: &str) -> Reading {
    let mut yaml = Yaml {
        text,
        lines: text_lines(text),
        reading: Reading::default(),
        windows: false,
    };
    yaml.windows = yaml.may_run_on_windows();
    let mut next = 0;
    // The column of a key whose value comes on the next line.
    let mut parent = None;
    while let Some((range, line)) = yaml.lines.get(next).cloned() {
        next += 1;
        let trimmed = line.trim();
        if trimmed.is_empty() {
            continue;
        }
        if trimmed.starts_with('#') {
            let start = range.start + (line.len() - line.trim_start().len());
            yaml.reading.comments.push(start..range.end);
            continue;
        }
        let value = YamlValue::of(line);
        let column = match parent.take() {
            Some(parent) if value.is_bare => parent,
            _ => value.column,
        };
        let content = line.get(value.start..).unwrap_or_default();
        if content.is_empty() || content.starts_with("- ") {
            parent = Some(column);
        } else if let Some(folds) = block(content) {
            let block = yaml.lines.get(next..).unwrap_or_default();
            let length = block
                .iter()
                .take_while(|(_, line)| line.trim().is_empty() || indentation(line) > column)
                .count();
            yaml.block(next - 1, &value, next..next + length, folds);
            next += length;
        } else if !content.starts_with(['[', '{']) {
            let end = yaml.scalar(next - 1, &value, column, range.start + value.start);
            while yaml
                .lines
                .get(next)
                .is_some_and(|(range, _)| range.start < end)
            {
                next += 1;
            }
        }
    }
    yaml.reading
}

/// Where the value of a line is.
struct YamlValue<'t> {
    /// How far its key is indented, or its last dash where it has no key.
    column: usize,
    key: &'t str,
    start: usize,
    /// Whether it has neither key nor dash.
    is_bare: bool,
}

impl<'t> YamlValue<'t> {
    fn of(line: &'t str) -> Self {
        let mut at = indentation(line);
        let mut dash = at;
        let indented = at;
        while line.get(at..).is_some_and(|rest| rest.starts_with("- ")) {
            dash = at;
            at += 1 + indentation(line.get(at + 1..).unwrap_or_default());
        }
        let rest = line.get(at..).unwrap_or_default();
        let plain = |c: char| c.is_alphanumeric() || "_-./\"'$".contains(c);
        let ends = || rest.trim_end().strip_suffix(':').map(str::len);
        let end = rest.find(": ").or_else(ends).filter(|end| {
            let key = rest.get(..*end).unwrap_or_default();
            !key.is_empty() && key.chars().all(plain)
        });
        let (column, key, mut start) = match end {
            Some(end) => (at, rest.get(..end).unwrap_or_default(), at + end + 1),
            None => (dash, "", at),
        };
        // Anchors and tags are in front of the value.
        loop {
            start += indentation(line.get(start..).unwrap_or_default());
            let rest = line.get(start..).unwrap_or_default();
            let length = rest.find(' ').unwrap_or(rest.trim_end().len());
            if !rest.starts_with(['&', '!']) || length == 0 {
                break;
            }
            start += length;
        }
        let start = start.min(line.trim_end().len().max(at));
        Self {
            column,
            key: key.trim_matches(['"', '\'']),
            start,
            is_bare: end.is_none() && at == indented,
        }
    }
}

/// Whether a value is the head of a block scalar, and one that folds its lines.
fn block(value: &str) -> Option<bool> {
    let head = value.split(" #").next().unwrap_or_default().trim_end();
    let rest = head.strip_prefix(['|', '>'])?;
    let is_head = rest.chars().all(|c| "+-".contains(c) || c.is_ascii_digit());
    is_head.then(|| head.starts_with('>'))
}

impl Yaml<'_> {
    /// Adds the text of a block scalar, without its indentation.
    fn block(&mut self, head: usize, value: &YamlValue<'_>, lines: Range<usize>, folds: bool) {
        let block = self.lines.get(lines).unwrap_or_default();
        let filled = block.iter().filter(|(_, line)| !line.trim().is_empty());
        let (Some(cut), Some((first, _)), Some((last, _))) = (
            filled.map(|(_, line)| indentation(line)).min(),
            block.first(),
            block.last(),
        ) else {
            return;
        };
        let span = first.start..last.end;
        let mut inner = Inner::default();
        let is_kept = |line: &str| line.trim().is_empty() || indentation(line) > cut;
        for (index, (range, line)) in block.iter().enumerate() {
            let from = cut.min(line.len());
            let said = line.get(from..).unwrap_or_default();
            let end = range.start + line.len();
            inner.push(said, range.start + from..end, Quoting::Plain);
            let next = block.get(index + 1).map_or("", |(_, line)| *line);
            let joins = folds && !is_kept(line) && !is_kept(next);
            inner.push(
                if joins { " " } else { "\n" },
                end..range.end,
                Quoting::Fixed,
            );
        }
        let (language, doubt) = self.reader(head, value, &inner.text);
        self.reading.embedded.push(Embedded::new(
            span,
            inner,
            language.unwrap_or(Language::Shell),
            doubt,
        ));
    }

    /// Adds a plain or quoted value that starts at `at`, if it is a script; gives where it ends.
    fn scalar(&mut self, line: usize, value: &YamlValue<'_>, column: usize, at: usize) -> usize {
        let quote = self.text.get(at..).and_then(|rest| rest.chars().next());
        let found = match quote {
            Some(quote @ ('"' | '\'')) => quoted(self.text, at, quote),
            _ => Some(self.plain(line, column, at)),
        };
        let Some((inner, end)) = found else {
            self.reading.doubts.push(at);
            return at;
        };
        let (language, doubt) = self.reader(line, value, &inner.text);
        if let Some(language) = language {
            self.reading
                .embedded
                .push(Embedded::new(at..end, inner, language, doubt));
        }
        end
    }

    /// A plain value with the lines that go on with it.
    fn plain(&mut self, first: usize, column: usize, at: usize) -> (Inner, usize) {
        let mut inner = Inner::default();
        let mut end = at;
        let lines = self.lines.get(first..).unwrap_or_default();
        for (index, (range, line)) in lines.iter().enumerate() {
            let trimmed = line.trim();
            let start = match index {
                0 => at,
                _ => range.start + indentation(line),
            };
            if index > 0
                && (trimmed.starts_with('#') || trimmed.is_empty() || indentation(line) <= column)
            {
                break;
            }
            let content = self
                .text
                .get(start..range.start + line.len())
                .unwrap_or_default();
            let plain = content.split(" #").next().unwrap_or_default().trim_end();
            if index > 0 {
                inner.push(" ", end..start, Quoting::Fixed);
            }
            end = start + plain.len();
            inner.push(plain, start..end, Quoting::YamlPlain);
            if let Some(comment) = content.find(" #") {
                self.reading.comments.push(start + comment..range.end);
                break;
            }
        }
        (inner, end)
    }

    /// What reads a value, as far as that is said, and whether that is in doubt.
    fn reader(
        &self,
        line: usize,
        value: &YamlValue<'_>,
        text: &str,
    ) -> (Option<Language>, Option<Doubt>) {
        let key = value
            .key
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let reader = |name: &str| {
            let name = name.trim().trim_matches(['"', '\'']);
            let name = name.split_whitespace().next()?.rsplit('/').next()?;
            named(READERS, |reader| name.eq_ignore_ascii_case(reader))
        };
        let by_key = reader(&key).filter(|_| text.contains(char::is_whitespace));
        if by_key.is_some() {
            return (by_key, None);
        }
        if let Some(name) = self.beside(line, value.column) {
            return match reader(&name) {
                None => (Some(Language::Plain), Some(Doubt::Reader)),
                known => (known, None),
            };
        }
        if let Some(language) = self.task(line, value.column) {
            return (Some(language), None);
        }
        let guess = guessed(text);
        let runs = matches!(&*key, "run" | "script" | "inlinescript" | "inline");
        let unsure = runs && guess == Some(Language::Shell) && self.windows;
        (guess, unsure.then_some(Doubt::Reader))
    }

    /// What a key beside a value says that reads it.
    fn beside(&self, line: usize, column: usize) -> Option<String> {
        let name = |line: &str| {
            let value = YamlValue::of(line);
            let names =
                value.column == column && NAMES_READER.contains(&&*value.key.to_ascii_lowercase());
            names.then(|| line.get(value.start..).unwrap_or_default().to_owned())
        };
        let inside =
            |(_, line): &&YamlLine<'_>| line.trim().is_empty() || indentation(line) >= column;
        let behind = self
            .lines
            .get(line + 1..)?
            .iter()
            .take(NEAR)
            .take_while(inside);
        let mut before = self.lines.get(..line + 1)?.iter().rev().take(NEAR);
        let mut own = Vec::new();
        // The first line of an item starts with a dash in front of the column.
        for (_, line) in before.by_ref() {
            own.push(*line);
            if !line.trim().is_empty() && indentation(line) < column {
                break;
            }
        }
        own.into_iter()
            .chain(behind.map(|(_, line)| *line))
            .find_map(name)
    }

    /// The reader of the task whose item a value is in.
    fn task(&self, line: usize, column: usize) -> Option<Language> {
        let before = self.lines.get(..line)?.iter().rev().take(NEAR);
        for (_, line) in before {
            let value = YamlValue::of(line);
            if value.key == "task" {
                let task = line.get(value.start..)?.trim().to_ascii_lowercase();
                return named(TASKS, |start| task.starts_with(start));
            }
            if line.trim_start().starts_with("- ") && indentation(line) < column {
                return None;
            }
        }
        None
    }

    fn may_run_on_windows(&self) -> bool {
        self.lines.iter().any(|(_, line)| {
            let lower = line.to_ascii_lowercase();
            let machine = ["runs-on", "vmimage", "pool", "os:", "tags"];
            (lower.contains("windows") && machine.iter().any(|word| lower.contains(word)))
                || (lower.contains("shell:")
                    && named(READERS, |name| lower.trim_end().ends_with(name))
                        .is_some_and(|it| it != Language::Shell))
        })
    }
}

/// A value in quotes, and where it ends; `None` where it does not. A line end in it is a blank.
fn quoted(text: &str, at: usize, quote: char) -> Option<(Inner, usize)> {
    let mut cursor = Cursor::new(text);
    cursor.at = at;
    cursor.take();
    let mut inner = Inner::default();
    let quoting = match quote {
        '"' => Quoting::Escaped('"'),
        _ => Quoting::Doubled,
    };
    loop {
        let start = cursor.at;
        match cursor.take()? {
            '\'' if quote == '\'' && cursor.pass("'") => {
                inner.push("'", start..cursor.at, quoting);
            }
            end if end == quote => {
                inner.push_end(start, quoting);
                return Some((inner, cursor.at));
            }
            '\\' if quote == '"' => {
                let said = escape(&mut cursor)?;
                inner.push(&said, start..cursor.at, quoting);
            }
            '\n' | '\r' => {
                cursor.pass_while(|c| c == '\n' || c == '\r' || c == ' ' || c == '\t');
                let lines = cursor.slice(start..cursor.at).matches('\n').count();
                let said = match lines {
                    0 | 1 => " ".to_owned(),
                    more => "\n".repeat(more - 1),
                };
                inner.push(&said, start..cursor.at, Quoting::Fixed);
            }
            _ => {
                cursor.pass_while(|c| c != quote && c != '\\' && c != '\n' && c != '\r');
                inner.push_passed(&cursor, start, quoting);
            }
        }
    }
}

/// What is behind a backslash: YAML 1.2.2, 5.7.
fn escape(cursor: &mut Cursor<'_>) -> Option<String> {
    let length = match cursor.take()? {
        'n' => return Some("\n".to_owned()),
        't' => return Some("\t".to_owned()),
        'r' => return Some("\r".to_owned()),
        '0' => return Some("\0".to_owned()),
        '\r' | '\n' => {
            cursor.pass_while(|c| c == '\n' || c == ' ' || c == '\t');
            return Some(String::new());
        }
        'x' => 2,
        'u' => 4,
        'U' => 8,
        other => return Some(other.to_string()),
    };
    let start = cursor.at;
    (0..length).try_for_each(|_| cursor.take().map(|_| ()))?;
    let number = u32::from_str_radix(cursor.slice(start..cursor.at), 16).ok()?;
    char::from_u32(number).map(String::from)
}
