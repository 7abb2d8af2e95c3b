//! The process's streams: the one place that prints.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write};

use crate::report::{self, Canvas};

use super::args::Color;
use super::formats::is_set;
use super::progress::SERVICES;

/// The exit codes.
pub(super) const SUCCESS: u8 = 0;
pub(super) const FINDINGS: u8 = 1;
pub(super) const ERROR: u8 = 2;

/// The exit code after printing: `code`, unless the output could not be written.
pub(super) fn printed(result: io::Result<()>, code: u8) -> u8 {
    match result {
        Ok(()) => code,
        // Whoever read the output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => code,
        Err(failure) => {
            self::error(&format!("the output cannot be written: {failure}"));
            ERROR
        }
    }
}

/// Where results and errors go.
pub(super) struct Output {
    to: io::BufWriter<Box<dyn Write>>,
    pub(super) color: bool,
    /// Whether somebody reads stdout who acts on what a line says: a terminal or a CI service.
    guarded: bool,
    /// Whether a diff had to be changed on its way.
    neutralised: bool,
}

impl Output {
    pub(super) fn new(color: Color) -> Self {
        let terminal = io::stdout().is_terminal();
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if is_set("NO_COLOR") => false,
            Color::Auto if is_set("FORCE_COLOR") => {
                std::env::var_os("FORCE_COLOR").is_some_and(|value| value != "0")
            }
            Color::Auto => {
                anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
            }
        };
        Self {
            to: io::BufWriter::new(Box::new(io::stdout().lock())),
            color,
            guarded: terminal || SERVICES.into_iter().any(is_set),
            neutralised: false,
        }
    }

    /// How drawings on stdout look: as wide as the terminal, where there is one.
    pub(super) fn canvas(&self) -> Canvas {
        let width = terminal_size::terminal_size_of(io::stdout());
        Canvas {
            color: self.color,
            width: width.map_or(Canvas::WIDTH, |(terminal_size::Width(width), _)| {
                usize::from(width).min(Canvas::WIDTH)
            }),
        }
    }

    /// Says that an agent reads stdout, whatever the environment says.
    pub(super) fn guard(&mut self) {
        self.guarded = true;
    }

    /// Writes a report: everything in it that comes from a file is sanitized by its renderer.
    pub(super) fn report(&mut self) -> &mut dyn Write {
        &mut self.to
    }

    /// Writes a diff: its exact bytes, or, where somebody might act on them, harmless ones, which
    /// are those of `readable` if there is such a form of it.
    pub(super) fn diff(
        &mut self,
        bytes: &[u8],
        readable: Option<&[u8]>,
        exact: bool,
    ) -> io::Result<()> {
        if exact || !(self.guarded || self.color) {
            return self.to.write_all(bytes);
        }
        let clean = report::sanitize_lines(readable.unwrap_or(bytes));
        self.neutralised |= readable.is_some() || matches!(clean, Cow::Owned(_));
        if self.color {
            return report::write_diff(&mut self.to, &clean);
        }
        self.to.write_all(&clean)
    }

    /// Writes the exact bytes of a file.
    pub(super) fn exact(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.to.write_all(bytes)?;
        self.to.flush()
    }

    /// Writes what follows to stderr.
    pub(super) fn turn_to_stderr(&mut self) {
        self.to = io::BufWriter::new(Box::new(io::stderr().lock()));
    }

    /// Ends the diff: says if it is not exact.
    pub(super) fn end_of_diff(&mut self) -> io::Result<()> {
        if self.neutralised {
            writeln!(
                self.to,
                "note: this diff shows control characters and log commands escaped, and UTF-16 as \
                 UTF-8; --diff-file FILE writes the exact patch"
            )?;
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Writes the lines of an error in the arguments to stderr.
pub(super) fn usage(text: &str) {
    let mut stderr = io::stderr().lock();
    // There is nobody left to inform if this fails.
    let _ = stderr.write_all(&report::sanitize_lines(text.as_bytes()));
}

/// Writes an error to stderr, as one line.
pub(super) fn error(message: &str) {
    complain("error", message);
}

/// Writes a warning to stderr, as one line.
pub(super) fn warning(message: &str) {
    complain("warning", message);
}

fn complain(word: &str, message: &str) {
    let mut stderr = io::stderr().lock();
    // There is nobody left to inform if this fails.
    let _ = report::write_line(&mut stderr, &format!("{word}: {message}"));
}
