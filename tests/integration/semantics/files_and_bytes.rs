//! Each file of a set keeps its encoding, its line ends and its other bytes, whatever stands in the
//! files beside it.

use msi2imds::migrate::{Migration, Options, Source, migrate, migrate_together};

use super::spelled_out;

const MAIN: &str = r#"{
  "contentVersion": "1.0.0.0",
  "resources": [
    {
      $DEPLOY,
      "name": "m",
      "properties": {"templateLink": {"relativePath": "machine.json"}}
    },
    {
      $EXT,
      "name": "web/msi",
      "properties": {$MSI}
    }
  ]
}
"#;

const MACHINE: &str = r#"{
  "contentVersion": "1.0.0.0",
  "resources": [
    {
      $VM,
      "name": "web",
      "tags": {"note": "é😀"}
    }
  ]
}
"#;

/// A file's text in its bytes, and what it must become in the same way.
type Written = fn(&str) -> Vec<u8>;

fn lf(text: &str) -> Vec<u8> {
    text.into()
}

fn crlf(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into()
}

fn marked(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").into()
}

fn unfinished(text: &str) -> Vec<u8> {
    text.trim_end().into()
}

fn unfinished_crlf(text: &str) -> Vec<u8> {
    crlf(text.trim_end())
}

fn utf_16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_be_bytes).collect()
}

fn utf_16_crlf(text: &str) -> Vec<u8> {
    let text = text.replace('\n', "\r\n");
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

const WAYS: [Written; 7] = [
    lf,
    crlf,
    marked,
    unfinished,
    unfinished_crlf,
    utf_16,
    utf_16_crlf,
];

/// What becomes of the files, in their order.
#[track_caller]
fn migrated(files: &[(&str, &[u8])]) -> Vec<Vec<u8>> {
    let sources = files.iter().map(|(path, bytes)| Source {
        path,
        bytes,
        selected: true,
        waivers: &[],
    });
    let sources: Vec<Source<'_>> = sources.collect();
    let migrations = migrate_together(&sources, &Options::default());
    let result = |migration: Migration| {
        assert!(migration.fault.is_none(), "{:?}", migration.fault);
        migration.fixed.unwrap().bytes
    };
    migrations.into_iter().map(result).collect()
}

#[test]
fn each_file_keeps_its_encoding_and_its_line_ends() {
    let (main, machine) = (spelled_out(MAIN), spelled_out(MACHINE));
    let extension = spelled_out(
        ",\n    {\n      $EXT,\n      \"name\": \"web/msi\",\n      \"properties\": {$MSI}\n    }",
    );
    let new_main = main.replace(&extension, "");
    let kind = "\"type\": \"Microsoft.Compute/virtualMachines\", ";
    let identity = "\"identity\": {\"type\": \"SystemAssigned\"}, ";
    let new_machine = machine.replace(kind, &format!("{kind}{identity}"));
    assert!(new_main != main && new_machine != machine);
    for (a, of_main) in WAYS.iter().enumerate() {
        for (b, of_machine) in WAYS.iter().enumerate() {
            let (main, machine) = (of_main(&main), of_machine(&machine));
            let (new_main, new_machine) = (of_main(&new_main), of_machine(&new_machine));
            let files = [("main.json", &*main), ("machine.json", &*machine)];
            assert!(migrated(&files) == [&*new_main, &*new_machine], "{a} {b}");
            let files = [("machine.json", &*machine), ("main.json", &*main)];
            assert!(migrated(&files) == [&*new_machine, &*new_main], "{b} {a}");
        }
    }
}

/// Templates with a machine and its extension, in layouts of which each asks for something else where
/// an identity is written.
const LAYOUTS: [&str; 5] = [
    // No line break at all.
    r#"{"contentVersion": "1.0.0.0", "resources": [{$VM, "name": "web"}, {$EXT, "name": "web/msi", "properties": {$MSI}}]}"#,
    // Breaks behind the machine only.
    "{\"contentVersion\": \"1.0.0.0\", \"resources\": [{$VM, \"name\": \"web\"}, {$EXT, \"name\": \"web/msi\",\n\"properties\": {$MSI}}]}",
    // A break in the machine, which starts on the first line.
    "{\"contentVersion\": \"1.0.0.0\", \"resources\": [{\"type\": \"Microsoft.Compute/virtualMachines\",\n\"apiVersion\": \"2019-07-01\", \"name\": \"web\"}, {$EXT, \"name\": \"web/msi\", \"properties\": {$MSI}}]}",
    "{\n\t\"contentVersion\": \"1.0.0.0\",\n\t\"resources\": [\n\t\t{\n\t\t\t\"type\": \"Microsoft.Compute/virtualMachines\",\n\t\t\t\"apiVersion\": \"2019-07-01\",\n\t\t\t\"name\": \"web\"\n\t\t},\n\t\t{\n\t\t\t$EXT,\n\t\t\t\"name\": \"web/msi\",\n\t\t\t\"properties\": {\n\t\t\t\t$MSI\n\t\t\t}\n\t\t}\n\t]\n}\n",
    "      {\n        \"contentVersion\": \"1.0.0.0\",\n        \"resources\": [\n          {\n            \"type\": \"Microsoft.Compute/virtualMachines\",\n            \"apiVersion\": \"2019-07-01\",\n            \"name\": \"web\"\n          },\n          {\n            $EXT,\n            \"name\": \"web/msi\",\n            \"properties\": {$MSI}\n          }\n        ]\n      }",
];

#[test]
fn files_that_have_nothing_to_do_with_each_other_come_out_as_each_alone() {
    let mut all: Vec<Vec<u8>> = Vec::new();
    for layout in LAYOUTS {
        let layout = spelled_out(layout);
        all.extend(WAYS.iter().map(|way| way(&layout)));
    }
    let alone = |bytes: &[u8]| migrate(bytes, &Options::default()).fixed.unwrap().bytes;
    let expected: Vec<Vec<u8>> = all.iter().map(|bytes| alone(bytes)).collect();
    for (a, new_a) in all.iter().zip(&expected) {
        for (b, new_b) in all.iter().zip(&expected) {
            let files = [("a.json", &**a), ("b.json", &**b)];
            let (old_a, old_b) = (String::from_utf8_lossy(a), String::from_utf8_lossy(b));
            assert!(migrated(&files) == [&**new_a, &**new_b], "{old_a}\n{old_b}");
        }
    }
}
