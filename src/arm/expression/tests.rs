//! Tables of expressions and what they give, over a scope with a few parameters and variables.

use super::{Scope, Symbol, Unbound, Value, evaluate_text};

struct Names;

impl Scope for Names {
    fn parameter(&self, name: &str) -> Value {
        match name.to_lowercase().as_str() {
            "known" => Value::text("Known"),
            _ => Value::Unknown(Symbol::parameter(name)),
        }
    }

    fn variable(&self, name: &str) -> Value {
        let text = match name.to_lowercase().as_str() {
            "prefix" => "vm-",
            "vmname" => "[concat(variables('prefix'), parameters('suffix'))]",
            "loop" => "[concat(variables('prefix'), copyIndex())]",
            "list" => "[createArray('a', 'b', 'c')]",
            "tree" => {
                "[createObject('Size', createObject('Sku', 'S1'), 'list', createArray(1, 2))]"
            }
            "id" => {
                "[resourceId('Microsoft.Compute/virtualMachines/extensions', 'vm', parameters('e'))]"
            }
            "long" => {
                return Value::Array(vec![
                    Value::text("x".repeat(5_000)),
                    Value::text("y".repeat(5_000)),
                ]);
            }
            _ => return Value::Unknown(Symbol::variable(name)),
        };
        evaluate_text(text, self)
    }

    fn loop_name(&self) -> Option<String> {
        Some("vmLoop".to_owned())
    }
}

fn value(text: &str) -> Value {
    evaluate_text(&format!("[{text}]"), &Names)
}

fn key(text: &str) -> String {
    value(text).as_text().unwrap().name_key()
}

/// The result in the language's own spelling.
fn shown(text: &str) -> String {
    let spelled = Symbol::call(None, "f", &[value(text)]).to_string();
    spelled
        .strip_prefix("f(")
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap()
        .to_owned()
}

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(shown(text), *expected, "{text}");
    }
}

#[test]
fn names_are_found_without_case_and_unknown_ones_stay_symbols() {
    check(&[
        ("Parameters('KNOWN')", "'Known'"),
        ("parameters('VM Name')", "parameters('vm name')"),
        (
            "variables( 'VMNAME' )",
            "concat('vm-',parameters('suffix'))",
        ),
        ("variables(concat('pre', 'fix'))", "'vm-'"),
        (
            "variables(parameters('which'))",
            "variables(parameters('which'))",
        ),
        ("Contoso.Unique( 'It''s' , 1)", "contoso.unique('It''s',1)"),
        ("resourceGroup().Location", "resourcegroup().location"),
        (
            "reference('vm', '2018-06-01', 'Full').identity.principalId",
            "reference('vm','2018-06-01','Full').identity.principalid",
        ),
    ]);
}

#[test]
fn text_functions_fold() {
    check(&[
        ("concat('a', 1, true(), '', 'b')", "'a1Trueb'"),
        (
            "concat('a', concat('b', parameters('p')))",
            "concat('ab',parameters('p'))",
        ),
        ("concat(parameters('p'))", "parameters('p')"),
        ("concat(createArray(1), createArray(2))", "createarray(1,2)"),
        (
            "concat(createArray(1), parameters('p'))",
            "concat(createarray(1),parameters('p'))",
        ),
        (
            "format('{0}-{1}{{}}', 'a', parameters('p'))",
            "concat('a-',parameters('p'),'{}')",
        ),
        ("format('{0:D2}|{0:D}|{0}', 7)", "'07|7|7'"),
        (
            "format('x{0:D2}', parameters('n'))",
            "concat('x',format('{0:D2}',parameters('n')))",
        ),
        ("format('{0:N0}', 1234)", "format('{0:N0}',1234)"),
        ("format('{1}', 'a')", "format('{1}','a')"),
        ("format('{0', 'a')", "format('{0','a')"),
        ("toLower('AbC')", "'abc'"),
        (
            "toUpper(concat('a', parameters('p')))",
            "concat('A',toupper(parameters('p')))",
        ),
        ("trim(' a ')", "'a'"),
        ("string(5)", "'5'"),
        ("replace('aXbX', 'X', '-')", "'a-b-'"),
        (
            "replace(variables('vmName'), '-', '')",
            "replace(concat('vm-',parameters('suffix')),'-','')",
        ),
        ("substring('hello', 1, 3)", "'ell'"),
        ("substring('hello', 2)", "'llo'"),
        ("substring('hello', 4, 3)", "substring('hello',4,3)"),
        ("indexOf('hello', 'l')", "2"),
        ("lastIndexOf('hello', 'l')", "3"),
        ("indexOf('hello', 'L')", "indexof('hello','L')"),
        ("indexOf('hello', 'x')", "-1"),
        ("startsWith(variables('vmName'), 'vm')", "true()"),
        ("startsWith(variables('vmName'), 'x-12345')", "false()"),
        ("startsWith('Abc', 'a')", "startswith('Abc','a')"),
        ("endsWith('a/b', '/b')", "true()"),
        ("padLeft(5, 3, '0')", "'005'"),
        ("padLeft('abcd', 3)", "'abcd'"),
        ("split('a/b', '/')", "createarray('a','b')"),
        (
            "split('a/b;c', createArray('/', ';'))",
            "createarray('a','b','c')",
        ),
        (
            "split(format('{0}/NAME', parameters('p')), '/')[0]",
            "parameters('p')",
        ),
        (
            "split(format('{0}/NAME', parameters('p')), '/')[1]",
            "'NAME'",
        ),
        (
            "split(parameters('p'), '/')[0]",
            "split(parameters('p'),'/')[0]",
        ),
        ("last(split(variables('id'), '/'))", "parameters('e')"),
        (
            "join(createArray('a', parameters('p')), '-')",
            "concat('a-',parameters('p'))",
        ),
        ("uri('https://x/', 'a/b')", "'https://x/a/b'"),
        ("uri('https://x', 'a')", "uri('https://x','a')"),
        ("uriComponent('a b/é')", "'a%20b%2F%C3%A9'"),
        ("base64('hello')", "'aGVsbG8='"),
        ("base64('hell')", "'aGVsbA=='"),
        ("base64ToString(base64('héllo'))", "'héllo'"),
    ]);
}

#[test]
fn collections_fold() {
    check(&[
        ("first('abc')", "'a'"),
        ("first(variables('vmName'))", "'v'"),
        (
            "last(variables('vmName'))",
            "last(concat('vm-',parameters('suffix')))",
        ),
        ("take(variables('vmName'), 2)", "'vm'"),
        (
            "take(variables('vmName'), 5)",
            "take(concat('vm-',parameters('suffix')),5)",
        ),
        (
            "skip(variables('vmName'), 1)",
            "concat('m-',parameters('suffix'))",
        ),
        ("skip(variables('vmName'), 3)", "parameters('suffix')"),
        ("take(variables('list'), 2)", "createarray('a','b')"),
        ("skip(variables('list'), 2)", "createarray('c')"),
        ("length(variables('list'))", "3"),
        ("length('abc')", "3"),
        ("length(parameters('p'))", "length(parameters('p'))"),
        ("empty('')", "true()"),
        ("empty(variables('vmName'))", "false()"),
        ("empty(null())", "true()"),
        ("empty(parameters('p'))", "empty(parameters('p'))"),
        ("contains(variables('list'), 'b')", "true()"),
        ("contains(variables('list'), 'B')", "false()"),
        ("contains(variables('tree'), 'size')", "true()"),
        ("contains(variables('vmName'), 'm-')", "true()"),
        (
            "contains(createArray(parameters('p')), parameters('P'))",
            "true()",
        ),
        (
            "contains(createArray('x'), parameters('p'))",
            "contains(createarray('x'),parameters('p'))",
        ),
        ("variables('tree').SIZE.sku", "'S1'"),
        ("variables('tree')['size']['sku']", "'S1'"),
        ("variables('tree').list[1]", "2"),
        (
            "variables('list')[copyIndex()]",
            "createarray('a','b','c')[copyindex('vmloop')]",
        ),
        (
            "variables('long')[copyIndex()].name",
            "variables('long')[copyindex('vmloop')].name",
        ),
        (
            "parameters('p')['Key'][0]['a b']",
            "parameters('p').key[0]['a b']",
        ),
        (
            "union(createArray(1, 2), createArray(2, 3))",
            "createarray(1,2,3)",
        ),
        (
            "union(createObject('a', 1), createObject('A', 2, 'b', 3))",
            "createobject('a',2,'b',3)",
        ),
        (
            "intersection(createArray(1, 2), createArray(2, 3))",
            "createarray(2)",
        ),
        (
            "flatten(createArray(createArray(1), createArray(2)))",
            "createarray(1,2)",
        ),
        ("array('a')", "createarray('a')"),
        ("items(createObject('b', 1, 'a', 2))[0].key", "'a'"),
        (
            "objectKeys(createObject('b', 1, 'a', 2))",
            "createarray('a','b')",
        ),
        ("tryGet(variables('tree'), 'size', 'none')", "null()"),
        ("tryGet(variables('tree'), 'size', 'sku')", "'S1'"),
        ("range(2, 3)", "createarray(2,3,4)"),
        ("range(0, 10001)", "range(0,10001)"),
        (
            "coalesce(null(), json('null'), 'a', parameters('p'))",
            "'a'",
        ),
        (
            "coalesce(parameters('p'), 'a')",
            "coalesce(parameters('p'),'a')",
        ),
        (
            "json('{\"a\": [1, true, null]}').a",
            "createarray(1,true(),null())",
        ),
        ("json('{')", "json('{')"),
    ]);
}

#[test]
fn logic_and_numbers_fold() {
    check(&[
        ("equals(parameters('p'), Parameters('P'))", "true()"),
        ("equals('a', 'A')", "false()"),
        ("equals('1', 1)", "false()"),
        (
            "equals(variables('vmName'), format('vm-{0}', parameters('suffix')))",
            "true()",
        ),
        ("equals(variables('vmName'), 'x')", "false()"),
        (
            "equals(parameters('p'), 'x')",
            "equals(parameters('p'),'x')",
        ),
        (
            "and(true(), parameters('p'))",
            "and(true(),parameters('p'))",
        ),
        ("and(false(), parameters('p'))", "false()"),
        ("or(parameters('p'), true())", "true()"),
        ("or(false(), false())", "false()"),
        ("not(true())", "false()"),
        ("bool('True')", "true()"),
        ("int('42')", "42"),
        ("add(1, mul(2, 3))", "7"),
        ("div(7, 2)", "3"),
        ("div(7, 0)", "div(7,0)"),
        ("mod(-7, 2)", "-1"),
        ("add(9223372036854775807, 1)", "add(9223372036854775807,1)"),
        ("sub(+5, 7)", "-2"),
        ("min(createArray(3, 1))", "1"),
        ("max(3, 1)", "3"),
        ("greaterOrEquals(2, 2)", "true()"),
        ("less(2, 2)", "false()"),
        ("1.5", "1.5"),
    ]);
}

#[test]
fn a_known_condition_takes_one_branch_and_an_unknown_one_both() {
    check(&[
        ("if(true(), 'a', div(1, 0))", "'a'"),
        ("if(equals(1, 2), 'a', 'b')", "'b'"),
        ("if(parameters('c'), 'a', 'a')", "'a'"),
        (
            "if(parameters('c'), 'a', 'b')",
            "if(parameters('c'),'a','b')",
        ),
        (
            "concat('x', if(parameters('c'), 'a', 'b'))",
            "concat('x',if(parameters('c'),'a','b'))",
        ),
        ("concat('x', if(parameters('c'), '1', 1))", "'x1'"),
        (
            "toLower(if(parameters('c'), 'A', 'B'))",
            "if(parameters('c'),'a','b')",
        ),
        ("equals(if(parameters('c'), 'A', 'B'), 'C')", "false()"),
        (
            "if(parameters('c'), variables('tree'), variables('tree')).size.sku",
            "'S1'",
        ),
        (
            "if(if(parameters('c'), true(), parameters('d')), 'a', 'b')",
            "if(if(parameters('c'),true(),parameters('d')),'a','b')",
        ),
    ]);
    let both = value("if(equals(parameters('os'), 'Windows'), 'ExtForWindows', 'ExtForLinux')");
    let Value::Choice { condition, .. } = &both else {
        panic!("{both:?}");
    };
    assert_eq!(condition.as_str(), "equals(parameters('os'),'Windows')");
    assert_eq!(both.alternatives().len(), 2);
}

#[test]
fn the_loop_variable_keeps_its_loop_but_not_in_keys() {
    check(&[
        ("copyIndex()", "copyindex('vmloop')"),
        ("copyIndex(1)", "copyindex('vmloop')+1"),
        ("copyIndex('Other', 2)", "copyindex('other')+2"),
        ("sub(add(1, copyIndex()), 3)", "copyindex('vmloop')-2"),
        (
            "copyIndex(variables('o'))",
            "add(copyindex('vmloop'),variables('o'))",
        ),
    ]);
    assert_eq!(key("variables('loop')"), "vm-{i}");
    assert_eq!(key("concat('VM-', copyIndex('other', 1))"), "vm-{i+1}");
    assert_eq!(
        key("format('vm{0:D2}', copyIndex('x'))"),
        "vm{format('{0:D2}',i)}"
    );
    assert!(value("variables('loop')").mentions_copy_index());
    assert!(value("parameters('p')[copyIndex()].name").mentions_copy_index());
    assert!(!value("variables('vmName')").mentions_copy_index());
    assert_eq!(
        evaluate_text("[copyIndex()]", &Unbound),
        Value::Unknown(Symbol::copy_index(None, 0))
    );
}

#[test]
fn names_are_compared_without_case_but_seeds_are_not() {
    assert_eq!(
        key("toLower(concat('VM', parameters('P')))"),
        key("concat('vm', parameters('p'))")
    );
    assert_eq!(key("string(toUpper(parameters('P')))"), "{parameters('p')}");
    assert_eq!(
        key("take(toLower(parameters('p')), 5)"),
        key("take(parameters('p'), 5)")
    );
    assert_ne!(key("uniqueString('a')"), key("uniqueString('A')"));
    assert_ne!(
        key("uniqueString(toLower(parameters('p')))"),
        key("uniqueString(parameters('p'))")
    );
    assert_ne!(key("'{parameters(''p'')}'"), key("parameters('p')"));
}

#[test]
fn ids_made_by_call_by_hand_and_by_bicep_are_one() {
    let expected = key(
        "resourceId('Microsoft.Compute/virtualMachines/extensions', variables('vmName'), 'NAME')",
    );
    for text in [
        "resourceID('microsoft.compute/virtualmachines/extensions/', variables('vmName'),'NAME')",
        "resourceId('/Microsoft.Compute/virtualMachines/extensions', variables('vmName'),'NAME')",
        "resourceId(resourceGroup().name, 'Microsoft.Compute/virtualMachines/extensions', variables('vmName'), 'name')",
        "resourceId(subscription().subscriptionId, resourceGroup().name, 'Microsoft.Compute/virtualMachines/extensions', variables('vmName'), 'name')",
        "concat(resourceGroup().id, '/providers/Microsoft.Compute/virtualMachines/', variables('vmName'), '/extensions/NAME')",
        "concat(subscription().id, '/resourceGroups/', resourceGroup().name, '/providers/Microsoft.Compute/virtualMachines/', variables('vmName'), '/extensions/NAME')",
        "concat(resourceId('Microsoft.Compute/virtualMachines', variables('vmName')), '/extensions/NAME')",
        "extensionResourceId(resourceGroup().id, 'Microsoft.Compute/virtualMachines/extensions', variables('vmName'), 'NAME')",
        "resourceId('Microsoft.Compute/virtualMachines/extensions', split(format('{0}/NAME', variables('vmName')), '/')[0], split(format('{0}/NAME', variables('vmName')), '/')[1])",
    ] {
        assert_eq!(key(text), expected, "{text}");
    }
}

#[test]
fn other_scopes_have_their_own_prefix() {
    check(&[
        (
            "subscriptionResourceId('A.B/c', 'x')",
            "concat('/subscriptions/',subscription().subscriptionid,'/providers/A.B/c/x')",
        ),
        (
            "subscriptionResourceId('s', 'A.B/c', 'x')",
            "'/subscriptions/s/providers/A.B/c/x'",
        ),
        ("tenantResourceId('A.B/c', 'x')", "'/providers/A.B/c/x'"),
        (
            "managementGroupResourceId('m', 'A.B/c', 'x')",
            "'/providers/Microsoft.Management/managementGroups/m/providers/A.B/c/x'",
        ),
        (
            "extensionResourceId('/x/y', 'A.B/c', 'z')",
            "'/x/y/providers/A.B/c/z'",
        ),
        (
            "resourceId('s', 'g', 'A.B/c', 'x')",
            "'/subscriptions/s/resourceGroups/g/providers/A.B/c/x'",
        ),
    ]);
}

#[test]
fn an_id_that_does_not_fit_is_no_guess() {
    check(&[
        ("resourceId('A.B/c/d', 'x')", "resourceid('A.B/c/d','x')"),
        (
            "resourceId('A.B/c', 'x', 'y')",
            "resourceid('A.B/c','x','y')",
        ),
        ("resourceId('A.B/c', 'x/y')", "resourceid('A.B/c','x/y')"),
        (
            "resourceId(parameters('type'), 'x')",
            "resourceid(parameters('type'),'x')",
        ),
        (
            "resourceId('a', 'b', 'c', 'A.B/c', 'x')",
            "resourceid('a','b','c','A.B/c','x')",
        ),
        ("resourceId('A.B/', 'x')", "resourceid('A.B/','x')"),
        ("resourceId()", "resourceid()"),
    ]);
}

#[test]
fn every_edge_of_the_wild_gives_the_name_it_stands_for() {
    let cases = [
        (
            "[concat('Microsoft.Compute/virtualMachines/', parameters('vm'), '/extensions/NAME')]",
            "microsoft.compute/virtualmachines/{parameters('vm')}/extensions/name",
        ),
        (
            "[concat('Microsoft.Compute/virtualMachines/', concat(variables('prefix'),copyIndex()),'/extensions/NAME')]",
            "microsoft.compute/virtualmachines/vm-{i}/extensions/name",
        ),
        (
            "[concat(parameters('vm'), '/NAME')]",
            "{parameters('vm')}/name",
        ),
        ("[parameters('vm')]", "{parameters('vm')}"),
        (
            "['Microsoft.Resources/deployments/ams']",
            "microsoft.resources/deployments/ams",
        ),
        (
            "Microsoft.Compute/virtualMachines/vm",
            "microsoft.compute/virtualmachines/vm",
        ),
        ("[[escaped]", "[escaped]"),
    ];
    for (text, expected) in cases {
        let name = evaluate_text(text, &Names).as_text().unwrap();
        assert_eq!(name.name_key(), expected, "{text}");
    }
}

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
