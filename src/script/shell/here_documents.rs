//! Here-documents: announced on one line, read behind it. Source: POSIX.1-2024, 2.7.4.
//!
//! Start at [`HereDocument`].

use std::ops::Range;

use super::ShellReader;
use crate::script::inner::{HOLE, Inner, Quoting};
use crate::script::language::{guessed, interpreter};
use crate::script::{Command, Embedded, Language};

/// A here-document that was announced.
pub(super) struct HereDocument {
    /// Where it was announced.
    pub(super) at: usize,
    pub(super) delimiter: String,
    pub(super) quoted: bool,
    pub(super) strips_tabs: bool,
    /// The place of the command that it is given to.
    pub(super) command: usize,
}

/// Programs that pass on or write down what they read, so that its words show what it is.
const WRITERS: [&str; 3] = ["cat", "tee", "dd"];

impl ShellReader<'_> {
    /// Reads the here-documents that the line before announced.
    pub(super) fn read_documents(&mut self) {
        for document in std::mem::take(&mut self.documents) {
            let start = self.cursor.at;
            let mut lines: Vec<Range<usize>> = Vec::new();
            let ended = loop {
                if self.cursor.is_at_end() {
                    break false;
                }
                let at = self.cursor.at;
                let line = self.cursor.pass_line();
                let content = if document.strips_tabs {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                if content == document.delimiter {
                    break true;
                }
                lines.push(at + (line.len() - content.len())..self.cursor.at);
            };
            if !ended {
                self.doubt(start);
            }
            let span = start..lines.last().map_or(start, |line| line.end);
            let mut inner = Inner::default();
            if document.quoted {
                for line in lines {
                    inner.push_range(self.cursor.text, line, Quoting::Plain);
                }
            } else {
                let behind = self.cursor.clone();
                self.cursor.text = self.cursor.slice(0..span.end);
                self.cursor.at = start;
                self.expanded(&lines, &mut inner);
                self.cursor = behind;
            }
            let language = self.reads(document.command, &inner.text);
            self.reading.embedded.push(Embedded::new(
                span,
                inner,
                language.unwrap_or(Language::Plain),
                None,
            ));
        }
    }

    /// In which language a command, or the one that its output is given to, reads a text.
    fn reads(&self, index: usize, text: &str) -> Option<Language> {
        let command = self.reading.commands.get(index).map(Command::unwrapped)?;
        let name = command.name()?;
        let known = interpreter(name);
        if known.is_some() {
            return known;
        }
        let guess = guessed(text);
        if !WRITERS.contains(&name) {
            return guess.filter(|guess| matches!(guess, Language::Yaml | Language::Json));
        }
        if !self.piped.contains(&index) {
            return guess;
        }
        let behind = self.reading.commands.get(index + 1..)?.iter();
        let reader = behind.min_by_key(|command| command.span.start)?.unwrapped();
        let name = reader.name()?;
        interpreter(name).or_else(|| guess.filter(|_| WRITERS.contains(&name)))
    }

    /// Adds lines that the shell expands: what they substitute is code of this text.
    fn expanded(&mut self, lines: &[Range<usize>], inner: &mut Inner) {
        for line in lines {
            // A substitution may go on over lines.
            self.cursor.at = self.cursor.at.max(line.start);
            while self.cursor.at < line.end {
                let at = self.cursor.at;
                match self.cursor.peek() {
                    Some('\\') if self.cursor.pass("\\\n") => {}
                    Some('\\') => self.backslash("$`\\", inner, Quoting::HereDocument),
                    Some('$' | '`') => self.expansion(inner, Quoting::HereDocument),
                    Some(HOLE) => inner.take_hole(&mut self.cursor),
                    _ => {
                        self.cursor.take();
                        let plain = self
                            .cursor
                            .pass_while(|c| !"\\$`\n".contains(c) && c != HOLE);
                        let end = plain.end.min(line.end);
                        self.cursor.at = end;
                        inner.push_passed(&self.cursor, at, Quoting::HereDocument);
                    }
                }
            }
        }
    }
}
