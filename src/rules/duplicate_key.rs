//! `duplicate-key`: a property that a later one of the same name makes dead.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::arm::{Recognition, stray_extensions};
use crate::json::{Document, Kind, NodeId};

use super::{Context, Finding, Related, Root, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "duplicate-key",
    finds: "in a template with the extension: a property that is given twice, in whatever case; the \
            last one counts",
    fixes: "reported only; edits change the last one",
    severity: Severity::Warning,
    page: include_str!("duplicate_key.md"),
    detect: Some(detect),
    ..Rule::DEFAULT
};

pub(super) fn detect(context: &Context<'_, '_>) -> Vec<Root> {
    let concerned = context
        .extensions
        .iter()
        .any(|extension| extension.recognition != Recognition::Other)
        // A list that a later one overrides is none that extensions are looked for in.
        || !stray_extensions(context.model, &context.extensions).is_empty();
    let document = context.model.document();
    // In a recovered text, two objects may have run into one.
    if !concerned || !document.errors().is_empty() {
        return Vec::new();
    }
    let mut roots = Vec::new();
    let symbols: HashSet<NodeId> = context
        .model
        .resources()
        .iter()
        .filter(|resource| resource.symbol.is_some())
        .filter_map(|resource| document.parent(document.parent(resource.node)?))
        .collect();
    let objects = document
        .nodes()
        .filter(|node| document.kind(*node) == Kind::Object);
    for object in objects.filter(|object| has_duplicates(document, *object)) {
        let mut last = HashMap::new();
        for key in document.children(object) {
            let Some(name) = document.string(key) else {
                continue;
            };
            // Several `copy` members beside each other are common, and deploy.
            if name.eq_ignore_ascii_case("copy") {
                continue;
            }
            // Symbolic names are case-sensitive.
            let known_as = if symbols.contains(&object) {
                name.clone()
            } else {
                name.to_ascii_lowercase()
            };
            let Some(earlier) = last.insert(known_as, key) else {
                continue;
            };
            let finding = Finding::new(
                &RULE,
                context.member_place(earlier),
                format!("the property {name} is given again below, and only the last one counts"),
            )
            .with_related([Related::new(context.place(key), "this one counts")])
            .with_help(["remove the first one"]);
            roots.push(Root::report(finding));
        }
    }
    roots
}

/// Whether two keys of the object are alike, without case. Hardly any object has such keys, so this
/// is asked of each before the pairs are looked for.
fn has_duplicates(document: &Document<'_>, object: NodeId) -> bool {
    let keys = document.children(object);
    let mut names: Vec<Cow<'_, str>> = keys.filter_map(|key| document.text_of(key)).collect();
    // Most differ in length already.
    names.sort_unstable_by(|one, other| {
        let by_length = one.len().cmp(&other.len());
        by_length.then_with(|| lower(one).cmp(lower(other)))
    });
    let mut pairs = names.windows(2);
    pairs.any(|pair| matches!(pair, [one, next] if one.eq_ignore_ascii_case(next)))
}

fn lower(name: &str) -> impl Iterator<Item = u8> + '_ {
    name.bytes().map(|byte| byte.to_ascii_lowercase())
}
