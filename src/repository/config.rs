//! `msi2imds.toml`: what a repository wants of every run in it.
//!
//! Knows what may be in the file and where it is there; never knows flags, nor which files a
//! configuration is for. Start at [`Config`].

mod values;

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use toml::Spanned;

use super::globs::{GlobError, Globs};
use super::tree::Tree;
use crate::migrate::Waiver;
use crate::rules::{IdentityPolicy, Severity};
use crate::text::LineIndex;

pub use self::values::{Day, Query, RuleId, WaiverReason};

/// The name of the file.
pub const CONFIG_NAME: &str = "msi2imds.toml";

/// The JSON Schema of the file, which is JSON where a schema looks at it.
pub const CONFIG_SCHEMA: &str = include_str!("config/config.schema.json");

/// The settings of a project; a missing setting has its default.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Run only these rules. Repairs that a removal needs are made all the same.
    pub select: Option<Vec<RuleId>>,
    /// Leave these rules out. Repairs that a removal needs are made all the same.
    pub ignore: Option<Vec<RuleId>>,
    /// Only check files in folders that match these globs. Globs are written as in a
    /// .gitignore, relative to this file.
    pub include: Option<Vec<String>>,
    /// Pass over files and folders that these globs match.
    pub exclude: Option<Vec<String>>,
    /// What to do about a machine without an identity.
    pub identity: Option<IdentityPolicy>,
    /// Whether fixes are applied too that may change something the files do not show.
    pub unsafe_fixes: Option<bool>,
    /// Lists of a format of one's own whose entries are VM extensions, with a name and `properties` or
    /// all at one level, as JSONPath (RFC 9535) queries for the lists.
    pub extension_lists: Option<Vec<Query>>,
    /// The least severity that makes the exit code 1.
    pub fail_on: Option<Severity>,
    /// The file with findings that are not reported, relative to this file.
    pub baseline: Option<PathBuf>,
    /// What is neither reported nor changed, and why.
    #[serde(default, serialize_with = "values::leave_out")]
    #[cfg_attr(test, schemars(with = "Vec<WaiverTable>"))]
    pub(crate) waivers: Vec<Spanned<WaiverTable>>,
}

impl Settings {
    /// What counts where nothing else is said.
    pub fn defaults() -> Self {
        Self {
            select: Some(Vec::new()),
            ignore: Some(Vec::new()),
            include: Some(Vec::new()),
            exclude: Some(Vec::new()),
            identity: Some(IdentityPolicy::SystemAssigned),
            unsafe_fixes: Some(false),
            extension_lists: Some(Vec::new()),
            fail_on: Some(Severity::Warning),
            baseline: Some(PathBuf::new()),
            waivers: Vec::new(),
        }
    }
}

/// One waiver.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct WaiverTable {
    /// The rules whose findings are waived.
    rules: Vec<RuleId>,
    /// The files, as globs relative to this file; by default all files.
    #[serde(default)]
    paths: Vec<String>,
    /// Only what is inside of what this JSONPath (RFC 9535) selects.
    within: Option<Query>,
    /// Why.
    reason: WaiverReason,
    /// The last day on which it holds, as YYYY-MM-DD.
    until: Option<Day>,
}

/// A configuration that was read.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file, as it was come by.
    pub path: PathBuf,
    /// The canonical folder that its globs are relative to.
    pub folder: PathBuf,
    /// The canonical folder that holds it, which its `baseline` is relative to.
    pub(super) home: PathBuf,
    /// The file's bytes.
    pub text: Vec<u8>,
    /// What is in it.
    pub settings: Settings,
    /// Its waivers.
    pub waivers: Vec<ConfigWaiver>,
    /// Which files it has read or left out.
    pub(super) globs: Globs,
}

/// A waiver of a configuration.
#[derive(Clone, Debug)]
pub struct ConfigWaiver {
    /// What it waives.
    pub waiver: Waiver,
    /// The bytes of the configuration that it is in.
    pub span: Range<usize>,
    paths: Option<Globs>,
}

impl ConfigWaiver {
    /// Whether it is for the file with this canonical path.
    pub fn is_for(&self, path: &Path) -> bool {
        let paths = self.paths.as_ref();
        paths.is_none_or(|paths| paths.exclusion(path, false).is_none())
    }
}

/// Why there is no configuration to be had from a file.
#[derive(Clone, Debug, Error, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("{}: the configuration cannot be read ({why}); check the path and its permissions", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// Its baseline is none that it may name.
    #[error(
        "{}: the baseline {} is outside of {}; name one inside, or use --baseline",
        path.display(), baseline.display(), bound.display()
    )]
    BaselineOutside {
        /// The configuration.
        path: PathBuf,
        /// The baseline, without links.
        baseline: PathBuf,
        /// The folder that it must not leave.
        bound: PathBuf,
    },
    /// It is none.
    #[error("{}:{line}:{column}: {message}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in UTF-16 units, from 1.
        column: usize,
        /// What is wrong, and what may be there.
        message: String,
    },
}

impl Config {
    /// Reads the text of the configuration at `path`, whose canonical folder is `folder`.
    ///
    /// # Errors
    /// What is no TOML, is not known, or has no value that can be taken.
    pub fn parse(path: &Path, folder: &Path, bytes: Vec<u8>) -> Result<Self, ConfigError> {
        let fault = |offset: usize, message: String| {
            let position = LineIndex::new(&bytes).position(&bytes, offset);
            ConfigError::Invalid {
                path: path.to_path_buf(),
                line: position.line,
                column: position.column,
                message,
            }
        };
        let text = std::str::from_utf8(&bytes)
            .map_err(|error| fault(error.valid_up_to(), "not in UTF-8".to_owned()))?;
        // Some editors put a byte order mark in front.
        let (bom, text) = match text.strip_prefix('\u{feff}') {
            Some(rest) => ('\u{feff}'.len_utf8(), rest),
            None => (0, text),
        };
        let settings: Settings = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            fault(start + bom, with_hint(error.message()))
        })?;
        let globs = |include: &[String], exclude: &[String]| Globs::new(folder, include, exclude);
        let waiver = |table: &Spanned<WaiverTable>| {
            let span = table.span().start + bom..table.span().end + bom;
            let WaiverTable { paths, .. } = table.get_ref();
            let paths = (!paths.is_empty()).then(|| globs(paths, &[])).transpose();
            match paths {
                Ok(paths) => Ok(ConfigWaiver {
                    waiver: table.get_ref().waiver(),
                    span,
                    paths,
                }),
                Err(error) => Err((span.start, error)),
            }
        };
        let unglobbed = |(at, error): (usize, GlobError)| fault(at, error.to_string());
        let waivers: Result<Vec<_>, _> = settings.waivers.iter().map(waiver).collect();
        let [include, exclude] =
            [&settings.include, &settings.exclude].map(|globs| globs.as_deref().unwrap_or(&[]));
        let globs = globs(include, exclude).map_err(|error| unglobbed((bom, error)))?;
        Ok(Self {
            path: path.to_path_buf(),
            folder: folder.to_path_buf(),
            home: folder.to_path_buf(),
            globs,
            waivers: waivers.map_err(unglobbed)?,
            settings,
            text: bytes,
        })
    }

    /// The configured baseline, whether or not it is there.
    ///
    /// # Errors
    /// By its real path it leaves the repository of this file, or else the file's folder: a repository must
    /// not say where else a run writes.
    pub fn baseline_path(&self, tree: &Tree) -> Result<Option<PathBuf>, ConfigError> {
        let Some(baseline) = &self.settings.baseline else {
            return Ok(None);
        };
        let path = self.home.join(baseline);
        let folder = path
            .parent()
            .and_then(|folder| tree.canonicalize(folder).ok());
        let place = folder.map(|folder| folder.join(path.file_name().unwrap_or_default()));
        let bound = tree.repository_of(&self.home).unwrap_or(&self.home);
        // One of both shows a link that leaves; without the folder there is no baseline either.
        let mut places = [place, tree.canonicalize(&path).ok()].into_iter().flatten();
        match places.find(|place| !place.starts_with(bound)) {
            Some(baseline) => Err(ConfigError::BaselineOutside {
                path: self.path.clone(),
                baseline,
                bound: bound.to_path_buf(),
            }),
            None => Ok(Some(path)),
        }
    }

    /// Whether it is in a file.
    pub fn is_file(&self) -> bool {
        !self.path.as_os_str().is_empty()
    }
}

impl WaiverTable {
    fn waiver(&self) -> Waiver {
        Waiver {
            rules: self.rules.iter().map(|id| id.0).collect(),
            within: self.within.as_ref().map(|query| query.path.clone()),
            reason: self.reason.0.clone(),
            until: self.until.map(|day| day.0),
        }
    }
}

/// The message with the name that an unknown one is nearest to.
fn with_hint(message: &str) -> String {
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = message.starts_with("unknown ").then(|| names.next());
    let nearest = unknown.flatten().and_then(|unknown| {
        let alike = names.map(|name| (strsim::jaro_winkler(unknown, name), name));
        let nearest = alike.max_by(|(one, _), (other, _)| one.total_cmp(other));
        nearest.filter(|(likeness, _)| *likeness > 0.7)
    });
    match nearest {
        Some((_, name)) => format!("{message}; did you mean `{name}`?"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests;
