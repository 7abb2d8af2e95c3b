//! `imperative-install`: commands that install the extension, and commands to remove it that cannot
//! work.
//!
//! The page beside this file says what is decided how.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use crate::script::{Command, Language, Part};
use crate::text::Pattern;

use super::callers::{Caller, MOST_FINDINGS, Setting, said};
use super::needles::{EXTENSION, names_the_extension};
use super::{About, Rule, Severity, template_strings};

pub(super) static RULE: Rule = Rule {
    id: "imperative-install",
    finds: "commands that install the extension (`az vm extension set`, `Set-AzVMExtension`, \
            `Add-AzVmssExtension`, SDK builders), and commands that remove it or fail to",
    fixes: "reported only, with the command to run instead",
    severity: Severity::Error,
    needles: &[EXTENSION],
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

/// Whether a word of a command, or what a table in it gives, `says` something.
fn mentions(command: &Command, says: impl Fn(&str) -> bool) -> bool {
    command.words.iter().any(|word| {
        let entries = word.table.iter().flatten();
        says(word.text()) || entries.into_iter().any(|entry| says(entry.value.text()))
    })
}

/// A command about the extension.
struct Deed {
    /// Its first words, in lower case.
    words: &'static [&'static str],
    /// An option that it must have.
    option: Option<&'static str>,
    /// Whether the publisher or a table that it takes may name the extension too; else only its type does.
    installs: bool,
    /// What is reported.
    message: &'static str,
    /// What to do instead, with the names of [`OPTIONS`] in braces.
    help: &'static [&'static str],
}

const INSTALLS: &str = "this installs the deprecated managed identity VM extension";
const REPLACES: &str = "if the machine has user-assigned identities, use -IdentityType \
                        SystemAssignedUserAssigned and name them all: SystemAssigned alone removes \
                        them";
const ABOUT_IDENTITY: &str =
    "this command changes the machine's identity, and removes no extension";
const ONE_DASH: &str = "-vmss-name with one dash is not an option of the CLI: the command removes \
                        nothing";
const REMOVES: &str = "this removes the managed identity VM extension from machines that run";
const RUNNING: &str = "the machine must be running";
const CALLERS_FIRST: &str = "move the callers to IMDS first";
const UPGRADE: &str = "then, if the scale set's upgradePolicy is Manual: az vmss update-instances -g {GROUP} -n {VMSS} --instance-ids '*'";
const DELETE: &str = "use: az vm extension delete -g {GROUP} --vm-name {VM} -n {EXTENSION}";
const DELETE_SET: &str =
    "use: az vmss extension delete -g {GROUP} --vmss-name {VMSS} -n {EXTENSION}";

impl Deed {
    const fn of(
        words: &'static [&'static str],
        message: &'static str,
        help: &'static [&'static str],
    ) -> Self {
        Self {
            words,
            option: None,
            installs: false,
            message,
            help,
        }
    }

    const fn install(words: &'static [&'static str], help: &'static [&'static str]) -> Self {
        Self {
            installs: true,
            ..Self::of(words, INSTALLS, help)
        }
    }
}

/// The commands; the first that fits counts. PowerShell's older module calls `Az` `AzureRm`.
static DEEDS: [Deed; 11] = [
    Deed {
        option: Some("-vmss-name"),
        ..Deed::of(&["az"], ONE_DASH, &[DELETE_SET, UPGRADE])
    },
    Deed::install(
        &["az", "vm", "extension", "set"],
        &["use: az vm identity assign -g {GROUP} -n {VM}"],
    ),
    Deed::install(
        &["az", "vmss", "extension", "set"],
        &["use: az vmss identity assign -g {GROUP} -n {VMSS}"],
    ),
    Deed::of(
        &["az", "vm", "identity"],
        ABOUT_IDENTITY,
        &[DELETE, RUNNING],
    ),
    Deed::of(
        &["az", "vmss", "identity"],
        ABOUT_IDENTITY,
        &[DELETE_SET, UPGRADE],
    ),
    Deed::of(
        &["az", "vm", "extension", "delete"],
        REMOVES,
        &[CALLERS_FIRST, RUNNING],
    ),
    Deed::of(
        &["az", "vmss", "extension", "delete"],
        REMOVES,
        &[CALLERS_FIRST, UPGRADE],
    ),
    Deed::install(
        &["set-azvmextension"],
        &[
            "use: $vm = Get-AzVM -ResourceGroupName {GROUP} -Name {VM}",
            "     Update-AzVM -ResourceGroupName {GROUP} -VM $vm -IdentityType SystemAssigned",
            REPLACES,
        ],
    ),
    Deed::install(
        &["add-azvmssextension"],
        &[
            "use: Update-AzVmss -ResourceGroupName {GROUP} -VMScaleSetName {VMSS} -IdentityType SystemAssigned",
            REPLACES,
        ],
    ),
    Deed::of(
        &["remove-azvmextension"],
        REMOVES,
        &[CALLERS_FIRST, RUNNING],
    ),
    Deed::of(
        &["remove-azvmssextension"],
        REMOVES,
        &[
            CALLERS_FIRST,
            "then: Update-AzVmss -ResourceGroupName {GROUP} -Name {VMSS} -VirtualMachineScaleSet $vmss",
        ],
    ),
];

/// What a command to run instead takes over, and the options that give it.
const OPTIONS: [(&str, &[&str]); 4] = [
    ("{GROUP}", &["-g", "--resource-group", "-ResourceGroupName"]),
    ("{VM}", &["--vm-name", "-VMName"]),
    ("{VMSS}", &["--vmss-name", "-vmss-name", "-VMScaleSetName"]),
    ("{EXTENSION}", &["-n", "--name", "-Name"]),
];

/// What an option of a command is given, as it is written in the text, or the name of it.
fn fill(part: &Part<'_>, command: &Command, help: &str) -> String {
    let mut filled = help.to_owned();
    for (name, options) in OPTIONS.iter().filter(|(name, _)| help.contains(name)) {
        let at = command.words.iter().position(|word| word.is_any(options));
        let value = at.and_then(|at| command.words.get(at + 1));
        let written = value.and_then(|word| part.text().get(word.span.clone()));
        filled = filled.replace(name, written.unwrap_or(name.trim_matches(['{', '}'])));
    }
    filled
}

fn of_command(
    part: &Part<'_>,
    setting: &Setting,
    command: &Command,
    tables: &LazyCell<SplatTables, impl FnOnce() -> SplatTables>,
) -> Option<Caller> {
    let program = command
        .name()?
        .to_ascii_lowercase()
        .replace("-azurerm", "-az");
    let fits = |deed: &&Deed| {
        let first = deed.words.first().is_some_and(|word| *word == program);
        let others = deed.words.iter().zip(&command.words).skip(1);
        first
            && deed.words.len() <= command.words.len()
            && others.into_iter().all(|(own, word)| word.text() == *own)
            && deed
                .option
                .is_none_or(|option| command.words.iter().any(|word| word.text() == option))
    };
    let deed = DEEDS.iter().find(fits)?;
    let is_ours = match deed.installs {
        true => mentions(command, names_the_extension) || splats(command, tables),
        false => mentions(command, |text| text.to_ascii_lowercase().contains(TYPE)),
    };
    let span = command.words.first()?.span.start..command.words.last()?.span.end;
    let mut help: Vec<String> = deed
        .help
        .iter()
        .map(|help| fill(part, command, help))
        .collect();
    let mut words = command.words.iter();
    if words.any(|word| word.text().to_ascii_lowercase().starts_with("-forcererun")) {
        help.push("IMDS needs no restart: remove -ForceRerun together with the command".to_owned());
    }
    let mut found = Caller::new(part, setting, &RULE, span, deed.message, help);
    if deed.message == REMOVES {
        found.finding.severity = Severity::Note;
    }
    is_ours.then_some(found)
}

/// Whether a table that the command is given by `@name` is about the extension.
fn splats(command: &Command, tables: &LazyCell<SplatTables, impl FnOnce() -> SplatTables>) -> bool {
    let words = command.words.iter();
    let mut names = words.filter_map(|word| word.text().strip_prefix('@'));
    names.any(|name| tables.is_ours(name, command.span.start))
}

/// The longest table that is looked into, and the longest name with what is around it, in bytes.
const LONGEST_TABLE: usize = 4096;
const LONGEST_NAME: usize = 256;

/// The tables that variables are given, `$name = @{…}`, by name in lower case and place, and whether each is about
/// the extension. Thousands of commands may take one.
struct SplatTables(BTreeMap<(String, usize), bool>);

impl SplatTables {
    fn of(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let mut tables = BTreeMap::new();
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
            tables.insert((name.to_owned(), at), names_the_extension(table));
        }
        Self(tables)
    }

    /// Whether the last table that `name` is given in front of `offset` is about the extension.
    fn is_ours(&self, name: &str, offset: usize) -> bool {
        let name = name.to_ascii_lowercase();
        let mut before = self.0.range((name.clone(), 0)..(name, offset));
        before.next_back().is_some_and(|(_, ours)| *ours)
    }
}

static BUILDER: Pattern =
    Pattern::new(r#"(?is)\bDefineNewExtension\s*\([^;]{0,400}?Microsoft\.ManagedIdentity""#);

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
        Caller::new(part, setting, &RULE, found, INSTALLS, help)
    });
    found.collect()
}
