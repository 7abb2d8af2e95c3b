//! The commands: each is handed its arguments and gives an exit code.

use std::io;
use std::sync::Arc;

use super::args::{Arguments, Color, Command, Common, PatchArguments};
use super::baseline::BaselineFile;
use super::configuration::Configuration;
use super::exit::{ERROR, SUCCESS, printed};
use super::formats::Reporter;
use super::help;
use super::inputs::Input;
use super::output::{self, Output};
use super::patch::PatchFile;
use super::run::Run;
use super::show_files::show_files;
use super::show_settings::show_settings;
use super::sinks::Sinks;

/// Runs a command; gives the exit code.
pub(super) fn run(arguments: &Arguments) -> u8 {
    let done = match &arguments.command {
        Command::Check(common) => check(common),
        Command::Diff(arguments) => with_patch(arguments, Reporter::Diff, Run::diff),
        Command::Fix(arguments) => with_patch(arguments, Reporter::Fix, Run::fix),
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
    if common.configuration.show_settings {
        return Some(show_settings(common));
    }
    common.inputs.show_files.then(|| show_files(common))
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

/// Runs a command that makes a patch. The files for the patch and the reports are made first: what
/// cannot be told must not be done.
fn with_patch<'a>(
    arguments: &'a PatchArguments,
    reporter: Reporter,
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
    Ok(command(
        Run::new(common, input, configuration, sinks, baseline),
        &mut patch,
    ))
}

fn told(result: io::Result<()>) -> Result<u8, String> {
    Ok(printed(result, SUCCESS))
}
