//! The `resourceId()` family, spelled out into type and name segments, so that a call and a
//! concatenation made by hand give the same text. It never knows which resources exist.

use std::sync::LazyLock;

use super::symbol::Symbol;
use super::text::Text;
use super::value::Value;

/// `subscription().subscriptionId`.
static SUBSCRIPTION: LazyLock<Symbol> = LazyLock::new(|| of_call("subscription", "subscriptionid"));

/// `resourceGroup().name`.
static RESOURCE_GROUP: LazyLock<Symbol> = LazyLock::new(|| of_call("resourcegroup", "name"));

/// `managementGroup().name`.
static MANAGEMENT_GROUP: LazyLock<Symbol> = LazyLock::new(|| of_call("managementgroup", "name"));

const FAMILY: &[&str] = &[
    "resourceid",
    "subscriptionresourceid",
    "tenantresourceid",
    "managementgroupresourceid",
    "extensionresourceid",
];

/// Whether `name` is one of the family, compared without case.
pub(super) fn is_family(name: &str) -> bool {
    FAMILY
        .iter()
        .any(|member| member.eq_ignore_ascii_case(name))
}

/// Whether the first argument of `name` is an id, which must not be taken for the type.
pub(super) fn starts_with_id(name: &str) -> bool {
    name.eq_ignore_ascii_case("extensionresourceid")
}

/// The id that the call of `name`, which is in lower case, gives; `None` where it cannot be known or the
/// arguments do not fit.
pub(super) fn resource_id(name: &str, args: &[Value]) -> Option<Text> {
    let skipped = usize::from(starts_with_id(name));
    let type_position = args
        .iter()
        .skip(skipped)
        .position(|argument| argument.as_literal().is_some_and(|text| text.contains('/')))?
        + skipped;
    let leading: Vec<Text> = args
        .iter()
        .take(type_position)
        .map(Value::as_text)
        .collect::<Option<_>>()?;
    let names: Vec<Text> = args
        .iter()
        .skip(type_position + 1)
        .map(Value::as_text)
        .collect::<Option<_>>()?;
    let type_name = args.get(type_position)?.as_literal()?;
    // A slash at the end is common; one at the start is refused.
    let mut types = type_name.strip_suffix('/').unwrap_or(type_name).split('/');
    let namespace = types.next().filter(|namespace| !namespace.is_empty())?;
    let types: Vec<&str> = types.collect();
    if types.is_empty() || types.len() != names.len() || types.contains(&"") {
        return None;
    }
    if names
        .iter()
        .any(|name| name.segments().len() > 1 || *name == Text::new())
    {
        return None;
    }
    let mut id = prefix(name, &leading)?;
    id.push_literal("/providers/");
    id.push_literal(namespace);
    for (segment, name) in types.iter().zip(&names) {
        id.push_literal("/");
        id.push_literal(segment);
        id.push_literal("/");
        id.append(name);
    }
    Some(id)
}

/// `resourceGroup().id`.
pub(super) fn resource_group_id() -> Text {
    in_resource_group(&of(&SUBSCRIPTION), &of(&RESOURCE_GROUP))
}

/// `subscription().id`.
pub(super) fn subscription_scope_id() -> Text {
    in_subscription(&of(&SUBSCRIPTION))
}

/// What is in front of `/providers/`.
fn prefix(function: &str, leading: &[Text]) -> Option<Text> {
    Some(match (function, leading) {
        ("resourceid", []) => resource_group_id(),
        ("resourceid", [name]) => in_resource_group(&of(&SUBSCRIPTION), name),
        ("resourceid", [subscription, name]) => in_resource_group(subscription, name),
        ("subscriptionresourceid", []) => subscription_scope_id(),
        ("subscriptionresourceid", [subscription]) => in_subscription(subscription),
        ("tenantresourceid", []) => Text::new(),
        ("managementgroupresourceid", []) => in_management_group(&of(&MANAGEMENT_GROUP)),
        ("managementgroupresourceid", [name]) => in_management_group(name),
        ("extensionresourceid", [id]) if *id != Text::new() => id.clone(),
        _ => return None,
    })
}

fn of_call(function: &str, member: &str) -> Symbol {
    Symbol::member(&Symbol::call(None, function, &[]), member)
}

fn of(symbol: &Symbol) -> Text {
    Text::symbol(symbol.clone())
}

fn in_subscription(subscription: &Text) -> Text {
    let mut id = Text::literal("/subscriptions/");
    id.append(subscription);
    id
}

fn in_resource_group(subscription: &Text, name: &Text) -> Text {
    let mut id = in_subscription(subscription);
    id.push_literal("/resourceGroups/");
    id.append(name);
    id
}

fn in_management_group(name: &Text) -> Text {
    let mut id = Text::literal("/providers/Microsoft.Management/managementGroups/");
    id.append(name);
    id
}
