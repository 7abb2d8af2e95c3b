//! The functions of the standard, and calls that it forbids.

use super::{Case, Row, refused, selected};

pub(super) fn cases() -> Vec<Case> {
    selected(COUNTS)
        .chain(selected(TEXTS))
        .chain(selected(VALUES))
        .chain(refused(REFUSED))
        .collect()
}

const SIZES: &str = r#"[{"k":[1,2,3]},{"k":[1],"m":"n"},{"k":1,"m":"n"}]"#;

const COUNTS: &[Row] = &[
    (
        "$[?count(@..*)>2]",
        SIZES,
        r#"[{"k":[1,2,3]},{"k":[1],"m":"n"}]"#,
    ),
    ("$[?count(@.k)>1]", SIZES, "[]"),
    (
        "$[?count(@['k','m'])>1]",
        SIZES,
        r#"[{"k":[1],"m":"n"},{"k":1,"m":"n"}]"#,
    ),
    ("$[?count(@.*)==0]", "[[],{},1]", "[[],{},1]"),
    ("$[?count($[*])==2]", "[1,2]", "[1,2]"),
    (
        "$[?length(@.k)>=2]",
        r#"[{"k":"kl"},{"k":"m"}]"#,
        r#"[{"k":"kl"}]"#,
    ),
    (
        "$[?length(@)==2]",
        "[\"\u{263b}\",\"\u{263b}\u{263b}\",\"\u{436}\",\"\u{436}\u{436}\",\"\u{78e8}\",\"\u{963f}\u{7f8e}\",\"\u{1f600}\u{1f600}\"]",
        "[\"\u{263b}\u{263b}\",\"\u{436}\u{436}\",\"\u{963f}\u{7f8e}\",\"\u{1f600}\u{1f600}\"]",
    ),
    (
        "$[?length(@.k)>=2]",
        r#"[{"k":[1,2,3]},{"k":[1]}]"#,
        r#"[{"k":[1,2,3]}]"#,
    ),
    (
        "$[?length(@.k)>=2]",
        r#"[{"k":{"v":1,"w":2}},{"k":{}}]"#,
        r#"[{"k":{"v":1,"w":2}}]"#,
    ),
    ("$[?length(@.k)>=2]", r#"[{"m":"n"}]"#, "[]"),
    ("$[?length(2)>=2]", r#"[{"m":"n"}]"#, "[]"),
    ("$[?length(true)>=2]", r#"[{"m":"n"}]"#, "[]"),
    ("$[?length(false)>=2]", r#"[{"m":"n"}]"#, "[]"),
    ("$[?length(null)>=2]", r#"[{"m":"n"}]"#, "[]"),
    ("$[?length('two')==3]", "[1]", "[1]"),
    (
        "$[?length(value(@.*))==3]",
        r#"[["two"],["one","two"]]"#,
        r#"[["two"]]"#,
    ),
];

const MIXED: &str = r#"{"pattern":"m.?m","v":["mno","nom","mnm","mmn","mmnm","m",true,[],{}]}"#;
const CASES: &str = "[\"\u{436}\",\"\u{416}\",\"1\",\"\u{436}\u{416}\",true,[],{}]";

const TEXTS: &[Row] = &[
    (
        "$[?match(@.k, 'k.*')]",
        r#"[{"k":"kl"}]"#,
        r#"[{"k":"kl"}]"#,
    ),
    (
        r#"$[?match(@.k, "k.*")]"#,
        r#"[{"k":"kl"}]"#,
        r#"[{"k":"kl"}]"#,
    ),
    ("$.v[?match(@, $.pattern)]", MIXED, r#"["mnm"]"#),
    ("$[?!match(@.k, 'k.*')]", r#"[{"k":"kl"}]"#, "[]"),
    ("$[?match(@.k, 'k.*')]", r#"[{"k":"lm"}]"#, "[]"),
    (
        "$[?!match(@.k, 'k.*')]",
        r#"[{"k":"lm"}]"#,
        r#"[{"k":"lm"}]"#,
    ),
    ("$[?match(2, 'k.*')]", r#"[{"k":"lm"}]"#, "[]"),
    ("$[?match(@.k, 2)]", r#"[{"k":"lm"}]"#, "[]"),
    (r"$[?match(@, '\\p{Lu}')]", CASES, "[\"\u{416}\"]"),
    (r"$[?match(@, '\\P{Lu}')]", CASES, "[\"\u{436}\",\"1\"]"),
    (
        "$[?match(@, 'k.l')]",
        "[\"k\u{10101}l\",\"kl\",\"1\",true,[],{}]",
        "[\"k\u{10101}l\"]",
    ),
    (
        "$[?match(@, 'k|lm')]",
        r#"["k","kl","lm","klm"]"#,
        r#"["k","lm"]"#,
    ),
    (
        "$[?match(@, 'k.l')]",
        r#"["k\nl","k\rl","kol"]"#,
        r#"["kol"]"#,
    ),
    (r"$[?match(@, '\\d')]", r#"["7","d"]"#, r#"["7"]"#),
    ("$[?match(@, '[')]", r#"["["]"#, "[]"),
    (
        "$[?match(@, '[k-m]{2}')]",
        r#"["kl","k","klm"]"#,
        r#"["kl"]"#,
    ),
    (
        "$[?search(@.k, 'k.*')]",
        r#"[{"k":"the end is kl"}]"#,
        r#"[{"k":"the end is kl"}]"#,
    ),
    (
        r#"$[?search(@.k, "k.*")]"#,
        r#"[{"k":"the end is kl"}]"#,
        r#"[{"k":"the end is kl"}]"#,
    ),
    (
        "$[?search(@.k, 'k.*')]",
        r#"[{"k":"kl is the start"}]"#,
        r#"[{"k":"kl is the start"}]"#,
    ),
    (
        "$[?search(@.k, 'k.*')]",
        r#"[{"k":"it knows two keys"}]"#,
        r#"[{"k":"it knows two keys"}]"#,
    ),
    (
        "$.v[?search(@, $.pattern)]",
        MIXED,
        r#"["mnm","mmn","mmnm"]"#,
    ),
    (
        "$[?!search(@.k, 'k.*')]",
        r#"[{"k":"it knows two keys"}]"#,
        "[]",
    ),
    ("$[?search(@.k, 'k.*')]", r#"[{"k":"lm"}]"#, "[]"),
    (
        "$[?!search(@.k, 'k.*')]",
        r#"[{"k":"lm"}]"#,
        r#"[{"k":"lm"}]"#,
    ),
    ("$[?search(2, 'k.*')]", r#"[{"k":"lm"}]"#, "[]"),
    ("$[?search(@.k, 2)]", r#"[{"k":"lm"}]"#, "[]"),
    (
        r"$[?search(@, '\\p{Lu}')]",
        CASES,
        "[\"\u{416}\",\"\u{436}\u{416}\"]",
    ),
    (
        r"$[?search(@, '\\P{Lu}')]",
        CASES,
        "[\"\u{436}\",\"1\",\"\u{436}\u{416}\"]",
    ),
    (
        "$[?search(@, 'k.l')]",
        "[\"k\u{10101}lm\",\"klm\",\"1\",true,[],{}]",
        "[\"k\u{10101}lm\"]",
    ),
];

const VALUES: &[Row] = &[
    (
        "$[?value(@.*)==5]",
        r#"[[5],{"v":5},[6],{"v":6},5]"#,
        r#"[[5],{"v":5}]"#,
    ),
    ("$[?value(@.*)==5]", r#"[[5,5],{"v":5,"w":5}]"#, "[]"),
    ("$[?value(@.k)==5]", r#"[{"k":5},{"l":5}]"#, r#"[{"k":5}]"#),
];

const REFUSED: &[&str] = &[
    "$[?count(2)>2]",
    "$[?count('word')>2]",
    "$[?count(true)>2]",
    "$[?count(false)>2]",
    "$[?count(null)>2]",
    "$[?count(@.*)]",
    "$[?count()==1]",
    "$[?count(@.k,@.l)==1]",
    "$[?length(@.k)]",
    "$[?length()==1]",
    "$[?length(@.k,@.l)==1]",
    "$[?length(@.*)==1]",
    "$[?match(@.k, 'k.*')==true]",
    "$[?match(@.k)==1]",
    "$[?match(@.k)]",
    "$[?match(@.k,@.l,@.m)==1]",
    "$[?match(@.*, 'k')]",
    "$[?search(@.k, 'k.*')==true]",
    "$[?search(@.k)]",
    "$[?search(@.k,@.l,@.m)]",
    "$[?value()==4]",
    "$[?value(@.k,@.l)==4]",
    "$[?value(@.k)]",
    "$[?value(2)==4]",
    "$[?nothing(@.k)==4]",
    "$[?COUNT(@.k)==4]",
];
