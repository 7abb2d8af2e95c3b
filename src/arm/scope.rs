//! What `parameters()`, `variables()` and user-defined functions give inside one template.
//!
//! Nested deployments evaluate in the scope of the template around them unless they ask for their
//! own (the default is `outer`). It never knows what a resource is. Start at [`TemplateScope`]; the copy
//! loops of variables are in `loops`, user functions in `functions`.

mod cases;
mod declarations;
mod functions;
mod loops;
mod passed;
mod steps;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::json::{Document, Kind, NodeId};

use super::embedding::unescaped;
use super::expression::budget::{self, Level};
use super::expression::{self, Expression, Scope, Symbol, Value};
use super::uses::Declared;
use cases::Assumptions;
pub use cases::Case;
pub(super) use declarations::Declaration;
use declarations::Section;
use loops::Iteration;
pub(super) use passed::{ByName, Given, Passed};
pub(super) use steps::Steps;

/// How deep variables and parameters may refer to each other before their value is left unknown.
const MAX_DEPTH: usize = 48;

/// Whether a parameter's default counts as its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Defaults {
    /// It does not: a deployment may pass something else.
    Ignored,
    /// It does: good for "may be", never for "is".
    Assumed,
}

/// What an evaluation assumes.
#[derive(Clone, Copy)]
struct Basis<'t> {
    defaults: Defaults,
    assumptions: Option<&'t Assumptions<'t>>,
}

impl From<Defaults> for Basis<'_> {
    fn from(defaults: Defaults) -> Self {
        Self {
            defaults,
            assumptions: None,
        }
    }
}

/// What sets a template apart from those around it.
#[derive(Default)]
pub(super) struct ScopeSetup<'d> {
    /// Of all scopes of the file, only this one has this number; the outermost has 0.
    pub(super) number: usize,
    /// How often its expressions are escaped: once in a template spec within a template.
    pub(super) escapes: usize,
    /// What its parameters are given.
    pub(super) passed: Passed<'d>,
    /// Whether its names are those of another template, and which one is unknown.
    pub(super) unknown: bool,
    /// What evaluations may build; all templates of a model have the same.
    pub(super) steps: Steps,
}

/// What a name is looked up as, in lower case.
type ScopeName = (Declared, String);

/// A value and its size; `None` while it is being evaluated.
type Remembered = Option<(Value, usize)>;

/// The parameters, variables and functions that a template's expressions see.
pub(super) struct TemplateScope<'d> {
    document: &'d Document<'d>,
    frame: ScopeSetup<'d>,
    parameters: Option<Section>,
    variables: Option<Section>,
    functions: Option<NodeId>,
    /// Values by name, those that are being evaluated too, so that a cycle ends.
    memo: RefCell<HashMap<(usize, Defaults, ScopeName), Remembered>>,
    /// The user functions that are being evaluated.
    called: RefCell<Vec<NodeId>>,
    depth: Cell<usize>,
}

impl<'d> TemplateScope<'d> {
    /// The scope of the template object `template`.
    pub(super) fn new(document: &'d Document<'d>, template: NodeId, frame: ScopeSetup<'d>) -> Self {
        let section = |name| document.get(template, name).filter(|_| !frame.unknown);
        Self {
            document,
            parameters: section("parameters").map(Section::new),
            variables: section("variables").map(Section::new),
            functions: section("functions"),
            frame,
            memo: RefCell::default(),
            called: RefCell::default(),
            depth: Cell::new(0),
        }
    }

    /// Whether its names are those of another template, and which one is unknown.
    pub(super) fn is_unknown(&self) -> bool {
        self.frame.unknown
    }

    /// How often expressions are escaped.
    pub(super) fn escapes(&self) -> usize {
        self.frame.escapes
    }

    /// The value of a JSON node whose expressions are in this scope.
    pub(super) fn value(&self, node: NodeId, loop_name: Option<&str>, defaults: Defaults) -> Value {
        if self.document.kind(node) == Kind::String {
            let text = self.text(&self.document.string(node).unwrap_or_default());
            return text.map_or_else(
                |value| value,
                |text| self.text_value(&text, loop_name, defaults),
            );
        }
        let view = self.view(loop_name, defaults.into());
        let found = self.frame.steps.measured(|| self.node_value(node, &view));
        found.map_or_else(Value::opaque, |(value, _)| value)
    }

    /// The value of an expression's or a string's decoded text. One that takes more than there
    /// is equals itself at least, where it is again in this template.
    pub(super) fn text_value(
        &self,
        text: &str,
        loop_name: Option<&str>,
        defaults: Defaults,
    ) -> Value {
        let view = self.view(loop_name, defaults.into());
        match self
            .frame
            .steps
            .measured(|| expression::evaluate_text(text, &view))
        {
            Some((value, false)) => value,
            _ => {
                let mut args = vec![Value::text(text)];
                args.extend(
                    loop_name.map(|name| Value::Unknown(Symbol::copy_index(Some(name), 0))),
                );
                Value::Unknown(Symbol::call(None, "unevaluated", &args))
            }
        }
    }

    /// The value of a part of an expression.
    pub(super) fn expression_value(
        &self,
        expression: &Expression,
        loop_name: Option<&str>,
    ) -> Value {
        let view = self.view(loop_name, Defaults::Ignored.into());
        let found = self
            .frame
            .steps
            .measured(|| expression::evaluate(expression, &view));
        found.map_or_else(Value::opaque, |(value, _)| value)
    }

    fn view<'t>(&'t self, loop_name: Option<&'t str>, basis: Basis<'t>) -> View<'t, 'd> {
        View {
            template: self,
            loop_name,
            basis,
            iteration: None,
            arguments: None,
            in_variable: false,
        }
    }

    fn node_value(&self, node: NodeId, view: &View<'_, '_>) -> Value {
        let Some(_level) = Level::enter() else {
            return Value::opaque();
        };
        let raw = self.document.raw(node);
        match self.document.kind(node) {
            Kind::String => {
                let text = self.text(&self.document.string(node).unwrap_or_default());
                text.map_or_else(|value| value, |text| expression::evaluate_text(&text, view))
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
        let mut name = self.text(&self.document.string(key)?).ok()?;
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

    fn parameter(&self, name: &str, basis: Basis<'_>) -> Value {
        let lower = name.to_ascii_lowercase();
        let key = (Declared::Parameter, lower.clone());
        let unknown = || self.symbol("parameters", name);
        let value = self.remembered(basis, key, unknown, || {
            let unpassed = |counts| self.unpassed(name, basis, counts);
            self.frame.passed.value(&lower, basis, &unpassed)
        });
        let Value::Unknown(symbol) = &value else {
            return value;
        };
        let domain = || self.domain(name);
        let assumed = basis
            .assumptions
            .and_then(|all| all.value(0, symbol, &domain));
        assumed.unwrap_or(value)
    }

    /// All values that the parameter called `name` can have; none where they are not finite.
    fn domain(&self, name: &str) -> Vec<Value> {
        let Some(declaration) = self.declared(Declared::Parameter, name) else {
            return Vec::new();
        };
        let member = |called| self.document.get(declaration, called);
        let view = self.view(None, Defaults::Ignored.into());
        match (member("allowedValues"), member("type")) {
            (Some(list), Some(kind)) if !self.has_type(kind, "array") => {
                let allowed = self.document.children(list);
                allowed.map(|value| self.node_value(value, &view)).collect()
            }
            (None, Some(kind)) if self.has_type(kind, "bool") => {
                vec![Value::Bool(true), Value::Bool(false)]
            }
            _ => Vec::new(),
        }
    }

    fn has_type(&self, node: NodeId, name: &str) -> bool {
        let written = self.document.string(node);
        written.is_some_and(|written| written.eq_ignore_ascii_case(name))
    }

    /// What no other scope has at the same time.
    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// What the parameter called `name` has where nothing is passed: its default, if that `counts`.
    fn unpassed(&self, name: &str, basis: Basis<'_>, counts: bool) -> Option<Value> {
        let declaration = self.declared(Declared::Parameter, name)?;
        let allowed = self.document.get(declaration, "allowedValues");
        let allowed = allowed.map(|list| self.document.children(list).collect::<Vec<_>>());
        let view = self.view(None, basis);
        // A parameter that may have one value only has it.
        if let Some([only]) = allowed.as_deref() {
            return Some(self.node_value(*only, &view));
        }
        let default = self.document.get(declaration, "defaultValue")?;
        counts.then(|| self.node_value(default, &view))
    }

    fn variable(&self, name: &str, basis: Basis<'_>) -> Value {
        let key = (Declared::Variable, name.to_ascii_lowercase());
        let unknown = || self.symbol("variables", name);
        self.remembered(basis, key, unknown, || {
            let view = View {
                in_variable: true,
                ..self.view(None, basis)
            };
            loops::variable(self, name, &view)
        })
    }

    /// The unknown value of a name of this scope.
    fn symbol(&self, function: &str, name: &str) -> Symbol {
        let name = Value::text(name.to_lowercase());
        Symbol::declared(function, &name, self.frame.number)
    }

    /// The text of a string at the level of this template; its value where it belongs to a template
    /// around this one, whose expressions are not seen here.
    fn text(&self, written: &str) -> Result<String, Value> {
        match unescaped(written, self.frame.escapes) {
            Some(text) => Ok(text.to_owned()),
            None => {
                let args = [Value::text(written)];
                Err(Value::Unknown(Symbol::call(None, "outer", &args)))
            }
        }
    }

    /// What `evaluation` gives, evaluated once; `unknown` where it gives nothing, refers to itself,
    /// or is too large.
    fn remembered(
        &self,
        basis: Basis<'_>,
        declared: ScopeName,
        unknown: impl Fn() -> Symbol,
        evaluation: impl FnOnce() -> Option<Value>,
    ) -> Value {
        let unknown = || Value::Unknown(unknown());
        let memo = basis.assumptions.map_or(&self.memo, |all| &all.memo);
        let key = (self.address(), basis.defaults, declared);
        if let Some(known) = memo.borrow().get(&key) {
            return match known {
                Some((value, size)) if budget::spend(*size) => value.clone(),
                Some(_) => Value::opaque(),
                None => unknown(),
            };
        }
        if self.depth.get() >= MAX_DEPTH {
            return unknown();
        }
        memo.borrow_mut().insert(key.clone(), None);
        self.depth.set(self.depth.get() + 1);
        // A value that equals nothing else is better called by its name, which equals itself.
        let value = evaluation().filter(|value| !value.is_opaque());
        self.depth.set(self.depth.get() - 1);
        let sized = value.and_then(|value| budget::size(&value).map(|size| (value, size)));
        let (value, size) = sized.unwrap_or_else(|| (unknown(), 1));
        if budget::is_spent() {
            // Another evaluation may have steps left for it.
            memo.borrow_mut().remove(&key);
        } else {
            let known = Some((value.clone(), size));
            memo.borrow_mut().insert(key, known);
        }
        value
    }
}

/// A template's scope as one place in it sees it.
#[derive(Clone, Copy)]
struct View<'t, 'd> {
    template: &'t TemplateScope<'d>,
    /// The copy loop of the resource.
    loop_name: Option<&'t str>,
    basis: Basis<'t>,
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
            None => self.template.parameter(name, self.basis),
        }
    }

    fn variable(&self, name: &str) -> Value {
        match self.arguments {
            // A function sees no variables.
            Some(_) => Value::opaque(),
            None => self.template.variable(name, self.basis),
        }
    }

    fn loop_name(&self) -> Option<String> {
        self.loop_name.map(str::to_owned)
    }

    fn loop_index(&self, name: Option<&str>) -> Option<i64> {
        let of_a_variable = self.iteration.and_then(|one| loops::index(one, name));
        of_a_variable.or_else(|| {
            let assumptions = self.basis.assumptions?;
            assumptions.loop_index(self.template.address(), name.or(self.loop_name)?)
        })
    }

    fn assumed(&self, symbol: &Symbol, domain: &dyn Fn() -> Vec<Value>) -> Option<Value> {
        let assumptions = self.basis.assumptions?;
        assumptions.value(self.template.address(), symbol, domain)
    }

    fn user_function(&self, namespace: &str, name: &str, args: &[Value]) -> Option<Value> {
        functions::call(self.template, namespace, name, args, self.basis)
    }

    fn frame(&self) -> usize {
        self.template.frame.number
    }
}
