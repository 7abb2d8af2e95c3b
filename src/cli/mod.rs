//! The command line: arguments in, exit code out.
//!
//! Knows threads, streams, colour and exit codes; never knows how a rule decides. Start at `run`.

mod args;
mod clock;
mod commands;
mod formats;
mod help;
mod inputs;
mod interrupt;
mod out_files;
mod output;
mod plan;
mod progress;
mod run;
mod show;
mod sinks;
mod start;

use std::process::ExitCode;

use self::args::Arguments;

/// Runs the program on the process's own arguments and streams.
///
/// Exit codes: 0 nothing to report, 1 findings (for `diff`: a diff), 2 an error.
pub fn run() -> ExitCode {
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => {
            // The arguments in it may be names of files.
            output::usage(&error.render().to_string());
            if let Some(hint) = args::hint(&error) {
                output::usage(&format!("\n  tip: {hint}\n"));
            }
            return ExitCode::from(2);
        }
        // `--help` and `--version`.
        Err(text) => return ExitCode::from(if text.print().is_err() { 2 } else { 0 }),
    };
    ExitCode::from(commands::run(&arguments))
}
