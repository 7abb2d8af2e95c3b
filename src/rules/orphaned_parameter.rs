//! `orphaned-parameter`: a parameter that only the text that a run takes out used.
//!
//! Parameters are passed from outside, and a deployment fails that is passed one which its template
//! does not declare: it can go only together with what passes it. On request it goes from the
//! template, from the deployments that link or hold that, from its parameter files and from the outputs
//! of its UI definition, all of them or none.

use crate::arm::{Declared, Orphan};
use crate::json::surgery::Operation;

use super::{Context, Finding, Fix, Related, Remedy, Repair, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "orphaned-parameter",
    severity: Severity::Note,
    finds: "a parameter that only what is removed used",
    fixes: "with `--prune-parameters`: removed, together with what passes it in parent templates, \
            parameter files and `createUiDefinition.json`; else reported",
    needles: &[],
    remedy: Remedy::OnRequest("--prune-parameters"),
    page: include_str!("orphaned_parameter.md"),
};

const ELSEWHERE: &str = "pipelines, scripts and bookmarks of the portal that pass it must stop to do \
                         so: a deployment fails that is passed what its template does not declare";

pub(super) fn clear(context: &Context<'_, '_>, orphan: &Orphan) -> Option<Repair> {
    if orphan.declared != Declared::Parameter {
        return None;
    }
    let passers = context.model.passers(orphan);
    let place = context.place(orphan.at);
    let mut repair = Repair::new(Vec::new());
    let passed = passers.keys.iter().map(|key| Related {
        place: context.member_place(*key),
        message: "it is passed here".to_owned(),
    });
    let related: Vec<Related> = passed.collect();
    let (fix, help) = match passers.unread.first() {
        _ if !context.policies.prune_parameters => {
            let help = "remove it together with all that passes it, with `--prune-parameters` where \
                        that is in view";
            (Fix::DisplayOnly, help)
        }
        Some(reason) => (Fix::Held(reason.clone()), ELSEWHERE),
        None => (Fix::Safe, ELSEWHERE),
    };
    if fix == Fix::Safe {
        let all = std::iter::once(orphan.node).chain(passers.keys);
        repair.operations = all.map(|key| Operation::RemoveMember { key }).collect();
    }
    repair.finding = Some(Finding {
        rule: &RULE,
        severity: Severity::Note,
        message: format!(
            "nothing uses the parameter {} after the migration",
            orphan.name
        ),
        place,
        related,
        help: vec![help.to_owned()],
        fix,
    });
    Some(repair)
}
