//! From a JSON value to text as many kinds of authors would lay it out.

use proptest::prelude::*;

use crate::tree::Tree;

/// How to lay out.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    crlf: bool,
    mark: bool,
    tabs: bool,
    final_newline: bool,
    hugging: bool,
    trailing_commas: bool,
    one_line: bool,
    escapes: bool,
    comments: bool,
    seed: u64,
}

pub(crate) fn styles() -> impl Strategy<Value = Style> {
    let first = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    let second = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<u64>(),
    );
    (first, second).prop_map(|(first, second)| {
        let (crlf, mark, tabs, no_final, hugging) = first;
        let (trailing_commas, one_line, escapes, comments, seed) = second;
        Style {
            crlf,
            mark,
            tabs,
            final_newline: !no_final,
            hugging,
            trailing_commas,
            one_line,
            escapes,
            comments,
            seed,
        }
    })
}

impl Style {
    /// The text of `tree`.
    pub(crate) fn render(&self, tree: &Tree) -> Vec<u8> {
        let mut writer = Writer {
            style: self,
            seed: self.seed | 1,
            comments: 0,
            text: String::new(),
        };
        writer.value(tree, 0, false);
        if self.final_newline {
            writer.text.push('\n');
        }
        let mark = if self.mark { "\u{feff}" } else { "" };
        let text = if self.crlf {
            writer.text.replace('\n', "\r\n")
        } else {
            writer.text
        };
        format!("{mark}{text}").into_bytes()
    }
}

struct Writer<'s> {
    style: &'s Style,
    seed: u64,
    comments: usize,
    text: String,
}

impl Writer<'_> {
    /// Whether something happens that does so once in `times`.
    fn chance(&mut self, times: u64) -> bool {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed.is_multiple_of(times)
    }

    fn value(&mut self, tree: &Tree, depth: usize, flat: bool) {
        match tree {
            Tree::Text(text) => self.string(text),
            Tree::Other(raw) => self.text.push_str(raw),
            Tree::List(elements) => {
                let items = elements.iter().map(|element| (None, element));
                self.items(['[', ']'], &items.collect::<Vec<_>>(), depth, flat);
            }
            Tree::Object(members) => {
                let items = members
                    .iter()
                    .map(|(key, value)| (Some(key.as_str()), value));
                self.items(['{', '}'], &items.collect::<Vec<_>>(), depth, flat);
            }
        }
    }

    fn items(
        &mut self,
        brackets: [char; 2],
        items: &[(Option<&str>, &Tree)],
        depth: usize,
        flat: bool,
    ) {
        let flat = flat || items.is_empty() || (self.style.one_line && depth > 1 && self.chance(3));
        self.text.push(brackets[0]);
        for (index, (key, value)) in items.iter().enumerate() {
            let hugs = self.style.hugging && index > 0 && matches!(value, Tree::Object(_));
            match (flat, hugs && key.is_none()) {
                (true, _) if index > 0 => self.text.push(' '),
                (true, _) => {}
                (false, true) => self.text.push(' '),
                (false, false) => {
                    self.line(depth + 1);
                    if self.comment() {
                        self.line(depth + 1);
                    }
                }
            }
            if flat && self.block_comment() {
                self.text.push(' ');
            }
            if let Some(key) = key {
                self.text.push_str(&format!("\"{key}\": "));
                if self.block_comment() {
                    self.text.push(' ');
                }
            }
            self.value(value, depth + 1, flat);
            if self.chance(2) {
                self.block_comment();
            }
            let last = index + 1 == items.len();
            if !last || (self.style.trailing_commas && self.chance(2)) {
                self.text.push(',');
            }
            let next_hugs = self.style.hugging
                && items
                    .get(index + 1)
                    .is_some_and(|(key, next)| key.is_none() && matches!(next, Tree::Object(_)));
            if !flat && !next_hugs {
                self.comment();
            } else if !flat {
                self.block_comment();
            }
        }
        if !flat {
            self.line(depth);
            if self.chance(4) && self.comment() {
                self.line(depth);
            }
        }
        self.text.push(brackets[1]);
    }

    fn line(&mut self, depth: usize) {
        self.text.push('\n');
        let indent = if self.style.tabs { "\t" } else { "  " };
        self.text.push_str(&indent.repeat(depth));
    }

    /// A comment that may end the line.
    fn comment(&mut self) -> bool {
        if !self.style.comments || !self.chance(5) {
            return false;
        }
        if self.chance(2) {
            return self.block();
        }
        self.comments += 1;
        self.text
            .push_str(&format!(" // c{}: {{ \"it's\": [", self.comments));
        true
    }

    fn block_comment(&mut self) -> bool {
        self.style.comments && self.chance(8) && self.block()
    }

    fn block(&mut self) -> bool {
        self.comments += 1;
        self.text
            .push_str(&format!(" /* c{}: }}, */", self.comments));
        true
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            match character {
                '"' | '\\' => {
                    self.text.push('\\');
                    self.text.push(character);
                }
                '\'' | '/' | '(' if self.style.escapes && self.chance(4) => {
                    self.text
                        .push_str(&format!("\\u{:04x}", u32::from(character)));
                }
                other => self.text.push(other),
            }
        }
        self.text.push('"');
    }
}
