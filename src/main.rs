//! The command line's entry: see [`msi2imds::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    msi2imds::cli::run()
}
