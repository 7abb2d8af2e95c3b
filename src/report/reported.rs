//! What there is to say about files, as every format takes it: owned, with places that need no file
//! any more.
//!
//! It is made where the bytes of the files are at hand, so that a run keeps no file for its report.
//! Knows findings and which file of a set each place is in; never knows a format. Start at
//! [`Results`].

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::drawing::{Canvas, draw};
use super::fixed_by::{FixedBy, fix_note};
use super::location::{Location, Replacement};
use super::preview::preview;
use super::source_text::SourceText;
use crate::migrate::{Fixed, Migration, Picture};
use crate::rules::{
    About, Finding, Fix, Machine, MachineKind, Place, Rule, Severity, SuppressedBy,
};
use crate::text::Edit;

/// What of a template the formats of a run ask for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Needs {
    /// The drawings of `full`.
    pub drawing: Option<Canvas>,
    /// The edits of its fix.
    pub change: bool,
    /// Whether unsafe fixes are applied too, so that their edits are among these.
    pub unsafe_fixes: bool,
    /// Whether notes are drawn too.
    pub notes: bool,
    /// Its diff and the pictures of its machines.
    pub pictures: bool,
}

/// All there is to say: of a run, or of files that were migrated together.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// The files with something to say, in the order of their names.
    pub files: Vec<ReportedFile>,
    /// Edits that go together, in one file or in several: all of them or none. They are in the old
    /// bytes, file by file, and in the order of the text. Empty where no format asks for them.
    pub changes: Vec<Vec<Replacement>>,
    /// What changes around the machines, in the order of the files' names. Empty where no format asks for it.
    pub pictures: Vec<(ReportedMachine, Picture)>,
    /// The commands that preview the deployment of what is changed.
    pub previews: Vec<String>,
}

impl Results {
    /// Adds what machines' pictures show, whose places count in `old`, and how to preview what is changed.
    fn illustrate(&mut self, outcomes: &[Outcome<'_>], old: &[SourceText<'_>]) {
        let all = || outcomes.iter().zip(old);
        for (outcome, _) in all() {
            let pictures = outcome.migration.pictures.iter();
            let located = pictures.filter_map(|picture| {
                let page = old.get(picture.machine.place.source)?;
                let location = page.location(&picture.machine.place);
                let machine = ReportedMachine::new(&picture.machine, location);
                Some((machine, picture.clone()))
            });
            self.pictures.extend(located);
        }
        let mut changed = outcomes.iter().filter(|outcome| outcome.changes());
        if !changed.any(|outcome| outcome.migration.is_template) {
            return;
        }
        let deployed = || {
            let deployed = all().map(|(one, page)| (one.migration.deployment.as_ref(), one, page));
            deployed.filter_map(|(deployment, one, page)| Some((deployment?, one.changes(), page)))
        };
        // What is linked is deployed by another template.
        let is_only_linked = !deployed().any(|(_, changes, _)| changes);
        let wanted = deployed().filter(|(_, changes, _)| *changes || is_only_linked);
        self.previews
            .extend(wanted.flat_map(|(deployment, _, page)| preview(page.name(), deployment)));
    }
}

/// A file with what there is to say.
#[derive(Clone, Debug)]
pub struct ReportedFile {
    /// The file's name in reports, with `/`.
    pub file: Arc<[u8]>,
    /// What is left for a person, or, where nothing was written, all that was found; in the order of
    /// the text.
    pub findings: Vec<ReportedFinding>,
    /// What a run fixed, with places in the old bytes.
    pub applied: Vec<ReportedFinding>,
    /// What a waiver or the baseline hides, with places as [`Self::findings`].
    pub suppressed: Vec<ReportedFinding>,
    /// Which of [`Results::changes`] fixes what [`ReportedFinding::is_in_change`], or did.
    pub change: Option<usize>,
    /// The drawings of `full`, if they were wanted.
    pub drawing: Vec<u8>,
    /// The sanitized diff of what is, or would be, changed, if it was wanted.
    pub diff: Vec<u8>,
}

/// A finding.
#[derive(Clone, Debug)]
pub struct ReportedFinding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence without a full stop.
    pub message: String,
    /// Where it is.
    pub location: Location,
    /// What else belongs to it.
    pub related: Vec<RelatedLocation>,
    /// What to do or to check, one line each.
    pub help: Vec<String>,
    /// What `fix` does about it.
    pub fix: Fix,
    /// Who fixes it.
    pub fixed_by: FixedBy,
    /// Whether the edits of the file's change fix it.
    pub is_in_change: bool,
    /// The machine that it is about, where it is about one.
    pub machine: Option<Box<ReportedMachine>>,
    /// What hides it, if something does.
    pub suppressed: Option<SuppressedBy>,
}

/// What belongs to a finding elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RelatedLocation {
    /// What happens there, in a few words.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// A machine that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedMachine {
    /// What it is.
    pub kind: MachineKind,
    /// Its name as the template writes it.
    pub name: String,
    /// Its declaration; where the files hold none, that of the first extension on it.
    pub location: Location,
}

impl ReportedMachine {
    fn new(machine: &Machine, location: Location) -> Self {
        Self {
            kind: machine.kind,
            name: machine.name.clone(),
            location,
        }
    }
}

impl ReportedFinding {
    /// A finding whose places count in `pages`; `None` if it is not in one of them.
    fn new(finding: &Finding, fixed_by: FixedBy, pages: &[SourceText<'_>]) -> Option<Self> {
        let location = |place: &Place| Some(pages.get(place.source)?.location(place));
        let related = finding.related.iter();
        Some(Self {
            rule: finding.rule,
            severity: finding.severity,
            message: finding.message.clone(),
            location: location(&finding.place)?,
            related: related
                .filter_map(|related| {
                    Some(RelatedLocation {
                        message: related.message.clone(),
                        location: location(&related.place)?,
                    })
                })
                .collect(),
            help: finding.help.clone(),
            fix: finding.fix.clone(),
            fixed_by,
            is_in_change: false,
            suppressed: finding.suppressed.clone(),
            machine: finding.machine.as_deref().and_then(|machine| {
                let location = location(&machine.place)?;
                Some(Box::new(ReportedMachine::new(machine, location)))
            }),
        })
    }

    /// What to do or to check, and why `fix` does not do it, one line each.
    pub(super) fn advice(&self) -> impl Iterator<Item = String> {
        let help = self.help.iter().map(|line| format!("help: {line}"));
        let note = fix_note(&self.fix, self.fixed_by).map(|note| format!("note: {note}"));
        help.chain(note)
    }
}

/// What became of one of the files that were migrated together.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    /// What there is to say, and its result.
    pub migration: &'a Migration,
    /// What was done with the result.
    pub stage: Stage,
}

/// What was done with a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was to be done.
    Proposed,
    /// The file was written.
    Written,
    /// The file was to be written, and was not.
    Unwritten,
}

impl<'a> Outcome<'a> {
    /// What became, or would become, of the file.
    fn fixed(&self) -> Option<&'a Fixed> {
        let fixed = self.migration.fixed.as_ref();
        fixed.filter(|_| self.stage != Stage::Unwritten)
    }

    fn edits(&self) -> &'a [Edit] {
        self.fixed().map_or(&[], |fixed| &fixed.edits)
    }

    /// Whether the file is, or would be, changed.
    fn changes(&self) -> bool {
        match &self.migration.fixed {
            Some(_) => !self.edits().is_empty(),
            // An inspection makes no result, but says what one would change.
            None => {
                let mut findings = self.migration.findings.iter();
                self.stage == Stage::Proposed
                    && self.migration.fault.is_none()
                    && findings.any(|finding| finding.fix.is_safe())
            }
        }
    }
}

impl Needs {
    /// What there is to say about files that were migrated together: what places count in are the
    /// `old` bytes of all of them and the `new` ones, which are asked for only where something was
    /// written.
    pub fn results(
        self,
        outcomes: &[Outcome<'_>],
        old: &[SourceText<'_>],
        new: &[SourceText<'_>],
    ) -> Results {
        let wanted = old.iter().zip(outcomes).filter(|_| self.change);
        let change: Vec<Replacement> = wanted
            .flat_map(|(page, outcome)| {
                let edits = outcome.edits().iter();
                edits.map(|edit| page.replacement(edit))
            })
            .collect();
        let number = (!change.is_empty()).then_some(0);
        let mut files: Vec<ReportedFile> = old
            .iter()
            .zip(outcomes)
            .map(|(page, outcome)| ReportedFile {
                change: number,
                ..self.reported(page, outcome, old, new)
            })
            .filter(|file| {
                let all = [&file.findings, &file.applied, &file.suppressed];
                all.into_iter().any(|entries| !entries.is_empty()) || !file.diff.is_empty()
            })
            .collect();
        files.sort_by(|one, other| one.file.cmp(&other.file));
        let mut results = Results {
            files,
            changes: number.map(|_| change).into_iter().collect(),
            ..Results::default()
        };
        results.illustrate(outcomes, old);
        results
    }

    fn reported(
        self,
        page: &SourceText<'_>,
        outcome: &Outcome<'_>,
        old: &[SourceText<'_>],
        new: &[SourceText<'_>],
    ) -> ReportedFile {
        let reported = |findings: &[Finding], pages: &[SourceText<'_>]| -> Vec<ReportedFinding> {
            let findings = findings.iter();
            findings
                .filter_map(|finding| {
                    let by = FixedBy::new(&finding.fix, self.unsafe_fixes);
                    ReportedFinding::new(finding, by, pages)
                })
                .collect()
        };
        let migration = outcome.migration;
        let (mut left, mut pages) = (&migration.findings, old);
        let mut findings = reported(left, pages);
        let mut suppressed = reported(&migration.suppressed, pages);
        let mut applied = Vec::new();
        if let Some(fixed) = outcome.fixed() {
            for finding in findings.iter_mut().chain(&mut suppressed) {
                // What the baseline holds is fixed all the same.
                let is_waived = !matches!(finding.suppressed, None | Some(SuppressedBy::Baseline));
                finding.is_in_change = finding.fixed_by == FixedBy::Fix && !is_waived;
            }
            if outcome.stage == Stage::Written {
                applied = findings;
                applied.append(&mut suppressed);
                applied.retain(|finding| finding.is_in_change);
                applied.sort_by_key(|one| (one.location.region.start.offset, one.rule.id));
                applied.iter_mut().for_each(|one| one.suppressed = None);
                (left, pages) = (&fixed.remaining, new);
                findings = reported(left, pages);
                suppressed = reported(&fixed.suppressed, pages);
            }
        }
        ReportedFile {
            file: Arc::clone(page.name()),
            findings,
            applied,
            suppressed,
            change: None,
            drawing: self.drawing(left, pages),
            diff: match self.pictures {
                true => page.diff(outcome.edits()),
                false => Vec::new(),
            },
        }
    }

    fn drawing(self, findings: &[Finding], pages: &[SourceText<'_>]) -> Vec<u8> {
        let mut drawing = Vec::new();
        if let Some(canvas) = self.drawing {
            // Writing to memory does not fail.
            let drawn = removals_first(findings)
                .into_iter()
                .filter(|finding| self.notes || finding.severity > Severity::Note);
            let _ = draw(&mut drawing, drawn, pages, self.unsafe_fixes, canvas);
        }
        drawing
    }
}

/// The findings in the order of the text, but those that repair a machine under the removal that asks for it,
/// wherever in the text they are.
fn removals_first(findings: &[Finding]) -> Vec<&Finding> {
    let key = |place: &Place| (place.source, place.span.start, place.span.end);
    let mut removals = HashMap::new();
    let all = || findings.iter().enumerate();
    for (index, removal) in all().filter(|(_, it)| it.rule.about == About::Extension) {
        for related in &removal.related {
            removals.entry(key(&related.place)).or_insert(index);
        }
    }
    // A removal and its repairs are where the first of them is.
    let groups = all().map(|(index, finding)| {
        let removal = removals.get(&key(&finding.place));
        let removal = removal.filter(|_| finding.rule.about == About::Migration);
        (index, removal.copied().unwrap_or(index))
    });
    let groups: Vec<(usize, usize)> = groups.collect();
    let mut first: HashMap<usize, usize> = HashMap::new();
    for (index, group) in &groups {
        first.entry(*group).or_insert(*index);
    }
    let mut ordered: Vec<_> = findings.iter().zip(groups).collect();
    ordered.sort_by_key(|(_, (index, group))| (first.get(group).copied(), group != index, *index));
    ordered.into_iter().map(|(finding, _)| finding).collect()
}

impl FromIterator<Results> for Results {
    /// The results of several sets of files, in the order of the files' names; changes keep the order
    /// of the sets.
    fn from_iter<I: IntoIterator<Item = Results>>(sets: I) -> Self {
        let mut all = Self::default();
        for set in sets {
            let before = all.changes.len();
            all.changes.extend(set.changes);
            all.pictures.extend(set.pictures);
            all.previews.extend(set.previews);
            all.files
                .extend(set.files.into_iter().map(|file| ReportedFile {
                    change: file.change.map(|number| before + number),
                    ..file
                }));
        }
        all.files.sort_by(|one, other| one.file.cmp(&other.file));
        let place = |machine: &ReportedMachine| {
            let region = &machine.location.region;
            (Arc::clone(&region.file), region.start.offset)
        };
        all.pictures.sort_by_key(|(machine, _)| place(machine));
        all.previews.sort();
        all.previews.dedup();
        all
    }
}

#[cfg(test)]
mod tests;
