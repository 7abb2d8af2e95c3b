//! The values of a configuration that are checked as they are read.
//!
//! An error in one of them is reported where it is. Start at [`RuleId`].

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, SerializeSeq as _, Serializer};

use crate::json::JsonPath;
use crate::migrate::Date;
use crate::rules::{self, Rule};

/// A rule, by its id.
#[derive(Clone, Copy, Debug)]
pub struct RuleId(pub &'static Rule);

/// A JSONPath query.
#[derive(Clone, Debug)]
pub struct Query {
    /// The query.
    pub path: JsonPath,
    /// As it was written.
    pub text: String,
}

/// Why something is waived: never nothing.
#[derive(Clone, Debug)]
pub struct WaiverReason(pub String);

/// A day.
#[derive(Clone, Copy, Debug)]
pub struct Day(pub Date);

/// Reads a string, and what it represents.
fn parse_string<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    read(&text).map_err(D::Error::custom)
}

impl<'de> Deserialize<'de> for RuleId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_string(deserializer, |id| {
            let rule = rules::rule(id).map(Self);
            rule.ok_or_else(|| format!("no rule `{id}`; `msi2imds rules` lists them"))
        })
    }
}

impl<'de> Deserialize<'de> for Query {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_string(deserializer, |text| {
            let path = JsonPath::parse(text).map_err(|error| error.to_string())?;
            let text = text.to_owned();
            Ok(Self { path, text })
        })
    }
}

/// Writes a list without what is in it, which is not shown with the settings.
pub(super) fn leave_out<T, S: Serializer>(_: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_seq(Some(0))?.end()
}

impl Serialize for RuleId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.id)
    }
}

impl Serialize for Query {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for WaiverReason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_string(deserializer, |reason| match reason.trim() {
            "" => Err("a waiver needs a reason".to_owned()),
            reason => Ok(Self(reason.to_owned())),
        })
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_string(deserializer, |day| {
            let date = Date::parse(day).map(Self);
            date.ok_or_else(|| format!("`{day}` is not a date; write it as \"2027-01-31\""))
        })
    }
}

#[cfg(test)]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{Day, Query, RuleId, WaiverReason};
    use crate::rules::REGISTRY;

    impl JsonSchema for RuleId {
        fn schema_name() -> Cow<'static, str> {
            "RuleId".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            let ids: Vec<&str> = REGISTRY.iter().map(|rule| rule.id).collect();
            json_schema!({"type": "string", "enum": ids})
        }
    }

    impl JsonSchema for Query {
        fn schema_name() -> Cow<'static, str> {
            "Query".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({"type": "string", "pattern": "^\\$"})
        }
    }

    impl JsonSchema for WaiverReason {
        fn schema_name() -> Cow<'static, str> {
            "WaiverReason".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({"type": "string", "pattern": "\\S"})
        }
    }

    impl JsonSchema for Day {
        fn schema_name() -> Cow<'static, str> {
            "Day".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"})
        }
    }
}
