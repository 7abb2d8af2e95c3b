//! Waivers: what a person does not want to be reported, or changed, and why.
//!
//! They are in comments, in the `comments` of resources, or are handed in by whoever read them
//! elsewhere. A root finding that is waived is not fixed; one of a repair is only not reported. Knows the
//! places of findings; never knows what they are about, nor what day it is. Start at [`Waivers`].

mod noted;
mod words;

use std::collections::{HashMap, HashSet};

use crate::arm::Model;
use crate::json::{JsonPath, NodeId};
use crate::rules::{self, Finding, FindingKey, Rule, SuppressedBy};

use super::entries::EntryIndex;
use super::{Date, Options};

use self::noted::{ParsedNote, WaiverNote, in_lines, in_templates};

/// A waiver that was read elsewhere, such as in a configuration.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// What it waives.
    pub rules: Vec<&'static Rule>,
    /// Where in a file it does: in what this query selects, or everywhere.
    pub within: Option<JsonPath>,
    /// Why.
    pub reason: String,
    /// The last day on which it does.
    pub until: Option<Date>,
}

impl Waiver {
    /// Whether its last day is before `today`; where that is unknown, no day is over.
    pub fn is_expired(&self, today: Option<Date>) -> bool {
        is_over(self.until, today)
    }
}

/// That a waiver which was handed in waived something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaiverUse {
    /// Its place in [`Options::waivers`].
    pub waiver: usize,
    /// The rule whose finding it waived.
    pub rule: &'static Rule,
}

/// A waived finding with what waives it.
pub(super) struct Waived {
    pub(super) finding: Finding,
    /// Whether it is a root finding, so that what would fix it is left out.
    pub(super) is_root: bool,
    /// Where the waivers of its rule apply that waive it, the deciding one first; empty where an earlier
    /// text had it.
    hits: Vec<WaiverScope>,
}

/// Where in a file waivers apply. Thousands may apply to the same part, and to thousands of findings
/// in it: they are counted as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum WaiverScope {
    /// The line that starts at this offset.
    Line(usize),
    /// The resource, and none within it.
    Resource(NodeId),
    /// The source, by a waiver that was handed in.
    Source(usize),
    /// The value, by the query of a waiver that was handed in.
    Value(NodeId),
}

impl WaiverScope {
    /// Whether a waiver that was handed in says so.
    fn is_given(self) -> bool {
        matches!(self, Self::Source(_) | Self::Value(_))
    }
}

/// All waivers that hold for files.
#[derive(Default)]
pub(super) struct Waivers {
    noted: Vec<WaiverNote>,
    /// What is wrong with others.
    faulty: Vec<Finding>,
    /// By where they apply and the rule, in their order: the places in `noted`, or in [`Options::waivers`].
    scopes: HashMap<(WaiverScope, &'static str), Vec<usize>>,
    /// Whether a query of a waiver selects anything.
    has_values: bool,
    /// The reasons of those that were handed in, by their places.
    reasons: HashMap<usize, String>,
    /// What waivers that were handed in waived in an earlier text, with the reason: queries select something
    /// else in this one.
    carried: HashMap<FindingKey, String>,
}

impl Waivers {
    /// The waivers in the text of `model`.
    pub(super) fn of(model: &Model<'_>, options: &Options) -> Self {
        Self::of_notes(|| in_templates(model), options)
    }

    /// The waivers in a file in another language.
    pub(super) fn of_text(name: &[u8], text: &[u8], options: &Options) -> Self {
        Self::of_notes(|| in_lines(name, text), options)
    }

    fn of_notes(notes: impl FnOnce() -> Vec<ParsedNote>, options: &Options) -> Self {
        let mut waivers = Self::default();
        if options.disregard_waivers_in_files {
            return waivers;
        }
        for note in notes() {
            match note.parsed {
                Err(malformed) if note.is_comment => {
                    let (message, help) = (malformed.message, malformed.help);
                    let finding = rules::malformed_waiver(note.place, message, help);
                    waivers.faulty.push(finding);
                }
                Err(_) => {}
                Ok(words) => {
                    let noted = WaiverNote {
                        place: note.place,
                        scopes: note.scopes,
                        is_comment: note.is_comment,
                        words,
                    };
                    if !is_over(noted.words.until, options.today) {
                        for scope in &noted.scopes {
                            let index = waivers.noted.len();
                            put(&mut waivers.scopes, *scope, &noted.words.rules, index);
                        }
                        waivers.noted.push(noted);
                    } else if noted.is_comment {
                        waivers.faulty.extend(noted.expired());
                    }
                }
            }
        }
        waivers
    }

    /// Adds those of the waivers of `options` with these indices, which are for a source; `values` gives what
    /// the query of one selects there.
    pub(super) fn give(
        &mut self,
        source: usize,
        indices: &[usize],
        options: &Options,
        values: impl Fn(usize) -> Vec<NodeId>,
    ) {
        for index in indices {
            let waiver = options.waivers.get(*index);
            let Some(waiver) = waiver.filter(|waiver| !waiver.is_expired(options.today)) else {
                continue;
            };
            self.has_values |= waiver.within.is_some();
            self.reasons.insert(*index, waiver.reason.clone());
            let scopes = match &waiver.within {
                None => vec![WaiverScope::Source(source)],
                Some(_) => values(*index).into_iter().map(WaiverScope::Value).collect(),
            };
            for scope in scopes {
                put(&mut self.scopes, scope, &waiver.rules, *index);
            }
        }
    }

    /// Takes those of `findings` out that a waiver waives; none is a root.
    pub(super) fn split(
        &self,
        entries: &EntryIndex<'_, '_>,
        findings: Vec<Finding>,
        waived: &mut Vec<Waived>,
    ) -> Vec<Finding> {
        let mut left = Vec::new();
        for finding in findings {
            match self.waive(entries, &finding, false) {
                None => left.push(finding),
                Some(one) => waived.push(one),
            }
        }
        left
    }

    /// The finding as waived, if it is.
    pub(super) fn waive(
        &self,
        entries: &EntryIndex<'_, '_>,
        finding: &Finding,
        is_root: bool,
    ) -> Option<Waived> {
        let hits = self.hits(entries, finding)?;
        let mut finding = finding.clone();
        finding.suppressed = Some(self.suppressor(&finding, hits.first().copied()));
        Some(Waived {
            finding,
            is_root,
            hits,
        })
    }

    /// Where the waivers apply that waive a finding, if any does.
    fn hits(&self, entries: &EntryIndex<'_, '_>, finding: &Finding) -> Option<Vec<WaiverScope>> {
        let place = &finding.place;
        if rules::is_about_suppression(finding.rule) {
            return None;
        }
        let start = place.span.start;
        let mut scopes = vec![WaiverScope::Source(place.source)];
        if self.has_values {
            scopes.extend(entries.holders(place).map(WaiverScope::Value));
        }
        if !self.noted.is_empty() {
            scopes.extend(entries.lines(start).into_iter().map(WaiverScope::Line));
            scopes.extend(entries.resource(start).map(WaiverScope::Resource));
        }
        let first = |scope: &WaiverScope| self.scopes.get(&(*scope, finding.rule.id))?.first();
        scopes.retain(|scope| first(scope).is_some());
        scopes.sort_by_key(|scope| (scope.is_given(), first(scope), *scope));
        scopes.dedup();
        (!scopes.is_empty() || self.carried.contains_key(&finding.key())).then_some(scopes)
    }

    /// The reason of the first waiver of a rule that applies there.
    fn reason(&self, scope: WaiverScope, rule: &Rule) -> Option<&String> {
        let first = self.scopes.get(&(scope, rule.id))?.first()?;
        match scope.is_given() {
            true => self.reasons.get(first),
            false => self.noted.get(*first).map(|noted| &noted.words.reason),
        }
    }

    /// Why a finding is waived, for which waivers of this scope decide, or those of an earlier text.
    fn suppressor(&self, finding: &Finding, scope: Option<WaiverScope>) -> SuppressedBy {
        let reason = match scope {
            Some(scope) => self.reason(scope, finding.rule),
            None => self.carried.get(&finding.key()),
        };
        let reason = reason.cloned().unwrap_or_default();
        match scope.is_none_or(WaiverScope::is_given) {
            true => SuppressedBy::Given(reason),
            false => SuppressedBy::InSource(reason),
        }
    }

    /// Adds what waivers that were handed in waived in an earlier text; `moved` says where that starts
    /// now, if it is still there.
    pub(super) fn carry(
        &mut self,
        earlier: &Self,
        waived: &[Waived],
        moved: impl Fn(usize) -> Option<usize>,
    ) {
        for one in waived {
            let finding = &one.finding;
            let scope = one.hits.first().filter(|scope| scope.is_given());
            let reason = scope.and_then(|scope| earlier.reason(*scope, finding.rule));
            if let (Some(start), Some(reason)) = (moved(finding.place.span.start), reason) {
                let key = (finding.rule.id, start);
                self.carried.insert(key, reason.clone());
            }
        }
    }

    /// What those that were handed in waived, each with its source.
    pub(super) fn uses(&self, waived: &[Waived]) -> Vec<(usize, WaiverUse)> {
        let mut seen = HashSet::new();
        let mut uses = Vec::new();
        for Waived { finding, hits, .. } in waived {
            let (source, rule) = (finding.place.source, finding.rule);
            for scope in hits.iter().filter(|scope| scope.is_given()) {
                if seen.insert((*scope, rule.id)) {
                    let indices = self.scopes.get(&(*scope, rule.id)).into_iter().flatten();
                    let of = |waiver: &usize| {
                        let waiver = *waiver;
                        (source, WaiverUse { waiver, rule })
                    };
                    uses.extend(indices.map(of));
                }
            }
        }
        uses
    }

    /// What there is to say of the waivers in the text themselves, given all that they waived and what is
    /// `left`. `is_complete` says whether all was looked for that they could waive.
    pub(super) fn findings(
        &self,
        entries: &EntryIndex<'_, '_>,
        waived: &[Waived],
        left: &[Finding],
        is_complete: bool,
    ) -> Vec<Finding> {
        let mut findings = self.faulty.clone();
        if !is_complete {
            return findings;
        }
        let used: HashSet<(WaiverScope, &str)> = waived
            .iter()
            .flat_map(|one| one.hits.iter().map(|hit| (*hit, one.finding.rule.id)))
            .collect();
        let mut known = None;
        for noted in self.noted.iter().filter(|noted| noted.is_comment) {
            let is_used = |rule: &Rule| {
                let mut scopes = noted.scopes.iter();
                scopes.any(|scope| used.contains(&(*scope, rule.id)))
            };
            let Some(mut unused) = noted.unused(is_used) else {
                continue;
            };
            let known = known.get_or_insert_with(|| entries_of(entries, left));
            unused.help.extend(misplaced(entries, noted, known));
            findings.push(unused);
        }
        findings
    }
}

fn put(
    scopes: &mut HashMap<(WaiverScope, &'static str), Vec<usize>>,
    scope: WaiverScope,
    rules: &[&'static Rule],
    index: usize,
) {
    for rule in rules {
        scopes.entry((scope, rule.id)).or_default().push(index);
    }
}

/// The entries of findings with the findings' rules, and where the findings start.
fn entries_of(
    entries: &EntryIndex<'_, '_>,
    findings: &[Finding],
) -> HashMap<(NodeId, &'static str), usize> {
    let found = findings.iter().filter_map(|finding| {
        let (rule, start) = finding.key();
        Some(((entries.entry(start)?, rule), start))
    });
    found.collect()
}

/// Where a waiver within the entry of a finding belongs: it counts on the finding's line, on the entry's first
/// line, or above one of them.
fn misplaced(
    entries: &EntryIndex<'_, '_>,
    noted: &WaiverNote,
    known: &HashMap<(NodeId, &'static str), usize>,
) -> Option<String> {
    let document = entries.document()?;
    let finding = entries.around(noted.place.span.start).find_map(|node| {
        let mut rules = noted.words.rules.iter();
        rules.find_map(|rule| known.get(&(node, rule.id)))
    })?;
    let source = document.source_span(document.source_at(*finding));
    let before = document.text().get(source.start..*finding)?;
    let line = 1 + memchr::memchr_iter(b'\n', before).count();
    Some(format!(
        "the finding of this entry is on line {line}: a waiver counts there, or on the line above"
    ))
}

/// Whether a waiver's last day is over.
fn is_over(until: Option<Date>, today: Option<Date>) -> bool {
    until.zip(today).is_some_and(|(until, today)| until < today)
}
