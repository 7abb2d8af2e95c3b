//! The arguments. Flags are spelled as ruff spells them where ruff has them.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::json::JsonPath;
use crate::migrate::Options;
use crate::rules::{self, IdentityPolicy, Severity};
use crate::workspace::Selection;

use super::formats::Formats;
use super::plan::{PlanArguments, ShellArgument};

#[derive(Debug, Parser)]
#[command(
    name = "msi2imds",
    version,
    about = "Moves Azure templates off the managed identity VM extension and onto IMDS",
    after_help = "Exit codes: 0 nothing at or above --fail-on (diff: no change); 1 findings (diff: \
                  a diff was printed); 2 usage, input, output, or a result that failed its own \
                  check."
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
    /// List the rules
    Rules,
    /// Print the JSON Schema of a machine-readable text
    Schema {
        /// Of what
        #[arg(default_value = "report")]
        of: Schema,
    },
}

/// What there is a schema of.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Schema {
    /// `--output-format json`
    Report,
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
    /// Files and folders to look at; names in reports and patches are relative to the current
    /// folder, or, if not all of these are in it, to the repository or folder that holds them all
    /// [default: .]
    pub(super) paths: Vec<PathBuf>,

    /// Run only these rules (comma-separated); repairs that a removal needs are made all the same
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_id)]
    select: Vec<String>,

    /// Leave these rules out (comma-separated); repairs that a removal needs are made all the same
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_id)]
    ignore: Vec<String>,

    /// Only act on extensions inside what this JSONPath (RFC 9535) selects; what waits for them is
    /// repaired wherever it stands; may be repeated
    #[arg(long, value_name = "JSONPATH", value_parser = query)]
    within: Vec<JsonPath>,

    /// Apply fixes too that may change something the files do not show
    #[arg(long)]
    unsafe_fixes: bool,

    /// Remove parameters that lose their last use, together with what passes them in parent templates,
    /// parameter files and createUiDefinition.json
    #[arg(long)]
    prune_parameters: bool,

    /// What to do about a machine without an identity
    #[arg(long, value_name = "POLICY", default_value = "system-assigned")]
    identity: Identity,

    /// The least severity that makes the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    fail_on: Threshold,

    /// Exit with 0 also where there are findings; errors still give 2
    #[arg(long)]
    pub(super) exit_zero: bool,

    /// Print findings only, without the summary
    #[arg(short, long)]
    pub(super) quiet: bool,

    #[command(flatten)]
    pub(super) formats: Formats,

    /// Look into hidden files and folders
    #[arg(long)]
    hidden: bool,

    /// Look at files too that .gitignore excludes
    #[arg(long)]
    no_respect_gitignore: bool,

    /// How many threads read and check files
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// When to colour the report
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Identity {
    /// Give it a system-assigned one
    SystemAssigned,
    /// Only report it
    Report,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Threshold {
    Error,
    Warning,
    Note,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Common {
    /// What to look for.
    pub(super) fn options(&self) -> Options {
        Options {
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            unsafe_fixes: self.unsafe_fixes,
            within: self.within.clone(),
            prune_parameters: self.prune_parameters,
            identity: match self.identity {
                Identity::SystemAssigned => IdentityPolicy::SystemAssigned,
                Identity::Report => IdentityPolicy::Report,
            },
        }
    }

    /// Where to look.
    pub(super) fn selection(&self) -> Selection {
        Selection {
            paths: match self.paths.as_slice() {
                [] => vec![PathBuf::from(".")],
                named => named.to_vec(),
            },
            hidden: self.hidden,
            respect_gitignore: !self.no_respect_gitignore,
        }
    }

    /// Whether unsafe fixes are applied too.
    pub(super) fn unsafe_fixes(&self) -> bool {
        self.unsafe_fixes
    }

    pub(super) fn threshold(&self) -> Severity {
        match self.fail_on {
            Threshold::Error => Severity::Error,
            Threshold::Warning => Severity::Warning,
            Threshold::Note => Severity::Note,
        }
    }

    pub(super) fn threads(&self) -> NonZeroUsize {
        self.jobs
            .or_else(|| std::thread::available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN)
    }
}

fn rule_id(text: &str) -> Result<String, String> {
    match rules::rule(text) {
        Some(rule) => Ok(rule.id.to_owned()),
        None => Err("there is no such rule; `msi2imds rules` lists them".to_owned()),
    }
}

fn query(text: &str) -> Result<JsonPath, String> {
    JsonPath::parse(text).map_err(|error| error.to_string())
}
