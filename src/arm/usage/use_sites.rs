//! Every use in a document, with where it is, once operations are carried out.
//!
//! One pass over the nodes, beside the list of the parts that differ from what is around them. Never
//! knows what comes of a use. Start at [`visit_uses`].

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;
use serde_json::json;

use crate::json::surgery::{Inserted, Operation};
use crate::json::{Document, Kind, NodeId};
use crate::text::{Edit, apply};

use super::super::embedding::unescaped;
use super::super::model::Model;
use super::super::uses::{Use, may_use, uses};
use super::declarations::{Declarations, Part, Place};

/// Where a use is.
#[derive(Clone, Copy)]
pub(in crate::arm) struct UseSite {
    /// Whose names it means.
    pub(in crate::arm) place: Place,
    /// The declaration that it is part of.
    pub(in crate::arm) declaration: Option<usize>,
    /// The operation that takes it out.
    pub(in crate::arm) gone: Option<usize>,
    /// The string or key, where it is one of the document.
    pub(in crate::arm) node: Option<NodeId>,
}

/// What operations take out and put in.
#[derive(Default)]
pub(in crate::arm) struct Changes {
    gone: Vec<(Range<usize>, usize)>,
    /// What is put in, by the node around it, in the order of the document.
    new: Vec<(NodeId, Vec<u8>)>,
}

impl Changes {
    pub(in crate::arm) fn of(document: &Document<'_>, operations: &[Operation]) -> Self {
        let mut changes = Self::default();
        let mut texts: BTreeMap<NodeId, Vec<Edit>> = BTreeMap::new();
        for (index, operation) in operations.iter().enumerate() {
            match operation {
                Operation::RemoveElement { element, .. } => {
                    changes.gone.push((document.span(*element), index));
                }
                Operation::RemoveMember { key } => {
                    let end = document.span(document.value(*key).unwrap_or(*key)).end;
                    changes.gone.push((document.span(*key).start..end, index));
                }
                Operation::Replace { node, raw } => {
                    changes.gone.push((document.span(*node), index));
                    let around = document.parent(*node).unwrap_or(*node);
                    changes.new.push((around, raw.clone()));
                }
                Operation::ReplaceText { node, range, raw } => {
                    changes.gone.push((document.span(*node), index));
                    let start = document.span(*node).start;
                    let end = range.end.saturating_sub(start);
                    let within = range.start.saturating_sub(start)..end;
                    let edit = Edit::replacement(within, raw.as_slice());
                    texts.entry(*node).or_default().push(edit);
                }
                Operation::InsertMember {
                    object,
                    name,
                    value,
                    ..
                } => {
                    let member = json!({ name: value });
                    changes.new.push((*object, member.to_string().into_bytes()));
                }
                Operation::InsertElement { array, value, .. } => {
                    let raw = match value {
                        Inserted::Value(value) => value.to_string().into_bytes(),
                        Inserted::Raw(raw) => raw.clone(),
                    };
                    changes.new.push((*array, raw));
                }
            }
        }
        for (node, mut edits) in texts {
            edits.sort();
            edits.dedup();
            let around = document.parent(node).unwrap_or(node);
            // Parts that overlap are none that surgery takes.
            let new = apply(document.raw(node), &edits).unwrap_or_default();
            changes.new.push((around, new));
        }
        changes.new.sort_by_key(|(node, _)| *node);
        changes
    }
}

/// Whether a look at the text shows that what is taken out uses nothing alone: each name in it is read
/// by an expression that stays, too. It is so in most templates, and spares reading all their
/// expressions.
pub(in crate::arm) fn nothing_is_used_alone(model: &Model<'_>, changes: &Changes) -> bool {
    static READER: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i-u)\b(?:variables|parameters)\('[\w-]+'\)").ok());
    static WORD: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i-u)variables|parameters|\\u").ok());
    let document = model.document;
    // Only where all expressions of the document mean the same names.
    let (Some(reader), Some(word), [only]) = (&*READER, &*WORD, model.templates.as_slice()) else {
        return false;
    };
    if document.sources() != 1 || document.key(only.node, "functions").is_some() {
        return false;
    }
    let sections = ["parameters", "variables"].map(|name| document.get(only.node, name));
    let mut names = HashSet::new();
    for (span, _) in &changes.gone {
        let text = document.text().get(span.clone()).unwrap_or_default();
        let calls = reader
            .find_iter(text)
            .map(|call| call.as_bytes().to_ascii_lowercase());
        let found: Vec<_> = calls.collect();
        // A name that is spelled in another way is not seen here.
        if word.find_iter(text).count() != found.len() {
            return false;
        }
        names.extend(found);
    }
    // What is taken out and the declarations themselves are passed over.
    let mut text = document.text().to_vec();
    let sections = sections.into_iter().flatten();
    let gone = changes.gone.iter().map(|(span, _)| span.clone());
    for span in gone.chain(sections.map(|section| document.span(section))) {
        text.get_mut(span).unwrap_or_default().fill(b' ');
    }
    let mut calls = reader.find_iter(&text);
    while !names.is_empty()
        && let Some(call) = calls.next()
    {
        let node = document.node_at(call.start());
        let raw = node.map(|node| document.raw(node)).unwrap_or_default();
        if matches!(raw, [_, b'[', second, ..] if *second != b'[') {
            names.remove(&call.as_bytes().to_ascii_lowercase());
        }
    }
    names.is_empty()
}

/// What is in no part of its own.
const OUTERMOST: UseSite = UseSite {
    place: Place::Unknown,
    declaration: None,
    gone: None,
    node: None,
};

/// Calls `seen` with each use in the document and in what is put into it.
pub(in crate::arm) fn visit_uses(
    document: &Document<'_>,
    declarations: &Declarations,
    changes: &Changes,
    mut seen: impl FnMut(UseSite, Use),
) {
    let mut parts: Vec<(Range<usize>, Part)> = declarations.parts.clone();
    let gone = changes.gone.iter();
    parts.extend(gone.map(|(span, operation)| (span.clone(), Part::Gone(*operation))));
    parts.sort_by_key(|(span, _)| (span.start, Reverse(span.end)));
    let mut parts = parts.into_iter().peekable();
    let mut new = changes.new.iter().peekable();
    let mut open: Vec<(usize, UseSite)> = Vec::new();
    for node in document.nodes() {
        let start = document.span(node).start;
        while open.last().is_some_and(|(end, _)| *end <= start) {
            open.pop();
        }
        while let Some((span, part)) = parts.next_if(|(span, _)| span.start <= start) {
            let around = open.last().map_or(OUTERMOST, |(_, at)| *at);
            open.push((span.end, around.within(part)));
        }
        let at = open.last().map_or(OUTERMOST, |(_, at)| *at);
        while let Some((_, raw)) = new.next_if(|(around, _)| *around == node) {
            let inserted = Document::parse(raw);
            for node in inserted.nodes().filter(|_| at.gone.is_none()) {
                uses_at(&inserted, node, declarations, at, &mut seen);
            }
        }
        let at = UseSite {
            node: Some(node),
            ..at
        };
        uses_at(document, node, declarations, at, &mut seen);
    }
}

impl UseSite {
    fn within(mut self, part: Part) -> Self {
        match part {
            Part::Place(place) => self.place = place,
            Part::Declaration(index) => self.declaration = Some(index),
            Part::Gone(operation) => self.gone = self.gone.or(Some(operation)),
        }
        self
    }
}

fn uses_at(
    document: &Document<'_>,
    node: NodeId,
    declarations: &Declarations,
    at: UseSite,
    seen: &mut impl FnMut(UseSite, Use),
) {
    let is_text = matches!(document.kind(node), Kind::String | Kind::Key);
    if !is_text || !may_use(document.raw(node)) {
        return;
    }
    let text = document.string(node).unwrap_or_default();
    let (text, place) = match unescaped(&text, declarations.escapes(at.place)) {
        Some(own) => (own, at.place),
        // An expression of a template around this one.
        None => (text.as_str(), Place::Unknown),
    };
    let found = uses(text).into_iter();
    found.for_each(|used| seen(UseSite { place, ..at }, used));
}
