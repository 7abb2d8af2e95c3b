//! A run as one page of HTML: nothing is loaded from elsewhere, and it is complete without a script.
//!
//! The formatter sanitizes and escapes every value of the template, `html/report.html.j2`, but for lines that
//! are sanitized as a whole. Start at [`render`].

use std::collections::{BTreeSet, HashMap};
use std::io;

use minijinja::value::Serde;
use minijinja::{Environment, Value, context, escape_formatter};
use serde::Serialize;

use super::content::Report;
use super::diff::{Ink, paint};
use super::layout::{HEIGHT, PictureLayout, WIDTH, is_drawn, sides};
use super::overview::{MachineState, Overview, State, counted};
use super::reported::ReportedMachine;
use super::sanitize::{sanitize, sanitize_lines};
use crate::migrate::{Fate, Picture};
use crate::rules::NOTICE;

const TEMPLATE: &str = include_str!("html/report.html.j2");
/// The machines that are drawn; the others are listed.
const MOST_DRAWN: usize = 200;
/// The characters of a node's name that are shown; all of it is in its title.
const LABEL: usize = 28;

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let mut environment = Environment::new();
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => {
            escape_formatter(out, state, &Value::from(&*sanitize(text)))
        }
        _ => escape_formatter(out, state, value),
    });
    // The end of its name makes it escape what is in the values.
    let name = "report.html";
    let text = environment
        .add_template(name, TEMPLATE)
        .and_then(|()| environment.get_template(name)?.render(page(report)));
    writeln!(out, "{}", text.map_err(io::Error::other)?)
}

fn page(report: &Report<'_>) -> Value {
    let overview = Overview::new(report);
    let summary = report.summary;
    let mut pictures = Pictures::of(report);
    let folders = overview.folders().map(|(name, machines)| {
        let rows: Vec<Value> = machines.iter().map(|one| pictures.row(one)).collect();
        context! { name, counted => counted(machines), rows }
    });
    let folders: Vec<Value> = folders.collect();
    let states = State::ALL.map(|state| (overview.number(state), state.word()));
    let counts: Vec<(usize, &str)> = std::iter::once((overview.machines.len(), "machines"))
        .chain(states)
        .chain([
            (summary.errors, "errors"),
            (summary.warnings, "warnings"),
            (summary.notes, "notes"),
            (summary.files_scanned, "files scanned"),
        ])
        .collect();
    let others = overview.others.iter().map(|finding| {
        context! {
            severity => finding.severity.word(),
            place => finding.location.region.place(),
            rule => finding.rule.id,
            message => &finding.message,
            fix => finding.fixed_by.command(),
            advice => finding.advice().collect::<Vec<_>>(),
        }
    });
    let commands = sanitize_lines(report.commands.as_bytes());
    context! {
        version => env!("CARGO_PKG_VERSION"),
        node => (WIDTH, HEIGHT),
        summary => summary.to_string().replace('`', ""),
        counts,
        not_drawn => overview.machines.len() - pictures.drawn.len(),
        folders,
        diffs => pictures.diffs(),
        drawn => pictures.drawn,
        others => others.collect::<Vec<_>>(),
        fixed => Value::from(Serde(overview.fixed.iter().collect::<Vec<_>>())),
        advice => Value::from(Serde(&overview.advice)),
        previews => &report.results.previews,
        commands => String::from_utf8_lossy(&commands),
        notice => notice(),
    }
}

/// The table of the extension and IMDS, row by row.
fn notice() -> Vec<Vec<String>> {
    let rows = NOTICE.lines().filter(|line| line.starts_with("| "));
    let cells = rows.filter_map(|row| Some(row.strip_prefix('|')?.strip_suffix('|')?.split('|')));
    cells
        .map(|cells| cells.map(|cell| cell.trim().replace('`', "")).collect())
        .collect()
}

/// What is drawn of the machines that have been asked for.
struct Pictures<'a> {
    report: &'a Report<'a>,
    known: HashMap<(&'a [u8], &'a str, usize), &'a Picture>,
    /// For a machine that moved in its file when others were fixed there.
    by_name: HashMap<(&'a [u8], &'a str), &'a Picture>,
    /// The places of files with a diff among all files.
    files: HashMap<&'a [u8], usize>,
    shown: BTreeSet<usize>,
    drawn: Vec<Value>,
}

impl<'a> Pictures<'a> {
    fn of(report: &'a Report<'a>) -> Self {
        let pictures = || report.results.pictures.iter();
        let files = report.results.files.iter().enumerate();
        let by_name = pictures().map(|(machine, picture)| {
            let (file, name, _) = key(machine);
            ((file, name), picture)
        });
        Self {
            report,
            known: pictures()
                .map(|(machine, picture)| (key(machine), picture))
                .collect(),
            by_name: by_name.collect(),
            files: files
                .filter(|(_, file)| !file.diff.is_empty())
                .map(|(number, file)| (&*file.file, number))
                .collect(),
            shown: BTreeSet::new(),
            drawn: Vec::new(),
        }
    }

    /// The row of a machine, which is drawn too where there is room.
    fn row(&mut self, one: &MachineState<'a>) -> Value {
        let number = match self.drawn.len() {
            number if number < MOST_DRAWN => number + 1,
            _ => 0,
        };
        let row = context! {
            title => one.title(),
            place => one.place(),
            state => one.state.word(),
            mark => match one.state {
                State::Done => "\u{2713}",
                State::Ready => "\u{2192}",
                State::Unsafe => "!",
                State::Held => "\u{2715}",
            },
            reason => one.reason(),
            // Its number among those that are drawn, from 1; 0 where it is not.
            drawn => number,
        };
        if number > 0 {
            self.draw(one, number, &row);
        }
        row
    }

    fn draw(&mut self, one: &MachineState<'a>, number: usize, row: &Value) {
        let (file, name, start) = key(one.machine);
        let picture = self.known.get(&(file, name, start));
        let picture = picture.or_else(|| self.by_name.get(&(file, name)));
        let diff = self.files.get(file);
        self.shown.extend(diff);
        let related = one.finding.related.iter();
        let related = related.filter(|_| one.state > State::Ready);
        let holds = related.map(|it| format!("{}: {}", it.location.region.place(), it.message));
        self.drawn.push(context! {
            number,
            row,
            holds => holds.collect::<Vec<_>>(),
            // The file whose diff shows the change.
            diff => diff.map_or(0, |file| file + 1),
            ..picture.map_or_else(|| context! {}, |picture| drawn(picture))
        });
    }

    /// The diffs of the files of those that were drawn.
    fn diffs(&self) -> Vec<Value> {
        let files = self.report.results.files.iter().enumerate();
        let shown = files.filter(|(number, _)| self.shown.contains(number));
        let diffs = shown.map(|(number, file)| {
            context! {
                number => number + 1,
                file => String::from_utf8_lossy(&file.file),
                lines => Value::from(Serde(lines(&file.diff))),
            }
        });
        diffs.collect()
    }
}

fn key(machine: &ReportedMachine) -> (&[u8], &str, usize) {
    let region = &machine.location.region;
    (&region.file, &machine.name, region.start.offset)
}

/// A picture before and after, or as a table where it is too large.
fn drawn(picture: &Picture) -> Value {
    let is_too_large = picture.nodes.len() > Picture::MOST_NODES;
    let layout = (!is_too_large).then(|| PictureLayout::new(picture));
    let name = |node: usize| picture.nodes.get(node).map(|node| &*node.name);
    let edges = picture.edges.iter().enumerate().map(|(number, edge)| {
        let drawn = layout.as_ref().and_then(|layout| layout.edges.get(number));
        let (path, x, y) = drawn.cloned().unwrap_or_default();
        let (from, to) = (name(edge.from), name(edge.to));
        context! { path, x, y, from, to, fate => word(edge.fate) }
    });
    let edges: Vec<Value> = edges.collect();
    let Some(layout) = layout else {
        return context! { is_too_large, edges };
    };
    let side = |is_after: bool, title: &str| {
        let nodes = picture.nodes.iter().zip(&layout.nodes);
        let nodes = nodes.filter(|(node, _)| is_drawn(node.fate, is_after));
        let nodes = nodes.map(|(node, (x, y))| {
            let kind = node.kind.rsplit('/').next().unwrap_or_default();
            context! {
                x, y,
                name => &node.name,
                label => shortened(&sanitize(&node.name)),
                kind => shortened(&sanitize(kind)),
                fate => word(node.fate),
            }
        });
        let nodes: Vec<Value> = nodes.collect();
        let edges = picture.edges.iter().zip(&edges);
        let edges = edges.filter(|(edge, _)| is_drawn(edge.fate, is_after));
        let edges: Vec<Value> = edges.map(|(_, edge)| edge.clone()).collect();
        context! { title, nodes, edges }
    };
    let sides = sides(picture)
        .iter()
        .map(|(title, is_after)| side(*is_after, title));
    context! {
        sides => sides.collect::<Vec<_>>(),
        width => layout.width,
        height => layout.height,
        edges,
        is_too_large,
    }
}

#[derive(Default, Serialize)]
struct PageLine {
    kind: &'static str,
    /// The texts, and whether only this line has them.
    parts: Vec<(bool, String)>,
}

/// The end of a name distinguishes machines more often than its start, so both are kept.
fn shortened(text: &str) -> String {
    let length = text.chars().count();
    if length <= LABEL {
        return text.to_owned();
    }
    let half = LABEL / 2;
    let start = text.chars().take(half);
    let end = text.chars().skip(length - half + 1);
    start.chain(['\u{2026}']).chain(end).collect()
}

fn word(fate: Fate) -> &'static str {
    match fate {
        Fate::Kept => "kept",
        Fate::Removed => "removed",
        Fate::Added => "new",
    }
}

/// The lines of a diff.
fn lines(diff: &[u8]) -> Vec<PageLine> {
    let mut lines: Vec<PageLine> = Vec::new();
    let mut is_open = false;
    // Writing to memory does not fail.
    let _ = paint(diff, &mut |ink, text| {
        let (kind, is_marked) = match ink {
            Ink::Plain => ("", false),
            Ink::Header => ("head", false),
            Ink::Hunk => ("hunk", false),
            Ink::Removed => ("del", false),
            Ink::RemovedWord => ("del", true),
            Ink::Added => ("ins", false),
            Ink::AddedWord => ("ins", true),
        };
        let text = String::from_utf8_lossy(text);
        let content = text.trim_end_matches(['\r', '\n']);
        if !is_open {
            lines.push(PageLine::default());
        }
        if let Some(line) = lines.last_mut().filter(|_| !content.is_empty()) {
            // Blanks at the end of a line are no part of its ink.
            if line.parts.is_empty() {
                line.kind = kind;
            }
            line.parts.push((is_marked, content.to_owned()));
        }
        is_open = !text.ends_with('\n');
        Ok(())
    });
    lines
}
