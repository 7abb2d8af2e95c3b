//! Which resources a text names: *is*, *may be*, *is not*.
//!
//! All kinds of place ask here: entries of `dependsOn`, `reference()`, scopes, parents in names, the
//! machines of extensions. A text that names nothing by its own words is looked at case by case (see
//! [`Case`]); what no case settles may name whatever its known parts allow, which
//! [`super::candidates`] answers. Never knows why somebody asks. Start at [`Model::reach`].

use std::collections::{BTreeMap, HashMap};

use super::super::expression::{Symbol, Text, Value};
use super::super::model::{Model, Resource, ResourceIndex};
use super::super::resource_id::{self, Target, target};
use super::super::scope::Case;
use super::edges::Reach;

/// How many instances of a loop of unknown length are looked at, where one is named by its number.
const UNCOUNTED: i64 = 20;

/// How many names by cases all resources may have together. With more, none is known by its cases, and
/// what may name a removed extension holds it.
const MAX_NAMES: usize = 1 << 16;

/// Unknowns of a case that are not the numbers of loops, with their values.
type Assumed = Vec<(Symbol, Value)>;

/// A resource in one case.
struct InCase {
    instance: Instance,
    assumed: Assumed,
}

/// A resource that a text names, and which instance of its loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::arm) struct Instance {
    pub(in crate::arm) resource: ResourceIndex,
    /// `None` for a resource that is there once, or where all instances are meant.
    pub(in crate::arm) number: Option<i64>,
}

impl Instance {
    fn all(resource: ResourceIndex) -> Self {
        Self {
            resource,
            number: None,
        }
    }
}

/// The resources whose names differ from case to case, by their templates and by what names them there: their
/// ids, or the last segments of these.
#[derive(Default)]
pub(in crate::arm) struct CaseNames(HashMap<(usize, Target), Vec<InCase>>);

impl CaseNames {
    /// Those of all templates.
    fn of(model: &Model<'_>) -> Self {
        let mut names = Self::default();
        let mut left = MAX_NAMES;
        for (index, resource) in model.resources().iter().enumerate() {
            let is_known = |name: &Text| name.is_literal().is_some();
            if resource.name.as_ref().is_none_or(is_known) {
                continue;
            }
            // Where nobody knows the length of a loop, a number beyond it names nothing before and after.
            let count = model.copy_count(index).unwrap_or(UNCOUNTED);
            let keys = model.keys_by_cases(index, Some(count));
            let Some(rest) = left.checked_sub(keys.len()) else {
                return Self::default();
            };
            left = rest;
            for (key, last, case) in keys {
                let instance = Instance {
                    resource: index,
                    number: number(resource, &case),
                };
                for target in [Target::Name(last), Target::Id(key)] {
                    let assumed = assumed(&case);
                    let one = InCase { instance, assumed };
                    let found = names.0.entry((resource.template, target));
                    found.or_default().push(one);
                }
            }
        }
        names
    }

    /// The resources of the template at `template` that `target` names wherever `case` holds. The last segment
    /// of several names none.
    fn find(&self, template: usize, target: Target, case: &Case) -> Vec<Instance> {
        let given = assumed(case);
        let holds = |one: &&InCase| one.assumed.iter().all(|each| given.contains(each));
        let is_last = matches!(target, Target::Name(_));
        let found = self.0.get(&(template, target));
        let found = found.into_iter().flatten().filter(holds);
        let found: Vec<_> = found.map(|one| one.instance).collect();
        match is_last && found.iter().any(|one| Some(one) != found.first()) {
            true => Vec::new(),
            false => found,
        }
    }
}

/// The number of the instance that a case of the resource is.
fn number(resource: &Resource, case: &Case) -> Option<i64> {
    case.instance(resource.loop_name.as_deref()?)
}

fn assumed(case: &Case) -> Assumed {
    let unknowns = case.assumed.iter();
    let unknowns = unknowns.filter(|(symbol, _)| symbol.loop_variable().is_none());
    unknowns.cloned().collect()
}

impl Model<'_> {
    /// What a text, free of escapes, names in the resource at `owner`: by its own words, or where these
    /// name nothing, in each case that it can be. Then [`Reach::by_cases`] is set.
    pub fn reach(&self, owner: ResourceIndex, text: &str) -> Reach {
        let Some(resource) = self.resource(owner) else {
            return Reach::default();
        };
        let value = self.text_value(owner, text).as_text();
        let reach = self.reach_value(resource.template, value.as_ref());
        if !reach.resources.is_empty() && !reach.is_guess {
            return reach;
        }
        let Some(found) = self.in_each_case(resource.template, &self.cases(owner, text)) else {
            return reach;
        };
        let resources = distinct(found.iter().map(|one| one.resource));
        Reach {
            by_cases: resources.len() > 1,
            resources,
            ..reach
        }
    }

    /// What each of `cases` names in the template at `template`; `None` if one of them names nothing for
    /// certain.
    fn in_each_case(&self, template: usize, cases: &[Case]) -> Option<Vec<Instance>> {
        let mut found = Vec::new();
        for case in cases {
            let named = self.in_case(template, &case.value.as_text()?, case);
            if named.is_empty() {
                return None;
            }
            found.extend(named);
        }
        Some(found)
    }

    /// What a text names where `case` holds.
    pub(super) fn in_case(&self, template: usize, text: &Text, case: &Case) -> Vec<Instance> {
        let own = self.reach_value(template, Some(text));
        if own.is_guess || own.resources.is_empty() {
            let exact = self.case_names().find(template, target(text), case);
            if !exact.is_empty() {
                return exact;
            }
        }
        own.resources.iter().copied().map(Instance::all).collect()
    }

    /// What some of `cases` names, in the template at `template` or, where it names nothing there, in
    /// another: at run time an expression may read what that deploys.
    pub fn named_in_some_case(&self, template: usize, cases: &[Case]) -> Vec<ResourceIndex> {
        let mut found = Vec::new();
        for case in cases {
            let text = case.value.as_text();
            let own = text.map_or_else(Vec::new, |text| self.in_case(template, &text, case));
            if own.is_empty() {
                for text in texts(&case.value) {
                    found.extend(self.reach_value(template, Some(&text)).resources);
                    found.extend(self.reach_elsewhere(template, &text));
                }
            }
            found.extend(own.iter().map(|one| one.resource));
        }
        distinct(found.into_iter())
    }

    /// All values of a text in the resource at `owner`, or outside the resources of a template.
    pub fn cases_at(&self, owner: Option<ResourceIndex>, template: usize, text: &str) -> Vec<Case> {
        match owner {
            Some(owner) => self.cases(owner, text),
            None => self
                .scope(template)
                .map_or_else(Vec::new, |scope| scope.cases(text, None, None)),
        }
    }

    /// The machines that the name of the extension at `index` says it is on, and whether it is on each in
    /// every case. Where its template has none with that id, `elsewhere` gives those of others.
    pub(in crate::arm) fn hosts(
        &self,
        index: ResourceIndex,
        elsewhere: &dyn Fn(&str) -> Vec<ResourceIndex>,
    ) -> Vec<(Instance, bool)> {
        let template = self.resource(index).map_or(0, |resource| resource.template);
        let mut found: BTreeMap<Instance, Vec<Assumed>> = BTreeMap::new();
        let mut all: Vec<Assumed> = Vec::new();
        for (key, last, case) in self.keys_by_cases(index, self.copy_count(index)) {
            let mut given = assumed(&case);
            // All deployments that link a template are made.
            given.retain(|(unknown, _)| !unknown.as_str().starts_with("oneof("));
            let machine = key.strip_suffix(&last).unwrap_or_default();
            let machine = machine.strip_suffix("/extensions/").unwrap_or_default();
            let own = self.all_by_key(template, machine).iter();
            let mut hosts: Vec<_> = own.copied().map(Instance::all).collect();
            if hosts.is_empty() {
                let id = Target::Id(machine.to_owned());
                hosts = self.case_names().find(template, id, &case);
            }
            if hosts.is_empty() {
                hosts = elsewhere(machine).into_iter().map(Instance::all).collect();
            }
            for host in hosts {
                found.entry(host).or_default().push(given.clone());
            }
            if !all.contains(&given) {
                all.push(given);
            }
        }
        let in_all = |given: &Vec<Assumed>| all.iter().all(|one| given.contains(one));
        let found = found.iter();
        found.map(|(host, given)| (*host, in_all(given))).collect()
    }

    fn case_names(&self) -> &CaseNames {
        self.case_names.get_or_init(|| CaseNames::of(self))
    }

    /// The ids that the resource at `index` can have, each with its case.
    /// Each with the last segment of the name.
    fn keys_by_cases(
        &self,
        index: ResourceIndex,
        count: Option<i64>,
    ) -> Vec<(String, String, Case)> {
        let Some(resource) = self.resource(index) else {
            return Vec::new();
        };
        let text = self.name_text(index);
        let cases = text.map(|text| self.cases_of(index, &text, count));
        let cases = cases.unwrap_or_default().into_iter();
        cases
            .filter_map(|case| {
                let name = case.value.as_text()?;
                let key = resource_id::resource_key(&resource.type_name, &name)?;
                let last = name.segments().pop()?.name_key();
                Some((key, last, case))
            })
            .collect()
    }

    /// Whether a text in the resource at `index` names the resource that it is a child of, in each
    /// instance the very one.
    pub(in crate::arm) fn names_own_parent(&self, index: ResourceIndex, text: &str) -> bool {
        let Some(resource) = self.resource(index) else {
            return false;
        };
        let both = || {
            let (name, text) = (words(&self.name_text(index)?)?, words(text)?);
            Some(format!("[createArray({name}, {text})]"))
        };
        let both = both();
        let cases = both.map_or_else(Vec::new, |both| self.cases(index, &both));
        let names_parent = |case: &Case| {
            let Value::Array(both) = &case.value else {
                return None;
            };
            let [name, named]: &[Value; 2] = both.as_slice().try_into().ok()?;
            let key = resource_id::resource_key(&resource.type_name, &name.as_text()?)?;
            let parent = Target::Id(key.rsplit_once('/')?.0.rsplit_once('/')?.0.to_owned());
            let named = target(&named.as_text()?);
            Some(named == parent || named == Target::Name(parent.name()))
        };
        !cases.is_empty() && cases.iter().all(|case| names_parent(case) == Some(true))
    }

    /// The resource's name as an expression or plain text, with those of the resources around it for a child
    /// with a short one.
    fn name_text(&self, index: ResourceIndex) -> Option<String> {
        let resource = self.resource(index)?;
        let name = self.document().get(resource.node, "name")?;
        let own = self.text(resource.template, name)?;
        let (Some(_), Some(parent)) = (&resource.short_name, resource.parent) else {
            return Some(own);
        };
        let parent = words(&self.name_text(parent)?)?;
        Some(format!("[concat({parent}, '/', {})]", words(&own)?))
    }
}

/// An expression or plain text as a part of an expression.
fn words(text: &str) -> Option<String> {
    match text.strip_prefix('[') {
        Some(inner) if !inner.starts_with('[') => inner.strip_suffix(']').map(str::to_owned),
        Some(_) => None,
        None => Some(format!("'{}'", text.replace('\'', "''"))),
    }
}

pub(super) fn distinct(resources: impl Iterator<Item = ResourceIndex>) -> Vec<ResourceIndex> {
    let mut all: Vec<_> = resources.collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The texts that a value can be: either branch of an `if()`, the items of an array.
pub(in crate::arm) fn texts(value: &Value) -> Vec<Text> {
    match value {
        Value::Choice {
            then, otherwise, ..
        } => [texts(then), texts(otherwise)].concat(),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Text(_) | Value::Unknown(_) => value.as_text().into_iter().collect(),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Object(_) => Vec::new(),
    }
}
