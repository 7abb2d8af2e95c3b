//! What the resources of a template are found by: id, name, symbolic name, copy loop.
//!
//! Start at [`Names`].

use std::collections::HashMap;

use super::super::expression::Text;
use super::super::resource::{Resource, ResourceIndex};

/// What a resource is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::arm) enum NameKind {
    /// Its full type and name.
    Id,
    /// Its full name of several segments.
    Full,
    /// The last segment of the name: ARM takes it for a bare name where no other resource has it.
    Last,
    /// Its symbolic name, where the template has such. Case counts.
    Symbol,
    /// Its copy loop.
    Loop,
    /// For one in a loop: its id or full name with all numbers and loop variables left out.
    Family,
}

/// Where resources are found by what names them, a table for each template and kind of name.
#[derive(Default)]
pub(in crate::arm) struct Names(HashMap<(usize, NameKind), HashMap<String, Vec<ResourceIndex>>>);

impl Names {
    /// The tables of a model's resources.
    pub(in crate::arm) fn of(resources: &[Resource]) -> Self {
        let mut names = Self::default();
        for (index, resource) in resources.iter().enumerate() {
            let mut add = |kind, key: String| {
                let table = names.0.entry((resource.template, kind)).or_default();
                table.entry(key).or_default().push(index);
            };
            if let Some(symbol) = &resource.symbol {
                add(NameKind::Symbol, symbol.clone());
            }
            if let Some(key) = &resource.key {
                add(NameKind::Id, key.clone());
                if resource.looped {
                    add(NameKind::Family, loop_family(key));
                }
            }
            if let Some(full) = resource.name.as_ref().map(Text::segments) {
                let key: Vec<String> = full.iter().map(Text::name_key).collect();
                if resource.looped {
                    add(NameKind::Family, loop_family(&key.join("/")));
                }
                // Each instance of a loop must have one of its own, or it names none of them.
                let is_own = |last: &&String| {
                    !resource.looped
                        || last.contains("{i")
                        || key.len() == 1
                        || resource.short_name.is_some()
                };
                if let Some(last) = key.last().filter(is_own) {
                    add(NameKind::Last, last.clone());
                }
                if key.len() > 1 {
                    add(NameKind::Full, key.join("/"));
                }
            } else if let Some(short) = &resource.short_name {
                add(NameKind::Last, short.name_key());
            }
            if let Some(name) = resource.loop_name.as_ref().filter(|_| resource.copies) {
                add(NameKind::Loop, name.clone());
            }
        }
        names
    }

    /// The resources of the template at `template` that are found so.
    pub(in crate::arm) fn find(
        &self,
        template: usize,
        kind: NameKind,
        key: &str,
    ) -> &[ResourceIndex] {
        let table = self.0.get(&(template, kind));
        let found = table.and_then(|table| table.get(key));
        found.map_or(&[], Vec::as_slice)
    }
}

/// The key of `symbol[copyIndex()]`.
pub(in crate::arm) fn instance_key(symbol: &str) -> String {
    format!("{}[{{i}}]", symbol.to_ascii_lowercase())
}

/// A key with each number and loop variable replaced by `#`, under which all instances of a loop
/// are alike. Other symbols stay as they are.
pub(in crate::arm) fn loop_family(key: &str) -> String {
    let mut result = String::with_capacity(key.len());
    let mut rest = key;
    while let Some(first) = rest.chars().next() {
        let (length, counts) = match first {
            '0'..='9' => {
                let end = rest.find(|c: char| !c.is_ascii_digit());
                (end.unwrap_or(rest.len()), true)
            }
            '{' => {
                let length = symbol_length(rest);
                let inner = rest.get(1..length).unwrap_or_default();
                // `padLeft()` writes the number with zeros in front.
                let inner = inner.strip_prefix("padleft(").unwrap_or(inner);
                let behind = inner.strip_prefix('i');
                let counts = behind.is_some_and(|behind| behind.starts_with(['}', '+', '-', ',']));
                (length, counts)
            }
            other => (other.len_utf8(), false),
        };
        let (token, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if !counts {
            result.push_str(token);
        } else if !result.ends_with('#') {
            result.push('#');
        }
        rest = tail;
    }
    result
}

/// The length of the braced symbol that `key` starts with.
fn symbol_length(key: &str) -> usize {
    let mut depth = 0usize;
    for (offset, byte) in key.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return offset + 1;
        }
    }
    key.len()
}
