//! A run as SARIF 2.1.0, with what GitHub's code scanning asks for and shows.
//!
//! Knows the members of the format (docs.oasis-open.org/sarif/sarif/v2.1.0) and GitHub's limits
//! ("SARIF support for code scanning"). `partialFingerprints` are left out: GitHub's upload makes its
//! own and warns where others differ. Start at [`log`].

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::io;

use serde_json::{Value, json};

use super::content::Report;
use super::json_text;
use super::location::{Content, Location, Region, Replacement};
use super::reported::ReportedFinding;
use crate::rules::{self, REGISTRY, Rule, Severity, SuppressedBy};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// GitHub refuses a run with more results.
const MOST_RESULTS: usize = 25_000;
/// A change is repeated at each finding that it fixes, up to this many edits in all; behind that it
/// is given once.
const MOST_REPEATED: usize = 1000;
/// The longest `fullDescription`, in characters.
const LONGEST_DESCRIPTION: usize = 1024;

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    json_text::write_pretty(out, &log(report))
}

fn log(report: &Report<'_>) -> Value {
    let mut found = with_changes(report);
    found.sort_by_key(|(entry, _)| Reverse(entry.severity));
    let cut = found.len().saturating_sub(MOST_RESULTS);
    found.truncate(MOST_RESULTS);
    let results = found.into_iter();
    let results = results.map(|(entry, change)| result(report, entry, change));
    let rules = REGISTRY.iter().map(|rule| descriptor(rule));
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "fullName": concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.collect::<Value>(),
            }},
            // What the run is of, which Azure DevOps asks for; the slash leaves its number to the service.
            "automationDetails": {"id": concat!(env!("CARGO_PKG_NAME"), "/")},
            "invocations": [{
                "executionSuccessful": !report.has_errors,
                "toolExecutionNotifications": left_out(cut).into_iter().collect::<Value>(),
            }],
            "columnKind": "utf16CodeUnits",
            "results": results.collect::<Value>(),
        }],
    })
}

/// Edits that go together, and how many findings they fix.
#[derive(Clone, Copy)]
struct SharedEdits<'a> {
    edits: &'a [Replacement],
    findings: usize,
}

/// The findings, each with the change to give with it.
fn with_changes<'a>(report: &Report<'a>) -> Vec<(&'a ReportedFinding, Option<SharedEdits<'a>>)> {
    let results = report.results;
    let entries = results.files.iter().flat_map(|file| {
        let all = file.findings.iter().chain(report.suppressed_in(file));
        all.map(|entry| (entry, file.change.filter(|_| entry.is_in_change)))
    });
    let entries: Vec<(&ReportedFinding, Option<usize>)> = entries.collect();
    let mut fixed: HashMap<usize, usize> = HashMap::new();
    for number in entries.iter().filter_map(|(_, change)| *change) {
        *fixed.entry(number).or_default() += 1;
    }
    let mut given = HashSet::new();
    let mut edits = |number: usize| {
        let (edits, findings) = (results.changes.get(number)?, *fixed.get(&number)?);
        let is_given = given.insert(number) || findings * edits.len() <= MOST_REPEATED;
        is_given.then_some(SharedEdits { edits, findings })
    };
    let entries = entries.into_iter();
    entries
        .map(|(entry, change)| (entry, change.and_then(&mut edits)))
        .collect()
}

/// Says that results had to be left out.
fn left_out(number: usize) -> Option<Value> {
    let text = format!(
        "{number} more findings are left out: code scanning takes {MOST_RESULTS}, and these are the worst."
    );
    (number > 0).then(|| json!({"level": "warning", "message": {"text": text}}))
}

fn descriptor(rule: &Rule) -> Value {
    let plain = |text: &str| text.replace('`', "");
    let full = plain(&format!(
        "{} Fix: {}.",
        rules::description(rule),
        rule.fixes
    ));
    let description: String = full.chars().take(LONGEST_DESCRIPTION).collect();
    json!({
        "id": rule.id,
        "name": pascal_case(rule.id),
        "shortDescription": {"text": plain(&sentence(rule.finds))},
        "fullDescription": {"text": description},
        "help": {"text": full, "markdown": rules::page(rule)},
        "defaultConfiguration": {"level": rule.severity.word()},
        "properties": {"precision": precision(rule)},
    })
}

/// `vm-extension` as `VmExtensionRule`: a name must differ from its id by more than case.
fn pascal_case(id: &str) -> String {
    let words = id.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.chain(["Rule".to_owned()]).collect()
}

/// A table's cell as a sentence.
fn sentence(cell: &str) -> String {
    let mut letters = cell.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

/// How sure a finding is: what is only read as text may be prose.
fn precision(rule: &Rule) -> &'static str {
    match (rule.id, rule.severity) {
        ("extension-in-text", _) => "medium",
        (_, Severity::Error) => "very-high",
        _ => "high",
    }
}

fn result(report: &Report<'_>, entry: &ReportedFinding, change: Option<SharedEdits<'_>>) -> Value {
    let mut rules = REGISTRY.iter();
    let related = entry.related.iter().enumerate().map(|(index, related)| {
        let mut location = location(report, &related.location);
        put(&mut location, "id", Some(json!(index + 1)));
        put(
            &mut location,
            "message",
            Some(json!({"text": related.message})),
        );
        location
    });
    let mut result = json!({
        "ruleId": entry.rule.id,
        "ruleIndex": rules.position(|rule| **rule == *entry.rule),
        "level": entry.severity.word(),
        "message": {"text": text(entry)},
        "locations": [location(report, &entry.location)],
        "relatedLocations": related.collect::<Value>(),
    });
    let fix = change.and_then(|change| fix(report, entry, change));
    put(&mut result, "fixes", fix.map(|fix| json!([fix])));
    // Where one result has suppressions, all must: an empty list says that nothing hides it.
    let wanted = report.include_suppressed;
    let suppressions = wanted.then(|| entry.suppressed.iter().map(suppression).collect());
    put(&mut result, "suppressions", suppressions);
    result
}

/// Adds a member to an object, if there is one.
fn put(object: &mut Value, name: &str, member: Option<Value>) {
    if let (Some(object), Some(member)) = (object.as_object_mut(), member) {
        object.insert(name.to_owned(), member);
    }
}

fn suppression(by: &SuppressedBy) -> Value {
    let (kind, justification) = match by {
        SuppressedBy::InSource(reason) => ("inSource", reason.as_str()),
        SuppressedBy::Given(reason) => ("external", reason.as_str()),
        SuppressedBy::Baseline => ("external", "It is in the baseline."),
    };
    json!({"kind": kind, "justification": justification})
}

/// The message as sentences; a list of findings shows the first.
fn text(entry: &ReportedFinding) -> String {
    let mut text = format!("{}.", entry.message);
    for line in entry.advice() {
        text.push_str(&format!("\n{line}."));
    }
    text
}

fn location(report: &Report<'_>, location: &Location) -> Value {
    let mut value = json!({"physicalLocation": {
        "artifactLocation": artifact(report, &location.region.file),
        "region": region(&location.region),
    }});
    let path = (!location.path.is_empty()).then(|| json!([{"fullyQualifiedName": location.path}]));
    put(&mut value, "logicalLocations", path);
    value
}

/// A file by its name from the root of the repository, percent-encoded but for what RFC 3986 calls unreserved,
/// and the slashes.
fn artifact(report: &Report<'_>, file: &[u8]) -> Value {
    let mut uri = String::new();
    for byte in report.name_in_repository(file) {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    json!({ "uri": uri })
}

/// A region by lines and columns; the end column is one behind the end.
fn region(region: &Region) -> Value {
    json!({
        "startLine": region.start.line,
        "startColumn": region.start.column,
        "endLine": region.end.line,
        "endColumn": region.end.column,
    })
}

/// The fix of a finding by a change; `None` if that holds what is no text.
fn fix(report: &Report<'_>, entry: &ReportedFinding, change: SharedEdits<'_>) -> Option<Value> {
    let action = sentence(&entry.fix.action()?.replace('`', ""));
    let others = match change.findings {
        0 | 1 => String::new(),
        2 => " The same edits fix 1 more finding.".to_owned(),
        all => format!(" The same edits fix {} more findings.", all - 1),
    };
    let mut files = Vec::new();
    for file in change
        .edits
        .chunk_by(|one, next| one.region.file == next.region.file)
    {
        let name = file.first().map(|edit| &*edit.region.file)?;
        let replacements = file.iter().map(replacement).collect::<Option<Value>>()?;
        files.push(json!({
            "artifactLocation": artifact(report, name),
            "replacements": replacements,
        }));
    }
    (!files.is_empty())
        .then(|| json!({"description": {"text": action + &others}, "artifactChanges": files}))
}

fn replacement(edit: &Replacement) -> Option<Value> {
    let Content::Text(text) = &edit.content else {
        return None;
    };
    let mut value = json!({"deletedRegion": region(&edit.region)});
    let inserted = (!text.is_empty()).then(|| json!({ "text": text }));
    put(&mut value, "insertedContent", inserted);
    Some(value)
}
