//! How a template is deployed: to what, and with which parameter files.
//!
//! Start at [`Deployment`].

use crate::arm::Model;

/// How a template is deployed that no other one links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// What it is deployed to, as the Azure CLI calls it: `group`, `sub`, `mg` or `tenant`.
    pub level: &'static str,
    /// The names of the parameter files in its folder.
    pub parameters: Vec<String>,
}

/// What is in the `$schema` of a template, in lower case, and what such a template is deployed to.
const LEVELS: [(&str, &str); 4] = [
    ("subscriptiondeploymenttemplate", "sub"),
    ("managementgroupdeploymenttemplate", "mg"),
    ("tenantdeploymenttemplate", "tenant"),
    ("deploymenttemplate", "group"),
];

impl Deployment {
    /// How the template in a source is deployed; `None` where that is a policy or the like, or a part of
    /// another template.
    pub(super) fn of(model: &Model<'_>, source: usize) -> Option<Self> {
        let document = model.document();
        let root = document.root_of(source)?;
        if model.is_linked(source) {
            return None;
        }
        let level = match document.get(root, "$schema") {
            Some(schema) => {
                let schema = document.string(schema)?.to_ascii_lowercase();
                LEVELS.iter().find(|(name, _)| schema.contains(name))?.1
            }
            None => document.get(root, "resources").map(|_| "group")?,
        };
        Some(Self {
            level,
            parameters: model.parameter_files(source),
        })
    }
}
