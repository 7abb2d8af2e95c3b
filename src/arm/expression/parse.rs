//! From the decoded text of a JSON string to a syntax tree. It never evaluates and never panics:
//! depth and length are bounded.

use std::ops::Range;

use thiserror::Error;

use super::ast::{Expression, ExpressionKind};

/// Deeper trees are refused, so that no later recursion can exhaust the stack.
const MAX_DEPTH: usize = 128;

/// Azure stops at 24,576 characters; a longer text is still read, up to this many bytes.
const MAX_LENGTH: usize = 1 << 20;

/// What a string of a template is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// No expression: the text itself, with the first bracket of `[[x]` taken off.
    Literal(String),
    /// An expression.
    Expression(Expression),
    /// In brackets, but not an expression.
    Invalid(ParseError),
}

impl Parsed {
    /// The expression, where the text is one.
    pub fn expression(self) -> Option<Expression> {
        match self {
            Parsed::Expression(expression) => Some(expression),
            Parsed::Literal(_) | Parsed::Invalid(_) => None,
        }
    }
}

/// Why a text in brackets is not an expression.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message} at byte {offset}")]
pub struct ParseError {
    /// The byte offset in the decoded text where reading stopped.
    pub offset: usize,
    /// What was expected, in a few words.
    pub message: &'static str,
}

/// Reads the decoded text of a JSON string.
pub fn parse(text: &str) -> Parsed {
    if !(text.starts_with('[') && text.ends_with(']') && text.len() > 1) {
        return Parsed::Literal(text.to_owned());
    }
    if let Some(escaped) = text.strip_prefix("[[") {
        return Parsed::Literal(format!("[{escaped}"));
    }
    if text.len() > MAX_LENGTH {
        return Parsed::Invalid(ParseError {
            offset: MAX_LENGTH,
            message: "the expression is longer than 1 MiB",
        });
    }
    let mut parser = ExpressionParser { text, position: 1 };
    match parser.root() {
        Ok(expression) => Parsed::Expression(expression),
        Err(error) => Parsed::Invalid(error),
    }
}

/// Reads a part of an expression, in the author's words.
pub fn parse_words(words: &str) -> Option<Expression> {
    parse(&format!("[{words}]")).expression()
}

/// A part of an expression as the text of a string: a literal needs no brackets.
pub fn text_of_words(words: &str) -> String {
    match parse_words(words) {
        Some(Expression {
            kind: ExpressionKind::String(literal),
            ..
        }) if !literal.starts_with('[') => literal,
        _ => format!("[{words}]"),
    }
}

/// A node and how many levels it has.
type SpannedExpression = (Expression, usize);

struct ExpressionParser<'a> {
    text: &'a str,
    position: usize,
}

impl ExpressionParser<'_> {
    fn root(&mut self) -> Result<Expression, ParseError> {
        let (expression, _) = self.value(0)?;
        self.expect(b']', "expected `]`")?;
        if self.position != self.text.len() {
            return Err(self.error("expected the end of the expression"));
        }
        Ok(expression)
    }

    fn value(&mut self, depth: usize) -> Result<SpannedExpression, ParseError> {
        if depth >= MAX_DEPTH {
            return Err(self.error("the expression is nested too deeply"));
        }
        self.skip_space();
        let start = self.position;
        let mut node = match self.peek() {
            Some(b'\'') => self.string()?,
            Some(b'+' | b'-' | b'0'..=b'9') => self.number()?,
            Some(byte) if starts_identifier(byte) => self.call(depth)?,
            _ => return Err(self.error("expected a function, a string or a number")),
        };
        loop {
            let end = self.position;
            self.skip_space();
            node = match self.peek() {
                Some(b'.') => self.member(node, start)?,
                Some(b'[') => self.index(node, start, depth)?,
                _ => {
                    self.position = end;
                    return Ok(node);
                }
            };
            if depth + node.1 > MAX_DEPTH {
                return Err(self.error("the expression is nested too deeply"));
            }
        }
    }

    fn member(
        &mut self,
        (base, height): SpannedExpression,
        start: usize,
    ) -> Result<SpannedExpression, ParseError> {
        self.position += 1;
        self.skip_space();
        let name = self.identifier()?;
        let kind = ExpressionKind::Member {
            base: Box::new(base),
            name,
        };
        Ok((self.node(kind, start), height + 1))
    }

    fn index(
        &mut self,
        (base, height): SpannedExpression,
        start: usize,
        depth: usize,
    ) -> Result<SpannedExpression, ParseError> {
        self.position += 1;
        let (index, index_height) = self.value(depth + 1)?;
        self.expect(b']', "expected `]`")?;
        let kind = ExpressionKind::Index {
            base: Box::new(base),
            index: Box::new(index),
        };
        Ok((self.node(kind, start), height.max(index_height) + 1))
    }

    fn call(&mut self, depth: usize) -> Result<SpannedExpression, ParseError> {
        let start = self.position;
        let mut name = self.identifier()?;
        let mut namespace = None;
        self.skip_space();
        if self.peek() == Some(b'.') {
            self.position += 1;
            self.skip_space();
            namespace = Some(std::mem::replace(&mut name, self.identifier()?));
        }
        self.expect(b'(', "expected `(` after the function's name")?;
        let mut args = Vec::new();
        let mut height = 0;
        self.skip_space();
        if self.peek() != Some(b')') {
            loop {
                let (argument, argument_height) = self.value(depth + 1)?;
                args.push(argument);
                height = height.max(argument_height);
                self.skip_space();
                if self.peek() != Some(b',') {
                    break;
                }
                self.position += 1;
            }
        }
        self.expect(b')', "expected `,` or `)`")?;
        let kind = ExpressionKind::Call {
            namespace,
            name,
            args,
        };
        Ok((self.node(kind, start), height + 1))
    }

    fn string(&mut self) -> Result<SpannedExpression, ParseError> {
        let start = self.position;
        self.position += 1;
        let mut content = String::new();
        loop {
            let rest = self.text.get(self.position..).unwrap_or_default();
            let Some(length) = rest.find('\'') else {
                self.position = start;
                return Err(self.error("the string is not closed"));
            };
            content.push_str(rest.get(..length).unwrap_or_default());
            self.position += length + 1;
            if self.peek() != Some(b'\'') {
                return Ok((self.node(ExpressionKind::String(content), start), 1));
            }
            content.push('\'');
            self.position += 1;
        }
    }

    fn number(&mut self) -> Result<SpannedExpression, ParseError> {
        let start = self.position;
        self.skip_sign();
        self.digits()?;
        if self.peek() == Some(b'.') {
            self.position += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.position += 1;
            self.skip_sign();
            self.digits()?;
        }
        let raw = self.text.get(start..self.position).unwrap_or_default();
        Ok((self.node(ExpressionKind::Number(raw.to_owned()), start), 1))
    }

    fn skip_sign(&mut self) {
        if matches!(self.peek(), Some(b'+' | b'-')) {
            self.position += 1;
        }
    }

    fn digits(&mut self) -> Result<(), ParseError> {
        if self.skip_while(|byte| byte.is_ascii_digit()).is_empty() {
            return Err(self.error("expected a digit"));
        }
        Ok(())
    }

    fn identifier(&mut self) -> Result<String, ParseError> {
        if !self.peek().is_some_and(starts_identifier) {
            return Err(self.error("expected a name"));
        }
        let range = self.skip_while(|byte| starts_identifier(byte) || byte.is_ascii_digit());
        Ok(self.text.get(range).unwrap_or_default().to_owned())
    }

    fn expect(&mut self, byte: u8, message: &'static str) -> Result<(), ParseError> {
        self.skip_space();
        if self.peek() != Some(byte) {
            return Err(self.error(message));
        }
        self.position += 1;
        Ok(())
    }

    /// Space of every kind counts: templates with U+00A0 between tokens are in use.
    fn skip_space(&mut self) {
        let rest = self.text.get(self.position..).unwrap_or_default();
        self.position += rest.len() - rest.trim_start().len();
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) -> Range<usize> {
        let start = self.position;
        while self.peek().is_some_and(&wanted) {
            self.position += 1;
        }
        start..self.position
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn node(&self, kind: ExpressionKind, start: usize) -> Expression {
        Expression {
            kind,
            span: start..self.position,
        }
    }

    fn error(&self, message: &'static str) -> ParseError {
        ParseError {
            offset: self.position,
            message,
        }
    }
}

fn starts_identifier(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(text: &str) -> Expression {
        match parse(text) {
            Parsed::Expression(expression) => expression,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn text_without_its_brackets_is_left_alone() {
        let cases = [
            ("", ""),
            ("vm", "vm"),
            ("[", "["),
            ("]", "]"),
            (" [x()]", " [x()]"),
            ("[x] y", "[x] y"),
            ("[[x", "[[x"),
            ("[[x]", "[x]"),
            ("[[[x]", "[[x]"),
            ("[[]", "[]"),
        ];
        for (text, literal) in cases {
            assert_eq!(parse(text), Parsed::Literal(literal.to_owned()), "{text}");
        }
    }

    #[test]
    fn every_form_of_the_grammar_is_read() {
        for text in [
            "['Microsoft.Resources/deployments/ams']",
            "[ concat ( 'a' ,\r\n\t'b' ) ]",
            "[concat('a',\u{a0}'b')]",
            "[contoso.unique(parameters('a b'))]",
            "[a().b[0]['c'] . d [ e() ]]",
            "[add(-1, +2.5e-3)]",
            "[5]",
            "[x_$1()]",
        ] {
            expression(text);
        }
    }

    #[test]
    fn a_doubled_quote_is_one_quote() {
        assert_eq!(expression("['it''s ''']").string(), Some("it's '"));
    }

    #[test]
    fn spans_leave_the_space_around_a_node_out() {
        let text = "[ concat( 'é' , a() .b ) ]";
        let root = expression(text);
        let args = root.call("CONCAT").unwrap();
        assert_eq!(text.get(root.span.clone()), Some("concat( 'é' , a() .b )"));
        assert_eq!(text.get(args[0].span.clone()), Some("'é'"));
        assert_eq!(text.get(args[1].span.clone()), Some("a() .b"));
        let mut seen = 0;
        root.visit(&mut |_| seen += 1);
        assert_eq!(seen, 4);
    }

    #[test]
    fn what_is_no_expression_says_where() {
        let cases = [
            ("[]", 1),
            ("[a]", 2),
            ("[a(]", 3),
            ("[a('x]", 3),
            ("[a(1,)]", 5),
            ("[a()b]", 4),
            ("[a()]]", 5),
            ("[1.]", 3),
            ("[a().1]", 5),
            ("[{}]", 1),
        ];
        for (text, offset) in cases {
            match parse(text) {
                Parsed::Invalid(error) => assert_eq!(error.offset, offset, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn deep_or_endless_text_is_refused_not_overflowed() {
        let nested = format!("[{}1{}]", "a(".repeat(100_000), ")".repeat(100_000));
        let chained = format!("[a(){}]", ".b".repeat(100_000));
        let indexed = format!("[a(){}]", "[0]".repeat(100_000));
        let long = format!("['{}']", "x".repeat(MAX_LENGTH));
        for text in [nested, chained, indexed, long] {
            assert!(matches!(parse(&text), Parsed::Invalid(_)));
        }
        expression(&format!("['{}']", "x".repeat(30_000)));
    }
}
