//! A run as a table in Markdown, which GitHub shows as a job's summary.
//!
//! What comes of a repository must not break a cell, nor become markup, a link, a mention or an image:
//! words that are more than letters stand in `<code>`, where readers make no links and mentions, with
//! punctuation marks as entities, which are markup to none. Start at [`render`].

use std::io;

use super::content::Report;
use super::fixed_by::FixedBy;
use super::reported::ReportedFinding;
use super::sanitize::sanitize;

const HEAD: &str = "| severity | place | rule | message | fix |\n|---|---|---|---|---|\n";

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    table(out, report, usize::MAX)
}

/// Writes the table for a page that takes `room` more bytes; what does not fit is counted.
///
/// # Errors
///
/// Those of `out`.
pub fn job_summary(out: &mut dyn io::Write, report: &Report<'_>, room: usize) -> io::Result<()> {
    let title = "### msi2imds\n\n";
    // What stands below the table needs some of it.
    let room = room.saturating_sub(title.len() + 1000);
    write!(out, "{title}")?;
    table(out, report, room)?;
    writeln!(out)
}

fn table(out: &mut dyn io::Write, report: &Report<'_>, mut room: usize) -> io::Result<()> {
    let findings = report.worst_first();
    let mut left = findings.len();
    if left > 0 {
        write!(out, "{HEAD}")?;
    }
    for entry in findings {
        let row = row(entry);
        if row.len() > room {
            break;
        }
        room -= row.len();
        left -= 1;
        write!(out, "{row}")?;
    }
    if left > 0 {
        writeln!(out, "\n{left} more findings do not fit here.")?;
    }
    if report.quiet {
        return Ok(());
    }
    if report.findings().next().is_some() {
        writeln!(out)?;
    }
    // The summary is the program's own words, with commands in backticks.
    writeln!(out, "{}", report.summary)
}

fn row(entry: &ReportedFinding) -> String {
    let region = &entry.location.region;
    let place = format!(
        "{}:{}:{}",
        region.name(),
        region.start.line,
        region.start.column
    );
    let fix = match entry.fixed_by {
        FixedBy::Fix => "`fix`",
        FixedBy::UnsafeFixes => "`fix --unsafe-fixes`",
        FixedBy::Hand => "by hand",
    };
    format!(
        "| {} | {} | `{}` | {} | {fix} |\n",
        entry.severity.word(),
        code(&place),
        entry.rule.id,
        prose(&entry.message)
    )
}

/// A sentence that may hold names of a repository.
fn prose(text: &str) -> String {
    let text = sanitize(text);
    let words: Vec<String> = text.split(' ').map(word).collect();
    words.join(" ")
}

/// A word as it is, if it can be nothing but a word.
fn word(text: &str) -> String {
    let letters = text.trim_end_matches([',', ';', ':', '.']);
    let ends = text.len() - letters.len() <= 1;
    let is_plain = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '\'');
    // GitHub links what may be the hash of a commit.
    let may_be_hash = letters.len() >= 7 && letters.chars().all(|c| c.is_ascii_hexdigit());
    let starts = letters.starts_with(|c: char| c.is_ascii_alphabetic());
    if text.is_empty() || (ends && starts && letters.chars().all(is_plain) && !may_be_hash) {
        text.to_owned()
    } else {
        code(text)
    }
}

fn code(text: &str) -> String {
    let mut code = String::from("<code>");
    for character in sanitize(text).chars() {
        // Within a line, these start nothing.
        let is_plain = matches!(character, '/' | '-' | ',');
        if character.is_ascii_punctuation() && !is_plain {
            code.push_str(&format!("&#{};", u32::from(character)));
        } else {
            code.push(character);
        }
    }
    code.push_str("</code>");
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_readable_and_all_else_is_code() {
        for (raw, written) in [
            (
                "the machine's identity, read-only.",
                "the machine's identity, read-only.",
            ),
            ("see @octocat", "see <code>&#64;octocat</code>"),
            ("a | b", "a <code>&#124;</code> b"),
            ("www.x.y", "<code>www&#46;x&#46;y</code>"),
            ("deadbeef", "<code>deadbeef</code>"),
            ("ends...", "<code>ends&#46;&#46;&#46;</code>"),
            ("GH-12", "<code>GH-12</code>"),
            ("a  b", "a  b"),
        ] {
            assert_eq!(prose(raw), written);
        }
    }
}
