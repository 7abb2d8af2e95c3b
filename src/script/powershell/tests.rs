use super::*;
use crate::script::Language;

fn words(text: &str) -> Vec<Vec<String>> {
    let reading = read(text);
    let texts = |command: &Command| {
        command
            .words
            .iter()
            .map(|word| word.text().to_owned())
            .collect()
    };
    reading.commands.iter().map(texts).collect()
}

#[test]
fn words_end_where_powershell_ends_them() {
    assert_eq!(
        words("$t = Invoke-WebRequest `\r\n  -Uri 'it''s' -Method GET # no\nB \"a`\"b\""),
        [
            vec!["\u{fffc}", "="],
            vec!["Invoke-WebRequest", "-Uri", "it's", "-Method", "GET"],
            vec!["B", "a\"b"]
        ]
    );
}

#[test]
fn commands_inside_others_are_commands() {
    let found = words("(Irm -Headers @{ a = \"x $((Iwr -Uri u).Content)\" }).Value");
    assert!(
        found.contains(&vec!["Iwr".to_owned(), "-Uri".to_owned(), "u".to_owned()]),
        "{found:?}"
    );
}

#[test]
fn a_table_of_single_values_is_read_and_another_is_not() {
    let table = |text: &str| {
        let reading = read(text);
        let command = reading.commands.into_iter().last().unwrap();
        command.words.into_iter().last().unwrap().table
    };
    let entries = table("A @{resource = 'x'; \"b\"=$c\n d=1 }").unwrap();
    let keys: Vec<&str> = entries.iter().map(|entry| &*entry.key).collect();
    assert_eq!(keys, ["resource", "b", "d"]);
    assert!(table("A @{a = 'x' + 'y'}").is_none());
    assert_eq!(table("A @{}"), Some(Vec::new()));
}

#[test]
fn what_does_not_end_is_in_doubt() {
    for text in ["A 'b", "A \"b", "A @{a = 1", "A (b", "<# a"] {
        assert_eq!(read(text).doubts.len(), 1, "{text}");
    }
    assert_eq!(read("@'\nit's \"\n'@").doubts, [0; 0]);
}

#[test]
fn comments_and_here_strings_are_kept_apart() {
    let text = "<# a #> B #c\n@\"\n# $x\n\"@ ";
    let reading = read(text);
    assert_eq!(reading.comments, [0..7, 10..12]);
    assert_eq!(
        reading.commands.last().unwrap().words[0].text(),
        "# \u{fffc}"
    );
}

#[test]
fn blanks_quotes_and_dashes_of_typography_are_those_of_powershell() {
    for (text, said) in [
        ("A \u{201c}b c\u{201d}\u{a0}d", vec!["A", "b c", "d"]),
        (
            "A \u{2018}b\u{2019}\u{2019}c'\u{b}d",
            vec!["A", "b\u{2019}c", "d"],
        ),
        ("A 'b'-C:d", vec!["A", "b", "-C:d"]),
        ("A b(1)", vec!["A", "b", "\u{fffc}"]),
        ("A \"b`n`tc\"", vec!["A", "b\n\tc"]),
        ("A b &", vec!["A", "b"]),
    ] {
        assert_eq!(words(text).pop().unwrap(), said, "{text}");
    }
}

#[test]
fn a_sharp_behind_a_bracket_a_quote_or_a_lone_return_starts_a_comment() {
    for (text, commands) in [
        ("A (1)# it's\nB 'c'", vec!["1", "A", "B"]),
        ("A 'b'# it's\nB", vec!["A", "B"]),
        ("A # it's\rB 'c'\r", vec!["A", "B"]),
    ] {
        let reading = read(text);
        let names: Vec<&str> = reading
            .commands
            .iter()
            .map(|one| one.words[0].text())
            .collect();
        assert_eq!((names, reading.comments.len()), (commands, 1), "{text}");
        assert_eq!(reading.doubts, [0; 0], "{text}");
    }
}

#[test]
fn a_here_string_ends_with_its_kind_of_quote_whatever_is_in_front_of_it() {
    for text in [
        "A @'\r\nb\r\n'@",
        "A @\u{2018}\nb\n\u{2019}@",
        "A [string]@\"\nb\n\"@",
        "A @\" \rb\r\"@",
    ] {
        let reading = read(text);
        let word = reading.commands[0].words.last().unwrap();
        assert!(word.text().ends_with('b'), "{text:?} {:?}", word.text());
    }
    assert_eq!(read("A @'\n'@").commands[0].words[1].text(), "");
}

#[test]
fn a_string_is_read_by_what_it_is_given_to_and_held_where_it_is_a_piece() {
    for (text, language, doubt) in [
        ("bash -c 'curl u'", Language::Shell, None),
        ("iex 'curl u'", Language::PowerShell, None),
        ("'curl u' | Set-Content a.cmd", Language::Cmd, None),
        ("Set-Content a.sh 'curl u'", Language::Shell, None),
        ("$c = 'curl u'\nsh -c $c", Language::Shell, None),
        ("$c = 'curl u'\nsh -c \"$c\"", Language::Shell, None),
        (
            "$c = 'curl u'\nRun $c",
            Language::Shell,
            Some(Doubt::Reader),
        ),
        (
            "sh -c ('curl u' + ' -X POST')",
            Language::Shell,
            Some(Doubt::Piece),
        ),
        (
            "sh -c ('curl {0}' -f $u)",
            Language::Shell,
            Some(Doubt::Piece),
        ),
        (
            "$c = 'curl u'\n$c += ' x'\nsh -c $c",
            Language::Shell,
            Some(Doubt::Piece),
        ),
        (
            "$c = 'curl u'\nsh -c \"$c -X POST\"",
            Language::Shell,
            Some(Doubt::Piece),
        ),
        (
            "$c = 'curl u'\n$c.Split(' ')\nsh -c $c",
            Language::Shell,
            Some(Doubt::Piece),
        ),
        (
            "pwsh -c 'irm u; iwr v' -Method x",
            Language::PowerShell,
            Some(Doubt::Arguments),
        ),
    ] {
        let reading = read(text);
        let [embedded] = reading.embedded.as_slice() else {
            panic!("{text}: {:?}", reading.embedded);
        };
        assert_eq!(
            (embedded.language, embedded.doubt),
            (language, doubt),
            "{text}"
        );
    }
}
