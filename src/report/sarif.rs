//! A run as SARIF 2.1.0, with what GitHub's code scanning asks for and shows.
//!
//! Knows the members of the format (docs.oasis-open.org/sarif/sarif/v2.1.0) and GitHub's limits
//! ("SARIF support for code scanning"). `partialFingerprints` are left out: GitHub's upload makes its
//! own and warns where others differ. Start at [`Log`].

use std::io;

use serde::Serialize;

use super::content::Report;
use super::json_text;
use super::location::{self, Region, Replacement};
use super::reported::ReportedFinding;
use crate::rules::{self, REGISTRY, Rule, Severity, SuppressedBy};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// GitHub refuses a run with more results.
const MOST_RESULTS: usize = 25_000;
/// A change is repeated at each finding that it mends, up to this many edits in all; behind that it
/// is given once.
const MOST_REPEATED: usize = 1000;
/// The longest `fullDescription`, in characters.
const LONGEST_DESCRIPTION: usize = 1024;

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    json_text::write_pretty(out, &Log::new(report))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [SarifRun<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRun<'a> {
    tool: SarifTool,
    automation_details: AutomationDetails,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    results: Vec<SarifResult<'a>>,
}

/// What a run is of, which Azure DevOps asks for; the slash at its end leaves the run's number to the
/// service.
#[derive(Serialize)]
struct AutomationDetails {
    id: &'static str,
}

#[derive(Serialize)]
struct SarifTool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    full_name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    name: String,
    short_description: Message,
    full_description: Message,
    help: Help,
    default_configuration: ReportingConfiguration,
    properties: PropertyBag,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct ReportingConfiguration {
    level: &'static str,
}

#[derive(Serialize)]
struct PropertyBag {
    precision: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [SarifLocation<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<SarifLocation<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<SarifFix<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<Vec<SarifSuppression<'a>>>,
}

#[derive(Serialize)]
struct SarifSuppression<'a> {
    kind: &'static str,
    justification: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifLocation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: SarifRegion,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'a> {
    fully_qualified_name: &'a str,
}

/// A region by lines and columns; the end column is one behind the end.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRegion {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifFix<'a> {
    description: Message,
    artifact_changes: Vec<ArtifactChange<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: ArtifactLocation,
    replacements: Vec<SarifReplacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifReplacement<'a> {
    deleted_region: SarifRegion,
    #[serde(skip_serializing_if = "Option::is_none")]
    inserted_content: Option<ArtifactContent<'a>>,
}

#[derive(Serialize)]
struct ArtifactContent<'a> {
    text: &'a str,
}

impl<'a> Log<'a> {
    fn new(report: &Report<'a>) -> Self {
        let mut found = with_changes(report);
        found.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.severity));
        let cut = found.len().saturating_sub(MOST_RESULTS);
        found.truncate(MOST_RESULTS);
        let results = found
            .into_iter()
            .map(|(entry, change)| SarifResult::new(report, entry, change));
        Self {
            schema: SCHEMA,
            version: "2.1.0",
            runs: [SarifRun {
                tool: SarifTool {
                    driver: Driver::new(),
                },
                automation_details: AutomationDetails {
                    id: concat!(env!("CARGO_PKG_NAME"), "/"),
                },
                invocations: [Invocation {
                    execution_successful: !report.has_errors,
                    tool_execution_notifications: left_out(cut).into_iter().collect(),
                }],
                column_kind: "utf16CodeUnits",
                results: results.collect(),
            }],
        }
    }
}

/// Edits that go together, and how many findings they fix.
#[derive(Clone, Copy)]
struct SharedEdits<'a> {
    edits: &'a [Replacement],
    mended: usize,
}

/// The findings, each with the change to give with it.
fn with_changes<'a>(report: &Report<'a>) -> Vec<(&'a ReportedFinding, Option<SharedEdits<'a>>)> {
    let results = report.results;
    let entries = || {
        let files = results.files.iter();
        files.flat_map(|file| {
            let all = file.findings.iter().chain(report.suppressed_in(file));
            all.map(|entry| (entry, file.change))
        })
    };
    let mends =
        |entry: &ReportedFinding, change: Option<usize>| change.filter(|_| entry.is_in_change);
    let mut mended = vec![0; results.changes.len()];
    for number in entries().filter_map(|(entry, change)| mends(entry, change)) {
        if let Some(mended) = mended.get_mut(number) {
            *mended += 1;
        }
    }
    let counted = results.changes.iter().zip(mended);
    let mut changes: Vec<_> = counted
        .map(|(change, mended)| {
            let is_repeated = mended * change.len() <= MOST_REPEATED;
            let given = SharedEdits {
                edits: change,
                mended,
            };
            std::iter::repeat_n(given, if is_repeated { mended } else { 1 })
        })
        .collect();
    entries()
        .map(|(entry, change)| {
            let number = mends(entry, change);
            (
                entry,
                number.and_then(|number| changes.get_mut(number)?.next()),
            )
        })
        .collect()
}

/// Says that results had to be left out.
fn left_out(number: usize) -> Option<Notification> {
    (number > 0).then(|| Notification {
        level: "warning",
        message: Message {
            text: format!(
                "{number} more findings are left out: code scanning takes {MOST_RESULTS}, and these \
                 are the worst."
            ),
        },
    })
}

impl Driver {
    fn new() -> Self {
        let version = env!("CARGO_PKG_VERSION");
        let rules = REGISTRY.iter().map(|rule| Descriptor::new(rule));
        Self {
            name: env!("CARGO_PKG_NAME"),
            full_name: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
            version,
            semantic_version: version,
            rules: rules.collect(),
        }
    }
}

impl Descriptor {
    fn new(rule: &Rule) -> Self {
        let plain = |text: &str| text.replace('`', "");
        let message = |text: String| Message { text };
        let full = plain(&format!(
            "{} Fix: {}.",
            rules::description(rule),
            rule.fixes
        ));
        Self {
            id: rule.id,
            name: pascal_case(rule.id),
            short_description: message(plain(&sentence(rule.finds))),
            full_description: message(full.chars().take(LONGEST_DESCRIPTION).collect()),
            help: Help {
                text: full,
                markdown: rules::page(rule),
            },
            default_configuration: ReportingConfiguration {
                level: rule.severity.word(),
            },
            properties: PropertyBag {
                precision: precision(rule),
            },
        }
    }
}

/// `vm-extension` as `VmExtensionRule`: a name must differ from its id by more than case.
fn pascal_case(id: &str) -> String {
    let words = id.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.chain(["Rule".to_owned()]).collect()
}

/// A table's cell as a sentence.
fn sentence(cell: &str) -> String {
    let mut letters = cell.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

/// How sure a finding is: what is only read as text may be prose.
fn precision(rule: &Rule) -> &'static str {
    match (rule.id, rule.severity) {
        ("extension-in-text", _) => "medium",
        (_, Severity::Error) => "very-high",
        _ => "high",
    }
}

impl<'a> SarifResult<'a> {
    fn new(
        report: &Report<'_>,
        entry: &'a ReportedFinding,
        change: Option<SharedEdits<'a>>,
    ) -> Self {
        let related = entry.related.iter().enumerate();
        let rules = || REGISTRY.iter().map(|rule| rule.id);
        Self {
            rule_id: entry.rule.id,
            rule_index: rules().position(|id| id == entry.rule.id).unwrap_or(0),
            level: entry.severity.word(),
            message: Message { text: text(entry) },
            locations: [SarifLocation::new(report, &entry.location)],
            related_locations: related
                .map(|(index, (message, location))| SarifLocation {
                    id: Some(index + 1),
                    message: Some(Message {
                        text: message.clone(),
                    }),
                    ..SarifLocation::new(report, location)
                })
                .collect(),
            fixes: change
                .and_then(|change| SarifFix::new(report, entry, change))
                .into_iter()
                .collect(),
            suppressions: suppressions(report, entry),
        }
    }
}

/// What hides a result. Where one has this, all must: an empty list says that nothing does.
fn suppressions<'a>(
    report: &Report<'_>,
    entry: &'a ReportedFinding,
) -> Option<Vec<SarifSuppression<'a>>> {
    let suppression = entry
        .suppressed
        .as_ref()
        .map(|suppressor| match suppressor {
            SuppressedBy::InSource(reason) => SarifSuppression {
                kind: "inSource",
                justification: reason,
            },
            SuppressedBy::Given(reason) => SarifSuppression {
                kind: "external",
                justification: reason,
            },
            SuppressedBy::Baseline => SarifSuppression {
                kind: "external",
                justification: "It is in the baseline.",
            },
        });
    let wanted = report.include_suppressed;
    wanted.then(|| suppression.into_iter().collect())
}

/// The message as sentences; a list of findings shows the first.
fn text(entry: &ReportedFinding) -> String {
    let mut text = format!("{}.", entry.message);
    for line in entry.advice() {
        text.push_str(&format!("\n{line}."));
    }
    text
}

impl<'a> SarifLocation<'a> {
    fn new(report: &Report<'_>, location: &'a location::Location) -> Self {
        let path = location.path.as_str();
        let path = (!path.is_empty()).then_some(LogicalLocation {
            fully_qualified_name: path,
        });
        Self {
            id: None,
            message: None,
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation::new(report, &location.region.file),
                region: SarifRegion::new(&location.region),
            },
            logical_locations: path.into_iter().collect(),
        }
    }
}

impl ArtifactLocation {
    /// The name from the root of the repository, percent-encoded but for what RFC 3986 calls
    /// unreserved, and the slashes.
    fn new(report: &Report<'_>, file: &[u8]) -> Self {
        let mut uri = String::new();
        for byte in report.name_in_repository(file) {
            match byte {
                b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
                _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
                _ => uri.push_str(&format!("%{byte:02X}")),
            }
        }
        Self { uri }
    }
}

impl SarifRegion {
    fn new(region: &Region) -> Self {
        Self {
            start_line: region.start.line,
            start_column: region.start.column,
            end_line: region.end.line,
            end_column: region.end.column,
        }
    }
}

impl<'a> SarifFix<'a> {
    /// The fix of a finding by `change`; `None` if that holds what is no text.
    fn new(report: &Report<'_>, entry: &ReportedFinding, change: SharedEdits<'a>) -> Option<Self> {
        let action = sentence(&entry.fix.action()?.replace('`', ""));
        let others = match change.mended {
            0 | 1 => String::new(),
            2 => " The same edits fix 1 more finding.".to_owned(),
            all => format!(" The same edits fix {} more findings.", all - 1),
        };
        let mut files: Vec<ArtifactChange<'a>> = Vec::new();
        for file in change
            .edits
            .chunk_by(|one, next| one.region.file == next.region.file)
        {
            let name = file.first().map(|edit| &*edit.region.file)?;
            files.push(ArtifactChange {
                artifact_location: ArtifactLocation::new(report, name),
                replacements: file
                    .iter()
                    .map(SarifReplacement::new)
                    .collect::<Option<_>>()?,
            });
        }
        (!files.is_empty()).then(|| Self {
            description: Message {
                text: action + &others,
            },
            artifact_changes: files,
        })
    }
}

impl<'a> SarifReplacement<'a> {
    fn new(edit: &'a Replacement) -> Option<Self> {
        let text = std::str::from_utf8(&edit.text).ok()?;
        Some(Self {
            deleted_region: SarifRegion::new(&edit.region),
            inserted_content: (!text.is_empty()).then_some(ArtifactContent { text }),
        })
    }
}
