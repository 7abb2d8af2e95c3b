//! The library as its users meet it: what its root exports, and an error for every misuse.

use msi2imds::{Error, Migrator, Options, Source, Waiver};

const TEMPLATE: &str = r#"{"contentVersion": "1", "resources": [
    {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
     "properties": {"publisher": "Microsoft.ManagedIdentity",
                    "type": "ManagedIdentityExtensionForLinux"}}]}"#;
const SCRIPT: &str = "curl -H Metadata:true 'http://localhost:50342/oauth2/token'\n";

#[test]
fn a_rule_that_does_not_exist_is_an_error_with_the_nearest() {
    for list in ["select", "ignore"] {
        let mut options = Options::default();
        match list {
            "select" => options.select = vec!["token-endpont".to_owned()],
            _ => options.ignore = vec!["token-endpont".to_owned()],
        }
        let expected = Error::UnknownRule {
            id: "token-endpont".to_owned(),
            nearest: "token-endpoint",
        };
        assert_eq!(Migrator::new(options).unwrap_err(), expected);
    }
    assert_eq!(Migrator::rule("msi-port").unwrap().id, "msi-port");
}

#[test]
fn a_script_is_no_template_and_a_template_no_script() {
    let migrator = Migrator::default();
    for (path, text) in [("a.sh", SCRIPT), ("b.json", "[1]"), ("c.json", "")] {
        let error = migrator.templates(&[Source::new(path, text.as_bytes())]);
        let path = path.to_owned();
        assert_eq!(error.unwrap_err(), Error::NotATemplate { path });
    }
    let name = "vm.json".to_owned();
    let error = migrator.text(&name, TEMPLATE.as_bytes()).unwrap_err();
    assert_eq!(error, Error::IsATemplate { name });
    assert_eq!(
        migrator
            .text("a.sh", SCRIPT.as_bytes())
            .unwrap()
            .findings
            .len(),
        1
    );
}

#[test]
fn a_waiver_that_is_not_there_is_an_error_and_one_that_is_waives() {
    let waiver = Waiver {
        rules: vec![Migrator::rule("vm-extension").unwrap()],
        within: None,
        reason: "moved in spring".to_owned(),
        until: None,
    };
    let waivers = vec![waiver];
    let migrator = Migrator::new(Options {
        waivers,
        ..Options::default()
    })
    .unwrap();
    let source = Source {
        waivers: &[0, 1],
        ..Source::new("vm.json", TEMPLATE.as_bytes())
    };
    let expected = Error::WaiverOutOfRange {
        path: "vm.json".to_owned(),
        index: 1,
        count: 1,
    };
    assert_eq!(migrator.templates(&[source]).unwrap_err(), expected);
    let outcome = migrator.template(TEMPLATE.as_bytes()).unwrap();
    assert!(outcome.findings.is_empty() && outcome.fixed.is_none());
    assert_eq!(outcome.suppressed.len(), 1);
}

#[test]
fn a_folder_gives_what_changes_and_what_could_not_be_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("vm.json"), TEMPLATE).unwrap();
    std::fs::write(folder.path().join("clean.json"), "{}").unwrap();
    let done = Migrator::default().folder(folder.path());
    assert!(done.errors.is_empty(), "{:?}", done.errors);
    let [file] = done.files.as_slice() else {
        panic!("{:?}", done.files);
    };
    assert_eq!(file.bytes, TEMPLATE.as_bytes());
    assert!(file.outcome.fixed.is_some() && file.outcome.removed.len() == 1);
    let diff = file.outcome.diff("vm.json", &file.bytes);
    assert!(diff.starts_with(b"--- a/vm.json\n+++ b/vm.json\n"));
    let missing = Migrator::default().folder(&folder.path().join("missing"));
    assert!(
        matches!(missing.errors.as_slice(), [Error::Unreadable(_)]),
        "{missing:?}"
    );
}
