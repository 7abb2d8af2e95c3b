//! Which format stdout gets where none is named, and what a diff does beside it.

use super::{Inputs, printed};

fn under(inputs: &Inputs, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let mut command = inputs.command("", arguments);
    printed(&command.envs(variables.iter().copied()).output().unwrap())
}

#[test]
fn check_speaks_to_the_service_around_it() {
    let inputs = Inputs::new();
    let as_format = |format| inputs.run(&["check", "--output-format", format]);
    let (full, github, azure) = (as_format("full"), as_format("github"), as_format("azure"));
    for (variables, expected) in [
        (&[][..], &full),
        (&[("GITHUB_ACTIONS", "true")], &github),
        (&[("TF_BUILD", "True")], &azure),
        (&[("TF_BUILD", "True"), ("GITHUB_ACTIONS", "true")], &azure),
        (&[("TF_BUILD", ""), ("CI", "true")], &full),
    ] {
        assert_eq!(
            &under(&inputs, variables, &["check"]),
            expected,
            "{variables:?}"
        );
    }
    let named = ["check", "--output-format", "full"];
    assert_eq!(under(&inputs, &[("TF_BUILD", "True")], &named), full);
}

#[test]
fn diff_and_fix_print_the_same_everywhere() {
    for command in ["diff", "fix"] {
        let plain = Inputs::new().run(&[command]);
        for variable in ["TF_BUILD", "GITHUB_ACTIONS"] {
            let run = under(&Inputs::new(), &[(variable, "true")], &[command]);
            assert_eq!(run, plain, "{command} {variable}");
        }
    }
}

#[test]
fn a_document_on_stdout_has_no_diff_before_it_and_the_patch_file_holds_it() {
    let plain = Inputs::new().run(&["diff"]);
    for format in ["json", "jsonl", "sarif", "junit", "gitlab", "markdown"] {
        for command in ["diff", "fix"] {
            let inputs = Inputs::new();
            let patch = inputs.outside("p");
            let run = inputs.run(&[command, "--output-format", format, "--diff-file", &patch]);
            assert!(!run.starts_with("--- "), "{command} {format}: {run}");
            assert_eq!(std::fs::read_to_string(&patch).unwrap(), plain);
        }
    }
}

#[test]
fn a_log_has_the_diff_before_the_report() {
    for format in ["full", "concise", "github", "azure"] {
        let diff = Inputs::new().run(&["diff"]);
        for command in ["diff", "fix"] {
            let run = Inputs::new().run(&[command, "--output-format", format]);
            let report = run.strip_prefix(&diff).unwrap();
            assert!(
                report.contains("extension-reference"),
                "{command} {format}: {run}"
            );
        }
    }
}

#[test]
fn statistics_are_text_in_place_of_findings() {
    let inputs = Inputs::new();
    let counts = inputs.run(&["check", "--statistics"]);
    for variable in ["TF_BUILD", "GITHUB_ACTIONS"] {
        let run = under(&inputs, &[(variable, "true")], &["check", "--statistics"]);
        assert_eq!(run, counts);
    }
    let quiet = inputs.run(&["check", "--statistics", "-q"]);
    assert!(counts.starts_with(&quiet) && !quiet.contains("scanned"));
    let refused = inputs.output(&["check", "--statistics", "--output-format", "json"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stdout.is_empty());
}
