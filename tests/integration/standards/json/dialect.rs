//! Texts that the standard refuses and Azure accepts: it reads templates with Newtonsoft.Json.

const COMMA: &str = "one comma may stand behind the last item";
const COMMENT: &str = "comments are skipped";
const CONTROL: &str =
    "a string may hold control characters: templates break long expressions in lines";
const NAME: &str = "a name needs no quotes if it is of letters, digits, `_` and `$`";
const NOT_A_NUMBER: &str = "these words are numbers";
const POINT: &str = "nothing needs to stand before or behind a decimal point";
const QUOTE: &str = "quotes may be single";
const RADIX: &str = "numbers may be hexadecimal, or octal with a zero in front";
const SPACE: &str = "white space is what Unicode says";
const ZERO: &str = "behind a minus, zeros may stand in front of a number";

/// What it is, the text, its value with numbers as they are spelled, and why it is accepted.
pub(super) const DIALECT: &[(&str, &[u8], &str, &str)] = &[
    ("a comma behind a string", b"[\"\",]", "[\"\"]", COMMA),
    ("a comma behind a number", b"[7,]", "[7]", COMMA),
    ("a minus and a zero in front", b"[-02]", "[-02]", ZERO),
    (
        "a negative number that ends with its point",
        b"[-3.]",
        "[-3.]",
        POINT,
    ),
    (
        "a number that starts with its point, with an exponent",
        b"[.3e-4]",
        "[.3e-4]",
        POINT,
    ),
    ("zero, a point and an exponent", b"[0.e2]", "[0.e2]", POINT),
    (
        "a point before a positive exponent",
        b"[3.e+4]",
        "[3.e+4]",
        POINT,
    ),
    (
        "a point before a negative exponent",
        b"[3.e-4]",
        "[3.e-4]",
        POINT,
    ),
    ("a point before an exponent", b"[3.e4]", "[3.e4]", POINT),
    ("a hexadecimal digit", b"[0x2]", "[0x2]", RADIX),
    ("two hexadecimal digits", b"[0x24]", "[0x24]", RADIX),
    ("infinity", b"[Infinity]", "[Infinity]", NOT_A_NUMBER),
    (
        "minus infinity",
        b"[-Infinity]",
        "[-Infinity]",
        NOT_A_NUMBER,
    ),
    ("not a number", b"[NaN]", "[NaN]", NOT_A_NUMBER),
    (
        "a minus and a zero before two digits",
        b"[-021]",
        "[-021]",
        ZERO,
    ),
    (
        "two zeros before a negative fraction",
        b"[-00.0]",
        "[-00.0]",
        ZERO,
    ),
    (
        "two zeros before a negative exponent",
        b"[-00e0]",
        "[-00e0]",
        ZERO,
    ),
    (
        "a negative number that starts with its point",
        b"[-.321]",
        "[-.321]",
        POINT,
    ),
    ("a number that ends with its point", b"[2.]", "[2.]", POINT),
    (
        "a number that starts with its point",
        b"[.321]",
        "[.321]",
        POINT,
    ),
    ("a zero in front", b"[021]", "[021]", RADIX),
    (
        "a name without quotes and a value in single ones",
        b"{name: 'value'}",
        "{\"name\":\"value\"}",
        QUOTE,
    ),
    (
        "a stray byte in a name, and a comma at the end",
        b"{\"\xb8\":\"1\",}",
        "{\"\u{fffd}\":\"1\"}",
        COMMA,
    ),
    ("a number for a name", b"{2:2}", "{\"2\":2}", NAME),
    (
        "a huge number for a name",
        b"{8888E8888:2}",
        "{\"8888E8888\":2}",
        NAME,
    ),
    (
        "null for a name, twice",
        b"{null:null,null:null}",
        "{\"null\":null,\"null\":null}",
        NAME,
    ),
    ("a name in single quotes", b"{'k':1}", "{\"k\":1}", QUOTE),
    (
        "a comma behind a member",
        b"{\"no\":1,}",
        "{\"no\":1}",
        COMMA,
    ),
    (
        "a comment at the end",
        b"{\"k\":\"v\"}/**/",
        "{\"k\":\"v\"}",
        COMMENT,
    ),
    (
        "the slashes of a comment at the end",
        b"{\"k\":\"v\"}//",
        "{\"k\":\"v\"}",
        COMMENT,
    ),
    (
        "a name without quotes",
        b"{k: \"v\"}",
        "{\"k\":\"v\"}",
        NAME,
    ),
    (
        "a string in single quotes",
        b"['two words']",
        "[\"two words\"]",
        QUOTE,
    ),
    ("NUL in a string", b"[\"b\0b\"]", "[\"b\\u0000b\"]", CONTROL),
    (
        "a line break in a string",
        b"[\"two\nlines\"]",
        "[\"two\\nlines\"]",
        CONTROL,
    ),
    ("a tab in a string", b"[\"\t\"]", "[\"\\t\"]", CONTROL),
    (
        "a comment before a value",
        b"{\"k\":/*comment*/\"v\"}",
        "{\"k\":\"v\"}",
        COMMENT,
    ),
    ("a form feed", b"[\x0c]", "[]", SPACE),
];
