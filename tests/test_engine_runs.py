"""``crmlib run value --engine``: customers whom an engine leaves on disk are valued as in memory."""

import argparse
import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib.course import cli, engines, options, places, run
from crmlib.course.reports import kept, value

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
    return value.InMemory(log, 0.3, "week"), reduced(log, tmp_path_factory.mktemp("kept"))[0]


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
    assert [*written] == list(value.COLUMNS) and len(written) == 2357
    assert written["clv"].is_monotonic_decreasing
    listed = pd.read_csv(tmp_path / "top_customers.csv", encoding="utf-8-sig")
    assert [*listed] == list(value.COLUMNS)


def test_without_money_customers_are_ranked_by_purchases(pair):
    disk = pair[1]
    purchases = crm.BGNBD().fit(disk.base, disk.n)
    ahead = purchases.predict(disk.base, 52)
    worth = disk.value(purchases, None, ahead, **TERMS)
    assert worth.total == pytest.approx(ahead["purchases"] @ disk.n)
    top = disk.top()
    assert "clv" not in top and top["expected_purchases"].is_monotonic_decreasing
    assert "value" not in disk.bands()
