//! How embedded and linked templates come into the model: their scopes, what they are given, where
//! they go.
//!
//! Reads the rows of [`super::embedding`] and the links of [`super::sources`]; never knows what the
//! templates are for. Start at [`Model::add_embedded`] and [`Model::passed_to`].

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use crate::json::{Document, Kind, NodeId};

use super::embedding::{EmbeddedTemplate, Scoping};
use super::expression::{Value, from_json};
use super::model::{Model, Policy, ResourceIndex, Template};
use super::scope::{ByName, Defaults, Given, Passed, ScopeSetup, TemplateScope};
use super::sources::Companion;

/// What says where a nested deployment goes: the target of the template around it, and the members
/// of the deployment that name another one.
pub(super) type Target = (usize, Vec<Option<String>>);

/// The members of a deployment that send it somewhere else.
const ELSEWHERE: [&str; 3] = ["resourceGroup", "subscriptionId", "scope"];

impl<'d> Model<'d> {
    /// Adds a template that is part of the resource at `holder`, or of the file itself.
    pub(super) fn add_embedded(
        &mut self,
        embedded: EmbeddedTemplate,
        holder: Option<ResourceIndex>,
    ) {
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
            ..Template::of(embedded.template, 0)
        };
        let mut frame = ScopeSetup {
            escapes,
            ..ScopeSetup::default()
        };
        let mut shared = None;
        match embedded.embedding.scoping {
            Scoping::Alone => {}
            Scoping::Deployment => {
                let place = holder.map(|holder| self.deployed_to(holder));
                template.target = place.unwrap_or(self.templates.len());
                let around = outer.and_then(|outer| self.templates.get(outer));
                let around = around.map_or(0, |around| around.scope);
                match self.is_inner(around, beside, embedded.template) {
                    None => frame.unknown = true,
                    Some(false) => shared = Some(around),
                    Some(true) => {
                        let loop_name = holder
                            .and_then(|holder| self.resources.get(holder)?.loop_name.as_deref());
                        if let Some((scope, beside)) = self.scopes.get(around).zip(beside) {
                            frame.passed = self.passed(scope, beside, loop_name);
                        }
                    }
                }
            }
            Scoping::Passed => {
                let around = ScopeSetup {
                    escapes,
                    ..ScopeSetup::default()
                };
                let declared = self.add_scope(embedded.declares, around);
                if let Some((scope, beside)) = self.scopes.get(declared).zip(beside) {
                    frame.passed = self.passed(scope, beside, None);
                }
                template.policy = embedded.embedding.is_policy().then_some(Policy {
                    node: embedded.declares,
                    scope: declared,
                });
            }
        }
        template.scope = match shared {
            Some(shared) => shared,
            None => self.add_scope(embedded.template, frame),
        };
        self.embedded.insert(embedded.template);
        self.add_template(template);
    }

    /// Whether the deployed `template` in the object `beside` has a scope of its own, rather than the one with
    /// the number `around`; `None` where that is not known. Anything that the options say but `inner` is
    /// `outer`, and so is the default, but for some versions of the language.
    fn is_inner(&self, around: usize, beside: Option<NodeId>, template: NodeId) -> Option<bool> {
        let document = self.document;
        let options = beside.and_then(|beside| document.get(beside, "expressionEvaluationOptions"));
        let written = options.and_then(|options| document.get(options, "scope"));
        let Some((written, scope)) = written.zip(self.scopes.get(around)) else {
            return (!has_version(document, template)).then_some(false);
        };
        match scope.value(written, None, Defaults::Ignored) {
            Value::Unknown(_) | Value::Choice { .. } => None,
            value => Some(
                value
                    .as_literal()
                    .is_some_and(|text| text.eq_ignore_ascii_case("inner")),
            ),
        }
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
        let given = |node, member| Given::Node {
            scope: Rc::clone(scope),
            node,
            loop_name: loop_name.map(str::to_owned),
            member,
        };
        if document.kind(parameters) == Kind::Object {
            let all = document.children(parameters).filter_map(|key| {
                let node = document.get(document.value(key)?, "value");
                let name = document.string(key)?.to_ascii_lowercase();
                Some((name, node.map(|node| given(node, None))))
            });
            return Passed::These(all.collect());
        }
        match scope.value(parameters, loop_name, Defaults::Ignored) {
            Value::Object(members) => {
                let names = members.into_iter().map(|(name, _)| name);
                let all = names.map(|name| {
                    let lower = name.to_ascii_lowercase();
                    (lower, Some(given(parameters, Some(name))))
                });
                Passed::These(all.collect())
            }
            _ => Passed::Anything,
        }
    }

    /// What the deployments that link a source pass to it, and what the files beside it give.
    pub(super) fn passed_to(&self, source: usize) -> Passed<'d> {
        let callers = self.callers(source);
        let mut all: Vec<Passed<'d>> = callers
            .iter()
            .map(|caller| self.passed_by(*caller))
            .collect();
        if all.len() < self.links.links_to(source) {
            // One that links itself, or is not read as a deployment.
            all.push(Passed::Anything);
        }
        for (file, companion) in self.sources.companions(source) {
            all.extend(match companion {
                Companion::Parameters => Some(Passed::Partly(self.given_by(file, companion))),
                Companion::UiDefinition => Some(Passed::These(self.given_by(file, companion))),
                // What it assigns is not read.
                Companion::Bicep => self.is_for(file, source).then_some(Passed::Anything),
            });
        }
        match all.len() {
            0 | 1 => all.pop().unwrap_or_default(),
            _ => Passed::Each(all),
        }
    }

    /// What the deployment at `caller` passes to the template that it links.
    fn passed_by(&self, caller: ResourceIndex) -> Passed<'d> {
        let found = self.resources.get(caller).and_then(|resource| {
            let around = self.templates.get(resource.template)?.scope;
            let scope = self.scopes.get(around)?;
            let properties = self.document.get(resource.node, "properties")?;
            Some(self.passed(scope, properties, resource.loop_name.as_deref()))
        });
        found.unwrap_or_default()
    }

    /// What a parameter file gives, in which nothing is evaluated; or what the portal gives after it has shown
    /// a UI definition: what its user says, but for plain texts.
    fn given_by(&self, file: usize, companion: Companion) -> ByName<'d> {
        let document = self.document;
        let given = self.assignments(file, companion).into_iter();
        let given = given.filter_map(|key| {
            let value = document.value(key)?;
            let plain = match companion {
                Companion::UiDefinition => {
                    let text = document.string(value);
                    text.filter(|text| !text.starts_with('[')).map(|_| value)
                }
                Companion::Parameters | Companion::Bicep => document.get(value, "value"),
            };
            let plain = plain.and_then(|value| from_json(document, value));
            let name = document.string(key)?.to_ascii_lowercase();
            Some((name, plain.map(Given::Plain)))
        });
        given.collect()
    }

    /// The template of a source, with the scope at `scope`: where the deployments that link it put it.
    pub(super) fn linked(&mut self, source: usize, root: NodeId, scope: usize) -> Template {
        let callers = self.callers(source).to_vec();
        let all = callers.iter();
        let targets: BTreeSet<usize> = all.map(|caller| self.deployed_to(*caller)).collect();
        let is_one_of = |caller: &ResourceIndex| {
            let deployment = self.resources.get(*caller);
            deployment.is_some_and(|deployment| self.links.targets(deployment.node).len() > 1)
        };
        let holder = match callers.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        // No template has this number, so that the way leads to the outermost.
        let next = self.templates.len();
        let is_left_out = |caller: &ResourceIndex| {
            is_one_of(caller) || holder.is_none() && self.is_conditional(*caller, next)
        };
        let conditional = callers.iter().any(is_left_out);
        let target = match targets.first() {
            None => next,
            Some(only) if targets.len() == 1 => *only,
            // Templates that the same deployments put in the same places see the same machines.
            Some(_) => *self.joint_targets.entry(targets).or_insert(next),
        };
        Template {
            holder,
            conditional,
            target,
            ..Template::of(root, scope)
        }
    }

    /// The target of the deployment at `holder`.
    fn deployed_to(&mut self, holder: ResourceIndex) -> usize {
        let Some(resource) = self.resources.get(holder) else {
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
            let template = template.filter(|_| resource.template != within);
            if template.is_some_and(|template| template.conditional) {
                return true;
            }
            at = template.and_then(|template| template.holder);
        }
        false
    }

    /// Whether the resource at `index` is deployed under the same condition as the one at `other`, both
    /// in one template.
    pub fn has_condition_of(&self, index: ResourceIndex, other: ResourceIndex) -> bool {
        let condition = |index: ResourceIndex| {
            let resource = self.resources.get(index)?;
            let value = self.value(index, resource.condition?);
            (!value.mentions_copy_index()).then_some((resource.template, value))
        };
        condition(index).is_some_and(|own| condition(other) == Some(own))
    }
}

/// Whether the template, or the one that is deployed, has a `languageVersion`: with some of them a
/// nested template has a scope of its own by default.
fn has_version(document: &Document<'_>, template: NodeId) -> bool {
    let of = |template| document.key(template, "languageVersion").is_some();
    let root = document.root_of(document.source_of(template));
    of(template) || root.is_some_and(of)
}
