//! Policies that deploy the extension where it is missing.
//!
//! Start at [`policy_asks_for`].

use super::embedding::follow;
use super::expression::Text;
use super::extension::Extension;
use super::model::Model;
use super::recognition::names_ours;
use super::scope::Defaults;

/// Whether the policy that deploys `extension` tests for it: by publisher or type in its `if` or its
/// `existenceCondition`, or by its name (deployIfNotExists page of the policy documentation). Once
/// nothing deploys the extension, what such a policy asks for can never be.
pub fn policy_asks_for(model: &Model<'_>, extension: &Extension) -> bool {
    let document = model.document();
    let template = model
        .resource(extension.owner())
        .and_then(|owner| model.templates.get(owner.template));
    let Some(policy) = template.and_then(|template| template.policy) else {
        return false;
    };
    let Some(scope) = model.scopes.get(policy.scope) else {
        return false;
    };
    let within = |way: &[&str]| follow(document, policy.node, way);
    let details = ["policyRule", "then", "details"];
    let tests = [
        within(&["policyRule", "if"]),
        within(&[&details[..], &["existenceCondition"]].concat()),
    ];
    let by_value = tests
        .into_iter()
        .flatten()
        .flat_map(|test| model.document().strings_below(test))
        .any(|node| {
            // "May be": every parameter of the policy has its default.
            let value = scope.value(node, None, Defaults::Assumed);
            value.as_literal().is_some_and(names_ours)
        });
    // The last part of a type or of a name, which may start with `field('name')`.
    let last_part = |name: &str| {
        let node = within(&[&details[..], &[name]].concat()).pop()?;
        let text = scope.value(node, None, Defaults::Ignored).as_text()?;
        text.segments().pop()
    };
    let kind = Text::literal("extensions");
    let of_extensions = last_part("type").is_some_and(|last| last.could_equal(&kind));
    let is_own = |name: &Text| {
        extension
            .name
            .as_ref()
            .is_none_or(|own| name.could_equal(own))
    };
    let by_name = last_part("name").is_some_and(|name| is_own(&name));
    by_value || (of_extensions && by_name)
}
