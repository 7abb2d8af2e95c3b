"""The job on a real Spark in local mode, over some hundred repositories."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
from pathlib import Path

from pyspark.sql import SparkSession

from msi2imds_fleet import queries
from msi2imds_fleet.job import campaign, read_repos
from msi2imds_fleet.scan import Settings
from tests import make_fleet

COUNT = int(os.environ.get("MSI2IMDS_FLEET", "200"))
SETTINGS = Settings(program=os.environ.get("MSI2IMDS", "msi2imds"), seconds=10)
# Workers of Spark import the package from here.
ROOT = Path(__file__).resolve().parents[1]


class Job(unittest.TestCase):
    """One campaign, and its second run."""

    def test_a_campaign(self) -> None:
        os.environ["PYSPARK_PYTHON"] = sys.executable
        os.environ["PYTHONPATH"] = str(ROOT)
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        spark = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
        self.addCleanup(spark.stop)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        fleet, out = Path(folder.name) / "fleet", f"{folder.name}/out"
        make_fleet.make(fleet, COUNT, odd=True)
        repos = read_repos(spark, str(fleet / "repos.txt"))

        # Two batches, so two attempts.
        total = COUNT + len(make_fleet.ODD)
        count = campaign(spark, repos, out, SETTINGS, per_task=10, batch=COUNT - 50)
        self.assertEqual(count, total)
        runs = spark.read.parquet(f"{out}/runs")
        self.assertEqual(runs.select("attempt").distinct().count(), 2)
        status = {row.repo.rsplit("/", 1)[1]: row for row in runs.collect()}
        self.assertEqual(len(status), total)
        failed = {name for name, row in status.items() if row.status != "ok"}
        odd = {f"{name}.git" for name in make_fleet.ODD}
        self.assertEqual(failed, odd - {"hostile.git"})
        self.assertTrue(all(status[name].error for name in failed))
        self.assertFalse((fleet / "made-by-a-hostile-repository").exists())

        extension, held = range(3, COUNT, 10), range(14, COUNT, 100)
        findings = spark.read.parquet(f"{out}/findings")
        rules = {row.rule: row["count"] for row in findings.groupBy("rule").count().collect()}
        self.assertEqual(rules, {"vmss-extension": len(extension) + len(held) + 1})
        self.assertEqual(findings.where("held_reason = 'undecided'").count(), len(held))
        patches = spark.read.parquet(f"{out}/patches")
        self.assertEqual(patches.where("safe and files = 1").count(), len(extension) + 1)

        # A rerun takes what failed. One is repaired meanwhile.
        (fleet / "stuck.git" / "packed-refs").unlink()
        (fleet / "stuck.git" / "HEAD").write_text("ref: refs/heads/main\n")
        self.assertEqual(campaign(spark, repos, out, SETTINGS), len(failed))
        self.assertEqual(campaign(spark, repos, out, SETTINGS), len(failed) - 1)
        again = spark.read.parquet(f"{out}/findings")
        self.assertEqual(again.count(), findings.count() + 1)
        self.questions(Path(out), Path(folder.name), len(extension) + 2, len(held), len(failed) - 1)

    def questions(self, out: Path, folder: Path, ready: int, held: int, unread: int) -> None:
        """The queries over the tables, the plot and the patches."""
        found = {name: rows for name, _, rows in queries.answers(out)}
        states = dict(found["repositories by state"])
        expected = {"ready": ready, "held": held, "not read": unread}
        self.assertEqual({**states, "done": 0}, {**expected, "done": 0})
        self.assertEqual(sum(states.values()), COUNT + len(make_fleet.ODD))
        machines = {(rule, state): count for rule, state, count, _ in found["machines by state"]}
        self.assertEqual(machines[("vmss-extension", "ready")], ready)
        self.assertEqual([row[:3] for row in found["why machines are held"]], [("undecided", held, held)])
        self.assertEqual(len(found["who is left"]), ready + held + unread)
        self.assertEqual(sum(row[2] for row in found["what could not be read"]), unread)
        self.assertEqual(len(found["the slowest"]), 10)

        queries.plot([out, out], folder / "progress.png")
        self.assertTrue((folder / "progress.png").read_bytes().startswith(b"\x89PNG"))
        self.assertEqual(queries.write_patches(out, folder / "patches"), ready)
        # Each of them applies to a checkout of its repository.
        patch = next(iter((folder / "patches").iterdir()))
        checkout = folder / "checkout"
        repo = urllib.parse.unquote(patch.name.removesuffix(".patch"))
        subprocess.run(["git", "clone", "--quiet", repo, checkout], check=True)
        subprocess.run(["git", "-C", checkout, "apply", patch], check=True)


if __name__ == "__main__":
    unittest.main()
