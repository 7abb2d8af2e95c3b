"""Tests over generated repositories. `MSI2IMDS` names the program."""
