use super::*;

const BASE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute";

fn read(text: &str) -> Inventory {
    let mut inventory = Inventory::default();
    inventory.read("a.json", text.as_bytes()).unwrap();
    inventory
}

fn error(text: &str) -> String {
    let mut inventory = Inventory::default();
    let error = inventory.read("a.json", text.as_bytes()).unwrap_err();
    error.to_string()
}

/// The names of extensions, each with whether it is the one.
fn extensions(inventory: &Inventory) -> Vec<(String, Option<bool>)> {
    let machines = inventory.machines.values();
    let extensions = machines.flat_map(|machine| machine.extensions.values());
    extensions
        .map(|extension| (extension.name.clone(), extension.is_ours))
        .collect()
}

#[test]
fn publisher_and_type_decide_in_every_shape_and_case() {
    let id = format!("{BASE}/virtualMachines/web/extensions/e");
    for members in [
        r#""publisher": "Microsoft.ManagedIdentity", "typePropertiesType": "ManagedIdentityExtensionForLinux""#,
        r#""publisher": "microsoft.managedidentity", "virtualMachineExtensionType": "managedidentityextensionforwindows""#,
        r#""type": "microsoft.compute/virtualmachines/extensions", "properties": {"publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux"}"#,
        r#""publisher": "Microsoft.ManagedIdentity""#,
    ] {
        let inventory = read(&format!(r#"[{{"id": "{id}", {members}}}]"#));
        assert_eq!(
            extensions(&inventory),
            [("e".to_owned(), Some(true))],
            "{members}"
        );
        assert!(inventory.lists_extensions);
    }
    for (members, is_ours) in [
        (
            r#""publisher": "Microsoft.Compute", "typePropertiesType": "ManagedIdentityExtensionForLinux""#,
            Some(false),
        ),
        (
            r#""publisher": "Microsoft.ManagedIdentity", "typePropertiesType": "Other""#,
            Some(false),
        ),
        (
            r#""type": "Microsoft.Compute/virtualMachines/extensions""#,
            None,
        ),
    ] {
        let inventory = read(&format!(r#"[{{"id": "{id}", {members}}}]"#));
        assert_eq!(
            extensions(&inventory),
            [("e".to_owned(), is_ours)],
            "{members}"
        );
    }
}

#[test]
fn pages_lists_and_single_resources_are_read_alike() {
    let row = format!(r#"{{"id": "{BASE}/virtualMachines/web"}}"#);
    for text in [
        format!("[{row}]"),
        row.clone(),
        format!(r#"{{"count": 1, "data": [{row}], "skip_token": null}}"#),
        format!(r#"{{"value": [{row}], "nextLink": "x"}}"#),
        format!("\u{feff}[{row}]"),
    ] {
        assert_eq!(read(&text).machines.len(), 1, "{text}");
    }
    let units = format!("\u{feff}[{row}]");
    let utf16: Vec<u8> = units.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut inventory = Inventory::default();
    inventory.read("a.json", &utf16).unwrap();
    assert_eq!(inventory.machines.len(), 1);
}

#[test]
fn a_machine_of_two_files_is_one() {
    let mut inventory = read(&format!(
        r#"[{{"id": "{BASE}/virtualMachines/web", "identity": null, "powerState": "VM deallocated"}}]"#
    ));
    let id = format!("{BASE}/virtualMachines/WEB/extensions/msi").to_uppercase();
    let id = id.replacen("/SUBSCRIPTIONS/S/", "/subscriptions/S/", 1);
    let second = format!(r#"[{{"id": "{id}", "publisher": "Microsoft.ManagedIdentity"}}]"#);
    inventory.read("b.json", second.as_bytes()).unwrap();
    let machines: Vec<&InventoryMachine> = inventory.machines.values().collect();
    assert_eq!(machines.len(), 1);
    assert_eq!(machines[0].id.name, "web");
    assert_eq!(machines[0].identity, IdentityState::Absent);
    assert_eq!(machines[0].power.as_deref(), Some("VM deallocated"));
    assert_eq!(machines[0].extensions.len(), 1);
}

#[test]
fn an_identity_that_is_left_out_is_absent_only_where_the_machine_is_shown_whole() {
    let state = |members: &str| {
        let text = format!(r#"[{{"id": "{BASE}/virtualMachines/web"{members}}}]"#);
        let inventory = read(&text);
        let machine = inventory.machines.values().next().unwrap();
        machine.identity.clone()
    };
    assert_eq!(state(""), IdentityState::Unknown);
    assert_eq!(state(r#", "storageProfile": {}"#), IdentityState::Absent);
    assert_eq!(
        state(r#", "properties": {}, "identity": null"#),
        IdentityState::Absent
    );
    assert_eq!(
        state(r#", "identity": {"type": "None"}"#),
        IdentityState::Absent
    );
    let present = IdentityState::Present("SystemAssigned".to_owned());
    assert_eq!(
        state(r#", "identity": {"type": "SystemAssigned"}"#),
        present
    );
}

#[test]
fn the_model_of_a_scale_set_is_read_flat_and_as_rest_gives_it() {
    for text in [
        r#""virtualMachineProfile": {"extensionProfile": {"extensions": [
            {"name": "msi", "publisher": "Microsoft.ManagedIdentity", "typePropertiesType": "ManagedIdentityExtensionForLinux"},
            {"name": "s", "publisher": "Microsoft.Compute", "type": "CustomScriptExtension", "provisionAfterExtensions": ["msi"]}]}},
            "upgradePolicy": {"mode": "Manual"}, "orchestrationMode": "Flexible""#,
        r#""properties": {"virtualMachineProfile": {"extensionProfile": {"extensions": [
            {"name": "msi", "properties": {"publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux"}},
            {"name": "s", "properties": {"publisher": "Microsoft.Compute", "type": "CustomScriptExtension", "provisionAfterExtensions": ["msi"]}}]}},
            "upgradePolicy": {"mode": "Manual"}, "orchestrationMode": "Flexible"}"#,
    ] {
        let text = format!(r#"[{{"id": "{BASE}/virtualMachineScaleSets/set", {text}}}]"#);
        let inventory = read(&text);
        let set = inventory.machines.values().next().unwrap();
        assert_eq!(set.extensions["msi"].is_ours, Some(true));
        assert_eq!(set.extensions["s"].after, ["msi"]);
        assert_eq!(set.upgrade_mode.as_deref(), Some("Manual"));
        assert!(set.is_flexible && set.knows_publishers);
    }
}

#[test]
fn resources_of_other_types_may_hold_anything() {
    let text = format!(
        r#"[{{"id": "{}", "properties": {{"publisher": {{"a": 1}}, "type": 5}}}}, {{"id": "/subscriptions/s"}}]"#,
        BASE.replace("Compute", "Web/sites/x")
    );
    assert!(read(&text).machines.is_empty());
}

#[test]
fn an_exported_template_gives_names_only() {
    let inventory = read(
        r#"{"$schema": "x", "parameters": {"vm": {"defaultValue": "web", "type": "String"}},
        "resources": [{"type": "Microsoft.Compute/virtualMachines", "name": "[parameters('vm')]"},
        {"type": "Microsoft.Network/virtualNetworks", "name": "n"}]}"#,
    );
    let names: Vec<&str> = inventory
        .exported
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["web"]);
}

#[test]
fn errors_name_the_line_and_the_column_and_the_next_step() {
    for (text, start) in [
        ("[\n  {\"id\": 5}]", "a.json:2:"),
        ("[\n  {\"name\": \"web\"},\n  {}\n]", "a.json:2:"),
        ("[\n{\n\"name\": \"web\"\n},\n{}\n]", "a.json:4:1:"),
        ("[\n{\"id\": \"web\"}, {}]", "a.json:2:"),
        ("{\"a\": 1}", "a.json:1:"),
        ("\"text\"", "a.json:1:"),
        ("[{]", "a.json:1:3:"),
        ("", "a.json:1:1:"),
        ("{\"data\": {\"rows\": []}}", "a.json:1:"),
    ] {
        let said = error(text);
        assert!(said.starts_with(start), "{said}");
        assert!(said.contains("az vm extension list"), "{said}");
        assert!(!said.contains(" at line"), "{said}");
    }
}

#[test]
fn deep_json_is_an_error() {
    let text = format!(
        "[{{\"id\": \"/subscriptions/s\", \"x\": {}",
        "[".repeat(100_000)
    );
    assert!(error(&text).starts_with("a.json:1:"));
}
