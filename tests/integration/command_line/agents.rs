//! What reads the output of a job and runs commands in it, and every command in every format before
//! it: nothing of a repository is run.
//!
//! GitHub's runner runs `::name` at the start of a line and `##[name]` anywhere, Azure's agent
//! `##vso[name]` anywhere. Start at [`Agent`].

use super::repository::{Outcome, Repository};
use super::templates;

/// A CI service, and how the program's own commands for it start.
#[derive(Clone, Copy)]
pub(crate) struct Agent {
    /// What it sets in the environment.
    pub(crate) variable: &'static str,
    format: &'static str,
    own: &'static [&'static str],
}

pub(crate) const GITHUB_ACTIONS: Agent = Agent {
    variable: "GITHUB_ACTIONS",
    format: "github",
    own: &["::error file=", "::warning file=", "::notice file="],
};

pub(crate) const TF_BUILD: Agent = Agent {
    variable: "TF_BUILD",
    format: "azure",
    own: &[
        "##vso[task.logissue type=error;sourcepath=",
        "##vso[task.logissue type=warning;sourcepath=",
    ],
};

/// Nobody, for whom nothing is written.
const NOBODY: Agent = Agent {
    variable: "CI",
    format: "full",
    own: &[],
};

/// Whether an agent finds a command in a line.
fn is_command(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    line.trim_start().starts_with("::") || lower.contains("##vso[") || lower.contains("##[")
}

/// Fails if a line of the output is run by an agent or moves a cursor.
#[track_caller]
pub(crate) fn assert_harmless(outcome: &Outcome) {
    assert_only(&NOBODY, 0, outcome);
}

/// Fails unless the only commands in the output are this number of the program's own to `agent`, and
/// nothing in it moves a cursor.
#[track_caller]
pub(crate) fn assert_only(agent: &Agent, number: usize, outcome: &Outcome) {
    let mut own = 0;
    for line in outcome.text().lines().chain(outcome.stderr.lines()) {
        match agent.own.iter().find_map(|start| line.strip_prefix(start)) {
            Some(rest) => {
                assert!(!is_command(rest), "{line}");
                own += 1;
            }
            None => assert!(!is_command(line), "{line}"),
        }
        let acts = |c: char| {
            (c.is_control() && c != '\t')
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!line.contains(acts), "{line:?}");
    }
    assert_eq!(own, number, "{outcome:#?}");
}

const FORMATS: [&str; 11] = [
    "full", "concise", "json", "jsonl", "sarif", "github", "azure", "junit", "gitlab", "markdown",
    "html",
];

/// Text that acts, spelled for a string in JSON.
const ACTING: [&str; 7] = [
    "##vso[task.setvariable variable=x]1",
    "##[command]x",
    "::error::x",
    "\\n::set-output name=x::1",
    "\\u001b[2J\\u009b\\u202e\\u2066",
    "\u{1b}]0;x\u{7}\u{9b}2J\u{202e}\n::x::\n##vso[y]",
    "%0A::error::x%0D]##vso[z]|<img src=x>`@everyone`",
];

/// A repository in which names, strings, comments and files' names act: an error and a note in each of
/// its templates, a note in Bicep, and what does not parse.
fn repository() -> Repository {
    let repository = Repository::new();
    for (number, text) in ACTING.iter().enumerate() {
        // The variable is the extension's alone, and a note names it.
        let template = templates::FIXABLE
            .replace("shop", text)
            .replace(
                "  \"resources\"",
                &format!("  \"variables\": {{ \"{text}\": 1 }},\n  \"resources\""),
            )
            .replace(
                "\"typeHandlerVersion\": \"1.0\"",
                &format!(
                    "/* {text} */ \"settings\": {{ \"{text}\": \"[variables('{text}')]\" }}, \
                     \"comments\": \"{text}\""
                ),
            );
        repository.write(format!("{number}.json"), &template);
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt as _;
            let name = [text.replace('/', "").as_bytes(), b"\xff.json"].concat();
            repository.write(std::ffi::OsStr::from_bytes(&name), &template);
        }
        let cut = template.rfind(text).unwrap() + text.len();
        repository.write(format!("cut-{number}.json"), &template[..cut]);
        let bicep =
            "publisher: 'Microsoft.ManagedIdentity'\ntype: 'ManagedIdentityExtensionForLinux'";
        repository.write(
            format!("{number}.bicep"),
            format!("// {text}\n{bicep} // {text}\n"),
        );
    }
    repository
}

/// How many findings that are left a run in `format` turns into commands.
fn commands(repository: &Repository, agent: &Agent, flags: &[&str]) -> usize {
    let json = [&["check", "--output-format", "json"], flags].concat();
    let json = repository.run(&json).quietly(1);
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let summary = &report["summary"];
    let count = |name: &str| usize::try_from(summary[name].as_u64().unwrap()).unwrap();
    assert!(count("errors") > 7 && count("notes") > 7, "{summary}");
    let notes = if agent.format == "github" {
        count("notes")
    } else {
        0
    };
    count("errors") + count("warnings") + notes
}

/// The agent that a format is for.
fn agent_of(format: &str) -> Agent {
    [GITHUB_ACTIONS, TF_BUILD]
        .into_iter()
        .find(|agent| agent.format == format)
        .unwrap_or(NOBODY)
}

#[test]
fn check_runs_nothing_in_any_format_anywhere() {
    let repository = repository();
    for flags in [&[][..], &["--select", "orphaned-variable,vm-extension"]] {
        for format in FORMATS {
            let agent = agent_of(format);
            let own = if agent.own.is_empty() {
                0
            } else {
                commands(&repository, &agent, flags)
            };
            for variable in ["NONE", "CI", "GITHUB_ACTIONS", "TF_BUILD"] {
                let arguments = [&["check", "--output-format", format], flags].concat();
                let outcome = repository.run_under(variable, &arguments).quietly(1);
                assert_only(&agent, own, &outcome);
            }
        }
    }
    for agent in [GITHUB_ACTIONS, TF_BUILD] {
        let own = commands(&repository, &agent, &[]);
        assert_only(
            &agent,
            own,
            &repository.run_under(agent.variable, &["check"]).quietly(1),
        );
        let counts = ["check", "--statistics"];
        assert_harmless(&repository.run_under(agent.variable, &counts).quietly(1));
    }
}

#[test]
fn diff_runs_nothing_in_any_format_in_ci_and_its_patch_is_exact() {
    let repository = repository();
    let exact = repository
        .run(&["diff", "--diff-file", "-"])
        .quietly(1)
        .stdout;
    repository.git(&["apply", "--check"], &exact);
    let file = repository.outside().join("p");
    let file = file.to_str().unwrap();
    for variable in ["CI", "GITHUB_ACTIONS", "TF_BUILD"] {
        assert_harmless(&repository.run_under(variable, &["diff"]).quietly(1));
        for format in FORMATS {
            let agent = agent_of(format);
            let own = if agent.own.is_empty() {
                0
            } else {
                commands(&repository, &agent, &[])
            };
            let arguments = ["diff", "--output-format", format, "--diff-file", file];
            let outcome = repository.run_under(variable, &arguments).quietly(1);
            assert_only(&agent, own, &outcome);
            assert_eq!(std::fs::read(file).unwrap(), exact, "{format}");
        }
    }
    // Who asks for commands has them read, whatever the environment says.
    for agent in [GITHUB_ACTIONS, TF_BUILD] {
        let arguments = ["diff", "--output-format", agent.format];
        let own = commands(&repository, &agent, &[]);
        assert_only(&agent, own, &repository.run(&arguments).quietly(1));
    }
}

#[test]
fn fix_runs_nothing_in_any_format_in_ci() {
    for format in FORMATS {
        let repository = repository();
        let arguments = ["fix", "--output-format", format];
        let agent = agent_of(format);
        let outcome = repository.run_under("TF_BUILD", &arguments).quietly(1);
        let own = outcome
            .text()
            .lines()
            .filter(|line| agent.own.iter().any(|start| line.starts_with(start)))
            .count();
        assert_eq!(own > 0, !agent.own.is_empty());
        assert_only(&agent, own, &outcome);
        let left = repository.run_under("TF_BUILD", &["fix"]).quietly(1);
        assert_harmless(&left);
    }
}

#[test]
fn a_file_for_a_person_runs_nothing_either() {
    let repository = repository();
    let page = repository.outside().join("page");
    let mut command = repository.command("");
    command.args(["check"]).env("GITHUB_ACTIONS", "true");
    command.env("GITHUB_STEP_SUMMARY", &page).output().unwrap();
    let shown = std::fs::read_to_string(page).unwrap();
    let rows: Vec<&str> = shown.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 20, "{shown}");
    for row in rows {
        assert_eq!(row.matches('|').count(), 6, "{row}");
        let bare = row.replace("<code>", "").replace("</code>", "");
        let alive = |c: char| matches!(c, '<' | '>' | '[' | '@' | '!' | '*' | '\\');
        assert!(!bare.contains(alive), "{row}");
        // What is left of backticks are the program's own words.
        let own = bare.split('`').skip(1).step_by(2);
        for word in own {
            let plain = |c: char| c.is_ascii_lowercase() || matches!(c, '-' | ' ');
            assert!(word.chars().all(plain), "{row}");
        }
    }
}

#[test]
fn errors_and_lists_run_nothing() {
    let repository = repository();
    for text in ACTING {
        let output = format!("{text}=x");
        let target = format!("json=absent/{text}");
        for arguments in [
            &["check", text][..],
            &["fix", "--", text],
            &[text],
            &["check", "--select", text],
            &["check", "--within", text],
            &["check", "--output-format", text],
            &["check", "--output", &output],
            &["check", "--output", &target],
            &["fix", "--diff-file", &format!("absent/{text}")],
            &["schema", text],
        ] {
            for variable in ["NONE", "GITHUB_ACTIONS", "TF_BUILD"] {
                let outcome = repository.run_under(variable, arguments);
                assert_eq!(outcome.code, 2, "{arguments:?}");
                assert_harmless(&outcome);
            }
        }
    }
    for arguments in [
        &["rules"][..],
        &["check", "--show-files"],
        &["schema"],
        &["--help"],
        &["check", "--help"],
    ] {
        assert_harmless(&repository.run(arguments).quietly(0));
    }
}

#[cfg(unix)]
#[test]
fn warnings_run_nothing() {
    for text in ACTING {
        let name = format!("{}.json", text.replace('/', ""));
        let repository = Repository::with(&name, templates::FIXABLE);
        std::fs::hard_link(repository.path(&name), repository.outside().join("other")).unwrap();
        for variable in ["GITHUB_ACTIONS", "TF_BUILD"] {
            let outcome = repository.run_under(variable, &["fix"]);
            assert_harmless(&outcome);
            let warned = outcome.stderr.contains("hard link");
            assert_eq!(warned, variable == "GITHUB_ACTIONS", "{outcome:#?}");
        }
    }
}
