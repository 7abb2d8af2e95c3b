//! A machine in one template and its extension in another that it links: each place is told in the file
//! that it is in.

use serde_json::Value;

use super::{Inputs, list, number, text};

const MAIN: &str = "apps/main.json";
const NESTED: &str = "apps/nested/msi 1.json";

/// Two linked templates: the machine stands behind characters of several bytes, and the extension far
/// above the line of the machine.
fn inputs() -> Inputs {
    let inputs = Inputs::empty();
    inputs.write(
        MAIN,
        r#"{
  "contentVersion": "1.0.0.0",
  "resources": [
    {
      "type": "Microsoft.Resources/deployments",
      "apiVersion": "2021-04-01",
      "name": "msi",
      "dependsOn": [ "otter" ],
      "properties": {
        "mode": "Incremental",
        "templateLink": { "relativePath": "nested/msi 1.json" }
      }
    },
    {
      /* 🦦 */ "type": "Microsoft.Compute/virtualMachines",
      "apiVersion": "2019-07-01",
      "name": "otter",
      "properties": {}
    }
  ]
}
"#
        .as_bytes(),
    );
    inputs.write(
        NESTED,
        br#"{ "contentVersion": "1.0.0.0", "resources": [ {
  "type": "Microsoft.Compute/virtualMachines/extensions",
  "apiVersion": "2019-07-01",
  "name": "otter/msi",
  "properties": {
    "publisher": "Microsoft.ManagedIdentity",
    "type": "ManagedIdentityExtensionForLinux"
  }
} ] }
"#,
    );
    inputs
}

fn in_nested(report: &Value) -> &Value {
    list(report, "findings")
        .iter()
        .find(|finding| finding["location"]["file"] == NESTED)
        .unwrap()
}

#[test]
fn full_draws_each_file_that_a_finding_is_about() {
    insta::assert_snapshot!(inputs().run(&["check"]));
}

#[test]
fn json_tells_lines_and_bytes_of_the_other_file() {
    let inputs = inputs();
    let report = inputs.json(&["check"]);
    let related = &list(in_nested(&report), "related")[0]["location"];
    assert_eq!(related["file"], MAIN);
    let at = number(&related["start"], "offset")..number(&related["end"], "offset");
    let machine = "\"type\": \"Microsoft.Compute/virtualMachines\"";
    assert_eq!(&inputs.read(MAIN)[at], machine.as_bytes());
    assert_eq!(related["start"]["line"], 15);
    assert_eq!(related["start"]["column"], 16);
}

#[test]
fn json_gives_one_change_for_both_files_and_it_makes_what_fix_writes() {
    let (by_edits, by_fix) = (inputs(), inputs());
    let report = by_edits.json(&["check"]);
    let changes = list(&report, "changes");
    assert_eq!(changes.len(), 1);
    let edits = list(&changes[0], "edits");
    let names: Vec<&str> = edits.iter().map(|edit| text(edit, "file")).collect();
    assert_eq!(names, [MAIN, NESTED]);
    for finding in list(&report, "findings") {
        assert_eq!(finding["fix"]["change"], 0, "{finding}");
    }
    for edit in edits {
        let mut file = by_edits.read(text(edit, "file"));
        let range = number(&edit["start"], "offset")..number(&edit["end"], "offset");
        file.splice(range, text(edit, "text").bytes());
        by_edits.write(text(edit, "file"), &file);
    }
    let applied = by_fix.json(&["fix"]);
    assert_eq!(list(&applied, "applied").len(), 2);
    assert_eq!(applied["changes"], report["changes"]);
    for name in [MAIN, NESTED] {
        assert_eq!(by_edits.read(name), by_fix.read(name), "{name}");
    }
}

#[test]
fn changes_keep_their_numbers_beside_other_templates() {
    let inputs = inputs();
    for name in ["a.json", "apps/n.json", "z.json"] {
        let alone = String::from_utf8(inputs.read(NESTED)).unwrap();
        inputs.write(name, alone.replace("otter", "heron").as_bytes());
    }
    let report = inputs.json(&["check"]);
    let files = |of: &[Value]| -> Vec<String> {
        let files = of.iter().map(|one| text(one, "file").to_owned());
        files.collect()
    };
    for finding in list(&report, "findings") {
        let change = &list(&report, "changes")[number(&finding["fix"], "change")];
        let file = text(&finding["location"], "file").to_owned();
        assert!(files(list(change, "edits")).contains(&file), "{file}");
    }
    let places: Vec<&Value> = list(&report, "findings")
        .iter()
        .map(|finding| &finding["location"]["file"])
        .collect();
    assert_eq!(places, ["a.json", MAIN, "apps/n.json", NESTED, "z.json"]);
    let run = |jobs| inputs.run(&["check", "--output-format", "json", "-j", jobs]);
    assert_eq!(run("1"), run("4"));
}

#[test]
fn sarif_names_the_other_file_and_changes_both() {
    let log = inputs().run(&["check", "--output-format", "sarif"]);
    let log: Value = serde_json::from_str(&log).unwrap();
    let results = list(&log["runs"][0], "results");
    let result = results
        .iter()
        .find(|result| result["ruleId"] == "vm-extension")
        .unwrap();
    let physical = |location: &Value| location["physicalLocation"].clone();
    let own = physical(&result["locations"][0]);
    assert_eq!(own["artifactLocation"]["uri"], "apps/nested/msi%201.json");
    let other = physical(&result["relatedLocations"][0]);
    assert_eq!(other["artifactLocation"]["uri"], MAIN);
    let expected = serde_json::json!({
        "startLine": 15, "startColumn": 16, "endLine": 15, "endColumn": 59
    });
    assert_eq!(other["region"], expected);
    for result in results {
        let changes = list(&result["fixes"][0], "artifactChanges");
        let uris: Vec<&str> = changes
            .iter()
            .map(|change| text(&change["artifactLocation"], "uri"))
            .collect();
        assert_eq!(uris, [MAIN, "apps/nested/msi%201.json"]);
    }
}
