//! The commands: each is handed its arguments and gives an exit code.

use std::io;

use crate::migrate::BASELINE_SCHEMA;
use crate::report;
use crate::rules::REGISTRY;

use super::args::{Arguments, Color, Command, Common, PatchArguments, Schema};
use super::baseline::BaselineFile;
use super::exit::{ERROR, SUCCESS, printed};
use super::formats::Reporter;
use super::inputs::Input;
use super::output::{self, Output};
use super::patch::PatchFile;
use super::run::Run;
use super::show_files::show_files;
use super::sinks::Sinks;

/// Runs a command; gives the exit code.
pub(super) fn run(arguments: &Arguments) -> u8 {
    let done = match &arguments.command {
        Command::Check(common) => check(common),
        Command::Diff(arguments) => with_patch(arguments, Reporter::Diff, Run::diff),
        Command::Fix(arguments) => with_patch(arguments, Reporter::Fix, Run::fix),
        Command::Rules => Ok(printed(rules(), SUCCESS)),
        Command::Schema { of } => Ok(printed(schema(*of), SUCCESS)),
    };
    done.unwrap_or_else(|error| {
        output::error(&error);
        ERROR
    })
}

fn check(common: &Common) -> Result<u8, String> {
    if common.inputs.show_files {
        return show_files(common);
    }
    let input = common.inputs.read()?;
    let baseline = BaselineFile::open(&common.baseline, Reporter::Check)?;
    let sinks = Sinks::open(&common.formats, Reporter::Check, None)?;
    Ok(Run::new(common, input, sinks, baseline).check())
}

/// Runs a command that makes a patch. The files for the patch and the reports are made first: what
/// cannot be told must not be done.
fn with_patch<'a>(
    arguments: &'a PatchArguments,
    reporter: Reporter,
    command: fn(Run<'a>, &mut PatchFile) -> u8,
) -> Result<u8, String> {
    let PatchArguments { common, diff_file } = arguments;
    if common.inputs.show_files {
        return show_files(common);
    }
    let input = common.inputs.read()?;
    let baseline = BaselineFile::open(&common.baseline, reporter)?;
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
        Run::new(common, input, sinks, baseline),
        &mut patch,
    ))
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
        Schema::Baseline => BASELINE_SCHEMA,
    };
    output.report().write_all(text.as_bytes())?;
    output.flush()
}
