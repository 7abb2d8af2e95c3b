//! What the two removing rules share: from an extension's recognition to a root finding.

use crate::arm::{Extension, Recognition};

use super::{Context, Finding, Fix, Root, Rule, Severity};

/// The root finding for the extension at `index`, if it is the managed identity extension or may
/// be it. `help` goes with a removal.
pub(super) fn root(
    context: &Context<'_, '_>,
    rule: &'static Rule,
    index: usize,
    extension: &Extension,
    help: Vec<String>,
) -> Option<Root> {
    let document = context.model.document();
    let (severity, message, fix) = match &extension.recognition {
        Recognition::Other | Recognition::Lookalike(_) => return None,
        Recognition::Match => (
            Severity::Error,
            "the managed identity VM extension is no longer published: a deployment that names it \
             fails"
                .to_owned(),
            Fix::Safe,
        ),
        Recognition::OtherType(name) => (
            Severity::Warning,
            format!(
                "publisher Microsoft.ManagedIdentity never shipped an extension of type {name}"
            ),
            Fix::Held("the type is not one of the managed identity extension's".to_owned()),
        ),
        Recognition::Undecided(reason) => (
            Severity::Warning,
            "this may be the managed identity VM extension, which is no longer published"
                .to_owned(),
            Fix::Held(reason.clone()),
        ),
    };
    let properties = document.get(extension.node, "properties");
    let publisher = properties.and_then(|properties| document.key(properties, "publisher"));
    let mut place = context.place(extension.node);
    if let Some(publisher) = publisher {
        place.span = context.member_place(publisher).span;
    }
    let removes = fix == Fix::Safe;
    Some(Root {
        finding: Finding {
            rule,
            severity,
            message,
            place,
            related: Vec::new(),
            help: if removes {
                help
            } else {
                vec![undecided_help()]
            },
            fix,
        },
        extension: Some(index),
        removes,
        mend: None,
    })
}

fn undecided_help() -> String {
    "if it is that extension, remove it, let what waited for it wait for the machine, and ask IMDS \
     for tokens"
        .to_owned()
}
