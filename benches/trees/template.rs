//! A template of ordinary size, as a person writes it. Start at [`template`].

use std::fmt::Write as _;

use crate::chance::Chance;
use crate::resources::{Group, SCALE_SET_WITH_EXTENSION, resource};

/// What a template is made of.
pub(crate) struct Shape<'s> {
    /// How many resources it has, of which some more come to with the extension.
    pub(crate) resources: usize,
    /// The templates that it links.
    pub(crate) linked: &'s [&'s str],
    /// Whether the extension is in it.
    pub(crate) has_extension: bool,
}

/// The text in front of the resources.
pub(crate) const HEAD: &str = include_str!("head.txt");

/// The text behind the resources.
pub(crate) const TAIL: &str = include_str!("tail.txt");

const LINK: &str = r#"    {
      "type": "Microsoft.Resources/deployments",
      "apiVersion": "2021-04-01",
      "name": "NAME",
      "properties": {
        "mode": "Incremental",
        "templateLink": {
          "uri": "[uri(parameters('_artifactsLocation'), concat('nestedtemplates/NAME.json', parameters('_artifactsLocationSasToken')))]",
          "contentVersion": "1.0.0.0"
        },
        "parameters": {
          "prefix": { "value": "[parameters('prefix')]" },
          "location": { "value": "[parameters('location')]" }
        }
      }
    }"#;

/// A template, indented by two spaces.
pub(crate) fn template(shape: &Shape<'_>, chance: &mut Chance) -> String {
    let links = shape.linked.iter();
    let mut blocks: Vec<String> = links.map(|name| LINK.replace("NAME", name)).collect();
    let in_scale_set = shape.has_extension && chance.percent(25);
    if in_scale_set {
        blocks.push(SCALE_SET_WITH_EXTENSION.replace('@', "0"));
    }
    let mut with_extension = shape.has_extension && !in_scale_set;
    let wanted = blocks.len() + shape.resources;
    for number in 0.. {
        if blocks.len() >= wanted && !with_extension {
            break;
        }
        // A template of few resources is about one thing, not always about the beginning of a group.
        let group = Group {
            number,
            with_extension,
        };
        let first = if with_extension { 0 } else { chance.below(3) };
        for planned in group.resources().skip(first) {
            if blocks.len() < wanted || with_extension {
                blocks.push(resource(&planned, planned.natural_edges()));
            }
        }
        with_extension = false;
    }
    let mut text = HEAD.to_owned();
    let count = blocks.len();
    for (number, block) in blocks.into_iter().enumerate() {
        let comma = if number + 1 < count { "," } else { "" };
        let _ = writeln!(text, "{block}{comma}");
    }
    text.push_str(TAIL);
    text
}

/// A file of parameters.
pub(crate) fn parameter_file(chance: &mut Chance) -> String {
    let mut text = String::from(
        r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "prefix": { "value": "GEN-UNIQUE-8" }"#,
    );
    for number in 0..chance.below(8) {
        let _ = write!(
            text,
            ",\n    \"setting{number}\": {{\n      \"value\": \"GEN-UNIQUE\"\n    }}"
        );
    }
    text.push_str("\n  }\n}\n");
    text
}

/// The text in an indentation, with line ends, and with or without a last one, in the shares in which
/// people have them.
pub(crate) fn styled(text: &str, chance: &mut Chance) -> Vec<u8> {
    let unit = match chance.below(100) {
        0..76 => "  ",
        76..97 => "    ",
        _ => "\t",
    };
    let line_end = if chance.percent(7) { "\r\n" } else { "\n" };
    let mut styled = String::with_capacity(text.len() * 5 / 4);
    for line in text.lines() {
        let content = line.trim_start_matches(' ');
        styled.extend(std::iter::repeat_n(unit, (line.len() - content.len()) / 2));
        styled.push_str(content);
        styled.push_str(line_end);
    }
    if chance.percent(37) {
        styled.truncate(styled.trim_end().len());
    }
    styled.into_bytes()
}
