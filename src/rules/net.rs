//! The net: what in a text is about the endpoint by its words alone, and that no reader explains.
//!
//! A file's language may be unknown, its reader may leave the text behind a quote that it cannot pair, and
//! host, port and path may be apart. Whatever is left is reported, never edited. Start at [`left`].

use std::ops::Range;

use crate::script::{Inner, Language, Levels};
use crate::text::RangeSet;

use super::callers::{Caller, MOST_FINDINGS, Setting};
use super::endpoint::{addresses_in, fragments};
use super::{Finding, Fix, HoldCode, Place, Severity, token_endpoint};

/// What readers made of a text, in places of its bytes.
#[derive(Default)]
pub(super) struct Explained {
    /// What is reported already.
    pub(super) found: RangeSet,
    /// The comments.
    pub(super) comments: RangeSet,
}

impl Explained {
    /// Whether what is at an offset is a comment: as a reader says, or as its line starts.
    pub(super) fn is_comment(&self, text: &[u8], offset: usize, language: Language) -> bool {
        let before = text.get(..offset).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let line = text
            .get(start..offset)
            .unwrap_or_default()
            .trim_ascii_start();
        let marks = language.comment_marks();
        self.comments.contains(offset)
            || marks.iter().any(|mark| {
                let head = line.get(..mark.len());
                head.is_some_and(|head| head.eq_ignore_ascii_case(mark.as_bytes()))
                    // A directive of C.
                    && !line.starts_with(b"#define")
            })
    }
}

/// The callers that are left in a text, with those that only a comment or a document names as notes.
pub(super) fn left(
    bytes: &[u8],
    inner: &Inner,
    language: Language,
    setting: &Setting,
    explained: &Explained,
) -> Vec<Caller> {
    let levels = Levels { inner, outer: None };
    let addresses = addresses_in(&inner.text, &setting.signs).into_iter();
    let mut spans: Vec<(Range<usize>, bool)> = addresses
        .map(|address| (address.span, address.has_path))
        .collect();
    let whole: RangeSet = spans.iter().map(|(span, _)| span.clone()).collect();
    let parts = fragments(&inner.text, &setting.signs).into_iter();
    let parts = parts.filter(|part| !whole.touches(part));
    spans.extend(parts.map(|span| (span, false)));
    spans.sort_by_key(|(span, _)| span.start);
    let mut end = 0;
    let left = spans.into_iter().filter_map(|(span, is_whole)| {
        let place = levels.outermost_range(span);
        if explained.found.touches(&place) || place.start < end {
            return None;
        }
        end = place.end;
        let is_comment = explained.is_comment(bytes, place.start, language);
        Some(caller(place, is_whole, is_comment, setting))
    });
    left.take(MOST_FINDINGS + 1).collect()
}

fn caller(span: Range<usize>, is_whole: bool, is_comment: bool, setting: &Setting) -> Caller {
    let severity = if is_comment {
        Severity::Note
    } else {
        setting.severity(Severity::Warning)
    };
    let fix = match (severity, is_whole) {
        (Severity::Note, _) => Fix::DisplayOnly,
        (_, true) => {
            Fix::Held(HoldCode::Command.because("msi2imds does not parse this kind of file"))
        }
        (_, false) => Fix::Held(HoldCode::Address.because(
            "host, port and path of the address are separate \
                                                 values",
        )),
    };
    let message = if is_comment {
        "a comment names the extension's token endpoint, which nothing serves once the extension is gone"
    } else {
        "this is about the extension's token endpoint, which nothing serves once the extension is gone"
    };
    Caller::of_finding(
        Finding::new(&token_endpoint::RULE, Place::in_text(span), message)
            .with_severity(severity)
            .with_help([token_endpoint::instead()])
            .with_fix(fix),
    )
}
