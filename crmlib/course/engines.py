"""A log too big for memory, for ``crmlib run value --engine duckdb | spark``.

An engine reads Parquet files, checks the rows and leaves one row for each customer in a folder, as
Parquet again: neither this process nor the notebook ever holds the log.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw
import pandas as pd

from crmlib.course import advice, intake, places
from crmlib.course.doubts import OPENING, flooded, presents
from crmlib.course.reports.value import split_of
from crmlib.course.reports.words import times
from crmlib.course.tables import parquet_files
from crmlib.errors import DataError, whole
from crmlib.logs.reading import fetch, from_engine, literal, read
from crmlib.logs.summaries import per_customer

KEPT = ".kept"  # the folder; what begins with a dot is not handed over with the results
MEMORY = 2  # GB that DuckDB may take, of the 4 that a run is to take in all
_ROOM = 8  # bytes on disk for each byte of Parquet: purchase days, customers, what DuckDB spills
_TYPED = ("table", "date_format", "encoding", "decimal")  # options for what Parquet knows by itself


@dataclass
class Engine:
    """Something that reads Parquet files into a frame, works there, and writes such files."""

    name: str
    scan: Callable[[list[str]], object]
    folder: Path

    def read(self, path: Path):
        """Read a Parquet file, or a folder of them, as a narwhals frame."""
        return nw.from_native(self.scan([str(file) for file in parquet_files(path)])).lazy()

    def keep(self, frame, name: str):
        """Do a frame's work, leave the result in the folder, and read it from there."""
        path = self.folder / f"{name}.parquet"
        frame.sink_parquet(str(path))
        return self.read(path)


def prepare(args: argparse.Namespace, folder: Path) -> tuple[Path, list[str]]:
    """Check the reader's log where it is, leave the customers in `folder`; return where, and facts."""
    _refuse_options(args)
    kept = folder / KEPT
    kept.mkdir(parents=True)
    try:
        _refuse_full_disk(parquet_files(Path(args.data)), kept)
        with _ENGINES[args.engine](kept) as engine, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            facts = _reduced(args, engine)
    except DataError as error:
        raise advice.refusal(error, args, folder) from error
    facts += [advice.note(str(w.message)) for w in caught if issubclass(w.category, UserWarning)]
    print(*facts, sep="\n", flush=True)
    aside = kept / "aside.parquet"
    if aside.exists():
        query = (
            f"COPY (FROM read_parquet({listed(aside)})) TO {sql_text(folder / 'set_aside.parquet')}"
        )
        connected(kept).execute(query)
    return kept, facts


def given(args: argparse.Namespace, file: Path) -> dict[str, object]:
    """Give the parameter by which the notebook finds the customers."""
    return {"LOG": file.name}


# the engines


def connected(folder: str | Path):
    """Open DuckDB with a limit to its memory; what goes beyond is spilled into a folder."""
    import duckdb

    limits = {"memory_limit": f"{MEMORY}GB", "temp_directory": str(folder)}
    base = duckdb.connect(config=limits | {"preserve_insertion_order": False})
    base.execute(f"SET enable_progress_bar = {sys.stdout.isatty()}")  # not into a notebook's page
    return base


@contextmanager
def _duckdb(folder: Path) -> Iterator[Engine]:
    try:
        import duckdb
    except ImportError:
        raise places.Refusal(_missing("duckdb")) from None
    try:
        with connected(folder) as base:
            yield Engine(f"DuckDB {duckdb.__version__}", base.read_parquet, folder)
    except duckdb.OutOfMemoryException as error:
        raise places.Refusal(
            f"DuckDB could do with neither its {MEMORY} GB of memory nor the disk: {_first(error)}. "
            "Make room on the disk of --out, or close other programs."
        ) from error
    except duckdb.Error as error:
        raise places.Refusal(f"DuckDB stopped: {_first(error)}.") from error


@contextmanager
def _spark(folder: Path) -> Iterator[Engine]:
    try:
        import duckdb  # noqa: F401 - values the customers that Spark leaves
        import pyspark
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        raise places.Refusal(_missing("spark")) from None
    mine = SparkSession.getActiveSession() is None
    try:
        session = SparkSession.builder.appName("crmlib").getOrCreate()
    except (PySparkRuntimeError, RuntimeError) as error:
        raise places.Refusal(
            f"Spark did not start: {_first(error)}. It needs Java 17 or newer (`java -version`), "
            "or the session of a cluster."
        ) from error
    try:
        yield Engine(
            f"Spark {pyspark.__version__}", lambda files: session.read.parquet(*files), folder
        )
    finally:
        if mine:
            session.stop()


_ENGINES = {"duckdb": _duckdb, "spark": _spark}


def listed(path: Path) -> str:
    """Name the Parquet files of a file or folder as DuckDB wants them in SQL."""
    return f"[{', '.join(map(sql_text, parquet_files(path)))}]"


def sql_text(value: object) -> str:
    """Write a text in SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def _missing(extra: str) -> str:
    return (
        f"--engine {extra} needs packages that the course does without. Add them: "
        f"`uv sync --extra {extra}`, or `pip install 'crmlib[{extra}]'`."
    )


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")


# what can be asked of them


def _refuse_options(args: argparse.Namespace) -> None:
    """Refuse what only a log in memory can be asked for."""
    alone = f"--engine {args.engine}"
    for name in _TYPED:
        if getattr(args, name):
            raise places.Refusal(
                f"{alone} takes no --{name.replace('_', '-')}: it reads Parquet, whose columns have "
                "types. Leave one of the two out."
            )
    if args.only or len(intake.product(args.amount)) > 1:
        raise places.Refusal(
            f"{alone} takes no --only, and as --amount one column. Do it where the Parquet is made: "
            "SELECT ..., price * quantity AS amount ... WHERE status = 'Paid' in SQL."
        )
    if args.refunds == "net":
        raise places.Refusal(
            f"{alone} cannot net refunds, for that takes the purchases of a customer one by one: "
            "--refunds drop sets them aside, --refunds refuse stops."
        )
    if isinstance(args.margin, str):
        raise places.Refusal(f"{alone} takes one --margin for all, a number such as 0.3.")
    path = Path(args.data)
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}. Check its name and folder.")
    if path.is_file() and path.suffix.lower() != ".parquet":
        raise places.Refusal(
            f"{alone} reads Parquet, a file or a folder of them, and {path.name} is none. Leave "
            "--engine out if memory holds the log, or make Parquet of it; docs/scale.md tells how."
        )


def _refuse_full_disk(files: list[Path], folder: Path) -> None:
    needed = _ROOM * sum(file.stat().st_size for file in files)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise places.Refusal(
            f"The disk of --out has {free / 1e9:.1f} GB free, and this log may take "
            f"{needed / 1e9:.1f} GB while it is worked on. Make room, or name a folder elsewhere."
        )


# the work


def _reduced(args: argparse.Namespace, engine: Engine) -> list[str]:
    """Leave customers and visits by day in the engine's folder; say what was read."""
    names = {"customer_id": args.customer, "date": args.date, "amount": args.amount}
    log, doubts = _in_order(args, engine, names)
    frame, facts = read(log.to_native(), names)
    first, last = pd.Timestamp(facts["first"]), pd.Timestamp(facts["last"])
    many = len(parquet_files(Path(args.data)))
    read_as = f"Parquet, {many} file{'s' * (many > 1)}, by {engine.name}"
    name = Path(args.data).name
    if args.check:
        people = fetch(frame.select(nw.col("customer_id").n_unique())).iloc[0, 0]
        said = intake.described(facts["rows"], people, read_as, name, first, last)
        return [said, *map(advice.note, doubts)]
    split, date = literal(frame, split_of(first, last)), nw.col("date")
    days = engine.keep(frame.group_by("customer_id", "date").agg(nw.col("amount").sum()), "days")
    past = nw.when(date <= split)
    customers = per_customer(
        days.with_columns(before=past.then(date), counted=past.then(1).otherwise(0)),
        past_visits=nw.col("counted").sum(),
        past_last=nw.col("before").max(),
    )
    customers = engine.keep(customers, "customers")
    start = literal(frame, (first + (last - first) * OPENING).ceil("D"))
    count = {"all": nw.len(), "opening": _count(nw.col("first") < start)}
    people = fetch(customers.select(**count)).iloc[0].astype(int)
    doubts += flooded(people["opening"], people["all"], last - first)
    _count_visits(days, customers, split).to_parquet(engine.folder / "visits.parquet")
    _drop(engine.folder / "days.parquet")
    said = intake.described(facts["rows"], people["all"], read_as, name, first, last)
    return [said, *map(advice.note, doubts)]


def _count_visits(days, customers, split) -> pd.DataFrame:
    """Count by day the purchases, one a day, of those who were customers on the day of the split."""
    known = customers.filter(nw.col("first") <= split).select("customer_id")
    before = days.filter(nw.col("date") <= split)
    after = days.filter(nw.col("date") > split).join(known, on="customer_id", how="semi")
    parts = [fetch(part.group_by("date").agg(visits=nw.len())) for part in (before, after)]
    visits = pd.concat(parts).astype({"date": "datetime64[s]", "visits": "int64"})
    return visits.sort_values("date", ignore_index=True)


def _in_order(args: argparse.Namespace, engine: Engine, names: dict):
    """Set aside what was asked to be; return the other rows, and what is in doubt."""
    log = engine.read(Path(args.data))
    from_engine(log.to_native(), names, "log")  # refuses what has no column or another type
    kind = log.collect_schema()[args.customer]
    customer, amount = nw.col(args.customer), nw.col(args.amount)
    nobody, refund = customer.is_null(), amount < 0
    if kind == nw.String:
        nobody = nobody | (customer.str.strip_chars() == "")
    elif kind.is_float():  # pandas writes whole numbers so where some are missing
        log = _whole(log, args.customer)
    free = amount == 0
    if args.missing_ids == "drop":  # a row is counted once
        refund, free = refund & ~nobody, free & ~nobody
    rows = {"nobody": nobody, "refunds": refund, "zeros": free}
    counts = fetch(log.select(**{name: _count(bad) for name, bad in rows.items()})).iloc[0]
    asked = []
    if args.missing_ids == "drop" and counts["nobody"]:
        words = "row without a customer id was", "rows without a customer id were"
        asked.append((nobody, "no customer id", times(int(counts["nobody"]), *words)))
    if args.refunds == "drop" and counts["refunds"]:
        said = times(int(counts["refunds"]), "refund was", "refunds were")
        asked.append((refund, "a refund", said))
    doubts = [f"{said} set aside, in set_aside.parquet" for _, _, said in asked]
    reason = nw.lit(None, nw.String)
    for bad, why, _ in asked[::-1]:
        reason = nw.when(bad).then(nw.lit(why)).otherwise(reason)
    if asked:
        log = log.with_columns(reason=reason)
        engine.keep(log.filter(~nw.col("reason").is_null()), "aside")
        log = log.filter(nw.col("reason").is_null())
    return log, doubts + presents(int(counts["zeros"]))


def _count(condition):
    """Count rows, in words that Spark understands too."""
    return nw.when(condition).then(1).otherwise(0).sum()


def _whole(log, customer: str):
    """Read ids that are floats as the whole numbers they were, or refuse them."""
    ids = nw.col(customer)
    odd = log.filter((ids % 1 != 0) | (ids.abs() >= 2**53)).select(customer)
    if len(examples := fetch(odd.head(3))):
        problem = "not a whole number, or too long to be exact"
        rows = [whole(customer, problem, value) for value in examples[customer]]
        raise DataError(pd.concat(rows, ignore_index=True), "Store the ids as text in the file.")
    return log.with_columns(ids.cast(nw.Int64))


def _drop(path: Path) -> None:
    """Delete a file or a folder of files."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()
