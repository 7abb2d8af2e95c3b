//! The parent of a child resource in the author's own words: the last segments of a dependsOn entry are
//! cut off its text by spans. Nothing is printed anew, and where the cut would fall inside something
//! that cannot be read here the answer is `None`. What the result means is for the caller to check.

use std::collections::BTreeSet;
use std::ops::Range;

use super::ast::{Expression, ExpressionKind};
use super::evaluate::{Unbound, evaluate};
use super::parse::{Parsed, parse, text_of_words};
use super::resource_id;
use super::value::Value;

/// `text` without its last `segments` segments (parts between slashes). An entry that is one call of
/// the `resourceId()` family always loses one type and one name.
///
/// `text` is the decoded text of the entry, and so is the result.
pub fn without_last_segments(text: &str, segments: usize) -> Option<String> {
    if segments == 0 {
        return None;
    }
    match parse(text) {
        Parsed::Literal(_) => literal_without(text, segments),
        Parsed::Invalid(_) => None,
        Parsed::Expression(root) => {
            let cutter = SegmentCutter {
                text,
                value: &|part| evaluate(part, &Unbound),
                variable: &|_| None,
                variables: 0,
            };
            let cut = match id_call(&root) {
                Some(_) => cutter.id_without_last(&root, 2)?,
                None => cutter.words(&root, segments)?,
            };
            let head = text.get(1..root.span.start)?;
            let tail = text.get(root.span.end..text.len() - 1)?;
            Some(text_of_words(&format!("{head}{cut}{tail}")))
        }
    }
}

fn literal_without(text: &str, segments: usize) -> Option<String> {
    let mut kept = text;
    for _ in 0..segments {
        (kept, _) = kept.rsplit_once('/')?;
    }
    // What starts with a bracket could become an expression by losing its end.
    (!kept.trim_matches('/').is_empty() && !kept.starts_with('[')).then(|| kept.to_owned())
}

/// What is left of an expression.
enum Truncation {
    /// This text.
    Kept(String),
    /// Nothing: the cut falls exactly in front of it.
    Nothing,
    /// Nothing, and this many segments must still go in front of it.
    Gone(usize),
}

/// Cuts segments off the parts of one text.
pub(in crate::arm) struct SegmentCutter<'c> {
    /// The decoded text of an expression.
    pub(in crate::arm) text: &'c str,
    /// The value of a part.
    pub(in crate::arm) value: &'c dyn Fn(&Expression) -> Value,
    /// The decoded text of the variable that a part reads.
    pub(in crate::arm) variable: &'c dyn Fn(&Expression) -> Option<String>,
    /// How many variables are followed from one to the next.
    pub(in crate::arm) variables: usize,
}

impl SegmentCutter<'_> {
    /// The words for `part` without its last `segments` segments.
    pub(in crate::arm) fn words(&self, part: &Expression, segments: usize) -> Option<String> {
        match self.cut(part, segments)? {
            Truncation::Kept(kept) => Some(kept),
            Truncation::Nothing | Truncation::Gone(_) => None,
        }
    }

    fn cut(&self, part: &Expression, segments: usize) -> Option<Truncation> {
        if part.string().is_some() {
            let content = inside_quotes(part);
            return Some(match cut_literal(self.text.get(content)?, segments) {
                Truncation::Kept(kept) => Truncation::Kept(format!("'{kept}'")),
                gone => gone,
            });
        }
        if let Some(args) = part.call("concat") {
            return self.cut_concat(part, args, segments);
        }
        if let Some(args) = part.call("format") {
            return self.cut_format(part, args, segments);
        }
        if id_call(part).is_some() {
            return self.id_without_last(part, segments).map(Truncation::Kept);
        }
        if let Some(literal) = (self.value)(part).as_literal() {
            match cut_literal(literal, segments) {
                Truncation::Kept(_) => {}
                gone => return Some(gone),
            }
        }
        let Some(own) = (self.variable)(part) else {
            return (!mentions_slash(part)).then_some(Truncation::Gone(segments));
        };
        match parse(&own) {
            Parsed::Expression(inner) => {
                let cutter = SegmentCutter {
                    text: &own,
                    value: self.value,
                    variable: self.variable,
                    variables: self.variables.checked_sub(1)?,
                };
                cutter.cut(&inner, segments)
            }
            Parsed::Literal(literal) => {
                let kept = literal_without(&literal, segments)?.replace('\'', "''");
                Some(Truncation::Kept(format!("'{kept}'")))
            }
            Parsed::Invalid(_) => None,
        }
    }

    fn cut_concat(
        &self,
        call: &Expression,
        args: &[Expression],
        mut segments: usize,
    ) -> Option<Truncation> {
        let tail = self.text.get(args.last()?.span.end..call.span.end)?;
        for (position, argument) in args.iter().enumerate().rev() {
            let kept_before = args.get(..position)?;
            match (self.cut(argument, segments)?, kept_before) {
                (Truncation::Gone(left), _) => segments = left,
                (Truncation::Nothing, []) => return Some(Truncation::Nothing),
                (Truncation::Nothing, [only]) => return self.whole(only).map(Truncation::Kept),
                (Truncation::Nothing, [.., end]) => {
                    let head = self.text.get(call.span.start..end.span.end)?;
                    return Some(Truncation::Kept(format!("{head}{tail}")));
                }
                (Truncation::Kept(kept), []) => return Some(Truncation::Kept(kept)),
                (Truncation::Kept(kept), _) => {
                    let head = self.text.get(call.span.start..argument.span.start)?;
                    return Some(Truncation::Kept(format!("{head}{kept}{tail}")));
                }
            }
        }
        Some(Truncation::Gone(segments))
    }

    fn cut_format(
        &self,
        call: &Expression,
        args: &[Expression],
        mut segments: usize,
    ) -> Option<Truncation> {
        let (pattern, values) = args.split_first()?;
        pattern.string()?;
        let span = inside_quotes(pattern);
        let content = self.text.get(span.clone())?;
        let items = format_items(content)?;
        let mut end = None;
        for (place, index) in items.iter().rev() {
            let cut = match index {
                Some(index) => self.cut(values.get(*index)?, segments)?,
                None => cut_literal(content.get(place.clone())?, segments),
            };
            match cut {
                Truncation::Gone(left) => {
                    segments = left;
                    continue;
                }
                Truncation::Nothing => end = Some(place.start),
                Truncation::Kept(kept) if index.is_none() => end = Some(place.start + kept.len()),
                Truncation::Kept(_) => return None,
            }
            break;
        }
        let Some(end) = end else {
            return Some(Truncation::Gone(segments));
        };
        let kept = content.get(..end)?;
        let used = items.iter().filter(|(place, _)| place.start < end);
        let used: BTreeSet<usize> = used.filter_map(|(_, index)| *index).collect();
        let count = used.len();
        if count > values.len() || used.into_iter().ne(0..count) {
            return None;
        }
        match (kept, count) {
            ("", _) => Some(Truncation::Nothing),
            ("{0}", _) => self.whole(values.first()?).map(Truncation::Kept),
            (_, 0) => (!kept.contains(['{', '}'])).then(|| Truncation::Kept(format!("'{kept}'"))),
            _ => {
                let head = self.text.get(call.span.start..span.start)?;
                let between = self.text.get(span.end..args.get(count)?.span.end)?;
                let tail = self.text.get(args.last()?.span.end..call.span.end)?;
                Some(Truncation::Kept(format!("{head}{kept}{between}{tail}")))
            }
        }
    }

    /// A call of the `resourceId()` family without its last types and names, two segments each.
    fn id_without_last(&self, call: &Expression, segments: usize) -> Option<String> {
        let (args, type_position) = id_call(call)?;
        let written = args.get(type_position)?;
        let names = args.get(type_position + 1..)?;
        // An id of an extension resource ends with `providers`, a namespace, and its types and names.
        if let (1, [host, ..]) = (type_position, args)
            && call.call("extensionResourceId").is_some()
            && segments == 2 * (names.len() + 1)
        {
            return self.whole(host);
        }
        let gone = (segments / 2).min(names.len());
        let parent = names.get(..names.len() - gone)?.last()?;
        let content = self.text.get(inside_quotes(written))?;
        let bare = content.trim_end_matches('/');
        let slashes = content.get(bare.len()..)?;
        let types = bare.trim_start_matches('/').split('/').count();
        if written.string().is_none() || types != names.len() + 1 || segments % 2 == 1 {
            return None;
        }
        let mut shorter = bare;
        for _ in 0..gone {
            (shorter, _) = shorter.rsplit_once('/')?;
        }
        let head = self.text.get(call.span.start..written.span.start)?;
        let between = self.text.get(written.span.end..parent.span.end)?;
        let tail = self.text.get(names.last()?.span.end..call.span.end)?;
        Some(format!("{head}'{shorter}{slashes}'{between}{tail}"))
    }

    fn whole(&self, part: &Expression) -> Option<String> {
        self.text.get(part.span.clone()).map(str::to_owned)
    }
}

/// Where the content of a string literal is.
fn inside_quotes(string: &Expression) -> Range<usize> {
    string.span.start + 1..string.span.end - 1
}

/// Cuts segments off a text in which all slashes are seen.
fn cut_literal(content: &str, segments: usize) -> Truncation {
    let cut = content.rmatch_indices('/').nth(segments - 1);
    match cut.and_then(|(position, _)| content.get(..position)) {
        Some("") => Truncation::Nothing,
        Some(kept) => Truncation::Kept(kept.to_owned()),
        None => Truncation::Gone(segments - content.matches('/').count()),
    }
}

/// Whether something below holds a literal slash, so that it may be more than one segment.
fn mentions_slash(expression: &Expression) -> bool {
    let mut found = false;
    expression.visit(&mut |node| {
        found |=
            node.string().is_some_and(|literal| literal.contains('/')) || id_call(node).is_some();
    });
    found
}

/// The literals and the placeholders, with their numbers, in the raw text of a format.
fn format_items(format: &str) -> Option<Vec<(Range<usize>, Option<usize>)>> {
    let mut items = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(found) = format.get(at..)?.find(['{', '}']) {
        let brace = at + found;
        let rest = format.get(brace..)?;
        if rest.starts_with("{{") || rest.starts_with("}}") {
            at = brace + 2;
            continue;
        }
        let (item, _) = rest.strip_prefix('{')?.split_once('}')?;
        let index = item.split([',', ':']).next()?.trim().parse().ok()?;
        items.push((start..brace, None));
        at = brace + item.len() + 2;
        items.push((brace..at, Some(index)));
        start = at;
    }
    items.push((start..format.len(), None));
    Some(items)
}

/// The arguments of a call of the `resourceId()` family, and where among them the type is.
fn id_call(expression: &Expression) -> Option<(&[Expression], usize)> {
    let ExpressionKind::Call {
        namespace: None,
        name,
        args,
    } = &expression.kind
    else {
        return None;
    };
    if !resource_id::is_family(name) {
        return None;
    }
    let skipped = usize::from(resource_id::starts_with_id(name));
    let position = args.iter().skip(skipped).position(|argument| {
        argument
            .string()
            .is_some_and(|literal| literal.contains('/'))
    });
    Some((args, position.map_or(args.len(), |found| found + skipped)))
}
