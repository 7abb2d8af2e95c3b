//! Waivers: what a person does not want to be told of, or changed, and why.
//!
//! They stand in comments, in the `comments` of resources, or are handed in by whoever read them
//! elsewhere. A root finding that is waived is not mended; one of a repair is only not told. Knows the
//! places of findings; never knows what they are about, nor what day it is. Start at [`Waivers`].

mod in_text;
mod noted;
mod words;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use crate::arm::Model;
use crate::json::{Document, JsonPath, Kind, NodeId, select};
use crate::rules::{self, Finding, Place, Rule};

use super::entries::{around, entry};
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
    /// Whether it is a root finding, so that what would mend it is left out.
    pub(super) is_root: bool,
    hits: Vec<WaivedBy>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum WaivedBy {
    Noted(usize),
    Given(usize),
    Carried,
}

/// All waivers that hold for a document.
#[derive(Default)]
pub(super) struct Waivers {
    noted: Vec<Noted>,
    malformed: Vec<(Place, Malformed)>,
    expired: Vec<Noted>,
    /// By the start of the line that they are for.
    lines: HashMap<usize, Vec<usize>>,
    /// By the resource in whose `comments` they stand.
    owners: HashMap<NodeId, Vec<usize>>,
    resources: HashSet<NodeId>,
    given: Vec<GivenWaiver>,
    /// What waivers that were handed in waived in an earlier text, by rule and start, with the reason:
    /// queries select something else in this one.
    carried: HashMap<(&'static str, usize), String>,
}

/// A waiver that was handed in.
struct GivenWaiver {
    index: usize,
    rules: Vec<&'static Rule>,
    reason: String,
    /// For which it is.
    sources: HashSet<usize>,
    within: Option<Vec<Range<usize>>>,
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
    ) {
        let mut sources: BTreeMap<usize, HashSet<usize>> = BTreeMap::new();
        for source in 0..document.sources() {
            for index in of_source(source) {
                sources.entry(*index).or_default().insert(source);
            }
        }
        for (index, sources) in sources {
            let waiver = options.waivers.get(index);
            let Some(waiver) = waiver.filter(|waiver| !waiver.is_expired(options.today)) else {
                continue;
            };
            let spans = |query: &JsonPath| {
                let nodes = select(document, query).unwrap_or_default().into_iter();
                nodes.map(|node| document.span(node)).collect()
            };
            self.given.push(GivenWaiver {
                index,
                rules: waiver.rules.clone(),
                reason: waiver.reason.clone(),
                sources,
                within: waiver.within.as_ref().map(spans),
            });
        }
    }

    fn add(&mut self, document: &Document<'_>, noted: Noted, anchor: Anchor, today: Option<Date>) {
        if is_over(noted.words.until, today) {
            self.expired.push(noted);
            return;
        }
        let index = self.noted.len();
        self.noted.push(noted);
        match anchor {
            Anchor::Line(offset) => {
                let line = document.line_start(offset);
                self.lines.entry(line).or_default().push(index);
            }
            Anchor::Resource(node) => self.owners.entry(node).or_default().push(index),
        }
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
                hits if hits.is_empty() => left.push(finding),
                hits => waived.push(Waived {
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
        let hits = self.hits(document, finding);
        (!hits.is_empty()).then(|| Waived {
            finding: finding.clone(),
            is_root: true,
            hits,
        })
    }

    /// What waives a finding.
    fn hits(&self, document: &Document<'_>, finding: &Finding) -> Vec<WaivedBy> {
        let mut hits = Vec::new();
        let place = &finding.place;
        if rules::is_about_suppression(finding.rule) {
            return hits;
        }
        if !self.noted.is_empty() {
            let start = document.node_at(place.span.start);
            let mut anchored: Vec<usize> = Vec::new();
            let mut on_line = |offset| {
                let line = document.line_start(offset);
                anchored.extend(self.lines.get(&line).into_iter().flatten());
            };
            on_line(place.span.start);
            let entry = start.and_then(|node| entry(document, &self.resources, node));
            if let Some(entry) = entry {
                on_line(document.span(entry).start);
                let key = document.parent(entry);
                if let Some(key) = key.filter(|key| document.kind(*key) == Kind::Key) {
                    on_line(document.span(key).start);
                }
            }
            let owner = start
                .and_then(|node| around(document, node).find(|node| self.resources.contains(node)));
            let owned = owner.and_then(|owner| self.owners.get(&owner));
            anchored.extend(owned.into_iter().flatten());
            anchored.sort_unstable();
            anchored.dedup();
            anchored.retain(|index| {
                let noted = self.noted.get(*index);
                noted.is_some_and(|noted| noted.words.rules.contains(&finding.rule))
            });
            hits.extend(anchored.into_iter().map(WaivedBy::Noted));
        }
        let given = self.given.iter().enumerate();
        hits.extend(
            given
                .filter(|(_, given)| given.waives(finding))
                .map(|(at, _)| WaivedBy::Given(at)),
        );
        let key = (finding.rule.id, place.span.start);
        hits.extend(self.carried.contains_key(&key).then_some(WaivedBy::Carried));
        hits
    }

    /// Why a finding is waived.
    pub(super) fn suppressor(&self, waived: &Waived) -> SuppressedBy {
        let first = waived.hits.first().copied();
        let reason = match first {
            Some(WaivedBy::Noted(index)) => {
                let noted = self.noted.get(index);
                return SuppressedBy::InSource(
                    noted.map_or_else(String::new, |noted| noted.words.reason.clone()),
                );
            }
            Some(WaivedBy::Given(index)) => self.given.get(index).map(|given| &given.reason),
            Some(WaivedBy::Carried) | None => {
                let finding = &waived.finding;
                let key = (finding.rule.id, finding.place.span.start);
                self.carried.get(&key)
            }
        };
        SuppressedBy::Given(reason.cloned().unwrap_or_default())
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
            let Some(WaivedBy::Given(index)) = one.hits.first() else {
                continue;
            };
            let start = moved(one.finding.place.span.start);
            if let (Some(start), Some(given)) = (start, earlier.given.get(*index)) {
                let key = (one.finding.rule.id, start);
                self.carried.insert(key, given.reason.clone());
            }
        }
    }

    /// What those that were handed in waived, each with its source.
    pub(super) fn uses(&self, waived: &[Waived]) -> Vec<(usize, WaiverUse)> {
        let mut uses = Vec::new();
        for Waived { finding, hits, .. } in waived {
            let given = hits.iter().filter_map(|hit| match hit {
                WaivedBy::Given(index) => self.given.get(*index),
                WaivedBy::Noted(_) | WaivedBy::Carried => None,
            });
            uses.extend(given.map(|given| {
                let (waiver, rule) = (given.index, finding.rule);
                (finding.place.source, WaiverUse { waiver, rule })
            }));
        }
        uses
    }

    /// What there is to say of the waivers in the text themselves, given all that they waived.
    /// `is_complete` tells whether all was looked for that they could waive.
    pub(super) fn findings(&self, waived: &[Waived], is_complete: bool) -> Vec<Finding> {
        let malformed = self.malformed.iter().map(|(place, malformed)| {
            let (message, help) = (malformed.message.clone(), malformed.help.clone());
            rules::malformed_waiver(place.clone(), message, help)
        });
        let mut findings: Vec<Finding> = malformed.collect();
        findings.extend(self.expired.iter().filter_map(Noted::expired));
        if is_complete {
            let used: HashSet<(usize, &str)> = waived
                .iter()
                .flat_map(|one| one.hits.iter().map(|hit| (*hit, one.finding.rule.id)))
                .filter_map(|(hit, id)| match hit {
                    WaivedBy::Noted(index) => Some((index, id)),
                    WaivedBy::Given(_) | WaivedBy::Carried => None,
                })
                .collect();
            for (index, noted) in self.noted.iter().enumerate() {
                findings.extend(noted.unused(|rule| used.contains(&(index, rule.id))));
            }
        }
        findings
    }
}

impl GivenWaiver {
    fn waives(&self, finding: &Finding) -> bool {
        let place = &finding.place;
        let is_inside =
            |span: &Range<usize>| span.start <= place.span.start && place.span.end <= span.end;
        self.rules.contains(&finding.rule)
            && self.sources.contains(&place.source)
            && self
                .within
                .as_ref()
                .is_none_or(|within| within.iter().any(is_inside))
    }
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
