//! What the program says of itself: its rules, their pages, completions, the manual, schemas.
//!
//! All of it is made from what the program runs on, so none of it can say something else. Start at
//! [`rules`].

use std::io;

use anstyle::Style;
use clap::CommandFactory as _;
use clap_complete::Shell;
use serde::Serialize;

use crate::migrate::BASELINE_SCHEMA;
use crate::report;
use crate::repository::CONFIG_SCHEMA;
use crate::rules::{self, REGISTRY, Rule};
use crate::runbook::INVENTORY_QUERY;

use super::args::{Arguments, Color, Listing, Schema};
use super::output::Output;

/// The name of the program in what is made for shells.
const PROGRAM: &str = env!("CARGO_PKG_NAME");

/// A rule, as a machine reads it.
#[derive(Serialize)]
struct ListedRule {
    id: &'static str,
    severity: &'static str,
    fix: &'static str,
    finds: &'static str,
    fixes: &'static str,
    /// Texts of which at least one, in any ASCII case, is in every file that it looks into for findings
    /// of its own; what has none of any rule is not even parsed.
    needles: &'static [&'static str],
}

/// Prints all rules.
pub(super) fn rules(listing: Listing) -> io::Result<()> {
    let mut output = Output::new(Color::Auto);
    let rules = REGISTRY.iter().copied();
    match listing {
        Listing::Json => {
            let rules = rules.map(|rule| ListedRule {
                id: rule.id,
                severity: rule.severity.word(),
                fix: rule.remedy.word(),
                finds: rule.finds,
                fixes: rule.fixes,
                needles: rule.needles,
            });
            let text = serde_json::to_string_pretty(&rules.collect::<Vec<_>>())?;
            writeln!(output.report(), "{text}")?;
        }
        Listing::Full => {
            let heading = bold(output.color);
            let widest = REGISTRY.iter().map(|rule| rule.id.len()).max();
            let width = widest.unwrap_or_default();
            let first = format!("{:width$}  severity  fix         finds", "rule");
            writeln!(output.report(), "{heading}{first}{heading:#}")?;
            for rule in rules {
                let style = report::severity_style(rule.severity, output.color);
                let (severity, fix) = (rule.severity.word(), rule.remedy.word());
                writeln!(
                    output.report(),
                    "{:width$}  {style}{severity:8}{style:#}  {fix:10}  {}",
                    rule.id,
                    rule.finds
                )?;
            }
        }
    }
    output.flush()
}

/// Prints the page of a rule.
pub(super) fn explain(rule: &Rule) -> io::Result<()> {
    let mut output = Output::new(Color::Auto);
    let heading = bold(output.color);
    for line in rules::page(rule).lines() {
        let line = report::sanitize(line);
        if line.starts_with('#') {
            writeln!(output.report(), "{heading}{line}{heading:#}")?;
        } else {
            writeln!(output.report(), "{line}")?;
        }
    }
    output.flush()
}

fn bold(color: bool) -> Style {
    if color {
        Style::new().bold()
    } else {
        Style::new()
    }
}

/// Prints what makes a shell complete the program's arguments.
pub(super) fn completions(shell: Shell) -> io::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), PROGRAM, &mut script);
    print(&script)
}

/// Prints the query whose result is an inventory.
pub(super) fn inventory_query() -> io::Result<()> {
    print(INVENTORY_QUERY.as_bytes())
}

/// Gives what prints the manual's page of the program, or of the command called `name`.
///
/// # Errors
/// There is no such command.
pub(super) fn manual(name: Option<&str>) -> Result<io::Result<()>, String> {
    let mut program = Arguments::command();
    program.build();
    let command = match name {
        None => program,
        Some(name) => {
            let known = program.find_subcommand(name);
            let command = known.ok_or_else(|| format!("{name}: no such command"))?;
            command.clone().version(env!("CARGO_PKG_VERSION"))
        }
    };
    let mut page = Vec::new();
    let made = clap_mangen::Man::new(command)
        .source(concat!(
            env!("CARGO_PKG_NAME"),
            " ",
            env!("CARGO_PKG_VERSION")
        ))
        .render(&mut page);
    Ok(made.and_then(|()| print(&page)))
}

/// Prints the JSON Schema of a machine-readable text.
pub(super) fn schema(of: Schema) -> io::Result<()> {
    print(match of {
        Schema::Report => report::SCHEMA.as_bytes(),
        Schema::Baseline => BASELINE_SCHEMA.as_bytes(),
        Schema::Config => CONFIG_SCHEMA.as_bytes(),
    })
}

fn print(text: &[u8]) -> io::Result<()> {
    let mut output = Output::new(Color::Never);
    output.report().write_all(text)?;
    output.flush()
}
