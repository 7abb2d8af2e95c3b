//! Files in UTF-16, as PowerShell's `>` writes them, and files that hold no text, or none at all.

use super::repository::Repository;
use super::templates;

/// How the bytes of a file hold its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf8WithMark,
    Utf16Little,
    Utf16Big,
}

impl Encoding {
    pub(crate) const ALL: [Self; 4] = [
        Self::Utf8,
        Self::Utf8WithMark,
        Self::Utf16Little,
        Self::Utf16Big,
    ];

    /// The file with this text, which has no byte order mark; `None` for what is no text.
    pub(crate) fn file(self, text: &[u8]) -> Option<Vec<u8>> {
        let marked = [b"\xef\xbb\xbf", text].concat();
        let unit: fn(u16) -> [u8; 2] = match self {
            Self::Utf8 => return Some(text.to_vec()),
            Self::Utf8WithMark => return Some(marked),
            Self::Utf16Little => u16::to_le_bytes,
            Self::Utf16Big => u16::to_be_bytes,
        };
        let text = std::str::from_utf8(&marked).ok()?;
        Some(text.encode_utf16().flat_map(unit).collect())
    }
}

const UTF_16: [Encoding; 2] = [Encoding::Utf16Little, Encoding::Utf16Big];

fn utf16(encoding: Encoding, text: impl AsRef<[u8]>) -> Vec<u8> {
    encoding.file(text.as_ref()).unwrap()
}

/// Letters of one, two and four bytes in UTF-8, in front of what is found and edited.
fn with_letters(text: &str) -> String {
    text.replace("\"name\"", "/* e\u{301}\u{20ac}\u{1f600} */ \"name\"")
}

#[test]
fn utf16_is_reported_with_the_places_of_its_text() {
    for text in [
        with_letters(templates::FIXABLE),
        with_letters(&templates::held()),
        with_letters(&templates::broken()),
        templates::FIXABLE.replace('\n', "\r\n"),
        templates::FIXABLE.replace('\n', " "),
    ] {
        let repository = Repository::with("a.json", &text);
        let expected = repository.run(&["check"]).quietly(1);
        for encoding in UTF_16 {
            repository.write("a.json", utf16(encoding, &text));
            assert_eq!(repository.run(&["check"]), expected, "{encoding:?}");
        }
    }
}

#[test]
fn other_languages_in_utf16_are_read_too() {
    let text = "// e\u{301}\u{20ac}\u{1f600}\nresource msi 'x' = {\n  properties: {\n    /*\u{e9}*/ publisher: \
                'Microsoft.ManagedIdentity'\n    type: 'ManagedIdentityExtensionForLinux'\n  }\n}\n";
    let repository = Repository::with("main.bicep", text);
    let expected = repository.run(&["check"]).quietly(1);
    assert!(expected.text().contains("[extension-in-text]"));
    for encoding in UTF_16 {
        repository.write("main.bicep", utf16(encoding, text));
        assert_eq!(repository.run(&["check"]), expected, "{encoding:?}");
    }
}

#[test]
fn what_fix_leaves_in_utf16_has_the_places_of_the_new_text() {
    let text = with_letters(&templates::fixable_with_a_warning());
    let left = |file: Vec<u8>| {
        let repository = Repository::with("a.json", file);
        // The patch of UTF-16 is not text; its readable form is what CI shows.
        let fix = repository.run_under("CI", &["fix", "-q"]);
        let text = fix.text();
        text[text.find("warning[").unwrap()..].to_owned()
    };
    let expected = left(text.clone().into_bytes());
    assert!(expected.contains("[extension-reference]"), "{expected}");
    for encoding in UTF_16 {
        assert_eq!(left(utf16(encoding, &text)), expected, "{encoding:?}");
    }
}

#[test]
fn a_patch_of_utf16_is_shown_as_text_in_ci_and_that_form_is_not_taken() {
    let shown_as_utf8 = Repository::with("a.json", templates::FIXABLE);
    let plain = shown_as_utf8.run(&["diff"]).quietly(1);
    for encoding in UTF_16 {
        let repository = Repository::with("a.json", utf16(encoding, templates::FIXABLE));
        let shown = repository.run_under("CI", &["diff"]).quietly(1);
        let note = shown.text().strip_prefix(plain.text()).unwrap();
        assert!(note.starts_with("note: ") && note.contains("--diff-file"));
        assert!(note.contains("UTF-16") && note.lines().count() == 1);

        let file = repository.outside().join("p");
        let exact = ["diff", "--diff-file", file.to_str().unwrap()];
        assert_eq!(repository.run_under("CI", &exact), shown);
        let piped = repository.run(&["diff"]).quietly(1);
        assert_eq!(std::fs::read(&file).unwrap(), piped.stdout);
        let forced = repository.run_under("CI", &["diff", "--diff-file", "-"]);
        assert_eq!(forced, piped);

        repository.refuses("git", &["apply"], &shown.stdout);
        repository.refuses("patch", &["-p1", "--force"], &shown.stdout);
    }
}

#[test]
fn utf16_with_half_of_a_character_is_reported_and_never_edited() {
    let text = with_letters(templates::FIXABLE);
    let inside = text.find("shop/msi").unwrap();
    let outside = text.rfind("CustomScript").unwrap();
    for encoding in UTF_16 {
        let whole = utf16(encoding, &text);
        let half: &[u8] = match encoding {
            Encoding::Utf16Little => b"\x3d\xd8",
            _ => b"\xd8\x3d",
        };
        let with_half = |offset: usize| {
            let at = utf16(encoding, &text[..offset]).len();
            [&whole[..at], half, &whole[at..]].concat()
        };
        for (kind, file) in [
            ("a byte is missing", whole[..whole.len() - 1].to_vec()),
            ("a byte too many", [&whole[..], b"\n"].concat()),
            ("half a pair in the entry", with_half(inside)),
            ("half a pair elsewhere", with_half(outside)),
            ("half a pair at the end", [&whole[..], half].concat()),
        ] {
            let repository = Repository::with("a.json", &file);
            for command in ["check", "fix"] {
                let outcome = repository.run(&[command]).quietly(1);
                let text = outcome.text();
                assert!(text.contains("[unparsable-template]"), "{kind}: {text}");
                assert!(text.contains("unpaired surrogate"), "{kind}: {text}");
                assert!(text.contains("[vm-extension]"), "{kind}: {text}");
                assert!(text.contains("cannot be written back"), "{kind}: {text}");
            }
            let diff = repository.run(&["diff"]).quietly(0);
            assert_eq!(diff.text(), "", "{kind}");
            repository.run(&["fix", "--ignore", "unparsable-template"]);
            assert_eq!(repository.read("a.json"), file, "{kind}");
        }
    }
}

/// A surrogate that is spelled as an escape is no fault of the encoding.
#[test]
fn utf16_without_the_extension_is_no_finding() {
    for encoding in UTF_16 {
        let whole = utf16(encoding, templates::FIXABLE);
        for file in [
            utf16(encoding, templates::clean()),
            utf16(encoding, templates::clean().replace("shop", "\\ud800")),
            utf16(encoding, "Microsoft.ManagedIdentity"),
            [&utf16(encoding, templates::clean())[..], b"\n"].concat(),
            // Without the mark they hold NUL bytes, and are no text.
            whole[2..].to_vec(),
        ] {
            let repository = Repository::with("a.json", &file);
            for command in ["check", "diff", "fix"] {
                repository.run(&[command]).quietly(0);
            }
            assert_eq!(repository.read("a.json"), file);
        }
    }
}

#[test]
fn files_that_are_no_text_or_have_none_are_passed_over() {
    let utf32: Vec<u8> = format!("\u{feff}{}", templates::FIXABLE)
        .chars()
        .flat_map(|character| u32::from(character).to_le_bytes())
        .collect();
    for (kind, file) in [
        ("empty", b"".to_vec()),
        ("a byte order mark", b"\xef\xbb\xbf".to_vec()),
        ("half of one", b"\xef\xbb".to_vec()),
        ("that of UTF-16", b"\xff\xfe".to_vec()),
        ("a byte more", b"\xfe\xff\0".to_vec()),
        ("white space", b" \t\r\n\r\x0b\x0c\n".to_vec()),
        ("more of it", "\u{a0}\u{85}\u{2028}\u{3000}".into()),
        ("a line end", b"\n".to_vec()),
        ("UTF-32", utf32),
        (
            "NUL",
            templates::FIXABLE.replacen("shop", "sh\0p", 1).into(),
        ),
        ("NUL at the end", format!("{}\0", templates::FIXABLE).into()),
    ] {
        let repository = Repository::with("a.json", &file);
        for command in ["check", "diff", "fix"] {
            let outcome = repository.run(&[command]).quietly(0);
            if command == "check" {
                let expected = "no findings (1 file scanned)\n";
                assert_eq!(outcome.text(), expected, "{kind}");
            }
        }
        assert_eq!(repository.read("a.json"), file, "{kind}");
    }
}

/// Newtonsoft.Json takes no character of no width for white space, and nor does Python.
#[test]
fn a_byte_order_mark_between_tokens_is_a_syntax_error_where_it_stands() {
    let text =
        templates::FIXABLE.replace("\"name\": \"shop/msi\"", "\u{feff}\"name\": \"shop/msi\"");
    for encoding in Encoding::ALL {
        let file = encoding.file(text.as_bytes()).unwrap();
        let repository = Repository::with("a.json", &file);
        let outcome = repository.run(&["fix"]).quietly(1);
        assert!(outcome.text().contains("[unparsable-template]"));
        assert!(outcome.text().contains("--> a.json:17:7\n"), "{outcome:#?}");
        assert_eq!(repository.read("a.json"), file);
    }
}
