//! Texts that a reader of RFC 8259 must accept, must refuse, or may do either with.
//!
//! Templates are read as Azure reads them, by Newtonsoft.Json, so some of what the standard refuses is
//! accepted; [`dialect`] has the reasons. Of what the standard accepts nothing is refused, and what both
//! accept has the value that serde_json gives it. Start at [`value`].

mod accepted;
mod dialect;
mod either;
mod refused;

use msi2imds::json::{Document, Kind, NodeId};
use msi2imds::text::Decoded;
use serde_json::{Map, Value};

use accepted::ACCEPTED;
use dialect::DIALECT;
use either::{EITHER, Ours};
use refused::REFUSED;

/// What a text is, in a few words, and the text.
type Row = (&'static str, &'static [u8]);

/// The two texts of the suite that are too long for a table: brackets that are never closed.
fn deep() -> [(&'static str, Vec<u8>); 2] {
    [
        ("100,000 open arrays", b"[".repeat(100_000)),
        ("50,000 open arrays of objects", b"[{\"\":".repeat(50_000)),
    ]
}

#[test]
fn what_the_standard_accepts_has_the_same_value_as_elsewhere() {
    for (what, text) in ACCEPTED {
        let value: Value = serde_json::from_slice(text).unwrap_or_else(|error| {
            panic!("{what}: the table is wrong, this is refused by others too: {error}")
        });
        assert_eq!(strict_value(text), Ok(value), "{what}");
    }
}

#[test]
fn what_no_reader_of_templates_accepts_is_refused_where_it_goes_wrong() {
    let deep = deep();
    let deep = deep.iter().map(|(what, text)| (*what, text.as_slice()));
    for (what, text) in REFUSED.iter().copied().chain(deep) {
        assert!(!is_strict(text), "{what}: the standard accepts it");
        let said = value(text);
        assert!(said.is_err(), "{what} is read as {said:?}");
    }
}

#[test]
fn what_the_dialect_accepts_has_the_value_that_azure_gives_it() {
    for (what, text, expected, why) in DIALECT {
        assert!(!is_strict(text), "{what}: the standard accepts it");
        assert_eq!(value(text).as_deref(), Ok(*expected), "{what}: {why}");
    }
}

#[test]
fn what_the_standard_leaves_open_is_accepted_or_refused_as_the_table_says() {
    let nested = [b"[".repeat(500), b"]".repeat(500)].concat();
    let shown = String::from_utf8(nested.clone()).unwrap();
    assert_eq!(value(&nested), Ok(shown), "500 nested arrays");
    for (what, text, ours, why) in EITHER {
        match ours {
            Ours::Accepts(expected) => {
                assert_eq!(value(text).as_deref(), Ok(*expected), "{what}: {why}");
                if is_strict(text) {
                    let others: Value = serde_json::from_slice(text).unwrap();
                    assert_eq!(strict_value(text), Ok(others), "{what}");
                }
            }
            Ours::Refuses => {
                let said = value(text);
                assert!(said.is_err(), "{what} is read as {said:?}: {why}");
            }
        }
    }
}

#[test]
fn the_tables_have_every_case_of_the_suite_once() {
    let counts = [ACCEPTED.len(), REFUSED.len() + deep().len() + DIALECT.len()];
    // The deeply nested one of those that are left open is made in its test.
    assert_eq!((counts, EITHER.len() + 1), ([95, 193], 35));
    let deep = deep().map(|(what, _)| what);
    let rows = ACCEPTED.iter().chain(REFUSED).map(|row| row.0);
    let dialect = DIALECT.iter().map(|row| row.0);
    let either = EITHER.iter().map(|row| row.0);
    let mut names: Vec<&str> = rows.chain(dialect).chain(either).chain(deep).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "two cases have one name");
}

/// Whether another reader takes the text for JSON.
fn is_strict(text: &[u8]) -> bool {
    serde_json::from_slice::<Value>(text).is_ok()
}

/// The value of a file with these bytes, written without white space: numbers are spelled as in the
/// file, and members of one name are all there. Else the first error.
fn value(file: &[u8]) -> Result<String, String> {
    read(file, |document, root| {
        let mut out = String::new();
        write(document, root, &mut out);
        out
    })
}

/// The value as serde_json has it: of members of one name it has the last.
fn strict_value(file: &[u8]) -> Result<Value, String> {
    read(file, of)
}

fn read<T>(file: &[u8], what: impl Fn(&Document<'_>, NodeId) -> T) -> Result<T, String> {
    let decoded = Decoded::new(file);
    let document = Document::parse(decoded.text());
    match document.errors() {
        [] => Ok(what(&document, document.root().unwrap())),
        [first, ..] => {
            assert!(first.offset <= decoded.text().len());
            Err(first.to_string())
        }
    }
}

fn write(document: &Document<'_>, node: NodeId, out: &mut String) {
    let items: Vec<NodeId> = document.children(node).collect();
    let (open, close) = match document.kind(node) {
        Kind::Object => ("{", "}"),
        Kind::Array => ("[", "]"),
        Kind::String | Kind::Key => {
            let text = document.string(node).unwrap();
            out.push_str(&serde_json::to_string(&text).unwrap());
            if let Some(value) = document.value(node) {
                out.push(':');
                write(document, value, out);
            }
            return;
        }
        _ => {
            out.push_str(std::str::from_utf8(document.raw(node)).unwrap());
            return;
        }
    };
    out.push_str(open);
    for (index, item) in items.into_iter().enumerate() {
        out.push_str(if index == 0 { "" } else { "," });
        write(document, item, out);
    }
    out.push_str(close);
}

fn of(document: &Document<'_>, node: NodeId) -> Value {
    match document.kind(node) {
        Kind::Object => {
            let member = |key| {
                let value = of(document, document.value(key).unwrap());
                (document.string(key).unwrap(), value)
            };
            Value::Object(document.children(node).map(member).collect::<Map<_, _>>())
        }
        Kind::Array => {
            let elements = document.children(node);
            elements.map(|element| of(document, element)).collect()
        }
        Kind::String | Kind::Key => document.string(node).unwrap().into(),
        _ => serde_json::from_slice(document.raw(node)).unwrap(),
    }
}
