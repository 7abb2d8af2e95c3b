//! `orphaned-parameter`: a parameter that only the text that a run takes out used.
//!
//! Parameters are passed from outside, and a deployment fails that is passed one which its template
//! does not declare: it can go only together with what passes it.

use crate::arm::{Declared, Orphan};

use super::{Context, Finding, Fix, Repair, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "orphaned-parameter",
    finds: "a parameter that only what is removed used",
    fixes: "reported only: parameter files, pipelines and parent templates may still pass it",
    severity: Severity::Note,
    needles: &[],
};

pub(super) fn clear(context: &Context<'_, '_>, orphan: &Orphan) -> Option<Repair> {
    if orphan.declared != Declared::Parameter {
        return None;
    }
    let mut repair = Repair::new(Vec::new());
    repair.finding = Some(Finding {
        rule: &RULE,
        severity: Severity::Note,
        message: format!(
            "nothing uses the parameter {} after the migration",
            orphan.name
        ),
        place: context.place(orphan.at),
        related: Vec::new(),
        help: vec![
            "parameter files, pipelines and parent templates may still pass it, which fails once \
             it is not declared: remove it here and there together"
                .to_owned(),
        ],
        fix: Fix::DisplayOnly,
    });
    Some(repair)
}
