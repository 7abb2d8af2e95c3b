"""Runs msi2imds over many git repositories and collects findings, patches and runs.

`scan` looks at one repository and needs nothing but the standard library; `job` runs it on Spark.
"""
