//! Which formats a run writes, and where: read from flags and from the environment.
//!
//! Knows the names of the variables that CI services set; never opens a file. Start at [`Formats`].

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::report::{self, AZURE, FORMATS, FULL, Format, GITHUB, STATISTICS};
use crate::session::Goal;

/// The flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct Formats {
    /// Format of the report on stdout; a diff precedes it only if both are for people. By
    /// default full; for `check` azure if TF_BUILD is set, github if GITHUB_ACTIONS is set;
    /// for `diff` none
    #[arg(long, value_name = "FORMAT", value_parser = name())]
    output_format: Option<&'static Format>,

    /// Also write a report in this format to a file; may be repeated
    #[arg(long, value_name = "FORMAT=FILE", value_parser = target)]
    pub(super) output: Vec<ReportTarget>,

    /// List notes too in `full` and `concise`, which only count them by default
    #[arg(long)]
    pub(super) notes: bool,

    /// Print the number of findings of each rule instead of the findings
    #[arg(long)]
    statistics: bool,
}

/// A file to write a report to.
#[derive(Clone, Debug)]
pub(super) struct ReportTarget {
    pub(super) format: &'static Format,
    pub(super) path: PathBuf,
}

impl Formats {
    /// The format of the report on stdout; `None` if there is none.
    ///
    /// # Errors
    /// Two flags that exclude each other.
    pub(super) fn stdout(&self, goal: Goal) -> Result<Option<&'static Format>, String> {
        if goal == Goal::Plan && (self.statistics || self.output_format.is_some()) {
            let why = "stdout holds the runbook: --output FORMAT=FILE writes a report to a file";
            return Err(why.to_owned());
        }
        match self.output_format {
            Some(format) if self.statistics && format.owns_stream => Err(format!(
                "--statistics prints text, not {}; write that report to a file with --output \
                 {}=FILE",
                format.name, format.name
            )),
            _ if self.statistics => Ok(Some(&STATISTICS)),
            Some(format) => Ok(Some(format)),
            None => Ok(match goal {
                Goal::Check => Some(service().unwrap_or(&FULL)),
                Goal::Diff | Goal::Plan => None,
                Goal::Fix => Some(&FULL),
            }),
        }
    }
}

/// The format of the CI service around this process.
fn service() -> Option<&'static Format> {
    [("TF_BUILD", &AZURE), ("GITHUB_ACTIONS", &GITHUB)]
        .into_iter()
        .find(|(variable, _)| is_set(variable))
        .map(|(_, format)| format)
}

/// Whether a variable of the environment is there and not empty.
pub(super) fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

fn name() -> impl TypedValueParser<Value = &'static Format> {
    let values = FORMATS.map(|format| PossibleValue::new(format.name).help(format.about));
    PossibleValuesParser::new(values).try_map(|name| known(&name))
}

fn target(text: &str) -> Result<ReportTarget, String> {
    match text.split_once('=') {
        Some((name, path)) if !path.is_empty() => Ok(ReportTarget {
            format: known(name)?,
            path: path.into(),
        }),
        _ => Err("expected FORMAT=FILE, such as sarif=msi2imds.sarif".to_owned()),
    }
}

fn known(name: &str) -> Result<&'static Format, String> {
    report::format(name).ok_or_else(|| {
        let names = FORMATS.map(|format| format.name).join(", ");
        format!("no such format; choose one of {names}")
    })
}
