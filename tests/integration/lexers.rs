//! The readers of Python and JavaScript against the languages' own tokenizers: where strings, comments and
//! regular expressions start and end in texts that are made of all their forms.
//!
//! python3 and node are asked where they are installed, node for the parser that it holds; stderr names the one
//! that is missing. `MSI2IMDS_CASES` is how many texts are made.

use std::io::{ErrorKind, Write as _, stderr};
use std::process::{Command, Stdio};

use msi2imds::script::{Inner, Language, TokenKind, visit};

use crate::draw::Draw;

const SAID: &[&str] = &[
    "a", " ", "\\\\", "\\n", "\\'", "\\\"", "\\`", "#", "//", "/*", "'", "\"", "`", "/", "\\x41",
    "{{", "}}", "$", "\\\n", "[", "]", "x=1&y",
];

/// A string with these quotes, in which the quote itself comes escaped at most.
fn quoted(draw: &mut Draw, prefix: &str, quote: &str) -> String {
    let first = &quote[..1];
    let said: String = (0..draw.below(5))
        .map(|_| draw.pick(SAID))
        .filter(|said| *said != first && !(*said == "\\\n" && prefix.contains(['r', 'R'])))
        .collect();
    format!("{prefix}{quote}{said}{quote}")
}

fn python(draw: &mut Draw) -> String {
    let mut text = String::new();
    for _ in 0..=draw.below(8) {
        let quote = draw.pick(&["'", "\"", "'''", "\"\"\""]);
        let prefix = draw.pick(&["", "", "r", "b", "Rb", "bR", "u", "f", "rF", "x", "_b"]);
        text += &match draw.below(8) {
            0..=2 => quoted(draw, prefix, quote),
            3 => format!("# {}\n", draw.pick(&["it's", "\"\"\"", "a\\", "'''b"])),
            4 => format!("f{quote}{{a!r:>{{b}}}}{{{{c{quote}"),
            5 => draw
                .pick(&["(", ")", "[", "]", "\n", " \\\n ", "=", ",", ";"])
                .to_owned(),
            _ => draw
                .pick(&["a", " b ", "1.5e3 ", "return ", "0x1f ", "é"])
                .to_owned(),
        };
    }
    text
}

fn value(draw: &mut Draw, depth: usize) -> String {
    if depth > 3 {
        return draw.pick(&["a", "1", "$b"]).to_owned();
    }
    let inner = |draw: &mut Draw| value(draw, depth + 1);
    match draw.below(16) {
        0 => quoted(draw, "", "'"),
        1 => quoted(draw, "", "\""),
        2 => format!(
            "`{}${{{}}}{}`",
            draw.pick(&["", "'", "{", "\\`"]),
            inner(draw),
            draw.pick(&["", "$", "//", "}"])
        ),
        3 | 4 => format!(
            "/{}/{}",
            draw.pick(&["a", "[/'\"]", "\\/", "(?:`)", "'", "=b", "[^\\]/]*"]),
            draw.pick(&["", "g", "u.source"])
        ),
        5 => format!("{} / {}", inner(draw), inner(draw)),
        6 => format!(
            "{}/{}/{}",
            draw.pick(&["a", "b1", "(c)", "d[0]", "e()"]),
            draw.pick(&["a", "2"]),
            inner(draw)
        ),
        7 => format!("({})", inner(draw)),
        8 => format!("[{}, {}]", inner(draw), inner(draw)),
        9 => format!("({{ a: {}, 'b': {} }})", inner(draw), inner(draw)),
        10 => format!(
            "{} {}",
            draw.pick(&["typeof", "void", "!", "-", "delete"]),
            inner(draw)
        ),
        11 => format!("f({})", inner(draw)),
        12 => format!("(a => {{ {} }})", statement(draw, depth + 1)),
        13 => format!(
            "a.{} / {}",
            draw.pick(&["return", "typeof", "in", "b"]),
            inner(draw)
        ),
        14 => format!("a++ / {}", inner(draw)),
        _ => format!("a ? {} : {}", inner(draw), inner(draw)),
    }
}

fn statement(draw: &mut Draw, depth: usize) -> String {
    let inner = value(draw, depth + 1);
    match draw.below(8) {
        0 => format!("if (a) {inner};"),
        1 => format!("while (b) {{ {inner} }} {};", value(draw, depth + 1)),
        2 => format!(
            "var x = {inner} // it's {}\n;",
            draw.pick(&["`", "\"", "/*"])
        ),
        3 => format!("/* {} */ {inner};", draw.pick(&["'", "`", "//", "\n"])),
        4 => format!(
            "function g() {{ return {inner} }}\n{};",
            value(draw, depth + 1)
        ),
        5 => format!("x = {{ a: {inner} }} / 2;"),
        6 => format!("do {inner}; while (a)\n{};", value(draw, depth + 1)),
        _ => format!("{inner};"),
    }
}

const TOKENIZE: &str = "
import io, json, sys, tokenize
def spans(text):
    lines = [0]
    for line in text.splitlines(True):
        lines.append(lines[-1] + len(line))
    kinds, found, depth = (tokenize.STRING, tokenize.COMMENT), [], []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        start = lines[token.start[0] - 1] + token.start[1]
        end = lines[token.end[0] - 1] + token.end[1]
        name = tokenize.tok_name[token.type]
        if name == 'ERRORTOKEN':
            return None
        if name == 'FSTRING_START':
            depth.append(start)
        elif name == 'FSTRING_END':
            start = depth.pop()
            if not depth:
                found.append([start, end])
        elif token.type in kinds and not depth:
            found.append([start, end])
    return found
def tried(text):
    try:
        return spans(text)
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return None
print(json.dumps([tried(text) for text in json.load(sys.stdin)]))
";

const PARSE: &str = "
const acorn = require('internal/deps/acorn/acorn/dist/acorn');
const spans = (text) => {
    const tokens = [], found = [], open = [];
    acorn.parse(text, {
        ecmaVersion: 'latest', onToken: tokens, onComment: (block, said, start, end) => found.push([start, end]),
    });
    let template = 0;
    for (const { type: { label }, start, end } of tokens) {
        const last = open.at(-1);
        if (label === '`' && last !== '`') {
            if (!open.includes('`')) template = start;
            open.push('`');
        } else if (label === '`') {
            open.pop();
            if (!open.includes('`')) found.push([template, end]);
        } else if (label === '{' || label === '${') {
            open.push(label);
        } else if (label === '}') {
            open.pop();
        } else if ((label === 'string' || label === 'regexp') && !open.includes('`')) {
            const flags = label === 'regexp' ? end - start - text.slice(start, end).lastIndexOf('/') - 1 : 0;
            found.push([start, end - flags]);
        }
    }
    return found.filter(([start, end]) => !found.some(([a, b]) => a <= start && end <= b && b - a > end - start));
};
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(texts.map((text) => { try { return spans(text); } catch { return null; } })));
";

/// What a program gives for each of the texts; `None` where it is not installed.
fn asked(
    program: &str,
    arguments: &[&str],
    texts: &[String],
) -> Option<Vec<Option<Vec<[usize; 2]>>>> {
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = match started {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        started => started.unwrap(),
    };
    let mut stdin = child.stdin.take().unwrap();
    stdin
        .write_all(&serde_json::to_vec(texts).unwrap())
        .unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// What the reader makes of a text: the spans of strings, comments and regular expressions, in characters.
fn read(text: &str, language: Language) -> Vec<[usize; 2]> {
    let mut found = Vec::new();
    visit(&Inner::of_bytes(text.as_bytes()), language, &mut |part| {
        if part.around.is_empty() {
            let tokens = part.reading.tokens.iter().filter(|token| match token.kind {
                TokenKind::String(_) => true,
                TokenKind::Number => text[token.span.clone()].starts_with('/'),
                _ => false,
            });
            found.extend(tokens.map(|token| token.span.clone()));
            found.extend(part.reading.comments.iter().cloned());
        }
    });
    let characters = |end: usize| text[..end].chars().count();
    let spans = found
        .into_iter()
        .map(|span| [characters(span.start), characters(span.end)]);
    let mut spans: Vec<_> = spans.collect();
    spans.sort_unstable();
    spans
}

fn compare(language: Language, program: &str, arguments: &[&str], texts: &[String]) {
    let Some(known) = asked(program, arguments, texts) else {
        // Not by `eprintln`, which shows only with a test that fails.
        let said = format!("NOT COMPARED: {program} is not installed\n");
        stderr().write_all(said.as_bytes()).unwrap();
        return;
    };
    let mut compared = 0;
    for (text, spans) in texts.iter().zip(known) {
        let Some(mut spans) = spans else { continue };
        spans.sort_unstable();
        compared += 1;
        assert_eq!(read(text, language), spans, "{text}");
    }
    assert!(
        compared * 5 > texts.len(),
        "{compared} of {} texts fit",
        texts.len()
    );
}

fn texts(make: fn(&mut Draw) -> String) -> Vec<String> {
    let cases = std::env::var("MSI2IMDS_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    let mut draw = Draw(1);
    (0..cases.unwrap_or(5_000))
        .map(|_| make(&mut draw))
        .collect()
}

#[test]
fn strings_and_comments_of_python_are_where_its_tokenizer_finds_them() {
    compare(
        Language::Python,
        "python3",
        &["-c", TOKENIZE],
        &texts(python),
    );
}

#[test]
fn strings_comments_and_expressions_of_javascript_are_where_its_parser_finds_them() {
    let texts = texts(|draw| {
        (0..=draw.below(3))
            .map(|_| statement(draw, 0) + "\n")
            .collect()
    });
    compare(
        Language::JavaScript,
        "node",
        &["--expose-internals", "-e", PARSE],
        &texts,
    );
}
