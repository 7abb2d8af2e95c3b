//! Prints what is known of the value of an expression without any template.
//!
//! ```sh
//! echo "\"[concat('vm-', add(1, 2))]\"" | cargo run --example evaluate
//! ```
//!
//! Each line of standard input is a JSON string, the text of a property in a template. Its line of standard
//! output is an array of one item, the value, or of several: the known parts of a text and, each as an object
//! with the one member `unknown`, what only a deployment knows. Parts of arrays and objects that are unknown
//! are such objects too. `.ci/oracles` compares the lines with the values of Azure's own engine.

use std::error::Error;
use std::io::{BufRead, Write};

use msi2imds::arm::expression::{Piece, Unbound, Value, evaluate_text};
use serde_json::{Map, Value as Json, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        writeln!(
            out,
            "{}",
            Json::Array(parts(&evaluate_text(&text, &Unbound)))
        )?;
    }
    Ok(())
}

/// The value, or the parts of a text.
fn parts(value: &Value) -> Vec<Json> {
    let Value::Text(text) = value else {
        return vec![whole(value)];
    };
    let known = text.pieces().iter().map(|piece| match piece {
        Piece::Literal(literal) => json!(literal),
        Piece::Symbol(symbol) => unknown(symbol),
    });
    match text.pieces() {
        [] => vec![json!("")],
        _ => known.collect(),
    }
}

fn whole(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Int(number) => json!(number),
        Value::Text(_) => match parts(value).as_slice() {
            [only] => only.clone(),
            several => unknown(&Json::from(several)),
        },
        Value::Array(items) => items.iter().map(whole).collect(),
        Value::Object(members) => {
            let members = members.iter();
            let members: Map<_, _> = members
                .map(|(name, one)| (name.clone(), whole(one)))
                .collect();
            Json::Object(members)
        }
        Value::Choice { condition, .. } => unknown(condition),
        Value::Unknown(symbol) => unknown(symbol),
    }
}

fn unknown(what: &dyn std::fmt::Display) -> Json {
    json!({ "unknown": what.to_string() })
}
