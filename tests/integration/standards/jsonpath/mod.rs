//! Queries of RFC 9535 and the nodelists that they must give, or that they must be refused.
//!
//! The engine is a crate. Where it does something else than the standard, it must do the same on a
//! plain value: then it is not the document that is at fault. Such queries are in [`DEVIATIONS`]. Start
//! at [`Case`].

mod basics;
mod filters;
mod functions;
mod names;
mod whitespace;

use std::collections::BTreeSet;

use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use msi2imds::json::{Document, JsonPath, JsonPathError, Kind, NodeId, select};
use serde_json::{Map, Value};

/// A query, a document, and the values that the query selects from it, as an array.
type Row = (&'static str, &'static str, &'static str);

/// A query, the document that it is asked of, and what the standard wants.
struct Case {
    query: String,
    document: &'static str,
    /// The values as an array; `None` for a query that must be refused.
    expected: Option<&'static str>,
}

impl Case {
    fn refused(query: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            document: "[]",
            expected: None,
        }
    }
}

fn selected(rows: &[Row]) -> impl Iterator<Item = Case> {
    rows.iter().map(|(query, document, expected)| Case {
        query: (*query).to_owned(),
        document,
        expected: Some(expected),
    })
}

fn refused(queries: &[&str]) -> impl Iterator<Item = Case> {
    queries.iter().map(|query| Case::refused(*query))
}

fn cases() -> Vec<Case> {
    let groups = [
        basics::cases(),
        filters::cases(),
        functions::cases(),
        names::cases(),
        whitespace::cases(),
    ];
    groups.into_iter().flatten().collect()
}

/// Queries of which the engine makes something else than the standard, and what.
const DEVIATIONS: &[(&str, &str)] = &[
    (
        "$..['k','m']",
        "all of the first name come before those of the second",
    ),
    ("$[?@[?@>1]]", "a filter inside of a filter is never true"),
    ("$[?count(@.*)==0]", "the count of nothing is nothing"),
    ("$[?count(@.*)]", "a number is not compared, and never true"),
    (
        "$[?length(@.k)]",
        "a number is not compared, and never true",
    ),
    ("$[?value(@.k)]", "a value is not compared, and never true"),
    ("$[?length(@.*)==1]", "several nodes have no length"),
    ("$[?match(@.*, 'k')]", "several nodes match nothing"),
    ("$[?value(2)==4]", "a number has no value"),
    ("$.k ", "white space may stand at the end"),
    ("$.k\n", "white space may stand at the end"),
    ("$.k\t", "white space may stand at the end"),
    ("$.k\r", "white space may stand at the end"),
];

/// Queries that the engine can run and the product refuses.
const UNBOUNDED: &[&str] = &["$[?count(@..*)>2]"];

#[test]
fn a_query_gives_what_the_standard_says_or_what_the_engine_gives_elsewhere() {
    let known: BTreeSet<&str> = DEVIATIONS.iter().map(|(query, _)| *query).collect();
    let mut faults = String::new();
    for case in cases() {
        let Case {
            query, document, ..
        } = &case;
        let value: Value = serde_json::from_str(document).unwrap();
        let expected = case.expected.map(list_of);
        let ours = ours(query, document);
        if UNBOUNDED.contains(&query.as_str()) {
            assert_eq!(
                JsonPath::parse(query),
                Err(JsonPathError::DescendantInFilter)
            );
            assert_eq!(elsewhere(query, &value), expected, "{query}");
            continue;
        }
        let deviates = known.contains(query.as_str());
        if (ours == expected) == deviates {
            faults += &format!("{query:?} on {document}: {ours:?}, not {expected:?}\n");
        }
        let elsewhere = elsewhere(query, &value);
        if ours != elsewhere {
            faults += &format!("{query:?} on {document}: {ours:?}, elsewhere {elsewhere:?}\n");
        }
    }
    assert_eq!(faults, "");
}

#[test]
fn every_deviation_is_one_of_a_query_that_is_tried() {
    let cases = cases();
    let queries: BTreeSet<&str> = cases.iter().map(|case| case.query.as_str()).collect();
    let listed = DEVIATIONS.iter().map(|(query, _)| *query);
    for query in listed.chain(UNBOUNDED.iter().copied()) {
        assert!(queries.contains(query), "{query}");
    }
    let no = cases.iter().filter(|case| case.expected.is_none()).count();
    assert_eq!((cases.len(), no), (651, 231));
}

fn list_of(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

/// What the query selects from a document; `None` where it is refused.
fn ours(query: &str, text: &str) -> Option<Vec<Value>> {
    let query = JsonPath::parse(query).ok()?;
    let document = Document::parse(text.as_bytes());
    assert_eq!(document.errors(), []);
    let nodes = select(&document, &[&query]).unwrap().into_iter().flatten();
    Some(nodes.map(|node| of(&document, node)).collect())
}

/// What it selects from a value of another crate.
fn elsewhere(query: &str, value: &Value) -> Option<Vec<Value>> {
    let query = parse_json_path(query).ok()?;
    let found = js_path_process(&query, value).unwrap_or_default();
    Some(found.into_iter().map(|found| found.val().clone()).collect())
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
