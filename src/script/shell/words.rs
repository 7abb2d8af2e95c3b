//! Words of a shell: quotes and expansions. Source: POSIX.1-2024, Shell Command Language, 2.2 and 2.6.
//!
//! Start at [`ShellReader::word`].

use super::{MAX_DEPTH, ShellEnd, ShellReader};
use crate::script::inner::{HOLE, Inner, Quoting};
use crate::script::{Command, Doubt, Embedded, Language, Word};

/// What an unquoted value may follow and be a part of the word's own value: `resource=$R`.
const JOINTS: &str = "=/:._-";

impl ShellReader<'_> {
    /// Reads a word; `None` where none starts, and one character is passed then.
    pub(super) fn word(&mut self) -> Option<Word> {
        let start = self.cursor.at;
        let mut inner = Inner::default();
        let mut doubt = None;
        // How far a brace expansion was read: the bracket, what parts it, its end.
        let mut braces = 0;
        while let Some(next) = self.cursor.peek() {
            let at = self.cursor.at;
            match next {
                ' ' | '\t' | '\n' | '\r' | ';' | '&' | '|' | '<' | '>' | ')' => break,
                '(' if inner.text.ends_with('=') && self.depth < MAX_DEPTH => {
                    self.cursor.take();
                    self.array();
                    inner.push_hole(at..self.cursor.at);
                }
                '(' => break,
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
                '\'' => self.single_quoted(&mut inner),
                '"' => {
                    self.cursor.take();
                    doubt = doubt.or(self.double_quoted(at, &mut inner));
                }
                // Quotes of a text that may be translated.
                '$' if self.cursor.starts_with("$\"") => {
                    doubt = doubt.or(self.is_sh.then_some(Doubt::Dialect));
                    self.cursor.take();
                }
                '$' if self.cursor.starts_with("$'") => {
                    doubt = doubt.or(self.is_sh.then_some(Doubt::Dialect));
                    self.ansi_quoted(&mut inner);
                }
                '$' | '`' => {
                    let joins =
                        inner.text.is_empty() || inner.text.ends_with(|c| JOINTS.contains(c));
                    let plain = inner
                        .last_quoting()
                        .is_none_or(|last| last == Quoting::ShellBare);
                    let holes = inner.holes().count();
                    self.expansion(&mut inner, Quoting::ShellBare);
                    let is_unknown = inner.holes().count() > holes && !(joins && plain);
                    doubt = doubt.or(is_unknown.then_some(Doubt::Glued));
                }
                HOLE => {
                    let joins =
                        inner.text.is_empty() || inner.text.ends_with(|c| JOINTS.contains(c));
                    doubt = doubt.or((!joins).then_some(Doubt::Glued));
                    inner.take_hole(&mut self.cursor);
                }
                _ => {
                    let run = self
                        .cursor
                        .pass_while(|c| !" \t\n\r;&|<>()\\'\"$`".contains(c) && c != HOLE);
                    let said = self.cursor.slice(run.clone());
                    let mut last = ' ';
                    for character in said.chars() {
                        braces = match (braces, character) {
                            (0, '{') => 1,
                            (1, ',') => 2,
                            (1, '.') if last == '.' => 2,
                            (2, '}') => 3,
                            _ => braces,
                        };
                        last = character;
                    }
                    inner.push(said, run, Quoting::ShellBare);
                }
            }
        }
        if self.cursor.at == start {
            self.cursor.take();
            return None;
        }
        Some(Word::new(
            start..self.cursor.at,
            inner,
            doubt.or((braces == 3).then_some(Doubt::Several)),
        ))
    }

    /// Reads the elements of an array as a command, which is in doubt: more may be added to it.
    fn array(&mut self) {
        self.depth += 1;
        let mut command = Command {
            doubt: Some(Doubt::Array),
            ..Command::default()
        };
        loop {
            self.cursor.pass_while(|c| " \t\r\n".contains(c));
            match self.cursor.peek() {
                None => {
                    self.doubt(self.cursor.at);
                    break;
                }
                Some(')') => {
                    self.cursor.take();
                    break;
                }
                Some('#') => self.comment(),
                Some('\\') if self.cursor.pass("\\\n") => {}
                Some(_) => command.words.extend(self.word()),
            }
        }
        self.depth -= 1;
        if let (Some(first), Some(last)) = (command.words.first(), command.words.last()) {
            command.span = first.span.start..last.span.end;
            self.reading.commands.push(command);
        }
    }

    fn single_quoted(&mut self, inner: &mut Inner) {
        let open = self.cursor.at;
        self.cursor.take();
        let said = self.cursor.at;
        if !self.cursor.pass_until("'") {
            self.doubt(open);
        }
        let range = said..self.cursor.at;
        let text = self.cursor.slice(range.clone());
        inner.push(text, range, Quoting::ShellSingle);
        self.cursor.pass("'");
    }

    /// Reads `$'…'` of bash.
    fn ansi_quoted(&mut self, inner: &mut Inner) {
        let open = self.cursor.at;
        self.cursor.pass("$'");
        loop {
            let at = self.cursor.at;
            match self.cursor.take() {
                None => return self.doubt(open),
                Some('\'') => {
                    inner.push_end(at, Quoting::AnsiC);
                    return;
                }
                Some('\\') => {
                    let said = match self.cursor.take() {
                        Some('n') => Some("\n"),
                        Some('t') => Some("\t"),
                        Some('r') => Some("\r"),
                        Some('\\' | '\'' | '"' | '?') => self.cursor.slice(at + 1..at + 2).into(),
                        // A number of a character, or one that a key makes.
                        Some('c') => {
                            self.cursor.take();
                            None
                        }
                        _ => {
                            self.cursor.pass_while(|c| c.is_ascii_hexdigit());
                            None
                        }
                    };
                    match said {
                        Some(said) => inner.push(said, at..self.cursor.at, Quoting::AnsiC),
                        None => inner.push_hole(at..self.cursor.at),
                    }
                }
                Some(_) => {
                    self.cursor.pass_while(|c| c != '\'' && c != '\\');
                    inner.push_passed(&self.cursor, at, Quoting::AnsiC);
                }
            }
        }
    }

    /// Reads up to the quote that ends what started at `open`; gives what is in doubt of it.
    pub(super) fn double_quoted(&mut self, open: usize, inner: &mut Inner) -> Option<Doubt> {
        let mut doubt = None;
        loop {
            let at = self.cursor.at;
            match self.cursor.peek() {
                None => {
                    self.doubt(open);
                    return doubt;
                }
                Some('"') => {
                    self.cursor.take();
                    // Nothing was said, but there is a word; and what follows is no part of the quotes.
                    inner.push("", at..at, Quoting::ShellDouble);
                    return doubt;
                }
                Some('\\') if self.cursor.pass("\\\n") => {}
                Some('\\') => self.backslash("$`\"\\", inner, Quoting::ShellDouble),
                Some('$' | '`') => {
                    self.expansion(inner, Quoting::ShellDouble);
                    let written = self.cursor.slice(at..self.cursor.at);
                    let is_list = written == "$@" || written.contains("[@]") || written == "${@}";
                    doubt = doubt.or(is_list.then_some(Doubt::Several));
                }
                Some(HOLE) => inner.take_hole(&mut self.cursor),
                Some(_) => {
                    self.cursor
                        .pass_while(|c| !"\"\\$`".contains(c) && c != HOLE);
                    inner.push_passed(&self.cursor, at, Quoting::ShellDouble);
                }
            }
        }
    }

    /// Reads a backslash, which quotes only what is special there.
    pub(super) fn backslash(&mut self, special: &str, inner: &mut Inner, quoting: Quoting) {
        let at = self.cursor.at;
        self.cursor.take();
        let quotes = self.cursor.peek().is_some_and(|c| special.contains(c));
        let said = if quotes { self.cursor.at } else { at };
        if quotes {
            self.cursor.take();
        }
        let said = self.cursor.slice(said..self.cursor.at);
        inner.push(said, at..self.cursor.at, quoting);
    }

    /// Reads what `$` or a backquote starts.
    pub(super) fn expansion(&mut self, inner: &mut Inner, quoting: Quoting) {
        let start = self.cursor.at;
        if self.depth >= MAX_DEPTH {
            self.doubt(start);
            self.cursor.at = self.cursor.text.len();
            return;
        }
        if self.cursor.pass("`") {
            self.backquoted(start, quoting);
        } else if self.cursor.pass("$((") {
            self.depth += 1;
            if !self.arithmetic(start) {
                self.cursor.pass("$(");
                self.commands(ShellEnd::Parenthesis);
            }
            self.depth -= 1;
        } else if self.cursor.pass("$(") {
            self.commands(ShellEnd::Parenthesis);
        } else if self.cursor.pass("${") {
            self.depth += 1;
            self.braces(start, quoting);
            self.depth -= 1;
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

    /// Reads the rest of a substitution in backquotes, a text with one more backslash: POSIX 2.6.3.
    fn backquoted(&mut self, start: usize, quoting: Quoting) {
        let in_double = quoting == Quoting::ShellDouble;
        let quoting = Quoting::Backquoted(in_double);
        let mut inner = Inner::default();
        let special = if in_double { "$`\\\"" } else { "$`\\" };
        while !self.cursor.pass("`") {
            let at = self.cursor.at;
            match self.cursor.peek() {
                None => {
                    self.doubt(start);
                    break;
                }
                Some('\\') => self.backslash(special, &mut inner, quoting),
                Some(HOLE) => inner.take_hole(&mut self.cursor),
                Some(_) => {
                    self.cursor
                        .pass_while(|c| c != '`' && c != '\\' && c != HOLE);
                    inner.push_passed(&self.cursor, at, quoting);
                }
            }
        }
        self.reading.embedded.push(Embedded::new(
            start..self.cursor.at,
            inner,
            Language::Shell,
            None,
        ));
    }

    /// Passes the rest of `${…}`.
    fn braces(&mut self, start: usize, quoting: Quoting) {
        let mut ignored = Inner::default();
        loop {
            let at = self.cursor.at;
            match self.cursor.peek() {
                None => return self.doubt(start),
                Some('$') if self.cursor.starts_with("$'") && quoting == Quoting::ShellBare => {
                    self.ansi_quoted(&mut ignored);
                }
                Some('$' | '`') => self.expansion(&mut ignored, quoting),
                Some('\'') if quoting == Quoting::ShellBare => self.single_quoted(&mut ignored),
                // Whether that is a quote inside `"…"` depends on the shell.
                Some('\'') => {
                    self.cursor.take();
                    self.cursor.pass_while(|c| !"'}\"\\$`".contains(c));
                    if !self.cursor.pass("'") {
                        self.doubt(at);
                    }
                }
                Some(next) => {
                    self.cursor.take();
                    match next {
                        '}' => return,
                        '\\' => {
                            self.cursor.take();
                        }
                        '"' => {
                            self.double_quoted(at, &mut ignored);
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}
