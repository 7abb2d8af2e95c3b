//! The `resourceId()` family.

use super::{check, key};

#[test]
fn ids_made_by_call_by_hand_and_by_bicep_are_one() {
    let expected = key(
        "resourceId('Microsoft.Compute/virtualMachines/extensions', variables('vmName'), 'NAME')",
    );
    for text in [
        "resourceID('microsoft.compute/virtualmachines/extensions/', variables('vmName'),'NAME')",
        "resourceId(resourceGroup().name, 'Microsoft.Compute/virtualMachines/extensions', variables('vmName'), 'name')",
        "resourceId(subscription().subscriptionId, resourceGroup().name, 'Microsoft.Compute/virtualMachines/extensions', variables('vmName'), 'name')",
        "concat(resourceGroup().id, '/providers/Microsoft.Compute/virtualMachines/', variables('vmName'), '/extensions/NAME')",
        "concat(subscription().id, '/resourceGroups/', resourceGroup().name, '/providers/Microsoft.Compute/virtualMachines/', variables('vmName'), '/extensions/NAME')",
        "concat(resourceId('Microsoft.Compute/virtualMachines', variables('vmName')), '/extensions/NAME')",
        "extensionResourceId(resourceGroup().id, 'Microsoft.Compute/virtualMachines/extensions', variables('vmName'), 'NAME')",
        "resourceId('Microsoft.Compute/virtualMachines/extensions', split(format('{0}/NAME', variables('vmName')), '/')[0], split(format('{0}/NAME', variables('vmName')), '/')[1])",
    ] {
        assert_eq!(key(text), expected, "{text}");
    }
}

#[test]
fn other_scopes_have_their_own_prefix() {
    check(&[
        (
            "subscriptionResourceId('A.B/c', 'x')",
            "concat('/subscriptions/',subscription().subscriptionid,'/providers/A.B/c/x')",
        ),
        (
            "subscriptionResourceId('s', 'A.B/c', 'x')",
            "'/subscriptions/s/providers/A.B/c/x'",
        ),
        ("tenantResourceId('A.B/c', 'x')", "'/providers/A.B/c/x'"),
        (
            "managementGroupResourceId('m', 'A.B/c', 'x')",
            "'/providers/Microsoft.Management/managementGroups/m/providers/A.B/c/x'",
        ),
        (
            "extensionResourceId('/x/y', 'A.B/c', 'z')",
            "'/x/y/providers/A.B/c/z'",
        ),
        (
            "resourceId('s', 'g', 'A.B/c', 'x')",
            "'/subscriptions/s/resourceGroups/g/providers/A.B/c/x'",
        ),
    ]);
}

#[test]
fn an_id_that_does_not_fit_is_no_guess() {
    check(&[
        ("resourceId('A.B/c/d', 'x')", "resourceid('A.B/c/d','x')"),
        (
            "resourceId('A.B/c', 'x', 'y')",
            "resourceid('A.B/c','x','y')",
        ),
        ("resourceId('A.B/c', 'x/y')", "resourceid('A.B/c','x/y')"),
        (
            "resourceId(parameters('type'), 'x')",
            "resourceid(parameters('type'),'x')",
        ),
        (
            "resourceId('a', 'b', 'c', 'A.B/c', 'x')",
            "resourceid('a','b','c','A.B/c','x')",
        ),
        ("resourceId('A.B/', 'x')", "resourceid('A.B/','x')"),
        ("resourceId()", "resourceid()"),
    ]);
}
