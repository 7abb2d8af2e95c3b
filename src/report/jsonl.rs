//! A run as JSON Lines: an object for each finding, for each fixed one, for each that is hidden if
//! these are wanted, and for each change, and the summary at the end. Their members are those of `json`;
//! `type` says which of these an object is. Start at [`JsonLine`].

use std::io;

use serde::Serialize;

use super::content::Report;
use super::json::{Counts, JsonChange, JsonFinding, JsonTool, TOOL, VERSION, listed};
use super::json_text;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum JsonLine<'a> {
    Finding(JsonFinding<'a>),
    Applied(JsonFinding<'a>),
    Suppressed(JsonFinding<'a>),
    Change(JsonChange<'a>),
    Summary {
        tool: JsonTool,
        #[serde(flatten)]
        counts: Counts,
    },
}

#[derive(Serialize)]
struct Versioned<'a> {
    schema: u32,
    #[serde(flatten)]
    line: JsonLine<'a>,
}

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let mut write = |line| {
        let schema = VERSION;
        json_text::write_line(out, &Versioned { schema, line })
    };
    for file in &report.results.files {
        for finding in listed(file.change, &file.findings) {
            write(JsonLine::Finding(finding))?;
        }
        for finding in listed(file.change, &file.applied) {
            write(JsonLine::Applied(finding))?;
        }
        for finding in listed(file.change, report.suppressed_in(file)) {
            write(JsonLine::Suppressed(finding))?;
        }
    }
    for change in &report.results.changes {
        write(JsonLine::Change(JsonChange { edits: change }))?;
    }
    write(JsonLine::Summary {
        tool: TOOL,
        counts: Counts::new(report),
    })
}
