//! The canonical spelling of what cannot be known from the files. It never knows a scope or a document.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::text::{Piece, Text};
use super::value::Value;

/// A spelling longer than this many bytes is replaced by a symbol that equals nothing else.
pub(super) const MAX_SPELLING: usize = 8 << 10;

/// How the spelling of a symbol that equals nothing else starts; no expression is spelled so.
const UNIQUE: &str = "unknown#";

/// Functions that change only how a name is written, so that they vanish where names are compared.
const NAME_WRAPPERS: &[&str] = &["tolower", "toupper", "string"];

/// An unknown value: equal to another when both have the same canonical spelling.
///
/// The spelling has function, parameter and variable names in lower case, no white space, and arguments
/// in normal form, e.g. `parameters('vmname')` or `copyindex('loop')+1`. Cloning is cheap.
#[derive(Clone)]
pub struct Symbol(Arc<Spelling>);

struct Spelling {
    canonical: String,
    /// The canonical spelling with every loop variable written `i`.
    loopless: String,
    /// What the symbol is where names are compared without case.
    key: String,
    loop_variable: Option<(Option<String>, i64)>,
    mentions_copy_index: bool,
}

#[derive(Clone, Copy)]
enum SymbolForm {
    Canonical,
    Loopless,
}

impl Symbol {
    /// The unknown value of the parameter `name`.
    pub fn parameter(name: &str) -> Self {
        Self::call(None, "parameters", &[Value::text(name.to_lowercase())])
    }

    /// The unknown value of the variable `name`.
    pub fn variable(name: &str) -> Self {
        Self::call(None, "variables", &[Value::text(name.to_lowercase())])
    }

    /// What `function`, which is `parameters` or `variables`, gives for `name` in the scope numbered
    /// `frame`. The names of one scope mean nothing in another.
    pub fn declared(function: &str, name: &Value, frame: usize) -> Self {
        let function = match frame {
            0 => function.to_owned(),
            _ => format!("{function}@{frame}"),
        };
        Self::call(None, &function, std::slice::from_ref(name))
    }

    /// The unknown result of a call; names are compared without case.
    pub fn call(namespace: Option<&str>, name: &str, args: &[Value]) -> Self {
        Self::try_call(namespace, name, args).unwrap_or_else(Self::unique)
    }

    /// The loop variable: `loop_name` is the copy loop where it is known, `offset` what is added to it.
    pub fn copy_index(loop_name: Option<&str>, offset: i64) -> Self {
        let suffix = if offset == 0 {
            String::new()
        } else {
            format!("{offset:+}")
        };
        let argument = loop_name.map(|name| quoted(&name.to_lowercase()));
        let key = format!("i{suffix}");
        Self(Arc::new(Spelling {
            canonical: format!("copyindex({}){suffix}", argument.unwrap_or_default()),
            loopless: key.clone(),
            key,
            loop_variable: Some((loop_name.map(str::to_lowercase), offset)),
            mentions_copy_index: true,
        }))
    }

    /// The member `name` of an unknown value.
    pub fn member(base: &Symbol, name: &str) -> Self {
        Self::try_access(
            &Value::Unknown(base.clone()),
            &Value::text(name.to_lowercase()),
        )
        .unwrap_or_else(Self::unique)
    }

    /// A symbol that equals nothing but its own clones.
    pub fn unique() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let spelling = format!("{UNIQUE}{}", NEXT.fetch_add(1, Ordering::Relaxed));
        Self::spelled(spelling.clone(), spelling.clone(), spelling, false)
    }

    /// Whether it is one of [`Symbol::unique`].
    pub(super) fn is_unique(&self) -> bool {
        self.as_str().starts_with(UNIQUE)
    }

    /// Whether some part of it is, so that it equals nothing else either.
    pub(super) fn holds_unique(&self) -> bool {
        self.as_str().contains(UNIQUE)
    }

    /// A value that is known to the author but not held here, such as a number with a fraction.
    pub(super) fn raw(text: &str) -> Self {
        let text = text.to_lowercase();
        Self::spelled(text.clone(), text.clone(), text, false)
    }

    /// As [`Symbol::call`], but `None` where the spelling grows too long.
    pub(super) fn try_call(namespace: Option<&str>, name: &str, args: &[Value]) -> Option<Self> {
        let mut function = String::with_capacity(name.len());
        if let Some(namespace) = namespace {
            function.push_str(&namespace.to_lowercase());
            function.push('.');
        }
        function.push_str(&name.to_lowercase());
        let canonical = spell_call(&function, args, SymbolForm::Canonical)?;
        let mentions = args.iter().any(Value::mentions_copy_index);
        let loopless = match mentions {
            true => spell_call(&function, args, SymbolForm::Loopless)?,
            // Only loop variables are spelled in another way.
            false => canonical.clone(),
        };
        let key = match args {
            [Value::Unknown(wrapped)] if NAME_WRAPPERS.contains(&function.as_str()) => {
                wrapped.key().to_owned()
            }
            // Elsewhere the case of an argument counts: `uniqueString('A')` is not `uniqueString('a')`.
            _ => loopless.clone(),
        };
        Some(Self::spelled(canonical, loopless, key, mentions))
    }

    /// The unknown result of `base[index]` or, for a text index, of `base.index`.
    pub(super) fn try_access(base: &Value, index: &Value) -> Option<Self> {
        let spelled = |form: SymbolForm| {
            let mut out = String::new();
            spell(base, form, &mut out)?;
            match index.as_literal() {
                Some(name) if is_identifier(name) => {
                    out.push('.');
                    out.push_str(&name.to_lowercase());
                }
                Some(name) => {
                    out.push('[');
                    out.push_str(&quoted(&name.to_lowercase()));
                    out.push(']');
                }
                None => {
                    out.push('[');
                    spell(index, form, &mut out)?;
                    out.push(']');
                }
            }
            (out.len() <= MAX_SPELLING).then_some(out)
        };
        let loopless = spelled(SymbolForm::Loopless)?;
        Some(Self::spelled(
            spelled(SymbolForm::Canonical)?,
            loopless.clone(),
            loopless,
            base.mentions_copy_index() || index.mentions_copy_index(),
        ))
    }

    /// The canonical spelling.
    pub fn as_str(&self) -> &str {
        &self.0.canonical
    }

    /// Whether the value differs from one instance of a copy loop to the next.
    pub fn mentions_copy_index(&self) -> bool {
        self.0.mentions_copy_index
    }

    /// The loop's name and the offset, where the symbol is nothing but the loop variable.
    pub fn loop_variable(&self) -> Option<(Option<&str>, i64)> {
        let (name, offset) = self.0.loop_variable.as_ref()?;
        Some((name.as_deref(), *offset))
    }

    /// Whether the value is an id rather than a name, so that cutting it at slashes would be wrong.
    pub(super) fn may_hold_slash(&self) -> bool {
        let spelling = self.as_str();
        spelling.ends_with(".id")
            || spelling.ends_with("resourceid")
            || spelling
                .split_once('(')
                .is_some_and(|(name, _)| name.ends_with("resourceid"))
    }

    pub(super) fn key(&self) -> &str {
        &self.0.key
    }

    fn spelled(canonical: String, loopless: String, key: String, mentions: bool) -> Self {
        Self(Arc::new(Spelling {
            canonical,
            loopless,
            key,
            loop_variable: None,
            mentions_copy_index: mentions,
        }))
    }

    fn form(&self, form: SymbolForm) -> &str {
        match form {
            SymbolForm::Canonical => &self.0.canonical,
            SymbolForm::Loopless => &self.0.loopless,
        }
    }
}

impl PartialEq for Symbol {
    fn eq(&self, other: &Self) -> bool {
        self.0.canonical == other.0.canonical
    }
}

impl Eq for Symbol {}

impl Hash for Symbol {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.canonical.hash(state);
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.canonical)
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.canonical)
    }
}

fn spell_call<'v>(
    function: &str,
    args: impl IntoIterator<Item = &'v Value>,
    form: SymbolForm,
) -> Option<String> {
    let mut out = format!("{function}(");
    for (position, argument) in args.into_iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        spell(argument, form, &mut out)?;
        if out.len() > MAX_SPELLING {
            return None;
        }
    }
    out.push(')');
    Some(out)
}

fn spell(value: &Value, form: SymbolForm, out: &mut String) -> Option<()> {
    match value {
        Value::Null => out.push_str("null()"),
        Value::Bool(true) => out.push_str("true()"),
        Value::Bool(false) => out.push_str("false()"),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Text(text) => spell_text(text, form, out),
        Value::Array(items) => out.push_str(&spell_call("createarray", items, form)?),
        Value::Object(members) => {
            let members = members.iter();
            let parts = members.flat_map(|(name, value)| [Value::text(name), value.clone()]);
            let parts: Vec<Value> = parts.collect();
            out.push_str(&spell_call("createobject", &parts, form)?);
        }
        Value::Choice {
            condition,
            then,
            otherwise,
        } => {
            let condition = Value::Unknown(condition.clone());
            out.push_str(&spell_call("if", [&condition, then, otherwise], form)?);
        }
        Value::Unknown(symbol) => out.push_str(symbol.form(form)),
    }
    (out.len() <= MAX_SPELLING).then_some(())
}

fn spell_text(text: &Text, form: SymbolForm, out: &mut String) {
    let spelled: Vec<String> = text
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Literal(literal) => quoted(literal),
            Piece::Symbol(symbol) => symbol.form(form).to_owned(),
        })
        .collect();
    match spelled.as_slice() {
        [] => out.push_str("''"),
        [only] => out.push_str(only),
        _ => {
            out.push_str("concat(");
            out.push_str(&spelled.join(","));
            out.push(')');
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_' || first == '$')
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$')
}
