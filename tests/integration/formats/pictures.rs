//! The machines of a run: in JSON, in the summary of `full`, and with pictures in Markdown and HTML.

use std::collections::BTreeMap;

use msi2imds::migrate::{Options, Source, migrate_together};
use msi2imds::report::{Needs, Outcome, Report, SourceText, Stage, Summary, format};
use msi2imds::rules::Severity;
use proptest::prelude::*;
use serde_json::json;

use super::{Inputs, list, text};

/// A machine called `name`, the extension on it, and a script that depends on the extension.
fn machine(name: &str, api_version: &str) -> Vec<serde_json::Value> {
    let extension = |own: &str, publisher: &str, kind: &str, depends_on: &str| {
        json!({
            "type": "Microsoft.Compute/virtualMachines/extensions",
            "apiVersion": "2019-07-01",
            "name": format!("{name}/{own}"),
            "dependsOn": [depends_on],
            "properties": {"publisher": publisher, "type": kind}
        })
    };
    vec![
        json!({"type": "Microsoft.Compute/virtualMachines", "apiVersion": api_version, "name": name}),
        extension(
            "msi",
            "Microsoft.ManagedIdentity",
            "ManagedIdentityExtensionForLinux",
            name,
        ),
        extension(
            "setup",
            "Microsoft.Azure.Extensions",
            "CustomScript",
            &format!("{name}/msi"),
        ),
    ]
}

fn template(resources: Vec<serde_json::Value>, outputs: serde_json::Value) -> Vec<u8> {
    let template = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": resources,
        "outputs": outputs,
    });
    serde_json::to_vec_pretty(&template).unwrap()
}

/// Machines of all states in two folders, one with a parameter file.
fn fleet() -> Inputs {
    let inputs = Inputs::empty();
    let names = (0..30).map(|number| format!("otter{number}"));
    let ready = names
        .flat_map(|name| machine(&name, "2019-07-01"))
        .collect();
    inputs.write("otters/vm.json", &template(ready, json!({})));
    let parameters = br#"{"contentVersion": "1.0.0.0", "parameters": {}}"#;
    inputs.write("otters/vm.parameters.json", parameters);
    let old = machine("heron", "2015-06-15");
    inputs.write("herons/old.json", &template(old, json!({})));
    let reads = json!({"port": {"type": "int", "value": "[reference('crane/msi').settings.port]"}});
    let held = machine("crane", "2019-07-01");
    inputs.write("herons/held.json", &template(held, reads));
    inputs
}

#[test]
fn a_finding_names_its_machine() {
    let inputs = fleet();
    for (command, of) in [
        ("check", "findings"),
        ("fix", "findings"),
        ("check", "findings"),
    ] {
        let report = inputs.json(&[command]);
        let held = list(&report, of).iter().find(|finding| {
            finding["rule"] == "vm-extension" && finding["location"]["file"] == "herons/held.json"
        });
        let machine = &held.unwrap()["machine"];
        assert_eq!(text(machine, "type"), "vm", "{command}");
        assert_eq!(text(machine, "name"), "crane");
        assert_eq!(text(machine, "file"), "herons/held.json");
        assert_eq!(text(&machine["place"], "path"), "$['resources'][0]");
    }
    let unknown = Inputs::empty();
    let extension = machine("[parameters('vm')]", "2019-07-01").swap_remove(1);
    let name = json!("[concat(parameters('vm'), '/msi')]");
    let extension = json!({"name": name, "type": extension["type"],
        "properties": extension["properties"]});
    unknown.write("a.json", &template(vec![extension], json!({})));
    let report = unknown.json(&["check"]);
    let finding = &list(&report, "findings")[0];
    assert_eq!(text(&finding["machine"], "name"), "[parameters('vm')]");
}

#[test]
fn more_than_fifty_findings_are_summed_up_by_machine() {
    let inputs = fleet();
    let summed_up = inputs.run(&["check"]);
    assert_says(
        &summed_up,
        &[
            "otters: 30 machines, 30 ready\n",
            "VM otter0 ",
            "  10 more that are done or ready\n",
            "herons: 2 machines, 1 needs --unsafe-fixes, 1 held\n",
            "VM crane  held    still-read: ",
            "VM heron  unsafe  identity: ",
            "Next: msi2imds fix",
            "(30 times)",
            "  az deployment group what-if --resource-group GROUP --template-file otters/vm.json \
             --parameters @otters/vm.parameters.json\n",
        ],
    );
    assert!(!summed_up.contains("-->"), "{summed_up}");
    let drawn = inputs.run(&["check", "--no-summary"]);
    assert!(
        drawn.contains("-->") && !drawn.contains("Next: "),
        "{drawn}"
    );
}

#[test]
fn fix_leaves_what_is_to_do() {
    let inputs = fleet();
    let printed = inputs.run(&["fix", "--color", "never"]);
    let (_, to_do) = printed.split_once("\nFixed: ").unwrap();
    assert!(
        to_do.starts_with("30 machines, 0 findings elsewhere\nLeft for you: 2 machines"),
        "{to_do}"
    );
    assert_says(
        to_do,
        &[
            "Before you deploy:\n",
            "(30 times)",
            "--template-file otters/vm.json --parameters @otters/vm.parameters.json\n",
            "On running machines afterwards: ",
        ],
    );
    // What was not changed is not deployed for this.
    assert!(!to_do.contains("--template-file herons"), "{to_do}");
}

/// The inputs with a machine that is migrated and one that is held.
fn two() -> Inputs {
    let inputs = Inputs::empty();
    inputs.write(
        "otter.json",
        &template(machine("otter", "2019-07-01"), json!({})),
    );
    let reads = json!({"port": {"type": "int", "value": "[reference('crane/msi').settings.port]"}});
    inputs.write(
        "held.json",
        &template(machine("crane", "2019-07-01"), reads),
    );
    inputs
}

/// Fails unless `text` has all of these in it.
#[track_caller]
fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

#[test]
fn markdown_after_fix_is_the_body_of_a_pull_request() {
    let inputs = two();
    let markdown = inputs.run(&["fix", "--output-format", "markdown"]);
    assert_says(
        &markdown,
        &[
            "### 2 machines, 1 done, 1 held\n",
            "| VM <code>otter</code> |",
            "### Left for you\n",
            "### Before you deploy\n\n- [ ] ",
            "### On running machines afterwards\n",
            "```mermaid\nflowchart RL\n  subgraph before\n",
            "{{\"removed#58; otter#47;msi<br/>extensions\"}}\n",
            "before2 -. removed .-> before1\n",
            "after2 == new ==> after0\n",
            "<details><summary>Diff</summary>\n\n```diff\n--- a/otter.json\n",
        ],
    );
}

#[test]
fn html_is_one_page_with_all_of_it() {
    let inputs = two();
    let page = inputs.run(&["check", "--output-format", "html"]);
    assert_says(
        &page,
        &[
            "<figcaption>Before</figcaption>",
            "<figcaption>After</figcaption>",
            "<figcaption>Unchanged</figcaption>",
            "<path class=\"edge removed\"",
            "<path class=\"cross\"",
            "<path class=\"edge new\"",
            "extensions \u{2715} removed</text>",
            "<td>removed</td>",
            "still-read: ",
            "held.json:",
            "<span class=\"del\">",
            "Commands for running machines",
            "<th scope=\"row\">credentials</th>",
        ],
    );
    for loads in ["<script", " src=", "<link", "@import", "url(h"] {
        assert!(!page.contains(loads), "{loads}");
    }
    assert!(markup(&page).keys().all(|shape| !shape.contains("href=h")));
}

/// The page of `check`, where the file, the machine and what depends on it have these names, with these
/// commands.
fn page(file: &str, name: &str, commands: &str) -> String {
    let template = template(machine(name, "2019-07-01"), json!({"a": {"value": name}}));
    let source = Source::new("a.json", &template);
    let options = Options {
        pictures: true,
        ..Options::default()
    };
    let migrations = migrate_together(&[source], &options);
    let migration = &migrations[0];
    let outcome = Outcome {
        migration,
        stage: Stage::Proposed,
    };
    let needs = Needs {
        change: true,
        pictures: true,
        ..Needs::default()
    };
    let pages = [SourceText::new(file.as_bytes(), &template)];
    let results = needs.results(&[outcome], &pages, &[]);
    let mut summary = Summary::default();
    summary.count(&results);
    let report = Report {
        results: &results,
        summary,
        folder: b"",
        threshold: Severity::Warning,
        lists_notes: true,
        has_errors: false,
        quiet: false,
        include_suppressed: false,
        color: false,
        by_machine: true,
        commands,
    };
    let mut page = Vec::new();
    (format("html").unwrap().render)(&mut page, &report).unwrap();
    String::from_utf8(page).unwrap()
}

/// How often each element with each of its attributes is in a page. Links and pictures have no text of a
/// repository in their attributes.
fn markup(page: &str) -> BTreeMap<String, usize> {
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    };
    let page = roxmltree::Document::parse_with_options(page, options).unwrap();
    let mut found = BTreeMap::new();
    let elements = page.descendants().filter(roxmltree::Node::is_element);
    // How many words of a line are new depends on what a name looks like.
    for element in elements.filter(|element| element.tag_name().name() != "mark") {
        let mut shape = element.tag_name().name().to_owned();
        for attribute in element.attributes() {
            let is_label = attribute.name() == "aria-label";
            let value = if is_label { "" } else { attribute.value() };
            shape.push_str(&format!(" {}={value}", attribute.name()));
        }
        *found.entry(shape).or_default() += 1;
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_name_gets_out_of_its_text(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "<script>", "</script>", "\"", "'", ">", "<", "&", "&lt;", "javascript:x", "-->", "<!--",
                "]]>", "{{", "{%", "}}", "</pre>", "</title>", "\u{202e}", "\u{2066}", "\u{200b}", "\n", "\u{1b}[0m",
                "\u{7}", "onload=", "<svg/onload=x>", "a", " ", "`", "${",
            ]),
            1..9,
        )
    ) {
        let text = pieces.concat();
        // A slash would divide the name of a machine, and a blank at its end is not a part of it.
        let name = format!("x{}y", text.replace('/', ""));
        let page = page(&format!("{text}.json"), &name, &text);
        let unsafe_text = page.chars().filter(|c| {
            matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}')
                || c.is_control() && !matches!(c, '\n' | '\t')
        });
        prop_assert_eq!(unsafe_text.count(), 0);
        let plain = self::page("plain.json", "plain", "plain");
        prop_assert_eq!(markup(&page), markup(&plain));
    }
}

#[test]
fn a_graph_that_is_too_large_is_a_table() {
    let inputs = Inputs::empty();
    let mut resources = machine("otter", "2019-07-01");
    resources.extend((0..70).map(|number| {
        json!({"type": "Microsoft.Storage/storageAccounts", "apiVersion": "2019-06-01",
            "name": format!("s{number}"), "dependsOn": ["otter/msi"]})
    }));
    inputs.write("a.json", &template(resources, json!({})));
    let page = inputs.run(&["check", "--output-format", "html"]);
    assert!(!page.contains("class=\"sides\"") && page.contains("<td>new</td>"));
}
