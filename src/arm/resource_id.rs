//! What a `dependsOn` entry or an id names: a typed id or a bare name.
//!
//! Source: resource dependency and template function pages of the ARM documentation; a full id, a
//! `type/name` path and a plain name are all legal.

use super::expression::Text;

/// What a text names. Keys are [`Text::name_key`]s joined by slashes, so equal keys are equal
/// names, whatever their case and spelling.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A resource by type and name: `microsoft.compute/virtualmachines/a/extensions/b`.
    Id(String),
    /// A resource, copy loop or nested child by name.
    Name(String),
}

impl Target {
    /// The name without types, which is the same for an id and for a bare name.
    pub fn name(&self) -> String {
        match self {
            // Namespace, type, name, type, name: every other part from the third on.
            Self::Id(key) => {
                let names: Vec<&str> = key.split('/').skip(2).step_by(2).collect();
                names.join("/")
            }
            Self::Name(key) => key.clone(),
        }
    }
}

/// `text` without the subscription, group or other scope in front of the resource's type.
pub(super) fn without_scope(text: &Text) -> Text {
    let mut result = Text::new();
    for (place, segment) in unscoped(&text.segments()).iter().enumerate() {
        if place > 0 {
            result.push_literal("/");
        }
        result.append(segment);
    }
    result
}

/// Reads what `text` names.
pub fn target(text: &Text) -> Target {
    let segments = text.segments();
    let rest = unscoped(&segments);
    let is_namespace = |first: &Text| first.is_literal().is_some_and(|name| name.contains('.'));
    let keys: Vec<String> = rest.iter().map(Text::name_key).collect();
    let typed = keys.len() >= 3 && keys.len() % 2 == 1 && rest.first().is_some_and(is_namespace);
    if typed {
        Target::Id(keys.join("/"))
    } else {
        Target::Name(keys.join("/"))
    }
}

/// The segments of an id from the resource's type on.
pub(super) fn unscoped(segments: &[Text]) -> &[Text] {
    let is = |segment: &Text, word: &str| {
        segment
            .is_literal()
            .is_some_and(|literal| literal.eq_ignore_ascii_case(word))
    };
    let mut rest = segments;
    while let [first, tail @ ..] = rest
        && is(first, "")
        && !tail.is_empty()
    {
        rest = tail;
    }
    // `/subscriptions/…/providers/` and an opaque scope before `/providers/` only say where.
    let scoped = rest.first().is_some_and(|first| {
        is(first, "subscriptions") || is(first, "providers") || first.is_literal().is_none()
    });
    if scoped && let Some(at) = rest.iter().position(|segment| is(segment, "providers")) {
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    while let [head @ .., last] = rest
        && is(last, "")
        && !head.is_empty()
    {
        rest = head;
    }
    rest
}

/// The key of a resource of type `type_name` (in lower case) called `name`; `None` where the name
/// has not one segment for each of the type's.
pub(super) fn resource_key(type_name: &str, name: &Text) -> Option<String> {
    Some(typed_id(type_name, &name.segments())?.name_key())
}

/// The id of a type and the names for its segments, without a scope.
pub(super) fn typed_id(type_name: &str, names: &[Text]) -> Option<Text> {
    let (namespace, types) = type_name.split_once('/').unwrap_or((type_name, ""));
    let types = types.split('/').filter(|kind| !kind.is_empty());
    let mut id = Text::literal(namespace);
    let mut names = names.iter();
    for kind in types {
        id.push_literal(&format!("/{kind}/"));
        id.append(names.next()?);
    }
    names.next().is_none().then_some(id)
}
