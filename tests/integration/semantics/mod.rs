//! What the facts of ARM templates ask of a migration, one test each.
//!
//! Reads like two tables. The rows a to s are the places where a VM extension can stand:
//! [`places_of_resources`], [`places_of_templates`], [`places_of_lists`]. The traps 1 to 30 are what a
//! naive remover falls into: [`traps_of_edges`], [`traps_of_machines`], [`traps_of_reads`],
//! [`traps_of_surroundings`]. What needs more than one file is in [`several_files`], [`links`],
//! [`parameter_files`], [`passed_parameters`], [`split`] and [`files_and_bytes`]. A template is written as its text,
//! in which `$WORD` stands for members that are always the same ([`WORDS`]). Start at [`Outcome`].

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

mod files_and_bytes;
mod links;
mod loops_over_lists;
mod parameter_files;
mod passed_parameters;
mod places_of_lists;
mod places_of_resources;
mod places_of_templates;
mod several_files;
mod split;
mod traps_of_edges;
mod traps_of_machines;
mod traps_of_reads;
mod traps_of_surroundings;
mod waivers;

use std::collections::BTreeMap;

use msi2imds::migrate::{Migration, Options, Source, migrate, migrate_together};
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

/// What became of files that belong together, by their paths.
struct Outcomes(BTreeMap<&'static str, Outcome>);

/// What becomes of files with these paths and texts, all of which are selected.
#[track_caller]
fn of_files(files: &[(&'static str, &str)]) -> Outcomes {
    of_selected(files, |_| true)
}

/// The same where only those are selected whose paths `select` takes.
///
/// What comes of them must not depend on their order, and must be settled.
#[track_caller]
fn of_selected(files: &[(&'static str, &str)], select: impl Fn(&str) -> bool) -> Outcomes {
    with_options(files, select, &Options::default())
}

/// The same with `options`.
#[track_caller]
fn with_options(
    files: &[(&'static str, &str)],
    select: impl Fn(&str) -> bool,
    options: &Options,
) -> Outcomes {
    let mut files: Vec<(&'static str, String)> = files
        .iter()
        .map(|(path, text)| (*path, spelled_out(text)))
        .collect();
    let outcomes = together(&files, &select, options);
    let again: Vec<(&'static str, String)> = outcomes
        .0
        .iter()
        .map(|(path, outcome)| (*path, outcome.text.clone()))
        .collect();
    for (path, outcome) in &together(&again, &select, options).0 {
        assert!(!outcome.is_changed, "{path} is changed by a second run");
    }
    for _ in 1..files.len() {
        files.rotate_left(1);
        assert_eq!(together(&files, &select, options).told(), outcomes.told());
    }
    files.reverse();
    assert_eq!(together(&files, &select, options).told(), outcomes.told());
    outcomes
}

#[track_caller]
fn together(
    files: &[(&'static str, String)],
    select: &dyn Fn(&str) -> bool,
    options: &Options,
) -> Outcomes {
    let sources = files.iter().map(|(path, text)| Source {
        path,
        bytes: text.as_bytes(),
        selected: select(path),
        waivers: &[],
    });
    let sources: Vec<Source<'_>> = sources.collect();
    let migrations = migrate_together(&sources, options);
    assert_eq!(migrations.len(), files.len());
    let outcomes = files.iter().zip(migrations);
    let outcomes = outcomes.map(|((path, text), migration)| {
        assert!(
            select(path) || migration.fixed.is_none(),
            "{path} is edited"
        );
        (*path, Outcome::new(text, migration))
    });
    Outcomes(outcomes.collect())
}

impl Outcomes {
    #[track_caller]
    fn of(&self, path: &str) -> &Outcome {
        &self.0[path]
    }

    /// The findings of all files, each behind the path of its file.
    fn said(&self) -> Vec<String> {
        let all = self.0.iter();
        let all = all.flat_map(|(path, outcome)| {
            let said = outcome.said().into_iter();
            said.map(move |line| format!("{path}: {line}"))
        });
        all.collect()
    }

    /// The paths of the files that are changed.
    fn changed(&self) -> Vec<&'static str> {
        let changed = self.0.iter().filter(|(_, outcome)| outcome.is_changed);
        changed.map(|(path, _)| *path).collect()
    }

    /// All that is said, and all texts.
    fn told(&self) -> (Vec<String>, Vec<&str>) {
        let texts = self.0.values().map(|outcome| outcome.text.as_str());
        (self.said(), texts.collect())
    }
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
        let text = migration
            .fixed
            .map_or_else(|| old.to_owned(), |fixed| text(fixed.bytes));
        Self {
            findings: migration.findings,
            is_changed: text != old,
            text,
        }
    }

    /// The findings, one line each: how bad, which rule, where, and what `fix` does about it.
    fn said(&self) -> Vec<String> {
        let line = |finding: &Finding| {
            let path = finding.place.path.replace("['", ".").replace("']", "");
            let fix = match &finding.fix {
                Fix::Safe(_) => "safe".to_owned(),
                Fix::Unsafe(_) => "unsafe".to_owned(),
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
