//! What was drawn of each finding, what is still to do, and the summary.

use std::io;

use super::content::Report;
use super::sanitize::sanitize;

/// Writes what was drawn, and the summary.
pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    for file in &report.results.files {
        if report.color {
            out.write_all(&file.drawing)?;
        } else {
            // All escapes in a drawing are those of its colors.
            for plain in anstream::adapter::strip_bytes(&file.drawing) {
                out.write_all(plain)?;
            }
        }
    }
    // What a person does elsewhere: no later run can say it, since the findings are gone.
    let files = report.results.files.iter().filter(|_| !report.quiet);
    let applied = files.flat_map(|file| &file.applied);
    let mut advice: Vec<&String> = applied.flat_map(|finding| &finding.help).collect();
    advice.sort_unstable();
    advice.dedup();
    for text in advice {
        writeln!(out, "still to do: {}", sanitize(text))?;
    }
    report.write_summary_of_listed(out)
}
