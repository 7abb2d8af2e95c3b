//! From what the rules say to one list of operations: units, holds and findings.
//!
//! A unit is one machine with all that its migration touches; units that write to one list are one
//! unit, and a unit is applied whole or not at all. Start at [`make`].

mod callers;
mod units;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::arm::{self, DeclaredEdge};
use crate::json::surgery::{Operation, WhenEmpty};
use crate::json::{Kind, NodeId};
use crate::rules::{
    Access, Context, Finding, Fix, Hold, HoldCode, Machine, REGISTRY, Related, Removal, Repair,
    Root, Safety,
};

use self::units::held_units;
use super::Options;
use super::edge_writer::{EdgeWriter, hold_circles};
use super::entries::EntryIndex;
use super::holds::{Refused, Units};
use super::waivers::{Waived, Waivers};

/// How often units are held for others that are held. Each round looks at all that is left.
const MOST_ROUNDS: usize = 50;

/// What a run wants to do to one document.
pub(super) struct Plan {
    pub(super) findings: Vec<Finding>,
    /// The root findings that have operations.
    pub(super) units: Units,
    pub(super) operations: Vec<Operation>,
    pub(super) removal: Removal,
    /// The edges that applied fixes declare.
    pub(super) edges: Vec<DeclaredEdge>,
    /// What holds for the document.
    pub(super) waivers: Waivers,
    /// What was found and is waived.
    pub(super) waived: Vec<Waived>,
    /// What the gate refused before.
    pub(super) refused: Refused,
}

impl Plan {
    /// The waived findings.
    pub(super) fn suppressed(&self) -> Vec<Finding> {
        self.waived.iter().map(|one| one.finding.clone()).collect()
    }

    /// What there is to say, of the waivers in the document too.
    pub(super) fn findings_with_waivers(
        &self,
        context: &Context<'_, '_>,
        options: &Options,
    ) -> Vec<Finding> {
        // In a file that cannot be read as a whole, not everything is found.
        let mut access = context.all_access().iter();
        let is_whole = !access.any(|access| matches!(access, Access::Reported(_)));
        let is_complete = is_whole && options.is_complete();
        let entries = EntryIndex::of_templates(context.model);
        let mut findings =
            self.waivers
                .findings(&entries, &self.waived, &self.findings, is_complete);
        findings.retain(|finding| options.runs(finding.rule.id) && context.reports(&finding.place));
        findings.extend(self.findings.iter().cloned());
        findings.sort_by_key(order);
        findings
    }
}

fn order(finding: &Finding) -> (usize, &'static str) {
    (finding.place.span.start, finding.rule.id)
}

/// Runs all phases on a template, for which these waivers hold; `within` is what the run is about, and what
/// the gate refused is held.
pub(super) fn make(
    context: &Context<'_, '_>,
    options: &Options,
    waivers: Waivers,
    within: Option<&HashSet<NodeId>>,
    refused: &Refused,
) -> Plan {
    let entries = EntryIndex::of_templates(context.model);
    let found = detect(context, options, &entries, within);
    let (mut roots, mut waived) = split_waived(context, found, &entries, &waivers);
    for root in &mut roots {
        hold_where_blocked(context, root);
        if let Some(reason) = refused.reason(&root.finding) {
            hold(root, HoldCode::Refused.because(reason));
        }
        if options.is_cut && root.removes().is_some() {
            let reason = "not every linked file was read, and one may name the extension: more than \
                          1,000 files are linked, or one is larger than 16 MiB";
            hold(root, HoldCode::File.because(reason));
        }
    }
    callers::hold_removals(context, &mut roots, options);
    let wanted: Vec<usize> = roots
        .iter()
        .filter_map(Root::removes)
        .flat_map(|index| same_object(context, index).iter().copied())
        .collect();
    let mut held: BTreeMap<usize, (Hold, Vec<Related>)> = BTreeMap::new();
    let mut findings = Vec::new();
    let mut rounds = 0;
    let (removal, repairs) = loop {
        rounds += 1;
        let left = wanted.iter().filter(|index| !held.contains_key(index));
        let removal = Removal::new(context, left.copied().collect());
        let mut repairs = repairs(context, &removal, options);
        let mut blocked = held_units(context, &removal, &repairs, options.unsafe_fixes);
        let mut too_many = None;
        if rounds == MOST_ROUNDS && !blocked.is_empty() {
            let rest = removal.extensions.iter();
            blocked = rest.map(|index| (*index, 0)).collect();
            too_many = Some("too many machines are held in a row, each because of the one before");
        }
        if blocked.is_empty() {
            break (removal, repairs);
        }
        for (extension, blocking) in blocked {
            let repair = repairs.get(blocking).filter(|_| too_many.is_none());
            let too_many = too_many.map(|reason| HoldCode::Refused.because(reason));
            let blocker = || repair?.blocker.clone();
            let Some(hold) = too_many.or_else(blocker) else {
                continue;
            };
            let places = repair.into_iter().flat_map(|repair| &repair.related);
            let places = places.map(|related| related.place.clone());
            let mut related: Vec<_> = places.map(Related::hold).collect();
            related.dedup();
            held.insert(extension, (hold, related));
        }
        // The findings of what blocks outlive the repairs that the hold throws away.
        for repair in &mut repairs {
            if repair.blocker(options.unsafe_fixes).is_some() {
                findings.extend(repair.finding.take());
            }
        }
    };
    let by_extension: HashMap<usize, usize> = roots
        .iter()
        .enumerate()
        .filter_map(|(index, root)| Some((root.extension?, index)))
        .flat_map(|(extension, root)| {
            let all = same_object(context, extension).iter();
            all.map(move |extension| (*extension, root))
        })
        .collect();
    callers::hold_callers(context, &removal, &mut roots);
    let mut work = OperationList::default();
    for (extension, operation) in removals(context, &removal) {
        work.add(by_extension.get(&extension).copied(), [operation]);
    }
    for repair in repairs {
        let first = repair.extensions.first();
        let root = first.and_then(|first| by_extension.get(first));
        work.take(root.copied(), repair, &mut roots, &mut findings, options);
    }
    for root in &mut roots {
        if let Some((reason, related)) = root.extension.and_then(|index| held.get(&index)) {
            root.finding.fix = Fix::Held(reason.clone());
            root.finding.related.extend(related.iter().cloned());
        }
    }
    for root in &mut roots {
        let is_applied = root.finding.fix.is_applied(options.unsafe_fixes);
        root.own_fix.take_if(|_| !is_applied);
    }
    hold_circles(context, &removal, &mut roots);
    let mut declared = EdgeWriter::new(context, &removal);
    for (index, root) in roots.iter_mut().enumerate() {
        if let Some(fix) = root.own_fix.take() {
            work.add(Some(index), fix.operations);
            for edge in fix.edges {
                root.finding.related.extend(declared.add(edge));
            }
        }
    }
    let (edges, written) = declared.finish();
    work.add(None, written);
    for (cause, repair) in clear_orphans(context, &work.operations) {
        let root = work.roots.get(cause).copied().flatten();
        work.take(root, repair, &mut roots, &mut findings, options);
    }
    let mut units = Units::new();
    for root in work.roots.iter().flatten().collect::<BTreeSet<_>>() {
        if let Some(root) = roots.get(*root) {
            let key = root.finding.key();
            let extension = root
                .extension
                .and_then(|index| context.extensions.get(index));
            let unit = extension.map_or_else(|| format!("{key:?}"), |it| it.machine_key.clone());
            units.entry(unit).or_default().insert(key);
        }
    }
    findings.extend(roots.into_iter().map(|root| root.finding));
    findings.retain(|finding| options.runs(finding.rule.id) && context.reports(&finding.place));
    let mut findings = waivers.split(&entries, findings, &mut waived);
    findings.sort_by_key(order);
    Plan {
        findings,
        units,
        operations: work.operations,
        removal,
        edges,
        waivers,
        waived,
        refused: refused.clone(),
    }
}

/// Operations, each with the root finding that it belongs to.
#[derive(Default)]
struct OperationList {
    operations: Vec<Operation>,
    roots: Vec<Option<usize>>,
}

impl OperationList {
    fn add(&mut self, root: Option<usize>, operations: impl IntoIterator<Item = Operation>) {
        self.operations.extend(operations);
        self.roots.resize(self.operations.len(), root);
    }

    /// Takes what a repair says and does to the root finding at `root`.
    fn take(
        &mut self,
        root: Option<usize>,
        repair: Repair,
        roots: &mut [Root],
        findings: &mut Vec<Finding>,
        options: &Options,
    ) {
        let mut finding = repair.finding;
        if let Some(root) = root.and_then(|root| roots.get_mut(root)) {
            if let Some(finding) = &mut finding {
                let machine = &root.finding.machine;
                finding.machine = finding.machine.take().or_else(|| machine.clone());
            }
            let related = repair.related.into_iter().map(Related::released);
            root.finding.related.extend(related);
        }
        if repair.safety == Safety::Safe || options.unsafe_fixes {
            self.add(root, repair.operations);
        }
        findings.extend(finding);
    }
}

/// Phase (a): what the rules that run find inside what the user selected.
fn detect(
    context: &Context<'_, '_>,
    options: &Options,
    entries: &EntryIndex<'_, '_>,
    within: Option<&HashSet<NodeId>>,
) -> Vec<Root> {
    let is_selected = |root: &Root| {
        let holders = || entries.holders(&root.finding.place);
        within.is_none_or(|selected| holders().any(|node| selected.contains(&node)))
    };
    REGISTRY
        .iter()
        .filter(|rule| options.runs(rule.id))
        .filter_map(|rule| rule.detect)
        .flat_map(|detect| detect(context))
        .filter(|root| context.reports(&root.finding.place) && is_selected(root))
        .map(|mut root| {
            let on = root.extension.as_ref().map(std::slice::from_ref);
            let machine = Machine::of_all(context, on.unwrap_or(&root.runs_on));
            root.finding.machine = machine.map(Box::new);
            root
        })
        .collect()
}

/// The roots that no waiver waives, and those that one does. What stays on a machine for that keeps
/// others there too: a machine is migrated whole or not at all.
fn split_waived(
    context: &Context<'_, '_>,
    roots: Vec<Root>,
    entries: &EntryIndex<'_, '_>,
    waivers: &Waivers,
) -> (Vec<Root>, Vec<Waived>) {
    let mut waived = Vec::new();
    let mut kept: HashSet<usize> = HashSet::new();
    let mut machines = HashSet::new();
    let mut left = Vec::new();
    for root in roots {
        let Some(one) = waivers.waive(entries, &root.finding, true) else {
            left.push(root);
            continue;
        };
        waived.push(one);
        for extension in context.extensions_at(removed_objects(context, &root)) {
            // Those on one machine are asked for once, however many are waived there.
            let template = extension.template(context.model);
            if machines.insert((template, &extension.machine_key, extension.looped)) {
                kept.extend(context.on_machine_of(extension));
            }
        }
    }
    for root in &mut left {
        let mut objects = removed_objects(context, root).iter();
        if objects.any(|index| kept.contains(index)) {
            let reason = "a waiver keeps another entry of the extension on the same machine";
            hold(root, HoldCode::Waived.because(reason));
        }
    }
    (left, waived)
}

/// Phase (b): what the removal asks for elsewhere. All rules answer: one that is switched off is
/// not reported, but its repairs belong to the removal.
fn repairs(context: &Context<'_, '_>, removal: &Removal, options: &Options) -> Vec<Repair> {
    if removal.extensions.is_empty() {
        return Vec::new();
    }
    let mut repairs: Vec<Repair> = REGISTRY
        .iter()
        .filter_map(|rule| rule.repair)
        .flat_map(|repair| repair(context, removal))
        .collect();
    for repair in &mut repairs {
        if let Some(finding) = &mut repair.finding {
            finding.machine = Machine::of_all(context, &repair.extensions).map(Box::new);
        }
    }
    for repair in repairs.iter_mut().filter(|repair| repair.blocker.is_none()) {
        let applied = repair.safety == Safety::Safe || options.unsafe_fixes;
        let Some(reason) = blocked(context, &repair.operations).filter(|_| applied) else {
            continue;
        };
        repair.blocker = Some(HoldCode::File.because(reason));
        if let Some(finding) = &mut repair.finding {
            finding.fix = Fix::Held(HoldCode::File.because(reason));
        }
    }
    repairs
}

/// Why one of the operations cannot be carried out, if that is so: its file is not edited.
fn blocked<'c>(context: &'c Context<'_, '_>, operations: &[Operation]) -> Option<&'c str> {
    let mut places = operations.iter().map(Operation::place);
    places.find_map(|node| context.blocked(node))
}

/// Holds a root finding whose own file is not edited.
fn hold_where_blocked(context: &Context<'_, '_>, root: &mut Root) {
    let removed = root.removes();
    let removed = removed.and_then(|index| context.extensions.get(index));
    let own_fix = root.own_fix.as_ref();
    let reason = removed
        .and_then(|extension| context.blocked(extension.node))
        .or_else(|| blocked(context, &own_fix?.operations));
    if let Some(reason) = reason {
        hold(root, HoldCode::File.because(reason));
    }
}

/// Holds a root finding, with its own fix.
fn hold(root: &mut Root, hold: Hold) {
    root.finding.fix = Fix::Held(hold);
    root.finding.related.clear();
    root.own_fix = None;
}

/// Phase (c): what becomes of that which `operations` leave without a use, each with the operation
/// that takes its last use.
fn clear_orphans(context: &Context<'_, '_>, operations: &[Operation]) -> Vec<(usize, Repair)> {
    if operations.is_empty() {
        return Vec::new();
    }
    let mut repairs = Vec::new();
    for orphan in arm::orphans(context.model, operations) {
        let answers = REGISTRY
            .iter()
            .filter_map(|rule| (rule.clear?)(context, &orphan));
        let answers = answers.map(|mut repair| {
            if let Some(reason) = blocked(context, &repair.operations) {
                repair.operations.clear();
                if let Some(finding) = &mut repair.finding {
                    finding.fix = Fix::Held(HoldCode::File.because(reason));
                }
            }
            (orphan.cause, repair)
        });
        repairs.extend(answers);
    }
    repairs
}

fn removals(context: &Context<'_, '_>, removal: &Removal) -> Vec<(usize, Operation)> {
    let extensions = removal.extensions.iter().copied();
    let mut removals = Vec::new();
    let mut cuts = Vec::new();
    for index in extensions {
        let Some(extension) = context.extensions.get(index) else {
            continue;
        };
        match &extension.datum {
            None => removals.push((index, removal_of(context, extension.node))),
            Some(datum) if context.is_first(index, extension) => {
                cuts.extend(datum.cuts.iter().map(|cut| (index, cut)));
            }
            Some(_) => {}
        }
    }
    removals.extend(arm::cut_out(context.model, cuts));
    removals
}

/// The extensions that go with the one that a root finding removes, if it does.
fn removed_objects<'c>(context: &'c Context<'_, '_>, root: &Root) -> &'c [usize] {
    let removed = root.removes();
    removed.map_or(&[], |index| same_object(context, index))
}

/// The extensions with the same object as the one at `index`.
fn same_object<'c>(context: &'c Context<'_, '_>, index: usize) -> &'c [usize] {
    let extension = context.extensions.get(index);
    extension.map_or(&[], |extension| context.same_object(extension))
}

/// The operation that takes a resource or an entry out of its list, or out of the object in which it
/// has a symbolic name.
fn removal_of(context: &Context<'_, '_>, node: NodeId) -> Operation {
    let document = context.model.document();
    match document.parent(node) {
        Some(key) if document.kind(key) == Kind::Key => Operation::RemoveMember { key },
        _ => Operation::RemoveElement {
            element: node,
            when_empty: WhenEmpty::Keep,
        },
    }
}
