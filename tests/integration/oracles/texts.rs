//! Generated texts: values with white space and comments between all tokens.

use proptest::prelude::*;
use proptest::sample::select;

/// How much of the dialect is used.
#[derive(Clone, Copy, PartialEq)]
enum Breadth {
    Strict,
    Dialect,
}

/// Texts of the dialect, some with a byte order mark, some with CRLF.
pub(crate) fn dialect() -> impl Strategy<Value = String> {
    let parts = (document(Breadth::Dialect), any::<bool>(), any::<bool>());
    parts.prop_map(|(text, mark, crlf)| {
        let text = if crlf {
            text.replace('\n', "\r\n")
        } else {
            text
        };
        format!("{}{text}", if mark { "\u{feff}" } else { "" })
    })
}

/// Texts of RFC 8259.
pub(crate) fn strict() -> impl Strategy<Value = String> {
    document(Breadth::Strict)
}

/// Texts of both kinds with one character deleted, replaced or inserted.
pub(crate) fn changed() -> impl Strategy<Value = String> {
    let base = prop_oneof![document(Breadth::Dialect), document(Breadth::Strict)];
    let inserted = select(
        "{}[]:,\"'\\/*-+.0123456789eExX nulltrefasNIif_$\u{a0}\u{e9}\u{1F600}\n\r\t\u{b}\0\u{7f}"
            .chars()
            .collect::<Vec<_>>(),
    );
    (base, any::<prop::sample::Index>(), inserted, 0..3).prop_map(
        |(text, place, inserted, change)| {
            let mut letters: Vec<char> = text.chars().collect();
            let at = place.index(letters.len());
            match change {
                0 => drop(letters.remove(at)),
                1 => letters[at] = inserted,
                _ => letters.insert(at, inserted),
            }
            letters.into_iter().collect()
        },
    )
}

/// Tokens in any order, and arrays of what may be a number or a word.
pub(crate) fn jumbled() -> impl Strategy<Value = String> {
    let token = select(vec![
        "{", "}", "[", "]", ",", ":", "\"a\"", "'b'", "1", "a ", "true", "null", "/**/", "//\n",
        " ",
    ]);
    let tokens = prop::collection::vec(token, 0..9).prop_map(|tokens| tokens.concat());
    let word = "[0-9]?[0-9eE+.xXaF-]{0,5}|-?[INafintuy]{0,8}|true[a-z0-9_$.-]?|undefine[d]{1,2}";
    prop_oneof![
        1 => tokens,
        1 => word.prop_map(|word| format!("[{word}]")),
        1 => word.prop_map(|word| format!("{{{word}:1}}")),
    ]
}

fn document(breadth: Breadth) -> impl Strategy<Value = String> {
    (space(breadth), value(breadth), space(breadth))
        .prop_map(|(before, value, after)| format!("{before}{value}{after}"))
}

fn value(breadth: Breadth) -> impl Strategy<Value = String> {
    let words = select(vec!["true", "false", "null"]).prop_map(str::to_owned);
    let leaf = prop_oneof![3 => string(breadth), 2 => number(breadth), 1 => words];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        let inner = (space(breadth), inner, space(breadth))
            .prop_map(|(before, value, after)| format!("{before}{value}{after}"))
            .boxed();
        let member = (space(breadth), name(breadth), space(breadth), inner.clone())
            .prop_map(|(before, name, after, value)| format!("{before}{name}{after}:{value}"))
            .boxed();
        prop_oneof![
            list(breadth, inner).prop_map(|items| format!("[{items}]")),
            list(breadth, member).prop_map(|items| format!("{{{items}}}")),
        ]
    })
}

fn list(breadth: Breadth, item: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let items = prop::collection::vec(item, 0..6);
    (items, space(breadth), any::<bool>()).prop_map(move |(items, end, trailing)| {
        let comma = trailing && breadth == Breadth::Dialect && !items.is_empty();
        format!("{}{}{end}", items.join(","), if comma { "," } else { "" })
    })
}

fn space(breadth: Breadth) -> impl Strategy<Value = String> {
    let plain = select(vec!["", "", " ", "\n", "\r\n", "\t", "\r"]);
    let odd = select(vec![
        "// a comment, with } and \"\n",
        "//\r\n",
        "//\u{e9}\r",
        "/**/",
        "/* [1, */",
        "/*\n * // \u{1F600}\n **/",
        "\u{a0}",
        "\u{2028}",
        "\u{85}",
        "\u{c}",
        "\u{3000} ",
    ]);
    match breadth {
        Breadth::Strict => plain.prop_map(str::to_owned).boxed(),
        Breadth::Dialect => {
            let piece = prop_oneof![4 => plain, 1 => odd];
            prop::collection::vec(piece, 0..3)
                .prop_map(|pieces| pieces.concat())
                .boxed()
        }
    }
}

fn name(breadth: Breadth) -> BoxedStrategy<String> {
    match breadth {
        Breadth::Strict => string(breadth),
        // The oracle wants white space or a colon behind a name without quotes.
        Breadth::Dialect => prop_oneof![
            3 => string(breadth),
            1 => "[a-zA-Z_$\u{e9}][a-zA-Z0-9_$\u{e9}]{0,5}".prop_map(|name| format!("{name} ")),
            1 => select(vec!["true ", "null ", "NaN ", "0 ", "12 "]).prop_map(str::to_owned),
        ]
        .boxed(),
    }
}

fn string(breadth: Breadth) -> BoxedStrategy<String> {
    let strict = prop_oneof![
        4 => "[ -!#-&(-\\[\\]-~]{1,8}",
        1 => "\\\\u[0-9a-cA-C][0-9a-fA-F]{3}",
        2 => select(vec![
            r"\n", r"\r", r"\t", r"\b", r"\f", r"\/", r"\\", r"\u0000", r"\u0041",
            r"\ud83d\ude00", r"\uD83D\uDE00", "\u{e9}", "\u{20ac}", "\u{1F600}", "\u{2028}", "\u{feff}",
        ])
        .prop_map(str::to_owned),
    ];
    let piece = match breadth {
        Breadth::Strict => strict.boxed(),
        Breadth::Dialect => {
            let odd = select(vec![
                "\n", "\r\n", "\t", "\0", "// ", "/* ", r"\ud800", r"\udc00x",
            ]);
            prop_oneof![12 => strict, 1 => odd.prop_map(str::to_owned)].boxed()
        }
    };
    let quotes = match breadth {
        Breadth::Strict => select(vec!['"']),
        Breadth::Dialect => select(vec!['"', '"', '\'']),
    };
    let other = any::<bool>();
    (prop::collection::vec(piece, 0..5), quotes, other)
        .prop_map(|(pieces, quote, other)| {
            // A quote of its own kind must be escaped, one of the other kind need not be.
            let extra = match (quote, other) {
                (_, false) => "",
                ('"', true) => "'\\\"",
                (_, true) => "\"\\'",
            };
            format!("{quote}{}{extra}{quote}", pieces.concat())
        })
        .boxed()
}

fn number(breadth: Breadth) -> BoxedStrategy<String> {
    let strict = "-?(0|[1-9][0-9]{0,22})(\\.[0-9]{1,22})?([eE][+-]?[0-9]{1,3})?";
    match breadth {
        Breadth::Strict => strict.boxed(),
        Breadth::Dialect => {
            let odd = select(vec![
                "0x1F",
                "0XaB",
                "NaN",
                "Infinity",
                "-Infinity",
                ".5",
                "-.5e1",
                "5.",
                "5.e-2",
                "010",
            ]);
            prop_oneof![6 => strict, 1 => odd.prop_map(str::to_owned)].boxed()
        }
    }
}
