//! A reader of expressions that knows all values: parameters have their defaults, `copyIndex()` is
//! a number. It shares nothing with the product's, which knows none of them.

use std::collections::BTreeMap;

/// What expressions may ask for.
pub(crate) struct Values {
    /// Variables and parameters, in lower case, with their texts.
    pub(crate) named: BTreeMap<String, String>,
}

/// The text that a property's value stands for in the loop's instance of this number.
pub(crate) fn evaluate(text: &str, values: &Values, instance: usize) -> String {
    let Some(inner) = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    else {
        return text.to_owned();
    };
    let mut reader = Reader {
        rest: inner,
        values,
        instance,
    };
    let result = reader.expression();
    assert!(reader.rest.trim().is_empty(), "not read to its end: {text}");
    result.join("")
}

struct Reader<'a> {
    rest: &'a str,
    values: &'a Values,
    instance: usize,
}

impl Reader<'_> {
    /// A value: one text, or the several of `split()`.
    fn expression(&mut self) -> Vec<String> {
        self.rest = self.rest.trim_start();
        let mut value = if let Some(rest) = self.rest.strip_prefix('\'') {
            let end = rest.find('\'').unwrap();
            self.rest = &rest[end + 1..];
            vec![rest[..end].to_owned()]
        } else {
            let word = |c: char| !c.is_ascii_alphanumeric();
            let end = self.rest.find(word).unwrap_or(self.rest.len());
            assert!(end > 0, "no value at {}", self.rest);
            let (name, rest) = self.rest.split_at(end);
            self.rest = rest.trim_start();
            match self.rest.strip_prefix('(') {
                Some(rest) => {
                    self.rest = rest;
                    let arguments = self.arguments();
                    self.call(&name.to_lowercase(), &arguments)
                }
                None => vec![name.to_owned()],
            }
        };
        loop {
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix('.') {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
                let (member, rest) = rest.split_at(end.unwrap_or(rest.len()));
                value = vec![format!("{}.{member}", value.join(""))];
                if value[0].eq_ignore_ascii_case("group.id") {
                    value = vec!["/subscriptions/s/resourceGroups/group".to_owned()];
                }
                self.rest = rest;
            } else if let Some(rest) = self.rest.strip_prefix('[') {
                self.rest = rest;
                let number = self.expression().join("");
                value = vec![value[number.parse::<usize>().unwrap()].clone()];
                self.rest = self.rest.trim_start().strip_prefix(']').unwrap();
            } else {
                return value;
            }
        }
    }

    fn arguments(&mut self) -> Vec<String> {
        let mut arguments = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix(')') {
                self.rest = rest;
                return arguments;
            }
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
            }
            arguments.push(self.expression().join(""));
        }
    }

    fn call(&self, name: &str, arguments: &[String]) -> Vec<String> {
        let one = match (name, arguments) {
            ("concat", _) => arguments.concat(),
            ("format", [format, values @ ..]) => {
                let mut result = format.clone();
                for (hole, value) in values.iter().enumerate() {
                    result = result.replace(&format!("{{{hole}}}"), value);
                }
                result
            }
            ("variables" | "parameters", [name]) => {
                let text = &self.values.named[&name.to_lowercase()];
                evaluate(text, self.values, self.instance)
            }
            ("copyindex", _) => {
                let shift = arguments.last().and_then(|last| last.parse::<usize>().ok());
                (self.instance + shift.unwrap_or(0)).to_string()
            }
            ("add", [a, b]) => {
                (a.parse::<usize>().unwrap() + b.parse::<usize>().unwrap()).to_string()
            }
            ("if", [condition, then, otherwise]) => {
                let taken = if condition == "true" { then } else { otherwise };
                taken.clone()
            }
            ("equals", [a, b]) => (a == b).to_string(),
            ("padleft", [text, width, filler]) => {
                let missing = width.parse::<usize>().unwrap().saturating_sub(text.len());
                filler.repeat(missing) + text
            }
            ("range", [start, count]) => {
                let (start, count) = (start.parse::<usize>().unwrap(), count.parse::<usize>());
                let numbers = start..start + count.unwrap();
                return numbers.map(|number| number.to_string()).collect();
            }
            ("tolower", [text]) => text.to_lowercase(),
            ("split", [text, by]) => return text.split(by.as_str()).map(str::to_owned).collect(),
            ("guid", [_, seeds @ ..]) => format!("guid-{}", seeds.join("-")),
            ("resourcegroup", []) => "group".to_owned(),
            ("subscription", []) => "subscription".to_owned(),
            ("resourceid", _) => resource_id(arguments),
            _ => panic!("{name}() is not known here"),
        };
        vec![one]
    }
}

fn resource_id(arguments: &[String]) -> String {
    let at = arguments
        .iter()
        .position(|text| text.contains("Microsoft.") || text.contains("MICROSOFT."));
    let (kind, names) = arguments[at.unwrap()..].split_first().unwrap();
    let mut kinds = kind.trim_end_matches('/').split('/');
    let mut id = format!(
        "/subscriptions/s/resourceGroups/group/providers/{}",
        kinds.next().unwrap()
    );
    let kinds: Vec<&str> = kinds.collect();
    assert_eq!(kinds.len(), names.len(), "{arguments:?}");
    for (kind, name) in kinds.iter().zip(names) {
        id.push_str(&format!("/{kind}/{name}"));
    }
    id
}
