//! The parser: iterative, recovering, and as lenient as Newtonsoft.Json, with which Azure reads
//! templates.
//!
//! Accepted beyond RFC 8259: a byte order mark, `//` and `/* */` comments, raw line breaks and
//! other control characters in strings, one trailing comma, single quotes, unquoted names,
//! Unicode white space, `NaN`, `Infinity`, `undefined`, hexadecimal and octal numbers, and a decimal
//! point at either end of a number. Words and numbers are distinguished in `scalar`.

mod scalar;

use std::cell::OnceCell;
use std::ops::Range;

use super::document::{Document, Kind, MAX_DEPTH, Node, SourceStart, SyntaxError};
use super::string::hex4;

/// The most values and names of all sources together: a node takes 20 bytes, and a text as many nodes as
/// half its bytes.
const MAX_NODES: usize = 1 << 24;

/// How many errors are kept of one source; later ones follow from earlier ones.
const MAX_ERRORS: usize = 16;

/// Parses a text made of sources that start at `starts`. See [`Document::of_sources`].
pub(super) fn parse<'s>(text: &'s [u8], starts: &[usize]) -> Document<'s> {
    let mut parser = Parser {
        text,
        at: 0,
        nodes: Vec::with_capacity((text.len() / 12).min(MAX_NODES)),
        comments: Vec::new(),
        errors: Vec::new(),
        source: 0,
        errors_before: 0,
        open: Vec::new(),
    };
    let mut sources = Vec::with_capacity(starts.len());
    for (source, start) in starts.iter().enumerate() {
        let end = starts.get(source + 1).copied().unwrap_or(text.len());
        sources.push(SourceStart {
            byte: *start,
            node: u32::try_from(parser.nodes.len()).unwrap_or(u32::MAX),
        });
        parser.source = source;
        parser.errors_before = parser.errors.len();
        parser.at = *start;
        parser.text = text.get(..end).unwrap_or_default();
        if u32::try_from(end).is_err() {
            parser.error(*start, "the file is larger than 4 GiB");
        } else {
            parser.document();
        }
        parser.open.clear();
    }
    Document {
        text,
        nodes: parser.nodes,
        sources,
        comments: parser.comments,
        errors: parser.errors,
        element_indices: OnceCell::new(),
        line_starts: OnceCell::new(),
    }
}

/// What may come next in the innermost open container.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// An item or the closing bracket: behind an opening bracket or a comma.
    Item,
    /// A comma or the closing bracket.
    Separator,
    /// The value behind a key.
    Value,
}

struct OpenContainer {
    /// The container, or the key whose value is awaited.
    node: u32,
    /// The last child so far, for its `next`.
    last: u32,
    expect: Expect,
    object: bool,
    /// The last key, while its value is awaited.
    key: u32,
}

struct Parser<'s> {
    text: &'s [u8],
    at: usize,
    nodes: Vec<Node>,
    comments: Vec<Range<usize>>,
    errors: Vec<SyntaxError>,
    /// The source that is being read, which ends with `text`.
    source: usize,
    /// How many errors those before it have.
    errors_before: usize,
    open: Vec<OpenContainer>,
}

impl Parser<'_> {
    fn document(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(b"\xef\xbb\xbf") {
            self.at += 3;
        }
        self.trivia();
        if self.peek().is_none() {
            self.error(self.at, "the file holds no JSON value");
            return;
        }
        self.value();
        while !self.open.is_empty() {
            self.trivia();
            if self.peek().is_none() {
                self.report_unclosed();
                return;
            }
            self.step();
        }
        self.trivia();
        if self.peek().is_some() {
            self.error(self.at, "there is text after the end of the JSON value");
        }
    }

    /// Reads one token of the innermost container.
    fn step(&mut self) {
        let Some(open) = self.open.last() else { return };
        let (expect, object) = (open.expect, open.object);
        match (self.peek(), expect) {
            (Some(b'}'), Expect::Item | Expect::Separator) if object => self.close(),
            (Some(b']'), Expect::Item | Expect::Separator) if !object => self.close(),
            (Some(b'}' | b']'), _) => self.mismatch(),
            (Some(b','), Expect::Separator) => {
                self.at += 1;
                self.expect(Expect::Item);
            }
            (Some(b','), Expect::Item | Expect::Value) => {
                self.error(self.at, "there is a comma without an item before it");
                self.at += 1;
                self.expect(Expect::Item);
            }
            (_, Expect::Separator) => {
                self.error(self.at, "a comma is missing before this");
                self.expect(Expect::Item);
            }
            (_, Expect::Item) if object => self.key(),
            (_, Expect::Item | Expect::Value) => self.value(),
        }
    }

    fn expect(&mut self, expect: Expect) {
        if let Some(open) = self.open.last_mut() {
            open.expect = expect;
        }
    }

    /// Reads a key and its colon.
    fn key(&mut self) {
        let start = self.at;
        let escaped = match self.peek() {
            Some(quote @ (b'"' | b'\'')) => self.string(quote),
            Some(_) if self.name() > 0 => false,
            _ => {
                self.error(start, "a property name is expected here");
                self.skip();
                return;
            }
        };
        let node = self.push(Kind::Key, escaped, start);
        self.link(node);
        if let Some(open) = self.open.last_mut() {
            open.key = node;
            open.expect = Expect::Value;
        }
        self.trivia();
        if self.peek() == Some(b':') {
            self.at += 1;
        } else {
            self.error(self.at, "a colon is missing after the property name");
            if matches!(self.peek(), Some(b',' | b'}') | None) {
                self.expect(Expect::Separator);
            }
        }
    }

    /// Steps over a name without quotes; how many bytes it has.
    fn name(&mut self) -> usize {
        let length = scalar::name_length(self.text.get(self.at..).unwrap_or_default());
        self.at += length;
        length
    }

    /// Reads a scalar, or opens a container.
    fn value(&mut self) {
        let start = self.at;
        let Some(byte) = self.peek() else { return };
        match byte {
            b'{' | b'[' => {
                let object = byte == b'{';
                self.at += 1;
                let kind = if object { Kind::Object } else { Kind::Array };
                let node = self.push(kind, false, start);
                self.link(node);
                if self.open.len() == MAX_DEPTH {
                    self.error(start, "values are nested deeper than 512 levels");
                    // Nothing behind this can be placed: stop reading.
                    self.at = self.text.len();
                    return;
                }
                self.open.push(OpenContainer {
                    node,
                    last: 0,
                    expect: Expect::Item,
                    object,
                    key: 0,
                });
            }
            b'"' | b'\'' => {
                let escaped = self.string(byte);
                let node = self.push(Kind::String, escaped, start);
                self.link(node);
            }
            _ if scalar::is_word(byte) => {
                while self.peek().is_some_and(scalar::is_word) {
                    self.at += 1;
                }
                let kind = scalar::kind(self.text.get(start..self.at).unwrap_or_default());
                if kind.is_none() {
                    self.error(start, "a value is expected here");
                }
                let node = self.push(kind.unwrap_or(Kind::Null), false, start);
                self.link(node);
            }
            _ => {
                self.error(start, "a value is expected here");
                self.skip();
            }
        }
    }

    /// Steps over one character that fits nowhere.
    fn skip(&mut self) {
        self.at += 1;
        while self.peek().is_some_and(|byte| byte & 0xc0 == 0x80) {
            self.at += 1;
        }
    }

    fn close(&mut self) {
        self.at += 1;
        self.pop();
    }

    /// Ends the innermost container before the current byte.
    fn pop(&mut self) {
        if let Some(open) = self.open.pop() {
            let end = self.offset();
            if let Some(node) = self.nodes.get_mut(open.node as usize) {
                node.end = end;
            }
        }
    }

    /// A closing bracket of the wrong kind, or one where a value is due.
    fn mismatch(&mut self) {
        let object = self.peek() == Some(b'}');
        let awaits = self
            .open
            .last()
            .is_some_and(|open| open.expect == Expect::Value);
        if awaits {
            self.error(self.at, "a value is expected here");
            self.expect(Expect::Separator);
        } else if self.open.iter().any(|open| open.object == object) {
            self.error(self.at, "this bracket does not match the one that is open");
            self.pop();
        } else {
            self.error(self.at, "this bracket has no opening bracket");
            self.at += 1;
        }
    }

    fn report_unclosed(&mut self) {
        let start = self
            .open
            .last()
            .and_then(|open| self.nodes.get(open.node as usize))
            .map_or(self.at, |node| node.start as usize);
        if self.errors.len() == self.errors_before {
            self.error(start, "this bracket is never closed");
        }
        while !self.open.is_empty() {
            self.pop();
        }
    }

    /// Makes `node` the next child of what is open.
    fn link(&mut self, node: u32) {
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let is_value = open.object && open.expect == Expect::Value;
        let (parent, previous) = if is_value {
            (open.key, 0)
        } else {
            (open.node, std::mem::replace(&mut open.last, node))
        };
        // A key's own `expect` is set by its reader.
        open.expect = Expect::Separator;
        if let Some(child) = self.nodes.get_mut(node as usize) {
            child.parent = parent;
        }
        if previous != 0
            && let Some(sibling) = self.nodes.get_mut(previous as usize)
        {
            sibling.next = node;
        }
    }

    fn push(&mut self, kind: Kind, escaped: bool, start: usize) -> u32 {
        let id = self.nodes.len();
        if id == MAX_NODES {
            self.error(
                start,
                "the file holds more than 16,777,216 values and names",
            );
            // Stop reading, as for what is nested too deeply.
            self.at = self.text.len();
        }
        self.nodes.push(Node {
            kind,
            escaped,
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: self.offset(),
            next: 0,
            parent: u32::try_from(id).unwrap_or(u32::MAX),
        });
        u32::try_from(id).unwrap_or(u32::MAX)
    }

    /// Steps over the spaces of an indentation, eight at a time.
    fn skip_indentation(&mut self) {
        let (words, _) = self.text.get(self.at..).unwrap_or_default().as_chunks();
        self.at += 8 * words.iter().take_while(|word| **word == [b' '; 8]).count();
    }

    /// Reads a string whose quote is the current byte; whether it holds an escape.
    fn string(&mut self, quote: u8) -> bool {
        let start = self.at;
        self.at += 1;
        let mut escaped = false;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            self.at += memchr::memchr2(quote, b'\\', rest).unwrap_or(rest.len());
            match self.peek() {
                None => {
                    self.error(start, "this string is never closed");
                    return escaped;
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape();
                }
                Some(_) => {
                    self.at += 1;
                    return escaped;
                }
            }
        }
    }

    fn escape(&mut self) {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            Some(b'u') if hex4(self.text.get(self.at + 1..self.at + 5)).is_some() => self.at += 5,
            Some(b'"' | b'\'' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(_) => self.error(start, "this escape sequence is unknown"),
            None => {}
        }
    }

    /// Steps over white space and comments.
    fn trivia(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.skip_indentation();
                }
                b' ' | b'\r' | b'\t' | 0x0b | 0x0c => self.at += 1,
                b'/' if !self.comment() => return,
                b'/' => {}
                0x80.. => match scalar::white_space(self.text.get(self.at..).unwrap_or_default()) {
                    Some(length) => self.at += length,
                    None => return,
                },
                _ => return,
            }
        }
    }

    /// Reads a comment; false where the slash starts none.
    fn comment(&mut self) -> bool {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let length = match rest {
            [b'/', b'/', ..] => rest
                .iter()
                .position(|byte| matches!(byte, b'\n' | b'\r'))
                .unwrap_or(rest.len()),
            [b'/', b'*', inside @ ..] => match inside.windows(2).position(|pair| pair == b"*/") {
                Some(end) => end + 4,
                None => {
                    self.error(start, "this comment is never closed");
                    rest.len()
                }
            },
            _ => return false,
        };
        self.at += length;
        self.comments.push(start..self.at);
        true
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn offset(&self) -> u32 {
        u32::try_from(self.at).unwrap_or(u32::MAX)
    }

    fn error(&mut self, offset: usize, message: &str) {
        if self.errors.len() - self.errors_before < MAX_ERRORS {
            self.errors.push(SyntaxError {
                offset,
                in_source: self.source,
                message: message.to_owned(),
            });
        }
    }
}

#[cfg(test)]
mod tests;
