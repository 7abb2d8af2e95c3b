//! The expressions of a template file that refer to resources, each with the place where it stands
//! and its scope.
//!
//! Start at [`ExpressionSite`].

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::json::{Kind, NodeId};

use super::expression::{self, Expression, Parsed, Value};
use super::model::{Model, ResourceIndex};

/// Where an expression stands.
#[derive(Clone, Copy, Debug)]
pub struct ExpressionSite {
    /// The resource it is part of; `None` in outputs and variables.
    pub resource: Option<ResourceIndex>,
    /// The template, as [`super::Resource::template`].
    pub template: usize,
    /// The string.
    pub node: NodeId,
}

/// An expression that may refer to a resource.
pub(super) struct Referring {
    site: ExpressionSite,
    expression: Expression,
}

impl Model<'_> {
    /// The bytes of the file under a part of the expression at `site`, given by its span.
    pub fn source_span(&self, site: &ExpressionSite, part: &Range<usize>) -> Range<usize> {
        let escapes = self.escapes(site.template);
        let written = part.start + escapes..part.end + escapes;
        self.document.mapped_string(site.node).map_or_else(
            || self.document.span(site.node),
            |(_, map)| map.source_range(written),
        )
    }

    /// Calls `visit` with each expression in the template's strings, but for those of `dependsOn`,
    /// that may call `reference()`, `list*()` or make a resource's id, and with a way to the value
    /// of a part of it.
    pub fn visit_references(
        &self,
        mut visit: impl FnMut(&ExpressionSite, &Expression, &dyn Fn(&Expression) -> Value),
    ) {
        for referring in self.referring.get_or_init(|| self.find_referring()) {
            self.visit_expression(&referring.site, &referring.expression, &mut visit);
        }
    }

    fn find_referring(&self) -> Vec<Referring> {
        let mut found = Vec::new();
        for (index, resource) in self.resources.iter().enumerate() {
            let nodes = self.own_strings(resource.node).into_iter();
            found.extend(nodes.filter_map(|node| {
                self.referring_at(ExpressionSite {
                    resource: Some(index),
                    template: resource.template,
                    node,
                })
            }));
        }
        for (index, template) in self.templates.iter().enumerate() {
            let outputs = template.outputs.map(|outputs| self.strings(outputs, &[]));
            let nodes = outputs.unwrap_or_default().into_iter();
            found.extend(nodes.filter_map(|node| {
                self.referring_at(ExpressionSite {
                    resource: None,
                    template: index,
                    node,
                })
            }));
        }
        found
    }

    /// Calls `visit` with such expressions in variables, where `reference()` and `list*()` are not
    /// allowed.
    pub(super) fn visit_variables(
        &self,
        mut visit: impl FnMut(&ExpressionSite, &Expression, &dyn Fn(&Expression) -> Value),
    ) {
        let mut seen = HashSet::new();
        for template in 0..self.templates.len() {
            let variables = self.scope(template).and_then(|scope| scope.variables());
            // Nested templates may share a scope.
            if let Some(variables) = variables.filter(|variables| seen.insert(*variables)) {
                for node in self.strings(variables, &[]) {
                    let site = ExpressionSite {
                        resource: None,
                        template,
                        node,
                    };
                    if let Some(Referring { site, expression }) = self.referring_at(site) {
                        self.visit_expression(&site, &expression, &mut visit);
                    }
                }
            }
        }
    }

    fn visit_expression(
        &self,
        site: &ExpressionSite,
        expression: &Expression,
        visit: &mut impl FnMut(&ExpressionSite, &Expression, &dyn Fn(&Expression) -> Value),
    ) {
        let resource = site.resource.and_then(|index| self.resource(index));
        let loop_name = resource.and_then(|resource| resource.loop_name.as_deref());
        if let Some(scope) = self.scope(site.template) {
            visit(site, expression, &|part| {
                scope.expression_value(part, loop_name)
            });
        }
    }

    /// The expression at `site`, if it may refer to a resource.
    fn referring_at(&self, site: ExpressionSite) -> Option<Referring> {
        if !may_refer(self.document.raw(site.node)) {
            return None;
        }
        match expression::parse(&self.text(site.template, site.node)?) {
            Parsed::Expression(expression) => Some(Referring { site, expression }),
            Parsed::Literal(_) | Parsed::Invalid(_) => None,
        }
    }

    /// The strings below a resource that are its own: not those of its child resources, of a
    /// template nested in it, or of its `dependsOn`.
    fn own_strings(&self, node: NodeId) -> Vec<NodeId> {
        let document = self.document;
        let skipped: Vec<NodeId> = [
            document.key(node, "resources"),
            document.key(node, "dependsOn"),
        ]
        .into_iter()
        .flatten()
        .collect();
        self.strings(node, &skipped)
    }

    /// The string values below `node`, but for the members in `skipped`.
    fn strings(&self, node: NodeId, skipped: &[NodeId]) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut open = vec![node];
        while let Some(at) = open.pop() {
            if self.document.kind(at) == Kind::String {
                found.push(at);
            }
            let start = open.len();
            let is_left = |child: &NodeId| {
                let is_template =
                    self.document.kind(*child) == Kind::Object && self.embedded.contains(child);
                !skipped.contains(child) && !is_template
            };
            open.extend(self.document.children(at).filter(is_left));
            if let Some(added) = open.get_mut(start..) {
                added.reverse();
            }
        }
        found
    }
}

/// Whether a JSON string, with its quotes, may be an expression that refers to a resource. Most are
/// none, and need not be decoded and parsed.
fn may_refer(raw: &[u8]) -> bool {
    static FUNCTIONS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i-u)reference|list|resourceid|resourceinfo").ok());
    let starts_so = matches!(raw.get(1), Some(b'[' | b'\\'));
    let names_one = |pattern: &Regex| pattern.is_match(raw);
    // An escape may spell anything.
    starts_so && (raw.contains(&b'\\') || FUNCTIONS.as_ref().is_none_or(names_one))
}
