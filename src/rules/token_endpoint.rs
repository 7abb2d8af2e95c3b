//! `token-endpoint`: callers of the extension's token endpoint, `http://localhost:50342/oauth2/token`.
//!
//! The page beside this file says what is decided how.

use crate::extension::LOG_FOLDER;
use crate::script::{
    Doubt, HOLE, Language, Method, Part, Request, authority_in, request_at, rewritten,
};
use crate::text::{Edit, RangeSet};

use super::callers::{Caller, MOST_FINDINGS, Setting};
use super::endpoint::{Address, addresses, addresses_in};
use super::needles::EXTENSION;
use super::{About, Change, HoldCode, Remedy, Rule, Severity, msi_port, template_strings};

pub(super) static RULE: Rule = Rule {
    id: "token-endpoint",
    finds: "requests to the extension's `http://localhost:50342/oauth2/token` in any text: scripts, \
            code, settings, documents, and strings of templates",
    fixes: "a plain GET that could be parsed completely is sent to IMDS; converting a POST, or \
            adding a header, is unsafe; all else is reported",
    severity: Severity::Error,
    needles: &[
        "oauth2/token",
        r"oauth2\/token",
        "50342",
        "50343",
        // The path in base64, behind any number of letters.
        "b2F1dGgyL3Rva2Vu",
        "9hdXRoMi90b2tlb",
        "vYXV0aDIvdG9rZW",
        EXTENSION,
    ],
    remedy: Remedy::Either,
    page: include_str!("token_endpoint.md"),
    about: About::Caller,
    changes: &[Change::RewriteCaller],
    detect: Some(|context| template_strings::callers(context, &RULE)),
    in_text: Some(find),
    ..Rule::DEFAULT
};

/// Where IMDS gives tokens.
const IMDS: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// The path of it.
const IMDS_PATH: &str = "/metadata/identity/oauth2/token";

/// The version of it that all regions have.
const VERSION: &str = "api-version=2018-02-01";

/// The parameters that both endpoints know.
const SHARED: [&str; 4] = ["resource", "object_id", "client_id", "msi_res_id"];

/// The callers in a text.
pub(super) fn find(part: &Part<'_>, setting: &Setting) -> Vec<Caller> {
    let settings: RangeSet = msi_port::settings(part, setting).collect();
    let mut found: Vec<Caller> = addresses(part, &setting.signs)
        .into_iter()
        .filter(|address| {
            !settings.contains(address.span.start) && !is_host_of_target(part, address)
        })
        .map(|address| caller(part, setting, &address))
        .take(MOST_FINDINGS + 1)
        .collect();
    found.extend(folders(part, setting));
    found
}

/// Whether an address only repeats the host of an HTTP request's target, in its header `Host`.
fn is_host_of_target(part: &Part<'_>, address: &Address) -> bool {
    let message = part.reading.command_at(address.span.start);
    let target = message.and_then(|message| message.words.get(1));
    part.language == Language::Http
        && target.is_some_and(|target| {
            !target.text().starts_with('/') && address.span.start >= target.span.end
        })
}

const FOLDER: &str = "this folder exists only with the extension: a script that tests for it before it \
                      requests a token silently gets none";

/// Tests for the extension's folder.
fn folders(part: &Part<'_>, setting: &Setting) -> Vec<Caller> {
    let lower = part.text().to_ascii_lowercase();
    let places = lower
        .match_indices(LOG_FOLDER)
        .filter(|(at, _)| part.says(*at));
    let found = places.map(|(at, folder)| {
        let help = vec!["request the token from IMDS instead, which every machine has".to_owned()];
        let span = at..at + folder.len();
        let mut caller = Caller::new(part, setting, &RULE, span, FOLDER, help);
        caller.finding.severity = setting.severity(Severity::Warning);
        caller
    });
    found.collect()
}

/// What to ask instead.
pub(super) fn instead() -> String {
    format!("request {IMDS}?{VERSION}&resource=… by GET, with the header Metadata: true")
}

fn caller(part: &Part<'_>, setting: &Setting, address: &Address) -> Caller {
    let on = setting.machine.as_deref();
    let on = on.map_or(String::new(), |machine| {
        format!(" on the machine {machine}")
    });
    let message = format!(
        "requests a token from the extension's endpoint{on}, which nothing serves once the \
                 extension is gone"
    );
    let mut help = vec![instead()];
    help.extend(setting.consequence.map(str::to_owned));
    let span = address.span.clone();
    let mut caller = Caller::new(part, setting, &RULE, span, message, help);
    let request = request_at(part, address.span.start);
    let is_host = request.as_ref().is_some_and(|request| request.is_relative);
    let in_code = part
        .around
        .last()
        .is_some_and(|around| !around.is_document());
    if address.open_port {
        caller.hold_by(HoldCode::Address, "the port is set elsewhere");
    } else if !address.has_path && !is_host {
        caller.hold_by(HoldCode::Address, "the address is assembled elsewhere");
    } else if part
        .levels
        .inner
        .outward(&Edit::replacement(address.span.clone(), "x"))
        .is_none()
        && part.levels.depth() > 0
    {
        caller.hold_by(HoldCode::Address, "the address is assembled from parts");
    } else if let Some(reason) = setting.other_host_at(part, &address.span) {
        caller.hold_by(HoldCode::OtherHost, reason);
    } else if part.language == Language::Http && in_code && setting.signs.port {
        caller.hold("the connection of the request is opened elsewhere");
    } else if setting.signs.connection {
        caller.hold(
            "the script also waits until the extension's port opens, which would never happen",
        );
    } else if !address.has_scheme && !is_host {
        caller.hold_by(HoldCode::Address, "the address has no scheme");
    } else {
        match request {
            Some(request) => rewrite(part, setting, address, &request, &mut caller),
            None => {
                caller.hold("the command that sends this request could not be parsed completely")
            }
        }
    }
    caller
}

fn rewrite(
    part: &Part<'_>,
    setting: &Setting,
    address: &Address,
    request: &Request,
    caller: &mut Caller,
) {
    if let Some(reason) = setting.hold {
        return caller.hold(reason);
    }
    if setting.windows && !part.around.is_empty() {
        return caller.hold(Doubt::Cmd.reason());
    }
    if setting.proxied && !request.past_proxies {
        return caller
            .hold("the same file sets a proxy, and IMDS answers no request through a proxy");
    }
    if let Some(obstacle) = &request.obstacle {
        return caller.hold(obstacle.clone());
    }
    let said = request.url.text();
    let length = address.span.len();
    let (at, imds) = match request.is_relative {
        true => (said.starts_with("/oauth2/token").then_some(0), IMDS_PATH),
        false => (said.find("://").filter(|_| said.len() >= length), IMDS),
    };
    let end = at.and_then(|at| Some(at + said.get(at..)?.find("/token")? + "/token".len()));
    let Some(end) = end else {
        return caller.hold_by(HoldCode::Address, "the address is assembled elsewhere");
    };
    let own = addresses_in(said.get(..end).unwrap_or_default(), &setting.signs);
    if own.is_empty() && !request.is_relative {
        return caller.hold("the address is part of another service's address");
    }
    let query = said.get(end..).unwrap_or_default();
    let asked = query.strip_prefix('?').unwrap_or_default();
    let authority = authority_in(asked).map(|range| range.start + end + 1..range.end + end + 1);
    let without = authority.map(|range| (range.len() < asked.len(), Edit::deletion(range)));
    let without = without.filter(|(is_part, _)| *is_part || !request.data.is_empty());
    if !query.is_empty() && !query.starts_with('?') {
        return caller.hold("the address continues in a way that could not be parsed");
    }
    match addresses_in(said, &setting.signs).as_slice() {
        [] if request.is_relative => {}
        [one] if one.span.start == 0 && !request.is_relative => {}
        [_] => return caller.hold("the address is part of another address"),
        _ => return caller.hold("the request names another such address"),
    }
    if let Some(reason) = unfit(asked, request, without.is_some()) {
        return caller.hold_by(HoldCode::Request, reason);
    }
    let dropped = request.drop_authority.iter();
    let mut edits: Vec<Vec<Edit>> = dropped.map(|edit| vec![edit.clone()]).collect();
    let mut safe = true;
    if let Some((_, edit)) = without {
        match request.url.inner.outward(&edit) {
            Some(edit) => edits.push(vec![edit]),
            None => return caller.hold("the new address cannot be written in these quotes"),
        }
    }
    if query.is_empty() {
        edits.push(rewritten(&request.url, end, imds));
        match &request.add_version {
            Some(edit) => edits.push(vec![edit.clone()]),
            None => return caller.hold("the query of the request could not be parsed"),
        }
    } else {
        edits.push(rewritten(
            &request.url,
            end + 1,
            &format!("{imds}?{VERSION}&"),
        ));
    }
    edits.extend(request.host.iter().map(|edit| vec![edit.clone()]));
    if request.method == Method::Post {
        safe = false;
        edits.extend(request.to_get.iter().map(|edit| vec![edit.clone()]));
    }
    if !request.has_metadata() {
        safe = false;
        match &request.add_header {
            Some(edit) => edits.push(vec![edit.clone()]),
            None => {
                return caller.hold_by(HoldCode::Request, "the header Metadata: true is missing");
            }
        }
    }
    merge_insertions(&mut edits);
    caller.fix_by(part, setting.fix(safe, action(request)), &edits);
}

/// What a rewrite of a request does.
fn action(request: &Request) -> String {
    let by_get = match request.method {
        Method::Post => ", by GET",
        _ => "",
    };
    let header = match request.has_metadata() {
        true => "",
        false => ", with the header Metadata: true",
    };
    format!("sends the request to IMDS{by_get}{header}")
}

/// Puts insertions at one place together, in their order: `-G ` in front of the address and such.
fn merge_insertions(edits: &mut Vec<Vec<Edit>>) {
    let mut merged: Vec<Vec<Edit>> = Vec::new();
    for ways in edits.drain(..) {
        let [edit] = ways.as_slice() else {
            merged.push(ways);
            continue;
        };
        let twin = merged
            .iter_mut()
            .find_map(|other| match other.as_mut_slice() {
                [one] if one.range() == edit.range() && edit.range().is_empty() => Some(one),
                _ => None,
            });
        match twin {
            Some(one) => {
                let text = [one.text(), edit.text()].concat();
                *one = Edit::replacement(one.range(), text);
            }
            None => merged.push(ways),
        }
    }
    *edits = merged;
}

/// Why what is asked for cannot be asked of IMDS as it is.
fn unfit(asked: &str, request: &Request, drops: bool) -> Option<String> {
    let in_query = asked.split(['&', ';']).filter(|one| !one.is_empty());
    let all: Vec<&str> = in_query
        .chain(request.data.iter().map(String::as_str))
        .collect();
    let mut names = Vec::new();
    for one in &all {
        let name = one.split('=').next().unwrap_or_default();
        if name.contains(HOLE) {
            return Some("the query of the request is set elsewhere".to_owned());
        }
        if name == "authority" && (drops || !request.drop_authority.is_empty()) {
            continue;
        }
        if name == "authority" {
            return Some("remove `authority`: IMDS does not know it".to_owned());
        }
        if !SHARED.contains(&name) {
            return Some(format!("IMDS does not know the parameter {name}"));
        }
        if names.contains(&name) {
            return Some(format!(
                "the parameter {name} is given twice, which IMDS refuses"
            ));
        }
        names.push(name);
    }
    (!names.contains(&"resource")).then(|| "the same command does not name the resource".to_owned())
}
