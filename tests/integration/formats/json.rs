//! `json` and `jsonl`: their places are where they say, and their edits make what `fix` writes.

use serde_json::Value;

use super::{Inputs, list, number, schema, text};

/// The line and column of a byte, counted the plain way.
fn position(file: &[u8], offset: usize) -> (usize, usize) {
    let before = String::from_utf8(file[..offset].to_vec()).unwrap();
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].encode_utf16().count() + 1)
}

fn assert_place(inputs: &Inputs, place: &Value) {
    let file = inputs.read(text(place, "file"));
    for end in ["start", "end"] {
        let end = &place[end];
        let expected = position(&file, number(end, "offset"));
        assert_eq!(
            (number(end, "line"), number(end, "column")),
            expected,
            "{place}"
        );
    }
    assert!(number(&place["start"], "offset") <= number(&place["end"], "offset"));
}

#[test]
fn lines_columns_and_offsets_are_of_one_place() {
    let inputs = Inputs::new();
    let report = inputs.json(&["check", "--unsafe-fixes"]);
    assert_eq!(list(&report, "findings").len(), 6);
    for finding in list(&report, "findings") {
        assert_place(&inputs, &finding["location"]);
        for related in list(finding, "related") {
            assert_place(&inputs, &related["location"]);
        }
    }
    for change in list(&report, "changes") {
        for edit in list(change, "edits") {
            assert_place(&inputs, edit);
        }
    }
}

/// What the changes make of the files, applied from the last edit to the first.
fn apply(inputs: &Inputs, report: &Value) {
    for change in list(report, "changes") {
        for edit in list(change, "edits").iter().rev() {
            let name = text(edit, "file");
            let mut file = inputs.read(name);
            let range = number(&edit["start"], "offset")..number(&edit["end"], "offset");
            let bytes = match &edit["text"] {
                Value::String(text) => text.clone().into_bytes(),
                _ => list(edit, "bytes")
                    .iter()
                    .map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap())
                    .collect(),
            };
            file.splice(range, bytes);
            inputs.write(name, &file);
        }
    }
}

#[test]
fn the_edits_make_what_fix_writes() {
    // The removal from a machine that would have no tokens then is unsafe.
    for (flags, count) in [(&[][..], 2), (&["--unsafe-fixes"], 3)] {
        let (by_edits, by_fix) = (Inputs::new(), Inputs::new());
        // What moves within a file that is not UTF-8 is given as bytes.
        for inputs in [&by_edits, &by_fix] {
            let name = "apps/edge-passes-on.json";
            let text = String::from_utf8(inputs.read(name)).unwrap();
            let mut bytes = text.replace("\"otter\"", "\"ott@r\"").into_bytes();
            bytes
                .iter_mut()
                .filter(|byte| **byte == b'@')
                .for_each(|byte| *byte = 0xff);
            inputs.write("apps/not-utf-8.json", &bytes);
        }
        for command in ["check", "diff"] {
            let report = by_edits.json(&[&[command], flags].concat());
            assert_eq!(list(&report, "changes").len(), count);
            if command == "diff" {
                apply(&by_edits, &report);
            }
        }
        let applied = by_fix.json(&[&["fix"], flags].concat());
        assert_eq!(list(&applied, "changes").len(), count);
        for name in [
            "apps/edge-passes-on.json",
            "apps/not-utf-8.json",
            "apps/held-by-an-output.json",
            "apps/old, 50% raised.json",
        ] {
            assert_eq!(by_edits.read(name), by_fix.read(name), "{name}");
        }
    }
}

#[test]
fn a_finding_names_the_change_that_fixes_it() {
    let inputs = Inputs::new();
    for (flags, expected) in [
        (&["check"][..], [Some(0), None, None, None, None, None]),
        (
            &["check", "--unsafe-fixes"],
            [Some(0), None, None, Some(1), Some(1), None],
        ),
    ] {
        let report = inputs.json(flags);
        let changes: Vec<Option<u64>> = list(&report, "findings")
            .iter()
            .map(|finding| finding["fix"]["change"].as_u64())
            .collect();
        assert_eq!(changes, expected);
    }
}

#[test]
fn real_output_is_as_the_schema_says() {
    let inputs = Inputs::new();
    inputs.write(
        "not-utf-8.json",
        b"{\"resources\": [], \xff\"Microsoft.ManagedIdentity\"",
    );
    let schema: Value = serde_json::from_str(&inputs.run(&["schema"])).unwrap();
    assert_eq!(inputs.run(&["schema", "report"]), inputs.run(&["schema"]));
    for arguments in [
        &["check"][..],
        &["check", "--unsafe-fixes"],
        &["check", "--quiet", "--select", "lookalike"],
        &["diff"],
        &["fix", "--unsafe-fixes"],
    ] {
        schema::assert_valid(&schema, &inputs.json(arguments));
    }
}

#[test]
fn each_line_of_jsonl_is_a_part_of_json() {
    let inputs = Inputs::new();
    for command in ["check", "fix"] {
        let copy = Inputs::new();
        let lines = copy.run(&[command, "--output-format", "jsonl"]);
        let lines: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let report = inputs.json(&[command]);
        for (kind, name) in [
            ("finding", "findings"),
            ("applied", "applied"),
            ("change", "changes"),
        ] {
            let of_kind: Vec<Value> = lines
                .iter()
                .filter(|line| line["type"] == kind)
                .map(|line| bare(line, &["type", "schema"]))
                .collect();
            assert_eq!(of_kind, list(&report, name), "{command} {kind}");
        }
        let summary = lines.last().unwrap();
        assert_eq!(summary["type"], "summary");
        assert_eq!(
            bare(summary, &["type", "schema", "tool"]),
            report["summary"]
        );
        assert!(lines.iter().all(|line| line["schema"] == 1));
    }
}

fn bare(line: &Value, without: &[&str]) -> Value {
    let mut line = line.clone();
    line.as_object_mut()
        .unwrap()
        .retain(|name, _| !without.contains(&name.as_str()));
    line
}

#[test]
fn output_is_the_same_whatever_the_number_of_threads_is() {
    let inputs = Inputs::new();
    for number in 0..40 {
        let text = inputs.read("apps/edge-passes-on.json");
        inputs.write(&format!("many/{number}.json"), &text);
    }
    for format in [
        "json", "jsonl", "sarif", "github", "azure", "junit", "gitlab", "markdown",
    ] {
        let run = |jobs| inputs.run(&["check", "--output-format", format, "-j", jobs]);
        assert_eq!(run("1"), run("5"), "{format}");
    }
}
