//! What names give in a template: variables of variables, loops, functions, cycles.

use super::steps::MAX_WORK;
use super::{Case, Defaults, ScopeSetup, TemplateScope};
use crate::arm::expression::budget;
use crate::arm::expression::{Symbol, Value};
use crate::json::Document;

/// The values of expressions in the template with these sections.
fn values(sections: &str, texts: &[&str], defaults: Defaults) -> Vec<Value> {
    let list: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
    let text = format!("{{{sections}, \"resources\": [{}]}}", list.join(","));
    let document = Document::parse(text.as_bytes());
    assert_eq!(document.errors(), [], "{text}");
    let root = document.root().unwrap();
    let scope = TemplateScope::new(&document, root, ScopeSetup::default());
    let resources = document.get(root, "resources").unwrap();
    document
        .children(resources)
        .map(|node| scope.value(node, Some("vmLoop"), defaults))
        .collect()
}

/// The results in the language's own spelling.
fn check(sections: &str, cases: &[(&str, &str)]) {
    let texts: Vec<&str> = cases.iter().map(|(text, _)| *text).collect();
    let values = values(sections, &texts, Defaults::Ignored);
    for ((text, expected), value) in cases.iter().zip(values) {
        let spelled = Symbol::call(None, "f", &[value]).to_string();
        assert_eq!(spelled, format!("f({expected})"), "{text}");
    }
}

#[test]
fn variables_of_variables_are_followed_and_escapes_are_taken_off() {
    check(
        r#""variables": {
            "a": "[concat(variables('B').c[0], '-', Variables('d'))]",
            "b": {"c": ["[parameters('p')]"], "[concat('x', 'y')]": "[[z]"},
            "d": "[[not('an expression')]",
            "unknown": {"[parameters('key')]": 1, "plain": 2},
            "octal": 010, "number": -7, "twice": {"k": 1, "K": 2}
        }"#,
        &[
            (
                "[variables('a')]",
                "concat(parameters('p'),'-[not(''an expression'')]')",
            ),
            ("[variables('b').xy]", "'[z]'"),
            ("[variables('octal')]", "010"),
            ("[variables('number')]", "-7"),
            ("[variables('twice').k]", "2"),
            ("[length(variables('twice'))]", "1"),
            ("[variables('none')]", "variables('none')"),
            ("[[x]", "'[x]'"),
            ("[[x", "'[[x'"),
        ],
    );
    let unknown = values(
        r#""variables": {"unknown": {"[parameters('key')]": 1, "plain": 2}}"#,
        &[
            "[contains(variables('unknown'), 'x')]",
            "[variables('unknown').plain]",
        ],
        Defaults::Ignored,
    );
    for value in unknown {
        assert!(matches!(value, Value::Unknown(_)), "{value:?}");
    }
}

#[test]
fn loops_of_variables_are_arrays() {
    check(
        r#""variables": {
            "copy": [
                {"name": "disks", "count": "[length(variables('names'))]", "input": {
                    "name": "[concat(variables('names')[copyIndex('disks')], '-', copyIndex('DISKS', 1))]",
                    "lun": "[copyIndex()]"
                }},
                {"name": "many", "count": 801, "input": 1},
                {"name": "some", "count": "[parameters('n')]", "input": 1},
                {"name": "none", "count": 0, "input": 1}
            ],
            "names": ["a", "b"],
            "machine": {
                "size": "S1",
                "copy": [
                    {"name": "nics", "count": 2, "input": "[format('nic{0:D2}', copyIndex('nics', 1))]"},
                    {"name": "some", "count": "[parameters('n')]", "input": 1}
                ]
            },
            "deep": {"in": {"copy": [{"name": "x", "count": 1, "input": 1}], "y": 2}},
            "two": {"copy": [{"name": "x", "count": 1, "input": 1}], "copy": []},
            "broken": {"copy": "[variables('names')]", "y": 1}
        }"#,
        &[
            (
                "[variables('Disks')]",
                "createarray(createobject('name','a-1','lun',0),createobject('name','b-2','lun',1))",
            ),
            (
                "[variables('machine').nics]",
                "createarray('nic01','nic02')",
            ),
            ("[variables('machine').size]", "'S1'"),
            ("[variables('none')]", "createarray()"),
            ("[variables('many')]", "variables('many')"),
            ("[variables('some')]", "variables('some')"),
            ("[variables('two')]", "variables('two')"),
            ("[variables('broken').y]", "variables('broken').y"),
            ("[variables('copy')]", "variables('copy')"),
            // The loop of a resource is not one of a variable's.
            (
                "[variables('names')[copyIndex()]]",
                "createarray('a','b')[copyindex('vmloop')]",
            ),
        ],
    );
    let unknown = values(
        r#""variables": {
            "deep": {"in": {"copy": [{"name": "x", "count": 1, "input": 1}], "y": 2}},
            "machine": {"copy": [{"name": "some", "count": "[parameters('n')]", "input": 1}]}
        }"#,
        &[
            "[variables('deep').in.y]",
            "[length(variables('machine').some)]",
        ],
        Defaults::Ignored,
    );
    for value in unknown {
        assert!(matches!(value, Value::Unknown(_)), "{value:?}");
    }
}

const FUNCTIONS: &str = r#"
    "parameters": {"p": {"type": "string", "allowedValues": ["template's"]}},
    "variables": {"v": "template's"},
    "functions": [
        {"namespace": "contoso", "members": {
            "unique": {
                "parameters": [{"name": "prefix", "type": "string"}, {"name": "n", "type": "int"}],
                "output": {"type": "string", "value": "[concat(parameters('PREFIX'), format('{0:D2}', parameters('n')))]"}
            },
            "twice": {
                "parameters": [{"name": "s", "type": "string"}],
                "output": {"type": "object", "value": {"both": ["[parameters('s')]", "[contoso.unique(parameters('s'), 2)]"]}}
            },
            "outer": {"output": {"type": "string", "value": "[parameters('p')]"}},
            "variable": {"output": {"type": "string", "value": "[variables('v')]"}},
            "self": {
                "parameters": [{"name": "s", "type": "string"}],
                "output": {"type": "string", "value": "[concat('a', contoso.self(parameters('s')))]"}
            },
            "ping": {"output": {"type": "string", "value": "[contoso.pong()]"}},
            "pong": {"output": {"type": "string", "value": "[contoso.ping()]"}},
            "choose": {
                "parameters": [{"name": "c", "type": "bool"}],
                "output": {"type": "string", "value": "[if(parameters('c'), 'yes', 'no')]"}
            }
        }},
        {"namespace": "__bicep", "members": {"id": {
            "parameters": [{"name": "x", "type": "string"}],
            "output": {"type": "string", "value": "[parameters('x')]"}
        }}}
    ]"#;

#[test]
fn user_functions_give_their_output_with_the_arguments_in_it() {
    check(
        FUNCTIONS,
        &[
            ("[Contoso.Unique('vm', 7)]", "'vm07'"),
            (
                "[contoso.unique(parameters('q'), 7)]",
                "concat(parameters('q'),'07')",
            ),
            ("[contoso.twice('x').both]", "createarray('x','x02')"),
            ("[__bicep.id(__bicep.id('x'))]", "'x'"),
            (
                "[contoso.choose(equals(parameters('q'), 1))]",
                "if(equals(parameters('q'),1),'yes','no')",
            ),
            (
                "[if(true(), contoso.choose(true()), contoso.none())]",
                "'yes'",
            ),
            ("[contoso.unique('vm')]", "contoso.unique('vm')"),
            ("[contoso.none('vm')]", "contoso.none('vm')"),
            ("[other.unique('vm', 1)]", "other.unique('vm',1)"),
            ("[contoso.self('x')]", "concat('a',contoso.self('x'))"),
            ("[contoso.ping()]", "contoso.ping()"),
        ],
    );
    let hidden = values(
        FUNCTIONS,
        &["[contoso.outer()]", "[contoso.variable()]"],
        Defaults::Assumed,
    );
    for value in hidden {
        assert!(matches!(value, Value::Unknown(_)), "{value:?}");
    }
}

#[test]
fn cycles_are_cut() {
    let sections = r#"
        "parameters": {
            "a": {"type": "string", "defaultValue": "[concat('x', parameters('b'))]"},
            "b": {"type": "string", "defaultValue": "[concat(parameters('a'), parameters('a'))]"}
        },
        "variables": {
            "a": "[concat('a', variables('b'))]",
            "b": "[concat('b', variables('c'))]",
            "c": "[concat('c', variables('a'))]"
        }"#;
    check(
        sections,
        &[("[variables('a')]", "concat('abc',variables('a'))")],
    );
    let assumed = values(sections, &["[parameters('a')]"], Defaults::Assumed);
    let spelled = assumed[0].as_text().unwrap();
    assert_eq!(spelled.name_key(), "x{parameters('a')}{parameters('a')}");
}

/// A chain of variables, each of which names the one before by `step`.
fn chain(length: usize, first: &str, step: impl Fn(usize) -> String) -> String {
    let links: Vec<String> = (1..=length)
        .map(|link| format!("\"v{link}\": {:?}", step(link - 1)))
        .collect();
    format!("\"variables\": {{\"v0\": {first:?}, {}}}", links.join(","))
}

#[test]
fn variables_that_double_one_another_are_unknown_beyond_the_bounds() {
    let twice = |link| format!("[concat(variables('v{link}'), variables('v{link}'))]");
    let texts = ["[variables('v10')]", "[variables('v20')]"];
    let found = values(&chain(20, "abcdefgh", twice), &texts, Defaults::Ignored);
    assert_eq!(found[0].as_literal().unwrap().len(), 8 << 10);
    assert!(is_bounded(&found[1]) && holds_unknown(&found[1]));
    for step in ["createArray", "union", "createObject('a', 1, 'b', "] {
        let grown = |link| match step {
            "createArray" | "union" => {
                format!("[{step}(variables('v{link}'), variables('v{link}'))]")
            }
            _ => format!("[{step}createArray(variables('v{link}'), variables('v{link}')))]"),
        };
        let found = values(
            &chain(40, "[createArray(1)]", grown),
            &["[variables('v40')]"],
            Defaults::Ignored,
        );
        let is_small = step == "union";
        assert!(is_bounded(&found[0]), "{step}");
        assert_eq!(holds_unknown(&found[0]), !is_small, "{step}");
    }
    let deep = |link| format!("[concat(variables('v{link}'), 'x')]");
    let found = values(
        &chain(200, "a", deep),
        &["[variables('v200')]"],
        Defaults::Ignored,
    );
    assert!(is_bounded(&found[0]) && found[0].as_literal().is_none());
}

fn is_bounded(value: &Value) -> bool {
    budget::size(value).is_some()
}

/// Whether a part of the value is unknown, however it is called.
fn holds_unknown(value: &Value) -> bool {
    let spelled = format!("{value:?}");
    let names = ["unknown#", "variables('v", "unevaluated("];
    names.iter().any(|name| spelled.contains(name))
}

#[test]
fn the_files_of_a_model_have_a_bounded_number_of_steps() {
    let functions = r#""functions": [{"namespace": "f", "members": {
        "a": {"parameters": [{"name": "x", "type": "int"}], "output": {"type": "int", "value": "[add(f.b(parameters('x')), f.b(parameters('x')))]"}},
        "b": {"parameters": [{"name": "x", "type": "int"}], "output": {"type": "int", "value": "[add(f.c(parameters('x')), f.c(parameters('x')))]"}},
        "c": {"parameters": [{"name": "x", "type": "int"}], "output": {"type": "int", "value": "[length(range(0, 5000))]"}}
    }}]"#;
    let mut texts = vec!["[f.a(1)]"; 1_500];
    texts.extend(["plain", "[concat('a', variables('v'))]"]);
    let sections = format!("\"variables\": {{\"v\": \"b\"}}, {functions}");
    let found = values(&sections, &texts, Defaults::Ignored);
    let numbers: Vec<i64> = found.iter().filter_map(Value::as_int).collect();
    assert!(numbers.iter().all(|number| *number == 20_000));
    assert!(!numbers.is_empty() && numbers.len() * 20_000 <= MAX_WORK);
    let last: Vec<_> = found.iter().skip(1_500).map(Value::as_literal).collect();
    assert_eq!(last, [Some("plain"), Some("ab")]);
}

/// The cases of a text in a loop of two instances, each with what was assumed.
fn cases(sections: &str, text: &str) -> Vec<String> {
    let template = format!("{{{sections}}}");
    let document = Document::parse(template.as_bytes());
    assert_eq!(document.errors(), [], "{template}");
    let scope = TemplateScope::new(&document, document.root().unwrap(), ScopeSetup::default());
    let described = |case: Case| {
        let spelled = |value| {
            let call = Symbol::call(None, "f", &[value]).to_string();
            call.get(2..call.len() - 1).unwrap().to_owned()
        };
        let assumed: Vec<String> = case
            .assumed
            .into_iter()
            .map(|(unknown, value)| format!("{unknown}={}", spelled(value)))
            .collect();
        format!("{}: {}", assumed.join(" "), spelled(case.value))
    };
    let found = scope.cases(text, Some("vmLoop"), Some(("vmLoop", 2)));
    found.into_iter().map(described).collect()
}

#[test]
fn an_expression_is_evaluated_for_each_value_of_what_it_depends_on() {
    let sections = r#"
        "parameters": {
            "os": {"type": "string", "allowedValues": ["Windows", "Linux"]},
            "big": {"type": "bool"},
            "any": {"type": "string"}
        },
        "variables": {
            "isWindows": "[equals(parameters('os'), 'Windows')]",
            "name": "[if(variables('isWindows'), 'win', 'lin')]",
            "names": ["a", "b"],
            "byOs": {"Windows": 1, "Linux": 2}
        }"#;
    let expected: &[(&str, &[&str])] = &[
        ("x", &[": 'x'"]),
        (
            "[concat(variables('name'), parameters('os'))]",
            &[
                "parameters('os')='Windows': 'winWindows'",
                "parameters('os')='Linux': 'linLinux'",
            ],
        ),
        (
            "[variables('names')[copyIndex()]]",
            &["copyindex('vmloop')=0: 'a'", "copyindex('vmloop')=1: 'b'"],
        ),
        (
            "[concat('x', add(copyIndex('vmLoop', 1), 1))]",
            &["copyindex('vmloop')=0: 'x2'", "copyindex('vmloop')=1: 'x3'"],
        ),
        (
            "[if(parameters('big'), parameters('any'), 's')]",
            &[
                "parameters('big')=true(): parameters('any')",
                "parameters('big')=false(): 's'",
            ],
        ),
        (
            "[if(empty(parameters('any')), 's', concat(if(empty(parameters('any')), 1, 2)))]",
            &[
                "empty(parameters('any'))=true(): 's'",
                "empty(parameters('any'))=false(): '2'",
            ],
        ),
        (
            "[variables('byOs')[parameters('any')]]",
            &[
                "parameters('any')='Windows': 1",
                "parameters('any')='Linux': 2",
            ],
        ),
        (
            "[variables('names')[length(parameters('any'))]]",
            &[
                "length(parameters('any'))=0: 'a'",
                "length(parameters('any'))=1: 'b'",
            ],
        ),
    ];
    for (text, expected) in expected {
        assert_eq!(cases(sections, text), *expected, "{text}");
    }
}

#[test]
fn too_many_cases_are_one_unknown_value() {
    let text = "[concat(copyIndex(), string(parameters('a')), string(parameters('b')))]";
    let parameter = |name: &str, count: usize| {
        let allowed: Vec<String> = (0..count).map(|number| number.to_string()).collect();
        format!(
            r#""{name}": {{"type": "int", "allowedValues": [{}]}}"#,
            allowed.join(",")
        )
    };
    for (a, b, count) in [(2, 3, 12), (8, 16, 256), (8, 17, 1), (2, 300, 4)] {
        let sections = format!(
            r#""parameters": {{{}, {}}}"#,
            parameter("a", a),
            parameter("b", b)
        );
        assert_eq!(cases(&sections, text).len(), count, "{a} {b}");
    }
}
