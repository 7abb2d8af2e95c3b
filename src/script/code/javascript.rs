//! What only JavaScript has: a slash that starts a regular expression, and elements of JSX.
//!
//! Both come where a value does, which the tokens in front of them decide. Source: ECMA-262, 12 (the goal
//! symbols of its lexical grammar). Start at [`CodeReader::expects_a_value`].

use super::{CodeReader, MAX_DEPTH, TokenKind};
use crate::script::Language;
use crate::script::cursor::Cursor;

/// How many elements of JSX may turn out to be none.
const MAX_FAILURES: usize = 16;

/// The words of JavaScript behind which a value comes.
const VALUE_FOLLOWS: [&str; 16] = [
    "return",
    "await",
    "typeof",
    "case",
    "in",
    "of",
    "delete",
    "void",
    "throw",
    "new",
    "instanceof",
    "do",
    "else",
    "yield",
    "default",
    "extends",
];

impl CodeReader {
    /// Whether a value comes next in JavaScript, so that a slash starts a regular expression and `<` an
    /// element of JSX: no value ends in front of it.
    pub(super) fn expects_a_value(&self, text: &str) -> bool {
        let tokens = self.reading.tokens_in(text);
        let word = |at: Option<usize>| tokens.word(at);
        let mark = |at: Option<usize>| tokens.mark(at);
        let back = |at: Option<usize>, by: usize| at.and_then(|at| at.checked_sub(by));
        let is_keyword = |at: Option<usize>| {
            word(at).is_some_and(|word| VALUE_FOLLOWS.contains(&word))
                && mark(back(at, 1)) != Some('.')
        };
        let last = tokens.all.len().checked_sub(1);
        let before = back(last, 1);
        let touches_before =
            matches!(tokens.all, [.., one, other] if one.span.end == other.span.start);
        if self.syntax.language != Language::JavaScript {
            return false;
        }
        match tokens.get(last).map(|token| &token.kind) {
            None => true,
            Some(TokenKind::Name) => is_keyword(last),
            Some(TokenKind::Mark(')')) => {
                let head = word(back(self.closed, 1));
                head.is_some_and(|word| ["if", "while", "for", "with", "await"].contains(&word))
            }
            // A block's end, not that of an object.
            Some(TokenKind::Mark('}')) => back(self.closed, 1).is_none_or(|at| {
                let at = Some(at);
                let is_block = |word| !is_keyword(at) || word == "else" || word == "do";
                mark(at).is_some_and(|mark| ");{}>".contains(mark))
                    || word(at).is_some_and(is_block)
            }),
            Some(TokenKind::Mark(']' | '$')) => false,
            // `a++ / 2`, but not `a + +/2/`.
            Some(TokenKind::Mark(sign @ ('+' | '-'))) => {
                !(touches_before && mark(before) == Some(*sign))
            }
            // `x! / 2` of TypeScript.
            Some(TokenKind::Mark('!')) => {
                let value = matches!(mark(before), Some(')' | ']'))
                    || (word(before).is_some() && !is_keyword(before));
                !(touches_before && value)
            }
            Some(TokenKind::Mark(_)) => true,
            Some(_) => false,
        }
    }

    /// Reads an element of JSX; passes nothing where it is none.
    pub(super) fn element(&mut self, cursor: &mut Cursor<'_>) -> bool {
        let starts = cursor
            .peek_second()
            .is_some_and(|c| c == '>' || c.is_alphabetic());
        if !starts || self.failures > MAX_FAILURES {
            return false;
        }
        let (at, open) = (cursor.at, self.open.clone());
        let before = self.reading.lengths();
        if self.jsx(cursor, 0) {
            return true;
        }
        self.reading.truncate(before);
        self.failures += 1;
        if self.failures > MAX_FAILURES {
            self.reading.doubts.push(at);
        }
        self.open = open;
        cursor.at = at;
        false
    }

    fn jsx(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        cursor.take();
        let name = cursor.pass_while(|c| c.is_alphanumeric() || "_$.:-".contains(c));
        let name = cursor.slice(name);
        loop {
            cursor.pass_while(char::is_whitespace);
            match cursor.peek() {
                Some('/') => {
                    cursor.take();
                    return cursor.pass(">");
                }
                Some('>') => break,
                Some('{') => {
                    cursor.take();
                    if !self.tokens(cursor, Some('}')) {
                        return false;
                    }
                }
                Some(quote @ ('"' | '\'')) => {
                    cursor.take();
                    cursor.pass_while(|c| c != quote);
                    cursor.take();
                }
                Some(c) if c.is_alphanumeric() || "_$.:-=".contains(c) => {
                    cursor.take();
                }
                _ => return false,
            }
        }
        cursor.take();
        loop {
            cursor.pass_while(|c| c != '<' && c != '{');
            if cursor.pass("</") {
                cursor.pass_while(char::is_whitespace);
                let ends = cursor.pass(name);
                cursor.pass_while(char::is_whitespace);
                return ends && cursor.pass(">");
            }
            let fits = match cursor.peek() {
                Some('{') => {
                    cursor.take();
                    self.tokens(cursor, Some('}'))
                }
                Some(_) => self.jsx(cursor, depth + 1),
                None => false,
            };
            if !fits {
                return false;
            }
        }
    }
}

/// Passes a regular expression.
pub(super) fn regex(cursor: &mut Cursor<'_>) {
    cursor.take();
    let mut in_class = false;
    while let Some(next) = cursor.take() {
        match next {
            '\\' => {
                cursor.take();
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return,
            '\n' => return,
            _ => {}
        }
    }
}
