//! The text of a baseline's file: JSON with a line for each entry, in their order, so that two branches
//! merge.
//!
//! Start at [`Baseline::parse`] and [`render`].

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Baseline, BaselineEntry, Fingerprint, KnownEntry};
use crate::json::{Document, Kind};
use crate::text::{LineIndex, Position};

/// The version of the file's form.
const VERSION: u32 = 1;

/// The JSON Schema of the file.
pub const BASELINE_SCHEMA: &str = include_str!("baseline.schema.json");

/// Why a text is no baseline.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct BaselineError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong, without a full stop.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineDocument {
    #[serde(rename = "schema")]
    _schema: u32,
    entries: Vec<EntryRow<String, Fingerprint>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryRow<S, F> {
    file: S,
    rule: S,
    path: S,
    fingerprint: F,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<NonZeroUsize>,
}

impl Baseline {
    /// Reads the text of a baseline's file, which is in `folder`: an absolute path with `/`.
    ///
    /// # Errors
    /// [`BaselineError`] where it is none, or one of another version.
    pub fn parse(bytes: &[u8], folder: &str) -> Result<Self, BaselineError> {
        let mark = b"\xef\xbb\xbf";
        let bytes = bytes.strip_prefix(mark).unwrap_or(bytes);
        let document = Document::parse(bytes);
        let root = document.root();
        let version = root.and_then(|root| document.get(root, "schema"));
        if let Some(version) =
            version.filter(|it| document.raw(*it) != VERSION.to_string().as_bytes())
        {
            let start = document.span(version).start;
            let Position { line, column } = LineIndex::new(bytes).position(bytes, start);
            let found = String::from_utf8_lossy(document.raw(version));
            return Err(BaselineError {
                line,
                column,
                message: format!("this is a baseline of version {found}, not {VERSION}"),
            });
        }
        // Whoever reads it takes a list for an object too.
        if root.is_none_or(|root| document.kind(root) != Kind::Object) {
            return Err(BaselineError {
                line: 1,
                column: 1,
                message: "expected an object with schema and entries".to_owned(),
            });
        }
        let text: BaselineDocument = serde_json::from_slice(bytes).map_err(|error| {
            let (line, column) = (error.line().max(1), error.column().max(1));
            let said = error.to_string();
            let said = said
                .rsplit_once(" at line ")
                .map_or(said.as_str(), |(said, _)| said);
            BaselineError {
                line,
                column,
                message: said.to_owned(),
            }
        })?;
        let list = root.and_then(|root| document.get(root, "entries"));
        let mut spans = list.into_iter().flat_map(|list| document.children(list));
        let mut baseline = Self::empty(folder);
        for (index, row) in text.entries.into_iter().enumerate() {
            let span = spans.next().map_or(0..0, |node| document.span(node));
            let entry = BaselineEntry {
                file: row.file,
                rule: row.rule,
                path: row.path,
                fingerprint: row.fingerprint,
            };
            let kept = baseline.entries.entry(entry).or_insert(KnownEntry {
                count: 0,
                index,
                span,
            });
            kept.count = kept
                .count
                .saturating_add(row.count.map_or(1, NonZeroUsize::get));
        }
        Ok(baseline)
    }
}

/// The text of a baseline with these entries, each as often.
pub(super) fn render(entries: BTreeMap<&BaselineEntry, usize>) -> Vec<u8> {
    let mut text = format!("{{\n  \"schema\": {VERSION},\n  \"entries\": [");
    let mut comma = "";
    for (entry, count) in entries {
        let row = EntryRow {
            file: entry.file.as_str(),
            rule: entry.rule.as_str(),
            path: entry.path.as_str(),
            fingerprint: entry.fingerprint.to_string(),
            count: NonZeroUsize::new(count).filter(|count| count.get() > 1),
        };
        // Strings and numbers always have a text.
        let row = serde_json::to_string(&row).unwrap_or_default();
        text.push_str(&format!("{comma}\n    {row}"));
        comma = ",";
    }
    text.push_str(if comma.is_empty() {
        "]\n}\n"
    } else {
        "\n  ]\n}\n"
    });
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> (usize, usize, String) {
        let error = Baseline::parse(text.as_bytes(), "/").unwrap_err();
        (error.line, error.column, error.message)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let entry = |file: &str| BaselineEntry {
            file: file.to_owned(),
            rule: "vm-extension".to_owned(),
            path: "/resources/[a \"b\"]".to_owned(),
            fingerprint: Fingerprint::default(),
        };
        let found = [entry("b"), entry("a"), entry("b")];
        let text = Baseline::empty("/").render_update(&found, |_| true);
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 7, "{text}");
        assert!(lines[3].contains(r#""file":"a""#) && !lines[3].contains("count"));
        assert!(lines[4].ends_with(r#""count":2}"#), "{text}");
        let read = Baseline::parse(text.as_bytes(), "/").unwrap();
        assert_eq!(read.render_update(&[], |_| false), text.as_bytes());
        assert_eq!(read.render_update(&found, |_| true), text.as_bytes());
        let none = Baseline::empty("/").render_update(&[], |_| true);
        assert!(Baseline::parse(&none, "/").unwrap().entries.is_empty());
    }

    #[test]
    fn a_text_that_is_no_baseline_is_refused_where_it_goes_wrong() {
        let (line, _, message) = refusal("{\n  \"schema\": 1,\n  \"entries\": [{]\n}");
        assert_eq!(line, 3, "{message}");
        let newer = refusal("{\n  \"schema\": 2, \"more\": {}}");
        let said = "this is a baseline of version 2, not 1".to_owned();
        assert_eq!(newer, (2, 13, said));
        for (text, said) in [
            ("", "expected an object"),
            ("[1, []]", "expected an object"),
            (r#"{"schema": 1}"#, "missing field `entries`"),
            (r#"{"entries": []}"#, "missing field `schema`"),
            (
                r#"{"schema": 1, "entries": [], "more": 1}"#,
                "unknown field `more`",
            ),
            (
                r#"{"schema": 1, "entries": [{"file": "a"}]}"#,
                "missing field `rule`",
            ),
            (
                r#"{"schema": 1, "entries": [{"file": "a", "rule": "b", "path": "", "fingerprint": "x"}]}"#,
                "16 hexadecimal digits",
            ),
            (
                r#"{"schema": 1, "entries": [{"file": "a", "rule": "b", "path": "",
                "fingerprint": "0123456789abcdef", "count": 0}]}"#,
                "nonzero",
            ),
        ] {
            let (_, _, message) = refusal(text);
            assert!(message.contains(said), "{text}: {message}");
        }
    }
}
