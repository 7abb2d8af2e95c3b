use super::*;

/// The raw texts of what `query` selects in `text`.
fn selected<'s>(text: &'s str, query: &str) -> Vec<&'s str> {
    let document = Document::parse(text.as_bytes());
    assert_eq!(document.errors(), []);
    one(&document, &JsonPath::parse(query).unwrap())
        .unwrap()
        .into_iter()
        .map(|node| text.get(document.span(node)).unwrap())
        .collect()
}

fn one(document: &Document<'_>, query: &JsonPath) -> Result<Vec<NodeId>, QueryTooCostly> {
    let mut all = select(document, &[query])?;
    Ok(all.remove(0))
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
fn a_function_that_the_standard_does_not_have_is_refused() {
    for text in ["$.a[?in(@, $.b)]", "$[?length(@.x[?nin(@, $.b)]) > 1]"] {
        let error = JsonPath::parse(text).unwrap_err().to_string();
        assert!(error.contains("RFC 9535 has no function `"), "{error}");
    }
}

#[test]
fn all_descendants_are_selected_once_whatever_they_are_called() {
    let text = br#"{"a": [{"it's": [true, null]}, {"tab\there": {"": -1e3}}], "b": "x"}"#;
    let document = Document::parse(text);
    let query = JsonPath::parse("$..*").unwrap();
    let mut found = one(&document, &query).unwrap();
    found.sort_unstable();
    let is_value = |node: &NodeId| document.kind(*node) != Kind::Key;
    let all: Vec<NodeId> = document.nodes().skip(1).filter(is_value).collect();
    assert_eq!((found.len(), found), (9, all));
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
        assert_eq!(one(&document, &query).unwrap(), [node]);
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
    assert_eq!(one(&Document::parse(b""), &query), Ok(Vec::new()));
}

#[test]
fn a_document_at_the_depth_cap_is_queried_without_overflow() {
    let depth = super::super::document::MAX_DEPTH;
    let text = "[".repeat(depth) + &"]".repeat(depth);
    let document = Document::parse(text.as_bytes());
    let query = JsonPath::parse("$..*").unwrap();
    assert_eq!(one(&document, &query).unwrap().len(), depth - 1);
}

/// A list of a list … of numbers.
fn nest(depth: usize, numbers: usize) -> String {
    let numbers = vec!["1"; numbers].join(",");
    "[".repeat(depth) + &numbers + &"]".repeat(depth)
}

#[test]
fn a_query_that_grows_without_end_is_stopped_and_one_that_looks_at_all_is_not() {
    let text = nest(60, 1000);
    let document = Document::parse(text.as_bytes());
    for query in [
        "$..*..*..*..*..*".to_owned(),
        format!("${}", "[0,0]".repeat(60)),
        format!("${}", "[*,*]".repeat(59)),
        format!("${}[::1,::-1,0:9]", "[::1,::-1,::1]".repeat(40)),
    ] {
        let query = JsonPath::parse(&query).unwrap();
        assert_eq!(one(&document, &query), Err(QueryTooCostly));
    }
    for query in ["$..*", "$..[?@ == 1]", "$..[?count(@[*]) == 1000]"] {
        let query = JsonPath::parse(query).unwrap();
        assert!(one(&document, &query).is_ok(), "{query:?}");
    }
}

#[test]
fn all_queries_share_one_budget() {
    let text = format!("[{}1]", "1,".repeat(1000));
    let document = Document::parse(text.as_bytes());
    let query = JsonPath::parse("$[?@ == 1]").unwrap();
    assert!(select(&document, &[&query; 10]).is_ok());
    let all = select(&document, &[&query; 10_000]);
    assert_eq!(all, Err(QueryTooCostly));
}

#[test]
fn what_a_query_may_do_grows_with_the_source() {
    let resources = vec![r#"{"type": "Contoso.Fleet/agents", "name": "a"}"#; 4_000];
    let text = format!("{{\"resources\": [{}]}}", resources.join(","));
    let document = Document::parse(text.as_bytes());
    for query in [
        "$.resources[?match(@.type, 'Contoso.*')]",
        "$..[?@.type == 'Contoso.Fleet/agents']",
    ] {
        let query = JsonPath::parse(query).unwrap();
        assert_eq!(one(&document, &query).unwrap().len(), 4_000);
    }
}

#[test]
fn a_pattern_that_grows_is_refused_and_one_of_the_source_is_paid_for() {
    for pattern in ["((a{100}){100}){100}", "\\\\w{900}"] {
        let query = format!("$..[?!(@.b && search(@.a, '{pattern}'))]");
        assert!(
            matches!(JsonPath::parse(&query), Err(JsonPathError::LargePattern(_))),
            "{pattern}"
        );
    }
    let values = vec![r#"{"a": "x", "p": "(\\w{50}){50}"}"#; 1000].join(",");
    let text = format!("[{values}]");
    let document = Document::parse(text.as_bytes());
    let query = JsonPath::parse("$[?match(@.a, @.p)]").unwrap();
    assert_eq!(one(&document, &query), Err(QueryTooCostly));
}

#[test]
fn a_long_query_is_refused_before_it_is_parsed() {
    for query in [
        format!("$[?{}@.a{}]", "(".repeat(5_000), ")".repeat(5_000)),
        format!("${}", ".a".repeat(5_000)),
        format!("${}{}", "[?@".repeat(5_000), "]".repeat(5_000)),
    ] {
        assert!(matches!(
            JsonPath::parse(&query),
            Err(JsonPathError::Unsupported(_))
        ));
    }
}
