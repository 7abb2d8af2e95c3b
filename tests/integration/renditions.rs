//! Every template under `fixtures/` in other encodings, with other line ends and without the last:
//! what is found and what becomes of it is the same.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

use std::path::{Path, PathBuf};

use msi2imds::migrate::{Options, migrate};
use msi2imds::rules::{Finding, Place};
use msi2imds::text::{Decoded, LineIndex, Position, apply};

/// The fixtures that are text, by name, without a byte order mark.
fn texts() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name();
    let paths = entries.into_iter().map(|entry| entry.unwrap().into_path());
    paths
        .filter(|path| path.is_file() && path.extension().is_some_and(|end| end == "json"))
        .filter_map(|path| {
            let file = std::fs::read(&path).unwrap();
            let decoded = Decoded::new(&file);
            let text = std::str::from_utf8(decoded.text()).ok()?;
            let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
            (decoded.fault().is_none()).then_some((path, text))
        })
        .collect()
}

/// A finding without its offsets.
#[derive(Debug, PartialEq)]
struct Said {
    words: String,
    places: Vec<(String, String)>,
    positions: Vec<Position>,
}

fn said(file: &[u8], findings: &[Finding]) -> Vec<Said> {
    let decoded = Decoded::new(file);
    let index = LineIndex::new(decoded.text());
    let range = |place: &Place| decoded.text_range(place.span.clone());
    let all = |finding: &Finding| {
        let related = finding.related.iter().map(|related| related.place.clone());
        let places: Vec<Place> = std::iter::once(finding.place.clone())
            .chain(related)
            .collect();
        let labels: Vec<&String> = finding.related.iter().map(|at| &at.message).collect();
        Said {
            words: format!(
                "{} {} {:?} {:?} {:?}",
                finding.rule.id, finding.message, finding.help, finding.fix, labels
            ),
            places: places
                .iter()
                .map(|place| {
                    let shown = &decoded.text()[range(place)];
                    (place.path.clone(), String::from_utf8_lossy(shown).into())
                })
                .collect(),
            positions: places
                .iter()
                .map(|place| index.position(decoded.text(), range(place).start))
                .collect(),
        }
    };
    findings.iter().map(all).collect()
}

/// What comes of a file: the findings, the new text and what is left.
#[derive(Debug, PartialEq)]
struct Outcome {
    found: Vec<Said>,
    fixed: Option<(Vec<u8>, Vec<Said>)>,
}

#[track_caller]
fn outcome(file: &[u8]) -> Outcome {
    let migration = migrate(file, &Options::default());
    assert!(migration.is_template && migration.fault.is_none());
    let fixed = migration.fixed.map(|fixed| {
        assert_eq!(apply(file, &fixed.edits).as_ref(), Ok(&fixed.bytes));
        let left = said(&fixed.bytes, &fixed.remaining);
        (fixed.bytes, left)
    });
    Outcome {
        found: said(file, &migration.findings),
        fixed,
    }
}

#[test]
fn every_fixture_in_every_encoding() {
    let encodings: [fn(&str) -> Vec<u8>; 3] = [
        |text| text.as_bytes().to_vec(),
        |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        |text| text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ];
    let texts = texts();
    for (path, text) in &texts {
        let plain = outcome(text.as_bytes());
        for (number, encode) in encodings.iter().enumerate() {
            let file = |text: &str| encode(&format!("\u{feff}{text}"));
            let new = outcome(&file(text));
            let expected = plain.fixed.as_ref().map(|(bytes, _)| {
                let text = std::str::from_utf8(bytes).unwrap();
                file(text)
            });
            let which = format!("{}, encoding {number}", path.display());
            assert_eq!(new.found, plain.found, "{which}");
            let (bytes, left) = new.fixed.unzip();
            assert!(bytes == expected, "{which}: another text");
            assert_eq!(left.as_ref(), plain.fixed.as_ref().map(|(_, left)| left));
        }
    }
    assert!(texts.len() > 70, "{} fixtures", texts.len());
}

#[test]
fn every_fixture_with_every_line_end_and_without_the_last() {
    let mut texts = texts();
    texts.retain(|(_, text)| !text.contains('\r') && text.ends_with('\n'));
    for (path, text) in &texts {
        let plain = outcome(text.as_bytes());
        for (end, last) in [
            ("\n", ""),
            ("\r\n", "\r\n"),
            ("\r\n", ""),
            ("\r", "\r"),
            ("\r", ""),
        ] {
            let ended = |text: &str| {
                let text = text.strip_suffix('\n').unwrap();
                format!("{}{last}", text.replace('\n', end))
            };
            let words = |said: &[Said]| {
                let words = said.iter().map(|said| said.words.clone());
                words.collect::<Vec<_>>()
            };
            let new = outcome(ended(text).as_bytes());
            let which = format!("{}, {end:?} and {last:?}", path.display());
            assert_eq!(words(&new.found), words(&plain.found), "{which}");
            let (bytes, left) = new.fixed.unzip();
            let expected = plain.fixed.as_ref().map(|(bytes, _)| {
                let text = std::str::from_utf8(bytes).unwrap();
                ended(text)
            });
            let found = bytes.map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(found, expected, "{which}");
            let left = left.as_deref().map(words);
            assert_eq!(left, plain.fixed.as_ref().map(|(_, left)| words(left)));
        }
    }
    assert!(texts.len() > 70, "{} fixtures", texts.len());
}
