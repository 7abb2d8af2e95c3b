//! What to write instead of a declaration that is never edited: the lines to delete, the entries to
//! replace, and what to paste.
//!
//! A declaration in Terraform or Bicep is the block around it, which is known by its first and last line
//! in the first column. Never knows what the block deploys. Start at [`replacement`].

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::script::Language;

/// How a language declares resources.
struct Syntax {
    language: Language,
    /// The first line of a block, with the parts of its name.
    block: LazyLock<Option<Regex>>,
    /// The VM that an extension is on.
    machine: LazyLock<Option<Regex>>,
    /// The list of what a block depends on.
    depends_on: LazyLock<Option<Regex>>,
    /// The name of that list.
    list: &'static str,
    /// The identity to paste.
    identity: &'static str,
}

fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

static SYNTAXES: [Syntax; 2] = [
    Syntax {
        language: Language::Hcl,
        block: LazyLock::new(|| {
            pattern(
                r#"(?m)^(?<kind>resource|module|locals|variable)\b(?:[ \t]+"(?<type>[^"\n]+)")?(?:[ \t]+"(?<name>[^"\n]+)")?[ \t]*\{"#,
            )
        }),
        machine: LazyLock::new(|| {
            pattern(
                r"(?m)^\s*(?:virtual_machine(?:_scale_set)?_id|parent_id)\s*=\s*([\w.\[\]]+?)\.id\b",
            )
        }),
        depends_on: LazyLock::new(|| pattern(r"(?s)\bdepends_on\s*=\s*\[(.*?)\]")),
        list: "depends_on",
        identity: "identity { type = \"SystemAssigned\" }",
    },
    Syntax {
        language: Language::Bicep,
        block: LazyLock::new(|| {
            pattern(
                r"(?m)^(?<kind>resource|module|var|param)[ \t]+(?<name>\w+)[^\n=]*=[^\n{\[]*[{\[]",
            )
        }),
        machine: LazyLock::new(|| pattern(r"(?m)^\s*parent:\s*(\w+)")),
        depends_on: LazyLock::new(|| pattern(r"(?s)\bdependsOn:\s*\[(.*?)\]")),
        list: "dependsOn",
        identity: "identity: { type: 'SystemAssigned' }",
    },
];

/// A block of a file.
struct Block {
    span: Range<usize>,
    /// What others call it.
    name: Option<String>,
    is_resource: bool,
}

/// What to do about the declaration at `span`, a line each.
pub(super) fn replacement(text: &[u8], language: Language, span: &Range<usize>) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let syntax = SYNTAXES.iter().find(|syntax| syntax.language == language);
    let mut help = syntax.and_then(|syntax| of_block(&text, syntax, span.start));
    let help = help.get_or_insert_with(|| {
        vec![
            "remove the extension; what depends on it then depends on the VM or scale set, and on what the \
             extension depended on"
                .to_owned(),
        ]
    });
    let identity = syntax.map_or("an identity of type SystemAssigned", |syntax| {
        syntax.identity
    });
    let lower = text.to_ascii_lowercase();
    help.push(if lower.contains("userassigned") {
        "keep the user-assigned identity of the VM or scale set, and name its client id in requests to IMDS"
            .to_owned()
    } else {
        format!("give the VM or scale set, unless it has an identity: {identity}")
    });
    std::mem::take(help)
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    before.matches('\n').count() + 1
}

fn of_block(text: &str, syntax: &Syntax, offset: usize) -> Option<Vec<String>> {
    let block = block_around(text, syntax, offset)?;
    let body = text.get(block.span.clone())?;
    let (first, last) = (
        line_of(text, block.span.start),
        line_of(text, block.span.end),
    );
    let Some(name) = block.name.filter(|_| block.is_resource) else {
        return Some(vec![format!(
            "remove the entry from the block in lines {first} to {last}, and what deploys it"
        )]);
    };
    let machine = syntax
        .machine
        .as_ref()
        .and_then(|machine| machine.captures(body));
    let machine = machine.and_then(|found| Some(found.get(1)?.as_str().to_owned()));
    // A scale set declares its extensions within itself.
    let within = machine.is_none()
        && !body
            .lines()
            .next()?
            .to_ascii_lowercase()
            .contains("extension");
    if within && !body.starts_with("module") {
        return Some(vec![format!(
            "remove the entry of the extension from {name} (lines {first} to {last})"
        )]);
    }
    let mut help = vec![format!("delete lines {first} to {last}: {name}")];
    let own = syntax
        .depends_on
        .as_ref()
        .and_then(|list| list.captures(body));
    let own = own
        .and_then(|found| Some(found.get(1)?.as_str().to_owned()))
        .unwrap_or_default();
    let own = own
        .split([',', '\n'])
        .map(str::trim)
        .filter(|entry| !entry.is_empty());
    let mut instead: Vec<String> = machine.into_iter().collect();
    instead.extend(own.map(str::to_owned));
    instead.dedup();
    let instead = match instead.as_slice() {
        [] => "what it depended on".to_owned(),
        entries => entries.join(", "),
    };
    let uses = uses(text, &name, &block.span);
    if !uses.is_empty() {
        let lines: Vec<String> = uses.iter().map(usize::to_string).collect();
        help.push(format!(
            "in {} on line {}, replace {name} by {instead}",
            syntax.list,
            lines.join(", ")
        ));
    }
    Some(help)
}

/// The block of the first column that an offset is in.
fn block_around(text: &str, syntax: &Syntax, offset: usize) -> Option<Block> {
    let blocks = syntax.block.as_ref()?.captures_iter(text);
    let start = blocks
        .take_while(|found| found.get(0).is_some_and(|all| all.start() <= offset))
        .last()?;
    let at = start.get(0)?.start();
    let rest = text.get(at..)?;
    let opening = rest.find('\n').unwrap_or(rest.len());
    let mut ends = rest
        .get(opening..)?
        .match_indices('\n')
        .filter_map(|(newline, _)| {
            let line = rest.get(opening + newline + 1..)?;
            line.starts_with(['}', ']'])
                .then_some(opening + newline + 2)
        });
    let end = at + ends.next().unwrap_or(opening);
    let part = |name: &str| start.name(name).map(|part| part.as_str());
    let name = match (part("kind")?, part("type"), part("name")) {
        ("module", Some(name), None) => Some(format!("module.{name}")),
        (_, Some(of_type), Some(name)) => Some(format!("{of_type}.{name}")),
        (_, None, Some(name)) => Some(name.to_owned()),
        _ => None,
    };
    let is_resource = matches!(part("kind")?, "resource" | "module");
    (offset < end).then_some(Block {
        span: at..end,
        name,
        is_resource,
    })
}

/// The lines outside of a block that use its name as a whole.
fn uses(text: &str, name: &str, block: &Range<usize>) -> Vec<usize> {
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let found = text.match_indices(name).filter(|(at, _)| {
        let before = text.get(..*at).unwrap_or_default().chars().next_back();
        let behind = text
            .get(at + name.len()..)
            .unwrap_or_default()
            .chars()
            .next();
        !block.contains(at)
            && !before.is_some_and(|c| is_of_name(c) || "'\"./:".contains(c))
            && !behind.is_some_and(|c| is_of_name(c) || "'\":".contains(c))
    });
    let mut lines: Vec<usize> = found.map(|(at, _)| line_of(text, at)).take(20).collect();
    lines.dedup();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(text: &str, language: Language) -> Vec<String> {
        let at = text.find("Microsoft.ManagedIdentity").unwrap();
        replacement(text.as_bytes(), language, &(at..at + 1))
    }

    #[test]
    fn terraform_gets_the_lines_the_entries_and_the_block() {
        let text = "resource \"azurerm_virtual_machine_extension\" \"msi\" {\n  virtual_machine_id = \
                    azurerm_linux_virtual_machine.web.id\n  publisher = \"Microsoft.ManagedIdentity\"\n  \
                    depends_on = [azurerm_virtual_machine_extension.disk]\n}\n\nresource \"null_resource\" \"x\" {\n  \
                    depends_on = [azurerm_virtual_machine_extension.msi]\n}\n";
        assert_eq!(
            help(text, Language::Hcl),
            [
                "delete lines 1 to 5: azurerm_virtual_machine_extension.msi",
                "in depends_on on line 8, replace azurerm_virtual_machine_extension.msi by \
                 azurerm_linux_virtual_machine.web, azurerm_virtual_machine_extension.disk",
                "give the VM or scale set, unless it has an identity: identity { type = \"SystemAssigned\" }",
            ]
        );
    }

    #[test]
    fn bicep_gets_the_symbols_and_keeps_a_user_assigned_identity() {
        let text = "resource vm 'a@1' = {\n  identity: { type: 'UserAssigned' }\n}\nresource msi 'x/extensions@1' = {\n  \
                    parent: vm\n  name: 'msi'\n  properties: { publisher: 'Microsoft.ManagedIdentity' }\n}\nresource \
                    app 'b@1' = {\n  dependsOn: [ msi ]\n}\n";
        assert_eq!(
            help(text, Language::Bicep),
            [
                "delete lines 4 to 8: msi",
                "in dependsOn on line 10, replace msi by vm",
                "keep the user-assigned identity of the VM or scale set, and name its client id in requests to IMDS",
            ]
        );
    }

    #[test]
    fn what_is_no_resource_of_its_own_is_only_an_entry() {
        let locals = "locals {\n  publisher = \"Microsoft.ManagedIdentity\"\n}\n";
        let line = "remove the entry from the block in lines 1 to 3, and what deploys it";
        assert_eq!(help(locals, Language::Hcl).first().unwrap(), line);
        let set = "resource \"azurerm_linux_virtual_machine_scale_set\" \"s\" {\n  extension {\n    publisher = \
                   \"Microsoft.ManagedIdentity\"\n  }\n}\n";
        let line = "remove the entry of the extension from azurerm_linux_virtual_machine_scale_set.s (lines 1 to 5)";
        assert_eq!(help(set, Language::Hcl).first().unwrap(), line);
        assert!(
            help("publisher: Microsoft.ManagedIdentity", Language::Yaml)[0]
                .starts_with("remove the extension")
        );
    }
}
