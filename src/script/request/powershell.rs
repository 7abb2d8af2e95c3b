//! The requests of `Invoke-WebRequest` and `Invoke-RestMethod`. Source: their help pages.

use super::super::{Command, HOLE, TableEntry, Word};
use super::options::{Flag, Meaning, Meanings, read};
use super::{LiteralTable, Method, Request, THROUGH_PROXY};
use crate::text::Edit;

/// What takes `authority` out of a table in which something else is.
fn authority(entries: &[TableEntry]) -> Option<Edit> {
    let at = entries
        .iter()
        .position(|entry| entry.key.eq_ignore_ascii_case("authority"))?;
    let entry = entries.get(at)?;
    let range = match (entries.get(at + 1), at.checked_sub(1)) {
        (Some(next), _) => entry.span.start..next.span.start,
        (None, Some(before)) => entries.get(before)?.span.end..entry.span.end,
        (None, None) => return None,
    };
    Some(Edit::deletion(range))
}

const NAMES: [&str; 4] = ["invoke-webrequest", "invoke-restmethod", "iwr", "irm"];

const PARAMETERS: Meanings = &[
    (
        Meaning::Switch,
        "-usebasicparsing -disablekeepalive -verbose -skiphttperrorcheck -passthru",
    ),
    (
        Meaning::Valued,
        "-contenttype -timeoutsec -erroraction -outfile -maximumretrycount -retryintervalsec -useragent \
         -outvariable",
    ),
    (Meaning::Url, "-uri"),
    (Meaning::Method, "-method"),
    (Meaning::Header, "-headers"),
    (Meaning::Data, "-body"),
    (Meaning::Proxy, "-proxy"),
    (Meaning::NoProxy, "-noproxy"),
];

/// A parameter in lower case; a dash of typography starts one too.
fn spelled(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let rest = lower.strip_prefix(['–', '—', '―']);
    rest.map(|rest| format!("-{rest}")).unwrap_or(lower)
}

/// The hashtable that a word is.
fn literal_table(word: &Word) -> Option<LiteralTable> {
    let entries = word.table.iter().flatten();
    let entries = entries.map(|entry| (entry.key.clone(), entry.value.text().to_owned()));
    word.table.as_ref().map(|_| LiteralTable {
        entries: entries.collect(),
        open: word.span.start + "@{".len(),
    })
}

/// The request of a command; `None` where it is not one of these.
pub(super) fn request(command: &Command) -> Option<Request> {
    let name = command.name()?.to_ascii_lowercase();
    if !NAMES.contains(&&*name) {
        return None;
    }
    let mut obstacle = command
        .has_input
        .then_some("the text that is piped to the command may be its body");
    let (mut url, mut verb, mut headers, mut body) = (None, None, None, None);
    let (parameters, unknown) = read(command, PARAMETERS, spelled);
    let mut is_unknown = unknown.is_some();
    for Flag { meaning, word, .. } in &parameters {
        match meaning {
            Meaning::Url if url.is_none() && !word.text().starts_with(['@', HOLE]) => {
                url = Some((*word).clone());
            }
            Meaning::Method => verb = Some(*word),
            Meaning::Header => headers = Some(*word),
            Meaning::Data => body = Some(*word),
            Meaning::Proxy => _ = obstacle.get_or_insert(THROUGH_PROXY),
            Meaning::Switch | Meaning::Valued | Meaning::NoProxy => {}
            _ => is_unknown = true,
        }
    }
    if is_unknown {
        obstacle.get_or_insert("one of the request's parameters is unknown");
    }
    let mut request = Request::of_url(url?);
    request.obstacle = obstacle.map(str::to_owned);
    request.past_proxies = parameters.iter().any(|one| one.meaning == Meaning::NoProxy);
    match headers {
        None => {
            let at = request.url.span.end;
            request.add_header = Some(Edit::insertion(at, " -Headers @{Metadata='true'}"));
        }
        Some(word) => request.set_headers(literal_table(word), "Metadata='true'", "; "),
    }
    let posts = match verb.map(|verb| verb.text().to_ascii_uppercase()).as_deref() {
        None | Some("GET") => false,
        Some("POST") => true,
        Some(_) => {
            request.hinder("the method of the request is neither GET nor POST");
            true
        }
    };
    request.method = if posts { Method::Post } else { Method::Get };
    if let Some(word) = body {
        request.drop_authority = word
            .table
            .as_deref()
            .and_then(authority)
            .into_iter()
            .collect();
        let elsewhere = "the body of the request is set elsewhere";
        request.set_data(
            literal_table(word),
            "'api-version'='2018-02-01'; ",
            elsewhere,
        );
    }
    if let Some(verb) = verb.filter(|_| posts) {
        request.to_get = verb
            .inner
            .outward(&Edit::replacement(0..verb.text().len(), "GET"))
            .into_iter()
            .collect();
    }
    Some(request)
}
