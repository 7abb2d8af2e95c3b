//! What the rules find in a file that is no template.
//!
//! Never knows templates. Start at [`in_text`].

use std::collections::HashMap;
use std::ops::Range;

use crate::json::Document;
use crate::script::{Inner, Language, language_of, visit};
use crate::text::RangeSet;

use super::callers::{Caller, MOST_FINDINGS, Setting};
use super::endpoint::addresses;
use super::net::{Explained, left};
use super::surroundings::Surroundings;
use super::{
    Finding, HoldCode, Place, Severity, extension_in_text, imperative_install, in_part,
    token_endpoint,
};

/// What there is in a file called `name`; `None` where it may be a template, which its name and the start of
/// the text decide.
///
/// `surroundings` is what the files beside it say.
pub fn in_text(name: &[u8], text: &[u8], surroundings: &Surroundings) -> Option<Vec<Caller>> {
    Some(found(name, text, text_language(name, text)?, surroundings))
}

/// What there is in a file that turned out to be no template: only its words are known.
pub fn in_other_text(name: &[u8], text: &[u8], surroundings: &Surroundings) -> Vec<Caller> {
    let document = language_of(name, text).filter(|language| language.is_document());
    found(
        name,
        text,
        document.unwrap_or(Language::Plain),
        surroundings,
    )
}

/// The language of a file; `None` where it may be a template.
fn text_language(name: &[u8], text: &[u8]) -> Option<Language> {
    let start = without_comments(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text));
    if [&b"{{"[..], b"{%"]
        .iter()
        .any(|open| start.starts_with(open))
    {
        // Whatever its name, what starts so is no JSON yet.
        return Some(Language::TextTemplate);
    }
    // A template may be called a text.
    let named = language_of(name, text).filter(|language| *language != Language::Document);
    if named.is_some() || !start.starts_with(b"{") {
        return Some(language_of(name, text).unwrap_or(Language::Plain));
    }
    let directives = memchr::memmem::find(text, b"{%").is_some();
    (directives && !Document::parse(text).errors().is_empty()).then_some(Language::TextTemplate)
}

/// A text from its first character on that is neither blank nor in a comment of JSON.
fn without_comments(text: &[u8]) -> &[u8] {
    let mut rest = text.trim_ascii_start();
    loop {
        let end = match rest {
            [b'/', b'/', ..] => memchr::memchr(b'\n', rest),
            [b'/', b'*', ..] => memchr::memmem::find(rest, b"*/").map(|at| at + 1),
            _ => return rest,
        };
        rest = end.and_then(|end| rest.get(end + 1..)).unwrap_or_default();
        rest = rest.trim_ascii_start();
    }
}

/// Whether a file is none that speaks for itself: a patch, or what this program wrote.
fn is_passed_over(name: &[u8], text: &[u8], language: Language) -> bool {
    let name = name.to_ascii_lowercase();
    let is_patch = name.ends_with(b".patch") || name.ends_with(b".diff");
    let is_own = || {
        let own = [
            "\"name\": \"msi2imds\"",
            "\"name\":\"msi2imds\"",
            "testsuites name=\"msi2imds\"",
        ];
        let start = text.get(..4096).unwrap_or(text);
        own.iter()
            .any(|own| memchr::memmem::find(start, own.as_bytes()).is_some())
            || name.windows(8).any(|part| part == b"msi2imds")
    };
    is_patch || (matches!(language, Language::Plain | Language::Xml) && is_own())
}

fn found(name: &[u8], text: &[u8], language: Language, surroundings: &Surroundings) -> Vec<Caller> {
    if is_passed_over(name, text, language) {
        return Vec::new();
    }
    let inner = Inner::of_bytes(text);
    let setting = Setting::of_file(name, &inner.text, language, surroundings);
    let mut found: Vec<Caller> = Vec::new();
    let mut requests: Vec<Range<usize>> = Vec::new();
    let mut comments: Vec<Range<usize>> = Vec::new();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut is_cut = false;
    visit(&inner, language, &mut |part| {
        // The prose of a document speaks of the endpoint, but asks nothing.
        if !(language.is_document() && part.around.is_empty()) {
            found.extend(in_part(part, &setting).into_iter().filter(|caller| {
                let count = counts.entry(caller.finding.rule.id).or_default();
                *count += 1;
                is_cut |= *count > MOST_FINDINGS;
                *count <= MOST_FINDINGS
            }));
        }
        if part.language == Language::Http {
            // A request names its host in its target and once more in a header.
            let said = addresses(part, &setting.signs).into_iter();
            let said = said.map(|address| part.levels.outermost_range(address.span));
            requests.extend(said);
        }
        let own = part.reading.comments.iter();
        comments.extend(own.map(|comment| part.levels.outermost_range(comment.clone())));
    });
    let mut explained = Explained {
        found: RangeSet::default(),
        comments: comments.into_iter().collect(),
    };
    if !language.comment_marks().is_empty() {
        // No reader leaves comments out.
        found.retain(|one| !explained.is_comment(text, one.finding.place.span.start, language));
    }
    let commands = found
        .iter()
        .filter(|one| one.finding.rule == &imperative_install::RULE);
    let commands = commands.map(|one| {
        let mut command = one.finding.place.span.clone();
        // The table that it takes is in front of it.
        let said = text.get(command.clone()).unwrap_or_default();
        if memchr::memmem::find(said, b" @").is_some() {
            command.start = command.start.saturating_sub(extension_in_text::NEAR);
        }
        command
    });
    let commands: RangeSet = commands.collect();
    let spans = found.iter().map(|one| one.finding.place.span.clone());
    explained.found = spans.chain(requests).collect();
    let fences = (language == Language::Markdown).then(|| fences(text));
    let is_silent = |at: usize| {
        let is_prose = fences.as_ref().is_some_and(|fences| !fences.contains(at));
        is_prose || explained.is_comment(text, at, language)
    };
    let declared = extension_in_text::in_text(name, text, language, is_silent, &commands);
    found.extend(declared.into_iter().map(Caller::of_finding));
    let mut left = left(text, &inner, language, &setting, &explained);
    is_cut |= left.len() > MOST_FINDINGS;
    left.truncate(MOST_FINDINGS);
    found.extend(left);
    found.sort_by_key(|caller| (caller.finding.place.span.start, caller.finding.rule.id));
    found.dedup_by(|one, other| {
        one.finding.place == other.finding.place && one.finding.rule == other.finding.rule
    });
    if is_cut {
        hold_cut(&mut found, &setting);
    }
    found
}

/// Leaves a file as it is in which a rule has more findings than are looked for, and says so.
fn hold_cut(found: &mut Vec<Caller>, setting: &Setting) {
    for caller in found.iter_mut().filter(|one| !one.edits.is_empty()) {
        caller.hold_by(HoldCode::File, "the file has too many findings");
    }
    let message = format!(
        "this file has more than {MOST_FINDINGS} findings of one rule: the rest is not reported"
    );
    let first = Finding::new(&token_endpoint::RULE, Place::in_text(0..0), message)
        .with_severity(setting.severity(Severity::Error))
        .with_help(["split the file, or leave it out by --exclude"])
        .held(HoldCode::File.because("the file has too many findings"));
    found.insert(0, Caller::of_finding(first));
}

/// The code blocks of a document in Markdown, those in quotes too.
fn fences(text: &[u8]) -> RangeSet {
    let mut fences = Vec::new();
    let mut open: Option<(usize, u8, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let start = at;
        at += line.len();
        let quoted = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
        let first = line
            .iter()
            .position(|byte| !quoted(byte))
            .unwrap_or(line.len());
        let line = line.get(first..).unwrap_or_default();
        let Some(mark) = line.first().copied().filter(|mark| b"`~".contains(mark)) else {
            continue;
        };
        let length = line.iter().take_while(|byte| **byte == mark).count();
        match open {
            None if length >= 3 => open = Some((at, mark, length)),
            Some((from, own, own_length)) if mark == own && length >= own_length => {
                fences.push(from..start);
                open = None;
            }
            _ => {}
        }
    }
    fences.extend(open.map(|(from, ..)| from..text.len()));
    fences.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Severity;

    fn rules_in(name: &str, text: &str) -> Vec<(&'static str, Severity)> {
        let all = in_text(name.as_bytes(), text.as_bytes(), &Surroundings::default());
        let all = all.unwrap_or_else(|| {
            in_other_text(name.as_bytes(), text.as_bytes(), &Surroundings::default())
        });
        all.iter()
            .map(|one| (one.finding.rule.id, one.finding.severity))
            .collect()
    }

    #[test]
    fn the_address_is_found_in_any_text() {
        let url = "http://localhost:50342/oauth2/token";
        for name in [
            "Makefile",
            "prod.env",
            "a.service",
            "a.bat",
            "a.rb",
            "a.rs",
            "a.php",
            "a.properties",
            "a.ini",
            "a.toml",
            "a.ipynb",
            "appsettings.json",
            "a.t",
            "a.tmpl",
            "a.sh.j2",
            "a.jsonnet",
            "a.parameters.json",
            "a.vue",
            "noend",
            "a.sql",
            "a.conf",
        ] {
            for text in [format!("x = \"{url}\"\n"), format!("{{\"a\": \"{url}\"}}")] {
                let found = rules_in(name, &text);
                assert!(
                    matches!(found.as_slice(), [(_, severity)] if *severity > Severity::Note),
                    "{name} {text}: {found:?}"
                );
            }
        }
        for name in ["a.md", "a.rst", "a.adoc", "a.html", "a.txt"] {
            let found = rules_in(name, &format!("ask {url} for tokens"));
            assert_eq!(found, [("token-endpoint", Severity::Note)], "{name}");
        }
    }

    #[test]
    fn a_comment_that_names_the_address_is_a_note() {
        for (name, text) in [
            ("a.sh", "# asks http://localhost:50342/oauth2/token\n"),
            ("a.go", "// asks http://localhost:50342/oauth2/token\n"),
            ("Makefile", "# asks http://localhost:50342/oauth2/token\n"),
        ] {
            assert_eq!(
                rules_in(name, text),
                [("token-endpoint", Severity::Note)],
                "{name}"
            );
        }
    }

    #[test]
    fn one_rule_takes_an_address_whatever_is_beside_it() {
        let url = "http://localhost:50342/oauth2/token";
        for (name, text, rule) in [
            ("a.sh", format!("export MSI_ENDPOINT={url}\n"), "msi-port"),
            (
                "a.sh",
                format!("URL=\"${{MSI_ENDPOINT:-{url}}}\"\n"),
                "token-endpoint",
            ),
            (
                "a.sh",
                format!("[ -z \"$MSI_ENDPOINT\" ] && URL={url}\n"),
                "token-endpoint",
            ),
            (
                "a.py",
                format!("os.environ.get('MSI_ENDPOINT') or '{url}'\n"),
                "token-endpoint",
            ),
            (
                "a.py",
                format!("os.getenv('MSI_ENDPOINT', '{url}')\n"),
                "msi-port",
            ),
            (
                "a.py",
                format!("os.getenv('MSI_ENDPOINT', default='{url}')\n"),
                "token-endpoint",
            ),
            (
                "a.js",
                format!("process.env.MSI_ENDPOINT || '{url}';\n"),
                "token-endpoint",
            ),
            (
                "a.js",
                format!("process.env['MSI_ENDPOINT'] = '{url}';\n"),
                "token-endpoint",
            ),
            (
                "a.java",
                format!("String LOCAL_MSI_ENDPOINT_URL = \"{url}\";\n"),
                "token-endpoint",
            ),
            (
                "a.go",
                format!("msi_endpoint, err := url.Parse(\"{url}\")\n"),
                "token-endpoint",
            ),
            (
                "a.ps1",
                format!("if (!$env:MSI_SECRET) {{ irm '{url}' }}\n"),
                "token-endpoint",
            ),
            (
                "a.ps1",
                format!("$env:MSI_ENDPOINT = '{url}'\n"),
                "msi-port",
            ),
            ("a.tf", format!("  msi_endpoint = \"{url}\"\n"), "msi-port"),
            (
                "a.env",
                format!("MSI_ENDPOINT={url}\nMSI_SECRET=x\n"),
                "msi-port",
            ),
        ] {
            let found = rules_in(name, &text);
            let ids: Vec<&str> = found.iter().map(|(id, _)| *id).collect();
            assert_eq!(ids, [rule], "{name}: {text}");
            assert!(found[0].1 > Severity::Note, "{name}: {text}");
        }
    }

    #[test]
    fn what_may_be_a_template_is_left_to_the_templates() {
        for (name, text, is_text) in [
            ("a.json", "{}", false),
            ("a", "\u{feff} // c\n/* d */ {\"a\": 1}", false),
            ("a.json", "{{ if .x }}{}", true),
            ("a.json", "{\n{% if x %}\n}", true),
            ("a.json", "{\"a\": \"{%\"}", false),
            ("a.json.j2", "{}", true),
            ("a.json", "\"extensionProfile\": {}", true),
            ("a.json", "[{}]", true),
        ] {
            let found = in_text(name.as_bytes(), text.as_bytes(), &Surroundings::default());
            assert_eq!(found.is_some(), is_text, "{name}: {text}");
        }
    }

    #[test]
    fn code_blocks_are_known_in_quotes_and_in_longer_ones() {
        let text = "a\n> ```sh\n> b\n> ```\nc\n````md\n```\nd\n```\ne\n````\nf\n";
        let found = fences(text.as_bytes());
        let inside = |word: &str| found.contains(text.find(word).unwrap());
        assert!(
            inside("> b") && inside("\nd") && inside("\ne") && !inside("\nc") && !inside("f\n")
        );
    }

    #[test]
    fn more_findings_than_are_reported_are_said_and_hold_the_file() {
        let own = Surroundings::of_script(b"a.sh");
        let found = |count: usize| {
            let text = "az login --msi\n".repeat(count);
            in_text(b"a.sh", text.as_bytes(), &own).unwrap()
        };
        let most = found(MOST_FINDINGS);
        assert_eq!(most.len(), MOST_FINDINGS);
        assert!(most.iter().all(|one| !one.edits.is_empty()));
        let cut = found(MOST_FINDINGS + 1);
        assert_eq!(cut.len(), MOST_FINDINGS + 1);
        assert!(cut.iter().all(|one| one.edits.is_empty()));
        // What only the words of a file say is counted too.
        let text = "http://localhost:50342/oauth2/token\n".repeat(2 * MOST_FINDINGS + 1);
        let own = in_text(b"a.conf", text.as_bytes(), &own).unwrap();
        assert!(own.len() <= 2 * MOST_FINDINGS + 1);
        for all in [cut, own] {
            let first = &all[0].finding;
            assert_eq!(first.severity, Severity::Error);
            assert!(first.message.contains("more than 1000 findings"));
            assert!(matches!(first.fix, crate::rules::Fix::Held(_)));
        }
    }

    #[test]
    fn patches_and_own_reports_are_passed_over() {
        let url = "http://localhost:50342/oauth2/token";
        assert!(rules_in("a.patch", url).is_empty());
        let report = format!("{{\"tool\": {{\"name\": \"msi2imds\"}}, \"a\": \"{url}\"}}");
        assert!(rules_in("report.json", &report).is_empty());
    }
}
