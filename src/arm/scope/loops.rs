//! Copy loops of variables: `variables.copy[]`, each entry of which is a variable, and
//! `variables.x.copy[]`, each entry of which is a member of the object `x`. They are arrays, made before
//! anything is deployed, so their `copyIndex()` is a number. It never knows the loops of resources.

use crate::json::{Kind, NodeId};

use super::super::expression::Value;
use super::{TemplateScope, View};

/// The service takes up to 800 instances.
const MAX_COUNT: i64 = 800;

/// An instance of a loop.
pub(super) struct Iteration<'t> {
    name: String,
    index: i64,
    outer: Option<&'t Iteration<'t>>,
}

/// An entry of a `copy` list.
struct Loop {
    name: String,
    count: NodeId,
    input: NodeId,
}

/// The index of the loop called `name`, or of the innermost one, compared without case.
pub(super) fn index(innermost: &Iteration<'_>, name: Option<&str>) -> Option<i64> {
    let Some(name) = name else {
        return Some(innermost.index);
    };
    let mut all = std::iter::successors(Some(innermost), |iteration| iteration.outer);
    let found = all.find(|iteration| iteration.name.eq_ignore_ascii_case(name))?;
    Some(found.index)
}

/// The value of the variable `name`, declared by itself or by a loop; `None` where it is not known.
pub(super) fn variable(
    scope: &TemplateScope<'_>,
    name: &str,
    view: &View<'_, '_>,
) -> Option<Value> {
    let variables = scope.variables?;
    let keys = scope.variable_keys.get_or_init(|| scope.keys(variables));
    let key = keys.get(&name.to_ascii_lowercase());
    let declared = key.and_then(|key| scope.document.value(*key));
    match declared.filter(|_| !name.eq_ignore_ascii_case("copy")) {
        Some(node) if scope.document.key(node, "copy").is_some() => object(scope, node, view),
        Some(node) => Some(scope.node_value(node, view)),
        None => {
            let loops = loops(scope, variables, view)?;
            let mut named = loops
                .iter()
                .filter(|one| one.name.eq_ignore_ascii_case(name));
            match (named.next(), named.next()) {
                (Some(only), None) => items(scope, only, view),
                _ => None,
            }
        }
    }
}

/// An object some of whose members are made by loops.
fn object(scope: &TemplateScope<'_>, node: NodeId, view: &View<'_, '_>) -> Option<Value> {
    let made = loops(scope, node, view)?;
    let mut members = Vec::new();
    for key in scope.document.children(node) {
        if !scope.document.is_called(key, "copy") {
            members.push(scope.member(key, view)?);
        }
    }
    for one in &made {
        let value = items(scope, one, view).unwrap_or_else(Value::opaque);
        members.push((one.name.clone(), value));
    }
    Some(Value::object(members))
}

/// The entries of an object's `copy` list; `None` where one of them cannot be read, or where there are
/// two lists, of which the service may take both.
fn loops(scope: &TemplateScope<'_>, object: NodeId, view: &View<'_, '_>) -> Option<Vec<Loop>> {
    let members = scope.document.children(object);
    let mut lists = members.filter(|key| scope.document.is_called(*key, "copy"));
    let (Some(key), None) = (lists.next(), lists.next()) else {
        return None;
    };
    let list = scope.document.value(key)?;
    if scope.document.kind(list) != Kind::Array {
        return None;
    }
    let entries = scope.document.children(list);
    entries
        .map(|entry| {
            let name = scope.node_value(scope.document.get(entry, "name")?, view);
            Some(Loop {
                name: name.as_literal()?.to_owned(),
                count: scope.document.get(entry, "count")?,
                input: scope.document.get(entry, "input")?,
            })
        })
        .collect()
}

fn items(scope: &TemplateScope<'_>, one: &Loop, view: &View<'_, '_>) -> Option<Value> {
    let count = scope.node_value(one.count, view).as_int()?;
    if !(0..=MAX_COUNT).contains(&count) {
        return None;
    }
    let item = |index| {
        let iteration = Iteration {
            name: one.name.clone(),
            index,
            outer: view.iteration,
        };
        let inside = View {
            iteration: Some(&iteration),
            ..*view
        };
        scope.node_value(one.input, &inside)
    };
    Some(Value::Array((0..count).map(item).collect()))
}
