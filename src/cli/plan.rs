//! The command `plan`.
//!
//! Reads inventories; never knows what a runbook is made of. Start at [`plan`].

use std::io;
use std::path::{Path, PathBuf};

use crate::repository;
use crate::runbook::{Inventory, Runbook};
use crate::session::Goal;

use super::args::PlanArguments;
use super::output::{FINDINGS, SUCCESS};
use super::run::Run;
use super::sinks::Sinks;
use super::start::{Started, start};

/// Prints the runbook; gives the exit code.
pub(super) fn plan(arguments: &PlanArguments) -> Result<u8, String> {
    let PlanArguments {
        common,
        inventory: inventories,
        ..
    } = arguments;
    let is_stdin = |path: &PathBuf| path == Path::new("-");
    let from_stdin = inventories.iter().filter(|path| is_stdin(path)).count();
    if from_stdin + usize::from(common.inputs.reads_stdin()) > 1 && from_stdin > 0 {
        return Err("--inventory -: stdin can be read only once".to_owned());
    }
    // Inventories need no files.
    let reads_files = inventories.is_empty() || common.inputs.has_paths();
    let files = inventories.iter().filter(|path| !is_stdin(path));
    let paths: Vec<(&str, &Path)> = files.map(|path| ("--inventory", path.as_path())).collect();
    let session = match start(common, Goal::Plan, &paths, reads_files)? {
        Started::Session(session) => *session,
        Started::Shown(code) => return Ok(code),
    };
    let sinks = Sinks::open(&common.formats, Goal::Plan, None, &session.input.trees())?;
    let inventory = inventory(inventories)?;
    let mut run = Run::new(common, session, sinks);
    let mut ran = run.go(Goal::Plan);
    let mut facts = std::mem::take(&mut ran.facts);
    facts.read = reads_files;
    let runbook = Runbook::new(facts, inventory.as_ref(), arguments.check_identity);
    let code = match run.code(&ran) {
        SUCCESS if !runbook.is_empty() && !common.exit_zero => FINDINGS,
        code => code,
    };
    let script = runbook.script(arguments.shell.shell);
    let printed = run.output.report().write_all(script.as_bytes());
    Ok(run.print_reports(printed, &ran, code))
}

/// Reads all inventories; `None` where there is none.
fn inventory(paths: &[PathBuf]) -> Result<Option<Inventory>, String> {
    if paths.is_empty() {
        return Ok(None);
    }
    let mut inventory = Inventory::default();
    for path in paths {
        let (name, bytes) = match path == Path::new("-") {
            true => (
                "stdin".to_owned(),
                repository::read_list(io::stdin().lock()),
            ),
            false => (path.display().to_string(), repository::read_named(path)),
        };
        let bytes = bytes.map_err(|error| format!("{name}: cannot be read: {error}"))?;
        inventory
            .read(&name, &bytes)
            .map_err(|error| error.to_string())?;
    }
    Ok(Some(inventory))
}
