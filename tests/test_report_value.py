"""The value report: every sentence in each of its branches, and no sentence that its numbers deny."""

import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib.course.reports import customers, value

SPLIT = pd.Timestamp("2024-05-01")


def trial(expected, came=1000, carried_on=1500):
    return value.Trial(SPLIT, expected, came, carried_on, pd.DataFrame())


@pytest.mark.parametrize(
    ("expected", "carried_on", "words", "never"),
    [
        (
            {"Pareto/NBD": 1040.0},
            1500,
            ["4% too many", "can be planned with", "50% too many"],
            "nearer",
        ),
        ({"Pareto/NBD": 800.0}, 1500, ["20% too few", "with a reserve"], "nearer"),
        ({"Pareto/NBD": 500.0}, 2000, ["50% too few", "**Do not plan"], "nearer"),
        (
            {"Pareto/NBD": 800.0},
            1002,
            ["right to one per cent", "Carrying on was nearer"],
            "planned",
        ),
    ],
)
def test_the_trial_says_what_its_error_allows(expected, carried_on, words, never):
    said = value.said_test(trial(expected, carried_on=carried_on))
    assert all(word in said for word in words) and never not in said, said
    assert "after 1 May 2024" in said and "1,000 purchases" in said


def test_without_a_trial_nothing_is_claimed():
    assert "Not tested" in value.said_test(None) and "%" not in value.said_test(None)


def test_of_two_models_as_near_the_one_that_knows_of_leaving_is_taken():
    assert trial({"Pareto/NBD": 1050.0, "BG/NBD": 1030.0}).best == "Pareto/NBD"
    assert trial({"Pareto/NBD": 1100.0, "BG/NBD": 1030.0}).best == "BG/NBD"
    assert trial({"Pareto/NBD": 1100.0, "BG/NBD": 1030.0}).error == pytest.approx(0.03)


def test_one_time_buyers_are_not_called_alive_in_silence():
    alive, once = pd.Series([1, 1, 0.2, 0.6]), pd.Series([True, True, False, False])
    said = value.said_alive(alive, once, "BG/NBD")
    assert (
        "**3** (70%)" in said and "all 2 who bought once" in said and "Of the others, 40%" in said
    )
    assert "once" not in value.said_alive(alive, once, "Pareto/NBD")
    assert "Of the others, none" in value.said_alive(alive[:2], once[:2], "BG/NBD")


def test_the_interval_says_what_it_holds():
    said = value.said_value(1234.0, np.array([1134.0, 1234.0, 1334.0]), 1, "year", 10)
    assert "next 1 year these" in said and "**1,230**" in said and "123 each" in said
    assert "1,040 to 1,430 (95 %)" in said and "not a model that is wrong" in said
    wild = value.said_value(100.0, np.array([10.0, 100.0, 400.0]), 1, "year", 10)
    assert "There is no interval" in wild and "-" not in wild
    said = value.said_value(1234.0, None, 52, "week", 10)
    assert "52 weeks" in said and "There is no interval" in said and "95" not in said


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([100, *[1] * 9], "tenth, 1 customer, holds **92%**"),
        ([1.0] * 20, "nearly equal"),
        ([0.0] * 20, "Nobody is expected"),
    ],
)
def test_spread(values, words):
    assert words in value.said_spread(value.Worth.of(values))


@pytest.mark.parametrize(
    ("cost", "words"),
    [(0, "was not said"), (10, "it pays, 5.00 is left"), (20, "unless the first one leaves 5.00")],
)
def test_newcomer(cost, words):
    assert words in value.said_newcomer(15, cost)


# computing


@pytest.fixture(scope="module")
def base():
    return crm.rfm(crm.load("cdnow_sample"))


def test_the_value_is_that_of_clv_and_a_margin_may_be_each_customer_s(base):
    purchases, spend = crm.ParetoNBD().fit(base), crm.GammaGamma().fit(base)
    terms = {"horizon": 52, "rate": 0.12, "unit": "week"}
    mine = value.valued(base, purchases, spend, margin=0.3, **terms)
    theirs = crm.clv(purchases, spend, base, margin=0.3, **terms)
    pd.testing.assert_series_equal(mine, theirs)
    half = pd.Series(np.where(np.arange(len(base)) % 2, 0.3, 0.15), base.index)
    by_customer = value.valued(base, purchases, spend, margin=half, **terms)
    np.testing.assert_allclose(by_customer / mine, half / 0.3)


def test_who_paid_nothing_yet_is_expected_to_spend_like_the_others(base):
    purchases, spend = crm.ParetoNBD().fit(base), crm.GammaGamma().fit(base)
    free = base.assign(monetary=base["monetary"].mask(base.index == base.index[1], 0.0))
    terms = {"horizon": 52, "rate": 0.0, "margin": 1.0, "unit": "week"}
    worth = value.valued(free, purchases, spend, **terms)
    assert worth.notna().all() and worth.iloc[1] > 0


@pytest.mark.parametrize(
    ("amounts", "why"),
    [
        (lambda z: z * 0 + 5.0, "all customers spend the same"),
        (lambda z: z.iloc[:20].reindex(z.index).fillna(0), "came back and paid"),
        (lambda z: np.exp(4 * np.log(z.clip(1)) - 8), "enormous"),
    ],
)
def test_no_value_in_money_where_spend_cannot_be_told(base, amounts, why):
    model, said = value.spending(base.assign(monetary=amounts(base["monetary"])))
    assert model is None and why in said
    assert said in value.said_missing(said)


def test_a_poor_log_is_not_tested():
    log = crm.load("cdnow_sample")
    assert (
        value.trial(log[log["customer_id"].isin(log["customer_id"].unique()[:20])], "week") is None
    )
    assert value.trial(log[log["date"] < "1997-01-20"], "week") is None


def test_the_trial_looks_at_nothing_later(base):
    log = crm.load("cdnow_sample")
    test = value.trial(log, "week")
    later = log[log["date"] > test.split]
    known = later["customer_id"].isin(log.loc[log["date"] <= test.split, "customer_id"])
    assert test.came == len(later[known].drop_duplicates(["customer_id", "date"]))
    assert test.weeks["came"].iloc[-1] == test.came
    changed = log.assign(amount=log["amount"].where(log["date"] <= test.split, 9.0))
    assert value.trial(changed, "week").expected == test.expected


def test_redrawing_is_repeatable_and_holds_the_value(base, monkeypatch):
    monkeypatch.setattr(value, "DRAWS", 10)
    purchases, spend = crm.ParetoNBD().fit(base), crm.GammaGamma().fit(base)
    terms = {"horizon": 52, "rate": 0.12, "margin": 0.3, "unit": "week"}
    draws = value.redrawn(base, "Pareto/NBD", **terms)
    assert draws.min() < value.valued(base, purchases, spend, **terms).sum() < draws.max()
    np.testing.assert_array_equal(draws, value.redrawn(base, "Pareto/NBD", **terms))
    monkeypatch.setattr(value, "TOO_MANY", 10)
    assert value.redrawn(base, "Pareto/NBD", **terms) is None


def test_the_table_explains_each_of_its_columns(base):
    log = crm.load("cdnow_sample")
    purchases, spend = crm.ParetoNBD().fit(base), crm.GammaGamma().fit(base)
    ahead = purchases.predict(base, 52)
    terms = {"horizon": 52, "rate": 0.12, "margin": 0.3, "unit": "week"}
    worth = value.valued(base, purchases, spend, **terms)
    table = customers.customers(log, base, ahead, spend.predict(base), worth)
    assert [table.index.name, *table.columns] == list(customers.COLUMNS)
    assert table["clv"].is_monotonic_decreasing and len(table) == len(base)
    assert table["band"].value_counts(normalize=True).round(2).to_dict() == {
        "A": 0.2,
        "B": 0.3,
        "C": 0.5,
    }
    first = log[log["customer_id"] == table.index[0]]
    assert table["purchase_days"].iloc[0] == first["date"].nunique()
    assert table["spent"].iloc[0] == pytest.approx(first["amount"].sum())
    poor = customers.customers(log, base, ahead, None, None)
    assert "clv" not in poor and set(poor["band"]) == set("ABC")
