//! Every template and text under `fixtures/<rule>/` with what is found in it, and what `fix` makes of it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

use std::fmt::Write as _;
use std::path::Path;

use msi2imds::migrate::{Migration, Options, Source, migrate, migrate_text};
use msi2imds::rules::{Finding, Fix, Severity, Surroundings};
use msi2imds::text::{Decoded, LineIndex, apply, readable_diff_of_edits, unified_diff_of_edits};

#[test]
fn fixtures_are_found_and_fixed_as_their_snapshots_say() {
    insta::glob!("../../fixtures", "*/*.json", |path| {
        let text = outcome(path, &Options::default());
        insta::assert_snapshot!("fix", text);
    });
}

#[test]
fn unsafe_fixes_do_what_their_snapshots_say() {
    insta::glob!(
        "../../fixtures",
        "{identity-api-version,token-endpoint,msi-port}/*.json",
        |path| {
            let options = Options {
                unsafe_fixes: true,
                ..Options::default()
            };
            insta::assert_snapshot!("unsafe", outcome(path, &options));
        }
    );
}

/// Texts run beside a template with the extension, but for those whose name starts with `elsewhere-`.
#[test]
fn texts_are_found_and_fixed_as_their_snapshots_say() {
    insta::glob!("../../fixtures", "*/*.*", |path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.ends_with(".json") {
            return;
        }
        let surroundings = Surroundings {
            extension: !name.starts_with("elsewhere-"),
            ..Surroundings::default()
        };
        let options = Options {
            surroundings,
            ..Options::default()
        };
        let mut text = outcome_of_text(path, &options);
        let bold = Options {
            unsafe_fixes: true,
            ..options
        };
        if text.contains("fix: unsafe") {
            text.push_str("\n==== with unsafe fixes\n");
            text.push_str(&outcome_of_text(path, &bold));
        }
        insta::assert_snapshot!("text", text);
    });
}

#[test]
fn texts_that_end_anywhere_are_no_fault() {
    insta::glob!(
        "../../fixtures",
        "{token-endpoint,msi-port,imperative-install}/*.*",
        |path| {
            let name = path.file_name().unwrap().as_encoded_bytes();
            let whole = std::fs::read(path).unwrap();
            let options = Options {
                unsafe_fixes: true,
                ..Options::default()
            };
            for length in 0..whole.len() {
                let Some(migration) =
                    migrate_text(name, &Source::new("", &whole[..length]), &options)
                else {
                    return;
                };
                assert!(
                    migration.fault.is_none(),
                    "{} cut at {length}: {:?}",
                    path.display(),
                    migration.fault
                );
            }
        }
    );
}

/// As [`outcome`], for a file in another language.
fn outcome_of_text(path: &Path, options: &Options) -> String {
    let old = std::fs::read(path).unwrap();
    let name = path.file_name().unwrap().as_encoded_bytes();
    let migration = migrate_text(name, &Source::new("", &old), options).unwrap();
    if let Some(fault) = &migration.fault {
        panic!("{}: {fault}", path.display());
    }
    if let Some(fixed) = &migration.fixed {
        assert_ne!(fixed.bytes, old, "{}: a fix of nothing", path.display());
        assert_eq!(apply(&old, &fixed.edits).unwrap(), fixed.bytes);
        assert_eq!(ends(&fixed.bytes), ends(&old), "{}", path.display());
        let again = migrate_text(name, &Source::new("", &fixed.bytes), options).unwrap();
        assert!(again.fault.is_none() && again.fixed.is_none());
    }
    describe(path, &old, &migration)
}

#[test]
fn clean_fixtures_have_nothing_above_a_note_and_no_fix() {
    insta::glob!("../../fixtures", "clean/*.json", |path| {
        let migration = migrate(&std::fs::read(path).unwrap(), &Options::default());
        let loud: Vec<&Finding> = migration
            .findings
            .iter()
            .filter(|finding| finding.severity > Severity::Note)
            .collect();
        assert!(loud.is_empty(), "{loud:#?}");
        assert!(migration.fixed.is_none());
    });
}

#[test]
fn a_waiver_above_any_extension_keeps_it_and_nothing_breaks() {
    let mut waived = 0;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = walkdir::WalkDir::new(folder).sort_by_file_name();
    let files = files.into_iter().map(Result::unwrap);
    for file in files.filter(|file| file.path().extension().is_some_and(|end| end == "json")) {
        let path = file.path();
        let old = std::fs::read(path).unwrap();
        if Decoded::new(&old).is_utf16() {
            continue;
        }
        let roots = migrate(&old, &Options::default()).findings;
        let roots = roots.iter().filter(|finding| {
            let is_extension = ["vm-extension", "vmss-extension"].contains(&finding.rule.id);
            is_extension && finding.fix == Fix::Safe
        });
        for root in roots {
            let at = root.place.span.start;
            let (before, behind) = old.split_at(at);
            let words = format!("/* msi2imds: ignore[{}] a test */ ", root.rule.id);
            let text = [before, words.as_bytes(), behind].concat();
            let migration = migrate(&text, &Options::default());
            let name = format!("{} {}", path.display(), root.place.path);
            assert!(migration.fault.is_none(), "{name}: {:?}", migration.fault);
            let start = at + words.len();
            let hidden = migration.suppressed.iter();
            let hidden = hidden.filter(|one| one.finding.place.span.start == start);
            assert_eq!(hidden.count(), 1, "{name}");
            let told = migration.findings.iter();
            let told = told.filter(|finding| finding.place.span.start == start);
            assert_eq!(told.count(), 0, "{name}");
            waived += 1;
            let Some(fixed) = migration.fixed else {
                continue;
            };
            let is_there = |bytes: &[u8]| {
                let text = String::from_utf8_lossy(bytes);
                text.contains(words.trim_end())
            };
            assert!(is_there(&fixed.bytes), "{name}");
            let again = migrate(&fixed.bytes, &Options::default());
            assert!(again.fault.is_none() && again.fixed.is_none(), "{name}");
            assert!(!again.suppressed.is_empty(), "{name}");
        }
    }
    assert!(waived > 100, "{waived}");
}

/// What comes of one fixture, after the promises that hold for each were checked.
fn outcome(path: &Path, options: &Options) -> String {
    let old = std::fs::read(path).unwrap();
    let migration = migrate(&old, options);
    if let Some(fault) = &migration.fault {
        panic!("{}: {fault}", path.display());
    }
    assert!(migration.is_template, "{}", path.display());
    let text = describe(path, &old, &migration);
    if let Some(fixed) = &migration.fixed {
        assert_ne!(fixed.bytes, old, "{}: a fix of nothing", path.display());
        assert_eq!(
            apply(&old, &fixed.edits).unwrap(),
            fixed.bytes,
            "{}: edits and bytes differ",
            path.display()
        );
        assert_eq!(
            ends(&fixed.bytes),
            ends(&old),
            "{}: a byte order mark, line ends or the final newline changed",
            path.display()
        );
        let again = migrate(&fixed.bytes, options);
        assert!(again.fault.is_none(), "{}", path.display());
        assert!(
            again.fixed.is_none(),
            "{}: a second run is no no-op:\n{text}",
            path.display()
        );
    }
    text
}

/// What an editor's settings may change unseen: the byte order mark, and with it the encoding,
/// whether all lines end in CRLF, in LF or in CR, none does or some do, and the last line's end.
fn ends(file: &[u8]) -> (&'static [u8], [bool; 3], bool) {
    let marks = [&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\xfe\xff"];
    let mark = marks.into_iter().find(|mark| file.starts_with(mark));
    let decoded = Decoded::new(file);
    let text = String::from_utf8_lossy(decoded.text());
    let without_crlf = text.replace("\r\n", "");
    (
        mark.unwrap_or_default(),
        [
            without_crlf.len() < text.len(),
            without_crlf.contains('\n'),
            without_crlf.contains('\r'),
        ],
        text.ends_with(['\n', '\r']),
    )
}

fn describe(path: &Path, old: &[u8], migration: &Migration) -> String {
    let mut text = String::new();
    push_findings(&mut text, old, &migration.findings);
    let Some(fixed) = &migration.fixed else {
        text.push_str("\n== not changed\n");
        return text;
    };
    let name = path.file_name().unwrap().as_encoded_bytes();
    let patch = readable_diff_of_edits(name, old, &fixed.bytes, &fixed.edits)
        .unwrap_or_else(|| unified_diff_of_edits(name, old, &fixed.bytes, &fixed.edits));
    text.push_str("\n== patch\n");
    text.push_str(&visible(patch.bytes()));
    text.push_str("\n== left\n");
    push_findings(&mut text, &fixed.bytes, &fixed.remaining);
    text
}

fn push_findings(text: &mut String, source: &[u8], findings: &[Finding]) {
    let decoded = Decoded::new(source);
    let index = LineIndex::new(decoded.text());
    let position = |offset| {
        let offset = decoded.text_range(offset..offset).start;
        index.position(decoded.text(), offset)
    };
    for finding in findings {
        let at = position(finding.place.span.start);
        let end = position(finding.place.span.end);
        writeln!(
            text,
            "{}[{}] {}:{}-{}:{} {} {}",
            finding.severity.word(),
            finding.rule.id,
            at.line,
            at.column,
            end.line,
            end.column,
            finding.place.path,
            finding.message
        )
        .unwrap();
        for related in &finding.related {
            let at = position(related.place.span.start);
            writeln!(
                text,
                "  also {}:{} {} {}",
                at.line, at.column, related.place.path, related.message
            )
            .unwrap();
        }
        for help in &finding.help {
            writeln!(text, "  help: {help}").unwrap();
        }
        match &finding.fix {
            Fix::Safe => text.push_str("  fix: safe\n"),
            Fix::Unsafe => text.push_str("  fix: unsafe\n"),
            Fix::Held(reason) => writeln!(text, "  not fixed: {reason}").unwrap(),
            Fix::DisplayOnly => text.push_str("  fix: none\n"),
        }
    }
}

/// The patch with what a snapshot would normalise away, or an editor hide, made visible.
fn visible(patch: &[u8]) -> String {
    let mut text = String::new();
    for character in String::from_utf8_lossy(patch).chars() {
        match character {
            '\u{feff}' => text.push_str("<BOM>"),
            '\r' => text.push('␍'),
            '\t' => text.push('→'),
            '\u{a0}' => text.push('⍽'),
            '\n' => text.push('\n'),
            '\u{2028}' | '\u{2029}' => text.extend(character.escape_unicode()),
            control if control.is_control() => text.extend(control.escape_unicode()),
            plain => text.push(plain),
        }
    }
    text
}
