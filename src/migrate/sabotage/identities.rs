//! Damage to what changes an identity block and its API version, which only an unsafe run may.

use serde_json::{Value, json};

use super::{
    MakesOperation, Refused, Waivers, fault_in, fault_with, node, put, remove_member, replace,
};
use crate::json::Document;
use crate::json::surgery::Operation;
use crate::migrate::Options;
use crate::migrate::plan::{self, Plan};
use crate::rules::Context;

const TEMPLATE: &str = r#"{
  "contentVersion": "1.0.0.0",
  "resources": [
    { "type": "Microsoft.Compute/virtualMachines", "apiVersion": "2015-06-15", "name": "old" },
    {
      "type": "Microsoft.Compute/virtualMachines",
      "apiVersion": "2019-07-01",
      "name": "ids",
      "identity": { "type": "UserAssigned", "identityIds": ["a", "b"] }
    },
    {
      "type": "Microsoft.Compute/virtualMachines",
      "apiVersion": "2019-07-01",
      "name": "other",
      "identity": { "type": "UserAssigned", "identityIds": ["c"] }
    },
    {
      "type": "Microsoft.Compute/virtualMachines/extensions",
      "name": "old/msi",
      "properties": {
        "publisher": "Microsoft.ManagedIdentity",
        "type": "ManagedIdentityExtensionForLinux"
      }
    },
    {
      "type": "Microsoft.Compute/virtualMachines/extensions",
      "name": "ids/msi",
      "properties": {
        "publisher": "Microsoft.ManagedIdentity",
        "type": "ManagedIdentityExtensionForLinux"
      }
    }
  ]
}"#;

fn unsafely() -> Options {
    Options {
        unsafe_fixes: true,
        ..Options::default()
    }
}

fn insert_member(document: &Document<'_>, path: &str, name: &str, value: Value) -> Operation {
    Operation::InsertMember {
        object: node(document, path),
        after: None,
        name: name.to_owned(),
        value,
    }
}

/// What the gate says to an unsafe run after `sabotage` of the operations.
fn fault_of(sabotage: impl Fn(&Document<'_>, &mut Plan)) -> Option<String> {
    let sabotage =
        |context: &Context<'_, '_>, plan: &mut Plan| sabotage(context.model.document(), plan);
    fault_with(&unsafely(), TEMPLATE, sabotage, |_| {})
}

#[test]
fn without_sabotage_the_identities_pass_the_gate() {
    assert_eq!(fault_of(|_, _| {}), None);
}

#[test]
fn identities_of_others_and_other_members_stay() {
    let map = || json!({"c": {}});
    let cases: [(&str, MakesOperation<'_>); 7] = [
        ("another version", &|d| {
            replace(d, "resources.2.apiVersion", "\"2018-06-01\"")
        }),
        ("another list", &|d| {
            remove_member(d, "resources.2.identity.identityIds")
        }),
        ("another map", &|d| {
            insert_member(d, "resources.2.identity", "userAssignedIdentities", map())
        }),
        ("the type", &|d| {
            remove_member(d, "resources.1.identity.type")
        }),
        ("another type", &|d| {
            replace(d, "resources.1.identity.type", "\"None\"")
        }),
        ("the block", &|d| remove_member(d, "resources.1.identity")),
        ("another member", &|d| {
            insert_member(d, "resources.1.identity", "principalId", json!("x"))
        }),
    ];
    for (what, make) in cases {
        let fault = fault_of(|document, plan| put(plan, make(document)));
        let fault = fault.unwrap_or_default();
        assert!(fault.contains("unexpected change at"), "{what}: {fault:?}");
    }
}

#[test]
fn a_version_is_raised_to_one_only() {
    for raw in ["1", "\"2017-12-01\"", "\"x\""] {
        let fault = fault_of(|document, plan| {
            let version = node(document, "resources.0.apiVersion");
            for operation in &mut plan.operations {
                match operation {
                    Operation::Replace { node, raw: written } if *node == version => {
                        *written = raw.as_bytes().to_vec();
                    }
                    _ => {}
                }
            }
        });
        let fault = fault.unwrap_or_default();
        assert!(fault.contains("unexpected change at"), "{raw}: {fault:?}");
    }
}

#[test]
fn a_safe_run_changes_neither_versions_nor_blocks() {
    let all = {
        let sabotage = |context: &Context<'_, '_>, plan: &mut Plan| {
            *plan = plan::make(
                context,
                &unsafely(),
                Waivers::default(),
                None,
                &Refused::default(),
            );
        };
        fault_in(TEMPLATE, sabotage, |_| {})
    };
    assert!(all.unwrap().contains("unexpected change at"));
}
