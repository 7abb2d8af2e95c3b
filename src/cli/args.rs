//! The arguments. Flags are spelled as ruff spells them where ruff has them.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue};
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::json::JsonPath;
use crate::repository::{IdentityChoice, RuleId, Settings, Threshold};
use crate::rules::{self, REGISTRY, Rule};
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
    /// Generate a completion script
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
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(super) diff_file: Option<PathBuf>,
}

/// What `fix` takes.
#[derive(Debug, Args)]
pub(super) struct FixArguments {
    #[command(flatten)]
    pub(super) patch: PatchArguments,

    /// Write the commands that take what was removed off machines that run to this file
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

    /// Take the machines from an inventory in JSON, as `az vm extension list`, `az vmss list`, `az vm
    /// list`, `az resource list` or `az graph query` print it; `-` is stdin; may be repeated. Files are then
    /// read only where they are named
    #[arg(long, value_name = "FILE", help_heading = FILES)]
    pub(super) inventory: Vec<PathBuf>,

    /// Print the Azure Resource Graph query whose result --inventory takes, and do nothing else
    #[arg(long, help_heading = OUTPUT)]
    pub(super) inventory_query: bool,

    /// Say which machines have no identity, where the inventories tell
    #[arg(long, requires = "inventory", help_heading = OUTPUT)]
    pub(super) check_identity: bool,
}

/// The shell of a runbook.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct ShellArgument {
    /// The shell that the commands are for
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

    /// Write all that is found, or is left after `fix`, into the file of --baseline, and take out what is
    /// gone
    #[arg(long)]
    pub(super) update_baseline: bool,
}

/// The configuration's flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = CONFIGURATION)]
pub(super) struct ConfigArguments {
    /// Take this configuration for all files; by default the nearest msi2imds.toml upward from each
    /// file to its repository's root counts
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub(super) config: Option<PathBuf>,

    /// Take no configuration
    #[arg(long)]
    pub(super) isolated: bool,

    /// Print the settings that count, each with where it comes from, and do nothing else
    #[arg(long)]
    pub(super) show_settings: bool,
}

/// What all commands take that read files.
#[derive(Debug, Args)]
pub(super) struct Common {
    #[command(flatten)]
    pub(super) inputs: Inputs,

    /// Run only these rules (comma-separated); repairs that a removal needs are made all the same
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_id(), hide_possible_values = true, help_heading = RULES)]
    pub(super) select: Vec<String>,

    /// Leave these rules out (comma-separated); repairs that a removal needs are made all the same
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_id(), hide_possible_values = true, help_heading = RULES)]
    pub(super) ignore: Vec<String>,

    /// Only act on extensions inside what this JSONPath (RFC 9535) selects; what depends on them is
    /// repaired wherever it is; may be repeated
    #[arg(long, value_name = "JSONPATH", value_parser = query, help_heading = RULES)]
    within: Vec<JsonPath>,

    /// Also apply fixes whose effect the files cannot prove, such as raising an apiVersion
    #[arg(long, overrides_with = "no_unsafe_fixes", help_heading = FIXES)]
    pub(super) unsafe_fixes: bool,

    /// Apply none of these, whatever is configured
    #[arg(long, hide = true)]
    pub(super) no_unsafe_fixes: bool,

    /// What to do about a machine without an identity [default: system-assigned]
    #[arg(long, value_name = "POLICY", help_heading = FIXES)]
    pub(super) identity: Option<IdentityChoice>,

    /// Lowest severity that exits with 1 [default: warning]
    #[arg(long, value_name = "SEVERITY", help_heading = OUTPUT)]
    pub(super) fail_on: Option<Threshold>,

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

    /// Put what waivers and the baseline hide into the reports as json, jsonl and sarif, marked as such
    #[arg(long, help_heading = OUTPUT)]
    pub(super) include_suppressed: bool,

    #[command(flatten)]
    pub(super) baseline: BaselineArguments,

    #[command(flatten)]
    pub(super) configuration: ConfigArguments,

    /// How many threads read and check files
    #[arg(short, long, value_name = "N", help_heading = FILES)]
    jobs: Option<NonZeroUsize>,

    /// When to colour the report
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
    rule_id().try_map(|id| rules::rule(&id).ok_or("there is no such rule"))
}

fn query(text: &str) -> Result<JsonPath, String> {
    JsonPath::parse(text).map_err(|error| error.to_string())
}
