//! What the templates of a document declare for their expressions, and which part of the document
//! is whose.
//!
//! A nested template has a scope of its own only if its deployment asks for it; by default its
//! expressions are the parent's, and what it declares counts for nothing. Start at [`Declarations`].

use std::collections::HashMap;
use std::ops::Range;

use crate::json::{Document, Kind, NodeId};

use super::expression::{Parsed, parse};
use super::model::Model;
use super::uses::{Declared, folded};

/// What a declaration is found by: its scope, what it is, and its folded name.
pub(super) type Key = (usize, Declared, String);

/// A parameter or a variable.
#[derive(Clone, Debug)]
pub(super) struct Declaration {
    pub(super) key: Key,
    /// Where the name stands: the key, or the value of `name` in an entry of `copy`.
    pub(super) name: NodeId,
    /// The key of the member, or the entry of `copy`.
    pub(super) node: NodeId,
    /// Whether the name is declared once only.
    pub(super) unique: bool,
}

/// Whose names the expressions of a part of the document mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The scope of a template.
    Scope(usize),
    /// A user function's, which sees its own parameters only.
    Function,
    /// That cannot be told.
    Unknown,
}

/// What is special about a part of the document.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// Its expressions stand there.
    Place(Place),
    /// It is the declaration with this index.
    Declaration(usize),
    /// The operation with this index takes it out.
    Gone(usize),
}

/// All declarations of a document.
#[derive(Default)]
pub(super) struct Declarations {
    pub(super) all: Vec<Declaration>,
    by_name: HashMap<Key, usize>,
    /// The parts of the document that differ from what is around them.
    pub(super) parts: Vec<(Range<usize>, Part)>,
    scopes: usize,
}

impl Declarations {
    /// The declarations of a file's template and of those nested in it.
    pub(super) fn of(model: &Model<'_>) -> Self {
        let mut declarations = Self::default();
        for source in &model.links.order {
            if let Some(root) = model.document.root_of(*source) {
                declarations.own_scope(model, root);
            }
        }
        declarations
    }

    /// The declaration with this [`Declaration::key`].
    pub(super) fn find(&self, key: &Key) -> Option<usize> {
        self.by_name.get(key).copied()
    }

    /// Reads a template with a scope of its own.
    fn own_scope(&mut self, model: &Model<'_>, template: NodeId) {
        let document = model.document;
        let scope = self.scopes;
        self.scopes += 1;
        self.place(document, template, Place::Scope(scope));
        if let Some(parameters) = document.get(template, "parameters") {
            self.members(document, parameters, scope, Declared::Parameter);
        }
        if let Some(variables) = document.get(template, "variables") {
            self.members(document, variables, scope, Declared::Variable);
        }
        self.template(model, template);
    }

    /// Reads what a template has in whatever scope.
    fn template(&mut self, model: &Model<'_>, template: NodeId) {
        if let Some(functions) = model.document.get(template, "functions") {
            self.place(model.document, functions, Place::Function);
        }
        self.resources(model, template);
    }

    fn resources(&mut self, model: &Model<'_>, holder: NodeId) {
        let document = model.document;
        let Some(list) = document.get(holder, "resources") else {
            return;
        };
        for child in document.children(list) {
            // With symbolic names, the list is an object.
            let resource = document.value(child).unwrap_or(child);
            self.resources(model, resource);
            if model.is_deployment(resource) {
                self.nested(model, resource);
            }
        }
    }

    fn nested(&mut self, model: &Model<'_>, deployment: NodeId) {
        let document = model.document;
        let Some(properties) = document.get(deployment, "properties") else {
            return;
        };
        let Some(template) = document.get(properties, "template") else {
            return;
        };
        let scope = document
            .get(properties, "expressionEvaluationOptions")
            .and_then(|options| document.get(options, "scope"))
            .map(|scope| document.string(scope).unwrap_or_default());
        match scope.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("inner") => self.own_scope(model, template),
            Some("outer") => self.template(model, template),
            None if !has_version(document, template) => self.template(model, template),
            _ => {
                self.place(document, template, Place::Unknown);
                self.template(model, template);
            }
        }
    }

    fn members(
        &mut self,
        document: &Document<'_>,
        section: NodeId,
        scope: usize,
        declared: Declared,
    ) {
        if document.kind(section) != Kind::Object {
            return;
        }
        for key in document.children(section) {
            let is_copy = declared == Declared::Variable && document.is_called(key, "copy");
            let value = document.value(key);
            match value.filter(|value| is_copy && document.kind(*value) == Kind::Array) {
                Some(entries) => {
                    for entry in document.children(entries) {
                        if let Some(name) = document.get(entry, "name") {
                            self.declare(document, entry, name, scope, declared);
                        }
                    }
                }
                None => self.declare(document, key, key, scope, declared),
            }
        }
    }

    fn declare(
        &mut self,
        document: &Document<'_>,
        node: NodeId,
        name: NodeId,
        scope: usize,
        declared: Declared,
    ) {
        let text = document.string(name).map(|text| parse(&text));
        let Some(Parsed::Literal(text)) = text else {
            return;
        };
        let index = self.all.len();
        let key = (scope, declared, folded(&text));
        let known = self.by_name.insert(key.clone(), index);
        if let Some(earlier) = known.and_then(|earlier| self.all.get_mut(earlier)) {
            earlier.unique = false;
        }
        self.all.push(Declaration {
            key,
            name,
            node,
            unique: known.is_none(),
        });
        let end = document.span(document.value(node).unwrap_or(node)).end;
        let span = document.span(node).start..end;
        self.parts.push((span, Part::Declaration(index)));
    }

    fn place(&mut self, document: &Document<'_>, node: NodeId, place: Place) {
        self.parts.push((document.span(node), Part::Place(place)));
    }
}

/// Whether the template, or the one that is deployed, has a `languageVersion`: with some of them a
/// nested template has a scope of its own by default.
pub(super) fn has_version(document: &Document<'_>, template: NodeId) -> bool {
    let of = |template| document.key(template, "languageVersion").is_some();
    let root = document.root_of(document.source_of(template));
    of(template) || root.is_some_and(of)
}
