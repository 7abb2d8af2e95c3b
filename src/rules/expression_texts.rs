//! The texts that an expression makes of literals by `concat`, `format` and `base64`, each with the way
//! back to the expression.
//!
//! What is not a literal is a hole, or a value that cannot be edited. Start at [`Flattening::texts`].

use std::ops::Range;

use crate::arm::expression::{Expression, ExpressionKind};
use crate::arm::{Model, ResourceIndex};
use crate::script::{Doubt, Inner, Quoting};

/// How deep calls are followed.
const MAX_DEPTH: usize = 32;

/// The literals of one expression.
pub(super) struct Flattening<'f, 'd> {
    pub(super) model: &'f Model<'d>,
    pub(super) resource: Option<ResourceIndex>,
    /// The decoded text of the string.
    pub(super) text: &'f str,
}

impl Flattening<'_, '_> {
    /// The texts that an expression makes: its own, and those of arguments that it does something else with.
    pub(super) fn texts(
        &self,
        expression: &Expression,
        doubt: Option<Doubt>,
        texts: &mut Vec<(Inner, Option<Doubt>)>,
    ) {
        let mut inner = Inner::default();
        let mut apart = Vec::new();
        self.flatten(expression, &mut inner, &mut apart, 0);
        texts.push((inner, doubt));
        // Either of what `if()` chooses from is all that there is.
        let is_whole = expression.call("if").is_some();
        let doubt = doubt.or((!is_whole).then_some(Doubt::Piece));
        for argument in apart {
            self.texts(argument, doubt, texts);
        }
    }

    fn flatten<'e>(
        &self,
        expression: &'e Expression,
        inner: &mut Inner,
        apart: &mut Vec<&'e Expression>,
        depth: usize,
    ) {
        if let ExpressionKind::String(_) = expression.kind {
            return self.literal(&expression.span, inner);
        }
        let transparent = ["concat", "base64", "string", "trim"]
            .iter()
            .find_map(|name| expression.call(name));
        if let Some(arguments) = transparent.filter(|_| depth < MAX_DEPTH) {
            for argument in arguments {
                self.flatten(argument, inner, apart, depth + 1);
            }
            return;
        }
        if let Some([format, arguments @ ..]) = expression.call("format")
            && format.string().is_some()
            && depth < MAX_DEPTH
        {
            return self.format(&format.span, arguments, inner);
        }
        let written = self.text.get(expression.span.clone()).unwrap_or_default();
        let known = self.resource.and_then(|index| {
            let value = self.model.text_value(index, &format!("[{written}]"));
            let number = || value.as_int().map(|number| number.to_string());
            value.as_literal().map(str::to_owned).or_else(number)
        });
        match known {
            Some(known) => inner.push(&known, expression.span.clone(), Quoting::Fixed),
            None => inner.push_hole(expression.span.clone()),
        }
        if let ExpressionKind::Call { args, .. } = &expression.kind
            && depth < MAX_DEPTH
        {
            apart.extend(args.iter().filter(|argument| {
                matches!(
                    argument.kind,
                    ExpressionKind::String(_) | ExpressionKind::Call { .. }
                )
            }));
        }
    }

    /// Adds a string literal of the expression, which is with its quotes at `span`.
    fn literal(&self, span: &Range<usize>, inner: &mut Inner) {
        for (source, said) in self.characters(span) {
            inner.push(said, source, Quoting::Doubled);
        }
    }

    /// The characters of a literal, each with its place.
    fn characters(&self, span: &Range<usize>) -> Vec<(Range<usize>, &str)> {
        let content = span.start + 1..span.end.saturating_sub(1).max(span.start + 1);
        let written = self.text.get(content.clone()).unwrap_or_default();
        let mut found = Vec::new();
        let mut characters = written.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let mut length = character.len_utf8();
            let said = written.get(at..at + length).unwrap_or_default();
            if character == '\'' && characters.next_if(|(_, next)| *next == '\'').is_some() {
                length += 1;
            }
            let start = content.start + at;
            found.push((start..start + length, said));
        }
        found
    }

    /// Adds what `format` makes of its literal: arguments that are literals are put in.
    fn format(&self, span: &Range<usize>, arguments: &[Expression], inner: &mut Inner) {
        let characters = self.characters(span);
        let mut next = characters.iter().peekable();
        while let Some((source, said)) = next.next() {
            let doubled = next.peek().is_some_and(|(_, following)| following == said);
            match *said {
                "{" | "}" if doubled => {
                    let end = next.next().map_or(source.end, |(source, _)| source.end);
                    inner.push(said, source.start..end, Quoting::Fixed);
                }
                "{" => {
                    let mut number = String::new();
                    let mut end = source.end;
                    for (source, said) in next.by_ref() {
                        end = source.end;
                        if *said == "}" {
                            break;
                        }
                        number.push_str(said);
                    }
                    let argument = number
                        .parse::<usize>()
                        .ok()
                        .and_then(|at| arguments.get(at));
                    match argument.and_then(Expression::string) {
                        Some(known) => inner.push(known, source.start..end, Quoting::Fixed),
                        None => inner.push_hole(source.start..end),
                    }
                }
                _ => inner.push(said, source.clone(), Quoting::Doubled),
            }
        }
    }
}
