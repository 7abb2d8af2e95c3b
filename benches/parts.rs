//! The parts of the product, each on its own and in bytes a second.
//!
//! The files are those of a repository that [`trees`] makes, and the JSON files of the folder in the
//! environment variable `BENCH_FOLDER`, if there is one.
//!
//! ```console
//! $ cargo bench --manifest-path benches/Cargo.toml --features parts
//! ```

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};

use msi2imds::arm::expression;
use msi2imds::json::Document;
use msi2imds::migrate::{Options, Source, inspect_together, migrate};
use msi2imds::repository::Prefilter;
use msi2imds::rules::REGISTRY;
use msi2imds::text::{unified_diff, unified_diff_of_edits};
use trees::{Large, Tree};

/// The product's own; its peers have it too, unless the feature says otherwise.
#[cfg(not(feature = "system-allocator"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::Divan::default()
        .max_time(Duration::from_secs(3))
        .config_with_args()
        .main();
}

/// Texts, and their name in the table.
type Texts = (&'static str, Vec<Vec<u8>>);

/// JSON files that all parsers accept, so that each one reads all of them.
static JSON: LazyLock<Vec<Texts>> = LazyLock::new(|| {
    let tree = Tree {
        files: 3_000,
        percent: 1,
        seed: 1,
    };
    let is_json = |path: &Path| path.extension().is_some_and(|it| it == "json");
    let made = tree.files().filter(|file| is_json(&file.path));
    let mut all = vec![("repository", made.map(|file| file.bytes).collect())];
    if let Some(folder) = std::env::var_os("BENCH_FOLDER") {
        let mut files = Vec::new();
        read(Path::new(&folder), &is_json, &mut files);
        all.push(("folder", files));
    }
    all.push(("25 MB", vec![Large::of_bytes(25_000_000, 1).text().into()]));
    for (name, files) in &mut all {
        files.retain(|file| {
            serde_json::from_slice::<serde_json::Value>(file).is_ok()
                && Document::parse(file).errors().is_empty()
        });
        assert!(!files.is_empty(), "{name}: no JSON file");
    }
    all
});

/// Adds the files below `folder` with such paths.
fn read(folder: &Path, wanted: &dyn Fn(&Path) -> bool, files: &mut Vec<Vec<u8>>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| {
        panic!("BENCH_FOLDER: {}: {error}", folder.display());
    });
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => read(&path, wanted, files),
            Ok(kind) if kind.is_file() && wanted(&path) => files.extend(std::fs::read(path)),
            _ => {}
        }
    }
}

fn bytes(files: &[Vec<u8>]) -> BytesCount {
    BytesCount::new(files.iter().map(Vec::len).sum::<usize>())
}

/// The names of the texts, for the rows of a table.
fn names() -> impl Iterator<Item = &'static str> {
    JSON.iter().map(|(name, _)| *name)
}

fn texts(name: &str) -> &'static [Vec<u8>] {
    let found = JSON.iter().find(|(other, _)| *other == name);
    found.map_or(&[], |(_, files)| files)
}

mod parse {
    use super::*;

    #[divan::bench(args = names())]
    fn document(bencher: Bencher, name: &str) {
        let files = texts(name);
        bencher.counter(bytes(files)).bench(|| {
            for file in files {
                black_box(Document::parse(black_box(file)));
            }
        });
    }

    #[divan::bench(args = names())]
    fn serde_json_value(bencher: Bencher, name: &str) {
        let files = texts(name);
        bencher.counter(bytes(files)).bench(|| {
            for file in files {
                let _ = black_box(serde_json::from_slice::<serde_json::Value>(black_box(file)));
            }
        });
    }
}

/// All strings in brackets of the repository's templates.
static EXPRESSIONS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for file in texts("repository") {
        let document = Document::parse(file);
        let strings = document.nodes().filter_map(|node| document.string(node));
        let expressions = strings.filter(|text| text.starts_with('[') && text.ends_with(']'));
        all.extend(expressions.map(String::into_bytes));
    }
    all
});

#[divan::bench]
fn expressions(bencher: Bencher) {
    let all: Vec<&str> = EXPRESSIONS
        .iter()
        .filter_map(|text| std::str::from_utf8(text).ok())
        .collect();
    bencher.counter(bytes(&EXPRESSIONS)).bench(|| {
        for text in &all {
            black_box(expression::parse(black_box(text)));
        }
    });
}

/// Everything in one buffer, without a needle.
#[divan::bench]
fn prefilter(bencher: Bencher) {
    let tree = Tree {
        files: 3_000,
        percent: 0,
        seed: 1,
    };
    let texts = tree.files().filter(|file| !file.bytes.contains(&0));
    let buffer: Vec<u8> = texts.flat_map(|file| file.bytes).collect();
    let rules = REGISTRY.iter();
    let needles = rules.flat_map(|entry| entry.needles.iter().copied());
    let prefilter = Prefilter::new(needles);
    assert!(!prefilter.passes(&buffer));
    bencher
        .counter(BytesCount::new(buffer.len()))
        .bench(|| prefilter.passes(black_box(&buffer)));
}

/// How many resources a template has, of which a twentieth are extensions.
const RESOURCES: [usize; 3] = [20, 1_000, 10_000];

fn template(resources: usize) -> Vec<u8> {
    let large = Large {
        resources,
        edges: resources * 6 / 5,
        extensions: resources / 20,
        seed: 1,
    };
    large.text().into_bytes()
}

mod template_with {
    use super::*;

    #[divan::bench(args = RESOURCES)]
    fn findings(bencher: Bencher, resources: usize) {
        let text = template(resources);
        bencher.counter(BytesCount::new(text.len())).bench(|| {
            let source = Source::new("azuredeploy.json", black_box(&text));
            inspect_together(&[source], &Options::default())
        });
    }

    #[divan::bench(args = RESOURCES)]
    fn result(bencher: Bencher, resources: usize) {
        let text = template(resources);
        bencher
            .counter(BytesCount::new(text.len()))
            .bench(|| migrate(black_box(&text), &Options::default()));
    }
}

mod diff {
    use super::*;

    #[divan::bench(args = RESOURCES)]
    fn of_edits(bencher: Bencher, resources: usize) {
        let old = template(resources);
        let Some(new) = migrate(&old, &Options::default()).fixed else {
            panic!("there is an extension to remove");
        };
        bencher.counter(BytesCount::new(old.len())).bench(|| {
            unified_diff_of_edits(b"azuredeploy.json", black_box(&old), &new.bytes, &new.edits)
        });
    }

    #[divan::bench(args = RESOURCES)]
    fn of_texts(bencher: Bencher, resources: usize) {
        let old = template(resources);
        let Some(new) = migrate(&old, &Options::default()).fixed else {
            panic!("there is an extension to remove");
        };
        bencher
            .counter(BytesCount::new(old.len()))
            .bench(|| unified_diff(b"azuredeploy.json", black_box(&old), &new.bytes));
    }
}
