//! The commands: each is handed its arguments and gives an exit code.

use std::io;

use crate::report;
use crate::rules::REGISTRY;

use super::args::{Arguments, Color, Command, Common, FixArguments, PatchArguments, Schema};
use super::exit::{ERROR, SUCCESS, printed};
use super::formats::Reporter;
use super::output::{self, Output};
use super::patch::PatchFile;
use super::plan::{PlanFile, plan};
use super::run::Run;
use super::sinks::Sinks;

/// Runs a command; gives the exit code.
pub(super) fn run(arguments: &Arguments) -> u8 {
    let done = match &arguments.command {
        Command::Check(common) => check(common),
        Command::Diff(arguments) => with_patch(arguments, Reporter::Diff, None, Run::diff),
        Command::Fix(arguments) => fix(arguments),
        Command::Plan(arguments) => plan(arguments),
        Command::Rules => Ok(printed(rules(), SUCCESS)),
        Command::Schema { of } => Ok(printed(schema(*of), SUCCESS)),
    };
    done.unwrap_or_else(|error| {
        output::error(&error);
        ERROR
    })
}

fn check(common: &Common) -> Result<u8, String> {
    let sinks = Sinks::open(&common.formats, Reporter::Check, None)?;
    Ok(Run::new(common, sinks).check())
}

fn fix(arguments: &FixArguments) -> Result<u8, String> {
    let FixArguments {
        patch,
        plan_file,
        shell,
    } = arguments;
    let plan = plan_file.as_deref();
    let reports = patch.common.formats.output.iter();
    let mut others = reports
        .map(|target| target.path.as_path())
        .chain(patch.diff_file.as_deref());
    if let Some(path) = plan.filter(|path| others.any(|other| other == *path)) {
        return Err(format!("{}: is to be written twice", path.display()));
    }
    let plan = plan.map(|path| PlanFile::create(path, shell.shell()));
    with_patch(patch, Reporter::Fix, plan.transpose()?, Run::fix)
}

/// Runs a command that makes a patch. The files for the patch and the reports are made first: what
/// cannot be told must not be done.
fn with_patch<'a>(
    arguments: &'a PatchArguments,
    reporter: Reporter,
    plan: Option<PlanFile>,
    command: fn(Run<'a>, &mut PatchFile) -> u8,
) -> Result<u8, String> {
    let PatchArguments { common, diff_file } = arguments;
    let sinks = Sinks::open(&common.formats, reporter, diff_file.as_deref())?;
    let mut patch = PatchFile::create(diff_file.as_deref())?;
    if let (PatchFile::Stdout, Some(format)) = (&patch, sinks.stdout)
        && format.owns_stream
    {
        let name = format.name;
        return Err(format!("--diff-file -: stdout holds the report as {name}"));
    }
    let mut run = Run::new(common, sinks);
    run.plan = plan;
    Ok(command(run, &mut patch))
}

fn rules() -> io::Result<()> {
    let mut output = Output::new(Color::Never);
    for registration in REGISTRY {
        let rule = registration.rule;
        report::write_line(output.report(), &format!("{}: {}", rule.id, rule.finds))?;
    }
    output.flush()
}

fn schema(of: Schema) -> io::Result<()> {
    let mut output = Output::new(Color::Never);
    let text = match of {
        Schema::Report => report::SCHEMA,
    };
    output.report().write_all(text.as_bytes())?;
    output.flush()
}
