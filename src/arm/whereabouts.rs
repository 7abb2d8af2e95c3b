//! Where a resource goes, as far as the deployments around it say: a resource group, a subscription.
//!
//! Never knows what a target is for: [`super::nesting`] compares targets, this names them. Start at
//! [`Model::whereabouts`].

use crate::json::NodeId;

use super::embedding::DEPLOYMENT;
use super::expression::Value;
use super::model::{Model, ResourceIndex};

/// What is said of where a resource is deployed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeployedTo {
    /// The resource group; `None` where it is the one that the file is deployed to.
    pub group: Option<Said>,
    /// The subscription; `None` where it is the one that the file is deployed to.
    pub subscription: Option<Said>,
}

/// A value in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What it is.
    pub value: Value,
    /// As the author wrote it.
    pub written: String,
}

impl Said {
    fn nowhere(reason: &str) -> Self {
        Self {
            value: Value::opaque(),
            written: reason.to_owned(),
        }
    }
}

/// What is written for the place that a deployment is in itself.
const OWN: [&str; 2] = ["{resourcegroup().name}", "{subscription().subscriptionid}"];

impl Model<'_> {
    /// Where the resource at `index` is deployed to. Of deployments in each other the innermost that
    /// says something counts (cross-scope deployment page of the ARM documentation).
    pub fn whereabouts(&self, index: ResourceIndex) -> DeployedTo {
        let mut found = DeployedTo::default();
        let mut at = index;
        while let Some(resource) = self.resources.get(at) {
            let source = self.document.source_of(resource.node);
            let Some(template) = self.templates.get(resource.template) else {
                break;
            };
            let Some(holder) = template.holder else {
                let callers = self.callers(source).len();
                if callers > 1 {
                    found.fill("set by each deployment that links this template");
                } else if template.policy.is_some() {
                    found.fill("in the scope that the policy is assigned to");
                }
                break;
            };
            let Some(deployment) = self.resources.get(holder) else {
                break;
            };
            if deployment.type_name != DEPLOYMENT {
                found.fill("where the template in the parent resource is deployed");
                break;
            }
            let said = |member: &str| self.said(holder, self.document.get(deployment.node, member));
            found.group = found.group.or_else(|| said("resourceGroup"));
            found.subscription = found.subscription.or_else(|| said("subscriptionId"));
            at = holder;
        }
        found
    }

    fn said(&self, owner: ResourceIndex, node: Option<NodeId>) -> Option<Said> {
        let node = node?;
        let value = self.value(owner, node);
        let key = value.as_text().map(|text| text.name_key());
        if key.is_some_and(|key| OWN.contains(&key.as_str())) {
            return None;
        }
        Some(Said {
            value,
            written: self.document.string(node)?,
        })
    }
}

impl DeployedTo {
    /// Says of what is open that it is unknown.
    fn fill(&mut self, reason: &str) {
        self.group.get_or_insert_with(|| Said::nowhere(reason));
        self.subscription
            .get_or_insert_with(|| Said::nowhere(reason));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    /// Where the last resource of the template goes, as it is written.
    fn of_last(text: &str) -> (Option<String>, Option<String>) {
        let document = Document::parse(text.as_bytes());
        let model = Model::new(&document);
        let found = model.whereabouts(model.resources().len() - 1);
        (
            found.group.map(|said| said.written),
            found.subscription.map(|said| said.written),
        )
    }

    fn deployment(members: &str, inside: &str) -> String {
        format!(
            r#"{{"type": "Microsoft.Resources/deployments", "name": "d", {members}
                "properties": {{"template": {{"contentVersion": "1", "resources": [{inside}]}}}}}}"#
        )
    }

    fn template(resource: &str) -> String {
        format!(r#"{{"contentVersion": "1", "resources": [{resource}]}}"#)
    }

    const VM: &str = r#"{"type": "Microsoft.Compute/virtualMachines", "name": "vm"}"#;

    #[test]
    fn a_resource_at_the_root_goes_where_the_file_goes() {
        assert_eq!(of_last(&template(VM)), (None, None));
        let same = deployment(r#""resourceGroup": "[resourceGroup().name]","#, VM);
        assert_eq!(of_last(&template(&same)), (None, None));
    }

    #[test]
    fn the_innermost_deployment_that_says_something_counts() {
        let inner = deployment(r#""resourceGroup": "near","#, VM);
        let outer = deployment(r#""resourceGroup": "far", "subscriptionId": "s","#, &inner);
        let expected = (Some("near".to_owned()), Some("s".to_owned()));
        assert_eq!(of_last(&template(&outer)), expected);
    }

    #[test]
    fn a_template_spec_goes_where_somebody_deploys_it() {
        let spec = format!(
            r#"{{"type": "Microsoft.Resources/templateSpecs/versions", "name": "a/1",
                "properties": {{"mainTemplate": {}}}}}"#,
            template(VM)
        );
        let (group, _) = of_last(&template(&spec));
        assert!(group.is_some_and(|group| group.starts_with("where the template")));
    }
}
