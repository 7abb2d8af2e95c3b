use super::*;

fn parsed(text: &str) -> Result<Config, String> {
    let (path, folder) = (Path::new("in/msi2imds.toml"), Path::new("/repository"));
    Config::parse(path, folder, text.as_bytes().to_vec()).map_err(|error| error.to_string())
}

#[test]
fn every_setting_is_read() {
    let text = r#"
select = ["vm-extension", "missing-identity"]
ignore = ["lookalike"]
include = ["*.json"]
exclude = ["vendor/"]
identity = "report"
unsafe-fixes = true
extension-lists = ["$.resources[*].properties.agents"]
fail-on = "note"
baseline = "known.json"

[[waivers]]
rules = ["vm-extension"]
paths = ["legacy/"]
within = "$.resources[0]"
reason = "retired in May"
until = "2027-05-31"

[[waivers]]
rules = ["lookalike"]
reason = "a preview"
"#;
    let config = parsed(text).unwrap();
    let settings = &config.settings;
    assert_eq!(settings.select.as_ref().unwrap().len(), 2);
    assert_eq!(settings.identity, Some(IdentityPolicy::Report));
    assert_eq!(settings.unsafe_fixes, Some(true));
    assert_eq!(settings.fail_on, Some(Severity::Note));
    let waivers = &config.waivers;
    assert_eq!(
        waivers[0].waiver.until,
        crate::migrate::Date::parse("2027-05-31")
    );
    let is_for = |index: usize, path: &str| waivers[index].is_for(Path::new(path));
    assert!(is_for(0, "/repository/legacy/a.json") && !is_for(0, "/repository/a.json"));
    assert!(is_for(1, "/repository/a.json"));
    assert_eq!(text.get(waivers[1].span.clone()), Some("[[waivers]]"));
    assert!(parsed("").is_ok() && parsed("\u{feff}# nothing\r\n").is_ok());
}

#[test]
fn what_cannot_be_taken_is_reported_where_it_is_with_what_can() {
    let waiver = |rest: &str| format!("[[waivers]]\nrules = [\"lookalike\"]\n{rest}\n");
    for (text, place, said) in [
        ("exlude = []".to_owned(), "1:1", "did you mean `exclude`?"),
        (
            "# é\nunsafe_fixes = true".to_owned(),
            "2:1",
            "did you mean `unsafe-fixes`?",
        ),
        ("colour = 1".to_owned(), "1:1", "expected one of"),
        (
            "ignore = [\"lookalike\", \"vm-extensions\"]".to_owned(),
            "1:10",
            "no rule `vm-extensions`",
        ),
        (
            "identity = \"none\"".to_owned(),
            "1:12",
            "`system-assigned`",
        ),
        (
            "fail-on = \"warn\"".to_owned(),
            "1:11",
            "did you mean `warning`?",
        ),
        (
            "extension-lists = [\"$.[\"]".to_owned(),
            "1:19",
            "not a JSONPath",
        ),
        ("exclude = [\"a{b\"]".to_owned(), "1:1", "a{b: "),
        ("unsafe-fixes = 1".to_owned(), "1:16", "expected a boolean"),
        ("ignore = [".to_owned(), "1:11", "array"),
        (waiver("reason = \" \""), "3:10", "a waiver needs a reason"),
        (waiver(""), "1:1", "missing field `reason`"),
        (
            waiver("reason = \"x\"\nuntil = \"2027-02-30\""),
            "4:9",
            "`2027-02-30` is not a date",
        ),
        (
            waiver("reason = \"x\"\npath = [\"a\"]"),
            "4:1",
            "did you mean `paths`?",
        ),
    ] {
        let error = parsed(&text).unwrap_err();
        assert!(
            error.starts_with(&format!("in/msi2imds.toml:{place}: ")),
            "{text}: {error}"
        );
        assert!(error.contains(said), "{text}: {error}");
    }
    let path = Path::new("c");
    let error = Config::parse(path, path, b"a = \"\xff\"".to_vec()).unwrap_err();
    assert_eq!(error.to_string(), "c:1:6: not in UTF-8");
}

/// `MSI2IMDS_UPDATE=1 cargo test` writes it anew.
#[test]
fn the_shipped_schema_is_the_one_of_the_settings() {
    let mut schema = schemars::schema_for!(Settings);
    schema.insert("title".to_owned(), "msi2imds.toml".into());
    let schema = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    if std::env::var_os("MSI2IMDS_UPDATE").is_some() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let path = folder.join("src/repository/config/config.schema.json");
        std::fs::write(path, &schema).unwrap();
        return;
    }
    assert_eq!(CONFIG_SCHEMA, schema);
}
