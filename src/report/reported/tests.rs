use std::ops::Range;

use super::super::location::Spot;
use super::*;
use crate::migrate::{Options, migrate};
use crate::rules::{REGISTRY, Related};

const TEMPLATE: &str = r#"{"contentVersion": "1", "resources": [ /* 😀 */
  {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
    "properties": {"publisher": "Microsoft.ManagedIdentity",
      "type": "ManagedIdentityExtensionForLinux"}}]}"#;

fn results(file: &[u8], wanted: Needs) -> Results {
    let migration = migrate(file, &Options::default());
    let outcome = Outcome {
        migration: &migration,
        stage: Stage::Proposed,
    };
    wanted.results(&[outcome], &[SourceText::new(b"a.json", file)], &[])
}

#[test]
fn a_file_in_utf16_has_the_lines_of_its_text_and_its_own_bytes() {
    let wanted = Needs {
        change: true,
        ..Needs::default()
    };
    let plain = results(TEMPLATE.as_bytes(), wanted);
    let units = std::iter::once(0xfeff).chain(TEMPLATE.encode_utf16());
    let file: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
    let wide = results(&file, wanted);
    let (narrow, broad) = (
        &plain.files[0].findings[0].location.region,
        &wide.files[0].findings[0].location.region,
    );
    let position = |spot: Spot| (spot.line, spot.column);
    assert_eq!(position(narrow.start), position(broad.start));
    assert_eq!(position(narrow.end), position(broad.end));
    let start = TEMPLATE.find("\"publisher\"").unwrap();
    assert_eq!(position(narrow.start), (3, 20));
    assert_eq!(narrow.start.offset, start);
    // In front of it a character of four bytes takes four in UTF-16 too.
    assert_eq!(broad.start.offset, 2 + 2 * (start - 4) + 4);
    assert_eq!(plain.changes[0][0].content, wide.changes[0][0].content);
}

#[test]
fn what_no_format_asks_for_is_not_kept() {
    let results = results(TEMPLATE.as_bytes(), Needs::default());
    let file = &results.files[0];
    assert!(file.drawing.is_empty() && results.changes.is_empty());
    assert!(file.change.is_none() && file.findings[0].is_in_change);
}

/// A finding at `span` of a file, and its twin in the other one.
fn finding(source: usize, span: Range<usize>, fix: Fix) -> Finding {
    let place = |source| Place {
        source,
        span: span.clone(),
        path: String::new(),
    };
    Finding::new(REGISTRY[0], place(source), "m")
        .with_related([Related::new(place(1 - source), "r")])
        .with_fix(fix)
}

/// What was found, with the edits of the result and what it leaves.
fn migration(findings: &[Finding], fixed: Option<(&[Edit], &[Finding])>) -> Migration {
    let fixed = fixed.map(|(edits, remaining)| {
        let mut fixed = Fixed::of(Vec::new(), edits.to_vec());
        fixed.remaining = remaining.to_vec();
        fixed
    });
    Migration {
        findings: findings.to_vec(),
        fixed,
        ..Migration::default()
    }
}

fn lines(entry: &ReportedFinding) -> [(String, usize); 2] {
    [&entry.location, &entry.related[0].location].map(|location| {
        (
            location.region.name().into_owned(),
            location.region.start.line,
        )
    })
}

#[test]
fn places_count_in_the_bytes_of_their_own_file_before_and_after() {
    let old = [
        SourceText::new(b"a", b"\n\n\n"),
        SourceText::new(b"b", b"xx\n"),
    ];
    let new = [
        SourceText::new(b"a", b"xxx"),
        SourceText::new(b"b", b"\n\n\n"),
    ];
    let findings = [finding(0, 2..3, Fix::Safe("fixes it".into()))];
    let leftovers = [finding(1, 2..3, Fix::DisplayOnly)];
    let edits = [Edit::deletion(0..1)];
    let both = [
        migration(&findings, Some((&edits, &[]))),
        migration(&[], Some((&edits, &leftovers))),
    ];
    let outcomes = both.each_ref().map(|migration| Outcome {
        migration,
        stage: Stage::Written,
    });
    let wanted = Needs {
        drawing: Some(Canvas::default()),
        change: true,
        ..Needs::default()
    };
    let results = wanted.results(&outcomes, &old, &new);
    let place = |file: &str, line| (file.to_owned(), line);
    let [first, second] = results.files.as_slice() else {
        panic!("{results:?}");
    };
    assert_eq!(lines(&first.applied[0]), [place("a", 3), place("b", 1)]);
    assert!(first.findings.is_empty() && first.drawing.is_empty());
    assert_eq!(lines(&second.findings[0]), [place("b", 3), place("a", 1)]);
    let drawing = String::from_utf8(second.drawing.clone()).unwrap();
    assert!(drawing.contains("--> b:3:1\n") && drawing.contains("--> a:1:3\n"));
    assert_eq!((first.change, second.change), (Some(0), Some(0)));
    assert_eq!(results.changes[0].len(), 2);
}

#[test]
fn a_file_that_could_not_be_written_keeps_its_findings_and_its_edits_are_none() {
    let pages = || {
        [
            SourceText::new(b"a", b"1\n2\n"),
            SourceText::new(b"b", b"1\n2\n"),
        ]
    };
    let edits = [Edit::deletion(0..1)];
    let (first, second) = (
        [finding(0, 2..3, Fix::Safe("fixes it".into()))],
        [finding(1, 2..3, Fix::Safe("fixes it".into()))],
    );
    let first = migration(&first, Some((&edits, &[])));
    let second = migration(&second, Some((&edits, &[])));
    let outcomes = [(&first, Stage::Written), (&second, Stage::Unwritten)];
    let outcomes = outcomes.map(|(migration, stage)| Outcome { migration, stage });
    let wanted = Needs {
        change: true,
        ..Needs::default()
    };
    let results = wanted.results(&outcomes, &pages(), &pages());
    assert_eq!(results.files[0].applied.len(), 1);
    assert!(results.files[1].applied.is_empty());
    assert!(!results.files[1].findings[0].is_in_change);
    let names: Vec<_> = results.changes[0]
        .iter()
        .map(|edit| edit.region.name())
        .collect();
    assert_eq!(names, ["a"]);
}

#[test]
fn sets_that_overlap_by_name_are_told_by_name_with_their_own_changes() {
    let set = |names: [&[u8]; 2]| {
        let pages = names.map(|name| SourceText::new(name, b"1\n2\n"));
        let edits = [Edit::deletion(0..1)];
        let findings = [
            finding(0, 0..1, Fix::Safe("fixes it".into())),
            finding(1, 0..1, Fix::Safe("fixes it".into())),
        ];
        let both = [0, 1].map(|index| migration(&findings[index..=index], Some((&edits, &[]))));
        let outcomes = both.each_ref().map(|migration| Outcome {
            migration,
            stage: Stage::Proposed,
        });
        let wanted = Needs {
            change: true,
            ..Needs::default()
        };
        wanted.results(&outcomes, &pages, &[])
    };
    let all: Results = [set([b"a", b"c"]), set([b"d", b"b"])].into_iter().collect();
    let shown: Vec<_> = all
        .files
        .iter()
        .map(|file| (&*file.file, file.change))
        .collect();
    let expected: [(&[u8], Option<usize>); 4] = [
        (b"a", Some(0)),
        (b"b", Some(1)),
        (b"c", Some(0)),
        (b"d", Some(1)),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn a_removal_is_in_front_of_its_repairs_wherever_they_are() {
    let rule = |id| crate::rules::rule(id).unwrap();
    let of = |id, span: Range<usize>, related: &[usize]| {
        let mut finding = finding(0, span, Fix::Safe("fixes it".into()));
        finding.rule = rule(id);
        let to = finding.related.remove(0);
        finding.related = related
            .iter()
            .map(|start| Related {
                place: Place {
                    source: 0,
                    span: *start..*start + 1,
                    path: String::new(),
                },
                ..to.clone()
            })
            .collect();
        finding
    };
    let findings = [
        of("missing-identity", 1..2, &[]),
        of("lookalike", 3..4, &[]),
        of("vm-extension", 5..6, &[1]),
        of("missing-identity", 7..8, &[]),
    ];
    let ordered = removals_first(&findings);
    let starts = ordered.iter().map(|finding| finding.place.span.start);
    assert_eq!(starts.collect::<Vec<_>>(), [5, 1, 3, 7]);
}
