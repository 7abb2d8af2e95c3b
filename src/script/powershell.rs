//! The commands of PowerShell.
//!
//! Knows words, both kinds of quotes and their here-strings, comments, lines that a backtick
//! continues, hashtables, and that commands stand inside `(…)`, `$(…)`, `{…}`, also in a string. An
//! expression reads as an odd command, which nobody asks for. Start at [`read`].

use std::ops::Range;

use super::cursor::Cursor;
use super::inner::{HOLE, Inner, Quoting};
use super::{Command, Embedded, Reading, TableEntry, Word, guessed};

const MAX_DEPTH: usize = 64;

/// What ends commands: a bracket, or the text.
type End = Option<char>;

struct Reader<'t> {
    cursor: Cursor<'t>,
    reading: Reading,
    depth: usize,
}

/// Reads a script.
pub(super) fn read(text: &str) -> Reading {
    let mut reader = Reader {
        cursor: Cursor::new(text),
        reading: Reading::default(),
        depth: 0,
    };
    reader.cursor.pass("\u{feff}");
    while !reader.cursor.is_at_end() {
        reader.commands(None);
    }
    reader.reading
}

impl Reader<'_> {
    fn doubt(&mut self, at: usize) {
        self.reading.doubts.push(at);
    }

    /// Passes blanks, continued lines and comments; line ends too, if `lines`.
    fn blanks(&mut self, lines: bool) {
        loop {
            let start = self.cursor.at;
            self.cursor
                .pass_while(|c| c == ' ' || c == '\t' || c == '\r' || (lines && c == '\n'));
            if self.cursor.pass("`\r\n") || self.cursor.pass("`\n") {
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
                self.cursor.pass_until("\n");
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
                '\n' | ';' | '|' | '&' => {
                    // The operator of a call stands in front of what is called.
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
        while let Some(next) = self.cursor.peek() {
            let at = self.cursor.at;
            match next {
                ' ' | '\t' | '\n' | '\r' | ';' | '|' | ')' | '}' | ',' => break,
                '`' if self
                    .cursor
                    .peek_second()
                    .is_none_or(|c| c == '\n' || c == '\r') =>
                {
                    break;
                }
                '`' => {
                    self.cursor.take();
                    let said = self.cursor.at;
                    self.cursor.take();
                    let text = self.cursor.slice(said..self.cursor.at);
                    inner.push(text, at..self.cursor.at, Quoting::PowerShellDouble);
                }
                '@' if matches!(self.cursor.peek_second(), Some('\'' | '"')) && at == start => {
                    self.here_string(&mut inner);
                    break;
                }
                '\'' => {
                    self.cursor.take();
                    self.single_quoted(at, &mut inner);
                }
                '"' => {
                    self.cursor.take();
                    self.double_quoted(at, &mut inner, None);
                }
                '(' | '{' => {
                    self.cursor.take();
                    self.commands(Some(if next == '(' { ')' } else { '}' }));
                    inner.push_hole(at..self.cursor.at);
                }
                '$' => self.variable(&mut inner, Quoting::PowerShellBare),
                HOLE => {
                    self.cursor.take();
                    inner.push_hole(at..self.cursor.at);
                }
                // What is compared or added comes behind blanks; `a=b` sets.
                '=' if inner.text.is_empty() && at == start => {
                    self.cursor.take();
                    inner.push("=", at..self.cursor.at, Quoting::PowerShellBare);
                    break;
                }
                '=' if self.cursor.slice(start..at).starts_with(['$', '[']) => break,
                _ => {
                    self.cursor.take();
                    self.cursor
                        .pass_while(|c| !" \t\n\r;|(){},`'\"$=".contains(c) && c != HOLE);
                    let run = at..self.cursor.at;
                    inner.push(self.cursor.slice(run.clone()), run, Quoting::PowerShellBare);
                }
            }
        }
        if self.cursor.at == start {
            self.cursor.take();
            return None;
        }
        let span = start..self.cursor.at;
        self.embed(&span, &inner);
        Some(Word {
            span,
            inner,
            ..Word::default()
        })
    }

    /// A quoted word may hold a script in another language.
    fn embed(&mut self, span: &Range<usize>, inner: &Inner) {
        let quoted = self
            .cursor
            .slice(span.clone())
            .starts_with(['\'', '"', '@']);
        let language =
            guessed(&inner.text).filter(|_| quoted && inner.text.contains(char::is_whitespace));
        // What a string of PowerShell substitutes is read where it stands.
        let substitutes = self.reading.commands.last();
        let substitutes = substitutes.is_some_and(|command| command.span.start >= span.start);
        if let Some(language) = language.filter(|_| !substitutes) {
            self.reading.embedded.push(Embedded {
                span: span.clone(),
                inner: inner.clone(),
                language,
                doubt: None,
            });
        }
    }

    fn single_quoted(&mut self, open: usize, inner: &mut Inner) {
        loop {
            let at = self.cursor.at;
            if self.cursor.pass("''") {
                inner.push("'", at..self.cursor.at, Quoting::Doubled);
            } else if self.cursor.pass("'") {
                if inner.text.is_empty() {
                    inner.push("", at..at, Quoting::Doubled);
                }
                return;
            } else if self.cursor.is_at_end() {
                self.doubt(open);
                return;
            } else {
                let run = self.cursor.pass_while(|c| c != '\'');
                inner.push(self.cursor.slice(run.clone()), run, Quoting::Doubled);
            }
        }
    }

    /// Reads up to the quote, or to what ends a here-string.
    fn double_quoted(&mut self, open: usize, inner: &mut Inner, here: Option<&str>) {
        loop {
            let at = self.cursor.at;
            if here.is_some_and(|end| self.cursor.starts_with(end)) {
                return;
            }
            match self.cursor.peek() {
                None => {
                    self.doubt(open);
                    return;
                }
                Some('"') if here.is_none() => {
                    self.cursor.take();
                    if !self.cursor.pass("\"") {
                        if inner.text.is_empty() {
                            inner.push("", at..at, Quoting::PowerShellDouble);
                        }
                        return;
                    }
                    inner.push("\"", at..self.cursor.at, Quoting::PowerShellDouble);
                }
                Some('`') => {
                    self.cursor.take();
                    self.cursor.take();
                    let said = self.cursor.slice(at + 1..self.cursor.at);
                    inner.push(said, at..self.cursor.at, Quoting::PowerShellDouble);
                }
                Some('$') => self.variable(inner, Quoting::PowerShellDouble),
                Some(HOLE) => {
                    self.cursor.take();
                    inner.push_hole(at..self.cursor.at);
                }
                Some(_) => {
                    self.cursor.take();
                    if here.is_none() {
                        self.cursor.pass_while(|c| !"\"`$".contains(c) && c != HOLE);
                    } else {
                        self.cursor
                            .pass_while(|c| !"\"`$\n\r".contains(c) && c != HOLE);
                    }
                    let run = at..self.cursor.at;
                    inner.push(
                        self.cursor.slice(run.clone()),
                        run,
                        Quoting::PowerShellDouble,
                    );
                }
            }
        }
    }

    fn here_string(&mut self, inner: &mut Inner) {
        let open = self.cursor.at;
        self.cursor.take();
        let double = self.cursor.take() == Some('"');
        self.cursor.pass_line();
        if double {
            self.double_quoted(open, inner, Some("\n\"@"));
        } else {
            let start = self.cursor.at;
            if !self.cursor.pass_until("\n'@") {
                self.doubt(open);
            }
            let run = start..self.cursor.at;
            inner.push(self.cursor.slice(run.clone()), run, Quoting::Plain);
        }
        self.cursor.pass("\n'@");
        self.cursor.pass("\n\"@");
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
        let single = matches!(self.cursor.peek(), Some(';' | '\n' | '}'));
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
            Some(quote @ ('\'' | '"')) => {
                let open = self.cursor.at;
                let mut inner = Inner::default();
                self.cursor.take();
                match quote {
                    '"' => self.double_quoted(open, &mut inner, None),
                    _ => self.single_quoted(open, &mut inner),
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
                None | Some(';' | '\n' | '}') => return,
                _ => {
                    self.word();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
