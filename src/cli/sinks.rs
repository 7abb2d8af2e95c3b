//! Where the reports of a run go: stdout, files, and the page of a job on GitHub.
//!
//! Knows files and formats; never knows findings. Start at [`Sinks`].

use std::io;
use std::path::{Path, PathBuf};

use crate::report::{AZURE, Canvas, FULL, Format, GITHUB, Needs, Report, job_summary};
use crate::session::Goal;

use super::formats::{Formats, ReportTarget};
use super::out_files::OutFile;
use super::output::Output;

/// GitHub drops a summary of more bytes (limits of job summaries, 1 MiB a step).
const LARGEST_SUMMARY: u64 = 1024 * 1024;

/// Everything that a run reports to.
pub(super) struct Sinks {
    pub(super) stdout: Option<&'static Format>,
    files: Vec<(&'static Format, OutFile)>,
    /// The page of the job, and how many bytes it takes.
    page: Option<(OutFile, usize)>,
}

impl Sinks {
    /// Makes all files, never through a link in one of the scanned `trees`; `taken` is a path that something
    /// else is written to.
    ///
    /// # Errors
    /// Why a file cannot be made, or flags that exclude each other.
    pub(super) fn open(
        formats: &Formats,
        goal: Goal,
        taken: Option<&Path>,
        trees: &[PathBuf],
    ) -> Result<Self, String> {
        let stdout = formats.stdout(goal)?;
        let mut paths: Vec<&Path> = taken.into_iter().collect();
        let mut files = Vec::new();
        for ReportTarget { format, path } in &formats.output {
            if path == Path::new("-") {
                return Err(format!(
                    "--output {0}=-: use --output-format {0} for stdout",
                    format.name
                ));
            }
            if paths.contains(&path.as_path()) {
                return Err(format!("{}: two outputs have this path", path.display()));
            }
            paths.push(path);
            files.push((*format, OutFile::create(path, trees)?));
        }
        let page = stdout.filter(|format| format.name == GITHUB.name);
        let page = page.and_then(|_| std::env::var_os("GITHUB_STEP_SUMMARY"));
        let page = page.filter(|path| !path.is_empty()).map(PathBuf::from);
        Ok(Self {
            stdout,
            files,
            page: page.map(|path| page_at(&path)).transpose()?,
        })
    }

    /// Whether a diff on stdout would spoil the report there.
    pub(super) fn own_stdout(&self) -> bool {
        self.stdout.is_some_and(|format| format.owns_stream)
    }

    /// Whether the report on stdout is for an agent that runs commands in it.
    pub(super) fn writes_for_ci(&self) -> bool {
        self.stdout
            .is_some_and(|format| [GITHUB.name, AZURE.name].contains(&format.name))
    }

    /// What the formats need to know of each template; `canvas` is that of stdout.
    pub(super) fn needs(&self, canvas: Canvas) -> Needs {
        let formats = || {
            let files = self.files.iter().map(|(format, _)| *format);
            self.stdout.into_iter().chain(files)
        };
        Needs {
            drawing: formats()
                .any(|format| format.name == FULL.name)
                .then_some(canvas),
            change: formats().any(|format| format.has_change),
            pictures: formats().any(|format| format.has_pictures),
            ..Needs::default()
        }
    }

    /// Writes the report to all files; gives why one of them cannot be written.
    pub(super) fn write_files(&self, report: &Report<'_>) -> Vec<String> {
        let plain = Report {
            color: false,
            quiet: false,
            ..*report
        };
        let files = self.files.iter();
        let written = files.map(|(format, file)| file.write(|out| (format.render)(out, &plain)));
        let page = self.page.iter();
        let page = page.map(|(file, room)| file.write(|out| job_summary(out, &plain, *room)));
        written.chain(page).filter_map(Result::err).collect()
    }

    /// Writes the report to stdout.
    ///
    /// # Errors
    /// Those of stdout.
    pub(super) fn write_stdout(&self, report: &Report<'_>, output: &mut Output) -> io::Result<()> {
        if let Some(format) = self.stdout {
            (format.render)(output.report(), report)?;
        }
        output.flush()
    }
}

/// The page of a job, to which each step appends, and the bytes that it takes.
fn page_at(path: &Path) -> Result<(OutFile, usize), String> {
    let page = OutFile::append(path)?;
    let room = LARGEST_SUMMARY.saturating_sub(page.length());
    Ok((page, usize::try_from(room).unwrap_or(usize::MAX)))
}
