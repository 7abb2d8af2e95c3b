//! How a model comes to be: the template of each source with its resources, and what is in these.
//!
//! Embedded and linked templates get their scopes in [`super::super::nesting`]. Start at
//! [`Model::add_source`].

use std::rc::Rc;

use crate::json::{Kind, NodeId};

use super::super::embedding::{self, EmbeddedTemplate};
use super::super::expression::Value;
use super::super::named::{DeclaredResource, Named, depends_on};
use super::super::resource_id::resource_key;
use super::super::scope::{Defaults, ScopeSetup, TemplateScope};
use super::{Model, Resource, ResourceIndex, Template};

impl<'d> Model<'d> {
    pub(super) fn add_source(&mut self, source: usize) {
        let root = self.document.root_of(source);
        let Some(root) = root.filter(|root| self.document.kind(*root) == Kind::Object) else {
            return;
        };
        let embedded = embedding::at_the_root(self.document, root);
        if embedded.is_empty() || embedding::looks_like_template(self.document, root) {
            let passed = self.passed_to(source);
            let frame = ScopeSetup {
                passed,
                ..ScopeSetup::default()
            };
            let scope = self.add_scope(root, frame);
            let template = self.linked(source, root, scope);
            self.add_template(template);
        } else {
            for embedded in embedded {
                self.add_embedded(embedded, None);
            }
        }
    }

    /// Adds a scope, and gives it a number of its own.
    pub(in crate::arm) fn add_scope(&mut self, node: NodeId, frame: ScopeSetup<'d>) -> usize {
        let number = self.scopes.len();
        let steps = self.steps.clone();
        let frame = ScopeSetup {
            number,
            steps,
            ..frame
        };
        self.scopes
            .push(Rc::new(TemplateScope::new(self.document, node, frame)));
        number
    }

    pub(in crate::arm) fn add_template(&mut self, template: Template) {
        let node = template.node;
        let index = self.templates.len();
        self.templates.push(Template {
            outputs: self.document.get(node, "outputs"),
            ..template
        });
        self.add_resources(node, index, None);
    }

    fn add_resources(&mut self, holder: NodeId, template: usize, parent: Option<ResourceIndex>) {
        let Some(list) = self.document.get(holder, "resources") else {
            return;
        };
        let document = self.document;
        for declared in DeclaredResource::all(document, list) {
            if document.kind(declared.node) == Kind::Object {
                self.add_resource(declared, template, parent);
            }
        }
    }

    fn add_resource(
        &mut self,
        declared: DeclaredResource,
        template: usize,
        parent: Option<ResourceIndex>,
    ) {
        let DeclaredResource {
            node,
            symbol,
            overrides,
        } = declared;
        let document = self.document;
        let copy = document.get(node, "copy");
        let Some(scope) = self.scope(template) else {
            return;
        };
        let around = parent.and_then(|parent| self.resources.get(parent));
        let own_loop = copy
            .and_then(|copy| document.get(copy, "name"))
            .and_then(|name| scope.value(name, None, Defaults::Ignored).as_text())
            .map(|name| name.name_key());
        let loop_name = match copy {
            Some(_) => own_loop,
            None => around.and_then(|around| around.loop_name.clone()),
        };
        let looped = copy.is_some() || around.is_some_and(|around| around.looped);
        let text = |name: &str| {
            let value = document.get(node, name)?;
            scope
                .value(value, loop_name.as_deref(), Defaults::Ignored)
                .as_text()
        };
        let own_type = text("type")
            .and_then(|text| text.is_literal().map(str::to_ascii_lowercase))
            .map(|literal| literal.trim_matches('/').to_owned())
            .unwrap_or_default();
        let own_name = match self.is_nameless {
            true => None,
            false => text("name"),
        };
        let named = Named::of(around, own_type, own_name);
        // `"condition": true` is none.
        let condition = document.get(node, "condition").filter(|condition| {
            let value = || scope.value(*condition, loop_name.as_deref(), Defaults::Ignored);
            !self.is_nameless && value() != Value::Bool(true)
        });
        let existing = symbol.is_some()
            && document
                .get(node, "existing")
                .is_some_and(|existing| document.raw(existing) == b"true");
        let index = self.resources.len();
        self.resources.push(Resource {
            node,
            template,
            parent,
            symbol,
            overrides,
            existing,
            key: named
                .full_name
                .as_ref()
                .filter(|name| !name.is_unique())
                .and_then(|name| resource_key(&named.full_type, name)),
            type_name: named.full_type,
            name: named.full_name,
            short_name: named.short_name,
            condition,
            loop_name,
            looped,
            copies: copy.is_some(),
            depends_on: depends_on(document, node),
        });
        for target in self.links.targets(node) {
            self.callers.entry(*target).or_default().push(index);
        }
        self.add_resources(node, template, Some(index));
        let type_name = self.resources.get(index).map(|r| r.type_name.clone());
        let embedded: Vec<EmbeddedTemplate> =
            embedding::in_resource(document, node, &type_name.unwrap_or_default());
        for embedded in embedded {
            self.add_embedded(embedded, Some(index));
        }
    }
}
