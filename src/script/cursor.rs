//! A place in a text that moves forward. It knows characters, never what they mean.

use std::ops::Range;

/// Where reading has come to.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The character behind the next one.
    pub(super) fn peek_second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    pub(super) fn starts_with(&self, words: &str) -> bool {
        self.rest().starts_with(words)
    }

    /// Takes the next character.
    pub(super) fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Passes `words` if they come next.
    pub(super) fn pass(&mut self, words: &str) -> bool {
        let passes = self.starts_with(words);
        if passes {
            self.at += words.len();
        }
        passes
    }

    /// Passes characters while they fit; gives where they are.
    pub(super) fn pass_while(&mut self, fits: impl Fn(char) -> bool) -> Range<usize> {
        let start = self.at;
        while self.peek().is_some_and(&fits) {
            self.take();
        }
        start..self.at
    }

    /// Passes everything up to `words`; to the end if they do not come. Whether they do.
    pub(super) fn pass_until(&mut self, words: &str) -> bool {
        let found = self.rest().find(words);
        self.at = found.map_or(self.text.len(), |found| self.at + found);
        found.is_some()
    }

    /// The text of a range.
    pub(super) fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    /// Passes what is left of the line, its end too.
    pub(super) fn pass_line(&mut self) -> &'t str {
        let start = self.at;
        self.pass_until("\n");
        let end = self.at;
        self.pass("\n");
        self.slice(start..end).trim_end_matches('\r')
    }
}
