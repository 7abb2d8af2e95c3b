//! `unparsable-template`: a file that says it is a template and that Azure cannot read.

use std::ops::Range;

use crate::json::Document;

use super::{Finding, Fix, Place, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "unparsable-template",
    finds: "a template that Azure's JSON reader refuses, or one in UTF-16 with half of a character",
    fixes: "reported only; such a file is never edited",
    needles: &["managedidentity"],
};

/// The finding for a template in UTF-16 with half of a character at `offset` of its text: what
/// stands there cannot be written back.
pub fn undecodable(offset: usize) -> Finding {
    finding(
        "this template is in UTF-16 with half of a character in it, so it cannot be written back byte \
         for byte"
            .to_owned(),
        offset..offset + char::REPLACEMENT_CHARACTER.len_utf8(),
        "mend the character or save the file as UTF-8, then run again",
    )
}

/// The finding for the first error of `document`, if it has one.
pub fn unparsable(document: &Document<'_>) -> Option<Finding> {
    let error = document.errors().first()?;
    Some(finding(
        format!("this template does not parse: {}", error.message),
        error.offset..(error.offset + 1).min(document.text().len()),
        "mend the JSON, then run again: a file with errors is never edited",
    ))
}

fn finding(message: String, span: Range<usize>, help: &str) -> Finding {
    Finding {
        rule: &RULE,
        severity: Severity::Error,
        message,
        place: Place {
            span,
            path: "$".to_owned(),
        },
        related: Vec::new(),
        help: vec![help.to_owned()],
        fix: Fix::DisplayOnly,
    }
}
