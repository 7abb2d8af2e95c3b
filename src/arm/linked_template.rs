//! Which files a deployment's `templateLink` may mean, as paths relative to its template's folder.
//!
//! `relativePath` says it outright. A `uri` is made of a base that only a deployment knows, a path,
//! and often a token behind it: base and token are left out, and what is between them is the
//! path (linked templates page of the ARM documentation; so does the decompiler of Bicep). Knows
//! nothing of the files that exist. Start at [`Model::links`].

use crate::json::{Document, Kind, NodeId};

use super::expression::{self, Expression, Piece, Text, Unbound, Value};
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
    /// The paths that it may mean, with `/`, each as written; `None` where that is unknown.
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
    /// `/`, which distinguishes a URL of the template's own repository from others.
    pub fn links(&self, folder: &str) -> Vec<Link> {
        let deployments = (0..self.resources().len()).filter_map(|deployment| {
            let resource = self.resource(deployment)?;
            let properties = self.document.get(resource.node, "properties")?;
            let link = self.document.get(properties, LINK)?;
            let relative = self.document.get(link, "relativePath");
            let node = relative.or_else(|| self.document.get(link, "uri"))?;
            // Where another template evaluates it, its paths are unknown too.
            let text = self.text(resource.template, node);
            let cases = text.map_or_else(Vec::new, |text| self.cases(deployment, &text));
            let paths = cases.into_iter();
            let paths = paths.map(|case| path(&case.value, relative.is_some(), folder));
            let paths: Option<Vec<_>> = paths.collect();
            Some(Link {
                deployment,
                node,
                paths: paths.filter(|paths| (1..=MOST_PATHS).contains(&paths.len())),
            })
        });
        deployments.collect()
    }
}

/// The path in a link's value, up to `.json`.
fn path(value: &Value, relative: bool, folder: &str) -> Option<String> {
    let joined = joined(value).filter(|_| !relative);
    let is_joined = joined.is_some();
    let text = joined.or_else(|| value.as_text())?;
    let mut found = String::new();
    for (place, piece) in text.pieces().iter().enumerate() {
        match piece {
            Piece::Literal(literal)
                if place == 0 && !relative && !is_joined && literal.contains("://") =>
            {
                // A URL into the folder that the template has in its repository.
                let own = folder.rsplit('/').next().filter(|own| !own.is_empty())?;
                found.push_str(literal.rsplit_once(&format!("/{own}/"))?.1);
            }
            Piece::Literal(literal) => found.push_str(literal),
            // The base, which is left out.
            Piece::Symbol(_) if place == 0 && !relative && !is_joined => {}
            Piece::Symbol(_) => return None,
        }
        if let Some(end) = found.to_ascii_lowercase().find(".json") {
            found.truncate(end + ".json".len());
            return Some(found.trim_start_matches('/').to_owned());
        }
    }
    None
}

/// The second argument of a `uri()` whose base is not known.
fn joined(value: &Value) -> Option<Text> {
    let Value::Unknown(symbol) = value else {
        return None;
    };
    let spelled = expression::parse_words(symbol.as_str())?;
    let [_, path]: &[Expression; 2] = spelled.call("uri")?.try_into().ok()?;
    expression::evaluate(path, &Unbound).as_text()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(link: &str) -> Option<Vec<String>> {
        let template = format!(
            r#"{{"contentVersion": "1", "parameters": {{"size": {{"type": "string", "allowedValues": ["s", "m"]}},
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
    fn the_paths_of_a_link_that_another_template_evaluates_are_unknown() {
        let template = r#"{"resources": [{"type": "Microsoft.Resources/templateSpecs/versions", "name": "s/1",
            "properties": {"mainTemplate": {"resources": [{"type": "Microsoft.Resources/deployments", "name": "d",
            "properties": {"templateLink": {"uri": "[uri(parameters('base'), 'vm.json')]"}}}]}}}]}"#;
        let document = Document::parse(template.as_bytes());
        assert!(document.errors().is_empty(), "{:?}", document.errors());
        let links = Model::new(&document).links("samples/shop");
        let paths: Vec<_> = links.into_iter().map(|link| link.paths).collect();
        assert_eq!(paths, [None]);
    }

    #[test]
    fn a_parameter_inside_the_path_means_each_of_its_allowed_values() {
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
