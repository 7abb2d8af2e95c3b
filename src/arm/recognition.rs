//! Whether a VM extension is the managed identity extension.
//!
//! It is recognised by publisher and type after evaluation, never by its name: publisher
//! `Microsoft.ManagedIdentity` shipped `ManagedIdentityExtensionForWindows` and
//! `ManagedIdentityExtensionForLinux` only. Never knows where it is. Start at [`recognise`].

use crate::extension::{PREVIEWS, PUBLISHER, TYPE_PREFIX, TYPES};
use crate::json::{Document, NodeId};

use super::expression::{Expression, Value};
use super::model::{Model, ResourceIndex};
use super::parts::Parts;

const NOT_FIXED: &str =
    "the value of `publisher` is unknown; add a parameter file, or write the publisher out";

/// Whether an extension is the managed identity extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recognition {
    /// It is another one.
    Other,
    /// It is.
    Match,
    /// It has the publisher, but a type that the publisher never shipped.
    OtherType(String),
    /// It is in some deployments: why the template does not show that.
    Undecided(String),
    /// A preview's publisher: not this extension, but as dead.
    Lookalike(String),
}

/// Whether the object has the extension's publisher and one of its types, both written out.
pub(super) fn is_declared(document: &Document<'_>, object: NodeId) -> bool {
    let is = |name: &str, accepts: &dyn Fn(&str) -> bool| {
        document
            .get(object, name)
            .and_then(|value| document.string(value))
            .is_some_and(|text| accepts(&text))
    };
    is("publisher", &|text| text.eq_ignore_ascii_case(PUBLISHER))
        && is("type", &|text| {
            TYPES.iter().any(|ours| text.eq_ignore_ascii_case(ours))
        })
}

/// Whether the expression makes an object with the extension's publisher or one of its types, or reads one
/// from a text.
pub(super) fn makes_ours(expression: &Expression) -> bool {
    let mut found = false;
    expression.visit(&mut |part| {
        let members = part.call("createObject").unwrap_or_default();
        found |= members.chunks_exact(2).any(|member| match member {
            [name, value] => {
                let is = |known: &str| name.string().is_some_and(|n| n.eq_ignore_ascii_case(known));
                let text = value.string().unwrap_or_default();
                let is_type = TYPES.iter().any(|ours| text.eq_ignore_ascii_case(ours));
                is("publisher") && text.eq_ignore_ascii_case(PUBLISHER) || is("type") && is_type
            }
            _ => false,
        });
        if let Some([text]) = part.call("json") {
            let text = text.string().unwrap_or_default().to_ascii_lowercase();
            let quoted = format!("\"{}\"", PUBLISHER.to_ascii_lowercase());
            found |= text.contains(&quoted);
        }
    });
    found
}

/// Judges an extension by the `publisher` and `type` of its properties.
pub(super) fn recognise(model: &Model<'_>, owner: ResourceIndex, parts: &Parts) -> Recognition {
    let Some(publisher) = &parts.publisher else {
        return Recognition::Other;
    };
    let kind = parts.kind.as_deref();
    let publishers = values(model, owner, publisher);
    let ours = publishers
        .iter()
        .filter(|p| is_literal(p, PUBLISHER))
        .count();
    if ours == publishers.len() {
        return recognise_type(model, owner, kind);
    }
    if ours > 0 {
        let reason = match model.text_value(owner, publisher) {
            Value::Choice { .. } => "a condition decides `publisher`",
            _ => NOT_FIXED,
        };
        return Recognition::Undecided(reason.to_owned());
    }
    if let [only] = publishers.as_slice()
        && let Some(name) = PREVIEWS.iter().find(|name| is_literal(only, name))
    {
        return Recognition::Lookalike((*name).to_owned());
    }
    if publishers.iter().all(|p| p.as_literal().is_some()) {
        return Recognition::Other;
    }
    let value = model.default_text_value(owner, publisher);
    let defaults = value.alternatives();
    let by_default = defaults.iter().any(|p| is_literal(p, PUBLISHER));
    let unknown = defaults.iter().any(|p| p.as_literal().is_none());
    let type_matches = kind.is_some_and(|kind| {
        let value = model.default_text_value(owner, kind);
        let types = value.alternatives();
        types
            .iter()
            .any(|t| TYPES.iter().any(|ours| is_literal(t, ours)))
    });
    if by_default || (unknown && type_matches) {
        Recognition::Undecided(NOT_FIXED.to_owned())
    } else {
        Recognition::Other
    }
}

/// The publisher is ours: judges the type.
fn recognise_type(model: &Model<'_>, owner: ResourceIndex, kind: Option<&str>) -> Recognition {
    let Some(kind) = kind else {
        return Recognition::Match;
    };
    let types = values(model, owner, kind);
    let others: Vec<&str> = types
        .iter()
        .filter_map(|leaf| leaf.as_literal())
        .filter(|literal| TYPES.iter().all(|ours| !literal.eq_ignore_ascii_case(ours)))
        .collect();
    match others.as_slice() {
        [] => Recognition::Match,
        // One that only starts like ours is a slip, or a name of tomorrow.
        [only] if types.len() == 1 && names_ours(only) => Recognition::Match,
        [other, ..] if others.len() == types.len() => Recognition::OtherType((*other).to_owned()),
        _ => Recognition::Undecided("a condition decides `type`".to_owned()),
    }
}

/// Whether `text` is the publisher, or the types or a pattern for them.
pub(super) fn names_ours(text: &str) -> bool {
    let start = text.get(..TYPE_PREFIX.len());
    text.eq_ignore_ascii_case(PUBLISHER)
        || start.is_some_and(|start| start.eq_ignore_ascii_case(TYPE_PREFIX))
        || text.eq_ignore_ascii_case("ManagedIdentityExtension*")
}

fn is_literal(value: &Value, text: &str) -> bool {
    value
        .as_literal()
        .is_some_and(|literal| literal.eq_ignore_ascii_case(text))
}

/// All values that a part of an extension can have where the resource at `owner` is.
fn values(model: &Model<'_>, owner: ResourceIndex, text: &str) -> Vec<Value> {
    let value = model.text_value(owner, text);
    // What a loop makes of a list is one extension for each element.
    let cases = match value.mentions_copy_index() {
        true => Vec::new(),
        false => model.cases(owner, text),
    };
    let values = cases.iter().flat_map(|case| case.value.alternatives());
    let values: Vec<_> = values.cloned().collect();
    match values.is_empty() {
        true => value.alternatives().into_iter().cloned().collect(),
        false => values,
    }
}
