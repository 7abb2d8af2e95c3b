//! Parameters that lose their last use, where they are to be removed with all that passes them.

use msi2imds::migrate::Options;

use super::{Outcomes, with_options};

/// A template whose extension alone uses the parameter `port`.
const TEMPLATE: &str = r#"{"contentVersion": "1.0.0.0",
    "parameters": {"port": {"type": "int"}, "vm": {"type": "string"}}, "resources": [
    {$VM, $ON, "name": "[parameters('vm')]"},
    {$EXT, "name": "[concat(parameters('vm'), '/msi')]", "properties": {
        "publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux",
        "settings": {"port": "[parameters('port')]"}}}]}"#;

#[track_caller]
fn of_selected(files: &[(&'static str, &str)], select: impl Fn(&str) -> bool) -> Outcomes {
    let options = Options {
        prune_parameters: true,
        ..Options::default()
    };
    with_options(files, select, &options)
}

/// What becomes of the template `mainTemplate.json` and of these files.
#[track_caller]
fn with(files: &[(&'static str, &str)]) -> Outcomes {
    let template = [("mainTemplate.json", TEMPLATE)];
    let all: Vec<_> = template.iter().chain(files).copied().collect();
    of_selected(&all, |_| true)
}

const DECLARED: &str = r#"{"vm":{"type":"string"}}"#;

/// What is said of the parameter.
fn said_of_it(outcomes: &Outcomes) -> Vec<String> {
    let mut said = outcomes.said();
    said.retain(|line| line.contains("orphaned-parameter"));
    said
}

#[test]
fn it_goes_from_its_template() {
    let outcomes = with(&[]);
    let template = outcomes.of("mainTemplate.json");
    assert_eq!(template.at("/parameters"), DECLARED);
    assert_eq!(
        said_of_it(&outcomes),
        ["mainTemplate.json: note orphaned-parameter $.parameters.port safe"]
    );
}

#[test]
fn it_goes_from_parameter_files_and_from_the_outputs_of_the_ui_definition() {
    let outcomes = with(&[
        (
            "mainTemplate.parameters.json",
            r#"{"parameters": {"Port": {"value": 50342}, "vm": {"value": "web"}}}"#,
        ),
        (
            "mainTemplate.parameters.prod.json",
            r#"{"port": {"value": 50342}, "vm": {"value": "web"}}"#,
        ),
        (
            "createUiDefinition.json",
            r#"{"parameters": {"basics": [{"name": "port"}],
                "outputs": {"port": "[int(basics('port'))]", "vm": "[basics('vm')]"}}}"#,
        ),
    ]);
    assert_eq!(outcomes.changed().len(), 4);
    let vm = r#"{"vm":{"value":"web"}}"#;
    let file = outcomes.of("mainTemplate.parameters.json");
    assert_eq!(file.at("/parameters"), vm);
    assert_eq!(outcomes.of("mainTemplate.parameters.prod.json").at(""), vm);
    let definition = outcomes.of("createUiDefinition.json");
    assert_eq!(
        definition.at("/parameters/outputs"),
        r#"{"vm":"[basics('vm')]"}"#
    );
    assert_eq!(definition.at("/parameters/basics"), r#"[{"name":"port"}]"#);
}

#[test]
fn it_goes_from_the_parent_with_what_only_that_used() {
    let parent = r#"{"contentVersion": "1.0.0.0", "parameters": {"msiPort": {"type": "int"}},
        "variables": {"offset": 1}, "resources": [{$DEPLOY, "name": "one", "properties": {
        "templateLink": {"relativePath": "mainTemplate.json"}, "parameters": {
            "port": {"value": "[add(parameters('msiPort'), variables('offset'))]"},
            "vm": {"value": "web"}}}}]}"#;
    let outcomes = with(&[
        ("parent.json", parent),
        ("parent.parameters.json", r#"{"msiPort": {"value": 1}}"#),
    ]);
    let parent = outcomes.of("parent.json");
    let passed = parent.at("/resources/0/properties/parameters");
    assert_eq!(passed, r#"{"vm":{"value":"web"}}"#);
    assert_eq!(parent.at("/parameters"), "{}");
    assert_eq!(parent.at("/variables"), "{}");
    assert_eq!(outcomes.of("parent.parameters.json").at(""), "{}");
}

#[test]
fn it_goes_from_a_nested_template_and_from_its_deployment() {
    let text = format!(
        r#"{{"contentVersion": "1.0.0.0", "resources": [{{$DEPLOY, "name": "one", "properties": {{
        "expressionEvaluationOptions": {{"scope": "inner"}}, "template": {TEMPLATE},
        "parameters": {{"port": {{"value": 1}}, "vm": {{"value": "web"}}}}}}}}]}}"#
    );
    let outcomes = of_selected(&[("all.json", &text)], |_| true);
    let all = outcomes.of("all.json");
    let properties = "/resources/0/properties";
    assert_eq!(
        all.at(&format!("{properties}/template/parameters")),
        DECLARED
    );
    let passed = all.at(&format!("{properties}/parameters"));
    assert_eq!(passed, r#"{"vm":{"value":"web"}}"#);
}

#[test]
fn it_stays_where_something_else_may_pass_it() {
    let linking = |parameters: &str| {
        format!(
            r#"{{"contentVersion": "1.0.0.0", "resources": [{{$DEPLOY, "name": "one", "properties": {{
            "templateLink": {{"relativePath": "mainTemplate.json"}}, {parameters}}}}}]}}"#
        )
    };
    let by_link = linking(r#""parametersLink": {"uri": "https://example.org/p.json"}"#);
    let by_expression = linking(r#""parameters": "[variables('all')]""#);
    for (file, reason) in [
        (("parent.json", &*by_link), "a parametersLink may pass it"),
        (
            ("parent.json", &*by_expression),
            "an expression makes the parameters that are passed",
        ),
        (
            (
                "prod.bicepparam",
                "using './mainTemplate.json'\nparam vm = 'web'\nparam port = 50342\n",
            ),
            "prod.bicepparam assigns it",
        ),
    ] {
        let outcomes = with(&[file]);
        assert_eq!(outcomes.changed(), ["mainTemplate.json"], "{reason}");
        let template = outcomes.of("mainTemplate.json");
        assert_ne!(template.at("/parameters/port"), "none", "{reason}");
        let held =
            format!("mainTemplate.json: note orphaned-parameter $.parameters.port held: {reason}");
        assert_eq!(said_of_it(&outcomes), [held]);
    }
}

#[test]
fn it_stays_where_a_file_that_passes_it_is_not_selected() {
    let files = [
        ("mainTemplate.json", TEMPLATE),
        ("mainTemplate.parameters.json", r#"{"port": {"value": 1}}"#),
    ];
    let outcomes = of_selected(&files, |path| path == "mainTemplate.json");
    assert_eq!(outcomes.changed(), ["mainTemplate.json"]);
    let template = outcomes.of("mainTemplate.json");
    assert_ne!(template.at("/parameters/port"), "none");
    let said = said_of_it(&outcomes);
    assert!(said[0].contains("was not selected"), "{said:?}");
}

#[test]
fn a_bicep_file_for_another_template_is_no_matter() {
    let file = "using './other.json'\nparam port = 50342\n";
    let outcomes = with(&[("prod.bicepparam", file)]);
    assert_eq!(outcomes.of("mainTemplate.json").at("/parameters"), DECLARED);
}

#[test]
fn it_is_only_told_of_unless_asked_for() {
    let files = [("mainTemplate.json", TEMPLATE)];
    let outcomes = with_options(&files, |_| true, &Options::default());
    assert_eq!(
        said_of_it(&outcomes),
        ["mainTemplate.json: note orphaned-parameter $.parameters.port told"]
    );
    assert_ne!(
        outcomes.of("mainTemplate.json").at("/parameters/port"),
        "none"
    );
}

#[test]
fn what_a_ui_definition_asks_its_user_may_be_anything() {
    let template = TEMPLATE.replace(r#""Microsoft.ManagedIdentity""#, r#""[parameters('vm')]""#);
    let definition = |publisher: &str| {
        format!(r#"{{"parameters": {{"outputs": {{"port": 1, "vm": "{publisher}"}}}}}}"#)
    };
    for (publisher, is_changed) in [
        ("[basics('publisher')]", false),
        ("Microsoft.ManagedIdentity", true),
    ] {
        let definition = definition(publisher);
        let files = [
            ("mainTemplate.json", &*template),
            ("createUiDefinition.json", &*definition),
        ];
        let outcomes = of_selected(&files, |_| true);
        assert_eq!(outcomes.of("mainTemplate.json").is_changed, is_changed);
    }
}
