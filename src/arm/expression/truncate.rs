//! The parent of a child resource in the author's own words: the last segments of a dependsOn entry are
//! cut off its text by spans. Nothing is printed anew, and where the cut would fall inside something
//! that cannot be read here the answer is `None`. What the result means is for the caller to check.

use super::ast::{Expression, ExpressionKind};
use super::evaluate::{Unbound, evaluate_text};
use super::parse::{Parsed, parse, text_of_words};
use super::resource_id;

/// The entry of the parent: a typed id loses its last type and name, a bare name its last segment.
///
/// `text` is the decoded text of the entry, and so is the result.
pub fn parent_entry(text: &str) -> Option<String> {
    let value = evaluate_text(text, &Unbound);
    let id = value.as_text()?;
    let segments: Vec<String> = id
        .segments()
        .iter()
        .map(|segment| segment.is_literal().unwrap_or("{}").to_lowercase())
        .skip_while(String::is_empty)
        .collect();
    let first = segments.first()?;
    // A doubled or trailing slash leaves open which segments are names.
    if segments.iter().any(String::is_empty) {
        return None;
    }
    let provider = segments.iter().rposition(|segment| segment == "providers");
    let typed = match provider {
        Some(position) => Some(segments.len() - position - 1),
        None if first.contains('.') && segments.len() >= 3 => Some(segments.len()),
        None => None,
    };
    // Namespace, type and name alone are a resource without a parent.
    if typed.is_some_and(|count| count < 5) {
        return None;
    }
    let is_typed = typed.is_some() || first == "subscriptions" || starts_with_id(text);
    without_last_segments(text, if is_typed { 2 } else { 1 })
}

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
            let cut = match id_call(&root) {
                Some(_) => id_without_last(text, &root)?,
                None => match cut(text, &root, segments)? {
                    Truncation::Kept(kept) => kept,
                    Truncation::Nothing | Truncation::Gone(_) => return None,
                },
            };
            let head = text.get(1..root.span.start)?;
            let tail = text.get(root.span.end..text.len() - 1)?;
            Some(text_of_words(&format!("{head}{cut}{tail}")))
        }
    }
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

fn starts_with_id(text: &str) -> bool {
    let Parsed::Expression(root) = parse(text) else {
        return false;
    };
    let first = root.call("concat").and_then(<[Expression]>::first);
    id_call(&root).is_some() || first.and_then(id_call).is_some()
}

fn literal_without(text: &str, segments: usize) -> Option<String> {
    let mut kept = text;
    for _ in 0..segments {
        (kept, _) = kept.rsplit_once('/')?;
    }
    // What starts with a bracket could become an expression by losing its end.
    (!kept.trim_matches('/').is_empty() && !kept.starts_with('[')).then(|| kept.to_owned())
}

fn cut(text: &str, expression: &Expression, segments: usize) -> Option<Truncation> {
    if let ExpressionKind::String(_) = expression.kind {
        return cut_string(text, expression, segments);
    }
    if let Some(args) = expression.call("concat") {
        return cut_concat(text, expression, args, segments);
    }
    if let Some(args) = expression.call("format") {
        return cut_format(text, expression, args, segments);
    }
    if id_call(expression).is_some() {
        return match segments {
            2 => id_without_last(text, expression).map(Truncation::Kept),
            _ => None,
        };
    }
    (!mentions_slash(expression)).then_some(Truncation::Gone(segments))
}

/// Whether something below holds a literal slash, so that it may stand for more than one segment.
fn mentions_slash(expression: &Expression) -> bool {
    let mut found = false;
    expression.visit(&mut |node| {
        found |=
            node.string().is_some_and(|literal| literal.contains('/')) || id_call(node).is_some();
    });
    found
}

fn cut_string(text: &str, expression: &Expression, mut segments: usize) -> Option<Truncation> {
    let span = &expression.span;
    let content = text.get(span.start + 1..span.end.checked_sub(1)?)?;
    for (position, _) in content.rmatch_indices('/') {
        segments -= 1;
        if segments == 0 {
            return Some(match content.get(..position)? {
                "" => Truncation::Nothing,
                kept => Truncation::Kept(format!("'{kept}'")),
            });
        }
    }
    Some(Truncation::Gone(segments))
}

fn cut_concat(
    text: &str,
    call: &Expression,
    args: &[Expression],
    mut segments: usize,
) -> Option<Truncation> {
    let last = args.last()?;
    for (position, argument) in args.iter().enumerate().rev() {
        let kept_before = args.get(..position)?;
        match (cut(text, argument, segments)?, kept_before) {
            (Truncation::Gone(left), _) => segments = left,
            (Truncation::Nothing, []) => return Some(Truncation::Nothing),
            (Truncation::Nothing, [only]) => {
                return Some(Truncation::Kept(text.get(only.span.clone())?.to_owned()));
            }
            (Truncation::Nothing, [.., end]) => {
                let head = text.get(call.span.start..end.span.end)?;
                let tail = text.get(last.span.end..call.span.end)?;
                return Some(Truncation::Kept(format!("{head}{tail}")));
            }
            (Truncation::Kept(kept), []) => return Some(Truncation::Kept(kept)),
            (Truncation::Kept(kept), _) => {
                let head = text.get(call.span.start..argument.span.start)?;
                let tail = text.get(last.span.end..call.span.end)?;
                return Some(Truncation::Kept(format!("{head}{kept}{tail}")));
            }
        }
    }
    Some(Truncation::Gone(segments))
}

fn cut_format(
    text: &str,
    call: &Expression,
    args: &[Expression],
    mut segments: usize,
) -> Option<Truncation> {
    let (pattern, values) = args.split_first()?;
    pattern.string()?;
    if values.iter().any(mentions_slash) {
        return None;
    }
    let span = pattern.span.start + 1..pattern.span.end.checked_sub(1)?;
    let content = text.get(span.clone())?;
    let position = content
        .rmatch_indices('/')
        .map(|(position, _)| position)
        .nth(segments - 1);
    let Some(position) = position else {
        segments -= content.matches('/').count();
        return Some(Truncation::Gone(segments));
    };
    let kept = content.get(..position)?;
    let used = placeholders(kept)?;
    if kept.is_empty() {
        return Some(Truncation::Nothing);
    }
    let count = match used.iter().max() {
        Some(highest) => highest.checked_add(1)?,
        None => 0,
    };
    if count > values.len() || (0..count).any(|index| !used.contains(&index)) {
        return None;
    }
    if count == 0 {
        return (!kept.contains(['{', '}'])).then(|| Truncation::Kept(format!("'{kept}'")));
    }
    let head = text.get(call.span.start..span.start)?;
    let between = text.get(span.end..args.get(count)?.span.end)?;
    let tail = text.get(args.last()?.span.end..call.span.end)?;
    Some(Truncation::Kept(format!("{head}{kept}{between}{tail}")))
}

/// The indices of the placeholders in the raw text of a format; `None` where it is cut inside one.
fn placeholders(format: &str) -> Option<Vec<usize>> {
    let plain = format.replace("{{", "").replace("}}", "");
    let mut indices = Vec::new();
    let mut parts = plain.split('{');
    if parts.next()?.contains('}') {
        return None;
    }
    for part in parts {
        let (item, _) = part.split_once('}')?;
        let index = item.split([',', ':']).next()?;
        indices.push(index.trim().parse().ok()?);
    }
    Some(indices)
}

/// The arguments of a call of the `resourceId()` family, and where among them the type stands.
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

fn id_without_last(text: &str, call: &Expression) -> Option<String> {
    let (args, type_position) = id_call(call)?;
    let written = args.get(type_position)?;
    let names = args.get(type_position + 1..)?;
    let [.., parent, last] = names else {
        return None;
    };
    let raw = text.get(written.span.clone())?;
    let content = raw.strip_prefix('\'')?.strip_suffix('\'')?;
    let bare = content.trim_end_matches('/');
    let slashes = content.get(bare.len()..)?;
    if bare.trim_start_matches('/').split('/').count() != names.len() + 1 {
        return None;
    }
    let (shorter, _) = bare.rsplit_once('/')?;
    let head = text.get(call.span.start..written.span.start)?;
    let between = text.get(written.span.end..parent.span.end)?;
    let tail = text.get(last.span.end..call.span.end)?;
    Some(format!("{head}'{shorter}{slashes}'{between}{tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_is_written_in_the_authors_words() {
        let cases = [
            (
                "[resourceId('A.B/c/d', X(), Y())]",
                "[resourceId('A.B/c', X())]",
            ),
            (
                "[ resourceID( 'A.B/c/d/' , X() ,'N' ) ]",
                "[ resourceID( 'A.B/c/' , X() ) ]",
            ),
            (
                "[resourceId(subscription().subscriptionId, 'rg', 'A.B/c/d', X(), Y())]",
                "[resourceId(subscription().subscriptionId, 'rg', 'A.B/c', X())]",
            ),
            (
                "[resourceId('A.B/c/d', split(format('{0}/N', X()), '/')[0], split(format('{0}/N', X()), '/')[1])]",
                "[resourceId('A.B/c', split(format('{0}/N', X()), '/')[0])]",
            ),
            (
                "[extensionResourceId(resourceId('E.F/g', 'h'), 'A.B/c/d', 'x', 'y')]",
                "[extensionResourceId(resourceId('E.F/g', 'h'), 'A.B/c', 'x')]",
            ),
            (
                "[concat('A.B/c/', X(), '/d/NAME')]",
                "[concat('A.B/c/', X())]",
            ),
            (
                "[concat('A.B/c/', X(), '/d/', Y())]",
                "[concat('A.B/c/', X())]",
            ),
            (
                "[concat('A.B/c/', X(), '-1/d/', Y())]",
                "[concat('A.B/c/', X(), '-1')]",
            ),
            (
                "[concat('A.B/c/', X(), '/', 'd/', Y())]",
                "[concat('A.B/c/', X())]",
            ),
            (
                "[concat('A.B/c/', 'sqlSrv16/d/NAME')]",
                "[concat('A.B/c/', 'sqlSrv16')]",
            ),
            ("[concat('A.B/c/x/d/', Y())]", "A.B/c/x"),
            (
                "[concat('A.B/c/', concat(X(),copyIndex()),'/d/NAME')]",
                "[concat('A.B/c/', concat(X(),copyIndex()))]",
            ),
            (
                "[concat(concat('A.B/c/', X(), '/d/'), 'N')]",
                "[concat('A.B/c/', X())]",
            ),
            (
                "[concat(resourceId('A.B/c', X()), '/d/Y')]",
                "[resourceId('A.B/c', X())]",
            ),
            ("[concat(X(), '/NAME')]", "[X()]"),
            ("[concat('it''s', X(), '/NAME')]", "[concat('it''s', X())]"),
            ("[format('{0}/NAME', X())]", "[format('{0}', X())]"),
            (
                "[format('A.B/c/{0}/d/NAME', X())]",
                "[format('A.B/c/{0}', X())]",
            ),
            (
                "[format('A.B/c/{0}/d/{1}', X(), Y())]",
                "[format('A.B/c/{0}', X())]",
            ),
            ("[format('A.B/c/x/d/{0}', Y())]", "A.B/c/x"),
            ("['A.B/c/x/d/y']", "A.B/c/x"),
            ("A.B/c/x/d/y", "A.B/c/x"),
            ("/A.B/c/x/d/y", "/A.B/c/x"),
            (
                "/subscriptions/s/resourceGroups/g/providers/A.B/c/x/d/y",
                "/subscriptions/s/resourceGroups/g/providers/A.B/c/x",
            ),
            ("vm/ext", "vm"),
            ("my.vm/ext", "my.vm"),
        ];
        for (text, parent) in cases {
            assert_eq!(parent_entry(text).as_deref(), Some(parent), "{text}");
        }
    }

    #[test]
    fn the_caller_may_say_how_many_segments_go() {
        let text = "[concat(variables('vmId'), '/extensions/NAME')]";
        assert_eq!(
            without_last_segments(text, 2).as_deref(),
            Some("[variables('vmId')]")
        );
    }

    #[test]
    fn no_cut_is_made_where_it_cannot_be_read() {
        for text in [
            "",
            "vm",
            "/vm",
            "[variables('id')]",
            "A.B/c/x/d/",
            "[concat('A.B/c/', X(), '/d/', '/NAME')]",
            "[concat('A.B/c/', X())]",
            "[concat(X(), Y())]",
            "[resourceId('A.B/c', X())]",
            "[resourceId('A.B/c/d', X())]",
            "[resourceId('A.B/c/d', X(), Y(), Z())]",
            "[resourceId(variables('type'), X(), Y())]",
            "[concat('A.B/c/', X(), replace(Y(), '-', '/'))]",
            "[if(a(), 'x/y', 'z/y')]",
            "[format('{1}/d/{0}', X(), Y())]",
            "[format(X(), 'a/b')]",
            "[format('{18446744073709551615}/d', X())]",
            "[ns.concat('a', '/b')]",
            "[concat('a/b']",
            "[[a]/b]",
        ] {
            assert_eq!(parent_entry(text), None, "{text}");
        }
        assert_eq!(literal_without("[a]/b", 1), None);
        assert_eq!(without_last_segments("vm/ext", 0), None);
    }

    #[test]
    fn a_cut_id_means_the_parent() {
        let parent = parent_entry("[concat('A.B/c/', X(), '/d/NAME')]").unwrap();
        assert_eq!(
            evaluate_text(&parent, &Unbound),
            evaluate_text("[format('A.B/c/{0}', x())]", &Unbound)
        );
        assert!(matches!(parse(&parent), Parsed::Expression(_)));
    }
}
