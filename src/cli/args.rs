//! The arguments. Flags are spelled as ruff spells them where ruff has them.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::json::JsonPath;
use crate::migrate::Options;
use crate::repository::{Config, IdentityChoice, RuleId, Settings, Threshold, Tree};
use crate::rules::{self, IdentityPolicy, REGISTRY, Rule, Severity};

use super::baseline::BaselineArguments;
use super::clock::today;
use super::configuration::{ConfigArguments, Configuration};
use super::formats::Formats;
use super::inputs::{Input, Inputs};
use super::plan::{PlanArguments, ShellArgument};
use super::show_files::show_files;
use super::show_settings::show_settings;

#[derive(Debug, Parser)]
#[command(
    name = "msi2imds",
    version,
    about = "Moves Azure templates off the managed identity VM extension and onto IMDS",
    after_help = "Exit codes: 0 no findings at or above --fail-on (diff: no change); 1 findings \
                  (diff: a diff was printed); 2 usage, configuration or I/O error."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Report what is found; write nothing
    Check(Common),
    /// Print a unified diff of what `fix` would do; write nothing
    Diff(PatchArguments),
    /// Rewrite files in place, print the diff and what is left for a person
    Fix(FixArguments),
    /// Print the commands that take the extension off machines that run
    Plan(PlanArguments),
    /// Print the page of a rule: what it finds, why, what decides, and when a fix is held
    Explain {
        /// The rule's id
        #[arg(value_parser = rule(), hide_possible_values = true)]
        rule: &'static Rule,
    },
    /// List the rules
    Rules {
        /// As what
        #[arg(long, value_name = "FORMAT", default_value = "full")]
        output_format: Listing,
    },
    /// Print what completes arguments in a shell
    Completions {
        /// For which shell
        shell: Shell,
    },
    /// Print the manual's page, in roff
    Man {
        /// Of this command; by default of the program
        command: Option<String>,
    },
    /// Print the JSON Schema of a machine-readable text
    Schema {
        /// Of what
        #[arg(default_value = "report")]
        of: Schema,
    },
}

/// How rules are listed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Listing {
    /// A table
    Full,
    /// A list of objects
    Json,
}

/// What there is a schema of.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Schema {
    /// `--output-format json`
    Report,
    /// msi2imds.toml
    Config,
    /// The file of `--baseline`
    Baseline,
}

/// What commands take that make a patch.
#[derive(Debug, Args)]
pub(super) struct PatchArguments {
    #[command(flatten)]
    pub(super) common: Common,

    /// Write the exact patch to this file; `-` forces exact bytes on stdout. A report for machines
    /// on stdout leaves this as the only place for the patch
    #[arg(long, value_name = "FILE")]
    pub(super) diff_file: Option<PathBuf>,
}

/// What `fix` takes.
#[derive(Debug, Args)]
pub(super) struct FixArguments {
    #[command(flatten)]
    pub(super) patch: PatchArguments,

    /// Write the commands that take what was removed off machines that run to this file
    #[arg(long, value_name = "FILE")]
    pub(super) plan_file: Option<PathBuf>,

    #[command(flatten)]
    pub(super) shell: ShellArgument,
}

#[derive(Debug, Args)]
pub(super) struct Common {
    #[command(flatten)]
    pub(super) inputs: Inputs,

    /// Run only these rules (comma-separated); repairs that a removal needs are made all the same
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_id(), hide_possible_values = true)]
    pub(super) select: Vec<String>,

    /// Leave these rules out (comma-separated); repairs that a removal needs are made all the same
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_id(), hide_possible_values = true)]
    pub(super) ignore: Vec<String>,

    /// Only act on extensions inside what this JSONPath (RFC 9535) selects; what waits for them is
    /// repaired wherever it stands; may be repeated
    #[arg(long, value_name = "JSONPATH", value_parser = query)]
    within: Vec<JsonPath>,

    /// Apply fixes too that may change something the files do not show
    #[arg(long, overrides_with = "no_unsafe_fixes")]
    pub(super) unsafe_fixes: bool,

    /// Apply none of these, whatever is configured
    #[arg(long, hide = true)]
    pub(super) no_unsafe_fixes: bool,

    /// What to do about a machine without an identity [default: system-assigned]
    #[arg(long, value_name = "POLICY")]
    pub(super) identity: Option<IdentityChoice>,

    /// The least severity that makes the exit code 1 [default: warning]
    #[arg(long, value_name = "SEVERITY")]
    pub(super) fail_on: Option<Threshold>,

    /// Exit with 0 also where there are findings; errors still give 2
    #[arg(long)]
    pub(super) exit_zero: bool,

    /// Print findings only, without the summary
    #[arg(short, long)]
    pub(super) quiet: bool,

    #[command(flatten)]
    pub(super) formats: Formats,

    /// Put what waivers and the baseline hide into the reports as json, jsonl and sarif, marked as such
    #[arg(long)]
    pub(super) include_suppressed: bool,

    #[command(flatten)]
    pub(super) baseline: BaselineArguments,

    #[command(flatten)]
    pub(super) configuration: ConfigArguments,

    /// How many threads read and check files
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// When to colour the report
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

/// What shows something in place of a run, and gives the exit code.
pub(super) type Show = fn(&Common, Input, Configuration) -> u8;

impl Common {
    /// What is shown in place of a run, if that is wanted.
    pub(super) fn show(&self) -> Option<Show> {
        match (self.configuration.show_settings, self.inputs.show_files) {
            (true, _) => Some(show_settings),
            (false, true) => Some(show_files),
            (false, false) => None,
        }
    }

    /// The settings that flags give.
    pub(super) fn flags(&self) -> Settings {
        let rules = |ids: &[String]| {
            let rules = ids.iter().filter_map(|id| rules::rule(id)).map(RuleId);
            (!ids.is_empty()).then(|| rules.collect())
        };
        let (include, exclude) = self.inputs.globs();
        // Both kinds of globs take the place of those that are configured.
        let has_globs = !include.is_empty() || !exclude.is_empty();
        let unsafe_fixes = self.unsafe_fixes || self.no_unsafe_fixes;
        Settings {
            select: rules(&self.select),
            ignore: rules(&self.ignore),
            include: has_globs.then(|| include.to_vec()),
            exclude: has_globs.then(|| exclude.to_vec()),
            identity: self.identity,
            unsafe_fixes: unsafe_fixes.then_some(self.unsafe_fixes),
            fail_on: self.fail_on,
            baseline: self.baseline.path().cloned(),
            ..Settings::default()
        }
    }

    /// What to look for, where flags rank above what is configured.
    pub(super) fn options(&self, config: &Config) -> Options {
        let settings = &config.settings;
        let flags = self.flags();
        let rules = |flags: Option<Vec<RuleId>>, configured: &Option<Vec<RuleId>>| {
            let rules = flags.as_ref().or(configured.as_ref()).into_iter().flatten();
            rules.map(|rule| rule.0.id.to_owned()).collect()
        };
        let lists = settings.extension_lists.iter().flatten();
        let identity = self.identity.or(settings.identity);
        Options {
            select: rules(flags.select, &settings.select),
            ignore: rules(flags.ignore, &settings.ignore),
            unsafe_fixes: self.applies_unsafe_fixes(config),
            within: self.within.clone(),
            extension_lists: lists.map(|query| query.path.clone()).collect(),
            disregard_waivers_in_files: self.inputs.untrusted,
            today: Some(today()),
            identity: identity.map_or_else(IdentityPolicy::default, IdentityPolicy::from),
            ..Options::default()
        }
    }

    /// Whether unsafe fixes are applied too.
    pub(super) fn applies_unsafe_fixes(&self, config: &Config) -> bool {
        let configured = config.settings.unsafe_fixes.unwrap_or_default();
        self.unsafe_fixes || !self.no_unsafe_fixes && configured
    }

    /// The least severity that makes the exit code 1.
    pub(super) fn threshold(&self, config: &Config) -> Severity {
        let threshold = self.fail_on.or(config.settings.fail_on);
        threshold.map_or(Severity::Warning, Severity::from)
    }

    /// The baseline, whether or not it is there.
    ///
    /// # Errors
    /// A configured one leaves the repository, or else the folder, of its configuration.
    pub(super) fn baseline_path(
        &self,
        config: &Config,
        tree: &Tree,
    ) -> Result<Option<PathBuf>, String> {
        if let Some(path) = self.baseline.path() {
            return Ok(Some(path.clone()));
        }
        config
            .baseline_path(tree)
            .map_err(|error| error.to_string())
    }

    /// The files that flags name, by their flags.
    pub(super) fn paths(&self) -> Vec<(&str, &Path)> {
        let list = self.inputs.file_list().map(|path| ("--file-list", path));
        let baseline = self.baseline.path();
        let baseline = baseline.map(|path| ("--baseline", path.as_path()));
        let reports = self.formats.output.iter();
        let reports = reports.map(|report| ("--output", report.path.as_path()));
        list.into_iter().chain(baseline).chain(reports).collect()
    }

    pub(super) fn threads(&self) -> NonZeroUsize {
        self.jobs
            .or_else(|| std::thread::available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN)
    }
}

/// Takes the id of a rule, and names the nearest where there is none of that name.
fn rule_id() -> PossibleValuesParser {
    PossibleValuesParser::new(REGISTRY.iter().map(|rule| rule.id))
}

/// Takes the id of a rule as [`rule_id`] does.
fn rule() -> impl TypedValueParser<Value = &'static Rule> {
    rule_id().try_map(|id| rules::rule(&id).ok_or("there is no such rule"))
}

fn query(text: &str) -> Result<JsonPath, String> {
    JsonPath::parse(text).map_err(|error| error.to_string())
}
