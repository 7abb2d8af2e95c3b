//! Waivers that are handed in, and what a waived entry is to the rest of its template.

use msi2imds::json::JsonPath;
use msi2imds::migrate::{
    Date, Migration, Options, Source, SuppressedBy, Waiver, migrate, migrate_text, migrate_together,
};
use msi2imds::rules::rule;

fn entry(name: &str, more: &str) -> String {
    format!(
        r#"{{"type": "Microsoft.Compute/virtualMachines/extensions", "apiVersion": "2019-07-01", "name": "{name}",{more}
        "properties": {{"publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux"}}}}"#
    )
}

fn template(resources: &[String]) -> String {
    let resources = resources.join(",\n");
    format!(r#"{{"contentVersion": "1", "resources": [{resources}]}}"#)
}

fn waiver(id: &str, within: Option<&str>) -> Waiver {
    Waiver {
        rules: vec![rule(id).unwrap()],
        within: within.map(|query| JsonPath::parse(query).unwrap()),
        reason: "known".to_owned(),
        until: None,
    }
}

fn with(waivers: Vec<Waiver>) -> Options {
    Options {
        waivers,
        today: Date::parse("2027-06-30"),
        ..Options::default()
    }
}

fn ids(migration: &Migration) -> Vec<&str> {
    migration.findings.iter().map(|it| it.rule.id).collect()
}

/// The new text, or nothing where there is no change; fails on a fault.
#[track_caller]
fn fixed(migration: &Migration) -> Option<String> {
    assert!(migration.fault.is_none(), "{:?}", migration.fault);
    let fixed = migration.fixed.as_ref()?;
    Some(String::from_utf8(fixed.bytes.clone()).unwrap())
}

#[test]
fn a_query_of_a_waiver_means_the_places_before_the_fix() {
    // Once the first is gone, the query selects nothing.
    let text = template(&[entry("a/msi", ""), entry("b/msi", "")]);
    let options = with(vec![waiver("vm-extension", Some("$.resources[1]"))]);
    let migration = migrate(text.as_bytes(), &options);
    assert_eq!(ids(&migration), ["vm-extension"]);
    let new = fixed(&migration).unwrap();
    assert!(!new.contains("a/msi") && new.contains("b/msi"), "{new}");
    assert_eq!(migration.suppressed.len(), 1);
    let by = SuppressedBy::Given("known".to_owned());
    assert_eq!(migration.suppressed[0].suppressed, Some(by));
    let fixed = migration.fixed.unwrap();
    assert!(fixed.remaining.is_empty(), "{:#?}", fixed.remaining);
    assert_eq!(fixed.suppressed.len(), 1);
    let start = fixed.suppressed[0].place.span.start;
    assert_eq!(start, new.find("\"publisher\"").unwrap());
}

#[test]
fn what_a_waiver_waived_is_told_and_an_idle_or_expired_one_is_not() {
    let text = template(&[entry("a/msi", "")]);
    let expired = Waiver {
        until: Date::parse("2027-06-29"),
        ..waiver("vm-extension", None)
    };
    let last_day = Waiver {
        until: Date::parse("2027-06-30"),
        ..waiver("vm-extension", None)
    };
    let idle = [
        waiver("lookalike", None),
        waiver("vm-extension", Some("$.outputs")),
    ];
    let options = with([vec![expired.clone(), last_day], idle.to_vec()].concat());
    let migration = migrate(text.as_bytes(), &options);
    assert!(ids(&migration).is_empty() && fixed(&migration).is_none());
    let used: Vec<(usize, &str)> = migration
        .used_waivers
        .iter()
        .map(|used| (used.waiver, used.rule.id))
        .collect();
    assert_eq!(used, [(1, "vm-extension")]);
    assert!(expired.is_expired(options.today) && !expired.is_expired(None));
    // A file is concerned only where it is said to be.
    let source = Source {
        path: "/a.json",
        bytes: text.as_bytes(),
        selected: true,
        waivers: &[0, 2],
    };
    let [migration] = &migrate_together(&[source], &options)[..] else {
        panic!();
    };
    assert_eq!(ids(migration), ["vm-extension"]);
    assert!(migration.used_waivers.is_empty());
}

#[test]
fn a_waiver_that_is_handed_in_is_for_files_in_other_languages_too() {
    let text = "resource msi 'x' = {\n  publisher: 'Microsoft.ManagedIdentity'\n}\n";
    let source = Source {
        path: "/a.bicep",
        bytes: text.as_bytes(),
        selected: true,
        waivers: &[0],
    };
    let bare = migrate_text(b"a.bicep", &source, &Options::default()).unwrap();
    assert_eq!(ids(&bare), ["extension-in-text"]);
    let options = with(vec![waiver("extension-in-text", None)]);
    let migration = migrate_text(b"a.bicep", &source, &options).unwrap();
    assert!(ids(&migration).is_empty());
    assert_eq!(
        (migration.suppressed.len(), migration.used_waivers.len()),
        (1, 1)
    );
}

#[test]
fn no_day_is_over_where_it_is_not_told_which_it_is() {
    let comments = "\"comments\": \"msi2imds: ignore[vm-extension] until=2000-01-01 why\",";
    let text = template(&[entry("a/msi", comments)]);
    assert!(ids(&migrate(text.as_bytes(), &Options::default())).is_empty());
    let migration = migrate(text.as_bytes(), &with(Vec::new()));
    assert_eq!(ids(&migration), ["expired-waiver", "vm-extension"]);
}

#[test]
fn what_waits_for_a_waived_entry_still_does() {
    let comments = "\"comments\": \"msi2imds: ignore[vm-extension] needed\",";
    let script = |name: &str, after: &str| {
        format!(
            r#"{{"type": "Microsoft.Compute/virtualMachines/extensions", "name": "{name}", "dependsOn": [{after}],
            "properties": {{"publisher": "p", "type": "t"}}}}"#
        )
    };
    let text = template(&[
        entry("a/msi", comments),
        entry("b/msi", "\"dependsOn\": [\"a/msi\"],"),
        script("a/run", "\"a/msi\", \"b/msi\""),
        script("b/run", "\"b/msi\""),
    ]);
    let migration = migrate(text.as_bytes(), &Options::default());
    let new = fixed(&migration).unwrap();
    assert!(
        new.contains(r#""name": "a/run", "dependsOn": ["a/msi"]"#),
        "{new}"
    );
    assert!(
        new.contains(r#""name": "b/run", "dependsOn": ["a/msi"]"#),
        "{new}"
    );
}

#[test]
fn an_entry_of_a_scale_set_is_waived_by_a_comment_or_by_the_scale_set() {
    let scale_set = |comments: &str, comment: &str| {
        template(&[format!(
            r#"{{"type": "Microsoft.Compute/virtualMachineScaleSets", "apiVersion": "2019-07-01", "name": "s", {comments}
            "properties": {{"virtualMachineProfile": {{"extensionProfile": {{"extensions": [
            {comment}
            {{"name": "msi", "properties": {{"publisher": "Microsoft.ManagedIdentity",
              "type": "ManagedIdentityExtensionForLinux"}}}},
            {{"name": "run", "properties": {{"publisher": "p", "type": "t",
              "provisionAfterExtensions": ["msi"]}}}}]}}}}}}}}"#
        )])
    };
    let words = "msi2imds: ignore[vmss-extension] needed";
    let comments = format!("\"comments\": \"{words}\",");
    for text in [
        scale_set(&comments, ""),
        scale_set("", &format!("// {words}")),
        scale_set("", &format!("/* more: {words} */")),
    ] {
        let migration = migrate(text.as_bytes(), &Options::default());
        assert!(ids(&migration).is_empty(), "{:#?}", migration.findings);
        assert!(fixed(&migration).is_none());
        assert_eq!(migration.suppressed.len(), 1);
    }
    let bare = migrate(scale_set("", "").as_bytes(), &Options::default());
    assert!(ids(&bare).contains(&"vmss-extension") && fixed(&bare).is_some());
}

#[test]
fn a_template_that_does_not_parse_can_be_waived() {
    let text = template(&[entry("a/msi", "")]).replace(
        "\"resources\": [",
        "\"resources\": [ // msi2imds: ignore[unparsable-template] a test of it\n !",
    );
    let migration = migrate(text.as_bytes(), &Options::default());
    assert!(
        ids(&migration).contains(&"unparsable-template"),
        "{migration:#?}"
    );
    let above = text.replace("resources\": [ //", "resources\": [\n//");
    let migration = migrate(above.as_bytes(), &Options::default());
    assert!(
        !ids(&migration).contains(&"unparsable-template"),
        "{migration:#?}"
    );
    assert!(fixed(&migration).is_none());
}

#[test]
fn a_symbolic_name_is_the_line_of_its_resource() {
    let text = format!(
        r#"{{"contentVersion": "1", "languageVersion": "2.0", "resources": {{
        // msi2imds: ignore[vm-extension] needed
        "msi":
          {}}}}}"#,
        entry("a/msi", "")
    );
    let migration = migrate(text.as_bytes(), &Options::default());
    assert!(ids(&migration).is_empty(), "{:#?}", migration.findings);
}

#[test]
fn lines_are_those_of_the_own_file() {
    // Without a line break at its end, the next file starts on the same line of the whole text.
    let main = r#"{"contentVersion": "1", "resources": [{"type": "Microsoft.Resources/deployments", "name": "n",
        "apiVersion": "2021-04-01", "properties": {"templateLink": {"relativePath": "b.json"}}}]} // msi2imds: ignore[vm-extension] not that"#;
    let linked = template(&[entry("a/msi", "")]).replace('\n', " ");
    let source = |path, bytes| Source {
        path,
        bytes,
        selected: true,
        waivers: &[],
    };
    let sources = [
        source("/a.json", main.as_bytes()),
        source("/b.json", linked.as_bytes()),
    ];
    let migrations = migrate_together(&sources, &Options::default());
    assert_eq!(ids(&migrations[0]), ["unused-waiver"]);
    assert_eq!(ids(&migrations[1]), ["vm-extension"]);
}
