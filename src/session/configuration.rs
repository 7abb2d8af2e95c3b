//! What is configured: which file counts for what, and what is said of its waivers.
//!
//! What a caller asks for ranks above it: see [`Overrides`]. Never knows what else is in a
//! configuration. Start at [`Configuration`].

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::migrate::{Date, Migration, Options};
use crate::report::{Needs, Outcome, Results, SourceText, Stage};
use crate::repository::{self, Config, ConfigWaiver, Configs, Loaded, SourceFile};
use crate::rules::{self, Finding, Place, Rule};

use super::input::Input;
use super::overrides::Overrides;

/// The configurations of a run, and what came of them.
pub(crate) struct Configuration {
    configs: Configs,
    /// What counts for the run as a whole.
    pub(crate) of_run: Arc<Config>,
    used: Mutex<HashSet<UsedWaiver>>,
}

/// A waiver's configuration, its index there, and a rule of which it waived a finding.
type UsedWaiver = (PathBuf, usize, &'static str);

/// What holds for a set of files.
pub(crate) struct Terms<'c> {
    pub(crate) options: Options,
    /// For each file of the set, its waivers as indices of [`Options::waivers`].
    pub(crate) waivers: Vec<Vec<usize>>,
    /// Where each of [`Options::waivers`] is.
    origins: Vec<(PathBuf, usize)>,
    configuration: &'c Configuration,
}

impl Configuration {
    /// Looks for what counts for the whole of `input`: the configuration of the folder that holds all
    /// that was named.
    ///
    /// # Errors
    /// Why that cannot be taken.
    pub(crate) fn of(configs: Configs, input: &Input) -> Result<Self, String> {
        let folder = match input {
            Input::Files(selection) => selection.common_folder(),
            Input::Text(text) => text.file.canonical.parent().map(Path::to_path_buf),
        };
        let folder = folder.unwrap_or_default();
        let of_run = configs.of_folder(&folder, &folder);
        let broken = || errors_of(&configs).join("; ");
        Ok(Self {
            of_run: of_run.ok_or_else(broken)?,
            configs,
            used: Mutex::default(),
        })
    }

    /// What holds for a set, which is configured as the folder is that holds what is selected of it;
    /// waivers are those of each file's own configuration. `None` if one of these cannot be taken.
    pub(super) fn terms(&self, overrides: &Overrides, set: &[Loaded]) -> Option<Terms<'_>> {
        let selected = set.iter().filter(|loaded| loaded.member.selected);
        let files = selected.clone().map(|loaded| &loaded.member.file);
        let folder = repository::common_folder(files.clone().map(|file| file.canonical.as_path()));
        let config = match (folder, files.clone().next()) {
            (Some(folder), Some(file)) => self.configs.of_folder(&folder, &file.root)?,
            _ => Arc::default(),
        };
        let mut terms = Terms {
            options: overrides.options(&config),
            waivers: vec![Vec::new(); set.len()],
            origins: Vec::new(),
            configuration: self,
        };
        terms.options.is_cut = set.iter().any(|loaded| loaded.member.is_cut);
        // A configuration may hold thousands, for each of thousands of files.
        let mut known: HashMap<PathBuf, HashMap<usize, usize>> = HashMap::new();
        for (loaded, indices) in set.iter().zip(&mut terms.waivers) {
            let file = &loaded.member.file;
            if !loaded.member.selected {
                continue;
            }
            let config = self.configs.of_file(file)?;
            let known = known.entry(config.path.clone()).or_default();
            for (index, waiver) in config.waivers.iter().enumerate() {
                if !waiver.is_for(&file.canonical) {
                    continue;
                }
                indices.push(*known.entry(index).or_insert_with(|| {
                    terms.origins.push((config.path.clone(), index));
                    terms.options.waivers.push(waiver.waiver.clone());
                    terms.origins.len() - 1
                }));
            }
        }
        Some(terms)
    }

    /// All configurations.
    pub(crate) fn configs(&self) -> &Configs {
        &self.configs
    }

    /// Why files that were come by are no configurations.
    pub(crate) fn errors(&self) -> Vec<String> {
        errors_of(&self.configs)
    }

    /// What there is to say of the waivers in configurations, once all files are looked into, of which
    /// `input` has the folders. `neighbour` is a file whose name shows from where names start.
    pub(super) fn conclude(
        &self,
        overrides: &Overrides,
        input: &Input,
        wanted: Needs,
        neighbour: Option<&SourceFile>,
    ) -> Vec<Results> {
        let mut all = Vec::new();
        for config in self.configs.all() {
            let options = overrides.options(&config);
            // Only who has seen all files of a configuration can know that a waiver is not used.
            let is_whole = options.is_complete()
                && matches!(input, Input::Files(selection) if selection.has_all_of(&config.folder));
            let waivers = config.waivers.iter().enumerate();
            let findings = waivers.filter_map(|(index, waiver)| {
                let used = |rule: &&'static Rule| self.is_used(&config, index, rule);
                waiver_finding(waiver, options.today, used, is_whole)
            });
            let findings = findings.filter(|finding| options.runs(finding.rule.id));
            let findings: Vec<Finding> = findings.collect();
            if findings.is_empty() {
                continue;
            }
            let migration = Migration {
                findings,
                ..Migration::default()
            };
            let outcome = Outcome {
                migration: &migration,
                stage: Stage::Proposed,
            };
            let name = repository::name_beside(input.tree(), neighbour, &config.path);
            let page = SourceText::new(&name, &config.text);
            all.push(wanted.results(&[outcome], &[page], &[]));
        }
        all
    }

    fn is_used(&self, config: &Config, index: usize, rule: &Rule) -> bool {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.contains(&(config.path.clone(), index, rule.id))
    }
}

impl<'c> Terms<'c> {
    /// The same with other options, all of whose waivers are for each file.
    pub(crate) fn with(&self, options: Options) -> Terms<'c> {
        let waivers = (0..options.waivers.len()).collect();
        Terms {
            waivers: vec![waivers; self.waivers.len()],
            options,
            origins: Vec::new(),
            configuration: self.configuration,
        }
    }

    /// Notes which waivers of configurations waived something.
    pub(super) fn note(&self, migration: &Migration) {
        if migration.used_waivers.is_empty() {
            return;
        }
        let used = &self.configuration.used;
        let mut used = used.lock().unwrap_or_else(PoisonError::into_inner);
        for one in &migration.used_waivers {
            if let Some((path, index)) = self.origins.get(one.waiver) {
                used.insert((path.clone(), *index, one.rule.id));
            }
        }
    }
}

fn errors_of(configs: &Configs) -> Vec<String> {
    let current = std::env::current_dir().and_then(|folder| folder.canonicalize());
    let current = current.map(|folder| format!("{}/", folder.display()));
    let errors = configs.errors().into_iter().map(|error| error.to_string());
    // Each starts with its file.
    let shown = |error: String| match &current {
        Ok(current) => error.strip_prefix(current).unwrap_or(&error).to_owned(),
        Err(_) => error,
    };
    errors.map(shown).collect()
}

/// What there is to say of a waiver, given of which rules it waived something.
fn waiver_finding(
    waiver: &ConfigWaiver,
    today: Option<Date>,
    used: impl Fn(&&'static Rule) -> bool,
    is_whole: bool,
) -> Option<Finding> {
    let place = Place {
        source: 0,
        span: waiver.span.clone(),
        path: String::new(),
    };
    let ids = |rules: &[&'static Rule]| {
        let ids: Vec<&str> = rules.iter().map(|rule| rule.id).collect();
        ids.join(", ")
    };
    let waiver = &waiver.waiver;
    if let Some(until) = waiver.until.filter(|_| waiver.is_expired(today)) {
        let until = until.to_string();
        return Some(rules::expired_waiver(place, &ids(&waiver.rules), &until));
    }
    let all = waiver.rules.iter().copied();
    let unused: Vec<&'static Rule> = all.filter(|rule| is_whole && !used(rule)).collect();
    (!unused.is_empty()).then(|| rules::unused_waiver(place, &ids(&unused)))
}
