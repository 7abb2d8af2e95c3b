//! What the facts of ARM templates ask of a migration, one test each.
//!
//! Reads like two tables. The rows a to s are the places where a VM extension can stand:
//! [`places_of_resources`], [`places_of_templates`], [`places_of_lists`]. The traps 1 to 30 are what a
//! naive remover falls into: [`traps_of_edges`], [`traps_of_machines`], [`traps_of_reads`],
//! [`traps_of_surroundings`]. [`several_files`] has what one file shows of those that need more. A
//! template is written as its text, in which `$WORD` stands for members that are always the same
//! ([`WORDS`]). Start at [`Outcome`].

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

mod places_of_lists;
mod places_of_resources;
mod places_of_templates;
mod several_files;
mod traps_of_edges;
mod traps_of_machines;
mod traps_of_reads;
mod traps_of_surroundings;

use msi2imds::migrate::{Migration, Options, migrate};
use msi2imds::rules::{Finding, Fix};
use serde_json::Value;

/// Members that a template names by a word, so that what a row is about is all that it shows.
const WORDS: [(&str, &str); 8] = [
    (
        "$VM",
        r#""type": "Microsoft.Compute/virtualMachines", "apiVersion": "2019-07-01""#,
    ),
    (
        "$SET",
        r#""type": "Microsoft.Compute/virtualMachineScaleSets", "apiVersion": "2019-07-01""#,
    ),
    (
        "$EXT",
        r#""type": "Microsoft.Compute/virtualMachines/extensions", "apiVersion": "2019-07-01""#,
    ),
    (
        "$DEPLOY",
        r#""type": "Microsoft.Resources/deployments", "apiVersion": "2021-04-01""#,
    ),
    (
        "$ROLE",
        r#""type": "Microsoft.Authorization/roleAssignments", "apiVersion": "2022-04-01""#,
    ),
    ("$ON", r#""identity": {"type": "SystemAssigned"}"#),
    (
        "$MSI",
        r#""publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux""#,
    ),
    (
        "$SCRIPT",
        r#""publisher": "Microsoft.Azure.Extensions", "type": "CustomScript""#,
    ),
];

/// What became of a template.
struct Outcome {
    /// What was found, in the order of the text.
    findings: Vec<Finding>,
    /// The text afterwards, which is the old one where nothing was fixed.
    text: String,
    is_changed: bool,
}

/// What becomes of a template with these `resources`.
#[track_caller]
fn of_resources(resources: &str) -> Outcome {
    of_template(&format!("\"resources\": {resources}"))
}

/// What becomes of a template with these members.
#[track_caller]
fn of_template(members: &str) -> Outcome {
    of_file(&format!("{{\"contentVersion\": \"1.0.0.0\", {members}}}"))
}

/// What becomes of a file with this text.
#[track_caller]
fn of_file(text: &str) -> Outcome {
    let text = spelled_out(text);
    Outcome::new(&text, migrate(text.as_bytes(), &Options::default()))
}

/// What becomes of a template with these `resources` where unsafe fixes are wanted too.
#[track_caller]
fn of_resources_unsafely(resources: &str) -> Outcome {
    let text = format!("{{\"contentVersion\": \"1.0.0.0\", \"resources\": {resources}}}");
    let text = spelled_out(&text);
    let options = Options {
        unsafe_fixes: true,
        ..Options::default()
    };
    Outcome::new(&text, migrate(text.as_bytes(), &options))
}

/// The text with members instead of words.
fn spelled_out(text: &str) -> String {
    WORDS.iter().fold(text.to_owned(), |text, (word, members)| {
        text.replace(word, members)
    })
}

impl Outcome {
    #[track_caller]
    fn new(old: &str, migration: Migration) -> Self {
        assert!(migration.fault.is_none(), "{:?}", migration.fault);
        let is_changed = migration.fixed.is_some();
        let text = migration
            .fixed
            .map_or_else(|| old.to_owned(), |fixed| text(fixed.bytes));
        Self {
            findings: migration.findings,
            text,
            is_changed,
        }
    }

    /// The findings, one line each: how bad, which rule, where, and what `fix` does about it.
    fn said(&self) -> Vec<String> {
        let line = |finding: &Finding| {
            let path = finding.place.path.replace("['", ".").replace("']", "");
            let fix = match &finding.fix {
                Fix::Safe => "safe".to_owned(),
                Fix::Unsafe => "unsafe".to_owned(),
                Fix::Held(reason) => format!("held: {reason}"),
                Fix::DisplayOnly => "told".to_owned(),
            };
            let severity = finding.severity.word();
            format!("{severity} {} {path} {fix}", finding.rule.id)
        };
        self.findings.iter().map(line).collect()
    }

    /// The value at `pointer` afterwards, such as `/resources/0/dependsOn`, as compact JSON; "none"
    /// where there is nothing.
    fn at(&self, pointer: &str) -> String {
        let value: Value = serde_json::from_str(&self.text).unwrap();
        value
            .pointer(pointer)
            .map_or("none".to_owned(), Value::to_string)
    }

    /// The names of what is in the list at `pointer` afterwards.
    #[track_caller]
    fn names(&self, pointer: &str) -> Vec<String> {
        let list: Vec<Value> = serde_json::from_str(&self.at(pointer)).unwrap();
        let name = |entry: &Value| entry.get("name").and_then(Value::as_str).map(str::to_owned);
        list.iter().map(|entry| name(entry).unwrap()).collect()
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}
