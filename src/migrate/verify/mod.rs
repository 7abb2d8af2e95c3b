//! The gate: what a result must pass before it is shown or written.
//!
//! It trusts neither the rules nor the surgery. A check that fails holds the units whose operations make it
//! fail; only a failure with all of them held, or bytes that do not round-trip, is a fault of this program. The
//! checks, each of them linear:
//!
//! - [`operations`]: the rules touch only what a migration may touch.
//! - [`edits`]: no byte changes apart from what the operations are about, and no comment is lost
//!   that belongs to something that stays.
//! - [`document`]: the result parses, and is the old document with the operations carried out.
//! - [`graph`]: all other resources are there, and depend on what they depended on.
//! - [`provision_order`]: the other extensions still come after what they came after.
//! - [`references`]: nothing reads at run time what is gone.
//! - [`declarations`]: nothing uses a variable or parameter that is no longer declared.
//! - [`passed`]: nothing passes a parameter that is no longer declared.
//! - [`settled`]: a second run would change nothing.

mod declarations;
mod document;
mod edits;
mod graph;
mod meant;
mod permitted;
mod provision_order;
mod references;

use thiserror::Error;

use crate::json::surgery::Operation;

pub(super) use declarations::{declarations, passed};
pub(super) use document::document;
pub(super) use edits::edits;
pub(super) use graph::graph;
pub(super) use permitted::operations;
pub(super) use provision_order::provision_order;
pub(super) use references::references;

/// Why a result was refused, or why none was sought.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what}")]
pub struct Fault {
    what: String,
    kind: FaultKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FaultKind {
    /// The bytes are not what they should be: a fault of this program.
    Ours,
    /// The result means something else than it should: its units are held.
    Refusal,
    /// What is asked for goes beyond a bound.
    Beyond,
}

impl Fault {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            kind: FaultKind::Ours,
        }
    }

    /// What is asked for goes beyond a bound.
    pub(super) fn beyond(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            kind: FaultKind::Beyond,
        }
    }

    /// Whether it is this program's: what failed its check is.
    pub fn is_ours(&self) -> bool {
        self.kind != FaultKind::Beyond
    }

    /// Whether what failed is held instead, and said with the finding.
    pub(super) fn is_refusal(&self) -> bool {
        self.kind == FaultKind::Refusal
    }

    /// The same of a check of what the result means.
    pub(super) fn into_refusal(self) -> Self {
        let kind = match self.kind {
            FaultKind::Ours => FaultKind::Refusal,
            kind => kind,
        };
        Self { kind, ..self }
    }
}

/// Checks that a run on the result has nothing left to do, given what it would do.
pub(super) fn settled(again: &[Operation]) -> Result<(), Fault> {
    if again.is_empty() {
        Ok(())
    } else {
        Err(Fault::new("a second run would change the result again"))
    }
}
