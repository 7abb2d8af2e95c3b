//! What is broken, random, endless or too large is unknown.

use super::{Names, value};
use crate::arm::expression::{Scope, Symbol, Unbound, Value, evaluate_text};

#[test]
fn what_is_broken_or_random_equals_nothing_else() {
    for text in ["[concat('a']", "[newGuid()]", "[variables('list')[9]]"] {
        assert_ne!(
            evaluate_text(text, &Names),
            evaluate_text(text, &Names),
            "{text}"
        );
    }
    let one = evaluate_text("[newGuid()]", &Names);
    assert_eq!(one, one.clone());
}

#[test]
fn results_are_bounded() {
    let long = "x".repeat(60_000);
    for text in [
        format!("[concat('{long}', '{long}')]"),
        format!("[format('{}', '{long}')]", "{0}".repeat(5_000)),
        format!("[replace('{long}', 'x', '{long}')]"),
        format!("[join(createArray({}), '{long}')]", vec!["1"; 50].join(",")),
        format!("[uniqueString('{long}')]"),
        "[padLeft('x', 2000000000, '0')]".to_owned(),
        "[range(0, 2000000000)]".to_owned(),
        "[range(9223372036854775807, 5)]".to_owned(),
    ] {
        assert!(matches!(evaluate_text(&text, &Unbound), Value::Unknown(_)));
    }
}

#[test]
fn an_expression_of_the_longest_length_folds_and_a_deeper_one_is_unknown() {
    let parts = vec!["'a'"; 6_141];
    let long = format!("[concat({})]", parts.join(","));
    assert!(long.len() > 24_570 && long.len() <= 24_576);
    assert_eq!(
        evaluate_text(&long, &Unbound).as_literal().map(str::len),
        Some(parts.len())
    );
    let nested = |depth| format!("[{}'a'{}]", "concat(".repeat(depth), ")".repeat(depth));
    assert_eq!(
        evaluate_text(&nested(100), &Unbound).as_literal(),
        Some("a")
    );
    for depth in [200, 3_000, 100_000] {
        assert!(matches!(
            evaluate_text(&nested(depth), &Unbound),
            Value::Unknown(_)
        ));
    }
    let members = format!("[parameters('p'){}]", ".m".repeat(100));
    assert!(matches!(
        evaluate_text(&members, &Unbound),
        Value::Unknown(_)
    ));
}

/// A scope whose variables double or name themselves.
struct Growing;

impl Scope for Growing {
    fn parameter(&self, name: &str) -> Value {
        Value::Unknown(Symbol::parameter(name))
    }

    fn variable(&self, name: &str) -> Value {
        match name {
            "self" => evaluate_text("[concat('a', variables('self'))]", self),
            "0" => Value::text("leaf"),
            _ => {
                let below = name.parse::<u32>().unwrap() - 1;
                let text = format!("[createArray(variables('{below}'), variables('{below}'))]");
                evaluate_text(&text, self)
            }
        }
    }

    fn loop_name(&self) -> Option<String> {
        None
    }
}

#[test]
fn variables_that_grow_or_circle_come_to_an_end() {
    assert!(value("concat('a', variables('self'))").as_text().is_some());
    assert!(
        evaluate_text("[variables('self')]", &Growing)
            .as_text()
            .is_some()
    );
    let _ends = evaluate_text("[variables('40')]", &Growing);
    assert_eq!(evaluate_text("[add(1, 1)]", &Growing), Value::Int(2));
}
