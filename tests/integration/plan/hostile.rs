//! Names that were made to break out of a command or a comment.

use msi2imds::migrate::{Removed, TemplateName};
use msi2imds::rules::MachineKind;
use msi2imds::rules::Place;
use msi2imds::runbook::{Inventory, PlacedNote, RemovalFacts, Runbook, Shell};
use proptest::prelude::*;

use super::azure::Azure;

/// Texts that mean something to a shell, a terminal or the agent of a CI service.
const ATTACKS: &[&str] = &[
    "'; touch pwned; '",
    "\"; touch pwned; \"",
    "$(touch pwned)",
    "`touch pwned`",
    "a\ntouch pwned\n",
    "a\r\ntouch pwned",
    "#\ntouch pwned",
    "-x",
    "--subscription=other",
    "--help",
    "a=@script.sh",
    "!!",
    "~",
    "*",
    "{a,b}",
    "a b",
    "\\",
    "\\'",
    "${PATH}",
    "$'x'",
    "##vso[task.setvariable variable=a]b",
    "##[command]x",
    "::set-output name=a::b",
    "\u{202e}txt",
    "\u{2018}; touch pwned; \u{2019}",
    "\u{1b}[2J",
    "\u{2028}touch pwned",
    "\u{85}touch pwned",
    "%PATH%",
    "# shellcheck disable=all",
    "caf\u{e9}",
    "\u{1f600}",
    "",
];

fn hostile() -> impl Strategy<Value = String> {
    let attack = prop::sample::select(ATTACKS).prop_map(str::to_owned);
    let mixed = prop::collection::vec(attack.clone(), 1..3).prop_map(|parts| parts.concat());
    let letters = "['\"`$(){};&|<>\\\\!#~*?\\[\\]\n\r\t \u{202e}\u{2019}a-z-]{0,12}";
    prop_oneof![attack, mixed, letters]
}

/// Names of a group, a machine and an extension. A name begins with no `@`, which `az` cannot be given.
fn names() -> impl Strategy<Value = (String, String, String)> {
    (hostile(), hostile(), hostile())
}

fn cases() -> u32 {
    let cases = std::env::var("MSI2IMDS_CASES").ok();
    // Each case runs some programs.
    cases.and_then(|cases| cases.parse().ok()).unwrap_or(256) / 16
}

fn facts(names: &[(String, String, String)]) -> RemovalFacts {
    let told = |text: &str| PlacedNote {
        place: text.to_owned(),
        message: text.to_owned(),
    };
    let removed = |(group, machine, extension): &(String, String, String), host| {
        let removed = Removed {
            place: Place {
                source: 0,
                span: 0..0,
                path: String::new(),
            },
            host,
            machine: TemplateName::Known(machine.clone()),
            name: TemplateName::Known(extension.clone()),
            types: vec![machine.clone()],
            resource_group: Some(TemplateName::Known(group.clone())),
            subscription: Some(TemplateName::Known(extension.clone())),
            condition: Some(machine.clone()),
            looped: true,
            upgrade_mode: Some(group.clone()),
            behind: vec![TemplateName::Written(group.clone())],
        };
        (machine.clone(), removed)
    };
    let mut all: Vec<(String, Removed)> = Vec::new();
    for one in names {
        all.push(removed(one, MachineKind::VirtualMachine));
        all.push(removed(one, MachineKind::ScaleSet));
        all.push(removed(one, MachineKind::NodeType));
        let (place, found) = removed(one, MachineKind::VirtualMachine);
        let unknown = Removed {
            machine: TemplateName::Written(one.1.clone()),
            resource_group: Some(TemplateName::Written(one.0.clone())),
            subscription: None,
            ..found
        };
        all.push((place, unknown));
    }
    RemovalFacts {
        removed: all,
        callers: names.iter().map(|(_, machine, _)| told(machine)).collect(),
        staying: names.iter().map(|(group, ..)| told(group)).collect(),
        read: true,
    }
}

/// What an option of a call of `az` was given, by its short or long name.
fn given<'c>(call: &'c [String], short: &str, long: &str) -> Option<&'c str> {
    let joined = format!("{long}=");
    call.iter().enumerate().find_map(|(at, word)| {
        if word == short {
            return call.get(at + 1).map(String::as_str);
        }
        word.strip_prefix(&joined)
    })
}

#[track_caller]
fn is_quiet(script: &str) {
    for line in script.lines() {
        let is_plain = line.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        assert!(is_plain, "{line:?}");
        assert!(!line.contains("##vso[") && !line.contains("##["), "{line}");
        assert!(!line.trim_start().starts_with("::"), "{line}");
    }
    assert!(!script.contains('\r'));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn bash_hands_each_name_to_az_as_it_is_and_runs_nothing_else(
        names in prop::collection::vec(names(), 1..4)
    ) {
        let script = Runbook::new(facts(&names), None, false).script(Shell::Bash);
        is_quiet(&script);
        let azure = Azure::new();
        let groups: Vec<(String, &str)> =
            (1..=names.len()).map(|number| (format!("GROUP_{number}"), "asked")).collect();
        let variables: Vec<(&str, &str)> =
            groups.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let ran = azure.run(&script, &variables);
        prop_assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", script);
        prop_assert_eq!(std::fs::read_dir(azure.here()).unwrap().count(), 0, "{}", script);
        for (group, machine, subscription) in &names {
            let is_asked = |call: &&Vec<String>, option: &str| {
                given(call, "-g", "--resource-group") == Some(group)
                    && given(call, option, option) == Some(machine)
                    && given(call, "--subscription", "--subscription") == Some(subscription)
            };
            let asked = |words: [&str; 3], option| {
                ran.calls.iter().any(|call| call[..3] == words && is_asked(&call, option))
            };
            prop_assert!(asked(["vm", "extension", "list"], "--vm-name"), "{}", script);
            prop_assert!(asked(["vmss", "extension", "list"], "--vmss-name"), "{}", script);
        }
        for call in &ran.calls {
            let is_known = call[0] == "vm" || call[0] == "vmss";
            prop_assert!(is_known && ["list", "extension", "list-instances"].contains(&call[1].as_str()));
            prop_assert!(call[2] != "delete");
        }
    }

    #[test]
    fn bash_removes_the_extension_under_its_very_name(
        extension in "[^\\x00\\n\\r\\t@]{1,12}"
    ) {
        let extension = extension.trim().to_owned();
        let mut facts = facts(&[("g".to_owned(), "m".to_owned(), extension.clone())]);
        facts.removed.truncate(1);
        let script = Runbook::new(facts, None, false).script(Shell::Bash);
        let azure = Azure::new();
        azure.answer("vm-extension-list", &format!("{extension}\tMicrosoft.ManagedIdentity\tNone\n"));
        let ran = azure.run(&script, &[]);
        prop_assert_eq!(ran.code, 0, "{}\n{}", ran.stderr, script);
        if !extension.is_empty() {
            let deletions: Vec<&Vec<String>> = ran.calls.iter().filter(|call| call[2] == "delete").collect();
            prop_assert_eq!(deletions.len(), 1, "{}", script);
            prop_assert_eq!(given(deletions[0], "-n", "--name"), Some(extension.as_str()));
        }
    }

    #[test]
    fn powershell_words_are_the_names_and_comments_are_one_line(
        names in prop::collection::vec(names(), 1..4)
    ) {
        let script = Runbook::new(facts(&names), None, false).script(Shell::PowerShell);
        is_quiet(&script);
        let mut found = Vec::new();
        for line in script.lines() {
            if let Some(rest) = line.trim_start().strip_prefix("Remove-AzVMExtension ") {
                let mut words = Words(rest);
                prop_assert!(words.option("-ResourceGroupName"), "{line}");
                let group = words.value();
                prop_assert!(words.option("-VMName"), "{line}");
                let machine = words.value();
                prop_assert!(words.option("-Name"), "{line}");
                let name = words.value();
                prop_assert_eq!(words.0, " -Force", "{}", line);
                found.push((group.unwrap(), machine.unwrap(), name.unwrap()));
            }
        }
        for one in &names {
            let is_there = found.iter().any(|found| {
                found.0.to_lowercase() == one.0.to_lowercase()
                    && found.1.to_lowercase() == one.1.to_lowercase()
                    && found.2.to_lowercase() == one.2.to_lowercase()
            });
            prop_assert!(is_there, "{one:?}\n{found:#?}");
        }
    }
}

/// The rest of a line of PowerShell.
struct Words<'l>(&'l str);

impl Words<'_> {
    fn option(&mut self, name: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(name);
        let rest = rest.and_then(|rest| rest.strip_prefix(' '));
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// A string in single quotes, or strings and `[char]` joined in parentheses.
    fn value(&mut self) -> Option<String> {
        let Some(inside) = self.0.strip_prefix('(') else {
            let units = self.part()?;
            return String::from_utf16(&units).ok();
        };
        self.0 = inside;
        let mut units = self.part()?;
        while let Some(rest) = self.0.strip_prefix(" + ") {
            self.0 = rest;
            units.extend(self.part()?);
        }
        self.0 = self.0.strip_prefix(')')?;
        String::from_utf16(&units).ok()
    }

    fn part(&mut self) -> Option<Vec<u16>> {
        if let Some(rest) = self.0.strip_prefix("[char]0x") {
            let (digits, rest) = rest.split_at_checked(4)?;
            self.0 = rest;
            return Some(vec![u16::from_str_radix(digits, 16).ok()?]);
        }
        let mut text = String::new();
        let mut rest = self.0.strip_prefix('\'')?.chars();
        loop {
            match rest.next()? {
                '\'' if rest.as_str().starts_with('\'') => text.extend(rest.next()),
                '\'' => break,
                '\u{2018}'..='\u{201b}' => return None,
                character => text.push(character),
            }
        }
        self.0 = rest.as_str();
        Some(text.encode_utf16().collect())
    }
}

#[test]
fn an_extension_without_a_name_is_never_there() {
    let names = ("g".to_owned(), "m".to_owned(), String::new());
    let mut facts = facts(&[names]);
    facts.removed.truncate(1);
    let script = Runbook::new(facts, None, false).script(Shell::Bash);
    let ran = Azure::new().run(&script, &[]);
    assert_eq!((ran.code, ran.deletions().len()), (0, 0));
}

#[test]
fn a_name_that_az_would_take_for_a_file_has_no_command() {
    let names = (
        "g".to_owned(),
        "@/etc/hostname".to_owned(),
        "msi".to_owned(),
    );
    let mut facts = facts(&[names]);
    facts.removed.truncate(1);
    let script = Runbook::new(facts, None, false).script(Shell::Bash);
    assert!(
        script.contains("- no command: one of these names cannot be passed"),
        "{script}"
    );
    assert!(Azure::new().run(&script, &[]).calls.is_empty());
}

#[test]
fn hostile_names_of_an_inventory_and_its_file_stay_words() {
    let id = "/subscriptions/$(touch pwned)/resourceGroups/'; touch pwned; '/providers/Microsoft.Compute/virtualMachines/a\\ntouch pwned";
    let text = format!(
        r#"[{{"id": "{id}", "powerState": "x\ntouch pwned", "identity": null}},
            {{"id": "{id}/extensions/-x", "publisher": "Microsoft.ManagedIdentity"}}]"#
    );
    let mut inventory = Inventory::default();
    inventory.read("a\ntouch pwned", text.as_bytes()).unwrap();
    let script = Runbook::new(RemovalFacts::default(), Some(&inventory), true).script(Shell::Bash);
    is_quiet(&script);
    let azure = Azure::new();
    azure.answer("vm-extension-list", "-x\tMicrosoft.ManagedIdentity\tNone\n");
    let ran = azure.run(&script, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(std::fs::read_dir(azure.here()).unwrap().count(), 0);
    let deletion = ran.calls.last().unwrap();
    assert_eq!(given(deletion, "-n", "--name"), Some("-x"));
    assert_eq!(
        given(deletion, "--vm-name", "--vm-name"),
        Some("a\ntouch pwned")
    );
}
