//! Where the reports of a run go: stdout, files, and the page of a job on GitHub.
//!
//! Files are made before a run starts: what cannot be told must not be done. Knows files and formats;
//! never knows findings. Start at [`Sinks`].

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::report::{AZURE, Canvas, FULL, Format, GITHUB, Needs, Report, job_summary};
use crate::repository::create_output;

use super::formats::{Formats, Reporter, Target};
use super::output::Output;

/// GitHub drops a summary of more bytes (limits of job summaries, 1 MiB a step).
const LARGEST_SUMMARY: u64 = 1024 * 1024;

/// Everything that a run reports to.
pub(super) struct Sinks {
    pub(super) stdout: Option<&'static Format>,
    files: Vec<(&'static Format, Sink)>,
    /// The page of the job, and how many bytes it takes.
    page: Option<(Sink, usize)>,
}

struct Sink {
    file: File,
    name: String,
}

impl Sinks {
    /// No report at all.
    pub(super) fn none() -> Self {
        Self {
            stdout: None,
            files: Vec::new(),
            page: None,
        }
    }

    /// Makes all files, never through a link in one of the scanned `trees`; `taken` is a path that something
    /// else is written to.
    ///
    /// # Errors
    /// Why a file cannot be made, or flags that exclude each other.
    pub(super) fn open(
        formats: &Formats,
        reporter: Reporter,
        taken: Option<&Path>,
        trees: &[PathBuf],
    ) -> Result<Self, String> {
        let stdout = formats.stdout(reporter)?;
        let mut paths: Vec<&Path> = taken.into_iter().collect();
        let mut files = Vec::new();
        for Target { format, path } in &formats.output {
            if path == Path::new("-") {
                return Err(format!(
                    "--output {0}=-: stdout has a flag of its own, --output-format {0}",
                    format.name
                ));
            }
            if paths.contains(&path.as_path()) {
                return Err(format!("{}: two outputs have this path", path.display()));
            }
            paths.push(path);
            files.push((*format, Sink::of(path, create_output(path, trees))?));
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
    pub(super) fn wanted(&self, canvas: Canvas, unsafe_fixes: bool) -> Needs {
        let formats = || {
            let files = self.files.iter().map(|(format, _)| *format);
            self.stdout.into_iter().chain(files)
        };
        Needs {
            drawing: formats()
                .any(|format| format.name == FULL.name)
                .then_some(canvas),
            change: formats().any(|format| format.has_change),
            unsafe_fixes,
        }
    }

    /// Writes the report to all files; why one of them cannot be written goes to `fail`.
    pub(super) fn write_files(&self, report: &Report<'_>, mut fail: impl FnMut(String)) {
        let plain = Report {
            color: false,
            quiet: false,
            ..*report
        };
        for (format, sink) in &self.files {
            sink.write(&mut fail, |out| (format.render)(out, &plain));
        }
        if let Some((sink, room)) = &self.page {
            sink.write(&mut fail, |out| job_summary(out, &plain, *room));
        }
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

/// The page of a job, to which each step appends.
fn page_at(path: &Path) -> Result<(Sink, usize), String> {
    let sink = Sink::of(path, File::options().append(true).create(true).open(path))?;
    let length = sink.file.metadata().map_or(0, |metadata| metadata.len());
    let room = LARGEST_SUMMARY.saturating_sub(length);
    Ok((sink, usize::try_from(room).unwrap_or(usize::MAX)))
}

impl Sink {
    fn of(path: &Path, file: io::Result<File>) -> Result<Self, String> {
        let name = path.display().to_string();
        match file {
            Ok(file) => Ok(Self { file, name }),
            Err(error) => Err(format!("{name}: cannot be written: {error}")),
        }
    }

    fn write(
        &self,
        fail: &mut impl FnMut(String),
        content: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) {
        let mut out = BufWriter::new(&self.file);
        if let Err(error) = content(&mut out).and_then(|()| out.flush()) {
            fail(format!("{}: cannot be written: {error}", self.name));
        }
    }
}
