//! The operations that take extensions out of what variables and expressions put together.
//!
//! Arguments that go from one call go together, so that the commas between the others stay right.
//! Never knows why something goes. Start at [`cut_out`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::json::NodeId;
use crate::json::surgery::{Operation, WhenEmpty};

use super::consumers::Cut;
use super::expression::{Expression, ExpressionKind};
use super::model::Model;

/// What replaces a call whose arguments all go: not every version of `createArray()` takes none.
const NOTHING: &str = "json('[]')";

/// The operations of `cuts`, each with the number that its cut comes with.
pub fn cut_out<'c>(
    model: &Model<'_>,
    cuts: impl IntoIterator<Item = (usize, &'c Cut)>,
) -> Vec<(usize, Operation)> {
    let mut found = Vec::new();
    let mut calls: BTreeMap<(NodeId, (usize, usize)), ListCall> = BTreeMap::new();
    for (number, cut) in cuts {
        match cut {
            Cut::Element(element) => found.push((
                number,
                Operation::RemoveElement {
                    element: *element,
                    when_empty: WhenEmpty::Keep,
                },
            )),
            Cut::Argument {
                string,
                template,
                call,
                index,
            } => {
                let known = calls.entry((*string, *call)).or_insert_with(|| ListCall {
                    number,
                    template: *template,
                    gone: BTreeSet::new(),
                });
                known.gone.insert(*index);
            }
        }
    }
    for ((string, span), call) in calls {
        let operations = call.operations(model, string, span);
        found.extend(operations.into_iter().map(|one| (call.number, one)));
    }
    found
}

/// A call that loses arguments.
struct ListCall {
    number: usize,
    template: usize,
    gone: BTreeSet<usize>,
}

impl ListCall {
    fn operations(
        &self,
        model: &Model<'_>,
        string: NodeId,
        span: (usize, usize),
    ) -> Vec<Operation> {
        let expression = model.expression(self.template, string);
        let Some(args) = expression.and_then(|whole| arguments(&whole, span)) else {
            return Vec::new();
        };
        let Some((_, map)) = model.document.map_string(string) else {
            return Vec::new();
        };
        let escapes = model.escapes(self.template);
        let replaced = |part: Range<usize>, new: &str| Operation::ReplaceText {
            node: string,
            range: map.source_range(part.start + escapes..part.end + escapes),
            raw: match new {
                "" => Vec::new(),
                _ => model.document.encoded_for(string, new),
            },
        };
        if self.gone.len() == args.len() {
            return vec![replaced(span.0..span.1, NOTHING)];
        }
        let parts = removed_parts(&args, &self.gone);
        parts.into_iter().map(|part| replaced(part, "")).collect()
    }
}

/// Where the arguments of the call at `span` are.
fn arguments(expression: &Expression, span: (usize, usize)) -> Option<Vec<Range<usize>>> {
    let mut found = None;
    expression.visit(&mut |part| {
        if let ExpressionKind::Call { args, .. } = &part.kind
            && (part.span.start, part.span.end) == span
        {
            found = Some(args.iter().map(|arg| arg.span.clone()).collect());
        }
    });
    found
}

/// The parts that go with the arguments `gone`, each with the comma that is too many, without
/// overlap. At least one argument stays.
fn removed_parts(args: &[Range<usize>], gone: &BTreeSet<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    // Up to the first that stays, the comma behind goes; after it, the one before.
    let mut stayed: Option<usize> = None;
    let mut leading: Option<usize> = None;
    for (index, arg) in args.iter().enumerate() {
        match (gone.contains(&index), stayed) {
            (true, Some(end)) => {
                parts.push(end..arg.end);
                stayed = Some(arg.end);
            }
            (true, None) => leading = leading.or(Some(arg.start)),
            (false, _) => {
                parts.extend(leading.take().map(|start| start..arg.start));
                stayed = Some(arg.end);
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arm::expression::parse;

    fn left(text: &str, gone: &[usize]) -> String {
        let expression = parse(text).expression().unwrap();
        let span = (expression.span.start, expression.span.end);
        let args = arguments(&expression, span).unwrap();
        let mut left = text.to_owned();
        let parts = removed_parts(&args, &gone.iter().copied().collect());
        for part in parts.into_iter().rev() {
            left.replace_range(part, "");
        }
        left
    }

    #[test]
    fn each_argument_takes_one_comma_with_it() {
        let text = "[f( a(),b() , c(),\n d() )]";
        for (gone, wanted) in [
            (&[0][..], "[f( b() , c(),\n d() )]"),
            (&[1], "[f( a() , c(),\n d() )]"),
            (&[3], "[f( a(),b() , c() )]"),
            (&[0, 1], "[f( c(),\n d() )]"),
            (&[2, 3], "[f( a(),b() )]"),
            (&[0, 2], "[f( b(),\n d() )]"),
            (&[0, 1, 3], "[f( c() )]"),
            (&[1, 2, 3], "[f( a() )]"),
        ] {
            assert_eq!(left(text, gone), wanted, "{gone:?}");
        }
    }
}
