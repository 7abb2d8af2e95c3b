//! A run as JSON Lines: an object for each finding, for each mended one, for each that is hidden if
//! these are wanted, and for each change, and the summary at the end. Their members are those of `json`; `type` tells them apart. Start at [`Line`].

use std::io;

use serde::Serialize;

use super::content::Report;
use super::json::{Change, Counts, Finding, TOOL, Tool, VERSION, listed};
use super::json_text;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Finding(Finding<'a>),
    Applied(Finding<'a>),
    Suppressed(Finding<'a>),
    Change(Change<'a>),
    Summary {
        tool: Tool,
        #[serde(flatten)]
        counts: Counts,
    },
}

#[derive(Serialize)]
struct Versioned<'a> {
    schema: u32,
    #[serde(flatten)]
    line: Line<'a>,
}

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let mut write = |line| {
        let schema = VERSION;
        json_text::write_line(out, &Versioned { schema, line })
    };
    for file in &report.results.files {
        for finding in listed(file.change, &file.findings) {
            write(Line::Finding(finding))?;
        }
        for finding in listed(file.change, &file.applied) {
            write(Line::Applied(finding))?;
        }
        for finding in listed(file.change, report.suppressed_in(file)) {
            write(Line::Suppressed(finding))?;
        }
    }
    for change in &report.results.changes {
        write(Line::Change(Change::new(change)))?;
    }
    write(Line::Summary {
        tool: TOOL,
        counts: Counts::new(report),
    })
}
