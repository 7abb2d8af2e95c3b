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

fn names(text: &str) -> Vec<&str> {
    let reading = read(text, Language::JavaScript);
    let names = reading
        .tokens
        .iter()
        .filter(|token| token.kind == TokenKind::Name);
    names
        .map(|token| text.get(token.span.clone()).unwrap())
        .collect()
}

#[test]
fn a_slash_starts_a_regular_expression_where_a_value_comes() {
    for (text, expected) in [
        (
            "return /[/*?]/.test(s); f()",
            vec!["return", "test", "s", "f"],
        ),
        ("if (a) /'/.test(s)", vec!["if", "a", "test", "s"]),
        ("(a) / b / c", vec!["a", "b", "c"]),
        ("a++ / b / c", vec!["a", "b", "c"]),
        ("a + + /'/.test(s)", vec!["a", "test", "s"]),
        ("x = {} / a / b", vec!["x", "a", "b"]),
        ("if (a) {} /'/.test(s)", vec!["if", "a", "test", "s"]),
        ("a.return / b / c", vec!["a", "return", "b", "c"]),
        ("a! / b / c", vec!["a", "b", "c"]),
    ] {
        assert_eq!(names(text), expected, "{text}");
    }
}

#[test]
fn templates_nest_in_templates_and_text_of_jsx_is_no_code() {
    for (text, expected) in [
        ("`a ${b.map((c) => `\n - ${c}`).join('')} /*`; d", vec!["d"]),
        ("x = <p>it's https://a</p>; f()", vec!["x", "f"]),
        (
            "x = <><A b='c' d={e('}')}/> /* {g} </>; f()",
            vec!["x", "e", "g", "f"],
        ),
        ("x = <T>(y) => y; f()", vec!["x", "T", "y", "y", "f"]),
        ("a < b; c > d", vec!["a", "b", "c", "d"]),
    ] {
        assert_eq!(names(text), expected, "{text}");
        assert_eq!(read(text, Language::JavaScript).doubts, [0; 0], "{text}");
    }
}

#[test]
fn a_string_that_others_are_joined_to_is_a_piece() {
    let python = Language::Python;
    let javascript = Language::JavaScript;
    for (language, text, is_piece) in [
        (python, "run('curl u', shell=True)", false),
        (python, "run('curl u' + x)", true),
        (python, "run('curl u' ' -X POST')", true),
        (python, "run('curl u\\n' 'ls')", false),
        (python, "run('curl u'.split())", true),
        (python, "run(('curl u').split())", true),
        (python, "run('curl u'.encode())", false),
        (python, "run('curl \"u=%s\"' % x)", false),
        (python, "run('curl u=%s' % x)", true),
        (python, "run(' '.join(['curl u', x]))", true),
        (python, "run('\\n'.join(['curl u', x]))", false),
        (python, "c = 'curl u'\nc += x\nrun(c)", true),
        (python, "c = 'curl u'\nrun(f'{c} -X POST')", true),
        (python, "c = 'curl u'\nrun(c.split(' '))", true),
        (python, "c = 'curl u'\nrun(c)", false),
        (javascript, "run(`curl ${u}`)", false),
        (javascript, "run(['curl u', x].join(' '))", true),
        (javascript, "c = 'curl u'; run(`${c} -X POST`)", true),
        (javascript, "c = 'curl u'; run(c)", false),
    ] {
        let reading = read(text, language);
        let held = reading.embedded.iter().any(|one| one.doubt.is_some());
        assert_eq!((held, reading.embedded.len()), (is_piece, 1), "{text}");
    }
}

#[test]
fn a_library_whose_name_is_declared_or_whose_parts_are_set_is_renamed() {
    let python = Language::Python;
    let javascript = Language::JavaScript;
    for (language, text, name, is_renamed) in [
        (
            python,
            "import os, requests\nrequests.get(u)",
            "requests",
            false,
        ),
        (
            python,
            "import requests\nrequests.Session.request = send",
            "requests",
            true,
        ),
        (python, "from mine import requests", "requests", true),
        (python, "requests = Mine()", "requests", true),
        (
            python,
            "from urllib.request import (\n  Request,\n  urlopen)",
            "Request",
            false,
        ),
        (python, "from scrapy import Request", "Request", true),
        (
            python,
            "import urllib.request\nurllib.request.install_opener(o)",
            "urllib",
            true,
        ),
        (javascript, "fetch(u)", "fetch", false),
        (
            javascript,
            "const fetch = require('node-fetch'); fetch(u)",
            "fetch",
            false,
        ),
        (javascript, "import { fetch } from 'undici'", "fetch", false),
        (javascript, "function fetch(u) {}", "fetch", true),
        (javascript, "globalThis.fetch = mine", "fetch", true),
        (javascript, "const axios = require('axios')", "axios", false),
        (
            javascript,
            "const axios = require('axios').create({})",
            "axios",
            true,
        ),
        (
            javascript,
            "axios.defaults.headers.common['A'] = 'b'",
            "axios",
            true,
        ),
        (
            javascript,
            "axios.interceptors.request.use(f)",
            "axios",
            true,
        ),
    ] {
        let renamed = read(text, language).renamed.contains(&name);
        assert_eq!(renamed, is_renamed, "{text}");
    }
}
