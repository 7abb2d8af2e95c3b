//! What the rules find in a file in another language than JSON.
//!
//! Never knows templates. Start at [`in_text`].

use crate::script::{Inner, Language, Part, language_of, visit};

use super::callers::{Caller, Setting, Surroundings, last_name};
use super::{Fix, extension_in_text, imperative_install, msi_port, token_endpoint};

/// What the rules for callers find in a text, in whatever it stands.
pub(super) fn said(part: &Part<'_>, setting: &Setting) -> Vec<Caller> {
    let rules = [
        token_endpoint::find,
        msi_port::find,
        imperative_install::find,
    ];
    rules.iter().flat_map(|find| find(part, setting)).collect()
}

/// What a file called `name` tells about the files beside it.
pub fn surroundings_of(name: &[u8], text: &[u8]) -> Surroundings {
    let mut told = Surroundings::of_file(name, text);
    let language = language_of(name, text);
    if !matches!(
        language,
        Some(Language::Shell | Language::PowerShell | Language::Python)
    ) {
        return told;
    }
    let script = last_name(name);
    let own = Surroundings {
        extension: true,
        scripts: [script.clone()].into(),
        ..Surroundings::default()
    };
    let callers = in_text(name, text, &own).unwrap_or_default();
    let is_stuck = callers.iter().any(|caller| {
        let moves = matches!(caller.finding.fix, Fix::Safe);
        caller.finding.rule.is_about_callers() && !moves
    });
    if is_stuck {
        told.stuck.insert(script);
    }
    told
}

/// What there is in a file called `name`; `None` if neither the name nor the start of the text says
/// that it is in a language other than JSON.
///
/// `surroundings` is what the files beside it tell.
pub fn in_text(name: &[u8], text: &[u8], surroundings: &Surroundings) -> Option<Vec<Caller>> {
    let declared = extension_in_text::in_text(name, text);
    let Some(language) = language_of(name, text) else {
        let declared = declared?.into_iter();
        return Some(declared.map(Caller::of_finding).collect());
    };
    let inner = Inner::of_bytes(text);
    let setting = Setting::of_file(name, &inner.text, surroundings);
    let mut found: Vec<Caller> = Vec::new();
    let only_fences = language == Language::Markdown;
    let mut commands = Vec::new();
    visit(&inner, language, &mut |part| {
        // The prose of a document speaks of the endpoint, but asks nothing.
        if !(only_fences && part.around.is_empty()) {
            found.extend(said(part, &setting));
        }
        if matches!(part.language, Language::Shell | Language::PowerShell) {
            commands.push(part.levels.outermost_range(0..part.text().len()));
        }
    });
    // Commands that install the extension are findings of their own.
    let declared = declared.into_iter().flatten().filter(|finding| {
        let at = finding.place.span.start;
        !commands.iter().any(|span| span.contains(&at))
    });
    found.extend(declared.map(Caller::of_finding));
    found.sort_by_key(|caller| (caller.finding.place.span.start, caller.finding.rule.id));
    found.dedup_by(|one, other| {
        one.finding.place == other.finding.place && one.finding.rule == other.finding.rule
    });
    Some(found)
}
