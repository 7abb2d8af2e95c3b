//! The baseline: findings that were there when somebody began to look, and that are not reported.
//!
//! A finding is known again by its rule, its file and the names on the way to its entry, so that it may move,
//! and its file and the entry may change; what the entry says only keeps twins apart. Never reads a file. Start at [`Baseline`].

mod fingerprint;
mod text;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::arm::Model;
use crate::json::{Document, NodeId};
use crate::rules::{self, Finding, FindingKey, Place, SuppressedBy};
use crate::text::shift_offsets;

pub use self::fingerprint::Fingerprint;
use self::fingerprint::{of_text, path_to};
pub use self::text::{BASELINE_SCHEMA, BaselineError};
use super::JoinedOutcome;
use super::entries::EntryIndex;
use super::sources::JoinedTexts;

/// A finding that a baseline holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BaselineEntry {
    /// Its file, with `/`, relative to the folder of the baseline's file.
    pub file: String,
    /// The id of its rule.
    pub rule: String,
    /// The way to its entry by names; empty in what is not JSON.
    pub path: String,
    /// What its entry says: it keeps apart those that are alike in all else.
    pub fingerprint: Fingerprint,
}

/// The findings that are not reported.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// The folder of the baseline's file, with `/`.
    folder: String,
    /// How often each finding is there, and the bytes that say so.
    entries: BTreeMap<BaselineEntry, KnownEntry>,
    /// Whether all findings are taken for known: they are about to be written into it.
    takes_all: bool,
}

#[derive(Clone, Debug, Default)]
struct KnownEntry {
    count: usize,
    /// In the order of the file; an entry may be written twice.
    index: usize,
    span: Range<usize>,
}

impl Baseline {
    /// A baseline without entries, whose file is in `folder`: an absolute path with `/`.
    pub fn empty(folder: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            ..Self::default()
        }
    }

    /// This baseline while it is written anew: nothing is reported that can be in it.
    #[must_use]
    pub fn taking_all(self) -> Self {
        Self {
            takes_all: true,
            ..self
        }
    }

    /// The files that entries are about, as [`BaselineEntry::file`] names them.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let mut last = None;
        let names = self.entries.keys().map(|entry| entry.file.as_str());
        names.filter(move |file| last.replace(*file) != Some(*file))
    }

    /// What entries call the file at an absolute path with `/`.
    pub fn name_of(&self, path: &str) -> String {
        let (mut from, mut to) = (
            self.folder.split('/').peekable(),
            path.split('/').peekable(),
        );
        let mut common = 0;
        while from.peek().is_some() && from.peek() == to.peek() {
            from.next();
            to.next();
            common += 1;
        }
        if common == 0 {
            return path.to_owned();
        }
        let up = from.filter(|part| !part.is_empty()).map(|_| "..");
        up.chain(to).collect::<Vec<_>>().join("/")
    }

    /// The path, with `/`, of what entries call `file`.
    pub fn path_of(&self, file: &str) -> String {
        let folder = self.folder.trim_end_matches('/');
        let mut parts: Vec<&str> = folder.split('/').collect();
        for part in file.split('/') {
            match part {
                ".." => {
                    parts.pop();
                }
                name => parts.push(name),
            }
        }
        parts.join("/")
    }

    /// The entries that `found` does not account for, as findings at their places in the baseline's
    /// file. Those for whose file `is_judged` does not hold are left alone.
    pub fn stale(&self, found: &[BaselineEntry], is_judged: impl Fn(&str) -> bool) -> Vec<Finding> {
        let mut of_place: HashMap<EntryPlace<'_>, Vec<Fingerprint>> = HashMap::new();
        for entry in found {
            let found = of_place.entry(entry.place()).or_default();
            found.push(entry.fingerprint);
        }
        let mut stale: Vec<(usize, Finding)> = Vec::new();
        let mut last = None;
        for entry in self.entries.keys().filter(|entry| is_judged(&entry.file)) {
            if last.replace(entry.place()) == Some(entry.place()) {
                continue;
            }
            let mut missing = self.known_at(entry);
            let found = of_place.get(&entry.place()).map_or(&[][..], Vec::as_slice);
            pair(&mut missing, found, entry.is_of_a_resource());
            for (kept, missing) in missing.into_values().filter(|(_, missing)| *missing > 0) {
                let place = Place {
                    source: 0,
                    span: kept.span.clone(),
                    path: format!("$['entries'][{}]", kept.index),
                };
                let finding = rules::stale_baseline(place, &entry.rule, &entry.file, missing);
                stale.push((kept.index, finding));
            }
        }
        stale.sort_by_key(|(index, _)| *index);
        stale.into_iter().map(|(_, finding)| finding).collect()
    }

    /// The entries of the same rule at the same place, each with how often it is there.
    fn known_at(&self, entry: &BaselineEntry) -> BTreeMap<Fingerprint, (&KnownEntry, usize)> {
        let at = |fingerprint| BaselineEntry {
            fingerprint,
            ..entry.clone()
        };
        let known = self
            .entries
            .range(at(Fingerprint::LEAST)..=at(Fingerprint::GREATEST));
        known
            .map(|(entry, kept)| (entry.fingerprint, (kept, kept.count)))
            .collect()
    }

    /// The text of a baseline with what was `found`. Of the entries that are not, those stay for whose
    /// file `is_judged` does not hold.
    pub fn render_update(
        &self,
        found: &[BaselineEntry],
        is_judged: impl Fn(&str) -> bool,
    ) -> Vec<u8> {
        let mut counts = count_entries(found);
        let kept = self
            .entries
            .iter()
            .filter(|(entry, _)| !is_judged(&entry.file));
        for (entry, kept) in kept {
            let count = counts.entry(entry).or_default();
            *count = kept.count.max(*count);
        }
        text::render(counts)
    }

    /// Takes out what the baseline holds, of what was found, which is in `entries`, and of what is left.
    pub(super) fn settle(
        &self,
        texts: &JoinedTexts<'_>,
        entries: &EntryIndex<'_, '_>,
        whole: &mut JoinedOutcome,
    ) {
        let migration = &mut whole.migration;
        let (findings, suppressed) = (&mut migration.findings, &mut migration.suppressed);
        let all = self.settle_findings(texts, entries, findings, suppressed);
        whole.entries = with_sources(all);
        let Some(fixed) = &mut migration.fixed else {
            return;
        };
        let (findings, suppressed) = (&mut fixed.remaining, &mut fixed.suppressed);
        let mut all = match entries.document() {
            Some(_) => {
                let starts = shift_offsets(texts.starts(), &fixed.edits);
                let document = Document::of_sources(&fixed.bytes, &starts);
                let model = Model::of_sources(&document, &texts.paths());
                let entries = EntryIndex::of_templates(&model);
                self.settle_findings(texts, &entries, findings, suppressed)
            }
            None => {
                let entries = EntryIndex::of_text(&fixed.bytes);
                self.settle_findings(texts, &entries, findings, suppressed)
            }
        };
        all.retain(|one| fixed.found_again.contains(&one.key));
        whole.left_entries = with_sources(all);
    }

    /// Takes those of `findings` out that the baseline holds, to `suppressed`, and gives the entry of each that
    /// can be in one.
    fn settle_findings(
        &self,
        texts: &JoinedTexts<'_>,
        entries: &EntryIndex<'_, '_>,
        findings: &mut Vec<Finding>,
        suppressed: &mut Vec<Finding>,
    ) -> Vec<EntryAt> {
        let (mut left, found): (Vec<Finding>, Vec<Finding>) = std::mem::take(findings)
            .into_iter()
            .partition(|finding| rules::is_about_suppression(finding.rule));
        let identified = found.iter().zip(identify(entries, &found));
        let all = identified.map(|(finding, (path, fingerprint))| EntryAt {
            source: finding.place.source,
            key: finding.key(),
            entry: BaselineEntry {
                file: self.name_of(texts.path(finding.place.source)),
                rule: finding.rule.id.to_owned(),
                path,
                fingerprint,
            },
        });
        let all: Vec<EntryAt> = all.collect();
        for (mut finding, is_known) in found.into_iter().zip(self.known(&all)) {
            if is_known || self.takes_all {
                finding.suppressed = Some(SuppressedBy::Baseline);
                suppressed.push(finding);
            } else {
                left.push(finding);
            }
        }
        left.sort_by_key(|finding| (finding.place.source, finding.place.span.start));
        suppressed.sort_by_key(|finding| (finding.place.span.start, finding.rule.id));
        *findings = left;
        all
    }

    /// Which of these the baseline holds.
    fn known(&self, found: &[EntryAt]) -> Vec<bool> {
        let mut of_place: HashMap<EntryPlace<'_>, Vec<usize>> = HashMap::new();
        for (index, one) in found.iter().enumerate() {
            of_place.entry(one.entry.place()).or_default().push(index);
        }
        let mut known = vec![false; found.len()];
        for indices in of_place.values() {
            let entries: Vec<&BaselineEntry> = indices
                .iter()
                .filter_map(|index| Some(&found.get(*index)?.entry))
                .collect();
            let Some(first) = entries.first() else {
                continue;
            };
            let fingerprints: Vec<Fingerprint> =
                entries.iter().map(|entry| entry.fingerprint).collect();
            let mut at_place = self.known_at(first);
            let paired = pair(&mut at_place, &fingerprints, first.is_of_a_resource());
            for (index, is_known) in indices.iter().zip(paired) {
                if let Some(known) = known.get_mut(*index) {
                    *known = is_known;
                }
            }
        }
        known
    }
}

/// A file, a rule, and the way to an entry.
type EntryPlace<'e> = (&'e str, &'e str, &'e str);

impl BaselineEntry {
    fn place(&self) -> EntryPlace<'_> {
        (&self.file, &self.rule, &self.path)
    }

    /// Whether it is known again whatever else its entry says: a line of a text is nothing but what it says.
    fn is_of_a_resource(&self) -> bool {
        !self.path.is_empty()
    }
}

/// Pairs what was found at a place with what is known there: those that say the same first, then, if
/// `by_place`, any two, since something else in the entry may have changed. Gives which of those found have a
/// partner, and takes these off what is `known`.
fn pair(
    known: &mut BTreeMap<Fingerprint, (&KnownEntry, usize)>,
    found: &[Fingerprint],
    by_place: bool,
) -> Vec<bool> {
    let paired = found.iter().map(|fingerprint| {
        let left = known.get_mut(fingerprint).filter(|(_, left)| *left > 0);
        left.map(|(_, left)| *left -= 1).is_some()
    });
    let mut paired: Vec<bool> = paired.collect();
    let mut alone = paired
        .iter_mut()
        .filter(|is_paired| by_place && !**is_paired);
    for (_, left) in known.values_mut() {
        while *left > 0
            && let Some(is_paired) = alone.next()
        {
            *is_paired = true;
            *left -= 1;
        }
    }
    paired
}

/// The way by names to the entry of each finding, which is empty in what is not JSON, and what the entry says.
fn identify(entries: &EntryIndex<'_, '_>, findings: &[Finding]) -> Vec<(String, Fingerprint)> {
    let mut known: HashMap<NodeId, Fingerprint> = HashMap::new();
    let mut identify = |finding: &Finding| {
        let start = finding.place.span.start;
        let Some(document) = entries.document() else {
            let words = entries.line_words(start).unwrap_or_default();
            return (String::new(), of_text(&words));
        };
        // What was recovered from a text with errors is no ground to know it again by.
        let is_whole = document.errors_of(finding.place.source).next().is_none();
        let entry = entries.entry(start).or_else(|| document.node_at(start));
        let Some(node) = entry.filter(|_| is_whole) else {
            return (String::new(), of_text(&finding.message));
        };
        let fingerprint = known.entry(node);
        let fingerprint = fingerprint.or_insert_with(|| Fingerprint::of_node(document, node));
        (path_to(document, node), *fingerprint)
    };
    findings.iter().map(&mut identify).collect()
}

/// The entry of a finding, and the finding's place.
struct EntryAt {
    source: usize,
    key: FindingKey,
    entry: BaselineEntry,
}

fn with_sources(all: Vec<EntryAt>) -> Vec<(usize, BaselineEntry)> {
    all.into_iter().map(|one| (one.source, one.entry)).collect()
}

fn count_entries(entries: &[BaselineEntry]) -> BTreeMap<&BaselineEntry, usize> {
    let mut counts = BTreeMap::new();
    for entry in entries {
        *counts.entry(entry).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_baseline_and_found_again() {
        for (folder, path, name) in [
            ("/repo", "/repo/a.json", "a.json"),
            ("/repo", "/repo/infra/a.json", "infra/a.json"),
            ("/repo/ci", "/repo/infra/a.json", "../infra/a.json"),
            ("/repo/infra", "/repo/infrared/a.json", "../infrared/a.json"),
            ("/", "/a.json", "a.json"),
            ("C:/repo", "C:/repo/a.json", "a.json"),
        ] {
            let baseline = Baseline::empty(folder);
            assert_eq!(baseline.name_of(path), name);
            assert_eq!(baseline.path_of(name), path);
        }
        assert_eq!(Baseline::empty("C:/repo").name_of("D:/a.json"), "D:/a.json");
    }
}
