//! The commands: each is handed its arguments and gives an exit code.

use std::io;
use std::path::Path;

use crate::runbook::Shell;
use crate::session::{Goal, Input};

use super::args::{Arguments, Command, Common, FixArguments, PatchArguments};
use super::help;
use super::interrupt;
use super::out_files::{PatchFile, PlanFile};
use super::output::{self, ERROR, SUCCESS, printed};
use super::plan::plan;
use super::run::Run;
use super::sinks::Sinks;
use super::start::{Started, start};

/// Runs a command; gives the exit code.
pub(super) fn run(arguments: &Arguments) -> u8 {
    interrupt::install_handlers();
    let done = match &arguments.command {
        Command::Check(common) => check(common),
        Command::Diff(arguments) => with_patch(arguments, Goal::Diff, None, true),
        Command::Fix(arguments) => fix(arguments),
        Command::Plan(arguments) if arguments.inventory_query => finished(help::inventory_query()),
        Command::Plan(arguments) => plan(arguments),
        Command::Explain { rule } => finished(help::explain(rule)),
        Command::Rules { output_format } => finished(help::rules(*output_format)),
        Command::Completions { shell } => finished(help::completions(*shell)),
        Command::Man { command } => help::manual(command.as_deref()).and_then(finished),
        Command::Schema { of } => finished(help::schema(*of)),
    };
    done.unwrap_or_else(|error| {
        output::error(&error);
        ERROR
    })
}

fn check(common: &Common) -> Result<u8, String> {
    let session = match start(common, Goal::Check, &[], true)? {
        Started::Session(session) => *session,
        Started::Shown(code) => return Ok(code),
    };
    let sinks = Sinks::open(&common.formats, Goal::Check, None, &session.input.trees())?;
    Ok(Run::new(common, session, sinks).check())
}

fn fix(arguments: &FixArguments) -> Result<u8, String> {
    let FixArguments {
        patch,
        plan_file,
        no_diff,
        shell,
    } = arguments;
    let plan = plan_file.as_deref();
    let reports = patch.common.formats.output.iter();
    let mut others = reports
        .map(|target| target.path.as_path())
        .chain(patch.diff_file.as_deref());
    if let Some(path) = plan.filter(|path| others.any(|other| other == *path)) {
        return Err(format!("{}: two outputs have this path", path.display()));
    }
    let plan = plan.map(|path| (path, shell.shell));
    with_patch(patch, Goal::Fix, plan, !no_diff)
}

/// Runs a command that makes a patch. The files for the patch and the reports are made first: what
/// cannot be reported must not be done.
fn with_patch(
    arguments: &PatchArguments,
    goal: Goal,
    plan: Option<(&Path, Shell)>,
    prints_diff: bool,
) -> Result<u8, String> {
    let PatchArguments { common, diff_file } = arguments;
    let plan_file = plan.map(|(path, _)| ("--plan-file", path));
    let patch = diff_file.as_deref().filter(|path| *path != Path::new("-"));
    let patch = patch.map(|path| ("--diff-file", path));
    let paths: Vec<(&str, &Path)> = plan_file.into_iter().chain(patch).collect();
    let session = match start(common, goal, &paths, true)? {
        Started::Session(session) => *session,
        Started::Shown(code) => return Ok(code),
    };
    let trees = session.input.trees();
    let sinks = Sinks::open(&common.formats, goal, diff_file.as_deref(), &trees)?;
    let patch = PatchFile::create(diff_file.as_deref(), &trees)?;
    if let PatchFile::Stdout = &patch {
        if let Some(format) = sinks.stdout.filter(|format| format.owns_stream) {
            let name = format.name;
            return Err(format!(
                "--diff-file -: stdout already holds the report as {name}; name a \
                                file"
            ));
        }
        if let (Input::Text(_), Goal::Fix) = (&session.input, goal) {
            return Err(
                "--diff-file -: stdout already holds the fixed text; name a file".to_owned(),
            );
        }
    }
    let plan = plan.map(|(path, shell)| PlanFile::create(path, shell, &trees));
    let plan = plan.transpose()?;
    Ok(Run::new(common, session, sinks).change(goal, &patch, plan.as_ref(), prints_diff))
}

fn finished(result: io::Result<()>) -> Result<u8, String> {
    Ok(printed(result, SUCCESS))
}
