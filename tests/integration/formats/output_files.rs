//! `--output FORMAT=FILE` and the page of a job on GitHub.

use super::{Inputs, printed};

const FORMATS: [&str; 11] = [
    "full", "concise", "json", "jsonl", "sarif", "github", "azure", "junit", "gitlab", "markdown",
    "html",
];

#[test]
fn a_file_holds_what_stdout_would() {
    for command in ["check", "diff"] {
        let inputs = Inputs::new();
        let targets = FORMATS.map(|format| format!("{format}={}", inputs.outside(format)));
        let mut arguments = vec![command, "-q", "--color", "always"];
        for target in &targets {
            arguments.extend(["--output", target]);
        }
        printed(&inputs.output(&arguments));
        for format in FORMATS {
            let written = std::fs::read_to_string(inputs.outside(format)).unwrap();
            let shown = inputs.run(&["check", "--output-format", format]);
            assert_eq!(written, shown, "{format}");
        }
    }
}

#[test]
fn a_file_does_not_change_what_stdout_gets() {
    let inputs = Inputs::new();
    let file = format!("sarif={}", inputs.outside("s"));
    for command in ["check", "diff"] {
        assert_eq!(
            inputs.run(&[command, "--output", &file]),
            inputs.run(&[command])
        );
    }
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_before_anything_is() {
    let inputs = Inputs::new();
    let before = inputs.read("apps/edge-passes-on.json");
    for (output, said) in [
        ("sarif=absent/s", "absent/s"),
        ("sarif=", "FORMAT=FILE"),
        ("sarif", "FORMAT=FILE"),
        ("serif=s", "no such format"),
        ("sarif=-", "--output-format sarif"),
    ] {
        for command in ["check", "diff", "fix"] {
            let outcome = inputs.output(&[command, "--output", output]);
            let stderr = String::from_utf8(outcome.stderr).unwrap();
            assert_eq!(outcome.status.code(), Some(2), "{command} {output}");
            assert!(
                outcome.stdout.is_empty() && stderr.contains(said),
                "{stderr}"
            );
        }
    }
    let patch = inputs.outside("p");
    for arguments in [
        [
            "fix",
            "--diff-file",
            &patch,
            "--output",
            &format!("json={patch}"),
        ],
        ["fix", "--diff-file", "-", "--output-format", "json"],
        ["fix", "--output-format", "serif", "--output", "json=x"],
    ] {
        let outcome = inputs.output(&arguments);
        assert_eq!(outcome.status.code(), Some(2), "{arguments:?}");
        assert!(outcome.stdout.is_empty() && !outcome.stderr.is_empty());
    }
    assert_eq!(inputs.read("apps/edge-passes-on.json"), before);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_a_file_gives_2_and_the_rest_is_written() {
    let inputs = Inputs::new();
    let good = inputs.outside("good");
    let arguments = [
        "check",
        "--output",
        "json=/dev/full",
        "--output",
        &format!("concise={good}"),
    ];
    let outcome = inputs.output(&arguments);
    assert_eq!(outcome.status.code(), Some(2));
    assert!(
        String::from_utf8(outcome.stderr)
            .unwrap()
            .contains("/dev/full")
    );
    assert_eq!(
        String::from_utf8(outcome.stdout).unwrap(),
        inputs.run(&["check"])
    );
    assert_eq!(
        std::fs::read_to_string(good).unwrap(),
        inputs.run(&["check", "--output-format", "concise"])
    );
}

/// Runs on GitHub; gives what stands on the page of the job, in which `before` stood.
fn page(inputs: &Inputs, before: &str, arguments: &[&str]) -> String {
    let page = inputs.outside("page");
    std::fs::write(&page, before).unwrap();
    let mut command = inputs.command("", arguments);
    command.envs([("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", &page)]);
    printed(&command.output().unwrap());
    std::fs::read_to_string(page).unwrap()
}

#[test]
fn the_page_of_a_job_gets_the_table() {
    let inputs = Inputs::new();
    let markdown = inputs.run(&["check", "--output-format", "markdown"]);
    let table = markdown
        .lines()
        .skip_while(|line| !line.starts_with("| severity"));
    let table: Vec<&str> = table.take_while(|line| line.starts_with('|')).collect();
    let (table, summary) = (table.join("\n"), markdown.lines().last().unwrap());
    let shown = page(&inputs, "of another step\n", &["check"]);
    assert_eq!(
        shown,
        format!("of another step\n### msi2imds\n\n{table}\n\n{summary}\n\n")
    );
    let named = ["fix", "--output-format", "github"];
    assert!(page(&Inputs::new(), "", &named).contains("extension-reference"));
    for other in [
        &["check", "--output-format", "concise"][..],
        &["fix"],
        &["diff"],
    ] {
        assert_eq!(page(&Inputs::new(), "", other), "", "{other:?}");
    }
}

#[test]
fn the_page_of_a_job_takes_what_github_keeps() {
    let inputs = Inputs::empty();
    let entry = "{\"type\":\"Microsoft.Compute/virtualMachines/extensions\",\"name\":\"a/b\",\
                 \"properties\":{\"publisher\":\"Microsoft.ManagedIdentity.Edp\",\"type\":\"x\"}}";
    let text = format!(
        "{{\"contentVersion\":\"1\",\"resources\":[{}]}}",
        vec![entry; 9000].join(",")
    );
    inputs.write("a.json", text.as_bytes());
    for used in [0, 500_000, 1024 * 1024 + 1] {
        let before = "x".repeat(used);
        let shown = page(&inputs, &before, &["check"]);
        let most = (1024 * 1024).max(used + 1000);
        assert!(
            shown.len() <= most && shown.len() > used,
            "{used}: {}",
            shown.len()
        );
        let whole = inputs.run(&["check", "--output-format", "json"]).len();
        assert!(whole > 1024 * 1024, "the test needs more: {whole}");
        assert!(shown.contains(" more findings do not fit here."));
    }
}

#[test]
fn a_page_that_cannot_be_written_is_an_error() {
    let inputs = Inputs::new();
    let mut command = inputs.command("", &["check"]);
    command.envs([
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", "absent/page"),
    ]);
    let outcome = command.output().unwrap();
    assert_eq!(outcome.status.code(), Some(2));
    assert!(
        String::from_utf8(outcome.stderr)
            .unwrap()
            .contains("absent/page")
    );
}
