//! Exact bytes for the shapes that matter; the table of all of them is in `table`.

mod matrix;
mod table;

use serde_json::{Value, json};

use super::super::document::{Document, Kind, NodeId};
use super::{Inserted, Operation, WhenEmpty, lower};
use crate::text::apply;

fn valid(text: &[u8]) -> Document<'_> {
    let document = Document::parse(text);
    let shown = String::from_utf8_lossy(text);
    assert!(document.errors().is_empty(), "does not parse: {shown:?}");
    document
}

/// The node at a path of member names and indices, such as `v.0.name`.
fn node(document: &Document<'_>, path: &str) -> NodeId {
    let mut node = document.root().unwrap();
    for step in path.split('.').filter(|step| !step.is_empty()) {
        node = match document.kind(node) {
            Kind::Array => {
                let index = step.parse().unwrap();
                document.children(node).nth(index).unwrap()
            }
            _ => document.get(node, step).unwrap(),
        };
    }
    node
}

fn key(document: &Document<'_>, path: &str) -> NodeId {
    document.parent(node(document, path)).unwrap()
}

/// A member of an object, or an element of an array.
fn item(document: &Document<'_>, container: NodeId, index: usize) -> NodeId {
    document.children(container).nth(index).unwrap()
}

fn changed(text: &str, operations: impl Fn(&Document<'_>) -> Vec<Operation>) -> String {
    let document = valid(text.as_bytes());
    let edits = lower(&document, &operations(&document));
    let new = apply(text.as_bytes(), &edits).unwrap();
    valid(&new);
    String::from_utf8(new).unwrap()
}

fn without(text: &str, paths: &[&str]) -> String {
    changed(text, |document| {
        let remove = |path: &&str| remove(document, path, WhenEmpty::Keep);
        paths.iter().map(remove).collect()
    })
}

fn remove(document: &Document<'_>, path: &str, when_empty: WhenEmpty) -> Operation {
    let value = node(document, path);
    let item = document.parent(value).unwrap();
    if document.kind(item) == Kind::Key {
        return Operation::RemoveMember { key: item };
    }
    Operation::RemoveElement {
        element: value,
        when_empty,
    }
}

fn add(document: &Document<'_>, container: &str, after: Option<usize>, value: Value) -> Operation {
    let container = node(document, container);
    let after = after.map(|index| item(document, container, index));
    if document.kind(container) == Kind::Array {
        return Operation::InsertElement {
            array: container,
            after,
            value: Inserted::Value(value),
        };
    }
    Operation::InsertMember {
        object: container,
        after,
        name: "new".to_owned(),
        value,
    }
}

fn with(text: &str, container: &str, after: Option<usize>, value: &Value) -> String {
    changed(text, |document| {
        vec![add(document, container, after, value.clone())]
    })
}

const DEPENDENCIES: &str = r#"{
  "name": "vm",
  "dependsOn": [
    "a", // the network
    "b"
  ],
  "tags": {}
}"#;

#[test]
fn an_element_in_the_middle_of_joined_braces_goes_with_one_separator() {
    let text =
        "{\n  \"v\": [{\n    \"a\": 1\n  }, {\n    \"a\": 2\n  }, {\n    \"a\": 3\n  }]\n}\n";
    let middle = "{\n  \"v\": [{\n    \"a\": 1\n  }, {\n    \"a\": 3\n  }]\n}\n";
    let first = "{\n  \"v\": [{\n    \"a\": 2\n  }, {\n    \"a\": 3\n  }]\n}\n";
    let last = "{\n  \"v\": [{\n    \"a\": 1\n  }, {\n    \"a\": 2\n  }]\n}\n";
    assert_eq!(without(text, &["v.1"]), middle);
    assert_eq!(without(text, &["v.0"]), first);
    assert_eq!(without(text, &["v.2"]), last);
    assert_eq!(without(text, &["v.0", "v.1", "v.2"]), "{\n  \"v\": []\n}\n");
}

#[test]
fn joined_braces_on_their_own_lines_stay_joined() {
    let text = "[\n  {\n    \"a\": 1\n  }, {\n    \"a\": 2\n  }\n]";
    assert_eq!(without(text, &["0"]), "[\n  {\n    \"a\": 2\n  }\n]");
    assert_eq!(without(text, &["1"]), "[\n  {\n    \"a\": 1\n  }\n]");
    assert_eq!(
        with(text, "", Some(0), &json!({"a": 9})),
        "[\n  {\n    \"a\": 1\n  }, {\n    \"a\": 9\n  }, {\n    \"a\": 2\n  }\n]"
    );
    assert_eq!(
        with(text, "", Some(1), &json!({"a": 9})),
        "[\n  {\n    \"a\": 1\n  }, {\n    \"a\": 2\n  }, {\n    \"a\": 9\n  }\n]"
    );
}

#[test]
fn leading_commas_stay_leading() {
    let text = "{\n    \"a\": 1\n  , \"b\": 2 // two\n  , \"c\": 3\n}";
    assert_eq!(
        without(text, &["a"]),
        "{\n    \"b\": 2 // two\n  , \"c\": 3\n}"
    );
    assert_eq!(without(text, &["b"]), "{\n    \"a\": 1\n  , \"c\": 3\n}");
    assert_eq!(
        without(text, &["c"]),
        "{\n    \"a\": 1\n  , \"b\": 2 // two\n}"
    );
    assert_eq!(
        with(text, "", Some(1), &json!(9)),
        "{\n    \"a\": 1\n  , \"b\": 2 // two\n  , \"new\": 9\n  , \"c\": 3\n}"
    );
    assert_eq!(
        with(text, "", Some(2), &json!(9)),
        "{\n    \"a\": 1\n  , \"b\": 2 // two\n  , \"c\": 3\n  , \"new\": 9\n}"
    );
}

#[test]
fn blanks_in_front_of_leading_commas_do_not_go_on_a_comment() {
    let text = "{\n  \"a\": 1 \n, \"b\": 2 // two\n}";
    assert_eq!(
        with(text, "", Some(1), &json!(9)),
        "{\n  \"a\": 1 \n, \"b\": 2 // two\n, \"new\": 9\n}"
    );
}

#[test]
fn one_line_containers_stay_on_one_line() {
    assert_eq!(without("[ 1 , 2 ]", &["1"]), "[ 1 ]");
    assert_eq!(without("[1,2,3]", &["1"]), "[1,3]");
    assert_eq!(without("{ \"a\": 1, \"b\": 2 }", &["a"]), "{ \"b\": 2 }");
    assert_eq!(without("{ \"a\": 1 }", &["a"]), "{}");
    assert_eq!(without("[1, /*x*/ ]", &["0"]), "[]");
    let identity = json!({"type": "SystemAssigned"});
    assert_eq!(
        with("{\"a\":1,\"b\":2}", "", Some(0), &identity),
        "{\"a\":1,\"new\":{\"type\":\"SystemAssigned\"},\"b\":2}"
    );
    assert_eq!(
        with("{ \"a\" : 1 }", "", Some(0), &identity),
        "{ \"a\" : 1, \"new\" : { \"type\" : \"SystemAssigned\" } }"
    );
    assert_eq!(with("[ 2 ]", "", None, &json!(1)), "[ 2, 1 ]");
}

#[test]
fn a_comment_at_the_line_of_the_anchor_stays_with_it() {
    assert_eq!(
        with(DEPENDENCIES, "dependsOn", Some(0), &json!("c")),
        DEPENDENCIES.replace("network\n", "network\n    \"c\",\n")
    );
    let text = "[\n  1 // one\n]";
    assert_eq!(with(text, "", Some(0), &json!(2)), "[\n  1, // one\n  2\n]");
    let text = "[ 1 // one\n]";
    assert_eq!(with(text, "", Some(0), &json!(2)), "[ 1, // one\n2\n]");
}

#[test]
fn a_bracket_does_not_end_up_in_a_comment() {
    let text = "[\n  1, // one\n  2 ]";
    assert_eq!(without(text, &["1"]), "[\n  1 // one\n   ]");
    let text = "[\n  1 // one\n  , 2 ]";
    assert_eq!(without(text, &["1"]), "[\n  1 // one\n ]");
}

#[test]
fn the_comments_above_and_behind_go_and_those_set_off_stay() {
    let text = "[\n  // all of them\n\n  // one\n  /* really */\n  1, // 1\n  // two\n  2 // 2\n]";
    assert_eq!(
        without(text, &["0"]),
        "[\n  // all of them\n\n  // two\n  2 // 2\n]"
    );
    assert_eq!(
        without(text, &["1"]),
        "[\n  // all of them\n\n  // one\n  /* really */\n  1 // 1\n]"
    );
    assert_eq!(without(text, &["0", "1"]), "[\n  // all of them\n]");
}

#[test]
fn a_comment_on_the_line_of_the_bracket_stays() {
    let text = "[ // head\n  1, /* of two */ 2\n]";
    assert_eq!(without(text, &["0", "1"]), "[ // head\n]");
    assert_eq!(without(text, &["0"]), "[ // head\n  /* of two */ 2\n]");
    assert_eq!(without(text, &["1"]), "[ // head\n  1\n]");
}

#[test]
fn one_of_two_blank_lines_goes_with_the_lines_between_them() {
    let text = "[\n  1,\n\n  2,\n\n  3\n]";
    assert_eq!(without(text, &["0"]), "[\n  2,\n\n  3\n]");
    assert_eq!(without(text, &["1"]), "[\n  1,\n\n  3\n]");
    assert_eq!(without(text, &["2"]), "[\n  1,\n\n  2\n]");
}

#[test]
fn tabs_and_no_break_spaces_are_indentation() {
    let identity = json!({"type": "SystemAssigned"});
    assert_eq!(
        with("{\r\n\t\"a\": 1\r\n}", "", Some(0), &identity),
        "{\r\n\t\"a\": 1,\r\n\t\"new\": {\r\n\t\t\"type\": \"SystemAssigned\"\r\n\t}\r\n}"
    );
    let text = "{\n\u{a0}\u{a0}\"a\": [\n\u{a0}\u{a0}\u{a0}\u{a0}1,\n\u{a0}\u{a0}\u{a0}\u{a0}2\n\u{a0}\u{a0}]\n}";
    assert_eq!(
        without(text, &["a.1"]),
        text.replace(",\n\u{a0}\u{a0}\u{a0}\u{a0}2", "")
    );
    assert_eq!(
        with(text, "a", Some(0), &json!([0])),
        text.replace(
            "1,\n",
            "1,\n\u{a0}\u{a0}\u{a0}\u{a0}[\n\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}0\n\u{a0}\u{a0}\u{a0}\u{a0}],\n"
        )
    );
}

#[test]
fn an_identity_takes_the_unit_of_its_neighbours_and_their_colon() {
    let text =
        "{\n    \"resources\" :[\n        {\n            \"type\" :\"vm\"\n        }\n    ]\n}";
    assert_eq!(
        with(text, "resources.0", None, &json!({"type": "S", "ids": {}})),
        "{\n    \"resources\" :[\n        {\n            \"type\" :\"vm\",\n            \"new\" :{\n                \"ids\" :{},\n                \"type\" :\"S\"\n            }\n        }\n    ]\n}"
    );
}

#[test]
fn objects_stay_on_one_line_beside_objects_on_one_line() {
    let text = "[\n  { \"a\": 1 }\n]";
    assert_eq!(
        with(text, "", Some(0), &json!({"a": 2})),
        "[\n  { \"a\": 1 },\n  { \"a\": 2 }\n]"
    );
}

#[test]
fn an_empty_container_is_filled_like_its_surroundings() {
    let text = "{\n  \"v\": []\n}";
    let block = "{\n  \"v\": [\n    1\n  ]\n}";
    assert_eq!(with(text, "v", None, &json!(1)), block);
    let text = "{\n  \"v\": [\n  ]\n}";
    assert_eq!(with(text, "v", None, &json!(1)), block);
    assert_eq!(
        with("{ \"v\": [] }", "v", None, &json!(1)),
        "{ \"v\": [1] }"
    );
    assert_eq!(
        with("{ \"v\": {} }", "v", None, &json!(1)),
        "{ \"v\": { \"new\": 1 } }"
    );
    assert_eq!(with("{}", "", None, &json!(1)), "{\n  \"new\": 1\n}");
    assert_eq!(
        with("{\r\n  \"v\": [ // c\r\n  ]\r\n}", "v", None, &json!(1)),
        "{\r\n  \"v\": [ // c\r\n    1\r\n  ]\r\n}"
    );
    assert_eq!(
        with("{ \"v\": [ /* c */ ] }", "v", None, &json!(1)),
        "{ \"v\": [ /* c */ 1 ] }"
    );
}

#[test]
fn the_member_goes_with_its_last_element_only_where_all_say_so() {
    let emptied = |last| {
        changed(DEPENDENCIES, |document| {
            vec![
                remove(document, "dependsOn.0", WhenEmpty::RemoveMember),
                remove(document, "dependsOn.1", last),
            ]
        })
    };
    assert_eq!(
        emptied(WhenEmpty::RemoveMember),
        "{\n  \"name\": \"vm\",\n  \"tags\": {}\n}"
    );
    assert_eq!(
        emptied(WhenEmpty::Keep),
        "{\n  \"name\": \"vm\",\n  \"dependsOn\": [],\n  \"tags\": {}\n}"
    );
}

#[test]
fn what_is_inside_a_removed_or_replaced_node_is_dropped() {
    let new = changed(DEPENDENCIES, |document| {
        let list = key(document, "dependsOn");
        let replace = |path, raw: &str| Operation::Replace {
            node: node(document, path),
            raw: raw.into(),
        };
        vec![
            Operation::RemoveMember { key: list },
            Operation::RemoveMember { key: list },
            remove(document, "dependsOn.0", WhenEmpty::RemoveMember),
            add(document, "dependsOn", Some(1), json!(1)),
            replace("dependsOn.1", "'x'"),
            replace("tags", "{\"a\": 1}"),
            add(document, "tags", None, json!(1)),
        ]
    });
    assert_eq!(new, "{\n  \"name\": \"vm\",\n  \"tags\": {\"a\": 1}\n}");
}

#[test]
fn an_insertion_behind_a_removed_item_takes_its_place() {
    let new = changed(DEPENDENCIES, |document| {
        let array = node(document, "dependsOn");
        let raw = |after: usize, text: &str| Operation::InsertElement {
            array,
            after: Some(item(document, array, after)),
            value: Inserted::Raw(text.into()),
        };
        vec![
            remove(document, "dependsOn.0", WhenEmpty::RemoveMember),
            remove(document, "dependsOn.1", WhenEmpty::RemoveMember),
            raw(0, "'c'"),
            raw(0, "'c'"),
            raw(0, "'d'"),
        ]
    });
    let block = "[\n    'c', // the network\n    'd'\n  ]";
    assert_eq!(
        new,
        DEPENDENCIES.replace("[\n    \"a\", // the network\n    \"b\"\n  ]", block)
    );
}

#[test]
fn operations_at_several_depths_fit_together() {
    let text = "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {\n    \"c\": 1\n  }\n}";
    let new = changed(text, |document| {
        vec![
            add(document, "", Some(1), json!({"x": [1]})),
            remove(document, "a.1", WhenEmpty::Keep),
            add(document, "a", Some(0), json!(3)),
            remove(document, "b.c", WhenEmpty::Keep),
        ]
    });
    assert_eq!(
        new,
        "{\n  \"a\": [\n    1,\n    3\n  ],\n  \"b\": {},\n  \"new\": {\n    \"x\": [\n      1\n    ]\n  }\n}"
    );
}

#[test]
fn a_trailing_comma_stays_the_style() {
    let text = "[\n  1,\n  2,\n]";
    assert_eq!(without(text, &["1"]), "[\n  1,\n]");
    assert_eq!(with(text, "", Some(1), &json!(3)), "[\n  1,\n  2,\n  3,\n]");
}

#[test]
fn separators_in_comments_and_strings_do_not_count() {
    let text = "[\n  \"a, ]\" /* , [ */, // },\n  \"b\"\n]";
    assert_eq!(without(text, &["0"]), "[\n  \"b\"\n]");
    assert_eq!(without(text, &["1"]), "[\n  \"a, ]\" /* , [ */ // },\n]");
}

#[test]
fn names_and_strings_take_the_quotes_of_their_neighbours() {
    let identity = json!({"type": "S", "a b": 1});
    assert_eq!(
        with("{ type: 'vm' }", "", Some(0), &identity),
        "{ type: 'vm', new: { \"a b\": 1, type: 'S' } }"
    );
    assert_eq!(
        with("{ 'type': \"vm\" }", "", Some(0), &identity),
        "{ 'type': \"vm\", 'new': { 'a b': 1, 'type': \"S\" } }"
    );
    assert_eq!(
        with("['it']", "", Some(0), &json!("it's")),
        "['it', 'it\\'s']"
    );
    assert_eq!(with("[1]", "", Some(0), &json!("it's")), "[1, \"it's\"]");
}

#[test]
fn an_item_on_the_line_of_another_stays_on_it() {
    let text = "{ \"a\": 1, \"b\": [\n  2 ] }";
    let identity = json!({"type": "S"});
    assert_eq!(
        with(text, "", Some(0), &identity),
        "{ \"a\": 1, \"new\": { \"type\": \"S\" }, \"b\": [\n  2 ] }"
    );
}

#[test]
fn parts_of_a_string_are_replaced_and_its_other_escapes_stay() {
    let text = r#"{"v": "a\u0041 \"bc\"", "w": 1}"#;
    let part = |document: &Document<'_>, part: &str, raw: &str| {
        let start = text.find(part).unwrap();
        Operation::ReplaceText {
            node: node(document, "v"),
            range: start..start + part.len(),
            raw: raw.as_bytes().to_vec(),
        }
    };
    let new = changed(text, |document| {
        let mut operations = vec![part(document, "bc", "d"), part(document, "a", "xx")];
        operations.push(operations[0].clone());
        operations
    });
    assert_eq!(new, r#"{"v": "xx\u0041 \"d\"", "w": 1}"#);
    let gone = changed(text, |document| {
        vec![
            part(document, "bc", "d"),
            remove(document, "v", WhenEmpty::Keep),
        ]
    });
    assert_eq!(gone, r#"{"w": 1}"#);
}
