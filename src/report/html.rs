//! A run as one page of HTML: nothing is loaded from elsewhere, and it is complete without a script.
//!
//! The template escapes every value, and whatever comes from a repository is sanitized before it: see
//! `html/report.html.j2`. Start at [`render`].

use std::collections::{BTreeSet, HashMap};
use std::io;

use minijinja::value::Serde;
use minijinja::{Environment, Value};
use serde::Serialize;

use super::content::Report;
use super::diff::{Ink, paint};
use super::layout::{HEIGHT, PictureLayout, WIDTH, is_drawn};
use super::overview::{MachineState, Overview, State, counted};
use super::reported::{ReportedFinding, ReportedMachine};
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
    // The end of its name makes it escape what is in the values.
    let name = "report.html";
    let text = environment.add_template(name, TEMPLATE).and_then(|()| {
        let page = Value::from(Serde(HtmlPage::new(report)));
        environment.get_template(name)?.render(page)
    });
    writeln!(out, "{}", text.map_err(io::Error::other)?)
}

#[derive(Serialize)]
struct HtmlPage {
    version: &'static str,
    /// The size of a node.
    node: (usize, usize),
    summary: String,
    counts: Vec<(usize, &'static str)>,
    folders: Vec<Folder>,
    drawn: Vec<Drawn>,
    not_drawn: usize,
    diffs: Vec<Diff>,
    others: Vec<Other>,
    fixed: Vec<(&'static str, usize)>,
    advice: Vec<(String, usize)>,
    previews: Vec<String>,
    commands: String,
    notice: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct Folder {
    name: String,
    counted: String,
    rows: Vec<HtmlRow>,
}

/// A machine in a table.
#[derive(Serialize)]
struct HtmlRow {
    title: String,
    place: String,
    state: &'static str,
    mark: &'static str,
    reason: String,
    /// Its number among those that are drawn, from 1; 0 where it is not.
    drawn: usize,
}

/// A machine with its picture.
#[derive(Serialize)]
struct Drawn {
    number: usize,
    row: HtmlRow,
    holds: Vec<String>,
    sides: Vec<DiffSide>,
    width: usize,
    height: usize,
    edges: Vec<Arrow>,
    is_too_large: bool,
    /// The file whose diff shows the change.
    diff: usize,
}

/// The picture before or after.
#[derive(Serialize)]
struct DiffSide {
    title: &'static str,
    nodes: Vec<NodeShape>,
    edges: Vec<Arrow>,
}

#[derive(Serialize)]
struct NodeShape {
    x: usize,
    y: usize,
    name: String,
    label: String,
    kind: String,
    fate: &'static str,
}

#[derive(Clone, Serialize)]
struct Arrow {
    path: String,
    x: usize,
    y: usize,
    from: String,
    to: String,
    fate: &'static str,
}

/// The diff of a file.
#[derive(Serialize)]
struct Diff {
    number: usize,
    file: String,
    lines: Vec<PageLine>,
}

#[derive(Default, Serialize)]
struct PageLine {
    kind: &'static str,
    /// The texts, and whether only this line has them.
    parts: Vec<(bool, String)>,
}

/// A finding beside the machines.
#[derive(Serialize)]
struct Other {
    severity: &'static str,
    place: String,
    rule: &'static str,
    message: String,
    fix: &'static str,
    advice: Vec<String>,
}

fn clean(text: &str) -> String {
    sanitize(text).into_owned()
}

impl HtmlPage {
    fn new(report: &Report<'_>) -> Self {
        let overview = Overview::new(report);
        let summary = report.summary;
        let mut pictures = Pictures::of(report);
        let folders: Vec<Folder> = overview
            .folders()
            .map(|(name, machines)| Folder {
                name: clean(&name),
                counted: counted(machines),
                rows: machines.iter().map(|one| pictures.row(one)).collect(),
            })
            .collect();
        let states = State::ALL.map(|state| (overview.number(state), state.word()));
        Self {
            version: env!("CARGO_PKG_VERSION"),
            node: (WIDTH, HEIGHT),
            summary: summary.to_string().replace('`', ""),
            counts: std::iter::once((overview.machines.len(), "machines"))
                .chain(states)
                .chain([
                    (summary.errors, "errors"),
                    (summary.warnings, "warnings"),
                    (summary.notes, "notes"),
                    (summary.files_scanned, "files scanned"),
                ])
                .collect(),
            not_drawn: overview.machines.len() - pictures.drawn.len(),
            folders,
            diffs: pictures.diffs(),
            drawn: pictures.drawn,
            others: overview.others.iter().map(|one| Other::new(one)).collect(),
            fixed: overview.fixed.into_iter().collect(),
            advice: overview
                .advice
                .into_iter()
                .map(|(text, number)| (clean(text), number))
                .collect(),
            previews: report.results.previews.clone(),
            commands: String::from_utf8_lossy(&sanitize_lines(report.commands.as_bytes()))
                .into_owned(),
            notice: notice(),
        }
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
    drawn: Vec<Drawn>,
}

impl<'a> Pictures<'a> {
    fn of(report: &'a Report<'a>) -> Self {
        let pictures = report.results.pictures.iter();
        let files = report.results.files.iter().enumerate();
        Self {
            report,
            known: pictures
                .clone()
                .map(|(machine, picture)| (key(machine), picture))
                .collect(),
            by_name: pictures
                .map(|(machine, picture)| {
                    let (file, name, _) = key(machine);
                    ((file, name), picture)
                })
                .collect(),
            files: files
                .filter(|(_, file)| !file.diff.is_empty())
                .map(|(number, file)| (&*file.file, number))
                .collect(),
            shown: BTreeSet::new(),
            drawn: Vec::new(),
        }
    }

    /// The row of a machine, which is drawn too where there is room.
    fn row(&mut self, one: &MachineState<'a>) -> HtmlRow {
        let number = match self.drawn.len() {
            number if number < MOST_DRAWN => number + 1,
            _ => 0,
        };
        if number > 0 {
            self.draw(one, number);
        }
        row(one, number)
    }

    fn draw(&mut self, one: &MachineState<'a>, number: usize) {
        let (file, name, start) = key(one.machine);
        let picture = self.known.get(&(file, name, start)).copied();
        let picture = picture.or_else(|| self.by_name.get(&(file, name)).copied());
        let region = &one.machine.location.region;
        let file = self.files.get(&*region.file);
        let diff = file.map_or(0, |file| file + 1);
        self.shown.extend(file);
        let holds = one
            .finding
            .related
            .iter()
            .filter(|_| one.state > State::Ready);
        let holds = holds.map(|related| {
            let place = related.location.region.place();
            clean(&format!("{place}: {}", related.message))
        });
        let mut drawn = Drawn {
            number,
            row: row(one, number),
            holds: holds.collect(),
            sides: Vec::new(),
            width: 0,
            height: 0,
            edges: Vec::new(),
            is_too_large: false,
            diff,
        };
        if let Some(picture) = picture {
            drawn.add(picture);
        }
        self.drawn.push(drawn);
    }

    /// The diffs of the files of those that were drawn.
    fn diffs(&self) -> Vec<Diff> {
        let files = self.report.results.files.iter().enumerate();
        files
            .filter(|(number, _)| self.shown.contains(number))
            .map(|(number, file)| Diff {
                number: number + 1,
                file: clean(&String::from_utf8_lossy(&file.file)),
                lines: lines(&file.diff),
            })
            .collect()
    }
}

fn key(machine: &ReportedMachine) -> (&[u8], &str, usize) {
    let region = &machine.location.region;
    (&region.file, &machine.name, region.start.offset)
}

fn row(one: &MachineState<'_>, drawn: usize) -> HtmlRow {
    HtmlRow {
        title: clean(&one.title()),
        place: clean(&one.place()),
        state: one.state.word(),
        mark: match one.state {
            State::Done => "\u{2713}",
            State::Ready => "\u{2192}",
            State::Unsafe => "!",
            State::Held => "\u{2715}",
        },
        reason: clean(&one.reason()),
        drawn,
    }
}

impl Drawn {
    fn add(&mut self, picture: &Picture) {
        self.is_too_large = picture.nodes.len() > Picture::MOST_NODES;
        let layout = (!self.is_too_large).then(|| PictureLayout::new(picture));
        let name = |node: usize| {
            let node = picture.nodes.get(node);
            node.map_or_else(String::new, |node| clean(&node.name))
        };
        let edges = picture.edges.iter().enumerate();
        let edges = edges.map(|(number, edge)| {
            let drawn = layout.as_ref().and_then(|layout| layout.edges.get(number));
            let (path, x, y) = drawn.cloned().unwrap_or_default();
            Arrow {
                path,
                x,
                y,
                from: name(edge.from),
                to: name(edge.to),
                fate: word(edge.fate),
            }
        });
        self.edges = edges.collect();
        let Some(layout) = layout else {
            return;
        };
        (self.width, self.height) = (layout.width, layout.height);
        let changes = picture.nodes.iter().any(|node| node.fate != Fate::Kept)
            || picture.edges.iter().any(|edge| edge.fate != Fate::Kept);
        let sides: &[(&'static str, bool)] = match changes {
            true => &[("Before", false), ("After", true)],
            false => &[("Unchanged", false)],
        };
        let nodes: Vec<(Fate, &(usize, usize), String, &str)> = picture
            .nodes
            .iter()
            .zip(&layout.nodes)
            .map(|(node, corner)| (node.fate, corner, clean(&node.name), node.kind.as_str()))
            .collect();
        self.sides = sides
            .iter()
            .map(|(title, is_after)| DiffSide {
                title,
                nodes: nodes
                    .iter()
                    .filter(|(fate, ..)| is_drawn(*fate, *is_after))
                    .map(|(fate, (x, y), name, kind)| NodeShape {
                        x: *x,
                        y: *y,
                        label: shortened(name),
                        name: name.clone(),
                        kind: shortened(&clean(kind.rsplit('/').next().unwrap_or_default())),
                        fate: word(*fate),
                    })
                    .collect(),
                edges: picture
                    .edges
                    .iter()
                    .zip(&self.edges)
                    .filter(|(edge, _)| is_drawn(edge.fate, *is_after))
                    .map(|(_, arrow)| arrow.clone())
                    .collect(),
            })
            .collect();
    }
}

/// The end of a name tells machines apart more often than its start, so both are kept.
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

impl Other {
    fn new(finding: &ReportedFinding) -> Self {
        Self {
            severity: finding.severity.word(),
            place: clean(&finding.location.region.place()),
            rule: finding.rule.id,
            message: clean(&finding.message),
            fix: finding.fixed_by.command(),
            advice: finding.advice().map(|line| clean(&line)).collect(),
        }
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
