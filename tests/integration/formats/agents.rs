//! GitHub's runner and Azure's agent read what `github` and `azure` print, by their own rules.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Inputs, list, number, text};

/// A command, as an agent takes it.
#[derive(Debug)]
struct Command {
    name: String,
    properties: BTreeMap<String, String>,
    data: String,
}

/// Reads a line as actions/runner does: `::name key=value,key=value::data`.
fn github(line: &str) -> Option<Command> {
    let line = line.trim_start();
    let rest = line.strip_prefix("::")?;
    let (head, data) = rest.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let data_codes = [("%0D", "\r"), ("%0A", "\n"), ("%25", "%")];
    let codes = [
        ("%0D", "\r"),
        ("%0A", "\n"),
        ("%3A", ":"),
        ("%2C", ","),
        ("%25", "%"),
    ];
    Some(Command {
        name: name.to_owned(),
        properties: pairs(properties, ',', &codes),
        data: unescaped(data, &data_codes),
    })
}

/// Reads a line as the Azure Pipelines agent does: `##vso[area.event key=value;]data`, anywhere in it.
fn azure(line: &str) -> Option<Command> {
    let start = line.to_ascii_lowercase().find("##vso[")?;
    let rest = &line[start + "##vso[".len()..];
    let (head, data) = rest.split_once(']')?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let codes = [
        ("%3B", ";"),
        ("%0D", "\r"),
        ("%0A", "\n"),
        ("%5D", "]"),
        ("%AZP25", "%"),
    ];
    Some(Command {
        name: name.to_owned(),
        properties: pairs(properties, ';', &codes),
        data: unescaped(data, &codes),
    })
}

fn pairs(text: &str, separator: char, codes: &[(&str, &str)]) -> BTreeMap<String, String> {
    text.split(separator)
        .filter(|pair| !pair.trim().is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap();
            (key.trim().to_owned(), unescaped(value, codes))
        })
        .collect()
}

fn unescaped(text: &str, codes: &[(&str, &str)]) -> String {
    codes.iter().fold(text.to_owned(), |text, (code, plain)| {
        text.replace(code, plain)
    })
}

/// The findings of `json`, the worst first.
fn worst_first(inputs: &Inputs) -> Vec<Value> {
    let mut findings = list(&inputs.json(&["check"]), "findings").to_vec();
    findings.sort_by_key(|finding| match text(finding, "severity") {
        "error" => 0,
        "warning" => 1,
        _ => 2,
    });
    findings
}

/// What a finding says, a line each.
fn spoken(finding: &Value) -> String {
    let location = &finding["location"];
    let start = &location["start"];
    let mut lines = vec![format!(
        "{}:{}:{}: {} {}",
        text(location, "file"),
        start["line"],
        start["column"],
        text(finding, "rule"),
        text(finding, "message")
    )];
    let help = list(finding, "help").iter();
    lines.extend(help.map(|line| format!("help: {}", line.as_str().unwrap())));
    let fix = &finding["fix"];
    let note = match text(fix, "safety") {
        "held" if fix["releasable"] == true => Some(("fixed only with --unsafe-fixes", "reason")),
        "held" => Some(("not fixed", "reason")),
        "unsafe" => Some(("fixed only with --unsafe-fixes", "action")),
        "safe" => Some(("fixed by `fix`", "action")),
        _ => None,
    };
    lines.extend(note.map(|(what, words)| format!("note: {what}: {}", text(fix, words))));
    lines.join("\n")
}

/// A repository in which everything needs an escape, and one machine has more than one line.
fn inputs() -> Inputs {
    let inputs = Inputs::new();
    let template = String::from_utf8(inputs.read("apps/edge-passes-on.json")).unwrap();
    inputs.write(
        "100%25, a;b: [c].json",
        template.replace("otter", "%0A;]%,").as_bytes(),
    );
    let edge = template.replace("otter/msi\" ]", "ManagedIdentityExtensionForLinux\" ]");
    inputs.write(
        "dangling.json",
        edge.replace("Microsoft.ManagedIdentity", "M").as_bytes(),
    );
    inputs
}

#[test]
fn github_reads_back_each_finding() {
    let inputs = inputs();
    let findings = worst_first(&inputs);
    let output = inputs.run(&["check", "--output-format", "github"]);
    let mut lines: Vec<&str> = output.lines().collect();
    let summary = lines.pop().unwrap();
    assert!(github(summary).is_none() && summary.contains("files scanned"));
    assert_eq!(lines.len(), findings.len());
    for (line, finding) in lines.iter().zip(&findings) {
        let command = github(line).unwrap();
        let level = match text(finding, "severity") {
            "note" => "notice",
            other => other,
        };
        assert_eq!(
            (command.name.as_str(), &command.data),
            (level, &spoken(finding))
        );
        let location = &finding["location"];
        let (start, end) = (&location["start"], &location["end"]);
        let mut expected = vec![
            ("file", text(location, "file").to_owned()),
            ("line", start["line"].to_string()),
            ("endLine", end["line"].to_string()),
            ("title", text(finding, "rule").to_owned()),
        ];
        if start["line"] == end["line"] {
            expected.push(("col", start["column"].to_string()));
            expected.push(("endColumn", end["column"].to_string()));
        }
        let expected: BTreeMap<String, String> = expected
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        assert_eq!(command.properties, expected);
    }
}

#[test]
fn azure_reads_back_each_finding_but_notes() {
    let inputs = inputs();
    let findings = worst_first(&inputs);
    let output = inputs.run(&["check", "--output-format", "azure"]);
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines.len(), findings.len() + 1);
    for (line, finding) in lines.iter().zip(&findings) {
        if finding["severity"] == "note" {
            let said = spoken(finding);
            let first = said.lines().next().unwrap();
            assert_eq!(*line, format!("note: {first}"));
            continue;
        }
        let command = azure(line).unwrap();
        assert_eq!(command.name, "task.logissue");
        assert_eq!(command.data, spoken(finding));
        let start = &finding["location"]["start"];
        let expected = [
            ("type", text(finding, "severity").to_owned()),
            ("sourcepath", text(&finding["location"], "file").to_owned()),
            ("linenumber", number(start, "line").to_string()),
            ("columnnumber", number(start, "column").to_string()),
            ("code", text(finding, "rule").to_owned()),
        ];
        let expected: BTreeMap<String, String> = expected
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        assert_eq!(command.properties, expected);
    }
    assert!(azure(lines.last().unwrap()).is_none());
}

#[test]
fn names_start_at_the_root_of_the_repository() {
    let inputs = Inputs::new();
    for (format, shown) in [
        ("github", "::error file=apps/edge-passes-on.json,"),
        ("azure", ";sourcepath=apps/edge-passes-on.json;"),
        ("gitlab", "\"path\": \"apps/edge-passes-on.json\""),
        ("sarif", "\"uri\": \"apps/edge-passes-on.json\""),
    ] {
        let arguments = ["check", "--output-format", format];
        let output = inputs.command("apps", &arguments).output().unwrap();
        let output = super::printed(&output);
        assert!(output.contains(shown), "{output}");
    }
    let mut concise = inputs.command("apps", &["check", "--output-format", "concise"]);
    let shown = super::printed(&concise.output().unwrap());
    assert!(shown.starts_with("edge-passes-on.json:"), "{shown}");
}

#[test]
fn a_message_is_no_longer_than_github_takes() {
    let inputs = Inputs::new();
    let name = "\u{e9}".repeat(5000);
    let text = String::from_utf8(inputs.read("apps/edge-passes-on.json")).unwrap();
    let text = text
        .replace(
            "  \"resources\"",
            &format!("  \"variables\": {{ \"{name}\": 1 }},\n  \"resources\""),
        )
        .replace("\"1.0\"", &format!("\"[variables('{name}')]\""));
    inputs.write("long.json", text.as_bytes());
    let output = inputs.run(&["check", "--output-format", "github"]);
    let lengths = output
        .lines()
        .filter_map(github)
        .map(|line| line.data.chars().count());
    let longest = lengths.max().unwrap();
    assert!((4000..=4096).contains(&longest), "{longest}");
}
