//! JSONPath queries (RFC 9535) over a document.
//!
//! The query engine wants owned vectors of children, which the arena does not have; so a tree is
//! made of it, for the documents that run a query and for no others. Knows nothing of ARM, and
//! nothing of what a query is asked for. Start at [`JsonPath`] and [`select`].

mod budget;
mod query;

use jsonpath_rust::parser::errors::JsonPathError as EngineError;
use jsonpath_rust::parser::model::{FnArg, JpQuery, Literal};
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use jsonpath_rust::query::queryable::Queryable;
use regex::RegexBuilder;

use self::query::QueryParts;
use super::document::{Document, Kind, NodeId};

/// The longest query, in bytes: its parser goes down a level of the stack for each bracket.
const LONGEST: usize = 4096;
/// The size of a compiled pattern, in bytes: the engine compiles it for every value that it tests.
const LARGEST_PATTERN: usize = 64 * 1024;

/// A query that was parsed and found fit to run on any document.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonPath {
    query: JpQuery,
    /// What asking for a text costs, in steps.
    price: usize,
}

/// Why a query is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonPathError {
    /// The text is no JSONPath.
    #[error("not a JSONPath (RFC 9535): column {column}: {message}")]
    Syntax {
        /// The character at which it stops making sense, 1-based.
        column: usize,
        /// What was expected there.
        message: String,
    },
    /// The text reads as JSONPath, but asks for what the engine does not do.
    #[error("this JSONPath is not supported: {0}")]
    Unsupported(String),
    /// A filter that walks all descendants does so for each node it is asked of.
    #[error(
        "`..` inside a filter is refused, because its running time has no bound; put `..` before \
         the filter instead"
    )]
    DescendantInFilter,
    /// A regular expression that takes too much room, and with that time.
    #[error(
        "the pattern `{0}` is refused: compiled, it is larger than 64 KiB; use a smaller count in \
         `{{…}}`"
    )]
    LargePattern(String),
}

/// Queries that have more to do on a document than they may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the JSONPaths of this run exceed their budget of steps on the file and the files that it links"
)]
pub struct QueryTooCostly;

impl JsonPath {
    /// Parses a query such as `$.resources[?@.type == 'Microsoft.Compute/virtualMachines']`.
    ///
    /// # Errors
    /// [`JsonPathError`] where the text is no query, or one whose time has no bound.
    pub fn parse(text: &str) -> Result<Self, JsonPathError> {
        if text.len() > LONGEST {
            return Err(JsonPathError::Unsupported(format!(
                "the JSONPath is longer than {LONGEST} bytes"
            )));
        }
        let query = parse_json_path(text).map_err(|error| refusal(&error))?;
        let parts = QueryParts::of(&query.segments);
        if parts.descends_in_filter {
            return Err(JsonPathError::DescendantInFilter);
        }
        if let Some(name) = parts.unknown_function {
            let why = format!("RFC 9535 has no function `{name}`");
            return Err(JsonPathError::Unsupported(why));
        }
        let mut price = 0;
        for pattern in parts.patterns {
            price = match pattern {
                FnArg::Literal(Literal::String(text)) if is_too_large(text) => {
                    return Err(JsonPathError::LargePattern(text.clone()));
                }
                FnArg::Literal(Literal::String(_)) => budget::PATTERN.max(price),
                _ => budget::UNSEEN_PATTERN,
            };
        }
        Ok(Self { query, price })
    }
}

/// The values that each of `queries` selects in each source, in the order of its result; a node that
/// is selected twice is there twice. All queries share one budget of steps.
///
/// Of members with equal names a name selector takes the last; a wildcard and a filter see all.
/// Names are compared exactly, as JSONPath does, unlike [`Document::get`].
///
/// # Errors
/// [`QueryTooCostly`] where that takes more steps than it may.
pub fn select(
    document: &Document,
    queries: &[&JsonPath],
) -> Result<Vec<Vec<NodeId>>, QueryTooCostly> {
    let mut selected = vec![Vec::new(); queries.len()];
    if queries.is_empty() {
        return Ok(selected);
    }
    budget::start(document.len());
    for source in 0..document.sources() {
        let Some(root) = document.root_of(source) else {
            continue;
        };
        let tree = DocumentTree::of(document, root, 0);
        for (query, selected) in queries.iter().zip(&mut selected) {
            budget::set_price(query.price);
            let found = js_path_process(&query.query, &tree).unwrap_or_default();
            // A query that does nothing costs something too.
            if !budget::take(1) {
                return Err(QueryTooCostly);
            }
            selected.extend(found.into_iter().filter_map(|found| found.val.node));
        }
    }
    Ok(selected)
}

fn refusal(error: &EngineError) -> JsonPathError {
    match error {
        EngineError::PestError(error) => JsonPathError::Syntax {
            // The type of the location belongs to a crate that is no dependency of ours; its
            // text starts with ` --> line:column`.
            column: error
                .to_string()
                .lines()
                .next()
                .and_then(|line| line.rsplit(':').next()?.trim().parse().ok())
                .unwrap_or(1),
            message: error.variant.message().into_owned(),
        },
        other => JsonPathError::Unsupported(other.to_string()),
    }
}

/// Whether a pattern takes more room than it may.
fn is_too_large(pattern: &str) -> bool {
    let built = RegexBuilder::new(pattern)
        .size_limit(LARGEST_PATTERN)
        .build();
    // One that is no pattern matches nothing.
    matches!(built, Err(regex::Error::CompiledTooBig(_)))
}

/// A value as the query engine wants it.
#[derive(Clone, Debug, Default)]
struct DocumentTree {
    /// The value's node; `None` for the literals of a query.
    node: Option<NodeId>,
    /// How deep it is: the engine keeps the way to each value.
    depth: usize,
    value: QueryValue,
}

#[derive(Clone, Debug, Default)]
enum QueryValue {
    #[default]
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    String(String),
    Array(Vec<DocumentTree>),
    Object(Vec<(String, DocumentTree)>),
}

impl DocumentTree {
    /// Recurses no deeper than the parser lets a document nest.
    fn of(document: &Document, node: NodeId, depth: usize) -> Self {
        let value = match document.kind(node) {
            Kind::Object => QueryValue::Object(
                document
                    .children(node)
                    .filter_map(|key| {
                        let name = document.string(key)?;
                        Some((name, Self::of(document, document.value(key)?, depth + 1)))
                    })
                    .collect(),
            ),
            Kind::Array => QueryValue::Array(
                document
                    .children(node)
                    .map(|element| Self::of(document, element, depth + 1))
                    .collect(),
            ),
            Kind::String | Kind::Key => {
                QueryValue::String(document.string(node).unwrap_or_default())
            }
            Kind::Number => number(document.raw(node)),
            Kind::Bool => QueryValue::Bool(document.raw(node) == b"true"),
            Kind::Null => QueryValue::Null,
        };
        Self {
            node: Some(node),
            depth,
            value,
        }
    }

    /// Takes the steps for `count` of its children; `None` where none are left.
    fn take(&self, count: usize) -> Option<()> {
        budget::take(1 + count * (1 + self.depth / 16)).then_some(())
    }
}

/// A number in the notations of JSON; the dialect's others (`0x1F`, `010`, `NaN`) equal nothing that
/// a query can say.
fn number(raw: &[u8]) -> QueryValue {
    if let [b'0', b'0'..=b'9', ..] = raw {
        return QueryValue::Float(f64::NAN);
    }
    let text = String::from_utf8_lossy(raw);
    match text.parse() {
        Ok(integer) => QueryValue::Integer(integer),
        Err(_) => QueryValue::Float(text.parse().unwrap_or(f64::NAN)),
    }
}

impl PartialEq for DocumentTree {
    fn eq(&self, other: &Self) -> bool {
        if !budget::take(1) {
            return false;
        }
        match (&self.value, &other.value) {
            (QueryValue::Null, QueryValue::Null) => true,
            (QueryValue::Bool(one), QueryValue::Bool(two)) => one == two,
            (QueryValue::String(one), QueryValue::String(two)) => one == two,
            (QueryValue::Array(one), QueryValue::Array(two)) => one == two,
            (QueryValue::Object(one), QueryValue::Object(two)) => {
                one.len() == two.len()
                    && one
                        .iter()
                        .all(|(name, value)| other.get(name) == Some(value))
            }
            _ => match (self.as_f64(), other.as_f64()) {
                (Some(one), Some(two)) => one == two,
                _ => false,
            },
        }
    }
}

impl Queryable for DocumentTree {
    fn get(&self, key: &str) -> Option<&Self> {
        let QueryValue::Object(members) = &self.value else {
            return None;
        };
        budget::take(1 + members.len() / 8).then_some(())?;
        members
            .iter()
            .rev()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    fn as_array(&self) -> Option<&Vec<Self>> {
        match &self.value {
            QueryValue::Array(elements) => self.take(elements.len()).map(|()| elements),
            _ => None,
        }
    }

    fn as_object(&self) -> Option<Vec<(&str, &Self)>> {
        let QueryValue::Object(members) = &self.value else {
            return None;
        };
        self.take(members.len())?;
        // The engine makes ways of the names, which nobody reads, and which may be long.
        Some(members.iter().map(|(_, value)| ("", value)).collect())
    }

    fn as_str(&self) -> Option<&str> {
        match &self.value {
            QueryValue::String(text) => budget::take_text(text.len()).then_some(text),
            _ => None,
        }
    }

    fn as_i64(&self) -> Option<i64> {
        match self.value {
            QueryValue::Integer(integer) => Some(integer),
            _ => None,
        }
    }

    fn as_f64(&self) -> Option<f64> {
        match self.value {
            QueryValue::Float(float) => Some(float),
            QueryValue::Integer(integer) => Some(integer as f64),
            _ => None,
        }
    }

    fn as_bool(&self) -> Option<bool> {
        match self.value {
            QueryValue::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    fn null() -> Self {
        Self::default()
    }
}

impl From<QueryValue> for DocumentTree {
    fn from(value: QueryValue) -> Self {
        Self {
            node: None,
            depth: 0,
            value,
        }
    }
}

impl From<&str> for DocumentTree {
    fn from(text: &str) -> Self {
        QueryValue::String(text.to_owned()).into()
    }
}

impl From<String> for DocumentTree {
    fn from(text: String) -> Self {
        QueryValue::String(text).into()
    }
}

impl From<bool> for DocumentTree {
    fn from(truth: bool) -> Self {
        QueryValue::Bool(truth).into()
    }
}

impl From<i64> for DocumentTree {
    fn from(integer: i64) -> Self {
        QueryValue::Integer(integer).into()
    }
}

impl From<f64> for DocumentTree {
    fn from(float: f64) -> Self {
        QueryValue::Float(float).into()
    }
}

impl From<Vec<DocumentTree>> for DocumentTree {
    fn from(elements: Vec<DocumentTree>) -> Self {
        QueryValue::Array(elements).into()
    }
}

#[cfg(test)]
mod tests;
