//! What `parameters()`, `variables()` and user-defined functions give inside one template.
//!
//! Nested deployments evaluate in the scope of the template around them unless they ask for their
//! own (the default is `outer`). It never knows what stands in a resource. Start at
//! [`TemplateScope`]; the copy loops of variables are in `loops`, user functions in `functions`.

mod functions;
mod loops;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::json::{Document, Kind, NodeId};

use super::expression::budget::{self, Level};
use super::expression::{self, Scope, Symbol, Value};
use loops::Iteration;

/// How deep variables and parameters may refer to each other before their value is left unknown.
const MAX_DEPTH: usize = 48;

/// What all evaluations in one template may build, in the steps of `expression::budget`: then all is
/// unknown. A template of Azure's own size limit (4 MB) that is made by people stays far below.
const MAX_WORK: usize = 20 * budget::MAX_WORK;

/// Whether a parameter's default counts as its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Defaults {
    /// It does not: a deployment may pass something else.
    Ignored,
    /// It does: good for "may be", never for "is".
    Assumed,
}

/// What a name is looked up as, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Declared {
    Parameter(String),
    Variable(String),
}

/// The parameters, variables and functions that a template's expressions see.
pub(super) struct TemplateScope<'d> {
    document: &'d Document<'d>,
    parameters: Option<NodeId>,
    variables: Option<NodeId>,
    functions: Option<NodeId>,
    /// Values by name; `None` while one is being evaluated, so that a cycle ends.
    memo: RefCell<HashMap<(Defaults, Declared), Option<Value>>>,
    /// The user functions that are being evaluated.
    called: RefCell<Vec<NodeId>>,
    depth: Cell<usize>,
    /// How many steps are left for this template.
    steps: Cell<usize>,
}

impl<'d> TemplateScope<'d> {
    /// The scope of the template object `template`.
    pub(super) fn new(document: &'d Document<'d>, template: NodeId) -> Self {
        Self {
            document,
            parameters: document.get(template, "parameters"),
            variables: document.get(template, "variables"),
            functions: document.get(template, "functions"),
            memo: RefCell::default(),
            called: RefCell::default(),
            depth: Cell::new(0),
            steps: Cell::new(MAX_WORK),
        }
    }

    /// The value of a JSON node whose expressions stand in this scope.
    pub(super) fn value(&self, node: NodeId, loop_name: Option<&str>, defaults: Defaults) -> Value {
        let view = self.view(loop_name, defaults);
        self.measured(|| self.node_value(node, &view))
    }

    /// The value of an expression's or a string's decoded text.
    pub(super) fn text_value(&self, text: &str, loop_name: Option<&str>) -> Value {
        let view = self.view(loop_name, Defaults::Ignored);
        self.measured(|| expression::evaluate_text(text, &view))
    }

    /// The value of a part of an expression.
    pub(super) fn expression_value(
        &self,
        expression: &expression::Expression,
        loop_name: Option<&str>,
    ) -> Value {
        let view = self.view(loop_name, Defaults::Ignored);
        self.measured(|| expression::evaluate(expression, &view))
    }

    /// The texts in the `allowedValues` of the parameter called `name`; `None` if it has none, or
    /// others than texts.
    pub(super) fn allowed_values(&self, name: &str) -> Option<Vec<String>> {
        let declaration = self.document.get(self.parameters?, name)?;
        let list = self.document.get(declaration, "allowedValues")?;
        let texts = self.document.children(list);
        texts.map(|value| self.document.string(value)).collect()
    }

    fn view<'t>(&'t self, loop_name: Option<&'t str>, defaults: Defaults) -> View<'t, 'd> {
        View {
            template: self,
            loop_name,
            defaults,
            iteration: None,
            arguments: None,
            in_variable: false,
        }
    }

    fn measured(&self, evaluation: impl FnOnce() -> Value) -> Value {
        match budget::measured(self.steps.get(), evaluation) {
            Some((value, taken)) => {
                self.steps.set(self.steps.get().saturating_sub(taken));
                value
            }
            None => Value::opaque(),
        }
    }

    fn node_value(&self, node: NodeId, view: &View<'_, '_>) -> Value {
        let Some(_level) = Level::enter() else {
            return Value::opaque();
        };
        let raw = self.document.raw(node);
        match self.document.kind(node) {
            Kind::String => {
                expression::evaluate_text(&self.document.string(node).unwrap_or_default(), view)
            }
            Kind::Bool => Value::Bool(raw == b"true"),
            Kind::Number => {
                std::str::from_utf8(raw).map_or_else(|_| Value::opaque(), Value::number)
            }
            Kind::Array => Value::Array(
                self.document
                    .children(node)
                    .map(|element| self.node_value(element, view))
                    .collect(),
            ),
            // Which members a loop further inside makes is not held.
            Kind::Object if view.in_variable && self.document.key(node, "copy").is_some() => {
                Value::opaque()
            }
            Kind::Object => {
                let members = self.document.children(node);
                let members: Option<Vec<_>> = members.map(|key| self.member(key, view)).collect();
                members.map_or_else(Value::opaque, Value::object)
            }
            Kind::Key | Kind::Null => Value::Null,
        }
    }

    /// A member's name, which may be an expression too, and its value; `None` where the name is
    /// unknown.
    fn member(&self, key: NodeId, view: &View<'_, '_>) -> Option<(String, Value)> {
        let mut name = self.document.string(key)?;
        if name.starts_with('[') {
            let value = expression::evaluate_text(&name, view);
            name = value.as_literal()?.to_owned();
        }
        let value = self.document.value(key);
        Some((
            name,
            value.map_or(Value::Null, |value| self.node_value(value, view)),
        ))
    }

    fn parameter(&self, name: &str, defaults: Defaults) -> Value {
        let key = Declared::Parameter(name.to_ascii_lowercase());
        self.remembered(defaults, key, Symbol::parameter(name), || {
            let declaration = self.document.get(self.parameters?, name)?;
            let allowed = self.document.get(declaration, "allowedValues");
            let allowed = allowed.map(|list| self.document.children(list).collect::<Vec<_>>());
            let view = self.view(None, defaults);
            // A parameter that may have one value only has it.
            if let Some([only]) = allowed.as_deref() {
                return Some(self.node_value(*only, &view));
            }
            let default = self.document.get(declaration, "defaultValue")?;
            (defaults == Defaults::Assumed).then(|| self.node_value(default, &view))
        })
    }

    fn variable(&self, name: &str, defaults: Defaults) -> Value {
        let key = Declared::Variable(name.to_ascii_lowercase());
        self.remembered(defaults, key, Symbol::variable(name), || {
            let view = View {
                in_variable: true,
                ..self.view(None, defaults)
            };
            loops::variable(self, name, &view)
        })
    }

    /// What `evaluation` gives, evaluated once; `unknown` where it gives nothing, refers to itself,
    /// or is too large.
    fn remembered(
        &self,
        defaults: Defaults,
        declared: Declared,
        unknown: Symbol,
        evaluation: impl FnOnce() -> Option<Value>,
    ) -> Value {
        let unknown = Value::Unknown(unknown);
        let key = (defaults, declared);
        if let Some(known) = self.memo.borrow().get(&key) {
            return known.clone().unwrap_or(unknown);
        }
        if self.depth.get() >= MAX_DEPTH {
            return unknown;
        }
        self.memo.borrow_mut().insert(key.clone(), None);
        self.depth.set(self.depth.get() + 1);
        let value = evaluation().filter(|value| budget::size(value).is_some());
        self.depth.set(self.depth.get() - 1);
        let value = value.unwrap_or(unknown);
        self.memo.borrow_mut().insert(key, Some(value.clone()));
        value
    }
}

/// A template's scope as one place in it sees it.
#[derive(Clone, Copy)]
struct View<'t, 'd> {
    template: &'t TemplateScope<'d>,
    /// The copy loop of the resource.
    loop_name: Option<&'t str>,
    defaults: Defaults,
    /// The instance of a variable's copy loop.
    iteration: Option<&'t Iteration<'t>>,
    /// The arguments of a user function, inside its body.
    arguments: Option<&'t [(String, Value)]>,
    /// Inside the value of a variable, where objects may have copy loops.
    in_variable: bool,
}

impl Scope for View<'_, '_> {
    fn parameter(&self, name: &str) -> Value {
        match self.arguments {
            // A function sees no parameters but its own.
            Some(own) => functions::argument(own, name).unwrap_or_else(Value::opaque),
            None => self.template.parameter(name, self.defaults),
        }
    }

    fn variable(&self, name: &str) -> Value {
        match self.arguments {
            // A function sees no variables.
            Some(_) => Value::opaque(),
            None => self.template.variable(name, self.defaults),
        }
    }

    fn loop_name(&self) -> Option<String> {
        self.loop_name.map(str::to_owned)
    }

    fn loop_index(&self, name: Option<&str>) -> Option<i64> {
        loops::index(self.iteration?, name)
    }

    fn user_function(&self, namespace: &str, name: &str, args: &[Value]) -> Option<Value> {
        functions::call(self.template, namespace, name, args, self.defaults)
    }
}
