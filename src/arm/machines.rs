//! Which machines of a file a VM extension is on.
//!
//! Start at [`Machines`].

use std::cell::Cell;
use std::collections::HashMap;

use super::expression::Text;
use super::graph::Instance;
use super::model::{Model, Resource, ResourceIndex};

/// How many names of machines are looked at to see whether they may be that of an extension's. Beyond
/// it the first machine is taken for a possible one, which holds the extension.
const MAX_COMPARED: usize = 1 << 16;

/// The machines of a file.
#[derive(Default)]
pub(super) struct Machines {
    /// By where they are deployed to and by their keys.
    by_key: HashMap<(usize, String), Vec<ResourceIndex>>,
    /// By where they are deployed to and by their types.
    by_type: HashMap<(usize, String), Vec<ResourceIndex>>,
    compared: Cell<usize>,
}

impl Machines {
    pub(super) fn of(model: &Model<'_>) -> Self {
        let mut found = Self::default();
        let all = model.resources().iter().enumerate();
        for (index, resource) in all.filter(|(_, resource)| !resource.existing) {
            let Some(target) = model.target(resource.template) else {
                continue;
            };
            if let Some(key) = &resource.key {
                let named = found.by_key.entry((target, key.clone()));
                named.or_default().push(index);
            }
            let kind = (target, resource.type_name.clone());
            found.by_type.entry(kind).or_default().push(index);
        }
        found
    }

    /// The machines that `resource` may be an extension of, where none is for certain: those whose
    /// names may be the same.
    pub(super) fn possible(&self, model: &Model<'_>, resource: &Resource) -> Vec<ResourceIndex> {
        let kind = resource.type_name.rsplit_once('/').map(|(kind, _)| kind);
        let target = model.target(resource.template);
        let all = target
            .zip(kind)
            .and_then(|(target, kind)| self.by_type.get(&(target, kind.to_owned())));
        let all = all.map_or(&[][..], Vec::as_slice);
        let segments = resource.name.as_ref().map(Text::segments);
        let machine = segments.as_ref().and_then(|all| all.split_last());
        let may_be = |index: &&ResourceIndex| {
            let name = model.resource(**index).and_then(|one| one.name.as_ref());
            let (Some(name), Some((_, machine))) = (name, machine) else {
                return true;
            };
            let names = name.segments();
            names.len() == machine.len()
                && machine
                    .iter()
                    .zip(&names)
                    .all(|(own, name)| own.could_equal(name))
        };
        let compared = self.compared.get() + all.len();
        self.compared.set(compared);
        match compared > MAX_COMPARED {
            true => all.iter().take(1).copied().collect(),
            false => all.iter().filter(may_be).copied().collect(),
        }
    }

    /// The machines called `key` that `resource` is an extension of: those of its template, or where that
    /// may leave them out, all that templates around or beside it deploy to the same place.
    pub(super) fn find(
        &self,
        model: &Model<'_>,
        key: &str,
        resource: &Resource,
    ) -> Vec<ResourceIndex> {
        let deployed = |index: &ResourceIndex| is_deployed(model, *index);
        let own = model.all_by_key(resource.template, key).iter().copied();
        let own: Vec<_> = own.filter(deployed).collect();
        let is_certain = |index: &ResourceIndex| {
            let machine = model.resource(*index);
            machine.is_some_and(|machine| machine.condition.is_none())
        };
        if own.iter().any(is_certain) {
            return own;
        }
        let target = model.target(resource.template);
        let elsewhere = target.and_then(|target| self.by_key.get(&(target, key.to_owned())));
        if let Some(elsewhere) = elsewhere {
            return elsewhere.clone();
        }
        if !own.is_empty() {
            return own;
        }
        let machine_type = resource.type_name.rsplit_once('/').map(|(kind, _)| kind);
        let around = resource.parent.filter(deployed).filter(|parent| {
            let parent = model.resource(*parent);
            parent.map(|parent| parent.type_name.as_str()) == machine_type
        });
        around.into_iter().collect()
    }

    /// The machines of an extension whose name is another in each case, and which of their instances.
    pub(super) fn hosts(
        &self,
        model: &Model<'_>,
        index: ResourceIndex,
        resource: &Resource,
    ) -> (Vec<ResourceIndex>, Option<Vec<i64>>) {
        let target = model.target(resource.template);
        let elsewhere = |key: &str| {
            let all = target.and_then(|target| self.by_key.get(&(target, key.to_owned())));
            all.cloned().unwrap_or_default()
        };
        let mut found = model.hosts(index, &elsewhere);
        found.retain(|(host, _)| is_deployed(model, host.resource));
        let mut machines: Vec<_> = found.iter().map(|(host, _)| host.resource).collect();
        machines.dedup();
        let is_whole = |(host, in_all): &(Instance, bool)| *in_all && host.number.is_none();
        if found.iter().all(is_whole) {
            return (machines, None);
        }
        let numbers = found
            .iter()
            .filter(|(_, in_all)| *in_all && machines.len() == 1);
        let numbers = numbers.filter_map(|(host, _)| host.number).collect();
        (machines, Some(numbers))
    }
}

/// Whether the template deploys the resource, and does not only read it.
fn is_deployed(model: &Model<'_>, index: ResourceIndex) -> bool {
    model
        .resource(index)
        .is_some_and(|resource| !resource.existing)
}
