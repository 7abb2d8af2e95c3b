//! A template file as ARM reads it, or several that link each other: their templates and the ones
//! nested in them, with their resources.
//!
//! Start at [`Model`]. Edges are resolved in [`super::graph`], since they need all resources.

mod building;

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::json::{Document, Kind, NodeId};

use super::embedding;
use super::expression::{self, Expression, Text, Value};
use super::graph::CaseNames;
use super::graph::{self, Edge, Reach};
use super::graph::{NameKind, Names};
use super::nesting::Target;
pub use super::resource::{DependsOn, Resource, ResourceIndex};
use super::scope::{Case, Defaults, Steps, TemplateScope};
use super::sites::{CallingStrings, Referring};
use super::sources::{Companion, Links, Sources};

/// How many instances Azure makes of a resource at most, in one loop.
const MOST_COPIES: i64 = 800;

pub(super) struct Template {
    /// Its object.
    pub(super) node: NodeId,
    /// Its place in [`Model::scopes`]; an outer-scoped nested template shares its parent's.
    pub(super) scope: usize,
    pub(super) outputs: Option<NodeId>,
    /// The resource that it is part of, or the only deployment that links it.
    pub(super) holder: Option<ResourceIndex>,
    /// Whether it may be left out though its holder is deployed: it is one of several that a link may
    /// mean, or one of the deployments that link it is under a condition.
    pub(super) conditional: bool,
    /// Where it is deployed to: two templates with one target see the same machines.
    pub(super) target: usize,
    /// The policy that deploys it.
    pub(super) policy: Option<Policy>,
}

/// The policy around a template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    /// The object with `policyRule`.
    pub(super) node: NodeId,
    /// Its parameters' place in [`Model::scopes`].
    pub(super) scope: usize,
}

/// What a template file, or several, mean.
pub struct Model<'d> {
    pub(super) document: &'d Document<'d>,
    pub(super) scopes: Vec<Rc<TemplateScope<'d>>>,
    /// What all of them may build.
    pub(super) steps: Steps,
    pub(super) templates: Vec<Template>,
    /// The objects of all templates that are part of a resource.
    pub(super) embedded: HashSet<NodeId>,
    pub(super) targets: HashMap<Target, usize>,
    /// Where templates go that several deployments link, by the places of these.
    pub(super) joint_targets: HashMap<BTreeSet<usize>, usize>,
    pub(super) resources: Vec<Resource>,
    pub(super) links: Links,
    pub(super) sources: Sources,
    /// The deployments that link a source.
    pub(super) callers: HashMap<usize, Vec<ResourceIndex>>,
    pub(super) names: Names,
    pub(super) case_names: OnceCell<CaseNames>,
    edges: Vec<Vec<Edge>>,
    /// The expressions that may refer to resources, once somebody asks.
    pub(super) referring: OnceCell<Vec<Referring>>,
    pub(super) calling: OnceCell<CallingStrings>,
    /// See [`Model::without_names`].
    is_nameless: bool,
}

/// Whether one of the sources is a deployment template or holds one at a place for them, such as a policy's
/// deployment. A template's `$schema` says so, or it has `resources` and a `contentVersion`. Works on
/// documents with errors too.
pub fn is_template(document: &Document<'_>) -> bool {
    (0..document.sources()).any(|source| is_template_source(document, source))
}

/// Whether the source is such a template.
pub fn is_template_source(document: &Document<'_>, source: usize) -> bool {
    document.root_of(source).is_some_and(|root| {
        document.kind(root) == Kind::Object
            && (embedding::looks_like_template(document, root)
                || !embedding::at_the_root(document, root).is_empty())
    })
}

impl<'d> Model<'d> {
    /// Reads the template in `document`, which is of one source.
    pub fn new(document: &'d Document<'d>) -> Self {
        let mut model = Self::empty(document);
        model.links.order.push(0);
        model.add_source(0);
        model.read_edges();
        model
    }

    /// Reads the templates in all sources of `document`, with what they pass to each other.
    pub fn of_sources(document: &'d Document<'d>, sources: &Sources) -> Self {
        let mut model = Self::empty(document);
        model.sources = sources.clone();
        model.links = Links::of(document, sources);
        for source in model.links.order.clone() {
            model.add_source(source);
        }
        model.read_edges();
        model
    }

    /// Reads the template in one source of `document`, as if there were no others, but for the names,
    /// conditions and edges of its resources, which take most of the time: enough to see what it links.
    pub(super) fn without_names(document: &'d Document<'d>, source: usize) -> Self {
        let mut model = Self::empty(document);
        model.is_nameless = true;
        model.links.order.push(source);
        model.add_source(source);
        model
    }

    fn empty(document: &'d Document<'d>) -> Self {
        Self {
            document,
            scopes: Vec::new(),
            steps: Steps::default(),
            templates: Vec::new(),
            embedded: HashSet::new(),
            targets: HashMap::new(),
            joint_targets: HashMap::new(),
            resources: Vec::new(),
            links: Links::default(),
            sources: Sources::default(),
            callers: HashMap::new(),
            names: Names::default(),
            case_names: OnceCell::new(),
            edges: Vec::new(),
            referring: OnceCell::new(),
            calling: OnceCell::new(),
            is_nameless: false,
        }
    }

    fn read_edges(&mut self) {
        self.names = Names::of(&self.resources);
        self.edges = graph::edges(self);
    }

    /// The document that the model was read from.
    pub fn document(&self) -> &'d Document<'d> {
        self.document
    }

    /// The name of the file of a source, without its folder; empty where it has none.
    pub fn source_name(&self, source: usize) -> &str {
        self.sources.name(source)
    }

    /// Whether a deployment in another source links the template in this one.
    pub fn is_linked(&self, source: usize) -> bool {
        self.links.links_to(source) > 0
    }

    /// The names of the parameter files in the folder of the template in a source.
    pub fn parameter_files(&self, source: usize) -> Vec<String> {
        let companions = self.sources.companions(source).into_iter();
        let files = companions.filter(|(_, companion)| *companion == Companion::Parameters);
        files
            .map(|(file, _)| self.sources.name(file).to_owned())
            .collect()
    }

    /// The deployments that link a source.
    pub(super) fn callers(&self, source: usize) -> &[ResourceIndex] {
        self.callers.get(&source).map_or(&[], Vec::as_slice)
    }

    /// All resources, parents before their children.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The resources by their objects.
    pub fn resources_by_node(&self) -> HashMap<NodeId, ResourceIndex> {
        let all = self.resources.iter().enumerate();
        all.map(|(index, resource)| (resource.node, index))
            .collect()
    }

    /// The resource at `index`.
    pub fn resource(&self, index: ResourceIndex) -> Option<&Resource> {
        self.resources.get(index)
    }

    /// What the resource at `index` depends on.
    pub fn edges(&self, index: ResourceIndex) -> &[Edge] {
        self.edges.get(index).map_or(&[], Vec::as_slice)
    }

    /// The value of a node inside the resource at `index`. Parameters are unknown unless only one
    /// value is allowed.
    pub fn value(&self, index: ResourceIndex, node: NodeId) -> Value {
        self.scope_of(index)
            .map_or(Value::Null, |(scope, loop_name)| {
                scope.value(node, loop_name, Defaults::Ignored)
            })
    }

    /// The scope of the expressions in the resource at `index`, with the name of its loop.
    pub(super) fn scope_of(
        &self,
        index: ResourceIndex,
    ) -> Option<(&TemplateScope<'d>, Option<&str>)> {
        let resource = self.resources.get(index)?;
        Some((
            self.scope(resource.template)?,
            resource.loop_name.as_deref(),
        ))
    }

    /// The text of a string in the template at `template` as that template reads it, free of the
    /// brackets that escape it; `None` where a template around it takes it for an expression.
    pub fn text(&self, template: usize, node: NodeId) -> Option<String> {
        let written = self.document.string(node)?;
        embedding::unescaped(&written, self.escapes(template)).map(str::to_owned)
    }

    /// The expression that a string in the template at `template` is, as that template reads it.
    pub(super) fn expression(&self, template: usize, node: NodeId) -> Option<Expression> {
        expression::parse(&self.text(template, node)?).expression()
    }

    /// A text as it must be written in the template at `template`: what [`Model::text`] takes back.
    pub fn written(&self, template: usize, text: &str) -> String {
        embedding::escaped(text, self.escapes(template))
    }

    /// Where the template at `template` is deployed to: equal for two that see the same machines.
    pub(super) fn target(&self, template: usize) -> Option<usize> {
        self.templates.get(template).map(|template| template.target)
    }

    /// How many brackets escape an expression in the template at `template`.
    pub(super) fn escapes(&self, template: usize) -> usize {
        self.scope(template).map_or(0, TemplateScope::escapes)
    }

    /// The value of an expression or plain text, free of escapes, as the resource at `index` would
    /// have it.
    pub fn text_value(&self, index: ResourceIndex, text: &str) -> Value {
        self.text_valued(index, text, Defaults::Ignored)
    }

    /// As [`Model::text_value`], if every parameter has its default: what "may be", never what "is".
    pub(super) fn default_text_value(&self, index: ResourceIndex, text: &str) -> Value {
        self.text_valued(index, text, Defaults::Assumed)
    }

    fn text_valued(&self, index: ResourceIndex, text: &str, defaults: Defaults) -> Value {
        self.scope_of(index)
            .map_or(Value::Null, |(scope, loop_name)| {
                scope.text_value(text, loop_name, defaults)
            })
    }

    /// All values that an expression or plain text, free of escapes, can take in the resource at `index`:
    /// one for each instance of its loop, each branch, each allowed value. See [`Case`].
    pub fn cases(&self, index: ResourceIndex, text: &str) -> Vec<Case> {
        self.cases_of(index, text, self.copy_count(index))
    }

    /// The same where the loop of the resource makes `count` instances.
    pub(super) fn cases_of(
        &self,
        index: ResourceIndex,
        text: &str,
        count: Option<i64>,
    ) -> Vec<Case> {
        let Some((scope, name)) = self.scope_of(index) else {
            return Vec::new();
        };
        scope.cases(text, name, name.zip(count))
    }

    /// Whether at least one of several resources of one template is deployed, whatever is passed to it: their
    /// conditions leave out no case.
    pub fn one_is_deployed(&self, resources: &[ResourceIndex]) -> bool {
        let Some((index, first)) = resources
            .first()
            .and_then(|index| Some((*index, self.resource(*index)?)))
        else {
            return false;
        };
        let conditions = resources.iter().map(|one| {
            let one = self.resource(*one)?;
            let text = self.text(first.template, one.condition?)?;
            let inner = text.strip_prefix('[')?.strip_suffix(']')?.to_owned();
            (one.template == first.template && !one.looped).then_some(inner)
        });
        let Some(conditions) = conditions.collect::<Option<Vec<_>>>() else {
            return false;
        };
        let text = format!("[or(false(), {})]", conditions.join(", "));
        let mut cases = self.cases(index, &text).into_iter();
        cases.all(|case| case.value.as_bool() == Some(true))
    }

    /// How many instances of the resource at `index` its loop makes, or that of the resource around it.
    pub fn copy_count(&self, index: ResourceIndex) -> Option<i64> {
        self.copies(index)?.as_int()
    }

    /// The numbers that the loop of the extension at `index` is known to have, where it may be shorter than the
    /// one of its `machine`.
    pub(super) fn copies_of_fewer(
        &self,
        index: ResourceIndex,
        machine: ResourceIndex,
    ) -> Option<Vec<i64>> {
        let (own, all) = (self.copies(index), self.copies(machine)?);
        let count = own.as_ref().and_then(Value::as_int).unwrap_or_default();
        let is_shorter = own.as_ref() != Some(&all) && all.as_int().is_none_or(|all| count < all);
        is_shorter.then(|| (0..count.min(MOST_COPIES)).collect())
    }

    /// The number of iterations of the loop that the resource is in.
    fn copies(&self, index: ResourceIndex) -> Option<Value> {
        let own = self.resources.get(index);
        let mut around = std::iter::successors(own, |one| self.resources.get(one.parent?));
        let carrier = around.find(|resource| resource.copies)?;
        let copy = self.document.get(carrier.node, "copy")?;
        let scope = self.scope(carrier.template)?;
        let count = self.document.get(copy, "count")?;
        Some(scope.value(count, None, Defaults::Ignored))
    }

    /// What a text's value names in the template at `template`.
    pub fn reach_value(&self, template: usize, value: Option<&Text>) -> Reach {
        Reach::of(self, template, value)
    }

    /// What a text names in the file's templates other than the one at `template`.
    pub fn reach_elsewhere(&self, template: usize, text: &Text) -> Vec<ResourceIndex> {
        let others = (0..self.templates.len()).filter(|other| *other != template);
        others
            .flat_map(|other| self.reach_value(other, Some(text)).resources)
            .collect()
    }

    /// All resources with this [`Resource::key`] in the template at `template`: several of one name have
    /// different conditions.
    pub fn all_by_key(&self, template: usize, key: &str) -> &[ResourceIndex] {
        self.names.find(template, NameKind::Id, key)
    }

    /// The resources that are only read, with those of any template that are deployed under the same
    /// id.
    pub fn reads(&self) -> Vec<(ResourceIndex, Vec<ResourceIndex>)> {
        let mut deployed: HashMap<&str, Vec<ResourceIndex>> = HashMap::new();
        for (index, resource) in self.resources.iter().enumerate() {
            if let Some(key) = resource.key.as_deref().filter(|_| !resource.existing) {
                deployed.entry(key).or_default().push(index);
            }
        }
        let existing = self.resources.iter().enumerate();
        existing
            .filter(|(_, resource)| resource.existing)
            .filter_map(|(index, resource)| {
                Some((index, deployed.get(resource.key.as_deref()?)?.clone()))
            })
            .collect()
    }

    /// The resources of a template that carry the copy loop called `name`.
    pub(super) fn carriers(&self, template: usize, name: &str) -> &[ResourceIndex] {
        self.names.find(template, NameKind::Loop, name)
    }

    pub(super) fn scope(&self, template: usize) -> Option<&TemplateScope<'d>> {
        self.scopes
            .get(self.templates.get(template)?.scope)
            .map(Rc::as_ref)
    }
}

impl Template {
    /// The template `node` with the scope at `scope`, part of nothing.
    pub(super) fn of(node: NodeId, scope: usize) -> Self {
        Self {
            node,
            scope,
            outputs: None,
            holder: None,
            conditional: false,
            target: 0,
            policy: None,
        }
    }
}
