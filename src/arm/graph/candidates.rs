//! Which of some resources a text may name: *may be*, where no case settles what it names.
//!
//! Never knows why somebody asks. Start at [`Candidates`].

use std::collections::{HashMap, HashSet};

use crate::json::NodeId;

use super::super::expression::{Symbol, Text};
use super::super::model::{Model, Resource, ResourceIndex};
use super::super::resource_id;
use super::super::scope::Case;
use super::lookup::{distinct, texts};

/// A resource with all that may name it.
struct Candidate {
    resource: ResourceIndex,
    id: Text,
    /// What runs on behind the id: it names the resource too.
    below: Text,
    /// Names without a slash.
    bare: Vec<Text>,
}

impl Candidate {
    fn of(index: ResourceIndex, resource: &Resource) -> Self {
        let any_path = || Symbol::member(&Symbol::unique(), "id");
        let segments = resource.name.as_ref().map(Text::segments);
        let id = segments.as_ref();
        let id = id.and_then(|names| resource_id::typed_id(&resource.type_name, names));
        // One whose name is unknown may have any.
        let id = id.unwrap_or_else(|| {
            let mut id = Text::literal(format!(
                "{}/",
                resource.type_name.split('/').next().unwrap_or_default()
            ));
            id.push_symbol(any_path());
            id
        });
        let mut below = id.clone();
        below.push_literal("/");
        below.push_symbol(any_path());
        let mut bare: Vec<Text> = segments
            .and_then(|mut names| names.pop())
            .into_iter()
            .collect();
        if resource.name.is_none() {
            bare.push(Text::symbol(Symbol::unique()));
        }
        let own_loop = resource.loop_name.as_ref().filter(|_| resource.copies);
        bare.extend(
            own_loop
                .into_iter()
                .chain(&resource.symbol)
                .map(Text::literal),
        );
        if let (Some(symbol), true) = (&resource.symbol, resource.looped) {
            let mut instance = Text::literal(format!("{symbol}["));
            instance.push_symbol(Symbol::unique());
            instance.push_literal("]");
            bare.push(instance);
        }
        Self {
            resource: index,
            id,
            below,
            bare,
        }
    }

    /// Whether a text in its template may name it.
    fn may_be(&self, text: &Text) -> bool {
        let has_slash = text.segments().len() > 1;
        text.could_equal(&self.id)
            || !has_slash && self.bare.iter().any(|name| text.could_equal(name))
    }
}

/// Resources about which it is asked whether a text may name them.
pub struct Candidates {
    /// By template.
    names: HashMap<usize, Vec<Candidate>>,
    all: HashSet<ResourceIndex>,
}

impl Candidates {
    /// Those in `resources`.
    pub fn of(model: &Model<'_>, resources: &HashSet<ResourceIndex>) -> Self {
        let mut names: HashMap<usize, Vec<_>> = HashMap::new();
        for index in distinct(resources.iter().copied()) {
            if let Some(resource) = model.resource(index) {
                let all = names.entry(resource.template).or_default();
                all.push(Candidate::of(index, resource));
            }
        }
        Self {
            names,
            all: resources.clone(),
        }
    }

    /// Those that a text may read at run time: in the template at `template`, or in another by their ids.
    pub fn may_be_read(
        &self,
        model: &Model<'_>,
        template: usize,
        cases: &[Case],
    ) -> Vec<ResourceIndex> {
        let found = self.matching(model, template, cases, &Candidate::may_be);
        if !found.is_empty() {
            return found;
        }
        let others = self.names.keys().filter(|other| **other != template);
        let by_id = |one: &Candidate, text: &Text| text.could_equal(&one.id);
        let found = others.flat_map(|other| self.matching(model, *other, cases, &by_id));
        distinct(found)
    }

    /// Those of the template at `template`.
    pub fn in_template(&self, template: usize) -> Vec<ResourceIndex> {
        let names = self.names.get(&template).into_iter().flatten();
        names.map(|one| one.resource).collect()
    }

    /// Those among `found`.
    pub fn among(&self, found: &[ResourceIndex]) -> Vec<ResourceIndex> {
        let found = found.iter().filter(|one| self.all.contains(one));
        found.copied().collect()
    }

    /// Those that some text of a value in the template at `template` may name. A text that names other
    /// resources for certain does not.
    pub fn may_be(&self, model: &Model<'_>, template: usize, cases: &[Case]) -> Vec<ResourceIndex> {
        let may_be =
            |one: &Candidate, text: &Text| one.may_be(text) || text.could_equal(&one.below);
        self.matching(model, template, cases, &may_be)
    }

    fn matching(
        &self,
        model: &Model<'_>,
        template: usize,
        cases: &[Case],
        may_be: &dyn Fn(&Candidate, &Text) -> bool,
    ) -> Vec<ResourceIndex> {
        let candidates = self.names.get(&template).map_or(&[][..], Vec::as_slice);
        let mut found = Vec::new();
        for case in cases.iter().filter(|_| !candidates.is_empty()) {
            for text in texts(&case.value) {
                let named = model.in_case(template, &text, case);
                found.extend(named.iter().map(|one| one.resource));
                if named.is_empty() {
                    let text = resource_id::without_scope(&text);
                    let all = candidates.iter().filter(|one| may_be(one, &text));
                    found.extend(all.map(|one| one.resource));
                }
            }
        }
        self.among(&distinct(found.into_iter()))
    }

    /// Those that the resource at `index` may be below, by its place, its name or its `scope`, with what
    /// says so. An extension resource is below what its name has in front of `providers`.
    pub fn around(
        &self,
        model: &Model<'_>,
        index: ResourceIndex,
    ) -> Option<(Vec<ResourceIndex>, NodeId)> {
        let resource = model.resource(index)?;
        let document = model.document();
        if let Some(parent) = resource.parent.filter(|parent| self.all.contains(parent)) {
            return Some((vec![parent], resource.node));
        }
        let candidates = self.names.get(&resource.template)?;
        let segments = resource.name.as_ref().map(Text::segments);
        let id = segments.and_then(|names| resource_id::typed_id(&resource.type_name, &names));
        let by_name = |one: &&Candidate| {
            let kind = model.resource(one.resource).map(|one| &one.type_name);
            let rest = kind.and_then(|kind| resource.type_name.strip_prefix(kind.as_str()));
            rest.is_some_and(|rest| rest.starts_with('/'))
                && id.as_ref().is_none_or(|id| id.could_equal(&one.below))
        };
        let named = candidates.iter().filter(by_name);
        let named: Vec<_> = named.map(|one| one.resource).collect();
        if !named.is_empty() {
            let name = document.get(resource.node, "name");
            return Some((named, name.unwrap_or(resource.node)));
        }
        let scope = document.get(resource.node, "scope")?;
        let cases = match model.text(resource.template, scope) {
            Some(text) => model.cases(index, &text),
            None => return None,
        };
        let scoped = self.may_be(model, resource.template, &cases);
        (!scoped.is_empty()).then_some((scoped, scope))
    }
}
