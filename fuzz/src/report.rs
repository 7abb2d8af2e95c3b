//! Any text on its way into a report: nothing that a terminal, an agent or a runner obeys comes through,
//! and what machines read is what they can read. Start at [`check`].

use msi2imds::migrate::{Options, migrate};
use msi2imds::report::{
    FORMATS, Format, Needs, Outcome, Report, STATISTICS, SourceText, Stage, Summary, sanitize,
    sanitize_lines, sanitize_mapped,
};
use msi2imds::rules::{Finding, Fix, Place, REGISTRY, Related, Severity};

/// Characters that must not be printed as they are, beside those that control.
const HIDDEN: [std::ops::RangeInclusive<char>; 8] = [
    '\u{ad}'..='\u{ad}',
    '\u{61c}'..='\u{61c}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
    '\u{fff9}'..='\u{fffb}',
    '\u{e0000}'..='\u{e007f}',
];

/// Takes `data` apart at each 0xff: a file, its name, and texts of findings in it.
///
/// # Panics
///
/// Where something comes through, or a report cannot be read.
pub fn check(data: &[u8]) {
    lines(data);
    let mut parts = data.split(|byte| *byte == 0xff);
    let file = parts.next().unwrap_or_default();
    let name = parts.next().unwrap_or(b"a.json");
    let texts: Vec<String> = parts
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .collect();
    let mut migration = migrate(file, &Options::default());
    migration.findings.extend(
        texts
            .chunks(3)
            .zip(0..16)
            .map(|(texts, at)| finding(file, texts, at)),
    );
    let outcome = Outcome {
        migration: &migration,
        stage: Stage::Proposed,
    };
    let wanted = Needs {
        drawing: Some(msi2imds::report::Canvas::default()),
        change: true,
        unsafe_fixes: data.len() % 2 == 1,
        notes: true,
        pictures: true,
    };
    let results = wanted.results(&[outcome], &[SourceText::new(name, file)], &[]);
    let mut summary = Summary::default();
    summary.count(&results);
    let report = Report {
        results: &results,
        summary,
        folder: b"infra/",
        threshold: Severity::Warning,
        has_errors: false,
        quiet: data.len().is_multiple_of(3),
        include_suppressed: true,
        color: false,
        by_machine: true,
        commands: "",
        lists_notes: data.len() % 2 == 1,
    };
    for format in FORMATS.into_iter().chain([&STATISTICS]) {
        let mut out = Vec::new();
        (format.render)(&mut out, &report).expect("memory takes all");
        written(format, &report, out);
    }
}

/// A finding with these texts, somewhere in the file.
fn finding(file: &[u8], texts: &[String], at: usize) -> Finding {
    let text = |index: usize| texts.get(index).cloned().unwrap_or_default();
    let start = (file.len() * at / 16).min(file.len());
    let place = Place {
        source: 0,
        span: start..(start + at * 7).min(file.len()),
        path: format!("$['{}']", text(1).replace('\'', "\\'")),
    };
    let rule = REGISTRY[at * 5 % REGISTRY.len()];
    let related = Related {
        place: Place {
            span: 0..start,
            ..place.clone()
        },
        message: text(1),
    };
    Finding {
        rule,
        severity: [Severity::Error, Severity::Warning, Severity::Note][at % 3],
        message: text(0),
        place,
        related: vec![related],
        help: vec![text(2), text(0)],
        fix: match at % 4 {
            0 => Fix::Held(msi2imds::rules::HoldCode::Order.because(text(2))),
            1 => Fix::Unsafe(text(1).into()),
            2 => Fix::DisplayOnly,
            _ => Fix::Safe(text(2).into()),
        },
        machine: None,
        suppressed: None,
    }
}

/// The sanitizer alone.
fn lines(data: &[u8]) {
    let clean = sanitize_lines(data);
    let text = std::str::from_utf8(&clean).expect("what is clean is UTF-8");
    for line in text.split('\n') {
        harmless("lines", line.strip_suffix('\r').unwrap_or(line));
    }
    let count = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(count(data), count(&clean), "lines came or went");
    assert_eq!(sanitize_lines(&clean), clean, "a second time changes more");
    for line in data.split(|byte| *byte == b'\n').take(64) {
        let (clean, map) = sanitize_mapped(line);
        harmless("mapped", &clean);
        let mut behind = 0;
        for offset in 0..=line.len() {
            let at = map.get(offset);
            assert!(behind <= at && clean.is_char_boundary(at) || is_inside(line, offset));
            behind = behind.max(at);
        }
        assert_eq!(map.get(line.len()), clean.len());
        if let Ok(line) = std::str::from_utf8(line) {
            assert_eq!(sanitize(line), clean);
            assert_eq!(sanitize(&clean), clean);
        }
    }
}

/// Whether `offset` is within a character.
fn is_inside(line: &[u8], offset: usize) -> bool {
    line.get(offset).is_some_and(|byte| byte & 0xc0 == 0x80)
}

/// Reads a line as a terminal, Azure's agent and GitHub's runner do.
fn harmless(what: &str, line: &str) {
    seen(what, line);
    let lower = line.to_ascii_lowercase();
    assert!(
        !lower.contains("##vso[") && !lower.contains("##["),
        "{what}: {line:?}"
    );
    assert!(!line.trim_start().starts_with("::"), "{what}: {line:?}");
}

/// Nothing in a line controls or hides.
fn seen(what: &str, line: &str) {
    let hides = |c: char| HIDDEN.iter().any(|range| range.contains(&c));
    let bad = line
        .chars()
        .find(|c| (c.is_control() && *c != '\t') || hides(*c));
    assert_eq!(bad, None, "{what}: {line:?}");
}

/// One report.
fn written(format: &Format, report: &Report<'_>, out: Vec<u8>) {
    let text = String::from_utf8(out).expect("a report is UTF-8");
    let name = format.name;
    let count = report.findings().count();
    let summary = usize::from(!report.quiet);
    let lines: Vec<&str> = text.lines().collect();
    match name {
        "github" => {
            assert_eq!(lines.len(), count + summary, "{text}");
            for line in &lines[..count] {
                let starts = ["::error ", "::warning ", "::notice "];
                assert!(
                    starts.iter().any(|start| line.starts_with(start)),
                    "{line:?}"
                );
                seen(name, line);
                assert!(!line.to_ascii_lowercase().contains("##vso["), "{line:?}");
            }
        }
        "azure" => {
            assert_eq!(lines.len(), count + summary, "{text}");
            for line in &lines {
                match line.strip_prefix("##vso[task.logissue ") {
                    Some(rest) => {
                        assert_eq!(rest.matches(']').count(), 1, "{line:?}");
                        harmless(name, rest);
                    }
                    None => harmless(name, line),
                }
            }
        }
        "junit" => {
            let read = roxmltree::Document::parse(&text);
            let read = read.unwrap_or_else(|error| panic!("{error}: {text}"));
            drop(read);
            text.lines().for_each(|line| harmless(name, line));
        }
        "json" | "sarif" | "gitlab" => {
            value(&text);
            text.lines().for_each(|line| harmless(name, line));
        }
        "jsonl" => {
            for line in &lines {
                value(line);
                harmless(name, line);
            }
        }
        _ => lines.iter().for_each(|line| harmless(name, line)),
    }
    if name == "concise" {
        let notes = report
            .findings()
            .filter(|one| one.severity == Severity::Note && !report.lists_notes);
        assert_eq!(lines.len(), count - notes.count() + summary, "{text}");
    }
    assert!(
        !text.contains('\r') && (text.is_empty() || text.ends_with('\n')),
        "{name}: {}",
        &text[text.len().saturating_sub(200)..]
    );
}

fn value(text: &str) {
    let read: Result<serde_json::Value, _> = serde_json::from_str(text);
    read.unwrap_or_else(|error| panic!("{error}: {text}"));
}
