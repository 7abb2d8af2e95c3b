//! Where waivers are in a file, and what each of them is for.
//!
//! In a template, a comment is for the line that it ends or, on lines of its own, for the next line that holds
//! something else; the `comments` of a resource are for that resource. In other languages comments are known
//! only by how they start, and a waiver is for its line and the next one: that it waives nothing is reported only
//! where a comment starts with it, since elsewhere, such as in an example, it may be meant otherwise. Start at
//! [`in_templates`] and [`in_lines`].

use std::borrow::Cow;
use std::ops::Range;

use crate::arm::Model;
use crate::json::{Document, Kind};
use crate::rules::{self, Finding, Place, Rule};

use super::WaiverScope;
use super::words::{MARK, Malformed, WaiverText, waivers_in};

/// A waiver in a text.
pub(super) struct WaiverNote {
    pub(super) place: Place,
    /// Where it applies.
    pub(super) scopes: Vec<WaiverScope>,
    /// Whether it certainly is meant as one.
    pub(super) is_comment: bool,
    pub(super) words: WaiverText,
}

impl WaiverNote {
    /// That it expired, if it has a last day.
    pub(super) fn expired(&self) -> Option<Finding> {
        let until = self.words.until?.to_string();
        let names = names(&self.words.rules);
        Some(rules::expired_waiver(self.place.clone(), &names, &until))
    }

    /// That it waives nothing of those of its rules for which `is_used` does not hold.
    pub(super) fn unused(&self, is_used: impl Fn(&Rule) -> bool) -> Option<Finding> {
        let idle = self.words.rules.iter().filter(|rule| !is_used(rule));
        let names = names(idle);
        (!names.is_empty()).then(|| rules::unused_waiver(self.place.clone(), &names))
    }
}

/// The names of rules, for a sentence.
fn names<'r>(rules: impl IntoIterator<Item = &'r &'static Rule>) -> String {
    let ids: Vec<&str> = rules.into_iter().map(|rule| rule.id).collect();
    ids.join(", ")
}

/// What may be a waiver, and what it says or what is wrong with it.
pub(super) struct ParsedNote {
    pub(super) place: Place,
    pub(super) scopes: Vec<WaiverScope>,
    pub(super) is_comment: bool,
    pub(super) parsed: Result<WaiverText, Malformed>,
}

/// All waivers in the text of `model`, in the order of the text.
pub(super) fn in_templates(model: &Model<'_>) -> Vec<ParsedNote> {
    let document = model.document();
    if !has_mark(document.text()) {
        return Vec::new();
    }
    let mut found = in_comments(document);
    found.extend(in_resources(model));
    found.sort_by_key(|note| note.place.span.start);
    found
}

fn has_mark(text: &[u8]) -> bool {
    memchr::memmem::find(text, MARK.as_bytes()).is_some()
}

/// How comments start.
const OPENERS: [&str; 5] = ["//", "#", "/*", "<!--", "--"];
/// How comments start in Markdown: others there are in examples.
const MARKDOWN: [&str; 1] = ["<!--"];
/// What ends a comment on its line.
const CLOSERS: [&str; 2] = ["*/", "-->"];

/// All waivers in a file in another language, in the order of the text.
pub(super) fn in_lines(name: &[u8], text: &[u8]) -> Vec<ParsedNote> {
    if !has_mark(text) {
        return Vec::new();
    }
    let name = name.to_ascii_lowercase();
    let openers = match name.ends_with(b".md") || name.ends_with(b".markdown") {
        true => &MARKDOWN[..],
        false => &OPENERS[..],
    };
    let mut found = Vec::new();
    let mut end = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let start = end;
        end += line.len();
        let Ok(line) = std::str::from_utf8(line) else {
            continue;
        };
        let closed = CLOSERS.iter().find_map(|closer| line.find(closer));
        let line = closed.and_then(|end| line.get(..end)).unwrap_or(line);
        for (span, parsed) in waivers_in(line) {
            let before = line.get(..span.start).unwrap_or_default().trim_end();
            found.push(ParsedNote {
                place: Place::in_text(start + span.start..start + span.end),
                scopes: vec![WaiverScope::Line(start), WaiverScope::Line(end)],
                is_comment: openers.iter().any(|opener| before.ends_with(opener)),
                parsed,
            });
        }
    }
    found
}

fn in_comments(document: &Document<'_>) -> Vec<ParsedNote> {
    let mut found = Vec::new();
    let mut behind = TrailingComments::of(document);
    for comment in document.comments() {
        let bytes = document.text().get(comment.clone()).unwrap_or_default();
        let text = String::from_utf8_lossy(bytes);
        let closed = text
            .strip_prefix("/*")
            .and_then(|_| text.strip_suffix("*/"));
        for (span, parsed) in waivers_in(closed.unwrap_or(&text)) {
            let span = match text {
                Cow::Borrowed(_) => comment.start + span.start..comment.start + span.end,
                // Offsets in a text with replaced bytes are not the file's.
                Cow::Owned(_) => comment.clone(),
            };
            let line = document.line_start(behind.meant_by(comment));
            found.push(ParsedNote {
                place: place(document, span),
                scopes: vec![WaiverScope::Line(line)],
                is_comment: true,
                parsed,
            });
        }
    }
    found
}

fn in_resources(model: &Model<'_>) -> Vec<ParsedNote> {
    let document = model.document();
    let mut found = Vec::new();
    for resource in model.resources() {
        let Some(value) = document.get(resource.node, "comments") else {
            continue;
        };
        if document.kind(value) != Kind::String || !has_mark(document.raw(value)) {
            continue;
        }
        let Some((text, map)) = document.map_string(value) else {
            continue;
        };
        for (span, parsed) in waivers_in(&text) {
            found.push(ParsedNote {
                place: Place::within(document, value, map.source_range(span)),
                scopes: vec![WaiverScope::Resource(resource.node)],
                is_comment: true,
                parsed,
            });
        }
    }
    found
}

/// A place that is in no node: what holds it is meant, or the whole source.
fn place(document: &Document<'_>, span: Range<usize>) -> Place {
    Place {
        source: document.source_at(span.start),
        path: match document.node_at(span.start) {
            Some(node) => document.path(node),
            None => "$".to_owned(),
        },
        span,
    }
}

/// What follows each comment. Thousands may follow one another, and each knows from the next.
struct TrailingComments<'d, 's> {
    document: &'d Document<'s>,
    /// For each comment, the first byte behind it, in its source, that is neither white space nor in a
    /// comment.
    comments: Vec<usize>,
    /// The same for the start of the line that was asked for last, and that start.
    line: Option<(usize, usize)>,
}

impl<'d, 's> TrailingComments<'d, 's> {
    fn of(document: &'d Document<'s>) -> Self {
        let mut behind = Self {
            document,
            comments: vec![0; document.comments().len()],
            line: None,
        };
        for (index, comment) in document.comments().iter().enumerate().rev() {
            let first = behind.first(comment.end);
            if let Some(at) = behind.comments.get_mut(index) {
                *at = first;
            }
        }
        behind
    }

    /// The start of what a comment is for.
    fn meant_by(&mut self, comment: &Range<usize>) -> usize {
        let line = self.document.line_start(comment.start);
        let known = self.line.filter(|(start, _)| *start == line);
        let (_, first) = known.unwrap_or_else(|| (line, self.first(line)));
        self.line = Some((line, first));
        if first < comment.start {
            return comment.start;
        }
        self.first(comment.end)
    }

    /// The first byte from `offset` on, in its source, that is neither white space nor in a comment. What
    /// follows the comments from there on is known.
    fn first(&self, offset: usize) -> usize {
        let document = self.document;
        let end = document.source_span(document.source_at(offset)).end;
        let comments = document.comments();
        let next = comments.partition_point(|comment| comment.end <= offset);
        let comment = comments.get(next).filter(|comment| comment.start < end);
        let limit = comment.map_or(end, |comment| comment.start);
        let between = document.text().get(offset..limit).unwrap_or_default();
        let is_nothing = |byte: &u8| byte.is_ascii_whitespace() || MARKS.contains(byte);
        let skipped = between.iter().take_while(|byte| is_nothing(byte)).count();
        match self.comments.get(next).filter(|_| comment.is_some()) {
            Some(behind) if offset + skipped >= limit => *behind,
            _ => offset + skipped,
        }
    }
}

/// The bytes of a byte order mark.
const MARKS: [u8; 3] = [0xef, 0xbb, 0xbf];
