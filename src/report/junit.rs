//! A run as test results in the XML of JUnit, as Jenkins, GitLab and Azure Pipelines read it.
//!
//! A file is a suite, a finding a test case; what is at or above `--fail-on` is a failure. There is no
//! time in it: two runs give the same bytes. Start at [`render`].

use std::io;

use super::concise;
use super::content::Report;
use super::reported::ReportedFinding;
use super::sanitize::sanitize;

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let entries: Vec<&ReportedFinding> = report.findings().collect();
    let fails = |entry: &&&ReportedFinding| entry.severity >= report.threshold;
    let name = env!("CARGO_PKG_NAME");
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    let failures = entries.iter().filter(fails).count();
    // A suite without a test is a failure to some readers.
    let tests = entries.len().max(1);
    writeln!(
        out,
        r#"<testsuites name="{name}" tests="{tests}" failures="{failures}" errors="0">"#
    )?;
    if entries.is_empty() {
        writeln!(
            out,
            r#"  <testsuite name="{name}" tests="1" failures="0" errors="0">"#
        )?;
        writeln!(
            out,
            r#"    <testcase classname="{name}" name="no findings"/>"#
        )?;
        writeln!(out, "  </testsuite>")?;
    }
    let file = |entry: &ReportedFinding| std::sync::Arc::clone(&entry.location.region.file);
    for entries in entries.chunk_by(|one, next| file(one) == file(next)) {
        let Some(first) = entries.first() else {
            continue;
        };
        let suite = attribute(&first.location.region.name());
        let failures = entries.iter().filter(fails).count();
        writeln!(
            out,
            r#"  <testsuite name="{suite}" tests="{}" failures="{failures}" errors="0">"#,
            entries.len()
        )?;
        for entry in entries {
            test_case(out, entry, fails(&entry))?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn test_case(out: &mut dyn io::Write, entry: &ReportedFinding, fails: bool) -> io::Result<()> {
    let region = &entry.location.region;
    let class = attribute(&region.name());
    let name = attribute(&format!(
        "{} at {}:{}",
        entry.rule.id, region.start.line, region.start.column
    ));
    writeln!(out, r#"    <testcase classname="{class}" name="{name}">"#)?;
    let body = body(entry);
    if fails {
        let (kind, message) = (entry.severity.word(), attribute(&entry.message));
        writeln!(
            out,
            r#"      <failure type="{kind}" message="{message}">{body}</failure>"#
        )?;
    } else {
        writeln!(out, "      <system-out>{body}</system-out>")?;
    }
    writeln!(out, "    </testcase>")
}

/// All there is to say, on lines of its own.
fn body(entry: &ReportedFinding) -> String {
    let path = &entry.location.path;
    let path = (!path.is_empty()).then(|| format!("path: {path}"));
    let lines: Vec<String> = std::iter::once(concise::line(entry))
        .chain(path)
        .chain(entry.advice())
        .map(|line| escaped(&line))
        .collect();
    lines.join("\n")
}

/// The text of an attribute, in double quotes.
fn attribute(text: &str) -> String {
    // A reader makes spaces of tabs.
    escaped(text).replace('"', "&quot;").replace('\t', "&#9;")
}

/// One line as the text of an element. What XML allows in no form becomes a visible escape.
fn escaped(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    for character in sanitize(line).chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '\u{fffe}' | '\u{ffff}' => text.extend(character.escape_unicode()),
            plain => text.push(plain),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_does_not_allow_is_shown() {
        assert_eq!(
            escaped("\0\u{b}\u{1b}\u{85}\u{fffe}\u{ffff}\u{1f600}\u{fffd}"),
            "\\u{0}\\u{b}\\u{1b}\\u{85}\\u{fffe}\\u{ffff}\u{1f600}\u{fffd}"
        );
        assert_eq!(
            attribute("<a b=\"c\">&'\t]]>"),
            "&lt;a b=&quot;c&quot;&gt;&amp;'&#9;]]&gt;"
        );
    }
}
