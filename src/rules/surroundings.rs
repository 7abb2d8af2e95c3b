//! What the files beside a text say about where it runs: whether its machine had the extension, on which ports, and
//! which scripts templates name.
//!
//! Knows files by their words, before any of them is read in its language. Start at [`Surroundings`].

use std::collections::BTreeSet;

use crate::script::{Language, language_of};
use crate::text::Pattern;

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

/// The last name of a path, in lower case.
pub(super) fn last_name(path: &[u8]) -> String {
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
    pub(super) fn prove(&self, name: &[u8]) -> bool {
        self.names(name) || (self.extension && !self.cloud_shell)
    }

    /// Whether a template with the extension names a script of the file's name.
    pub(super) fn names(&self, name: &[u8]) -> bool {
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

/// How the names of scripts end.
const SCRIPT_ENDINGS: [&str; 3] = [".sh", ".ps1", ".py"];

/// Signs of Cloud Shell.
pub(super) const SHELL: &str = r"\bACC_(?:CLOUD|TERM)\b|cloud[ _-]?shell|shell\.azure\.com";

/// Signs of the extension and of Cloud Shell, in one search.
static SIGN: Pattern = Pattern::made(|| {
    format!(r"(?i-u)(?<extension>ManagedIdentityExtensionFor(?:Windows|Linux))|{SHELL}")
});
/// A setting of the endpoint.
pub(super) static ENDPOINT: Pattern = Pattern::new(
    r#"(?i-u)\b(?:ARM_)?MSI_ENDPOINT\b["']?\s*(?:[:=,]\s*|\s)["']?https?://(?u:[^\s"'<>;,)}])*"#,
);
/// Its name.
pub(super) static ENDPOINT_NAME: Pattern = Pattern::new("(?i-u)(?:arm_)?msi_endpoint");
/// An address of this machine, or a login by the extension.
static LOCAL: Pattern = Pattern::new(r"(?i-u)localhost|127\.0\.0\.1|::1|--msi");
static PUBLISHER: Pattern = Pattern::new(r#"(?i-u)"Microsoft\.ManagedIdentity""#);
static PORT: Pattern = Pattern::new(r#"(?i-u)"settings"\s*:\s*\{\s*"port"\s*:\s*"?([0-9]{2,5})"#);

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
