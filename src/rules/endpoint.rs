//! What in a text is the address of the extension's endpoint: one answer for all rules and languages.
//!
//! An address alone proves little, since `http://localhost:8080/oauth2/token` is many other services'.
//! So the file is asked for [`Signs`] first. Never knows commands. Start at [`addresses_in`].

use std::collections::BTreeSet;
use std::ops::Range;

use crate::extension::PORTS;
use crate::script::{HOLE, Part};
use crate::text::{Pattern, RangeSet};

/// What is known about the endpoint in a text besides addresses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signs {
    /// The ports on which the extension served tokens.
    pub(super) ports: BTreeSet<u32>,
    /// Whether the text is certain to run on a machine that had the extension.
    pub(super) proven: bool,
    /// A port of the extension that is not a part of an address, such as `PORT=50342`.
    pub(super) port: bool,
    /// The path that is not a part of an address, such as `'/oauth2/token'`.
    pub(super) path: bool,
    /// This machine, as a name that is not a part of an address.
    pub(super) host: bool,
    /// The header `Metadata: true`, which only endpoints of this kind ask for.
    pub(super) header: bool,
    /// A connection to the port, or a loop that waits until there is one.
    pub(super) connection: bool,
}

/// An address of the old endpoint.
pub(super) struct Address {
    /// All of it, up to its path or port.
    pub(super) span: Range<usize>,
    /// Whether it has the path.
    pub(super) has_path: bool,
    /// Whether the port is not known.
    pub(super) open_port: bool,
    /// Whether it starts with `http://`.
    pub(super) has_scheme: bool,
}

/// The host of an address.
const HOST: &str = r"(?:localhost|127\.0\.0\.1|\[::1\])";

static ADDRESS: Pattern = Pattern::made(|| {
    // A slash may be escaped, in JSON and for sed.
    format!(
        r#"(?i-u)(?<scheme>https?:\\?/\\?/)?{HOST}(?:(?<colon>:)(?<port>[0-9]{{2,5}}|{HOLE}|\$?\{{\{{?[\t\x20-z|~]{{0,80}}\}}?\}}|\$\([\t\x20-'*-~]{{0,80}}\)|\$[a-z0-9_.]+|%[a-z0-9_]+%?))?(?<path>\\?/oauth2\\?/token)?"#
    )
});
static HEADER: Pattern =
    Pattern::new(r#"(?i-u)\bmetadata["'\\\]]{0,3}[\s:=,>(]{1,6}[\\"'(]{0,3}true\b"#);
static PORT: Pattern = Pattern::made(|| {
    let ports = PORTS.map(|port| port.to_string()).join("|");
    format!(r"(?-u:\b)(?:{ports})(?-u:\b)")
});
static PATH: Pattern = Pattern::new(r"(?i-u)oauth2");
static LOCAL: Pattern = Pattern::new(r"(?i-u)\blocalhost\b|127\.0\.0\.1|::1");
/// A host and a port that a program opens a connection to, or a tool waits for.
static CONNECTION: Pattern = Pattern::made(|| {
    let ports = PORTS.map(|port| port.to_string()).join("|");
    format!(
        r#"(?i-u){HOST}(?:["']?\s*[,/]\s*["']?|\s+(?:-p(?:ort)?\s+)?)(?:{ports})\b|\b(?:nc|ncat|telnet|wait-for(?:-it)?(?:\.sh)?|wait-on|dockerize|tcp)\b(?u:[^\n|;&])*?{HOST}:(?:{ports})\b"#
    )
});

impl Signs {
    /// The signs of a text that may run on a machine which had the extension on these ports.
    pub(super) fn new(ports: impl IntoIterator<Item = u32>, proven: bool) -> Self {
        Self {
            ports: ports.into_iter().chain(PORTS).collect(),
            proven,
            ..Self::default()
        }
    }

    /// Looks for the signs in a text.
    pub(super) fn look_for(&mut self, text: &str) {
        // Most texts have no address at all.
        if !PORT.is_in(text) && !PATH.is_in(text) {
            *self = Self::new(std::mem::take(&mut self.ports), self.proven);
            return;
        }
        let whole: RangeSet = raw_addresses(text)
            .filter(|found| found.has_path)
            .map(|found| found.span)
            .collect();
        let apart = |found: &Range<usize>| !whole.contains(found.start);
        *self = Self {
            ports: std::mem::take(&mut self.ports),
            proven: self.proven,
            port: PORT
                .find(text)
                .any(|found| apart(&found) && !is_of_other_host(text, &found)),
            path: paths(text).any(|found| apart(&found)),
            host: LOCAL.find(text).any(|found| apart(&found)),
            header: HEADER.is_in(text),
            connection: CONNECTION.is_in(text),
        };
    }
}

/// Whether a port is that of an address with another host's name.
fn is_of_other_host(text: &str, port: &Range<usize>) -> bool {
    let before = text
        .get(..port.start)
        .and_then(|before| before.strip_suffix(':'));
    let is_of_host = |c: char| c.is_alphanumeric() || "-.".contains(c);
    before.is_some_and(|before| {
        let host = before
            .rsplit(|c: char| !is_of_host(c))
            .next()
            .unwrap_or_default();
        host.contains('.') && host != "127.0.0.1"
    })
}

/// The paths of the endpoint that follow no other host: alone, behind a port, or behind what is put in.
fn paths(text: &str) -> impl Iterator<Item = Range<usize>> {
    PATH.find(text).filter(|found| {
        let before = text.get(..found.start).unwrap_or_default();
        let ends = |c: char| c.is_whitespace() || "\"'`,;=<>|".contains(c);
        let run = before.rsplit(ends).next().unwrap_or_default();
        let run = run.trim_end_matches(['/', '\\']);
        let behind = text.get(found.end..).unwrap_or_default();
        let mut behind = behind.trim_start_matches(['/', '\\']).chars();
        let word = behind.by_ref().take(5).collect::<String>();
        // Its second half may be put behind it.
        let goes_on = word.eq_ignore_ascii_case("token")
            && !behind
                .next()
                .is_some_and(|c| c.is_alphanumeric() || "-_/".contains(c));
        let is_half = word.starts_with(['"', '\'', '`', '\n']) || word.is_empty();
        let stem = run.rsplit_once("//").map_or(run, |(_, host)| host);
        let is_variable = stem
            .strip_prefix('$')
            .is_some_and(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'));
        let follows_nothing = stem.is_empty() || is_variable || stem.ends_with(['}', ')', '%']);
        let follows_format = ["%s", "%d", "%v"].iter().any(|end| stem.ends_with(end));
        let follows_port = PORTS.iter().any(|port| stem.ends_with(&port.to_string()));
        (goes_on || is_half)
            && (follows_nothing || follows_format || follows_port)
            && !stem.contains(['/', '.'])
    })
}

/// An address of this machine, whatever it asks.
struct RawAddress {
    span: Range<usize>,
    has_scheme: bool,
    has_path: bool,
    port: Option<Range<usize>>,
}

fn raw_addresses(text: &str) -> impl Iterator<Item = RawAddress> {
    ADDRESS.captures(text.as_bytes()).filter_map(|found| {
        let whole = found.get(0)?;
        let has_scheme = found.name("scheme").is_some();
        let before = text.get(..whole.start())?.chars().next_back();
        let is_part = before.is_some_and(|c| c.is_alphanumeric() || "_.-".contains(c));
        let port = found.name("port").map(|port| port.range());
        let path = found.name("path");
        (has_scheme || !is_part).then(|| RawAddress {
            span: whole.range(),
            has_scheme,
            has_path: path.is_some(),
            port,
        })
    })
}

/// The old addresses that a text says, but for those in comments and in texts inside it.
pub(super) fn addresses(part: &Part<'_>, signs: &Signs) -> Vec<Address> {
    let all = addresses_in(part.text(), signs).into_iter();
    all.filter(|address| part.says(address.span.start))
        .collect()
}

/// The old addresses in a text.
///
/// With the path: one whose port is the extension's; any other, or none, where the text has the header, or a
/// port of the extension elsewhere. Without the path: one with the extension's port that is sent the header
/// or a `resource`, or whose path is elsewhere in the text. A bare origin is nothing.
pub(super) fn addresses_in(text: &str, signs: &Signs) -> Vec<Address> {
    let addresses = raw_addresses(text).filter_map(|found| {
        let port = found.port.clone().and_then(|port| text.get(port));
        let number: Option<u32> = port.and_then(|port| port.parse().ok());
        let known = number.is_some_and(|port| signs.ports.contains(&port));
        let open_port = port.is_some() && number.is_none();
        // `${PORT:-50342}` says its own port.
        let says_port = open_port && port.is_some_and(|port| PORT.is_in(port));
        let behind = text.get(found.span.end..)?;
        let next = behind.chars().next().unwrap_or(' ');
        let ours = if found.has_path {
            let root = behind.strip_prefix('/').unwrap_or(behind);
            let next = root.chars().next().unwrap_or(' ');
            let ends = !(next.is_alphanumeric() || "-_/".contains(next));
            let proven = open_port && signs.proven;
            ends && (known || says_port || proven || signs.header || number.is_none() && signs.port)
        } else {
            let root = behind.strip_prefix('/').unwrap_or(behind);
            let end = root.chars().next().unwrap_or(' ');
            let is_origin = !(end.is_alphanumeric() || "-_.?:$%{".contains(end) || end == HOLE);
            let is_put_together = "$%{+".contains(next) || next == HOLE;
            let is_half = starts_with_half(behind);
            let joined = signs.path && (is_origin || is_put_together) || is_half;
            known && (joined || asks(text, &found.span))
        };
        ours.then_some(Address {
            span: found.span,
            has_path: found.has_path,
            open_port,
            has_scheme: found.has_scheme,
        })
    });
    addresses.collect()
}

/// Whether the path starts there, and its end comes from elsewhere.
fn starts_with_half(behind: &str) -> bool {
    let rest = behind.trim_start_matches(['/', '\\']);
    let half = rest
        .get(..6)
        .is_some_and(|half| half.eq_ignore_ascii_case("oauth2"));
    half && behind.len() > rest.len()
}

/// Whether what is sent to an address is what a token endpoint is sent: a `resource`, or the header on the
/// lines around it.
fn asks(text: &str, span: &Range<usize>) -> bool {
    let behind = text.get(span.end..).unwrap_or_default();
    let url = behind
        .split(|c: char| c.is_whitespace() || "\"'`<>".contains(c))
        .next();
    if url.is_some_and(|url| url.contains("resource=")) {
        return true;
    }
    const AROUND: usize = 3;
    let before = text.get(..span.start).unwrap_or_default();
    let start = before
        .rmatch_indices('\n')
        .nth(AROUND - 1)
        .map_or(0, |(at, _)| at);
    let end = behind.match_indices('\n').nth(AROUND - 1);
    let end = end.map_or(text.len(), |(at, _)| span.end + at);
    let near = text.get(start..end).unwrap_or_default();
    HEADER.is_in(near)
}

/// What in a text is about the endpoint though no address is: its port where host and path are elsewhere in
/// the text, and a connection to it.
pub(super) fn fragments(text: &str, signs: &Signs) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = CONNECTION.find(text).collect();
    if signs.path && (signs.host || signs.header) {
        found.extend(PORT.find(text));
        if signs.header && !signs.port {
            found.extend(paths(text));
        }
    } else {
        // `http://${host}:50342/oauth2/token`: the host comes from elsewhere.
        let followed = paths(text).filter_map(|path| {
            let before = text.get(..path.start)?.trim_end_matches(['/', '\\']);
            let port = PORTS
                .iter()
                .find(|port| before.ends_with(&port.to_string()))?;
            Some(before.len() - port.to_string().len()..before.len())
        });
        found.extend(followed);
    }
    found.sort_by_key(|range| (range.start, range.end));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> (Vec<&str>, Vec<&str>) {
        let mut signs = Signs::new([], false);
        signs.look_for(text);
        let addresses = addresses_in(text, &signs);
        let addresses: Vec<Range<usize>> = addresses.into_iter().map(|one| one.span).collect();
        let mut rest = fragments(text, &signs);
        let known: RangeSet = addresses.iter().cloned().collect();
        rest.retain(|range| !known.contains(range.start));
        let shown = |ranges: Vec<Range<usize>>| -> Vec<&str> {
            ranges
                .into_iter()
                .map(|range| text.get(range).unwrap())
                .collect()
        };
        (shown(addresses), shown(rest))
    }

    #[test]
    fn addresses_are_known_in_all_spellings() {
        for (text, address) in [
            ("curl localhost:50342 $BASE/oauth2/token", "localhost:50342"),
            (
                "'http://localhost:50342/oauth2/token'",
                "http://localhost:50342/oauth2/token",
            ),
            (
                "curl localhost:50342/oauth2/token -d",
                "localhost:50342/oauth2/token",
            ),
            (
                "http://[::1]:50343/oauth2/token?resource=r",
                "http://[::1]:50343/oauth2/token",
            ),
            (
                r"http:\/\/localhost:50342\/oauth2\/token",
                r"http:\/\/localhost:50342\/oauth2\/token",
            ),
            (
                "http://localhost:50342/oauth2/token/?resource=r",
                "http://localhost:50342/oauth2/token",
            ),
            (
                "http://localhost/oauth2/token' -H Metadata:true",
                "http://localhost/oauth2/token",
            ),
            (
                "http://localhost:8080/oauth2/token {'Metadata': 'true'}",
                "http://localhost:8080/oauth2/token",
            ),
            (
                "http://localhost:${PORT:-50342}/oauth2/token",
                "http://localhost:${PORT:-50342}/oauth2/token",
            ),
            (
                "P=50342; http://localhost:$P/oauth2/token",
                "http://localhost:$P/oauth2/token",
            ),
            (
                "P=50342; http://localhost:$($c.P)/oauth2/token",
                "http://localhost:$($c.P)/oauth2/token",
            ),
            (
                "P=50342 http://localhost:%d/oauth2/token",
                "http://localhost:%d/oauth2/token",
            ),
            (
                "http://localhost:50342/?resource=r",
                "http://localhost:50342",
            ),
            (
                "http://localhost:50342/x -H Metadata:true",
                "http://localhost:50342",
            ),
            (
                "p='/oauth2/token' http://localhost:50342$p",
                "http://localhost:50342",
            ),
            (
                "'http://localhost:50342/oauth2' + '/token'",
                "http://localhost:50342",
            ),
        ] {
            assert_eq!(said(text).0, [address], "{text}");
        }
    }

    #[test]
    fn what_no_other_sign_speaks_for_is_nothing() {
        for text in [
            "origin: 'http://localhost:50342', other",
            "http://localhost:50342/api/items",
            "http://localhost:8080/oauth2/token",
            "http://localhost/oauth2/token",
            "http://localhost:%d/oauth2/token",
            "https://login.microsoftonline.com/t/oauth2/token localhost 1",
            "http://169.254.169.254/metadata/identity/oauth2/token was on port 50342 of localhost",
            "http://localhost:50342/oauth2/tokens",
            "xlocalhost:50342/oauth2/token2",
            "a hash of 50342 oauth2client",
            "http://tokens.example.com:50342/x http://localhost:8080/oauth2/token",
            "http://localhost:50342/oauth2/token/introspect",
            r"\ncurl http://localhost:50342 sync and ncat2 http://localhost:50342",
        ] {
            let (addresses, rest) = said(text);
            assert!(
                addresses.is_empty() && rest.is_empty(),
                "{text}: {addresses:?} {rest:?}"
            );
        }
    }

    #[test]
    fn parts_of_an_address_are_put_together() {
        for (text, part) in [
            ("HTTPConnection('localhost', 50342)", "localhost', 50342"),
            ("nc -z localhost 50342", "localhost 50342"),
            ("exec 3<>/dev/tcp/localhost/50342", "localhost/50342"),
            (
                "wait-for-it.sh localhost:50342 -- run",
                "wait-for-it.sh localhost:50342",
            ),
            (
                "{hostname: 'localhost', port: 50342, path: '/oauth2/token'}",
                "50342",
            ),
            ("\"http://${h}:50342/oauth2/token\"", "50342"),
            ("h = 'localhost'; f'http://{h}:50342/oauth2/token'", "50342"),
            ("'http://localhost:' '50342/oauth2/token'", "50342"),
            (
                "host = 'localhost'; get(host, '/oauth2/token', {'Metadata': 'true'})",
                "oauth2",
            ),
        ] {
            assert_eq!(said(text).1, [part], "{text}");
        }
    }
}
