//! What a generated template stands in: a template spec, a policy, a blueprint, a deployment.
//!
//! The templates' own checks see what is inside, unescaped; around it, nothing may change. Start at
//! [`SURROUNDINGS`].

use super::tree::{Tree, object, text};

/// A way from a file's root to a template in it.
#[derive(Debug)]
pub(crate) struct Surrounding {
    steps: &'static [Step],
    /// How many more brackets expressions have inside.
    escapes: usize,
}

/// A step inwards.
#[derive(Debug)]
enum Step {
    /// To the member of this name, with texts beside it.
    Member(&'static str, &'static [(&'static str, &'static str)]),
    /// To the member of this name, where the evaluation of what is in it is told to be its own.
    Inner(&'static str),
    /// To the only element of a list.
    Element,
}

use Step::{Element, Inner, Member};

const RESOURCES: Step = Member("resources", &[("contentVersion", "1.0.0.0")]);
const SPEC: &[(&str, &str)] = &[
    ("type", "Microsoft.Resources/templateSpecs/versions"),
    ("name", "spec/1"),
];
const DEFINITION: &[(&str, &str)] = &[
    ("type", "Microsoft.Authorization/policyDefinitions"),
    ("name", "policy"),
];
const DETAILS: &[(&str, &str)] = &[("type", "Microsoft.Compute/virtualMachines/extensions")];

/// The surroundings that are known.
pub(crate) static SURROUNDINGS: [Surrounding; 8] = [
    Surrounding {
        steps: &[
            RESOURCES,
            Element,
            Member("properties", SPEC),
            Member("mainTemplate", &[]),
        ],
        escapes: 1,
    },
    Surrounding {
        steps: &[
            RESOURCES,
            Element,
            Member("properties", SPEC),
            Member("template", &[]),
        ],
        escapes: 1,
    },
    Surrounding {
        steps: &[
            RESOURCES,
            Element,
            Member("properties", SPEC),
            Member("linkedTemplates", &[]),
            Element,
            Member("template", &[("path", "linked.json")]),
        ],
        escapes: 1,
    },
    // A template spec in a template spec.
    Surrounding {
        steps: &[
            RESOURCES,
            Element,
            Member("properties", SPEC),
            Member("mainTemplate", &[]),
            RESOURCES,
            Element,
            Member("properties", SPEC),
            Member("mainTemplate", &[]),
        ],
        escapes: 2,
    },
    // A policy file, and a policy in a template.
    Surrounding {
        steps: &[
            Member("properties", &[("name", "policy")]),
            Member("policyRule", &[]),
            Member("then", &[]),
            Member("details", &[("effect", "deployIfNotExists")]),
            Member("deployment", DETAILS),
            Member("properties", &[]),
            Member("template", &[("mode", "incremental")]),
        ],
        escapes: 0,
    },
    Surrounding {
        steps: &[
            RESOURCES,
            Element,
            Member("properties", DEFINITION),
            Member("policyRule", &[]),
            Member("then", &[]),
            Member("details", &[("effect", "deployIfNotExists")]),
            Member("deployment", DETAILS),
            Member("properties", &[]),
            Member("template", &[("mode", "incremental")]),
        ],
        escapes: 1,
    },
    // A blueprint's artifact.
    Surrounding {
        steps: &[
            Member("properties", &[("kind", "template")]),
            Member("template", &[]),
        ],
        escapes: 0,
    },
    // A deployment with a scope of its own; the one around it has that of the file.
    Surrounding {
        steps: &[
            RESOURCES,
            Element,
            Member(
                "properties",
                &[
                    ("type", "Microsoft.Resources/deployments"),
                    ("name", "around"),
                ],
            ),
            Member("template", &[]),
            RESOURCES,
            Element,
            Member(
                "properties",
                &[
                    ("type", "Microsoft.Resources/deployments"),
                    ("name", "within"),
                ],
            ),
            Inner("template"),
        ],
        escapes: 0,
    },
];

impl Surrounding {
    /// The file's value with `template` in it.
    pub(crate) fn around(&self, template: &Tree) -> Tree {
        let inside = escaped(template, self.escapes);
        self.steps
            .iter()
            .rev()
            .fold(inside, |inside, step| match step {
                Element => Tree::List(vec![inside]),
                Member(name, beside) => {
                    let beside = beside.iter();
                    let mut members: Vec<(String, Tree)> = beside
                        .map(|(name, value)| ((*name).to_owned(), text(*value)))
                        .collect();
                    members.push(((*name).to_owned(), inside));
                    Tree::Object(members)
                }
                Inner(name) => {
                    let scope = object([("scope", text("inner"))]);
                    object([("expressionEvaluationOptions", scope), (name, inside)])
                }
            })
    }

    /// The template in the file's value, around which nothing must have changed.
    pub(crate) fn inside(&self, file: &Tree) -> Result<Tree, String> {
        let found = self.steps.iter().try_fold(file, |tree, step| match step {
            Element => tree.elements().first(),
            Member(name, _) | Inner(name) => tree.get(name),
        });
        let template = unescaped(found.ok_or("the template is lost")?, self.escapes);
        match self.around(&template).value() == file.value() {
            true => Ok(template),
            false => Err("what stands around the template changed".to_owned()),
        }
    }
}

/// The value with more brackets before all expressions.
fn escaped(tree: &Tree, escapes: usize) -> Tree {
    let is_bracketed = |text: &str| text.starts_with('[') && text.ends_with(']');
    tree.mapped(&|text| match is_bracketed(text) {
        true => "[".repeat(escapes) + text,
        false => text.to_owned(),
    })
}

/// The value without them.
fn unescaped(tree: &Tree, escapes: usize) -> Tree {
    tree.mapped(&|text| match text.starts_with('[') && text.ends_with(']') {
        true => text[escapes..].to_owned(),
        false => text.to_owned(),
    })
}
