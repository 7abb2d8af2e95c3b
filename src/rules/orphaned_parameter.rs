//! `orphaned-parameter`: a parameter that only the text that a run takes out used.
//!
//! Whatever passes it from outside must stop to pass it before it can go: a deployment fails that passes what
//! its template does not declare. So it is reported and never removed.

use crate::arm::{Declared, Orphan};

use super::{About, Context, Finding, Related, Repair, Rule};

pub(super) static RULE: Rule = Rule {
    id: "orphaned-parameter",
    finds: "a parameter whose only uses are removed",
    fixes: "reported only: the parameter does no harm, and removing it breaks every deployment that \
            still passes it",
    page: include_str!("orphaned_parameter.md"),
    about: About::Migration,
    clear: Some(clear),
    ..Rule::DEFAULT
};

const ADVICE: &str = "the parameter does no harm; before you remove it, stop passing it in \
                      pipelines, scripts and portal links: a deployment fails if it passes an \
                      undeclared parameter";

pub(super) fn clear(context: &Context<'_, '_>, orphan: &Orphan) -> Option<Repair> {
    if orphan.declared != Declared::Parameter {
        return None;
    }
    let passers = context.model.passers(orphan);
    let passed = passers.keys.iter();
    let passed = passed.map(|key| Related::new(context.member_place(*key), "passed here"));
    let message = format!(
        "nothing uses the parameter {} after the migration",
        orphan.name
    );
    let finding = Finding::new(&RULE, context.place(orphan.at), message)
        .with_related(passed)
        .with_help(passers.unread)
        .with_help([ADVICE]);
    Some(Repair {
        finding: Some(finding),
        ..Repair::new(Vec::new())
    })
}
