//! What a rule has to say about a template.
//!
//! Knows rules and byte spans of the document; never knows how a finding is drawn. Start at
//! [`Finding`].

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::json::{Document, NodeId};

use super::{Hold, Machine, Rule};

/// How bad a finding is.
// The worst is last, so that `max` gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
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
    /// The place of `span` in a text that is not JSON.
    pub(crate) fn in_text(span: Range<usize>) -> Self {
        Self {
            source: 0,
            span,
            path: String::new(),
        }
    }

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

    pub(crate) fn new(place: Place, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { place, message }
    }

    /// A place that holds a removal.
    pub(crate) fn hold(place: Place) -> Self {
        Self::new(place, Self::HOLD)
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
    /// `fix` does this, such as "removes the extension".
    Safe(Cow<'static, str>),
    /// `fix --unsafe-fixes` does this: its effect is not proven by the files.
    Unsafe(Cow<'static, str>),
    /// Left to a person, with the reason.
    Held(Hold),
    /// There is nothing to apply; the finding explains.
    DisplayOnly,
}

impl Fix {
    /// Whether `fix` does it without `--unsafe-fixes`.
    pub fn is_safe(&self) -> bool {
        matches!(self, Self::Safe(_))
    }

    /// Whether a run with or without `--unsafe-fixes` does it.
    pub fn is_applied(&self, unsafe_fixes: bool) -> bool {
        match self {
            Self::Safe(_) => true,
            Self::Unsafe(_) => unsafe_fixes,
            Self::Held(_) | Self::DisplayOnly => false,
        }
    }

    /// What it does, where it does something.
    pub fn action(&self) -> Option<&str> {
        match self {
            Self::Safe(action) | Self::Unsafe(action) => Some(action),
            Self::Held(_) | Self::DisplayOnly => None,
        }
    }
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
    /// What hides it, if something does.
    pub suppressed: Option<SuppressedBy>,
}

/// What hides a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "by", content = "reason", rename_all = "lowercase")]
pub enum SuppressedBy {
    /// A waiver, for this reason, in the file itself.
    #[serde(rename = "waiver")]
    InSource(String),
    /// A waiver, for this reason, that was read elsewhere.
    #[serde(rename = "configuration")]
    Given(String),
    /// The baseline: the finding is fixed all the same where it can be.
    Baseline,
}

impl Finding {
    /// A finding of this rule, as severe as its findings are at most, that only explains.
    pub fn new(rule: &'static Rule, place: Place, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            message: message.into(),
            place,
            related: Vec::new(),
            help: Vec::new(),
            fix: Fix::DisplayOnly,
            machine: None,
            suppressed: None,
        }
    }

    /// The same finding with another severity.
    pub(crate) fn with_severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// The same finding with more lines of help.
    pub(crate) fn with_help<H: Into<String>>(mut self, help: impl IntoIterator<Item = H>) -> Self {
        self.help.extend(help.into_iter().map(Into::into));
        self
    }

    /// The same finding with these places beside it.
    pub(crate) fn with_related(mut self, related: impl IntoIterator<Item = Related>) -> Self {
        self.related.extend(related);
        self
    }

    /// The same finding with this fix.
    pub(crate) fn with_fix(self, fix: Fix) -> Self {
        Self { fix, ..self }
    }

    /// The same finding, left to a person for this reason.
    pub(crate) fn held(self, hold: Hold) -> Self {
        self.with_fix(Fix::Held(hold))
    }

    /// What it has in common with the same finding of another run over the same text: its rule and start.
    pub(crate) fn key(&self) -> FindingKey {
        (self.rule.id, self.place.span.start)
    }
}

/// A rule's id and the start of a finding.
pub(crate) type FindingKey = (&'static str, usize);
