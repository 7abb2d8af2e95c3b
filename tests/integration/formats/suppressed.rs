//! What waivers and the baseline hide, and what there is to say of these themselves, in every format.

use serde_json::Value;

use super::{Inputs, list, number, schema, text};

/// A template with an extension that a waiver waives, one that the baseline knows and one that is told,
/// beside a waiver of each kind that says something, and a baseline with an entry too many.
fn inputs() -> Inputs {
    let entry = |name: &str, more: &str| {
        format!(
            r#"    {{
      "type": "Microsoft.Compute/virtualMachines/extensions",
      "apiVersion": "2019-07-01",{more}
      "name": "{name}/msi",
      "properties": {{ "publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux" }}
    }}"#
        )
    };
    let template = |entries: &[String]| {
        format!(
            "{{\n  \"contentVersion\": \"1.0.0.0\",\n  \"resources\": [\n{}\n  ]\n}}\n",
            entries.join(",\n")
        )
    };
    let inputs = Inputs::empty();
    let known = [entry("gone", ""), entry("known", "")];
    inputs.write("a.json", template(&known).as_bytes());
    inputs.run(&["check", "--baseline", "known.json", "--update-baseline"]);
    let [_, known] = known;
    let waived = entry(
        "waived",
        "\n      \"comments\": \"msi2imds: ignore[vm-extension] the 🦦 needs it\",",
    );
    let told = entry("told", "");
    let notes = [
        "    /* 🦦 */ // msi2imds: ignore[lookalike]\n",
        "    // msi2imds: ignore[lookalike] until=2000-01-01 not for long\n",
        "    // msi2imds: ignore[lookalike] nothing here\n",
    ];
    let told = format!("{}{told}", notes.concat());
    inputs.write("a.json", template(&[waived, known, told]).as_bytes());
    inputs
}

const CHECK: [&str; 3] = ["check", "--baseline", "known.json"];

/// The rule, file, line and column of each that is told, in the order of the names and lines.
const TOLD: [(&str, &str, usize, usize); 5] = [
    ("malformed-waiver", "a.json", 17, 17),
    ("expired-waiver", "a.json", 18, 8),
    ("unused-waiver", "a.json", 19, 8),
    ("vm-extension", "a.json", 24, 23),
    ("stale-baseline", "known.json", 4, 5),
];

#[test]
fn what_is_said_of_waivers_and_the_baseline_is_at_its_place_in_every_format() {
    let inputs = inputs();
    for format in [
        "full", "concise", "json", "jsonl", "sarif", "github", "azure", "junit", "gitlab",
        "markdown",
    ] {
        let report = inputs.run(&[&CHECK[..], &["--output-format", format]].concat());
        // Markdown would make links of names.
        let report = report.replace("&#46;", ".").replace("&#58;", ":");
        for (rule, file, line, column) in TOLD {
            assert!(report.contains(rule), "{format}: {rule}\n{report}");
            let place = match format {
                "full" | "concise" => format!("{file}:{line}:{column}"),
                "github" => format!("file={file},line={line},"),
                "azure" => format!("sourcepath={file};linenumber={line};columnnumber={column};"),
                "gitlab" => format!("\"begin\": {line}"),
                "sarif" => format!("\"startLine\": {line}\n"),
                "json" => format!("\"line\": {line},"),
                "jsonl" => format!("\"line\":{line},\"column\":{column},"),
                _ => format!("{file}:{line}"),
            };
            // Azure takes errors and warnings only, which all of these are.
            assert!(report.contains(&place), "{format}: {place}\n{report}");
        }
        // A diff shows the lines around what changes.
        let (told, _) = report.split_once("<summary>Diff").unwrap_or((&report, ""));
        assert!(!told.contains("waived/msi"), "{format}\n{report}");
    }
}

#[test]
fn what_is_hidden_is_counted_and_in_no_report_unasked() {
    let report = inputs().json(&CHECK);
    let told: Vec<(&str, &str, usize, usize)> = list(&report, "findings")
        .iter()
        .map(|finding| {
            let location = &finding["location"];
            let start = &location["start"];
            let (line, column) = (number(start, "line"), number(start, "column"));
            (text(finding, "rule"), text(location, "file"), line, column)
        })
        .collect();
    assert_eq!(told, TOLD);
    assert_eq!(number(&report["summary"], "waived"), 1);
    assert_eq!(number(&report["summary"], "baselined"), 1);
    assert!(report.get("suppressed").is_none());
}

#[test]
fn what_is_hidden_is_marked_where_it_is_asked_for() {
    let inputs = inputs();
    let all = [&CHECK[..], &["--include-suppressed"]].concat();
    let report = inputs.json(&all);
    let schema: Value = serde_json::from_str(&inputs.run(&["schema"])).unwrap();
    schema::assert_valid(&schema, &report);
    assert_eq!(list(&report, "findings").len(), TOLD.len());
    let [waived, known] = list(&report, "suppressed") else {
        panic!("{report:#}");
    };
    let by = serde_json::json!({"by": "waiver", "reason": "the 🦦 needs it"});
    assert_eq!(waived["suppressed"], by);
    assert_eq!(known["suppressed"], serde_json::json!({"by": "baseline"}));
    // The one stays as it is, the other does not.
    assert!(waived["fix"].get("change").is_none() && known["fix"]["change"] == 0);

    let lines = inputs.run(&[&all[..], &["--output-format", "jsonl"]].concat());
    let hidden: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["type"] == "suppressed")
        .collect();
    assert_eq!(hidden.len(), 2);
    assert_eq!(hidden[0]["suppressed"], waived["suppressed"]);

    let log = inputs.run(&[&all[..], &["--output-format", "sarif"]].concat());
    let log: Value = serde_json::from_str(&log).unwrap();
    let results = list(&log["runs"][0], "results");
    assert_eq!(results.len(), TOLD.len() + 2);
    let mut kinds: Vec<(&str, &str)> = Vec::new();
    for result in results {
        for suppression in list(result, "suppressions") {
            kinds.push((
                text(suppression, "kind"),
                text(suppression, "justification"),
            ));
        }
    }
    kinds.sort_unstable();
    assert_eq!(
        kinds,
        [
            ("external", "It is in the baseline."),
            ("inSource", "the 🦦 needs it")
        ]
    );
    // Texts for people leave it out.
    let concise = ["--output-format", "concise"];
    let shown = inputs.run(&[&all[..], &concise].concat());
    assert_eq!(shown, inputs.run(&[&CHECK[..], &concise].concat()));
}

#[test]
fn after_a_fix_what_is_hidden_is_told_where_it_is_then() {
    let inputs = inputs();
    let all = ["fix", "--baseline", "known.json", "--include-suppressed"];
    let report = inputs.json(&all);
    let [waived] = list(&report, "suppressed") else {
        panic!("{report:#}");
    };
    let offset = number(&waived["location"]["start"], "offset");
    let fixed = inputs.read("a.json");
    assert!(fixed[offset..].starts_with(b"\"publisher\""), "{report:#}");
    // What the baseline knew is fixed, and reported as such.
    assert_eq!(list(&report, "applied").len(), 2);
    assert_eq!(number(&report["summary"], "baselined"), 0);
}

#[test]
fn a_baseline_is_as_its_schema_says() {
    let inputs = inputs();
    let schema: Value = serde_json::from_str(&inputs.run(&["schema", "baseline"])).unwrap();
    let baseline: Value = serde_json::from_slice(&inputs.read("known.json")).unwrap();
    assert_eq!(list(&baseline, "entries").len(), 2);
    schema::assert_valid(&schema, &baseline);
}
