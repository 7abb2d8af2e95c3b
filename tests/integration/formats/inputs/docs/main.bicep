resource msi 'Microsoft.Compute/virtualMachines/extensions@2019-07-01' = {
  name: 'robin/msi'
  properties: {
    publisher: 'Microsoft.ManagedIdentity'
    type: 'ManagedIdentityExtensionForLinux'
  }
}
