//! The requests of curl and wget. Source: their manual pages.

use std::ops::Range;

use super::super::{Command, HOLE, is_unfit};
use super::options::{Flag, Meaning, Meanings, read};
use super::{Method, Request, THROUGH_PROXY, authority_in};
use crate::text::Edit;

const CURL: Meanings = &[
    (
        Meaning::Switch,
        "--silent -s --show-error -S --fail -f --fail-with-body --insecure -k --location -L --verbose -v \
         --compressed --include -i --ipv4 -4 --no-progress-meter --globoff -g --no-buffer -N --http1.1 \
         --retry-connrefused",
    ),
    (
        Meaning::Valued,
        "--output -o --write-out -w --max-time -m --connect-timeout --retry --retry-delay --retry-max-time \
         --user-agent -A --stderr --dump-header -D",
    ),
    (Meaning::Url, "--url"),
    (Meaning::Header, "--header -H"),
    (Meaning::Method, "--request -X"),
    (
        Meaning::Data,
        "--data -d --data-raw --data-ascii --data-binary",
    ),
    (Meaning::EncodedData, "--data-urlencode"),
    (Meaning::InQuery, "--get -G"),
    (Meaning::Proxy, "--proxy -x"),
    (Meaning::Unproxied, "--noproxy"),
];

const WGET: Meanings = &[
    (Meaning::Switch, "--quiet -q -nv"),
    (
        Meaning::Valued,
        "--output-document -O --timeout -T --tries -t",
    ),
    (Meaning::Header, "--header"),
    (Meaning::PostedData, "--post-data --post-file"),
    (Meaning::NoProxy, "--no-proxy"),
];

/// The request of a command of curl or wget; `None` where it is not one of them or asks for nothing.
pub(super) fn request(command: &Command) -> Option<Request> {
    match command.name()? {
        "curl" => of_options(command, CURL, "-H Metadata:true "),
        "wget" => of_options(command, WGET, "--header=Metadata:true "),
        _ => None,
    }
}

fn of_options(command: &Command, meanings: Meanings, header: &str) -> Option<Request> {
    let (options, unknown) = read(command, meanings, str::to_owned);
    let mut urls = options
        .iter()
        .filter(|option| option.meaning == Meaning::Url);
    let (Some(url), None) = (urls.next(), urls.next()) else {
        return None;
    };
    // Nothing comes between `--url` and its value.
    let front = url.span.start;
    let mut request = Request::of_url(url.word.clone());
    request.obstacle = unknown;
    let mut in_query = false;
    let mut is_raw = false;
    let mut first_data = None;
    let mut verb: Option<(String, Range<usize>)> = None;
    for option in &options {
        let value = option.value.as_str();
        let is_unsure = value.is_empty() || value.contains(HOLE);
        if matches!(option.meaning, Meaning::Header | Meaning::Method) && is_unsure {
            request.hinder("the value of an option is unknown");
        }
        match option.meaning {
            Meaning::Switch | Meaning::Valued | Meaning::Url => {}
            Meaning::Header => request.headers.push(value.to_owned()),
            Meaning::InQuery => in_query = true,
            Meaning::Method if verb.is_some() => {
                request.hinder("the method of the request is given twice")
            }
            Meaning::Method => verb = Some((value.to_owned(), option.span.clone())),
            Meaning::NoProxy => request.past_proxies = true,
            Meaning::Unproxied if value == "*" || value.contains("169.254.169.254") => {
                request.past_proxies = true;
            }
            Meaning::Unproxied => request.hinder("the proxy is bypassed only for other hosts"),
            Meaning::Proxy => request.hinder(THROUGH_PROXY),
            Meaning::PostedData => {
                request.hinder("this is a POST by wget, which cannot send the data in the query")
            }
            Meaning::Data | Meaning::EncodedData => {
                let is_encoded = option.meaning == Meaning::EncodedData;
                if value.starts_with('@') || (is_encoded && !value.contains('=')) {
                    request.hinder("the request sends data from a file");
                }
                if value.is_empty() {
                    request.hinder("the request sends an empty body");
                }
                is_raw |= !is_encoded && value.contains(is_unfit);
                request.drop_authority.extend(authority(option));
                if authority_in(value).is_none_or(|range| range.len() != value.len()) {
                    first_data.get_or_insert(option.span.start);
                }
                let data = value.split('&').filter(|one| !one.is_empty());
                request.data.extend(data.map(str::to_owned));
            }
        }
    }
    let text = request.url.text();
    if text.starts_with(HOLE) || text.is_empty() {
        request.hinder("one of the command's words is unknown");
    }
    let posts = !request.data.is_empty() && !in_query;
    if posts && is_raw {
        request.hinder("the body of the request contains characters that a query must encode");
    }
    request.method = match verb
        .as_ref()
        .map(|(verb, _)| verb.to_ascii_uppercase())
        .as_deref()
    {
        None if posts => Method::Post,
        None | Some("GET") if !posts => Method::Get,
        Some("POST") => Method::Post,
        _ => {
            request.hinder(
                "the method of the request is neither GET nor POST, or does not match \
                            its data",
            );
            Method::Post
        }
    };
    if request.method == Method::Post {
        if in_query {
            request.hinder("the request is a POST with its data in the query");
        }
        if let Some((_, span)) = &verb {
            request.to_get.push(Edit::replacement(span.clone(), "-G"));
        } else {
            request.to_get.push(Edit::insertion(front, "-G "));
        }
        if request.data.is_empty() {
            // A POST of nothing to an address with a query.
            request.to_get = verb
                .iter()
                .map(|(_, span)| Edit::replacement(span.clone(), "-X GET"))
                .collect();
        }
    }
    if let Some(at) = first_data {
        request.add_version = Some(Edit::insertion(at, "-d api-version=2018-02-01 "));
    }
    request.add_header = Some(Edit::insertion(front, header));
    Some(request)
}

/// What takes `authority=…` out of the value of an option; the whole option where that is all it says.
fn authority(option: &Flag<'_>) -> Option<Edit> {
    let value = option.value.as_str();
    let range = authority_in(value)?;
    if range.len() == value.len() {
        // A blank goes too: the address or the program is in front of it.
        return Some(Edit::deletion(
            option.span.start.checked_sub(1)?..option.span.end,
        ));
    }
    let front = option.word.text().len().checked_sub(value.len())?;
    let edit = Edit::deletion(front + range.start..front + range.end);
    option.word.inner.outward(&edit)
}
