//! A template file as ARM reads it: its template and the ones nested in it, with their resources.
//!
//! Start at [`Model`]. Edges are resolved in [`super::graph`], since they need all resources.

use crate::json::{Document, Kind, NodeId};

use super::expression::{Text, Value};
use super::graph::{self, Edge, Reach};
use super::names::Names;
use super::resource_id::{resource_key, target};
use super::scope::{Defaults, TemplateScope};

/// The place of a resource in [`Model::resources`].
pub type ResourceIndex = usize;

/// The type of a deployment, which may hold a nested template.
const DEPLOYMENT: &str = "microsoft.resources/deployments";

/// A resource's `dependsOn`.
#[derive(Clone, Debug)]
pub struct DependsOn {
    /// The key of the member.
    pub key: NodeId,
    /// Its array; `None` where it is something else.
    pub array: Option<NodeId>,
    /// The entries.
    pub entries: Vec<NodeId>,
}

/// One resource of a template.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its object.
    pub node: NodeId,
    /// The template it is deployed by, as an index; edges never leave a template.
    pub template: usize,
    /// The resource in whose `resources` it stands.
    pub parent: Option<ResourceIndex>,
    /// Its full type in lower case, without slashes at the ends; empty where it is no literal.
    pub type_name: String,
    /// Its full name; `None` where it cannot be evaluated to a text.
    pub name: Option<Text>,
    /// For a nested child with a short type: its own name without the parent's.
    pub short_name: Option<Text>,
    /// Type and name in one key, as [`super::Target::Id`] has it.
    pub key: Option<String>,
    /// The value of `condition`; `None` too where that is certainly true.
    pub condition: Option<NodeId>,
    /// The name of the copy loop that it is in: its own, or that of the resource around it.
    pub loop_name: Option<String>,
    /// Whether it is in a copy loop, named or not.
    pub looped: bool,
    /// Whether the loop is its own. A nested child is there for each instance of its parent, but the
    /// loop's name stands for those who declare it.
    pub copies: bool,
    /// What it waits for by `dependsOn`.
    pub depends_on: Option<DependsOn>,
}

pub(super) struct Template {
    /// Its place in [`Model::scopes`]; an outer-scoped nested template shares its parent's.
    scope: usize,
    pub(super) outputs: Option<NodeId>,
}

/// A template file's meaning.
pub struct Model<'d> {
    pub(super) document: &'d Document<'d>,
    scopes: Vec<TemplateScope<'d>>,
    pub(super) templates: Vec<Template>,
    pub(super) resources: Vec<Resource>,
    names: Vec<Names>,
    edges: Vec<Vec<Edge>>,
}

/// Whether the document is a deployment template: its `$schema` says so, or it has `resources` and
/// a `contentVersion`. Works on documents with errors too.
pub fn is_template(document: &Document<'_>) -> bool {
    let Some(root) = document.root() else {
        return false;
    };
    let schema = document
        .get(root, "$schema")
        .and_then(|node| document.string(node));
    let by_schema = schema.is_some_and(|schema| {
        schema
            .trim_end_matches('#')
            .to_ascii_lowercase()
            .ends_with("deploymenttemplate.json")
    });
    by_schema
        || document.key(root, "resources").is_some()
            && document.key(root, "contentVersion").is_some()
}

impl<'d> Model<'d> {
    /// Reads the template in `document`.
    pub fn new(document: &'d Document<'d>) -> Self {
        let mut model = Self {
            document,
            scopes: Vec::new(),
            templates: Vec::new(),
            resources: Vec::new(),
            names: Vec::new(),
            edges: Vec::new(),
        };
        if let Some(root) = document
            .root()
            .filter(|root| document.kind(*root) == Kind::Object)
        {
            model.scopes.push(TemplateScope::new(document, root));
            model.add_template(root, 0);
        }
        model.names = Names::of(&model);
        model.edges = graph::edges(&model);
        model
    }

    /// The document that the model was read from.
    pub fn document(&self) -> &'d Document<'d> {
        self.document
    }

    /// All resources, parents before their children.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The resource at `index`.
    pub fn resource(&self, index: ResourceIndex) -> Option<&Resource> {
        self.resources.get(index)
    }

    /// What the resource at `index` waits for.
    pub fn edges(&self, index: ResourceIndex) -> &[Edge] {
        self.edges.get(index).map_or(&[], Vec::as_slice)
    }

    /// The value of a node inside the resource at `index`. Parameters are unknown unless only one
    /// value is allowed.
    pub fn value(&self, index: ResourceIndex, node: NodeId) -> Value {
        self.valued(index, node, Defaults::Ignored)
    }

    /// The texts that the parameter called `name` may have for the resource at `index`; `None` if
    /// nothing limits them.
    pub fn allowed_values(&self, index: ResourceIndex, name: &str) -> Option<Vec<String>> {
        let resource = self.resources.get(index)?;
        self.scope(resource.template)?.allowed_values(name)
    }

    /// The value of a node if every parameter has its default: what "may be", never what "is".
    pub fn default_value(&self, index: ResourceIndex, node: NodeId) -> Value {
        self.valued(index, node, Defaults::Assumed)
    }

    fn valued(&self, index: ResourceIndex, node: NodeId, defaults: Defaults) -> Value {
        let resource = self.resources.get(index);
        let scope = resource.and_then(|resource| self.scope(resource.template));
        let loop_name = resource.and_then(|resource| resource.loop_name.as_deref());
        scope.map_or(Value::Null, |scope| scope.value(node, loop_name, defaults))
    }

    /// The value of an expression or plain text as the resource at `index` would have it.
    pub fn text_value(&self, index: ResourceIndex, text: &str) -> Value {
        let Some(resource) = self.resources.get(index) else {
            return Value::Null;
        };
        self.scope(resource.template).map_or(Value::Null, |scope| {
            scope.text_value(text, resource.loop_name.as_deref())
        })
    }

    /// The resources that a node inside the resource at `index` may name, where its value is not
    /// one name: the branches of an `if()`, or the texts of an array. Also whether all of them can
    /// be told.
    pub fn may_reach(&self, index: ResourceIndex, node: NodeId) -> (Vec<ResourceIndex>, bool) {
        let template = self.resources.get(index).map_or(0, |r| r.template);
        let mut found = Vec::new();
        let mut complete = true;
        let mut open = vec![self.value(index, node)];
        while let Some(value) = open.pop() {
            match value {
                Value::Choice {
                    then, otherwise, ..
                } => open.extend([*then, *otherwise]),
                Value::Array(elements) => open.extend(elements),
                Value::Unknown(_) => complete = false,
                Value::Text(text) => {
                    found.extend(self.reach_value(template, Some(&text)).resources)
                }
                _ => {}
            }
        }
        (found, complete)
    }

    /// The name that a node inside the resource at `index` has if every parameter has its default.
    pub fn default_target(&self, index: ResourceIndex, node: NodeId) -> Option<String> {
        let text = self.default_value(index, node).as_text()?;
        Some(target(&text).name())
    }

    /// The full name of the resource at `index` if every parameter has its default.
    pub fn default_name(&self, index: ResourceIndex) -> Option<String> {
        let resource = self.resources.get(index)?;
        let own = self.default_target(index, self.document.get(resource.node, "name")?)?;
        match (resource.parent, &resource.short_name) {
            (Some(parent), Some(_)) => Some(format!("{}/{own}", self.default_name(parent)?)),
            _ => Some(own),
        }
    }

    /// What an entry with this decoded text would name in the `dependsOn` of the resource at
    /// `index`.
    pub fn reach(&self, index: ResourceIndex, text: &str) -> Reach {
        let value = self.text_value(index, text).as_text();
        let template = self.resources.get(index).map(|resource| resource.template);
        self.reach_value(template.unwrap_or_default(), value.as_ref())
    }

    /// What a text's value names in the template at `template`.
    pub fn reach_value(&self, template: usize, value: Option<&Text>) -> Reach {
        Reach::of(self.names.get(template), value)
    }

    /// What a text names in the file's templates other than the one at `template`.
    pub fn reach_elsewhere(&self, template: usize, text: &Text) -> Vec<ResourceIndex> {
        let others = (0..self.templates.len()).filter(|other| *other != template);
        others
            .flat_map(|other| self.reach_value(other, Some(text)).resources)
            .collect()
    }

    /// The resource with this [`Resource::key`] in the template at `template`.
    pub fn by_key(&self, template: usize, key: &str) -> Option<ResourceIndex> {
        let found = self.names.get(template)?.ids.get(key)?;
        found.first().copied()
    }

    /// The looped resource in the template at `template` whose [`Resource::key`] is this one but for
    /// numbers and loop variables.
    pub(super) fn by_instance(&self, template: usize, numberless: &str) -> Option<ResourceIndex> {
        let found = self.names.get(template)?.instances.get(numberless)?;
        found.first().copied()
    }

    /// The resources of a template that carry the copy loop called `name`.
    pub(super) fn carriers(&self, template: usize, name: &str) -> &[ResourceIndex] {
        self.names
            .get(template)
            .and_then(|names| names.loops.get(name))
            .map_or(&[], Vec::as_slice)
    }

    pub(super) fn is_deployment(&self, node: NodeId) -> bool {
        self.document
            .get(node, "type")
            .and_then(|node| self.document.string(node))
            .is_some_and(|name| name.trim_matches('/').eq_ignore_ascii_case(DEPLOYMENT))
    }

    pub(super) fn scope(&self, template: usize) -> Option<&TemplateScope<'d>> {
        self.scopes.get(self.templates.get(template)?.scope)
    }

    fn add_template(&mut self, node: NodeId, scope: usize) {
        let template = self.templates.len();
        self.templates.push(Template {
            scope,
            outputs: self.document.get(node, "outputs"),
        });
        self.add_resources(node, template, None);
    }

    fn add_resources(&mut self, holder: NodeId, template: usize, parent: Option<ResourceIndex>) {
        let Some(list) = self.document.get(holder, "resources") else {
            return;
        };
        if self.document.kind(list) != Kind::Array {
            return;
        }
        let document = self.document;
        for node in document.children(list) {
            if document.kind(node) == Kind::Object {
                self.add_resource(node, template, parent);
            }
        }
    }

    fn add_resource(&mut self, node: NodeId, template: usize, parent: Option<ResourceIndex>) {
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
        let own_name = text("name");
        let named = Named::of(around, own_type, own_name);
        // `"condition": true` is none.
        let condition = document.get(node, "condition").filter(|condition| {
            let always = scope.value(*condition, loop_name.as_deref(), Defaults::Ignored);
            always != Value::Bool(true)
        });
        let index = self.resources.len();
        self.resources.push(Resource {
            node,
            template,
            parent,
            key: named
                .full_name
                .as_ref()
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
        self.add_resources(node, template, Some(index));
        if self.is_deployment(node) {
            self.add_nested_template(node, template);
        }
    }

    fn add_nested_template(&mut self, deployment: NodeId, outer: usize) {
        let document = self.document;
        let Some(properties) = document.get(deployment, "properties") else {
            return;
        };
        let Some(nested) = document
            .get(properties, "template")
            .filter(|nested| document.kind(*nested) == Kind::Object)
        else {
            return;
        };
        let inner = document
            .get(properties, "expressionEvaluationOptions")
            .and_then(|options| document.get(options, "scope"))
            .and_then(|scope| document.string(scope))
            .is_some_and(|scope| scope.eq_ignore_ascii_case("inner"));
        let scope = if inner {
            self.scopes.push(TemplateScope::new(document, nested));
            self.scopes.len() - 1
        } else {
            self.templates
                .get(outer)
                .map_or(0, |template| template.scope)
        };
        self.add_template(nested, scope);
    }
}

fn depends_on(document: &Document<'_>, resource: NodeId) -> Option<DependsOn> {
    let key = document.key(resource, "dependsOn")?;
    let array = document
        .value(key)
        .filter(|value| document.kind(*value) == Kind::Array);
    Some(DependsOn {
        key,
        array,
        entries: array.map_or_else(Vec::new, |array| document.children(array).collect()),
    })
}

/// A resource's full type and name, which a nested child may leave to its place.
struct Named {
    full_type: String,
    full_name: Option<Text>,
    short_name: Option<Text>,
}

impl Named {
    fn of(parent: Option<&Resource>, own_type: String, own_name: Option<Text>) -> Self {
        let Some(parent) = parent.filter(|_| !own_type.contains('.')) else {
            return Self {
                full_type: own_type,
                full_name: own_name,
                short_name: None,
            };
        };
        let full_type = format!("{}/{own_type}", parent.type_name);
        // A short type with a full name occurs too.
        let is_full = own_name
            .as_ref()
            .is_some_and(|name| name.segments().len() == full_type.matches('/').count());
        let full_name = if is_full {
            own_name.clone()
        } else {
            parent
                .name
                .as_ref()
                .zip(own_name.as_ref())
                .map(|(parent, own)| {
                    let mut full = parent.clone();
                    full.push_literal("/");
                    full.append(own);
                    full
                })
        };
        Self {
            full_type,
            full_name,
            short_name: own_name.filter(|_| !is_full),
        }
    }
}
