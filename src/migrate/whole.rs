//! The pipeline over the whole text of sources that belong together.
//!
//! Start at [`in_whole`].

use crate::arm::{Model, Sources};
use crate::json::surgery;
use crate::json::{Document, Kind, NodeId};
use crate::rules::{self, Access, Context, Finding, Policies};
use crate::text::{Edit, apply, shift_offsets};

use super::entries::EntryIndex;
use super::holds::hold_refused;
use super::plan::{self, Plan};
use super::queries::{Selections, reselect_lists};
use super::sources::JoinedTexts;
use super::waivers::Waivers;
use super::{
    Aim, Deployment, Fault, Fixed, JoinedOutcome, Options, picture, remaining, removed, verify,
};

/// All of [`migrate_together`] on the whole text; positions and edits are in it too.
pub(super) fn in_whole(
    texts: &JoinedTexts<'_>,
    document: &Document<'_>,
    is_template: &[bool],
    options: &Options,
    aim: Aim,
) -> JoinedOutcome {
    let selections = too_many(document).map_or_else(|| Selections::new(document, options), Err);
    let selections = match selections {
        Ok(selections) => selections,
        Err(fault) => {
            let mut whole = JoinedOutcome::default();
            whole.migration.fault = Some(fault);
            return whole;
        }
    };
    let paths = texts.paths();
    let model = Model::of_sources(document, &paths);
    let mut refusals = Vec::new();
    let access = (0..document.sources()).map(|source| {
        if !texts.is_selected(source) {
            let name = texts.name(source);
            return Access::Read(format!(
                "{name} would change too and was not selected: select it as well"
            ));
        }
        let (refusal, reason) = match texts.fault(source) {
            Some(offset) => (
                Some(rules::undecodable(source, offset)),
                "the file cannot be written back",
            ),
            None => (
                rules::unparsable(document, source),
                "the file does not parse",
            ),
        };
        match refusal {
            Some(refusal) => {
                refusals.extend(is_template.get(source).filter(|is| **is).map(|_| refusal));
                Access::Reported(reason)
            }
            None => Access::Edited,
        }
    });
    let access = access.collect();
    let policies = Policies {
        identity: options.identity,
        extension_lists: selections.lists.clone(),
    };
    let context = Context::with_access(&model, policies, access);
    refusals.retain(|refusal| options.runs(refusal.rule.id));
    let entries = EntryIndex::of_templates(&model);
    let mut whole = hold_refused(|refused| {
        let mut waivers = Waivers::of(&model, options);
        for source in 0..document.sources() {
            waivers.give(source, texts.waivers(source), options, |waiver| {
                let selected = selections.of_waiver(waiver).iter().copied();
                selected
                    .filter(|node| document.source_of(*node) == source)
                    .collect()
            });
        }
        let within = selections.within.as_ref();
        let mut plan = plan::make(&context, options, waivers, within, refused);
        let mut findings = plan
            .waivers
            .split(&entries, refusals.clone(), &mut plan.waived);
        findings.extend(plan.findings_with_waivers(&context, options));
        let mut whole = JoinedOutcome {
            used_waivers: plan.waivers.uses(&plan.waived),
            ..JoinedOutcome::default()
        };
        let migration = &mut whole.migration;
        migration.findings = findings;
        migration.suppressed = plan.suppressed();
        migration.removed = removed::list_removed(&context, &plan.removal);
        let is_wanted = !plan.operations.is_empty() && aim == Aim::Result;
        let findings = &migration.findings;
        let result = is_wanted.then(|| make_result(&context, &paths, &plan, findings, options));
        match result.transpose() {
            Ok(fixed) => migration.fixed = fixed,
            Err(fault) => migration.fault = Some(fault),
        }
        migration.pictures = match &mut migration.fixed {
            Some(fixed) => std::mem::take(&mut fixed.pictures),
            None if options.pictures => picture::draw(&context, &plan.removal, &[], None),
            None => Vec::new(),
        };
        (whole, plan.units)
    });
    let templates = is_template.iter().enumerate();
    whole.deployments = templates
        .map(|(source, is)| Deployment::of(&model, source).filter(|_| *is))
        .collect();
    if let Some(baseline) = &options.baseline {
        baseline.settle(texts, &entries, &mut whole);
    }
    whole
}

/// Applies and verifies a plan.
fn make_result(
    context: &Context<'_, '_>,
    paths: &Sources,
    plan: &Plan,
    findings: &[Finding],
    options: &Options,
) -> Result<Fixed, Fault> {
    let edits = surgery::lower(context.model.document(), &plan.operations);
    verify_result(context, paths, plan, findings, edits, options).map_err(Fault::into_refusal)
}

/// Applies `edits`, and checks that what comes of them is what the plan wants and may want.
pub(super) fn verify_result(
    context: &Context<'_, '_>,
    paths: &Sources,
    plan: &Plan,
    findings: &[Finding],
    edits: Vec<Edit>,
    options: &Options,
) -> Result<Fixed, Fault> {
    let old = context.model.document();
    verify::operations(
        context,
        &plan.removal,
        &plan.edges,
        &plan.operations,
        options.unsafe_fixes,
    )?;
    let bytes = apply(old.text(), &edits).map_err(|error| Fault::new(error.to_string()))?;
    let starts = (0..old.sources()).map(|source| old.source_span(source).start);
    let starts = shift_offsets(&starts.collect::<Vec<_>>(), &edits);
    let document = Document::of_sources(&bytes, &starts);
    verify::document(old, &plan.operations, &document)?;
    verify::edits(old, &plan.operations, &edits, &document)?;
    let model = Model::of_sources(&document, paths);
    let access = context.all_access().to_vec();
    let policies = Policies {
        extension_lists: reselect_lists(context, &edits, &document),
        ..context.policies.clone()
    };
    let again = Context::with_access(&model, policies, access);
    verify_meaning(context, plan, &again)?;
    // What a query selects moves with the text, so a narrowed run is not run again.
    let (found_again, suppressed_again) = if options.within.is_empty() {
        let mut waivers = Waivers::of(&model, options);
        waivers.carry(&plan.waivers, &plan.waived, |start| {
            remaining::shift_offset(start, &edits)
        });
        // What is held for the gate would be done again, and refused again.
        let refused = plan
            .refused
            .shifted(|start| remaining::shift_offset(start, &edits));
        let plan = plan::make(&again, options, waivers, None, &refused);
        verify::settled(&plan.operations)?;
        (
            plan.findings_with_waivers(&again, options),
            plan.suppressed(),
        )
    } else {
        (Vec::new(), Vec::new())
    };
    let unapplied = |finding: &&Finding| !finding.fix.is_applied(options.unsafe_fixes);
    let waived = plan.waived.iter();
    let waived = waived.filter(|one| one.is_root || unapplied(&&one.finding));
    let waived = waived.map(|one| &one.finding);
    let unapplied = findings.iter().filter(unapplied);
    Ok(Fixed {
        found_again: found_again.iter().map(Finding::key).collect(),
        remaining: remaining::merge(unapplied, found_again, &edits, &document),
        suppressed: remaining::merge(waived, suppressed_again, &edits, &document),
        entries: Vec::new(),
        pictures: match options.pictures {
            true => picture::draw(context, &plan.removal, &plan.edges, Some(&again)),
            false => Vec::new(),
        },
        edits,
        bytes,
    })
}

/// Checks that a result, read `again`, means what the old text means without what is removed.
fn verify_meaning(
    context: &Context<'_, '_>,
    plan: &Plan,
    again: &Context<'_, '_>,
) -> Result<(), Fault> {
    let (old, new, removal) = (context.model, again.model, &plan.removal);
    verify::graph(old, &removal.resources, &removal.loops, &plan.edges, new)?;
    verify::references(old, &removal.resources, new)?;
    verify::provision_order(context, removal, again)?;
    verify::declarations(old, new)?;
    verify::passed(old, new)
}

/// The most objects in lists, each of which may be a resource, of files that belong together. The service
/// takes 800 resources in a template.
const MOST_OBJECTS: usize = 2_000_000;

/// That there are more objects than the memory of a machine may be spent on, if there are.
fn too_many(document: &Document<'_>) -> Option<Fault> {
    // Each has a node of its own.
    if document.len() <= MOST_OBJECTS {
        return None;
    }
    let is_listed = |node: &NodeId| {
        let parent = document.parent(*node);
        document.kind(*node) == Kind::Object
            && parent.is_some_and(|parent| document.kind(parent) == Kind::Array)
    };
    let objects = document.nodes().filter(is_listed).count();
    (objects > MOST_OBJECTS).then(|| {
        Fault::beyond(format!(
            "the template and the files that it links hold {objects} objects in lists, and at most \
             {MOST_OBJECTS} are checked; split the template, or exclude it"
        ))
    })
}
