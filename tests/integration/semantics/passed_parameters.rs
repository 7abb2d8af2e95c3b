//! Parameters that lose their last use: they stay, and what passes them is named.

use super::{Outcome, of_files};

/// A template whose extension alone uses the parameter `port`.
const TEMPLATE: &str = r#"{"contentVersion": "1.0.0.0",
    "parameters": {"port": {"type": "int"}, "vm": {"type": "string"}}, "resources": [
    {$VM, $ON, "name": "[parameters('vm')]"},
    {$EXT, "name": "[concat(parameters('vm'), '/msi')]", "properties": {
        "publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux",
        "settings": {"port": "[parameters('port')]"}}}]}"#;

/// What is said of the parameter, with what passes it and the advice.
fn report(outcome: &Outcome) -> (usize, Vec<String>) {
    let mut findings = outcome.findings.iter();
    let orphan = findings.find(|finding| finding.rule.id == "orphaned-parameter");
    let orphan = orphan.expect("the parameter is reported");
    (orphan.related.len(), orphan.help.clone())
}

#[test]
fn it_stays_and_what_passes_it_is_named() {
    let linking = |parameters: &str| {
        format!(
            r#"{{"contentVersion": "1.0.0.0", "resources": [{{$DEPLOY, "name": "one", "properties": {{
            "templateLink": {{"relativePath": "mainTemplate.json"}}, {parameters}}}}}]}}"#
        )
    };
    let by_link = linking(r#""parametersLink": {"uri": "https://example.org/p.json"}"#);
    let by_value = linking(r#""parameters": {"port": {"value": 1}, "vm": {"value": "web"}}"#);
    let parameters = r#"{"parameters": {"Port": {"value": 50342}, "vm": {"value": "web"}}}"#;
    let bicep = "using './mainTemplate.json'\nparam vm = 'web'\nparam port = 50342\n";
    for (path, text, places, reason) in [
        ("mainTemplate.parameters.json", parameters, 1, None),
        ("parent.json", &*by_value, 1, None),
        (
            "parent.json",
            &*by_link,
            0,
            Some("a parametersLink may pass the value"),
        ),
        (
            "prod.bicepparam",
            bicep,
            0,
            Some("prod.bicepparam assigns it"),
        ),
        ("unrelated.parameters.json", parameters, 0, None),
    ] {
        let outcomes = of_files(&[("mainTemplate.json", TEMPLATE), (path, text)]);
        assert_eq!(outcomes.changed(), ["mainTemplate.json"], "{path}");
        let template = outcomes.of("mainTemplate.json");
        assert_ne!(template.at("/parameters/port"), "none", "{path}");
        let (related, help) = report(template);
        assert_eq!(related, places, "{path}");
        assert_eq!(help.len(), 1 + usize::from(reason.is_some()), "{help:?}");
        assert!(reason.is_none_or(|reason| help[0] == reason), "{help:?}");
    }
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
        let outcomes = of_files(&files);
        assert_eq!(outcomes.of("mainTemplate.json").is_changed, is_changed);
    }
}
