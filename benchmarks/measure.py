"""Measure one task in a process of its own: time of each repeat, memory, and the answer.

Runs inside the environment of the library it measures, so it asks for numpy and pandas only.
A ``with_*.py`` hands its tasks to :func:`main`. What happens is written line by line to a file of
JSON lines, so that a process stopped at the time limit leaves behind what it knew.
"""

from __future__ import annotations

import contextlib
import gc
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

Task = Callable[[dict], tuple[Callable[[], object], Callable[[object], dict]]]
MOST = 20  # repeats
FEW = 5_000  # rows or customers of the warm-up


def main(tasks: dict[str, Task]) -> None:
    """Run ``python with_x.py task data.npz out.jsonl seconds``, the task being one of `tasks`.

    A task takes the arrays and returns two functions: the work to be timed, and a report that
    turns its result into numbers to compare. What precedes the work (building the table that the
    library wants) is not timed.
    """
    name, data, out, seconds = sys.argv[1:]
    warnings.simplefilter("ignore")
    np.random.seed(0)  # noqa: NPY002 - lifetimes draws its starting values from the global state
    with np.load(data) as file:
        arrays = dict(file)
    with open(out, "a", encoding="utf-8") as file:

        def tell(**event) -> None:
            file.write(json.dumps(event) + "\n")
            file.flush()

        try:
            warm_up(tasks[name], arrays)
            tell(warm=True)
            run(*tasks[name](arrays), float(seconds), tell)
        except Exception as failure:
            words = str(failure).strip().splitlines() or [""]
            tell(failed=f"{type(failure).__name__}: {words[0][:100]}")


def warm_up(task: Task, arrays: dict) -> None:
    """Do the task on a few rows first: imports, caches, and what a library compiles."""
    # A model may rightly refuse so few customers; what counts is the full task that follows.
    with contextlib.suppress(Exception):
        task({name: values[:FEW] for name, values in arrays.items()})[0]()


def run(work, report, seconds: float, tell) -> None:
    """Repeat `work` for about `seconds`, at least once; tell each time, memory and the answer."""
    gc.collect()
    before = memory("VmRSS")
    forget_peak()
    elapsed, result = timed(work)
    tell(time=elapsed, before=before, peak=memory("VmHWM"), **report(result))
    spent, repeats = elapsed, 1
    while repeats < MOST and spent + elapsed < seconds:
        del result
        gc.collect()
        elapsed, result = timed(work)
        tell(time=elapsed)
        spent, repeats = spent + elapsed, repeats + 1


def timed(work) -> tuple[float, object]:
    """Time one call."""
    start = perf_counter()
    result = work()
    return perf_counter() - start, result


def memory(field: str) -> float | None:
    """Read this process's resident memory (``VmRSS``) or its peak (``VmHWM``) in MB, on Linux."""
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return None
    line = next(line for line in status.splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def forget_peak() -> None:
    """Let the peak start anew, so that reading the input does not count."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    except OSError:
        return


def log_table(arrays: dict, *, text: bool = False) -> pd.DataFrame:
    """Make a log, its customer ids as text (``C00000042``) on request."""
    log = pd.DataFrame(arrays)
    if text:
        log["customer_id"] = "C" + log["customer_id"].astype("str").str.zfill(8)
    return log


def summary(arrays: dict) -> pd.DataFrame:
    """Make a summary table with the contract's columns."""
    table = pd.DataFrame(arrays)
    return table.set_axis(pd.RangeIndex(1, len(table) + 1, name="customer_id"))


def repeaters(arrays: dict) -> pd.DataFrame:
    """Keep the customers whose spend a Gamma-Gamma model can use."""
    table = summary(arrays)
    return table[(table["frequency"] > 0) & (table["monetary"] > 0)]


def totals(table: pd.DataFrame) -> dict:
    """Sum up a summary table, to compare it with the others'."""
    frequency, t_x, T, monetary = (table.iloc[:, i] for i in range(4))
    sums = {"frequency": frequency, "t_x": t_x, "T": T, "monetary": monetary}
    return {"totals": {"customers": len(table)} | {k: float(v.sum()) for k, v in sums.items()}}
