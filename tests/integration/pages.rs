//! What is said of a rule is the same wherever it is said, and is what the rule does.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use msi2imds::migrate::{Options, Source, migrate, migrate_text};
use msi2imds::rules::{
    Finding, Fix, NOTICE, REGISTRY, Remedy, Rule, Surroundings, description, holds_page, page,
};
use serde_json::Value;

fn rules() -> impl Iterator<Item = &'static Rule> {
    REGISTRY.iter().copied()
}

fn in_project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What the program prints, which must be no error.
#[track_caller]
fn told(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_msi2imds"));
    let output = command.env_clear().args(arguments).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&told(arguments)).unwrap()
}

#[test]
fn the_pages_are_what_explain_prints_and_no_others() {
    for rule in rules() {
        assert_eq!(told(&["explain", rule.id]), page(rule));
        let file = format!("docs/rules/{}.md", rule.id);
        let kept = std::fs::read_to_string(in_project(&file)).unwrap_or_default();
        assert!(
            kept == page(rule),
            "{file} should be what `msi2imds explain {}` prints",
            rule.id
        );
    }
    let files = std::fs::read_dir(in_project("docs/rules")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let expected = rules().map(|rule| format!("{}.md", rule.id));
    assert_eq!(
        names.collect::<BTreeSet<_>>(),
        expected.collect::<BTreeSet<_>>()
    );
}

#[test]
fn the_guide_and_the_page_of_the_extension_compare_it_with_imds() {
    let guide = std::fs::read_to_string(in_project("docs/guide.md")).unwrap();
    assert!(guide.contains(NOTICE));
    assert!(told(&["explain", "vm-extension"]).contains(NOTICE));
    for fact in [
        "credentials",
        "CentOS 7.1",
        "DNS",
        "32",
        "1,000",
        "every Windows",
        "nothing to provision",
        "exported",
    ] {
        assert!(NOTICE.contains(fact), "{fact}");
    }
}

#[test]
fn the_list_the_readme_code_scanning_and_the_schema_say_the_same_of_each_rule() {
    let readme = std::fs::read_to_string(in_project("README.md")).unwrap();
    let table = told(&["rules"]);
    let listed = json(&["rules", "--output-format", "json"]);
    let nothing = [
        "check",
        "--output-format",
        "sarif",
        "docs/rules/lookalike.md",
    ];
    let log = json(&nothing);
    let scanned = &log["runs"][0]["tool"]["driver"]["rules"];
    let severities = json(&["schema"])["$defs"]["finding"]["properties"]["severity"].clone();
    assert_eq!(table.lines().count(), 1 + rules().count());
    assert_eq!(listed.as_array().unwrap().len(), rules().count());
    assert_eq!(scanned.as_array().unwrap().len(), rules().count());
    for (index, rule) in rules().enumerate() {
        let (id, severity, fix) = (rule.id, rule.severity.word(), rule.remedy.word());
        assert!(readme.contains(&format!("| `{id}` | {} | {} |\n", rule.finds, rule.fixes)));

        let row = table.lines().nth(index + 1).unwrap();
        let cells: Vec<&str> = row.split_whitespace().take(3).collect();
        assert_eq!(cells, [id, severity, fix]);
        assert!(row.ends_with(rule.finds), "{row}");

        let expected = serde_json::json!({
            "id": id,
            "severity": severity,
            "fix": fix,
            "finds": rule.finds,
            "fixes": rule.fixes,
            "needles": rule.needles,
        });
        assert_eq!(listed[index], expected);

        let scanned = &scanned[index];
        let short = scanned["shortDescription"]["text"].as_str().unwrap();
        let full = scanned["fullDescription"]["text"].as_str().unwrap();
        assert_eq!(scanned["id"], id);
        assert_eq!(scanned["defaultConfiguration"]["level"], severity);
        assert_eq!(scanned["help"]["markdown"], page(rule));
        assert_eq!(scanned["help"]["text"], full);
        assert_eq!(short.to_lowercase(), plain(&format!("{}.", rule.finds)));
        assert!(full.starts_with(&description(rule)), "{full}");
        assert!(full.ends_with(&format!("Fix: {}.", rule.fixes.replace('`', ""))));

        let known = severities["enum"].as_array().unwrap();
        assert!(known.contains(&Value::from(severity)), "{severity}");
    }
}

#[test]
fn the_page_of_hold_codes_lists_those_of_the_program() {
    let kept = std::fs::read_to_string(in_project("docs/holds.md")).unwrap();
    assert!(
        kept == holds_page(),
        "docs/holds.md should be:\n{}",
        holds_page()
    );
    let codes = json(&["schema"])["$defs"]["fix"]["properties"]["code"]["enum"].clone();
    for code in codes.as_array().unwrap() {
        assert!(kept.contains(&format!("| `{}` |", code.as_str().unwrap())));
    }
    let count = kept.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(codes.as_array().unwrap().len(), count);
}

fn plain(text: &str) -> String {
    text.replace('`', "").to_lowercase()
}

#[test]
fn each_page_says_what_why_when_and_how_to_waive() {
    let expected = [
        "What it does",
        "Why is this bad",
        "What decides",
        "Example",
        "Use instead",
        "Fix safety",
        "Waive it",
    ];
    for rule in rules() {
        let page = page(rule);
        let headings = page.lines().filter_map(|line| line.strip_prefix("## "));
        let common: Vec<&str> = headings.filter(|it| expected.contains(it)).collect();
        assert_eq!(common, expected, "{}", rule.id);
        let said = description(rule);
        assert!(said.ends_with('.') && !said.contains('`'), "{said}");
        let fences = page.lines().filter(|line| line.starts_with("```")).count();
        assert_eq!(fences % 2, 0, "{}: a code block without an end", rule.id);
        let longest = page.lines().filter(|line| line.contains(' ')).map(str::len);
        assert!(longest.max() < Some(220), "{}", rule.id);
    }
}

/// The findings of each rule in all fixtures.
fn findings() -> BTreeMap<&'static str, Vec<Finding>> {
    let mut findings: BTreeMap<&str, Vec<Finding>> = BTreeMap::new();
    for path in crate::fixtures::inputs() {
        let text = std::fs::read(&path).unwrap();
        let options = Options {
            surroundings: Surroundings {
                extension: true,
                ..Surroundings::default()
            },
            ..Options::default()
        };
        let name = path.file_name().unwrap().as_encoded_bytes();
        let source = Source::new("", &text);
        let migration = migrate_text(name, &source, &options);
        let migration = migration.unwrap_or_else(|| migrate(&text, &options));
        for finding in migration.findings {
            findings.entry(finding.rule.id).or_default().push(finding);
        }
    }
    findings
}

#[test]
fn no_finding_is_more_severe_than_its_rule() {
    let mut seen = 0;
    for (id, findings) in findings() {
        let highest = findings.iter().map(|finding| finding.severity).max();
        let rule = rules().find(|rule| rule.id == id).unwrap();
        assert!(highest <= Some(rule.severity), "{id}: {highest:?}");
        seen += 1;
    }
    assert!(seen > 12, "{seen}");
}

#[test]
fn each_reason_to_hold_a_fix_is_on_the_page_and_each_remedy_is_what_fixes_do() {
    let findings = findings();
    for rule in rules() {
        let seen = findings.get(rule.id).into_iter().flatten();
        let seen: Vec<&Fix> = seen.map(|finding| &finding.fix).collect();
        let page = page(rule).split_whitespace().collect::<Vec<_>>().join(" ");
        let quoted: Vec<&str> = page.split('"').collect();
        for fix in &seen {
            if let Fix::Held(hold) = fix {
                let said = quoted.iter().any(|quoted| is_like(&hold.reason, quoted));
                assert!(said, "{} should explain {hold:?}", rule.id);
            }
        }
        let expected = match rule.remedy {
            Remedy::Safe => (true, false),
            Remedy::Unsafe => (false, true),
            Remedy::Either => (true, true),
            Remedy::None => (false, false),
        };
        let actual = (
            seen.iter().any(|fix| fix.is_safe()),
            seen.iter().any(|fix| matches!(fix, Fix::Unsafe(_))),
        );
        assert_eq!(actual, expected, "{}", rule.id);
    }
}

/// Whether `text` is `pattern`, in which `…` stands for anything.
fn is_like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('…') {
        Some((start, end)) => {
            let rest = text.strip_prefix(start);
            rest.is_some_and(|rest| rest.ends_with(end))
        }
        None => text == pattern,
    }
}
