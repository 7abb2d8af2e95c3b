//! What `parameters()` and `variables()` give inside one template.
//!
//! Nested deployments evaluate in the scope of the template around them unless they ask for their
//! own (the default is `outer`). Start at [`TemplateScope`].

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::json::{Document, Kind, NodeId};

use super::expression::{self, Scope, Symbol, Value};

/// How deep variables may refer to each other before their value is left unknown.
const MAX_VARIABLE_DEPTH: usize = 48;

/// Whether a parameter's default counts as its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Defaults {
    /// It does not: a deployment may pass something else.
    Ignored,
    /// It does: good for "may be", never for "is".
    Assumed,
}

/// The parameters and variables that a template's expressions see.
pub(super) struct TemplateScope<'d> {
    document: &'d Document<'d>,
    parameters: Option<NodeId>,
    variables: Option<NodeId>,
    /// Variables by name; `None` while one is being evaluated, so that a cycle ends.
    memo: RefCell<HashMap<(Defaults, String), Option<Value>>>,
    depth: Cell<usize>,
}

impl<'d> TemplateScope<'d> {
    /// The scope of the template object `template`.
    pub(super) fn new(document: &'d Document<'d>, template: NodeId) -> Self {
        Self {
            document,
            parameters: document.get(template, "parameters"),
            variables: document.get(template, "variables"),
            memo: RefCell::default(),
            depth: Cell::new(0),
        }
    }

    /// The value of a JSON node whose expressions stand in this scope.
    pub(super) fn value(&self, node: NodeId, loop_name: Option<&str>, defaults: Defaults) -> Value {
        let scope = View {
            template: self,
            loop_name,
            defaults,
        };
        self.node_value(node, &scope)
    }

    /// The value of an expression's or a string's decoded text.
    pub(super) fn text_value(&self, text: &str, loop_name: Option<&str>) -> Value {
        let scope = View {
            template: self,
            loop_name,
            defaults: Defaults::Ignored,
        };
        expression::evaluate_text(text, &scope)
    }

    /// The value of a part of an expression.
    pub(super) fn expression_value(
        &self,
        expression: &expression::Expression,
        loop_name: Option<&str>,
    ) -> Value {
        let scope = View {
            template: self,
            loop_name,
            defaults: Defaults::Ignored,
        };
        expression::evaluate(expression, &scope)
    }

    /// The texts in the `allowedValues` of the parameter called `name`; `None` if it has none, or
    /// others than texts.
    pub(super) fn allowed_values(&self, name: &str) -> Option<Vec<String>> {
        let declaration = self.document.get(self.parameters?, name)?;
        let list = self.document.get(declaration, "allowedValues")?;
        let texts = self.document.children(list);
        texts.map(|value| self.document.string(value)).collect()
    }

    fn node_value(&self, node: NodeId, scope: &View<'_, '_>) -> Value {
        let raw = self.document.raw(node);
        match self.document.kind(node) {
            Kind::String => {
                expression::evaluate_text(&self.document.string(node).unwrap_or_default(), scope)
            }
            Kind::Bool => Value::Bool(raw == b"true"),
            Kind::Number => std::str::from_utf8(raw)
                .ok()
                .and_then(|text| text.parse().ok())
                .map_or_else(|| Value::Unknown(Symbol::unique()), Value::Int),
            Kind::Array => Value::Array(
                self.document
                    .children(node)
                    .map(|element| self.node_value(element, scope))
                    .collect(),
            ),
            Kind::Object => Value::Object(
                self.document
                    .children(node)
                    .filter_map(|key| {
                        let name = self.document.string(key)?;
                        Some((name, self.node_value(self.document.value(key)?, scope)))
                    })
                    .collect(),
            ),
            Kind::Key | Kind::Null => Value::Null,
        }
    }

    fn parameter(&self, name: &str, defaults: Defaults) -> Value {
        let unknown = Value::Unknown(Symbol::parameter(name));
        let Some(declaration) = self
            .parameters
            .and_then(|parameters| self.document.get(parameters, name))
        else {
            return unknown;
        };
        let allowed = self
            .document
            .get(declaration, "allowedValues")
            .map(|list| self.document.children(list).collect::<Vec<_>>());
        // A parameter that may have one value only has it.
        if let Some([only]) = allowed.as_deref() {
            return self.value(*only, None, defaults);
        }
        match (defaults, self.document.get(declaration, "defaultValue")) {
            (Defaults::Assumed, Some(default)) => self.value(default, None, defaults),
            _ => unknown,
        }
    }

    fn variable(&self, name: &str, defaults: Defaults) -> Value {
        let unknown = Value::Unknown(Symbol::variable(name));
        let key = (defaults, name.to_ascii_lowercase());
        if let Some(known) = self.memo.borrow().get(&key) {
            return known.clone().unwrap_or(unknown);
        }
        let node = self
            .variables
            .and_then(|variables| self.document.get(variables, name));
        let Some(node) = node.filter(|_| self.depth.get() < MAX_VARIABLE_DEPTH) else {
            return unknown;
        };
        self.memo.borrow_mut().insert(key.clone(), None);
        self.depth.set(self.depth.get() + 1);
        // A `copy` inside a variable makes arrays that only a deployment knows.
        let has_copy = self.document.key(node, "copy").is_some();
        let value = if has_copy {
            unknown
        } else {
            self.value(node, None, defaults)
        };
        self.depth.set(self.depth.get() - 1);
        self.memo.borrow_mut().insert(key, Some(value.clone()));
        value
    }
}

/// A template's scope as one resource sees it.
struct View<'t, 'd> {
    template: &'t TemplateScope<'d>,
    loop_name: Option<&'t str>,
    defaults: Defaults,
}

impl Scope for View<'_, '_> {
    fn parameter(&self, name: &str) -> Value {
        self.template.parameter(name, self.defaults)
    }

    fn variable(&self, name: &str) -> Value {
        self.template.variable(name, self.defaults)
    }

    fn loop_name(&self) -> Option<String> {
        self.loop_name.map(str::to_owned)
    }
}
