//! Migrates the files of a folder in memory, and prints a table of what would change. Writes no file, and uses
//! nothing but the library's small interface.
//!
//! ```console
//! $ cargo run --example survey -- examples
//! ```

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use msi2imds::{Fix, Migrator, Outcome};

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    match survey(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn survey(folder: &Path) -> std::io::Result<()> {
    let done = Migrator::default().folder(folder);
    let mut out = std::io::stdout().lock();
    writeln!(out, "findings  held  edits  file")?;
    for file in &done.files {
        // A name may hold what a terminal acts on.
        writeln!(out, "{}  {:?}", row(&file.outcome), file.path)?;
    }
    match done.errors.first() {
        Some(error) => Err(std::io::Error::other(error.clone())),
        None => Ok(()),
    }
}

/// The numbers of findings, of those whose fix is held, and of edits.
fn row(outcome: &Outcome) -> String {
    let findings = &outcome.findings;
    let held = findings
        .iter()
        .filter(|finding| matches!(finding.fix, Fix::Held(_)));
    let edits = outcome.fixed.as_ref().map_or(0, |fixed| fixed.edits.len());
    format!("{:8}  {:4}  {edits:5}", findings.len(), held.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_counts_findings_and_edits() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/scale-set");
        let done = Migrator::default().folder(&folder);
        assert!(done.errors.is_empty(), "{:?}", done.errors);
        let rows: Vec<String> = done.files.iter().map(|file| row(&file.outcome)).collect();
        assert_eq!(rows, ["       1     0      2"]);
        let diff = done.files[0].outcome.diff("a.json", &done.files[0].bytes);
        assert!(diff.starts_with(b"--- a/a.json"));
    }
}
