//! Waivers in files of other languages, whose comments are known only by how they start.
//!
//! A finding is waived by the words on its line or on the line above. That one waives nothing is told
//! only where a comment starts with it: elsewhere, such as in an example, it may be meant otherwise.
//! Start at [`in_text`].

use std::ops::Range;

use crate::rules::{self, Finding, Place};
use crate::text::LineIndex;

use super::noted::Noted;
use super::words::{MARK, waivers_in};
use super::{Options, Suppressed, SuppressedBy, Waiver, WaiverUse, is_over};
use crate::migrate::Migration;

/// How comments start.
const OPENERS: [&str; 5] = ["//", "#", "/*", "<!--", "--"];
/// How comments start in Markdown: others there stand in examples.
const MARKDOWN: [&str; 1] = ["<!--"];
/// What ends a comment on its line.
const CLOSERS: [&str; 2] = ["*/", "-->"];

/// Takes those of `findings` out that a waiver in `text` waives, and adds what there is to say of the
/// waivers themselves. `is_complete` tells whether all was looked for that they could waive.
pub(in crate::migrate) fn in_text(
    name: &[u8],
    text: &[u8],
    findings: Vec<Finding>,
    options: &Options,
    is_complete: bool,
) -> (Vec<Finding>, Vec<Suppressed>) {
    let has_mark = || memchr::memmem::find(text, MARK.as_bytes()).is_some();
    if options.disregard_waivers_in_files || !has_mark() {
        return (findings, Vec::new());
    }
    let index = LineIndex::new(text);
    let name = name.to_ascii_lowercase();
    let is_markdown = [&b".md"[..], b".markdown"]
        .iter()
        .any(|end| name.ends_with(end));
    let openers = if is_markdown {
        &MARKDOWN[..]
    } else {
        &OPENERS[..]
    };
    let mut told = Vec::new();
    let mut lines = Vec::new();
    let mut start = 0;
    for (number, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let own = start..start + line.len();
        start = own.end;
        let Ok(line) = std::str::from_utf8(line) else {
            continue;
        };
        let closed = CLOSERS.iter().find_map(|closer| line.find(closer));
        let line = closed.and_then(|end| line.get(..end)).unwrap_or(line);
        for (span, words) in waivers_in(line) {
            let before = line.get(..span.start).unwrap_or_default().trim_end();
            let is_comment = openers.iter().any(|opener| before.ends_with(opener));
            let place = in_line(&own, span);
            match words {
                Err(malformed) if is_comment => {
                    let (message, help) = (malformed.message, malformed.help);
                    told.push(rules::malformed_waiver(place, message, help));
                }
                Err(_) => {}
                Ok(words) => {
                    let noted = Noted { place, words };
                    if !is_over(noted.words.until, options.today) {
                        lines.push((number + 1, is_comment, noted));
                    } else if is_comment {
                        told.extend(noted.expired());
                    }
                }
            }
        }
    }
    let mut used = vec![Vec::new(); lines.len()];
    let mut left = Vec::new();
    let mut suppressed = Vec::new();
    for finding in findings {
        let line = index.position(text, finding.place.span.start).line;
        let mut reason = None;
        for ((number, _, noted), used) in lines.iter().zip(&mut used) {
            let is_near = *number == line || number + 1 == line;
            if is_near && noted.words.rules.contains(&finding.rule) {
                used.push(finding.rule.id);
                reason.get_or_insert_with(|| noted.words.reason.clone());
            }
        }
        match reason.map(SuppressedBy::InSource) {
            Some(by) => suppressed.push(Suppressed { finding, by }),
            None => left.push(finding),
        }
    }
    for ((_, is_comment, noted), used) in lines.iter().zip(&used) {
        if is_complete && *is_comment {
            told.extend(noted.unused(|rule| used.contains(&rule.id)));
        }
    }
    left.extend(told);
    left.sort_by_key(|finding| (finding.place.span.start, finding.rule.id));
    (left, suppressed)
}

/// Takes those of `findings` out that a waiver waives that was handed in: one of these, for the whole
/// file.
pub(in crate::migrate) fn waive_given_in_text(
    indices: &[usize],
    findings: Vec<Finding>,
    options: &Options,
    migration: &mut Migration,
) -> Vec<Finding> {
    let mut left = Vec::new();
    for finding in findings {
        let rule = finding.rule;
        let given = indices.iter().filter_map(|index| {
            let waiver = options.waivers.get(*index)?;
            let holds = waiver.within.is_none()
                && waiver.rules.contains(&rule)
                && !waiver.is_expired(options.today);
            holds.then_some((*index, waiver))
        });
        let given: Vec<(usize, &Waiver)> = given.collect();
        let uses = given.iter().map(|(waiver, _)| WaiverUse {
            waiver: *waiver,
            rule,
        });
        migration.used_waivers.extend(uses);
        match given.first() {
            Some((_, waiver)) => migration.suppressed.push(Suppressed {
                finding,
                by: SuppressedBy::Given(waiver.reason.clone()),
            }),
            None => left.push(finding),
        }
    }
    left
}

fn in_line(line: &Range<usize>, span: Range<usize>) -> Place {
    Place {
        source: 0,
        span: line.start + span.start..line.start + span.end,
        path: String::new(),
    }
}
