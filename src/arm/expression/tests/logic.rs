//! Truth values, comparison, numbers and the branches of `if()`.

use super::{check, value};
use crate::arm::expression::Value;

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
        (
            "and(parameters('p'), 'text')",
            "and(parameters('p'),'text')",
        ),
        ("and(false(), 'text')", "and(false(),'text')"),
        ("or(true(), parameters('p'))", "true()"),
        ("and()", "and()"),
        ("bool('True')", "true()"),
        ("bool('1')", "bool('1')"),
        ("bool(2)", "true()"),
        ("int('42')", "42"),
        ("int('-7')", "-7"),
        ("int('010')", "10"),
        ("int(' 1')", "1"),
        ("int('99999999999999999999')", "int('99999999999999999999')"),
        (
            "div(-9223372036854775808, -1)",
            "div(-9223372036854775808,-1)",
        ),
        ("010", "010"),
        ("range(2147483646, 2)", "range(2147483646,2)"),
        ("range(1, -1)", "range(1,-1)"),
        ("range(-1, 2)", "createarray(-1,0)"),
        ("min()", "min()"),
        ("less('a', 'b')", "true()"),
        ("less('a', 'B')", "false()"),
        ("less('a-b', 'a_b')", "true()"),
        ("lessOrEquals('a-b', 'a-b')", "true()"),
        ("less(1, '2')", "less(1,'2')"),
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
            "tolower(if(parameters('c'),'A','B'))",
        ),
        (
            "if(parameters('c'), variables('tree'), variables('tree')).size.sku",
            "'S1'",
        ),
        ("if(true(), 'a', variables('list')[9])", "'a'"),
        ("if(false(), parameters('x'), 'b')", "'b'"),
        ("and(true(), if(false(), newGuid(), false()))", "false()"),
        (
            "equals(if(parameters('c'), 'a', 'b'), if(parameters('c'), 'a', 'b'))",
            "true()",
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
