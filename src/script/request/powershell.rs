//! The requests of `Invoke-WebRequest` and `Invoke-RestMethod`. Source: their help pages.

use super::super::{Command, HOLE, TableEntry, Word};
use super::{Method, Request};
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

/// Parameters that change nothing about what is asked for, and take no value.
const SWITCHES: [&str; 6] = [
    "-usebasicparsing",
    "-noproxy",
    "-disablekeepalive",
    "-verbose",
    "-skiphttperrorcheck",
    "-passthru",
];

/// Such parameters with a value.
const VALUED: [&str; 7] = [
    "-timeoutsec",
    "-erroraction",
    "-outfile",
    "-maximumretrycount",
    "-retryintervalsec",
    "-useragent",
    "-outvariable",
];

/// The request of a command; `None` where it is none of these.
pub(super) fn request(command: &Command) -> Option<Request> {
    let name = command.name()?.to_ascii_lowercase();
    if !NAMES.contains(&&*name) {
        return None;
    }
    let mut url: Option<Word> = None;
    let mut obstacle = command
        .has_input
        .then(|| "the text that is piped to the command may be its body".to_owned());
    let mut verb: Option<&Word> = None;
    let mut headers: Option<&Word> = None;
    let mut body: Option<&Word> = None;
    let mut words = command.words.iter().skip(1);
    while let Some(word) = words.next() {
        // A dash of typography starts a parameter too.
        let dash = |text: &str| Some(format!("-{}", text.strip_prefix(['–', '—', '―'])?));
        let lower = word.text().to_ascii_lowercase();
        let lower = dash(&lower).unwrap_or(lower);
        match lower.as_str() {
            "-uri" => url = words.next().cloned(),
            "-method" => verb = words.next(),
            "-headers" => headers = words.next(),
            "-body" => body = words.next(),
            "-contenttype" => {
                words.next();
            }
            "-proxy" => {
                obstacle.get_or_insert(
                    "the request goes through a proxy, and IMDS answers no request \
                                    through a proxy"
                        .to_owned(),
                );
                words.next();
            }
            name if SWITCHES.contains(&name) => {}
            name if VALUED.contains(&name) => {
                words.next();
            }
            _ if url.is_none() && !lower.starts_with(['-', '@', HOLE]) => url = Some(word.clone()),
            _ => {
                obstacle.get_or_insert("one of the request's parameters is unknown".to_owned());
            }
        }
    }
    let mut request = Request::of_url(url?);
    request.obstacle = obstacle;
    match headers {
        None => {
            let at = request.url.span.end;
            request.add_header = Some(Edit::insertion(at, " -Headers @{Metadata='true'}"));
        }
        Some(word) => match &word.table {
            Some(entries) => {
                let said = entries
                    .iter()
                    .map(|entry| format!("{}: {}", entry.key, entry.value.text()));
                request.headers = said.collect();
                let mark = if entries.is_empty() {
                    "Metadata='true'"
                } else {
                    "Metadata='true'; "
                };
                request.add_header = Some(Edit::insertion(word.span.start + 2, mark));
            }
            None => request.hinder("the headers of the request are set elsewhere"),
        },
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
        match &word.table {
            Some(entries) => {
                let said = entries
                    .iter()
                    .map(|entry| format!("{}={}", entry.key, entry.value.text()));
                request.data = said.collect();
                request.drop_authority = authority(entries).into_iter().collect();
                let insertion =
                    Edit::insertion(word.span.start + 2, "'api-version'='2018-02-01'; ");
                request.add_version = Some(insertion);
            }
            None => request.hinder("the body of the request is set elsewhere"),
        }
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
