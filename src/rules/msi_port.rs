//! `msi-port`: settings that send tools and SDKs to the extension's port.
//!
//! The page beside this file says what is decided how.

use std::cell::LazyCell;
use std::ops::Range;

use crate::script::{Command, Doubt, HOLE, Language, Part};
use crate::text::{Edit, Pattern};

use super::callers::{Caller, MOST_FINDINGS, Setting, said};
use super::endpoint::addresses_in;
use super::surroundings::ENDPOINT;
use super::{About, Change, HoldCode, Remedy, Rule, Severity, template_strings};

pub(super) static RULE: Rule = Rule {
    id: "msi-port",
    finds: "`az login --msi`, `--msi-port`, `MSI_ENDPOINT` and `msi_endpoint` with the old address, \
            and SDK settings of the port",
    fixes: "`az login --identity`; a setting alone on its line is removed; all else is reported",
    severity: Severity::Error,
    // Beginnings, as short as no other word begins.
    needles: &[
        "--msi",
        "identity-port",
        "msi_end",
        "50342",
        "msiport",
        "msiauth",
        "managedservicep",
        "--identity",
        "fs.adl.oauth2.msi",
    ],
    remedy: Remedy::Either,
    page: include_str!("msi_port.md"),
    about: About::Caller,
    changes: &[Change::RewriteCaller],
    detect: Some(|context| template_strings::callers(context, &RULE)),
    in_text: Some(find),
    ..Rule::DEFAULT
};

/// Options of `az login` that do not bear on the identity, and whether they take a value.
const OTHERS: [(&str, bool); 8] = [
    ("--allow-no-subscriptions", false),
    ("-o", true),
    ("--output", true),
    ("--query", true),
    ("--only-show-errors", false),
    ("--verbose", false),
    ("--debug", false),
    ("--identity", false),
];

/// The settings in a text.
pub(super) fn find(part: &Part<'_>, setting: &Setting) -> Vec<Caller> {
    let mut found: Vec<Caller> = part
        .reading
        .commands
        .iter()
        .filter_map(|command| login(part, setting, command))
        .take(MOST_FINDINGS + 1)
        .collect();
    found.extend(endpoints(part, setting));
    found.extend(ports(part, setting));
    found
}

/// Whether a text gives the extension's port to a variable.
fn assigns_port(text: &str) -> bool {
    static ASSIGNED: Pattern = Pattern::new(r#"(?-u:\b)[A-Za-z_]\w*\s*=\s*["']?5034[23](?-u:\b)"#);
    ASSIGNED.is_in(text)
}

/// A login by the extension, or with an option that names its identity no more.
fn login(part: &Part<'_>, setting: &Setting, command: &Command) -> Option<Caller> {
    let command = command.unwrapped();
    let is_login = command.name()? == "az" && command.words.get(1)?.text() == "login";
    let span = command.words.first()?.span.start..command.words.last()?.span.end;
    if !is_login || !part.says(span.start) {
        return None;
    }
    let mut edits: Vec<Vec<Edit>> = Vec::new();
    let mut old = false;
    let mut named = false;
    let mut identity = command.words.iter().any(|word| word.text() == "--identity");
    let doubt = command
        .doubt
        .or_else(|| part.reading.doubt_up_to(command.span.end));
    let doubt = doubt.or(part.doubt);
    let mut obstacle: Option<&str> = doubt.map(Doubt::reason);
    let mut words = command.words.iter().skip(2);
    let mut end = command.words.get(1)?.span.end;
    while let Some(word) = words.next() {
        let text = word.text();
        let name = text.split('=').next().unwrap_or_default();
        match name {
            "--msi" => {
                old = true;
                let edit = if identity {
                    Edit::deletion(end..word.span.end)
                } else {
                    Edit::replacement(word.span.clone(), "--identity")
                };
                identity = true;
                edits.push(vec![edit]);
            }
            "--msi-port" | "--identity-port" => {
                old = true;
                let mut last = word.span.end;
                if !text.contains('=') {
                    last = words.next()?.span.end;
                }
                edits.push(vec![Edit::deletion(end..last)]);
                end = last;
                continue;
            }
            "-u" | "--username" => {
                let user = words.next()?;
                let text = user.text();
                let by_variable = text.ends_with(['@', HOLE]) && text.contains('@');
                old |= text.ends_with("@50342") || text.ends_with("@50343");
                old |= by_variable && assigns_port(part.text());
                named = true;
                // Only a resource id cannot be one of the other kinds.
                match user
                    .literal()
                    .filter(|id| id.starts_with("/subscriptions/"))
                {
                    Some(_) => {
                        edits.push(vec![Edit::replacement(word.span.clone(), "--resource-id")])
                    }
                    None => {
                        obstacle = Some(
                            "the kind of the name decides the option (--client-id, --object-id or --resource-id), and the file does not show it",
                        );
                    }
                }
                end = user.span.end;
                continue;
            }
            _ => match OTHERS.iter().find(|(option, _)| *option == name) {
                Some((_, true)) if !text.contains('=') => {
                    words.next();
                }
                Some(_) => {}
                None => obstacle = Some("one of its options is unknown"),
            },
        }
        end = word.span.end;
    }
    let message = if old {
        "`az login --msi` no longer exists: use `az login --identity`"
    } else if named && identity {
        "the CLI refuses --username beside --identity since version 2.73"
    } else {
        return None;
    };
    let help = vec![
        "use: az login --identity".to_owned(),
        "for a user-assigned identity: az login --identity --client-id ID (or --object-id, --resource-id; \
         before version 2.69: --username ID)"
            .to_owned(),
    ];
    let span_start = span.start;
    let mut caller = new(part, setting, span, message, help);
    if !identity {
        obstacle = obstacle.or(Some(
            "the command has no option that logs in with an identity",
        ));
    }
    if let Some(reason) = setting.other_host_at(part, &(span_start..span_start)) {
        caller.hold_by(HoldCode::OtherHost, reason);
        return Some(caller);
    }
    match obstacle {
        Some(reason) => caller.hold(reason),
        None => caller.fix_by(
            part,
            setting.fix(true, "logs in by `az login --identity`"),
            &edits,
        ),
    }
    Some(caller)
}

fn new(
    part: &Part<'_>,
    setting: &Setting,
    span: Range<usize>,
    message: &str,
    mut help: Vec<String>,
) -> Caller {
    help.extend(setting.consequence.map(str::to_owned));
    let on = setting.machine.as_deref();
    let on = on.map_or(String::new(), |machine| format!(" (machine {machine})"));
    Caller::new(part, setting, &RULE, span, format!("{message}{on}"), help)
}

/// Where a variable or an attribute is given the old address. These places are findings of this rule, and all
/// other addresses those of `token-endpoint`, whatever words are beside them.
pub(super) fn settings(part: &Part<'_>, setting: &Setting) -> impl Iterator<Item = Range<usize>> {
    said(part, &ENDPOINT).filter(|found| {
        let said = part.text().get(found.clone()).unwrap_or_default();
        !addresses_in(said, &setting.signs).is_empty()
    })
}

/// Variables and attributes that are given the old address.
fn endpoints(part: &Part<'_>, setting: &Setting) -> Vec<Caller> {
    // Who sets App Service's other variable too plays App Service.
    let other_host = LazyCell::new(|| setting.other_host_at(part, &(0..part.text().len())));
    let found = settings(part, setting).map(|found| {
        let help = vec!["remove the setting: IMDS needs none".to_owned()];
        let message = "this setting sends token requests to the extension's port, which nothing serves once the extension is gone";
        let mut caller = new(part, setting, found.clone(), message, help);
        if let Some(reason) = setting.other_host_at(part, &found).or(*other_host) {
            caller.hold_by(HoldCode::OtherHost, reason);
            return caller;
        }
        let written = part.text().get(found.clone()).unwrap_or_default();
        let name = written.split(['"', '\'', ' ', '=', ':', ',', '\t']).next().unwrap_or_default();
        let is_long = name.len() > "msi_endpoint".len();
        let is_alone = setting.endpoint_names.get(usize::from(is_long)) == Some(&1);
        if setting.read_elsewhere {
            caller.hold("another file uses the variable");
            return caller;
        }
        match lonely_line(part, found, is_alone) {
            Ok(line) => {
                // What a file says itself, and no string in it, is no script of a machine.
                let own = Setting {
                    consequence: setting.consequence.filter(|_| !part.around.is_empty()),
                    bound: setting.bound && !part.around.is_empty(),
                    ..setting.clone()
                };
                let fix = own.fix(true, "removes the setting");
                caller.fix_by(part, fix, &[vec![Edit::deletion(line)]]);
            }
            Err(reason) => caller.hold(reason),
        }
        caller
    });
    found.take(MOST_FINDINGS + 1).collect()
}

/// The line of a setting, with its end, if nothing else is on it and nothing else says its name.
fn lonely_line(
    part: &Part<'_>,
    range: Range<usize>,
    is_alone: bool,
) -> Result<Range<usize>, &'static str> {
    let text = part.text();
    if !is_alone {
        return Err("the variable is used elsewhere in the file");
    }
    let start = text
        .get(..range.start)
        .unwrap_or_default()
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let rest = text.get(range.end..).unwrap_or_default();
    let end = rest.find('\n').map(|at| range.end + at + 1);
    let before = text.get(start..range.start).unwrap_or_default().trim();
    let behind = text
        .get(range.end..end.unwrap_or(text.len()))
        .unwrap_or_default()
        .trim();
    let sources = part
        .reading
        .holds
        .iter()
        .any(|(_, doubt)| *doubt == Doubt::Sourced);
    if sources || part.doubt.is_some() {
        return Err("other readers of the variable are unknown");
    }
    let alone = match part.language {
        Language::Shell => matches!(before, "" | "export") && matches!(behind, "" | "\"" | "'"),
        Language::PowerShell => {
            before.eq_ignore_ascii_case("$env:") && matches!(behind, "" | "\"" | "'")
        }
        Language::Hcl => before.is_empty() && behind == "\"",
        _ => return Err("the line may hold something else too"),
    };
    let body = match part.language {
        // A body without a command is none.
        Language::Shell | Language::PowerShell => text.get(..start).unwrap_or_default().trim_end(),
        _ => "",
    };
    let opens = ["then", "do", "else", "{", "\\", "`"]
        .iter()
        .any(|word| body.ends_with(word));
    match end.filter(|_| alone && !opens) {
        Some(end) => Ok(start..end),
        None => Err("the line holds something else too"),
    }
}

static PORTS: Pattern = Pattern::new(
    r#"(?i-u)\b(?:MSIAuthentication|MSICredentials)\s*\(\s*port\s*[=:]\s*[a-z0-9_]+|<msiPort>\s*[0-9]+\s*</msiPort>|-ManagedServicePort[\s:]+(?u:[^\s;|)])+|\bloginWith(?:Vm)?MSI\s*\(\s*\{[\x00-(*-|~]{0,200}?\bport\s*:\s*[a-z0-9_]+|\bMSILoginInformation\b[\x00-:<-~]{0,200}?\bPort\s*=\s*[a-z0-9_]+|\bMSITokenProvider(?:\.new)?\s*\(\s*5034[23]|fs\.adl\.oauth2\.msi\.port["']?[\s>=:,"'</a-z]{1,40}?[0-9]{2,5}|\b(?:with)?msi_?port\b["']?\s*[:=(]\s*["']?(?:50342|50343)\b"#,
);

/// What to do about a setting that has this word in it.
const ADVICE: &[(&str, &str)] = &[
    (
        "<msiport>",
        "use com.microsoft.azure.util.AzureImdsCredentials, which has no port",
    ),
    (
        "managedserviceport",
        "remove -ManagedServicePort: Connect-AzAccount -Identity requests tokens from IMDS",
    ),
    (
        "msiauthentication",
        "remove the port, or use ManagedIdentityCredential of azure-identity, which requests tokens from IMDS",
    ),
    (
        "fs.adl",
        "remove the port: without it the driver requests tokens from IMDS",
    ),
];
const PORT_OUT: &str = "remove the port, or use the ManagedIdentityCredential of the language's Azure Identity library, which requests tokens from IMDS";

/// Settings of SDKs and plugins.
fn ports(part: &Part<'_>, setting: &Setting) -> Vec<Caller> {
    // There it is a parameter of a deployment: the port that the template gives the extension.
    let deploys = matches!(part.language, Language::Hcl | Language::Bicep);
    let found = said(part, &PORTS).filter(|found| !deploys && !passes(part, found));
    let found = found.map(|found| {
        let written = part
            .text()
            .get(found.clone())
            .unwrap_or_default()
            .to_ascii_lowercase();
        let advice = ADVICE.iter().find(|(word, _)| written.contains(word));
        let advice = advice.map_or(PORT_OUT, |(_, advice)| advice);
        let help = vec![advice.to_owned()];
        new(
            part,
            setting,
            found,
            "requests a token from the extension's port, which nothing serves once the extension is \
             gone",
            help,
        )
    });
    found.collect()
}

/// Whether a setting is a parameter that a command passes to a deployment.
fn passes(part: &Part<'_>, found: &Range<usize>) -> bool {
    let before = part.text().get(..found.start).unwrap_or_default();
    let line = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let command = part.reading.command_at(found.start);
    let is_deployment = command.is_some_and(|command| {
        let mut words = command.words.iter();
        words.any(|word| word.text().to_ascii_lowercase().contains("deployment"))
    });
    is_deployment
        || ["deployment", "--parameters", " -p ", "templateparameter"]
            .iter()
            .any(|word| line.contains(word))
}
