//! The pipeline over whole templates.

use super::*;
use crate::rules::Fix;

#[test]
fn a_query_that_selects_something_else_afterwards_is_no_fault() {
    let extension = |name: &str| {
        format!(
            r#"{{"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/{name}",
                "properties": {{"publisher": "Microsoft.ManagedIdentity",
                "type": "ManagedIdentityExtensionForLinux"}}}}"#
        )
    };
    let template = format!(
        r#"{{"contentVersion": "1", "resources": [{}, {}]}}"#,
        extension("a"),
        extension("b")
    );
    let options = Options {
        within: vec![JsonPath::parse("$.resources[0]").unwrap()],
        ..Options::default()
    };
    let migration = migrate(template.as_bytes(), &options);
    assert!(migration.fault.is_none(), "{:?}", migration.fault);
    let fixed = String::from_utf8(migration.fixed.unwrap().bytes).unwrap();
    assert!(!fixed.contains("vm/a") && fixed.contains("vm/b"));
}

#[test]
fn a_template_beyond_the_bound_is_reported_and_holds_what_belongs_to_it() {
    let extension = r#"{"contentVersion": "1", "resources": [
            {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
            "properties": {"publisher": "Microsoft.ManagedIdentity",
            "type": "ManagedIdentityExtensionForLinux"}}]}"#;
    let large = format!("{extension}{}", " ".repeat(17 << 20));
    let sources = [
        Source::new("a.json", extension.as_bytes()),
        Source::new("b.json", large.as_bytes()),
    ];
    let options = Options::default();
    let all = migrate_together(&sources, &options);
    assert!(all.iter().all(|migration| migration.fixed.is_none()));
    assert!(matches!(all[0].findings[0].fix, Fix::Held(_)));
    assert_eq!(all[1].findings[0].rule.id, "unparsable-template");
    // What is no template is none because it is large.
    let data = format!("{{\"a\": \"{}\"}}", "x".repeat(17 << 20));
    let migration = migrate(data.as_bytes(), &options);
    assert!(!migration.is_template && migration.findings.is_empty());
}

#[test]
fn a_file_that_cannot_be_written_back_keeps_its_bytes_beside_one_that_changes() {
    let extension = r#"{"contentVersion": "1", "resources": [
            {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
            "properties": {"publisher": "Microsoft.ManagedIdentity",
            "type": "ManagedIdentityExtensionForLinux"}}]}"#;
    let mut broken: Vec<u8> = "\u{feff}{\"parameters\": {}}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for rest in [&b"x"[..], b"\x00\xd8"] {
        broken.extend_from_slice(rest);
        let sources = [
            Source::new("a.json", extension.as_bytes()),
            Source::new("a.parameters.json", &broken),
        ];
        let all = migrate_together(&sources, &Options::default());
        assert!(all[0].fault.is_none() && all[1].fault.is_none());
        assert!(!all[0].fixed.as_ref().unwrap().edits.is_empty());
        assert_eq!(all[1].fixed.as_ref().unwrap().bytes, broken);
    }
}

#[test]
fn a_set_that_was_cut_holds_what_it_removes() {
    let template = br#"{"contentVersion": "1", "resources": [
            {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
            "properties": {"publisher": "Microsoft.ManagedIdentity",
            "type": "ManagedIdentityExtensionForLinux"}}]}"#;
    let options = Options {
        is_cut: true,
        ..Options::default()
    };
    let migration = migrate(template, &options);
    assert!(migration.fixed.is_none());
    assert!(matches!(&migration.findings[0].fix, Fix::Held(why) if why.reason.contains("1,000")));
}

#[test]
fn a_variable_goes_with_its_last_use_though_its_rule_is_left_out() {
    let template = br#"{"contentVersion": "1", "parameters": {"os": {"type": "string"}},
            "variables": {"port": 50342}, "resources": [
            {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
            "properties": {"publisher": "Microsoft.ManagedIdentity",
            "type": "[concat('ManagedIdentityExtensionFor', parameters('os'))]",
            "settings": {"port": "[variables('port')]"}}}]}"#;
    let ids = |findings: &[Finding]| -> Vec<&str> {
        findings.iter().map(|finding| finding.rule.id).collect()
    };
    let migration = migrate(template, &Options::default());
    let all = ["orphaned-parameter", "orphaned-variable", "vm-extension"];
    assert_eq!(ids(&migration.findings), all);
    assert_eq!(
        ids(&migration.fixed.unwrap().remaining),
        ["orphaned-parameter"]
    );
    let options = Options {
        ignore: vec![
            "orphaned-variable".to_owned(),
            "orphaned-parameter".to_owned(),
        ],
        ..Options::default()
    };
    let migration = migrate(template, &options);
    assert_eq!(ids(&migration.findings), ["vm-extension"]);
    let fixed = migration.fixed.unwrap();
    assert!(
        String::from_utf8(fixed.bytes)
            .unwrap()
            .contains(r#""variables": {}"#)
    );
    assert_eq!(ids(&fixed.remaining), [""; 0]);
}

#[test]
fn a_rule_that_does_not_run_and_a_query_that_misses_leave_identity_reads_alone() {
    let template = r#"{"contentVersion": "1", "resources": [], "outputs": {"id": {"value":
            "[reference(concat(resourceId('Microsoft.Compute/virtualMachines', 'vm'),
            '/providers/Microsoft.ManagedIdentity/Identities/default'),
            '2015-08-31-PREVIEW').principalId]"}}}"#;
    let fixed = |options: &Options| migrate(template.as_bytes(), options).fixed.is_some();
    let within = |query: &str| Options {
        within: vec![JsonPath::parse(query).unwrap()],
        ..Options::default()
    };
    assert!(fixed(&Options::default()));
    assert!(fixed(&within("$.outputs")));
    assert!(!fixed(&within("$.resources")));
    assert!(!fixed(&Options {
        ignore: vec!["identities-default".to_owned()],
        ..Options::default()
    }));
}
