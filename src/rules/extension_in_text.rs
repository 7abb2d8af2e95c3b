//! `extension-in-text`: the extension in files of other languages and in strings of templates.
//!
//! What stands there is not understood, only found: by the property `publisher` as the language of
//! the file spells it. So it is a note with the replacement in words. Start at [`LANGUAGES`].

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use super::needles::EXTENSION;
use super::{Context, Finding, Fix, Place, Remedy, Root, Rule, Severity, lookalike};

pub(super) static RULE: Rule = Rule {
    id: "extension-in-text",
    finds: "the extension in Bicep, Terraform, Go text templates, Jsonnet, Markdown and code, and in \
            strings of templates",
    fixes: "reported only, with the replacement in words",
    severity: Severity::Note,
    needles: &[EXTENSION],
    remedy: Remedy::None,
    page: include_str!("extension_in_text.md"),
};

/// A language in which virtual machines are declared.
struct Language {
    /// How the names of its files end.
    endings: &'static [&'static str],
    /// What such a file is called.
    name: &'static str,
    /// What to write instead.
    instead: &'static str,
    /// Where in a file declarations stand.
    part: Part,
}

/// Where in a file declarations stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Everywhere but on lines that start with one of these.
    CodeWithComments(&'static [&'static str]),
    /// Between the fences of code blocks.
    Fences,
}

const ARM_INSTEAD: &str = "remove the entry, let what waits for it wait for what it waited for, and \
                           give the machine \"identity\": { \"type\": \"SystemAssigned\" }";

/// The languages in which the extension is looked for.
const LANGUAGES: &[Language] = &[
    Language {
        endings: &[".bicep"],
        name: "Bicep",
        instead: "remove the resource or the entry of the extension profile, take its name out of every \
                  dependsOn, and see that the machine has an identity",
        part: Part::CodeWithComments(&["//"]),
    },
    Language {
        endings: &[".tf", ".hcl"],
        name: "Terraform",
        instead: "remove the resource or the extension block, take its name out of every depends_on, and \
                  see that the machine has an identity block",
        part: Part::CodeWithComments(&["#", "//"]),
    },
    Language {
        endings: &[".t", ".tmpl", ".gotmpl", ".tpl"],
        name: "a text template",
        instead: ARM_INSTEAD,
        part: Part::CodeWithComments(&[]),
    },
    Language {
        endings: &[".jsonnet", ".libsonnet"],
        name: "Jsonnet",
        instead: ARM_INSTEAD,
        part: Part::CodeWithComments(&["//", "#"]),
    },
    Language {
        endings: &[".md", ".markdown"],
        name: "Markdown",
        instead: ARM_INSTEAD,
        part: Part::Fences,
    },
    Language {
        endings: &[
            ".go", ".cs", ".fs", ".java", ".kt", ".js", ".ts", ".py", ".rb", ".rs",
        ],
        name: "code",
        instead: ARM_INSTEAD,
        part: Part::CodeWithComments(&["//", "#"]),
    },
];

/// The extension and its previews in a file called `name`; `None` if neither the name nor the start
/// of the text says that it is in a language other than JSON.
pub(super) fn in_text(name: &[u8], text: &[u8]) -> Option<Vec<Finding>> {
    let mut directives = [&b"{{"[..], b"{%"].into_iter();
    let name = match text.trim_ascii_start() {
        // Whatever its name, what starts so is no JSON yet.
        start if directives.any(|open| start.starts_with(open)) => b".tmpl",
        _ => name,
    };
    let language = LANGUAGES.iter().find(|language| {
        let mut endings = language.endings.iter();
        endings.any(|ending| ends_with(name, ending.as_bytes()))
    })?;
    let findings = declarations(text)
        .filter(|declared| language.part.holds(text, declared.span.start))
        .map(|declared| {
            let place = Place {
                source: 0,
                span: declared.span.clone(),
                path: String::new(),
            };
            declared.finding(place, language.name, language.instead)
        });
    Some(findings.collect())
}

/// The extension in strings of a template, such as the argument of a `json()`.
pub(super) fn detect(context: &Context<'_, '_>) -> Vec<Root> {
    static PUBLISHER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let names = PUBLISHERS.map(regex::escape).join("|");
        let mut builder = RegexBuilder::new(&names);
        builder.case_insensitive(true).unicode(false).build().ok()
    });
    let document = context.model.document();
    let strings = context.strings_with(&PUBLISHER).into_iter();
    strings
        .filter_map(|node| {
            let text = document.string(node)?;
            let declared = declarations(text.as_bytes()).next()?;
            let place = context.place(node);
            Some(Root::report(declared.finding(
                place,
                "a string",
                ARM_INSTEAD,
            )))
        })
        .collect()
}

impl Part {
    /// Whether a declaration at `offset` stands in this part of the text.
    fn holds(self, text: &[u8], offset: usize) -> bool {
        let before = text.get(..offset).unwrap_or_default();
        let trimmed = |line: &[u8]| line.trim_ascii_start().to_vec();
        match self {
            Part::CodeWithComments(starts) => {
                let line = before.rsplit(|byte| *byte == b'\n').next();
                let line = trimmed(line.unwrap_or_default());
                !starts
                    .iter()
                    .any(|start| line.starts_with(start.as_bytes()))
            }
            Part::Fences => {
                let fences = before.split(|byte| *byte == b'\n').filter(|line| {
                    let line = trimmed(line);
                    line.starts_with(b"```") || line.starts_with(b"~~~")
                });
                fences.count() % 2 == 1
            }
        }
    }
}

/// A `publisher` property of the extension or of a preview of it.
struct Declaration {
    /// The property.
    span: Range<usize>,
    publisher: String,
}

impl Declaration {
    fn finding(&self, place: Place, language: &str, instead: &str) -> Finding {
        let real = self.publisher.eq_ignore_ascii_case(PUBLISHERS[0]);
        let (rule, message) = if real {
            let message = format!(
                "the managed identity VM extension in {language}: it is no longer published, and a \
                 deployment that names it fails"
            );
            (&RULE, message)
        } else {
            (&lookalike::RULE, lookalike::message(&self.publisher))
        };
        Finding {
            rule,
            severity: Severity::Note,
            message,
            place,
            related: Vec::new(),
            help: vec![instead.to_owned()],
            fix: Fix::DisplayOnly,
        }
    }
}

/// The publisher of the extension, then those of its previews.
const PUBLISHERS: [&str; 3] = [
    "Microsoft.ManagedIdentity",
    "Microsoft.ManagedIdentity.Edp",
    "Microsoft.Azure.Test.Identity",
];

/// The declarations in a text, be they JSON, also within a string that escapes its quotes, or of
/// one of the languages that write `publisher: '…'` or `publisher = "…"`.
fn declarations(text: &[u8]) -> impl Iterator<Item = Declaration> {
    static PROPERTY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let names = PUBLISHERS.map(regex::escape).join("|");
        let quote = r#"\\*["'`]"#;
        let pattern = format!(r"\bpublisher(?:{quote})?\s*[:=]\s*{quote}({names}){quote}");
        let mut builder = RegexBuilder::new(&pattern);
        builder.case_insensitive(true).unicode(false).build().ok()
    });
    let found = PROPERTY
        .as_ref()
        .map(|property| property.captures_iter(text));
    found.into_iter().flatten().filter_map(|captures| {
        let publisher = captures.get(1)?.as_bytes();
        Some(Declaration {
            span: captures.get(0)?.range(),
            publisher: String::from_utf8_lossy(publisher).into_owned(),
        })
    })
}

/// Whether `name` ends with `ending`, compared without ASCII case.
fn ends_with(name: &[u8], ending: &[u8]) -> bool {
    let start = name.len().saturating_sub(ending.len());
    name.get(start..)
        .is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules_in(name: &str, text: &str) -> Vec<&'static str> {
        let found = in_text(name.as_bytes(), text.as_bytes());
        let found = found.iter().flatten();
        found.map(|finding| finding.rule.id).collect()
    }

    #[test]
    fn the_property_is_found_as_each_language_spells_it() {
        let spelled = [
            ("vm.bicep", "publisher: 'Microsoft.ManagedIdentity'"),
            (
                "vm.TF",
                "  publisher            = \"Microsoft.ManagedIdentity\"",
            ),
            ("vm.t", "\"publisher\": \"microsoft.managedidentity\","),
            ("vm.jsonnet", "publisher: 'Microsoft.ManagedIdentity'"),
            (
                "README.md",
                "```json\n\"publisher\": \"Microsoft.ManagedIdentity\"\n```\n",
            ),
            (
                "chart.json",
                "{{ if .x }}\n{\"publisher\": \"Microsoft.ManagedIdentity\"",
            ),
            ("vm.go", "`\"publisher\": \"Microsoft.ManagedIdentity\"`"),
            (
                "vm.py",
                "'{\\\"publisher\\\": \\\"Microsoft.ManagedIdentity\\\"}'",
            ),
        ];
        for (name, text) in spelled {
            assert_eq!(rules_in(name, text), ["extension-in-text"], "{name}");
        }
    }

    #[test]
    fn previews_are_told_apart() {
        let text = "publisher: 'Microsoft.ManagedIdentity.Edp'\npublisher: 'Microsoft.Azure.Test.Identity'";
        assert_eq!(rules_in("vm.bicep", text), ["lookalike", "lookalike"]);
    }

    #[test]
    fn other_mentions_are_left_alone() {
        let others = [
            ("vm.bicep", "// publisher: 'Microsoft.ManagedIdentity'"),
            ("vm.tf", "  # publisher = \"Microsoft.ManagedIdentity\""),
            (
                "id.bicep",
                "'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31'",
            ),
            (
                "README.md",
                "the \"publisher\": \"Microsoft.ManagedIdentity\" of old",
            ),
            (
                "README.md",
                "```\n```\n\"publisher\": \"Microsoft.ManagedIdentity\"",
            ),
            (
                "session.json",
                "\"publisher\": \"Microsoft.ManagedIdentity\"",
            ),
            ("noend", "\"publisher\": \"Microsoft.ManagedIdentity\""),
            ("vm.bicep", "publisher: 'Microsoft.ManagedIdentityX'"),
        ];
        for (name, text) in others {
            assert!(rules_in(name, text).is_empty(), "{name}: {text}");
        }
    }
}
