//! Where white space may stand, and where it may not: each `~` is each kind of it in turn.

use super::{Case, Row};

/// All that the standard takes for white space.
const KINDS: [&str; 4] = [" ", "\n", "\t", "\r"];

pub(super) fn cases() -> Vec<Case> {
    let spaced = KINDS.into_iter().flat_map(|kind| {
        let allowed = ALLOWED.iter().map(move |(query, document, expected)| Case {
            query: query.replace('~', kind),
            document,
            expected: Some(expected),
        });
        let forbidden = FORBIDDEN.iter();
        allowed.chain(forbidden.map(move |query| Case::refused(query.replace('~', kind))))
    });
    spaced.collect()
}

const NAMED: &str = r#"[{"k":"l"},{"l":"m"}]"#;
const FIRST: &str = r#"[{"k":"l"}]"#;
const COUNTED: &str = r#"[{"k":1},{"l":2},{"k":2,"l":1}]"#;
const ONES: &str = r#"[{"k":1},{"l":2}]"#;
const WORDS: &str = r#"["words","123"]"#;
const WORD: &str = r#"["words"]"#;
const LONG: &str = r#"[{"k":{"l":"two"}},{}]"#;
const TWO: &str = r#"[{"k":{"l":"two"}}]"#;
const EITHER: &str = r#"[{"k":1},{"l":2},{"m":3}]"#;
const BOTH: &str = r#"[{"k":1},{"k":1,"l":2}]"#;
const ORDERED: &str = r#"[{"k":1,"l":1},{"k":1,"l":2},{"k":2,"l":1}]"#;
const OBJECT: &str = r#"{"k":"kl","l":"lm"}"#;
const NESTED: &str = r#"{"k":{"l":"kl"}}"#;
const SIX: &str = "[1,2,3,4,5,6]";

const ALLOWED: &[Row] = &[
    ("$[?~@.k]", NAMED, FIRST),
    ("$[?~(@.k)]", NAMED, FIRST),
    ("$[?(@.k)~]", NAMED, FIRST),
    ("$[?(~@.k)]", NAMED, FIRST),
    ("$[?(@.k~)]", NAMED, FIRST),
    ("$[?!~@.l]", NAMED, FIRST),
    ("$[~?@.k]", NAMED, FIRST),
    ("$[?count(~@.*)==1]", COUNTED, ONES),
    ("$[?count(@.*~)==1]", COUNTED, ONES),
    ("$[?search(@~,'[a-z]+')]", WORDS, WORD),
    ("$[?search(@,~'[a-z]+')]", WORDS, WORD),
    ("$[?length(@~.k~.l) == 3]", LONG, TWO),
    (
        "$..[?length(@)==length($~[0]~.k)]",
        r#"[{"k":"two"},{}]"#,
        r#"["two"]"#,
    ),
    ("$[?@.k~||@.l]", EITHER, ONES),
    ("$[?@.k||~@.l]", EITHER, ONES),
    ("$[?@.k~&&@.l]", BOTH, r#"[{"k":1,"l":2}]"#),
    ("$[?@.k&&~@.l]", BOTH, r#"[{"k":1,"l":2}]"#),
    ("$[?@.k~==@.l]", ORDERED, r#"[{"k":1,"l":1}]"#),
    ("$[?@.k==~@.l]", ORDERED, r#"[{"k":1,"l":1}]"#),
    ("$[?@.k~!=@.l]", ORDERED, r#"[{"k":1,"l":2},{"k":2,"l":1}]"#),
    ("$[?@.k!=~@.l]", ORDERED, r#"[{"k":1,"l":2},{"k":2,"l":1}]"#),
    ("$[?@.k~<@.l]", ORDERED, r#"[{"k":1,"l":2}]"#),
    ("$[?@.k<~@.l]", ORDERED, r#"[{"k":1,"l":2}]"#),
    ("$[?@.l~>@.k]", ORDERED, r#"[{"k":1,"l":2}]"#),
    ("$[?@.l>~@.k]", ORDERED, r#"[{"k":1,"l":2}]"#),
    ("$[?@.k~<=@.l]", ORDERED, r#"[{"k":1,"l":1},{"k":1,"l":2}]"#),
    ("$[?@.k<=~@.l]", ORDERED, r#"[{"k":1,"l":1},{"k":1,"l":2}]"#),
    ("$[?@.l~>=@.k]", ORDERED, r#"[{"k":1,"l":1},{"k":1,"l":2}]"#),
    ("$[?@.l>=~@.k]", ORDERED, r#"[{"k":1,"l":1},{"k":1,"l":2}]"#),
    ("$~['k']", OBJECT, r#"["kl"]"#),
    ("$['k']~['l']", NESTED, r#"["kl"]"#),
    ("$['k'] ~['l']", NESTED, r#"["kl"]"#),
    ("$~.k", OBJECT, r#"["kl"]"#),
    ("$~..k", OBJECT, r#"["kl"]"#),
    ("$[~'k']", OBJECT, r#"["kl"]"#),
    ("$['k'~]", OBJECT, r#"["kl"]"#),
    ("$['k'~,'l']", OBJECT, r#"["kl","lm"]"#),
    ("$['k',~'l']", OBJECT, r#"["kl","lm"]"#),
    ("$[~1~]", SIX, "[2]"),
    ("$[~*~]", OBJECT, r#"["kl","lm"]"#),
    ("$[1~:5:2]", SIX, "[2,4]"),
    ("$[1:~5:2]", SIX, "[2,4]"),
    ("$[1:5~:2]", SIX, "[2,4]"),
    ("$[1:5:~2]", SIX, "[2,4]"),
];

const FORBIDDEN: &[&str] = &[
    "$[?count~(@.*)==1]",
    "$.~k",
    "$..~k",
    "~$.k",
    "$.k~",
    "$[?@.k=~=@.l]",
    "$[?@.k&~&@.l]",
    "$[-~1]",
];
