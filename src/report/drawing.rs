//! Findings as rustc draws them: the message, the source with the place underlined, what to do.
//!
//! Knows annotate-snippets and the width of a drawing. Start at [`draw`].

use std::io;

use annotate_snippets::renderer::DEFAULT_LINE_NUM_STYLE;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};
use anstyle::Style;

use super::fixed_by::{FixedBy, fix_note};
use super::sanitize::sanitize;
use super::source_text::SourceText;
use super::window::{Mark, Window};
use crate::rules::{Finding, Place, Severity};

/// How a drawing looks.
#[derive(Clone, Copy, Debug)]
pub struct Canvas {
    /// Whether it has colours.
    pub color: bool,
    /// Its columns.
    pub width: usize,
}

impl Canvas {
    /// The columns of a drawing that no terminal shows, so that two runs give the same bytes.
    pub const WIDTH: usize = 140;
    /// The narrowest drawing: below this, source lines are cut to nothing.
    const NARROWEST: usize = 60;
}

impl Default for Canvas {
    fn default() -> Self {
        Self {
            color: false,
            width: Self::WIDTH,
        }
    }
}

/// Draws each finding to `out`, each followed by an empty line.
///
/// `pages` are the files that the places of findings and of what is related to them count in: those
/// that were migrated together.
///
/// Everything from a file is sanitized; with colours the only escapes in the output are those
/// of the colors. Columns count UTF-16 units from 1, as in every format.
///
/// # Errors
///
/// Those of `out`.
pub fn draw<'f>(
    out: &mut dyn io::Write,
    findings: impl IntoIterator<Item = &'f Finding>,
    pages: &[SourceText<'_>],
    unsafe_fixes: bool,
    canvas: Canvas,
) -> io::Result<()> {
    let width = canvas.width.max(Canvas::NARROWEST);
    let renderer = if canvas.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let drawing = Drawing {
        pages,
        unsafe_fixes,
        width,
        renderer: renderer.term_width(width),
        arrow: if canvas.color {
            DEFAULT_LINE_NUM_STYLE
        } else {
            Style::new()
        },
    };
    for finding in findings {
        drawing.finding(out, finding)?;
        writeln!(out)?;
    }
    Ok(())
}

/// What to underline of a place in a file.
fn mark(page: &SourceText<'_>, place: &Place, longest: usize) -> Mark {
    let span = page.text_range(&place.span);
    Mark::new(page.text(), page.index(), &span, longest)
}

/// What all drawings share.
struct Drawing<'a> {
    pages: &'a [SourceText<'a>],
    unsafe_fixes: bool,
    width: usize,
    renderer: Renderer,
    arrow: Style,
}

/// A mark and its sanitized label.
type Labelled = (Mark, String);

impl Drawing<'_> {
    fn finding(&self, out: &mut dyn io::Write, finding: &Finding) -> io::Result<()> {
        let Some(page) = self.pages.get(finding.place.source) else {
            return Ok(());
        };
        let longest = Mark::longest(self.width, finding.related.is_empty());
        let primary = mark(page, &finding.place, longest);
        let mut near: Vec<Labelled> = Vec::new();
        let mut far: Vec<(&SourceText<'_>, Labelled)> = Vec::new();
        for related in &finding.related {
            let Some(its) = self.pages.get(related.place.source) else {
                continue;
            };
            let labelled = (
                mark(its, &related.place, longest),
                sanitize(&related.message).into_owned(),
            );
            if related.place.source == finding.place.source
                && labelled.0.is_near(&primary, self.width)
            {
                near.push(labelled);
            } else {
                far.push((its, labelled));
            }
        }

        let level = level(finding.severity);
        let title = level
            .clone()
            .primary_title(sanitize(&finding.message))
            .id(finding.rule.id);
        self.drawing(
            out,
            page,
            Group::with_title(title),
            level,
            (&primary, &near),
            footer(finding, self.unsafe_fixes, self.width),
        )?;
        for (page, (mark, label)) in &far {
            let title = Level::NOTE.primary_title(label.as_str());
            self.drawing(
                out,
                page,
                Group::with_title(title),
                Level::NOTE,
                (mark, &[]),
                Vec::new(),
            )?;
        }
        Ok(())
    }

    /// The title, the place and the source are drawn apart: annotate-snippets counts a column in
    /// characters of the source it is given, which is cut and escaped here, and it starts the
    /// place of a second file with `:::`, which GitHub's runner may read as a command.
    fn drawing(
        &self,
        out: &mut dyn io::Write,
        page: &SourceText<'_>,
        title: Group<'_>,
        level: Level<'_>,
        (primary, near): (&Mark, &[Labelled]),
        footer: Vec<Element<'_>>,
    ) -> io::Result<()> {
        let marks: Vec<&Mark> = std::iter::once(primary)
            .chain(near.iter().map(|(mark, _)| mark))
            .collect();
        let window = Window::new(page.text(), page.index(), &marks);
        let mut spans = window.spans.into_iter();
        let shown = window.shown.into_iter();
        let snippet =
            Snippet::source(window.source)
                .line_start(window.first_line)
                .annotations(spans.next().map(|span| AnnotationKind::Primary.span(span)))
                .annotations(spans.zip(near).map(|(span, (_, label))| {
                    AnnotationKind::Context.span(span).label(label.as_str())
                }))
                .annotations(shown.map(|span| AnnotationKind::Visible.span(span)));
        let body = Group::with_level(level).element(snippet).elements(footer);

        writeln!(out, "{}", self.renderer.render(&[title]))?;
        let name = String::from_utf8_lossy(page.name());
        let (name, arrow) = (sanitize(&name), self.arrow);
        let margin = " ".repeat(window.last_line.to_string().len());
        let (line, column) = (primary.position.line, primary.position.column);
        writeln!(out, "{margin}{arrow}-->{arrow:#} {name}:{line}:{column}")?;
        writeln!(out, "{}", self.renderer.render(&[body]))
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

/// The lines below the source: the path, what to do, and why `fix` does not do it.
fn footer(finding: &Finding, unsafe_fixes: bool, width: usize) -> Vec<Element<'_>> {
    let path = (!finding.place.path.is_empty()).then(|| {
        Level::NOTE
            .with_name("path")
            .message(sanitize(&finding.place.path))
    });
    let help = finding
        .help
        .iter()
        .map(|line| Level::HELP.message(wrapped(&sanitize(line), width)));
    let by = FixedBy::new(&finding.fix, unsafe_fixes);
    let fix = fix_note(&finding.fix, by)
        .map(|note| Level::NOTE.message(wrapped(&sanitize(&note), width)));
    path.into_iter()
        .chain(help)
        .chain(fix)
        .map(Element::from)
        .collect()
}

/// A line below the source in as many lines as a terminal of this width needs, broken at blanks.
fn wrapped(line: &str, width: usize) -> String {
    /// What is in front of the words: a margin for four digits, `= help: `.
    const FRONT: usize = 14;
    let mut text = String::new();
    let mut column = FRONT;
    for word in line.split_inclusive(' ') {
        let length = word.trim_end().chars().count();
        // Where no terminal shows it, a line stays one line.
        if width < Canvas::WIDTH && column > FRONT && column + length > width {
            text.truncate(text.trim_end().len());
            text.push('\n');
            column = FRONT;
        }
        text.push_str(word);
        column += word.chars().count();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sanitize_lines;
    use crate::rules::{Fix, Related, Rule};
    use std::borrow::Cow;
    use std::ops::Range;

    static RULE: Rule = Rule {
        id: "vm-extension",
        finds: "the extension",
        fixes: "removes it",
        severity: Severity::Error,
        ..Rule::DEFAULT
    };

    fn place(span: Range<usize>) -> Place {
        let path = "$['resources'][0]".to_owned();
        Place {
            source: 0,
            span,
            path,
        }
    }

    fn finding(span: Range<usize>) -> Finding {
        let message = "the managed identity extension is retired";
        Finding::new(&RULE, place(span), message)
            .with_severity(Severity::Error)
            .with_fix(Fix::Safe("fixes it".into()))
    }

    fn related(span: Range<usize>, message: &str) -> Related {
        Related {
            place: place(span),
            message: message.to_owned(),
        }
    }

    fn span(text: &[u8], needle: &str) -> Range<usize> {
        let found = text
            .windows(needle.len())
            .position(|part| part == needle.as_bytes());
        let start = found.unwrap();
        start..start + needle.len()
    }

    fn drawn(text: &[u8], finding: Finding) -> String {
        let mut out = Vec::new();
        let page = SourceText::new(b"apps/otter.json", text);
        draw(&mut out, &[finding], &[page], false, Canvas::default()).unwrap();
        assert!(matches!(sanitize_lines(&out), Cow::Borrowed(_)));
        String::from_utf8(out).unwrap()
    }

    const OTTER: &str = r#"{
  "resources": [
    {
      "type": "Microsoft.Compute/virtualMachines/extensions",
      "name": "otter/msi",
      "apiVersion": "2019-07-01",
      "properties": {
        "publisher": "Microsoft.ManagedIdentity"
      }
    },
    {
      "type": "Microsoft.Compute/virtualMachines/extensions",
      "name": "otter/setup",
      "dependsOn": [
        "otter/msi"
      ]
    }
  ]
}
"#;

    #[test]
    fn an_entry_is_drawn_with_its_repairs_and_help() {
        let text = OTTER.as_bytes();
        let start = OTTER.find("    {\n").unwrap() + 4;
        let end = OTTER.find("    },").unwrap() + 5;
        let mut finding = finding(start..end);
        let repair = span(text, "\"otter/msi\"\n");
        finding.related = vec![related(repair, "this entry goes too")];
        finding.help = vec!["ask IMDS for the token".to_owned()];
        finding.fix =
            Fix::Held(crate::rules::HoldCode::Command.because("a script reads port 50342"));
        insta::assert_snapshot!(drawn(text, finding), @r#"
        error[vm-extension]: the managed identity extension is retired
          --> apps/otter.json:3:5
           |
         3 |     {
           |     ^
         4 |       "type": "Microsoft.Compute/virtualMachines/extensions",
         5 |       "name": "otter/msi",
         6 |       "apiVersion": "2019-07-01",
        ...
        15 |         "otter/msi"
           |         ----------- this entry goes too
           |
           = path: $['resources'][0]
           = help: ask IMDS for the token
           = note: not fixed: a script reads port 50342
        "#);
    }

    #[test]
    fn a_far_repair_gets_a_drawing_of_its_own() {
        let text = format!("\"near\"\n{}  \"far\"\n", "\n".repeat(500));
        let mut finding = finding(span(text.as_bytes(), "\"near\""));
        finding.severity = Severity::Warning;
        finding.related = vec![related(span(text.as_bytes(), "\"far\""), "depends on it")];
        finding.fix = Fix::Unsafe("fixes it".into());
        insta::assert_snapshot!(drawn(text.as_bytes(), finding), @r#"
        warning[vm-extension]: the managed identity extension is retired
         --> apps/otter.json:1:1
          |
        1 | "near"
          | ^^^^^^
          |
          = path: $['resources'][0]
          = note: fixed only with --unsafe-fixes: fixes it
        note: depends on it
           --> apps/otter.json:502:3
            |
        502 |   "far"
            |   ^^^^^
        "#);
    }

    #[test]
    fn a_hostile_line_is_escaped_and_still_underlined() {
        let text = b"{\n\t\"\x1b[31m##vso[x]\xff\xf0\x9f\x98\x80\": \"otter\"\n}";
        let mut finding = finding(span(text, "\"otter\""));
        finding.message = "##[command]\u{202e}\nnew line".to_owned();
        finding.place.path = "$['\u{9b}##VSO[x]']".to_owned();
        finding.severity = Severity::Note;
        insta::assert_snapshot!(drawn(text, finding), @r#"
        note[vm-extension]: ##_[command]\u{202e}\u{a}new line
         --> apps/otter.json:2:22
          |
        2 |     "\u{1b}[31m##_vso[x]\xff😀": "otter"
          |                                  ^^^^^^^
          |
          = path: $['\u{9b}##_VSO[x]']
          = note: fixed by `fix`: fixes it
        "#);
    }

    #[test]
    fn the_column_counts_utf16_units_of_the_file() {
        let text = "\u{feff}{ \"\u{1f600}\u{200d}\": \"otter\" }".as_bytes();
        let out = drawn(text, finding(span(text, "\"otter\"")));
        assert!(out.contains("--> apps/otter.json:1:10\n"), "{out}");
    }

    #[test]
    fn a_file_in_utf16_is_drawn_as_its_text_in_utf8() {
        let text = format!("\u{feff}{}", OTTER.replace("otter", "\u{e9}\u{1f600}"));
        let drawn_in = |file: Vec<u8>, needle: &[u8]| {
            let start = file.windows(needle.len()).position(|part| part == needle);
            let start = start.unwrap();
            drawn(&file, finding(start..start + needle.len()))
        };
        let encoded = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(bytes).collect()
        };
        let name = "\u{1f600}/setup";
        let expected = drawn_in(text.clone().into_bytes(), name.as_bytes());
        assert!(expected.contains("apps/otter.json:13:17\n"), "{expected}");
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let file = encoded(&text, bytes);
            assert_eq!(drawn_in(file, &encoded(name, bytes)), expected);
        }
    }

    #[test]
    fn a_file_of_one_huge_line_gives_a_short_drawing() {
        let pad = "\"a\": \"\u{e9}\", ".repeat(200_000);
        let text = format!("{{{pad}\"otter\": 1, {pad}\"heron\": 2}}");
        let mut finding = finding(span(text.as_bytes(), "\"otter\""));
        finding.place.span.end = text.len();
        let heron = span(text.as_bytes(), "\"heron\"");
        finding.related = vec![related(heron, "this too")];
        let out = drawn(text.as_bytes(), finding);
        assert!(
            out.lines()
                .all(|line| line.chars().count() <= Canvas::WIDTH),
            "{out}"
        );
        assert!(
            out.contains("\"otter\"") && out.contains("\"heron\""),
            "{out}"
        );
    }

    #[test]
    fn any_span_of_any_bytes_is_drawn() {
        for text in [
            &b"\xef\xbb\xbf{\r\n\n \xff\x1b\"\xf0\x9f\x98\x80\":\t1\r\n\n\x80\x80\x80\n"[..],
            b"\xff\xfe{\0\r\0\n\0\n\0\0\0\"\0\x3d\xd8\0\xde\x3d\xd8\r\0\n\0\xff\xfe1",
        ] {
            for start in 0..text.len() + 2 {
                for end in 0..text.len() + 2 {
                    let mut finding = finding(start..end);
                    finding.related = vec![related(end..start, "a"), related(start..start, "b")];
                    assert!(drawn(text, finding).starts_with("error[vm-extension]: "));
                }
            }
        }
    }

    #[test]
    fn color_adds_escapes_only() {
        let text = OTTER.as_bytes();
        let findings = [finding(span(text, "\"otter/msi\""))];
        let pages = [SourceText::new(b"\x1b[2Jotter.json", text)];
        let (mut plain, mut styled) = (Vec::new(), Vec::new());
        draw(&mut plain, &findings, &pages, false, Canvas::default()).unwrap();
        let mut stripped = anstream::StripStream::new(&mut styled);
        draw(
            &mut stripped,
            &findings,
            &pages,
            false,
            Canvas {
                color: true,
                ..Canvas::default()
            },
        )
        .unwrap();
        assert_eq!(plain, styled);
        assert!(plain.windows(7).any(|part| part == b"\\u{1b}["));
    }

    #[test]
    fn help_is_broken_at_blanks_where_a_terminal_is_narrow() {
        let line =
            "remove it there with `az vm extension delete`, which asks Azure for each machine";
        assert_eq!(wrapped(line, Canvas::WIDTH), line);
        let narrow = wrapped(line, 60);
        assert_eq!(narrow.replace('\n', " "), line);
        assert!(narrow.lines().count() == 2 && narrow.lines().all(|line| line.len() <= 46));
    }
}
