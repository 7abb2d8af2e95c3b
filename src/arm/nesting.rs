//! How embedded templates come into the model: their scopes, what they are given, where they go.
//!
//! Reads the rows of [`super::embedding`]; never knows what the templates are for. Start at
//! [`Model::add_embedded`].

use std::collections::HashMap;
use std::rc::Rc;

use crate::json::{Kind, NodeId};

use super::embedding::{DEPLOYMENT, Embedded, Scoping};
use super::expression::Value;
use super::model::{Model, Policy, ResourceIndex, Template};
use super::scope::{Defaults, Frame, Given, Passed, TemplateScope};

/// What tells where a nested deployment goes: the target of the template around it, and the members
/// of the deployment that name another one.
pub(super) type Target = (usize, Vec<Option<String>>);

/// The members of a deployment that send it somewhere else.
const ELSEWHERE: [&str; 3] = ["resourceGroup", "subscriptionId", "scope"];

impl<'d> Model<'d> {
    /// Adds a template that is part of the resource at `holder`, or of the file itself.
    pub(super) fn add_embedded(&mut self, embedded: Embedded, holder: Option<ResourceIndex>) {
        let document = self.document;
        let outer = holder.and_then(|holder| Some(self.resources.get(holder)?.template));
        let escapes = outer.map_or(0, |outer| self.escapes(outer)) + embedded.embedding.escapes;
        let beside = document
            .parent(embedded.template)
            .and_then(|key| document.parent(key));
        let mut template = Template {
            holder,
            // Nothing deployed from elsewhere is in the same place for certain.
            target: self.templates.len(),
            ..Template::of(0)
        };
        let mut passed = Passed::Anything;
        match embedded.embedding.scoping {
            Scoping::Alone => {}
            Scoping::Deployment => {
                template.target = self.deployed_to(holder);
                let around = outer.and_then(|outer| self.templates.get(outer));
                let around = around.map_or(0, |around| around.scope);
                if !beside.is_some_and(|beside| self.is_inner(beside)) {
                    template.scope = around;
                    self.embedded.insert(embedded.template);
                    return self.add_template(embedded.template, template);
                }
                let loop_name =
                    holder.and_then(|holder| self.resources.get(holder)?.loop_name.as_deref());
                if let Some((scope, beside)) = self.scopes.get(around).zip(beside) {
                    passed = self.passed(scope, beside, loop_name);
                }
            }
            Scoping::Passed => {
                let frame = Frame {
                    escapes,
                    ..Frame::default()
                };
                let declared = self.add_scope(embedded.declares, frame);
                if let Some((scope, beside)) = self.scopes.get(declared).zip(beside) {
                    passed = self.passed(scope, beside, None);
                }
                template.policy = embedded.embedding.is_policy().then_some(Policy {
                    node: embedded.declares,
                    scope: declared,
                });
            }
        }
        let frame = Frame {
            escapes,
            passed,
            ..Frame::default()
        };
        template.scope = self.add_scope(embedded.template, frame);
        self.embedded.insert(embedded.template);
        self.add_template(embedded.template, template);
    }

    /// Whether a resource says literally that it is a deployment.
    pub(super) fn is_deployment(&self, node: NodeId) -> bool {
        self.document
            .get(node, "type")
            .and_then(|node| self.document.string(node))
            .is_some_and(|name| name.trim_matches('/').eq_ignore_ascii_case(DEPLOYMENT))
    }

    /// Whether a deployment's `properties` ask for a scope of its own.
    fn is_inner(&self, properties: NodeId) -> bool {
        let document = self.document;
        document
            .get(properties, "expressionEvaluationOptions")
            .and_then(|options| document.get(options, "scope"))
            .and_then(|scope| document.string(scope))
            .is_some_and(|scope| scope.eq_ignore_ascii_case("inner"))
    }

    /// What the `parameters` in the object `beside` a template give, in the scope around them.
    fn passed(
        &self,
        scope: &Rc<TemplateScope<'d>>,
        beside: NodeId,
        loop_name: Option<&str>,
    ) -> Passed<'d> {
        let document = self.document;
        if document.key(beside, "parametersLink").is_some() {
            return Passed::Anything;
        }
        let Some(parameters) = document.get(beside, "parameters") else {
            return Passed::These(HashMap::new());
        };
        if document.kind(parameters) == Kind::Object {
            let given = document.children(parameters).filter_map(|key| {
                let node = document.get(document.value(key)?, "value");
                let loop_name = loop_name.map(str::to_owned);
                let given = node.map(|node| Given::Node(Rc::clone(scope), node, loop_name));
                Some((document.string(key)?.to_ascii_lowercase(), given))
            });
            return Passed::These(given.collect());
        }
        let values = |defaults| match scope.value(parameters, loop_name, defaults) {
            Value::Object(members) => Some(members.into_iter().map(|(name, value)| {
                let value = value.get("value").cloned();
                (name.to_ascii_lowercase(), value)
            })),
            _ => None,
        };
        let (Some(known), Some(by_default)) =
            (values(Defaults::Ignored), values(Defaults::Assumed))
        else {
            return Passed::Anything;
        };
        let mut by_default: HashMap<String, Option<Value>> = by_default.collect();
        let given = known.map(|(name, known)| {
            let by_default = by_default.remove(&name).flatten();
            let given = known.zip(by_default);
            let given = given.map(|(known, by_default)| Given::Part { known, by_default });
            (name, given)
        });
        Passed::These(given.collect())
    }

    /// The target of the deployment at `holder`.
    fn deployed_to(&mut self, holder: Option<ResourceIndex>) -> usize {
        let Some(resource) = holder.and_then(|holder| self.resources.get(holder)) else {
            return self.templates.len();
        };
        let around = self.templates.get(resource.template);
        let around = around.map_or(0, |template| template.target);
        let scope = self.scope(resource.template);
        let named: Vec<Option<String>> = ELSEWHERE
            .iter()
            .map(|member| {
                let node = self.document.get(resource.node, member)?;
                let value = scope?.value(node, resource.loop_name.as_deref(), Defaults::Ignored);
                let name = value.as_text()?.name_key();
                (name != "{resourcegroup().name}").then_some(name)
            })
            .collect();
        if named.iter().all(Option::is_none) {
            return around;
        }
        let next = self.templates.len();
        *self.targets.entry((around, named)).or_insert(next)
    }

    /// Whether some deployment leaves out the resource at `index` but not the template at `within`,
    /// which holds it, directly or in a nested one.
    pub fn is_conditional(&self, index: ResourceIndex, within: usize) -> bool {
        let mut at = Some(index);
        while let Some(resource) = at.and_then(|at| self.resources.get(at)) {
            if resource.condition.is_some() {
                return true;
            }
            let template = self.templates.get(resource.template);
            at = template
                .filter(|_| resource.template != within)
                .and_then(|template| template.holder);
        }
        false
    }
}
