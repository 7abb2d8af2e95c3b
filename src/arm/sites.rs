//! The expressions of a template file that refer to resources, each with the place where it is
//! and its scope.
//!
//! Start at [`ExpressionSite`].

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::json::{Document, Kind, NodeId};

use super::expression::{Expression, Value};
use super::model::{Model, ResourceIndex};

/// Where an expression is.
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
pub(super) type Referring = (ExpressionSite, Expression);

impl Model<'_> {
    /// The bytes of the file under a part of the expression at `site`, given by its span.
    pub fn source_span(&self, site: &ExpressionSite, part: &Range<usize>) -> Range<usize> {
        let escapes = self.escapes(site.template);
        let written = part.start + escapes..part.end + escapes;
        self.document.map_string(site.node).map_or_else(
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
        for (site, expression) in self.referring.get_or_init(|| self.find_referring()) {
            self.visit_expression(site, expression, &mut visit);
        }
    }

    fn find_referring(&self) -> Vec<Referring> {
        let mut found = Vec::new();
        for (index, resource) in self.resources.iter().enumerate() {
            // Those of its child resources and of its `dependsOn` are not its own.
            let others = ["resources", "dependsOn"].map(|name| {
                let key = self.document.key(resource.node, name)?;
                self.document.value(key)
            });
            let own = self.referring_in(Some(index), resource.template, resource.node, &others);
            found.extend(own);
        }
        for (index, template) in self.templates.iter().enumerate() {
            let outputs = template.outputs.into_iter();
            found.extend(outputs.flat_map(|node| self.referring_in(None, index, node, &[])));
        }
        found
    }

    /// Those below `node` that are not below `others`.
    fn referring_in(
        &self,
        resource: Option<ResourceIndex>,
        template: usize,
        node: NodeId,
        others: &[Option<NodeId>],
    ) -> impl Iterator<Item = Referring> {
        let strings = self.calling.get_or_init(|| CallingStrings::of(self));
        let nodes = strings.below(self.document, node, others);
        nodes.filter_map(move |node| {
            let site = ExpressionSite {
                resource,
                template,
                node,
            };
            Some((site, self.expression(template, node)?))
        })
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
                let found = self.referring_in(None, template, variables, &[]);
                found.for_each(|(site, expression)| {
                    self.visit_expression(&site, &expression, &mut visit);
                });
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
}

/// The strings of a document that may be expressions with a call that refers to a resource. Most are none, and
/// need not be parsed.
pub(super) struct CallingStrings {
    /// In the order of the document.
    nodes: Vec<NodeId>,
    /// The spans of the templates in the template, whose strings are their own, by their starts.
    embedded: Vec<Range<usize>>,
}

impl CallingStrings {
    fn of(model: &Model<'_>) -> Self {
        // An escape may spell anything.
        static FUNCTIONS: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"(?i-u)reference|list|resourceid|resourceinfo|\\").ok());
        let document = model.document;
        let may_call = |node: &NodeId| {
            let raw = document.raw(*node);
            document.kind(*node) == Kind::String
                && matches!(raw.get(1), Some(b'[' | b'\\'))
                && FUNCTIONS.as_ref().is_none_or(|one| one.is_match(raw))
        };
        let templates = model.embedded.iter();
        let templates = templates.filter(|node| document.kind(**node) == Kind::Object);
        let mut embedded: Vec<_> = templates.map(|node| document.span(*node)).collect();
        embedded.sort_unstable_by_key(|span| span.start);
        Self {
            nodes: document.nodes().filter(may_call).collect(),
            embedded,
        }
    }

    /// Those below `node`, but for what is in `others` or in a template below it.
    fn below(
        &self,
        document: &Document<'_>,
        node: NodeId,
        others: &[Option<NodeId>],
    ) -> impl Iterator<Item = NodeId> {
        let span = document.span(node);
        let others = others.iter().flatten();
        let others: Vec<_> = others.map(|node| document.span(*node)).collect();
        let first = |start: usize| {
            let in_front = |node: &NodeId| document.span(*node).start < start;
            self.nodes.partition_point(in_front)
        };
        let mut at = first(span.start);
        let mut template = self
            .embedded
            .partition_point(|template| template.start <= span.start);
        std::iter::from_fn(move || {
            loop {
                let node = *self.nodes.get(at)?;
                let start = document.span(node).start;
                if start >= span.end {
                    return None;
                }
                let is_over = |template: &Range<usize>| template.end <= start;
                while self.embedded.get(template).is_some_and(is_over) {
                    template += 1;
                }
                let mut passed_over = self.embedded.get(template).into_iter().chain(&others);
                match passed_over.find(|other| other.contains(&start)) {
                    Some(other) => at = first(other.end),
                    None => {
                        at += 1;
                        return Some(node);
                    }
                }
            }
        })
    }
}
