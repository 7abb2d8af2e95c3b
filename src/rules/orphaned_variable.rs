//! `orphaned-variable`: what only the text that a run takes out used.
//!
//! A variable cannot be read from outside its file, so one that nothing can reach any more goes
//! with its last use. One that nothing used before is left.

use crate::arm::{Declared, Orphan};
use crate::json::Kind;
use crate::json::surgery::{Operation, WhenEmpty};

use super::{About, Change, Context, Finding, Fix, Related, Remedy, Repair, Rule};

pub(super) static RULE: Rule = Rule {
    id: "orphaned-variable",
    finds: "a variable whose only uses are removed, and that no computed name can reach",
    fixes: "removed together with the extension",
    remedy: Remedy::Safe,
    page: include_str!("orphaned_variable.md"),
    about: About::Migration,
    changes: &[Change::RemoveVariable],
    clear: Some(clear),
    ..Rule::DEFAULT
};

pub(super) fn clear(context: &Context<'_, '_>, orphan: &Orphan) -> Option<Repair> {
    if orphan.declared != Declared::Variable {
        return None;
    }
    let place = context.place(orphan.at);
    // Variables may be left empty, their `copy` may not.
    let operation = match context.model.document().kind(orphan.node) {
        Kind::Key => Operation::RemoveMember { key: orphan.node },
        _ => Operation::RemoveElement {
            element: orphan.node,
            when_empty: WhenEmpty::RemoveMember,
        },
    };
    let related = Related::new(
        place.clone(),
        "removed: only the extension used this variable",
    );
    let message = format!(
        "nothing uses the variable {} after the migration",
        orphan.name
    );
    let fix = Fix::Safe(format!("removes the variable {}", orphan.name).into());
    Some(Repair {
        operations: vec![operation],
        related: vec![related],
        finding: Some(Finding::new(&RULE, place, message).with_fix(fix)),
        ..Repair::new(Vec::new())
    })
}
