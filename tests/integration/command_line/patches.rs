//! The patch of any file: git and patch take it, and make of the file what `fix` does.
//!
//! Each row of a table is tried with each line end, encoding and tool.

use std::ffi::OsStr;

use super::encodings::Encoding;
use super::repository::Repository;
use super::templates;

const GIT: (&str, &[&str]) = ("git", &["apply", "--whitespace=nowarn"]);
const PATCH: (&str, &[&str]) = ("patch", &["-p1", "--quiet", "--force"]);

/// What stands in a string and a property's name, in a comment, and between tokens.
struct Content {
    what: &'static str,
    string: &'static [u8],
    comment: &'static [u8],
    blank: &'static [u8],
}

const fn content(
    what: &'static str,
    string: &'static [u8],
    comment: &'static [u8],
    blank: &'static [u8],
) -> Content {
    Content {
        what,
        string,
        comment,
        blank,
    }
}

/// The same in strings and comments, and a space between tokens.
const fn inner(what: &'static str, bytes: &'static [u8]) -> Content {
    content(what, bytes, bytes, b" ")
}

/// The same everywhere: white space, that is.
const fn anywhere(what: &'static str, bytes: &'static [u8]) -> Content {
    content(what, bytes, bytes, bytes)
}

const CONTENTS: [Content; 18] = [
    inner("plain", b"x"),
    content("nothing", b"", b"", b""),
    inner("bytes that are not UTF-8", b"\xff\xfe\x80\xc3"),
    inner("a character cut off", b"\xe2\x82"),
    inner("a surrogate in bytes", b"\xed\xa0\x80"),
    inner("a byte order mark", "\u{feff}".as_bytes()),
    inner("half of an escaped pair", br"\ud800 \udc00\ud800\ud800"),
    inner("an escaped pair", br"\ud83d\ude00"),
    inner("control characters", b"\x01\x07\x08\x1b[2J\x7f\xc2\x9b"),
    inner(
        "no characters",
        "\u{fffd}\u{fffe}\u{ffff}\u{10ffff}".as_bytes(),
    ),
    inner(
        "letters of many bytes",
        "e\u{301}\u{20ac}\u{1f600}".as_bytes(),
    ),
    inner(
        "letters with a byte of LF",
        "\u{10a}\u{a0a}\u{d0a}".as_bytes(),
    ),
    content(
        "what looks like a patch",
        b"\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-x\n\\\\ No newline",
        b"\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-x\n\\ No newline",
        b"\n\n \n",
    ),
    anywhere("separators of lines", "\u{2028}\u{2029}\u{85}".as_bytes()),
    anywhere("tabs up, down and out", b"\t\x0b\x0c"),
    anywhere("spaces of other kinds", "\u{a0}\u{2003}\u{3000}".as_bytes()),
    anywhere("a lone CR", b"\r"),
    anywhere("line ends of all kinds", b"\n\r\r\n\n\r"),
];

/// How lines end; where they do so in several ways, they take turns.
const ENDS: [(&str, &[&str]); 4] = [
    ("lf", &["\n"]),
    ("crlf", &["\r\n"]),
    ("cr", &["\r"]),
    ("mixed", &["\n", "\r\n", "\r"]),
];

/// A template with places for a content in what stays and in what goes, on lines that are context,
/// on lines that are edited and on lines that are removed.
fn template(with_identity: bool) -> String {
    let odd = "      \"k<string>\": \"<string>\", // <line>\n";
    let text = if with_identity {
        templates::FIXABLE.to_owned()
    } else {
        templates::without_identity()
    };
    text.replace(
        "      \"type\": \"Micro",
        &format!("{odd}      \"type\": \"Micro"),
    )
    .replace(
        "      \"dependsOn\": [\n",
        "      \"dependsOn\":<blank>[ /*<comment>*/\n",
    )
    .replace("\"shop/msi\"\n", "\"shop/msi\"<blank>/*<comment>*/\n")
}

/// What `fix` must make of lines of [`template`]: the second resource is gone, and the first one has
/// an identity.
fn fixed(lines: &[String]) -> Vec<String> {
    let starts = |line: &String, with: &str| line.trim_end() == with;
    let mut bounds = lines.iter().enumerate();
    let mut next = |with: &str| bounds.find(|(_, line)| starts(line, with)).unwrap().0;
    next("    {");
    let (first, last) = (next("    {"), next("    },"));
    let mut left = lines.to_vec();
    left.drain(first..=last);
    for line in &mut left {
        *line = line.replace("shop/msi", "shop");
    }
    let kind = "      \"type\": \"Microsoft.Compute/virtualMachines\",";
    let kind = left.iter().position(|line| starts(line, kind)).unwrap();
    if !left[kind + 3].contains("identity") {
        let line = left[kind].trim_end();
        let end = left[kind][line.len()..].to_owned();
        let identity = [
            "      \"identity\": {",
            "        \"type\": \"SystemAssigned\"",
            "      },",
        ];
        let identity = identity.map(|line| format!("{line}{end}"));
        left.splice(kind + 1..=kind, identity);
    }
    left
}

fn replaced(text: &[u8], place: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest
        .windows(place.len())
        .position(|part| part == place.as_bytes())
    {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(bytes);
        rest = &rest[at + place.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// The lines of the template, ended so, with or without the last end.
fn lines(with_identity: bool, ends: &[&str], last: bool) -> Vec<String> {
    let mut lines: Vec<String> = template(with_identity)
        .lines()
        .zip(ends.iter().cycle())
        .map(|(line, end)| format!("{line}{end}"))
        .collect();
    if !last {
        let line = lines.last_mut().unwrap();
        line.truncate(line.trim_end().len());
    }
    lines
}

/// The lines with the content in its places.
fn filled(lines: &[String], content: &Content) -> Vec<u8> {
    // A comment to the end of its line cannot hold one.
    let breaks = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let line = content.comment.iter().copied();
    let line: Vec<u8> = line.filter(|byte| !breaks(byte)).collect();
    let text = replaced(lines.concat().as_bytes(), "<string>", content.string);
    let text = replaced(&text, "<comment>", content.comment);
    let text = replaced(&text, "<blank>", content.blank);
    replaced(&text, "<line>", &line)
}

/// Every file of a content: its name, its bytes and what `fix` must make of them.
fn files(content: &Content) -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let mut files = Vec::new();
    for (end, ends) in ENDS {
        for (last, identity) in [(true, true), (true, false), (false, true), (false, false)] {
            let old = lines(identity, ends, last);
            let (old, new) = (filled(&old, content), filled(&fixed(&old), content));
            for encoding in Encoding::ALL {
                let name = format!("{end}-{last}-{identity}-{encoding:?}.json");
                if let (Some(old), Some(new)) = (encoding.file(&old), encoding.file(&new)) {
                    files.push((name, old, new));
                }
            }
        }
    }
    files
}

#[test]
fn every_content_with_every_line_end_in_every_encoding() {
    let mut cells = 0;
    for content in &CONTENTS {
        let what = content.what;
        let repository = Repository::new();
        let files = files(content);
        let write = || {
            for (name, old, _) in &files {
                repository.write(name, old);
            }
        };
        let assert_fixed = |by: &str| {
            for (name, _, new) in &files {
                let found = repository.read(name);
                assert!(
                    found == *new,
                    "{what}: {name} by {by}:\n{}\n",
                    String::from_utf8_lossy(&found)
                );
            }
        };
        write();
        let check = repository.run(&["check"]).quietly(1);
        let found = format!(
            "{0} errors, {1} warnings in {0} files",
            files.len(),
            files.len() / 2
        );
        assert!(check.text().contains(&found), "{what}: {check:#?}");
        let patch = repository.run(&["diff"]).quietly(1).stdout;
        for (name, old, _) in &files {
            assert_eq!(repository.read(name), *old, "{what}: diff wrote {name}");
        }
        let fixed = repository.run(&["fix"]).quietly(0);
        assert!(fixed.stdout.starts_with(&patch), "{what}");
        assert_fixed("fix");
        repository.run(&["diff"]).quietly(0);
        for (program, arguments) in [GIT, PATCH] {
            write();
            repository.feed(program, "", arguments, &patch);
            assert_fixed(program);
            cells += files.len();
        }
    }
    // Three contents are no text, which UTF-16 cannot hold.
    assert_eq!(cells, 2 * 4 * 2 * 2 * (15 * 4 + 3 * 2));
}

#[cfg(unix)]
const NAMES: [&[u8]; 34] = [
    b"plain.json",
    b"without-an-ending",
    b"a space.json",
    b"two  spaces/and  more.json",
    b" space in front.json",
    b"space in front/ of a file.json",
    b"space behind.json ",
    b"space behind /a folder.json",
    b" ",
    b"tab\tinside.json",
    b"tab behind.json\t",
    b"date.json\t2020-01-01 00:00:00",
    b"line\nbreak.json",
    b"carriage\rreturn.json",
    b"break behind.json\n",
    b"return behind.json\r",
    b"quote\".json",
    b"\"quoted\"",
    b"'single'.json",
    b"back\\slash.json",
    b"back\\nslash\\",
    b"\x01\x07\x08\x0b\x0c\x1b\x7f.json",
    "Gr\u{f6}\u{df}e/\u{914d}\u{7f6e}\u{1f600}.json".as_bytes(),
    "\u{a0}\u{2028}\u{feff}\u{202e}.json".as_bytes(),
    b"\xff\xfe\x80.json",
    b"\xff \"\\\n\xe2\x82",
    b"-rf.json",
    b"--help",
    b"-/-.json",
    b"a/b/a/b.json",
    b"dev/null",
    b"[a-z]*?{x}.json",
    b"$HOME `id` %25 ~ & ; #.json",
    b"x.json.orig",
];

#[cfg(unix)]
#[track_caller]
fn assert_applies(name: &OsStr) {
    for text in [templates::FIXABLE, templates::FIXABLE.trim_end()] {
        let repository = Repository::with(name, text);
        let diff = repository.run(&["diff"]).quietly(1).stdout;
        let fix = repository.run(&["fix"]).quietly(0);
        assert!(fix.stdout.starts_with(&diff));
        let fixed = repository.read(name);
        assert_ne!(fixed, text.as_bytes());
        for (program, arguments) in [GIT, PATCH] {
            repository.write(name, text);
            repository.feed(program, "", arguments, &diff);
            assert!(repository.read(name) == fixed, "{program} on {name:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn every_name() {
    use std::os::unix::ffi::OsStrExt as _;

    for name in NAMES {
        assert_applies(OsStr::from_bytes(name));
    }
}

#[cfg(unix)]
#[test]
fn long_names_and_deep_folders() {
    let long = "n".repeat(240);
    let deep = format!("{}a b.json", "folder/".repeat(100));
    for name in [&long, &deep, &format!("{long}/{long}/{long}")] {
        assert_applies(OsStr::new(name));
    }
}

#[cfg(unix)]
#[test]
fn files_of_all_names_make_one_patch() {
    use std::os::unix::ffi::OsStrExt as _;

    let repository = Repository::new();
    let names = NAMES.map(OsStr::from_bytes);
    let write = || {
        for name in names {
            repository.write(name, templates::FIXABLE);
        }
    };
    write();
    let diff = repository.run(&["diff"]).quietly(1).stdout;
    for (program, arguments) in [GIT, PATCH] {
        write();
        repository.feed(program, "", arguments, &diff);
        for name in names {
            let found = repository.read(name);
            assert_eq!(found, templates::clean().as_bytes(), "{program}: {name:?}");
        }
    }
}

/// A name that an option could start with is given as every tool wants it.
#[cfg(unix)]
#[test]
fn names_that_start_with_a_dash_are_named_behind_two() {
    let repository = Repository::with("--help", templates::FIXABLE);
    for arguments in [&["diff", "--", "--help"][..], &["diff", "./--help"]] {
        let diff = repository.run(arguments).quietly(1).stdout;
        assert!(diff.starts_with(b"--- a/--help\n+++ b/--help\n"));
        repository.git(&["apply", "--check"], &diff);
    }
}
