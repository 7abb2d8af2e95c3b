//! From a template's meaning to its JSON value. Start at [`tree`].

use super::forms;
use super::naming;
use super::plan::Scope;
use super::spelling::cased;
use super::template::{Entry, Kind, Manner, Nest, Part, Resource, Template, Values};
use super::tree::{Tree, object, text};

const SCHEMA: &str =
    "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";

/// The template's value.
pub(crate) fn tree(template: &Template) -> Tree {
    Builder { template }.part(&template.root)
}

struct Builder<'t> {
    template: &'t Template,
}

impl Builder<'_> {
    /// The value of one template. The resources at the root stand in an order that it chooses.
    fn part(&self, part: &Part) -> Tree {
        let is_root = |index: &usize| part.resources[*index].nest == Nest::Root;
        let mut roots: Vec<usize> = (0..part.resources.len()).filter(is_root).collect();
        let turn = usize::from(part.order) % roots.len();
        roots.rotate_left(turn);
        if part.order % 2 == 1 {
            roots.reverse();
        }
        let resources = roots.iter().map(|index| self.resource(part, *index));
        let declared = part.decoys.as_ref().unwrap_or(&part.values);
        let mut members = vec![
            ("$schema".to_owned(), text(SCHEMA)),
            ("contentVersion".to_owned(), text("1.0.0.0")),
            ("parameters".to_owned(), parameters(declared)),
            ("variables".to_owned(), variables(declared)),
            ("resources".to_owned(), Tree::List(resources.collect())),
        ];
        if let Some(read) = part.read {
            let read = &part.resources[read];
            let id = forms::edge(&read.type_name, &read.names, 0, &mut Vec::new());
            let id = forms::inner(&id.replace('#', "0"));
            let port = text(format!("[reference({id}, '2019-07-01').settings.port]"));
            let output = object([("type", text("string")), ("value", port)]);
            members.push(("outputs".to_owned(), object([("port", output)])));
        }
        if part.order.is_multiple_of(5) {
            members.reverse();
        }
        Tree::Object(members)
    }

    fn resource(&self, part: &Part, index: usize) -> Tree {
        let resource = &part.resources[index];
        let spelling = resource.plan.spelling;
        let type_name = match resource.nest {
            Nest::Short => "extensions",
            _ => &resource.type_name,
        };
        let api = match (resource.after.is_empty(), resource.plan.identity) {
            (false, _) => "2023-03-01",
            (true, 6) => "2015-06-15",
            (true, _) => "2019-07-01",
        };
        let mut members = vec![
            (cased("type", spelling), text(type_name)),
            (cased("apiVersion", spelling / 3), text(api)),
            (cased("name", spelling / 2), text(naming::name(resource))),
            ("location".to_owned(), text("[resourceGroup().location]")),
        ];
        let mut add = |name: &str, value: Tree| members.push((cased(name, spelling), value));
        match (resource.condition, resource.plan.condition) {
            (true, _) => add("condition", text("[equals(parameters('stem'), 'x')]")),
            (false, 5) => add("condition", Tree::Other("true".into())),
            _ => {}
        }
        if let Some(looping) = resource.looping.as_ref().filter(|_| resource.copies) {
            let count = Tree::Other(looping.count.to_string());
            let copy = [("name", text(&looping.name)), ("count", count)];
            add("copy", object(copy));
        }
        if let Some(identity) = identity(resource) {
            add("identity", identity);
        }
        let entries = resource.edges.iter();
        let entries = entries.filter(|edge| edge.manner != Manner::Implicit);
        let entries: Vec<Tree> = entries.map(|edge| text(&edge.text)).collect();
        if !entries.is_empty() || spelling == 7 {
            add("dependsOn", Tree::List(entries));
        }
        add("properties", self.properties(resource, index));
        let nested = (0..part.resources.len()).filter(|child| {
            let child = &part.resources[*child];
            child.machine == Some(index) && child.nest != Nest::Root
        });
        let nested: Vec<Tree> = nested.map(|child| self.resource(part, child)).collect();
        if !nested.is_empty() {
            add("resources", Tree::List(nested));
        }
        if spelling == 5 {
            members.reverse();
        }
        add_dead(&mut members, resource);
        Tree::Object(members)
    }

    fn properties(&self, resource: &Resource, index: usize) -> Tree {
        let mut properties = match resource.kind {
            Kind::Msi | Kind::Script => {
                let after: Vec<&str> = resource.after.iter().map(|(_, text)| &**text).collect();
                extension(resource.kind == Kind::Msi, &resource.plan, &after)
            }
            Kind::ScaleSet | Kind::NodeType | Kind::Pool => profile(resource),
            Kind::Deployment => return self.deployment(index),
            _ => object([
                ("note", text("it's {all}, [of] \"it\"\u{a0}\u{2028}\\")),
                ("n", Tree::Other("1.50".into())),
            ]),
        };
        if let Tree::Object(members) = &mut properties {
            members.extend(reads(resource));
        }
        properties
    }

    fn deployment(&self, index: usize) -> Tree {
        let part = &self.template.nested[&index];
        let mut members = vec![("mode".to_owned(), text("Incremental"))];
        let scope = match part.scope {
            Some(Scope::Inner) => Some("Inner"),
            Some(Scope::Outer) => Some("outer"),
            _ => None,
        };
        if let Some(scope) = scope {
            let options = object([("scope", text(scope))]);
            members.push(("expressionEvaluationOptions".to_owned(), options));
        }
        members.push(("template".to_owned(), self.part(part)));
        Tree::Object(members)
    }
}

fn parameters(values: &Values) -> Tree {
    let members = values.parameters.iter().map(|(name, value)| {
        let parameter = [("type", text("string")), ("defaultValue", text(value))];
        (name.clone(), object(parameter))
    });
    Tree::Object(members.collect())
}

fn variables(values: &Values) -> Tree {
    let members = values.variables.iter().map(|(name, value)| {
        let number = value.bytes().all(|byte| byte.is_ascii_digit());
        let value = match number {
            true => Tree::Other(value.clone()),
            false => text(value),
        };
        (name.clone(), value)
    });
    Tree::Object(members.collect())
}

/// What a resource says about others in its properties.
fn reads(resource: &Resource) -> Vec<(String, Tree)> {
    let implicit = resource.edges.iter();
    let implicit = implicit.filter(|edge| edge.manner == Manner::Implicit);
    let by_name = implicit.map(|edge| {
        let name = forms::inner(&edge.text);
        text(match edge.choice % 3 {
            0 => format!("[listKeys({name}, '2019-07-01').key]"),
            1 => format!("[concat('a', string(Reference( {name} ).state))]"),
            _ => format!("[reference({name}).state]"),
        })
    });
    let by_id = resource.mentions.iter().map(|mention| {
        let id = forms::inner(&mention.text);
        text(match mention.reads {
            true => format!("[reference({id}, '2019-07-01').state]"),
            false => format!("[{id}]"),
        })
    });
    let all = by_name.chain(by_id).enumerate();
    all.map(|(at, value)| (format!("read{at}"), value))
        .collect()
}

/// Members that a later one of the same name makes dead.
fn add_dead(members: &mut Vec<(String, Tree)>, resource: &Resource) {
    let spelling = resource.plan.spelling;
    let (name, value) = match resource.plan.dead {
        1 => ("dependsOn", Tree::List(vec![text("not-there")])),
        2 => ("DEPENDSON", Tree::List(Vec::new())),
        3 => ("identity", object([("type", text("None"))])),
        4 => ("name", text("dead")),
        5 => ("resources", Tree::List(Vec::new())),
        6 => ("properties", object([])),
        _ => return,
    };
    let live = members
        .iter()
        .any(|(key, _)| key.eq_ignore_ascii_case(name));
    if live {
        let name = if spelling.is_multiple_of(2) {
            name.to_owned()
        } else {
            cased(name, spelling)
        };
        members.insert(0, (name, value));
    }
}

fn identity(resource: &Resource) -> Option<Tree> {
    if !resource.kind.takes_identity() {
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

/// The properties of what has a list of extensions.
fn profile(resource: &Resource) -> Tree {
    let entry = |entry: &Entry| {
        let after: Vec<&str> = entry.after.iter().map(String::as_str).collect();
        let properties = extension(entry.msi, &resource.plan, &after);
        let mut members = vec![("name".to_owned(), text(&entry.name))];
        match properties {
            Tree::Object(flat) if resource.kind == Kind::Pool => members.extend(flat),
            properties => members.push(("properties".to_owned(), properties)),
        }
        Tree::Object(members)
    };
    let entries = resource.profile.iter().map(entry).collect();
    let (_, way) = resource.kind.list().split_first().unwrap();
    let (first, way) = way.split_first().unwrap();
    let inside = way
        .iter()
        .rev()
        .fold(Tree::List(entries), |inside, name| object([(name, inside)]));
    object([
        ("overprovision", Tree::Other("true".into())),
        (first, inside),
    ])
}

fn extension(msi: bool, plan: &super::plan::ResourcePlan, after: &[&str]) -> Tree {
    let spelling = plan.spelling;
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
        ("none", Tree::Other("null".into())),
    ]);
    let mut members = vec![
        (cased("publisher", spelling), text(publisher)),
        (cased("type", spelling), text(kind)),
        ("settings".to_owned(), settings),
    ];
    if !after.is_empty() {
        let names = after.iter().map(|name| text(*name)).collect();
        let name = cased("provisionAfterExtensions", spelling);
        members.push((name, Tree::List(names)));
    }
    let dead = match plan.dead {
        7 => Some(("publisher", text("Microsoft.ManagedIdentity"))),
        8 => Some(("publisher", text("Microsoft.Azure.Extensions"))),
        9 => Some(("Type", text("ManagedIdentityExtensionForLinux"))),
        10 if !after.is_empty() => {
            let names = Tree::List(vec![text("not-there")]);
            Some(("provisionAfterExtensions", names))
        }
        _ => None,
    };
    if let Some((name, value)) = dead {
        members.insert(0, (name.to_owned(), value));
    }
    Tree::Object(members)
}
