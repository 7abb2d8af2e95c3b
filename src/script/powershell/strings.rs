//! The strings of PowerShell: both kinds of quotes, and their here-strings. Source: about_Quoting_Rules.
//!
//! Start at [`PowerShellReader::double_quoted`].

use super::{PowerShellReader, is_blank, is_double_quote, is_line_end, is_quote, is_single_quote};
use crate::script::inner::{HOLE, Inner, Quoting};

impl PowerShellReader<'_> {
    pub(super) fn single_quoted(&mut self, open: usize, inner: &mut Inner) {
        loop {
            let at = self.cursor.at;
            match self.cursor.peek() {
                None => return self.doubt(open),
                Some(quote) if is_single_quote(quote) => {
                    if self.ends_quote(is_single_quote, inner, Quoting::Doubled) {
                        return;
                    }
                }
                Some(_) => {
                    self.cursor.pass_while(|c| !is_single_quote(c));
                    inner.push_passed(&self.cursor, at, Quoting::Doubled);
                }
            }
        }
    }

    /// Passes a quote; whether it ends the string, in which two of them mean one.
    fn ends_quote(&mut self, quote: fn(char) -> bool, inner: &mut Inner, quoting: Quoting) -> bool {
        let at = self.cursor.at;
        self.cursor.take();
        let ends = !self.cursor.peek().is_some_and(quote);
        if ends {
            inner.push_end(at, quoting);
        } else {
            let said = self.cursor.slice(at..self.cursor.at);
            self.cursor.take();
            inner.push(said, at..self.cursor.at, quoting);
        }
        ends
    }

    /// Reads up to the quote, or, if `here`, to what ends a here-string.
    pub(super) fn double_quoted(&mut self, open: usize, inner: &mut Inner, here: bool) {
        let quoting = Quoting::PowerShellDouble;
        loop {
            let at = self.cursor.at;
            if here && self.here_end(is_double_quote).is_some() {
                return;
            }
            match self.cursor.peek() {
                None => return self.doubt(open),
                Some(quote) if !here && is_double_quote(quote) => {
                    if self.ends_quote(is_double_quote, inner, quoting) {
                        return;
                    }
                }
                Some('`') => self.escape(inner),
                Some('$') => self.variable(inner, quoting),
                Some(HOLE) => inner.take_hole(&mut self.cursor),
                Some(_) => {
                    self.cursor.take();
                    self.cursor.pass_while(|c| {
                        let ends = if here {
                            is_line_end(c)
                        } else {
                            is_double_quote(c)
                        };
                        !ends && !"`$".contains(c) && c != HOLE
                    });
                    inner.push_passed(&self.cursor, at, quoting);
                }
            }
        }
    }

    /// Reads a backtick and what it escapes. Source: about_Special_Characters.
    pub(super) fn escape(&mut self, inner: &mut Inner) {
        let at = self.cursor.at;
        self.cursor.take();
        let from = self.cursor.at;
        let said = match self.cursor.take() {
            Some('n') => "\n",
            Some('r') => "\r",
            Some('t') => "\t",
            Some('0') => "\0",
            Some('a') => "\u{7}",
            Some('b') => "\u{8}",
            Some('e') => "\u{1b}",
            Some('f') => "\u{c}",
            Some('v') => "\u{b}",
            Some('u') if self.cursor.starts_with("{") => {
                self.cursor.pass_until("}");
                self.cursor.pass("}");
                return inner.push_hole(at..self.cursor.at);
            }
            _ => self.cursor.slice(from..self.cursor.at),
        };
        inner.push(said, at..self.cursor.at, Quoting::PowerShellDouble);
    }

    /// Whether `@`, a quote and the end of the line are here.
    pub(super) fn starts_here_string(&self) -> bool {
        let mut rest = self.cursor.clone();
        rest.take();
        if !rest.take().is_some_and(is_quote) {
            return false;
        }
        rest.pass_while(is_blank);
        rest.peek().is_none_or(is_line_end)
    }

    /// How long the line end here is, and what ends a here-string behind it.
    pub(super) fn here_end(&self, quote: fn(char) -> bool) -> Option<usize> {
        let mut rest = self.cursor.clone();
        if !(rest.pass("\r\n") || rest.pass("\n") || rest.pass("\r")) {
            return None;
        }
        let ends = rest.take().is_some_and(quote) && rest.pass("@");
        ends.then_some(rest.at - self.cursor.at)
    }

    pub(super) fn here_string(&mut self, inner: &mut Inner) {
        let open = self.cursor.at;
        self.cursor.take();
        let double = self.cursor.take().is_some_and(is_double_quote);
        let quote = if double {
            is_double_quote
        } else {
            is_single_quote
        };
        self.cursor.pass_while(is_blank);
        if self.here_end(quote).is_none() {
            let _ = self.cursor.pass("\r\n") || self.cursor.pass("\n") || self.cursor.pass("\r");
        }
        if double {
            self.double_quoted(open, inner, true);
        } else {
            let start = self.cursor.at;
            while self.here_end(quote).is_none() && self.cursor.take().is_some() {
                self.cursor.pass_while(|c| !is_line_end(c));
            }
            if self.cursor.is_at_end() {
                self.doubt(open);
            }
            inner.push_passed(&self.cursor, start, Quoting::Plain);
        }
        self.cursor.at += self.here_end(quote).unwrap_or_default();
    }
}
