//! What passes parameters to a template from outside of it: deployments, parameter files, UI definitions.
//!
//! A deployment fails that is passed what its template does not declare, so a parameter can go only
//! together with all of these. Never knows why one should go. Start at [`Model::passers`].

use std::collections::{BTreeSet, HashMap};

use regex::bytes::RegexBuilder;

use crate::json::{Document, Kind, NodeId};

use super::embedding::DEPLOYMENT;
use super::model::{Model, Resource, ResourceIndex};
use super::sources::{Companion, used_template};
use super::usage::Orphan;
use super::uses::Declared;

/// What passes a parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParameterSources {
    /// The members that pass it.
    pub keys: Vec<NodeId>,
    /// What may pass it, or does, and is not edited: why, in the words of a report.
    pub unread: Vec<String>,
}

impl<'d> Model<'d> {
    /// What passes a parameter that is declared in this file or set, as far as it is in view.
    pub fn passers(&self, parameter: &Orphan) -> ParameterSources {
        let document = self.document;
        let mut passers = ParameterSources::default();
        let section = document.parent(parameter.node);
        let template = section
            .filter(|_| parameter.declared == Declared::Parameter)
            .and_then(|section| document.parent(document.parent(section)?));
        let Some(template) = template else {
            return passers;
        };
        if let Some(key) = document.parent(template) {
            if let Some(beside) = document.parent(key) {
                self.passing(beside, &parameter.name, &mut passers);
            }
            return passers;
        }
        let source = document.source_of(template);
        let callers = self.callers(source);
        let deployments = callers
            .iter()
            .filter_map(|caller| self.resources.get(*caller));
        for deployment in deployments {
            if let Some(properties) = document.get(deployment.node, "properties") {
                self.passing(properties, &parameter.name, &mut passers);
            }
        }
        if callers.len() < self.links.links_to(source) {
            let reason = "templates that link each other in a circle may pass the value".to_owned();
            passers.unread.push(reason);
        }
        for (file, companion) in self.sources.companions(source) {
            if companion == Companion::Bicep {
                if self.is_for(file, source) && self.assigns(file, &parameter.name) {
                    let reason = format!("{} assigns it", self.sources.name(file));
                    passers.unread.push(reason);
                }
                continue;
            }
            let given = self.assignments(file, companion).into_iter();
            let own = given.filter(|key| document.is_called(*key, &parameter.name));
            passers.keys.extend(own);
        }
        passers
    }

    /// The strings that deployments pass to the template of the resource at `index`.
    pub fn passed_strings(&self, index: ResourceIndex) -> Vec<NodeId> {
        let document = self.document;
        let template = self.resources.get(index);
        let Some(template) = template.and_then(|own| self.templates.get(own.template)) else {
            return Vec::new();
        };
        let source = document.source_of(template.node);
        let is_whole = document.root_of(source) == Some(template.node);
        let callers = self.callers(source).iter().filter(|_| is_whole);
        let deployments: BTreeSet<_> = callers.chain(&template.holder).collect();
        let passed = deployments.into_iter().filter_map(|deployment| {
            let node = self.resources.get(*deployment)?.node;
            document.get(document.get(node, "properties")?, "parameters")
        });
        passed
            .flat_map(|parameters| document.strings_below(parameters))
            .collect()
    }

    /// What passes the parameter `name` in the object `beside` a template or a link.
    fn passing(&self, beside: NodeId, name: &str, passers: &mut ParameterSources) {
        let document = self.document;
        if document.key(beside, "parametersLink").is_some() {
            let reason = "a parametersLink may pass the value".to_owned();
            passers.unread.push(reason);
        }
        let Some(parameters) = document.get(beside, "parameters") else {
            return;
        };
        if document.kind(parameters) != Kind::Object {
            let reason = "an expression computes the parameters that are passed".to_owned();
            passers.unread.push(reason);
            return;
        }
        let keys = document.children(parameters);
        passers
            .keys
            .extend(keys.filter(|key| document.is_called(*key, name)));
    }

    /// The members of a file that give parameters. A parameter file may lack the object around them,
    /// which the Azure CLI takes as well.
    pub(super) fn assignments(&self, file: usize, companion: Companion) -> Vec<NodeId> {
        let document = self.document;
        let Some(root) = document.root_of(file) else {
            return Vec::new();
        };
        let parameters = document.get(root, "parameters");
        let section = match companion {
            Companion::Parameters => Some(parameters.unwrap_or(root)),
            Companion::UiDefinition => {
                parameters.and_then(|parameters| document.get(parameters, "outputs"))
            }
            Companion::Bicep => None,
        };
        keys_of(document, section)
    }

    /// Whether a `.bicepparam` file says that it is for a template.
    pub(super) fn is_for(&self, file: usize, template: usize) -> bool {
        let path = used_template(self.text_of(file));
        path.is_some_and(|path| self.sources.at(file, &path) == Some(template))
    }

    /// Whether a `.bicepparam` file assigns the parameter `name`.
    fn assigns(&self, file: usize, name: &str) -> bool {
        let pattern = format!(r"(?m)^\s*param\s+{}\s*=", regex::escape(name));
        let assignment = RegexBuilder::new(&pattern).case_insensitive(true).build();
        assignment.is_ok_and(|assignment| assignment.is_match(self.text_of(file)))
    }

    fn text_of(&self, source: usize) -> &[u8] {
        let text = self.document.text().get(self.document.source_span(source));
        text.unwrap_or_default()
    }
}

/// The members of something that is an object.
fn keys_of(document: &Document<'_>, object: Option<NodeId>) -> Vec<NodeId> {
    let object = object.filter(|node| document.kind(*node) == Kind::Object);
    object.map_or_else(Vec::new, |object| document.children(object).collect())
}

/// How often parameters are passed to templates in view that do not declare them, by the source that
/// passes them and their names in lower case.
pub fn passed_in_vain(model: &Model<'_>) -> HashMap<(usize, String), usize> {
    let document = model.document;
    let mut found = HashMap::new();
    let mut count = |template: NodeId, keys: Vec<NodeId>| {
        let declared = document.get(template, "parameters");
        for key in keys {
            let name = document.string(key).unwrap_or_default();
            let is_declared = |section| document.key(section, &name).is_some();
            if !declared.is_some_and(is_declared) {
                let passer = (document.source_of(key), name.to_ascii_lowercase());
                *found.entry(passer).or_insert(0) += 1;
            }
        }
    };
    let passed = |properties| keys_of(document, document.get(properties, "parameters"));
    let properties = |resource: &Resource| document.get(resource.node, "properties");
    for source in &model.links.order {
        let Some(root) = document.root_of(*source) else {
            continue;
        };
        let callers = model.callers(*source);
        let callers = callers
            .iter()
            .filter_map(|caller| model.resources.get(*caller));
        let mut keys: Vec<NodeId> = callers.filter_map(properties).flat_map(passed).collect();
        for (file, companion) in model.sources.companions(*source) {
            keys.extend(model.assignments(file, companion));
        }
        count(root, keys);
    }
    for template in &model.templates {
        let holder = template.holder.and_then(|one| model.resources.get(one));
        let holder = holder.filter(|holder| holder.type_name == DEPLOYMENT);
        let around = holder.and_then(|holder| model.templates.get(holder.template));
        let is_inner = around.is_some_and(|around| around.scope != template.scope);
        let scope = model.scopes.get(template.scope);
        let is_known = scope.is_some_and(|scope| !scope.is_unknown());
        // What is linked was counted above.
        let is_nested = model.embedded.contains(&template.node);
        if let Some(properties) = holder.and_then(properties)
            && is_inner
            && is_known
            && is_nested
        {
            count(template.node, passed(properties));
        }
    }
    found
}
