//! Laws that hold for all strings and numbers, on generated ones.

use proptest::prelude::*;

use super::{Names, value};
use crate::arm::expression::{Parsed, Symbol, Value, evaluate_text, parse};

/// A part of a string: known, or a parameter.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z/{}' é-]{0,6}".prop_map(|text| quoted(&text)),
        "[a-c]".prop_map(|name| format!("parameters('{name}')")),
        (-20..20i32).prop_map(|number| number.to_string()),
    ]
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn deterministic() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(deterministic())]

    #[test]
    fn concat_and_format_have_one_normal_form(parts in prop::collection::vec(part(), 2..6)) {
        let listed = parts.join(", ");
        let holes: String = (0..parts.len()).map(|hole| format!("{{{hole}}}")).collect();
        let nested = parts.iter().rev().fold("''".to_owned(), |rest, part| {
            format!("concat({part}, {rest})")
        });
        let flat = value(&format!("concat({listed})"));
        prop_assert_eq!(&value(&format!("format('{holes}', {listed})")), &flat);
        prop_assert_eq!(&value(&nested), &flat);
        prop_assert_eq!(&value(&format!("join(createArray({listed}), '')")), &flat);
    }

    #[test]
    fn what_is_spelled_reads_back_as_the_same(parts in prop::collection::vec(part(), 1..4)) {
        let listed = parts.join(", ");
        for text in [
            format!("concat({listed})"),
            format!("uniqueString({listed})"),
            format!("createArray({listed}, if(parameters('c'), {listed}, 'x'))"),
        ] {
            let value = value(&text);
            let spelled = Symbol::call(None, "concat", std::slice::from_ref(&value)).to_string();
            let inner = spelled.strip_prefix("concat(").unwrap().strip_suffix(')').unwrap();
            prop_assert_eq!(evaluate_text(&format!("[{inner}]"), &Names), value, "{}", text);
        }
    }

    #[test]
    fn what_is_cut_apart_joins_again(text in "[a-z/é]{0,12}", at in 0..20i64) {
        let text = quoted(&text);
        prop_assert_eq!(
            value(&format!("concat(take({text}, {at}), skip({text}, {at}))")),
            value(&text)
        );
        prop_assert_eq!(value(&format!("join(split({text}, '/'), '/')")), value(&text));
        prop_assert_eq!(value(&format!("base64ToString(base64({text}))")), value(&text));
    }

    #[test]
    fn numbers_are_those_of_64_bits(left: i64, right: i64) {
        let known = |name: &str| value(&format!("{name}({left}, {right})")).as_int();
        prop_assert_eq!(known("add"), left.checked_add(right));
        prop_assert_eq!(known("sub"), left.checked_sub(right));
        prop_assert_eq!(known("mul"), left.checked_mul(right));
        prop_assert_eq!(known("div"), left.checked_div(right));
        prop_assert_eq!(known("mod"), left.checked_rem(right));
        prop_assert_eq!(value(&format!("int(string({left}))")), Value::Int(left));
    }

    #[test]
    fn no_call_of_any_function_panics(
        name in prop::sample::select(vec![
            "substring", "take", "skip", "padLeft", "range", "format", "split", "replace", "first",
            "indexOf", "lastIndexOf", "uri", "json", "base64ToString", "tryGet", "div", "mod", "int",
            "join", "items", "union", "intersection", "copyIndex", "resourceId", "contains", "string",
        ]),
        args in prop::collection::vec(
            prop_oneof![
                "[a-zA-Z/{}:,0-9\u{1F600}é=%']{0,8}".prop_map(|text| quoted(&text)),
                any::<i64>().prop_map(|number| number.to_string()),
                Just("-1".to_owned()),
                Just("createArray('a', 1, null())".to_owned()),
                Just("createObject('a', 1)".to_owned()),
                Just("parameters('p')".to_owned()),
                Just("if(parameters('c'), 'a', 1)".to_owned()),
            ],
            0..4,
        ),
    ) {
        let _any = value(&format!("{name}({})", args.join(", ")));
    }

    #[test]
    fn no_text_in_brackets_panics(text in "\\[([a-z]{1,3}\\(|\\)|'|,|\\.|\\[|\\]|[0-9]| ){0,20}\\]") {
        if let Parsed::Expression(root) = parse(&text) {
            prop_assert!(text.get(root.span.clone()).is_some());
        }
        let _any = evaluate_text(&text, &Names);
    }
}
