//! What the sources of a document are to each other: which one a link means, and to which template a
//! file gives parameters.
//!
//! Goes by paths and never touches the disk. Start at [`Sources`].

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::json::{Document, NodeId};

use super::linked_template::may_link;
use super::model::{Model, is_template_source};
use super::order::in_order;

/// The paths of a document's sources.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// With `/`, relative to whatever they have in common.
    paths: Vec<String>,
    by_path: HashMap<String, usize>,
}

impl Sources {
    /// Sources with these paths, which are relative to one folder and use `/`.
    pub fn new(paths: impl IntoIterator<Item = String>) -> Self {
        let paths: Vec<String> = paths.into_iter().collect();
        let known = paths.iter().enumerate();
        let by_path = known.map(|(source, path)| (normalized(path), source));
        Self {
            by_path: by_path.collect(),
            paths,
        }
    }

    /// The folder of a source, without a slash at its end.
    fn folder(&self, source: usize) -> &str {
        let path = self.paths.get(source).map_or("", String::as_str);
        path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The source at a path relative to the folder of the source `from`.
    pub(super) fn at(&self, from: usize, path: &str) -> Option<usize> {
        let path = format!("{}/{path}", self.folder(from));
        self.by_path.get(&normalized(&path)).copied()
    }

    /// The name of a source without its folder.
    pub(super) fn name(&self, source: usize) -> &str {
        last_part(self.paths.get(source).map_or("", String::as_str))
    }

    /// The files in a template's folder that give parameters to it, in order, with what they are.
    pub(super) fn companions(&self, template: usize) -> Vec<(usize, Companion)> {
        if self.paths.len() < 2 {
            return Vec::new();
        }
        let all = 0..self.paths.len();
        let beside = all.filter(|source| self.folder(*source) == self.folder(template));
        let own = beside.filter_map(|source| {
            let companion = companion(self.name(source), self.name(template))?;
            Some((source, companion))
        });
        own.collect()
    }
}

/// What a file is that gives parameters to a template in its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Companion {
    /// `x.parameters.json` or `x.parameters.….json` beside `x.json`: a parameter file (parameter files
    /// page of the ARM documentation).
    Parameters,
    /// `createUiDefinition.json` beside the template that the portal deploys with it: `mainTemplate.json`
    /// in a managed application, `azuredeploy.json` in a repository of samples.
    UiDefinition,
    /// A `.bicepparam` file. Its text says which template it is for.
    Bicep,
}

/// What a file with this name may be to some template in its folder. Names are compared without ASCII
/// case.
pub fn companion_kind(name: &str) -> Option<Companion> {
    if template_of_parameter_file(name).is_some() {
        Some(Companion::Parameters)
    } else if name.eq_ignore_ascii_case("createUiDefinition.json") {
        Some(Companion::UiDefinition)
    } else {
        let is_bicep = extension(name).is_some_and(|end| end.eq_ignore_ascii_case("bicepparam"));
        is_bicep.then_some(Companion::Bicep)
    }
}

/// The names, in lower case, of the templates in its folder that the file called `name` may be for; `text`
/// gives what is in it, where its name does not say that.
pub fn templates_of_companion(name: &str, text: impl FnOnce() -> Vec<u8>) -> Vec<String> {
    match companion_kind(name) {
        Some(Companion::Parameters) => template_of_parameter_file(name).into_iter().collect(),
        Some(Companion::UiDefinition) => {
            vec![
                "maintemplate.json".to_owned(),
                "azuredeploy.json".to_owned(),
            ]
        }
        Some(Companion::Bicep) => {
            let text = text();
            let used = used_template(&text).map(|path| last_part(&path).to_owned());
            used.into_iter().collect()
        }
        None => Vec::new(),
    }
    .into_iter()
    .map(|name| name.to_ascii_lowercase())
    .collect()
}

/// The path of the template that the text of a `.bicepparam` file is for.
pub(super) fn used_template(text: &[u8]) -> Option<String> {
    static USING: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?m)^\s*using\s+'([^'\r\n]*)'").ok());
    let path = USING.as_ref()?.captures(text)?.get(1)?;
    Some(String::from_utf8_lossy(path.as_bytes()).into_owned())
}

/// What the file called `name` is to the template called `template` in its folder.
fn companion(name: &str, template: &str) -> Option<Companion> {
    let companion = companion_kind(name)?;
    let fits = match companion {
        Companion::Bicep => extension(template).is_some_and(|end| end.eq_ignore_ascii_case("json")),
        Companion::Parameters | Companion::UiDefinition => {
            templates_of_companion(name, Vec::new).contains(&template.to_ascii_lowercase())
        }
    };
    fits.then_some(companion)
}

fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, end)| end)
}

/// The name of the template that a parameter file with this name is for; `None` for other names.
pub fn template_of_parameter_file(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let at = lower
        .find(".parameters.")
        .filter(|_| lower.ends_with(".json"))?;
    Some(format!("{}.json", name.get(..at)?))
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The path without `.`, `..` and empty parts as far as they can be resolved.
fn normalized(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Which sources link which.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// The templates that a deployment may deploy, by its object.
    by_deployment: HashMap<NodeId, Vec<usize>>,
    /// How many deployments link a source.
    links_to: HashMap<usize, usize>,
    /// The sources with templates, each behind those that link it, but for circles.
    pub(super) order: Vec<usize>,
}

impl Links {
    /// The links between the sources of `document`.
    pub(super) fn of(document: &Document<'_>, sources: &Sources) -> Self {
        let all = 0..document.sources();
        let templates: Vec<usize> = all
            .filter(|source| is_template_source(document, *source))
            .collect();
        let mut links = Self::default();
        let mut pairs: BTreeSet<(usize, usize)> = BTreeSet::new();
        // What a file links does not depend on the others.
        let several = templates.iter().filter(|_| templates.len() > 1);
        for source in several.filter(|source| may_link(document, **source)) {
            let model = Model::without_names(document, *source);
            for link in model.links(sources.folder(*source)) {
                let Some(deployment) = model.resource(link.deployment) else {
                    continue;
                };
                let paths = link.paths.unwrap_or_default();
                let targets: BTreeSet<usize> = paths
                    .iter()
                    .filter_map(|path| sources.at(*source, path))
                    .filter(|target| templates.contains(target))
                    .collect();
                for target in &targets {
                    *links.links_to.entry(*target).or_default() += 1;
                    pairs.insert((*source, *target));
                }
                let targets = targets.into_iter().collect();
                links.by_deployment.insert(deployment.node, targets);
            }
        }
        links.order = linkers_first(templates, &pairs);
        links
    }

    /// The templates that the deployment with this object may deploy.
    pub(super) fn targets(&self, deployment: NodeId) -> &[usize] {
        let found = self.by_deployment.get(&deployment);
        found.map_or(&[], Vec::as_slice)
    }

    /// How many deployments link a source.
    pub(super) fn links_to(&self, source: usize) -> usize {
        self.links_to.get(&source).copied().unwrap_or_default()
    }
}

/// The sources, each behind those that link it; what is in a circle comes last.
fn linkers_first(all: Vec<usize>, links: &BTreeSet<(usize, usize)>) -> Vec<usize> {
    let mut left: BTreeSet<usize> = all.into_iter().collect();
    let others = links.iter().filter(|(from, to)| from != to);
    let mut order = in_order(&left, others.map(|(from, to)| (*to, *from)));
    for source in &order {
        left.remove(source);
    }
    order.extend(left);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_from_the_folder_of_the_source() {
        let paths = ["shop/main.json", "shop/nested/vm.json", "shared/vm.json"];
        let sources = Sources::new(paths.map(str::to_owned));
        for (from, path, target) in [
            (0, "nested/vm.json", Some(1)),
            (0, "./nested//vm.json", Some(1)),
            (0, "../shared/vm.json", Some(2)),
            (1, "../main.json", Some(0)),
            (1, "vm.json", Some(1)),
            (0, "vm.json", None),
            (0, "../../shared/vm.json", None),
        ] {
            assert_eq!(sources.at(from, path), target, "{path}");
        }
    }

    #[test]
    fn what_gives_parameters_is_known_by_its_name() {
        let parameters = Some(Companion::Parameters);
        let definition = Some(Companion::UiDefinition);
        for (name, template, is) in [
            (
                "azuredeploy.parameters.json",
                "azuredeploy.json",
                parameters,
            ),
            (
                "AzureDeploy.Parameters.json",
                "azuredeploy.json",
                parameters,
            ),
            (
                "azuredeploy.parameters.prod.json",
                "azuredeploy.json",
                parameters,
            ),
            ("azuredeploy.parameters.prod.txt", "azuredeploy.json", None),
            ("azuredeploy.json", "azuredeploy.json", None),
            ("other.parameters.json", "azuredeploy.json", None),
            ("azuredeploy2.parameters.json", "azuredeploy.json", None),
            ("x.parameters.json", "x", None),
            ("createUiDefinition.json", "mainTemplate.json", definition),
            ("createuidefinition.json", "AzureDeploy.json", definition),
            ("createUiDefinition.json", "nested.json", None),
            (
                "prod.bicepparam",
                "azuredeploy.json",
                Some(Companion::Bicep),
            ),
            ("prod.bicepparam", "main.bicep", None),
        ] {
            assert_eq!(companion(name, template), is, "{name} {template}");
        }
    }

    #[test]
    fn who_links_comes_first_and_circles_last() {
        let links = BTreeSet::from([(3, 1), (1, 0), (2, 4), (4, 2), (0, 0)]);
        assert_eq!(linkers_first(vec![0, 1, 2, 3, 4], &links), [3, 1, 0, 2, 4]);
    }
}
