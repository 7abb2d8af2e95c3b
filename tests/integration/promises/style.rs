//! From a JSON value to text as many kinds of authors would lay it out. Start at [`Style`].

use proptest::prelude::*;

use super::tree::Tree;

/// How lines end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Lf,
    Crlf,
    Mixed,
}

/// How to lay out.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    ends: Ends,
    mark: bool,
    indent: &'static str,
    final_newline: bool,
    hugging: bool,
    trailing_commas: bool,
    one_line: bool,
    escapes: bool,
    comments: bool,
    /// Single quotes, keys without quotes, raw line breaks and tabs in strings.
    loose: bool,
    seed: u64,
}

pub(crate) fn styles() -> impl Strategy<Value = Style> {
    let ends = prop_oneof![2 => Just(Ends::Lf), 2 => Just(Ends::Crlf), 1 => Just(Ends::Mixed)];
    let indent = prop_oneof![
        3 => Just("  "), 2 => Just("\t"), 1 => Just("    "), 1 => Just("\u{a0} "), 1 => Just("")
    ];
    let first = (ends, indent, any::<[bool; 4]>());
    let second = (any::<[bool; 4]>(), any::<u64>());
    (first, second).prop_map(|((ends, indent, first), (second, seed))| {
        let [mark, no_final, hugging, loose] = first;
        let [trailing_commas, one_line, escapes, comments] = second;
        Style {
            ends,
            mark,
            indent,
            final_newline: !no_final,
            hugging,
            trailing_commas,
            one_line,
            escapes,
            comments,
            loose: loose && seed % 2 == 0,
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
        if self.mark {
            writer.text.push('\u{feff}');
        }
        if writer.comment() {
            writer.line(0);
        }
        writer.value(tree, 0, false);
        writer.comment();
        if self.final_newline {
            writer.line(0);
        }
        writer.text.into_bytes()
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
                self.key(key);
            }
            self.value(value, depth + 1, flat);
            self.block_comment();
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
            } else {
                self.block_comment();
            }
        }
        if !flat {
            self.line(depth);
            if self.chance(4) && self.comment() {
                self.line(depth);
            }
        } else if items.is_empty() {
            self.block_comment();
        }
        self.text.push(brackets[1]);
    }

    /// A key, its colon, and what stands around that.
    fn key(&mut self, key: &str) {
        let is_word = key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if self.style.loose && is_word && self.chance(3) {
            self.text.push_str(key);
        } else {
            self.string(key);
        }
        self.block_comment();
        self.text.push(':');
        match self.style.escapes && self.chance(9) {
            true => self.line(1),
            false => self.text.push(' '),
        }
        if self.block_comment() {
            self.text.push(' ');
        }
    }

    fn line(&mut self, depth: usize) {
        let is_crlf = match self.style.ends {
            Ends::Lf => false,
            Ends::Crlf => true,
            Ends::Mixed => self.chance(2),
        };
        self.text.push_str(if is_crlf { "\r\n" } else { "\n" });
        self.text.push_str(&self.style.indent.repeat(depth));
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
        self.style.comments && self.chance(12) && self.block()
    }

    fn block(&mut self) -> bool {
        self.comments += 1;
        self.text.push_str(&format!(" /* c{}: }}, ", self.comments));
        if self.chance(6) {
            self.line(2);
        }
        self.text.push_str("*/");
        true
    }

    fn string(&mut self, text: &str) {
        let single = self.style.loose && self.chance(4);
        let quote = if single { '\'' } else { '"' };
        self.text.push(quote);
        for character in text.chars() {
            let escapes = self.style.escapes && self.chance(6);
            match character {
                '\n' | '\t' | '\r' if self.style.loose => self.text.push(character),
                '\n' => self.text.push_str("\\n"),
                '\t' => self.text.push_str("\\t"),
                '\r' => self.text.push_str("\\r"),
                '/' if escapes && self.chance(2) => self.text.push_str("\\/"),
                '"' | '\\' => self.text.extend(['\\', character]),
                '\'' if single => self.text.push_str("\\'"),
                _ if escapes => {
                    let code = u32::from(character);
                    let hex = match code % 2 {
                        0 => format!("\\u{code:04x}"),
                        _ => format!("\\u{code:04X}"),
                    };
                    self.text.push_str(&hex);
                }
                other => self.text.push(other),
            }
        }
        self.text.push(quote);
    }
}
