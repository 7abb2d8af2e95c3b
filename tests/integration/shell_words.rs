//! The reader of shells against bash: scripts that are made of all forms of quotes, expansions and redirections
//! are run, and each command has the words that the reader gives it, as far as they are known.
//!
//! bash must be there. `MSI2IMDS_CASES` is how many scripts are made.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

use std::io::Write as _;
use std::process::{Command, Stdio};

use msi2imds::script::{HOLE, Inner, Language, visit};

use crate::draw::Draw;

const BARE: &[&str] = &[
    "a", "b=c", "-x", "1", "%d", "#z", "a#b", "{", "}", "{a}", "@", ":", "=", "~a", "é", "!", "^",
    "a.b", "]",
];
const SAID: &[&str] = &[
    "a", " ", "b c", "#", ";", "&", "|", "(", ")", "{x,y}", "<", ">", "é", "*", "=", "  ",
];

/// One word, with the quotes that bash needs.
fn word(draw: &mut Draw, depth: usize) -> String {
    let mut word = String::new();
    for _ in 0..=draw.below(3) {
        let piece = match draw.below(13) {
            0..=2 => draw.pick(BARE).to_owned(),
            3 | 4 => format!(
                "'{}{}'",
                draw.pick(SAID),
                draw.pick(&["", "\"", "$X", "\\", "`"])
            ),
            5 | 6 => double(draw, depth),
            7 => format!(
                "\\{}",
                draw.pick(&[
                    " ", "'", "\"", "\\", "$", "`", "#", ";", "&", "\n", "(", "a"
                ])
            ),
            8 => format!(
                "$'{}{}'",
                draw.pick(SAID),
                draw.pick(&["\\n", "\\t", "\\'", "\\\\", "\"", "\\x41", "$X"])
            ),
            9 => draw
                .pick(&[
                    "$X",
                    "${X}",
                    "${X:-a}",
                    "${X#\"'\"}",
                    "${#X}",
                    "$?",
                    "$((1+(2)))",
                    "$,",
                ])
                .to_owned(),
            10 if depth > 0 => format!("$({})", command(draw, depth - 1)),
            11 if depth > 0 => format!("\"$({})\"", command(draw, depth - 1)),
            12 if depth > 0 => {
                let inner = command(draw, 0);
                let escaped = inner
                    .replace('\\', "\\\\")
                    .replace('`', "\\`")
                    .replace('$', "\\$");
                format!("`{escaped}`")
            }
            _ => draw
                .pick(SAID)
                .replace(|c: char| !c.is_ascii_alphanumeric(), "_"),
        };
        word.push_str(&piece);
    }
    word
}

fn double(draw: &mut Draw, depth: usize) -> String {
    let mut text = String::from("\"");
    for _ in 0..draw.below(4) {
        let piece = match draw.below(6) {
            0 if depth > 0 => format!("$({})", command(draw, depth - 1)),
            1 => draw
                .pick(&["\\\"", "\\\\", "\\$", "\\`", "\\a", "\\\n"])
                .to_owned(),
            2 => draw
                .pick(&["$X", "${X:-\"a b\"}", "${X:+'}", "'", "$,", "${X%\\}}"])
                .to_owned(),
            _ => draw.pick(SAID).to_owned(),
        };
        text.push_str(&piece);
    }
    text.push('"');
    text
}

/// A command that notes its words.
fn command(draw: &mut Draw, depth: usize) -> String {
    let mut text = draw
        .pick(&["P", "P", "P", "V=1 P", "! P", "if P; then :; fi; P"])
        .to_owned();
    for _ in 0..=draw.below(3) {
        text.push_str(draw.pick(&[" ", " ", "  ", "\t", " \\\n "]));
        text.push_str(&word(draw, depth));
        if draw.below(8) == 0 {
            text.push_str(draw.pick(&[
                " 2>/dev/null",
                " 2>&1",
                " >&2",
                " 3>&-",
                " </dev/null",
                " >|/dev/null",
                " 2> /dev/null",
                " <<<x",
            ]));
        }
    }
    text
}

fn script(draw: &mut Draw) -> String {
    let mut text = String::new();
    for _ in 0..=draw.below(3) {
        let inner = command(draw, 2);
        let line = match draw.below(11) {
            0 => format!("{{ {inner}; }}"),
            1 => format!("( {inner} )"),
            2 => format!("case a in b|c) : ;; (a) {inner} ;; esac"),
            3 => format!("for i in 1; do {inner}; done"),
            4 => format!("T=$({inner})"),
            5 => format!("(( 1 < 2 )) && {inner}"),
            6 => format!(": <<'E'\nP '\nE\n{inner}"),
            7 => format!(": <<E\n$({inner}) ' \" \\$\nE"),
            8 => format!("f() {{\n{inner}\n}}; f"),
            _ => inner,
        };
        text.push_str(&line);
        text.push_str(draw.pick(&["\n", "\n", " ; ", " # it's\n", "\n# \"\n", "\n\n"]));
    }
    text.push('\n');
    text
}

/// What the commands called `P` of a script say, in their order in the text; `None` where one is in doubt.
fn read(text: &str) -> Vec<Option<Vec<String>>> {
    let mut found = Vec::new();
    visit(
        &Inner::of_bytes(text.as_bytes()),
        Language::Shell,
        &mut |part| {
            let doubt =
                part.doubt.is_some() || part.reading.doubt_up_to(part.text().len()).is_some();
            for command in &part.reading.commands {
                if command.name() == Some("P") && part.says(command.span.start) {
                    let at = part.levels.outermost_range(command.span.clone());
                    let words = command
                        .words
                        .iter()
                        .skip(1)
                        .map(|word| word.text().to_owned());
                    let known = !doubt && command.doubt.is_none();
                    found.push((at.end, at.start, known.then(|| words.collect())));
                }
            }
        },
    );
    found.sort_by_key(|(end, start, _)| (*end, std::cmp::Reverse(*start)));
    found.into_iter().map(|(_, _, words)| words).collect()
}

/// Whether a word of bash is what the reader says, in which a hole is anything.
fn fits(known: &str, word: &str) -> bool {
    let mut parts = known.split(HOLE);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = word.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// What bash gives to each `P`, in the order of the calls; `None` where it refuses the script.
fn run(script: &str) -> Option<Vec<Vec<String>>> {
    let mut bash = Command::new("bash")
        .args(["--norc", "-c", "exec 9>&1 >/dev/null 2>&1; P() { printf '%s\\0' \"$#\" \"$@\" >&9; }; X=v; . /dev/stdin"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    bash.stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    let output = bash.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).ok()?;
    let mut words = text.split_terminator('\0');
    let mut calls = Vec::new();
    while let Some(count) = words.next() {
        calls.push(
            words
                .by_ref()
                .take(count.parse().ok()?)
                .map(str::to_owned)
                .collect(),
        );
    }
    Some(calls)
}

fn parses(script: &str) -> bool {
    let mut bash = Command::new("bash")
        .args(["-n", "/dev/stdin"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    bash.stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    bash.wait().unwrap().success()
}

#[test]
fn the_words_of_a_shell_are_those_that_bash_gives() {
    let cases = std::env::var("MSI2IMDS_CASES").ok();
    let cases = cases
        .map_or(60u64, |cases| cases.parse().unwrap())
        .min(4000);
    let mut compared = 0;
    for case in 0..cases {
        let mut draw = Draw(case.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
        let text = script(&mut draw);
        if !parses(&text) {
            continue;
        }
        let read = read(&text);
        if read.iter().any(Option::is_none) {
            continue;
        }
        let calls = run(&text).unwrap_or_else(|| panic!("case {case}: {text}"));
        compared += 1;
        let known: Vec<Vec<String>> = read.into_iter().flatten().collect();
        let same = known.len() == calls.len()
            && known.iter().zip(&calls).all(|(known, call)| {
                // An unquoted hole alone may be no word, or several.
                known.iter().any(|word| word.chars().all(|c| c == HOLE))
                    || (known.len() == call.len()
                        && known.iter().zip(call).all(|(one, other)| fits(one, other)))
            });
        assert!(same, "case {case}\n{text}\nread {known:?}\nbash {calls:?}");
    }
    assert!(compared > cases / 10, "{compared} of {cases} compared");
}
