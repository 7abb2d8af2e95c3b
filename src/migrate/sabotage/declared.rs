//! Damage to what reads a machine's identity, and to the edges that this declares.

use super::{MakesOperation, assert_says, fault_in, node, put, replace_text};
use crate::json::Document;
use crate::json::surgery::Operation;
use crate::migrate::plan::Plan;
use crate::rules::Context;

const TEMPLATE: &str = r#"{
  "contentVersion": "1.0.0.0",
  "resources": [
    { "type": "Microsoft.Compute/virtualMachines", "apiVersion": "2019-07-01", "name": "vm" },
    { "type": "Microsoft.Compute/virtualMachines", "apiVersion": "2019-07-01", "name": "other" },
    {
      "type": "Microsoft.Authorization/roleAssignments",
      "name": "grant",
      "properties": {
        "description": "reads",
        "principalId": "[reference(concat(resourceId('Microsoft.Compute/virtualMachines', 'vm'), '/providers/Microsoft.ManagedIdentity/Identities/default'), '2015-08-31-PREVIEW').principalId]"
      }
    },
    { "type": "Microsoft.Authorization/roleAssignments", "name": "second" }
  ],
  "outputs": { "o": { "type": "string", "value": "[reference('other').x]" } }
}"#;

/// The path of the string that reads the identity.
const READ: &str = "resources.2.properties.principalId";

fn fault_of(sabotage: impl Fn(&Document<'_>, &mut Plan)) -> Option<String> {
    let sabotage =
        |context: &Context<'_, '_>, plan: &mut Plan| sabotage(context.model.document(), plan);
    fault_in(TEMPLATE, sabotage, |_| {})
}

/// The operation that lets the resource at `path` depend on `target`.
fn wait(document: &Document<'_>, path: &str, target: &str) -> Operation {
    let object = node(document, path);
    Operation::InsertMember {
        object,
        after: document.children(object).next(),
        name: "dependsOn".to_owned(),
        value: serde_json::json!([target]),
    }
}

fn is_wait(operation: &Operation) -> bool {
    matches!(operation, Operation::InsertMember { name, .. } if name == "dependsOn")
}

#[test]
fn without_sabotage_the_reads_pass_the_gate() {
    assert_eq!(fault_of(|_, _| {}), None);
}

#[test]
fn who_declares_no_edge_gets_none() {
    let cases: [(&str, MakesOperation<'_>); 3] = [
        ("another resource waits", &|d| wait(d, "resources.3", "vm")),
        ("the machine waits", &|d| wait(d, "resources.0", "grant")),
        ("another string changes", &|d| {
            replace_text(d, "resources.2.properties.description", "reads", "writes")
        }),
    ];
    for (what, make) in cases {
        let fault = fault_of(|document, plan| put(plan, make(document)));
        let fault = fault.unwrap_or_default();
        assert!(fault.contains("unexpected change at"), "{what}: {fault:?}");
    }
}

#[test]
fn an_edge_that_is_declared_is_there() {
    for target in [None, Some("other"), Some("gone"), Some("grant")] {
        let fault = fault_of(|document, plan| {
            plan.operations.retain(|operation| !is_wait(operation));
            let instead = target.map(|target| wait(document, "resources.2", target));
            plan.operations.extend(instead);
        });
        assert_says(
            &fault.unwrap(),
            "a `dependsOn` entry that a fix adds is missing",
        );
    }
}

#[test]
fn no_other_edge_comes_with_one_that_is_declared() {
    for (more, what) in [
        ("other", "that no removal explains"),
        ("gone", "has lost its resource"),
    ] {
        let fault = fault_of(|_, plan| {
            for operation in &mut plan.operations {
                if let Operation::InsertMember { name, value, .. } = operation
                    && name == "dependsOn"
                {
                    value.as_array_mut().unwrap().push(more.into());
                }
            }
        });
        assert_says(&fault.unwrap(), what);
    }
}

#[test]
fn a_read_of_another_machine_is_refused() {
    let fault =
        fault_of(|document, plan| put(plan, replace_text(document, READ, "'vm'", "'other'")));
    assert_says(&fault.unwrap(), "a second run");
}
