//! User-defined functions: `namespace.name(…)` gives the function's output with the arguments in it.
//!
//! A body sees its own parameters only, which have no defaults; no variables, no loops, no parameters
//! of the template. It may call other functions of the template (newer versions of the language, and
//! Bicep's own, do), but itself neither directly nor through them.

use crate::json::NodeId;

use super::super::expression::Value;
use super::{Basis, TemplateScope, View};

/// The argument for the parameter `name`, compared without case.
pub(super) fn argument(arguments: &[(String, Value)], name: &str) -> Option<Value> {
    arguments
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.clone())
}

/// What the function gives; `None` where it is not declared once, takes another number of arguments,
/// or is being called already.
pub(super) fn call(
    scope: &TemplateScope<'_>,
    namespace: &str,
    name: &str,
    args: &[Value],
    basis: Basis<'_>,
) -> Option<Value> {
    let function = declared(scope, namespace, name)?;
    let document = scope.document;
    let parameters = document.get(function, "parameters");
    let names: Vec<String> = parameters
        .map(|list| document.children(list).collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
        .map(|parameter| document.string(document.get(parameter, "name")?))
        .collect::<Option<_>>()?;
    if names.len() != args.len() || scope.called.borrow().contains(&function) {
        return None;
    }
    let body = document.get(document.get(function, "output")?, "value")?;
    let arguments: Vec<(String, Value)> = names.into_iter().zip(args.iter().cloned()).collect();
    let inside = View {
        arguments: Some(&arguments),
        ..scope.view(None, basis)
    };
    scope.called.borrow_mut().push(function);
    let value = scope.node_value(body, &inside);
    scope.called.borrow_mut().pop();
    Some(value)
}

fn declared(scope: &TemplateScope<'_>, namespace: &str, name: &str) -> Option<NodeId> {
    let document = scope.document;
    let in_namespace = |group: &NodeId| {
        let written = document.get(*group, "namespace");
        written
            .and_then(|node| document.string(node))
            .is_some_and(|text| text.eq_ignore_ascii_case(namespace))
    };
    let mut found = document
        .children(scope.functions?)
        .filter(in_namespace)
        .filter_map(|group| document.get(document.get(group, "members")?, name));
    match (found.next(), found.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}
