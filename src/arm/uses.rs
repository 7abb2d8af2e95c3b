//! What one string of a template uses: parameters and variables, by name or by a part of it.
//!
//! Knows texts and expressions; never knows where something is declared, nor a document. What is
//! not understood counts as a use of all that it mentions. Start at [`uses`].

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::bytes::Regex as ByteRegex;
use regex::{Regex, RegexBuilder};

use super::expression::{Expression, ExpressionKind, Parsed, parse};

/// What a template declares by name for its expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Declared {
    /// A member of `parameters`.
    Parameter,
    /// A member of `variables`, or an entry of its `copy`.
    Variable,
}

/// A use of something declared. Names are folded as by [`folded`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// What has this name.
    Name(Declared, String),
    /// Anything whose name starts so.
    Prefix(Declared, String),
    /// Anything that this text mentions, in whatever scope: it may be read as an expression
    /// somewhere else.
    Text(String),
    /// Anything in whatever scope.
    All,
}

/// A name as it is compared: without case.
pub(super) fn folded(name: &str) -> String {
    // Letter by letter, so that a part of a name is folded as in the whole.
    name.chars().flat_map(char::to_lowercase).collect()
}

/// Whether a JSON string or key, as it is in the file, may use anything. Most cannot, and need
/// not be decoded and parsed.
pub(super) fn may_use(raw: &[u8]) -> bool {
    static WORDS: LazyLock<Option<ByteRegex>> =
        LazyLock::new(|| ByteRegex::new(r"(?i-u)variables|parameters|deployment").ok());
    // An escape may spell anything.
    raw.contains(&b'\\') || WORDS.as_ref().is_none_or(|words| words.is_match(raw))
}

/// What a string or key with this decoded text uses.
pub(super) fn uses(text: &str) -> Vec<Use> {
    let mut found = Vec::new();
    match parse(text) {
        Parsed::Expression(expression) => in_expression(&expression, &mut found),
        // A text may be a template for somebody else, or an expression for another level.
        Parsed::Literal(_) if has_call(text) => mentioned(text, &mut found),
        Parsed::Literal(_) => {}
        Parsed::Invalid(_) => mentioned(text, &mut found),
    }
    found
}

fn in_expression(expression: &Expression, found: &mut Vec<Use>) {
    let mut seen = HashSet::new();
    expression.visit(&mut |part| {
        match &part.kind {
            ExpressionKind::String(text) if has_call(text) => mentioned(text, found),
            ExpressionKind::Call { name, args, .. } => {
                if let Some(declared) = reader(name) {
                    for argument in args {
                        named(declared, argument, found);
                    }
                }
            }
            _ => {}
        }
        // What is read of a call comes before the call.
        let (call, accesses) = part.accesses();
        let is_deployment = call.call("deployment").is_some() && seen.insert(call.span.start);
        if is_deployment && may_hold_the_template(&accesses) {
            for declared in [Declared::Parameter, Declared::Variable] {
                found.push(Use::Prefix(declared, String::new()));
            }
        }
    });
}

/// Whether what is read of `deployment()` may be the template that is deployed, or its parameters.
fn may_hold_the_template(accesses: &[&Expression]) -> bool {
    let is = |place: usize, names: &[&str]| {
        let member = accesses.get(place).map(|access| access.member());
        let is_one = |member: &str| names.iter().any(|name| member.eq_ignore_ascii_case(name));
        member.is_none_or(|member| member.is_none_or(is_one))
    };
    is(0, &["properties"]) && is(1, &["template", "parameters"])
}

/// What the function called `name` reads.
pub(super) fn reader(name: &str) -> Option<Declared> {
    match name.to_ascii_lowercase().as_str() {
        "parameters" => Some(Declared::Parameter),
        "variables" => Some(Declared::Variable),
        _ => None,
    }
}

/// A part that reads something declared: `variables('a').b.c`.
pub(super) struct Access<'e> {
    pub(super) declared: Declared,
    pub(super) name: &'e str,
    /// Where the call starts.
    pub(super) start: usize,
    /// The members that are read of it, as far as they are named.
    pub(super) path: Vec<&'e str>,
    /// Whether those are all.
    pub(super) whole: bool,
}

impl<'e> Access<'e> {
    pub(super) fn of(part: &'e Expression) -> Option<Self> {
        let (call, accesses) = part.accesses();
        let ExpressionKind::Call {
            namespace: None,
            name: function,
            args,
        } = &call.kind
        else {
            return None;
        };
        let [name]: &[Expression; 1] = args.as_slice().try_into().ok()?;
        let named = accesses.iter().map_while(|access| access.member());
        let path: Vec<&str> = named.collect();
        Some(Self {
            declared: reader(function)?,
            name: name.string()?,
            start: call.span.start,
            whole: path.len() == accesses.len(),
            path,
        })
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        let names = self.path.iter().zip(&other.path);
        self.declared == other.declared
            && self.name.eq_ignore_ascii_case(other.name)
            && self.whole
            && self.path.len() == other.path.len()
            && names.into_iter().all(|(a, b)| a.eq_ignore_ascii_case(b))
    }
}

/// Adds what a reader's argument names.
fn named(declared: Declared, argument: &Expression, found: &mut Vec<Use>) {
    if let Some(name) = argument.string() {
        found.push(Use::Name(declared, folded(name)));
        return;
    }
    if let Some([_, then, otherwise]) = argument.call("if") {
        named(declared, then, found);
        named(declared, otherwise, found);
        return;
    }
    found.push(Use::Prefix(declared, folded(start(argument))));
}

/// What the value of `expression` starts with in any case: a part of that, or nothing.
fn start(expression: &Expression) -> &str {
    if let Some(text) = expression.string() {
        return text;
    }
    if let Some([first, ..]) = expression.call("concat") {
        return start(first);
    }
    if let Some([first, ..]) = expression.call("format") {
        return start(first).split(['{', '}']).next().unwrap_or_default();
    }
    let recased = expression
        .call("toLower")
        .or_else(|| expression.call("toUpper"));
    match recased {
        Some([only]) => start(only),
        _ => "",
    }
}

fn mentioned(text: &str, found: &mut Vec<Use>) {
    static COMPUTED: LazyLock<Option<Regex>> = LazyLock::new(|| call(r"[a-z_$][\w$.]*\s*\("));
    found.push(match COMPUTED.as_ref() {
        Some(computed) if !computed.is_match(text) => Use::Text(folded(text)),
        _ => Use::All,
    });
}

/// Whether the text has something like a call of a reader.
fn has_call(text: &str) -> bool {
    static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| call(""));
    CALL.as_ref().is_none_or(|call| call.is_match(text))
}

fn call(argument: &str) -> Option<Regex> {
    RegexBuilder::new(&format!(r"(?:variables|parameters)\s*\(\s*{argument}"))
        .case_insensitive(true)
        .unicode(false)
        .build()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str) -> Use {
        Use::Name(Declared::Variable, name.to_owned())
    }

    fn variables(start: &str) -> Use {
        Use::Prefix(Declared::Variable, start.to_owned())
    }

    #[test]
    fn a_name_is_used_whatever_its_case_and_place() {
        let text = "[concat(Variables( 'Port' ).value, parameters('os')[variables('n')])]";
        let os = Use::Name(Declared::Parameter, "os".to_owned());
        assert_eq!(uses(text), [variable("port"), os, variable("n")]);
    }

    #[test]
    fn a_computed_name_uses_all_that_starts_like_it() {
        for (text, start) in [
            ("[variables(concat('msi', parameters('os')))]", "msi"),
            ("[variables(format('Msi{0}', 1))]", "msi"),
            ("[variables(format('{0}Msi', 1))]", ""),
            ("[variables(toUpper(concat('Msi', 1)))]", "msi"),
            ("[variables(parameters('which'))]", ""),
        ] {
            assert_eq!(uses(text).first(), Some(&variables(start)), "{text}");
        }
    }

    #[test]
    fn a_chosen_name_uses_both() {
        let text = "[variables(if(equals(1, 2), 'a', concat('b', 'c')))]";
        assert_eq!(uses(text), [variable("a"), variables("b")]);
    }

    #[test]
    fn what_is_not_understood_uses_what_it_mentions() {
        for text in [
            "[[variables('Port')]",
            "see variables('Port')",
            "[json('{\"a\": \"[variables(''Port'')]\"}')]",
            "[variables('Port']",
            "[Port is broken]",
        ] {
            let found = uses(text);
            let [Use::Text(mentions)] = found.as_slice() else {
                panic!("{text}: {found:?}");
            };
            assert!(mentions.contains("port"), "{text}: {mentions}");
        }
    }

    #[test]
    fn a_computed_name_in_what_is_not_understood_uses_all() {
        assert_eq!(uses("[[variables(concat('a', 'b'))]"), [Use::All]);
        assert_eq!(uses("[variables( if (1, 'a', 'b')]"), [Use::All]);
    }

    #[test]
    fn plain_text_uses_nothing() {
        for text in ["Port", "the variables of Port", "parameters", ""] {
            assert_eq!(uses(text), [], "{text}");
        }
    }

    #[test]
    fn the_whole_deployment_uses_all_and_a_part_beside_the_template_nothing() {
        for text in [
            "[deployment().name]",
            "[uri(deployment().properties.templateLink.uri, 'x.json')]",
        ] {
            assert_eq!(uses(text), [], "{text}");
        }
        for text in [
            "[string(deployment())]",
            "[deployment().properties.template.variables.port]",
            "[deployment().properties.parameters]",
            "[deployment()['properties']]",
            "[concat(deployment().name, string(deployment().properties))]",
        ] {
            assert!(uses(text).contains(&variables("")), "{text}");
        }
    }

    #[test]
    fn only_strings_that_name_no_reader_are_passed_over() {
        for raw in [r#""[Variables('a')]""#, r#""[v\u0061riables('a')]""#] {
            assert!(may_use(raw.as_bytes()), "{raw}");
        }
        assert!(!may_use(br#""[resourceId('a/b', 'c')]""#));
    }
}
