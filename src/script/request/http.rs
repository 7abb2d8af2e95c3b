//! The request of an HTTP message: what its lines ask for, and how they change.

use super::super::http::{message, word};
use super::super::{Command, HOLE, Part};
use super::{Method, Request, authority_in};
use crate::text::Edit;

/// The request of a message, where an offset is in its target, or in its header `Host` if the target has none.
pub(super) fn request(part: &Part<'_>, command: &Command, offset: usize) -> Option<Request> {
    let text = part.text();
    let message = message(text, command)?;
    let mut request = Request::of_url(word(text, &message.target));
    request.is_relative = request.url.text().starts_with('/');
    let said = |range: &std::ops::Range<usize>| text.get(range.clone()).unwrap_or_default();
    let mut is_asked = !request.is_relative && request.url.span.contains(&offset);
    if let Some(obstacle) = message.obstacle {
        request.hinder(obstacle);
    }
    // In a string of code, it may be sent to any host.
    let is_text = part.around.last().is_none_or(|around| around.is_document());
    if request.is_relative && !is_text {
        request.hinder("the connection of the request is opened elsewhere");
    }
    let posts = match said(&message.method) {
        "" | "GET" => false,
        "POST" => true,
        _ => {
            request.hinder("the method of the request is neither GET nor POST");
            false
        }
    };
    let mut of_body = Vec::new();
    for header in &message.headers {
        match &*header.name {
            "host" => {
                is_asked |= request.is_relative && header.value.contains(&offset);
                request.host = Some(Edit::replacement(header.value.clone(), "169.254.169.254"));
            }
            "content-type" | "content-length" if posts => {
                of_body.push(Edit::deletion(header.line.clone()));
            }
            name => request
                .headers
                .push(format!("{name}: {}", said(&header.value))),
        }
    }
    let body: String = message.body.iter().map(&said).collect();
    let is_query = |c: char| c.is_ascii_graphic() && !"#\"<>".contains(c) || c == HOLE;
    let is_split = message
        .body
        .iter()
        .skip(1)
        .any(|line| !said(line).starts_with('&'));
    if !posts && !body.is_empty() {
        request.hinder("the request is a GET with a body");
    } else if is_split || !body.chars().all(is_query) {
        request.hinder("the body of the request contains characters that a query must encode");
    }
    let authority = authority_in(&body).unwrap_or_default();
    let body = [body.get(..authority.start), body.get(authority.end..)];
    let body: String = body.into_iter().flatten().collect();
    let parameters = body.split('&').filter(|one| !one.is_empty());
    request.data = parameters.map(str::to_owned).collect();
    let end = request.url.span.end;
    if posts {
        request.method = Method::Post;
        request.to_get = of_body;
        request
            .to_get
            .push(Edit::replacement(message.method.clone(), "GET"));
        if let Some(last) = message.body.last() {
            request.to_get.push(Edit::deletion(message.head..last.end));
        }
        if !body.is_empty() && request.url.text().contains('?') {
            request
                .to_get
                .push(Edit::insertion(end, format!("&{body}")));
        }
    }
    if !body.is_empty() {
        let query = format!("?api-version=2018-02-01&{body}");
        request.add_version = Some(Edit::insertion(end, query));
    }
    // A header is on a line that ends and starts as the first one does.
    let before = text.get(..message.method.start).unwrap_or_default();
    let indent = before.rsplit('\n').next().unwrap_or_default();
    let behind = text.get(message.first_line..).unwrap_or_default();
    let ends_in_cr = behind.trim_start_matches([' ', '\t']).starts_with('\r');
    let line_end = if ends_in_cr { "\r\n" } else { "\n" };
    request.add_header = Some(Edit::insertion(
        message.first_line,
        format!("{line_end}{indent}Metadata: true"),
    ));
    is_asked.then_some(request)
}
