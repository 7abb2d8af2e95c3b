//! Repositories that were made to take all time or memory: each has a bound, and most of it is that time
//! grows with size and no faster. Each input here would take minutes otherwise.
//!
//! What is too large for this is in `.ci/hostile`.

use super::repository::Repository;

const SCHEMA: &str = r#""$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0""#;

/// A template with members, and these resources.
fn template(members: &str, resources: &[String]) -> String {
    let resources = resources.join(",\n");
    format!("{{{SCHEMA}, {members} \"resources\": [\n{resources}\n]}}\n")
}

fn machine(name: &str) -> String {
    format!(
        r#"{{"type": "Microsoft.Compute/virtualMachines", "apiVersion": "2019-07-01", "name": "{name}", "identity": {{"type": "SystemAssigned"}}, "properties": {{}}}}"#
    )
}

fn extension(machine: &str, depends_on: &str) -> String {
    format!(
        r#"{{"type": "Microsoft.Compute/virtualMachines/extensions", "apiVersion": "2019-07-01", "name": "{machine}/msi", "dependsOn": [{depends_on}], "properties": {{"publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux"}}}}"#
    )
}

fn other(name: &str, depends_on: &str) -> String {
    format!(
        r#"{{"type": "Contoso/other", "apiVersion": "1", "name": "{name}", "dependsOn": [{depends_on}]}}"#
    )
}

/// One machine with the extension.
fn pair() -> Vec<String> {
    vec![machine("vm"), extension("vm", "\"vm\"")]
}

/// What numbers make, with commas between.
fn list(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().join(",")
}

/// Runs `diff` on a template; fails unless it has findings and no error.
#[track_caller]
fn diff(text: &str) {
    let repository = Repository::with("a.json", text);
    repository.run(&["diff"]).quietly(1);
}

#[track_caller]
fn refused(repository: &Repository, arguments: &[&str], why: &str) {
    let outcome = repository.run(arguments);
    assert_eq!(outcome.code, 2, "{outcome:#?}");
    assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
}

#[test]
fn nesting_beyond_the_bound_is_a_finding_with_its_place() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[", ""), ("{\"a\":", "")] {
        let deep = open.repeat(1_000_000) + &close.repeat(1_000_000);
        let text = template(&format!("\n\"variables\": {deep},"), &pair());
        let repository = Repository::with("a.json", text);
        let check = repository.run(&["check"]).quietly(1);
        let said = check.text();
        assert!(said.contains("nested deeper than 512 levels"), "{said}");
        assert!(said.contains("a.json:2:"), "{said}");
    }
}

#[test]
fn many_keys_and_many_of_the_same_take_no_longer_than_they_are() {
    let members = list(40_000, |number| format!("\"k{number}\": {number}"));
    diff(&template(
        &format!("\"variables\": {{{members}}},"),
        &pair(),
    ));
    let members = list(10_000, |number| format!("\"k\": {number}"));
    let text = template(&format!("\"variables\": {{{members}}},"), &pair());
    let repository = Repository::with("a.json", text);
    let check = repository.run(&["check", "-q", "--no-summary"]).quietly(1);
    assert!(check.text().contains("[duplicate-key]"));
}

#[test]
fn comments_and_what_looks_like_some_are_read_once() {
    for text in [
        "/*x*/",
        "//x\n",
        "// msi2imds: ignore[lookalike] because\n",
        "/*/",
    ] {
        let text = text.repeat(20_000);
        let text =
            template("", &pair()).replace("\"resources\"", &format!("{text}\n\"resources\""));
        assert!(Repository::with("a.json", text).run(&["check"]).code == 1);
    }
    for text in ["/*", "}", "*", "\u{e9}", "/ "] {
        let text = template("", &pair()) + &text.repeat(100_000);
        Repository::with("a.json", text).run(&["check"]).quietly(1);
    }
}

#[test]
fn chains_and_circles_of_variables_end() {
    const COUNT: usize = 4_000;
    for first in ["Microsoft.ManagedIdentity", "[variables('v3999')]"] {
        let chain = list(COUNT, |number| match number {
            0 => format!("\"v0\": \"{first}\""),
            _ => format!("\"v{number}\": \"[variables('v{}')]\"", number - 1),
        });
        let resources: Vec<String> = (0..COUNT)
            .map(|number| {
                let publisher = format!("[variables('v{number}')]");
                extension("vm", "").replace("Microsoft.ManagedIdentity", &publisher)
            })
            .collect();
        let text = template(&format!("\"variables\": {{{chain}}},"), &resources);
        let repository = Repository::with("a.json", text);
        repository.run(&["check", "-q"]).quietly(1);
    }
}

#[test]
fn values_that_double_and_long_expressions_are_unknown() {
    let doubling = list(60, |number| match number {
        0 => "\"v0\": \"xx\"".to_owned(),
        _ => {
            let before = number - 1;
            format!("\"v{number}\": \"[concat(variables('v{before}'), variables('v{before}'))]\"")
        }
    });
    let members = format!("\"variables\": {{{doubling}}},");
    let deep = format!("[{}'vm'{}]", "concat(".repeat(2_700), ")".repeat(2_700));
    let wide = format!("[concat({})]", vec!["'a'"; 6_000].join(","));
    let mut resources = pair();
    for name in ["[variables('v59')]", &deep, &wide] {
        resources.extend((0..40).map(|_| extension(name, "\"vm\"")));
        resources.extend((0..40).map(|_| other(name, &format!("\"{name}\""))));
    }
    let repository = Repository::with("a.json", template(&members, &resources));
    assert_ne!(repository.run(&["check", "-q"]).code, 2);
}

#[test]
fn edges_are_followed_once() {
    let mut resources = pair();
    let absent = list(20_000, |number| format!("\"y{number}\""));
    resources.push(other("x", &format!("\"vm/msi\", {absent}")));
    resources.extend((1..2_000).map(|number| {
        other(
            &format!("y{number}"),
            &format!("\"y{}\", \"vm/msi\"", number - 1),
        )
    }));
    resources.push(other("y0", "\"vm/msi\""));
    diff(&template("", &resources));
}

/// A machine whose extension waits for `awaited` resources and lets `waiting` ones wait.
fn awaited_and_waiting(awaited: usize, waiting: usize) -> String {
    let all = list(awaited, |number| format!("\"z{number}\""));
    let mut resources = vec![machine("vm"), extension("vm", &all)];
    resources.extend((0..awaited).map(|number| other(&format!("z{number}"), "")));
    resources.extend((0..waiting).map(|number| other(&format!("y{number}"), "\"vm/msi\"")));
    template("", &resources)
}

#[test]
fn what_each_of_hundreds_waits_for_already_is_looked_for_once() {
    let repository = Repository::with("a.json", awaited_and_waiting(300, 300));
    let outcome = repository.run(&["check"]).quietly(1);
    let text = outcome.text();
    assert!(text.contains("replaced by z0 and z1"), "{text}");
}

#[test]
fn what_would_take_millions_of_new_edges_is_held() {
    let repository = Repository::with("a.json", awaited_and_waiting(2_000, 2_000));
    let outcome = repository.run(&["check"]).quietly(1);
    let text = outcome.text();
    assert!(text.contains("split the template"), "{text}");
}

#[test]
fn thousands_of_extensions_on_one_machine_are_told_apart_in_one_pass() {
    let mut resources = vec![machine("vm")];
    resources.extend((0..2_000).map(|_| extension("vm", "\"vm\"")));
    diff(&template("", &resources));
    let extensions = list(2_000, |number| {
        let before = number.saturating_sub(1);
        format!(
            r#"{{"name": "e{number}", "properties": {{"publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux", "provisionAfterExtensions": ["e{before}"]}}}}"#
        )
    });
    let scale_set = format!(
        r#"{{"type": "Microsoft.Compute/virtualMachineScaleSets", "apiVersion": "2019-07-01", "name": "s", "identity": {{"type": "SystemAssigned"}}, "properties": {{"virtualMachineProfile": {{"extensionProfile": {{"extensions": [{extensions}]}}}}}}}}"#
    );
    diff(&template("", &[scale_set]));
}

#[test]
fn a_template_on_one_line_is_drawn_by_its_marks() {
    let resources: Vec<String> = (0..1_500)
        .flat_map(|number| {
            let name = format!("v{number}");
            [machine(&name), extension(&name, &format!("\"{name}\""))]
        })
        .collect();
    let text = template("", &resources).replace('\n', " ");
    for arguments in [&["check"][..], &["diff"]] {
        Repository::with("a.json", &text).run(arguments).quietly(1);
    }
}

#[test]
fn a_script_with_a_caller_in_each_of_its_commands_is_read_once() {
    let call = "curl http://localhost:50342/oauth2/token?resource=x -H Metadata:true; ";
    let repository = Repository::with("a.sh", call.repeat(4_000));
    repository.write(
        "b.sh",
        format!(
            "curl {}",
            "http://localhost:50342/oauth2/token ".repeat(4_000)
        ),
    );
    repository.write(
        "c.py",
        format!(
            "x({})",
            "'http://localhost:50342/oauth2/token', ".repeat(4_000)
        ),
    );
    repository.run(&["check", "-q"]).quietly(1);
}

#[test]
fn what_a_script_opens_and_never_ends_is_read_once() {
    let start = "curl http://localhost:50342/oauth2/token\n";
    for name in [
        "a.sh",
        "a.ps1",
        "a.py",
        "a.yml",
        "a.md",
        "Dockerfile",
        "a.xml",
        "a.js",
        "a.tf",
    ] {
        let repository = Repository::new();
        let opened = [
            "\"",
            "'",
            "`",
            "$(",
            "${",
            "(",
            "{",
            "<(",
            "\"$('",
            "'\"",
            "\\",
            "#",
            "cat <<E\n",
            "@'\n",
            "\"\"\"",
            "bash -c \"",
            "eval '",
            "- |\n ",
            "run: |\n  ",
            "```sh\n",
            "<!--",
            "<![CDATA[",
            "powershell -Command \"",
            "\\\n",
        ];
        for (number, one) in opened.into_iter().enumerate() {
            let text = start.to_owned() + &one.repeat(12_000 / one.len()) + "\n" + start;
            repository.write(format!("{number}/{name}"), text);
        }
        assert_ne!(repository.run(&["check", "-q"]).code, 2, "{name}");
    }
}

#[test]
fn a_jsonpath_that_grows_without_end_is_refused_where_it_is_asked() {
    let resources: Vec<String> = (0..300)
        .map(|number| machine(&format!("v{number}")))
        .collect();
    let deep = format!("\"variables\": {}1{},", "[".repeat(60), "]".repeat(60));
    let repository = Repository::with("a.json", template(&deep, &[resources, pair()].concat()));
    let query = format!("$.variables{}", "[0,0,0]".repeat(40));
    let why = "a.json: not checked: the JSONPaths of this run exceed their budget";
    refused(&repository, &["check", "--within", &query], why);
    refused(&repository, &["fix", "--within", "$..*..*..*..*..*"], why);
    repository.write(
        "msi2imds.toml",
        format!("extension-lists = [\"{query}\"]\n"),
    );
    let why = "a.json: not checked: the JSONPaths of this run exceed their budget";
    refused(&repository, &["check"], why);
    refused(&repository, &["fix"], why);
    let why = "larger than 64 KiB";
    refused(
        &repository,
        &[
            "check",
            "--within",
            "$..[?match(@.a, '((a{100}){100}){100}')]",
        ],
        why,
    );
}

#[test]
fn what_steers_a_run_has_a_bound() {
    let repository = Repository::with("a.json", template("", &pair()));
    repository.write("msi2imds.toml", "#".repeat((1 << 20) + 1));
    refused(
        &repository,
        &["check"],
        "msi2imds.toml: the configuration cannot be read (the file is larger than 1 MiB)",
    );
    repository.write(
        "msi2imds.toml",
        format!("ignore = {}", "[".repeat(1_000_000)),
    );
    refused(&repository, &["check"], "msi2imds.toml:1:");
    repository.write("msi2imds.toml", "");
    repository.write(".gitignore", "x\n".repeat(1 << 20));
    refused(
        &repository,
        &["check"],
        "ignore rules cannot be read (the file is larger than 1 MiB)",
    );
    repository.write(".gitignore", "");
    repository.write("deep.json", "[".repeat(1_000_000));
    refused(
        &repository,
        &["check", "--baseline", "deep.json"],
        "deep.json:1:",
    );
    refused(
        &repository,
        &["plan", "--inventory", "deep.json"],
        "deep.json",
    );
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    fn pipe(repository: &Repository, name: &str) {
        let made = Command::new("mkfifo").arg(repository.path(name)).status();
        assert!(made.unwrap().success());
    }

    #[test]
    fn pipes_sockets_devices_and_link_loops_are_passed_over() {
        let repository = Repository::with("a.json", template("", &pair()));
        for name in ["b.json", "a.parameters.json", "createUiDefinition.json"] {
            pipe(&repository, name);
        }
        let _socket = UnixListener::bind(repository.path("s.json")).unwrap();
        symlink("/dev/zero", repository.path("z.json")).unwrap();
        symlink(".", repository.path("loop")).unwrap();
        symlink("two", repository.path("one")).unwrap();
        symlink("one", repository.path("two")).unwrap();
        let check = repository.run(&["check"]).quietly(1);
        assert!(check.text().contains("1 file scanned"), "{}", check.text());
        repository.run(&["check", "a.json"]).quietly(1);
    }

    #[test]
    fn what_is_no_file_is_an_error_where_it_is_named() {
        let repository = Repository::with("a.json", template("", &pair()));
        pipe(&repository, "pipe");
        symlink("/dev/zero", repository.path("zero")).unwrap();
        repository.write("list", "pipe\nzero\n/dev/zero\na.json\n");
        let outcome = repository.run(&["check", "--file-list", "list"]);
        assert_eq!(outcome.code, 2);
        assert_eq!(
            outcome
                .stderr
                .matches("neither a file nor a folder")
                .count(),
            3
        );
        assert!(outcome.text().contains("[vm-extension]"));
        refused(
            &repository,
            &["check", "--file-list", "/dev/zero"],
            "the file is larger than 256 MiB",
        );
        refused(
            &repository,
            &["check", "--config", "/dev/zero"],
            "the file is larger than 1 MiB",
        );
        refused(
            &repository,
            &["check", "--baseline", "zero"],
            "not a regular file",
        );
    }

    #[test]
    fn what_a_repository_puts_in_the_place_of_a_configuration_is_not_waited_for() {
        for name in ["msi2imds.toml", ".gitignore"] {
            for make in [pipe, |repository: &Repository, name: &str| {
                symlink("/dev/zero", repository.path(name)).unwrap();
            }] {
                let repository = Repository::with("a.json", template("", &pair()));
                make(&repository, name);
                refused(&repository, &["check"], "not a regular file");
            }
        }
    }
}
