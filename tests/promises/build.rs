//! From a template's meaning to its JSON value.

use crate::forms;
use crate::template::{COUNT, Entry, Kind, Nest, Resource, Template};
use crate::tree::{Tree, object, text};

const SCHEMA: &str =
    "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";

/// The names of `resource` as its `name` has them.
pub(crate) fn name(resource: &Resource) -> String {
    let inner = match resource.nest {
        Nest::Short => forms::property(&resource.names[1]),
        _ => forms::full_name(&resource.names, resource.plan.spelling),
    };
    inner.replace('#', "copyIndex()")
}

/// The template's value. The resources at the root stand in an order that `order` chooses.
pub(crate) fn tree(template: &Template, order: u8) -> Tree {
    let is_root = |index: &usize| template.resources[*index].nest == Nest::Root;
    let mut roots: Vec<usize> = (0..template.resources.len()).filter(is_root).collect();
    let turn = usize::from(order) % roots.len();
    roots.rotate_left(turn);
    if order % 2 == 1 {
        roots.reverse();
    }
    let resources = roots.iter().map(|index| resource(template, *index));
    let variables = template
        .variables
        .iter()
        .map(|(name, value)| (name.clone(), text(value)));
    let parameters = template.parameters.iter().map(|(name, value)| {
        let parameter = [("type", text("string")), ("defaultValue", text(value))];
        (name.clone(), object(parameter))
    });
    let mut members = vec![
        ("$schema".to_owned(), text(SCHEMA)),
        ("contentVersion".to_owned(), text("1.0.0.0")),
        ("parameters".to_owned(), Tree::Object(parameters.collect())),
        ("variables".to_owned(), Tree::Object(variables.collect())),
        ("resources".to_owned(), Tree::List(resources.collect())),
    ];
    if let Some(read) = template.read {
        let read = &template.resources[read];
        let id = forms::edge(&read.type_name, &read.names, 0, &mut Vec::new()).replace('#', "0");
        let inner = id.trim_start_matches('[').trim_end_matches(']');
        let port = text(format!("[reference({inner}, '2019-07-01').settings.port]"));
        let output = object([("type", text("string")), ("value", port)]);
        members.push(("outputs".to_owned(), object([("port", output)])));
    }
    Tree::Object(members)
}

fn resource(template: &Template, index: usize) -> Tree {
    let resource = &template.resources[index];
    let spelling = resource.plan.spelling;
    let short_type = resource.nest == Nest::Short;
    let type_name = if short_type {
        "extensions"
    } else {
        &resource.type_name
    };
    let api = if resource.plan.identity == 6 {
        "2015-06-15"
    } else {
        "2019-07-01"
    };
    let mut members = vec![
        (cased("type", spelling), text(type_name)),
        ("apiVersion".to_owned(), text(api)),
        (cased("name", spelling / 2), text(name(resource))),
        ("location".to_owned(), text("[resourceGroup().location]")),
    ];
    let mut add = |name: String, value: Tree| members.push((name, value));
    if resource.condition {
        add(
            "condition".into(),
            text("[equals(parameters('stem'), 'x')]"),
        );
    }
    if let Some(name) = &resource.loop_name {
        let count = Tree::Other(COUNT.to_string());
        add(
            "copy".into(),
            object([("name", text(name)), ("count", count)]),
        );
    }
    if let Some(identity) = identity(resource) {
        add("identity".into(), identity);
    }
    let edges = resource
        .edges
        .iter()
        .filter(|edge| !edge.implicit)
        .map(|edge| text(&edge.text));
    let edges: Vec<Tree> = edges.collect();
    if !edges.is_empty() || spelling == 7 {
        add(cased("dependsOn", spelling), Tree::List(edges));
    }
    add("properties".into(), properties(resource));
    let nested = (0..template.resources.len()).filter(|child| {
        let child = &template.resources[*child];
        child.machine == Some(index) && child.nest != Nest::Root
    });
    let nested: Vec<Tree> = nested
        .map(|child| self::resource(template, child))
        .collect();
    if !nested.is_empty() {
        add("resources".into(), Tree::List(nested));
    }
    if spelling == 5 {
        members.reverse();
    }
    Tree::Object(members)
}

/// A property name as careless authors write it.
fn cased(name: &str, spelling: u8) -> String {
    match spelling {
        3 => name[..1].to_uppercase() + &name[1..],
        4 => name.to_lowercase(),
        _ => name.to_owned(),
    }
}

fn identity(resource: &Resource) -> Option<Tree> {
    if !matches!(resource.kind, Kind::Machine | Kind::ScaleSet) {
        return None;
    }
    match resource.plan.identity {
        1 => Some(object([("type", text("SystemAssigned"))])),
        2 => {
            let map = object([("[parameters('stem')]", object([]))]);
            Some(object([
                ("type", text("UserAssigned")),
                ("userAssignedIdentities", map),
            ]))
        }
        3 => Some(object([("type", text("None"))])),
        4 => Some(text("[variables('prefix')]")),
        _ => None,
    }
}

fn properties(resource: &Resource) -> Tree {
    match resource.kind {
        Kind::Msi | Kind::Script => {
            let mut members = extension(resource.kind == Kind::Msi, resource.plan.spelling, &[]);
            if let (Tree::Object(members), Some(edge)) = (
                &mut members,
                resource.edges.iter().find(|edge| edge.implicit),
            ) {
                let name = forms::inner(&edge.text);
                members.push((
                    "read".to_owned(),
                    text(format!("[reference({name}).state]")),
                ));
            }
            members
        }
        Kind::ScaleSet => {
            let entry = |entry: &Entry| {
                let properties = extension(entry.msi, resource.plan.spelling, &entry.after);
                object([("name", text(&entry.name)), ("properties", properties)])
            };
            let entries = resource.profile.iter().map(entry).collect();
            let extensions = object([("extensions", Tree::List(entries))]);
            let profile = object([("extensionProfile", extensions)]);
            object([
                ("overprovision", Tree::Other("true".into())),
                ("virtualMachineProfile", profile),
            ])
        }
        _ => object([
            ("note", text("it's {all}, [of] \"it\"")),
            ("n", Tree::Other("1.50".into())),
        ]),
    }
}

fn extension(msi: bool, spelling: u8, after: &[String]) -> Tree {
    let publisher = match (msi, spelling % 3) {
        (false, _) => "Microsoft.Azure.Extensions",
        (_, 0) => "Microsoft.ManagedIdentity",
        (_, 1) => "microsoft.managedidentity",
        _ => "[concat('Microsoft', '.ManagedIdentity')]",
    };
    let kind = match (msi, spelling % 4) {
        (false, _) => "CustomScript",
        (_, 0 | 1) => "ManagedIdentityExtensionForLinux",
        (_, 2) => "[concat('ManagedIdentityExtensionFor', parameters('os'))]",
        _ => "ManagedIdentityExtensionForWindows",
    };
    let settings = object([
        ("port", Tree::Other("50342".into())),
        ("list", Tree::List(Vec::new())),
    ]);
    let mut members = vec![
        ("publisher".to_owned(), text(publisher)),
        ("type".to_owned(), text(kind)),
        ("settings".to_owned(), settings),
    ];
    if !after.is_empty() {
        let names = after.iter().map(text).collect();
        members.push(("provisionAfterExtensions".to_owned(), Tree::List(names)));
    }
    Tree::Object(members)
}
