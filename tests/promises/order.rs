//! The order of the extensions in a scale set's profile, by `provisionAfterExtensions`.

use std::collections::{BTreeMap, BTreeSet};

use crate::template::Entry;
use crate::tree::Tree;

type After<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// Checks the profile that is left of `before`, as the list `after` has it.
pub(crate) fn check(before: &[Entry], after: &[Tree], removes: bool) -> Result<(), String> {
    let gone = |entry: &&Entry| removes && entry.msi;
    let named = |entry: &'_ Entry| entry.name.clone();
    let left: Vec<String> = before
        .iter()
        .filter(|entry| !gone(entry))
        .map(named)
        .collect();
    let found: Vec<&str> = after
        .iter()
        .filter_map(|entry| entry.get("name")?.str())
        .collect();
    if left != found {
        return Err(format!("the profile has {found:?} in place of {left:?}"));
    }
    let old: After<'_> = before
        .iter()
        .map(|entry| {
            (
                entry.name.as_str(),
                entry.after.iter().map(String::as_str).collect(),
            )
        })
        .collect();
    let listed = |entry: &'_ Tree| match entry.get("properties") {
        Some(properties) => properties.texts("provisionAfterExtensions").join("\n"),
        None => String::new(),
    };
    let lists: Vec<String> = after.iter().map(listed).collect();
    let new: After<'_> = found
        .iter()
        .copied()
        .zip(lists.iter().map(|list| list.lines().collect()))
        .collect();
    let removed: BTreeSet<&str> = before
        .iter()
        .filter(gone)
        .map(|entry| entry.name.as_str())
        .collect();
    for (name, list) in &new {
        if let Some(dangling) = list.iter().find(|name| !new.contains_key(*name)) {
            return Err(format!("{name} comes after {dangling}, which is not there"));
        }
        let untouched = !old[name].iter().any(|name| removed.contains(name));
        if untouched && old[name] != *list {
            return Err(format!("the order of {name} changed without need"));
        }
        let distinct: BTreeSet<&&str> = list.iter().collect();
        if !untouched && distinct.len() < list.len() && old[name].len() >= list.len() {
            return Err(format!("{name} names one extension twice"));
        }
    }
    let waited: BTreeSet<(&str, &str)> = pairs(&old)
        .into_iter()
        .filter(|(a, b)| !removed.contains(a) && !removed.contains(b))
        .collect();
    match pairs(&new) == waited {
        true => Ok(()),
        false => Err("the order in the profile is another one".to_owned()),
    }
}

fn pairs<'a>(after: &After<'a>) -> BTreeSet<(&'a str, &'a str)> {
    let mut pairs = BTreeSet::new();
    for start in after.keys() {
        let mut open = vec![*start];
        while let Some(at) = open.pop() {
            for next in after.get(at).into_iter().flatten() {
                if pairs.insert((*start, *next)) {
                    open.push(next);
                }
            }
        }
    }
    pairs
}
