//! Any bytes as a template beside those that belong to it: a template that links it, a parameter file, and
//! another linked template. Start at [`check`].

use msi2imds::migrate::{Migration, Options, Source, migrate_together};

use crate::migrate::{bytes, json, options, places, sum};
use crate::pieces;

/// Links the two others, and passes what they may ask for.
const PARENT: &str = r#"{"contentVersion": "1.0.0.0", "parameters": {"vm": {"type": "string"}}, "resources": [
    {"type": "Microsoft.Resources/deployments", "apiVersion": "2020-06-01", "name": "one", "properties": {
        "mode": "Incremental", "templateLink": {"relativePath": "a.json"},
        "parameters": {"vm": {"value": "[parameters('vm')]"}}}},
    {"type": "Microsoft.Resources/deployments", "apiVersion": "2020-06-01", "name": "other",
        "dependsOn": ["one"], "properties": {
        "mode": "Incremental", "templateLink": {"relativePath": "nested/b.json"},
        "parameters": {"vm": {"value": "[parameters('vm')]"}}}}]}"#;

/// A linked template that may read what another one declares.
const OTHER: &str = r#"{"contentVersion": "1.0.0.0", "parameters": {"vm": {"type": "string"}}, "resources": [
    {"type": "Microsoft.Compute/virtualMachines/extensions", "apiVersion": "2019-07-01",
        "name": "[concat(parameters('vm'), '/setup')]",
        "dependsOn": ["[resourceId('Microsoft.Compute/virtualMachines/extensions', parameters('vm'), 'msi')]"],
        "properties": {"publisher": "Contoso.Tools", "type": "Agent", "typeHandlerVersion": "1.0"}}]}"#;

const PARAMETERS: &str = r#"{"contentVersion": "1.0.0.0", "parameters": {"vm": {"value": "vm"},
    "ext": {"value": "msi"}, "publisher": {"value": "Microsoft.ManagedIdentity"}}}"#;

/// The files of the set, in the order of the bytes.
const NAMES: [&str; 4] = ["a.json", "a.parameters.json", "nested/b.json", "main.json"];

/// Takes `data` apart at each 0xff: a template, its parameters, and two other templates. Parts that are not
/// there are texts of this module.
///
/// # Panics
///
/// Where a promise is broken, or the gate refuses the result.
pub fn check(data: &[u8]) {
    let mut parts = data.split(|byte| *byte == 0xff);
    let texts = ["", PARAMETERS, OTHER, PARENT].map(|otherwise| {
        let part = parts.next().unwrap_or(otherwise.as_bytes());
        pieces::template(part).unwrap_or_else(|| part.to_vec())
    });
    let options = options(data);
    let picks = sum(data) / 32;
    let run = |texts: &[Vec<u8>]| -> Vec<Migration> {
        let sources = NAMES.iter().zip(texts).enumerate();
        let sources: Vec<Source<'_>> = sources
            .map(|(at, (name, text))| Source {
                selected: at == 0 || picks >> at & 1 == 0,
                ..Source::new(name, text)
            })
            .collect();
        migrate_together(&sources, &options)
    };
    let first = run(&texts);
    let mut new = texts.to_vec();
    for ((at, migration), (old, new)) in first.iter().enumerate().zip(texts.iter().zip(&mut new)) {
        one(NAMES[at], migration, old, &options);
        if let Some(fixed) = &migration.fixed {
            assert!(
                at == 0 || picks >> at & 1 == 0,
                "{} was not selected",
                NAMES[at]
            );
            new.clone_from(&fixed.bytes);
        }
    }
    for (name, migration) in NAMES.iter().zip(run(&new)) {
        assert!(migration.fault.is_none(), "{name}: {:?}", migration.fault);
        let again = migration.fixed.filter(|fixed| !fixed.edits.is_empty());
        assert!(
            again.is_none(),
            "{name}: a second run is no no-op with {options:?}: {:?}",
            again.map(|fixed| fixed.edits)
        );
    }
}

fn one(name: &str, migration: &Migration, old: &[u8], options: &Options) {
    assert!(
        migration.fault.is_none(),
        "{name}: the gate refused with {options:?}: {:?}",
        migration.fault
    );
    places(migration, old);
    let Some(fixed) = &migration.fixed else {
        return;
    };
    if fixed.edits.is_empty() {
        assert_eq!(fixed.bytes, old, "{name}: it changed without an edit");
        return;
    }
    bytes(old, fixed);
    if migration.is_template {
        json(old, fixed);
    }
}
