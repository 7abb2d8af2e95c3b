//! What a report holds, whatever format it is written in.
//!
//! Never knows a format. Start at [`Report`].

use std::cmp::Reverse;
use std::io;

use super::reported::{ReportedFile, ReportedFinding, Results};
use super::summary::Summary;
use crate::rules::Severity;

/// A run's results, ready to be written in any format.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What there is to say.
    pub results: &'a Results,
    /// The counts.
    pub summary: Summary,
    /// What precedes the files' names in their repository, such as `infra/`; empty where the
    /// names start at its root.
    pub folder: &'a [u8],
    /// The least severity that makes the run fail.
    pub threshold: Severity,
    /// Whether formats for people list notes, and not only count them.
    pub lists_notes: bool,
    /// Whether something could not be read, written or verified, which is said elsewhere.
    pub has_errors: bool,
    /// Whether only findings are wanted, without the summary line.
    pub quiet: bool,
    /// Whether what waivers and the baseline hide is in the formats for machines that have a place for
    /// it.
    pub include_suppressed: bool,
    /// Whether colors stay in what was drawn with them.
    pub color: bool,
    /// Whether many findings are summed up by machine in place of drawing each.
    pub by_machine: bool,
    /// The commands that remove the extension from machines that run; empty where no format asks for them.
    pub commands: &'a str,
}

impl<'a> Report<'a> {
    /// The findings that are left, in the order of the files' names and of the text.
    pub fn findings(&self) -> impl Iterator<Item = &'a ReportedFinding> + use<'a> {
        self.results.files.iter().flat_map(|file| &file.findings)
    }

    /// What is hidden of a file, if that is wanted.
    pub(super) fn suppressed_in(&self, file: &'a ReportedFile) -> &'a [ReportedFinding] {
        if self.include_suppressed {
            &file.suppressed
        } else {
            &[]
        }
    }

    /// Whether something was fixed.
    pub(super) fn has_applied(&self) -> bool {
        let mut files = self.results.files.iter();
        files.any(|file| !file.applied.is_empty())
    }

    /// The findings that are left, the worst ones first.
    pub(super) fn worst_first(&self) -> Vec<&'a ReportedFinding> {
        let mut findings: Vec<&ReportedFinding> = self.findings().collect();
        findings.sort_by_key(|entry| Reverse(entry.severity));
        findings
    }

    /// The findings that formats for people list.
    pub(super) fn listed(&self) -> impl Iterator<Item = &'a ReportedFinding> + use<'a> {
        let lists_notes = self.lists_notes;
        self.findings()
            .filter(move |finding| lists_notes || finding.severity > Severity::Note)
    }

    /// Writes the summary line, if one is wanted.
    pub(super) fn write_summary(&self, out: &mut dyn io::Write) -> io::Result<()> {
        self.write_summary_with(out, "")
    }

    /// [`Self::write_summary`] after the findings that are [`Self::listed`].
    pub(super) fn write_summary_of_listed(&self, out: &mut dyn io::Write) -> io::Result<()> {
        self.write_summary_with(
            out,
            match self.summary.notes {
                0 => "",
                _ if self.lists_notes => "",
                1 => "; --notes shows the note",
                _ => "; --notes shows the notes",
            },
        )
    }

    fn write_summary_with(&self, out: &mut dyn io::Write, more: &str) -> io::Result<()> {
        if self.quiet {
            return Ok(());
        }
        writeln!(out, "{}{more}", self.summary.line(self.color))
    }

    /// The bytes of a file's name from the root of its repository.
    pub(super) fn name_in_repository(&self, file: &[u8]) -> Vec<u8> {
        [self.folder, file].concat()
    }
}
