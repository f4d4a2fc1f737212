"""The loyalty report: its grid looks at nothing later, and each sentence holds at its numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib.course.reports import loyalty

AHEAD = 120


@pytest.fixture(scope="module")
def log():
    return crm.load("shihu/orders")[["customer_id", "date", "amount"]]


@pytest.fixture(scope="module")
def found(log):
    return loyalty.grid(log, AHEAD)


def test_a_look_knows_nothing_later(log):
    when = pd.Timestamp("2025-01-01")
    seen = loyalty.look(log, when, AHEAD, 30.0)
    until = log[log["date"] <= when + pd.Timedelta(AHEAD, "D")]
    pd.testing.assert_frame_equal(seen, loyalty.look(until, when, AHEAD, 30.0))
    one = log[log["customer_id"] == seen.index[0]]
    before = one[one["date"] <= when]
    assert seen["often"].iloc[0] == before["date"].nunique()
    assert seen["silent"].iloc[0] == (when - before["date"].max()).days
    later = one[(one["date"] > when) & (one["date"] <= when + pd.Timedelta(AHEAD, "D"))]
    assert seen["back"].iloc[0] == bool(len(later))


def test_every_silence_and_every_number_of_days_has_a_cell(found):
    assert found.now[["purchase days", "days silent"]].notna().all().all()
    assert found.tried["size"].sum() == len(found.before)


def test_the_trial_compares_with_later_days(log, found):
    last = log["date"].max()
    assert found.tried_on == last - pd.Timedelta(AHEAD, "D")
    seen = loyalty.look(log, found.tried_on, AHEAD, found.gap)
    cell = ("4-7", seen["days silent"].cat.categories[1])
    mine = seen[(seen["purchase days"] == cell[0]) & (seen["days silent"] == cell[1])]
    assert found.tried.loc[cell, "mean"] == pytest.approx(mine["back"].mean())
    assert found.now["chance"].between(0, 1).all()


def test_on_a_log_without_memory_the_grid_tells_little():
    rng = np.random.default_rng(7)
    rows = [
        (f"c{i}", pd.Timestamp("2023-01-01") + pd.Timedelta(int(d), "D"), 5.0)
        for i in range(400)
        for d in rng.integers(0, 600, 6)
    ]
    log = pd.DataFrame(rows, columns=["customer_id", "date", "amount"])
    assert "tells little" in loyalty.said_grid(loyalty.grid(log, AHEAD), AHEAD)


def test_a_short_or_small_log_is_not_judged(log):
    short = log[log["date"] > log["date"].max() - pd.Timedelta(300, "D")]
    few = log[log["customer_id"].isin(log["customer_id"].unique()[:50])]
    assert loyalty.grid(short, AHEAD) is None and loyalty.grid(few, AHEAD) is None
    said = loyalty.said_grid(None, AHEAD)
    assert "Cannot be known" in said and "360 days" in said and "--horizon" in said


@pytest.mark.parametrize(
    ("chance", "name"),
    [(1, "staying"), (0.5, "staying"), (0.49, "cooling"), (0.2, "cooling"), (0.05, "nearly gone"),
     (0.049, "as good as gone"), (0, "as good as gone")],
)  # fmt: skip
def test_stages(chance, name):
    assert loyalty.stage(pd.Series([chance])).tolist() == [name]


def test_stages_are_counted_and_strangers_said(found):
    now = found.now.assign(chance=found.now["chance"].mask(np.arange(len(found.now)) < 7))
    said = loyalty.said_stages(now, AHEAD)
    counts = loyalty.stage(now["chance"]).value_counts()
    assert f"{counts['staying']:,} staying" in said and "Of 7 nothing can be said" in said
    assert "nothing can be said" not in loyalty.said_stages(found.now, AHEAD)
    assert f"**{found.now['chance'].sum():,.0f}**" in loyalty.said_stages(found.now, AHEAD)


def tried(shares):
    names = pd.CategoricalIndex(
        ["up to 30", "over 30"], ["up to 30", "over 30"], name="days silent"
    )
    index = pd.MultiIndex.from_product([["1"], names], names=["purchase days", "days silent"])
    came = 100 * np.array(shares)
    return pd.DataFrame({"size": [100, 100], "came": came, "mean": shares}, index=index)


def test_silence_is_judged_by_what_came():
    now = pd.DataFrame({"days silent": ["up to 30", "over 30", "over 30", "up to 30"]})
    assert "over 30 days 2% came back" in loyalty.said_silence(now, tried([0.5, 0.02]), AHEAD)
    assert "50% of all customers" in loyalty.said_silence(now, tried([0.5, 0.02]), AHEAD)
    assert "silence alone makes nobody" in loyalty.said_silence(now, tried([0.5, 0.3]), AHEAD)


@pytest.mark.parametrize(
    ("cost", "profit", "words"),
    [(0, 40, "was not said"), (24, 0, "no call pays"), (24, 40, "60.0 orders in a hundred"),
     (80, 40, "No call can do that")],
)  # fmt: skip
def test_call(cost, profit, words):
    assert words in loyalty.said_call(cost, profit)


def test_the_table_lists_those_who_slipped(log, found):
    table = loyalty.customers(log, found, 20)
    assert [table.index.name, *table.columns] == list(loyalty.COLUMNS)
    assert len(table) == log["customer_id"].nunique() and (table["call"] == "yes").sum() == 20
    called = table[table["call"] == "yes"]
    assert set(called["stage_before"]) == {"staying"} and set(called["stage"]) == {"cooling"}
    assert called["spent"].is_monotonic_decreasing


def test_no_list_is_drawn_from_a_grid_that_tells_little(log, found):
    assert found.holds
    poor = replace(found, off=found.alone)
    assert not poor.holds and "No stages and no list" in loyalty.said_grid(poor, AHEAD)
    table = loyalty.customers(log, poor, 20)
    assert (table["call"] == "no").all() and table["spent"].notna().all()
    assert table[["stage", "chance_back", "stage_before"]].isna().all(axis=None)


def test_luck_is_what_chance_makes_of_two_shares():
    rng = np.random.default_rng(4)
    one, other = rng.binomial(40, 0.3, (2, 100_000))
    table = pd.DataFrame({"size": [40], "came": [12]})
    expected = loyalty._by_chance(table, table).item()
    assert expected == pytest.approx(np.abs(one / 40 - other / 40).mean(), rel=0.02)


def test_small_cells_count_with_what_came_of_them():
    index = pd.MultiIndex.from_product(
        [["1", "2-3"], pd.CategoricalIndex(["up to 30"], name="days silent")],
        names=["purchase days", "days silent"],
    )
    table = pd.DataFrame({"size": [90, 10], "came": [9, 10], "mean": [0.1, np.nan]}, index)
    assert loyalty.by_silence(table).tolist() == [0.19]  # 19 of 100, not 9
    seen = pd.DataFrame([["2-3", "up to 30"], ["1", "up to 30"]], columns=index.names)
    assert loyalty.chances(seen, table).tolist() == [0.19, 0.1]


def test_an_order_is_what_was_bought_on_a_day():
    day = pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-02"])
    lines = pd.DataFrame({"customer_id": "a", "date": day, "amount": [5.0, 7.0, 12.0]})
    assert loyalty.per_order(lines) == 12


def test_a_daily_gap_has_days_that_can_be_said(log):
    names = loyalty.look(log, log["date"].max(), 30, 1.0)["days silent"].cat.categories
    assert names.tolist() == ["up to 1", "2", "3-4", "5-8", "over 8"]
    names = loyalty.look(log, log["date"].max(), 30, 1.5)["days silent"].cat.categories
    assert names.tolist() == ["up to 1", "2-3", "4-6", "7-12", "over 12"]
