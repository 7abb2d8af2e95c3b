"""One repository: the program runs on one of its revisions, within bounds, and gives rows.

A repository may be damaged, hostile or endless: whatever happens, `scan` gives one row that says so. Nothing
of the repository is run, nothing in its configuration makes git start a program, and a clone goes over https
or ssh only.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# What git says of an error is cut here, in characters.
LONGEST_ERROR = 2_000

# Git as the program itself runs it: no program, no network, no settings of the machine.
GIT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

# Bounds for a process and all that it starts: memory that it writes to (mapped files, such as packs, do
# not count), files, and no core file. A system that does not know one of them goes without it.
BOUNDED = """
ulimit -d "$1"
ulimit -f "$2"
ulimit -c 0
shift 2
exec "$@"
"""


@dataclass(frozen=True)
class Settings:
    """What holds for all repositories of a run."""

    program: str = "msi2imds"
    revision: str = "HEAD"
    arguments: tuple[str, ...] = ()
    """Further arguments of `msi2imds diff`, such as `--config FILE`."""
    seconds: float = 120
    """How long one repository may take, a clone of it included."""
    memory_mib: int = 2_048
    """How much memory each process of it may take."""
    file_mib: int = 1_024
    """How large a file may become: a pack of a clone, a report, a patch."""


@dataclass(frozen=True)
class Finding:
    """A finding, as the table `findings` has it."""

    path: str
    rule: str
    severity: str
    line: int
    column: int
    json_path: str | None
    machine: str | None
    message: str
    fix: str
    held_reason: str | None


@dataclass(frozen=True)
class Result:
    """What came of one repository."""

    repo: str
    commit: str | None = None
    status: str = "ok"
    """`ok`, `failed`, `timeout` or `killed`, which is what becomes of a process beyond a bound on memory."""
    error: str | None = None
    files: int | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    patch: bytes | None = None
    """Exact bytes: a file need not be in UTF-8."""
    patched_files: int = 0
    safe: bool = True
    """Whether the patch has no fix that needs `--unsafe-fixes`."""

    def row(self) -> dict[str, Any]:
        """The result as a row."""
        return asdict(self)


class Stopped(Exception):
    """A step that did not succeed, with what the row says of it."""

    def __init__(self, status: str, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


class Steps:
    """Runs the processes of one repository within its bounds, and adds up what they take."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self.deadline = time.monotonic() + settings.seconds
        self.cpu_seconds = 0.0

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> str:
        """Runs a command; gives its stdout."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Stopped("timeout", f"no time left for {command[0]}")
        bounds = [str(self.settings.memory_mib * 1_024), str(self.settings.file_mib * 2_048)]
        out, err = self.folder / "stdout", self.folder / "stderr"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = subprocess.Popen(
                ["sh", "-c", BOUNDED, "sh", *bounds, *command],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env={**os.environ, **environment},
                cwd=self.folder,
                # What it starts is ended with it.
                start_new_session=True,
            )
            is_late = threading.Event()

            def stop() -> None:
                is_late.set()
                end_group(process.pid)

            timer = threading.Timer(left, stop)
            timer.start()
            _, status, usage = os.wait4(process.pid, 0)
            timer.cancel()
            timer.join()
            process.returncode = os.waitstatus_to_exitcode(status)
            end_group(process.pid)
        self.cpu_seconds += usage.ru_utime + usage.ru_stime
        said = err.read_bytes()[: 4 * LONGEST_ERROR].decode(errors="replace").strip()[:LONGEST_ERROR]
        if is_late.is_set():
            raise Stopped("timeout", f"not done within {self.settings.seconds:g} s")
        if process.returncode < 0:
            name = signal.Signals(-process.returncode).name
            raise Stopped("killed", f"{command[0]} was ended by {name}; {said}".rstrip("; "))
        if process.returncode != 0:
            raise Stopped("failed", said or f"{command[0]}: exit code {process.returncode}")
        return out.read_bytes().decode(errors="replace")


def end_group(group: int) -> None:
    """Ends what is left of a process group."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def scan(repo: str, settings: Settings) -> Result:
    """Runs the program on one repository: a path, or a URL that is cloned for it."""
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="msi2imds-fleet-"))
    steps = Steps(settings, folder)
    commit = None
    try:
        path = clone(repo, steps) if "://" in repo else str(Path(repo).resolve())
        commit = resolve(path, steps)
        result = run(repo, path, commit, steps)
    except Stopped as stopped:
        result = Result(repo, commit, stopped.status, stopped.error)
    except (OSError, ValueError, KeyError) as error:
        result = Result(repo, commit, "failed", f"{type(error).__name__}: {error}"[:LONGEST_ERROR])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    row = {**vars(result), "seconds": round(time.monotonic() - started, 4)}
    row["cpu_seconds"] = round(steps.cpu_seconds, 4)
    return Result(**row)


def clone(url: str, steps: Steps) -> str:
    """Clones the newest commit, bare and without its history."""
    path = str(steps.folder / "clone.git")
    revision = steps.settings.revision
    branch = [] if revision == "HEAD" else [f"--branch={revision}"]
    options = ["--bare", "--quiet", "--depth=1", "--single-branch", "--no-tags", *branch]
    environment = {**GIT, "GIT_ALLOW_PROTOCOL": "https:ssh"}
    # Credentials are those of the cluster's own git configuration.
    del environment["GIT_CONFIG_GLOBAL"], environment["GIT_CONFIG_NOSYSTEM"]
    steps.run(["git", "clone", *options, "--", url, path], environment)
    return path


def resolve(path: str, steps: Steps) -> str:
    """The hash of the revision: what is read then cannot change meanwhile."""
    git = path if (Path(path) / "HEAD").exists() else str(Path(path) / ".git")
    cloned = path == str(steps.folder / "clone.git")
    revision = "HEAD" if cloned else steps.settings.revision
    names = ["--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    try:
        return steps.run(["git", f"--git-dir={git}", "rev-parse", *names], GIT).strip()
    except Stopped as stopped:
        if stopped.status == "failed" and stopped.error.endswith("exit code 1"):
            raise Stopped("failed", f"there is no revision {revision}") from None
        raise


def run(repo: str, path: str, commit: str, steps: Steps) -> Result:
    """Runs the program."""
    settings, folder = steps.settings, steps.folder
    report, patch = folder / "report.json", folder / "change.patch"
    outputs = [f"--output=json={report}", f"--diff-file={patch}", "--output-format=concise"]
    command = [settings.program, "diff", "--quiet", "--exit-zero", "--jobs=1", "--no-unsafe-fixes", *outputs]
    command += settings.arguments
    # CI services would change what is printed.
    environment = {"CI": "", "TF_BUILD": "", "GITHUB_ACTIONS": "", **GIT}
    del environment["GIT_ALLOW_PROTOCOL"]
    steps.run([*command, f"--rev={commit}", "--", path], environment)
    found = json.loads(report.read_bytes())
    changed = patch.read_bytes()
    return Result(
        repo,
        commit,
        files=found["summary"]["files_scanned"],
        findings=[finding(one) for one in found["findings"]],
        patch=changed or None,
        patched_files=sum(line.startswith(b"+++ ") for line in changed.splitlines()),
        safe="--unsafe-fixes" not in settings.arguments,
    )


def finding(found: Mapping[str, Any]) -> Finding:
    """A finding of the program's JSON report."""
    place, fix = found["location"], found["fix"]
    machine = found.get("machine") or {}
    is_held = fix["safety"] == "held"
    return Finding(
        path=place["file"],
        rule=found["rule"],
        severity=found["severity"],
        line=place["start"]["line"],
        column=place["start"]["column"],
        json_path=place.get("path"),
        machine=machine.get("name"),
        message=found["message"],
        fix=fix["safety"],
        held_reason=fix.get("code") if is_held else None,
    )


def scan_all(repos: Iterable[str], settings: Settings) -> Iterable[Result]:
    """Runs the program on one repository after another."""
    return (scan(repo, settings) for repo in repos)
