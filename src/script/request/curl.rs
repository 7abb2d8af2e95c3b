//! The requests of curl and wget. Source: their manual pages.

use super::super::{Command, HOLE, Word, is_unfit};
use super::{Method, Request, authority_in};
use crate::text::Edit;

/// Options of curl that change nothing about what is asked for, and take no value.
const SWITCHES: [&str; 15] = [
    "--silent",
    "--show-error",
    "--fail",
    "--insecure",
    "--location",
    "--verbose",
    "--compressed",
    "--include",
    "--ipv4",
    "--fail-with-body",
    "--no-progress-meter",
    "--globoff",
    "--no-buffer",
    "--http1.1",
    "--retry-connrefused",
];

/// Such options with a value.
const VALUED: [&str; 11] = [
    "--output",
    "--write-out",
    "--max-time",
    "--connect-timeout",
    "--retry",
    "--retry-delay",
    "--retry-max-time",
    "--user-agent",
    "--noproxy",
    "--stderr",
    "--dump-header",
];

/// Short options and the long ones that they stand for.
const SHORT: &[(char, &str)] = &[
    ('s', "--silent"),
    ('S', "--show-error"),
    ('f', "--fail"),
    ('k', "--insecure"),
    ('L', "--location"),
    ('v', "--verbose"),
    ('i', "--include"),
    ('4', "--ipv4"),
    ('g', "--globoff"),
    ('N', "--no-buffer"),
    ('o', "--output"),
    ('w', "--write-out"),
    ('m', "--max-time"),
    ('A', "--user-agent"),
    ('D', "--dump-header"),
    ('H', "--header"),
    ('d', "--data"),
    ('G', "--get"),
    ('X', "--request"),
    ('x', "--proxy"),
    ('I', "--head"),
];

/// The options that send data.
const DATA: [&str; 5] = [
    "--data",
    "--data-urlencode",
    "--data-raw",
    "--data-ascii",
    "--data-binary",
];

/// An option as it was written.
struct Flag<'w> {
    name: String,
    /// The word that its value is the end of.
    word: &'w Word,
    /// What it is given, and where that or the option starts.
    value: Option<String>,
    /// From the option to the end of its value.
    span: std::ops::Range<usize>,
}

/// The request of a command of curl or wget; `None` where it is none of them or asks for nothing.
pub(super) fn request(command: &Command) -> Option<Request> {
    match command.name()? {
        "curl" => curl(command),
        "wget" => wget(command),
        _ => None,
    }
}

fn curl(command: &Command) -> Option<Request> {
    let (options, mut urls, unknown) = options(command);
    let mut url = None;
    let mut front = None;
    for option in options.iter().filter(|option| option.name == "--url") {
        let word = command
            .words
            .iter()
            .find(|word| word.span.end == option.span.end)?;
        urls.push(word.clone());
        front = Some(option.span.start);
    }
    if urls.len() == 1 {
        url = urls.pop();
    }
    let mut request = Request::of_url(url?);
    // Nothing comes between `--url` and its value.
    let front = front.unwrap_or(request.url.span.start);
    if let Some(reason) = unknown {
        request.hinder(reason);
    }
    let mut in_query = false;
    let mut is_raw = false;
    let mut first_data = None;
    let mut verb: Option<(String, std::ops::Range<usize>)> = None;
    for option in &options {
        let value = option.value.clone().unwrap_or_default();
        match option.name.as_str() {
            "--header" => request.headers.push(value),
            "--get" => in_query = true,
            "--request" if verb.is_some() => {
                request.hinder("the method of the request is given twice")
            }
            "--request" => verb = Some((value, option.span.clone())),
            "--noproxy" if value == "*" || value.contains("169.254.169.254") => {
                request.past_proxies = true;
            }
            "--noproxy" => request.hinder("the proxy is bypassed only for other hosts"),
            "--proxy" => request.hinder(
                "the request goes through a proxy, and IMDS answers no \
                                         request through a proxy",
            ),
            name if DATA.contains(&name) => {
                if value.starts_with('@') || (name == "--data-urlencode" && !value.contains('=')) {
                    request.hinder("the request sends data from a file");
                }
                let is_empty = value.is_empty();
                if is_empty {
                    request.hinder("the request sends an empty body");
                }
                is_raw |= name != "--data-urlencode" && value.contains(is_unfit);
                let dropped = authority(option, &value);
                let is_dropped =
                    authority_in(&value).is_some_and(|range| range.len() == value.len());
                request.drop_authority.extend(dropped);
                if !is_dropped {
                    first_data.get_or_insert((option.span.start, name.to_owned()));
                }
                request.data.extend(
                    value
                        .split('&')
                        .filter(|one| !one.is_empty())
                        .map(str::to_owned),
                );
            }
            _ => {}
        }
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
    if let Some((at, _)) = first_data {
        request.add_version = Some(Edit::insertion(at, "-d api-version=2018-02-01 "));
    }
    request.add_header = Some(Edit::insertion(front, "-H Metadata:true "));
    Some(request)
}

/// What takes `authority=…` out of the value of an option; the whole option where that is all it says.
fn authority(option: &Flag<'_>, value: &str) -> Option<Edit> {
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

/// The options of a command of curl, its addresses, and why not all is understood.
fn options(command: &Command) -> (Vec<Flag<'_>>, Vec<Word>, Option<String>) {
    let mut options = Vec::new();
    let mut urls = Vec::new();
    let mut unknown = None;
    let mut words = command.words.iter().skip(1);
    while let Some(word) = words.next() {
        let text = word.text();
        if !text.starts_with('-') || text == "-" {
            if text.starts_with(HOLE) || text.is_empty() {
                unknown.get_or_insert("one of the command's words is unknown".to_owned());
            }
            urls.push(word.clone());
            continue;
        }
        if text.starts_with("--") {
            let (name, glued) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (text, None),
            };
            add(&mut options, &mut unknown, name, glued, word, &mut words);
            continue;
        }
        for (at, letter) in text.char_indices().skip(1) {
            let Some((_, name)) = SHORT.iter().find(|(short, _)| *short == letter) else {
                unknown.get_or_insert(format!("the option -{letter} is unknown"));
                break;
            };
            let rest = text.get(at + letter.len_utf8()..).unwrap_or_default();
            let takes = takes_value(name);
            let glued = (takes && !rest.is_empty()).then(|| rest.to_owned());
            add(&mut options, &mut unknown, name, glued, word, &mut words);
            if takes {
                // Others in front of it in one word are not taken apart.
                if at > 1 && (DATA.contains(name) || *name == "--request") {
                    unknown.get_or_insert("several options are written as one word".to_owned());
                }
                break;
            }
        }
    }
    (options, urls, unknown)
}

fn takes_value(name: &str) -> bool {
    VALUED.contains(&name)
        || DATA.contains(&name)
        || ["--header", "--request", "--proxy", "--url"].contains(&name)
}

fn add<'w>(
    options: &mut Vec<Flag<'w>>,
    unknown: &mut Option<String>,
    name: &str,
    glued: Option<String>,
    word: &'w Word,
    words: &mut impl Iterator<Item = &'w Word>,
) {
    let mut span = word.span.clone();
    let mut holder = word;
    let value = if takes_value(name) {
        let next = if glued.is_some() { None } else { words.next() };
        if let Some(next) = next {
            span.end = next.span.end;
            holder = next;
        }
        let value = glued.or_else(|| next.map(|next| next.text().to_owned()));
        let unsure = value.as_deref().is_none_or(|value| value.contains(HOLE));
        if unsure && ["--header", "--request"].contains(&name) {
            unknown.get_or_insert("the value of an option is unknown".to_owned());
        }
        value
    } else {
        if !SWITCHES.contains(&name) && name != "--get" {
            unknown.get_or_insert(format!("the option {name} is unknown"));
        }
        None
    };
    options.push(Flag {
        name: name.to_owned(),
        word: holder,
        value,
        span,
    });
}

fn wget(command: &Command) -> Option<Request> {
    let mut urls = Vec::new();
    let mut headers = Vec::new();
    let mut obstacle = None;
    let mut past_proxies = false;
    let mut words = command.words.iter().skip(1);
    while let Some(word) = words.next() {
        let text = word.text();
        match text {
            "-q" | "--quiet" | "-nv" | "-qO-" | "-O-" => {}
            "--no-proxy" => past_proxies = true,
            "-O" | "-T" | "-t" | "-qO" => {
                words.next();
            }
            "--header" => headers.extend(words.next().map(|word| word.text().to_owned())),
            _ if text.starts_with("--header=") => {
                headers.extend(text.strip_prefix("--header=").map(str::to_owned));
            }
            _ if text.starts_with("--output-document=")
                || text.starts_with("--timeout=")
                || text.starts_with("--tries=") => {}
            _ if text.starts_with("--post-") => {
                obstacle.get_or_insert(
                    "this is a POST by wget, which cannot send the data in the query".to_owned(),
                );
            }
            _ if text.starts_with('-') || text.starts_with(HOLE) => {
                obstacle.get_or_insert(format!("the option {text} is unknown"));
            }
            _ => urls.push(word.clone()),
        }
    }
    let url = urls.pop().filter(|_| urls.is_empty())?;
    let at = url.span.start;
    Some(Request {
        headers,
        obstacle,
        past_proxies,
        add_header: Some(Edit::insertion(at, "--header=Metadata:true ")),
        ..Request::of_url(url)
    })
}
