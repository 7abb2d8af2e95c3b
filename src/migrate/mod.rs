//! The pipeline for one template, or for several that belong together: bytes in, findings and
//! verified edits out. No I/O.
//!
//! Phases: the rules find extensions and say which can go, repairs are made for what goes, units
//! with a blocker are held, edges that fixes declare are written where none is left, variables that
//! only served the rest go with it, all of that is lowered to edits in one go, and the result must
//! pass the gate before anybody sees it. Start at [`migrate`] and [`migrate_together`].

mod baseline;
mod date;
mod deployment;
mod edge_writer;
mod encoded;
mod entries;
mod holds;
mod picture;
mod plan;
mod queries;
mod remaining;
mod removed;
#[cfg(test)]
mod sabotage;
mod sources;
#[cfg(test)]
mod tests;
mod texts;
mod verify;
mod waivers;
mod whole;

use std::collections::HashSet;
use std::sync::Arc;

use crate::arm;
use crate::json::{Document, JsonPath};
use crate::rules::{self, Finding, FindingKey, IdentityPolicy, REGISTRY, Surroundings};
use crate::text::{Decoded, Edit};

pub use self::baseline::{BASELINE_SCHEMA, Baseline, BaselineEntry, BaselineError, Fingerprint};
pub use self::date::Date;
pub use self::deployment::Deployment;
pub use self::picture::{Fate, Picture, PictureEdge, PictureNode};
pub use self::removed::{Removed, TemplateName};
use self::sources::JoinedTexts;
pub use self::sources::Source;
pub use self::texts::{migrate_other_text, migrate_text, surroundings_of};
pub use self::verify::Fault;
pub use self::waivers::{Waiver, WaiverUse};
use self::whole::in_whole;
pub use crate::rules::{MachineKind, SuppressedBy};

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
    /// What day it is; where that is unknown, no waiver expires.
    pub today: Option<Date>,
    /// Waivers that are not in the files themselves. [`Source::waivers`] says which of them are
    /// for a file; for one that is migrated alone all are.
    pub waivers: Vec<Waiver>,
    /// The findings that are not reported.
    pub baseline: Option<Arc<Baseline>>,
    /// Whether files were left out that belong to those that are migrated: nothing is removed then.
    pub is_cut: bool,
    /// What the files beside those that are migrated say about where scripts run.
    pub surroundings: Surroundings,
    /// Whether [`Migration::pictures`] are wanted.
    pub pictures: bool,
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
    /// What was found and is not reported, with positions in the old bytes.
    pub suppressed: Vec<Finding>,
    /// Which of [`Options::waivers`] waived something in it.
    pub used_waivers: Vec<WaiverUse>,
    /// What a baseline needs to know of all findings that no waiver waives; empty where
    /// [`Options::baseline`] is none.
    pub entries: Vec<BaselineEntry>,
    /// What changes around the extension of each machine that is declared in it, where
    /// [`Options::pictures`] asks for that.
    pub pictures: Vec<Picture>,
    /// How it is deployed, if it is a template that is deployed by itself.
    pub deployment: Option<Deployment>,
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
    /// What is left and not reported. Positions are in the new bytes.
    pub suppressed: Vec<Finding>,
    /// What a baseline needs to know of what a later run finds, as [`Migration::entries`].
    pub entries: Vec<BaselineEntry>,
    /// What changes around each machine, until [`Migration::pictures`] takes it.
    pictures: Vec<Picture>,
    /// The rules and starts of what was found again in the new text; the rest of what is left was
    /// only to be seen in the old one.
    found_again: HashSet<FindingKey>,
}

impl Fixed {
    /// A result of which nothing is said yet.
    pub(crate) fn of(bytes: Vec<u8>, edits: Vec<Edit>) -> Self {
        Self {
            bytes,
            edits,
            remaining: Vec::new(),
            suppressed: Vec::new(),
            entries: Vec::new(),
            pictures: Vec::new(),
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
    let waivers: Vec<usize> = (0..options.waivers.len()).collect();
    let source = Source {
        waivers: &waivers,
        ..Source::new("", source)
    };
    let mut migrations = migrate_together(&[source], options);
    migrations.pop().unwrap_or_default()
}

/// Does what [`migrate`] does on files that belong together: templates that link each other, and their
/// parameter files.
///
/// Links are followed among `sources` by their paths, and what templates pass to each other and what
/// parameter files give counts. A machine and its extension may be in different files; what is done
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
/// the template's own, which distinguishes a URL into its repository from others.
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
    /// [`Migration::deployment`] of each source.
    deployments: Vec<Option<Deployment>>,
}
