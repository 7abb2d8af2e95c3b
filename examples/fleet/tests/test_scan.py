"""One repository of each kind gives the row that it should."""

from __future__ import annotations

import os
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

from msi2imds_fleet.scan import Result, Settings, scan
from tests import make_fleet

SETTINGS = Settings(program=os.environ.get("MSI2IMDS", "msi2imds"), seconds=30)


class Scan(unittest.TestCase):
    """Repositories in a folder of the test's own."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def odd(self, name: str, settings: Settings = SETTINGS) -> Result:
        """What comes of a repository of an odd kind."""
        path = self.folder / f"{name}.git"
        make_fleet.ODD[name](path)
        return scan(str(path), settings)

    def test_a_plain_repository_has_its_findings_and_its_patch(self) -> None:
        path = self.folder / "a.git"
        make_fleet.plain(path, 3)
        result = scan(str(path), SETTINGS)
        self.assertEqual((result.status, result.error), ("ok", None))
        self.assertEqual(result.commit, make_fleet.git(path, "rev-parse", "main"))
        self.assertEqual([(one.rule, one.fix) for one in result.findings], [("vmss-extension", "safe")])
        self.assertEqual(result.findings[0].path, "infra/vmss.json")
        self.assertEqual(result.patched_files, 1)
        assert result.patch is not None
        self.assertIn(b"+++ b/infra/vmss.json", result.patch)
        self.assertTrue(result.safe)
        self.assertGreater(result.cpu_seconds, 0)

    def test_what_is_held_has_its_reason_and_no_patch(self) -> None:
        path = self.folder / "a.git"
        make_fleet.plain(path, 14)
        result = scan(str(path), SETTINGS)
        self.assertEqual([one.held_reason for one in result.findings], ["undecided"])
        self.assertIsNone(result.patch)

    def test_what_cannot_be_read_is_a_row(self) -> None:
        for name, says in [
            ("corrupt", "pack"),
            ("empty", "there is no revision HEAD"),
            ("lost", "lost.json"),
            ("no-repository", "not a git repository"),
        ]:
            result = self.odd(name)
            self.assertEqual((result.status, result.findings), ("failed", []), name)
            self.assertIn(says, result.error or "", name)

    def test_what_does_not_end_is_ended(self) -> None:
        soon = replace(SETTINGS, seconds=2)
        self.assertEqual(self.odd("stuck", soon).status, "timeout")
        # It ends by the program's own bound, or by the time.
        self.assertIn(self.odd("endless", soon).status, ["failed", "timeout"])

    def test_what_takes_too_much_memory_is_ended(self) -> None:
        result = self.odd("endless", replace(SETTINGS, memory_mib=48))
        # The program has no memory left, or git has.
        self.assertIn(result.status, ["killed", "failed"])
        self.assertIn("memory", result.error or "")

    def test_a_hostile_repository_runs_nothing(self) -> None:
        result = self.odd("hostile")
        self.assertEqual((result.status, len(result.findings)), ("ok", 1))
        self.assertEqual([path.name for path in self.folder.iterdir()], ["hostile.git"])

    def test_a_program_that_is_not_there_is_a_row(self) -> None:
        result = self.odd("hostile", replace(SETTINGS, program="absent-program"))
        self.assertEqual(result.status, "failed")
        self.assertIn("absent-program", result.error or "")

    def test_a_file_is_not_cloned(self) -> None:
        result = scan(f"file://{self.folder}", SETTINGS)
        self.assertEqual(result.status, "failed")
        self.assertIn("not allowed", result.error or "")


if __name__ == "__main__":
    unittest.main()
