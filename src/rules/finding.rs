//! What a rule has to say about a template.
//!
//! Knows rules and byte spans of the document; never knows how a finding is drawn. Start at
//! [`Finding`].

use std::ops::Range;

use crate::json::{Document, NodeId};

use super::{Hold, Machine, Rule};

/// How bad a finding is, worst last, so that `max` gives the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing breaks.
    Note,
    /// Needs a decision.
    Warning,
    /// A deployment fails, or a caller breaks.
    Error,
}

impl Severity {
    /// The word that reports print: `error`, `warning` or `note`.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A spot in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The source, as an index of those that are migrated together; 0 where there is one only.
    pub source: usize,
    /// What to show: byte offsets within the node; in the whole text while rules run, in the file
    /// in what a migration gives.
    pub span: Range<usize>,
    /// The RFC 9535 normalized path of the node that is meant, such as `$['resources'][0]`; empty in
    /// what is not JSON.
    pub path: String,
}

impl Place {
    /// The place of `span` within the node `node` of `document`.
    pub fn within(document: &Document<'_>, node: NodeId, span: Range<usize>) -> Self {
        Self {
            source: document.source_of(node),
            span,
            path: document.path(node),
        }
    }
}

/// A further spot that belongs to a finding, such as a repair of the removal it announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What happens there, in a few words.
    pub message: String,
}

impl Related {
    const HOLD: &str = "this holds the removal";

    /// A place that holds a removal.
    pub(crate) fn hold(place: Place) -> Self {
        Self {
            place,
            message: Self::HOLD.to_owned(),
        }
    }

    /// The same of a removal that `--unsafe-fixes` makes all the same.
    pub(crate) fn released(mut self) -> Self {
        if self.message == Self::HOLD {
            self.message = "this would hold the removal without --unsafe-fixes".to_owned();
        }
        self
    }
}

/// What `fix` does about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    /// `fix` fixes it.
    Safe,
    /// `fix --unsafe-fixes` fixes it: its effect is not proven by the files.
    Unsafe,
    /// Left to a person, with the reason.
    Held(Hold),
    /// There is nothing to apply; the finding explains.
    DisplayOnly,
}

/// One result of a rule.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence without a full stop.
    pub message: String,
    /// Where it is.
    pub place: Place,
    /// Repairs and witnesses elsewhere in the document.
    pub related: Vec<Related>,
    /// What to do or to check, one line each.
    pub help: Vec<String>,
    /// What `fix` does about it.
    pub fix: Fix,
    /// The machine that it is about, where it is about one.
    pub machine: Option<Box<Machine>>,
}
