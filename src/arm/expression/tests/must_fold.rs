//! The functions without which real templates cannot be read: each folds to a known value.

use super::{check, value};
use crate::arm::expression::Value;

/// One call of each, where its result is known.
const MUST_FOLD: &[(&str, &str, &str)] = &[
    ("concat", "concat('a', 1, true())", "'a1True'"),
    ("format", "format('{0:D2}', 7)", "'07'"),
    ("if", "if(true(), 'a', 'b')", "'a'"),
    ("equals", "equals('a', 'b')", "false()"),
    ("not", "not(false())", "true()"),
    ("and", "and(true(), true())", "true()"),
    ("or", "or(false(), true())", "true()"),
    ("toLower", "toLower('A-É')", "'a-é'"),
    ("toUpper", "toUpper('a-é')", "'A-É'"),
    ("trim", "trim(' a\u{a0}')", "'a'"),
    ("parameters", "parameters('known')", "'Known'"),
    ("variables", "variables('prefix')", "'vm-'"),
    (
        "resourceId",
        "resourceId('s', 'g', 'A.B/c', 'x')",
        "'/subscriptions/s/resourceGroups/g/providers/A.B/c/x'",
    ),
    (
        "subscriptionResourceId",
        "subscriptionResourceId('s', 'A.B/c', 'x')",
        "'/subscriptions/s/providers/A.B/c/x'",
    ),
    (
        "tenantResourceId",
        "tenantResourceId('A.B/c', 'x')",
        "'/providers/A.B/c/x'",
    ),
    (
        "managementGroupResourceId",
        "managementGroupResourceId('m', 'A.B/c', 'x')",
        "'/providers/Microsoft.Management/managementGroups/m/providers/A.B/c/x'",
    ),
    (
        "extensionResourceId",
        "extensionResourceId('/x/y', 'A.B/c', 'z')",
        "'/x/y/providers/A.B/c/z'",
    ),
    ("split", "split('a/b', '/')", "createarray('a','b')"),
    ("join", "join(createArray('a', 1), ',')", "'a,1'"),
    ("first", "first(createArray('a', 'b'))", "'a'"),
    ("last", "last('abc')", "'c'"),
    ("take", "take('abc', 2)", "'ab'"),
    ("skip", "skip('abc', 2)", "'c'"),
    ("substring", "substring('abc', 1, 1)", "'b'"),
    ("replace", "replace('abab', 'b', 'B')", "'aBaB'"),
    ("indexOf", "indexOf('abcdef', 'CD')", "2"),
    ("lastIndexOf", "lastIndexOf('abcdef', 'AB')", "0"),
    ("startsWith", "startsWith('abcdef', 'A')", "true()"),
    ("endsWith", "endsWith('abcdef', 'F')", "true()"),
    ("padLeft", "padLeft(-100, 10, '0')", "'000000-100'"),
    ("string", "string(createArray('a', 1))", "'[\"a\",1]'"),
    ("int", "int('42')", "42"),
    ("bool", "bool('true')", "true()"),
    ("length", "length('One Two Three')", "13"),
    ("empty", "empty(createArray())", "true()"),
    ("contains", "contains('OneTwo', 'two')", "false()"),
    ("coalesce", "coalesce(null(), 'a')", "'a'"),
    ("createArray", "createArray(1, 'a')", "createarray(1,'a')"),
    (
        "createObject",
        "createObject('a', 1)",
        "createobject('a',1)",
    ),
    ("array", "array(1)", "createarray(1)"),
    (
        "union",
        "union(createArray(1), createArray(1, 2))",
        "createarray(1,2)",
    ),
    (
        "intersection",
        "intersection(json('{\"one\":\"a\",\"two\":\"b\",\"three\":\"c\"}'), json('{\"one\":\"a\",\"two\":\"z\",\"three\":\"c\"}'))",
        "createobject('one','a','three','c')",
    ),
    ("json", "json('{''a'': [1]}').a", "createarray(1)"),
    ("null", "null()", "null()"),
    ("true", "true()", "true()"),
    ("false", "false()", "false()"),
    // The loop variable is known as such, not as a number, but what two of one loop differ by is.
    ("copyIndex", "sub(copyIndex(1), copyIndex(1))", "0"),
    ("add", "add(5, 3)", "8"),
    ("sub", "sub(7, 3)", "4"),
    ("mul", "mul(5, 3)", "15"),
    ("div", "div(8, 3)", "2"),
    ("mod", "mod(7, 3)", "1"),
    ("min", "min(createArray(0, 3, 2))", "0"),
    ("max", "max(0, 3, 2)", "3"),
    ("less", "less(1, 2)", "true()"),
    ("lessOrEquals", "lessOrEquals(2, 2)", "true()"),
    ("greater", "greater('b', 'a')", "true()"),
    ("greaterOrEquals", "greaterOrEquals(1, 2)", "false()"),
    ("range", "range(5, 3)", "createarray(5,6,7)"),
    (
        "uri",
        "uri('http://contoso.org/firstpath/azuredeploy.json', 'myscript.sh')",
        "'http://contoso.org/firstpath/myscript.sh'",
    ),
    (
        "uriComponent",
        "uriComponent('http://contoso.com/a')",
        "'http%3A%2F%2Fcontoso.com%2Fa'",
    ),
    (
        "base64",
        "base64('one, two, three')",
        "'b25lLCB0d28sIHRocmVl'",
    ),
    (
        "base64ToString",
        "base64ToString('b25lLCB0d28sIHRocmVl')",
        "'one, two, three'",
    ),
    (
        "items",
        "items(json('{\"item002\": 2, \"item001\": 1}'))",
        "createarray(createobject('key','item001','value',1),createobject('key','item002','value',2))",
    ),
    (
        "objectKeys",
        "objectKeys(createObject('a', 1, 'b', 2))",
        "createarray('a','b')",
    ),
    ("tryGet", "tryGet(createObject('a', 1), 'A')", "1"),
];

/// The list that the evaluator promises, in the words of the language.
const NAMES: &str = "concat format if equals not and or toLower toUpper trim parameters variables \
    resourceId subscriptionResourceId tenantResourceId managementGroupResourceId extensionResourceId \
    split join first last take skip substring replace indexOf lastIndexOf startsWith endsWith padLeft \
    string int bool length empty contains coalesce createArray createObject array union intersection \
    json null true false copyIndex add sub mul div mod min max less lessOrEquals greater \
    greaterOrEquals range uri uriComponent base64 base64ToString items objectKeys tryGet";

#[test]
fn every_function_of_the_list_folds() {
    for name in NAMES.split_whitespace() {
        let row = MUST_FOLD.iter().find(|(known, ..)| *known == name);
        let (_, text, expected) = row.unwrap_or_else(|| panic!("{name} has no row"));
        assert!(text.contains(&format!("{name}(")), "{name}: {text}");
        check(&[(text, expected)]);
        assert!(is_known(&value(text)), "{name} does not fold: {text}");
    }
    assert_eq!(MUST_FOLD.len(), NAMES.split_whitespace().count());
}

#[test]
fn what_is_random_or_known_at_run_time_only_never_folds() {
    for text in [
        "newGuid()",
        "utcNow()",
        "uniqueString('a')",
        "guid('a')",
        "reference('x')",
        "listKeys('x', '2020-01-01')",
        "pickZones('A.B', 'c', 'westus')",
        "deployment().name",
        "environment().name",
        "filter(createArray(1), lambda('x', equals(newGuid(), 'x')))",
    ] {
        assert!(!is_known(&value(text)), "{text}");
    }
}

#[test]
fn arguments_of_the_wrong_number_or_kind_never_fold() {
    for (name, ..) in MUST_FOLD {
        for args in [
            "",
            "null()",
            "1, 2, 3, 4, 5, 6, 7",
            "createObject(), createArray(null()), 'x'",
        ] {
            let text = format!("{name}({args})");
            let takes = |names: &[&str]| names.contains(name);
            let fits = match args {
                "" => takes(&["true", "false", "null", "createArray", "createObject"]),
                "null()" => takes(&["array", "createArray", "coalesce", "empty"]),
                "1, 2, 3, 4, 5, 6, 7" => {
                    takes(&["concat", "createArray", "coalesce", "min", "max"])
                }
                _ => takes(&["createArray", "coalesce"]),
            };
            assert_eq!(is_known(&value(&text)), fits, "{text}");
        }
    }
}

fn is_known(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Int(_) => true,
        Value::Text(text) => text.is_literal().is_some(),
        Value::Array(items) => items.iter().all(is_known),
        Value::Object(members) => members.iter().all(|(_, member)| is_known(member)),
        Value::Choice { .. } | Value::Unknown(_) => false,
    }
}
