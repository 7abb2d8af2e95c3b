//! Damage done on purpose, which the gate must see: by wrong operations, or by wrong edits for the
//! right ones.

use serde_json::{Value, json};

mod declared;
mod identities;
mod lists;

use super::Options;
use super::holds::Refused;
use super::plan::{self, Plan};
use super::waivers::Waivers;
use super::whole::verify_result;
use crate::arm::{Model, Sources};
use crate::json::surgery::{Inserted, Operation, WhenEmpty, lower};
use crate::json::{Document, Kind, NodeId};
use crate::rules::{Context, Policies, Removal};
use crate::text::Edit;

const TEMPLATE: &str = "\u{feff}{
  \"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#\",
  \"contentVersion\": \"1.0.0.0\",
  \"resources\": [
    { \"type\": \"Microsoft.Network/networkInterfaces\", \"name\": \"nic\" },
    // where it all runs
    {
      \"type\": \"Microsoft.Compute/virtualMachines\",
      \"apiVersion\": \"2019-07-01\",
      \"name\": \"vm\", // not a pet
      \"tags\": { \"\\u0061\": 1 }
    },
    { \"type\": \"Microsoft.Compute/virtualMachines\", \"apiVersion\": \"2019-07-01\", \"name\": \"other\" },
    { // asks nobody
      \"type\": \"Microsoft.Compute/virtualMachines/extensions\",
      \"name\": \"vm/msi\",
      \"dependsOn\": [\"vm\", \"nic\"],
      \"properties\": {
        \"publisher\": \"Microsoft.ManagedIdentity\",
        \"type\": \"ManagedIdentityExtensionForLinux\"
      }
    },
    // runs last
    {
      \"type\": \"Microsoft.Compute/virtualMachines/extensions\",
      \"name\": \"vm/script\",
      \"dependsOn\": [\"vm/msi\"]
    },
    {
      \"type\": \"Microsoft.Compute/virtualMachineScaleSets\",
      \"apiVersion\": \"2019-07-01\",
      \"name\": \"set\",
      \"identity\": { \"type\": \"SystemAssigned\" },
      \"properties\": { \"virtualMachineProfile\": { \"extensionProfile\": { \"extensions\": [
        { \"name\": \"first\" },
        { \"name\": \"msi\", \"properties\": {
          \"publisher\": \"Microsoft.ManagedIdentity\",
          \"type\": \"ManagedIdentityExtensionForLinux\",
          \"provisionAfterExtensions\": [\"first\"]
        } },
        { \"name\": \"last\", \"properties\": { \"provisionAfterExtensions\": [\"msi\"] } }
      ] } } }
    }
  ],
  \"outputs\": {}
}
";

type MakesOperation<'a> = &'a dyn Fn(&Document<'_>) -> Operation;

/// The path of the entry in which the script depends on the extension.
const EDGE: &str = "resources.4.dependsOn.0";
/// The path of the scale set's extensions.
const PROFILE: &str = "resources.5.properties.virtualMachineProfile.extensionProfile.extensions";

/// The node at a path of member names and indices.
fn node(document: &Document<'_>, path: &str) -> NodeId {
    path.split('.')
        .fold(document.root().unwrap(), |node, step| {
            if document.kind(node) == Kind::Array {
                document.children(node).nth(step.parse().unwrap()).unwrap()
            } else {
                document.get(node, step).unwrap()
            }
        })
}

fn replace(document: &Document<'_>, path: &str, raw: &str) -> Operation {
    Operation::Replace {
        node: node(document, path),
        raw: raw.as_bytes().to_vec(),
    }
}

/// The operation that puts `new` in the place of `old` in a string.
fn replace_text(document: &Document<'_>, path: &str, old: &str, new: &str) -> Operation {
    let node = node(document, path);
    let raw = String::from_utf8_lossy(document.raw(node)).into_owned();
    let start = document.span(node).start + raw.find(old).unwrap();
    Operation::ReplaceText {
        node,
        range: start..start + old.len(),
        raw: new.as_bytes().to_vec(),
    }
}

/// The operation that takes a member out.
fn remove_member(document: &Document<'_>, path: &str) -> Operation {
    let (object, name) = path.rsplit_once('.').unwrap();
    let key = document.key(node(document, object), name).unwrap();
    Operation::RemoveMember { key }
}

fn remove(document: &Document<'_>, path: &str) -> Operation {
    Operation::RemoveElement {
        element: node(document, path),
        when_empty: WhenEmpty::RemoveMember,
    }
}

fn insert(document: &Document<'_>, path: &str, raw: &str) -> Operation {
    Operation::InsertElement {
        array: node(document, path),
        after: None,
        value: Inserted::Raw(raw.as_bytes().to_vec()),
    }
}

fn identity(document: &Document<'_>, path: &str, value: Value) -> Operation {
    Operation::InsertMember {
        object: node(document, path),
        after: None,
        name: "identity".to_owned(),
        value,
    }
}

/// What the gate says about `template` after `sabotage` of its plan and `damage` to its edits.
fn fault_in(
    template: &str,
    sabotage: impl Fn(&Context<'_, '_>, &mut Plan),
    damage: impl Fn(&mut Vec<Edit>),
) -> Option<String> {
    fault_with(&Options::default(), template, sabotage, damage)
}

/// The same in a run with `options`.
fn fault_with(
    options: &Options,
    template: &str,
    sabotage: impl Fn(&Context<'_, '_>, &mut Plan),
    damage: impl Fn(&mut Vec<Edit>),
) -> Option<String> {
    let document = Document::parse(template.as_bytes());
    assert!(document.errors().is_empty());
    let model = Model::new(&document);
    let context = Context::new(&model, Policies::default());
    let mut plan = plan::make(
        &context,
        options,
        Waivers::default(),
        None,
        &Refused::default(),
    );
    sabotage(&context, &mut plan);
    let mut edits = lower(&document, &plan.operations);
    damage(&mut edits);
    let outcome = verify_result(&context, &Sources::default(), &plan, &[], edits, options);
    outcome.err().map(|fault| fault.to_string())
}

/// Puts an operation into a plan, after those on the same node were taken out.
fn put(plan: &mut Plan, new: Operation) {
    let node_of = |operation: &Operation| match operation {
        Operation::RemoveElement { element, .. } => Some(*element),
        Operation::Replace { node, .. } | Operation::ReplaceText { node, .. } => Some(*node),
        _ => None,
    };
    let same =
        |operation: &Operation| node_of(operation).is_some() && node_of(operation) == node_of(&new);
    plan.operations.retain(|operation| !same(operation));
    plan.operations.push(new);
}

/// Sabotages the operations with what `make` adds, after those on the same node were taken out.
fn fault_of_operation(make: impl Fn(&Document<'_>) -> Operation) -> String {
    let sabotage = |context: &Context<'_, '_>, plan: &mut Plan| {
        let new = make(context.model.document());
        put(plan, new);
    };
    fault_in(TEMPLATE, sabotage, |_| {}).unwrap_or_default()
}

/// Sabotages the edits with one that puts `new` where `old` is in the template.
fn fault_of_edit(old: &str, new: &str) -> String {
    let start = TEMPLATE.find(old).unwrap();
    let edit = Edit::replacement(start..start + old.len(), new);
    let damage = |edits: &mut Vec<Edit>| {
        edits.push(edit.clone());
        edits.sort_by_key(|edit| edit.range().start);
    };
    fault_in(TEMPLATE, |_, _| {}, damage).unwrap_or_default()
}

#[track_caller]
fn assert_says(fault: &str, what: &str) {
    assert!(fault.contains(what), "said {fault:?}");
}

#[test]
fn without_sabotage_the_gate_is_open() {
    assert_eq!(fault_in(TEMPLATE, |_, _| {}, |_| {}), None);
}

#[test]
fn operations_on_what_a_migration_leaves_alone_are_refused() {
    let system = || json!({"type": "SystemAssigned"});
    let cases: [(&str, MakesOperation<'_>); 11] = [
        ("another resource goes", &|d| remove(d, "resources.0")),
        ("another extension goes", &|d| {
            remove(d, &format!("{PROFILE}.0"))
        }),
        ("a member goes", &|d| remove_member(d, "resources.1.tags")),
        ("a name changes", &|d| {
            replace(d, "resources.1.name", "\"x\"")
        }),
        ("an apiVersion changes", &|d| {
            replace(d, "resources.1.apiVersion", "\"2018-06-01\"")
        }),
        ("a resource is made", &|d| insert(d, "resources", "{}")),
        ("another machine gets it", &|d| {
            identity(d, "resources.2", system())
        }),
        ("what is no machine gets it", &|d| {
            identity(d, "resources.1.tags", system())
        }),
        ("it has one already", &|d| {
            identity(d, "resources.5", system())
        }),
        ("it is another one", &|d| {
            identity(d, "resources.1", json!({"type": "None"}))
        }),
        ("it is something else", &|d| Operation::InsertMember {
            object: node(d, "resources.1"),
            after: None,
            name: "plan".to_owned(),
            value: system(),
        }),
    ];
    for (what, make) in cases {
        let fault = fault_of_operation(make);
        assert!(fault.contains("unexpected change at"), "{what}: {fault:?}");
    }
}

#[test]
fn an_extension_that_is_not_taken_out_is_refused() {
    let fault = fault_in(
        TEMPLATE,
        |context, plan| {
            let goes = remove(context.model.document(), "resources.3");
            let Operation::RemoveElement { element, .. } = goes else {
                return;
            };
            plan.operations.retain(|operation| {
                !matches!(operation, Operation::RemoveElement { element: other, .. } if *other == element)
            });
        },
        |_| {},
    );
    assert_says(&fault.unwrap(), "remains that the plan removes");
}

#[test]
fn wrong_edges_are_refused() {
    let text = |raw| move |d: &Document<'_>| replace(d, EDGE, raw);
    assert_says(&fault_of_operation(text("\"vm/msi\"")), "entry is lost");
    assert_says(&fault_of_operation(text("\"nic\"")), "entry is lost");
    assert_says(&fault_of_operation(text("\"other\"")), "entry is lost");
    assert_says(&fault_of_operation(|d| remove(d, EDGE)), "entry is lost");
    let list = "resources.4.dependsOn";
    let dangling = fault_of_operation(|d| insert(d, list, "\"gone\""));
    assert_says(&dangling, "has lost its resource");
    let new = fault_of_operation(|d| insert(d, list, "\"other\""));
    assert_says(&new, "that no removal explains");
}

#[test]
fn a_wrong_order_of_extensions_is_refused() {
    let list = format!("{PROFILE}.2.properties.provisionAfterExtensions");
    let entry = format!("{list}.0");
    for wrong in [
        fault_of_operation(|d| replace(d, &entry, "\"msi\"")),
        fault_of_operation(|d| remove(d, &entry)),
        fault_of_operation(|d| insert(d, &list, "\"last\"")),
    ] {
        assert_says(&wrong, "is provisioned after the wrong extensions");
    }
}

#[test]
fn text_that_does_not_parse_is_refused() {
    assert_says(
        &fault_of_operation(|d| replace(d, EDGE, "\"vm")),
        "does not parse",
    );
    assert_says(
        &fault_of_edit("\"outputs\": {}", "\"outputs\": {"),
        "does not parse",
    );
    assert_says(
        &fault_of_edit(TEMPLATE.trim_start_matches('\u{feff}'), ""),
        "overlap",
    );
}

#[test]
fn edits_that_change_a_value_are_refused() {
    for (old, new) in [
        ("\"outputs\": {}", "\"outputs\": {\"a\": 1}"),
        ("\"outputs\": {}", "\"outputs\": []"),
        (",\n  \"outputs\": {}", ""),
        ("\"outputs\"", "\"Outputs\""),
        ("\"other\"", "\"another\""),
        ("\"tags\": { \"\\u0061\"", "\"tags\": { \"a\""),
        ("1.0.0.0", "1.0.0.\\u0030"),
        (": 1 }", ": 1.0 }"),
        (
            "{ \"type\": \"Microsoft.Network/networkInterfaces\", \"name\": \"nic\" },",
            "",
        ),
        (
            "// runs last",
            "{ \"type\": \"Microsoft.Network/networkInterfaces\", \"name\": \"nic\" },",
        ),
    ] {
        assert_says(&fault_of_edit(old, new), "differs from the plan");
    }
}

#[test]
fn an_edit_that_is_not_made_is_refused() {
    let count = {
        let document = Document::parse(TEMPLATE.as_bytes());
        let model = Model::new(&document);
        let context = Context::new(&model, Policies::default());
        let plan = plan::make(
            &context,
            &Options::default(),
            Waivers::default(),
            None,
            &Refused::default(),
        );
        lower(&document, &plan.operations).len()
    };
    assert_eq!(count, 7);
    for index in 0..count {
        let left_out = |edits: &mut Vec<Edit>| {
            edits.remove(index);
        };
        let fault = fault_in(TEMPLATE, |_, _| {}, left_out);
        assert!(fault.is_some(), "without edit {index}");
    }
}

#[test]
fn edits_that_change_no_value_are_refused_too() {
    for (old, new) in [
        ("\u{feff}", ""),
        (
            "{ \"type\": \"Microsoft.Network",
            "{\"type\": \"Microsoft.Network",
        ),
        ("\"outputs\": {}\n", "\"outputs\": {}\r\n"),
        ("}\n", "}\n\n"),
        ("\n    // where it all runs", ""),
        (" // not a pet", ""),
        ("// not a pet", "// a pet"),
        ("\"outputs\": {}", "\"outputs\": { }"),
    ] {
        assert_says(&fault_of_edit(old, new), "is not part of the plan");
    }
}

#[test]
fn a_comment_of_what_stays_is_not_lost_beside_what_goes() {
    assert_says(&fault_of_edit("    // runs last\n", ""), "comment");
    assert_says(
        &fault_of_edit("runs last", "runs first"),
        "a comment has changed",
    );
    assert_says(
        &fault_of_edit("// runs", "// it runs\n    // runs"),
        "a comment has changed",
    );
}

#[test]
fn edits_that_overlap_are_refused() {
    assert_says(&fault_of_edit("\"publisher\"", ""), "overlap");
}

#[test]
fn a_member_that_is_no_extension_stays() {
    let symbolic = r#"{"contentVersion": "1", "resources": {
        "vm": {"type": "Microsoft.Compute/virtualMachines", "name": "vm",
            "identity": {"type": "SystemAssigned"}},
        "msi": {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
            "properties": {"publisher": "Microsoft.ManagedIdentity"}}}}"#;
    assert_eq!(fault_in(symbolic, |_, _| {}, |_| {}), None);
    let more = |context: &Context<'_, '_>, plan: &mut Plan| {
        let document = context.model.document();
        let key = document.parent(node(document, "resources.vm")).unwrap();
        plan.operations.push(Operation::RemoveMember { key });
    };
    let fault = fault_in(symbolic, more, |_| {});
    assert_says(&fault.unwrap(), "unexpected change at");
    let none = |_: &Context<'_, '_>, plan: &mut Plan| {
        let member = |operation: &Operation| matches!(operation, Operation::RemoveMember { .. });
        plan.operations.retain(|operation| !member(operation));
    };
    assert_says(
        &fault_in(symbolic, none, |_| {}).unwrap(),
        "remains that the plan removes",
    );
}

#[test]
fn a_reference_to_what_goes_is_refused() {
    for read in ["reference('vm/msi').settings", "resourceInfo('vm/msi').id"] {
        a_read_is_refused(read);
    }
}

fn a_read_is_refused(read: &str) {
    let read = format!("\"outputs\": {{ \"o\": {{ \"value\": \"[{read}]\" }} }}");
    let template = TEMPLATE.replace("\"outputs\": {}", &read);
    let go_on = |context: &Context<'_, '_>, plan: &mut Plan| {
        let plain = Document::parse(TEMPLATE.as_bytes());
        let model = Model::new(&plain);
        let unread = Context::new(&model, Policies::default());
        // The outputs are last, so all nodes before them have the same numbers.
        *plan = plan::make(
            &unread,
            &Options::default(),
            Waivers::default(),
            None,
            &Refused::default(),
        );
        plan.removal = Removal::new(context, plan.removal.extensions.clone());
    };
    let fault = fault_in(&template, go_on, |_| {});
    assert_says(&fault.unwrap(), "reads the removed extension");
}

#[test]
fn a_run_that_leaves_something_to_do_is_refused() {
    let fault = fault_in(
        TEMPLATE,
        |context, plan| {
            let last = context.extensions.get(plan.removal.extensions[1]).unwrap();
            let span = context
                .model
                .document()
                .span(node(context.model.document(), "resources.5"));
            assert!(span.contains(&context.model.document().span(last.node).start));
            let inside = |operation: &Operation| {
                let node = match operation {
                    Operation::RemoveElement { element, .. } => *element,
                    Operation::Replace { node, .. } | Operation::ReplaceText { node, .. } => *node,
                    Operation::InsertElement { array, .. } => *array,
                    Operation::InsertMember { object, .. } => *object,
                    Operation::RemoveMember { key } => *key,
                };
                span.contains(&context.model.document().span(node).start)
            };
            plan.operations.retain(|operation| !inside(operation));
            plan.removal = Removal::new(context, vec![plan.removal.extensions[0]]);
        },
        |_| {},
    );
    assert_says(&fault.unwrap(), "a second run");
}
