//! Files that are migrated together, as one text and back.
//!
//! The texts of all are laid one after another, so that a template which others link is in the same
//! document as they are. What comes of it is said for each file in its own bytes. Never knows rules.
//! Start at [`JoinedTexts`].

use std::ops::Range;

use crate::arm::Sources;
use crate::json::Document;
use crate::rules::{self, Finding, Place};
use crate::text::{Decoded, Edit, shift_offsets};

use super::encoded::encoded;
use super::{Fault, Fixed, JoinedOutcome, Migration};

/// One of the files that are migrated together.
#[derive(Clone, Copy, Debug)]
pub struct Source<'s> {
    /// Its path with `/`, relative to one folder for all. It shows which file a link means, and which
    /// template has which parameter files.
    pub path: &'s str,
    /// Its bytes.
    pub bytes: &'s [u8],
    /// Whether it was selected: what is found in others is not reported, and they are never edited.
    pub selected: bool,
    /// The places in [`Options::waivers`](super::Options::waivers) of those that are for it.
    pub waivers: &'s [usize],
}

impl<'s> Source<'s> {
    /// A selected file without waivers of its own.
    pub fn new(path: &'s str, bytes: &'s [u8]) -> Self {
        Self {
            path,
            bytes,
            selected: true,
            waivers: &[],
        }
    }
}

/// The largest template that is read, in bytes: four times the largest that Azure takes.
const MOST_TEMPLATE_BYTES: usize = 16 << 20;

impl Source<'_> {
    /// Whether it is too large to be read. What says that it is a template is reported then.
    pub(super) fn is_too_large(&self) -> bool {
        self.bytes.len() > MOST_TEMPLATE_BYTES
    }

    /// The finding that it is too large, where it says that it is a template.
    pub(super) fn too_large(&self, source: usize) -> Option<Finding> {
        let is_one = || {
            let decoded = Decoded::new(self.bytes);
            let says = |words: &[u8]| memchr::memmem::find(decoded.text(), words).is_some();
            says(b"eploymentTemplate.json") || says(b"\"contentVersion\"")
        };
        (self.is_too_large() && is_one())
            .then(|| rules::too_large(source, MOST_TEMPLATE_BYTES >> 20))
    }
}

/// The texts of some sources as one.
pub(super) struct JoinedTexts<'s> {
    sources: &'s [Source<'s>],
    decoded: Vec<Decoded<'s>>,
    starts: Vec<usize>,
    /// The texts one after another, where there are several.
    joined: Option<Vec<u8>>,
}

impl<'s> JoinedTexts<'s> {
    /// Those of templates.
    pub(super) fn of(sources: &'s [Source<'s>]) -> Self {
        let decoded = sources.iter().map(|source| match source.is_too_large() {
            true => Decoded::new(b""),
            false => Decoded::new(source.bytes),
        });
        Self::of_decoded(sources, decoded.collect())
    }

    /// That of a file in another language.
    pub(super) fn of_text(source: &'s Source<'s>) -> Self {
        Self::of_decoded(
            std::slice::from_ref(source),
            vec![Decoded::new(source.bytes)],
        )
    }

    fn of_decoded(sources: &'s [Source<'s>], decoded: Vec<Decoded<'s>>) -> Self {
        let mut starts = Vec::new();
        let mut length = 0;
        for one in &decoded {
            starts.push(length);
            length += one.text().len();
        }
        let joined = match decoded.as_slice() {
            [_] => None,
            _ => Some(decoded.iter().flat_map(|one| one.text()).copied().collect()),
        };
        Self {
            sources,
            decoded,
            starts,
            joined,
        }
    }

    pub(super) fn document(&self) -> Document<'_> {
        Document::of_sources(self.text(), &self.starts)
    }

    /// The whole text.
    pub(super) fn text(&self) -> &[u8] {
        match (&self.joined, self.decoded.as_slice()) {
            (None, [only]) => only.text(),
            (joined, _) => joined.as_deref().unwrap_or_default(),
        }
    }

    pub(super) fn paths(&self) -> Sources {
        Sources::new(self.sources.iter().map(|source| source.path.to_owned()))
    }

    /// Whether findings in the source are wanted.
    pub(super) fn is_selected(&self, source: usize) -> bool {
        self.sources
            .get(source)
            .is_some_and(|source| source.selected)
    }

    /// Which waivers that were handed in are for the source.
    pub(super) fn waivers(&self, source: usize) -> &'s [usize] {
        let source = self.sources.get(source);
        source.map_or(&[], |source| source.waivers)
    }

    /// The path of a source.
    pub(super) fn path(&self, source: usize) -> &'s str {
        let source = self.sources.get(source);
        source.map_or("", |source| source.path)
    }

    /// Where the sources start.
    pub(super) fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// What to call a source: its path from the folder that all have in common.
    pub(super) fn name(&self, source: usize) -> &'s str {
        let paths = || self.sources.iter().map(|source| source.path);
        let path = paths().nth(source).unwrap_or_default();
        let common = |end: &usize| {
            let folder = path.get(..=*end);
            folder.is_some_and(|folder| paths().all(|path| path.starts_with(folder)))
        };
        let mut ends = path.rmatch_indices('/').map(|(end, _)| end);
        let start = ends.find(common).map_or(0, |end| end + 1);
        path.get(start..).unwrap_or(path)
    }

    /// The offset in the whole text of what keeps a source from being written back.
    pub(super) fn fault(&self, source: usize) -> Option<usize> {
        Some(self.starts.get(source)? + self.decoded.get(source)?.fault()?)
    }

    /// What a migration of the whole says of each source, in its own bytes. `is_template` says of each
    /// whether it is one.
    pub(super) fn apart(&self, whole: JoinedOutcome, is_template: &[bool]) -> Vec<Migration> {
        let migration = whole.migration;
        let fixed = migration.fixed.map(|fixed| self.encoded(fixed)).transpose();
        let (fixed, fault) = match fixed {
            Ok(fixed) => (fixed, migration.fault),
            Err(fault) => (None, Some(fault)),
        };
        let mut fixed = fixed.unwrap_or_default().into_iter();
        let each = self.sources.iter().zip(is_template);
        let mut apart: Vec<Migration> = each
            .map(|(source, is_template)| Migration {
                is_template: *is_template,
                fixed: fixed.next().filter(|_| source.selected),
                fault: fault.clone().filter(|_| source.selected),
                ..Migration::default()
            })
            .collect();
        let located = |findings| {
            let findings = locate_all(findings, &self.starts, &self.decoded).into_iter();
            findings.map(|finding| (finding.place.source, finding))
        };
        let at = |mut place: Place| {
            locate(&mut place, &self.starts, &self.decoded);
            place
        };
        let (found, hidden) = (located(migration.findings), located(migration.suppressed));
        deal(&mut apart, found, |it| Some(&mut it.findings));
        deal(&mut apart, hidden, |it| Some(&mut it.suppressed));
        let removed = migration.removed.into_iter().map(|mut removed| {
            removed.place = at(removed.place);
            (removed.place.source, removed)
        });
        deal(&mut apart, removed, |it| Some(&mut it.removed));
        let pictures = migration.pictures.into_iter().map(|mut picture| {
            picture.machine.place = at(picture.machine.place);
            (picture.machine.place.source, picture)
        });
        deal(&mut apart, pictures, |it| Some(&mut it.pictures));
        deal(&mut apart, whole.used_waivers, |it| {
            Some(&mut it.used_waivers)
        });
        deal(&mut apart, whole.entries, |it| Some(&mut it.entries));
        deal(&mut apart, whole.left_entries, |it| {
            Some(&mut it.fixed.as_mut()?.entries)
        });
        for (migration, deployment) in apart.iter_mut().zip(whole.deployments) {
            migration.deployment = deployment;
        }
        apart
    }

    /// The verified whole as the files hold it.
    fn encoded(&self, whole: Fixed) -> Result<Vec<Fixed>, Fault> {
        let starts = shift_offsets(&self.starts, &whole.edits);
        let mut all = Vec::new();
        for (index, (source, decoded)) in self.sources.iter().zip(&self.decoded).enumerate() {
            let range = |starts: &[usize], end: usize| -> Range<usize> {
                let start = starts.get(index).copied().unwrap_or(end);
                start..starts.get(index + 1).copied().unwrap_or(end)
            };
            let old = range(&self.starts, usize::MAX);
            let new = range(&starts, whole.bytes.len());
            let own = |edit: &&Edit| old.contains(&edit.range().start);
            let edits: Vec<Edit> = whole
                .edits
                .iter()
                .filter(own)
                .map(|edit| {
                    let range = edit.range().start - old.start..edit.range().end - old.start;
                    Edit::replacement(range, edit.text())
                })
                .collect();
            let text = whole.bytes.get(new).unwrap_or_default();
            all.push(encoded(text, &edits, source.bytes, decoded)?);
        }
        let files: Vec<Decoded<'_>> = all.iter().map(|one| Decoded::new(&one.bytes)).collect();
        let remaining = locate_all(whole.remaining, &starts, &files);
        let suppressed = locate_all(whole.suppressed, &starts, &files);
        drop(files);
        let by_source = |finding: Finding| (finding.place.source, finding);
        deal(&mut all, suppressed.into_iter().map(by_source), |it| {
            Some(&mut it.suppressed)
        });
        deal(&mut all, remaining.into_iter().map(by_source), |it| {
            Some(&mut it.remaining)
        });
        Ok(all)
    }
}

/// Gives each item to a list of the source that it is for.
fn deal<S, T>(
    sources: &mut [S],
    items: impl IntoIterator<Item = (usize, T)>,
    list: impl Fn(&mut S) -> Option<&mut Vec<T>>,
) {
    for (source, item) in items {
        if let Some(list) = sources.get_mut(source).and_then(&list) {
            list.push(item);
        }
    }
}

/// Findings whose places are in the whole text, with places in the files.
fn locate_all(mut findings: Vec<Finding>, starts: &[usize], files: &[Decoded<'_>]) -> Vec<Finding> {
    for finding in &mut findings {
        locate(&mut finding.place, starts, files);
        for related in &mut finding.related {
            locate(&mut related.place, starts, files);
        }
        if let Some(machine) = &mut finding.machine {
            locate(&mut machine.place, starts, files);
        }
    }
    findings
}

/// Gives a place in the whole text its span in its file.
fn locate(place: &mut Place, starts: &[usize], files: &[Decoded<'_>]) {
    let start = starts.get(place.source).copied().unwrap_or_default();
    let within = |offset: usize| offset.saturating_sub(start);
    let span = within(place.span.start)..within(place.span.end);
    if let Some(file) = files.get(place.source) {
        place.span = file.file_range(span);
    }
}
