"""The Spark job: repositories in, the tables `findings`, `patches` and `runs` out.

Repositories are taken in batches. Each batch is an attempt with a number, and is whole or absent in `runs`: a
job that ends early loses one batch, and the next job goes on behind the last one.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark import SparkFiles
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
)

from msi2imds_fleet.scan import Settings, scan_all

if TYPE_CHECKING:
    from pyspark.sql.types import DataType


def columns(**types: DataType) -> StructType:
    """A schema; every column may be null, as in any Parquet that is written by hand."""
    return StructType([StructField(name, kind) for name, kind in types.items()])


FINDING = columns(
    path=StringType(),
    rule=StringType(),
    severity=StringType(),
    line=IntegerType(),
    column=IntegerType(),
    json_path=StringType(),
    machine=StringType(),
    message=StringType(),
    fix=StringType(),
    held_reason=StringType(),
)
RESULT = columns(
    repo=StringType(),
    commit=StringType(),
    status=StringType(),
    error=StringType(),
    files=LongType(),
    seconds=DoubleType(),
    cpu_seconds=DoubleType(),
    findings=ArrayType(FINDING),
    patch=BinaryType(),
    patched_files=IntegerType(),
    safe=BooleanType(),
)
FINDING_ROW = pa.struct(
    [
        (field.name, pa.int32() if isinstance(field.dataType, IntegerType) else pa.string())
        for field in FINDING.fields
    ]
)
RESULT_ROWS = pa.schema(
    [
        ("repo", pa.string()),
        ("commit", pa.string()),
        ("status", pa.string()),
        ("error", pa.string()),
        ("files", pa.int64()),
        ("seconds", pa.float64()),
        ("cpu_seconds", pa.float64()),
        ("findings", pa.list_(FINDING_ROW)),
        ("patch", pa.binary()),
        ("patched_files", pa.int32()),
        ("safe", pa.bool_()),
    ]
)


def shipped(settings: Settings) -> Settings:
    """The settings with the program's path on this worker: `--files` puts it where only the worker knows."""
    if os.sep in settings.program:
        return settings
    path = SparkFiles.get(settings.program)
    if not os.path.exists(path):
        return settings
    if not os.access(path, os.X_OK):
        os.chmod(path, 0o755)
    return replace(settings, program=path)


def results(repos: DataFrame, settings: Settings, tasks: int) -> DataFrame:
    """Runs the program on each of `repos`, in so many tasks."""

    def task(batches: Iterator[Any]) -> Iterator[Any]:
        here = shipped(settings)
        for batch in batches:
            for result in scan_all(batch.column("repo").to_pylist(), here):
                yield pa.RecordBatch.from_pylist([result.row()], schema=RESULT_ROWS)

    return repos.select("repo").repartition(tasks).mapInArrow(task, RESULT)


def write_attempt(spark: SparkSession, found: DataFrame, out: str, attempt: int) -> None:
    """Writes the tables of one attempt. `runs` comes last: what it has, the others have too."""
    # Each repository is looked at once, whatever is read from it below.
    staged = f"{out}/staged"
    found.write.mode("overwrite").parquet(staged)
    found = spark.read.schema(RESULT).parquet(staged)
    findings = found.select("repo", "commit", F.explode("findings").alias("finding"))
    tables = {
        "findings": findings.select("repo", "commit", "finding.*"),
        "patches": found.where("patch is not null").select(
            "repo", "commit", "patch", F.col("patched_files").alias("files"), "safe"
        ),
        "runs": found.select("repo", "commit", "status", "error", "files", "seconds", "cpu_seconds"),
    }
    for name, table in tables.items():
        table.coalesce(8).write.mode("overwrite").parquet(f"{out}/{name}/attempt={attempt}")


def earlier_runs(spark: SparkSession, out: str) -> DataFrame | None:
    """The runs so far, if there are any."""
    try:
        return spark.read.parquet(f"{out}/runs")
    except AnalysisException:
        return None


def campaign(
    spark: SparkSession,
    repos: DataFrame,
    out: str,
    settings: Settings,
    *,
    per_task: int = 20,
    batch: int = 20_000,
    again: bool = False,
) -> int:
    """Runs the program on the repositories that have no row `ok` yet, or on all `again`; gives how many."""
    earlier = earlier_runs(spark, out)
    attempt = 0
    left = repos.select("repo").distinct()
    if earlier is not None:
        attempt = earlier.agg(F.max("attempt")).collect()[0][0] + 1
        if not again:
            left = left.join(earlier.where("status = 'ok'"), "repo", "left_anti")
    names = [row.repo for row in left.orderBy("repo").collect()]
    for number, start in enumerate(range(0, len(names), batch)):
        chunk = names[start : start + batch]
        tasks = max(1, (len(chunk) + per_task - 1) // per_task)
        frame = spark.createDataFrame([(name,) for name in chunk], "repo string")
        write_attempt(spark, results(frame, settings, tasks), out, attempt + number)
    return len(names)


def read_repos(spark: SparkSession, path: str) -> DataFrame:
    """The column `repo` of a table in Parquet or CSV, or the lines of a text."""
    if path.endswith(".txt"):
        return spark.read.text(path).select(F.trim("value").alias("repo")).where("repo <> ''")
    if path.endswith(".csv"):
        return spark.read.csv(path, header=True)
    return spark.read.parquet(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line of the job."""
    parser = argparse.ArgumentParser(prog="msi2imds-fleet", description=__doc__)
    parser.add_argument("repos", help="a table with a column `repo` (Parquet, .csv), or lines in a .txt")
    parser.add_argument("out", help="the folder of the tables")
    parser.add_argument("--program", default="msi2imds", help="a name on the PATH or of --files, or a path")
    parser.add_argument("--rev", default="HEAD", help="the branch or tag of each repository")
    parser.add_argument("--seconds", type=float, default=120, help="time for a repository")
    parser.add_argument("--memory-mib", type=int, default=2_048, help="memory of each of its processes")
    parser.add_argument("--per-task", type=int, default=20, help="repositories in a task of Spark")
    parser.add_argument("--batch", type=int, default=20_000, help="repositories that are written together")
    parser.add_argument("--again", action="store_true", help="take those with a row `ok` too")
    parser.add_argument("--argument", action="append", default=[], help="an argument of `msi2imds diff`")
    given = parser.parse_args(arguments)
    settings = Settings(
        program=given.program,
        revision=given.rev,
        arguments=tuple(given.argument),
        seconds=given.seconds,
        memory_mib=given.memory_mib,
    )
    spark = SparkSession.builder.appName("msi2imds-fleet").getOrCreate()
    repos = read_repos(spark, given.repos)
    count = campaign(
        spark, repos, given.out, settings, per_task=given.per_task, batch=given.batch, again=given.again
    )
    print(f"{count} repositories", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
