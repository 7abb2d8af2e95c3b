//! The library: what a caller hands in, what comes back, and every misuse as an [`Error`].

use thiserror::Error;

use crate::arm::is_template;
use crate::json::Document;
use crate::migrate::{
    Fault, Fixed, Migration, Options, Removed, Source, migrate_other_text, migrate_text,
    migrate_together,
};
use crate::rules::{self, Finding, REGISTRY, Rule};
use crate::text::{Decoded, unified_diff_of_edits};

/// Why a [`Migrator`] cannot do what it is asked for. What is wrong with a template itself is a
/// [`Finding`].
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// [`Options::select`], [`Options::ignore`] or [`Migrator::rule`] names a rule that does not exist.
    #[error("there is no rule `{id}`; did you mean `{nearest}`?")]
    UnknownRule {
        /// What was named.
        id: String,
        /// The id that is most like it.
        nearest: &'static str,
    },
    /// No deployment template is among the files that were given as templates.
    #[error("{path}: not a deployment template; `Migrator::text` takes scripts and other texts")]
    NotATemplate {
        /// The first file.
        path: String,
    },
    /// A deployment template was given as a text.
    #[error("{name}: a deployment template; `Migrator::template` takes it")]
    IsATemplate {
        /// The file.
        name: String,
    },
    /// [`Source::waivers`] names a waiver that is not in [`Options::waivers`].
    #[error("{path}: waiver {index} of {count}")]
    WaiverOutOfRange {
        /// The source.
        path: String,
        /// What was named, from 0.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A file is beyond a bound, so that nothing is known of it.
    #[error("{path}: {why}")]
    Beyond {
        /// The file.
        path: String,
        /// The bound.
        why: String,
    },
    /// The result failed its own check: a fault of this library. Nothing of it is given.
    #[error("{path}: the result failed its own check ({why}); please report this with the file")]
    Fault {
        /// The file.
        path: String,
        /// What failed.
        why: String,
    },
    /// A file could not be read: its name, and the reason.
    #[error("{0}")]
    Unreadable(String),
}

/// What became of one file.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Outcome {
    /// What was found, in the order of the text. Places are byte offsets of the text that was given.
    pub findings: Vec<Finding>,
    /// What was found and a waiver or the baseline hides.
    pub suppressed: Vec<Finding>,
    /// The extensions that [`Outcome::fixed`] no longer has.
    pub removed: Vec<Removed>,
    /// The verified result, where something changes, with what is left for a person.
    pub fixed: Option<Fixed>,
}

impl Outcome {
    /// Whether there is nothing to say and nothing changes.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.suppressed.is_empty() && self.fixed.is_none()
    }

    /// The unified diff from `bytes`, which are the text that was given, to the result; empty if nothing
    /// changes.
    pub fn diff(&self, name: &str, bytes: &[u8]) -> Vec<u8> {
        let fixed = self.fixed.as_ref();
        let diff = fixed
            .map(|fixed| unified_diff_of_edits(name.as_bytes(), bytes, &fixed.bytes, &fixed.edits));
        diff.map_or_else(Vec::new, |diff| diff.bytes().to_vec())
    }
}

/// Migrates templates and texts in memory. It never writes a file.
///
/// ```
/// use msi2imds::{Error, Migrator, Options};
///
/// let select = vec!["vm-extnsion".to_owned()];
/// let error = Migrator::new(Options { select, ..Options::default() }).unwrap_err();
/// assert_eq!(error.to_string(), "there is no rule `vm-extnsion`; did you mean `vm-extension`?");
///
/// let migrator = Migrator::default();
/// let script = b"curl -H Metadata:true http://localhost:50342/oauth2/token";
/// assert!(matches!(migrator.template(script), Err(Error::NotATemplate { .. })));
/// assert_eq!(migrator.text("token.sh", script).unwrap().findings.len(), 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Migrator {
    options: Options,
}

impl Migrator {
    /// A migrator with these options.
    ///
    /// # Errors
    /// [`Error::UnknownRule`].
    pub fn new(options: Options) -> Result<Self, Error> {
        for id in options.select.iter().chain(&options.ignore) {
            Self::rule(id)?;
        }
        Ok(Self { options })
    }

    /// Its options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// All rules.
    pub fn rules() -> &'static [&'static Rule] {
        REGISTRY
    }

    /// The rule called `id`.
    ///
    /// # Errors
    /// [`Error::UnknownRule`].
    pub fn rule(id: &str) -> Result<&'static Rule, Error> {
        rules::rule(id).ok_or_else(|| {
            let likeness = |rule: &&&Rule| strsim::jaro_winkler(rule.id, id);
            let nearest = REGISTRY
                .iter()
                .max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
            Error::UnknownRule {
                id: id.to_owned(),
                nearest: nearest.map_or("", |rule| rule.id),
            }
        })
    }

    /// Migrates one template. All of [`Options::waivers`] are for it.
    ///
    /// # Errors
    /// [`Error::NotATemplate`], [`Error::Beyond`] and [`Error::Fault`].
    pub fn template(&self, bytes: &[u8]) -> Result<Outcome, Error> {
        let waivers: Vec<usize> = (0..self.options.waivers.len()).collect();
        let source = Source {
            waivers: &waivers,
            ..Source::new("template", bytes)
        };
        Ok(self.templates(&[source])?.pop().unwrap_or_default())
    }

    /// Migrates templates that link each other, with their parameter files; gives an outcome for each file.
    /// A machine and its extension may be in different files: both change, or neither does.
    ///
    /// # Errors
    /// Those of [`Migrator::template`], and [`Error::WaiverOutOfRange`].
    pub fn templates(&self, files: &[Source<'_>]) -> Result<Vec<Outcome>, Error> {
        let count = self.options.waivers.len();
        for file in files {
            if let Some(index) = file.waivers.iter().find(|index| **index >= count) {
                return Err(Error::WaiverOutOfRange {
                    path: file.path.to_owned(),
                    index: *index,
                    count,
                });
            }
        }
        let migrations = migrate_together(files, &self.options);
        if let Some(file) = files.first()
            && !migrations.iter().any(|migration| migration.is_template)
        {
            let path = file.path.to_owned();
            return Err(Error::NotATemplate { path });
        }
        let all = files.iter().zip(migrations);
        all.map(|(file, migration)| outcome(file.path, migration))
            .collect()
    }

    /// Migrates the callers of the extension in a script, in code or in a document, whose language follows from
    /// `name`. All of [`Options::waivers`] are for it.
    ///
    /// # Errors
    /// [`Error::IsATemplate`], [`Error::Beyond`] and [`Error::Fault`].
    pub fn text(&self, name: &str, bytes: &[u8]) -> Result<Outcome, Error> {
        let waivers: Vec<usize> = (0..self.options.waivers.len()).collect();
        let source = Source {
            waivers: &waivers,
            ..Source::new(name, bytes)
        };
        let migration = match migrate_text(name.as_bytes(), &source, &self.options) {
            Some(migration) => migration,
            None if is_template(&Document::parse(Decoded::new(bytes).text())) => {
                let name = name.to_owned();
                return Err(Error::IsATemplate { name });
            }
            None => migrate_other_text(name.as_bytes(), &source, &self.options),
        };
        outcome(name, migration)
    }
}

pub(crate) fn outcome(path: &str, migration: Migration) -> Result<Outcome, Error> {
    let refused = |fault: &Fault| {
        let (path, why) = (path.to_owned(), fault.to_string());
        match fault.is_ours() {
            true => Error::Fault { path, why },
            false => Error::Beyond { path, why },
        }
    };
    match &migration.fault {
        Some(fault) => Err(refused(fault)),
        None => Ok(Outcome {
            findings: migration.findings,
            suppressed: migration.suppressed,
            removed: migration.removed,
            fixed: migration.fixed,
        }),
    }
}
