//! The ways in which authors write a resource's name and an edge to it.
//!
//! A name is the inside of an expression, such as `concat('web', #)`, in which `#` stands for the
//! number of the loop's instance. Start at [`edge`].

/// How many ways of writing [`edge`] knows.
pub(crate) const WAYS: u8 = 19;

/// The inside of an expression as the value of a property: plain text where it is a plain string.
pub(crate) fn property(inner: &str) -> String {
    match plain(inner) {
        Some(text) => text.to_owned(),
        None => format!("[{inner}]"),
    }
}

/// A property's value as the inside of an expression.
pub(crate) fn inner(property: &str) -> String {
    match property
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(inner) => inner.to_owned(),
        None => format!("'{property}'"),
    }
}

/// The text of a quoted string that is nothing else.
fn plain(inner: &str) -> Option<&str> {
    let text = inner.strip_prefix('\'')?.strip_suffix('\'')?;
    (!text.contains('\'')).then_some(text)
}

/// The full name of a resource with these segments, written in one of several ways.
pub(crate) fn full_name(names: &[String], way: u8) -> String {
    match way % 2 {
        0 => joined(&separated("", names)),
        _ => formatted(&separated("", names)),
    }
}

/// One edge to the resource of `kind` and `names`, written in the way that `way` chooses, if that is
/// possible. A way through a variable adds it to `variables`.
pub(crate) fn edge(
    kind: &str,
    names: &[String],
    way: u8,
    variables: &mut Vec<(String, String)>,
) -> String {
    let id = typed(kind, names);
    let arguments = names.join(", ");
    let mut by_variable = |value: String| {
        if value.contains('#') {
            return value;
        }
        let name = format!("edge{}", variables.len());
        variables.push((name.clone(), value));
        format!("[variables('{name}')]")
    };
    match way % WAYS {
        1 => format!("[resourceId('{kind}/', {arguments})]"),
        2 => joined(&id),
        3 => formatted(&id),
        4 => full_name(names, 0),
        5 => full_name(names, 1),
        6 => match plain_text(&separated("", names)) {
            Some(text) => format!("['{text}']"),
            None => format!("[concat({})]", unmerged(&id)),
        },
        7 => by_variable(format!("[resourceId('{kind}', {arguments})]")),
        8 => by_split(kind, names),
        9 => match plain_text(&id) {
            Some(text) => format!("/{text}"),
            None => format!("[concat({})]", unmerged(&id)),
        },
        10 => format!("[ResourceId( '{}',{arguments} )]", kind.to_uppercase()),
        11 => format!(
            "[resourceId(subscription().subscriptionId, resourceGroup().name, '{kind}', {arguments})]"
        ),
        12 => by_variable(full_name(names, 0)),
        13 => format!(
            "[concat(resourceGroup().id, '/providers/', {})]",
            unmerged(&id)
        ),
        14 => match plain_text(&id) {
            Some(text) => format!("/{text}/"),
            None => format!("[concat('/', {}, '/')]", unmerged(&id)),
        },
        15 => format!("[resourceId(resourceGroup().name, '{kind}', {arguments})]"),
        16 => match plain_text(&id) {
            Some(text) => format!("['{text}']"),
            None => format!("[toLower(resourceId('{kind}', {arguments}))]"),
        },
        17 => {
            let first = by_variable(format!("[resourceId('{kind}', {arguments})]"));
            by_variable(first)
        }
        18 => {
            let id = inner(&formatted(&id));
            format!("[format('{{0}}/providers/{{1}}', resourceGroup().id, {id})]")
        }
        _ => format!("[resourceId('{kind}', {arguments})]"),
    }
}

/// As Bicep writes the id of a child: the full name is made and split again.
fn by_split(kind: &str, names: &[String]) -> String {
    if names.len() == 1 {
        return format!("[resourceId('{kind}', format('{{0}}', {}))]", names[0]);
    }
    let holes: Vec<String> = (0..names.len()).map(|n| format!("{{{n}}}")).collect();
    let name = format!("format('{}', {})", holes.join("/"), names.join(", "));
    let parts: Vec<String> = (0..names.len())
        .map(|n| format!("split({name}, '/')[{n}]"))
        .collect();
    format!("[resourceId('{kind}', {})]", parts.join(", "))
}

/// `type/name/type/name` as a list of expressions.
fn typed(kind: &str, names: &[String]) -> Vec<String> {
    let mut kinds = kind.split('/');
    let mut head = kinds.next().unwrap().to_owned();
    let mut parts = Vec::new();
    for (kind, name) in kinds.zip(names) {
        parts.push(format!("'{head}/{kind}/'"));
        parts.push(name.clone());
        head = String::new();
    }
    parts
}

fn separated(head: &str, names: &[String]) -> Vec<String> {
    let mut parts = Vec::new();
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            parts.push("'/'".to_owned());
        } else if !head.is_empty() {
            parts.push(format!("'{head}'"));
        }
        parts.push(name.clone());
    }
    parts
}

/// The text of parts that are all plain.
fn plain_text(parts: &[String]) -> Option<String> {
    parts.iter().map(|part| plain(part)).collect()
}

fn unmerged(parts: &[String]) -> String {
    parts.join(",")
}

/// `concat()` over the parts, with neighbouring strings made one.
fn joined(parts: &[String]) -> String {
    let mut merged: Vec<String> = Vec::new();
    for part in parts {
        match (merged.last_mut(), plain(part)) {
            (Some(last), Some(text)) if plain(last).is_some() => {
                last.insert_str(last.len() - 1, text);
            }
            _ => merged.push(part.clone()),
        }
    }
    match merged.as_slice() {
        [only] => property(only),
        _ => format!("[concat({})]", merged.join(", ")),
    }
}

/// `format()` over the parts.
fn formatted(parts: &[String]) -> String {
    let (mut text, mut arguments) = (String::new(), String::new());
    let mut holes = 0;
    for part in parts {
        match plain(part) {
            Some(plain) => text.push_str(plain),
            None => {
                text.push_str(&format!("{{{holes}}}"));
                arguments.push_str(&format!(", {part}"));
                holes += 1;
            }
        }
    }
    match holes {
        0 => text,
        _ => format!("[format('{text}'{arguments})]"),
    }
}
