//! The commands of PowerShell.
//!
//! Knows words, both kinds of quotes and their here-strings, comments, lines that a backtick
//! continues, hashtables, and that commands are inside `(…)`, `$(…)`, `{…}`, also in a string. An
//! expression reads as an odd command, which nobody asks for. Start at [`read`].

mod readers;
mod strings;

use std::ops::Range;

use super::cursor::Cursor;
use super::inner::{HOLE, Inner, Quoting};
use super::{Command, Doubt, Embedded, Reading, TableEntry, Word, guessed};

use readers::Variables;

const MAX_DEPTH: usize = 64;

/// What ends commands: a bracket, or the text.
type End = Option<char>;

struct PowerShellReader<'t> {
    cursor: Cursor<'t>,
    reading: Reading,
    variables: Variables,
    depth: usize,
}

/// What parts words: the tokenizer of PowerShell takes every blank of Unicode for one.
fn is_blank(c: char) -> bool {
    c.is_whitespace() && !is_line_end(c)
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// The apostrophes that quote: typographic ones too, and each ends what another began.
fn is_single_quote(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}'..='\u{201b}')
}

fn is_double_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201c}'..='\u{201e}')
}

fn is_quote(c: char) -> bool {
    is_single_quote(c) || is_double_quote(c)
}

/// Reads a script.
pub(super) fn read(text: &str) -> Reading {
    let mut reader = PowerShellReader {
        cursor: Cursor::new(text),
        reading: Reading::default(),
        variables: Variables::default(),
        depth: 0,
    };
    reader.cursor.pass("\u{feff}");
    while !reader.cursor.is_at_end() {
        reader.commands(None);
    }
    readers::name(text, &mut reader.reading, &reader.variables);
    reader.reading
}

impl PowerShellReader<'_> {
    fn doubt(&mut self, at: usize) {
        self.reading.doubts.push(at);
    }

    /// Passes blanks, continued lines and comments; line ends too, if `lines`.
    fn blanks(&mut self, lines: bool) {
        loop {
            let start = self.cursor.at;
            self.cursor
                .pass_while(|c| is_blank(c) || (lines && is_line_end(c)));
            if ["`\r\n", "`\n", "`\r"]
                .iter()
                .any(|end| self.cursor.pass(end))
            {
                continue;
            }
            if self.cursor.pass("<#") {
                if !self.cursor.pass_until("#>") {
                    self.doubt(start);
                }
                self.cursor.pass("#>");
                self.reading.comments.push(start..self.cursor.at);
            } else if self.cursor.starts_with("#") {
                let from = self.cursor.at;
                self.cursor.pass_while(|c| !is_line_end(c));
                self.reading.comments.push(from..self.cursor.at);
            } else if self.cursor.at == start {
                return;
            }
        }
    }

    /// Reads commands up to their end, which is passed.
    fn commands(&mut self, end: End) {
        self.depth += 1;
        let mut command = Command::default();
        let mut piped = false;
        loop {
            self.blanks(false);
            let Some(next) = self.cursor.peek() else {
                if end.is_some() {
                    self.doubt(self.cursor.at);
                }
                break;
            };
            match next {
                '\n' | '\r' | ';' | '|' | '&' => {
                    // The operator of a call is in front of what is called.
                    let calls = next == '&' && command.words.is_empty();
                    self.cursor.take();
                    if !calls {
                        self.finish(&mut command, &mut piped);
                        piped = next == '|';
                    }
                }
                ')' | '}' | ']' if Some(next) == end => {
                    self.cursor.take();
                    break;
                }
                ')' | '}' | ',' | '>' | '<' => {
                    self.cursor.take();
                }
                _ => self.word_of(&mut command, &mut piped),
            }
        }
        self.finish(&mut command, &mut piped);
        self.depth -= 1;
    }

    fn word_of(&mut self, command: &mut Command, piped: &mut bool) {
        let Some(word) = self.word() else {
            return;
        };
        let assigns = word.is_any(&["=", "+="])
            && command.words.len() <= 2
            && command.words.first().is_some_and(|first| {
                self.cursor
                    .slice(first.span.clone())
                    .starts_with(['$', '['])
            });
        if command.words.is_empty() {
            command.span.start = word.span.start;
        }
        command.span.end = word.span.end;
        command.words.push(word);
        if assigns {
            if let Some(first) = command.words.first() {
                let target = self.cursor.slice(first.span.clone());
                self.variables.assign(target, self.cursor.at);
            }
            self.finish(command, piped);
        }
    }

    fn finish(&mut self, command: &mut Command, piped: &mut bool) {
        let mut done = std::mem::take(command);
        const LEADING: [&str; 5] = ["return", "throw", "else", "try", "do"];
        while done.words.first().is_some_and(|word| word.is_any(&LEADING)) {
            done.words.remove(0);
        }
        if let Some(first) = done.words.first() {
            done.span.start = first.span.start;
            done.has_input = *piped;
            done.words.shrink_to_fit();
            done.doubt = done.words.iter().find_map(|word| word.doubt);
            self.reading.commands.push(done);
        }
        *piped = false;
    }

    /// Reads a word; `None` where none starts, and one character is passed then.
    fn word(&mut self) -> Option<Word> {
        let start = self.cursor.at;
        let mut inner = Inner::default();
        if self.depth >= MAX_DEPTH {
            self.doubt(start);
            self.cursor.at = self.cursor.text.len();
            return None;
        }
        if self.cursor.starts_with("@{") {
            let table = self.table();
            inner.push_hole(start..self.cursor.at);
            return Some(Word {
                span: start..self.cursor.at,
                inner,
                table,
                doubt: None,
            });
        }
        let first = self.cursor.peek();
        let is_expression = first.is_some_and(|c| "$[(@{".contains(c) || is_quote(c));
        let mut doubt = None;
        // A string or a bracket that the word starts with is all of it, but for its members.
        let mut is_whole = false;
        while let Some(next) = self.cursor.peek() {
            let at = self.cursor.at;
            if std::mem::take(&mut is_whole) {
                if !(matches!(next, '.' | '[') || self.cursor.starts_with("::")) {
                    break;
                }
                doubt = first.filter(|c| is_quote(*c)).map(|_| Doubt::Piece);
            }
            match next {
                _ if next.is_whitespace() || ";|&<>)},".contains(next) => break,
                '`' if self.cursor.peek_second().is_none_or(is_line_end) => break,
                '`' => self.escape(&mut inner),
                '@' if self.starts_here_string() => {
                    self.here_string(&mut inner);
                    is_whole = true;
                }
                _ if is_single_quote(next) => {
                    self.cursor.take();
                    self.single_quoted(at, &mut inner);
                    is_whole = at == start;
                }
                _ if is_double_quote(next) => {
                    self.cursor.take();
                    self.double_quoted(at, &mut inner, false);
                    is_whole = at == start;
                }
                '(' | '{' if is_expression => {
                    self.cursor.take();
                    self.commands(Some(if next == '(' { ')' } else { '}' }));
                    inner.push_hole(at..self.cursor.at);
                    is_whole = true;
                }
                // A bracket behind a bare word starts another argument.
                '(' | '{' => break,
                '$' => {
                    self.variable(&mut inner, Quoting::PowerShellBare);
                    if self.cursor.starts_with("#") {
                        // A comment behind an expression, and a part of an argument.
                        self.doubt(at);
                        break;
                    }
                }
                HOLE => inner.take_hole(&mut self.cursor),
                // What is compared or added comes behind blanks; `a=b` sets.
                '+' | '=' if at == start && (self.cursor.pass("+=") || self.cursor.pass("=")) => {
                    let sign = self.cursor.slice(at..self.cursor.at);
                    inner.push(sign, at..self.cursor.at, Quoting::PowerShellBare);
                    break;
                }
                '+' | '=' if matches!(first, Some('$' | '[')) => {
                    if next == '=' || self.cursor.starts_with("+=") {
                        break;
                    }
                    self.cursor.take();
                    inner.push("+", at..self.cursor.at, Quoting::PowerShellBare);
                }
                _ => {
                    self.cursor.take();
                    self.cursor.pass_while(|c| {
                        let ends = c.is_whitespace() || is_quote(c) || c == HOLE;
                        !ends && !";|&<>(){},`$=+@".contains(c)
                    });
                    inner.push_passed(&self.cursor, at, Quoting::PowerShellBare);
                }
            }
        }
        if self.cursor.at == start {
            self.cursor.take();
            return None;
        }
        let span = start..self.cursor.at;
        self.embed(&span, &inner, doubt);
        Some(Word::new(span, inner, doubt))
    }

    /// A quoted word may hold a script in another language.
    fn embed(&mut self, span: &Range<usize>, inner: &Inner, doubt: Option<Doubt>) {
        let written = self.cursor.slice(span.clone());
        let cast = written
            .starts_with('[')
            .then(|| written.find("]@"))
            .flatten();
        let quoted = cast.is_some() || written.starts_with(|c| c == '@' || is_quote(c));
        let language =
            guessed(&inner.text).filter(|_| quoted && inner.text.contains(char::is_whitespace));
        // What a string of PowerShell substitutes is read where it is.
        let substitutes = self.reading.commands.last();
        let substitutes = substitutes.is_some_and(|command| command.span.start >= span.start);
        if let Some(language) = language.filter(|_| !substitutes) {
            self.reading
                .embedded
                .push(Embedded::new(span.clone(), inner.clone(), language, doubt));
        }
    }

    /// Reads what `$` starts.
    fn variable(&mut self, inner: &mut Inner, quoting: Quoting) {
        let start = self.cursor.at;
        self.cursor.take();
        match self.cursor.peek() {
            Some('(') if self.depth < MAX_DEPTH => {
                self.cursor.take();
                self.commands(Some(')'));
            }
            Some('{') => {
                self.cursor.pass_until("}");
                self.cursor.pass("}");
            }
            Some(name) if name.is_alphanumeric() || "_?^$".contains(name) => {
                self.cursor.take();
                self.cursor.pass_while(|c| c.is_alphanumeric() || c == '_');
                if self.cursor.peek() == Some(':')
                    && self
                        .cursor
                        .peek_second()
                        .is_some_and(|c| c.is_alphanumeric() || c == '_')
                {
                    self.cursor.take();
                    self.cursor.pass_while(|c| c.is_alphanumeric() || c == '_');
                }
            }
            _ => {
                inner.push("$", start..self.cursor.at, quoting);
                return;
            }
        }
        let in_string = quoting == Quoting::PowerShellDouble;
        self.variables.note(start..self.cursor.at, in_string);
        inner.push_hole(start..self.cursor.at);
    }

    /// Reads `@{…}`; `None` where it holds something else than keys and single values.
    fn table(&mut self) -> Option<Vec<TableEntry>> {
        let start = self.cursor.at;
        self.cursor.pass("@{");
        self.depth += 1;
        let mut entries = Some(Vec::new());
        loop {
            self.blanks(true);
            if self.cursor.pass(";") {
                continue;
            }
            if self.cursor.pass("}") {
                break;
            }
            if self.cursor.is_at_end() {
                self.doubt(start);
                entries = None;
                break;
            }
            let entry = self.entry();
            match (entry, entries.as_mut()) {
                (Some(entry), Some(entries)) => entries.push(entry),
                _ => entries = None,
            }
        }
        self.depth -= 1;
        entries
    }

    fn entry(&mut self) -> Option<TableEntry> {
        let start = self.cursor.at;
        let key = self.key();
        self.blanks(false);
        if !self.cursor.pass("=") {
            self.rest_of_entry();
            return None;
        }
        self.blanks(true);
        let value = self.word();
        self.blanks(false);
        // One value, and no operator behind it.
        let single = matches!(self.cursor.peek(), Some(';' | '\n' | '\r' | '}'));
        if !single {
            self.rest_of_entry();
        }
        Some(TableEntry {
            key: key?,
            span: start..value.as_ref()?.span.end,
            value: value.filter(|_| single)?,
        })
    }

    fn key(&mut self) -> Option<String> {
        match self.cursor.peek() {
            Some(quote) if is_quote(quote) => {
                let open = self.cursor.at;
                let mut inner = Inner::default();
                self.cursor.take();
                if is_double_quote(quote) {
                    self.double_quoted(open, &mut inner, false);
                } else {
                    self.single_quoted(open, &mut inner);
                }
                (!inner.text.contains(HOLE)).then_some(inner.text)
            }
            _ => {
                let run = self
                    .cursor
                    .pass_while(|c| c.is_alphanumeric() || c == '_' || c == '-');
                (!run.is_empty()).then(|| self.cursor.slice(run).to_owned())
            }
        }
    }

    /// Passes what is not understood of an entry.
    fn rest_of_entry(&mut self) {
        loop {
            self.blanks(false);
            match self.cursor.peek() {
                None | Some(';' | '\n' | '\r' | '}') => return,
                _ => {
                    self.word();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
