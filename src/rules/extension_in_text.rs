//! `extension-in-text`: the extension in files that are no templates, and in strings of templates.
//!
//! Such a file is not understood, only searched for the literal names: the publisher as the value of
//! something that is called so, or beside a type; a type anywhere. Start at [`declarations`].

use std::ops::Range;

use crate::extension::{PREVIEWS, PUBLISHER, TYPE_PREFIX, WORD};
use crate::script::Language;
use crate::text::{Pattern, RangeSet};

use super::replacement::Replacements;
use super::{About, Context, Finding, Place, Related, Root, Rule, Severity, lookalike};

pub(super) static RULE: Rule = Rule {
    id: "extension-in-text",
    finds: "the literal publisher or type of the extension in any file that is not a template: \
            Terraform, Bicep, YAML, code, commands, JSON fragments, documents; and in strings of \
            templates",
    fixes: "reported only, with what to write instead",
    severity: Severity::Warning,
    needles: &[WORD],
    page: include_str!("extension_in_text.md"),
    about: About::Mention,
    detect: Some(detect),
    ..Rule::DEFAULT
};

/// Names that are further apart, in bytes, belong to two declarations.
pub(super) const NEAR: usize = 600;

/// How far in front of a name its key is looked for, in bytes.
const KEY: usize = 240;

static NAME: Pattern = Pattern::made(|| {
    let names = PREVIEWS
        .iter()
        .chain([&PUBLISHER])
        .map(|name| regex::escape(name));
    let names = names.collect::<Vec<_>>().join("|");
    format!("(?i-u)(?<publisher>{names})|{TYPE_PREFIX}[a-z]*")
});

/// A key whose name ends in `publisher`, or an option or a call of that name, up to the quote of its value.
static PUBLISHER_KEY: Pattern = Pattern::made(|| {
    let wrapper = r#"[a-z_.&*]{1,40}\s*\(\s*"#;
    let member = r#"[\\"']{0,3}(?:value|default|defaultvalue)[\\"']{0,3}\s*[:=]\s*"#;
    let type_of_it = r#"type\s*=\s*\w+\s+|description\s*=\s*"[^"]*"\s+"#;
    format!(
        r#"(?is-u)[a-z0-9_-]*publisher[a-z_]{{0,24}}[\\"'`\])]{{0,3}}(?:\s*string)?(?:(?:\s*[:=(,>]+|\s*\{{)[\s{{&*@$]*(?:{wrapper}|{member}|{type_of_it})*|\s+)[\\"'`@$]{{0,4}}$"#
    )
});

/// A key, an option or a call in front of a type.
static KEY_OF_TYPE: Pattern = Pattern::new(
    r#"(?is-u)(?:[^=!<>~:]=>?|[\w"'`\])\\]\s*:|[?,(]|(?:^|\s)--?[a-z][\w-]*)\s*(?:[a-z_.&*]{1,40}\s*\(\s*)?[\\"'`@$&*\s]{0,6}$"#,
);

/// A literal declaration, or mention, of the extension or of a preview of it.
#[derive(Clone, Debug)]
pub(super) struct Declaration {
    /// The key with its value, or the type.
    pub(super) span: Range<usize>,
    /// The publisher, or the type where no publisher is beside it.
    name: String,
    /// Whether it is a value, so that it declares the extension; else it is only mentioned.
    is_value: bool,
    /// Whether it has the publisher.
    has_publisher: bool,
}

/// The declarations in a text, in order, but for names where `is_silent` holds.
pub(super) fn declarations(text: &[u8], is_silent: impl Fn(usize) -> bool) -> Vec<Declaration> {
    let mut found: Vec<Declaration> = Vec::new();
    for captures in NAME.captures(text) {
        let Some(whole) = captures.get(0) else {
            continue;
        };
        let is_publisher = captures.name("publisher").is_some();
        let declaration = declaration(text, whole.range(), is_publisher);
        let Some(mut declaration) = declaration.filter(|one| !is_silent(one.span.start)) else {
            continue;
        };
        if let Some(last) = found.last_mut()
            && declaration.span.start.saturating_sub(last.span.end) < NEAR
            && !(last.has_publisher && declaration.has_publisher)
        {
            // Publisher and type of one declaration.
            if declaration.has_publisher && !last.has_publisher {
                declaration.is_value |= last.is_value;
                *last = declaration;
            } else {
                last.is_value |= declaration.is_value;
            }
            continue;
        }
        found.push(declaration);
    }
    found
}

/// The declaration that a name in a text is a part of; `None` for a resource provider's name.
fn declaration(text: &[u8], name: Range<usize>, is_publisher: bool) -> Option<Declaration> {
    let of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_/@".contains(byte);
    let behind = text.get(name.end..).unwrap_or_default();
    let goes_on = match behind {
        [b'.', next, ..] => of_name(next),
        [next, ..] => is_publisher && of_name(next),
        [] => false,
    };
    let before = text.get(..name.start).unwrap_or_default();
    if goes_on || (is_publisher && before.last().is_some_and(of_name)) {
        return None;
    }
    let from = name.start.saturating_sub(KEY);
    let before = before.get(from..).unwrap_or_default();
    let key = if is_publisher {
        &PUBLISHER_KEY
    } else {
        &KEY_OF_TYPE
    };
    let key = key.find(before).next();
    let key = key.filter(|key| {
        let key = before.get(key.clone()).unwrap_or_default();
        // Of the words of a sentence, only an option has a value.
        !is_publisher || key.starts_with(b"-") || key.iter().any(|byte| b":=(,>{".contains(byte))
    });
    // An element of a list is no value by itself, such as in the rule of a linter.
    let key = key.filter(|_| is_publisher || !is_in_list(before));
    let end = name.end + usize::from(behind.first().is_some_and(|byte| b"\"'`".contains(byte)));
    let said = text.get(name.clone()).unwrap_or_default();
    match (key, is_publisher) {
        (None, true) => None,
        (key, _) => Some(Declaration {
            span: match &key {
                Some(key) if is_publisher => from + key.start..end,
                _ => name,
            },
            name: String::from_utf8_lossy(said).into_owned(),
            is_value: key.is_some(),
            has_publisher: is_publisher,
        }),
    }
}

/// Whether a text ends in a list of JSON or the like.
fn is_in_list(before: &[u8]) -> bool {
    let mut depth = 0usize;
    let opens = before.iter().rev().find(|byte| match byte {
        b')' | b']' | b'}' => {
            depth += 1;
            false
        }
        b'(' | b'[' | b'{' if depth > 0 => {
            depth -= 1;
            false
        }
        byte => b"([{".contains(byte),
    });
    opens == Some(&b'[')
}

/// What is found in a file: one finding for each declaration, or for all of a file in a language that is not
/// known.
pub(super) fn in_text(
    name: &[u8],
    text: &[u8],
    language: Language,
    is_silent: impl Fn(usize) -> bool,
    commands: &RangeSet,
) -> Vec<Finding> {
    let mut found = declarations(text, is_silent);
    // Commands that install the extension are findings of their own, with what follows the publisher in them.
    found.retain(|declared| !commands.contains(declared.span.start));
    let replacements = Replacements::of(text, language);
    let recorded = is_recording(name);
    let findings = found.iter().map(|declared| {
        let is_note = language.is_document() || recorded || !declared.is_value;
        let finding = declared
            .finding(Place::in_text(declared.span.clone()), language.name())
            .with_help(replacements.of_declaration(declared.span.start));
        match is_note {
            true => finding.with_severity(Severity::Note),
            false => finding,
        }
    });
    let mut findings: Vec<Finding> = findings.collect();
    if language == Language::Plain && findings.len() > 1 {
        let first = (0..findings.len()).max_by_key(|at| {
            let severity = findings.get(*at).map(|finding| finding.severity);
            (severity, std::cmp::Reverse(*at))
        });
        let mut one = findings.swap_remove(first.unwrap_or_default());
        let others = findings.into_iter();
        one.related
            .extend(others.map(|finding| Related::new(finding.place, "and here")));
        one.related.sort_by_key(|related| related.place.span.start);
        findings = vec![one];
    }
    findings
}

/// Whether a file is a recording of what a service answered.
fn is_recording(name: &[u8]) -> bool {
    const FOLDERS: [&[u8]; 5] = [
        b"recordings",
        b"recording",
        b"cassettes",
        b"sessionrecords",
        b"session-records",
    ];
    let mut parts = name.split(|byte| *byte == b'/');
    parts.any(|part| {
        FOLDERS
            .iter()
            .any(|folder| part.eq_ignore_ascii_case(folder))
    })
}

/// The extension in strings of a template, such as the argument of a `json()`.
pub(super) fn detect(context: &Context<'_, '_>) -> Vec<Root> {
    let document = context.model.document();
    let strings = context.strings_with(&NAME).into_iter();
    strings
        .filter_map(|node| {
            let text = document.string(node)?;
            let declared = declarations(text.as_bytes(), |_| false).into_iter();
            // Options of a command and arguments of createObject() are findings of other rules.
            let mut declared = declared.filter(|declared| {
                let said = text
                    .as_bytes()
                    .get(declared.span.clone())
                    .unwrap_or_default();
                declared.has_publisher && said.iter().any(|byte| b":=".contains(byte))
            });
            let declared = declared.next()?;
            let place = context.place(node);
            let finding = declared
                .finding(place, "a string")
                .with_severity(Severity::Note)
                .with_help(Replacements::of(text.as_bytes(), Language::Json).of_declaration(0));
            Some(Root::report(finding))
        })
        .collect()
}

impl Declaration {
    fn finding(&self, place: Place, language: &str) -> Finding {
        let is_preview = PREVIEWS
            .iter()
            .any(|preview| self.name.eq_ignore_ascii_case(preview));
        if is_preview {
            return Finding::new(&lookalike::RULE, place, lookalike::message(&self.name));
        }
        let message = format!(
            "the deprecated managed identity VM extension in {language}: where Azure no longer \
             publishes it, the deployment fails"
        );
        Finding::new(&RULE, place, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(&str, bool)> {
        let found = declarations(text.as_bytes(), |_| false).into_iter();
        found
            .map(|one| (text.get(one.span.clone()).unwrap(), one.is_value))
            .collect()
    }

    #[test]
    fn a_publisher_is_found_as_each_language_spells_it() {
        for text in [
            "publisher: 'Microsoft.ManagedIdentity'",
            "  publisher            = \"Microsoft.ManagedIdentity\"",
            "\"publisher\": \"microsoft.managedidentity\",",
            "'{\\\"publisher\\\": \\\"Microsoft.ManagedIdentity\\\"}'",
            "publisher: Microsoft.ManagedIdentity\n",
            "vmExtPublisher: 'Microsoft.ManagedIdentity'",
            "param publisher string = 'Microsoft.ManagedIdentity'",
            "var msiPublisher = 'Microsoft.ManagedIdentity'",
            "Publisher:  to.StringPtr(\"Microsoft.ManagedIdentity\"),",
            "Publisher: to.Ptr(\"Microsoft.ManagedIdentity\"),",
            ".withPublisher(\"Microsoft.ManagedIdentity\")",
            "const string PublisherName = \"Microsoft.ManagedIdentity\";",
            ":publisher => 'Microsoft.ManagedIdentity'",
            "az vm extension set --publisher Microsoft.ManagedIdentity -n x",
            "Set-AzVMExtension -Publisher 'Microsoft.ManagedIdentity'",
            "\"extensionPublisher\": { \"value\": \"Microsoft.ManagedIdentity\" }",
            "variable \"publisher\" {\n  type = string\n  default = \"Microsoft.ManagedIdentity\"\n}",
            "<Publisher>Microsoft.ManagedIdentity</Publisher>",
        ] {
            let found = values(text);
            assert!(matches!(found.as_slice(), [(_, true)]), "{text}: {found:?}");
        }
    }

    #[test]
    fn a_type_is_found_alone_and_declares_where_it_is_a_value() {
        for (text, is_value) in [
            ("type = \"ManagedIdentityExtensionForLinux\"", true),
            ("kind: ManagedIdentityExtensionFor${os}", true),
            ("--name ManagedIdentityExtensionForWindows", true),
            ("install('ManagedIdentityExtensionForWindows')", true),
            (
                "linux ? \"ManagedIdentityExtensionForLinux\" : \"other\"",
                true,
            ),
            ("if kind == 'ManagedIdentityExtensionForLinux' {", false),
            ("\"ManagedIdentityExtensionForLinux\" is old", false),
            (
                "\"not\": [\"x\", \"ManagedIdentityExtensionForLinux\"]",
                false,
            ),
        ] {
            let found = values(text);
            assert!(
                matches!(found.as_slice(), [(_, value)] if *value == is_value),
                "{text}: {found:?}"
            );
        }
    }

    #[test]
    fn publisher_and_type_are_one_declaration_and_neighbours_are_two() {
        let one =
            "publisher: 'Microsoft.ManagedIdentity'\ntype: 'ManagedIdentityExtensionForLinux'\n";
        let turned =
            "type: 'ManagedIdentityExtensionForLinux'\npublisher: 'Microsoft.ManagedIdentity'\n";
        assert_eq!(values(one).len(), 1);
        assert_eq!(
            values(turned),
            [("publisher: 'Microsoft.ManagedIdentity'", true)]
        );
        assert_eq!(values(&[one, one].concat()).len(), 2);
    }

    #[test]
    fn the_resource_provider_of_that_name_is_something_else() {
        for text in [
            "'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31'",
            "az provider register --namespace Microsoft.ManagedIdentity --wait",
            "  - Microsoft.ManagedIdentity\n",
            "resource_providers = [\"Microsoft.Compute\", \"Microsoft.ManagedIdentity\"]",
            "publisher: 'Microsoft.ManagedIdentityX'",
            "the publisher Microsoft.ManagedIdentity of old",
        ] {
            assert!(values(text).is_empty(), "{text}: {:?}", values(text));
        }
    }

    #[test]
    fn documents_recordings_and_mentions_are_notes() {
        let text = b"publisher: 'Microsoft.ManagedIdentity'";
        let severity = |name: &str, language| {
            let found = in_text(
                name.as_bytes(),
                text,
                language,
                |_| false,
                &RangeSet::default(),
            );
            found.iter().map(|finding| finding.severity).max()
        };
        assert_eq!(
            severity("vm.bicep", Language::Bicep),
            Some(Severity::Warning)
        );
        assert_eq!(severity("vm.rst", Language::Document), Some(Severity::Note));
        assert_eq!(
            severity("a/recordings/vm.yaml", Language::Yaml),
            Some(Severity::Note)
        );
    }

    #[test]
    fn previews_are_told_apart() {
        let text = b"publisher: 'Microsoft.ManagedIdentity.Edp'\npublisher: 'Microsoft.Azure.Test.Identity'";
        let found = in_text(
            b"vm.bicep",
            text,
            Language::Bicep,
            |_| false,
            &RangeSet::default(),
        );
        let rules: Vec<&str> = found.iter().map(|finding| finding.rule.id).collect();
        assert_eq!(rules, ["lookalike", "lookalike"]);
    }

    #[test]
    fn a_file_in_no_known_language_has_one_finding() {
        let text = b"publisher=Microsoft.ManagedIdentity\npublisher=Microsoft.ManagedIdentity\n";
        let found = in_text(
            b"vm.props",
            text,
            Language::Plain,
            |_| false,
            &RangeSet::default(),
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].related.len(), 1);
    }
}
