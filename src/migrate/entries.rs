//! The entries of files: what a person waives, and what a baseline knows.
//!
//! In templates an entry is a resource or an object in a list; in a text it is a line. Start at [`EntryIndex`].

use std::cell::OnceCell;
use std::collections::HashSet;

use crate::arm::Model;
use crate::json::{Document, Kind, NodeId};
use crate::rules::Place;
use crate::text::LineIndex;

/// The entries of files that are migrated together.
pub(super) struct EntryIndex<'e, 'd> {
    ground: Ground<'e, 'd>,
    resources: OnceCell<HashSet<NodeId>>,
}

enum Ground<'e, 'd> {
    Templates(&'e Model<'d>),
    Text(&'e [u8], OnceCell<LineIndex>),
}

impl<'e, 'd> EntryIndex<'e, 'd> {
    pub(super) fn of_templates(model: &'e Model<'d>) -> Self {
        Self::of(Ground::Templates(model))
    }

    /// Those of a file in another language.
    pub(super) fn of_text(text: &'e [u8]) -> Self {
        Self::of(Ground::Text(text, OnceCell::new()))
    }

    fn of(ground: Ground<'e, 'd>) -> Self {
        let resources = OnceCell::new();
        Self { ground, resources }
    }

    /// The document; `None` for a text.
    pub(super) fn document(&self) -> Option<&'e Document<'d>> {
        match &self.ground {
            Ground::Templates(model) => Some(model.document()),
            Ground::Text(..) => None,
        }
    }

    /// The start of the line with an offset.
    pub(super) fn line_start(&self, offset: usize) -> usize {
        match &self.ground {
            Ground::Templates(model) => model.document().line_start(offset),
            Ground::Text(text, index) => {
                let index = index.get_or_init(|| LineIndex::new(text));
                index.line_start(index.line(offset))
            }
        }
    }

    /// The nodes that hold an offset, the innermost first.
    pub(super) fn around(&self, offset: usize) -> impl Iterator<Item = NodeId> + use<'e, 'd> {
        let document = self.document();
        let innermost = document.and_then(|document| document.node_at(offset));
        std::iter::successors(innermost, move |node| document?.parent(*node))
    }

    /// The nodes that hold all of a place, the innermost first.
    pub(super) fn holders(&self, place: &Place) -> impl Iterator<Item = NodeId> {
        let document = self.document();
        self.around(place.span.start).filter(move |node| {
            let span = document.map(|document| document.span(*node));
            span.is_some_and(|span| span.start <= place.span.start && place.span.end <= span.end)
        })
    }

    fn is_resource(&self, node: NodeId) -> bool {
        let Ground::Templates(model) = self.ground else {
            return false;
        };
        let resources = || model.resources().iter().map(|it| it.node).collect();
        self.resources.get_or_init(resources).contains(&node)
    }

    /// The innermost resource that holds an offset.
    pub(super) fn resource(&self, offset: usize) -> Option<NodeId> {
        self.around(offset).find(|node| self.is_resource(*node))
    }

    /// The innermost resource, or object in a list, that holds an offset.
    pub(super) fn entry(&self, offset: usize) -> Option<NodeId> {
        let document = self.document()?;
        self.around(offset).find(|node| {
            let parent = document.parent(*node);
            let is_listed = parent.is_some_and(|parent| document.kind(parent) == Kind::Array);
            document.kind(*node) == Kind::Object && is_listed || self.is_resource(*node)
        })
    }

    /// The starts of the lines that a waiver of a finding may be for: the finding's own, and the first one of
    /// its entry.
    pub(super) fn lines(&self, offset: usize) -> Vec<usize> {
        let mut starts = vec![offset];
        if let Some((document, entry)) = self.document().zip(self.entry(offset)) {
            starts.push(document.span(entry).start);
            let key = document.parent(entry);
            let key = key.filter(|key| document.kind(*key) == Kind::Key);
            starts.extend(key.map(|key| document.span(key).start));
        }
        starts.iter().map(|start| self.line_start(*start)).collect()
    }

    /// The words of the line with an offset of a text; `None` in templates.
    pub(super) fn line_words(&self, offset: usize) -> Option<String> {
        let Ground::Text(text, _) = &self.ground else {
            return None;
        };
        let (before, behind) = text.split_at(offset.min(text.len()));
        let start = before.rsplit(|byte| *byte == b'\n').next();
        let end = behind.split(|byte| *byte == b'\n').next();
        let line = [start.unwrap_or_default(), end.unwrap_or_default()].concat();
        let line = String::from_utf8_lossy(&line);
        Some(line.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}
