//! Walks a folder, migrates each template in memory, and prints a table of what would change. Writes no
//! file.
//!
//! ```console
//! $ cargo run --example survey -- examples
//! ```

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use msi2imds::migrate::{Migration, Options, migrate};
use msi2imds::report::sanitize;
use msi2imds::rules::Fix;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or(".".into(), PathBuf::from);
    match survey(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn survey(folder: &Path) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "findings  held  edits  template")?;
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        let is_json = entry.path().extension().is_some_and(|it| it == "json");
        if !entry.file_type().is_file() || !is_json {
            continue;
        }
        let migration = migrate(&std::fs::read(entry.path())?, &Options::default());
        if migration.is_template {
            // A name may hold what a terminal acts on.
            let name = entry.path().to_string_lossy();
            writeln!(out, "{}  {}", row(&migration), sanitize(&name))?;
        }
    }
    Ok(())
}

/// The numbers of findings, of those whose fix is held, and of edits.
fn row(migration: &Migration) -> String {
    let findings = &migration.findings;
    let held = findings
        .iter()
        .filter(|finding| matches!(finding.fix, Fix::Held(_)));
    let edits = migration.fixed.as_ref().map_or(0, |it| it.edits.len());
    format!("{:8}  {:4}  {edits:5}", findings.len(), held.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_counts_findings_and_edits() {
        let template = include_bytes!("scale-set/azuredeploy.json");
        let migration = migrate(template, &Options::default());
        assert_eq!(row(&migration), "       1     0      2");
        let clean = migrate(
            br#"{"contentVersion": "1", "resources": []}"#,
            &Options::default(),
        );
        assert_eq!(row(&clean), "       0     0      0");
    }
}
