//! The guide's table of bounds: its figures are the constants of the source.

use std::fs;
use std::path::Path;

/// A row's name, and the constants of its figures with the room that has them.
const ROWS: &[(&str, &[(&str, &str)])] = &[
    ("a template", &[("migrate", "MOST_TEMPLATE_BYTES")]),
    ("a script, code or a document", &[("migrate", "MOST_BYTES")]),
    ("a file", &[("repository", "LARGEST_FILE")]),
    ("nesting of JSON", &[("json", "MAX_DEPTH")]),
    (
        "values and names in files that belong together",
        &[("json", "MAX_NODES")],
    ),
    (
        "objects in lists in files that belong together",
        &[("migrate", "MOST_OBJECTS")],
    ),
    (
        "`--rev`: files and folders, and the path of a file",
        &[
            ("repository", "MOST_TREE_FILES"),
            ("repository", "LONGEST_PATH"),
        ],
    ),
    (
        "`--rev`: a folder in git's own format",
        &[("repository", "LARGEST_FOLDER")],
    ),
    (
        "`--rev`: links on the way to a file",
        &[("repository", "MOST_LINKS")],
    ),
    (
        "files that are read together",
        &[("repository", "MOST_FILES")],
    ),
    (
        "syntax errors reported in a file",
        &[("json", "MAX_ERRORS")],
    ),
    (
        "extensions in variables and parameters",
        &[("arm", "LIST_STEPS"), ("arm", "VALUES_A_STEP")],
    ),
    (
        "an expression",
        &[("arm", "MAX_LENGTH"), ("arm", "MAX_DEPTH")],
    ),
    (
        "the value of an expression",
        &[
            ("arm", "MAX_TEXT"),
            ("arm", "MAX_ITEMS"),
            ("arm", "MAX_NODES"),
            ("arm", "MAX_VALUE_DEPTH"),
        ],
    ),
    (
        "evaluating expressions",
        &[
            ("arm", "MAX_WORK"),
            ("arm", "MAX_WORK"),
            ("arm", "MIN_WORK"),
        ],
    ),
    (
        "`dependsOn` entries that a removal rewrites",
        &[("arm", "MAX_STEPS"), ("arm", "PASSED_ON")],
    ),
    (
        "following `provisionAfterExtensions`",
        &[("rules", "ORDER_STEPS"), ("rules", "ORDER_STEPS_EACH")],
    ),
    (
        "holding machines one for another",
        &[("migrate", "MOST_ROUNDS")],
    ),
    (
        "JSONPath of `--within`, `extension-lists` and waivers",
        &[("json", "LONGEST"), ("json", "LARGEST_PATTERN")],
    ),
    (
        "running all JSONPaths on a file",
        &[("json", "BASE"), ("json", "PER_NODE")],
    ),
    (
        "`msi2imds.toml`, files of ignore rules",
        &[("repository", "LARGEST_RULES")],
    ),
    (
        "git's index, read where an ignore rule matched",
        &[
            ("repository", "MOST_NAME_BYTES"),
            ("repository", "LONGEST_NAME"),
            ("repository", "MOST_NAME_BYTES"),
        ],
    ),
    (
        "the lines around a script in YAML that say which shell reads it",
        &[("script", "NEAR"), ("script", "NEAR")],
    ),
    // The matcher's room depends on the rules.
    ("ignore rules in a file", &[]),
    (
        "`--file-list`, `--inventory`, `--baseline`",
        &[("repository", "LARGEST_LIST")],
    ),
    (
        "texts in other languages nested in each other",
        &[("script", "MAX_DEPTH"), ("script", "MAX_DEPTH")],
    ),
    (
        "findings of a rule in a script, code or a document",
        &[("rules", "MOST_FINDINGS")],
    ),
    ("a command around a caller", &[("script", "MOST_WORDS")]),
    ("a call around a caller", &[("script", "MOST_TOKENS")]),
    ("results in SARIF", &[("report", "MOST_RESULTS")]),
];

/// The figures of a text: `1,000`, `16 MiB`, `20 million`.
fn figures(text: &str) -> Vec<u64> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut figures = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let digits = word.trim_end_matches(',').replace(',', "");
        let Ok(number) = digits.parse::<u64>() else {
            continue;
        };
        let unit = words.get(at + 1).map(|unit| unit.trim_end_matches(','));
        figures.push(match unit {
            Some("KiB") => number << 10,
            Some("MiB") => number << 20,
            Some("GiB") => number << 30,
            Some("million") => number * 1_000_000,
            _ => number,
        });
    }
    figures
}

/// The value of a constant's expression, where it is of numbers alone.
fn value(expression: &str) -> Option<u64> {
    let expression = expression.replace('_', "");
    if let Some((left, right)) = expression.split_once("<<") {
        return Some(value(left)? << value(right)?);
    }
    if let Some((left, right)) = expression.split_once('*') {
        return Some(value(left)? * value(right)?);
    }
    match expression.trim() {
        // Offsets are of 32 bits.
        "u32::MAX as u64" => Some(1 << 32),
        "budget::MAXWORK" => Some(1_000_000),
        number => number.parse().ok(),
    }
}

/// All constants called `name` below a folder of the source.
fn constants(folder: &Path, name: &str, found: &mut Vec<u64>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            constants(&path, name, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        for line in text.lines() {
            let Some((_, rest)) = line.split_once(&format!("const {name}:")) else {
                continue;
            };
            let expression = rest
                .split_once('=')
                .and_then(|(_, rest)| rest.split_once(';'));
            found.extend(expression.and_then(|(expression, _)| value(expression)));
        }
    }
}

#[test]
fn the_figures_of_the_guide_are_those_of_the_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_to_string(root.join("docs/guide.md")).unwrap();
    let (_, table) = guide
        .split_once("| input | bound | beyond the bound |")
        .unwrap();
    let mut rows = Vec::new();
    for line in table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
    {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let (name, bound) = (cells[0], cells[1]);
        let constants_of = ROWS.iter().find(|(row, _)| *row == name);
        let (_, of_row) = constants_of.unwrap_or_else(|| panic!("no constants for {name:?}"));
        let figures = figures(bound);
        assert_eq!(figures.len(), of_row.len(), "{name}: {bound}");
        for ((room, constant), figure) in of_row.iter().zip(figures) {
            let mut found = Vec::new();
            constants(&root.join("src").join(room), constant, &mut found);
            assert!(
                found.contains(&figure),
                "{name}: {figure}, {constant} is {found:?}"
            );
        }
        rows.push(name);
    }
    assert_eq!(
        rows.len(),
        ROWS.len(),
        "rows that the guide lacks: {rows:?}"
    );
}
