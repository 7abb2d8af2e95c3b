//! HTTP requests as `.http` and `.rest` files, fences of Markdown and strings spell them.
//!
//! Knows the target, the headers and the body of a request, and what editors of such files add: `###` between
//! requests, names, variables, scripts before and after. Never knows which address is meant. Start at [`read`].

use std::ops::Range;

use super::inner::{Inner, Quoting};
use super::{Command, Reading, Word};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// A request.
#[derive(Default)]
pub(super) struct HttpMessage {
    /// The method; empty where the first line has none.
    pub(super) method: Range<usize>,
    /// The target, whose query may be on lines of its own.
    pub(super) target: Vec<Range<usize>>,
    /// Whether the first line ends in `HTTP/1.1` or the like.
    has_version: bool,
    /// Where the first line ends.
    pub(super) first_line: usize,
    /// The headers.
    pub(super) headers: Vec<HttpHeader>,
    /// Where the last line of the head ends.
    pub(super) head: usize,
    /// The lines of the body that are not blank.
    pub(super) body: Vec<Range<usize>>,
    /// Where the last line ends.
    end: usize,
    /// What is not understood.
    pub(super) obstacle: Option<&'static str>,
    place: HeadPlace,
}

/// A header.
pub(super) struct HttpHeader {
    /// The line, with the end of the line in front of it.
    pub(super) line: Range<usize>,
    pub(super) name: String,
    pub(super) value: Range<usize>,
}

/// What the next line of a request is a part of.
#[derive(Default, PartialEq)]
enum HeadPlace {
    #[default]
    Head,
    Body,
    /// The response, or what an editor does with it.
    Response,
}

/// A line without blanks around it.
struct HttpLine<'t> {
    text: &'t str,
    span: Range<usize>,
}

impl HttpLine<'_> {
    fn is_comment(&self) -> bool {
        self.text.starts_with('#') || self.text.starts_with("//")
    }
}

fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = HttpLine<'_>> {
    let mut at = range.start;
    let lines = text.get(range).unwrap_or_default().split_inclusive('\n');
    lines.map(move |line| {
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        let text = line.trim();
        HttpLine {
            text,
            span: start..start + text.len(),
        }
    })
}

/// The first line of a request.
fn first_line(line: &HttpLine<'_>) -> Option<HttpMessage> {
    let mut words = line.text.split_ascii_whitespace().peekable();
    let method = words.next_if(|word| METHODS.contains(word));
    let target = words.next()?;
    let has_version = words.next_if(|word| word.starts_with("HTTP/")).is_some();
    let is_target = target.starts_with("http") || target.starts_with(['/', '{']);
    if words.next().is_some()
        || !(method.is_some() || target.starts_with("http"))
        || !(is_target || has_version)
    {
        return None;
    }
    let length = method.map_or(0, str::len);
    let front = line.text.get(length..)?;
    let start = line.span.start + length + front.find(target)?;
    Some(HttpMessage {
        method: line.span.start..line.span.start + length,
        target: std::iter::once(start..start + target.len()).collect(),
        has_version,
        first_line: line.span.end,
        head: line.span.end,
        end: line.span.end,
        ..HttpMessage::default()
    })
}

/// Whether a text starts with a request.
pub(super) fn is_request(text: &str) -> bool {
    let start = text.len() - text.trim_start().len();
    let message = lines(text, start..text.len())
        .next()
        .and_then(|line| first_line(&line));
    message.is_some_and(|message| {
        let target = message
            .target
            .first()
            .and_then(|target| text.get(target.clone()));
        let is_absolute = target.is_some_and(|target| target.contains("://"));
        !message.method.is_empty() && (message.has_version || is_absolute)
    })
}

impl HttpMessage {
    fn add(&mut self, line: &HttpLine<'_>) {
        let (text, span) = (line.text, line.span.clone());
        match self.place {
            HeadPlace::Response => return,
            HeadPlace::Head if text.is_empty() => {
                self.place = HeadPlace::Body;
                return;
            }
            _ if text.is_empty() => return,
            HeadPlace::Head
                if text.starts_with(['?', '&']) && self.headers.is_empty() && !self.has_version =>
            {
                self.target.push(span.clone());
                self.first_line = span.end;
            }
            HeadPlace::Head => match text.split_once(':') {
                Some((name, value)) if !name.contains(char::is_whitespace) => {
                    self.headers.push(HttpHeader {
                        line: self.head..span.end,
                        name: name.to_ascii_lowercase(),
                        value: span.end - value.trim_start().len()..span.end,
                    })
                }
                _ => self.obstacle = Some("a line of the request's head is not a header"),
            },
            HeadPlace::Body
                if [">", "<>", "HTTP/"]
                    .iter()
                    .any(|mark| text.starts_with(mark)) =>
            {
                self.place = HeadPlace::Response;
                return;
            }
            HeadPlace::Body if text.starts_with('<') => {
                self.obstacle = Some("the body of the request is a file")
            }
            HeadPlace::Body => self.body.push(span.clone()),
        }
        if self.place == HeadPlace::Head {
            self.head = span.end;
        }
        self.end = span.end;
    }

    /// What is a part of the message, as words of a command: the method and the target.
    fn command(&self, text: &str) -> Command {
        Command {
            span: self.method.start..self.end,
            words: vec![
                word(text, std::slice::from_ref(&self.method)),
                word(text, &self.target),
            ],
            ..Command::default()
        }
    }
}

/// A word that is in one piece or in several.
pub(super) fn word(text: &str, pieces: &[Range<usize>]) -> Word {
    let mut inner = Inner::default();
    for piece in pieces {
        inner.push_range(text, piece.clone(), Quoting::Plain);
    }
    let start = pieces.first().map_or(0, |piece| piece.start);
    let end = pieces.last().map_or(0, |piece| piece.end);
    Word::new(start..end, inner, None)
}

/// The requests in a part of a text, and the comments.
fn messages(text: &str, range: Range<usize>) -> (Vec<HttpMessage>, Vec<Range<usize>>) {
    let (mut messages, mut comments) = (Vec::new(), Vec::new());
    let mut open: Option<HttpMessage> = None;
    let mut in_script = false;
    for line in lines(text, range) {
        match &mut open {
            _ if line.text.starts_with("###") => {
                messages.extend(open.take());
                comments.push(line.span);
                in_script = false;
            }
            Some(message) if line.is_comment() && message.place != HeadPlace::Response => {
                if !message.body.is_empty() {
                    message.obstacle = Some("the body of the request contains a comment");
                }
                comments.push(line.span);
            }
            Some(message) => message.add(&line),
            None if in_script || line.text.starts_with("< {%") => {
                in_script = !line.text.contains("%}")
            }
            None if line.is_comment() => comments.push(line.span),
            None => open = first_line(&line),
        }
    }
    messages.extend(open);
    (messages, comments)
}

/// The request that a command represents.
pub(super) fn message(text: &str, command: &Command) -> Option<HttpMessage> {
    messages(text, command.span.clone()).0.into_iter().next()
}

/// Reads requests: each is a command, whose words are its method and its target.
pub(super) fn read(text: &str) -> Reading {
    let (messages, comments) = messages(text, 0..text.len());
    Reading {
        comments,
        commands: messages
            .iter()
            .map(|message| message.command(text))
            .collect(),
        ..Reading::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_kept_apart_with_what_editors_add() {
        let text = "@host = http://a\n# @name first\nGET {{host}}/b\n  ?c=d\n  &e=f\nX: y\n\n> {% client.log('GET http://z') %}\n\
                    ### GET http://no\n< {%\nGET http://never\n%}\nPOST /g HTTP/1.1\r\nHost: h\r\n\r\ni=j\r\n// k\n###\nhttp://l\n";
        let (messages, comments) = messages(text, 0..text.len());
        let shown = |ranges: &[Range<usize>]| -> String {
            ranges
                .iter()
                .filter_map(|one| text.get(one.clone()))
                .collect()
        };
        let found: Vec<_> = messages
            .iter()
            .map(|one| {
                (
                    text.get(one.method.clone()).unwrap(),
                    shown(&one.target),
                    shown(&one.body),
                    one.headers.len(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("GET", "{{host}}/b?c=d&e=f".to_owned(), String::new(), 1),
                ("POST", "/g".to_owned(), "i=j".to_owned(), 1),
                ("", "http://l".to_owned(), String::new(), 0),
            ]
        );
        assert_eq!(
            messages[1].obstacle,
            Some("the body of the request contains a comment")
        );
        let comments: Vec<&str> = comments
            .into_iter()
            .filter_map(|one| text.get(one))
            .collect();
        assert_eq!(
            comments,
            ["# @name first", "### GET http://no", "// k", "###"]
        );
    }

    #[test]
    fn a_text_is_a_request_by_its_first_line() {
        for (text, is) in [
            ("GET /a HTTP/1.1\r\nHost: b\r\n\r\n", true),
            ("\n  POST http://a\n", true),
            ("GET /a", false),
            ("http://a", false),
            ("get http://a", false),
            ("GET the http://a HTTP/1.1", false),
        ] {
            assert_eq!(is_request(text), is, "{text}");
        }
    }
}
