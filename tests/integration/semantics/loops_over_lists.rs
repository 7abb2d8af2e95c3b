//! Copy loops that make extensions of the entries of a list, in all the ways of a table.
//!
//! What must be left is computed from the list alone.

use serde_json::{Value, json};

use super::of_template;

/// How the list is called where it is used, what holds it, in which `LIST` stands for it, and whether
/// the one is followed to the other.
const PLACES: [(&str, &str, bool); 3] = [
    ("variables('all')", r#"{"all": LIST}"#, true),
    (
        "variables('data').extensions",
        r#"{"data": {"extensions": LIST}}"#,
        true,
    ),
    (
        "variables('again')",
        r#"{"all": LIST, "again": "[variables('all')]"}"#,
        false,
    ),
];

/// How an entry is picked, and whether entries may go then: another pick may be any.
const PICKS: [(&str, bool); 3] = [
    ("copyIndex()", true),
    ("copyIndex('loop')", true),
    ("copyIndex(1)", false),
];

/// What else there is, and whether entries may go nevertheless.
const OTHERS: [(&str, bool); 3] = [
    ("", true),
    (r#", "outputs": {"n": {"value": "[SOME[0].name]"}}"#, false),
    (r#", "outputs": {"n": {"value": "[SOME]"}}"#, false),
];

/// The list's entries, of which each bit of `bits` is for one that is the extension.
fn list(length: usize, bits: usize) -> Vec<Value> {
    let entry = |at: usize| match bits >> at & 1 {
        1 => json!({"name": format!("e{at}"), "publisher": "Microsoft.ManagedIdentity",
            "type": "ManagedIdentityExtensionForLinux"}),
        _ => json!({"name": format!("e{at}"), "publisher": "Microsoft.Azure.Extensions",
            "type": "CustomScript"}),
    };
    (0..length).map(entry).collect()
}

fn is_it(entry: &Value) -> bool {
    entry["type"] != "CustomScript"
}

/// A template with a list and a loop over it.
struct Way {
    members: String,
    /// The variables, in which `LIST` stands for the list.
    variables: &'static str,
    /// Whether the loop adapts to what is left, and nothing else uses the list.
    may_go: bool,
}

/// All ways, for a list of this length.
fn ways(length: usize) -> Vec<Way> {
    let mut ways = Vec::new();
    for (some, variables, leads) in PLACES {
        for (pick, follows) in PICKS {
            for (other, adapts) in OTHERS {
                for (count, counts) in [
                    (format!("\"[length({some})]\""), true),
                    (length.to_string(), false),
                ] {
                    let members = format!(
                        r#""variables": {variables}, "resources": [{{$VM, "name": "web", $ON}},
                        {{$EXT, "name": "[concat('web/', {some}[{pick}].name)]",
                            "copy": {{"name": "loop", "count": {count}}}, "properties": {{
                                "publisher": "[{some}[{pick}].publisher]",
                                "type": "[{some}[{pick}].type]"}}}}]{}"#,
                        other.replace("SOME", some)
                    );
                    ways.push(Way {
                        members,
                        variables,
                        may_go: leads && follows && adapts && counts,
                    });
                }
            }
        }
    }
    ways
}

#[test]
fn entries_go_where_the_loop_counts_what_is_left() {
    let (mut changed, mut kept) = (0, 0);
    for (length, bits) in (1..5).flat_map(|n| (0..1 << n).map(move |bits| (n, bits))) {
        let list = list(length, bits);
        let left: Vec<&Value> = list.iter().filter(|entry| !is_it(entry)).collect();
        let some_go = !left.is_empty() && left.len() < length;
        for way in ways(length) {
            let template = way.members.replace("LIST", &json!(list).to_string());
            let outcome = of_template(&template);
            let mut said = outcome.said().into_iter();
            let found = said.any(|line| line.contains("vm-extension"));
            assert_eq!(found, left.len() < length, "{template}");
            assert_eq!(outcome.is_changed, way.may_go && some_go, "{template}");
            if outcome.is_changed {
                let variables = way.variables.replace("LIST", &json!(left).to_string());
                let variables: Value = serde_json::from_str(&variables).unwrap();
                assert_eq!(outcome.at("/variables"), variables.to_string());
                changed += 1;
            } else {
                kept += 1;
            }
        }
    }
    assert!(changed > 80 && kept > 150, "{changed} {kept}");
}
