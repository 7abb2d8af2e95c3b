//! What the resources of a template are found by: id, name, copy loop.
//!
//! Start at [`Names`].

use std::collections::HashMap;

use super::expression::Text;
use super::graph::without_numbers;
use super::model::{Model, ResourceIndex};

/// Where resources are found by what names them, one table for each template.
#[derive(Default)]
pub(super) struct Names {
    /// By full type and name.
    pub(super) ids: HashMap<String, Vec<ResourceIndex>>,
    /// By full name of several segments.
    pub(super) names: HashMap<String, Vec<ResourceIndex>>,
    /// By symbolic name, where the template has such. Case counts.
    pub(super) symbols: HashMap<String, ResourceIndex>,
    /// By copy loop.
    pub(super) loops: HashMap<String, Vec<ResourceIndex>>,
    /// By the last segment of the name: ARM takes it for a bare name where no other resource has it.
    pub(super) last: HashMap<String, Vec<ResourceIndex>>,
    /// Looped resources by id with all numbers and loop variables left out.
    pub(super) instances: HashMap<String, Vec<ResourceIndex>>,
}

impl Names {
    /// The tables of a model's templates.
    pub(super) fn of(model: &Model<'_>) -> Vec<Names> {
        let mut all: Vec<Self> = model.templates.iter().map(|_| Names::default()).collect();
        for (index, resource) in model.resources.iter().enumerate() {
            let Some(names) = all.get_mut(resource.template) else {
                continue;
            };
            if let Some(symbol) = &resource.symbol {
                names.symbols.insert(symbol.clone(), index);
            }
            let mut add = |table: fn(&mut Names) -> &mut HashMap<String, Vec<usize>>,
                           key: String| {
                table(names).entry(key).or_default().push(index);
            };
            if let Some(key) = &resource.key {
                add(|names| &mut names.ids, key.clone());
                if resource.looped {
                    add(|names| &mut names.instances, without_numbers(key));
                }
            }
            let full = resource.name.as_ref().map(|name| name.segments());
            if let Some(full) = full {
                let key: Vec<String> = full.iter().map(Text::name_key).collect();
                if resource.looped {
                    add(
                        |names| &mut names.instances,
                        without_numbers(&key.join("/")),
                    );
                }
                // Each instance of a loop must have one of its own, or it names none of them.
                let is_own = |last: &&String| {
                    !resource.looped
                        || last.contains("{i")
                        || key.len() == 1
                        || resource.short_name.is_some()
                };
                if let Some(last) = key.last().filter(is_own) {
                    add(|names| &mut names.last, last.clone());
                }
                if key.len() > 1 {
                    add(|names| &mut names.names, key.join("/"));
                }
            } else if let Some(short) = &resource.short_name {
                add(|names| &mut names.last, short.name_key());
            }
            if let Some(name) = resource.loop_name.as_ref().filter(|_| resource.copies) {
                add(|names| &mut names.loops, name.clone());
            }
        }
        all
    }
}
