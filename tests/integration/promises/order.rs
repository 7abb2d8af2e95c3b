//! The order of the extensions on a machine, by `provisionAfterExtensions`.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::Names;
use super::template::{Part, Resource};
use super::tree::Tree;

/// Which extensions each one comes after.
type After = BTreeMap<String, Vec<String>>;

/// Checks the list of extensions of a resource, of which `after` is left. They go all together.
pub(crate) fn profile(resource: &Resource, after: &[Tree], removes: bool) -> Result<(), String> {
    let gone = |msi: bool| removes && msi;
    let left = resource.profile.iter().filter(|entry| !gone(entry.msi));
    let left: Vec<&str> = left.map(|entry| entry.name.as_str()).collect();
    let name = |entry: &Tree| Some(entry.get("name")?.str()?.to_owned());
    let found: Vec<String> = after.iter().filter_map(name).collect();
    if left != found {
        return Err(format!("the profile has {found:?} in place of {left:?}"));
    }
    let before = resource.profile.iter();
    let before = before.map(|entry| (entry.name.clone(), entry.after.clone()));
    let new = found.into_iter().zip(after.iter().map(listed));
    let removed = resource.profile.iter().filter(|entry| gone(entry.msi));
    let removed = removed.map(|entry| entry.name.clone()).collect();
    contracted(&before.collect(), &new.collect(), &removed)
}

/// Checks the extensions that are resources. An extension's name in the lists is its index here.
pub(crate) fn resources(
    part: &Part,
    names: &Names,
    found: &BTreeMap<usize, &Tree>,
    removed: &BTreeSet<usize>,
) -> Result<(), String> {
    let extensions = (0..part.resources.len()).filter(|at| part.resources[*at].is_extension());
    let mut before = After::new();
    let mut after = After::new();
    for index in extensions {
        let resource = &part.resources[index];
        let old = resource.after.iter().map(|(at, _)| at.to_string());
        before.insert(index.to_string(), old.collect());
        let Some(tree) = found.get(&index) else {
            continue;
        };
        let resolved = |text: &String| match sibling(part, names, resource, text) {
            Some(at) => at.to_string(),
            None => text.clone(),
        };
        let new = listed(tree).iter().map(resolved).collect();
        after.insert(index.to_string(), new);
    }
    let removed = removed.iter().map(usize::to_string).collect();
    contracted(&before, &after, &removed)
}

/// The extension on the machine of `resource` with this name.
fn sibling(part: &Part, names: &Names, resource: &Resource, text: &str) -> Option<usize> {
    let name = names.value(text, 0);
    (0..part.resources.len()).find(|at| {
        let other = &part.resources[*at];
        let same = match resource.machine {
            Some(machine) => other.machine == Some(machine),
            None => other.machine.is_none() && other.names[0] == resource.names[0],
        };
        let own = other.names.get(1).map(|own| super::forms::property(own));
        same && own.is_some_and(|own| names.value(&own, 0) == name)
    })
}

fn listed(extension: &Tree) -> Vec<String> {
    // In a pool, an entry has no properties.
    let properties = extension.get("properties").unwrap_or(extension);
    let names = properties.texts("provisionAfterExtensions");
    names.into_iter().map(str::to_owned).collect()
}

/// Checks that `after` is `before` without the `removed` ones, who pass on what they came after.
fn contracted(before: &After, after: &After, removed: &BTreeSet<String>) -> Result<(), String> {
    for (name, list) in after {
        if let Some(dangling) = list.iter().find(|name| !after.contains_key(*name)) {
            return Err(format!("{name} comes after {dangling}, which is not there"));
        }
        let old = &before[name];
        let untouched = !old.iter().any(|name| removed.contains(name));
        if untouched && old != list {
            return Err(format!("the order of {name} changed without need"));
        }
        let distinct: BTreeSet<&String> = list.iter().collect();
        if !untouched && distinct.len() < list.len() && old.len() >= list.len() {
            return Err(format!("{name} names one extension twice"));
        }
    }
    let waited: BTreeSet<(&str, &str)> = pairs(before)
        .into_iter()
        .filter(|(a, b)| !removed.contains(*a) && !removed.contains(*b))
        .collect();
    match pairs(after) == waited {
        true => Ok(()),
        false => Err("the order of the extensions is another one".to_owned()),
    }
}

fn pairs(after: &After) -> BTreeSet<(&str, &str)> {
    let mut pairs = BTreeSet::new();
    for start in after.keys() {
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            for next in after.get(at).into_iter().flatten() {
                if pairs.insert((start.as_str(), next.as_str())) {
                    open.push(next);
                }
            }
        }
    }
    pairs
}
