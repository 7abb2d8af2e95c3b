//! The plain removal: what must be left of a template's value, but for the lists of what waits for
//! what. Start at [`left`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::holds::is_carried;
use super::naming;
use super::orphans::Orphans;
use super::template::{Kind, Nest, Part, Resource, Template};
use super::tree::{Tree, object, text};

/// The lists that a migration may write to. What they say is compared as a graph.
pub(crate) const LISTS: [&str; 2] = ["dependsOn", "provisionAfterExtensions"];

/// What is removed from a template.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gone {
    /// The extensions that are resources.
    pub(crate) resources: BTreeSet<usize>,
    /// Those that lose the extensions in their own lists.
    pub(crate) profiles: BTreeSet<usize>,
}

/// What is removed from each template, by its deployment; `None` is the root.
pub(crate) type AllGone = BTreeMap<Option<usize>, Gone>;

/// The value `tree` of `template` without what is gone.
pub(crate) fn left(template: &Template, tree: &Tree, gone: &AllGone, orphans: &Orphans) -> Tree {
    let removal = Removal {
        template,
        gone,
        orphans,
    };
    removal.part(None, tree)
}

/// The value as another reader has it; `None` for a text that is no strict JSON.
pub(crate) fn strict(source: &[u8]) -> Option<Value> {
    let text = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source);
    serde_json::from_slice(text).ok()
}

struct Removal<'t> {
    template: &'t Template,
    gone: &'t AllGone,
    orphans: &'t Orphans,
}

impl Removal<'_> {
    fn part(&self, home: Option<usize>, tree: &Tree) -> Tree {
        let part = match home {
            None => &self.template.root,
            Some(deployment) => &self.template.nested[&deployment],
        };
        let left = tree.with("resources", |list| self.resources(part, home, None, list));
        match self.orphans.variables.get(&home) {
            Some(variables) => left.with("variables", |_| variables.clone()),
            None => left,
        }
    }

    fn resources(
        &self,
        part: &Part,
        home: Option<usize>,
        parent: Option<usize>,
        list: &Tree,
    ) -> Tree {
        let left = list.elements().iter().filter_map(|tree| {
            let index = index(part, parent, tree).unwrap();
            let gone = &self.gone[&home];
            let stays = !gone.resources.contains(&index);
            stays.then(|| self.resource(part, home, index, tree))
        });
        Tree::List(left.collect())
    }

    fn resource(&self, part: &Part, home: Option<usize>, index: usize, tree: &Tree) -> Tree {
        let resource = &part.resources[index];
        let gone = &self.gone[&home];
        let mut left = tree.with("resources", |list| {
            self.resources(part, home, Some(index), list)
        });
        if resource.kind == Kind::Deployment {
            left = left.with("properties", |properties| {
                properties.with("template", |nested| self.part(Some(index), nested))
            });
        }
        let loses_entries = gone.profiles.contains(&index);
        if loses_entries {
            left = without_entries(&left, resource);
        }
        let is_old = resource.plan.identity == 6;
        let carried = loses_entries || is_carried(part, index, &gone.resources);
        let takes = resource.kind.takes_identity() && !is_old && tree.get("identity").is_none();
        if carried && takes {
            insert_identity(&mut left);
        }
        left
    }
}

/// The resource that `tree` is, by its name and the resource in which it stands.
pub(crate) fn index(part: &Part, parent: Option<usize>, tree: &Tree) -> Option<usize> {
    let name = tree.get("name").and_then(Tree::str)?;
    let mut all = part.resources.iter();
    all.position(|resource| {
        let stands_in = resource.machine.filter(|_| resource.nest != Nest::Root);
        stands_in == parent && naming::name(resource) == name
    })
}

fn without_entries(tree: &Tree, resource: &Resource) -> Tree {
    let is_left = |element: &&Tree| {
        let name = element.get("name").and_then(Tree::str);
        let mut entries = resource.profile.iter();
        !entries.any(|entry| entry.msi && name == Some(&entry.name))
    };
    tree.with_at(resource.kind.list(), &|list| {
        let left = list.elements().iter().filter(is_left);
        Tree::List(left.cloned().collect())
    })
}

/// Puts the block behind the `location`.
fn insert_identity(tree: &mut Tree) {
    let Tree::Object(members) = tree else { return };
    let at = members
        .iter()
        .rposition(|(key, _)| key.eq_ignore_ascii_case("location"));
    let block = object([("type", text("SystemAssigned"))]);
    members.insert(at.unwrap() + 1, ("identity".to_owned(), block));
}
