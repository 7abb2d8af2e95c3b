//! Names: parameters, variables, the loop variable, and what is compared without case.

use super::{Names, check, key, value};
use crate::arm::expression::{Symbol, Unbound, Value, evaluate_text};

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
fn the_loop_variable_keeps_its_loop_but_not_in_keys() {
    check(&[
        ("copyIndex()", "copyindex('vmloop')"),
        ("copyIndex(1)", "copyindex('vmloop')+1"),
        ("copyIndex('Other')", "copyindex('other')"),
        ("copyIndex('Other', 2)", "copyindex('other')+2"),
        ("copyIndex(-1)", "copyindex('vmloop')-1"),
        (
            "copyIndex('Other', variables('o'))",
            "add(copyindex('other'),variables('o'))",
        ),
        (
            "copyIndex(parameters('loop'), 1)",
            "copyindex(copyindex(),parameters('loop'),1)",
        ),
        ("sub(copyIndex(3), copyIndex())", "3"),
        (
            "sub(copyIndex('a'), copyIndex('b'))",
            "sub(copyindex('a'),copyindex('b'))",
        ),
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
    assert_ne!(key("uniqueString('a')"), key("uniqueString('A')"));
    assert_ne!(
        key("uniqueString(toLower(parameters('p')))"),
        key("uniqueString(parameters('p'))")
    );
    assert_ne!(key("'{parameters(''p'')}'"), key("parameters('p')"));
}

#[test]
fn every_edge_of_the_wild_gives_the_name_it_means() {
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
