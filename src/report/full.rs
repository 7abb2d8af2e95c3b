//! What was drawn of each finding or, where these are many, a summary by machine; then what is to do, and the
//! summary line.

use std::io;

use super::concise;
use super::content::Report;
use super::overview::{Overview, State, counted};
use super::sanitize::write_line;

/// More findings than this are summed up by machine.
const MOST_DRAWN: usize = 50;
/// The machines of a folder that are ready or done, and the other findings, are listed up to this many.
const MOST_LISTED: usize = 20;
/// The widest column of the table of machines, in characters.
const WIDEST: usize = 60;

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let overview = Overview::new(report);
    let is_summed_up = report.by_machine && report.listed().count() > MOST_DRAWN;
    if is_summed_up {
        machines(out, &overview)?;
        others(out, &overview)?;
    } else {
        for file in &report.results.files {
            if report.color {
                out.write_all(&file.drawing)?;
            } else {
                // All escapes in a drawing are those of its colors.
                for plain in anstream::adapter::strip_bytes(&file.drawing) {
                    out.write_all(plain)?;
                }
            }
        }
    }
    if !report.quiet && (is_summed_up || report.has_applied()) {
        to_do(out, report, &overview, is_summed_up)?;
    }
    report.write_summary_of_listed(out)
}

/// The machines by folder: those that need somebody, and some of the others.
fn machines(out: &mut dyn io::Write, overview: &Overview<'_>) -> io::Result<()> {
    for (folder, machines) in overview.folders() {
        write_line(out, &format!("{folder}: {}", counted(machines)))?;
        let mut hidden = 0;
        let mut rows: Vec<[String; 4]> = Vec::new();
        for (number, one) in machines.iter().enumerate() {
            if one.state <= State::Ready && number >= MOST_LISTED {
                hidden += 1;
                continue;
            }
            let place = one.place();
            let file = place.rsplit('/').next().unwrap_or_default().to_owned();
            rows.push([file, one.title(), one.state.word().to_owned(), one.reason()]);
        }
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let widest = cells.map(|cell| cell.chars().count()).max();
            widest.unwrap_or_default().min(WIDEST)
        };
        let (first, second) = (width(0), width(1));
        for [file, title, state, reason] in &rows {
            let line = format!("  {file:first$}  {title:second$}  {state:6}  {reason}");
            write_line(out, line.trim_end())?;
        }
        if hidden > 0 {
            writeln!(out, "  {hidden} more that are done or ready")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// What is left beside the machines.
fn others(out: &mut dyn io::Write, overview: &Overview<'_>) -> io::Result<()> {
    if overview.others.is_empty() {
        return Ok(());
    }
    writeln!(out, "other findings: {}", overview.others.len())?;
    for finding in overview.others.iter().take(MOST_LISTED) {
        write_line(out, &format!("  {}", concise::line(finding)))?;
    }
    if let Some(more) = overview
        .others
        .len()
        .checked_sub(MOST_LISTED)
        .filter(|more| *more > 0)
    {
        writeln!(out, "  {more} more, which --output-format concise lists")?;
    }
    writeln!(out)
}

/// What a person does, in its order. After a fix no later run can say it, since the findings are gone.
fn to_do(
    out: &mut dyn io::Write,
    report: &Report<'_>,
    overview: &Overview<'_>,
    is_summed_up: bool,
) -> io::Result<()> {
    let (done, ready) = (overview.number(State::Done), overview.number(State::Ready));
    let others: usize = overview.fixed.values().sum();
    if done + others > 0 {
        writeln!(out, "Fixed: {done} machines, {others} findings elsewhere")?;
    }
    let held = overview.number(State::Held) + overview.number(State::Unsafe);
    if held + overview.others.len() > 0 && done + others > 0 {
        let left = overview.others.len();
        writeln!(
            out,
            "Left for you: {held} machines, {left} findings elsewhere"
        )?;
    }
    if is_summed_up && ready > 0 {
        writeln!(out, "Next: msi2imds fix --plan-file FILE")?;
    }
    if !overview.advice.is_empty() {
        writeln!(out, "Before you deploy:")?;
    }
    for (advice, times) in overview.advice_lines() {
        write_line(out, &format!("  - {advice}{times}"))?;
    }
    if !report.results.previews.is_empty() {
        writeln!(out, "Preview each deployment:")?;
    }
    for command in &report.results.previews {
        write_line(out, &format!("  {command}"))?;
    }
    if done + ready > 0 {
        writeln!(
            out,
            "On running machines afterwards: the commands that `fix --plan-file FILE` writes"
        )?;
    }
    writeln!(out)
}
