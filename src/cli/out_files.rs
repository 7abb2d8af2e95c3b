//! The files that a run writes beside those that it fixes: reports, a patch, a runbook.
//!
//! They are made before the run starts: what cannot be reported must not be done. Start at [`OutFile`].

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::repository::create_output;
use crate::runbook::{RemovalFacts, Runbook, Shell};

pub(super) struct OutFile {
    file: File,
    name: String,
}

impl OutFile {
    /// Makes the file, never through a link in one of the scanned `trees`.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub(super) fn create(path: &Path, trees: &[PathBuf]) -> Result<Self, String> {
        Self::of(path, create_output(path, trees))
    }

    /// Opens or makes a file that others write to as well.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub(super) fn append(path: &Path) -> Result<Self, String> {
        Self::of(path, File::options().append(true).create(true).open(path))
    }

    fn of(path: &Path, file: io::Result<File>) -> Result<Self, String> {
        let name = path.display().to_string();
        match file {
            Ok(file) => Ok(Self { file, name }),
            Err(error) => Err(format!("{name}: cannot be written: {error}")),
        }
    }

    /// How many bytes it has, as far as that is known.
    pub(super) fn length(&self) -> u64 {
        self.file.metadata().map_or(0, |metadata| metadata.len())
    }

    /// Writes to it.
    ///
    /// # Errors
    /// Why that failed.
    pub(super) fn write(
        &self,
        content: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<(), String> {
        let mut out = BufWriter::new(&self.file);
        let written = content(&mut out).and_then(|()| out.flush());
        written.map_err(|error| format!("{}: cannot be written: {error}", self.name))
    }
}

/// Where the exact bytes of a patch go.
pub(super) enum PatchFile {
    /// Nowhere: stdout gets the patch in a form that does no harm.
    Absent,
    /// To stdout, whatever reads it.
    Stdout,
    File(OutFile),
}

impl PatchFile {
    /// Makes the file; `-` is stdout. See [`OutFile::create`].
    pub(super) fn create(path: Option<&Path>, trees: &[PathBuf]) -> Result<Self, String> {
        Ok(match path {
            None => Self::Absent,
            Some(path) if path == Path::new("-") => Self::Stdout,
            Some(path) => Self::File(OutFile::create(path, trees)?),
        })
    }
}

/// The file that `fix` writes the runbook to.
pub(super) struct PlanFile {
    file: OutFile,
    shell: Shell,
}

impl PlanFile {
    /// Makes the file. See [`OutFile::create`].
    pub(super) fn create(path: &Path, shell: Shell, trees: &[PathBuf]) -> Result<Self, String> {
        if path == Path::new("-") {
            return Err(
                "--plan-file -: stdout holds the patch; name a file, or run `plan`".to_owned(),
            );
        }
        let file = OutFile::create(path, trees)?;
        Ok(Self { file, shell })
    }

    /// Writes the runbook of what the files say.
    ///
    /// # Errors
    /// Why that failed.
    pub(super) fn write(&self, facts: RemovalFacts) -> Result<(), String> {
        let facts = RemovalFacts {
            read: true,
            ..facts
        };
        let script = Runbook::new(facts, None, false).script(self.shell);
        self.file.write(|out| out.write_all(script.as_bytes()))
    }
}
