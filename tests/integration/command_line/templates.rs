//! Templates small enough to read in a failing test.

/// A machine with an identity, the extension, and a script that waits for it: all can be fixed.
pub(crate) const FIXABLE: &str = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    {
      "type": "Microsoft.Compute/virtualMachines",
      "apiVersion": "2019-07-01",
      "name": "shop",
      "identity": {
        "type": "SystemAssigned"
      },
      "properties": {}
    },
    {
      "type": "Microsoft.Compute/virtualMachines/extensions",
      "apiVersion": "2019-07-01",
      "name": "shop/msi",
      "dependsOn": [
        "shop"
      ],
      "properties": {
        "publisher": "Microsoft.ManagedIdentity",
        "type": "ManagedIdentityExtensionForLinux",
        "typeHandlerVersion": "1.0"
      }
    },
    {
      "type": "Microsoft.Compute/virtualMachines/extensions",
      "apiVersion": "2019-07-01",
      "name": "shop/setup",
      "dependsOn": [
        "shop/msi"
      ],
      "properties": {
        "publisher": "Microsoft.Azure.Extensions",
        "type": "CustomScript",
        "typeHandlerVersion": "2.1"
      }
    }
  ]
}
"#;

/// [`FIXABLE`] with the extension's publisher left to a parameter.
pub(crate) fn open() -> String {
    FIXABLE
        .replace("\"Microsoft.ManagedIdentity\"", "\"[parameters('of')]\"")
        .replace(
            "  \"resources\"",
            "  \"parameters\": { \"of\": { \"type\": \"string\" } },\n  \"resources\"",
        )
}

/// The parameter file that gives it to [`open`].
pub(crate) const GIVEN: &str = r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
        "contentVersion": "1.0.0.0", "parameters": {"of": {"value": "Microsoft.ManagedIdentity"}}}"#;

/// [`FIXABLE`] without the extension and with the script waiting for the machine.
pub(crate) fn clean() -> String {
    let start =
        FIXABLE.find("    {\n      \"type\": \"Microsoft.Compute/virtualMachines/extensions\"");
    let end = FIXABLE.rfind("    {\n      \"type\"");
    let (start, end) = (start.unwrap(), end.unwrap());
    [&FIXABLE[..start], &FIXABLE[end..]]
        .concat()
        .replace("\"shop/msi\"", "\"shop\"")
}

/// [`FIXABLE`] with its machine called `name`.
pub(crate) fn machine(name: &str) -> String {
    FIXABLE.replace("shop", name)
}

/// The machine has no identity: the extension goes, and an identity comes.
pub(crate) fn without_identity() -> String {
    FIXABLE.replace(
        "      \"identity\": {\n        \"type\": \"SystemAssigned\"\n      },\n",
        "",
    )
}

/// The machine has no identity, and its apiVersion knows none.
pub(crate) fn old_without_identity() -> String {
    without_identity().replacen("2019-07-01", "2015-06-15", 1)
}

/// An output reads the extension at run time, so nothing can be removed.
pub(crate) fn held() -> String {
    FIXABLE.replace(
        "  ]\n}\n",
        "  ],\n  \"outputs\": {\n    \"port\": {\n      \"type\": \"string\",\n      \
         \"value\": \"[reference('shop/msi').settings.port]\"\n    }\n  }\n}\n",
    )
}

/// An output makes the extension's id: a warning that stays when the extension is gone.
pub(crate) fn fixable_with_a_warning() -> String {
    held().replace(
        "reference('shop/msi').settings.port",
        "resourceId('Microsoft.Compute/virtualMachines/extensions', 'shop', 'msi')",
    )
}

/// The extension's condition keeps an identity from being inserted: a warning is left.
pub(crate) fn warning_left() -> String {
    without_identity().replace(
        "      \"name\": \"shop/msi\",\n",
        "      \"name\": \"shop/msi\",\n      \"condition\": \"[equals('a', 'b')]\",\n",
    )
}

/// Nothing of the extension, but an error: the script waits for an extension that is gone.
pub(crate) fn dangling() -> String {
    clean().replace(
        "        \"shop\"\n",
        "        \"shop/ManagedIdentityExtensionForLinux\"\n",
    )
}

/// A publisher that only looks like the extension's: a note.
pub(crate) fn note_only() -> String {
    clean().replace(
        "Microsoft.Azure.Extensions",
        "Microsoft.ManagedIdentity.Edp",
    )
}

/// [`FIXABLE`] with a comma missing.
pub(crate) fn broken() -> String {
    FIXABLE.replace("\"name\": \"shop\",", "\"name\": \"shop\"")
}

/// Two machines, `first` and `second`, both with the extension.
pub(crate) fn two_machines() -> String {
    let resources = |text: &str| {
        let start = text.find("    {\n").unwrap();
        text[start..text.rfind("\n  ]").unwrap()].to_owned()
    };
    let first = machine("first");
    let both = [resources(&first), resources(&machine("second"))].join(",\n");
    first.replace(&resources(&first), &both)
}
