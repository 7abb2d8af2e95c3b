//! A run that is asked to end before its time.
//!
//! An interruption waits until no file is on its way to its name, says so, and ends the process; a second
//! one does not wait. Never knows what the run does. Start at [`install_handlers`].

#[cfg(unix)]
use std::{process, sync::Arc, sync::atomic::AtomicBool, thread};

#[cfg(unix)]
use signal_hook::{consts::signal, flag, iterator::Signals};

#[cfg(unix)]
use super::output::{self, ERROR};
#[cfg(unix)]
use crate::repository::hold_writes;

/// From here on, an interruption and a request to terminate end the process with a word, and a limit on
/// the size of files is an error like a full disk.
///
/// Elsewhere than on Unix, the system ends the process itself.
#[cfg(unix)]
pub(super) fn install_handlers() {
    // Where the system has no room for this, the process ends as it would have without it.
    let _ = flag::register(signal::SIGXFSZ, Arc::new(AtomicBool::new(false)));
    if let Ok(signals) = Signals::new([signal::SIGINT, signal::SIGTERM]) {
        let _ = thread::Builder::new().spawn(move || wait(signals));
    }
}

#[cfg(not(unix))]
pub(super) fn install_handlers() {}

#[cfg(unix)]
fn wait(mut signals: Signals) {
    let mut asked = signals.forever();
    if asked.next().is_some() && thread::Builder::new().spawn(end).is_ok() {
        // Whoever reads stderr may keep the first from its last word.
        asked.next();
    }
    leave();
}

#[cfg(unix)]
fn end() {
    let _no_file_is_half_way = hold_writes();
    output::error(
        "interrupted: every file is either unchanged or completely fixed; run again for the rest",
    );
    leave();
}

#[cfg(unix)]
#[expect(clippy::exit, reason = "interrupted before the worker threads ran")]
fn leave() -> ! {
    process::exit(i32::from(ERROR))
}
