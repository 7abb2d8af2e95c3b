//! What a caller asks for: it ranks above what is configured.
//!
//! Start at [`Overrides`].

use std::path::PathBuf;

use crate::json::JsonPath;
use crate::migrate::{Date, Options};
use crate::repository::{Config, RuleId, Settings, Tree};
use crate::rules::Severity;

/// What ranks above each configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// The settings that are given.
    pub(crate) settings: Settings,
    /// See [`Options::within`].
    pub(crate) within: Vec<JsonPath>,
    /// Whether nobody vouches for the files.
    pub(crate) untrusted: bool,
    /// See [`Options::today`].
    pub(crate) today: Option<Date>,
}

impl Overrides {
    /// What to look for where `config` counts.
    pub(crate) fn options(&self, config: &Config) -> Options {
        let (given, configured) = (&self.settings, &config.settings);
        let rules = |given: &Option<Vec<RuleId>>, configured: &Option<Vec<RuleId>>| {
            let rules = given.as_ref().or(configured.as_ref()).into_iter().flatten();
            rules.map(|rule| rule.0.id.to_owned()).collect()
        };
        let lists = configured.extension_lists.iter().flatten();
        let identity = given.identity.or(configured.identity);
        Options {
            select: rules(&given.select, &configured.select),
            ignore: rules(&given.ignore, &configured.ignore),
            unsafe_fixes: self.applies_unsafe_fixes(config),
            within: self.within.clone(),
            extension_lists: lists.map(|query| query.path.clone()).collect(),
            disregard_waivers_in_files: self.untrusted,
            today: self.today,
            identity: identity.unwrap_or_default(),
            ..Options::default()
        }
    }

    /// Whether unsafe fixes are applied too.
    pub(crate) fn applies_unsafe_fixes(&self, config: &Config) -> bool {
        let given = self.settings.unsafe_fixes;
        given.or(config.settings.unsafe_fixes).unwrap_or_default()
    }

    /// The least severity that counts.
    pub(crate) fn threshold(&self, config: &Config) -> Severity {
        let threshold = self.settings.fail_on.or(config.settings.fail_on);
        threshold.unwrap_or(Severity::Warning)
    }

    /// The baseline, whether or not it is there.
    ///
    /// # Errors
    /// A configured one leaves the repository, or else the folder, of its configuration.
    pub(crate) fn baseline_path(
        &self,
        config: &Config,
        tree: &Tree,
    ) -> Result<Option<PathBuf>, String> {
        match &self.settings.baseline {
            Some(path) => Ok(Some(path.clone())),
            None => config
                .baseline_path(tree)
                .map_err(|error| error.to_string()),
        }
    }
}
