//! What a `dependsOn` entry or an id names: a typed id or a bare name.
//!
//! Source: resource dependency and template function pages of the ARM documentation; a full id, a
//! `type/name` path and a plain name are all legal.

use super::expression::{self, Text, Unbound};

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
    Text::of_segments(unscoped(&text.segments()))
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
    let mut types = type_name.split('/').map(Text::literal);
    let mut segments = vec![types.next()?];
    let mut names = names.iter();
    for kind in types {
        segments.extend([kind, names.next()?.clone()]);
    }
    names.next().is_none().then(|| Text::of_segments(&segments))
}

/// Whether `id` names a resource of the resource group that is deployed to, as far as the words show.
pub(super) fn is_local(id: &Text) -> bool {
    let own = expression::evaluate_text("[resourceId('A.B/c', 'd')]", &expression::Unbound);
    let Some(own) = own.as_text() else {
        return false;
    };
    let scope =
        |id: &Text| -> Vec<String> { id.segments().iter().take(6).map(Text::name_key).collect() };
    let relative = matches!(target(id), Target::Id(_)) && !id.starts_with_literal("/");
    (relative && id.leading_literal().contains('.')) || scope(id) == scope(&own)
}

/// The entry of the parent, in the author's words: a typed id loses its last type and name, a bare name its last
/// segment. What the result means is for the caller to check.
///
/// `text` is the decoded text of the entry, and so is the result.
pub(super) fn parent_entry(text: &str) -> Option<String> {
    let id = expression::evaluate_text(text, &Unbound).as_text()?;
    let segments = id.segments();
    let is_empty = |segment: &&Text| segment.is_literal() == Some("");
    // A doubled or trailing slash leaves open which segments are names.
    if segments
        .iter()
        .skip_while(is_empty)
        .any(|one| is_empty(&one))
    {
        return None;
    }
    match target(&id) {
        // Namespace, type and name alone are a resource without a parent.
        Target::Id(key) if key.matches('/').count() < 4 => None,
        Target::Id(_) => expression::without_last_segments(text, 2),
        Target::Name(_) => expression::without_last_segments(text, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arm::expression::{evaluate_text, without_last_segments};

    #[test]
    fn the_parent_is_written_in_the_authors_words() {
        let cases = [
            (
                "[resourceId('A.B/c/d', X(), Y())]",
                "[resourceId('A.B/c', X())]",
            ),
            (
                "[ resourceID( 'A.B/c/d/' , X() ,'N' ) ]",
                "[ resourceID( 'A.B/c/' , X() ) ]",
            ),
            (
                "[resourceId(subscription().subscriptionId, 'rg', 'A.B/c/d', X(), Y())]",
                "[resourceId(subscription().subscriptionId, 'rg', 'A.B/c', X())]",
            ),
            (
                "[resourceId('A.B/c/d', split(format('{0}/N', X()), '/')[0], split(format('{0}/N', X()), '/')[1])]",
                "[resourceId('A.B/c', split(format('{0}/N', X()), '/')[0])]",
            ),
            (
                "[extensionResourceId(resourceId('E.F/g', 'h'), 'A.B/c/d', 'x', 'y')]",
                "[extensionResourceId(resourceId('E.F/g', 'h'), 'A.B/c', 'x')]",
            ),
            (
                "[concat('A.B/c/', X(), '/d/NAME')]",
                "[concat('A.B/c/', X())]",
            ),
            (
                "[concat('A.B/c/', X(), '/d/', Y())]",
                "[concat('A.B/c/', X())]",
            ),
            (
                "[concat('A.B/c/', X(), '-1/d/', Y())]",
                "[concat('A.B/c/', X(), '-1')]",
            ),
            (
                "[concat('A.B/c/', X(), '/', 'd/', Y())]",
                "[concat('A.B/c/', X())]",
            ),
            (
                "[concat('A.B/c/', 'sqlSrv16/d/NAME')]",
                "[concat('A.B/c/', 'sqlSrv16')]",
            ),
            ("[concat('A.B/c/x/d/', Y())]", "A.B/c/x"),
            (
                "[concat('A.B/c/', concat(X(),copyIndex()),'/d/NAME')]",
                "[concat('A.B/c/', concat(X(),copyIndex()))]",
            ),
            (
                "[concat(concat('A.B/c/', X(), '/d/'), 'N')]",
                "[concat('A.B/c/', X())]",
            ),
            (
                "[concat(resourceId('A.B/c', X()), '/d/Y')]",
                "[resourceId('A.B/c', X())]",
            ),
            ("[concat(X(), '/NAME')]", "[X()]"),
            ("[concat('it''s', X(), '/NAME')]", "[concat('it''s', X())]"),
            ("[format('{0}/NAME', X())]", "[X()]"),
            (
                "[format('A.B/c/{0}/d/NAME', X())]",
                "[format('A.B/c/{0}', X())]",
            ),
            (
                "[format('A.B/c/{0}/d/{1}', X(), Y())]",
                "[format('A.B/c/{0}', X())]",
            ),
            ("[format('A.B/c/x/d/{0}', Y())]", "A.B/c/x"),
            ("['A.B/c/x/d/y']", "A.B/c/x"),
            ("A.B/c/x/d/y", "A.B/c/x"),
            ("/A.B/c/x/d/y", "/A.B/c/x"),
            (
                "/subscriptions/s/resourceGroups/g/providers/A.B/c/x/d/y",
                "/subscriptions/s/resourceGroups/g/providers/A.B/c/x",
            ),
            ("vm/ext", "vm"),
            ("my.vm/ext", "my.vm"),
        ];
        for (text, parent) in cases {
            assert_eq!(parent_entry(text).as_deref(), Some(parent), "{text}");
        }
    }

    #[test]
    fn the_caller_may_say_how_many_segments_go() {
        let text = "[concat(variables('vmId'), '/extensions/NAME')]";
        assert_eq!(
            without_last_segments(text, 2).as_deref(),
            Some("[variables('vmId')]")
        );
    }

    #[test]
    fn no_cut_is_made_where_it_cannot_be_read() {
        for text in [
            "",
            "vm",
            "/vm",
            "[variables('id')]",
            "A.B/c/x/d/",
            "[concat('A.B/c/', X(), '/d/', '/NAME')]",
            "[concat('A.B/c/', X())]",
            "[concat(X(), Y())]",
            "[resourceId('A.B/c', X())]",
            "[resourceId('A.B/c/d', X())]",
            "[resourceId('A.B/c/d', X(), Y(), Z())]",
            "[resourceId(variables('type'), X(), Y())]",
            "[concat('A.B/c/', X(), replace(Y(), '-', '/'))]",
            "[if(a(), 'x/y', 'z/y')]",
            "[format('{1}/d/{0}', X(), Y())]",
            "[format(X(), 'a/b')]",
            "[format('{18446744073709551615}/d', X())]",
            "[ns.concat('a', '/b')]",
            "[concat('a/b']",
            "[[a]/b]",
        ] {
            assert_eq!(parent_entry(text), None, "{text}");
        }
        assert_eq!(without_last_segments("[[a]/b", 1), None);
        assert_eq!(without_last_segments("vm/ext", 0), None);
    }

    #[test]
    fn a_cut_id_means_the_parent() {
        let parent = parent_entry("[concat('A.B/c/', X(), '/d/NAME')]").unwrap();
        assert_eq!(
            evaluate_text(&parent, &Unbound),
            evaluate_text("[format('A.B/c/{0}', x())]", &Unbound)
        );
        assert!(expression::parse(&parent).expression().is_some());
    }
}
