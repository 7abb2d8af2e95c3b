//! Each format, as it looks.

use super::Inputs;

/// What `check` prints, without the version of the program.
fn checked(format: &str) -> String {
    let text = Inputs::new().run(&["check", "--output-format", format]);
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    text.replace(&version, "\"VERSION\"")
}

#[test]
fn full_draws_the_source() {
    insta::assert_snapshot!(checked("full"));
}

#[test]
fn concise_is_a_line_for_each_finding() {
    insta::assert_snapshot!(checked("concise"));
}

#[test]
fn json_is_one_object() {
    insta::assert_snapshot!(checked("json"));
}

#[test]
fn jsonl_ends_with_the_summary() {
    insta::assert_snapshot!(checked("jsonl"));
}

#[test]
fn sarif_has_rules_results_and_fixes() {
    let log = checked("sarif");
    // The pages have a test of their own.
    let pages = log
        .lines()
        .map(|line| match line.split_once("\"markdown\": ") {
            Some((indent, _)) => format!("{indent}\"markdown\": \"PAGE\"\n"),
            None => format!("{line}\n"),
        });
    insta::assert_snapshot!(pages.collect::<String>());
}

#[test]
fn github_annotates_the_worst_first() {
    insta::assert_snapshot!(checked("github"));
}

#[test]
fn azure_logs_the_worst_first_and_notes_as_text() {
    insta::assert_snapshot!(checked("azure"));
}

#[test]
fn junit_fails_what_fails_the_run() {
    insta::assert_snapshot!(checked("junit"));
}

#[test]
fn gitlab_has_a_fingerprint_for_each_finding() {
    insta::assert_snapshot!(checked("gitlab"));
}

#[test]
fn markdown_is_a_table_of_the_worst_first() {
    insta::assert_snapshot!(checked("markdown"));
}

#[test]
fn statistics_count_each_rule() {
    insta::assert_snapshot!(Inputs::new().run(&["check", "--statistics"]));
}

#[test]
fn json_after_fix_lists_what_was_applied_apart() {
    let fixed = Inputs::new().json(&["fix", "--unsafe-fixes"]);
    let brief = |list: &str| {
        let lines = super::list(&fixed, list).iter().map(|finding| {
            let start = &finding["location"]["start"];
            format!(
                "{list}: {} {}:{}:{} change {}\n",
                finding["rule"],
                finding["location"]["file"],
                start["line"],
                start["column"],
                finding["fix"]["change"]
            )
        });
        lines.collect::<String>()
    };
    let text = [brief("applied"), brief("findings")].concat();
    insta::assert_snapshot!(format!("{text}{}\n", fixed["summary"]));
}

#[test]
fn a_clean_repository_in_every_format() {
    let inputs = Inputs::empty();
    inputs.write("clean.json", b"{}");
    let mut shown = String::new();
    for format in [
        "full", "concise", "json", "jsonl", "github", "azure", "junit", "gitlab", "markdown",
    ] {
        let text = inputs.run(&["check", "--output-format", format]);
        shown.push_str(&format!("== {format}\n{text}"));
    }
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    insta::assert_snapshot!(shown.replace(&version, "\"VERSION\""));
}
