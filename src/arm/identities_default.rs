//! The old way to read a machine's identity:
//! `reference(concat(ID, '/providers/Microsoft.ManagedIdentity/Identities/default'), '2015-08-31-PREVIEW')`.
//!
//! Recognised by the value of the id, so in every spelling; the host's id is cut out in the author's
//! words, and a cut that does not mean the same is refused. Never knows what is made of it. Start at
//! [`identity_reads`].

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::expression::{self, Expression, SegmentCutter, Text, Value};
use super::model::Model;
use super::resource_id::unscoped;
use super::scope::TemplateScope;
use super::sites::ExpressionSite;

/// What the id of a machine's identity ends with. The kind of resource is an extension of any other.
const SUFFIX: &str = "/providers/Microsoft.ManagedIdentity/Identities/default";

/// The only API version of the old way; later ones of the same resource are supported.
const PREVIEW: &str = "2015-08-31-PREVIEW";

/// How many variables are followed from one to the next.
const MAX_VARIABLES: usize = 8;

const HOSTS: [&str; 2] = ["virtualMachines", "virtualMachineScaleSets"];

/// One `reference()` of a machine's `Identities/default`.
#[derive(Clone, Debug)]
pub struct IdentityRead {
    /// The string that it is in.
    pub site: ExpressionSite,
    /// Whether that is in variables.
    pub in_variable: bool,
    /// The whole of it with the member that is read, in bytes of the decoded string.
    pub span: Range<usize>,
    /// Whose identity it is; `None` where that may be something else than a machine.
    pub host: Option<Host>,
    /// What is read of it, as written; `None` for the whole object.
    pub member: Option<String>,
    /// Where the call's parts are.
    pub parts: IdentityParts,
    /// Why it may be something else, or cannot be taken apart.
    pub doubt: Option<&'static str>,
}

/// A VM or scale set whose identity is read.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its id in the author's words, as a part of an expression.
    pub words: String,
    /// The value of the words.
    pub id: Text,
}

/// Where the parts of a call are, in bytes of the decoded string.
#[derive(Clone, Debug)]
pub struct IdentityParts {
    /// The id.
    pub id: Range<usize>,
    /// From behind the id to the end of the last argument.
    pub rest: Range<usize>,
    /// What is between id and version.
    pub comma: Range<usize>,
    /// From behind the call up to the member that is read: empty, or `.properties` of a full one.
    pub gap: Range<usize>,
}

/// Whether the text has the word that ends the type in every spelling of the id, or escapes that may
/// spell it. That of user-assigned identities has no slash before the word.
fn may_read(text: &[u8]) -> bool {
    static WORD: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?-u)(?i:/identities)|\\u").ok());
    WORD.as_ref().is_none_or(|word| word.is_match(text))
}

/// Every read of a machine's `Identities/default`, or of what may be one, in resources and outputs.
pub fn identity_reads(model: &Model<'_>) -> Vec<IdentityRead> {
    if !may_read(model.document().text()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    model.visit_references(|site, expression, value_of| {
        found.extend(reads_in(model, site, expression, value_of));
    });
    model.visit_variables(|site, expression, value_of| {
        let reads = reads_in(model, site, expression, value_of);
        found.extend(reads.into_iter().map(|read| IdentityRead {
            in_variable: true,
            ..read
        }));
    });
    found
}

fn reads_in(
    model: &Model<'_>,
    site: &ExpressionSite,
    expression: &Expression,
    value_of: &dyn Fn(&Expression) -> Value,
) -> Vec<IdentityRead> {
    let text = model.text(site.template, site.node).unwrap_or_default();
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    expression.visit(&mut |part| {
        // What is read of a call comes before the call.
        let (call, accesses) = part.accesses();
        if call.call("reference").is_some() && seen.insert(call.span.start) {
            found.extend(read(model, site, &text, call, &accesses, value_of));
        }
    });
    found
}

/// What a `reference()` in the decoded `text` reads, with what is read of it.
fn read(
    model: &Model<'_>,
    site: &ExpressionSite,
    text: &str,
    call: &Expression,
    accesses: &[&Expression],
    value_of: &dyn Fn(&Expression) -> Value,
) -> Option<IdentityRead> {
    let (id, rest) = call.call("reference")?.split_first()?;
    let value = value_of(id);
    let ids = value.alternatives();
    let is_ours = |id: &&Value| id.as_text().is_some_and(|id| id.ends_with_literal(SUFFIX));
    if !ids.iter().any(is_ours) {
        return None;
    }
    let version = rest.first().map(value_of);
    let known = version.as_ref().and_then(Value::as_literal);
    if known.is_some_and(|version| !version.eq_ignore_ascii_case(PREVIEW)) {
        return None;
    }
    let full = match rest.get(1).map(value_of) {
        None => Some(false),
        Some(kind) => kind
            .as_literal()
            .map(|kind| kind.eq_ignore_ascii_case("Full")),
    };
    let mut last = accesses.first();
    let mut gap = call.span.end..call.span.end;
    if full == Some(true) {
        let is_properties = |name: &str| name.eq_ignore_ascii_case("properties");
        let properties = last.filter(|access| access.member().is_some_and(is_properties));
        gap.end = properties.map_or(gap.end, |properties| properties.span.end);
        last = properties.and(accesses.get(1));
    }
    let mut host = None;
    let mut doubt = Some("a condition decides whose identity this is");
    if let [only] = ids.as_slice() {
        let words = model.scope(site.template).and_then(|scope| {
            let resource = site.resource.and_then(|index| model.resource(index));
            let loop_name = resource.and_then(|resource| resource.loop_name.as_deref());
            host_words(scope, loop_name, text, id)
        });
        let segments = match &words {
            Some((_, host)) => host.segments(),
            // Without its words, what leads its id still says what it is.
            None => {
                let mut segments = only.as_text()?.segments();
                segments.truncate(segments.len().saturating_sub(SUFFIX.matches('/').count()));
                segments
            }
        };
        doubt = match is_machine(&segments) {
            Some(false) => return None,
            Some(true) => {
                host = words.map(|(words, id)| Host { words, id });
                None
            }
            None => Some("the expression does not show whether this is the identity of a machine"),
        };
    }
    let doubt =
        doubt
            .or(known
                .is_none()
                .then_some("the API version of this reference() is unknown"))
            .or((full.is_none() || rest.len() > 2)
                .then_some("the kind of this reference() is unknown"));
    let end = rest.last().map_or(id.span.end, |last| last.span.end);
    let version = rest.first().map_or(end, |version| version.span.start);
    Some(IdentityRead {
        site: *site,
        in_variable: false,
        span: call.span.start..last.map_or(gap.end, |last| last.span.end),
        host,
        member: last.and_then(|last| last.member()).map(str::to_owned),
        parts: IdentityParts {
            id: id.span.clone(),
            rest: id.span.end..end,
            comma: id.span.end..version,
            gap,
        },
        doubt,
    })
}

/// The words for the host of the identity whose id is `id`, a part of the decoded `text`, and their value;
/// `None` where they cannot be cut out so that they provably mean it. Variables are followed, since their ids
/// mean the same where they are used.
fn host_words(
    scope: &TemplateScope<'_>,
    loop_name: Option<&str>,
    text: &str,
    id: &Expression,
) -> Option<(String, Text)> {
    let value = |part: &Expression| scope.expression_value(part, loop_name);
    let cutter = SegmentCutter {
        text,
        value: &value,
        variable: &|part| scope.variable_text(part),
        variables: MAX_VARIABLES,
    };
    let words = cutter.words(id, SUFFIX.matches('/').count())?;
    let host = id_of(&words, value)?;
    let mut whole = host.clone();
    whole.push_literal(SUFFIX);
    let meant = value(id).as_text()?;
    (whole.name_key() == meant.name_key()).then_some((words, host))
}

/// Whether the id of these segments is that of a VM or scale set; `None` where that is unknown.
fn is_machine(segments: &[Text]) -> Option<bool> {
    let is = |segment: &Text, words: &[&str]| {
        let literal = segment.is_literal()?;
        Some(words.iter().any(|word| literal.eq_ignore_ascii_case(word)))
    };
    match unscoped(segments) {
        [namespace, kind, _] => {
            let ours = is(namespace, &["Microsoft.Compute"]);
            let machine = is(kind, &HOSTS);
            if ours == Some(false) || machine == Some(false) {
                Some(false)
            } else {
                Some(ours? && machine?)
            }
        }
        all => all.first().and_then(Text::is_literal).map(|_| false),
    }
}

/// The value of `words` in a scope, as the text of an id.
fn id_of(words: &str, value: impl Fn(&Expression) -> Value) -> Option<Text> {
    value(&expression::parse_words(words)?).as_text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arm::scope::ScopeSetup;
    use crate::json::Document;

    /// The words for the host in `reference(id)`.
    fn host(variables: &str, id: &str) -> Option<String> {
        let template = format!(r#"{{"variables": {variables}}}"#);
        let document = Document::parse(template.as_bytes());
        let scope = TemplateScope::new(&document, document.root().unwrap(), ScopeSetup::default());
        let text = format!("[{id}]");
        let expression = expression::parse(&text).expression()?;
        let (words, _) = host_words(&scope, None, &text, &expression)?;
        Some(words)
    }

    const END: &str = "/providers/Microsoft.ManagedIdentity/Identities/default";

    #[test]
    fn the_host_is_cut_out_in_the_authors_words() {
        let cases = [
            (
                "concat(resourceId('A.B/c/', x()), 'END')",
                "resourceId('A.B/c/', x())",
            ),
            (
                "concat( resourceId('A.B/c', x()) , '/providers/', 'microsoft.managedidentity/identities/DEFAULT' )",
                "resourceId('A.B/c', x())",
            ),
            ("concat('A.B/c/', x(), 'END')", "concat('A.B/c/', x())"),
            (
                "concat('A.B/c/', x(), '-1END')",
                "concat('A.B/c/', x(), '-1')",
            ),
            ("concat('A.B/c/xEND')", "'A.B/c/x'"),
            (
                "'/subscriptions/s/providers/A.B/c/xEND'",
                "'/subscriptions/s/providers/A.B/c/x'",
            ),
            (
                "concat(concat(resourceId('A.B/c', x()), '/providers'), '/Microsoft.ManagedIdentity/Identities/default')",
                "resourceId('A.B/c', x())",
            ),
            (
                "format('{0}END', resourceId('A.B/c', x()))",
                "resourceId('A.B/c', x())",
            ),
            (
                "format('{0}{1}', resourceId('A.B/c', x()), 'END')",
                "resourceId('A.B/c', x())",
            ),
            (
                "format('A.B/c/{0}-{1}END', x(), y())",
                "format('A.B/c/{0}-{1}', x(), y())",
            ),
            (
                "extensionResourceId(resourceId('A.B/c', x()), 'Microsoft.ManagedIdentity/Identities', 'default')",
                "resourceId('A.B/c', x())",
            ),
            (
                "resourceId('A.B/c/providers/Identities', x(), 'Microsoft.ManagedIdentity', 'default')",
                "resourceId('A.B/c', x())",
            ),
            ("variables('id')", "resourceId('A.B/c', variables('name'))"),
            ("variables('ids').vm", "resourceId('A.B/c', 'y')"),
            (
                "variables('literal')",
                "'/subscriptions/s/providers/A.B/c/it''s'",
            ),
            (
                "concat(variables('host'), variables('end'))",
                "variables('host')",
            ),
            (
                "variables('again')",
                "resourceId('A.B/c', variables('name'))",
            ),
        ];
        let variables = format!(
            r#"{{"id": "[concat(resourceId('A.B/c', variables('name')), '{END}')]",
            "ids": {{"vm": "[concat(resourceId('A.B/c', 'y'), variables('end'))]"}},
            "literal": "/subscriptions/s/providers/A.B/c/it's{END}",
            "host": "[resourceId('A.B/c', 'x')]", "end": "{END}", "again": "[variables('id')]"}}"#
        );
        for (id, words) in cases {
            let id = id.replace("END", END);
            assert_eq!(host(&variables, &id).as_deref(), Some(words), "{id}");
        }
    }

    #[test]
    fn no_words_are_cut_that_may_mean_something_else() {
        for id in [
            "toLower(concat(resourceId('A.B/c', x()), 'END'))",
            "if(x(), concat(y(), 'END'), concat(z(), 'END'))",
            "'END'",
            "concat('END')",
            "format('{1}END{0}', '', x())",
            "variables('loop')",
            "extensionResourceId(x(), 'Microsoft.Authorization/locks', 'default')",
            "variables('round')",
        ] {
            let id = id.replace("END", END);
            assert_eq!(
                host(r#"{"round": "[variables('round')]"}"#, &id),
                None,
                "{id}"
            );
        }
    }
}
