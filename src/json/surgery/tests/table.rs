//! Every kind of removal and insertion in every shape of container.

use serde_json::json;

use super::{add, item, node, valid};
use crate::json::document::Document;
use crate::json::surgery::{Operation, WhenEmpty, lower};
use crate::text::{Edit, apply};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Block,
    OneLine,
    LeadingComma,
    Wrapped,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comment {
    None,
    Above,
    BeforeComma,
    Behind,
    Loose,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    object: bool,
    shape: Shape,
    comment: Comment,
    trailing: bool,
    line_break: &'static str,
    count: usize,
    /// A bit for each item that is removed.
    removed: usize,
    /// Insertion in front, or behind an item.
    inserted: Option<usize>,
}

impl Case {
    fn goes(&self, index: usize) -> bool {
        self.removed & (1 << index) != 0
    }

    fn text(&self) -> String {
        let items: String = (0..self.count).map(|index| self.item(index)).collect();
        let (open, close) = if self.object { ("{", "}") } else { ("[", "]") };
        let (line, end) = match self.shape {
            Shape::OneLine => ("", " "),
            _ => ("\n", "\n  "),
        };
        let text = format!("{{{line}  \"v\": {open}{items}{end}{close}{line}}}");
        text.replace('\n', self.line_break)
    }

    fn item(&self, index: usize) -> String {
        let value = if self.object {
            format!("\"k{index}\": {index}")
        } else {
            index.to_string()
        };
        let comma = if index + 1 < self.count || self.trailing {
            ","
        } else {
            ""
        };
        let own_line = "\n    ";
        let space = match self.shape {
            Shape::Block => own_line,
            Shape::Wrapped if index.is_multiple_of(2) => own_line,
            Shape::LeadingComma if index == 0 => own_line,
            _ => " ",
        };
        let note = match self.shape {
            Shape::OneLine | Shape::Wrapped => format!("/* c{index} */"),
            _ => format!("// c{index}"),
        };
        let above = match (self.shape, self.comment) {
            (_, Comment::Loose) if space == " " => String::new(),
            (_, Comment::Loose) => format!("{own_line}// c{index}\n"),
            (Shape::LeadingComma, Comment::Above) => format!("/* c{index} */ "),
            (Shape::Block, Comment::Above) => format!("{note}{own_line}"),
            (_, Comment::Above) => format!("{note} "),
            _ => String::new(),
        };
        let before_comma = match (self.shape, self.comment) {
            (Shape::LeadingComma, Comment::BeforeComma) => format!(" {note}"),
            (_, Comment::BeforeComma) => format!(" /* c{index} */"),
            _ => String::new(),
        };
        let comma = match self.shape {
            Shape::LeadingComma if !comma.is_empty() => "\n    ,",
            _ => comma,
        };
        let behind = match self.comment {
            Comment::Behind if self.shape == Shape::Block || index + 1 == self.count => {
                format!(" {note}")
            }
            _ => String::new(),
        };
        if self.comment == Comment::Loose {
            return format!("{above}{space}{value}{comma}");
        }
        format!("{space}{above}{value}{before_comma}{comma}{behind}")
    }

    fn operations(&self, document: &Document<'_>) -> Vec<Operation> {
        let container = node(document, "v");
        let mut operations: Vec<Operation> = (0..self.count)
            .filter(|index| self.goes(*index))
            .map(
                |index| match (self.object, item(document, container, index)) {
                    (true, key) => Operation::RemoveMember { key },
                    (false, element) => Operation::RemoveElement {
                        element,
                        when_empty: WhenEmpty::Keep,
                    },
                },
            )
            .collect();
        if let Some(after) = self.inserted {
            operations.push(add(document, "v", Some(after), json!(99)));
        }
        operations
    }

    fn expected(&self) -> Vec<String> {
        let mut values = Vec::new();
        let new = || "99".to_owned();
        for index in 0..self.count {
            if !self.goes(index) {
                values.push(index.to_string());
            }
            if self.inserted == Some(index) {
                values.push(new());
            }
        }
        values
    }

    /// Whether the comment of the item must be there afterwards.
    fn keeps_comment(&self, index: usize) -> bool {
        self.comment == Comment::Loose || !self.goes(index) || self.inserted == Some(index)
    }

    fn check(&self) {
        let text = self.text();
        let document = valid(text.as_bytes());
        let edits = lower(&document, &self.operations(&document));
        let new = apply(text.as_bytes(), &edits).unwrap();
        let new = String::from_utf8(new).unwrap();
        let context = format!("{self:?}\n{text}\n->\n{new}\n{edits:?}");
        self.check_survivors(&document, &edits, &context);
        let after = Document::parse(new.as_bytes());
        assert!(after.errors().is_empty(), "{:?} {context}", after.errors());
        let container = node(&after, "v");
        let values: Vec<String> = after
            .children(container)
            .map(|item| after.value(item).unwrap_or(item))
            .map(|value| String::from_utf8_lossy(after.raw(value)).into_owned())
            .collect();
        assert_eq!(values, self.expected(), "{context}");
        self.check_comments(&text, &new, &context);
        self.check_form(&text, &new, &context);
    }

    fn check_survivors(&self, document: &Document<'_>, edits: &[Edit], context: &str) {
        let container = node(document, "v");
        for index in (0..self.count).filter(|index| !self.goes(*index)) {
            let item = item(document, container, index);
            let value = document.value(item).unwrap_or(item);
            let span = document.span(item).start..document.span(value).end;
            for edit in edits {
                let range = edit.range();
                let apart = range.end <= span.start || span.end <= range.start;
                assert!(apart, "touches item {index}: {context}");
            }
        }
    }

    fn check_comments(&self, text: &str, new: &str, context: &str) {
        for index in 0..self.count {
            let comment = format!("c{index}");
            let before = text.matches(&comment).count();
            let wanted = if self.keeps_comment(index) { before } else { 0 };
            let there = new.matches(&comment).count();
            assert_eq!(there, wanted, "comment {index}: {context}");
        }
    }

    fn check_form(&self, text: &str, new: &str, context: &str) {
        let lone = new.replace(self.line_break, "");
        assert!(!lone.contains(['\n', '\r']), "line breaks: {context}");
        let lines_of = |text: &str, wanted: &str| {
            let lines = text.split(self.line_break);
            lines.filter(|line| line.trim() == wanted).count()
        };
        let made = lines_of(new, "") > lines_of(text, "");
        assert!(!made, "a blank line: {context}");
        let commas = |text: &str| lines_of(&without_comments(text), ",");
        // A trailing comma that leads its line is alone there, and so is the one that follows suit.
        let alone = self.shape != Shape::LeadingComma || !self.trailing;
        assert!(
            !alone || commas(new) <= commas(text),
            "a comma alone: {context}"
        );
        for line in new.split(self.line_break) {
            assert_eq!(line, line.trim_end(), "trailing white space: {context}");
        }
        let is_block = self.shape == Shape::Block && !self.expected().is_empty();
        if is_block && matches!(self.comment, Comment::None | Comment::Above) {
            let ends = if self.trailing { "," } else { "" };
            let last = self.expected().pop().unwrap();
            let close = if self.object { "}" } else { "]" };
            let end = format!("{last}{ends}\n  {close}\n}}").replace('\n', self.line_break);
            assert!(new.ends_with(&end), "end {end:?}: {context}");
        }
        if is_block {
            let lines = new
                .split(self.line_break)
                .filter(|line| line.contains("99"));
            for line in lines {
                assert!(
                    line.starts_with("    ") && !line.starts_with("     "),
                    "{context}"
                );
            }
        }
    }
}

fn without_comments(text: &str) -> String {
    (0..4).fold(text.to_owned(), |text, number| {
        text.replace(&format!("/* c{number} */"), "")
            .replace(&format!("// c{number}"), "")
    })
}

/// The number of cases.
fn each(mut check: impl FnMut(Case)) -> usize {
    use {Comment::*, Shape::*};
    let mut cases = 0;
    for shape in [Block, OneLine, LeadingComma, Wrapped] {
        for comment in [None, Above, BeforeComma, Behind, Loose] {
            for line_break in ["\n", "\r\n", "\r"] {
                for bits in 0..4 {
                    for count in 1..=4 {
                        for removed in 0..1 << count {
                            check(Case {
                                object: bits & 1 != 0,
                                shape,
                                comment,
                                trailing: bits & 2 != 0,
                                line_break,
                                count,
                                removed,
                                inserted: Option::None,
                            });
                            cases += 1;
                        }
                    }
                }
            }
        }
    }
    cases
}

#[test]
fn any_removal_leaves_the_other_items_and_their_comments() {
    assert_eq!(each(|case| case.check()), 7_200);
}

#[test]
fn any_insertion_beside_any_removal_leaves_the_other_items_and_their_comments() {
    let mut insertions = 0;
    each(|case| {
        for after in 0..case.count {
            let inserted = Some(after);
            Case { inserted, ..case }.check();
            insertions += 1;
        }
    });
    assert_eq!(insertions, 23_520);
}

#[test]
fn no_operation_makes_no_edit() {
    each(|case| {
        let text = case.text();
        assert_eq!(lower(&valid(text.as_bytes()), &[]), []);
    });
}
