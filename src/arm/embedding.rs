//! Templates inside of other things: nested deployments, template specs, policies, blueprints.
//!
//! Knows where such a template is, how often its expressions are escaped there and who gives
//! its parameters; never knows what is in it. Start at [`IN_RESOURCES`] and [`AT_THE_ROOT`].

use crate::json::{Document, Kind, NodeId};

/// A place for a template.
#[derive(Debug)]
pub(super) struct Embedding {
    /// What holds it: for [`IN_RESOURCES`] the full type of a resource in lower case, for
    /// [`AT_THE_ROOT`] the `kind` of the file in lower case, or nothing where any will do.
    pub(super) holder: &'static str,
    /// The way from the holder to the object that declares the parameters which are seen beside the
    /// template.
    pub(super) declares: &'static [&'static str],
    /// The way from there to the template; `*` is every element of a list.
    pub(super) template: &'static [&'static str],
    /// How many more brackets its expressions start with than those around it.
    pub(super) escapes: usize,
    /// What its expressions see.
    pub(super) scoping: Scoping,
}

/// What the expressions of an embedded template see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scoping {
    /// What `expressionEvaluationOptions` beside it says: the scope around it, unless that is
    /// `inner`; then its own, and `parameters` beside it, in the scope around it, give its values.
    Deployment,
    /// Its own; `parameters` beside it give its values, in the scope of what declares.
    Passed,
    /// Its own; whoever deploys it later gives the values.
    Alone,
}

/// The type of a deployment.
pub(super) const DEPLOYMENT: &str = "microsoft.resources/deployments";

const POLICY: &[&str] = &[
    "policyRule",
    "then",
    "details",
    "deployment",
    "properties",
    "template",
];

/// A template at the file's own level, which whoever deploys it later gives its values.
const ALONE: Embedding = Embedding {
    holder: "",
    declares: &[],
    template: &[],
    escapes: 0,
    scoping: Scoping::Alone,
};

/// In resources, by their types (template reference, and the pages on template specs and on policy
/// definitions in templates, which ask for `[[`).
pub(super) static IN_RESOURCES: &[Embedding] = &[
    Embedding {
        holder: DEPLOYMENT,
        template: &["properties", "template"],
        scoping: Scoping::Deployment,
        ..ALONE
    },
    Embedding {
        holder: "microsoft.resources/templatespecs/versions",
        template: &["properties", "mainTemplate"],
        escapes: 1,
        ..ALONE
    },
    // 2019-06-01-preview.
    Embedding {
        holder: "microsoft.resources/templatespecs/versions",
        template: &["properties", "template"],
        escapes: 1,
        ..ALONE
    },
    Embedding {
        holder: "microsoft.resources/templatespecs/versions",
        template: &["properties", "linkedTemplates", "*", "template"],
        escapes: 1,
        ..ALONE
    },
    Embedding {
        holder: "microsoft.authorization/policydefinitions",
        declares: &["properties"],
        template: POLICY,
        escapes: 1,
        scoping: Scoping::Passed,
    },
    Embedding {
        holder: "microsoft.blueprint/blueprints/artifacts",
        template: &["properties", "template"],
        escapes: 1,
        scoping: Scoping::Passed,
        ..ALONE
    },
];

/// In files that are no templates themselves.
pub(super) static AT_THE_ROOT: &[Embedding] = &[
    Embedding {
        declares: &["properties"],
        template: POLICY,
        scoping: Scoping::Passed,
        ..ALONE
    },
    Embedding {
        template: POLICY,
        scoping: Scoping::Passed,
        ..ALONE
    },
    // A blueprint's artifact.
    Embedding {
        holder: "template",
        template: &["properties", "template"],
        scoping: Scoping::Passed,
        ..ALONE
    },
    // The body of a deployment or of a template spec of 2019.
    Embedding {
        template: &["properties", "template"],
        ..ALONE
    },
    Embedding {
        template: &["properties", "mainTemplate"],
        ..ALONE
    },
    Embedding {
        template: &["mainTemplate"],
        ..ALONE
    },
    Embedding {
        template: &["properties", "linkedTemplates", "*", "template"],
        ..ALONE
    },
    Embedding {
        template: &["linkedTemplates", "*", "template"],
        ..ALONE
    },
];

/// A template that was found in its holder.
#[derive(Clone, Copy, Debug)]
pub(super) struct EmbeddedTemplate {
    /// The row of the table.
    pub(super) embedding: &'static Embedding,
    /// The object that declares the parameters seen beside the template.
    pub(super) declares: NodeId,
    /// The template.
    pub(super) template: NodeId,
}

impl Embedding {
    fn within(&'static self, document: &Document<'_>, holder: NodeId) -> Vec<EmbeddedTemplate> {
        let mut found = Vec::new();
        for declares in follow(document, holder, self.declares) {
            let templates = follow(document, declares, self.template);
            found.extend(templates.into_iter().map(|template| EmbeddedTemplate {
                embedding: self,
                declares,
                template,
            }));
        }
        found.retain(|embedded| document.kind(embedded.template) == Kind::Object);
        found
    }

    /// Whether the template belongs to a policy.
    pub(super) fn is_policy(&self) -> bool {
        self.template == POLICY
    }
}

/// The templates in a resource of type `type_name`, which is in lower case.
pub(super) fn in_resource(
    document: &Document<'_>,
    resource: NodeId,
    type_name: &str,
) -> Vec<EmbeddedTemplate> {
    IN_RESOURCES
        .iter()
        .filter(|embedding| embedding.holder == type_name)
        .flat_map(|embedding| embedding.within(document, resource))
        .collect()
}

/// The templates in a file that is none itself.
pub(super) fn at_the_root(document: &Document<'_>, root: NodeId) -> Vec<EmbeddedTemplate> {
    let kind = document
        .get(root, "kind")
        .and_then(|kind| document.string(kind));
    let is_kind = |holder: &str| {
        holder.is_empty()
            || kind
                .as_ref()
                .is_some_and(|kind| kind.eq_ignore_ascii_case(holder))
    };
    let mut found: Vec<EmbeddedTemplate> = Vec::new();
    for embedding in AT_THE_ROOT.iter().filter(|row| is_kind(row.holder)) {
        for embedded in embedding.within(document, root) {
            let known = found.iter().any(|one| one.template == embedded.template);
            if !known && looks_like_template(document, embedded.template) {
                found.push(embedded);
            }
        }
    }
    found
}

/// Whether the object shows what a deployment template has: its `$schema`, or `resources` and a
/// `contentVersion`.
pub(super) fn looks_like_template(document: &Document<'_>, object: NodeId) -> bool {
    let schema = document
        .get(object, "$schema")
        .and_then(|node| document.string(node));
    let by_schema = schema.is_some_and(|schema| {
        schema
            .trim_end_matches('#')
            .to_ascii_lowercase()
            .ends_with("deploymenttemplate.json")
    });
    by_schema
        || document.key(object, "resources").is_some()
            && document.key(object, "contentVersion").is_some()
}

/// The nodes at the end of a way of member names, on which `*` is every element of a list.
pub(super) fn follow(document: &Document<'_>, from: NodeId, way: &[&str]) -> Vec<NodeId> {
    way.iter().fold(vec![from], |nodes, step| {
        let next = |node: NodeId| -> Vec<NodeId> {
            match (*step, document.kind(node)) {
                ("*", Kind::Array) => document.children(node).collect(),
                ("*", _) => Vec::new(),
                (name, _) => document.get(node, name).into_iter().collect(),
            }
        };
        nodes.into_iter().flat_map(next).collect()
    })
}

/// A string's text as a template reads it whose expressions are escaped `escapes` times; `None`
/// where a level around it takes the string for an expression.
pub(super) fn unescaped(text: &str, escapes: usize) -> Option<&str> {
    if !(text.starts_with('[') && text.ends_with(']')) {
        return Some(text);
    }
    let mut text = text;
    for _ in 0..escapes {
        text = text
            .strip_prefix('[')
            .filter(|rest| rest.starts_with('['))?;
    }
    Some(text)
}

/// A text as it must be written to be read so by [`unescaped`].
pub(super) fn escaped(text: &str, escapes: usize) -> String {
    let brackets = text.starts_with('[') && text.ends_with(']');
    let added = if brackets { escapes } else { 0 };
    format!("{}{text}", "[".repeat(added))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_at_a_depth_is_read_back_at_it() {
        for text in ["vm", "[variables('a')]", "[[literal]", "[not] one", "", "["] {
            for depth in 0..3 {
                let written = escaped(text, depth);
                assert_eq!(unescaped(&written, depth), Some(text), "{written}");
            }
        }
    }

    #[test]
    fn an_expression_of_a_level_around_is_not_read() {
        assert_eq!(unescaped("[variables('a')]", 1), None);
        assert_eq!(unescaped("[[variables('a')]", 2), None);
        assert_eq!(unescaped("[[variables('a')]", 1), Some("[variables('a')]"));
        assert_eq!(unescaped("[variables('a')", 1), Some("[variables('a')"));
    }

    /// A document with `{}` at the end of a way.
    fn at(way: &[&str], template: &str) -> String {
        way.iter().rev().fold(template.to_owned(), |inner, step| {
            if *step == "*" {
                format!("[{inner}, 1]")
            } else {
                format!("{{\"{}\": {inner}}}", step.to_uppercase())
            }
        })
    }

    #[test]
    fn every_row_finds_its_template() {
        for row in IN_RESOURCES {
            let way: Vec<&str> = [row.declares, row.template].concat();
            let text = at(&way, "{}");
            let document = Document::parse(text.as_bytes());
            let found = in_resource(&document, document.root().unwrap(), row.holder);
            assert_eq!(found.len(), 1, "{row:?}");
        }
        for row in AT_THE_ROOT {
            let way: Vec<&str> = [row.declares, row.template].concat();
            let text = at(&way, r#"{"contentVersion": "1", "resources": []}"#);
            let text = text.replacen('{', &format!("{{\"kind\": \"{}\", ", row.holder), 1);
            let document = Document::parse(text.as_bytes());
            let found = at_the_root(&document, document.root().unwrap());
            assert_eq!(found.len(), 1, "{row:?}");
            assert_eq!(found[0].embedding.scoping, row.scoping, "{row:?}");
        }
    }

    #[test]
    fn what_only_is_at_such_a_place_is_no_template() {
        let text = r#"{"properties": {"template": {"resources": []}}}"#;
        let document = Document::parse(text.as_bytes());
        assert!(at_the_root(&document, document.root().unwrap()).is_empty());
    }
}
