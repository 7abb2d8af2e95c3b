//! Names in brackets, and what may be escaped in them.

use super::{Case, Row, refused, selected};

const TWO: &str = r#"{"k":"K","l":"L"}"#;
const PAIR: &str = r#"["left","right"]"#;
const FOUND: &str = r#"["K"]"#;

pub(super) fn cases() -> Vec<Case> {
    let raw = (0..0x20u8).flat_map(|control| {
        let control = char::from(control);
        ['"', '\''].map(|quote| Case::refused(format!("$[{quote}{control}{quote}]")))
    });
    let selected = selected(DOUBLE).chain(selected(SINGLE));
    selected.chain(refused(REFUSED)).chain(raw).collect()
}

const DOUBLE: &[Row] = &[
    (r#"$["k"]"#, TWO, FOUND),
    (r#"$["m"]"#, TWO, "[]"),
    (r#"$["k"]"#, PAIR, "[]"),
    (r#"$[" "]"#, r#"{" ":"K"}"#, FOUND),
    (r#"$[""]"#, r#"{"":"K","k":"L"}"#, FOUND),
    (r#"$["\""]"#, r#"{"\"":"K"}"#, FOUND),
    (r#"$["\\"]"#, r#"{"\\":"K"}"#, FOUND),
    (r#"$["\/"]"#, r#"{"/":"K"}"#, FOUND),
    (r#"$["\b"]"#, r#"{"\b":"K"}"#, FOUND),
    (r#"$["\f"]"#, r#"{"\f":"K"}"#, FOUND),
    (r#"$["\n"]"#, r#"{"\n":"K"}"#, FOUND),
    (r#"$["\r"]"#, r#"{"\r":"K"}"#, FOUND),
    (r#"$["\t"]"#, r#"{"\t":"K"}"#, FOUND),
    (r#"$["\u263B"]"#, r#"{"\u263b":"K"}"#, FOUND),
    (r#"$["\u263b"]"#, r#"{"\u263b":"K"}"#, FOUND),
    (r#"$["\uD834\uDD1F"]"#, "{\"\u{1d11f}\":\"K\"}", FOUND),
    (r#"$["\uD83D\uDE01"]"#, "{\"\u{1f601}\":\"K\"}", FOUND),
    (r#"$["'"]"#, r#"{"'":"K"}"#, FOUND),
    (r#"$["$.k"]"#, r#"{"$.k":"K","k":"L"}"#, FOUND),
];

const SINGLE: &[Row] = &[
    ("$['k']", TWO, FOUND),
    ("$['m']", TWO, "[]"),
    ("$['k']", PAIR, "[]"),
    ("$[' ']", r#"{" ":"K"}"#, FOUND),
    ("$['']", r#"{"":"K","k":"L"}"#, FOUND),
    (r"$['\'']", r#"{"'":"K"}"#, FOUND),
    (r"$['\\']", r#"{"\\":"K"}"#, FOUND),
    (r"$['\/']", r#"{"/":"K"}"#, FOUND),
    (r"$['\b']", r#"{"\b":"K"}"#, FOUND),
    (r"$['\f']", r#"{"\f":"K"}"#, FOUND),
    (r"$['\n']", r#"{"\n":"K"}"#, FOUND),
    (r"$['\r']", r#"{"\r":"K"}"#, FOUND),
    (r"$['\t']", r#"{"\t":"K"}"#, FOUND),
    (r"$['\u263B']", r#"{"\u263b":"K"}"#, FOUND),
    (r"$['\u263b']", r#"{"\u263b":"K"}"#, FOUND),
    (r"$['\uD834\uDD1F']", "{\"\u{1d11f}\":\"K\"}", FOUND),
    (r"$['\uD83D\uDE01']", "{\"\u{1f601}\":\"K\"}", FOUND),
    ("$['\"']", r#"{"\"":"K"}"#, FOUND),
    ("$['$.k']", r#"{"$.k":"K","k":"L"}"#, FOUND),
];

const REFUSED: &[&str] = &[
    r#"$["\'"]"#,
    r#"$["""]"#,
    r#"$["\"]"#,
    r#"$["k']"#,
    r#"$["\uD800"]"#,
    r#"$["\uDC00"]"#,
    r#"$["\uD800\uD800"]"#,
    r#"$["\u26"]"#,
    r#"$["\x"]"#,
    r#"$['\"']"#,
    "$[''']",
    r"$['\']",
    r"$['\uD800']",
    r"$['\uDC00']",
    r"$['\x']",
];
