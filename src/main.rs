//! The command line's entry: see [`msi2imds::cli`].

use std::process::ExitCode;

/// Templates become many small values that live briefly, on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    msi2imds::cli::run()
}
