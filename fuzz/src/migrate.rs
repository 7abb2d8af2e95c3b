//! Any bytes as a template or as a text that names the extension: the promises about what comes of
//! them, whatever they mean. Start at [`check`].

use msi2imds::json::Document;
use msi2imds::migrate::{Fixed, Migration, Options, Source, migrate, migrate_text};
use msi2imds::rules::{IdentityPolicy, Surroundings};
use msi2imds::text::{Decoded, apply, unified_diff, unified_diff_of_edits};

use crate::patch::patched;
use crate::pieces;

/// The files that a text may be.
const NAMES: [&str; 8] = [
    "a.sh",
    "a.ps1",
    "a.py",
    "a.md",
    "a.yml",
    "a.tf",
    "a.bicep",
    "Dockerfile",
];

/// Migrates `data`, or the template that it picks, with the options that it picks.
///
/// # Panics
///
/// Where a promise is broken, or the gate refuses the result.
pub fn check(data: &[u8]) {
    let template = pieces::template(data);
    let source = template.as_deref().unwrap_or(data);
    let options = options(source);
    one(source, &options, &|bytes| Some(migrate(bytes, &options)));
    if template.is_none() {
        let name = NAMES[sum(data) % NAMES.len()];
        one(source, &options, &|bytes| {
            migrate_text(name.as_bytes(), &Source::new(name, bytes), &options)
        });
    }
}

pub(crate) fn sum(data: &[u8]) -> usize {
    data.iter().map(|byte| usize::from(*byte)).sum()
}

pub(crate) fn options(data: &[u8]) -> Options {
    let sum = sum(data);
    Options {
        unsafe_fixes: sum & 1 != 0,
        identity: match sum >> 2 & 3 {
            0 => IdentityPolicy::Report,
            _ => IdentityPolicy::default(),
        },
        surroundings: Surroundings {
            extension: sum & 16 != 0,
            ..Surroundings::default()
        },
        ..Options::default()
    }
}

fn one(source: &[u8], options: &Options, run: &dyn Fn(&[u8]) -> Option<Migration>) {
    let Some(migration) = run(source) else {
        return;
    };
    assert!(
        migration.fault.is_none(),
        "the gate refused with {options:?}: {:?}\n== from\n{}",
        migration.fault,
        String::from_utf8_lossy(source)
    );
    places(&migration, source);
    let Some(fixed) = &migration.fixed else {
        return;
    };
    bytes(source, fixed);
    if migration.is_template {
        json(source, fixed);
    }
    let again = run(&fixed.bytes).expect("what was read is read again");
    assert!(again.fault.is_none(), "the gate refused: {:?}", again.fault);
    if let Some(twice) = again.fixed {
        panic!(
            "a second run is no no-op with {options:?}\n== from\n{}\n== came\n{}\n== then\n{}",
            String::from_utf8_lossy(source),
            String::from_utf8_lossy(&fixed.bytes),
            String::from_utf8_lossy(&twice.bytes)
        );
    }
}

/// Findings are in the text.
pub(crate) fn places(migration: &Migration, source: &[u8]) {
    let check = |findings: &[msi2imds::rules::Finding], bytes: &[u8]| {
        for finding in findings {
            let related = finding.related.iter().map(|related| &related.place);
            for place in related.chain([&finding.place]) {
                let span = &place.span;
                assert!(
                    span.start <= span.end && span.end <= bytes.len(),
                    "{finding:?}"
                );
            }
            assert!(!finding.message.is_empty());
        }
    };
    check(&migration.findings, source);
    if let Some(fixed) = &migration.fixed {
        check(&fixed.remaining, &fixed.bytes);
    }
}

/// The edits and the patches give the bytes, and line ends and marks are as before.
pub(crate) fn bytes(source: &[u8], fixed: &Fixed) {
    assert_ne!(fixed.bytes, source, "a fix of nothing");
    assert_eq!(apply(source, &fixed.edits).as_ref(), Ok(&fixed.bytes));
    let name = b"template.json";
    for diff in [
        unified_diff(name, source, &fixed.bytes),
        unified_diff_of_edits(name, source, &fixed.bytes, &fixed.edits),
    ] {
        assert_eq!(patched(source, diff.bytes()), fixed.bytes, "the patch");
    }
    for mark in [&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\xfe\xff"] {
        assert_eq!(source.starts_with(mark), fixed.bytes.starts_with(mark));
    }
    assert_eq!(source.ends_with(b"\n"), fixed.bytes.ends_with(b"\n"));
    let crlf = |text: &[u8]| text.windows(2).filter(|pair| pair == b"\r\n").count();
    let lf = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count();
    if crlf(source) == 0 {
        assert_eq!(crlf(&fixed.bytes), 0, "CRLF came into a text without");
    } else if crlf(source) == lf(source) {
        assert_eq!(
            crlf(&fixed.bytes),
            lf(&fixed.bytes),
            "LF came into a text of CRLF"
        );
    }
}

/// A template stays one that parses, and strict JSON stays strict.
pub(crate) fn json(source: &[u8], fixed: &Fixed) {
    let decoded = Decoded::new(&fixed.bytes);
    let document = Document::parse(decoded.text());
    assert_eq!(document.errors(), [], "the result does not parse");
    assert!(msi2imds::arm::is_template(&document));
    let strict = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).is_ok();
    assert!(
        !strict(source) || strict(&fixed.bytes),
        "strict JSON is none any more"
    );
}
