//! The id of a machine cut out of the id of its identity, in the author's words.
//!
//! What goes is found by value from the end: whole arguments, the tail of a literal or of a format.
//! Variables are followed, since their ids have the same meaning where they are used. Start at
//! [`Words`].

use super::expression::{self, Expression, Parsed, Text, Value};
use super::identities_default::{SUFFIX, id_of};
use super::scope::TemplateScope;

/// How many variables are followed from one to the next.
const MAX_VARIABLES: usize = 8;

/// Cuts ids in one scope.
pub(super) struct Words<'s, 'd> {
    scope: &'s TemplateScope<'d>,
    loop_name: Option<&'s str>,
}

/// What is left of an expression once the end of its value is cut off.
enum Left<'e> {
    /// These words.
    Words(String),
    /// Nothing, and this much of the end is to be cut off in front of it.
    Nothing(&'e str),
}

impl<'s, 'd> Words<'s, 'd> {
    /// Cuts ids as the resource with this copy loop reads them.
    pub(super) fn new(scope: &'s TemplateScope<'d>, loop_name: Option<&'s str>) -> Self {
        Self { scope, loop_name }
    }

    /// The words for the host of the identity whose id is `id`, a part of the decoded `text`, and
    /// their value; `None` where they cannot be cut out so that they provably mean it.
    pub(super) fn host(&self, text: &str, id: &Expression) -> Option<(String, Text)> {
        let Left::Words(words) = self.cut(text, id, SUFFIX, MAX_VARIABLES)? else {
            return None;
        };
        let host = id_of(&words, |part| self.value(part))?;
        let mut whole = host.clone();
        whole.push_literal(SUFFIX);
        let meant = self.value(id).as_text()?;
        (whole.name_key() == meant.name_key()).then_some((words, host))
    }

    fn value(&self, part: &Expression) -> Value {
        self.scope.expression_value(part, self.loop_name)
    }

    /// Cuts `end` off the value of `part`, a part of `text`.
    fn cut<'e>(
        &self,
        text: &str,
        part: &Expression,
        end: &'e str,
        variables: usize,
    ) -> Option<Left<'e>> {
        if let Some(literal) = self.value(part).as_literal()
            && let Some(before) = without_end(end, literal)
        {
            return Some(Left::Nothing(before));
        }
        if part.string().is_some() {
            let content = text.get(part.span.start + 1..part.span.end.checked_sub(1)?)?;
            let kept = without_end(content, end)?;
            return Some(Left::Words(format!("'{kept}'")));
        }
        if let Some(args) = part.call("concat") {
            return self.cut_concat(text, part, args, end, variables);
        }
        if let Some(args) = part.call("format") {
            return self.cut_format(text, part, args, end);
        }
        if let Some([host, _, _]) = part.call("extensionResourceId").filter(|_| end == SUFFIX) {
            return words(text, host).map(Left::Words);
        }
        if part.call("resourceId").is_some() && end == SUFFIX {
            let whole = format!("[{}]", text.get(part.span.clone())?);
            let provider = expression::without_last_segments(&whole, 2)?;
            let host = expression::without_last_segments(&provider, 2)?;
            let words = host.strip_prefix('[')?.strip_suffix(']')?;
            return Some(Left::Words(words.to_owned()));
        }
        let (own, variables) = (self.scope.variable_text(part)?, variables.checked_sub(1)?);
        match expression::parse(&own) {
            Parsed::Expression(inner) => self.cut(&own, &inner, end, variables),
            Parsed::Literal(literal) => {
                let kept = without_end(&literal, end)?.replace('\'', "''");
                Some(Left::Words(format!("'{kept}'")))
            }
            Parsed::Invalid(_) => None,
        }
    }

    fn cut_concat<'e>(
        &self,
        text: &str,
        call: &Expression,
        args: &[Expression],
        mut end: &'e str,
        variables: usize,
    ) -> Option<Left<'e>> {
        let tail = text.get(args.last()?.span.end..call.span.end)?;
        for (position, argument) in args.iter().enumerate().rev() {
            let before = args.get(..position)?;
            match self.cut(text, argument, end, variables)? {
                Left::Nothing("") => {
                    return match before {
                        [] => Some(Left::Nothing("")),
                        [only] => words(text, only).map(Left::Words),
                        [.., last] => {
                            let head = text.get(call.span.start..last.span.end)?;
                            Some(Left::Words(format!("{head}{tail}")))
                        }
                    };
                }
                Left::Nothing(rest) => end = rest,
                Left::Words(kept) if before.is_empty() => return Some(Left::Words(kept)),
                Left::Words(kept) => {
                    let head = text.get(call.span.start..argument.span.start)?;
                    return Some(Left::Words(format!("{head}{kept}{tail}")));
                }
            }
        }
        Some(Left::Nothing(end))
    }

    /// Cuts the pattern, and with it the last values where they stand for a part of the end.
    fn cut_format<'e>(
        &self,
        text: &str,
        call: &Expression,
        args: &[Expression],
        mut end: &'e str,
    ) -> Option<Left<'e>> {
        let (pattern, values) = args.split_first()?;
        pattern.string()?;
        let span = pattern.span.start + 1..pattern.span.end.checked_sub(1)?;
        let mut content = text.get(span.clone())?;
        let mut named = values.len();
        while without_end(content, end).is_none() {
            named = named.checked_sub(1)?;
            let literal = self.value(values.get(named)?);
            end = without_end(end, literal.as_literal()?)?;
            content = content.strip_suffix(&format!("{{{named}}}"))?;
        }
        let kept = without_end(content, end)?;
        let values = values.get(..named)?;
        if let ("{0}", [only]) = (kept, values) {
            return words(text, only).map(Left::Words);
        }
        let head = text.get(call.span.start..span.start)?;
        let behind = values.last().map_or(pattern, |last| last).span.end;
        let between = text.get(span.end..behind)?;
        let tail = text.get(args.last()?.span.end..call.span.end)?;
        Some(Left::Words(format!("{head}{kept}{between}{tail}")))
    }
}

fn words(text: &str, part: &Expression) -> Option<String> {
    text.get(part.span.clone()).map(str::to_owned)
}

/// `text` without `end`, compared without ASCII case; `None` where it does not end so.
fn without_end<'t>(text: &'t str, end: &str) -> Option<&'t str> {
    let (before, own) = text.split_at_checked(text.len().checked_sub(end.len())?)?;
    own.eq_ignore_ascii_case(end).then_some(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arm::scope::Frame;
    use crate::json::Document;

    /// The words for the host in `reference(id)`.
    fn host(variables: &str, id: &str) -> Option<String> {
        let template = format!(r#"{{"variables": {variables}}}"#);
        let document = Document::parse(template.as_bytes());
        let scope = TemplateScope::new(&document, document.root().unwrap(), Frame::default());
        let text = format!("[{id}]");
        let Parsed::Expression(expression) = expression::parse(&text) else {
            return None;
        };
        let (words, _) = Words::new(&scope, None).host(&text, &expression)?;
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
            "format('{0}{0}', 'END')",
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
