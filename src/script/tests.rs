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
    let found = words("t=$(curl -s \"u\" | jq .a) $(b c)");
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

/// The words of the commands with what is in doubt of them.
fn doubts(text: &str) -> Vec<Option<Doubt>> {
    let reading = Reading::of(text, Language::Shell);
    let doubts = reading.commands.iter().map(|command| {
        let before = || reading.doubt_up_to(command.span.end);
        command.doubt.or_else(before)
    });
    doubts.collect()
}

#[test]
fn what_may_be_another_command_than_it_seems_is_in_doubt() {
    for (text, expected) in [
        ("a b 2>&- -c 2>&1 >|d", None),
        ("a \"$b\" $c d=$e", None),
        ("a \"b\"$c", Some(Doubt::Glued)),
        ("a b$c", Some(Doubt::Glued)),
        ("a {b,c} {d}", Some(Doubt::Several)),
        ("a {1..3}", Some(Doubt::Several)),
        ("a '{b,c}' ${d}", None),
        ("a \"$@\"", Some(Doubt::Several)),
        ("x=(a b\nc)", Some(Doubt::Array)),
        (". ./a.sh; b", Some(Doubt::Sourced)),
        (". /etc/os-release; b", None),
    ] {
        assert_eq!(doubts(text).first(), Some(&expected), "{text}");
    }
    assert_eq!(doubts(". ./a.sh; b")[1], Some(Doubt::Sourced));
    assert_eq!(doubts(". /etc/os-release; b")[1], None);
}

#[test]
fn a_pattern_of_a_case_and_two_brackets_end_no_substitution() {
    for (text, last) in [
        ("t=$(case $x in a|b) c ;; (d) e ;& *) f;; esac) g", "f"),
        ("case x in y) z ;; esac; a", "a"),
        ("((a) && b); c", "c"),
        ("(( (1) + 2 )) && c", "c"),
        ("x=$(( $(a) + 1 )); c", "c"),
        ("x=$((a) | b); c", "c"),
    ] {
        let found = words(text);
        assert!(
            found.iter().any(|words| words[0] == last),
            "{text} {found:?}"
        );
        assert!(
            Reading::of(text, Language::Shell).doubts.is_empty(),
            "{text}"
        );
    }
}

/// What the texts inside a script say, and how a quoted `&` is written in the first one that has an `x`.
fn inside(text: &str) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    visit(
        &Inner::of_bytes(text.as_bytes()),
        Language::Shell,
        &mut |part| {
            if part.levels.depth() == 0 {
                return;
            }
            let at = part.text().find('x');
            let edit = at.and_then(|at| {
                let edit = crate::text::Edit::replacement(at..at + 1, "\"&$'");
                part.levels.outermost_edit(&edit)
            });
            let written = edit.map(|edit| String::from_utf8(edit.text().to_vec()).unwrap());
            found.push((part.text().to_owned(), written));
        },
    );
    found
}

#[test]
fn each_form_of_quotes_gives_a_text_and_the_way_back() {
    for (text, said, written) in [
        ("`a \\`x\\` \\$b`", "a `x` $b", Some("\"&\\$'")),
        ("\"`a \\\"x\\\"`\"", "a \"x\"", Some("\\\"&\\$'")),
        ("bash -c $'a\\nx'", "a\nx", Some("\"&$\\'")),
        ("bash -c 'a x'", "a x", None),
        (
            "bash <<E\na \\$b \"x\"\nE\n",
            "a $b \"x\"\n",
            Some("\"&\\$'"),
        ),
        ("bash <<-'E'\n\ta x\n\tE\n", "a x\n", Some("\"&$'")),
        ("eval \"a x\"", "a x", Some("\\\"&\\$'")),
    ] {
        let expected = (said.to_owned(), written.map(str::to_owned));
        assert_eq!(inside(text).first(), Some(&expected), "{text}");
    }
}

#[test]
fn what_is_in_a_hole_of_a_script_is_code_of_the_text_around_it() {
    for text in [
        "bash -c \"a $(curl u)\"",
        "cat <<E\na $(curl u) b\nE\n",
        "bash -c \"a ${b:-$(curl u)}\"",
    ] {
        let reading = Reading::of(text, Language::Shell);
        let at = text.find("curl").unwrap();
        assert_eq!(reading.command_at(at).unwrap().words.len(), 2, "{text}");
        let inner = Inner::of_bytes(text.as_bytes());
        let mut says = Vec::new();
        visit(&inner, Language::Shell, &mut |part| {
            says.push(part.says(at))
        });
        assert!(says[0], "{text}");
    }
}

#[test]
fn what_another_program_reads_is_no_shell() {
    for (text, language) in [
        ("perl <<'E'\ncurl a\nE\n", Language::Plain),
        ("cat <<E | perl\ncurl a\nE\n", Language::Plain),
        ("cat <<E | sh\nx\nE\n", Language::Shell),
        ("cat <<E >a\ncurl a\nE\n", Language::Shell),
        ("su -s /bin/fish -c 'curl a'", Language::Plain),
        ("cmd /c 'curl a'", Language::Cmd),
        ("cat <<E\n#!/usr/bin/awk\ncurl a\nE\n", Language::Plain),
    ] {
        let reading = Reading::of(text, Language::Shell);
        assert_eq!(reading.embedded[0].language, language, "{text}");
    }
}
