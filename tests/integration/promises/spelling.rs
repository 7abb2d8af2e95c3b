//! Odd spellings of expressions and property names, which mean what the plain ones do.

/// How many ways [`odd`] knows.
pub(crate) const ODDITIES: u8 = 6;

/// The text with its functions in another case, or with white space between the tokens; a text that
/// is no expression stays.
pub(crate) fn odd(text: &str, oddity: u8) -> String {
    if !text.starts_with('[') || !(1..ODDITIES).contains(&oddity) {
        return text.to_owned();
    }
    let mut result = String::new();
    let mut quoted = false;
    for character in text.chars() {
        quoted ^= character == '\'';
        match (oddity, character) {
            _ if quoted => result.push(character),
            (1, _) => result.extend(character.to_uppercase()),
            (2, _) => result.extend(character.to_lowercase()),
            (3, '(' | ',') => result.push_str(&format!("{character}\n\t  ")),
            (3, ')') => result.push_str("\r\n)"),
            (4, '(') => result.push_str(" ( "),
            (4, ',') => result.push_str(" ,"),
            (4, ')') => result.push_str("\t)"),
            (5, '[') => result.push_str("[ "),
            (5, ',') => result.push_str(",\t"),
            _ => result.push(character),
        }
    }
    result
}

/// A property name as careless authors write it.
pub(crate) fn cased(name: &str, spelling: u8) -> String {
    match spelling {
        3 => name[..1].to_uppercase() + &name[1..],
        4 => name.to_lowercase(),
        6 => name.to_uppercase(),
        _ => name.to_owned(),
    }
}
