//! The commands of a POSIX shell or bash. Source: POSIX.1-2024, Shell Command Language, 2.2 to 2.10.
//!
//! Knows words, quotes, expansions, redirections, comments, here-documents, arrays, `case` and
//! continued lines, and that commands are inside `$(…)`. What backquotes hold is a text of its own,
//! since one more backslash is taken off in it. Of the grammar around commands it knows which words
//! come in front of one. Where a quote or a substitution does not end, all from there on is in doubt.
//! Start at [`read`].

pub(super) mod arguments;
mod here_documents;
mod words;

use self::here_documents::HereDocument;
use super::cursor::Cursor;
use super::inner::{Inner, Quoting};
use super::{Command, Doubt, Reading, Word, is_assignment};

/// Words that come in front of a command.
const LEADING: [&str; 11] = [
    "if", "then", "else", "elif", "while", "until", "do", "!", "{", "}", "coproc",
];

/// The operators of redirections, the longest first; those of process substitution are none.
const REDIRECTIONS: [&str; 12] = [
    "&>>", "<<<", "<<-", "<<", "<>", "<&", ">>", ">&", ">|", "&>", "<", ">",
];

/// Files that set nothing about requests.
const HARMLESS: [&str; 2] = ["/etc/os-release", "/etc/lsb-release"];

/// The programs whose commands are rewritten.
const PROGRAMS: [&str; 3] = ["curl", "wget", "az"];

/// How deep substitutions may nest.
const MAX_DEPTH: usize = 64;

/// How often `((` may turn out to be two brackets, each of which is read twice.
const MAX_RETRIES: usize = 64;

/// What ends a list of commands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ShellEnd {
    Text,
    Parenthesis,
}

struct ShellReader<'t> {
    cursor: Cursor<'t>,
    reading: Reading,
    documents: Vec<HereDocument>,
    depth: usize,
    retries: usize,
    /// Whether the first line names a shell that may know nothing of bash.
    is_sh: bool,
    /// The commands whose output another one reads.
    piped: Vec<usize>,
}

/// A command that is being read.
#[derive(Default)]
struct Open {
    command: Command,
    /// Whether another command's output is its input.
    has_input: bool,
    /// The brackets around it.
    brackets: usize,
    /// What it announced.
    documents: Vec<HereDocument>,
    /// For each `case` around it, whether a pattern comes next.
    cases: Vec<bool>,
}

/// Reads a script.
pub(super) fn read(text: &str) -> Reading {
    let first = text.lines().next().unwrap_or_default();
    let mut reader = ShellReader {
        cursor: Cursor::new(text),
        reading: Reading::default(),
        documents: Vec::new(),
        depth: 0,
        retries: 0,
        is_sh: first.starts_with("#!") && first.contains("sh") && !first.contains("bash"),
        piped: Vec::new(),
    };
    reader.cursor.pass("\u{feff}");
    while !reader.cursor.is_at_end() {
        reader.commands(ShellEnd::Text);
    }
    if let Some(document) = reader.documents.first() {
        reader.reading.doubts.push(document.at);
    }
    let mut reading = reader.reading;
    let commands = std::mem::take(&mut reading.commands);
    for command in &commands {
        let words = command.assignments.iter().chain(&command.words);
        for (name, value) in words.filter_map(|word| word.text().split_once('=')) {
            reading.note_value(name, value);
        }
        reading.embedded.extend(arguments::script(command));
        if arguments::sources(command, &HARMLESS) {
            reading.holds.push((command.span.end, Doubt::Sourced));
        }
    }
    reading.commands = commands;
    reading
}

impl ShellReader<'_> {
    fn doubt(&mut self, at: usize) {
        self.reading.doubts.push(at);
    }

    /// Reads commands up to their end, which is passed.
    fn commands(&mut self, end: ShellEnd) {
        self.depth += 1;
        let mut open = Open::default();
        loop {
            self.cursor
                .pass_while(|c| c == ' ' || c == '\t' || c == '\r');
            if self.cursor.pass("\\\n") || self.cursor.pass("\\\r\n") {
                continue;
            }
            let Some(next) = self.cursor.peek() else {
                if end != ShellEnd::Text {
                    self.doubt(self.cursor.at);
                }
                break;
            };
            match next {
                '#' => self.comment(),
                '\n' | ';' => self.separator(&mut open, next),
                '|' | '&' if !self.cursor.starts_with("&>") => self.operator(&mut open, next),
                '(' if open.command.words.is_empty() && self.cursor.starts_with("((") => {
                    let start = self.cursor.at;
                    self.cursor.pass("((");
                    if !self.arithmetic(start) {
                        self.cursor.pass("(");
                        open.brackets += 1;
                    }
                }
                '(' => {
                    self.finish(&mut open);
                    self.cursor.take();
                    open.brackets += 1;
                }
                ')' => {
                    self.cursor.take();
                    self.finish(&mut open);
                    match open.cases.last_mut() {
                        Some(pattern) if *pattern => {
                            *pattern = false;
                            open.brackets = open.brackets.saturating_sub(1);
                        }
                        _ if open.brackets > 0 => open.brackets -= 1,
                        _ if end == ShellEnd::Parenthesis => break,
                        _ => {}
                    }
                }
                '<' | '>' | '&' => self.redirection(&mut open),
                _ => self.word_of(&mut open),
            }
        }
        self.finish(&mut open);
        self.depth -= 1;
    }

    fn comment(&mut self) {
        let start = self.cursor.at;
        self.cursor.pass_until("\n");
        self.reading.comments.push(start..self.cursor.at);
    }

    /// Passes a line end, `;`, or what ends an item of a `case`.
    fn separator(&mut self, open: &mut Open, next: char) {
        // What is piped may come on the next line.
        let piped = open.has_input && next == '\n' && is_empty(&open.command);
        self.finish(open);
        open.has_input = piped;
        self.cursor.take();
        if next == '\n' {
            self.read_documents();
        } else if (self.cursor.pass(";&") || self.cursor.pass(";") || self.cursor.pass("&"))
            && let Some(pattern) = open.cases.last_mut()
        {
            *pattern = true;
        }
    }

    /// Passes `|`, `||`, `|&`, `&` or `&&`.
    fn operator(&mut self, open: &mut Open, next: char) {
        self.cursor.take();
        let pipes = next == '|' && !self.cursor.pass("|");
        if pipes {
            self.cursor.pass("&");
            if !is_empty(&open.command) {
                self.piped.push(self.reading.commands.len());
            }
        } else if next == '&' {
            self.cursor.pass("&");
        }
        let in_pattern = open.cases.last() == Some(&true);
        self.finish(open);
        open.has_input = pipes && !in_pattern;
    }

    /// Adds a word to a command.
    fn word_of(&mut self, open: &mut Open) {
        let Some(word) = self.word() else {
            return;
        };
        let command = &mut open.command;
        let is_bare = word.inner.is_uniform()
            && word.inner.quoting(0) == Quoting::ShellBare
            && word.span.len() == word.text().len();
        let number = is_bare && word.text().bytes().all(|byte| byte.is_ascii_digit());
        let descriptor = is_bare && word.text().starts_with('{') && word.text().ends_with('}');
        if (number || descriptor) && matches!(self.cursor.peek(), Some('<' | '>')) {
            return;
        }
        let first = is_empty(command);
        if first && is_bare && LEADING.contains(&word.text()) {
            return;
        }
        if first && is_bare && word.text() == "esac" {
            open.cases.pop();
        }
        if first {
            command.span.start = word.span.start;
        }
        command.span.end = word.span.end;
        command.doubt = command.doubt.or(word.doubt);
        let assigns = command.words.is_empty()
            && is_assignment(word.text())
            && word.inner.quoting(0) == Quoting::ShellBare;
        if assigns {
            command.assignments.push(word);
            return;
        }
        command.words.push(word);
        let begins = matches!(command.words.as_slice(), [case, _, word]
            if case.text() == "case" && word.text() == "in");
        if begins {
            self.finish(open);
            open.cases.push(true);
        }
    }

    fn finish(&mut self, open: &mut Open) {
        let mut done = std::mem::take(&mut open.command);
        let index = self.reading.commands.len();
        let announced = open.documents.drain(..);
        self.documents
            .extend(announced.map(|document| HereDocument {
                command: index,
                ..document
            }));
        if !is_empty(&done) {
            done.has_input |= open.has_input;
            done.words.shrink_to_fit();
            self.reading.commands.push(done);
        }
        open.has_input = false;
    }

    /// Passes the rest of `((…))`; `false` where that is two brackets, of which none is passed.
    fn arithmetic(&mut self, start: usize) -> bool {
        let (before, commands) = (self.reading.lengths(), self.reading.commands.len());
        let mut depth = 0usize;
        let mut ignored = Inner::default();
        loop {
            match self.cursor.peek() {
                None => {
                    self.doubt(start);
                    return true;
                }
                Some('$' | '`') => {
                    self.expansion(&mut ignored, Quoting::ShellDouble);
                    continue;
                }
                Some('(') => depth += 1,
                Some(')') if depth > 0 => depth -= 1,
                Some(')') if self.cursor.pass("))") => return true,
                Some(')') => break,
                Some('\\') => {
                    self.cursor.take();
                }
                Some(_) => {}
            }
            self.cursor.take();
        }
        self.retries += 1;
        if self.retries > MAX_RETRIES {
            self.doubt(start);
            self.cursor.at = self.cursor.text.len();
            return true;
        }
        self.piped.retain(|command| *command < commands);
        self.reading.truncate(before);
        self.cursor.at = start;
        false
    }

    /// Passes a redirection with its target, or a process substitution, which is a word.
    fn redirection(&mut self, open: &mut Open) {
        let start = self.cursor.at;
        if self.cursor.pass("<(") || self.cursor.pass(">(") {
            if self.depth < MAX_DEPTH {
                self.commands(ShellEnd::Parenthesis);
            }
            let mut inner = Inner::default();
            inner.push_hole(start..self.cursor.at);
            open.command
                .words
                .push(Word::new(start..self.cursor.at, inner, None));
            open.command.span.end = self.cursor.at;
            return;
        }
        let operator = REDIRECTIONS
            .into_iter()
            .find(|operator| self.cursor.pass(operator));
        let Some(operator) = operator else {
            self.cursor.take();
            return;
        };
        open.command.has_input |= operator.starts_with('<');
        self.cursor.pass_while(|c| c == ' ' || c == '\t');
        let ends = self.cursor.peek().is_none_or(|c| "\n;&|<>()".contains(c));
        let target = if ends { None } else { self.word() };
        // A program that the script writes may come in front of the one of that name.
        let name = target
            .as_ref()
            .and_then(|file| file.text().rsplit('/').next());
        if operator.starts_with('>') && name.is_some_and(|name| PROGRAMS.contains(&name)) {
            self.reading.holds.push((start, Doubt::Renamed));
        }
        let Some(target) = target.filter(|_| matches!(operator, "<<" | "<<-")) else {
            return;
        };
        let quoted = target.span.len() != target.text().len()
            || (0..target.text().len()).any(|at| target.inner.quoting(at) != Quoting::ShellBare);
        open.documents.push(HereDocument {
            at: start,
            delimiter: target.text().to_owned(),
            quoted,
            strips_tabs: operator == "<<-",
            command: 0,
        });
    }
}

fn is_empty(command: &Command) -> bool {
    command.words.is_empty() && command.assignments.is_empty()
}
