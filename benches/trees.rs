//! Writes what is measured: repositories and single templates. See [`trees`].
//!
//! ```console
//! $ trees repository FOLDER FILES PERCENT [SEED]
//! $ trees template FILE RESOURCES EDGES EXTENSIONS [SEED]
//! $ trees sized FILE BYTES [SEED]
//! ```

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use trees::{Large, Tree};

const USAGE: &str = "usage: trees repository FOLDER FILES PERCENT [SEED]
       trees template FILE RESOURCES EDGES EXTENSIONS [SEED]
       trees sized FILE BYTES [SEED]
PERCENT of the files, or EXTENSIONS of the RESOURCES, have the extension; a sized one has one.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match written(&arguments) {
        Ok(report) => {
            let _ = writeln!(std::io::stdout(), "{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(2)
        }
    }
}

/// Writes what the arguments ask for; what it came to.
fn written(arguments: &[&str]) -> Result<String, String> {
    let (kind, rest) = arguments.split_first().ok_or(USAGE)?;
    let (path, rest) = rest.split_first().ok_or(USAGE)?;
    let numbers: Result<Vec<usize>, _> = rest.iter().map(|number| number.parse()).collect();
    let numbers = numbers.map_err(|_| USAGE)?;
    let large = match (*kind, numbers.as_slice()) {
        ("repository", [files, percent, seed @ ..]) => {
            let tree = Tree {
                files: *files,
                percent: *percent,
                seed: first(seed)?,
            };
            let written = tree.write(Path::new(path));
            let written = written.map_err(|error| format!("{path}: {error}"))?;
            return Ok(format!("{path}: {written:?}"));
        }
        ("template", [resources, edges, extensions, seed @ ..]) => Large {
            resources: *resources,
            edges: *edges,
            extensions: *extensions,
            seed: first(seed)?,
        },
        ("sized", [bytes, seed @ ..]) => Large::of_bytes(*bytes, first(seed)?),
        _ => return Err(USAGE.to_owned()),
    };
    let text = large.text();
    std::fs::write(path, &text).map_err(|error| format!("{path}: {error}"))?;
    Ok(format!("{path}: {} bytes, {large:?}", text.len()))
}

/// The seed, which is 1 where none is given.
fn first(seed: &[usize]) -> Result<u64, String> {
    match seed {
        [] => Ok(1),
        [seed] => Ok(*seed as u64),
        _ => Err(USAGE.to_owned()),
    }
}
