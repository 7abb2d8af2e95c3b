//! What a shell reads as what.

use super::*;

fn words(text: &str) -> Vec<Vec<String>> {
    let reading = Reading::of(text, Language::Shell);
    let texts = |command: &Command| {
        let words = command.assignments.iter().chain(&command.words);
        words.map(|word| word.text().to_owned()).collect()
    };
    reading.commands.iter().map(texts).collect()
}

#[test]
fn words_end_where_a_shell_ends_them() {
    for (text, expected) in [
        ("curl 'a b'\"c\"d # e", vec![vec!["curl", "a bcd"]]),
        (
            "curl a \\\n  b; echo 'c'",
            vec![vec!["curl", "a", "b"], vec!["echo", "c"]],
        ),
        (
            "if curl a 2>/dev/null; then b; fi",
            vec![vec!["curl", "a"], vec!["b"], vec!["fi"]],
        ),
        (
            "a=b c=\"$d\" curl $e",
            vec![vec!["a=b", "c=\u{fffc}", "curl", "\u{fffc}"]],
        ),
        (
            "a && b || c | d &",
            vec![vec!["a"], vec!["b"], vec!["c"], vec!["d"]],
        ),
        ("x=${y:-\"a}b\"} z", vec![vec!["x=\u{fffc}", "z"]]),
        ("a#b \\#c", vec![vec!["a#b", "#c"]]),
        ("(( a < b )) && c", vec![vec!["c"]]),
    ] {
        assert_eq!(words(text), expected, "{text}");
    }
}

#[test]
fn commands_inside_substitutions_are_commands() {
    let found = words("t=$(curl -s \"u\" | jq .a) `b c`");
    for command in [&["curl", "-s", "u"][..], &["jq", ".a"], &["b", "c"]] {
        assert!(
            found.iter().any(|words| words == command),
            "{command:?} {found:?}"
        );
    }
    let reading = Reading::of("a | b <<< c", Language::Shell);
    assert!(!reading.commands[0].has_input && reading.commands[1].has_input);
}

#[test]
fn a_here_document_is_no_command_and_is_read_in_the_language_of_what_reads_it() {
    let text = "cat <<EOF >x; python3 <<-'P'\n#!/bin/sh\ncurl $a \\$b\nEOF\n\tx = 'y'\n\tP\nend\n";
    let reading = Reading::of(text, Language::Shell);
    let found = reading.embedded.iter();
    let found: Vec<(Language, &str)> = found.map(|one| (one.language, &*one.inner.text)).collect();
    assert_eq!(
        found,
        [
            (Language::Shell, "#!/bin/sh\ncurl \u{fffc} $b\n"),
            (Language::Python, "x = 'y'\n")
        ]
    );
    assert_eq!(words(text).last().unwrap(), &["end"]);
    assert!(reading.doubts.is_empty());
}

#[test]
fn what_does_not_end_is_in_doubt() {
    for text in [
        "a 'b",
        "a \"b",
        "a $(b",
        "a `b",
        "a ${b",
        "a <<E\nb\n",
        "a \"$(b\"",
    ] {
        assert!(
            !Reading::of(text, Language::Shell).doubts.is_empty(),
            "{text}"
        );
    }
}

#[test]
fn deep_texts_are_read_without_exhausting_the_stack() {
    for piece in ["$(", "\"$(", "${x:-\"", "`", "(", "{", "@{a=", "(\"$("] {
        let text = piece.repeat(20_000);
        for language in [
            Language::Shell,
            Language::PowerShell,
            Language::Hcl,
            Language::Yaml,
        ] {
            Reading::of(&text, language);
        }
    }
}

#[test]
fn an_argument_of_a_shell_is_a_script_and_an_edit_of_it_is_quoted_in_both() {
    let text = "sudo bash -c \"curl \\\"u\\\" -H 'a'\"";
    let mut seen = Vec::new();
    visit(
        &Inner::of_bytes(text.as_bytes()),
        Language::Shell,
        &mut |part| {
            if part.levels.depth() == 1 {
                let command = &part.reading.commands[0];
                let word = &command.words[1];
                let edit = word
                    .inner
                    .outward(&crate::text::Edit::replacement(0..1, "v\"$"))
                    .unwrap();
                seen.push(part.levels.outermost_edit(&edit).unwrap());
            }
        },
    );
    let at = text
        .find('u')
        .map(|_| text.find("\\\"u").unwrap() + 2)
        .unwrap();
    assert_eq!(
        seen,
        [crate::text::Edit::replacement(
            at..at + 1,
            "v\\\\\\\"\\\\\\$"
        )]
    );
}
