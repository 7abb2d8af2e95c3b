//! What the templates of a document declare for their expressions, and which part of the document
//! is whose.
//!
//! Whose scope a nested template has, the model knows. Start at [`Declarations`].

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::json::{Document, Kind, NodeId};

use super::super::expression::{Parsed, parse};
use super::super::model::Model;
use super::super::uses::{Declared, folded};

/// What a declaration is found by: its scope, what it is, and its folded name.
pub(in crate::arm) type Key = (usize, Declared, String);

/// A parameter or a variable.
#[derive(Clone, Debug)]
pub(in crate::arm) struct Declaration {
    pub(in crate::arm) key: Key,
    /// Where the name is: the key, or the value of `name` in an entry of `copy`.
    pub(in crate::arm) name: NodeId,
    /// The key of the member, or the entry of `copy`.
    pub(in crate::arm) node: NodeId,
    /// Whether the name is declared once only.
    pub(in crate::arm) unique: bool,
}

/// Whose names the expressions of a part of the document mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::arm) enum Place {
    /// The scope of a template.
    Scope(usize),
    /// A user function's, which sees its own parameters only.
    Function,
    /// That is unknown.
    Unknown,
}

/// What is special about a part of the document.
#[derive(Clone, Copy, Debug)]
pub(in crate::arm) enum Part {
    /// Its expressions are there.
    Place(Place),
    /// It is the declaration with this index.
    Declaration(usize),
    /// The operation with this index takes it out.
    Gone(usize),
}

/// All declarations of a document.
#[derive(Default)]
pub(in crate::arm) struct Declarations {
    pub(in crate::arm) all: Vec<Declaration>,
    by_name: HashMap<Key, usize>,
    /// The parts of the document that differ from what is around them.
    pub(in crate::arm) parts: Vec<(Range<usize>, Part)>,
    /// How often expressions are escaped, by scope, where they are.
    escapes: HashMap<usize, usize>,
}

impl Declarations {
    /// The declarations of all templates of a model.
    pub(in crate::arm) fn of(model: &Model<'_>) -> Self {
        let mut declarations = Self::default();
        let document = model.document;
        let mut owned = HashSet::new();
        for template in &model.templates {
            let Some(scope) = model.scopes.get(template.scope) else {
                continue;
            };
            if let Some(functions) = document.get(template.node, "functions") {
                declarations.place(document, functions, Place::Function);
            }
            // An outer-scoped nested template comes behind the one whose scope it has.
            if !owned.insert(template.scope) {
                continue;
            }
            if scope.is_unknown() {
                declarations.place(document, template.node, Place::Unknown);
                continue;
            }
            declarations.place(document, template.node, Place::Scope(template.scope));
            if scope.escapes() > 0 {
                declarations.escapes.insert(template.scope, scope.escapes());
            }
            let sections = [
                ("parameters", Declared::Parameter),
                ("variables", Declared::Variable),
            ];
            for (name, declared) in sections {
                if let Some(section) = document.get(template.node, name) {
                    declarations.members(document, section, template.scope, declared);
                }
            }
        }
        declarations
    }

    /// How often the expressions that are in `place` are escaped.
    pub(in crate::arm) fn escapes(&self, place: Place) -> usize {
        match place {
            Place::Scope(scope) => self.escapes.get(&scope).copied().unwrap_or(0),
            Place::Function | Place::Unknown => 0,
        }
    }

    /// The declaration with this [`Declaration::key`].
    pub(in crate::arm) fn find(&self, key: &Key) -> Option<usize> {
        self.by_name.get(key).copied()
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
