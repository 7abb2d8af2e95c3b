//! `junit` is XML, and counts what fails the run.

use super::Inputs;

/// Reads the report with its own DTD-free parser; gives the counts of tests and failures.
#[track_caller]
fn counts(xml: &str) -> (usize, usize) {
    let document = roxmltree::Document::parse(xml).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    assert_counted(root);
    for suite in root.children().filter(roxmltree::Node::is_element) {
        assert_eq!(suite.tag_name().name(), "testsuite");
        assert_counted(suite);
        for case in suite.children().filter(roxmltree::Node::is_element) {
            assert_eq!(case.tag_name().name(), "testcase");
            assert!(case.attribute("name").is_some() && case.attribute("classname").is_some());
        }
    }
    (tests(root, "testcase"), tests(root, "failure"))
}

fn tests(node: roxmltree::Node<'_, '_>, name: &str) -> usize {
    let nodes = node.descendants();
    nodes.filter(|node| node.tag_name().name() == name).count()
}

/// The attributes say how many there are.
#[track_caller]
fn assert_counted(node: roxmltree::Node<'_, '_>) {
    let said = |name| node.attribute(name).unwrap().parse::<usize>().unwrap();
    assert_eq!(said("tests"), tests(node, "testcase"));
    assert_eq!(said("failures"), tests(node, "failure"));
    assert_eq!(said("errors"), 0);
}

#[test]
fn what_is_at_the_threshold_is_a_failure() {
    let inputs = Inputs::new();
    for (threshold, failures) in [("error", 4), ("warning", 6), ("note", 6)] {
        let arguments = ["check", "--output-format", "junit", "--fail-on", threshold];
        assert_eq!(
            counts(&inputs.run(&arguments)),
            (6, failures),
            "{threshold}"
        );
    }
}

#[test]
fn a_clean_run_has_a_test_that_passes() {
    let inputs = Inputs::empty();
    inputs.write("readme.md", b"nothing");
    assert_eq!(
        counts(&inputs.run(&["check", "--output-format", "junit"])),
        (1, 0)
    );
}

#[test]
fn what_xml_does_not_allow_is_shown_and_the_rest_comes_back() {
    let inputs = Inputs::empty();
    let hostile =
        "<![CDATA[ ]]> &amp; \\\"quoted\\\" 'x' \\u0001\\u001b\\ufffe\\u0085 \u{1f600} ##vso[x]";
    let template = format!(
        "{{\"contentVersion\": \"1\", \"resources\": [{{\"type\": \
         \"Microsoft.Compute/virtualMachines/extensions\", \"name\": \"a\", \"properties\": \
         {{\"publisher\": \"Microsoft.ManagedIdentity.Edp\", \"type\": \"ManagedIdentity\", \
         \"settings\": {{\"{hostile}\": [{{\"publisher\": \"Microsoft.ManagedIdentity\", \
         \"type\": \"ManagedIdentityExtensionForLinux\"}}]}}}}}}]}}"
    );
    inputs.write("<a & \"b\">.json", template.as_bytes());
    let xml = inputs.run(&["check", "--output-format", "junit"]);
    counts(&xml);
    let document = roxmltree::Document::parse(&xml).unwrap();
    let suite = document.root_element().first_element_child().unwrap();
    assert_eq!(suite.attribute("name"), Some("<a & \"b\">.json"));
    assert!(!xml.contains("##vso["), "{xml}");
    assert!(xml.chars().all(|c| c == '\n' || !c.is_control()), "{xml:?}");
}
