//! The pipeline for one template, or for several that belong together: bytes in, findings and
//! verified edits out. No I/O.
//!
//! Phases: the rules find extensions and say which can go, repairs are made for what goes, units
//! with a blocker are held, edges that mends declare are written where none is left, variables that
//! only served the rest go with it, all of that is lowered to edits in one go, and the result must
//! pass the gate before anybody sees it. Start at [`migrate`] and [`migrate_together`].

mod baseline;
mod date;
mod edge_writer;
mod encoded;
mod entries;
mod holds;
mod plan;
mod queries;
mod remaining;
mod removed;
#[cfg(test)]
mod sabotage;
mod sources;
mod suppressed;
mod texts;
mod verify;
mod waivers;

use std::collections::HashSet;
use std::sync::Arc;

use crate::arm::{self, Model, Sources};
use crate::json::surgery;
use crate::json::{Document, JsonPath, Kind, NodeId};
use crate::rules::{
    self, Access, Context, Finding, Fix, IdentityPolicy, Policies, REGISTRY, Surroundings,
};
use crate::text::{Decoded, Edit, apply, shift_offsets};

pub use self::baseline::{BASELINE_SCHEMA, Baseline, BaselineEntry, BaselineError, Fingerprint};
pub use self::date::Date;
use self::holds::Refused;
use self::plan::Plan;
use self::queries::{Selections, reselect_lists};
pub use self::removed::{MachineKind, Removed, TemplateName};
use self::sources::JoinedTexts;
pub use self::sources::Source;
pub use self::texts::{migrate_other_text, migrate_text, surroundings_of};
pub use self::verify::Fault;
use self::waivers::Waivers;
pub use self::waivers::{Suppressed, SuppressedBy, Waiver, WaiverUse};

/// What to look for and how far to go.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The ids of the rules to run; empty for all.
    pub select: Vec<String>,
    /// The ids of the rules to leave out.
    pub ignore: Vec<String>,
    /// Whether unsafe operations are applied too.
    pub unsafe_fixes: bool,
    /// Narrows the run to what these queries select.
    pub within: Vec<JsonPath>,
    /// What to do about a machine without an identity.
    pub identity: IdentityPolicy,
    /// Queries for lists of a format of the user's own, whose entries are VM extensions.
    pub extension_lists: Vec<JsonPath>,
    /// Whether waivers in the files themselves are disregarded, since nobody vouches for the files.
    pub disregard_waivers_in_files: bool,
    /// What day it is; where that is not told, no waiver expires.
    pub today: Option<Date>,
    /// Waivers that do not stand in the files themselves. [`Source::waivers`] tells which of them are
    /// for a file; for one that is migrated alone all are.
    pub waivers: Vec<Waiver>,
    /// The findings that are not told.
    pub baseline: Option<Arc<Baseline>>,
    /// Whether files were left out that belong to those that are migrated: nothing is removed then.
    pub is_cut: bool,
    /// What the files beside those that are migrated tell about where scripts run.
    pub surroundings: Surroundings,
}

impl Options {
    /// Whether everything is looked for, so that what is not found is not there.
    pub fn is_complete(&self) -> bool {
        let mut rules = REGISTRY
            .iter()
            .filter(|rule| !rules::is_about_suppression(rule));
        self.within.is_empty() && rules.all(|rule| self.runs(rule.id))
    }

    /// Whether the rule called `id` runs.
    pub fn runs(&self, id: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|name| name == id);
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }
}

/// What a run has to say about one template.
#[derive(Clone, Debug, Default)]
pub struct Migration {
    /// Whether the text is a deployment template at all. If not, all else is empty.
    pub is_template: bool,
    /// What was found, in the order of the text. Positions are in the old bytes.
    pub findings: Vec<Finding>,
    /// The extensions that are removed, in the order of the text. Places are in the old bytes.
    pub removed: Vec<Removed>,
    /// The result, where there was something to apply.
    pub fixed: Option<Fixed>,
    /// That the result does not round-trip or parse, which is a fault of this program, or that a bound is
    /// exceeded, where nothing is looked into: nothing may be written. What else the gate refuses is held.
    pub fault: Option<Fault>,
    /// What was found and is not told, with positions in the old bytes.
    pub suppressed: Vec<Suppressed>,
    /// Which of [`Options::waivers`] waived something in it.
    pub used_waivers: Vec<WaiverUse>,
    /// What a baseline needs to know of all findings that no waiver waives; empty where
    /// [`Options::baseline`] is none.
    pub entries: Vec<BaselineEntry>,
}

/// A verified result.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The whole new text.
    pub bytes: Vec<u8>,
    /// How the old text becomes the new one.
    pub edits: Vec<Edit>,
    /// What is left for a person. Positions are in the new bytes.
    pub remaining: Vec<Finding>,
    /// What is left and not told. Positions are in the new bytes.
    pub suppressed: Vec<Suppressed>,
    /// What a baseline needs to know of what a later run finds, as [`Migration::entries`].
    pub entries: Vec<BaselineEntry>,
    /// The rules and starts of what was found again in the new text; the rest of what is left was
    /// only to be seen in the old one.
    found_again: HashSet<(&'static str, usize)>,
}

impl Fixed {
    /// A result of which nothing is said yet.
    fn of(bytes: Vec<u8>, edits: Vec<Edit>) -> Self {
        Self {
            bytes,
            edits,
            remaining: Vec::new(),
            suppressed: Vec::new(),
            entries: Vec::new(),
            found_again: HashSet::new(),
        }
    }
}

/// Finds and removes the managed identity VM extension in one template.
///
/// `source` is the file's bytes: UTF-8 with or without a byte order mark, or UTF-16 with one; bytes
/// that are not UTF-8 stay as they are. A text that is no deployment template gives an empty result.
/// One that does not parse, or that is in UTF-16 that cannot be written back byte for byte, gives
/// the finding `unparsable-template` and is never edited.
pub fn migrate(source: &[u8], options: &Options) -> Migration {
    alone(source, options, Aim::Result)
}

/// Finds what [`migrate`] finds and makes no result: `fixed` stays empty.
pub fn inspect(source: &[u8], options: &Options) -> Migration {
    alone(source, options, Aim::Findings)
}

/// Does what [`migrate`] does on files that belong together: templates that link each other, and their
/// parameter files.
///
/// Links are followed among `sources` by their paths, and what templates pass to each other and what
/// parameter files give counts. A machine and its extension may stand in different files; what is done
/// about them is done in both or in neither. Gives a migration for each source, in their order: where
/// something is changed in one of them, each selected one has a result, which may be what it was.
pub fn migrate_together(sources: &[Source<'_>], options: &Options) -> Vec<Migration> {
    run(sources, options, Aim::Result)
}

/// Finds what [`migrate_together`] finds and makes no results.
pub fn inspect_together(sources: &[Source<'_>], options: &Options) -> Vec<Migration> {
    run(sources, options, Aim::Findings)
}

/// The paths, relative to its folder, of the files that the deployments of a template may link. `path` is
/// the template's own, which tells a URL into its repository from others.
pub fn linked_paths(path: &str, source: &[u8]) -> Vec<String> {
    let decoded = Decoded::new(source);
    let document = Document::parse(decoded.text());
    if !arm::is_template(&document) {
        return Vec::new();
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    arm::linked_paths(&document, folder)
}

/// Whether a file only gives parameters to a template.
pub fn is_parameter_file(source: &[u8]) -> bool {
    let decoded = Decoded::new(source);
    let document = Document::parse(decoded.text());
    let root = document.root();
    let has = |name: &str| root.is_some_and(|root| document.key(root, name).is_some());
    has("parameters") && !has("resources")
}

/// How far a run goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// To what there is to say.
    Findings,
    /// To the verified result.
    Result,
}

fn alone(bytes: &[u8], options: &Options, aim: Aim) -> Migration {
    let waivers: Vec<usize> = (0..options.waivers.len()).collect();
    let source = Source {
        path: "",
        bytes,
        selected: true,
        waivers: &waivers,
    };
    run(&[source], options, aim).pop().unwrap_or_default()
}

fn run(sources: &[Source<'_>], options: &Options, aim: Aim) -> Vec<Migration> {
    let texts = JoinedTexts::of(sources);
    let document = texts.document();
    let is_template: Vec<bool> = (0..document.sources())
        .map(|source| arm::is_template_source(&document, source))
        .collect();
    let cut = sources.iter().any(Source::is_too_large).then(|| Options {
        is_cut: true,
        ..options.clone()
    });
    let options = cut.as_ref().unwrap_or(options);
    let whole = if is_template.contains(&true) {
        in_whole(&texts, &document, &is_template, options, aim)
    } else {
        JoinedOutcome::default()
    };
    let mut migrations = texts.apart(whole, &is_template);
    for (place, (migration, source)) in migrations.iter_mut().zip(sources).enumerate() {
        let finding = source.too_large(place).filter(|_| source.selected);
        if let Some(finding) = finding.filter(|finding| options.runs(finding.rule.id)) {
            migration.is_template = true;
            migration.findings.push(finding);
        }
    }
    migrations
}

/// What a run has to say about all sources; positions and edits are in the whole text.
#[derive(Default)]
struct JoinedOutcome {
    migration: Migration,
    /// [`Migration::used_waivers`], each with its source.
    used_waivers: Vec<(usize, WaiverUse)>,
    /// [`Migration::entries`], each with its source.
    entries: Vec<(usize, BaselineEntry)>,
    /// [`Fixed::entries`], each with its source.
    left_entries: Vec<(usize, BaselineEntry)>,
}

/// All of [`migrate_together`] on the whole text; positions and edits are in it too.
fn in_whole(
    texts: &JoinedTexts<'_>,
    document: &Document<'_>,
    is_template: &[bool],
    options: &Options,
    aim: Aim,
) -> JoinedOutcome {
    let selections = match too_many(document) {
        Some(fault) => Err(fault),
        None => Selections::new(document, options),
    };
    let selections = match selections {
        Ok(selections) => selections,
        Err(fault) => {
            let migration = Migration {
                fault: Some(fault),
                ..Migration::default()
            };
            return JoinedOutcome {
                migration,
                ..JoinedOutcome::default()
            };
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
    let attempt = |refused: &Refused| {
        let mut waivers = Waivers::of(&model, options);
        let of_source = |source| texts.waivers(source);
        waivers.give(document, of_source, options, &selections);
        let within = selections.within.as_ref();
        let mut plan = plan::make(&context, options, waivers, within, refused);
        let mut findings = plan
            .waivers
            .split(document, refusals.clone(), &mut plan.waived);
        let told = plan.waiver_findings(&context, options);
        findings.append(&mut plan.findings);
        plan::insert(&mut findings, told);
        let is_wanted = !plan.operations.is_empty() && aim == Aim::Result;
        let result = is_wanted.then(|| make_result(&context, &paths, &plan, &findings, options));
        (plan, findings, result)
    };
    let mut done = attempt(&Refused::default());
    if let (plan, _, Some(Err(fault))) = &done
        && fault.is_refusal()
    {
        let refused = Refused::find(&plan.units, &fault.to_string(), |refused| {
            let (_, _, result) = attempt(refused);
            Some(result?.err()?.to_string())
        });
        done = attempt(&refused);
    }
    let (plan, findings, result) = done;
    let mut whole = JoinedOutcome {
        used_waivers: plan.waivers.uses(&plan.waived),
        ..JoinedOutcome::default()
    };
    let migration = &mut whole.migration;
    migration.removed = removed::list_removed(&context, &plan.removal);
    match result.transpose() {
        Ok(fixed) => migration.fixed = fixed,
        Err(fault) => migration.fault = Some(fault),
    }
    migration.findings = findings;
    migration.suppressed = plan.suppressed();
    if let Some(baseline) = &options.baseline {
        suppressed::by_baseline(baseline, texts, &model, &mut whole);
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
fn verify_result(
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
        let mut plan = plan::make(&again, options, waivers, None, &refused);
        verify::settled(&plan.operations)?;
        let told = plan.waiver_findings(&again, options);
        let mut findings = std::mem::take(&mut plan.findings);
        plan::insert(&mut findings, told);
        (findings, plan.suppressed())
    } else {
        (Vec::new(), Vec::new())
    };
    let unapplied = |finding: &&Finding| match finding.fix {
        Fix::Safe => false,
        Fix::Unsafe => !options.unsafe_fixes,
        Fix::Held(_) | Fix::DisplayOnly => true,
    };
    let waived = plan.waived.iter();
    let waived = waived.filter(|one| one.is_root || unapplied(&&one.finding));
    let waived = waived.map(|one| plan.suppressed_by(one));
    let starts = found_again.iter();
    let starts = starts.map(|finding| (finding.rule.id, finding.place.span.start));
    Ok(Fixed {
        found_again: starts.collect(),
        remaining: remaining::merge(
            findings.iter().filter(unapplied),
            found_again,
            &edits,
            &document,
        ),
        suppressed: remaining::merge_suppressed(waived, suppressed_again, &edits, &document),
        entries: Vec::new(),
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
            "it and the files that belong to it hold {objects} objects in lists, of which \
             {MOST_OBJECTS} are looked into; split it, or leave it out"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_selects_something_else_afterwards_is_no_fault() {
        let extension = |name: &str| {
            format!(
                r#"{{"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/{name}",
                "properties": {{"publisher": "Microsoft.ManagedIdentity",
                "type": "ManagedIdentityExtensionForLinux"}}}}"#
            )
        };
        let template = format!(
            r#"{{"contentVersion": "1", "resources": [{}, {}]}}"#,
            extension("a"),
            extension("b")
        );
        let options = Options {
            within: vec![JsonPath::parse("$.resources[0]").unwrap()],
            ..Options::default()
        };
        let migration = migrate(template.as_bytes(), &options);
        assert!(migration.fault.is_none(), "{:?}", migration.fault);
        let fixed = String::from_utf8(migration.fixed.unwrap().bytes).unwrap();
        assert!(!fixed.contains("vm/a") && fixed.contains("vm/b"));
    }

    #[test]
    fn a_template_beyond_the_bound_is_reported_and_holds_what_belongs_to_it() {
        let extension = r#"{"contentVersion": "1", "resources": [
            {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
            "properties": {"publisher": "Microsoft.ManagedIdentity",
            "type": "ManagedIdentityExtensionForLinux"}}]}"#;
        let large = format!("{extension}{}", " ".repeat(17 << 20));
        let sources = [
            Source::new("a.json", extension.as_bytes()),
            Source::new("b.json", large.as_bytes()),
        ];
        let options = Options::default();
        let all = migrate_together(&sources, &options);
        assert!(all.iter().all(|migration| migration.fixed.is_none()));
        assert!(matches!(all[0].findings[0].fix, Fix::Held(_)));
        assert_eq!(all[1].findings[0].rule.id, "unparsable-template");
        // What is no template is none because it is large.
        let data = format!("{{\"a\": \"{}\"}}", "x".repeat(17 << 20));
        let migration = migrate(data.as_bytes(), &options);
        assert!(!migration.is_template && migration.findings.is_empty());
    }

    #[test]
    fn a_file_that_cannot_be_written_back_keeps_its_bytes_beside_one_that_changes() {
        let extension = r#"{"contentVersion": "1", "resources": [
            {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
            "properties": {"publisher": "Microsoft.ManagedIdentity",
            "type": "ManagedIdentityExtensionForLinux"}}]}"#;
        let mut broken: Vec<u8> = "\u{feff}{\"parameters\": {}}"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for rest in [&b"x"[..], b"\x00\xd8"] {
            broken.extend_from_slice(rest);
            let sources = [
                Source::new("a.json", extension.as_bytes()),
                Source::new("a.parameters.json", &broken),
            ];
            let all = migrate_together(&sources, &Options::default());
            assert!(all[0].fault.is_none() && all[1].fault.is_none());
            assert!(!all[0].fixed.as_ref().unwrap().edits.is_empty());
            assert_eq!(all[1].fixed.as_ref().unwrap().bytes, broken);
        }
    }

    #[test]
    fn a_set_that_was_cut_holds_what_it_removes() {
        let template = br#"{"contentVersion": "1", "resources": [
            {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
            "properties": {"publisher": "Microsoft.ManagedIdentity",
            "type": "ManagedIdentityExtensionForLinux"}}]}"#;
        let options = Options {
            is_cut: true,
            ..Options::default()
        };
        let migration = migrate(template, &options);
        assert!(migration.fixed.is_none());
        assert!(
            matches!(&migration.findings[0].fix, Fix::Held(why) if why.reason.contains("1,000"))
        );
    }

    #[test]
    fn a_variable_goes_with_its_last_use_though_its_rule_is_left_out() {
        let template = br#"{"contentVersion": "1", "parameters": {"os": {"type": "string"}},
            "variables": {"port": 50342}, "resources": [
            {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
            "properties": {"publisher": "Microsoft.ManagedIdentity",
            "type": "[concat('ManagedIdentityExtensionFor', parameters('os'))]",
            "settings": {"port": "[variables('port')]"}}}]}"#;
        let ids = |findings: &[Finding]| -> Vec<&str> {
            findings.iter().map(|finding| finding.rule.id).collect()
        };
        let migration = migrate(template, &Options::default());
        let all = ["orphaned-parameter", "orphaned-variable", "vm-extension"];
        assert_eq!(ids(&migration.findings), all);
        assert_eq!(
            ids(&migration.fixed.unwrap().remaining),
            ["orphaned-parameter"]
        );
        let options = Options {
            ignore: vec![
                "orphaned-variable".to_owned(),
                "orphaned-parameter".to_owned(),
            ],
            ..Options::default()
        };
        let migration = migrate(template, &options);
        assert_eq!(ids(&migration.findings), ["vm-extension"]);
        let fixed = migration.fixed.unwrap();
        assert!(
            String::from_utf8(fixed.bytes)
                .unwrap()
                .contains(r#""variables": {}"#)
        );
        assert_eq!(ids(&fixed.remaining), [""; 0]);
    }

    #[test]
    fn a_rule_that_does_not_run_and_a_query_that_misses_leave_identity_reads_alone() {
        let template = r#"{"contentVersion": "1", "resources": [], "outputs": {"id": {"value":
            "[reference(concat(resourceId('Microsoft.Compute/virtualMachines', 'vm'),
            '/providers/Microsoft.ManagedIdentity/Identities/default'),
            '2015-08-31-PREVIEW').principalId]"}}}"#;
        let fixed = |options: &Options| migrate(template.as_bytes(), options).fixed.is_some();
        let within = |query: &str| Options {
            within: vec![JsonPath::parse(query).unwrap()],
            ..Options::default()
        };
        assert!(fixed(&Options::default()));
        assert!(fixed(&within("$.outputs")));
        assert!(!fixed(&within("$.resources")));
        assert!(!fixed(&Options {
            ignore: vec!["identities-default".to_owned()],
            ..Options::default()
        }));
    }
}
