//! The comment in front of the commands: what comes before them, and what is not among them.
//!
//! Never knows a shell. Start at [`opening`].

use super::steps::{PlacedNote, Runbook};

/// What is said of machines whose names a template does not say.
pub(super) const FOUND_LIVE: &str = "The template does not say which: this prints the commands to \
                                     choose from, and removes nothing.";

/// The lines, without the shell's mark of a comment.
pub(super) fn opening(runbook: &Runbook) -> Vec<String> {
    let mut lines = vec![
        "Removes the managed identity VM extension from running machines: removing it from a \
         template leaves it there."
            .to_owned(),
        String::new(),
    ];
    if runbook.is_empty() {
        lines.push("There is nothing to remove.".to_owned());
    } else {
        lines.push(
            "1. Callers first: nothing on these machines may request \
             http://localhost:50342/oauth2/token any more."
                .to_owned(),
        );
        match (runbook.callers.is_empty(), runbook.files_read) {
            (false, _) => lines.extend(list_notes(&runbook.callers)),
            (true, true) => lines.push(
                "   The files that were read contain none; look on the machines and in other repositories too."
                    .to_owned(),
            ),
            (true, false) => lines.push("   No files were searched for them.".to_owned()),
        }
        lines.push("2. Then deploy the fixed templates.".to_owned());
        if !runbook.behind.is_empty() {
            lines.push(
                "   Azure refuses to remove an extension that another one names in provisionAfterExtensions. Until then, these do:"
                    .to_owned(),
            );
            lines.extend(list_notes(&runbook.behind));
        }
        lines.push(
            "3. Then run this script. It stops at the first error and can be run again: it skips \
             extensions that are already gone."
                .to_owned(),
        );
        lines.push(
            "   Extensions can be removed only from a running VM: start it first. If a machine no longer exists, remove its lines."
                .to_owned(),
        );
    }
    if !runbook.staying.is_empty() {
        lines.push(String::new());
        lines.push("Not in this script, since the templates keep it:".to_owned());
        lines.extend(list_notes(&runbook.staying));
    }
    if !runbook.notes.is_empty() {
        lines.push(String::new());
        lines.extend(runbook.notes.iter().map(|note| format!("Note: {note}")));
    }
    lines
}

fn list_notes(all: &[PlacedNote]) -> impl Iterator<Item = String> + '_ {
    all.iter()
        .map(|note| format!("   - {}: {}", note.place, note.message))
}
