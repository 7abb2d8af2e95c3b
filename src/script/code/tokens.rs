//! Tokens of a text by their places. Never knows what they mean. Start at [`Tokens`].

use std::ops::Range;

use crate::script::inner::Inner;

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or a keyword.
    Name,
    /// A number.
    Number,
    /// Any other character.
    Mark(char),
    /// A string, with what it says.
    String(Box<Inner>),
}

/// A token of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it is, with quotes and prefixes.
    pub span: Range<usize>,
}

impl Token {
    /// Whether it is this mark.
    pub fn is(&self, mark: char) -> bool {
        self.kind == TokenKind::Mark(mark)
    }

    /// What a string says.
    pub fn string(&self) -> Option<&Inner> {
        match &self.kind {
            TokenKind::String(inner) => Some(inner),
            _ => None,
        }
    }
}

/// The tokens of a text. A place may be one that is in front of the first.
#[derive(Clone, Copy)]
pub(in crate::script) struct Tokens<'t> {
    pub(in crate::script) text: &'t str,
    pub(in crate::script) all: &'t [Token],
}

impl<'t> Tokens<'t> {
    pub(in crate::script) fn get(&self, at: impl Into<Option<usize>>) -> Option<&'t Token> {
        self.all.get(at.into()?)
    }

    /// The mark that the token is.
    pub(in crate::script) fn mark(&self, at: impl Into<Option<usize>>) -> Option<char> {
        match self.get(at)?.kind {
            TokenKind::Mark(mark) => Some(mark),
            _ => None,
        }
    }

    pub(in crate::script) fn is(&self, at: impl Into<Option<usize>>, mark: char) -> bool {
        self.mark(at) == Some(mark)
    }

    /// The name that the token is.
    pub(in crate::script) fn word(&self, at: impl Into<Option<usize>>) -> Option<&'t str> {
        let token = self.get(at)?;
        (token.kind == TokenKind::Name).then(|| self.written(token))
    }

    /// What the string says that the token is.
    pub(in crate::script) fn string(&self, at: impl Into<Option<usize>>) -> Option<&'t Inner> {
        self.get(at)?.string()
    }

    /// The token as it is written.
    pub(in crate::script) fn written(&self, token: &Token) -> &'t str {
        self.text.get(token.span.clone()).unwrap_or_default()
    }

    /// The first token that starts at an offset or behind it.
    pub(in crate::script) fn behind(&self, offset: usize) -> usize {
        self.all.partition_point(|token| token.span.start < offset)
    }

    /// The innermost of some kinds of brackets around what starts at a token, among the `far` tokens before.
    pub(in crate::script) fn around(&self, first: usize, kinds: &str, far: usize) -> Option<usize> {
        let mut depth = 0usize;
        let mut before = (first.saturating_sub(far)..first).rev();
        before.find(|at| match self.mark(*at) {
            Some(')' | ']' | '}') => {
                depth += 1;
                false
            }
            Some('(' | '[' | '{') if depth > 0 => {
                depth -= 1;
                false
            }
            Some(mark) => kinds.contains(mark),
            None => false,
        })
    }
}
