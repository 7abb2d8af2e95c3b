//! A template is migrated inside of other things as it is alone, byte for byte.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

use std::path::PathBuf;

use msi2imds::json::{Document, Kind};
use msi2imds::migrate::{Options, migrate};

/// A text around a template, and how many brackets escape the expressions in it.
struct Around {
    before: &'static str,
    behind: &'static str,
    escapes: usize,
}

const AROUND: [Around; 4] = [
    // The body of a deployment.
    Around {
        before: "{\"properties\": {\"mode\": \"Incremental\", \"template\":\n",
        behind: "\n}}",
        escapes: 0,
    },
    Around {
        before: "{\"contentVersion\": \"1\", \"resources\": [{\"type\": \"Microsoft.Resources/templateSpecs/versions\", \
                 \"name\": \"spec/1\", \"properties\": {\"mainTemplate\":\n",
        behind: "\n}}]}",
        escapes: 1,
    },
    Around {
        before: "{\"contentVersion\": \"1\", \"resources\": [{\"type\": \"microsoft.resources/templatespecs\", \
                 \"name\": \"spec\", \"resources\": [{\"type\": \"versions\", \"name\": \"1\", \
                 \"properties\": {\"linkedTemplates\": [{}, {\"template\":\n",
        behind: "\n}]}}]}]}",
        escapes: 1,
    },
    // A deployment in a template spec in a template spec; it is given what cannot be told.
    Around {
        before: "{\"contentVersion\": \"1\", \"resources\": {\"spec\": {\"type\": \"Microsoft.Resources/templateSpecs/versions\", \
                 \"properties\": {\"template\": {\"resources\": [{\"type\": \
                 \"Microsoft.Resources/templateSpecs/versions\", \"properties\": {\"mainTemplate\": \
                 {\"resources\": [{\"type\": \"Microsoft.Resources/deployments\", \"properties\": \
                 {\"expressionEvaluationOptions\": {\"scope\": \"Inner\"}, \
                 \"parameters\": \"[[[parameters('all')]\", \"template\":\n",
        behind: "\n}}]}}}]}}}}}",
        escapes: 2,
    },
];

impl Around {
    /// The text with `template` in it.
    fn with(&self, template: &[u8]) -> Vec<u8> {
        let escaped = escaped(template, self.escapes);
        [self.before.as_bytes(), &escaped, self.behind.as_bytes()].concat()
    }
}

/// The template with more brackets before all expressions and before what was escaped already.
fn escaped(template: &[u8], escapes: usize) -> Vec<u8> {
    let document = Document::parse(template);
    let is_bracketed = |text: &String| text.starts_with('[') && text.ends_with(']');
    let mut result = Vec::new();
    let mut at = 0;
    for node in document.nodes() {
        let string = document.string(node).filter(is_bracketed);
        if document.kind(node) == Kind::String && string.is_some() {
            let inside = document.span(node).start + 1;
            result.extend_from_slice(template.get(at..inside).unwrap());
            result.extend(std::iter::repeat_n(b'[', escapes));
            at = inside;
        }
    }
    result.extend_from_slice(template.get(at..).unwrap());
    result
}

/// The fixtures that are templates in UTF-8 without errors, with their names.
fn templates() -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for path in crate::fixtures::single_files() {
        let text = std::fs::read(&path).unwrap();
        let document = Document::parse(&text);
        let is_template = document.root().is_some_and(|root| {
            let resources = document.get(root, "resources");
            document.key(root, "contentVersion").is_some() && resources.is_some()
        });
        if text.starts_with(b"{") && document.errors().is_empty() && is_template {
            found.push((path, text));
        }
    }
    assert!(found.len() > 100, "only {} templates", found.len());
    found
}

/// Whether variables lose their last use, or the extension stands in what is declared: who uses that is
/// looked at only outside of other things.
fn changes_what_is_declared(template: &[u8]) -> bool {
    let findings = migrate(template, &Options::default()).findings;
    findings.iter().any(|finding| {
        let path = &finding.place.path;
        finding.rule.id == "orphaned-variable"
            || path.contains("['variables']")
            || path.contains("['defaultValue']")
    })
}

/// The template after a fix.
fn fixed(text: &[u8], what: &str) -> Vec<u8> {
    let migration = migrate(text, &Options::default());
    assert!(migration.is_template, "{what}");
    if let Some(fault) = migration.fault {
        panic!("{what}: {fault}");
    }
    migration
        .fixed
        .map_or_else(|| text.to_vec(), |fixed| fixed.bytes)
}

#[test]
fn a_template_is_fixed_inside_of_others_as_it_is_alone() {
    let mut changed = 0;
    for (path, text) in templates() {
        if changes_what_is_declared(&text) {
            continue;
        }
        let alone = fixed(&text, &path.display().to_string());
        changed += usize::from(alone != text);
        for around in &AROUND {
            let what = format!("{} in {}", path.display(), around.before);
            let inside = fixed(&around.with(&text), &what);
            let expected = around.with(&alone);
            assert!(
                inside == expected,
                "{what}:\n{}",
                String::from_utf8_lossy(&inside)
            );
        }
    }
    assert!(changed > 50, "only {changed} templates change");
}
