//! In which language a text is written, as its name, its first line or what reads it shows.
//!
//! Start at [`language_of`] and [`guessed`].

use super::http::is_request;

/// A language, or several that are read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// A POSIX shell or bash.
    Shell,
    /// PowerShell.
    PowerShell,
    /// cmd of Windows.
    Cmd,
    /// Python.
    Python,
    /// C# and F#.
    CSharp,
    /// Go.
    Go,
    /// Java and Kotlin.
    Java,
    /// JavaScript and TypeScript.
    JavaScript,
    /// Terraform and other HCL.
    Hcl,
    /// Bicep.
    Bicep,
    /// JSON inside another text.
    Json,
    /// YAML, cloud-init's too.
    Yaml,
    /// Markdown.
    Markdown,
    /// XML.
    Xml,
    /// A Dockerfile.
    Dockerfile,
    /// HTTP requests.
    Http,
    /// A Makefile.
    Makefile,
    /// A text template, whatever it makes.
    TextTemplate,
    /// Jsonnet.
    Jsonnet,
    /// A document for people, other than Markdown.
    Document,
    /// None that is known.
    Plain,
}

impl Language {
    /// What a message calls a text in it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hcl => "Terraform",
            Self::Bicep => "Bicep",
            Self::Yaml => "YAML",
            Self::Markdown | Self::Document => "a document",
            Self::TextTemplate => "a text template",
            Self::Jsonnet => "Jsonnet",
            Self::Json => "JSON",
            Self::Xml => "XML",
            Self::Dockerfile => "a Dockerfile",
            Self::Http => "an HTTP request",
            Self::Makefile => "a Makefile",
            Self::Plain => "a text",
            _ => "code",
        }
    }

    /// Whether people read it, and nothing runs it.
    pub fn is_document(self) -> bool {
        matches!(self, Self::Markdown | Self::Document)
    }

    /// How a line starts that is a comment, in a language that has no reader.
    pub fn comment_marks(self) -> &'static [&'static str] {
        match self {
            Self::TextTemplate => &["#", "//", "{{/*", "{{-/*", "{#"],
            Self::Plain | Self::Jsonnet => &[
                "#", "//", ";", "-- ", "/*", "* ", "<!--", "rem ", "@rem ", "::",
            ],
            _ => &[],
        }
    }
}

/// Languages, each with the names that it has in some place, separated by blanks.
pub(super) type LanguageNames = &'static [(Language, &'static str)];

/// How the names of files end.
const ENDINGS: LanguageNames = &[
    (Language::Shell, ".sh .bash .ksh .zsh"),
    (Language::PowerShell, ".ps1 .psm1 .psd1"),
    (Language::Cmd, ".cmd .bat"),
    (Language::Python, ".py"),
    (Language::CSharp, ".cs .csx .fs"),
    (Language::Go, ".go"),
    (Language::Java, ".java .kt .groovy .kts .gradle"),
    (Language::JavaScript, ".js .mjs .cjs .jsx .ts .tsx"),
    (Language::Hcl, ".tf .tfvars .hcl"),
    (Language::Bicep, ".bicep .bicepparam"),
    (Language::Yaml, ".yaml .yml"),
    (Language::Markdown, ".md .markdown .mdx"),
    (Language::Xml, ".xml .config"),
    (Language::Dockerfile, ".dockerfile"),
    (Language::Http, ".http .rest"),
    (Language::Makefile, ".mk"),
    (
        Language::Document,
        ".rst .adoc .asciidoc .html .htm .txt .log",
    ),
    (
        Language::TextTemplate,
        ".t .tmpl .gotmpl .tpl .tftpl .j2 .jinja .jinja2 .erb .epp .ejs .hbs .mustache .liquid",
    ),
    (Language::Jsonnet, ".jsonnet .libsonnet"),
];

/// Whole names of files.
const FILES: LanguageNames = &[
    (Language::Dockerfile, "dockerfile"),
    (Language::Makefile, "makefile gnumakefile"),
    (Language::Java, "jenkinsfile"),
    (Language::Shell, ".bashrc .profile .env"),
];

/// What reads a script that it is given.
const INTERPRETERS: LanguageNames = &[
    (Language::Shell, "bash sh dash ksh zsh ssh su"),
    (Language::PowerShell, "pwsh powershell"),
    (Language::Cmd, "cmd"),
    (Language::Python, "python python2 python3"),
    (Language::JavaScript, "node"),
];

/// How fences of Markdown call languages, apart from the endings of files.
const FENCES: LanguageNames = &[
    (
        Language::Shell,
        "shell console azurecli azurecli-interactive curl",
    ),
    (
        Language::PowerShell,
        "powershell azurepowershell azurepowershell-interactive posh pwsh",
    ),
    (Language::Python, "python"),
    (Language::CSharp, "csharp c#"),
    (Language::Go, "golang"),
    (Language::JavaScript, "javascript typescript"),
    (Language::Hcl, "terraform"),
    (Language::Json, "json"),
    (Language::Dockerfile, "docker"),
];

/// The language of the first name that fits.
pub(super) fn named(names: LanguageNames, fits: impl Fn(&str) -> bool) -> Option<Language> {
    let mut languages = names.iter();
    let found = languages.find(|(_, names)| names.split(' ').any(&fits));
    found.map(|(language, _)| *language)
}

/// The language of a file, by its name or by the `#!` of its first line.
pub fn language_of(name: &[u8], text: &[u8]) -> Option<Language> {
    let name = name.to_ascii_lowercase();
    let last = name.rsplit(|byte| *byte == b'/' || *byte == b'\\').next()?;
    let whole = named(FILES, |whole| last == whole.as_bytes());
    let by_name = whole.or_else(|| named(ENDINGS, |end| last.ends_with(end.as_bytes())));
    let line = text.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line)
        .ok()
        .filter(|line| starts_with_shebang(line));
    match (by_name, line) {
        // What starts a script decides, whatever its name says.
        (Some(Language::Shell), Some(line)) => Some(shebang(line).unwrap_or(Language::Plain)),
        (Some(_), _) => by_name,
        (None, line) => shebang(line?),
    }
}

fn starts_with_shebang(line: &str) -> bool {
    line.trim_start_matches('\u{feff}').starts_with("#!")
}

/// The language of what a `#!` names.
fn shebang(line: &str) -> Option<Language> {
    let rest = line.trim_start_matches('\u{feff}').strip_prefix("#!")?;
    let mut words = rest
        .split(['/', ' ', '\t', '\r'])
        .filter(|word| !word.is_empty());
    words.find_map(interpreter)
}

/// What a program at a path is called, without its folder and ending.
pub(super) fn program_name(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    name.strip_suffix(".exe").unwrap_or(name)
}

/// The language of the scripts that the program at a path reads.
pub(super) fn interpreter(path: &str) -> Option<Language> {
    let name = program_name(path);
    named(INTERPRETERS, |known| known.eq_ignore_ascii_case(name))
}

/// The language that a fence of Markdown is marked with.
pub(super) fn of_fence(mark: &str) -> Option<Language> {
    let mark = mark.to_ascii_lowercase();
    let ending = || named(ENDINGS, |end| end.get(1..) == Some(&*mark));
    named(FENCES, |name| name == mark).or_else(ending)
}

/// Words that only commands of PowerShell start with or hold.
const POWERSHELL_WORDS: [&str; 14] = [
    "invoke-webrequest",
    "invoke-restmethod",
    "-azvm",
    "-azurermvm",
    "vmssextension",
    "vmextension",
    "connect-azaccount",
    "add-azurermaccount",
    "convertfrom-json",
    "write-host",
    "$env:",
    "out-file",
    "-usebasicparsing",
    "iwr ",
];

/// Programs that commands of a shell start with.
const SHELL_WORDS: [&str; 22] = [
    "curl",
    "wget",
    "az",
    "sudo",
    "export",
    "bash",
    "sh",
    "python",
    "python3",
    "echo",
    "set",
    "apt-get",
    "yum",
    "cd",
    "if",
    "for",
    "while",
    "pwsh",
    "powershell",
    "powershell.exe",
    "msi_endpoint",
    "cloud-init",
];

/// The language of a text of which only the words are known, if they show it.
pub fn guessed(text: &str) -> Option<Language> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if starts_with_shebang(start) {
        return Some(shebang(start.lines().next()?).unwrap_or(Language::Plain));
    }
    if is_request(start) {
        return Some(Language::Http);
    }
    if start.starts_with("#cloud-config") {
        return Some(Language::Yaml);
    }
    if start.starts_with('{') && start.contains('"') && start.contains(':') {
        return Some(Language::Json);
    }
    if start.starts_with('<') && start.contains('>') {
        return Some(Language::Xml);
    }
    let first = start
        .split(|c: char| c.is_whitespace() || c == '=')
        .next()?;
    let program = first
        .rsplit(['/', '\\', '(', '$'])
        .next()?
        .to_ascii_lowercase();
    let is_command = start.contains(char::is_whitespace) || start.contains('=');
    if is_command && SHELL_WORDS.contains(&&*program) {
        return Some(Language::Shell);
    }
    let lower = start.to_ascii_lowercase();
    if POWERSHELL_WORDS.iter().any(|word| lower.contains(word)) {
        return Some(Language::PowerShell);
    }
    let says = |word: &str| lower.contains(word);
    (says("curl ") || says("wget ") || says("az login") || says("az vm")).then_some(Language::Shell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_first_lines_show_the_language() {
        for (name, text, language) in [
            ("a/B.SH", "", Some(Language::Shell)),
            ("vm.ps1", "", Some(Language::PowerShell)),
            ("run", "#!/usr/bin/env python3\n", Some(Language::Python)),
            ("run", "#!/bin/bash -e\n", Some(Language::Shell)),
            ("run", "curl x", None),
            ("a/Dockerfile", "", Some(Language::Dockerfile)),
            ("azuredeploy.json", "#!/bin/sh", Some(Language::Shell)),
            ("azuredeploy.json", "{", None),
        ] {
            let language_found = language_of(name.as_bytes(), text.as_bytes());
            assert_eq!(language_found, language, "{name} {text}");
        }
    }

    #[test]
    fn words_show_the_language() {
        for (text, language) in [
            ("curl http://x", Some(Language::Shell)),
            ("Invoke-WebRequest -Uri x", Some(Language::PowerShell)),
            ("#cloud-config\nruncmd: []", Some(Language::Yaml)),
            ("#!/bin/sh\necho", Some(Language::Shell)),
            ("{\"a\": 1}", Some(Language::Json)),
            ("GET http://a HTTP/1.1", Some(Language::Http)),
            ("http://localhost:50342/oauth2/token", None),
            ("eastus", None),
            ("", None),
        ] {
            assert_eq!(guessed(text), language, "{text}");
        }
    }
}
