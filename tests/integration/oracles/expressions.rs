//! Every string in brackets is an expression that parses, or is in the table of those that are none.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use msi2imds::arm::expression::{Parsed, parse};
use msi2imds::arm::is_template;
use msi2imds::json::{Document, Kind};

/// What was found.
#[derive(Default)]
pub(crate) struct Expressions {
    parsed: usize,
    /// Strings in brackets that are no expressions, by reason.
    none: BTreeMap<&'static str, usize>,
}

impl fmt::Display for Expressions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let none: usize = self.none.values().sum();
        write!(
            formatter,
            "{} strings in brackets, {} parsed, none of {:?}",
            self.parsed + none,
            self.parsed,
            self.none
        )
    }
}

/// Why a string in brackets need not parse.
struct Reason {
    name: &'static str,
    holds: fn(&Place<'_>) -> bool,
}

struct Place<'a> {
    document: &'a Document<'a>,
    text: &'a str,
}

const REASONS: &[Reason] = &[
    Reason {
        name: "text in a file that is no template",
        holds: |place| !is_template(place.document),
    },
    // The service refuses such a template: brackets and parentheses outside of strings come in pairs.
    Reason {
        name: "brackets that do not match",
        holds: |place| !is_balanced(place.text),
    },
];

/// Parses all strings in brackets of a file, names of members too.
pub(crate) fn check(document: &Document<'_>, path: &Path, found: &mut Expressions) {
    for node in document.nodes() {
        if !matches!(document.kind(node), Kind::String | Kind::Key) {
            continue;
        }
        let text = document.string(node).unwrap();
        if !text.starts_with('[') || !text.ends_with(']') || text.starts_with("[[") {
            continue;
        }
        match parse(&text) {
            Parsed::Expression(_) => found.parsed += 1,
            Parsed::Literal(_) => panic!("{}: {text} is taken for plain text", path.display()),
            Parsed::Invalid(error) => {
                let place = Place {
                    document,
                    text: &text,
                };
                let name = reason(&place).unwrap_or_else(|| {
                    let (file, path) = (path.display(), document.path(node));
                    panic!("{file}: {path}: {text} does not parse: {error}")
                });
                *found.none.entry(name).or_default() += 1;
            }
        }
    }
}

fn reason(place: &Place<'_>) -> Option<&'static str> {
    let mut reasons = REASONS.iter();
    reasons
        .find(|reason| (reason.holds)(place))
        .map(|reason| reason.name)
}

fn is_balanced(text: &str) -> bool {
    let mut open = Vec::new();
    // What stands between quotes is every second part; a doubled quote makes an empty part.
    for part in text.split('\'').step_by(2) {
        for letter in part.chars() {
            match letter {
                '(' | '[' => open.push(letter),
                ')' if open.pop() != Some('(') => return false,
                ']' if open.pop() != Some('[') => return false,
                _ => {}
            }
        }
    }
    open.is_empty()
}

#[test]
fn reasons_hold_for_broken_text_only() {
    for (text, balanced) in [
        ("[a('(', b[0])]", true),
        ("[a('it''s (')]", true),
        ("[a('x')'y'0])]", false),
        ("[a(b]", false),
    ] {
        assert_eq!(is_balanced(text), balanced, "{text}");
    }
}
