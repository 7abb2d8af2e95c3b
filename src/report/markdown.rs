//! A run in Markdown: the body of a pull request, or the table that GitHub shows as a job's summary.
//!
//! What comes of a repository must not break a cell, nor become markup, a link, a mention or an image:
//! words that are more than letters are in `<code>`, where readers make no links and mentions, with
//! punctuation marks as entities, which are markup to none. Start at [`render`].

use std::collections::HashSet;
use std::io;

use super::content::Report;
use super::fixed_by::FixedBy;
use super::mermaid;
use super::overview::{Overview, counted};
use super::reported::{ReportedFinding, ReportedMachine};
use super::sanitize::{sanitize, sanitize_lines};
use crate::migrate::Picture;

const HEAD: &str = "| severity | place | rule | message | fix |\n|---|---|---|---|---|\n";
/// The body of a pull request takes 65,536 characters on GitHub.
const MOST_BYTES: usize = 64_000;
/// The machines that are drawn.
const MOST_DRAWN: usize = 20;

/// Writes the body of a pull request: what is done, what is left, what to do, and what changes.
pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let overview = Overview::new(report);
    let mut page = Page {
        text: String::new(),
        left_out: Vec::new(),
    };
    if !overview.machines.is_empty() {
        page.add("the machines", &machines(&overview));
    }
    if !overview.fixed.is_empty() {
        let mut text = "### Fixed elsewhere\n\n".to_owned();
        for (rule, number) in &overview.fixed {
            text.push_str(&format!("- `{rule}`: {number}\n"));
        }
        page.add("what was fixed", &text);
    }
    let mut findings = Vec::new();
    let room = MOST_BYTES.saturating_sub(page.text.len()) / 2;
    let has_other_parts = !page.text.is_empty();
    table(
        &mut findings,
        &Report {
            quiet: true,
            ..*report
        },
        room,
    )?;
    if !findings.is_empty() {
        if has_other_parts {
            let title = match report.has_applied() {
                true => "Left for you",
                false => "Findings",
            };
            page.text.push_str(&format!("### {title}\n\n"));
        }
        page.add("the findings", &String::from_utf8_lossy(&findings));
    }
    page.add("what to do", &to_do(report, &overview));
    if !report.commands.is_empty() {
        let commands = sanitize_lines(report.commands.as_bytes());
        let commands = String::from_utf8_lossy(&commands);
        let script = folded("The commands for machines that run", "sh", &commands);
        let text = format!("### On running machines afterwards\n\n{script}");
        page.add("the commands for machines that run", &text);
    }
    let place = |machine: &ReportedMachine| {
        let file = machine.location.region.file.clone();
        (file, machine.name.clone())
    };
    // A machine whose findings a waiver hides is not shown.
    let shown: HashSet<_> = overview
        .machines
        .iter()
        .map(|one| place(one.machine))
        .collect();
    let pictures = report.results.pictures.iter();
    let mut pictures = pictures.filter(|(machine, _)| shown.contains(&place(machine)));
    for (machine, picture) in pictures.by_ref().take(MOST_DRAWN) {
        if picture.nodes.len() > Picture::MOST_NODES {
            continue;
        }
        let title = code(&format!("{} {}", machine.kind.label(), machine.name));
        let chart = fenced("mermaid", &mermaid::flowchart(picture));
        let text = format!(
            "<details><summary>Order of deployment: {title}</summary>\n\n{chart}\n</details>\n"
        );
        page.add("pictures of machines", &text);
    }
    if pictures.next().is_some() {
        page.left_out.push("pictures of machines");
    }
    let diffs = report.results.files.iter().map(|file| &*file.diff);
    let diff = diffs.collect::<Vec<_>>().concat();
    if !diff.is_empty() {
        page.add(
            "the diff",
            // To read, not to apply: all lines end alike.
            &folded(
                "Diff",
                "diff",
                &String::from_utf8_lossy(&diff).replace("\r\n", "\n"),
            ),
        );
    }
    page.left_out.dedup();
    if !page.left_out.is_empty() {
        let parts = page.left_out.join(", ");
        page.text.push_str(&format!(
            "Left out, since a page takes no more: {parts}.\n\n"
        ));
    }
    out.write_all(page.text.as_bytes())?;
    if report.quiet {
        return Ok(());
    }
    // The summary is the program's own words, with commands in backticks.
    writeln!(out, "{}", report.summary)
}

/// A page that takes a bounded number of bytes.
struct Page {
    text: String,
    left_out: Vec<&'static str>,
}

impl Page {
    /// Adds a part, if there is room for it.
    fn add(&mut self, what: &'static str, part: &str) {
        if self.text.len() + part.len() > MOST_BYTES {
            self.left_out.push(what);
        } else if !part.is_empty() {
            self.text.push_str(part);
            self.text.push('\n');
        }
    }
}

fn machines(overview: &Overview<'_>) -> String {
    let mut text = format!(
        "### {}\n\n| machine | declared at | state | reason |\n|---|---|---|---|\n",
        counted(&overview.machines)
    );
    for one in &overview.machines {
        text.push_str(&format!(
            "| {} {} | {} | {} | {} |\n",
            one.machine.kind.label(),
            code(&one.machine.name),
            code(&one.place()),
            one.state.word(),
            prose(&one.reason())
        ));
    }
    text
}

/// What to check and to run before a deployment.
fn to_do(report: &Report<'_>, overview: &Overview<'_>) -> String {
    let mut text = String::new();
    for (advice, times) in overview.advice_lines() {
        text.push_str(&format!("- [ ] {}{times}\n", prose(advice)));
    }
    if !report.results.previews.is_empty() {
        text.push_str("- [ ] preview each deployment:\n\n");
        text.push_str(&fenced("sh", &report.results.previews.join("\n")));
    }
    match text.is_empty() {
        true => text,
        false => format!("### Before you deploy\n\n{text}"),
    }
}

fn folded(title: &str, language: &str, text: &str) -> String {
    format!(
        "<details><summary>{title}</summary>\n\n{}\n</details>\n",
        fenced(language, text)
    )
}

/// A block of code whose fence is longer than each run of backticks in it.
fn fenced(language: &str, text: &str) -> String {
    let runs = text.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or_default().max(2) + 1);
    format!(
        "{fence}{language}\n{}\n{fence}\n",
        text.trim_end_matches('\n')
    )
}

/// Writes the table for a page that takes `room` more bytes; what does not fit is counted.
///
/// # Errors
///
/// Those of `out`.
pub fn job_summary(out: &mut dyn io::Write, report: &Report<'_>, room: usize) -> io::Result<()> {
    let title = "### msi2imds\n\n";
    // What is below the table needs some of it.
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
    let fix = match (entry.fixed_by, entry.fix.action()) {
        (FixedBy::Hand, _) => FixedBy::Hand.command().to_owned(),
        (by, None) => format!("`{}`", by.command()),
        (by, Some(action)) => format!("`{}`: {}", by.command(), prose(action)),
    };
    format!(
        "| {} | {} | `{}` | {} | {fix} |\n",
        entry.severity.word(),
        code(&entry.location.region.place()),
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
