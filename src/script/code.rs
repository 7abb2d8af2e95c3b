//! The tokens of languages that have no commands: Python, C#, Go, Java, JavaScript, Terraform, Bicep,
//! and JSON inside other texts.
//!
//! Knows comments, the forms of strings with their escapes and interpolations, and here-documents of
//! Terraform; all else is names, numbers and marks. A string that holds a command or a document is read
//! in its own language too. Start at [`SYNTAXES`] and [`read`].

mod javascript;
mod names;
mod pieces;
mod syntax;
mod tokens;

use super::cursor::Cursor;
use super::inner::{HOLE, Inner, Quoting};
use super::{Embedded, Language, Reading, guessed};

use std::ops::Range;

use self::syntax::{Form, SYNTAXES, Syntax, string_form};

pub(super) use self::tokens::Tokens;
pub use self::tokens::{Token, TokenKind};

/// How deep interpolations and elements may nest.
const MAX_DEPTH: usize = 32;

/// What is known in the middle of a text.
struct CodeReader {
    syntax: &'static Syntax,
    reading: Reading,
    /// The tokens that are brackets without an end up to here.
    open: Vec<usize>,
    /// The bracket that the last closing one ended.
    closed: Option<usize>,
    depth: usize,
    /// How often an element of JSX turned out to be none.
    failures: usize,
}

/// Reads a text in one of these languages; nothing is said of one in another.
pub(super) fn read(text: &str, language: Language) -> Reading {
    let Some(syntax) = SYNTAXES.iter().find(|one| one.language == language) else {
        return Reading::default();
    };
    let mut cursor = Cursor::new(text);
    cursor.pass("\u{feff}");
    let mut reader = CodeReader::new(syntax, 0);
    if cursor.starts_with("#!") {
        let start = cursor.at;
        cursor.pass_line();
        reader.reading.comments.push(start..cursor.at);
    }
    reader.tokens(&mut cursor, None);
    pieces::hold(text, language, &mut reader.reading);
    let tokens = reader.reading.tokens_in(text);
    reader.reading.renamed = names::renamed(tokens, language);
    reader.reading
}

impl CodeReader {
    fn new(syntax: &'static Syntax, depth: usize) -> Self {
        Self {
            syntax,
            reading: Reading::default(),
            open: Vec::new(),
            closed: None,
            depth,
            failures: 0,
        }
    }

    /// Reads up to `end` outside of brackets, which is passed; whether it comes.
    fn tokens(&mut self, cursor: &mut Cursor<'_>, end: Option<char>) -> bool {
        let around = self.open.len();
        let syntax = self.syntax;
        // `#` is no comment in what a string interpolates.
        let commented = self.depth == 0 || syntax.language == Language::JavaScript;
        while let Some(next) = cursor.peek() {
            let start = cursor.at;
            let mut comments = syntax.line_comments.iter().filter(|_| commented);
            if next.is_whitespace() {
                cursor.take();
            } else if end == Some(next) && self.open.len() <= around {
                cursor.take();
                return true;
            } else if comments.any(|mark| cursor.starts_with(mark)) {
                cursor.pass_while(|c| c != '\n' && c != '\r');
                self.reading.comments.push(start..cursor.at);
            } else if let Some((open, close)) = syntax
                .block_comment
                .filter(|(open, _)| cursor.starts_with(open))
            {
                cursor.pass(open);
                if !cursor.pass_until(close) {
                    self.reading.doubts.push(start);
                }
                cursor.pass(close);
                self.reading.comments.push(start..cursor.at);
            } else if syntax.language == Language::Hcl && cursor.starts_with("<<") {
                self.heredoc(cursor);
            } else if let Some((prefix, form)) = string_form(cursor, syntax) {
                cursor.at += prefix.len();
                let inner = self.string(cursor, form, prefix);
                add_string(&mut self.reading, start..cursor.at, inner);
            } else if next == '/' && self.expects_a_value(cursor.text) {
                javascript::regex(cursor);
                self.reading.tokens.push(Token {
                    kind: TokenKind::Number,
                    span: start..cursor.at,
                });
            } else if next == '<' && self.expects_a_value(cursor.text) && self.element(cursor) {
                self.reading.tokens.push(Token {
                    kind: TokenKind::Number,
                    span: cursor.at..cursor.at,
                });
            } else {
                let token = plain(cursor, next);
                match token.kind {
                    TokenKind::Mark('(' | '[' | '{') => self.open.push(self.reading.tokens.len()),
                    TokenKind::Mark(')' | ']' | '}') => self.closed = self.open.pop(),
                    _ => {}
                }
                self.reading.tokens.push(token);
            }
        }
        end.is_none()
    }

    /// Passes what a string interpolates, up to its brace.
    fn interpolated(&mut self, cursor: &mut Cursor<'_>) {
        let start = cursor.at;
        let mut inside = Self::new(self.syntax, self.depth + 1);
        if self.depth >= MAX_DEPTH {
            cursor.at = cursor.text.len();
        } else if inside.tokens(cursor, Some('}')) && inside.reading.doubts.is_empty() {
            return;
        }
        self.reading.doubts.push(start);
    }

    /// Reads a string from its opening quote on.
    fn string(&mut self, cursor: &mut Cursor<'_>, form: &Form, prefix: &str) -> Inner {
        let open = cursor.at;
        let raw = prefix.contains(['r', 'R']);
        let interpolation = form
            .interpolation
            .or_else(|| prefix.contains(['f', 'F', 't', 'T']).then_some("{"));
        let quote = form.close.chars().next().unwrap_or('"');
        let quoting = match form.quoting {
            _ if raw && interpolation.is_some() => Quoting::Fixed,
            _ if raw => Quoting::Raw(quote),
            Quoting::Escaped(_) if interpolation == Some("{") => Quoting::Formatted(quote),
            Quoting::DoubledDouble if interpolation.is_some() => Quoting::Fixed,
            quoting => quoting,
        };
        let escapes =
            !raw && matches!(form.quoting, Quoting::Escaped(_) | Quoting::Interpolated(_));
        let mut inner = Inner::default();
        cursor.pass(form.open);
        loop {
            let at = cursor.at;
            if form.quoting == Quoting::DoubledDouble && cursor.pass("\"\"") {
                inner.push("\"", at..cursor.at, quoting);
            } else if cursor.pass(form.close) {
                inner.push_end(at, quoting);
                return inner;
            } else if interpolation == Some("{") && (cursor.pass("{{") || cursor.pass("}}")) {
                let said = cursor.slice(at..at + 1);
                inner.push(said, at..cursor.at, Quoting::Fixed);
            } else if let Some(mark) = interpolation.filter(|mark| cursor.starts_with(mark)) {
                cursor.pass(mark);
                self.interpolated(cursor);
                inner.push_hole(at..cursor.at);
            } else {
                match cursor.peek() {
                    None => {
                        self.reading.doubts.push(open);
                        return inner;
                    }
                    Some('\n') if !form.lines => {
                        self.reading.doubts.push(open);
                        return inner;
                    }
                    Some('\\') if escapes => {
                        let said = escape(cursor);
                        inner.push(&said, at..cursor.at, quoting);
                    }
                    Some('\\') if raw => {
                        cursor.take();
                        cursor.take();
                        inner.push_passed(cursor, at, quoting);
                    }
                    Some(HOLE) => inner.take_hole(cursor),
                    Some(_) => {
                        cursor.take();
                        cursor.pass_while(|c| !"\\\n\"'`{}$".contains(c) && c != HOLE);
                        inner.push_passed(cursor, at, quoting);
                    }
                }
            }
        }
    }

    /// Reads a here-document of Terraform.
    fn heredoc(&mut self, cursor: &mut Cursor<'_>) {
        let open = cursor.at;
        cursor.pass("<<");
        cursor.pass("-");
        let name = cursor.pass_while(|c| c.is_alphanumeric() || c == '_');
        let name = cursor.slice(name);
        if name.is_empty() {
            return;
        }
        cursor.pass_line();
        let mut inner = Inner::default();
        let ended = loop {
            if cursor.is_at_end() {
                break false;
            }
            let start = cursor.at;
            let line = cursor.pass_line();
            if line.trim() == name {
                break true;
            }
            self.push_interpolated(cursor, start..cursor.at, &mut inner);
        };
        if !ended {
            self.reading.doubts.push(open);
        }
        add_string(&mut self.reading, open..cursor.at, inner);
    }

    /// Adds text in which `${…}` is interpolated.
    fn push_interpolated(&mut self, cursor: &Cursor<'_>, range: Range<usize>, inner: &mut Inner) {
        let mut at = Cursor {
            text: cursor.text.get(..range.end).unwrap_or_default(),
            at: range.start,
        };
        while !at.is_at_end() {
            let start = at.at;
            at.pass_until("${");
            let run = start..at.at;
            if !run.is_empty() {
                inner.push(at.slice(run.clone()), run.clone(), Quoting::Heredoc);
            }
            if at.pass("${") {
                // `$${` is no interpolation.
                self.interpolated(&mut at);
                inner.push_hole(run.end..at.at);
            }
        }
    }
}

/// A name, a number or a mark, the first character of which is `next`.
fn plain(cursor: &mut Cursor<'_>, next: char) -> Token {
    let start = cursor.at;
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let kind = if next.is_ascii_digit() {
        cursor.pass_while(|c| is_name(c) || c == '.');
        TokenKind::Number
    } else if is_name(next) {
        cursor.pass_while(is_name);
        TokenKind::Name
    } else {
        cursor.take();
        TokenKind::Mark(next)
    };
    Token {
        kind,
        span: start..cursor.at,
    }
}

fn add_string(reading: &mut Reading, span: Range<usize>, inner: Inner) {
    if let Some(language) = guessed(&inner.text) {
        reading
            .embedded
            .push(Embedded::new(span.clone(), inner.clone(), language, None));
    }
    reading.tokens.push(Token {
        kind: TokenKind::String(Box::new(inner)),
        span,
    });
}

/// Reads an escape.
fn escape(cursor: &mut Cursor<'_>) -> String {
    cursor.take();
    match cursor.take() {
        Some('n') => "\n".to_owned(),
        Some('r') => "\r".to_owned(),
        Some('t') => "\t".to_owned(),
        Some(kind @ ('x' | 'u' | 'U')) => {
            let braced = cursor.pass("{");
            let most = match kind {
                'x' => 2,
                'u' if !braced => 4,
                _ => 8,
            };
            let start = cursor.at;
            let digits = cursor.rest().bytes().take(most);
            let length = digits.take_while(u8::is_ascii_hexdigit).count();
            cursor.at = start + length;
            let code = u32::from_str_radix(cursor.slice(start..cursor.at), 16).ok();
            if braced {
                cursor.pass("}");
            }
            code.and_then(char::from_u32)
                .unwrap_or('\u{fffd}')
                .to_string()
        }
        Some('\r') => {
            cursor.pass("\n");
            String::new()
        }
        // A line that goes on.
        Some('\n') | None => String::new(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
