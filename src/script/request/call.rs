//! The calls of code, and those of them that ask a web server: Python's requests and urllib,
//! JavaScript's fetch and axios.

use std::ops::Range;

use super::super::code::{Token, TokenKind, Tokens};
use super::super::{Doubt, HOLE, Language, Part, Reading, Word};
use super::{LiteralTable, Method, REFUSED, Request, THROUGH_PROXY};
use crate::text::Edit;

/// A call that an address is further in, or that has more behind it, is not understood.
const MOST_TOKENS: usize = 2_000;

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What is called, with the names in front of it and dots between.
    pub callee: String,
    /// Where the last name of what is called is.
    pub name: Range<usize>,
    /// The arguments.
    pub arguments: Vec<Argument>,
    /// From the first name to the closing bracket.
    pub span: Range<usize>,
}

/// An argument, as tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name and where that is, where it is given by name.
    pub name: Option<(String, Range<usize>)>,
    /// The tokens of its value.
    pub tokens: Vec<Token>,
}

/// The innermost call around an offset.
pub fn call_at(reading: &Reading, text: &str, offset: usize) -> Option<Call> {
    let tokens = reading.tokens_in(text);
    let at = tokens.behind(offset + 1).checked_sub(1)?;
    tokens
        .get(at)
        .filter(|token| token.span.contains(&offset))?;
    let open = tokens.around(at, "(", MOST_TOKENS)?;
    let mut start = open.checked_sub(1)?;
    let name = tokens.get(start)?;
    tokens.word(start)?;
    while start >= 2 && tokens.is(start - 1, '.') && tokens.word(start - 2).is_some() {
        start -= 2;
    }
    let callee = tokens.all.get(start..open)?;
    let callee = callee.iter().map(|token| tokens.written(token)).collect();
    let inside = tokens.all.get(open..)?;
    let (arguments, end) = items(inside)?;
    let arguments = arguments.into_iter().map(|tokens| argument(tokens, text));
    Some(Call {
        callee,
        name: name.span.clone(),
        arguments: arguments.collect(),
        span: tokens.get(start)?.span.start..inside.get(end)?.span.end,
    })
}

/// What commas part in a bracket, which the first of the tokens opens, and the place of its end.
fn items(tokens: &[Token]) -> Option<(Vec<&[Token]>, usize)> {
    let (mut items, mut from, mut depth) = (Vec::new(), 1, 0usize);
    for (at, token) in tokens.iter().take(MOST_TOKENS).enumerate() {
        match token.kind {
            TokenKind::Mark('(' | '[' | '{') => depth += 1,
            TokenKind::Mark(')' | ']' | '}') => depth = depth.checked_sub(1)?,
            TokenKind::Mark(',') if depth == 1 => {}
            _ => continue,
        }
        if depth == 0 || token.is(',') {
            items.extend(tokens.get(from..at).filter(|item| !item.is_empty()));
            from = at + 1;
        }
        if depth == 0 {
            return Some((items, at));
        }
    }
    None
}

fn argument(tokens: &[Token], text: &str) -> Argument {
    let (name, value) = match tokens {
        [name, mark, value @ ..]
            if name.kind == TokenKind::Name
                && mark.is('=')
                && !value.first().is_some_and(|token| token.is('=')) =>
        {
            let said = text.get(name.span.clone()).unwrap_or_default();
            (Some((said.to_owned(), name.span.clone())), value)
        }
        value => (None, value),
    };
    Argument {
        name,
        tokens: value.to_vec(),
    }
}

/// A key and the tokens of its value.
type Pair<'t> = (String, &'t [Token]);

impl Argument {
    /// The string that the value is.
    pub fn string(&self) -> Option<Word> {
        match self.tokens.as_slice() {
            [token] => token
                .string()
                .map(|inner| Word::new(token.span.clone(), inner.clone(), None)),
            _ => None,
        }
    }

    /// The entries of the literal table that the value is, and where it opens; keys are strings or
    /// names, which in Python represent what is not known.
    fn table<'t>(&'t self, text: &str, is_python: bool) -> Option<(Vec<Pair<'t>>, usize)> {
        let open = self.tokens.first().filter(|token| token.is('{'))?;
        // `{…} if a else {…}` is no table.
        let (items, end) = items(&self.tokens)?;
        (end + 1 == self.tokens.len()).then_some(())?;
        let mut entries = Vec::new();
        for entry in items {
            let [key, mark, value @ ..] = entry else {
                return None;
            };
            let name = match &key.kind {
                TokenKind::String(inner) => inner.text.clone(),
                TokenKind::Name if !is_python => text.get(key.span.clone())?.to_owned(),
                _ => return None,
            };
            let goes_on = |token: &Token| {
                let word = text.get(token.span.clone()).unwrap_or_default();
                is_python && token.kind == TokenKind::Name && word == "for"
            };
            if !mark.is(':') || value.is_empty() || value.iter().any(goes_on) {
                return None;
            }
            entries.push((name, value));
        }
        Some((entries, open.span.end))
    }
}

/// What the tokens of a value say, if they are one string or name.
fn said(tokens: &[Token], text: &str) -> String {
    match tokens {
        [token] => match token.string() {
            Some(inner) => inner.text.clone(),
            None => text.get(token.span.clone()).unwrap_or_default().to_owned(),
        },
        _ => HOLE.to_string(),
    }
}

/// The request of the innermost call around an offset.
pub(super) fn request(part: &Part<'_>, offset: usize) -> Option<Request> {
    let (reading, text) = (&part.reading, part.text());
    let is_python = part.language == Language::Python;
    let is_javascript = part.language == Language::JavaScript;
    let call = call_at(reading, text, offset)?;
    let (first, rest) = call.arguments.split_first()?;
    let url = first.string().filter(|_| first.name.is_none());
    let mut request = match call.callee.as_str() {
        "requests.get" | "requests.post" if is_python => {
            let mut request = Request::of_url(url?);
            request.method = if call.callee.ends_with("post") {
                Method::Post
            } else {
                Method::Get
            };
            python(&mut request, &call, rest, text);
            request
        }
        "urllib.request.Request" | "urllib2.Request" | "Request" if is_python => {
            let mut request = Request::of_url(url?);
            python(&mut request, &call, rest, text);
            if !is_sent_as_it_is(reading, text, &call) {
                request.hinder("the request may be changed before it is sent");
            }
            request
        }
        "fetch" | "axios.get" if is_javascript => {
            let mut request = Request::of_url(url?);
            javascript(&mut request, rest, text);
            request
        }
        _ => return None,
    };
    let library = call.callee.split('.').next().unwrap_or_default();
    if reading.renamed.contains(&library) {
        request.hinder(Doubt::Renamed.reason());
    }
    Some(request)
}

/// Whether a request of urllib is given to be opened with nothing that changes it.
fn is_sent_as_it_is(reading: &Reading, text: &str, call: &Call) -> bool {
    let tokens = reading.tokens_in(text);
    let start = tokens.behind(call.span.start);
    let end = tokens.behind(call.span.end);
    // `urlopen(` in front, and behind it the end or an option that sends nothing.
    let opened = |first: usize, behind: usize| {
        let opens = tokens.word(first.checked_sub(2));
        let named = tokens.is(behind, ',')
            && tokens
                .word(behind + 1)
                .is_some_and(|name| ["timeout", "context"].contains(&name))
            && tokens.is(behind + 2, '=');
        let called = tokens.is(first.checked_sub(1), '(');
        called && matches!(opens, Some("urlopen" | "open")) && (tokens.is(behind, ')') || named)
    };
    let Some(sign) = start.checked_sub(1).filter(|at| tokens.is(*at, '=')) else {
        return opened(start, end);
    };
    let Some(name) = tokens.word(sign.checked_sub(1)) else {
        return false;
    };
    let is_member = tokens.is(sign.checked_sub(2), '.');
    // `urllib.request` is no use of `request`.
    let uses = (end..tokens.all.len())
        .filter(|at| tokens.word(*at) == Some(name) && !tokens.is(at - 1, '.'));
    // Up to where the name is set to something else.
    let mut uses = uses.take_while(|at| !tokens.is(at + 1, '=') || tokens.is(at + 2, '='));
    !is_member && uses.all(|at| opened(at, at + 1) || adds_a_header(tokens, at))
}

/// Whether `add_header('NAME', 'VALUE')` of the name at `at` adds one that IMDS takes.
fn adds_a_header(tokens: Tokens<'_>, at: usize) -> bool {
    let [dot, method, open, name, comma, value, close, ..] =
        tokens.all.get(at + 1..).unwrap_or_default()
    else {
        return false;
    };
    let marks = dot.is('.') && open.is('(') && comma.is(',') && close.is(')');
    let (Some(name), Some(value)) = (name.string(), value.string()) else {
        return false;
    };
    let lower = name.text.to_ascii_lowercase();
    let taken = match &*lower {
        "metadata" => value.text.eq_ignore_ascii_case("true"),
        name => !REFUSED.contains(&name) && !name.contains(HOLE),
    };
    marks && taken && tokens.written(method) == "add_header"
}

fn python(request: &mut Request, call: &Call, rest: &[Argument], text: &str) {
    let posts = request.method == Method::Post;
    let is_requests = call.callee.starts_with("requests.");
    for argument in rest {
        let name = argument.name.as_ref().map(|(name, _)| name.as_str());
        match name {
            Some("headers") => headers(request, argument, text, true),
            Some("timeout" | "verify") => {}
            Some("params") if is_requests && !posts => data(request, argument, text),
            Some("data") if is_requests && posts => {
                data(request, argument, text);
                let name = argument.name.as_ref().map(|(_, span)| span.clone());
                request
                    .to_get
                    .extend(name.map(|span| Edit::replacement(span, "params")));
            }
            Some("proxies") => request.hinder(THROUGH_PROXY),
            _ => request.hinder("one of the call's arguments is unknown"),
        }
    }
    if posts {
        request
            .to_get
            .insert(0, Edit::replacement(call.name.clone(), "get"));
    }
    let has_headers = rest.iter().any(|argument| {
        argument
            .name
            .as_ref()
            .is_some_and(|(name, _)| name == "headers")
    });
    if !has_headers {
        let at = request.url.span.end;
        request.add_header = Some(Edit::insertion(at, ", headers={'Metadata': 'true'}"));
    }
}

/// A literal table, of which only what the values say is known.
fn literal_table(argument: &Argument, text: &str, is_python: bool) -> Option<LiteralTable> {
    let (entries, open) = argument.table(text, is_python)?;
    let entries = entries.into_iter();
    let entries = entries.map(|(name, value)| (name, said(value, text)));
    Some(LiteralTable {
        entries: entries.collect(),
        open,
    })
}

fn headers(request: &mut Request, argument: &Argument, text: &str, is_python: bool) {
    let table = literal_table(argument, text, is_python);
    request.set_headers(table, "'Metadata': 'true'", ", ");
}

fn data(request: &mut Request, argument: &Argument, text: &str) {
    let table = literal_table(argument, text, true);
    let elsewhere = "the parameters of the request are set elsewhere";
    request.set_data(table, "'api-version': '2018-02-01', ", elsewhere);
}

fn javascript(request: &mut Request, rest: &[Argument], text: &str) {
    let [options] = rest else {
        if rest.is_empty() {
            let at = request.url.span.end;
            request.add_header = Some(Edit::insertion(at, ", { headers: { Metadata: 'true' } }"));
        } else {
            request.hinder("one of the call's arguments is unknown");
        }
        return;
    };
    let Some((entries, _)) = options.table(text, false) else {
        request.hinder("the options of the request are set elsewhere");
        return;
    };
    for (name, value) in entries {
        match name.as_str() {
            "headers" => {
                let argument = Argument {
                    name: None,
                    tokens: value.to_vec(),
                };
                headers(request, &argument, text, false);
            }
            "method" if said(value, text).eq_ignore_ascii_case("get") => {}
            _ => request.hinder(format!("the option {name} of the request is unknown")),
        }
    }
}
