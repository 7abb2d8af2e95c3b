//! The commands: each is handed its arguments and gives an exit code.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::repository::Configs;
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
use super::untrusted::UntrustedTrees;

/// Runs a command; gives the exit code.
pub(super) fn run(arguments: &Arguments) -> u8 {
    interrupt::install_handlers();
    let done = match &arguments.command {
        Command::Check(common) => check(common),
        Command::Diff(arguments) => with_patch(arguments, Reporter::Diff, None, Run::diff),
        Command::Fix(arguments) => fix(arguments),
        Command::Plan(arguments) if arguments.inventory_query => told(help::inventory_query()),
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
    let start = match start(common, Reporter::Check, &[], true)? {
        Started::Run(start) => *start,
        Started::Shown(code) => return Ok(code),
    };
    let trees = start.input.trees();
    let sinks = Sinks::open(&common.formats, Reporter::Check, None, &trees)?;
    Ok(Run::new(common, start, sinks).check())
}

/// What a run starts with.
pub(super) struct Start {
    pub(super) input: Input,
    pub(super) configuration: Configuration,
    pub(super) baseline: Option<Arc<BaselineFile>>,
}

/// What came of starting.
pub(super) enum Started {
    /// A run may begin.
    Run(Box<Start>),
    /// Something was shown in place of a run, with this exit code.
    Shown(u8),
}

/// Reads what a run starts with. `paths` are those of the command's own flags, by their flags;
/// `reads_files` is whether files are looked into at all.
pub(super) fn start(
    common: &Common,
    reporter: Reporter,
    paths: &[(&str, &Path)],
    reads_files: bool,
) -> Result<Started, String> {
    if let (Some(_), Reporter::Fix) = (&common.inputs.rev, reporter) {
        return Err(
            "fix --rev: a revision cannot be changed; apply `diff --rev` with `git apply`, or run fix in a \
             checkout"
                .to_owned(),
        );
    }
    let mut input = common.inputs.read()?;
    if let Input::Files(selection) = &mut input
        && !reads_files
    {
        selection.paths.clear();
    }
    let trees = common.inputs.untrusted.then(|| UntrustedTrees::of(&input));
    let own = common.paths();
    if let Some(trees) = &trees {
        let mut paths = paths.iter().chain(&own);
        paths.try_for_each(|(flag, path)| trees.refuse(flag, path))?;
    }
    let configs = match reads_files {
        true => common.configuration.configs(input.tree(), trees.as_ref())?,
        false => Configs::default(),
    };
    if let Input::Files(selection) = &mut input {
        selection.configs = configs.clone();
    }
    let configuration = Configuration::of(configs, &input).inspect_err(|_| {
        // Whoever reads the fixed text gets the text.
        if let (Input::Text(text), Reporter::Fix) = (&input, reporter) {
            let _ = Output::new(Color::Never).exact(&text.bytes);
        }
    })?;
    if let Some(show) = common.show() {
        return Ok(Started::Shown(show(common, input, configuration)));
    }
    let path = common.baseline_path(&configuration.of_run, input.tree())?;
    // A file beside a bare repository names the files in it.
    let named = common.baseline.path();
    let mut tree = named.and_then(|_| input.tree().base().map(Path::to_path_buf));
    if let (Some(trees), Some(path)) = (&trees, &path) {
        trees.refuse("the baseline", path)?;
        tree = trees.root();
    }
    let baseline = BaselineFile::open(&common.baseline, path, tree, &input, reporter)?;
    Ok(Started::Run(Box::new(Start {
        input,
        configuration,
        baseline,
    })))
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
        return Err(format!("{}: two outputs have this path", path.display()));
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
    let plan_file = plan.map(|(path, _)| ("--plan-file", path));
    let patch = diff_file.as_deref().filter(|path| *path != Path::new("-"));
    let patch = patch.map(|path| ("--diff-file", path));
    let paths: Vec<(&str, &Path)> = plan_file.into_iter().chain(patch).collect();
    let start = match start(common, reporter, &paths, true)? {
        Started::Run(start) => *start,
        Started::Shown(code) => return Ok(code),
    };
    let trees = start.input.trees();
    let sinks = Sinks::open(&common.formats, reporter, diff_file.as_deref(), &trees)?;
    let mut patch = PatchFile::create(diff_file.as_deref(), &trees)?;
    if let PatchFile::Stdout = &patch {
        if let Some(format) = sinks.stdout.filter(|format| format.owns_stream) {
            let name = format.name;
            return Err(format!("--diff-file -: stdout holds the report as {name}"));
        }
        if let (Input::Text(_), Reporter::Fix) = (&start.input, reporter) {
            return Err("--diff-file -: stdout holds the fixed text".to_owned());
        }
    }
    let mut run = Run::new(common, start, sinks);
    run.plan = plan
        .map(|(path, shell)| PlanFile::create(path, shell, &trees))
        .transpose()?;
    Ok(command(run, &mut patch))
}

fn told(result: io::Result<()>) -> Result<u8, String> {
    Ok(printed(result, SUCCESS))
}
