//! Damage to what takes extensions out of lists in variables, and to variables.

use super::{MakesOperation, assert_says, fault_in, put, remove, remove_member, replace_text};
use crate::json::Document;
use crate::json::surgery::Operation;
use crate::migrate::plan::Plan;
use crate::rules::Context;

const TEMPLATE: &str = r#"{
  "contentVersion": "1.0.0.0",
  "parameters": { "spare": { "type": "int", "defaultValue": 1 } },
  "variables": {
    "all": [
      { "name": "msi", "properties": {
        "publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux" } },
      { "name": "agent", "properties": { "publisher": "Contoso", "type": "Agent" } }
    ],
    "msi": { "name": "msi", "properties": {
      "publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux" } },
    "script": { "name": "script", "properties": { "publisher": "Contoso", "type": "Script" } },
    "port": 50342,
    "copy": [{ "name": "ports", "count": 2, "input": "[copyIndex('ports')]" }]
  },
  "resources": [
    {
      "type": "Microsoft.Compute/virtualMachineScaleSets",
      "apiVersion": "2019-07-01",
      "name": "first",
      "identity": { "type": "SystemAssigned" },
      "tags": { "variables": { "port": 1 }, "copy": [{ "name": "a", "count": 1, "input": 1 }] },
      "properties": { "virtualMachineProfile": { "extensionProfile": {
        "extensions": "[variables('all')]"
      } } }
    },
    {
      "type": "Microsoft.Compute/virtualMachineScaleSets",
      "apiVersion": "2019-07-01",
      "name": "second",
      "identity": { "type": "SystemAssigned" },
      "properties": { "virtualMachineProfile": { "extensionProfile": {
        "extensions": "[createArray(variables('msi'), variables('script'))]"
      } } }
    }
  ],
  "outputs": { "ports": { "type": "array", "value": "[concat(variables('ports'), variables('port'))]" } }
}"#;

/// The path of the call that loses an argument.
const CALL: &str = "resources.1.properties.virtualMachineProfile.extensionProfile.extensions";
/// The path of the list that the other scale set takes.
const LIST: &str = "resources.0.properties.virtualMachineProfile.extensionProfile.extensions";

fn fault_of(make: impl Fn(&Document<'_>) -> Operation) -> String {
    let sabotage = |context: &Context<'_, '_>, plan: &mut Plan| {
        put(plan, make(context.model.document()));
    };
    fault_in(TEMPLATE, sabotage, |_| {}).unwrap_or_default()
}

fn assert_refused(what: &str, cases: &[(&str, MakesOperation<'_>)]) {
    for (case, make) in cases {
        let fault = fault_of(make);
        assert!(fault.contains(what), "{case}: {fault:?}");
    }
}

#[test]
fn without_sabotage_the_lists_pass_the_gate() {
    assert_eq!(fault_in(TEMPLATE, |_, _| {}, |_| {}), None);
}

#[test]
fn what_is_no_cut_and_no_variable_stays() {
    assert_refused(
        "unexpected change at",
        &[
            ("another entry of the list goes", &|d| {
                remove(d, "variables.all.1")
            }),
            ("another string changes", &|d| {
                replace_text(d, LIST, "all", "script")
            }),
            ("a name changes", &|d| {
                replace_text(d, "variables.script.name", "script", "run")
            }),
            ("a member of a variable goes", &|d| {
                remove_member(d, "variables.script.properties")
            }),
            ("a parameter goes", &|d| {
                remove_member(d, "parameters.spare")
            }),
            ("an output goes", &|d| remove_member(d, "outputs.ports")),
            ("variables are not the template's", &|d| {
                remove_member(d, "resources.0.tags.variables.port")
            }),
            ("a copy is not that of variables", &|d| {
                remove(d, "resources.0.tags.copy.0")
            }),
        ],
    );
}

#[test]
fn a_variable_that_is_used_stays() {
    assert_refused(
        "does not declare",
        &[
            ("it is used by a call", &|d| {
                remove_member(d, "variables.port")
            }),
            ("it is made by a loop", &|d| remove(d, "variables.copy.0")),
        ],
    );
}

#[test]
fn wrong_arguments_of_a_call_are_refused() {
    let call = "createArray(variables('msi'), variables('script'))";
    let cut = |old: &'static str, new: &'static str| {
        move |d: &Document<'_>| replace_text(d, CALL, old, new)
    };
    let cases: [(&str, MakesOperation<'_>); 3] = [
        ("the other one goes", &cut(", variables('script')", "")),
        ("both go", &cut(call, "json('[]')")),
        ("another list is there", &cut(call, "variables('script')")),
    ];
    assert_refused("lacks extensions that should remain", &cases);
}

#[test]
fn a_cut_that_is_not_made_is_refused() {
    let without = |numbers: &[usize]| {
        let sabotage = |_: &Context<'_, '_>, plan: &mut Plan| {
            assert_eq!(plan.operations.len(), 3);
            let mut number = 0..;
            plan.operations
                .retain(|_| !number.next().is_some_and(|n| numbers.contains(&n)));
        };
        fault_in(TEMPLATE, sabotage, |_| {}).unwrap_or_default()
    };
    // The entry of the list, the argument of the call, and the variable that this one read.
    for (numbers, what) in [
        (&[0][..], "remains that the plan removes"),
        (&[1], "does not declare"),
        (&[2], "remains that the plan removes"),
        (&[1, 2], "remains that the plan removes"),
        (&[0, 1, 2], "remains that the plan removes"),
    ] {
        assert_says(&without(numbers), what);
    }
}
