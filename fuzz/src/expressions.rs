//! Any text as an expression: its tree lies in it, its value is found twice alike, and what is spelled
//! reads back. Start at [`check`].

use std::cell::RefCell;

use msi2imds::arm::expression::{
    Expression, ExpressionKind, Parsed, Scope, Symbol, Value, evaluate_text, parse,
    without_last_segments,
};

/// Parses and evaluates the first line of `data`; the others are the variables `a`, `b` and so on.
///
/// # Panics
///
/// Where a span leaves the text, or what is printed means something else.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut lines = text.split('\n').map(bracketed);
    let first = lines.next().unwrap_or_default();
    let scope = Lines {
        variables: lines.take(24).collect(),
        known: RefCell::default(),
    };
    if let Parsed::Expression(root) = parse(&first) {
        nodes(&first, &root, 1..first.len() - 1);
        reparsed(&first, &root);
    }
    cuts(&first);
    let value = evaluate_text(&first, &scope);
    spelled(&first, &value);
}

fn bracketed(line: &str) -> String {
    match line.starts_with('[') {
        true => line.to_owned(),
        false => format!("[{line}]"),
    }
}

/// The variables of a template, one a line.
struct Lines {
    variables: Vec<String>,
    /// What was evaluated; none while it is.
    known: RefCell<Vec<(usize, Option<Value>)>>,
}

impl Scope for Lines {
    fn parameter(&self, name: &str) -> Value {
        match name.to_ascii_lowercase().as_str() {
            "known" => Value::text("Known"),
            "list" => Value::Array(vec![Value::text("a"), Value::text("b"), Value::Int(3)]),
            _ => Value::Unknown(Symbol::parameter(name)),
        }
    }

    fn variable(&self, name: &str) -> Value {
        let unknown = || Value::Unknown(Symbol::variable(name));
        let [letter @ (b'a'..=b'z' | b'A'..=b'Z')] = name.as_bytes() else {
            return unknown();
        };
        let at = usize::from(letter.to_ascii_lowercase() - b'a');
        let Some(text) = self.variables.get(at) else {
            return unknown();
        };
        let known = self
            .known
            .borrow()
            .iter()
            .find(|(of, _)| *of == at)
            .cloned();
        if let Some((_, value)) = known {
            return value.unwrap_or_else(unknown);
        }
        self.known.borrow_mut().push((at, None));
        let value = evaluate_text(text, self);
        for one in self
            .known
            .borrow_mut()
            .iter_mut()
            .filter(|(of, _)| *of == at)
        {
            one.1 = Some(value.clone());
        }
        value
    }

    fn loop_name(&self) -> Option<String> {
        Some("vmLoop".to_owned())
    }
}

/// Nodes are in their parents, in order, and on whole characters.
fn nodes(text: &str, node: &Expression, within: std::ops::Range<usize>) {
    let span = node.span.clone();
    assert!(
        within.start <= span.start && span.end <= within.end,
        "{node:?}"
    );
    let raw = text.get(span.clone()).expect("a span of whole characters");
    assert!(
        !raw.is_empty() && raw.trim() == raw,
        "white space around {raw:?}"
    );
    match &node.kind {
        ExpressionKind::String(_) => assert!(raw.starts_with('\'') && raw.ends_with('\'')),
        ExpressionKind::Number(number) => assert_eq!(number, raw),
        ExpressionKind::Call { args, .. } => {
            assert!(raw.ends_with(')'));
            let mut behind = span.start;
            for argument in args {
                nodes(text, argument, behind..span.end);
                behind = argument.span.end;
            }
        }
        ExpressionKind::Member { base, name } => {
            assert!(raw.ends_with(name.as_str()));
            nodes(text, base, span.start..span.end);
        }
        ExpressionKind::Index { base, index } => {
            nodes(text, base, span.start..span.end);
            nodes(text, index, base.span.end..span.end);
        }
    }
}

/// Each node's text is that expression on its own.
fn reparsed(text: &str, root: &Expression) {
    let mut left = 16;
    root.visit(&mut |node| {
        if left == 0 {
            return;
        }
        left -= 1;
        let alone = format!("[{}]", &text[node.span.clone()]);
        let Parsed::Expression(again) = parse(&alone) else {
            panic!("{alone} is none on its own");
        };
        assert!(same(node, &again), "{node:?} is {again:?} on its own");
    });
}

/// Whether two trees differ in places only.
fn same(one: &Expression, other: &Expression) -> bool {
    use ExpressionKind::{Call, Index, Member};
    match (&one.kind, &other.kind) {
        (
            Call {
                namespace,
                name,
                args,
            },
            Call {
                namespace: of,
                name: called,
                args: with,
            },
        ) => {
            let mut pairs = args.iter().zip(with);
            namespace == of
                && name == called
                && args.len() == with.len()
                && pairs.all(|(one, other)| same(one, other))
        }
        (
            Member { base, name },
            Member {
                base: of,
                name: called,
            },
        ) => name == called && same(base, of),
        (
            Index { base, index },
            Index {
                base: of,
                index: at,
            },
        ) => same(base, of) && same(index, at),
        (one, other) => one == other,
    }
}

/// What is left of an id is something that can be written in its place.
fn cuts(text: &str) {
    let whole = !matches!(parse(text), Parsed::Invalid(_));
    let left = [
        without_last_segments(text, 1),
        without_last_segments(text, 2),
    ];
    for cut in left.into_iter().flatten() {
        assert!(whole, "{text} was cut and does not parse");
        let parses = !matches!(parse(&cut), Parsed::Invalid(_));
        assert!(parses, "{text} was cut to {cut}");
        assert!(cut.len() <= text.len() + 64, "{text} grew to {cut}");
    }
}

/// What the value is spelled as has the same value, as far as anything equals it.
fn spelled(text: &str, value: &Value) {
    let written = Symbol::call(None, "concat", std::slice::from_ref(value)).to_string();
    let inner = written
        .strip_prefix("concat(")
        .and_then(|rest| rest.strip_suffix(')'));
    // The index of a loop with an offset has a spelling of its own, which is no expression.
    let reads = |inner: &&str| !inner.contains("unknown#") && !value.mentions_copy_index();
    let Some(inner) = inner.filter(reads) else {
        return;
    };
    // What is left of variables is what they leave open, such as those that name themselves.
    let open = Lines {
        variables: Vec::new(),
        known: RefCell::default(),
    };
    let written = format!("[{inner}]");
    // Nor is the spelling of what is taken from a number.
    let digits = |part: &str| part.ends_with(|end: char| end.is_ascii_digit());
    let mut before = written.split_inclusive(['.', '[']);
    let from_number = before.any(|part| digits(part.trim_end_matches(['.', '['])));
    if matches!(parse(&written), Parsed::Invalid(_)) && from_number {
        return;
    }
    let again = evaluate_text(&written, &open);
    assert_eq!(&again, value, "{text} is spelled {inner}");
}
