//! Words that no message, help or page has: each has a plain one that the field uses.

use std::path::Path;
use std::process::Command;

use regex::Regex;

use super::source;

/// What must not be said, and what to say. A row is added once the last place is reworded.
const BANNED: &[(&str, &str)] = &[
    (r"\bcomes? by\b", "say where it is from"),
    (r"\bgoes along\b", "say that it is part of it"),
    (r"\btakes? for\b", "say what it is read as"),
    (r"\b[Pp]ass over files\b", "skip files"),
    (
        r"\btakes? [a-z]+ for [a-z]+ value\b",
        "say that it is not trusted",
    ),
    (r"\bmust stop to do so\b", "say what must change"),
    (r"\bmay be said once\b", "say when it is reported"),
    (r"\bwait(?:s|ed|ing)? for\b", "depends on"),
    (
        r"\bst(?:ands?|ood)\b",
        "is, or name the verb of what happens",
    ),
    (r"\bt(?:ells?|old)\b", "says, shows or reports"),
    (r"\bmend(?:s|ed)?\b", "fixes"),
    (r"\bhalf of a character\b", "an unpaired surrogate"),
    (r"\bmakes? place\b", "is replaced"),
    (r"\bgets? company\b", "is added"),
    (r"\btaken? (?:[a-z]+ )?for\b", "say what it is read as"),
    (r"\bspots?\b", "place"),
    (r"\blook(?:s|ed)? (?:at|into)\b", "checks"),
    (r"\bpass(?:es|ed)? over\b", "skips"),
    (r"\bcarr(?:y|ies|ied) the extension\b", "has the extension"),
    (r"\bcomes? after\b", "is provisioned after"),
    (r"\b(?:takes?|taken) off\b", "removes"),
    (r"\bcannot be t(?:aken|old)\b", "is unknown, or is invalid"),
    (r"\bin front of\b", "before"),
];

/// Places that have to say it, such as a name that somebody else gave: the start of the text.
const EXCEPTIONS: &[&str] = &[];

#[test]
fn messages_and_pages_have_no_banned_word() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts: Vec<(String, String)> = Vec::new();
    for source in source::all() {
        texts.extend(
            source
                .texts()
                .into_iter()
                .map(|text| (source.path.clone(), text)),
        );
    }
    let pages = walkdir::WalkDir::new(root.join("docs")).into_iter();
    let pages = pages.chain(walkdir::WalkDir::new(source::folder()));
    let pages = pages.chain(walkdir::WalkDir::new(root.join("README.md")));
    for page in pages.map(Result::unwrap) {
        if page.path().extension().is_some_and(|ending| ending == "md") {
            let text = std::fs::read_to_string(page.path()).unwrap();
            let paragraphs = text.split("\n\n");
            let name = page
                .path()
                .strip_prefix(root)
                .unwrap()
                .display()
                .to_string();
            texts.extend(paragraphs.map(|paragraph| (name.clone(), plain(paragraph))));
        }
    }
    for command in [
        "check", "diff", "fix", "plan", "explain", "rules", "schema", "man",
    ] {
        let program = env!("CARGO_BIN_EXE_msi2imds");
        let help = Command::new(program).args([command, "--help"]).output();
        let help = String::from_utf8(help.unwrap().stdout).unwrap();
        texts.push((format!("help of {command}"), plain(&help)));
    }
    assert!(texts.len() > 2_000, "{}", texts.len());
    let mut faults = Vec::new();
    for (banned, better) in BANNED {
        let banned = Regex::new(banned).unwrap();
        for (name, text) in &texts {
            let is_exception = EXCEPTIONS.iter().any(|start| text.starts_with(start));
            if let Some(found) = banned.find(text).filter(|_| !is_exception) {
                faults.push(format!("{name}: \"{}\": {better}: {text}", found.as_str()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The text on one line.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
