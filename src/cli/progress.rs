//! A line on the terminal that says how far a long run is.
//!
//! It is for somebody who waits: a run of less than a second shows none, and neither does one whose
//! stderr is no terminal, one in CI or one that is to be quiet. Nothing of a repository is in it.
//! Start at [`Progress`].

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::formats::is_set;

/// How long a run may take without a word.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// How wide the line is: no count makes it longer, and a terminal of 80 columns holds it.
const WIDTH: usize = 48;
/// What shows that the line is alive.
const TURNS: [&str; 4] = ["|", "/", "-", "\\"];

/// The variables that CI services set.
pub(super) const SERVICES: [&str; 4] = ["CI", "TF_BUILD", "GITHUB_ACTIONS", "TEAMCITY_VERSION"];

/// Counts files, and shows how many there are until it is dropped.
#[derive(Debug)]
pub(super) struct Progress {
    scanned: Arc<AtomicU64>,
    /// What ends the line, and what draws it.
    line: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Starts to count, and shows a line from a second on if somebody waits for the run, which may be
    /// `quiet`.
    pub(super) fn start(quiet: bool) -> Self {
        let in_service = SERVICES.into_iter().any(is_set);
        let is_shown = is_wanted(io::stderr().is_terminal(), in_service, quiet);
        let scanned = Arc::<AtomicU64>::default();
        let line = is_shown.then(|| {
            let (end, ended) = mpsc::channel();
            let scanned = Arc::clone(&scanned);
            (end, std::thread::spawn(move || draw(&scanned, &ended)))
        });
        Self { scanned, line }
    }

    /// Counts one file.
    pub(super) fn scanned(&self) {
        self.scanned.fetch_add(1, Ordering::Relaxed);
    }
}

/// Draws until the other end of `ended` is dropped, then clears the line.
fn draw(scanned: &AtomicU64, ended: &Receiver<()>) {
    let goes_on = |time| ended.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    if !goes_on(PATIENCE) {
        return;
    }
    let start = Instant::now();
    let mut turns = TURNS.iter().cycle();
    loop {
        let turn = turns.next().copied().unwrap_or_default();
        let files = scanned.load(Ordering::Relaxed);
        let seconds = (PATIENCE + start.elapsed()).as_secs();
        let line = format!("{turn} scanning: {files} files, {seconds}s");
        // Blanks cover a longer line before it; one that cannot be drawn is no reason to fail.
        let _ = write!(io::stderr(), "\r{line:WIDTH$}");
        if !goes_on(TICK) {
            break;
        }
    }
    // Erases the line, so that what follows starts on an empty one.
    let _ = write!(io::stderr(), "\r\u{1b}[2K");
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((end, line)) = self.line.take() {
            drop(end);
            // A line that could not be drawn is no reason to fail.
            let _ = line.join();
        }
    }
}

fn is_wanted(is_terminal: bool, in_service: bool, quiet: bool) -> bool {
    is_terminal && !in_service && !quiet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_person_who_waits_sees_a_line() {
        assert!(is_wanted(true, false, false));
        assert!(!is_wanted(false, false, false));
        assert!(!is_wanted(true, true, false));
        assert!(!is_wanted(true, false, true));
    }
}
