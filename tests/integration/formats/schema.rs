//! A reader of JSON Schema, for the keywords that ours uses; any other one fails.

use serde_json::Value;

/// Fails unless `value` is what the whole `schema` describes.
#[track_caller]
pub(crate) fn assert_valid(schema: &Value, value: &Value) {
    let mut faults = Vec::new();
    validate(schema, schema, value, "$", &mut faults);
    assert!(faults.is_empty(), "{faults:#?}");
}

fn validate(root: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    for (keyword, wanted) in schema.as_object().unwrap() {
        let is_met = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let pointer = wanted.as_str().unwrap().strip_prefix('#').unwrap();
                validate(root, root.pointer(pointer).unwrap(), value, at, faults);
                true
            }
            "type" => match wanted.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "integer" => value.is_u64(),
                other => panic!("type {other}"),
            },
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "minimum" => value.as_u64() >= wanted.as_u64(),
            "required" => wanted
                .as_array()
                .unwrap()
                .iter()
                .all(|name| value.get(name.as_str().unwrap()).is_some()),
            "items" => {
                for (index, item) in value.as_array().unwrap().iter().enumerate() {
                    validate(root, wanted, item, &format!("{at}[{index}]"), faults);
                }
                true
            }
            "properties" | "additionalProperties" => true,
            other => panic!("keyword {other}"),
        };
        if !is_met {
            faults.push(format!("{at}: {keyword} {wanted} is not met by {value}"));
        }
    }
    let Some(members) = value.as_object() else {
        return;
    };
    for (name, member) in members {
        let at = format!("{at}.{name}");
        match (&schema["properties"][name], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => faults.push(format!("{at}: is not described")),
            (Value::Null, Value::Null) => {}
            (Value::Null, other) => validate(root, other, member, &at, faults),
            (described, _) => validate(root, described, member, &at, faults),
        }
    }
}

#[test]
fn what_is_not_described_is_refused() {
    let schema = serde_json::json!({
        "type": "object",
        "required": ["a"],
        "additionalProperties": false,
        "properties": { "a": { "type": "integer", "minimum": 1 } }
    });
    for refused in [
        "{}",
        "[]",
        r#"{"a": 0}"#,
        r#"{"a": "1"}"#,
        r#"{"a": 1, "b": 1}"#,
    ] {
        let value = serde_json::from_str(refused).unwrap();
        let mut faults = Vec::new();
        validate(&schema, &schema, &value, "$", &mut faults);
        assert!(!faults.is_empty(), "{refused}");
    }
    assert_valid(&schema, &serde_json::json!({ "a": 1 }));
}
