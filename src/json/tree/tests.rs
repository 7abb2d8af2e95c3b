use super::*;

/// The raw texts of what `query` selects in `text`.
fn selected<'s>(text: &'s str, query: &str) -> Vec<&'s str> {
    let document = Document::parse(text.as_bytes());
    assert_eq!(document.errors(), []);
    select(&document, &JsonPath::parse(query).unwrap())
        .into_iter()
        .map(|node| text.get(document.span(node)).unwrap())
        .collect()
}

#[test]
fn a_filter_selects_the_values_it_holds_for() {
    let text = r#"{"resources": [
            {"name": 'vm', "priority": 0.5},
            {"name": "vm/ext", "priority": 2, "properties": {"publisher": "Microsoft.ManagedIdentity"}},
            {"name": "nic", "priority": 2.0},
        ]}"#;
    assert_eq!(
        selected(
            text,
            r"$..[?search(@.properties.publisher, '(?i)^microsoft\\.managedidentity$')].name"
        ),
        [r#""vm/ext""#]
    );
    assert_eq!(
        selected(text, "$.resources[?@.priority == 2].name"),
        [r#""vm/ext""#, r#""nic""#]
    );
    assert_eq!(
        selected(text, "$.resources[?@.name == 'vm'].priority"),
        ["0.5"]
    );
    assert_eq!(
        selected(text, "$.resources[?@.priority < 1 && !@.properties].name"),
        ["'vm'"]
    );
}

#[test]
fn a_number_that_json_does_not_know_equals_none_of_a_query() {
    let text = "[010, 0x0A, NaN, 10, 8]";
    assert_eq!(selected(text, "$[?@ == 10]"), ["10"]);
    assert_eq!(selected(text, "$[?@ == 8]"), ["8"]);
}

#[test]
fn set_functions_of_the_engine_answer_over_the_tree() {
    let text = r#"{"a": ["x", "y"], "b": ["y", "z"], "c": ["z"]}"#;
    assert_eq!(selected(text, "$.a[?in(@, $.b)]"), [r#""y""#]);
    assert_eq!(selected(text, "$.a[?nin(@, $.b)]"), [r#""x""#]);
    assert_eq!(
        selected(text, "$[?any_of(@, $.b)]"),
        [r#"["x", "y"]"#, r#"["y", "z"]"#, r#"["z"]"#]
    );
    assert_eq!(selected(text, "$[?none_of(@, $.a)]"), [r#"["z"]"#]);
    assert_eq!(
        selected(text, "$[?subset_of(@, $.b)]"),
        [r#"["y", "z"]"#, r#"["z"]"#]
    );
}

#[test]
fn paths_of_the_engine_are_those_of_the_document() {
    let text = br#"{"a": [{"it's": [true, null]}, {"tab\there": {"": -1e3}}], "b": "x"}"#;
    let document = Document::parse(text);
    let root = document.root().unwrap();
    let tree = Tree::of(&document, root);
    let query = parse_json_path("$..*").unwrap();
    let found = js_path_process(&query, &tree).unwrap();
    assert_eq!(found.len(), 9);
    for one in found {
        assert_eq!(one.path, document.path(one.val.node.unwrap()));
    }
}

#[test]
fn a_normalized_path_selects_its_own_node() {
    let text = br#"{"resources": [{"name": 1, "it's": {"\u0001\\": [0, [2]]}}]}"#;
    let document = Document::parse(text);
    for node in document
        .nodes()
        .filter(|id| document.kind(*id) != Kind::Key)
    {
        let query = JsonPath::parse(&document.path(node)).unwrap();
        assert_eq!(select(&document, &query), [node]);
    }
}

#[test]
fn of_duplicate_keys_a_name_takes_the_last_and_a_wildcard_all() {
    let text = r#"{"a": 1, "b": 2, "a": 3}"#;
    assert_eq!(selected(text, "$.a"), ["3"]);
    assert_eq!(selected(text, "$.*"), ["1", "2", "3"]);
    assert_eq!(selected(text, "$..a"), ["3"]);
    assert_eq!(selected(text, "$.A"), Vec::<&str>::new());
}

#[test]
fn a_descendant_inside_a_filter_is_refused_wherever_it_hides() {
    for query in [
        "$[?@..x]",
        "$..[?$..x]",
        "$.a[?(@.b || !(@.c && @..d))]",
        "$.a[0, ?@..x]",
        "$.a[?@.b[?@..c]]",
        "$..a[?count(@..x) > 2]",
        "$..a[?search(@.b[?@..c], 'x')]",
    ] {
        assert_eq!(
            JsonPath::parse(query),
            Err(JsonPathError::DescendantInFilter),
            "{query}"
        );
    }
    assert!(JsonPath::parse("$..a[?@.b == $.c]..d").is_ok());
}

#[test]
fn what_is_no_query_is_refused_with_its_column() {
    let Err(JsonPathError::Syntax { column, .. }) = JsonPath::parse("$.a[?@.b =]") else {
        panic!("accepted");
    };
    assert!(column > 4, "{column}");
    assert!(JsonPath::parse("").is_err());
    let deep = format!("$[?{}@.a{}]", "(".repeat(200), ")".repeat(200));
    assert!(matches!(
        JsonPath::parse(&deep),
        Err(JsonPathError::Unsupported(_))
    ));
}

#[test]
fn an_empty_document_has_nothing_to_select() {
    let query = JsonPath::parse("$").unwrap();
    assert_eq!(select(&Document::parse(b""), &query), []);
}

#[test]
fn a_document_at_the_depth_cap_is_queried_without_overflow() {
    let depth = super::super::document::MAX_DEPTH;
    let text = "[".repeat(depth) + &"]".repeat(depth);
    let document = Document::parse(text.as_bytes());
    let query = JsonPath::parse("$..*").unwrap();
    assert_eq!(select(&document, &query).len(), depth - 1);
}
