"""The benchmark runs: crmlib's part of it, on tiny data. No time is asserted, no peer is called."""

import doctest
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import crmlib as crm

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def bench():
    """The benchmark's modules, which import each other by their bare names."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import measure
        import referee
        import run
        import simulate
        import with_crmlib
        import with_pingouin
        import with_splink
        import with_sql
    finally:
        sys.path.remove(str(BENCHMARKS))
    return SimpleNamespace(
        measure=measure,
        referee=referee,
        run=run,
        simulate=simulate,
        tasks=with_crmlib.TASKS
        | {
            "SQL by hand": with_sql.TASKS["rfm DuckDB"],
            "SQL, text ids": with_sql.TASKS["rfm DuckDB text"],
            "pingouin": with_pingouin.importance,
        }
        | {"stages by SQL": with_sql.stages}
        | with_splink.TASKS,
    )


@pytest.fixture(scope="module")
def log(bench):
    return bench.simulate.log(3_000, seed=1)


@pytest.fixture(scope="module")
def customers(bench):
    return bench.simulate.customers(1_500, seed=2)


@pytest.mark.parametrize("module", ["referee", "run", "simulate"])
def test_docstring_examples(bench, module):
    failed, tried = doctest.testmod(getattr(bench, module))
    assert tried
    assert not failed


def test_simulated_logs_are_logs(bench, log):
    again = bench.simulate.log(3_000, seed=1)
    assert all(np.array_equal(log[name], again[name]) for name in log)
    assert len(log["date"]) == 3_000
    assert np.all(np.diff(log["date"]) >= np.timedelta64(0, "D"))
    assert log["amount"].min() > 0


def test_simulated_customers_are_the_models(bench):
    """Parameters come back from the customers simulated with them."""
    simulate = bench.simulate
    many = simulate.customers(40_000, seed=3, daily=False)
    model = crm.BGNBD().fit(bench.measure.summary(many))
    table = model.summary()
    z = (table["estimate"] - [simulate.R, simulate.ALPHA, simulate.A, simulate.B]) / table["se"]
    assert z.abs().max() < 4


@pytest.mark.parametrize(
    "task", ["rfm", "rfm text", "rfm DuckDB", "rfm DuckDB text", "SQL by hand", "SQL, text ids"]
)
def test_summaries_agree_with_the_referee(bench, log, task):
    work, answer = bench.tasks[task](log)
    right = bench.simulate.summarise_log(log)
    expected = {"customers": len(right["frequency"])}
    expected |= {name: float(np.nansum(values)) for name, values in right.items()}
    assert answer(work())["totals"] == pytest.approx(expected)


@pytest.mark.parametrize("model", ["BGNBD", "MBGNBD", "ParetoNBD", "GammaGamma"])
def test_referee_agrees_with_the_models(bench, customers, model):
    """The referee is code of its own: both likelihoods must give the same number."""
    table = bench.measure.repeaters(customers)
    if model != "GammaGamma":
        table = bench.measure.summary(customers)
    fitted = getattr(crm, model)().fit(table)
    work, answer = bench.tasks[model](customers)
    params = answer(work())["params"]
    assert params == pytest.approx(fitted.params_.tolist())
    summary = {name: table[name].to_numpy() for name in table}
    value = bench.referee.log_likelihood(model, params, summary)
    assert value == pytest.approx(fitted.log_likelihood_, abs=1e-6)


def test_clv_of_everybody(bench, customers):
    work, answer = bench.tasks["clv"](customers)
    assert 0 < answer(work())["value"] < 1_000


def test_simulated_answers_have_the_stated_paths(bench):
    """At a loading of 1 the constructs would be seen; at 0.85 their paths are somewhat smaller."""
    answers = bench.simulate.answers(50_000, seed=4)
    work, answer = bench.tasks["path model"](answers)
    found, stated = answer(work())["numbers"], list(bench.simulate.PATHS.values())
    assert found[0] < stated[0] and found[0] == pytest.approx(stated[0], rel=0.3)


def test_importance_is_that_of_its_peer(bench):
    answers, run = bench.simulate.answers(400, seed=5), bench.run
    case = run.Case("importance", "importance", "x", ["crmlib", "pingouin"])
    for name, task in (("crmlib", "importance"), ("pingouin", "pingouin")):
        work, answer = bench.tasks[task](answers)
        case.results[name] = run.Result(times=[1.0], answer=answer(work()))
    run.judge([case], {})
    assert case.results["crmlib"].answer["below"] < 1e-10
    case.results["pingouin"].answer["numbers"][0] += 0.2
    run.judge([case], {})
    assert case.results["crmlib"].answer["check"] == "within 2e-01 of the other"


def test_simulated_records_have_the_stated_mistakes(bench):
    made = bench.simulate.records(50_000, seed=6)
    first = np.unique(made["person"], return_index=True)[1]
    table = pd.DataFrame(made).groupby("person")
    pairs = table.filter(lambda rows: len(rows) == 2).groupby("person").nunique()
    assert (len(first), len(pairs)) == (40_000, 10_000)
    differ = (pairs == 2).mean()
    assert differ["phone"] == pytest.approx(0.2, abs=0.02)
    assert differ["city"] == pytest.approx(0.1, abs=0.02)
    assert differ["born"] == pytest.approx(0.05, abs=0.01)
    assert 0.02 < differ["surname"] < 0.1 and 0.02 < differ["given_name"] < 0.1


def test_splink_finds_the_simulated_pairs(bench):
    work, answer = bench.tasks["link"](bench.simulate.records(20_000, seed=7))
    found = answer(work())["measures"]
    assert found["precision"] > 0.98 and 0.9 < found["recall"] < 1


def test_stages_agree_with_those_of_sql(bench, log):
    counts = []
    for task in ("stages", "stages by SQL"):
        work, answer = bench.tasks[task](log)
        counts.append(answer(work())["numbers"])
    assert counts[0] == counts[1] and min(counts[0]) > 0


def test_snapshots_by_the_notebooks_cell_are_those_counted_by_sorting(bench, log, tmp_path):
    work, answer = bench.tasks["snapshot"](log)
    found, run = answer(work()), bench.run
    assert list(work()) == ["silent", "tenure", "orders", "last_year", "spent"]
    assert found["measures"]["orders"] < len(log["date"])  # the last half-year is not known yet
    np.savez(tmp_path / "log.npz", **log)
    case = run.Case("snapshot of a day", "snapshot", "log", ["crmlib"], seconds=10)
    case.results = {"crmlib": run.Result(times=[1.0], answer=found)}
    run.judge([case], {"log": tmp_path / "log.npz"})
    assert "right" in case.results["crmlib"].answer["check"]
    assert run.alone(case, case.results["crmlib"]) == "at most 10 s: met"
    found["measures"]["last_year"] += 1
    run.judge([case], {"log": tmp_path / "log.npz"})
    assert case.results["crmlib"].answer["check"].endswith("differs: last_year")
    assert run.alone(case, case.results["crmlib"]) == "at most 10 s: NOT met"


def test_a_panel_gives_back_how_much_choices_differ(bench):
    work, answer = bench.tasks["Dirichlet"](bench.simulate.customers(20_000, seed=3))
    assert answer(work())["measures"]["S"] == pytest.approx(2, rel=0.1)


def test_clusters_of_customers_are_measured(bench, customers):
    work, answer = bench.tasks["stability"](customers)
    assert 0.5 < answer(work())["measures"]["mean"] <= 1


@pytest.mark.parametrize(
    ("seconds", "peak", "says"),
    [(299, 4000, "met"), (301, 4000, "NOT met"), (299, 4200, "NOT met")],
)
def test_the_verdict_on_who_does_a_task_alone(bench, seconds, peak, says):
    run = bench.run
    case = run.Case("records linked", "link", "x", ["Splink"], seconds=300, megabytes=4096)
    answer = {"time": 1.0, "measures": {"precision": 0.99, "recall": 0.95}}
    case.results = {"Splink": run.Result(times=[seconds], before=9, peak=peak, answer=answer)}
    run.judge([case], {})
    [row] = run.rows(case, limit=300)
    assert f"| precision 0.9900, recall 0.9500 |  | at most 300 s and 4,096 MB: {says} |" in row


def test_only_imports_are_timed_as_imports(bench):
    names = ["CDNOW", "1,000 rows", "200,000 customers", "1,000 respondents", "9 records"]
    plan = bench.run.cases(names, {"crmlib", "pingouin", "plspm", "Splink"}, quick=False)
    tasks = {case.task for case in plan}
    assert tasks >= {"importance", "path model", "import", "BGNBD", "stability", "link"}
    timed = tasks - set(bench.run.IMPORTS) - {"rfm DuckDB"}
    assert timed <= set(bench.tasks)  # each of the others is a task that a script can do


def test_a_measurement_tells_time_memory_and_answer(bench, customers, tmp_path):
    """One process, as the full run starts it."""
    run, data = bench.run, tmp_path / "customers.npz"
    np.savez(data, **customers)
    options = SimpleNamespace(quick=True, limit=60, once=False)
    case = run.Case("BGNBD fit", "BGNBD", "customers", ["crmlib"])
    run.measure(case, data, {"crmlib": sys.executable}, options, tmp_path)
    run.judge([case], {"customers": data})
    result = case.results["crmlib"]
    assert result.failed == ""
    assert min(result.times) > 0
    assert result.answer["below"] == 0
    [row] = run.rows(case, options.limit)
    assert row.count("|") == 12
    assert "log-likelihood -" in row


def test_failures_stand_in_the_table(bench, tmp_path):
    run, data = bench.run, tmp_path / "nothing.npz"
    np.savez(data, frequency=np.zeros(0))
    command = [sys.executable, str(BENCHMARKS / "with_crmlib.py"), "BGNBD", str(data)]
    result = run.Result()
    run.add(result, list(run.events(command, 1, 60, tmp_path)))
    assert "Error" in result.failed
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    run.add(result, list(run.events(command, 1, 0.1, tmp_path)))
    assert result.failed == "over 0.1 s"


@pytest.mark.parametrize(
    ("own", "other", "below", "says"),
    [
        (1.0, 6.0, 0.0, "5 × faster: met"),
        (1.0, 4.0, 0.0, "5 × faster: NOT met"),
        (1.0, 6.0, 2.0, "5 × faster: NOT met"),  # fast and wrong
    ],
)
def test_the_verdict(bench, own, other, below, says):
    run = bench.run
    case = run.Case("fit", "BGNBD", "x", ["crmlib", "clvkit"], faster=5)
    case.results = {
        "crmlib": run.Result(times=[own], answer={"below": below}),
        "clvkit": run.Result(times=[other]),
        run.BY_HAND: run.Result(times=[0.1]),
    }
    ratio, reach = run.verdict(case, limit=300)
    assert ratio == f"{other:.1f} × faster"
    assert reach == says


def test_a_peer_stopped_at_the_limit_gives_a_bound(bench):
    run = bench.run
    case = run.Case("fit", "BGNBD", "x", ["crmlib", "clvkit"], faster=5)
    case.results = {"crmlib": run.Result(times=[2.0]), "clvkit": run.Result(failed="over 300 s")}
    assert run.verdict(case, limit=300) == ("over 150.0 × faster", "5 × faster: met")
