//! The commands: each is handed its arguments and gives an exit code.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::runbook::Shell;

use super::args::{Arguments, Color, Command, Common, FixArguments, PatchArguments};
use super::baseline::BaselineFile;
use super::configuration::Configuration;
use super::exit::{ERROR, SUCCESS, printed};
use super::formats::Reporter;
use super::help;
use super::inputs::Input;
use super::interrupt;
use super::output::{self, Output};
use super::patch::PatchFile;
use super::plan::{PlanFile, plan};
use super::run::Run;
use super::sinks::Sinks;

/// Runs a command; gives the exit code.
pub(super) fn run(arguments: &Arguments) -> u8 {
    interrupt::obey();
    let done = match &arguments.command {
        Command::Check(common) => check(common),
        Command::Diff(arguments) => with_patch(arguments, Reporter::Diff, None, Run::diff),
        Command::Fix(arguments) => fix(arguments),
        Command::Plan(arguments) => plan(arguments),
        Command::Explain { rule } => told(help::explain(rule)),
        Command::Rules { output_format } => told(help::rules(*output_format)),
        Command::Completions { shell } => told(help::completions(*shell)),
        Command::Man { command } => help::manual(command.as_deref()).and_then(told),
        Command::Schema { of } => told(help::schema(*of)),
    };
    done.unwrap_or_else(|error| {
        output::error(&error);
        ERROR
    })
}

fn check(common: &Common) -> Result<u8, String> {
    if let Some(shown) = shown(common) {
        return shown;
    }
    let (input, configuration, baseline) = read(common, Reporter::Check)?;
    let sinks = Sinks::open(&common.formats, Reporter::Check, None)?;
    Ok(Run::new(common, input, configuration, sinks, baseline).check())
}

/// What is shown in place of a run, if that is wanted.
fn shown(common: &Common) -> Option<Result<u8, String>> {
    let show = common.show()?;
    let start = || {
        let configs = common.configuration.configs()?;
        let input = common.inputs.read(&configs)?;
        let configuration = Configuration::of(configs, &input)?;
        Ok(show(common, input, configuration))
    };
    Some(start())
}

/// What a run starts with.
type Start = (Input, Configuration, Option<Arc<BaselineFile>>);

fn read(common: &Common, reporter: Reporter) -> Result<Start, String> {
    let configs = common.configuration.configs()?;
    let input = common.inputs.read(&configs)?;
    let configuration = Configuration::of(configs, &input).inspect_err(|_| {
        // Who waits for the fixed text gets the text.
        if let (Input::Text(text), Reporter::Fix) = (&input, reporter) {
            let _ = Output::new(Color::Never).exact(&text.bytes);
        }
    })?;
    let path = common.baseline_path(&configuration.of_run);
    let baseline = BaselineFile::open(&common.baseline, path, reporter)?;
    Ok((input, configuration, baseline))
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
    let plan = plan.map(|path| (path, shell.shell()));
    with_patch(patch, Reporter::Fix, plan, Run::fix)
}

/// Runs a command that makes a patch. The files for the patch and the reports are made first: what
/// cannot be told must not be done.
fn with_patch<'a>(
    arguments: &'a PatchArguments,
    reporter: Reporter,
    plan: Option<(&Path, Shell)>,
    command: fn(Run<'a>, &mut PatchFile) -> u8,
) -> Result<u8, String> {
    let PatchArguments { common, diff_file } = arguments;
    if let Some(shown) = shown(common) {
        return shown;
    }
    let (input, configuration, baseline) = read(common, reporter)?;
    let sinks = Sinks::open(&common.formats, reporter, diff_file.as_deref())?;
    let mut patch = PatchFile::create(diff_file.as_deref())?;
    if let PatchFile::Stdout = &patch {
        if let Some(format) = sinks.stdout.filter(|format| format.owns_stream) {
            let name = format.name;
            return Err(format!("--diff-file -: stdout holds the report as {name}"));
        }
        if let (Input::Text(_), Reporter::Fix) = (&input, reporter) {
            return Err("--diff-file -: stdout holds the fixed text".to_owned());
        }
    }
    let mut run = Run::new(common, input, configuration, sinks, baseline);
    run.plan = plan
        .map(|(path, shell)| PlanFile::create(path, shell))
        .transpose()?;
    Ok(command(run, &mut patch))
}

fn told(result: io::Result<()>) -> Result<u8, String> {
    Ok(printed(result, SUCCESS))
}
