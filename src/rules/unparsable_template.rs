//! `unparsable-template`: a file that says it is a template and that Azure cannot read.

use std::ops::Range;

use crate::json::Document;

use super::needles::EXTENSION;
use super::{Finding, Place, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "unparsable-template",
    finds: "a template that Azure's JSON reader refuses, or one in UTF-16 with an unpaired \
            surrogate",
    fixes: "reported only; such a file is never edited",
    severity: Severity::Error,
    needles: &[EXTENSION],
    page: include_str!("unparsable_template.md"),
    ..Rule::DEFAULT
};

/// The finding for a template in UTF-16 with half of a character at `offset` of the whole text: what
/// is there cannot be written back.
pub fn undecodable(source: usize, offset: usize) -> Finding {
    finding(
        "this template is in UTF-16 with an unpaired surrogate, so it cannot be written back byte \
         for byte"
            .to_owned(),
        source,
        offset..offset + char::REPLACEMENT_CHARACTER.len_utf8(),
        "fix the character or save the file as UTF-8, then run again",
    )
}

/// The finding for a source that says it is a template and is larger than so many MiB.
pub fn too_large(source: usize, most: usize) -> Finding {
    finding(
        format!(
            "this template is larger than {most} MiB, so it is not checked; Azure accepts 4 MiB"
        ),
        source,
        0..0,
        "split the template, or exclude the file if nothing deploys it",
    )
}

/// The finding for the first error of a source of `document`, if it has one.
pub fn unparsable(document: &Document<'_>, source: usize) -> Option<Finding> {
    let error = document.errors_of(source).next()?;
    Some(finding(
        format!("this template does not parse: {}", error.message),
        source,
        character(document.text(), error.offset),
        "fix the syntax and run again; files that do not parse are never edited",
    ))
}

/// The whole character at `offset`, or the byte that is none; nothing at the text's end.
fn character(text: &[u8], offset: usize) -> Range<usize> {
    let rest = text.get(offset..).unwrap_or_default();
    let first = rest.utf8_chunks().next();
    let length = first.map_or(0, |chunk| {
        let character = chunk.valid().chars().next();
        character.map_or(chunk.invalid().len(), char::len_utf8)
    });
    offset..offset + length
}

fn finding(message: String, source: usize, span: Range<usize>, help: &str) -> Finding {
    let path = "$".to_owned();
    Finding::new(&RULE, Place { source, span, path }, message).with_help([help])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_an_error_is_a_whole_character() {
        let text = "{\u{feff}\u{1f600}".as_bytes();
        for (offset, end) in [(0, 1), (1, 4), (4, 8), (8, 8)] {
            assert_eq!(character(text, offset), offset..end);
        }
        assert_eq!(character(b"[\xff\xff", 1), 1..2);
    }
}
