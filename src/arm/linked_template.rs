//! Which files a deployment's `templateLink` may mean, as paths relative to its template's folder.
//!
//! `relativePath` says it outright. A `uri` is made of a base that only a deployment knows, a path,
//! and often a token behind it: base and token are left out, and what stands between them is the
//! path (linked templates page of the ARM documentation; so does the decompiler of Bicep). Knows
//! nothing of the files that exist. Start at [`Model::links`].

use crate::json::{Document, Kind, NodeId};

use super::expression::{self, Piece, Symbol, Text, Unbound, Value};
use super::model::{Model, ResourceIndex};

/// The member of a deployment's `properties` that links a template.
const LINK: &str = "templateLink";

/// How many paths one link may mean before it is left alone.
const MOST_PATHS: usize = 64;

/// The link of one deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The deployment.
    pub deployment: ResourceIndex,
    /// The value that holds the path or URL.
    pub node: NodeId,
    /// The paths that it may mean, with `/`, each as written; `None` where that cannot be told.
    pub paths: Option<Vec<String>>,
}

/// The paths that a template of one source may link; see [`Model::links`].
pub fn linked_paths(document: &Document<'_>, folder: &str) -> Vec<String> {
    if !may_link(document, 0) {
        return Vec::new();
    }
    let links = Model::without_names(document, 0).links(folder).into_iter();
    links
        .flat_map(|link| link.paths.unwrap_or_default())
        .collect()
}

/// Whether some member in the source is called like a link, which few templates have: a look at the keys
/// spares them a model.
pub(super) fn may_link(document: &Document<'_>, source: usize) -> bool {
    let mut keys = document
        .nodes_of(source)
        .filter(|node| document.kind(*node) == Kind::Key);
    keys.any(|key| document.is_called(key, LINK))
}

impl Model<'_> {
    /// The links of all deployments of the file. `folder` is the path of the template's folder with
    /// `/`, which tells a URL of the template's own repository from others.
    pub fn links(&self, folder: &str) -> Vec<Link> {
        let deployments = (0..self.resources().len()).filter_map(|deployment| {
            let resource = self.resource(deployment)?;
            let properties = self.document.get(resource.node, "properties")?;
            let link = self.document.get(properties, LINK)?;
            let relative = self.document.get(link, "relativePath");
            let node = relative.or_else(|| self.document.get(link, "uri"))?;
            let value = self.value(deployment, node);
            let allowed = |symbol: &Symbol| self.allowed(deployment, symbol);
            let paths = paths(&value, relative.is_some(), folder, &allowed);
            Some(Link {
                deployment,
                node,
                paths,
            })
        });
        deployments.collect()
    }

    /// The values that a parameter may have, where `symbol` is one with `allowedValues`.
    fn allowed(&self, deployment: ResourceIndex, symbol: &Symbol) -> Option<Vec<String>> {
        let spelled = expression::parse_words(symbol.as_str())?;
        let [name] = spelled.call("parameters")? else {
            return None;
        };
        self.allowed_values(deployment, name.string()?)
    }
}

type Allowed<'a> = &'a dyn Fn(&Symbol) -> Option<Vec<String>>;

/// The paths in a link's value.
fn paths(value: &Value, relative: bool, folder: &str, allowed: Allowed<'_>) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for alternative in value.alternatives() {
        let path = match joined(alternative) {
            Some(path) if !relative => Path {
                text: path,
                is_based: false,
            },
            _ => Path::of(alternative.as_text()?, relative, folder)?,
        };
        found.extend(path.expanded(allowed)?);
    }
    (!found.is_empty() && found.len() <= MOST_PATHS).then_some(found)
}

/// The second argument of a `uri()` whose base is not known.
fn joined(value: &Value) -> Option<Text> {
    let Value::Unknown(symbol) = value else {
        return None;
    };
    let spelled = expression::parse_words(symbol.as_str())?;
    let [_, path] = spelled.call("uri")? else {
        return None;
    };
    expression::evaluate(path, &Unbound).as_text()
}

/// A path with what may stand around it.
struct Path {
    text: Text,
    /// Whether it starts with a base that is to be left out.
    is_based: bool,
}

impl Path {
    fn of(text: Text, relative: bool, folder: &str) -> Option<Self> {
        let start = text.leading_literal();
        if relative || !start.contains("://") {
            let is_based = matches!(text.pieces().first(), Some(Piece::Symbol(_))) && !relative;
            return Some(Self { text, is_based });
        }
        // A URL into the folder that the template has in its repository.
        let own = format!(
            "/{}/",
            folder.rsplit('/').next().filter(|own| !own.is_empty())?
        );
        let (_, path) = start.rsplit_once(&own)?;
        let mut rest = Text::literal(path);
        for piece in text.pieces().iter().skip(1) {
            match piece {
                Piece::Literal(literal) => rest.push_literal(literal),
                Piece::Symbol(symbol) => rest.push_symbol(symbol.clone()),
            }
        }
        Some(Self {
            text: rest,
            is_based: false,
        })
    }

    /// Every path that the values of parameters within it make, up to `.json`.
    fn expanded(&self, allowed: Allowed<'_>) -> Option<Vec<String>> {
        let mut found = vec![String::new()];
        for piece in self.text.pieces().iter().skip(usize::from(self.is_based)) {
            match piece {
                Piece::Literal(literal) => {
                    let end = literal.to_ascii_lowercase().find(".json").map(|at| at + 5);
                    let literal = literal.get(..end.unwrap_or(literal.len()))?;
                    for path in &mut found {
                        path.push_str(literal);
                    }
                    if end.is_some() {
                        return Some(found.into_iter().map(without_slash).collect());
                    }
                }
                Piece::Symbol(symbol) => {
                    let values = allowed(symbol)?;
                    if found.len() * values.len() > MOST_PATHS {
                        return None;
                    }
                    found = found
                        .iter()
                        .flat_map(|path| values.iter().map(move |value| format!("{path}{value}")))
                        .collect();
                }
            }
        }
        // A name that comes whole from a parameter.
        let is_file = |path: &String| path.to_ascii_lowercase().ends_with(".json");
        let whole = found.iter().all(is_file);
        whole.then(|| found.into_iter().map(without_slash).collect())
    }
}

/// A path behind a base starts with a slash or not.
fn without_slash(path: String) -> String {
    path.trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(link: &str) -> Option<Vec<String>> {
        let template = format!(
            r#"{{"contentVersion": "1", "parameters": {{"size": {{"allowedValues": ["s", "m"]}},
            "base": {{"defaultValue": "https://x/"}}}},
            "variables": {{"folder": "nested", "url": "[concat(parameters('base'), '/', variables('folder'), '/vm.json', parameters('sas'))]",
            "own": "https://host/repo/main/shop", "both": {{"vm": "[uri(parameters('base'), 'nested/vm.json')]"}}}},
            "resources": [{{"type": "Microsoft.Resources/deployments", "name": "d",
            "properties": {{"templateLink": {{{link}}}}}}}]}}"#
        );
        let document = Document::parse(template.as_bytes());
        assert!(document.errors().is_empty(), "{:?}", document.errors());
        let model = Model::new(&document);
        let mut links = model.links("samples/shop");
        links.pop().unwrap().paths
    }

    #[test]
    fn base_and_token_are_left_out_of_the_path() {
        let vm = Some(vec!["nested/vm.json".to_owned()]);
        for link in [
            r#""relativePath": "nested/vm.json""#,
            r#""uri": "[uri(parameters('base'), 'nested/vm.json')]""#,
            r#""uri": "[uri(parameters('base'), concat('nested/vm.json', parameters('sas')))]""#,
            r#""uri": "[uri(deployment().properties.templateLink.uri, 'nested/vm.json')]""#,
            r#""uri": "[concat(parameters('base'), '/nested/vm.json', parameters('sas'))]""#,
            r#""uri": "[concat(parameters('base'), 'nested/vm.json')]""#,
            r#""uri": "[variables('url')]""#,
            r#""uri": "[variables('both').vm]""#,
            r#""uri": "[concat(variables('own'), '/nested/vm.json')]""#,
        ] {
            assert_eq!(links(link), vm, "{link}");
        }
    }

    #[test]
    fn a_parameter_inside_the_path_stands_for_each_of_its_allowed_values() {
        let both = ["nested/s.json", "nested/m.json"]
            .map(str::to_owned)
            .to_vec();
        for link in [
            r#""relativePath": "[concat('nested/', parameters('size'), '.json')]""#,
            r#""uri": "[concat(parameters('base'), '/nested/', parameters('size'), '.json')]""#,
            r#""uri": "[uri(parameters('base'), format('nested/{0}.json', parameters('size')))]""#,
        ] {
            assert_eq!(links(link), Some(both.clone()), "{link}");
        }
    }

    #[test]
    fn what_only_a_deployment_knows_is_no_path() {
        for link in [
            r#""uri": "[parameters('base')]""#,
            r#""uri": "https://elsewhere/other/azuredeploy.json""#,
            r#""uri": "[concat(parameters('base'), '/', parameters('sas'), '.json')]""#,
            r#""relativePath": "[parameters('base')]""#,
        ] {
            assert_eq!(links(link), None, "{link}");
        }
    }
}
