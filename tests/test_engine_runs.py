"""``crmlib run value --engine``: customers whom an engine leaves on disk are valued as in memory."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib.course import cli, engines, options, places
from crmlib.course.reports import kept
from crmlib.course.reports.customers import COLUMNS as WRITTEN
from crmlib.course.reports.customers import InMemory

COLUMNS = ["--customer", "customer_id", "--date", "date", "--amount", "amount"]
TERMS = {"horizon": 52, "rate": 0.12}


@pytest.fixture(scope="module")
def log():
    return crm.load("cdnow_sample")[["customer_id", "date", "amount"]]


def arguments(path, *more, engine="duckdb"):
    told = ["run", "value", "--data", str(path), *COLUMNS, "--engine", engine, *more]
    args = cli._parse(told)
    options.fill(args)
    return args


def reduced(log, folder, *more, margin=0.3):
    """What a notebook gets of a log that was written as Parquet."""
    log.to_parquet(folder / "log.parquet")
    file, said = engines.prepare(arguments(folder / "log.parquet", *more), folder)
    return kept.Kept(str(file), margin, "week"), said


@pytest.fixture(scope="module")
def pair(log, tmp_path_factory):
    """The same customers in memory and on disk."""
    return InMemory(log, 0.3, "week"), reduced(log, tmp_path_factory.mktemp("kept"))[0]


def test_the_histories_are_those_of_the_customers(pair):
    memory, disk = pair
    assert disk.days == memory.days and disk.n.sum() == len(memory.base)
    columns = ["frequency", "t_x", "T"]
    each = memory.base.groupby(columns).size()
    found = disk.n.set_axis(pd.MultiIndex.from_frame(disk.base[columns])).astype(int)
    pd.testing.assert_series_equal(found.sort_index(), each, check_names=False)
    pd.testing.assert_frame_equal(
        disk.everyone[[*columns, "monetary"]],
        memory.base[[*columns, "monetary"]].reset_index(drop=True),
        check_dtype=False,
    )


def test_the_trial_and_the_models_are_the_same(pair):
    memory, disk = (shop.trial() for shop in pair)
    assert (disk.split, disk.came, disk.carried_on) == (
        memory.split,
        memory.came,
        memory.carried_on,
    )
    assert disk.expected == pytest.approx(memory.expected, rel=1e-6)
    pd.testing.assert_frame_equal(disk.weeks, memory.weeks, rtol=1e-6)
    spend = [shop.spending()[0].params_ for shop in pair]
    np.testing.assert_allclose(spend[1], spend[0], rtol=1e-6)


def test_the_customers_get_the_same_values_bands_and_order(pair, tmp_path):
    tables = []
    for shop in pair:
        purchases = crm.ParetoNBD().fit(shop.base, shop.n)
        spend, _ = shop.spending()
        ahead = purchases.predict(shop.base, 52)
        worth = shop.value(purchases, spend, ahead, **TERMS)
        tables.append((worth, shop.top(2357), shop.bands()))
        shop.write(tmp_path)
    (memory, all_memory, bands), (disk, all_disk, bands_disk) = tables
    assert (disk.n, disk.tenth) == (memory.n, memory.tenth)
    np.testing.assert_allclose(
        [disk.total, disk.best, *disk.tenths], [memory.total, memory.best, *memory.tenths], 1e-6
    )
    # Values that differ in their tenth digit may change places.
    pd.testing.assert_frame_equal(
        all_disk.sort_index(), all_memory.sort_index(), check_dtype=False, atol=0.011
    )
    pd.testing.assert_frame_equal(bands_disk, bands, check_dtype=False, atol=1.1)
    written = pd.read_parquet(tmp_path / "customers.parquet")
    assert [*written] == list(WRITTEN) and len(written) == 2357
    assert written["clv"].is_monotonic_decreasing
    listed = pd.read_csv(tmp_path / "top_customers.csv", encoding="utf-8-sig")
    assert [*listed] == list(WRITTEN)


def test_without_money_customers_are_ranked_by_purchases(pair):
    disk = pair[1]
    purchases = crm.BGNBD().fit(disk.base, disk.n)
    ahead = purchases.predict(disk.base, 52)
    worth = disk.value(purchases, None, ahead, **TERMS)
    assert worth.total == pytest.approx(ahead["purchases"] @ disk.n)
    top = disk.top()
    assert "clv" not in top and top["expected_purchases"].is_monotonic_decreasing
    assert "value" not in disk.bands()


# what is read, set aside, said and refused


def saved(folder, name="log.parquet", **columns):
    """A small log of Parquet, with these columns in place of its own."""
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(8) * 30, "D")
    table = {"customer_id": list("abcabcab"), "date": days, "amount": np.arange(8) + 1.0}
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    pd.DataFrame(table | columns).to_parquet(path)
    return path


def customers(path, folder, *more):
    """What an engine leaves of a log, by customer."""
    file, said = engines.prepare(arguments(path, *more), folder)
    return pd.read_parquet(file / "customers.parquet").set_index("customer_id").sort_index(), said


def test_a_folder_of_parquet_is_one_log(tmp_path):
    saved(tmp_path, "logs/one.parquet")
    saved(tmp_path, "logs/two.parquet", customer_id=list("zzzzzzzz"))
    table, said = customers(tmp_path / "logs", tmp_path)
    assert table["visits"].to_dict() == {"a": 3, "b": 3, "c": 2, "z": 8}
    assert "Read 16 rows of 4 customers (Parquet, 2 files" in said[0]


def test_numbers_that_pandas_wrote_as_floats_are_ids(tmp_path):
    path = saved(tmp_path, customer_id=[7.0, 7, 7, 8, 8, 8, 8, np.nan])
    with pytest.raises(places.Refusal, match="no customer id") as refused:
        customers(path, tmp_path / "one")
    assert "--missing-ids drop" in str(refused.value)
    table, said = customers(path, tmp_path, "--missing-ids", "drop")
    assert table["visits"].to_dict() == {7: 3, 8: 4}
    assert "Note: 1 row without a customer id was set aside, in set_aside.parquet." in said
    aside = pd.read_parquet(tmp_path / "set_aside.parquet")
    assert aside["reason"].tolist() == ["no customer id"] and aside["amount"].tolist() == [8.0]


def test_rows_set_aside_are_counted_once_with_their_reason(tmp_path):
    path = saved(tmp_path, customer_id=["a", " ", "", None, *"aabb"], amount=[-1.0, -2, *range(6)])
    more = ("--missing-ids", "drop", "--refunds", "drop")
    table, said = customers(path, tmp_path, *more)
    assert table["spent"].to_dict() == {"a": 2.0 + 3, "b": 4.0 + 5}
    aside = pd.read_parquet(tmp_path / "set_aside.parquet")
    assert aside["reason"].value_counts().to_dict() == {"no customer id": 3, "a refund": 1}
    assert any("3 rows without a customer id" in note for note in said)
    assert any("1 refund was set aside, in set_aside.parquet" in note for note in said)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"date": ["2024-01-01"] * 8}, "write that column as date"),
        ({"amount": ["5"] * 8}, "write that column as number"),
        ({"amount": [-1.0] * 8}, "--refunds drop"),
        ({"customer_id": ["1.2E+11"] * 8}, "shortened"),
        ({"customer_id": [1.5] * 8}, "not a whole number"),
        ({"amount": [np.inf] * 8}, "an infinite amount (8 such rows)"),
    ],
)
def test_a_log_is_refused_in_the_words_of_the_command(tmp_path, columns, words):
    with pytest.raises(places.Refusal) as refused:
        customers(saved(tmp_path, **columns), tmp_path)
    assert words in str(refused.value)
    assert "--refunds net" not in str(refused.value)  # which it would refuse
    assert "CAST" not in str(refused.value) and "crm." not in str(refused.value)
    assert (tmp_path / "problems.csv").exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--date-format", "%d.%m.%Y"], "takes no --date-format: it reads Parquet"),
        (["--decimal", "comma"], "takes no --decimal"),
        (["--refunds", "net"], "cannot net refunds"),
        (["--margin", "share"], "one --margin for all"),
        (["--only", "Status=Paid"], "takes no --only"),
        (["--amount", "price*quantity"], "as --amount one column"),
    ],
)
def test_what_needs_memory_is_refused(tmp_path, more, words):
    with pytest.raises(places.Refusal, match=words):
        engines.prepare(arguments(saved(tmp_path), *more), tmp_path)


def test_files_of_another_kind_are_refused(tmp_path):
    (tmp_path / "log.csv").write_text("customer_id,date,amount\n")
    with pytest.raises(places.Refusal, match="reads Parquet, a file or a folder of them"):
        engines.prepare(arguments(tmp_path / "log.csv"), tmp_path)
    (tmp_path / "torn.parquet").write_text("no Parquet")
    with pytest.raises(places.Refusal, match="DuckDB stopped"):
        engines.prepare(arguments(tmp_path / "torn.parquet"), tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(places.Refusal, match=r"holds no \.parquet file"):
        engines.prepare(arguments(tmp_path / "empty"), tmp_path / "one")
    with pytest.raises(FileNotFoundError, match="no file"):
        engines.prepare(arguments(tmp_path / "nowhere.parquet"), tmp_path)


def test_a_full_disk_is_told_before_the_work(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(places.Refusal, match=r"has 0\.0 GB free"):
        engines.prepare(arguments(saved(tmp_path)), tmp_path)


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_a_missing_extra_is_named(tmp_path, monkeypatch, engine):
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(places.Refusal, match=f"uv sync --extra {engine}"):
        engines.prepare(arguments(saved(tmp_path), engine=engine), tmp_path)


def test_only_the_report_that_can_do_without_the_log_takes_an_engine(tmp_path, capsys):
    path = str(saved(tmp_path))
    assert cli.main(["run", "loyalty", "--data", path, *COLUMNS, "--engine", "duckdb"]) == 1
    assert "--engine is for `crmlib run value`" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["run", "value", "--engine", "duckdb"])
    assert "name it with --data" in capsys.readouterr().err


def test_check_says_what_would_be_used(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    argv = [
        "run",
        "value",
        "--data",
        str(saved(tmp_path)),
        *COLUMNS,
        "--engine",
        "duckdb",
        "--check",
    ]
    assert cli.main(argv) == 0
    assert "Read 8 rows of 3 customers" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["log.parquet"]


def test_results_do_not_go_among_the_data(tmp_path, capsys):
    folder = saved(tmp_path, "logs/one.parquet").parent
    argv = ["run", "value", "--data", str(folder), *COLUMNS, "--engine", "duckdb"]
    assert cli.main([*argv, "--out", str(folder / "out")]) == 1
    assert "be read as data in the next run" in capsys.readouterr().err


@pytest.mark.slow
def test_a_whole_run_says_what_the_run_in_memory_says(log, tmp_path, monkeypatch, capsys):
    import nbformat

    monkeypatch.chdir(tmp_path)
    log.to_parquet("log.parquet")
    told, pages = ["run", "value", "--data", "log.parquet", *COLUMNS, "--margin", "0.2"], []
    for more in ([], ["--engine", "duckdb"]):
        assert cli.main([*told, *more, "--out", "out"]) == 0
        book = nbformat.read("out/report_value.ipynb", as_version=4)
        outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
        pages.append([o.get("text") or o["data"]["text/plain"] for o in outputs])
    assert pages[0] == pages[1]
    names = ["columns.csv", "customers.parquet", "earlier", "report_value.html"]
    assert sorted(path.name for path in Path("out").iterdir()) == [
        *names,
        "report_value.ipynb",
        "top_customers.csv",
    ]
    assert (tmp_path / "out/earlier/customers.csv").exists()
    assert list(tmp_path.glob(".out*")) == []
