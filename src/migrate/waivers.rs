//! Waivers: what a person does not want to be told of, or changed, and why.
//!
//! They stand in comments, in the `comments` of resources, or are handed in by whoever read them
//! elsewhere. A root finding that is waived is not mended; one of a repair is only not told. Knows the
//! places of findings; never knows what they are about, nor what day it is. Start at [`Waivers`].

mod in_text;
mod noted;
mod words;

use std::collections::{HashMap, HashSet};

use crate::arm::Model;
use crate::json::{Document, JsonPath, Kind, NodeId};
use crate::rules::{self, Finding, Place, Rule};

use super::entries::{around, entry};
use super::queries::Selections;
use super::{Date, Options};

pub(super) use self::in_text::{in_text, waive_given_in_text};
use self::noted::{Anchor, Noted, noted};
use self::words::Malformed;

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
    /// Whether its last day is before `today`; where that is not told, no day is over.
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

/// A finding that is not told.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// What hides it.
    pub by: SuppressedBy,
}

/// What hides a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuppressedBy {
    /// A waiver, for this reason, in the file itself.
    InSource(String),
    /// A waiver, for this reason, that was read elsewhere.
    Given(String),
    /// The baseline: the finding is mended all the same where it can be.
    Baseline,
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

/// Where in a document waivers apply. Thousands may apply to the same part, and to thousands of findings
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

/// All waivers that hold for a document.
#[derive(Default)]
pub(super) struct Waivers {
    noted: Vec<(WaiverScope, Noted)>,
    malformed: Vec<(Place, Malformed)>,
    expired: Vec<Noted>,
    /// By where they apply and the rule, in their order: the places in `noted`, or in [`Options::waivers`].
    scopes: HashMap<(WaiverScope, &'static str), Vec<usize>>,
    /// Whether a query of a waiver selects anything.
    has_values: bool,
    resources: HashSet<NodeId>,
    /// The reasons of those that were handed in, by their places.
    reasons: HashMap<usize, String>,
    /// What waivers that were handed in waived in an earlier text, by rule and start, with the reason:
    /// queries select something else in this one.
    carried: HashMap<(&'static str, usize), String>,
}

impl Waivers {
    /// The waivers in the text of `model`.
    pub(super) fn of(model: &Model<'_>, options: &Options) -> Self {
        let document = model.document();
        let mut waivers = Self::default();
        if options.disregard_waivers_in_files {
            return waivers;
        }
        let found = noted(model);
        if !found.is_empty() {
            waivers.resources = model.resources().iter().map(|it| it.node).collect();
        }
        for (place, anchor, words) in found {
            match words {
                Err(malformed) => waivers.malformed.push((place, malformed)),
                Ok(words) => waivers.add(document, Noted { place, words }, anchor, options.today),
            }
        }
        waivers
    }

    /// Adds waivers of `options`: those with the indices that `of_source` gives for each source of
    /// `document`.
    pub(super) fn give<'w>(
        &mut self,
        document: &Document<'_>,
        of_source: impl Fn(usize) -> &'w [usize],
        options: &Options,
        selections: &Selections,
    ) {
        for source in 0..document.sources() {
            for index in of_source(source) {
                let waiver = options.waivers.get(*index);
                let Some(waiver) = waiver.filter(|waiver| !waiver.is_expired(options.today)) else {
                    continue;
                };
                let scopes = match &waiver.within {
                    None => vec![WaiverScope::Source(source)],
                    Some(_) => selections
                        .of_waiver(*index)
                        .iter()
                        .filter(|node| document.source_of(**node) == source)
                        .map(|node| WaiverScope::Value(*node))
                        .collect(),
                };
                self.has_values |= waiver.within.is_some();
                self.reasons.insert(*index, waiver.reason.clone());
                for scope in scopes {
                    self.put(scope, &waiver.rules, *index);
                }
            }
        }
    }

    fn put(&mut self, scope: WaiverScope, rules: &[&'static Rule], index: usize) {
        for rule in rules {
            let indices = self.scopes.entry((scope, rule.id)).or_default();
            indices.push(index);
        }
    }

    fn add(&mut self, document: &Document<'_>, noted: Noted, anchor: Anchor, today: Option<Date>) {
        if is_over(noted.words.until, today) {
            self.expired.push(noted);
            return;
        }
        let scope = match anchor {
            Anchor::Line(offset) => WaiverScope::Line(document.line_start(offset)),
            Anchor::Resource(node) => WaiverScope::Resource(node),
        };
        self.put(scope, &noted.words.rules, self.noted.len());
        self.noted.push((scope, noted));
    }

    /// Takes those of `findings` out that a waiver waives; these are roots, or none is.
    pub(super) fn split(
        &self,
        document: &Document<'_>,
        findings: Vec<Finding>,
        waived: &mut Vec<Waived>,
    ) -> Vec<Finding> {
        let mut left = Vec::new();
        for finding in findings {
            match self.hits(document, &finding) {
                None => left.push(finding),
                Some(hits) => waived.push(Waived {
                    finding,
                    is_root: false,
                    hits,
                }),
            }
        }
        left
    }

    /// The root finding as waived, if it is.
    pub(super) fn root(&self, document: &Document<'_>, finding: &Finding) -> Option<Waived> {
        self.hits(document, finding).map(|hits| Waived {
            finding: finding.clone(),
            is_root: true,
            hits,
        })
    }

    /// Where the waivers apply that waive a finding, if any does.
    fn hits(&self, document: &Document<'_>, finding: &Finding) -> Option<Vec<WaiverScope>> {
        let place = &finding.place;
        if rules::is_about_suppression(finding.rule) {
            return None;
        }
        let mut scopes = vec![WaiverScope::Source(place.source)];
        let start = document.node_at(place.span.start);
        let values = start.filter(|_| self.has_values).into_iter();
        scopes.extend(
            values
                .flat_map(|start| around(document, start))
                .filter(|node| {
                    let span = document.span(*node);
                    span.start <= place.span.start && place.span.end <= span.end
                })
                .map(WaiverScope::Value),
        );
        if !self.noted.is_empty() {
            let line = |offset| WaiverScope::Line(document.line_start(offset));
            scopes.push(line(place.span.start));
            let entry = start.and_then(|node| entry(document, &self.resources, node));
            if let Some(entry) = entry {
                scopes.push(line(document.span(entry).start));
                let key = document.parent(entry);
                let key = key.filter(|key| document.kind(*key) == Kind::Key);
                scopes.extend(key.map(|key| line(document.span(key).start)));
            }
            let mut owners = start.into_iter().flat_map(|node| around(document, node));
            let owner = owners.find(|node| self.resources.contains(node));
            scopes.extend(owner.map(WaiverScope::Resource));
        }
        let first = |scope: &WaiverScope| self.scopes.get(&(*scope, finding.rule.id))?.first();
        scopes.retain(|scope| first(scope).is_some());
        scopes.sort_by_key(|scope| (scope.is_given(), first(scope), *scope));
        scopes.dedup();
        let key = (finding.rule.id, place.span.start);
        (!scopes.is_empty() || self.carried.contains_key(&key)).then_some(scopes)
    }

    /// The reason of the first waiver of a rule that applies there.
    fn reason(&self, scope: WaiverScope, rule: &Rule) -> Option<&String> {
        let first = self.scopes.get(&(scope, rule.id))?.first()?;
        match scope.is_given() {
            true => self.reasons.get(first),
            false => self.noted.get(*first).map(|(_, noted)| &noted.words.reason),
        }
    }

    /// Why a finding is waived.
    pub(super) fn suppressor(&self, waived: &Waived) -> SuppressedBy {
        let finding = &waived.finding;
        let first = waived.hits.first();
        let reason = match first {
            Some(scope) => self.reason(*scope, finding.rule),
            None => self
                .carried
                .get(&(finding.rule.id, finding.place.span.start)),
        };
        let reason = reason.cloned().unwrap_or_default();
        match first.is_none_or(|scope| scope.is_given()) {
            true => SuppressedBy::Given(reason),
            false => SuppressedBy::InSource(reason),
        }
    }

    /// Adds what waivers that were handed in waived in an earlier text; `moved` tells where that starts
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
                        (
                            source,
                            WaiverUse {
                                waiver: *waiver,
                                rule,
                            },
                        )
                    };
                    uses.extend(indices.map(of));
                }
            }
        }
        uses
    }

    /// What there is to say of the waivers in the text themselves, given all that they waived and what is
    /// `left`. `is_complete` tells whether all was looked for that they could waive.
    pub(super) fn findings(
        &self,
        document: &Document<'_>,
        waived: &[Waived],
        left: &[Finding],
        is_complete: bool,
    ) -> Vec<Finding> {
        let malformed = self.malformed.iter().map(|(place, malformed)| {
            let (message, help) = (malformed.message.clone(), malformed.help.clone());
            rules::malformed_waiver(place.clone(), message, help)
        });
        let mut findings: Vec<Finding> = malformed.collect();
        findings.extend(self.expired.iter().filter_map(Noted::expired));
        if is_complete {
            let used: HashSet<(WaiverScope, &str)> = waived
                .iter()
                .flat_map(|one| one.hits.iter().map(|hit| (*hit, one.finding.rule.id)))
                .collect();
            let mut entries = None;
            for (scope, noted) in &self.noted {
                let unused = noted.unused(|rule| used.contains(&(*scope, rule.id)));
                let Some(mut unused) = unused else { continue };
                let entries = entries.get_or_insert_with(|| self.entries_of(document, left));
                unused.help.extend(misplaced(document, noted, entries));
                findings.push(unused);
            }
        }
        findings
    }

    /// The entries of findings with the findings' rules, and where the findings start.
    fn entries_of(
        &self,
        document: &Document<'_>,
        findings: &[Finding],
    ) -> HashMap<(NodeId, &'static str), usize> {
        let entries = findings.iter().filter_map(|finding| {
            let start = finding.place.span.start;
            let entry = entry(document, &self.resources, document.node_at(start)?)?;
            Some(((entry, finding.rule.id), start))
        });
        entries.collect()
    }
}

/// Where a waiver within the entry of a finding belongs: it counts on the finding's line, on the entry's first
/// line, or above one of them.
fn misplaced(
    document: &Document<'_>,
    noted: &Noted,
    entries: &HashMap<(NodeId, &'static str), usize>,
) -> Option<String> {
    let node = document.node_at(noted.place.span.start)?;
    let finding = around(document, node).find_map(|node| {
        let mut rules = noted.words.rules.iter();
        rules.find_map(|rule| entries.get(&(node, rule.id)))
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

/// The names of rules, for a sentence.
fn names<'r>(rules: impl IntoIterator<Item = &'r &'static Rule>) -> String {
    let ids: Vec<&str> = rules.into_iter().map(|rule| rule.id).collect();
    ids.join(", ")
}
