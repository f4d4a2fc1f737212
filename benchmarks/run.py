"""Measure crmlib beside its peers and write one table: ``uv run benchmarks/run.py``.

Every measurement is a process of its own; each peer has an environment of its own, made by uv from
the requirements at the head of its script and the lock beside it. See README.md for what is
compared and how to read the table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import monotonic, sleep

import numpy as np
import referee
import simulate

HERE = Path(__file__).resolve().parent
PEERS = {
    "lifetimes": "with_lifetimes.py",
    "pymc-marketing": "with_pymc_marketing.py",
    "clvkit": "with_clvkit.py",
    "plspm": "with_plspm.py",
}
OWN = {
    "crmlib": "with_crmlib.py",
    "SQL by hand": "with_sql.py",
    "pingouin": "with_pingouin.py",  # the course itself uses it, and Splink
    "Splink": "with_splink.py",
}
IMPORTS = ("import", "import all")
SURVEYS = {"importance": "pingouin", "path model": "plspm"}  # tasks on answers, and the peer
# Tasks that have no peer, and who does them.
ALONE = {"stability": "crmlib", "Dirichlet": "crmlib", "snapshot": "crmlib", "link": "Splink"}
BY_HAND = "lifetimes, grouped by hand"
ONE_THREAD = dict.fromkeys(
    ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"], "1"
)


@dataclass
class Result:
    """What one library needed for one case."""

    times: list[float] = field(default_factory=list)
    before: float | None = None
    peak: float | None = None
    answer: dict = field(default_factory=dict)
    failed: str = ""

    @property
    def seconds(self) -> float:
        """Median time, infinite after a failure."""
        return median(self.times) if self.times and not self.failed else np.inf


@dataclass
class Case:
    """One task on one data set, by several libraries, and what was set out to reach."""

    title: str
    task: str
    data: str
    libraries: list[str]
    faster: float | None = None  # crmlib is to be at least this many times faster
    within: float | None = None  # crmlib is to take at most this many times as long
    seconds: float | None = None  # who does it alone is to need no more,
    megabytes: float | None = None  # nor more memory
    results: dict[str, Result] = field(default_factory=dict)


def main() -> None:
    """Prepare, measure, write."""
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="crm-benchmark-") as folder:
        tables = make_data(Path(folder), quick=options.quick)
        pythons = environments(options.only)
        todo = cases(list(tables), set(pythons), quick=options.quick)
        if options.once:
            leave_out_slow_compilers(todo)
        say(f"{len(todo)} cases; Ctrl+C stops, and reports what was measured")
        done = []
        try:
            for case in todo:
                if case.task in IMPORTS:
                    measure_import(case, pythons, 3 if options.quick else 20)
                else:
                    measure(case, tables[case.data], pythons, options, Path(folder))
                say(line_of(case))
                done.append(case)
        except KeyboardInterrupt:
            say(f"stopped after {len(done)} of {len(todo)} cases")
        judge(done, tables)
        text = report(done, pythons, options)
    if options.out:
        options.out.write_text(text, encoding="utf-8", newline="\n")
    else:
        print(text)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="tiny data, crmlib alone")
    parser.add_argument("--only", nargs="+", metavar="LIBRARY", help="e.g. crmlib; default: all")
    parser.add_argument("--limit", type=float, default=300, help="seconds until one is stopped")
    parser.add_argument("--seconds", type=float, default=10, help="to repeat quick tasks for")
    parser.add_argument("--once", action="store_true", help="one round; pymc fits CDNOW only")
    parser.add_argument("--out", type=Path, help="default: RESULTS.md here; --quick prints")
    options = parser.parse_args()
    if options.quick and not options.only:
        options.only = list(OWN)
    if not (options.out or options.only):
        options.out = HERE / "RESULTS.md"
    return options


# What is measured


def make_data(folder: Path, *, quick: bool) -> dict[str, Path]:
    """Write CDNOW and the simulated data, by name."""
    say("simulating")
    made = {}
    if not quick:
        made["CDNOW"] = log = simulate.cdnow()
        made["CDNOW, 23,570 customers"] = simulate.summarise_log(log)
    for seed, rows in enumerate([20_000] if quick else [1_000_000, 10_000_000]):
        made[f"{rows:,} rows"] = simulate.log(rows, seed)
    for seed, n in enumerate([2_000] if quick else [200_000, 2_000_000], start=10):
        made[f"{n:,} customers"] = simulate.customers(n, seed)
    if not quick:
        made["200,000 customers, no two alike"] = simulate.customers(200_000, 10, daily=False)
    for seed, n in enumerate([500] if quick else [1_000, 1_000_000], start=20):
        made[f"{n:,} respondents"] = simulate.answers(n, seed)
    n = 20_000 if quick else 1_000_000
    made[f"{n:,} records"] = simulate.records(n, seed=30)
    paths = {name: folder / f"{i}.npz" for i, name in enumerate(made)}
    for name, arrays in made.items():
        np.savez(paths[name], **arrays)
    return paths


def cases(data: list[str], there: set[str], *, quick: bool) -> list[Case]:
    """List what is measured, for the libraries that are there."""
    peers = ["crmlib", *(name for name in PEERS if name not in SURVEYS.values())]
    surveys = [name for name in data if name.endswith("respondents")]
    logs = [name for name in data if name.endswith("rows")]
    summaries = [name for name in data if "customers" in name]
    plan = [] if quick else [Case("rfm", "rfm", "CDNOW", peers)]
    for log in logs:
        plan.append(Case("rfm", "rfm", log, peers, faster=4 if log == logs[-1] else None))
    plan.append(Case("rfm, text ids", "rfm text", logs[0], peers))
    if not quick:
        plan.append(Case("rfm, text ids", "rfm text", logs[-1], ["crmlib"]))
    sql = ["crmlib", "SQL by hand"]
    plan.append(Case("rfm, DuckDB relation", "rfm DuckDB", logs[-1], sql, within=1.3))
    text = "rfm, DuckDB relation, text ids"
    plan.append(Case(text, "rfm DuckDB text", logs[-1], sql, within=1.3))
    plan.append(Case("stages, DuckDB relation", "stages", logs[-1], sql, within=1.3))
    plan += [fit_case(model, name, peers) for model in referee.TERMS for name in summaries]
    plan += [Case("clv, one year", "clv", name, peers) for name in summaries if "alike" not in name]
    plan += [Case(task, task, name, ["crmlib", peer]) for task, peer in SURVEYS.items()
             for name in surveys]  # fmt: skip
    plan += [Case("stability, 100 draws", "stability", name, ["crmlib"], seconds=60)
             for name in summaries if name in ("2,000 customers", "200,000 customers")]  # fmt: skip
    plan += [Case("Dirichlet fit", "Dirichlet", name, ["crmlib"], seconds=10)
             for name in summaries if name in ("2,000 customers", "2,000,000 customers")]  # fmt: skip
    plan.append(Case("snapshot of a day", "snapshot", logs[-1], ["crmlib"], seconds=10))
    plan += [Case("records linked", "link", name, ["Splink"], seconds=300, megabytes=4096)
             for name in data if name.endswith("records")]  # fmt: skip
    plan.append(Case("import", "import", "", ["pandas", *peers], within=1.1))
    plan.append(Case("import and first use", "import all", "", ["crmlib"]))
    for case in plan:
        if quick:
            case.faster = case.within = case.seconds = None  # tiny data say nothing about speed
        case.libraries = [
            name for name in case.libraries if name == "pandas" or name.split(",")[0] in there
        ]
    plan.sort(key=lambda case: not (case.faster or case.within or case.seconds))  # aims first
    return [
        case for case in plan
        if ALONE.get(case.task, "crmlib") in case.libraries or "crmlib" not in there
    ]  # fmt: skip


def fit_case(model: str, data: str, peers: list[str]) -> Case:
    """Say who fits `model`, and how much faster crmlib is to be."""
    libraries = list(peers)
    if model == "ParetoNBD":
        libraries.remove("clvkit")  # does not have it
    if model in ("BGNBD", "ParetoNBD"):
        libraries.append(BY_HAND)
    faster = {"BGNBD": 2 if data.startswith("CDNOW") else 5, "ParetoNBD": 5}.get(model)
    if data.endswith("no two alike"):
        faster = None  # the aim is for logs, which have days; here the ratio is shown as it is
    return Case(f"{model} fit", model, data, libraries, faster=faster)


def leave_out_slow_compilers(todo: list[Case]) -> None:
    """Take pymc-marketing out of the large fits: it compiles each model for a minute, uncounted."""
    for case in todo:
        if "customers" in case.data and not case.data.startswith("CDNOW"):
            case.libraries = [name for name in case.libraries if name != "pymc-marketing"]


# Measuring


def environments(only: list[str] | None) -> dict[str, str]:
    """Find the Python of each library, making the peers' environments where needed."""
    wanted = [name for name in [*OWN, *PEERS] if only is None or name in only]
    pythons = {name: sys.executable for name in wanted if name in OWN}
    uv = os.environ.get("UV") or shutil.which("uv")
    same = ["--python", platform.python_version()]  # for everybody
    for name in (name for name in wanted if name in PEERS):
        say(f"environment of {name}")
        script = str(HERE / PEERS[name])
        try:
            subprocess.run(
                [uv, "sync", *same, "--quiet", "--locked", "--script", script], check=True
            )
            found = [uv, "python", "find", "--script", script]
            pythons[name] = subprocess.run(
                found, check=True, capture_output=True, text=True
            ).stdout.strip()
        except (OSError, TypeError, subprocess.CalledProcessError) as problem:
            say(f"  left out: {problem}")
    return pythons


def measure(case: Case, data: Path, pythons: dict, options, folder: Path) -> None:
    """Measure a case in two rounds, the second in reverse order; slow ones only once."""
    case.results = {name: Result() for name in case.libraries}
    seconds = 0.2 if options.quick else options.seconds
    rounds = (case.libraries, case.libraries[::-1])
    for order in rounds[:1] if options.once else rounds:
        for name in order:
            result = case.results[name]
            if result.failed or (result.times and (options.quick or result.seconds > seconds)):
                continue
            base, by_hand, _ = name.partition(", grouped")
            script = HERE / {**OWN, **PEERS}[base]
            task = case.task + (" by hand" if by_hand else "")
            command = [pythons[base], str(script), task, str(data)]
            add(result, list(events(command, seconds, options.limit, folder)))


def events(command: list[str], seconds: float, limit: float, folder: Path) -> Iterator[dict]:
    """Run one measurement, stopped `limit` seconds after its warm-up; yield what it told."""
    out = folder / "events.jsonl"
    out.write_text("", encoding="utf-8")
    environment = os.environ | ONE_THREAD
    # What PyTensor compiles is kept for the run, and not in the home of whoever runs it.
    environment["PYTENSOR_FLAGS"] = f"base_compiledir={folder / 'compiled'}"
    process = subprocess.Popen(
        [*command, str(out), str(seconds)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    start, warm, stopped = monotonic(), False, False
    try:
        while process.poll() is None and not stopped:
            sleep(0.05)
            if not warm and out.stat().st_size:
                start, warm = monotonic(), True
            stopped = monotonic() - start > limit
    finally:  # also when the reader interrupts
        process.kill()
        process.wait()
    told = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    yield from told
    if not any("time" in event or "failed" in event for event in told):
        yield {"failed": f"over {limit:g} s" if stopped else f"died ({process.returncode})"}


def add(result: Result, told: list[dict]) -> None:
    """Put a process's events into the result."""
    for event in told:
        if "time" in event:
            result.times.append(event["time"])
        if "peak" in event:
            result.before = event.pop("before", None)
            result.peak = event.pop("peak")
            result.answer = event
        result.failed = event.get("failed", result.failed)


def measure_import(case: Case, pythons: dict, repeats: int) -> None:
    """Time the import of each library, by turns."""
    case.results = {name: Result() for name in case.libraries}
    use = "; from crmlib import BGNBD, rfm, clv" if case.task == "import all" else ""
    modules = {"pymc-marketing": "pymc_marketing.clv"}
    for turn in range(repeats + 1):
        for name, result in case.results.items():
            python = pythons.get(name, sys.executable)
            statement = f"import {modules.get(name, name)}{use}"
            command = [python, str(HERE / "import_time.py"), statement]
            done = subprocess.run(
                command, env=os.environ | ONE_THREAD, capture_output=True, text=True
            )
            if done.returncode:
                result.failed = done.stderr.strip().splitlines()[-1][:100]
            elif turn:  # the first turn writes the bytecode
                add(result, [json.loads(done.stdout)])


# Judging


def judge(todo: list[Case], tables: dict[str, Path]) -> None:
    """Hold every answer against the referee's, and put the verdict in its place."""
    for case in todo:
        if case.task in referee.TERMS:
            judge_fits(case, tables[case.data])
        elif case.task.startswith("rfm"):
            judge_summaries(case, tables[case.data])
        elif case.task in SURVEYS or case.task == "stages":
            judge_numbers(case)
        elif case.task == "snapshot":
            judge_snapshots(case, tables[case.data])
        elif case.task in ALONE:
            for result in finished(case):
                words = [f"{name} {v:.4f}" for name, v in result.answer["measures"].items()]
                result.answer["check"] = ", ".join(words)
        elif case.task == "clv":
            for result in finished(case):
                result.answer["check"] = f"mean {result.answer['value']:.2f}"
        for result in finished(case):
            if not np.isfinite(result.answer.get("value", 0.0)):
                result.failed = "answer not finite"


def finished(case: Case) -> list[Result]:
    """List the results that are there."""
    return [result for result in case.results.values() if result.times and not result.failed]


def judge_fits(case: Case, data: Path) -> None:
    """Evaluate everybody's parameters by one log-likelihood."""
    with np.load(data) as file:
        summary = dict(file)
    if case.task == "GammaGamma":
        usable = (summary["frequency"] > 0) & (summary["monetary"] > 0)
        summary = {name: values[usable] for name, values in summary.items()}
    for result in finished(case):
        params = result.answer["params"]
        result.answer["value"] = referee.log_likelihood(case.task, params, summary)
    values = [result.answer["value"] for result in finished(case)]
    best = max(filter(np.isfinite, values), default=0.0)
    for result in finished(case):
        below = best - result.answer["value"]
        result.answer["below"] = below
        note = f", {below:,.2f} below the best" if below >= 0.005 else ""
        result.answer["check"] = f"log-likelihood {result.answer['value']:,.2f}{note}"


def judge_summaries(case: Case, data: Path) -> None:
    """Compare everybody's summary with one counted by sorting."""
    with np.load(data) as file:
        right = simulate.summarise_log(dict(file))
    sums = {name: float(np.nansum(values)) for name, values in right.items()}
    sums["customers"] = len(right["frequency"])
    for result in finished(case):
        got = result.answer["totals"]
        off = [n for n, total in sums.items() if not np.isclose(got[n], total, rtol=1e-9)]
        result.answer["below"] = float(len(off))
        words = [f"{n} {got[n] / sums[n] - 1:+.2%}" for n in off]
        result.answer["check"] = f"differs: {', '.join(words)}" if words else "right"


def judge_snapshots(case: Case, data: Path) -> None:
    """Compare the features as of a day with those counted by sorting."""
    with np.load(data) as file:
        right = simulate.snapshot(dict(file))
    for result in finished(case):
        got = result.answer["measures"]
        off = [name for name, total in right.items() if not np.isclose(got[name], total, rtol=1e-9)]
        result.answer["below"] = float(len(off))
        verdict = f"differs: {', '.join(off)}" if off else "right"
        result.answer["check"] = f"{got['customers']:,} customers, {verdict}"


def judge_numbers(case: Case) -> None:
    """Say how far a library's numbers are from those of the other one that did the task."""
    for name, result in case.results.items():
        others = [r for n, r in case.results.items() if n != name and r in finished(case)]
        if result in finished(case) and others:
            apart = np.subtract(result.answer["numbers"], others[0].answer["numbers"])
            result.answer["below"] = float(np.abs(apart).max())
            result.answer["check"] = f"within {result.answer['below']:.0e} of the other"


def verdict(case: Case, limit: float) -> tuple[str, str]:
    """Say how crmlib compares with the fastest other, and whether that is the reach."""
    own = case.results.get("crmlib")
    others = {k: r for k, r in case.results.items() if k not in ("crmlib", BY_HAND)}
    if own is None or not others:
        return "", ""
    if not own.times or own.failed:
        return "", "NOT met" if case.faster or case.within else ""
    if case.task == "import":
        others = {"pandas": case.results["pandas"]}
    best = min(result.seconds for result in others.values())
    beyond = best == np.inf and any(r.failed.startswith("over") for r in others.values())
    ratio = (limit if beyond else best) / own.seconds
    if not np.isfinite(ratio):
        return "no other finished", ""
    right = own.answer.get("below", 0.0) < 0.1
    if case.within:
        met = right and 1 / ratio <= case.within
        return (
            f"takes {1 / ratio:.2f} ×",
            f"at most {case.within:g} ×: {'met' if met else 'NOT met'}",
        )
    words = f"{'over ' if beyond else ''}{ratio:.1f} × faster"
    met = "met" if right and ratio >= (case.faster or 0) else "NOT met"
    if beyond and right and met == "NOT met":
        met = "open, the others were stopped too early"
    return words, f"{case.faster:g} × faster: {met}" if case.faster else ""


def alone(case: Case, result: Result) -> str:
    """Say whether who does a task alone kept to the time and the memory set for it."""
    if case.seconds is None:
        return ""
    met = result.seconds <= case.seconds and result.answer.get("below", 0.0) < 0.1
    aim = f"at most {case.seconds:g} s"
    if case.megabytes:
        met = met and (result.peak or 0) <= case.megabytes
        aim += f" and {case.megabytes:,.0f} MB"
    return f"{aim}: {'met' if met else 'NOT met'}"


# Reporting


def report(todo: list[Case], pythons: dict[str, str], options) -> str:
    """Write the page."""
    lines = [
        "# Benchmark",
        "",
        "Written by `benchmarks/run.py`; how to read it is in [README.md](README.md).",
        "",
        *machine(pythons),
        "",
        "| Task | Data | Library | Median | Fastest | Runs | Peak MB | of it the task | Check "
        "| crmlib beside the fastest other | To reach |",
        "|---|---|---|--:|--:|--:|--:|--:|---|---|---|",
    ]
    for case in todo:
        lines += rows(case, options.limit)
    return "\n".join(lines) + "\n"


def rows(case: Case, limit: float) -> list[str]:
    """Write a case, one line per library."""
    lines = []
    for name, result in case.results.items():
        own = name == "crmlib"
        cells = [case.title, case.data, f"**{name}**" if own else name]
        if result.failed:
            cells += [result.failed.replace("|", "/"), *[""] * 5]
        else:
            cells += [clock(median(result.times)), clock(min(result.times)), len(result.times)]
            cells += [*memory(result), result.answer.get("check", "")]
        if case.task in ALONE:
            cells += ["", alone(case, result)]
        else:
            cells += verdict(case, limit) if own else ["", ""]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return lines


def clock(seconds: float) -> str:
    """Write a time with three digits.

    >>> clock(0.01234), clock(1.2345), clock(123.4)
    ('12.3 ms', '1.23 s', '123 s')
    """
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.0f} s" if seconds >= 100 else f"{seconds:.3g} s"


def memory(result: Result) -> list[str]:
    """Write the peak memory of the process and what the task added to it."""
    if result.peak is None:
        return ["", ""]
    added = "" if result.before is None else f"{result.peak - result.before:,.0f}"
    return [f"{result.peak:,.0f}", added]


def machine(pythons: dict[str, str]) -> list[str]:
    """Name the machine and the versions, and nothing that tells whose machine it is."""
    cpu, gigabytes = platform.processor() or platform.machine(), None
    try:
        info = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        cpu = next(line.split(":")[1].strip() for line in info if line.startswith("model name"))
        gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (OSError, StopIteration, AttributeError):
        pass
    size = f", {gigabytes:.0f} GB memory" if gigabytes else ""
    lines = [
        f"Machine: {cpu}, {os.cpu_count()} cores{size}, {platform.system()}, "
        f"Python {platform.python_version()}. One thread each; DuckDB with its default.",
        "",
    ]
    return lines + [f"- {name}: {versions(python)}" for name, python in pythons.items()]


def versions(python: str) -> str:
    """Name the versions of what matters in an environment."""
    code = (
        "import importlib.metadata as m\n"
        "names = 'lifetimes pymc-marketing pytensor clvkit plspm pingouin splink crmlib "
        "numpy scipy pandas pyarrow duckdb'\n"
        "there = {d.name.lower() for d in m.distributions()}\n"
        "print(', '.join(f'{n} {m.version(n)}' for n in names.split() if n in there))"
    )
    return subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip()


def line_of(case: Case) -> str:
    """Sum a case up for the terminal."""
    took = [f"{name} {r.failed or clock(r.seconds)}" for name, r in case.results.items()]
    return f"{case.title} · {case.data}: {', '.join(took)}"


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
