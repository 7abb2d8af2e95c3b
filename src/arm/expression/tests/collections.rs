//! Functions of arrays and objects.

use super::check;

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
            "createobject('A',2,'b',3)",
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
        ("json('{''a'': 1, \"b\": 2,}').b", "2"),
        ("json('010')", "json('010')"),
        ("json('0x1F')", "json('0x1F')"),
        ("json('1.5')", "json('1.5')"),
        ("json('-0')", "0"),
        ("json('undefined')", "json('undefined')"),
        (
            "json('\"2020-01-01T00:00:00Z\"')",
            "json('\"2020-01-01T00:00:00Z\"')",
        ),
        ("json('{\"a\": 1, \"a\": 2}')", "createobject('a',2)"),
        (
            "items(createObject('b-c', 1, 'b', 2))",
            "items(createobject('b-c',1,'b',2))",
        ),
        (
            "items(createObject('a', 1, 'B', 2))",
            "createarray(createobject('key','a','value',1),createobject('key','B','value',2))",
        ),
        ("tryGet(createArray(1), 5)", "null()"),
        ("tryGet(createArray(1), -1)", "null()"),
        ("indexFromEnd(createArray(1, 2), 1)", "2"),
        (
            "indexFromEnd(createArray(1, 2), 0)",
            "indexfromend(createarray(1,2),0)",
        ),
        ("tryIndexFromEnd(createArray(1, 2), 3)", "null()"),
        (
            "shallowMerge(createArray(createObject('a', createObject('b', 1)), createObject('A', createObject())))",
            "createobject('a',createobject())",
        ),
        (
            "map(createArray(1, 2), lambda('x', 'i', add(mul(lambdaVariables('X'), 10), lambdaVariables('i'))))",
            "createarray(10,21)",
        ),
        (
            "map(createArray(1), lambda('x', map(createArray(2), lambda('y', add(lambdaVariables('x'), lambdaVariables('y'))))))",
            "createarray(createarray(3))",
        ),
        (
            "map(createArray('a'), lambda('x', concat(lambdaVariables('x'), parameters('p'))))",
            "createarray(concat('a',parameters('p')))",
        ),
        (
            "length(filter(range(0, 5), lambda('x', less(lambdaVariables('x'), 2))))",
            "2",
        ),
        (
            "length(filter(createArray('a'), lambda('x', equals(lambdaVariables('x'), parameters('p')))))",
            "length(filter(createarray('a'),lambda('x',equals(lambdavariables('x'),parameters('p')))))",
        ),
        (
            "reduce(range(1, 3), 1, lambda('sum', 'x', mul(lambdaVariables('sum'), lambdaVariables('x'))))",
            "6",
        ),
        (
            "sort(createArray(3, 1, 2), lambda('x', 'y', greater(lambdaVariables('x'), lambdaVariables('y'))))",
            "createarray(3,2,1)",
        ),
        (
            "toObject(createArray('a', 'b'), lambda('x', lambdaVariables('x')), lambda('x', 1))",
            "createobject('a',1,'b',1)",
        ),
        (
            "groupBy(createArray('ab', 'b', 'ac'), lambda('x', first(lambdaVariables('x'))))",
            "createobject('a',createarray('ab','ac'),'b',createarray('b'))",
        ),
        (
            "mapValues(createObject('a', 1), lambda('x', add(lambdaVariables('x'), 1)))",
            "createobject('a',2)",
        ),
        ("take(createArray(1), -1)", "createarray()"),
        ("skip('abc', -5)", "'abc'"),
        ("take('abc', 9)", "'abc'"),
        ("first('')", "''"),
        ("first(createArray())", "null()"),
        ("first(1)", "first(1)"),
        ("length('a\u{1F600}')", "3"),
        ("createObject('a', 1, 'A', 2)", "createobject('a',1,'A',2)"),
        ("createObject('a')", "createobject('a')"),
        (
            "equals(createObject('a', 1, 'b', 2), createObject('b', 2, 'a', 1))",
            "true()",
        ),
        (
            "equals(createObject('a', 1), createObject('A', 1))",
            "false()",
        ),
        (
            "equals(createObject('a', 1), createObject('A', 2))",
            "false()",
        ),
        (
            "union(createObject('p', createObject('a', 1), 'n', createArray(1)), createObject('p', createObject('b', 2), 'n', createArray(2)))",
            "createobject('p',createobject('a',1,'b',2),'n',createarray(2))",
        ),
        (
            "union(createObject('a', 1), createObject('a', null()))",
            "union(createobject('a',1),createobject('a',null()))",
        ),
        (
            "union(createObject('a', createObject('b', 1)), createObject('a', parameters('p')))",
            "union(createobject('a',createobject('b',1)),createobject('a',parameters('p')))",
        ),
        (
            "union(createObject('a', 1), createObject('a', parameters('p')))",
            "createobject('a',parameters('p'))",
        ),
        (
            "intersection(createObject('a', createObject('b', 1, 'c', 2)), createObject('a', createObject('b', 1)))",
            "intersection(createobject('a',createobject('b',1,'c',2)),createobject('a',createobject('b',1)))",
        ),
    ]);
}
