//! `imperative-install`: commands that install the extension, and commands to remove it that cannot
//! work.
//!
//! The page beside this file says what is decided how.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::script::{Command, Language, Part};

use super::callers::{Caller, MOST_FINDINGS, Setting, said};
use super::needles::{EXTENSION, names_the_extension};
use super::{About, Fix, Remedy, Rule, Severity, template_strings};

pub(super) static RULE: Rule = Rule {
    id: "imperative-install",
    finds: "commands that install the extension (`az vm extension set`, `Set-AzVMExtension`, \
            `Add-AzVmssExtension`, SDK builders), and commands to remove it that cannot work",
    fixes: "reported only, with the command to run instead",
    severity: Severity::Error,
    needles: &[EXTENSION],
    remedy: Remedy::None,
    page: include_str!("imperative_install.md"),
    about: About::Mention,
    detect: Some(|context| template_strings::callers(context, &RULE)),
    in_text: Some(find),
    ..Rule::DEFAULT
};

/// The extension's types begin so.
const TYPE: &str = "managedidentityextension";

/// The commands in a text.
pub(super) fn find(part: &Part<'_>, setting: &Setting) -> Vec<Caller> {
    let tables = LazyCell::new(|| SplatTables::of(part.text()));
    let mut found: Vec<Caller> = part
        .reading
        .commands
        .iter()
        .filter(|command| part.says(command.span.start))
        .filter_map(|command| of_command(part, setting, &command.unwrapped(), &tables))
        .take(MOST_FINDINGS + 1)
        .collect();
    found.extend(builders(part, setting));
    found
}

/// Whether a command names the extension's publisher or one of its types.
fn installs(command: &Command) -> bool {
    mentions(command, names_the_extension)
}

/// Whether a command names one of the extension's types.
fn names_type(command: &Command) -> bool {
    mentions(command, |text| text.to_ascii_lowercase().contains(TYPE))
}

/// Whether a word of a command, or what a table in it gives, `says` something.
fn mentions(command: &Command, says: impl Fn(&str) -> bool) -> bool {
    command.words.iter().any(|word| {
        let entries = word.table.iter().flatten();
        says(word.text()) || entries.into_iter().any(|entry| says(entry.value.text()))
    })
}

/// What an option of a command is given, as it is written in the text, or `otherwise`.
fn given(part: &Part<'_>, command: &Command, names: &[&str], otherwise: &str) -> String {
    let at = command.words.iter().position(|word| word.is_any(names));
    let value = at.and_then(|at| command.words.get(at + 1));
    let written = value.and_then(|word| part.text().get(word.span.clone()));
    written.unwrap_or(otherwise).to_owned()
}

fn of_command(
    part: &Part<'_>,
    setting: &Setting,
    command: &Command,
    tables: &LazyCell<SplatTables, impl FnOnce() -> SplatTables>,
) -> Option<Caller> {
    let name = command.name()?.to_ascii_lowercase();
    let (message, help) = match &*name {
        "az" => azure_cli(part, command)?,
        "set-azvmextension" | "set-azurermvmextension" => {
            let ours = installs(command) || splats(command, tables);
            ours.then(|| powershell_machine(part, command))?
        }
        "add-azvmssextension" | "add-azurermvmssextension" => {
            let ours = installs(command) || splats(command, tables);
            ours.then(|| powershell_set(part, command))?
        }
        _ => return None,
    };
    let first = command.words.first()?.span.start;
    let span = first..command.words.last()?.span.end;
    Some(caller(part, setting, span, message, help))
}

fn caller(
    part: &Part<'_>,
    setting: &Setting,
    span: Range<usize>,
    message: String,
    help: Vec<String>,
) -> Caller {
    let severity = setting.severity(RULE.severity);
    Caller::new(part, span, &RULE, severity, message, help, Fix::DisplayOnly)
}

const INSTALLS: &str = "this installs the deprecated managed identity VM extension";
const REPLACES: &str = "where the machine has user-assigned identities, use -IdentityType \
                        SystemAssignedUserAssigned and name them all: SystemAssigned alone takes them off";

fn azure_cli(part: &Part<'_>, command: &Command) -> Option<(String, Vec<String>)> {
    let words: Vec<&str> = command
        .words
        .iter()
        .skip(1)
        .map(|word| word.text())
        .collect();
    let group = || given(part, command, &["-g", "--resource-group"], "GROUP");
    let machine = || given(part, command, &["--vm-name"], "VM");
    let set = || given(part, command, &["--vmss-name", "-vmss-name"], "VMSS");
    let extension = || given(part, command, &["-n", "--name"], "EXTENSION");
    if words.contains(&"-vmss-name") {
        let help = vec![
            format!("use: az vmss extension delete -g {} --vmss-name {} -n {}", group(), set(), extension()),
            "then, where the scale set's upgrades are manual: az vmss update-instances -g GROUP -n VMSS --instance-ids '*'".to_owned(),
        ];
        let message =
            "-vmss-name with one dash is no option of the CLI: nothing is removed".to_owned();
        return names_type(command).then_some((message, help));
    }
    match words.as_slice() {
        ["vm", "extension", "set", ..] if installs(command) => Some((
            INSTALLS.to_owned(),
            vec![format!(
                "use: az vm identity assign -g {} -n {}",
                group(),
                machine()
            )],
        )),
        ["vmss", "extension", "set", ..] if installs(command) => Some((
            INSTALLS.to_owned(),
            vec![format!(
                "use: az vmss identity assign -g {} -n {}",
                group(),
                set()
            )],
        )),
        [host @ ("vm" | "vmss"), "identity", ..] if names_type(command) => {
            let delete = match *host {
                "vm" => format!(
                    "az vm extension delete -g {} --vm-name {} -n {}",
                    group(),
                    machine(),
                    extension()
                ),
                _ => format!(
                    "az vmss extension delete -g {} --vmss-name {} -n {}",
                    group(),
                    set(),
                    extension()
                ),
            };
            Some((
                "this is about the machine's identity, and removes no extension".to_owned(),
                vec![
                    format!("use: {delete}"),
                    "the machine must be running".to_owned(),
                ],
            ))
        }
        _ => None,
    }
}

fn powershell_machine(part: &Part<'_>, command: &Command) -> (String, Vec<String>) {
    let group = given(part, command, &["-ResourceGroupName"], "GROUP");
    let machine = given(part, command, &["-VMName"], "VM");
    let mut help = vec![
        format!("use: $vm = Get-AzVM -ResourceGroupName {group} -Name {machine}"),
        format!("     Update-AzVM -ResourceGroupName {group} -VM $vm -IdentityType SystemAssigned"),
        REPLACES.to_owned(),
    ];
    let restarts = command
        .words
        .iter()
        .any(|word| word.text().to_ascii_lowercase().starts_with("-forcererun"));
    if restarts {
        help.push("IMDS needs no restart: leave -ForceRerun out with the command".to_owned());
    }
    (INSTALLS.to_owned(), help)
}

fn powershell_set(part: &Part<'_>, command: &Command) -> (String, Vec<String>) {
    let group = given(part, command, &["-ResourceGroupName"], "GROUP");
    let help = vec![
        format!(
            "use: Update-AzVmss -ResourceGroupName {group} -VMScaleSetName VMSS -IdentityType SystemAssigned"
        ),
        REPLACES.to_owned(),
    ];
    (INSTALLS.to_owned(), help)
}

/// Whether a table that the command is given by `@name` is about the extension.
fn splats(command: &Command, tables: &LazyCell<SplatTables, impl FnOnce() -> SplatTables>) -> bool {
    let names = command
        .words
        .iter()
        .filter_map(|word| word.text().strip_prefix('@'));
    names
        .into_iter()
        .any(|name| tables.is_ours(name, command.span.start))
}

/// The longest table that is looked into, and the longest name with what stands around it, in bytes.
const LONGEST_TABLE: usize = 4096;
const LONGEST_NAME: usize = 256;

/// The tables that variables are given, `$name = @{…}`. Thousands of commands may take one.
struct SplatTables {
    /// By name in lower case: where each is given, and whether it is about the extension.
    by_name: HashMap<String, Vec<(usize, bool)>>,
}

impl SplatTables {
    fn of(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let mut by_name: HashMap<String, Vec<(usize, bool)>> = HashMap::new();
        for (at, _) in lower.match_indices("@{") {
            let start = lower.ceil_char_boundary(at.saturating_sub(LONGEST_NAME));
            let before = lower.get(start..at).unwrap_or_default().trim_end();
            let before = before.strip_suffix('=').map(str::trim_end);
            let Some((_, name)) = before.and_then(|before| before.rsplit_once('$')) else {
                continue;
            };
            let end = lower.floor_char_boundary(at + LONGEST_TABLE);
            let table = lower.get(at..end).unwrap_or_default();
            let table = table.split('}').next().unwrap_or_default();
            let given = by_name.entry(name.to_owned()).or_default();
            given.push((at, names_the_extension(table)));
        }
        Self { by_name }
    }

    /// Whether the last table that `name` is given in front of `offset` is about the extension.
    fn is_ours(&self, name: &str, offset: usize) -> bool {
        let given = self.by_name.get(&name.to_ascii_lowercase());
        let given = given.map_or(&[][..], Vec::as_slice);
        let before = given.partition_point(|(at, _)| *at < offset);
        let last = before.checked_sub(1).and_then(|last| given.get(last));
        last.is_some_and(|(_, ours)| *ours)
    }
}

static BUILDER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?is)\bDefineNewExtension\s*\([^;]{0,400}?Microsoft\.ManagedIdentity""#).ok()
});

/// Builders of SDKs.
fn builders(part: &Part<'_>, setting: &Setting) -> Vec<Caller> {
    if !matches!(part.language, Language::CSharp | Language::Java) {
        return Vec::new();
    }
    let found = said(part, &BUILDER).map(|found| {
        let help = vec![
            "give the machine its identity instead: WithSystemAssignedManagedServiceIdentity()"
                .to_owned(),
        ];
        caller(part, setting, found, INSTALLS.to_owned(), help)
    });
    found.collect()
}
