//! The commands of a POSIX shell or bash.
//!
//! Knows words, quotes, expansions, comments, here-documents and continued lines, and that commands
//! stand inside `$(…)` and backticks. Of the grammar around them it knows which words come in front
//! of a command; a `case` pattern or an arithmetic expression reads as odd commands, which nobody
//! asks for. Where a quote or a substitution does not end, all from there on is in doubt. Start at
//! [`read`].

mod here_documents;

use self::here_documents::HereDocument;
use super::cursor::Cursor;
use super::inner::{HOLE, Inner, Quoting};
use super::language::interpreter;
use super::{Command, Embedded, Reading, Word, is_assignment};

/// Words that come in front of a command.
const LEADING: [&str; 11] = [
    "if", "then", "else", "elif", "while", "until", "do", "!", "{", "}", "coproc",
];

/// How deep substitutions may stand in each other.
const MAX_DEPTH: usize = 64;

/// What ends a list of commands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Text,
    Parenthesis,
    Backtick,
}

struct Reader<'t> {
    cursor: Cursor<'t>,
    reading: Reading,
    documents: Vec<HereDocument>,
    depth: usize,
    /// Whether a backtick ends the commands that are being read.
    in_backticks: bool,
}

/// Reads a script.
pub(super) fn read(text: &str) -> Reading {
    let mut reader = Reader {
        cursor: Cursor::new(text),
        reading: Reading::default(),
        documents: Vec::new(),
        depth: 0,
        in_backticks: false,
    };
    reader.cursor.pass("\u{feff}");
    while !reader.cursor.is_at_end() {
        reader.commands(End::Text);
    }
    let mut reading = reader.reading;
    let arguments: Vec<Embedded> = reading.commands.iter().filter_map(argument).collect();
    reading.embedded.extend(arguments);
    reading
}

/// The script that a command gives to a shell as an argument.
fn argument(command: &Command) -> Option<Embedded> {
    let command = command.unwrapped();
    let language = interpreter(command.name()?)?;
    let flag = command
        .words
        .iter()
        .position(|word| word.is_any(&["-c", "-lc", "-ec", "-xc", "-command", "/c"]))?;
    let word = command.words.get(flag + 1)?;
    Some(Embedded {
        span: word.span.clone(),
        inner: word.inner.clone(),
        language,
    })
}

impl Reader<'_> {
    fn doubt(&mut self, at: usize) {
        self.reading.doubts.push(at);
    }

    /// Reads commands up to their end, which is passed.
    fn commands(&mut self, end: End) {
        self.depth += 1;
        let outside = std::mem::replace(&mut self.in_backticks, end == End::Backtick);
        let mut open = 0usize;
        let mut command = Command::default();
        let mut piped = false;
        loop {
            self.cursor
                .pass_while(|c| c == ' ' || c == '\t' || c == '\r');
            if self.cursor.pass("\\\n") || self.cursor.pass("\\\r\n") {
                continue;
            }
            let Some(next) = self.cursor.peek() else {
                if end != End::Text {
                    self.doubt(self.cursor.at);
                }
                break;
            };
            match next {
                '#' => {
                    let start = self.cursor.at;
                    self.cursor.pass_until("\n");
                    self.reading.comments.push(start..self.cursor.at);
                }
                '\n' | ';' => {
                    self.finish(&mut command, &mut piped);
                    self.cursor.take();
                    if next == '\n' {
                        self.read_documents();
                    }
                }
                '|' | '&' if !self.cursor.starts_with("&>") => {
                    self.finish(&mut command, &mut piped);
                    self.cursor.take();
                    let doubled = self.cursor.peek() == Some(next);
                    if doubled {
                        self.cursor.take();
                    }
                    piped = next == '|' && !doubled;
                }
                '(' if command.words.is_empty() && self.cursor.starts_with("((") => {
                    self.arithmetic();
                }
                '(' => {
                    self.finish(&mut command, &mut piped);
                    self.cursor.take();
                    open += 1;
                }
                ')' => {
                    self.cursor.take();
                    self.finish(&mut command, &mut piped);
                    match open.checked_sub(1) {
                        Some(left) => open = left,
                        None if end == End::Parenthesis => break,
                        // The pattern of a case.
                        None => {}
                    }
                }
                '`' if end == End::Backtick => {
                    self.cursor.take();
                    break;
                }
                '<' | '>' | '&' => self.redirection(&mut command),
                _ => self.word_of(&mut command),
            }
        }
        self.finish(&mut command, &mut piped);
        self.in_backticks = outside;
        self.depth -= 1;
    }

    /// Adds a word to a command.
    fn word_of(&mut self, command: &mut Command) {
        let Some(word) = self.word() else {
            return;
        };
        let is_bare = word.inner.is_uniform()
            && word.inner.quoting(0) == Quoting::ShellBare
            && word.span.len() == word.text().len();
        let number = is_bare && word.text().bytes().all(|byte| byte.is_ascii_digit());
        if number && matches!(self.cursor.peek(), Some('<' | '>')) {
            return;
        }
        let first = command.words.is_empty() && command.assignments.is_empty();
        if first && is_bare && LEADING.contains(&word.text()) {
            return;
        }
        if first {
            command.span.start = word.span.start;
        }
        command.span.end = word.span.end;
        if command.words.is_empty()
            && is_assignment(word.text())
            && word.inner.quoting(0) == Quoting::ShellBare
        {
            command.assignments.push(word);
        } else {
            command.words.push(word);
        }
    }

    fn finish(&mut self, command: &mut Command, piped: &mut bool) {
        let mut done = std::mem::take(command);
        if !done.words.is_empty() || !done.assignments.is_empty() {
            done.has_input |= *piped;
            self.reading.commands.push(done);
        }
        *piped = false;
    }

    /// Passes `((…))`.
    fn arithmetic(&mut self) {
        let start = self.cursor.at;
        if !self.cursor.pass_until("))") {
            self.doubt(start);
        }
        self.cursor.pass("))");
    }

    /// Passes a redirection with its target.
    fn redirection(&mut self, command: &mut Command) {
        let start = self.cursor.at;
        if self.cursor.starts_with("<(") || self.cursor.starts_with(">(") {
            self.cursor.at += 2;
            if self.depth < MAX_DEPTH {
                self.commands(End::Parenthesis);
            }
            let mut inner = Inner::default();
            inner.push_hole(start..self.cursor.at);
            command.words.push(Word {
                span: start..self.cursor.at,
                inner,
                table: None,
            });
            command.span.end = self.cursor.at;
            return;
        }
        let here = self.cursor.starts_with("<<") && !self.cursor.starts_with("<<<");
        let strips_tabs = self.cursor.starts_with("<<-");
        let operator = self.cursor.pass_while(|c| "<>&|-".contains(c));
        command.has_input |= self.cursor.slice(operator).contains('<');
        self.cursor.pass_while(|c| c == ' ' || c == '\t');
        let target = self.word();
        let Some(target) = target.filter(|_| here) else {
            return;
        };
        let quoted = (0..target.text().len())
            .any(|at| target.inner.quoting(at) != Quoting::ShellBare)
            || target.span.len() != target.text().len();
        self.documents.push(HereDocument {
            delimiter: target.text().to_owned(),
            quoted,
            strips_tabs,
            command: self.reading.commands.len(),
        });
    }

    /// Reads a word; `None` where none starts, and one character is passed then.
    fn word(&mut self) -> Option<Word> {
        let start = self.cursor.at;
        let mut inner = Inner::default();
        while let Some(next) = self.cursor.peek() {
            let at = self.cursor.at;
            match next {
                ' ' | '\t' | '\n' | '\r' | ';' | '&' | '|' | '<' | '>' | ')' => break,
                // The list of an array.
                '(' if inner.text.ends_with('=') && self.depth < MAX_DEPTH => {
                    self.cursor.take();
                    self.commands(End::Parenthesis);
                    inner.push_hole(at..self.cursor.at);
                }
                '(' => break,
                '`' if self.in_backticks => break,
                '\\' => {
                    self.cursor.take();
                    let said = self.cursor.at;
                    match self.cursor.take() {
                        Some('\n') => {}
                        Some('\r') if self.cursor.pass("\n") => {}
                        _ => inner.push(
                            self.cursor.slice(said..self.cursor.at),
                            at..self.cursor.at,
                            Quoting::ShellBare,
                        ),
                    }
                }
                '\'' => {
                    self.cursor.take();
                    let said = self.cursor.at;
                    if !self.cursor.pass_until("'") {
                        self.doubt(at);
                    }
                    let range = said..self.cursor.at;
                    inner.push(
                        self.cursor.slice(range.clone()),
                        range,
                        Quoting::ShellSingle,
                    );
                    self.cursor.pass("'");
                }
                '"' => {
                    self.cursor.take();
                    self.double_quoted(at, &mut inner);
                }
                '$' | '`' => self.expansion(&mut inner, Quoting::ShellBare),
                HOLE => {
                    self.cursor.take();
                    inner.push_hole(at..self.cursor.at);
                }
                _ => {
                    let run = self
                        .cursor
                        .pass_while(|c| !" \t\n\r;&|<>()\\'\"$`".contains(c) && c != HOLE);
                    let said = self.cursor.slice(run.clone());
                    inner.push(said, run, Quoting::ShellBare);
                }
            }
        }
        if self.cursor.at == start {
            self.cursor.take();
            return None;
        }
        Some(Word {
            span: start..self.cursor.at,
            inner,
            table: None,
        })
    }

    /// Reads up to the quote that ends what started at `open`.
    fn double_quoted(&mut self, open: usize, inner: &mut Inner) {
        loop {
            let at = self.cursor.at;
            match self.cursor.peek() {
                None => {
                    self.doubt(open);
                    return;
                }
                Some('"') => {
                    self.cursor.take();
                    // Nothing was said, but there is a word.
                    if inner.text.is_empty() {
                        inner.push("", at..at, Quoting::ShellDouble);
                    }
                    return;
                }
                Some('\\') => {
                    self.cursor.take();
                    match self.cursor.peek() {
                        Some('\n') => {
                            self.cursor.take();
                        }
                        Some(escaped) if "$`\"\\".contains(escaped) => {
                            self.cursor.take();
                            let said = self.cursor.slice(at + 1..self.cursor.at);
                            inner.push(said, at..self.cursor.at, Quoting::ShellDouble);
                        }
                        _ => inner.push("\\", at..self.cursor.at, Quoting::ShellDouble),
                    }
                }
                Some('$' | '`') => self.expansion(inner, Quoting::ShellDouble),
                Some(HOLE) => {
                    self.cursor.take();
                    inner.push_hole(at..self.cursor.at);
                }
                Some(_) => {
                    let run = self
                        .cursor
                        .pass_while(|c| !"\"\\$`".contains(c) && c != HOLE);
                    let said = self.cursor.slice(run.clone());
                    inner.push(said, run, Quoting::ShellDouble);
                }
            }
        }
    }

    /// Reads what `$` or a backtick starts.
    fn expansion(&mut self, inner: &mut Inner, quoting: Quoting) {
        let start = self.cursor.at;
        if self.depth >= MAX_DEPTH {
            self.doubt(start);
            self.cursor.at = self.cursor.text.len();
            return;
        }
        if self.cursor.pass("`") {
            self.commands(End::Backtick);
        } else if self.cursor.pass("$((") {
            if !self.cursor.pass_until("))") {
                self.doubt(start);
            }
            self.cursor.pass("))");
        } else if self.cursor.pass("$(") {
            self.commands(End::Parenthesis);
        } else if self.cursor.pass("${") {
            self.depth += 1;
            self.braces(start);
            self.depth -= 1;
        } else if quoting == Quoting::ShellBare && self.cursor.pass("$'") {
            loop {
                match self.cursor.take() {
                    Some('\\') => {
                        self.cursor.take();
                    }
                    Some('\'') => break,
                    Some(_) => {}
                    None => {
                        self.doubt(start);
                        break;
                    }
                }
            }
        } else {
            self.cursor.take();
            match self.cursor.peek() {
                Some(name) if name.is_ascii_alphabetic() || name == '_' => {
                    self.cursor
                        .pass_while(|c| c.is_ascii_alphanumeric() || c == '_');
                }
                Some(one) if one.is_ascii_digit() || "@*#?-$!".contains(one) => {
                    self.cursor.take();
                }
                _ => {
                    inner.push("$", start..self.cursor.at, quoting);
                    return;
                }
            }
        }
        inner.push_hole(start..self.cursor.at);
    }

    /// Passes the rest of `${…}`.
    fn braces(&mut self, start: usize) {
        let mut open = 1;
        while open > 0 {
            match self.cursor.take() {
                Some('\\') => {
                    self.cursor.take();
                }
                Some('{')
                    if self
                        .cursor
                        .text
                        .get(..self.cursor.at - 1)
                        .is_some_and(|t| t.ends_with('$')) =>
                {
                    open += 1
                }
                Some('}') => open -= 1,
                Some('"') => {
                    let mut ignored = Inner::default();
                    self.double_quoted(start, &mut ignored);
                }
                Some(_) => {}
                None => {
                    self.doubt(start);
                    return;
                }
            }
        }
    }
}
