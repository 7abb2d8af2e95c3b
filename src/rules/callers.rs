//! What the rules for scripts, code and strings have in common: the setting that a text is in, and
//! what they say of it.
//!
//! Knows texts in whatever language, never how a template or a file is changed. Start at [`Setting`]
//! and [`Caller`].

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use crate::script::{Language, Part, language_of};
use crate::text::{Edit, Pattern};

use super::endpoint::Signs;
use super::{Finding, Fix, HoldCode, Place, Rule, Severity};

/// What the files beside a text say about where it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether one of them declares or installs the extension.
    pub extension: bool,
    /// Whether one of them speaks of Cloud Shell, which has an endpoint of its own at the same address.
    pub cloud_shell: bool,
    /// The ports that they give to the extension, besides its usual ones.
    pub ports: BTreeSet<u32>,
    /// The names of scripts, in lower case, that templates with the extension mention.
    pub scripts: BTreeSet<String>,
    /// The names of scripts, in lower case, with a caller that is not moved to IMDS by itself.
    pub stuck: BTreeSet<String>,
    /// The names of files, in lower case, that use `MSI_ENDPOINT` and do not only set it.
    pub readers: BTreeSet<String>,
}

/// The most findings of a rule that are looked for in a file that is no template.
pub(super) const MOST_FINDINGS: usize = 1_000;

/// The last name of a path, in lower case.
fn last_name(path: &[u8]) -> String {
    let path = String::from_utf8_lossy(path).to_lowercase();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

impl Surroundings {
    /// What a file called `name` says. Only what passes the filter of the rules is looked at.
    pub fn of_file(name: &[u8], text: &[u8]) -> Self {
        // What a document says is no sign about scripts.
        if language_of(name, b"").is_some_and(Language::is_document) {
            return Self::default();
        }
        let mut found = Self::default();
        for sign in SIGN.captures(text) {
            let is_extension = sign.name("extension").is_some();
            found.extension |= is_extension;
            found.cloud_shell |= !is_extension;
        }
        if found.extension {
            found.ports = ports_in(text).collect();
            found.scripts = scripts_in(text).collect();
        }
        if ENDPOINT_NAME.find(text).count() > ENDPOINT.find(text).count() {
            found.readers.insert(last_name(name));
        }
        found
    }

    /// Those of a script that a machine with the extension runs.
    pub fn of_script(name: &[u8]) -> Self {
        Self {
            extension: true,
            scripts: [last_name(name)].into(),
            ..Self::default()
        }
    }

    /// Adds what another file says.
    pub fn join(&mut self, other: &Self) {
        self.extension |= other.extension;
        self.cloud_shell |= other.cloud_shell;
        self.ports.extend(&other.ports);
        self.scripts.extend(other.scripts.iter().cloned());
        self.stuck.extend(other.stuck.iter().cloned());
        self.readers.extend(other.readers.iter().cloned());
    }

    /// Whether the file called `name` is certain to run on a machine that had the extension.
    fn prove(&self, name: &[u8]) -> bool {
        self.names(name) || (self.extension && !self.cloud_shell)
    }

    /// Whether a template with the extension names a script of the file's name.
    fn names(&self, name: &[u8]) -> bool {
        self.scripts.contains(&last_name(name))
    }

    /// Which of the scripts that a template names have a caller that is not moved.
    pub fn stuck_in(&self, template: &[u8]) -> Option<String> {
        if self.stuck.is_empty() {
            return None;
        }
        scripts_in(template).find(|script| self.stuck.contains(script))
    }
}

/// Whether what is found in a file called `name` depends on its [`Surroundings`]: it may ask something of
/// this machine, in a language other than JSON.
pub fn asks_for_surroundings(name: &[u8], text: &[u8]) -> bool {
    language_of(name, text).is_some() && LOCAL.is_in(text)
}

/// The ports that entries of the extension in a text give it.
fn ports_in(text: &[u8]) -> impl Iterator<Item = u32> {
    PORT.captures(text).filter_map(|found| {
        let (whole, port) = (found.get(0)?, found.get(1)?);
        // The publisher precedes the settings in the same object.
        let before = text.get(..whole.start())?;
        let start = before.iter().rposition(|byte| b"{}".contains(byte));
        let object = before.get(start.map_or(0, |at| at + 1)..)?;
        PUBLISHER.find(object).next()?;
        std::str::from_utf8(port.as_bytes()).ok()?.parse().ok()
    })
}

/// The names of scripts in a text, in lower case.
fn scripts_in(text: &[u8]) -> impl Iterator<Item = String> {
    let of_name =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte) || *byte >= 0x80;
    memchr::memchr_iter(b'.', text).filter_map(move |dot| {
        let (before, end) = text.split_at_checked(dot)?;
        let ending = SCRIPT_ENDINGS.iter().find(|ending| {
            let (word, behind) = end.split_at_checked(ending.len()).unwrap_or_default();
            let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
            word.eq_ignore_ascii_case(ending.as_bytes()) && !behind.first().is_some_and(goes_on)
        })?;
        let start = before
            .iter()
            .rposition(|byte| !of_name(byte))
            .map_or(0, |at| at + 1);
        let script = text.get(start..dot + ending.len())?;
        (start < dot).then(|| String::from_utf8_lossy(script).to_lowercase())
    })
}

/// Whether a text in this language may run on a machine as it is: what a Dockerfile or a Makefile runs, and most
/// that YAML says, runs elsewhere.
fn runs_on_a_machine(language: Language, text: &str) -> bool {
    match language {
        Language::Dockerfile | Language::Makefile => false,
        Language::Yaml => text.starts_with("#cloud-config"),
        _ => true,
    }
}

/// What a change of a string in a file does besides, by a word of the file.
fn consequence_in(language: Language, text: &str) -> Option<&'static str> {
    const CONSEQUENCES: [(Language, &str, &str); 5] = [
        (
            Language::Hcl,
            "custom_data",
            "Terraform replaces the machine if custom_data changes",
        ),
        (Language::Hcl, "_machine_extension", RUNS_AGAIN),
        (Language::Bicep, "customData", CUSTOM_DATA),
        (Language::Bicep, "/extensions", RUNS_AGAIN),
        (Language::Yaml, "#cloud-config", CUSTOM_DATA),
    ];
    let mut all = CONSEQUENCES.iter();
    let found = all.find(|(own, word, _)| *own == language && text.contains(word));
    found.map(|(_, _, consequence)| *consequence)
}

pub(super) const RUNS_AGAIN: &str = "a changed script extension runs again with the next \
                                     deployment, on every machine that has it";
pub(super) const CUSTOM_DATA: &str = "Azure refuses a changed customData on an existing machine \
                                      (PropertyChangeNotAllowed): only new machines can get it";

/// How the names of scripts end.
const SCRIPT_ENDINGS: [&str; 3] = [".sh", ".ps1", ".py"];

/// Signs of Cloud Shell.
const SHELL: &str = r"\bACC_(?:CLOUD|TERM)\b|cloud[ _-]?shell|shell\.azure\.com";

/// Signs of the extension and of Cloud Shell, in one search.
static SIGN: Pattern = Pattern::made(|| {
    format!(r"(?i-u)(?<extension>ManagedIdentityExtensionFor(?:Windows|Linux))|{SHELL}")
});
static CLOUD_SHELL: Pattern = Pattern::made(|| format!("(?i-u){SHELL}"));
/// Settings of a proxy that a request to IMDS would go through: this machine is mostly asked past it.
static PROXY: Pattern = Pattern::new(
    r#"(?i-u)(?:unset\s+(?:-v\s+)?|-u\s*)(?:http|all)_proxy|\$(?:http|all)_proxy\b|\$\{(?:http|all)_proxy(?::?[-+?](?u:[^}])*)?\}|(?<set>(?:\b|_)(?:http|all)_proxy\b|\}_proxy\b|DefaultWebProxy\s*=|DefaultProxy\s*=|ProxyHandler\(\s*(?:\{\s*["']|[a-z]))"#,
);
/// Exceptions that keep IMDS out of it.
static PAST_PROXIES: Pattern =
    Pattern::new(r#"(?i-u)no_proxy["']?\]?[\s=:,]+["']?(?:\*|(?u:[^\s"';])*169\.254\.169\.254)"#);
/// What gives a command another meaning in the whole text.
static CHANGES: [(Pattern, &str); 2] = [
    (
        Pattern::new(
            r#"(?im-u)(?:^|[;&|({\s"'`])(?:curl|wget|az)\s*\(\s*\)|\b(?:function|filter)(?:\s+|:\\?)(?:(?:global|script|local|private):)?(?:curl|wget|az|iwr|irm|Invoke-WebRequest|Invoke-RestMethod)\b|\balias:\\?(?:curl|wget|az|iwr|irm)\b|\balias\s+(?:-(?u:\S)+\s+)*["']?(?:curl|wget|az)=|\b[sn]e[tw]-alias\b(?u:[^\n])*\b(?:curl|wget|az|iwr|irm|Invoke-WebRequest|Invoke-RestMethod)\b"#,
        ),
        "a function or an alias of the same name may change the command",
    ),
    (
        Pattern::new(
            r"(?i-u)[._]curlrc\b|[._]wgetrc\b|\bCURL_HOME\b|\bWGETRC\b|PSDefaultParameterValues",
        ),
        "a setting in the same file changes the command",
    ),
];
static APP_SERVICE: Pattern = Pattern::new(r"MSI_SECRET|IDENTITY_HEADER|IDENTITY_ENDPOINT");
/// A setting of it.
pub(super) static ENDPOINT: Pattern = Pattern::new(
    r#"(?i-u)\b(?:ARM_)?MSI_ENDPOINT\b["']?\s*(?:[:=,]\s*|\s)["']?https?://(?u:[^\s"'<>;,)}])*"#,
);
static ENDPOINT_NAME: Pattern = Pattern::new("(?i-u)(?:arm_)?msi_endpoint");
/// An address of this machine, or a login by the extension.
static LOCAL: Pattern = Pattern::new(r"(?i-u)localhost|127\.0\.0\.1|::1|--msi");
/// What texts that the rules find something in hold, with slashes as JSON may escape them.
pub(super) static SAID: Pattern = Pattern::new(
    r"(?i-u)localhost|127\.0\.0\.1|::1\]|oauth2|5034[23]|b2F1dGgyL3Rva2Vu|9hdXRoMi90b2tlb|vYXV0aDIvdG9rZW|--msi|identity-port|msi_?endpoint|msi_?port|msiauth|log\\?/azure\\?/|\baz\b|AzVM|AzureRmVM|DefineNewExtension",
);
static PUBLISHER: Pattern = Pattern::new(r#"(?i-u)"Microsoft\.ManagedIdentity""#);
static PORT: Pattern = Pattern::new(r#"(?i-u)"settings"\s*:\s*\{\s*"port"\s*:\s*"?([0-9]{2,5})"#);

/// Where a text is and runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Setting {
    /// What is known about the endpoint.
    pub(super) signs: Signs,
    /// Whether the endpoint is, or may be, Cloud Shell's or that of a container.
    pub(super) other_host: bool,
    /// Whether it is a setting of App Service.
    pub(super) app_service: bool,
    /// Whether it is documentation.
    pub(super) document: bool,
    /// What a change of the text does besides, which makes each fix unsafe.
    pub(super) consequence: Option<&'static str>,
    /// The machine that it runs on.
    pub(super) machine: Option<String>,
    /// Whether a change of it may do more than the file shows.
    pub(super) bound: bool,
    /// Whether cmd of Windows reads the strings in it.
    pub(super) windows: bool,
    /// Whether a machine that loses the extension runs it, so that it moves with the removal.
    pub(super) own: bool,
    /// Whether a change of it fails on a machine that is there.
    pub(super) frozen: bool,
    /// Whether a proxy is set for requests to other hosts.
    pub(super) proxied: bool,
    /// Why no command of the text is certain to do what it does elsewhere.
    pub(super) hold: Option<&'static str>,
    /// How often the text names `MSI_ENDPOINT` and, of these, `ARM_MSI_ENDPOINT`.
    pub(super) endpoint_names: [usize; 2],
    /// Whether another file uses `MSI_ENDPOINT`.
    pub(super) read_elsewhere: bool,
}

impl Setting {
    /// The setting of a file.
    pub(super) fn of_file(
        name: &[u8],
        text: &str,
        language: Language,
        surroundings: &Surroundings,
    ) -> Self {
        let mut setting = Self {
            signs: Signs::new(
                surroundings.ports.iter().copied(),
                surroundings.prove(name) && runs_on_a_machine(language, text),
            ),
            own: surroundings.names(name) && runs_on_a_machine(language, text),
            document: language.is_document(),
            consequence: consequence_in(language, text),
            bound: matches!(language, Language::Hcl | Language::Bicep | Language::Yaml),
            windows: matches!(language, Language::Hcl | Language::Bicep)
                && text.contains("CustomScriptExtension"),
            ..Self::default()
        };
        setting.look_for_signs(text);
        let own = last_name(name);
        setting.read_elsewhere = surroundings.readers.iter().any(|reader| *reader != own);
        // Wherever it was written, the machine of that template runs it.
        setting.other_host &= !surroundings.names(name);
        setting
    }

    /// Notes signs of other hosts in a text.
    pub(super) fn look_for_signs(&mut self, text: &str) {
        self.other_host |= CLOUD_SHELL.is_in(text);
        let mut proxies = PROXY.captures(text.as_bytes());
        let is_set = proxies.any(|proxy| proxy.name("set").is_some());
        self.proxied |= is_set && !PAST_PROXIES.is_in(text);
        let hold = CHANGES.iter().find(|(pattern, _)| pattern.is_in(text));
        self.hold = self.hold.or(hold.map(|(_, reason)| *reason));
        self.signs.look_for(text);
        self.endpoint_names = [0; 2];
        let [all, long] = &mut self.endpoint_names;
        for name in ENDPOINT_NAME.find(text) {
            *all += 1;
            *long += usize::from(name.len() > "msi_endpoint".len());
        }
    }

    /// The severity of a caller: in documentation, and in what Cloud Shell runs, nothing breaks.
    pub(super) fn severity(&self, severity: Severity) -> Severity {
        if self.document || self.other_host {
            Severity::Note
        } else {
            severity
        }
    }

    /// Why a caller at `span` of a part may belong to another host, which has an endpoint of its own.
    pub(super) fn other_host_at(
        &self,
        part: &Part<'_>,
        span: &Range<usize>,
    ) -> Option<&'static str> {
        let text = part.text();
        let around = part
            .reading
            .command_at(span.start)
            .map(|command| command.span.clone());
        let line = || {
            let before = text.get(..span.start).unwrap_or_default();
            let behind = text.get(span.end..).unwrap_or_default();
            let start = before.rfind('\n').map_or(0, |at| at + 1);
            start..behind.find('\n').map_or(text.len(), |at| span.end + at)
        };
        let around = text.get(around.unwrap_or_else(line)).unwrap_or_default();
        let uses = || APP_SERVICE.is_in(around);
        if self.other_host {
            Some("the file mentions Cloud Shell, so it may run there")
        } else if self.app_service || uses() {
            Some("the file uses App Service's variables too, so it may run there")
        } else {
            None
        }
    }

    /// A fix that does this, which is safe in itself if `safe`.
    pub(super) fn fix(&self, safe: bool, action: impl Into<Cow<'static, str>>) -> Fix {
        let is_safe =
            self.own || (safe && self.signs.proven && !self.bound && self.consequence.is_none());
        if is_safe && !self.frozen {
            Fix::Safe(action.into())
        } else {
            Fix::Unsafe(action.into())
        }
    }
}

/// What a pattern finds in what a text says: not in its comments, nor in texts inside it.
pub(super) fn said(
    part: &Part<'_>,
    pattern: &'static Pattern,
) -> impl Iterator<Item = Range<usize>> {
    let found = pattern.find(part.text());
    found.filter(|found| part.says(found.start))
}

/// A finding in a text, with the edits of the outermost text that fix it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What is reported; its place is in the outermost text.
    pub finding: Finding,
    /// What fixes it, as far as its `fix` says so.
    pub edits: Vec<Edit>,
}

impl Caller {
    /// A finding about `span` of a part that is left to a person.
    pub(super) fn new(
        part: &Part<'_>,
        setting: &Setting,
        rule: &'static Rule,
        span: Range<usize>,
        message: impl Into<String>,
        help: Vec<String>,
    ) -> Self {
        Self {
            finding: Finding::new(
                rule,
                Place::in_text(part.levels.outermost_range(span)),
                message,
            )
            .with_severity(setting.severity(rule.severity))
            .with_help(help),
            edits: Vec::new(),
        }
    }

    /// A finding that nothing fixes.
    pub(super) fn of_finding(finding: Finding) -> Self {
        Self {
            finding,
            edits: Vec::new(),
        }
    }

    /// Lets `edits` of a part fix it; where one of them cannot be written, it is left.
    pub(super) fn fix_by(&mut self, part: &Part<'_>, fix: Fix, edits: &[Vec<Edit>]) {
        let written: Option<Vec<Edit>> = edits
            .iter()
            .map(|ways| {
                ways.iter()
                    .find_map(|edit| part.levels.outermost_edit(edit))
            })
            .collect();
        match written {
            Some(mut written) => {
                written.sort();
                let apart = written.windows(2).all(|pair| {
                    let [one, other] = pair else { return true };
                    one.range().end <= other.range().start
                });
                if apart {
                    self.finding.fix = fix;
                    self.edits = written;
                    return;
                }
                self.hold("two changes would overlap");
            }
            None => self.hold("the new text cannot be written in these quotes"),
        }
    }

    /// Leaves it to a person, since the command is not understood as a whole for this reason.
    pub(super) fn hold(&mut self, reason: impl Into<String>) {
        self.hold_by(HoldCode::Command, reason);
    }

    /// Leaves it to a person for this reason.
    pub(crate) fn hold_by(&mut self, code: HoldCode, reason: impl Into<String>) {
        self.finding.fix = Fix::Held(code.because(reason));
        self.edits.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_template_names_is_known_by_its_last_name_and_signs_by_whole_words() {
        let text = r#"{"publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux",
            "settings": {"port": 50399}, "a": "sh ./Setup-1.SH && x.shell", "b": "[uri(base, 'é/tökén.py')]",
            "c": ".sh", "d": "MYACC_CLOUD"}"#;
        let found = Surroundings::of_file(b"a.json", text.as_bytes());
        assert!(found.extension && !found.cloud_shell);
        let scripts: Vec<&str> = found.scripts.iter().map(String::as_str).collect();
        assert_eq!(scripts, ["setup-1.sh", "tökén.py"]);
        let shell = Surroundings::of_file(b"a.sh", b"if [ -n \"$ACC_CLOUD\" ]; then");
        assert!(shell.cloud_shell);
    }
}
