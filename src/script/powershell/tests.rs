use super::*;

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
fn comments_and_here_strings_are_told_apart() {
    let text = "<# a #> B #c\n@\"\n# $x\n\"@ ";
    let reading = read(text);
    assert_eq!(reading.comments, [0..7, 10..12]);
    assert_eq!(
        reading.commands.last().unwrap().words[0].text(),
        "# \u{fffc}"
    );
}
