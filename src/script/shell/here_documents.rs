//! Here-documents: announced on one line, read behind it.
//!
//! Start at [`HereDocument`].

use std::ops::Range;

use super::Reader;
use crate::script::inner::{Inner, Quoting};
use crate::script::language::{guessed, interpreter};
use crate::script::{Command, Embedded, Language};

/// A here-document that was announced.
pub(super) struct HereDocument {
    pub(super) delimiter: String,
    pub(super) quoted: bool,
    pub(super) strips_tabs: bool,
    /// The place of the command that it is given to.
    pub(super) command: usize,
}

impl Reader<'_> {
    /// Reads the here-documents that the line before announced.
    pub(super) fn read_documents(&mut self) {
        for document in std::mem::take(&mut self.documents) {
            let start = self.cursor.at;
            let mut lines = Vec::new();
            let ended = loop {
                if self.cursor.is_at_end() {
                    break false;
                }
                let at = self.cursor.at;
                let line = self.cursor.pass_line();
                let indentation = if document.strips_tabs {
                    line.len() - line.trim_start_matches('\t').len()
                } else {
                    0
                };
                if line.trim_start_matches('\t') == document.delimiter && document.strips_tabs
                    || line == document.delimiter
                {
                    break true;
                }
                lines.push(at + indentation..self.cursor.at);
            };
            if !ended {
                self.doubt(start);
            }
            let span = start..lines.last().map_or(start, |line| line.end);
            let mut inner = Inner::default();
            for line in lines {
                self.document_line(&document, line, &mut inner);
            }
            let command = self.reading.commands.get(document.command);
            let by_reader = command
                .map(Command::unwrapped)
                .and_then(|command| interpreter(command.name()?));
            let language = by_reader.or_else(|| guessed(&inner.text));
            self.reading.embedded.push(Embedded {
                span,
                inner,
                language: language.unwrap_or(Language::Plain),
            });
        }
    }

    /// Adds a line of a here-document.
    fn document_line(&self, document: &HereDocument, line: Range<usize>, inner: &mut Inner) {
        if document.quoted {
            inner.push(self.cursor.slice(line.clone()), line, Quoting::Plain);
            return;
        }
        let mut cursor = self.cursor.clone();
        cursor.at = line.start;
        while cursor.at < line.end {
            let start = cursor.at;
            match cursor.peek() {
                Some('\\') if matches!(cursor.peek_second(), Some('$' | '`' | '\\')) => {
                    cursor.take();
                    cursor.take();
                    let said = cursor.slice(start + 1..cursor.at);
                    inner.push(said, start..cursor.at, Quoting::ShellDouble);
                }
                // What is substituted is read where it stands: its end is not looked for here.
                Some('$' | '`') => {
                    cursor.take();
                    cursor.pass_while(|c| c.is_ascii_alphanumeric() || c == '_');
                    inner.push_hole(start..cursor.at);
                }
                _ => {
                    cursor.take();
                    let plain = cursor.pass_while(|c| !"\\$`\n".contains(c));
                    let end = plain.end.min(line.end);
                    cursor.at = end;
                    inner.push(cursor.slice(start..end), start..end, Quoting::ShellDouble);
                }
            }
        }
    }
}
