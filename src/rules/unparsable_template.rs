//! `unparsable-template`: a file that says it is a template and that Azure cannot read.

use crate::json::Document;

use super::{Finding, Fix, Place, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "unparsable-template",
    finds: "a template that Azure's JSON reader refuses, or one with the extension in UTF-16",
    fixes: "reported only; such a file is never edited",
    needles: &["managedidentity"],
};

/// The finding for a template with the extension in UTF-16, which is not edited.
pub fn wrong_encoding() -> Finding {
    Finding {
        rule: &RULE,
        severity: Severity::Error,
        message: "this template names the extension and is in UTF-16, which is not edited"
            .to_owned(),
        place: Place {
            span: 0..0,
            path: "$".to_owned(),
        },
        related: Vec::new(),
        help: vec!["save it as UTF-8, which Azure reads as well, and run again".to_owned()],
        fix: Fix::DisplayOnly,
    }
}

/// The finding for the first error of `document`, if it has one.
pub fn unparsable(document: &Document<'_>) -> Option<Finding> {
    let error = document.errors().first()?;
    Some(Finding {
        rule: &RULE,
        severity: Severity::Error,
        message: format!("this template does not parse: {}", error.message),
        place: Place {
            span: error.offset..(error.offset + 1).min(document.text().len()),
            path: "$".to_owned(),
        },
        related: Vec::new(),
        help: vec!["mend the JSON, then run again: a file with errors is never edited".to_owned()],
        fix: Fix::DisplayOnly,
    })
}
