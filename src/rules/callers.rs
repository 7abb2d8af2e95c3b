//! What the rules for scripts, code and strings have in common: the setting that a text is in, and
//! what they say of it.
//!
//! Knows texts in whatever language, never how a template or a file is changed. Start at [`Setting`]
//! and [`Caller`].

use std::borrow::Cow;
use std::ops::Range;

use crate::script::{Language, Part};
use crate::text::{Edit, Pattern};

use super::endpoint::Signs;
use super::surroundings::{ENDPOINT_NAME, SHELL, Surroundings, last_name};
use super::{Finding, Fix, HoldCode, Place, Rule, Severity};

/// The most findings of a rule that are looked for in a file that is no template.
pub(super) const MOST_FINDINGS: usize = 1_000;

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
/// What texts that the rules find something in hold, with slashes as JSON may escape them.
pub(super) static SAID: Pattern = Pattern::new(
    r"(?i-u)localhost|127\.0\.0\.1|::1\]|oauth2|5034[23]|b2F1dGgyL3Rva2Vu|9hdXRoMi90b2tlb|vYXV0aDIvdG9rZW|--msi|identity-port|msi_?endpoint|msi_?port|msiauth|log\\?/azure\\?/|\baz\b|AzVM|AzureRmVM|DefineNewExtension",
);
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
