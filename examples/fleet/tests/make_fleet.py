"""Makes bare repositories to run over: most of them plain, and on request one of each odd kind.

Everything follows from a repository's number, so that a fleet can be made again. A plain repository has from
three to three hundred files; one in ten has the extension, and one in a hundred has one that is held.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2]
FIXABLE = (EXAMPLES / "scale-set" / "azuredeploy.json").read_bytes()
# What the publisher is, no file says.
HELD = FIXABLE.replace(b'"Microsoft.ManagedIdentity"', b"\"[parameters('publisher')]\"", 1)
IDENTITY = b"a <a@example.com> 1700000000 +0000"
ENVIRONMENT = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    """Runs git in a bare repository."""
    command = ["git", f"--git-dir={folder}", *arguments]
    done = subprocess.run(command, input=stdin, env=ENVIRONMENT, check=True, capture_output=True)
    return done.stdout.decode().strip()


def commit_tree(folder: Path, tree: str) -> None:
    """Makes a commit of a tree, and the branch `main` of that."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    git(folder, "update-ref", "refs/heads/main", git(folder, *identity, "commit-tree", "-m", "x", tree))


def files_of(number: int) -> Iterator[tuple[str, bytes]]:
    """The files of a plain repository."""
    count = 3 + zlib.crc32(number.to_bytes(4, "big")) % 60 * (5 if number % 20 == 7 else 1)
    for file in range(count):
        text = f"resource {number} {file}\n" * (20 + (number * 7 + file * 13) % 200)
        yield f"src/part{file % 9}/file{file}.txt", text.encode()
    if number % 10 == 3:
        yield "infra/vmss.json", FIXABLE
    if number % 100 == 14:
        yield "infra/held.json", HELD


def plain(folder: Path, number: int = 3) -> None:
    """A repository of files with one commit."""
    empty(folder)
    stream = [b"commit refs/heads/main\ncommitter ", IDENTITY, b"\ndata 1\nx\n"]
    for path, content in files_of(number):
        stream += [b"M 644 inline ", path.encode(), b"\ndata %d\n" % len(content), content, b"\n"]
    git(folder, "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", stdin=b"".join(stream))


def empty(folder: Path) -> None:
    """A repository without a commit."""
    command = ["git", "init", "--quiet", "--bare", "--initial-branch=main", "--template=", str(folder)]
    subprocess.run(command, env=ENVIRONMENT, check=True)


def corrupt(folder: Path) -> None:
    """A repository whose pack is cut."""
    plain(folder)
    for pack in (folder / "objects" / "pack").glob("*.pack"):
        pack.chmod(0o644)
        pack.write_bytes(pack.read_bytes()[:-400])


def lost(folder: Path) -> None:
    """A repository that lacks the object of one file."""
    plain(folder)
    entry = b"100644 blob " + b"1" * 40 + b"\tlost.json\n"
    commit_tree(folder, git(folder, "mktree", "--missing", stdin=entry))


def endless(folder: Path) -> None:
    """A repository of 32 to the 9th files in ten objects."""
    empty(folder)
    name = git(folder, "hash-object", "-w", "--stdin", stdin=b"endless")
    mode, kind = "100644", "blob"
    for _ in range(9):
        entries = "".join(f"{mode} {kind} {name}\t{entry:02}\n" for entry in range(32))
        name = git(folder, "mktree", stdin=entries.encode())
        mode, kind = "040000", "tree"
    commit_tree(folder, name)


def stuck(folder: Path) -> None:
    """A repository that git waits for without end."""
    plain(folder)
    (folder / "packed-refs").unlink(missing_ok=True)
    os.mkfifo(folder / "packed-refs")
    (folder / "HEAD").write_text("ref: refs/heads/absent\n")


def hostile(folder: Path) -> None:
    """A repository whose configuration would have git run programs."""
    plain(folder)
    made = folder.parent / "made-by-a-hostile-repository"
    with (folder / "config").open("a") as config:
        config.write(
            f'[core]\n\tfsmonitor = "touch {made}"\n\tsshCommand = "touch {made}"\n'
            f'[alias]\n\tcat-file = "!touch {made}"\n\trev-parse = "!touch {made}"\n'
            "[core]\n\trepositoryFormatVersion = 1\n"
            '[extensions]\n\tpartialClone = origin\n[protocol "ext"]\n\tallow = always\n'
            f'[remote "origin"]\n\tpromisor = true\n\turl = "ext::touch {made}"\n'
        )


def no_repository(folder: Path) -> None:
    """A folder without a repository."""
    folder.mkdir()


ODD: dict[str, Callable[[Path], None]] = {
    "corrupt": corrupt,
    "empty": empty,
    "endless": endless,
    "hostile": hostile,
    "lost": lost,
    "no-repository": no_repository,
    "stuck": stuck,
}


def make(out: Path, count: int, *, odd: bool) -> list[str]:
    """Makes a fleet; gives the paths of its repositories."""
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        path = out / f"{number:05}.git"
        plain(path, number)
        paths.append(str(path))
    if odd:
        for name, kind in ODD.items():
            path = out / f"{name}.git"
            kind(path)
            paths.append(str(path))
    (out / "repos.txt").write_text("".join(f"{path}\n" for path in paths))
    return paths


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--odd", action="store_true", help="and one of each odd kind")
    given = parser.parse_args()
    make(given.out, given.count, odd=given.odd)
    return 0


if __name__ == "__main__":
    sys.exit(main())
