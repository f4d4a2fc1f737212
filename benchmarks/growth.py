"""Measure how cost grows with the length of a log: ``uv run benchmarks/growth.py FOLDER``.

For each length three programs read the same Parquet file by turns, each in a process of its own:
``crm.rfm``, SQL written by hand, and ``crmlib run value --engine duckdb`` to the end. FOLDER holds the
logs, which big_logs.py writes where they are missing. Writes growth.json, growth.png and a table.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

HERE = Path(__file__).resolve().parent
RUN = "crmlib run value"
LENGTHS = [1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000]
IN_MEMORY = 10_000_000  # rows up to which the two that bring the customers back are run


def programs(path: Path, out: str) -> dict[str, list[str]]:
    """Say what is run on a log."""
    own = f"import duckdb, crmlib as crm; print(len(crm.rfm(duckdb.read_parquet({str(path)!r}))))"
    sql = (
        f"import sys, duckdb; sys.path.insert(0, {str(HERE)!r}); from with_sql import SUMMARY; "
        f"log = duckdb.read_parquet({str(path)!r}); print(len(log.query('log', SUMMARY).df()))"
    )
    told = f"--data {path} --customer customer_id --date date --amount amount --engine duckdb"
    run = ["-m", "crmlib.course.cli", "run", "value", *told.split(), "--out", out]
    return {"crm.rfm": ["-c", own], "SQL by hand": ["-c", sql], RUN: run}


def measured(command: list[str]) -> dict[str, float]:
    """Run a program; give its time, its processor time and the peak memory of all its processes."""
    start, before = perf_counter(), os.times()
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    peak, done = [0.0], Event()
    watch = Thread(target=_watch, args=(process.pid, peak, done))
    watch.start()
    failed = process.wait()
    done.set()
    watch.join()
    after = os.times()
    if failed:
        raise SystemExit(f"stopped with {failed}: {' '.join(command)}")
    cpu = (
        after.children_user + after.children_system - before.children_user - before.children_system
    )
    return {"seconds": perf_counter() - start, "cpu": cpu, "MB": peak[0]}


def _watch(pid: int, peak: list[float], done: Event) -> None:
    while not done.wait(0.25):
        peak[0] = max(peak[0], sum(map(_resident, _family(pid))))


def _family(pid: int) -> list[int]:
    """List a process and all that it started."""
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in told for one in _family(int(child)))]


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:  # it has ended
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def draw(found: list[dict], path: Path) -> None:
    """Draw time and memory against the rows, both logarithmic, with a line of equal cost a row."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, 2, figsize=(9, 3.6))
    titles = {"cpu": "Processor time, seconds", "MB": "Peak memory, MB"}
    for ax, (field, title) in zip(axes, titles.items(), strict=True):
        for i, name in enumerate(dict.fromkeys(one["program"] for one in found)):
            mine = [one for one in found if one["program"] == name]
            rows, cost = [one["rows"] for one in mine], [one[field] for one in mine]
            ax.loglog(rows, cost, "o-", color=f"C{i}", label=name)
        ax.set(xlabel="Rows of the log", title=title)
    rows = sorted({one["rows"] for one in found})
    last = next(one["cpu"] for one in found[::-1] if one["program"] == RUN)
    axes[0].loglog(
        rows, [last * r / rows[-1] for r in rows], ":", color="grey", label="as the rows"
    )
    axes[1].axhline(4096, ls=":", color="grey")
    axes[1].text(rows[0], 3900, "4 GB", color="grey", va="top")
    axes[0].legend(frameon=False)
    fig.tight_layout()
    fig.savefig(path, dpi=110)


def table(found: list[dict]) -> str:
    """Write the figures as Markdown."""
    lines = ["| Rows | Program | Time | Processor time | a million rows | Peak MB |"]
    lines.append("|--:|---|--:|--:|--:|--:|")
    for one in found:
        each = one["cpu"] / one["rows"] * 1e6
        lines.append(
            f"| {one['rows']:,} | {one['program']} | {one['seconds']:.1f} s | {one['cpu']:.1f} s "
            f"| {each:.2f} s | {one['MB']:,.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure every length asked for, and write what was found."""
    from big_logs import write

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=LENGTHS)
    options = parser.parse_args()
    saved = options.folder / "growth.json"
    found = json.loads(saved.read_text()) if saved.exists() else []
    for rows in options.rows:
        path = options.folder / f"log_{rows}.parquet"
        path = path if path.exists() else write(rows, options.folder)
        with tempfile.TemporaryDirectory(dir=options.folder) as out:
            for name, command in programs(path, out).items():
                if name == RUN or rows <= IN_MEMORY:
                    found.append({"rows": rows, "program": name} | measured(command))
                    print(found[-1], flush=True)
        saved.write_text(json.dumps(found, indent=1))
    found.sort(key=lambda one: one["rows"])
    draw(found, options.folder / "growth.png")
    print(table(found))


if __name__ == "__main__":
    main()
