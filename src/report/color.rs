//! The colours of severities: those that annotate-snippets gives them in a drawing.

use anstyle::{AnsiColor, Style};

use crate::rules::Severity;

/// The colour of a severity's word; no colour where none is wanted.
pub fn severity_style(severity: Severity, color: bool) -> Style {
    let style = match severity {
        Severity::Error => AnsiColor::BrightRed,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::BrightGreen,
    };
    bold(style.on_default(), color)
}

/// What a reader looks for first, such as a file's name.
pub(super) fn strong(color: bool) -> Style {
    bold(Style::new(), color)
}

fn bold(style: Style, color: bool) -> Style {
    if color { style.bold() } else { Style::new() }
}
