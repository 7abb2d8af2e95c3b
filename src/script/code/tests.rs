use super::*;

fn strings(text: &str, language: Language) -> Vec<String> {
    let reading = read(text, language);
    let strings = reading.tokens.iter().filter_map(|token| token.string());
    strings.map(|inner| inner.text.clone()).collect()
}

#[test]
fn each_form_of_a_string_says_what_it_says() {
    for (language, text, said) in [
        (
            Language::Python,
            r#"a = r'\d' + f"x{y['z']}" '''it's'''"#,
            vec!["\\d", "x\u{fffc}", "it's"],
        ),
        (
            Language::CSharp,
            r#"@"a""b\" + $"c{d}" + "e\"f""#,
            vec!["a\"b\\", "c\u{fffc}", "e\"f"],
        ),
        (
            Language::Go,
            "a := `b\"\n` + \"c\\n\"",
            vec!["b\"\n", "c\n"],
        ),
        (
            Language::JavaScript,
            "x = /'/; y = `a${b}` + 'c'",
            vec!["a\u{fffc}", "c"],
        ),
        (
            Language::Hcl,
            "a = \"${var.b[\"c\"]}d\" # \"",
            vec!["\u{fffc}d"],
        ),
        (
            Language::Hcl,
            "a = <<-EOF\n  b ${c}\n  EOF\n",
            vec!["  b \u{fffc}\n"],
        ),
        (
            Language::Bicep,
            "a: 'b${c}' d: '''e'f'''",
            vec!["b\u{fffc}", "e'f"],
        ),
        (
            Language::Java,
            "\"\"\"\na\"b\"\"\" /* \" */ 'c'",
            vec!["\na\"b", "c"],
        ),
    ] {
        assert_eq!(strings(text, language), said, "{text}");
    }
}

#[test]
fn comments_hide_quotes_and_strings_hide_comments() {
    for (language, text) in [
        (Language::Python, "# it's\nx = '#'"),
        (Language::Go, "// \"\nx := \"// /*\""),
        (Language::Hcl, "/* \" */ x = \"#\""),
    ] {
        let reading = read(text, language);
        assert_eq!(
            (reading.comments.len(), reading.doubts.len()),
            (1, 0),
            "{text}"
        );
    }
}

#[test]
fn what_does_not_end_is_in_doubt() {
    for (language, text) in [
        (Language::Python, "x = 'a\n"),
        (Language::Python, "x = '''a\n"),
        (Language::CSharp, "/* a"),
        (Language::Hcl, "x = <<EOF\na"),
    ] {
        assert_eq!(read(text, language).doubts.len(), 1, "{text}");
    }
}
