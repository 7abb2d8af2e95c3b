//! The dialect, what is refused, and what is recovered.

use super::MAX_DEPTH;
use crate::json::{Document, Kind, NodeId};

fn shape(document: &Document, id: NodeId) -> String {
    let children = |id| {
        let all: Vec<_> = document.children(id).map(|c| shape(document, c)).collect();
        all.join(",")
    };
    match document.kind(id) {
        Kind::Object => format!("{{{}}}", children(id)),
        Kind::Array => format!("[{}]", children(id)),
        Kind::Key => format!("{}:{}", document.string(id).unwrap(), children(id)),
        _ => String::from_utf8_lossy(document.raw(id)).into_owned(),
    }
}

fn parsed(text: &str) -> String {
    let document = Document::parse(text.as_bytes());
    assert_eq!(document.errors(), [], "{text}");
    shape(&document, document.root().unwrap())
}

fn errors(text: &str) -> Vec<(usize, String)> {
    let document = Document::parse(text.as_bytes());
    let errors = document.errors().iter();
    errors.map(|e| (e.offset, e.message.clone())).collect()
}

#[test]
fn the_dialect_is_accepted() {
    let table = [
        ("\u{feff}{\"a\": [1, {}], \"b\": []}", "{a:[1,{}],b:[]}"),
        ("{// c\n\"a\":1, /* } */ \"b\":2,}", "{a:1,b:2}"),
        ("{a: 'x', $b_1: \"y\nz\"}", "{a:'x',$b_1:\"y\nz\"}"),
        ("[1,\u{a0}2,\u{2003}]", "[1,2]"),
        (
            "[-1.5e3, 0x1F, NaN, -Infinity, undefined]",
            "[-1.5e3,0x1F,NaN,-Infinity,undefined]",
        ),
        ("{\"a\":1,\"a\":2}", "{a:1,a:2}"),
        ("\"\\u0041\"", "\"\\u0041\""),
        ("[[],[[]],1]", "[[],[[]],1]"),
    ];
    for (text, expected) in table {
        assert_eq!(parsed(text), expected, "{text}");
    }
}

#[test]
fn what_azure_refuses_is_an_error_at_its_place() {
    let table = [
        ("", 0),
        ("{\"a\":1 \"b\":2}", 7),
        ("[1,,2]", 3),
        ("{\"a\"}", 4),
        ("{\"a\":}", 5),
        ("[1] 2", 4),
        ("[1}", 2),
        ("[foo]", 1),
        ("{\"a\":[1}", 7),
        ("\"a\\x\"", 2),
        ("[\"a", 1),
        ("[1 /* x", 3),
        ("[", 0),
    ];
    for (text, offset) in table {
        let found = errors(text);
        assert_eq!(
            found.first().map(|e| e.0),
            Some(offset),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn the_rest_of_a_broken_text_is_recovered() {
    let document = Document::parse(br#"{"a": 1 "b": [1 2, {"c": }], "d": 4"#);
    let root = document.root().unwrap();
    assert_eq!(shape(&document, root), "{a:1,b:[1,2,{c:}],d:4}");
}

#[test]
fn depth_is_capped_without_a_stack_overflow() {
    assert_eq!(errors(&"[".repeat(100_000))[0].0, MAX_DEPTH);
    let deep = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    assert_eq!(errors(&deep), []);
}

#[test]
fn the_last_of_several_keys_counts_and_case_does_not() {
    let document = Document::parse(br#"{"Type": 1, "t\u0079pe": 2}"#);
    let value = document.get(document.root().unwrap(), "type").unwrap();
    assert_eq!(document.raw(value), b"2");
}
