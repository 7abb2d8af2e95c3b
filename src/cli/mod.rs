//! The command line: arguments in, exit code out.
//!
//! Knows threads, streams, colour and exit codes; never knows how a rule decides. Start at [`run`].

mod args;
mod baseline;
mod clock;
mod commands;
mod configuration;
mod exit;
mod formats;
mod gather;
mod help;
mod inputs;
mod interrupt;
mod not_looked_into;
mod output;
mod patch;
mod plan;
mod progress;
mod run;
mod searches;
mod set;
mod show_files;
mod show_settings;
mod sinks;
mod untrusted;

use std::process::ExitCode;

use clap::Parser;

use self::args::Arguments;

/// Runs the program on the process's own arguments and streams.
///
/// Exit codes: 0 nothing to report, 1 findings (for `diff`: a diff), 2 an error.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => {
            // The arguments in it may be names of files.
            output::usage(&error.render().to_string());
            return ExitCode::from(2);
        }
        // `--help` and `--version`.
        Err(text) => return ExitCode::from(if text.print().is_err() { 2 } else { 0 }),
    };
    ExitCode::from(commands::run(&arguments))
}
