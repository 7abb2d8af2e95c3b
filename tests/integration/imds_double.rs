//! The rewritten commands of fixtures, run against a double of IMDS: before the rewriting none gets a
//! token there, afterwards each does.
//!
//! The double listens on loopback and answers as the documentation of IMDS says. curl and python3 must be
//! there; without Python's requests its fixtures are named on stderr as not run. Start at [`Double`].

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use msi2imds::migrate::{Options, Source, migrate_text};
use msi2imds::rules::Surroundings;

/// What the double gives out.
const TOKEN: &str = "a-token-of-the-double";

/// A server that answers like IMDS.
struct Double {
    address: String,
}

impl Double {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || answer(stream));
            }
        });
        Self { address }
    }
}

fn answer(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let header = |name: &str| {
        lines.iter().skip(1).find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    let length = header("content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    let _ = reader.read_exact(&mut body);
    let first = lines.first().cloned().unwrap_or_default();
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let (status, text) = verdict(method, target, &header);
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{text}",
        text.len()
    );
}

/// The status and the body of an answer.
fn verdict(
    method: &str,
    target: &str,
    header: &dyn Fn(&str) -> Option<String>,
) -> (&'static str, String) {
    let error = |status, code: &str| (status, format!("{{\"error\": \"{code}\"}}"));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != "/metadata/identity/oauth2/token" {
        return error("404 Not Found", "not_found");
    }
    if header("metadata").is_none_or(|value| !value.eq_ignore_ascii_case("true")) {
        return error("400 Bad Request", "bad_request_102");
    }
    if header("x-forwarded-for").is_some() {
        return error("400 Bad Request", "forwarded");
    }
    if method != "GET" {
        return error("405 Method Not Allowed", "method");
    }
    let pairs: Vec<(&str, &str)> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    let value = |name: &str| {
        let mut values = pairs.iter().filter(|(own, _)| *own == name);
        let one = values.next().map(|(_, value)| *value);
        one.filter(|_| values.next().is_none())
    };
    let known = [
        "api-version",
        "resource",
        "object_id",
        "client_id",
        "msi_res_id",
    ];
    if value("api-version") != Some("2018-02-01") {
        return error("400 Bad Request", "api_version");
    }
    if value("resource").is_none_or(str::is_empty)
        || pairs.iter().any(|(name, _)| !known.contains(name))
    {
        return error("400 Bad Request", "invalid_request");
    }
    ("200 OK", format!("{{\"access_token\": \"{TOKEN}\"}}"))
}

/// What the script prints or writes to `token`, with the addresses of the endpoints replaced.
fn run(program: &str, script: &[u8], double: &Double) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from_utf8(script.to_vec()).unwrap();
    for host in [
        "localhost:50342",
        "127.0.0.1:50343",
        "[::1]:50342",
        "169.254.169.254",
    ] {
        text = text.replace(host, &double.address);
    }
    std::fs::write(folder.path().join("script"), text).unwrap();
    let output = Command::new(program)
        .arg("script")
        .current_dir(&folder)
        .env("VAULT", "https://vault.azure.net")
        .env("ID", "an-id")
        .env("NO_PROXY", "*")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program} must be installed: {error}"));
    let written = std::fs::read_to_string(folder.path().join("token")).unwrap_or_default();
    String::from_utf8_lossy(&output.stdout).into_owned() + &written
}

/// The fixtures that run as they are, each with what runs it.
const RUNNABLE: &[(&str, &str)] = &[
    ("bash", "curl-get-in-single-quotes-before-options.sh"),
    ("bash", "curl-get-without-quotes-gets-them.sh"),
    (
        "bash",
        "curl-get-without-quotes-and-a-variable-escapes-the-ampersand.sh",
    ),
    ("bash", "curl-get-with-its-query-as-data.sh"),
    ("bash", "curl-get-at-127-0-0-1-and-another-port.sh"),
    ("bash", "curl-get-at-the-loopback-of-ipv6.sh"),
    ("bash", "curl-get-with-a-variable-in-the-query.sh"),
    ("bash", "curl-in-bash-c-without-inner-quotes-gets-them.sh"),
    ("bash", "two-callers-on-one-line.sh"),
    ("bash", "curl-post-of-data-becomes-a-get.sh"),
    ("bash", "curl-post-said-twice-becomes-a-get.sh"),
    ("bash", "curl-post-without-the-header-gets-it.sh"),
    ("bash", "curl-get-without-the-header-gets-it.sh"),
    ("python3", "python-urllib-request.py"),
    ("python3", "python-requests-get-with-a-query.py"),
    ("python3", "python-requests-get-with-params.py"),
    ("python3", "python-requests-post-becomes-a-get.py"),
];

#[test]
fn rewritten_commands_get_a_token_and_old_ones_do_not() {
    let double = Double::start();
    let options = Options {
        unsafe_fixes: true,
        surroundings: Surroundings {
            extension: true,
            ..Surroundings::default()
        },
        ..Options::default()
    };
    let has_requests = Command::new("python3")
        .args(["-c", "import requests"])
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success();
    for (program, name) in RUNNABLE {
        if name.contains("requests") && !has_requests {
            eprintln!("not run, since Python has no requests: {name}");
            continue;
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/token-endpoint");
        let old = std::fs::read(path.join(name)).unwrap();
        let migration = migrate_text(name.as_bytes(), &Source::new("", &old), &options).unwrap();
        let new = migration.fixed.unwrap().bytes;
        let before = run(program, &old, &double);
        assert!(!before.contains(TOKEN), "{name} got a token as it was");
        let after = run(program, &new, &double);
        assert!(
            after.contains(TOKEN),
            "{name} got no token: {after}\n{}",
            String::from_utf8_lossy(&new)
        );
    }
}

#[test]
fn the_double_refuses_what_imds_refuses() {
    let ask = |method: &str, query: &str, headers: &[(&str, &str)]| {
        let header = |name: &str| {
            let found = headers
                .iter()
                .find(|(own, _)| own.eq_ignore_ascii_case(name));
            found.map(|(_, value)| (*value).to_owned())
        };
        let target = format!("/metadata/identity/oauth2/token?{query}");
        verdict(method, &target, &header)
            .0
            .get(..3)
            .unwrap()
            .to_owned()
    };
    let good = "api-version=2018-02-01&resource=r";
    let metadata = [("Metadata", "true")];
    assert_eq!(ask("GET", good, &metadata), "200");
    assert_eq!(ask("POST", good, &metadata), "405");
    assert_eq!(ask("GET", good, &[]), "400");
    assert_eq!(ask("GET", "resource=r", &metadata), "400");
    assert_eq!(ask("GET", &format!("{good}&resource=s"), &metadata), "400");
    assert_eq!(ask("GET", &format!("{good}&authority=a"), &metadata), "400");
    let forwarded = [("Metadata", "true"), ("X-Forwarded-For", "x")];
    assert_eq!(ask("GET", good, &forwarded), "400");
}
