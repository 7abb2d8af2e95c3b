//! The exit codes.

use std::io;

use super::output;

pub(super) const SUCCESS: u8 = 0;
pub(super) const FINDINGS: u8 = 1;
pub(super) const ERROR: u8 = 2;

/// The exit code after printing: `code`, unless the output could not be written.
pub(super) fn printed(result: io::Result<()>, code: u8) -> u8 {
    match result {
        Ok(()) => code,
        // Whoever read the output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => code,
        Err(error) => {
            output::error(&format!("the output cannot be written: {error}"));
            ERROR
        }
    }
}
