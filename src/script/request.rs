//! What a command or a call asks a web server for, where all of it is understood.
//!
//! Knows the options of curl and wget, the parameters of `Invoke-WebRequest` and
//! `Invoke-RestMethod`, and the calls of Python's requests and urllib and of JavaScript's fetch and
//! axios, and how each of them is changed. Never knows which address is meant. Start at [`Request`].

mod call;
mod curl;
mod http;
mod options;
mod powershell;

use std::ops::Range;

use crate::text::Edit;

use super::{Command, HOLE, Language, Part, Quoting, Word};

pub use call::{Argument, Call, call_at};

/// A command with more words than this is not understood: each address in it would have it read again.
const MOST_WORDS: usize = 200;

/// Headers that IMDS refuses, or that announce a body, which a GET has not.
const REFUSED: [&str; 6] = [
    "x-forwarded-for",
    "transfer-encoding",
    "content-length",
    "content-encoding",
    "expect",
    "host",
];

/// Why a request that a client sends through a proxy is left.
const THROUGH_PROXY: &str =
    "the request goes through a proxy, and IMDS answers no request through a proxy";

/// How a server is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// With a GET.
    #[default]
    Get,
    /// With a POST.
    Post,
}

/// A request, with the edits of the text it is in that change it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// How it asks.
    pub method: Method,
    /// The address as it is written.
    pub url: Word,
    /// The names and values that it sends apart from the address, `name=value`.
    pub data: Vec<String>,
    /// The headers, `Name: value`.
    pub headers: Vec<String>,
    /// What keeps it from being understood as a whole.
    pub obstacle: Option<String>,
    /// What makes a GET of a POST, with its data in the query.
    pub to_get: Vec<Edit>,
    /// What adds the header `Metadata: true`.
    pub add_header: Option<Edit>,
    /// What adds `api-version=2018-02-01` to the data, where there is data.
    pub add_version: Option<Edit>,
    /// What takes the parameter `authority` out of the data, where it is there.
    pub drop_authority: Vec<Edit>,
    /// Whether it goes past every proxy.
    pub past_proxies: bool,
    /// Whether the address is only a path, and a header names the host.
    pub is_relative: bool,
    /// What names the host of IMDS in the header `Host`, where there is one.
    pub host: Option<Edit>,
}

/// A table that is written out where a request takes its headers or its data.
struct LiteralTable {
    /// What the keys and values say.
    entries: Vec<(String, String)>,
    /// Behind the bracket that opens it.
    open: usize,
}

impl Request {
    fn of_url(url: Word) -> Self {
        Self {
            url,
            ..Self::default()
        }
    }

    /// Whether the header `Metadata: true` is sent.
    pub fn has_metadata(&self) -> bool {
        self.headers.iter().any(|header| {
            let parts = header.split_once(':');
            parts.is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("metadata")
                    && value.trim().eq_ignore_ascii_case("true")
            })
        })
    }

    /// Hinders what sends a header that IMDS refuses, or that announces a body.
    fn check_headers(&mut self) {
        for header in self.headers.clone() {
            let (name, value) = header.split_once(':').unwrap_or((&header, ""));
            let refused = match &*name.trim().to_ascii_lowercase() {
                "metadata" => !value.trim().eq_ignore_ascii_case("true"),
                name => REFUSED.contains(&name) || name.contains(['@', HOLE]),
            };
            if refused {
                self.hinder("IMDS may refuse one of its headers");
            }
        }
    }

    /// Hinders what would put a value into the query that may not fit there.
    fn check_values(&mut self, part: &Part<'_>, command: &Command) {
        let is_unfit = |hole: &Range<usize>| {
            let written = part.text().get(hole.clone()).unwrap_or_default();
            part.reading.is_unfit(written)
        };
        let mut holes = command.words.iter().flat_map(|word| word.inner.holes());
        if holes.any(is_unfit) {
            self.hinder("the body of the request contains characters that a query must encode");
        }
    }

    /// Takes the headers of a literal table, to which one more may be added in front.
    fn set_headers(&mut self, table: Option<LiteralTable>, entry: &str, comma: &str) {
        let Some(LiteralTable { entries, open }) = table else {
            return self.hinder("the headers of the request are set elsewhere");
        };
        let comma = if entries.is_empty() { "" } else { comma };
        self.add_header = Some(Edit::insertion(open, format!("{entry}{comma}")));
        let entries = entries.into_iter();
        self.headers = entries
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
    }

    /// Takes the data of a literal table, to which the version may be added in front.
    fn set_data(&mut self, table: Option<LiteralTable>, version: &str, elsewhere: &str) {
        let Some(LiteralTable { entries, open }) = table else {
            return self.hinder(elsewhere);
        };
        self.add_version = Some(Edit::insertion(open, version));
        let entries = entries.into_iter();
        self.data = entries
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
    }

    fn hinder(&mut self, reason: impl Into<String>) {
        self.obstacle.get_or_insert(reason.into());
    }
}

/// The request that the innermost command or call around an offset of a text makes; `None` where it
/// makes none that is known.
pub fn request_at(part: &Part<'_>, offset: usize) -> Option<Request> {
    let mut request = match part.reading.command_at(offset) {
        Some(command) if command.words.len() > MOST_WORDS => return None,
        Some(command) if part.language == Language::Http => http::request(part, command, offset)?,
        Some(command) => {
            let command = command.unwrapped();
            let mut request = curl::request(&command).or_else(|| powershell::request(&command))?;
            if request.method == Method::Post {
                request.check_values(part, &command);
            }
            let bare = command
                .words
                .first()
                .is_some_and(|word| word.is_any(&["curl", "wget"]));
            if bare && part.language == Language::PowerShell {
                request.hinder("in PowerShell this name may be an alias of Invoke-WebRequest");
            }
            request
        }
        None => call::request(part, offset)?,
    };
    if !request.is_relative && !request.url.span.contains(&offset) {
        return None;
    }
    request.check_headers();
    let command = part.reading.command_at(offset);
    let doubt = command.and_then(|command| command.doubt);
    let end = command.map_or(offset, |command| command.span.end);
    let before = || part.reading.doubt_up_to(end);
    if let Some(doubt) = doubt.or_else(before).or(part.doubt) {
        request.hinder(doubt.reason());
    }
    Some(request)
}

/// The ways to write `text` in the place of the first `length` bytes of what `word` says, the best
/// first, as edits of the text that the word is in.
pub fn rewritten(word: &Word, length: usize, text: &str) -> Vec<Edit> {
    let inner = &word.inner;
    let quoting = inner.quoting(0);
    let plain = || inner.outward(&Edit::replacement(0..length, text));
    let bare = matches!(
        quoting,
        Quoting::ShellBare | Quoting::PowerShellBare | Quoting::CmdBare
    );
    let needs_quotes = text.contains(['&', ' ']);
    let rest = inner.text.get(length..).unwrap_or_default();
    let whole = format!("{text}{rest}");
    let quotable = bare
        && needs_quotes
        && inner.is_uniform()
        && word.span.len() == inner.text.len()
        && !whole.contains(['\'', '"', '$', '`', '\\']);
    if quotable {
        let quoted =
            |quote: char| Edit::replacement(word.span.clone(), format!("{quote}{whole}{quote}"));
        // cmd knows no single quotes.
        let single = (quoting != Quoting::CmdBare).then(|| quoted('\''));
        return single
            .into_iter()
            .chain([quoted('"')])
            .chain(plain())
            .collect();
    }
    plain().into_iter().collect()
}

/// Where the parameter `authority` is in a query or a body, with what parts it from others.
pub fn authority_in(query: &str) -> Option<Range<usize>> {
    let starts = |at: &usize| {
        let before = query.get(..*at).unwrap_or_default();
        before.is_empty() || before.ends_with(['&', '?'])
    };
    let mut found = query.match_indices("authority=").map(|(at, _)| at);
    let at = found.find(starts)?;
    let rest = query.get(at..)?;
    Some(match rest.find('&') {
        Some(end) => {
            let behind = rest.get(end..)?.trim_start_matches('&');
            at..query.len() - behind.len()
        }
        None => query.get(..at)?.trim_end_matches('&').len()..query.len(),
    })
}
