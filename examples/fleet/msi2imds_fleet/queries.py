"""Answers the questions of `queries.sql`, draws a campaign's progress and writes its patches to files.

Needs DuckDB; a plot needs matplotlib.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb

QUERIES = Path(__file__).with_name("queries.sql")
# The states of `queries.sql`, from what is done to what is not, in colours that differ in brightness too.
STATES = {
    "done": "#1b7837",
    "ready": "#7fbf7b",
    "by hand": "#fdb863",
    "held": "#e08214",
    "not read": "#7f7f7f",
}


def named(text: str) -> dict[str, str]:
    """The queries of a file by their names; what stands before the first has the name ''."""
    parts = re.split(r"^-- name: (.+)$", text, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def opened(tables: Path) -> duckdb.DuckDBPyConnection:
    """A connection with the views of `queries.sql` on the tables in a folder."""
    connection = duckdb.connect()
    folder = str(tables.resolve()).replace("'", "''")
    connection.execute(f"SET file_search_path = '{folder}'")
    connection.execute(named(QUERIES.read_text())[""])
    return connection


def answers(tables: Path) -> Iterator[tuple[str, list[str], list[tuple[Any, ...]]]]:
    """Each query's name, the names of its columns, and its rows."""
    connection = opened(tables)
    for name, query in named(QUERIES.read_text()).items():
        if name:
            result = connection.execute(query)
            columns = [column[0] for column in result.description or []]
            yield name, columns, result.fetchall()


def progress(tables: Sequence[Path]) -> list[dict[str, int]]:
    """How many repositories are in each state, for each of several campaigns over the same ones."""
    counts = []
    for one in tables:
        rows = opened(one).execute(named(QUERIES.read_text())["repositories by state"]).fetchall()
        counts.append({state: 0 for state in STATES} | {str(state): int(count) for state, count in rows})
    return counts


def plot(tables: Sequence[Path], out: Path) -> None:
    """Draws `progress` into a PNG: a bar for each campaign, named by its folder."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    counts = progress(tables)
    names = [one.resolve().name for one in tables]
    figure, axes = plt.subplots(figsize=(max(4.0, 1.2 * len(names)), 4))
    below = [0] * len(names)
    for state, colour in STATES.items():
        heights = [count[state] for count in counts]
        axes.bar(names, heights, bottom=below, label=state, color=colour)
        below = [low + height for low, height in zip(below, heights, strict=True)]
    axes.set_ylabel("repositories")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(out, dpi=150, bbox_inches="tight")
    plt.close(figure)


def write_patches(tables: Path, out: Path) -> int:
    """Writes each patch into a file named by its repository, for `git apply`; gives how many."""
    rows = opened(tables).execute("SELECT repo, patch FROM patches ORDER BY repo").fetchall()
    out.mkdir(parents=True, exist_ok=True)
    for repo, patch in rows:
        # No name of a repository leads out of the folder.
        (out / f"{quote(repo, safe='')[-200:]}.patch").write_bytes(patch)
    return len(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="msi2imds-fleet-queries", description=__doc__)
    parser.add_argument("tables", type=Path, nargs="+", help="folders of tables, the last campaign last")
    parser.add_argument("--plot", type=Path, help="draw the progress of all campaigns into this PNG")
    parser.add_argument("--patches", type=Path, help="write the last campaign's patches into this folder")
    given = parser.parse_args(arguments)
    for name, columns, rows in answers(given.tables[-1]):
        print(f"{name}\n  {' | '.join(columns)}")
        for row in rows:
            print(f"  {' | '.join('' if value is None else str(value) for value in row)}")
        print()
    if given.plot:
        plot(given.tables, given.plot)
    if given.patches:
        print(f"{write_patches(given.tables[-1], given.patches)} patches")
    return 0


if __name__ == "__main__":
    sys.exit(main())
