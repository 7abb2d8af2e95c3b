//! The arguments. Flags are spelled as ruff spells them where ruff has them.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue};
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::json::JsonPath;
use crate::repository::{RuleId, Settings};
use crate::rules::{self, REGISTRY, Rule};
use crate::rules::{IdentityPolicy, Severity};
use crate::runbook;
use crate::session::Overrides;

use super::clock::today;
use super::formats::Formats;
use super::inputs::Inputs;

/// The headings of `--help`, in their order.
pub(super) const FILES: &str = "Files";
const RULES: &str = "Rules";
const FIXES: &str = "Fixes";
pub(super) const OUTPUT: &str = "Output";
const CONFIGURATION: &str = "Configuration";

#[derive(Debug, Parser)]
#[command(
    name = "msi2imds",
    version,
    about = "Moves Azure templates off the managed identity VM extension and onto IMDS",
    long_about = "Moves Azure templates off the managed identity VM extension and onto IMDS.\n\n\
                  Without a command it checks the current folder, or the paths that are named.",
    after_help = "Exit codes: 0 no findings at or above --fail-on (diff: no change); 1 findings \
                  (diff: a diff was printed); 2 usage, configuration or I/O error."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Report findings; write nothing
    Check(Common),
    /// Print what `fix` would change as a unified diff; write nothing
    Diff(PatchArguments),
    /// Rewrite files in place; print the diff and what is left to do
    Fix(FixArguments),
    /// Print the commands that remove the extension from running machines
    Plan(PlanArguments),
    /// Print the page of a rule: what it finds, why, and when a fix is held
    Explain {
        /// The rule's id
        #[arg(value_parser = rule(), hide_possible_values = true)]
        rule: &'static Rule,
    },
    /// List the rules
    Rules {
        /// Format of the list
        #[arg(long, value_name = "FORMAT", default_value = "full")]
        output_format: Listing,
    },
    /// Generate a completion script
    Completions {
        /// Shell to complete for
        shell: Shell,
    },
    /// Print the manual page, in roff
    Man {
        /// Command; by default the program itself
        command: Option<String>,
    },
    /// Print the JSON Schema of a machine-readable format
    Schema {
        /// Format to describe
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

    /// Write the exact patch to this file; `-` forces exact bytes on stdout. Needed for a
    /// patch if stdout holds a machine-readable report
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(super) diff_file: Option<PathBuf>,
}

/// What `fix` takes.
#[derive(Debug, Args)]
pub(super) struct FixArguments {
    #[command(flatten)]
    pub(super) patch: PatchArguments,

    /// Write the commands that remove the extension from running machines to this file
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(super) plan_file: Option<PathBuf>,

    /// Print what is left, without the diff
    #[arg(long, help_heading = OUTPUT)]
    pub(super) no_diff: bool,

    #[command(flatten)]
    pub(super) shell: ShellArgument,
}

/// What `plan` takes.
#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    #[command(flatten)]
    pub(super) common: Common,

    #[command(flatten)]
    pub(super) shell: ShellArgument,

    /// Read the machines from an inventory in JSON, as printed by `az vm extension list`,
    /// `az vmss list`, `az vm list`, `az resource list` or `az graph query`; `-` is stdin;
    /// may be repeated. Files are then read only if they are named
    #[arg(long, value_name = "FILE", help_heading = FILES)]
    pub(super) inventory: Vec<PathBuf>,

    /// Print the Azure Resource Graph query whose result --inventory takes, and do nothing else
    #[arg(long, help_heading = OUTPUT)]
    pub(super) inventory_query: bool,

    /// Show which machines have no identity, if the inventories contain it
    #[arg(long, requires = "inventory", help_heading = OUTPUT)]
    pub(super) check_identity: bool,
}

/// The shell of a runbook.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct ShellArgument {
    /// Shell that runs the commands
    #[arg(long, value_name = "SHELL", default_value = "bash", help_heading = OUTPUT)]
    pub(super) shell: runbook::Shell,
}

/// The baseline's flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = CONFIGURATION)]
pub(super) struct BaselineArguments {
    /// Do not report the findings that this file holds; `fix` fixes them all the same. Its entries name
    /// files from its own folder
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,

    /// Write all findings, or those left after `fix`, to the file of --baseline, and remove
    /// its entries whose finding is gone
    #[arg(long)]
    pub(super) update_baseline: bool,
}

/// The configuration's flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = CONFIGURATION)]
pub(super) struct ConfigArguments {
    /// Use this configuration for all files; by default, for each file, the nearest
    /// msi2imds.toml between its folder and the root of its repository
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub(super) config: Option<PathBuf>,

    /// Use no configuration
    #[arg(long)]
    pub(super) isolated: bool,

    /// Print the settings in effect and where each is set; do nothing else
    #[arg(long)]
    pub(super) show_settings: bool,
}

/// What all commands take that read files.
#[derive(Debug, Args)]
pub(super) struct Common {
    #[command(flatten)]
    pub(super) inputs: Inputs,

    /// Run only these rules (comma-separated); repairs that a removal needs are always made
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_id(), hide_possible_values = true, help_heading = RULES)]
    pub(super) select: Vec<String>,

    /// Skip these rules (comma-separated); repairs that a removal needs are always made
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_id(), hide_possible_values = true, help_heading = RULES)]
    pub(super) ignore: Vec<String>,

    /// Only act on extensions inside what this JSONPath (RFC 9535) selects; what depends on them is
    /// repaired wherever it is; may be repeated
    #[arg(long, value_name = "JSONPATH", value_parser = query, help_heading = RULES)]
    within: Vec<JsonPath>,

    /// Also apply fixes whose effect the files cannot prove, such as raising an apiVersion
    #[arg(long, overrides_with = "no_unsafe_fixes", help_heading = FIXES)]
    pub(super) unsafe_fixes: bool,

    /// Override a configured `unsafe-fixes`
    #[arg(long, hide = true)]
    pub(super) no_unsafe_fixes: bool,

    /// What to do with a machine without an identity [default: system-assigned]
    #[arg(long, value_name = "POLICY", help_heading = FIXES)]
    pub(super) identity: Option<IdentityPolicy>,

    /// Lowest severity that exits with 1 [default: warning]
    #[arg(long, value_name = "SEVERITY", help_heading = OUTPUT)]
    pub(super) fail_on: Option<Severity>,

    /// Exit 0 even if there are findings; errors still exit with 2
    #[arg(long, help_heading = OUTPUT)]
    pub(super) exit_zero: bool,

    /// Print findings only, without the summary
    #[arg(short, long, help_heading = OUTPUT)]
    pub(super) quiet: bool,

    /// Draw each finding, however many there are: format full sums up more than 50 by machine
    #[arg(long)]
    pub(super) no_summary: bool,

    #[command(flatten)]
    pub(super) formats: Formats,

    /// Add waived and known findings to json, jsonl and sarif reports, marked as suppressed
    #[arg(long, help_heading = OUTPUT)]
    pub(super) include_suppressed: bool,

    #[command(flatten)]
    pub(super) baseline: BaselineArguments,

    #[command(flatten)]
    pub(super) configuration: ConfigArguments,

    /// Number of threads that read and check files
    #[arg(short, long, value_name = "N", help_heading = FILES)]
    jobs: Option<NonZeroUsize>,

    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = OUTPUT)]
    pub(super) color: Color,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

/// Flags of other tools, and what does here what they do there.
const ELSEWHERE: [(&str, &str); 4] = [
    ("--fix", "`msi2imds fix` fixes what `check` reports"),
    ("--diff", "`msi2imds diff` prints what `fix` would change"),
    (
        "--dry-run",
        "`msi2imds diff` prints what `fix` would change",
    ),
    ("--check", "`msi2imds check` writes nothing"),
];

impl Arguments {
    /// Parses the process's arguments; where they name no command, they are those of `check`.
    ///
    /// # Errors
    /// What is wrong with them, or the help that they ask for.
    pub(super) fn read() -> Result<Self, clap::Error> {
        let mut arguments: Vec<OsString> = std::env::args_os().collect();
        let program = Self::command();
        let names_command = arguments.get(1).is_some_and(|first| {
            let own = ["-h", "--help", "-V", "--version", "help"];
            let is_flag = first.as_encoded_bytes().starts_with(b"-");
            let is_path = || is_flag || Path::new(first).exists();
            own.iter().any(|own| first == own)
                || program.find_subcommand(first).is_some()
                || !is_path()
        });
        if !names_command {
            arguments.insert(arguments.len().min(1), "check".into());
        }
        Self::try_parse_from(arguments)
    }
}

/// What to do instead, where an unknown flag is one of another tool.
pub(super) fn hint(error: &clap::Error) -> Option<&'static str> {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let row = ELSEWHERE.iter().find(|(name, _)| name == flag);
    row.map(|(_, hint)| *hint)
}

impl Common {
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
            baseline: self.baseline.baseline.clone(),
            ..Settings::default()
        }
    }

    /// What ranks above what is configured.
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            settings: self.flags(),
            within: self.within.clone(),
            untrusted: self.inputs.untrusted,
            today: Some(today()),
        }
    }

    /// The files that flags name, by their flags.
    pub(super) fn paths(&self) -> Vec<(&str, &Path)> {
        let list = self.inputs.file_list().map(|path| ("--file-list", path));
        let baseline = self.baseline.baseline.as_ref();
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
    rule_id().try_map(|id| rules::rule(&id).ok_or("no such rule; `msi2imds rules` lists the rules"))
}

fn query(text: &str) -> Result<JsonPath, String> {
    JsonPath::parse(text).map_err(|error| error.to_string())
}
