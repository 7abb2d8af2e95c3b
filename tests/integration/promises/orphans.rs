//! A variable goes exactly where nothing names it any more, and a parameter is told then. Start at
//! [`expected`].

use std::collections::BTreeMap;

use super::part::located;
use super::plan::Scope;
use super::template::Template;
use super::tree::Tree;

/// What must become of the declarations; by default, nothing.
#[derive(Default)]
pub(crate) struct Orphans {
    /// The variables that are left to the root and to each nested template that sees its own, by
    /// their deployments.
    pub(crate) variables: BTreeMap<Option<usize>, Tree>,
    /// The parameters that lose their last use.
    pub(crate) parameters: Vec<String>,
}

/// What must become of the declarations of `before`, of which all else became `after`.
pub(crate) fn expected(template: &Template, before: &Tree, after: &Tree) -> Orphans {
    let mut orphans = Orphans {
        variables: BTreeMap::new(),
        parameters: Vec::new(),
    };
    orphans.add(None, &without_inner(before), &without_inner(after));
    let inner = template.nested.iter();
    for (deployment, _) in inner.filter(|(_, part)| part.scope == Some(Scope::Inner)) {
        let nested = |tree| {
            let resources = located(&template.root, tree).unwrap();
            resources[deployment]
                .at(&["properties", "template"])
                .unwrap()
                .clone()
        };
        orphans.add(Some(*deployment), &nested(before), &nested(after));
    }
    orphans
}

impl Orphans {
    /// Adds the declarations of one scope.
    fn add(&mut self, home: Option<usize>, before: &Tree, after: &Tree) {
        let old = members(before, "variables");
        let rest = after.with("variables", |_| Tree::Object(Vec::new()));
        let mut left = old.clone();
        loop {
            let count = left.len();
            let all = left.clone();
            left.retain(|(name, _)| {
                let call = format!("variables('{name}')");
                let mut others = all.iter().filter(|(other, _)| other != name);
                !names(before, &call)
                    || names(&rest, &call)
                    || others.any(|(_, value)| names(value, &call))
            });
            if left.len() == count {
                break;
            }
        }
        let kept = Tree::Object(left);
        let new = after.with("variables", |_| kept.clone());
        for (name, _) in members(before, "parameters") {
            let call = format!("parameters('{name}')");
            if names(before, &call) && !names(&new, &call) {
                self.parameters.push(name);
            }
        }
        self.variables.insert(home, kept);
    }
}

fn members(scope: &Tree, section: &str) -> Vec<(String, Tree)> {
    match scope.get(section) {
        Some(Tree::Object(members)) => members.clone(),
        _ => Vec::new(),
    }
}

/// The tree without the nested templates that have a scope of their own.
fn without_inner(tree: &Tree) -> Tree {
    match tree {
        Tree::List(elements) => Tree::List(elements.iter().map(without_inner).collect()),
        Tree::Object(members) => {
            let scope = tree.at(&["expressionEvaluationOptions", "scope"]);
            let scope = scope.and_then(Tree::str).unwrap_or_default();
            let is_inner = scope.eq_ignore_ascii_case("inner");
            let left = members.iter().filter(|(key, _)| {
                let is_template = key.eq_ignore_ascii_case("template");
                !(is_inner && is_template)
            });
            let left = left.map(|(key, value)| (key.clone(), without_inner(value)));
            Tree::Object(left.collect())
        }
        other => other.clone(),
    }
}

/// Whether a text anywhere in the tree has `call` in it, in whatever case and with white space.
fn names(tree: &Tree, call: &str) -> bool {
    let has = |text: &str| {
        let text: String = text.split_whitespace().collect();
        text.to_lowercase().contains(&call.to_lowercase())
    };
    match tree {
        Tree::Text(text) => has(text),
        Tree::Other(_) => false,
        Tree::List(elements) => elements.iter().any(|element| names(element, call)),
        Tree::Object(members) => members
            .iter()
            .any(|(key, value)| has(key) || names(value, call)),
    }
}
