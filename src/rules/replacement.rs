//! What to write instead of a declaration that is never edited: the lines to delete, the entries to
//! replace, and what to paste.
//!
//! A declaration in Terraform or Bicep is the block around it, which is known by its first and last line
//! in the first column. Never knows what the block deploys. Start at [`Replacements`].

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::script::Language;
use crate::text::{LineIndex, Pattern};

/// How a language declares resources.
struct BlockSyntax {
    language: Language,
    /// The first line of a block, with the parts of its name.
    block: Pattern,
    /// The VM that an extension is on.
    machine: Pattern,
    /// The list of what a block depends on.
    depends_on: Pattern,
    /// The name of that list.
    list: &'static str,
    /// The identity to paste.
    identity: &'static str,
}

static SYNTAXES: [BlockSyntax; 2] = [
    BlockSyntax {
        language: Language::Hcl,
        block: Pattern::new(
            r#"(?m)^(?<kind>resource|module|locals|variable)\b(?:[ \t]+"(?<type>[^"\n]+)")?(?:[ \t]+"(?<name>[^"\n]+)")?[ \t]*\{"#,
        ),
        machine: Pattern::new(
            r"(?m)^\s*(?:virtual_machine(?:_scale_set)?_id|parent_id)\s*=\s*([\w.\[\]]+?)\.id\b",
        ),
        depends_on: Pattern::new(r"(?s)\bdepends_on\s*=\s*\[(.*?)\]"),
        list: "depends_on",
        identity: "identity { type = \"SystemAssigned\" }",
    },
    BlockSyntax {
        language: Language::Bicep,
        block: Pattern::new(
            r"(?m)^(?<kind>resource|module|var|param)[ \t]+(?<name>\w+)[^\n=]*=[^\n{\[]*[{\[]",
        ),
        machine: Pattern::new(r"(?m)^\s*parent:\s*(\w+)"),
        depends_on: Pattern::new(r"(?s)\bdependsOn:\s*\[(.*?)\]"),
        list: "dependsOn",
        identity: "identity: { type: 'SystemAssigned' }",
    },
];

/// A block of a file, from its first line to the first one behind it that closes in the first column.
struct CodeBlock {
    span: Range<usize>,
    /// What others call it.
    name: Option<String>,
    is_resource: bool,
    /// What to do about a declaration in it, once that was asked.
    help: OnceCell<Vec<String>>,
}

/// What to do about the declarations of a file, which may be thousands.
pub(super) struct Replacements<'t> {
    /// The text, with as many bytes as the file.
    text: Cow<'t, str>,
    lines: LineIndex,
    syntax: Option<&'static BlockSyntax>,
    blocks: Vec<CodeBlock>,
    /// The lines that use a name, in order, once that was asked.
    uses: OnceCell<HashMap<String, Vec<usize>>>,
    /// Whether the file has a user-assigned identity.
    keeps_identity: bool,
}

impl<'t> Replacements<'t> {
    pub(super) fn of(text: &'t [u8], language: Language) -> Self {
        let ascii = |byte: &u8| {
            if byte.is_ascii() {
                char::from(*byte)
            } else {
                '?'
            }
        };
        let text = match std::str::from_utf8(text) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => text.iter().map(ascii).collect(),
        };
        let syntax = SYNTAXES.iter().find(|syntax| syntax.language == language);
        Self {
            lines: LineIndex::new(text.as_bytes()),
            blocks: syntax.map_or_else(Vec::new, |syntax| blocks(&text, syntax)),
            syntax,
            uses: OnceCell::new(),
            keeps_identity: text.to_ascii_lowercase().contains("userassigned"),
            text,
        }
    }

    /// What to do about the declaration at an offset, a line each.
    pub(super) fn of_declaration(&self, offset: usize) -> Vec<String> {
        let before = self
            .blocks
            .partition_point(|block| block.span.start <= offset);
        let block = before.checked_sub(1).and_then(|last| self.blocks.get(last));
        let block = block.filter(|block| offset < block.span.end);
        let help = block.zip(self.syntax).map(|(block, syntax)| {
            let help = block.help.get_or_init(|| self.of_block(block, syntax));
            help.clone()
        });
        let mut help = help.unwrap_or_else(|| vec![REMOVE.to_owned()]);
        help.push(match (self.keeps_identity, self.syntax) {
            (true, _) => KEEP.to_owned(),
            (false, syntax) => {
                let identity =
                    syntax.map_or("an identity of type SystemAssigned", |it| it.identity);
                format!("give the VM or scale set, unless it has an identity: {identity}")
            }
        });
        help
    }

    fn of_block(&self, block: &CodeBlock, syntax: &'static BlockSyntax) -> Vec<String> {
        let body = self.text.get(block.span.clone()).unwrap_or_default();
        let (first, last) = (
            self.lines.line(block.span.start),
            self.lines.line(block.span.end),
        );
        let Some(name) = block.name.as_ref().filter(|_| block.is_resource) else {
            return vec![format!(
                "remove the entry from the block in lines {first} to {last}, and what deploys it"
            )];
        };
        let found = |pattern: &'static Pattern| {
            let found = pattern.captures(body.as_bytes()).next()?.get(1)?;
            body.get(found.range()).map(str::to_owned)
        };
        let machine = found(&syntax.machine);
        // A scale set declares its extensions within itself.
        let opening = body.lines().next().unwrap_or_default().to_ascii_lowercase();
        if machine.is_none() && !opening.contains("extension") && !opening.starts_with("module") {
            return vec![format!(
                "remove the entry of the extension from {name} (lines {first} to {last})"
            )];
        }
        let mut help = vec![format!("delete lines {first} to {last}: {name}")];
        let own = found(&syntax.depends_on).unwrap_or_default();
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
        let uses = self.uses.get_or_init(|| uses(&self.text, &self.lines));
        let own = first..=last;
        let lines = uses
            .get(name)
            .into_iter()
            .flatten()
            .filter(|line| !own.contains(line));
        let lines: Vec<String> = lines.take(MOST_USES).map(usize::to_string).collect();
        if !lines.is_empty() {
            help.push(format!(
                "in {} on line {}, replace {name} by {instead}",
                syntax.list,
                lines.join(", ")
            ));
        }
        help
    }
}

/// The most uses of a block that are listed.
const MOST_USES: usize = 20;

const REMOVE: &str = "remove the extension; what depends on it then depends on the VM or scale set, and on what the \
                      extension depended on";
const KEEP: &str = "keep the user-assigned identity of the VM or scale set, and name its client id in requests to IMDS";

/// The blocks in the first column, in order.
fn blocks(text: &str, syntax: &'static BlockSyntax) -> Vec<CodeBlock> {
    let closing = |line: &str| line.starts_with(['}', ']']);
    let mut closed: Vec<usize> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        closed.extend(closing(line).then_some(at + 1));
        at += line.len();
    }
    let blocks = syntax.block.captures(text.as_bytes()).filter_map(|found| {
        let opening = found.get(0)?;
        let part = |name: &str| text.get(found.name(name)?.range());
        let kind = part("kind")?;
        let name = match (kind, part("type"), part("name")) {
            ("module", Some(name), None) => Some(format!("module.{name}")),
            (_, Some(of_type), Some(name)) => Some(format!("{of_type}.{name}")),
            (_, None, Some(name)) => Some(name.to_owned()),
            _ => None,
        };
        let end = closed.get(closed.partition_point(|end| *end <= opening.start()));
        Some(CodeBlock {
            span: opening.start()..end.copied().unwrap_or(opening.end()),
            name,
            is_resource: matches!(kind, "resource" | "module"),
            help: OnceCell::new(),
        })
    });
    blocks.collect()
}

/// The lines that use each name: a symbol, or two with a dot between.
fn uses(text: &str, lines: &LineIndex) -> HashMap<String, Vec<usize>> {
    let mut uses: HashMap<String, Vec<usize>> = HashMap::new();
    let is_of_name = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let mut at = 0;
    for piece in text.split_inclusive(|c| !is_of_name(c)) {
        let word = piece.trim_end_matches(|c| !is_of_name(c));
        let (start, end) = (at, at + word.len());
        at += piece.len();
        let around = |c: Option<char>, marks: &str| c.is_some_and(|c| marks.contains(c));
        let before = text.get(..start).unwrap_or_default().chars().next_back();
        if word.is_empty() || around(before, "'\"/:") {
            continue;
        }
        let mut dots = word.match_indices('.').map(|(at, _)| at);
        let names = [dots.next(), dots.next()].map(|dot| dot.unwrap_or(word.len()));
        let line = lines.line(start);
        for length in names.into_iter().collect::<BTreeSet<_>>() {
            let behind = text
                .get(start + length..)
                .unwrap_or_default()
                .chars()
                .next();
            let is_quoted = start + length == end && around(behind, "'\":");
            let Some(name) = word.get(..length).filter(|_| !is_quoted) else {
                continue;
            };
            let own = uses.entry(name.to_owned()).or_default();
            if own.last() != Some(&line) {
                own.push(line);
            }
        }
    }
    uses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(text: &str, language: Language) -> Vec<String> {
        let at = text.find("Microsoft.ManagedIdentity").unwrap();
        Replacements::of(text.as_bytes(), language).of_declaration(at)
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
