//! `sarif` has what GitHub's code scanning asks for, and `gitlab` what GitLab does.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Inputs, list, number, text};

fn sarif(inputs: &Inputs, arguments: &[&str]) -> Value {
    let sarif = [arguments, &["--output-format", "sarif"]].concat();
    let log: Value = serde_json::from_str(&inputs.run(&sarif)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert!(text(&log, "$schema").ends_with("sarif-schema-2.1.0.json"));
    assert_eq!(list(&log, "runs").len(), 1);
    log["runs"][0].clone()
}

#[test]
fn each_rule_has_what_github_shows_of_it() {
    let run = sarif(&Inputs::new(), &["check"]);
    let rules = list(&run["tool"]["driver"], "rules");
    let ids: BTreeSet<&str> = rules.iter().map(|rule| text(rule, "id")).collect();
    let listed = Inputs::empty().run(&["rules"]);
    let listed: BTreeSet<&str> = listed
        .lines()
        .skip(1)
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(ids, listed);
    for rule in rules {
        for member in ["shortDescription", "fullDescription", "help"] {
            let said = text(&rule[member], "text");
            assert!(
                !said.contains('`') && said.chars().count() <= 1024,
                "{said}"
            );
        }
        let page = text(&rule["help"], "markdown");
        assert!(page.starts_with(&format!("# {}\n", text(rule, "id"))));
        let level = text(&rule["defaultConfiguration"], "level");
        assert!(["error", "warning", "note"].contains(&level));
        let precision = text(&rule["properties"], "precision");
        assert!(["very-high", "high", "medium", "low"].contains(&precision));
    }
}

#[test]
fn each_result_is_a_finding_at_its_place() {
    let inputs = Inputs::new();
    let report = inputs.json(&["check"]);
    let run = sarif(&inputs, &["check"]);
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    let results = list(&run, "results");
    assert_eq!(results.len(), list(&report, "findings").len());
    for result in results {
        assert_eq!(list(result, "locations").len(), 1);
        let physical = &result["locations"][0]["physicalLocation"];
        let region = &physical["region"];
        let uri = text(&physical["artifactLocation"], "uri");
        let name = uri
            .replace("%20", " ")
            .replace("%2C", ",")
            .replace("%25", "%");
        let finding = list(&report, "findings").iter().find(|finding| {
            let location = &finding["location"];
            (
                text(location, "file"),
                &location["start"]["line"],
                &location["start"]["column"],
            ) == (name.as_str(), &region["startLine"], &region["startColumn"])
        });
        let finding = finding.unwrap();
        let end = &finding["location"]["end"];
        assert_eq!(
            (&region["endLine"], &region["endColumn"]),
            (&end["line"], &end["column"])
        );
        assert_eq!(result["ruleId"], finding["rule"]);
        assert_eq!(result["level"], finding["severity"]);
        let rule = &run["tool"]["driver"]["rules"][number(result, "ruleIndex")];
        assert_eq!(rule["id"], finding["rule"]);
        assert!(text(&result["message"], "text").starts_with(text(finding, "message")));
        let related = result["relatedLocations"].as_array().map_or(0, Vec::len);
        assert_eq!(related, list(finding, "related").len());
        assert_eq!(
            result.get("fixes").is_some(),
            finding["fix"].get("change").is_some()
        );
        assert!(result.get("partialFingerprints").is_none());
    }
    let uris = serde_json::to_string(results).unwrap();
    assert!(
        uris.contains("\"apps/old%2C%2050%25%20raised.json\""),
        "{uris}"
    );
}

/// Applies the first fix for a file by lines and columns, as an editor does.
fn fixed(inputs: &Inputs, name: &str, run: &Value) -> String {
    let file = String::from_utf8(inputs.read(name)).unwrap();
    let change = list(run, "results")
        .iter()
        .filter_map(|result| result.get("fixes"))
        .map(|fixes| &fixes[0]["artifactChanges"][0])
        .find(|change| text(&change["artifactLocation"], "uri") == name);
    let offset = |line: usize, column: usize| {
        let start: usize = file
            .split_inclusive('\n')
            .take(line - 1)
            .map(str::len)
            .sum();
        let units = |end: usize| file[start..end].encode_utf16().count();
        (start..=file.len())
            .filter(|end| file.is_char_boundary(*end))
            .find(|end| units(*end) == column - 1)
            .unwrap()
    };
    let mut text = file.clone();
    for edit in list(change.unwrap(), "replacements").iter().rev() {
        let region = &edit["deletedRegion"];
        let at = |line, column| offset(number(region, line), number(region, column));
        let range = at("startLine", "startColumn")..at("endLine", "endColumn");
        let inserted = edit["insertedContent"]["text"].as_str().unwrap_or_default();
        text.replace_range(range, inserted);
    }
    text
}

#[test]
fn a_fix_makes_what_the_program_writes() {
    let inputs = Inputs::new();
    let name = "apps/edge-passes-on.json";
    let text = String::from_utf8(inputs.read(name)).unwrap();
    let text = text
        .replace("\"otter\"", "\"\u{1f9a6}\"")
        .replace("otter/", "\u{1f9a6}/");
    inputs.write(name, text.as_bytes());
    let by_editor = fixed(&inputs, name, &sarif(&inputs, &["check"]));
    inputs.run(&["fix"]);
    assert_eq!(String::from_utf8(inputs.read(name)).unwrap(), by_editor);
    let after = sarif(&inputs, &["fix"]);
    assert!(
        list(&after, "results")
            .iter()
            .all(|result| result.get("fixes").is_none())
    );
}

#[test]
fn an_error_elsewhere_is_no_successful_execution() {
    let inputs = Inputs::new();
    let run = sarif(&inputs, &["check"]);
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let output = inputs.output(&["check", ".", "absent", "--output-format", "sarif"]);
    assert_eq!(output.status.code(), Some(2));
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        log["runs"][0]["invocations"][0]["executionSuccessful"],
        false
    );
}

#[test]
fn more_results_than_github_takes_are_cut_and_that_is_said() {
    let inputs = Inputs::empty();
    let entry = |publisher: &str| {
        format!(
            "{{\"type\":\"Microsoft.Compute/virtualMachines/extensions\",\"name\":\"a/b\",\
             \"properties\":{{\"publisher\":\"{publisher}\",\"type\":\
             \"ManagedIdentityExtensionForLinux\"}}}}"
        )
    };
    let notes = vec![entry("Microsoft.ManagedIdentity.Edp"); 25_000].join(",");
    let error = entry("Microsoft.ManagedIdentity");
    let text = format!("{{\"contentVersion\":\"1\",\"resources\":[{notes},{error}]}}");
    inputs.write("a.json", text.as_bytes());
    let run = sarif(&inputs, &["check"]);
    let results = list(&run, "results");
    assert_eq!(results.len(), 25_000);
    assert_eq!(results[0]["level"], "error");
    let said = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert!(
        text_of(said).starts_with("1 more findings are left out"),
        "{said}"
    );
}

fn text_of(notification: &Value) -> &str {
    text(&notification["message"], "text")
}

fn fingerprints(inputs: &Inputs) -> Vec<String> {
    let report = inputs.run(&["check", "--output-format", "gitlab"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    let issues = report.as_array().unwrap();
    for issue in issues {
        let severity = text(issue, "severity");
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
        assert!(!text(issue, "description").is_empty() && !text(issue, "check_name").is_empty());
        assert!(!text(&issue["location"], "path").starts_with("./"));
        assert!(number(&issue["location"]["lines"], "begin") >= 1);
    }
    issues
        .iter()
        .map(|issue| text(issue, "fingerprint").to_owned())
        .collect()
}

#[test]
fn fingerprints_differ_and_do_not_follow_lines() {
    let inputs = Inputs::new();
    let bicep = inputs.read("docs/main.bicep");
    inputs.write("docs/main.bicep", &[&bicep[..], b"\n", &bicep].concat());
    let before = fingerprints(&inputs);
    assert_eq!(before.len(), 7);
    let distinct: BTreeSet<&String> = before.iter().collect();
    assert_eq!(distinct.len(), 7, "{before:?}");
    for name in ["apps/edge-passes-on.json", "docs/main.bicep"] {
        inputs.write(
            name,
            &[b"// one\n// more\n", &inputs.read(name)[..]].concat(),
        );
    }
    assert_eq!(fingerprints(&inputs), before);
}
