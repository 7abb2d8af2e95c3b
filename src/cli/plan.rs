//! The command `plan`, and the runbook that `fix` writes.
//!
//! Reads inventories; never knows what a runbook is made of. Start at [`plan`].

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::migrate::SuppressedBy;
use crate::report::{Results, SourceText};
use crate::repository;
use crate::rules::{About, Finding, Fix, Place};
use crate::runbook::{Inventory, PlacedNote, RemovalFacts, Runbook, Shell};

use super::args::Common;
use super::commands::{Started, start};
use super::exit::{FINDINGS, SUCCESS};
use super::formats::Reporter;
use super::output;
use super::run::{Run, record, refusals};
use super::set::{Migrated, migrated, proposed};
use super::sinks::Sinks;

/// What `plan` takes.
#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    #[command(flatten)]
    common: Common,

    #[command(flatten)]
    shell: ShellArgument,

    /// Take the machines from an inventory in JSON, as `az vm extension list`, `az vmss list`, `az vm
    /// list`, `az resource list` or `az graph query` print it; `-` is stdin; may be repeated. Files are then
    /// read only where they are named
    #[arg(long, value_name = "FILE")]
    inventory: Vec<PathBuf>,

    /// Print the Azure Resource Graph query whose result --inventory takes, and do nothing else
    #[arg(long)]
    pub(super) inventory_query: bool,

    /// Say which machines have no identity, where the inventories tell
    #[arg(long, requires = "inventory")]
    check_identity: bool,
}

/// The shell of a runbook.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct ShellArgument {
    /// The shell that the commands are for
    #[arg(long, value_name = "SHELL", default_value = "bash")]
    shell: ShellName,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ShellName {
    /// The Azure CLI in bash
    Bash,
    /// The Az modules in PowerShell
    Powershell,
}

impl ShellArgument {
    pub(super) fn shell(self) -> Shell {
        match self.shell {
            ShellName::Bash => Shell::Bash,
            ShellName::Powershell => Shell::PowerShell,
        }
    }
}

/// Prints the runbook; gives the exit code.
pub(super) fn plan(arguments: &PlanArguments) -> Result<u8, String> {
    let PlanArguments {
        common,
        inventory: inventories,
        ..
    } = arguments;
    let is_stdin = |path: &PathBuf| path == Path::new("-");
    if common.inputs.reads_stdin() && inventories.iter().any(is_stdin) {
        return Err("--inventory -: stdin can be read once only".to_owned());
    }
    // Inventories need no files.
    let reads_files = inventories.is_empty() || common.inputs.has_paths();
    let files = inventories.iter().filter(|path| !is_stdin(path));
    let paths: Vec<(&str, &Path)> = files.map(|path| ("--inventory", path.as_path())).collect();
    let start = match start(common, Reporter::Plan, &paths, reads_files)? {
        Started::Run(start) => *start,
        Started::Shown(code) => return Ok(code),
    };
    let sinks = Sinks::open(&common.formats, Reporter::Plan, None, &start.input.trees())?;
    let inventory = inventory(inventories)?;
    let mut run = Run::new(common, start, sinks);
    let (results, mut facts) = run.facts();
    facts.read = reads_files;
    let runbook = Runbook::new(facts, inventory.as_ref(), arguments.check_identity);
    let code = match run.tally(&results) {
        SUCCESS if !runbook.is_empty() && !common.exit_zero => FINDINGS,
        code => code,
    };
    let script = runbook.script(arguments.shell.shell());
    let printed = run.output.report().write_all(script.as_bytes());
    Ok(run.print_reports(printed, &results, code))
}

impl Run<'_> {
    /// What the files say of a removal, without a removal.
    fn facts(&mut self) -> (Results, RemovalFacts) {
        let (migrate, wanted) = (self.migrate, self.wanted);
        let baseline = self.baseline.clone();
        let found = self.visit(|set, terms| {
            let set = migrated(set, terms, migrate);
            record(baseline.as_deref(), &set, &[]);
            let mut facts = RemovalFacts::default();
            add_facts(&mut facts, &set, |_| true);
            Some((proposed(&set, wanted), refusals(&set), facts))
        });
        let mut results = Vec::new();
        let mut facts = RemovalFacts::default();
        for (said, refusals, one) in found {
            results.push(said);
            self.refuse(refusals);
            facts.removed.extend(one.removed);
            facts.callers.extend(one.callers);
            facts.staying.extend(one.staying);
        }
        (self.conclude(results), facts)
    }
}

/// Adds what a set says; `is_done` tells of each of its files whether its removals are, or will be, made.
fn add_facts(facts: &mut RemovalFacts, set: &[Migrated], is_done: impl Fn(usize) -> bool) {
    for (index, one) in set.iter().enumerate() {
        let migration = &one.migration;
        // A baseline hides what is known from reports; the machines have it all the same.
        let suppressed = migration.suppressed.iter();
        let baselined = suppressed.filter(|one| matches!(one.by, SuppressedBy::Baseline));
        let findings = migration.findings.iter();
        let mut findings: Vec<&Finding> =
            findings.chain(baselined.map(|one| &one.finding)).collect();
        findings.sort_by_key(|finding| finding.place.span.start);
        if migration.removed.is_empty() && findings.is_empty() {
            continue;
        }
        let name = &one.loaded.member.file.name;
        let page = SourceText::new(name, &one.loaded.bytes);
        let name = String::from_utf8_lossy(name);
        let place = |place: &Place| {
            let start = page.region(&place.span).start;
            format!("{name}:{}:{}", start.line, start.column)
        };
        if migration.fault.is_none() && is_done(index) {
            let removed = migration.removed.iter();
            let removed = removed.map(|removed| (place(&removed.place), removed.clone()));
            facts.removed.extend(removed);
        }
        let told = |finding: &Finding, message: String| PlacedNote {
            place: place(&finding.place),
            message,
        };
        for finding in findings {
            let about = finding.rule.about;
            match &finding.fix {
                Fix::Safe if about == About::Caller => {
                    let message = format!("{} (`fix` rewrites it)", finding.message);
                    facts.callers.push(told(finding, message));
                }
                _ if about == About::Caller => {
                    facts.callers.push(told(finding, finding.message.clone()));
                }
                Fix::Held(hold) if about == About::Extension => {
                    facts.staying.push(told(finding, hold.reason.clone()));
                }
                _ => {}
            }
        }
    }
}

/// Reads all inventories; `None` where there is none.
fn inventory(paths: &[PathBuf]) -> Result<Option<Inventory>, String> {
    if paths.is_empty() {
        return Ok(None);
    }
    let mut inventory = Inventory::default();
    let mut stdin_taken = false;
    for path in paths {
        let is_stdin = path == Path::new("-");
        if is_stdin && std::mem::replace(&mut stdin_taken, true) {
            return Err("--inventory -: stdin can be read once only".to_owned());
        }
        let name = match is_stdin {
            true => "stdin".to_owned(),
            false => path.display().to_string(),
        };
        let bytes = match is_stdin {
            true => repository::read_list(io::stdin().lock()),
            false => repository::read_named(path),
        };
        let bytes = bytes.map_err(|error| format!("{name}: cannot be read: {error}"))?;
        inventory
            .read(&name, &bytes)
            .map_err(|error| error.to_string())?;
    }
    Ok(Some(inventory))
}

/// The runbook that a run of `fix` writes to a file.
pub(super) struct PlanFile {
    file: File,
    name: String,
    shell: Shell,
    facts: RemovalFacts,
}

impl PlanFile {
    /// Makes the file.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub(super) fn create(path: &Path, shell: Shell, trees: &[PathBuf]) -> Result<Self, String> {
        if path == Path::new("-") {
            return Err(
                "--plan-file -: stdout holds the patch; name a file, or run `plan`".to_owned(),
            );
        }
        let name = path.display().to_string();
        match repository::create_output(path, trees) {
            Ok(file) => Ok(Self {
                file,
                name,
                shell,
                facts: RemovalFacts {
                    read: true,
                    ..RemovalFacts::default()
                },
            }),
            Err(error) => Err(format!("{name}: cannot be written: {error}")),
        }
    }

    /// Takes what a set says, of whose files those in `written` were written.
    pub(super) fn add(&mut self, set: &[Migrated], written: &[bool]) {
        let is_written = |index: usize| written.get(index) == Some(&true);
        add_facts(&mut self.facts, set, is_written);
    }

    /// Writes the runbook; whether that is done.
    pub(super) fn write(self) -> bool {
        let script = Runbook::new(self.facts, None, false).script(self.shell);
        let mut file = self.file;
        match file.write_all(script.as_bytes()) {
            Ok(()) => true,
            Err(error) => {
                output::error(&format!("{}: cannot be written: {error}", self.name));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::migrate::{Fault, Migration, Options, migrate};
    use crate::repository::{Loaded, SetMember, SourceFile};
    use crate::rules::{Rule, Severity};

    use super::*;

    static CALLER: Rule = Rule {
        id: "token-endpoint",
        about: About::Caller,
        ..Rule::DEFAULT
    };

    fn of(bytes: &[u8], migration: Migration) -> Migrated {
        let file = SourceFile {
            name: b"a.json".to_vec(),
            path: "a.json".into(),
            root: ".".into(),
            canonical: "a.json".into(),
        };
        Migrated {
            loaded: Loaded {
                member: SetMember::new(file, true),
                bytes: bytes.to_vec(),
            },
            migration,
            is_text: false,
        }
    }

    #[test]
    fn callers_are_told_with_their_place_and_whether_fix_rewrites_them() {
        let caller = |fix| Finding {
            rule: &CALLER,
            severity: Severity::Error,
            message: "asks".to_owned(),
            place: Place {
                source: 0,
                span: 2..3,
                path: String::new(),
            },
            related: Vec::new(),
            help: Vec::new(),
            fix,
        };
        let findings = vec![caller(Fix::Safe), caller(Fix::DisplayOnly)];
        let migration = Migration {
            findings,
            ..Migration::default()
        };
        let mut facts = RemovalFacts::default();
        add_facts(&mut facts, &[of(b"a\nb", migration)], |_| true);
        let told: Vec<String> = facts
            .callers
            .iter()
            .map(|told| format!("{}: {}", told.place, told.message))
            .collect();
        assert_eq!(
            told,
            ["a.json:2:1: asks (`fix` rewrites it)", "a.json:2:1: asks"]
        );
    }

    #[test]
    fn what_was_not_written_or_was_refused_is_not_removed() {
        let template = br#"{"contentVersion": "1", "resources": [
            {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
             "properties": {"publisher": "Microsoft.ManagedIdentity",
                            "type": "ManagedIdentityExtensionForLinux"}}]}"#;
        let migration = migrate(template, &Options::default());
        let removed = |migration: Migration, is_done: bool| {
            let mut facts = RemovalFacts::default();
            add_facts(&mut facts, &[of(template, migration)], |_| is_done);
            facts.removed.len()
        };
        assert_eq!(removed(migration.clone(), true), 1);
        assert_eq!(removed(migration.clone(), false), 0);
        let refused = Migration {
            fault: Some(Fault::new("why")),
            ..migration
        };
        assert_eq!(removed(refused, true), 0);
    }
}
