"""Gini and Lorenz: CDNOW, small cases by hand, customers who lose money."""

import numpy as np
import pandas as pd
import pytest

import crmlib as crm


@pytest.fixture(scope="module")
def spend():
    return crm.load("cdnow").groupby("customer_id")["amount"].sum()


def test_cdnow_is_not_80_20(spend):
    """Computed once by the textbook formula on the 23,570 customers; no published value."""
    assert crm.gini(spend) == pytest.approx(0.6346, abs=5e-5)
    curve = crm.lorenz(spend)
    top = 1 - np.interp(0.8, curve["population"], curve["value"])
    assert top == pytest.approx(0.6778, abs=5e-5)
    assert top == pytest.approx(spend.nlargest(4714).sum() / spend.sum())


def test_gini_is_the_mean_difference_between_customers():
    v = np.random.default_rng(0).gamma(0.5, 10, 200)
    pairs = np.abs(v[:, None] - v).mean() / (2 * v.mean())
    assert crm.gini(v) == pytest.approx(pairs, rel=1e-12)
    assert crm.gini(v * 100) == pytest.approx(crm.gini(v), rel=1e-12)
    assert crm.gini(np.tile(v, 3)) == pytest.approx(crm.gini(v), rel=1e-12)


@pytest.mark.parametrize("shift", [0, -6])
def test_gini_is_twice_the_area_above_the_lorenz_curve(shift):
    v = np.random.default_rng(1).gamma(0.5, 20, 500) + shift
    assert (v < 0).any() == (shift < 0)
    curve = crm.lorenz(v)
    area = np.trapezoid(curve["value"], curve["population"])
    assert crm.gini(v) == pytest.approx(1 - 2 * area, rel=1e-9)


def test_gini_of_a_known_distribution():
    """Exponential spend has a Gini of 1/2, Pareto with shape a one of 1 / (2a - 1)."""
    q = (np.arange(200_000) + 0.5) / 200_000
    assert crm.gini(-np.log(1 - q)) == pytest.approx(0.5, abs=1e-3)
    assert crm.gini((1 - q) ** (-1 / 3)) == pytest.approx(0.2, abs=1e-3)


def test_equal_customers_and_one_who_pays_for_all():
    assert crm.gini([3] * 7) == 0
    assert crm.gini([0] * 9 + [5]) == pytest.approx(0.9)
    assert crm.gini([4]) == 0
    assert crm.lorenz([2, 2])["value"].tolist() == [0, 0.5, 1]


def test_the_curve_runs_from_the_poorest_to_the_richest():
    curve = crm.lorenz(pd.Series([5, 1, 4], index=list("abc")))
    assert curve.columns.tolist() == ["population", "value"]
    assert curve["population"].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert curve["value"].tolist() == pytest.approx([0, 0.1, 0.5, 1])


def test_customers_who_lose_money_bend_the_curve_below_zero():
    profit = [-30, -10, 20, 120]
    curve = crm.lorenz(profit)
    assert curve["value"].tolist() == pytest.approx([0, -0.3, -0.4, -0.2, 1])
    best_half = 1 - np.interp(0.5, curve["population"], curve["value"])
    assert best_half == pytest.approx(1.4)
    assert crm.gini(profit) == pytest.approx(2 * (1.5 * 30 + 0.5 * 10 + 0.5 * 20 + 1.5 * 120) / 400)
    assert crm.gini(profit) > 1


@pytest.mark.parametrize("call", [crm.gini, crm.lorenz])
@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ([0, 0, 0], "sum to 0: a share"),
        ([5, -9], "sum to -4: a share"),
        ([], "there are none"),
        (["1,000", "20"], "not a number"),
    ],
)
def test_values_without_a_share_are_refused(call, values, problem):
    with pytest.raises(crm.DataError, match=problem):
        call(values)


@pytest.mark.parametrize("call", [crm.gini, crm.lorenz])
def test_missing_values_are_named(call):
    profit = pd.Series([1.0, np.nan, np.inf], index=["ann", "bob", "cat"], name="profit")
    with pytest.raises(crm.DataError, match="row bob, profit = nan: missing") as error:
        call(profit)
    assert error.value.problems["row"].tolist() == ["bob", "cat"]


@pytest.mark.parametrize("call", [crm.gini, crm.lorenz])
@pytest.mark.parametrize("shape", [pd.DataFrame, np.array])
def test_a_table_is_no_column(call, shape):
    """Its ids would be added to the amounts: 0.59 instead of 0.4."""
    table = {"customer_id": [101, 102, 103], "amount": [1, 7, 2]}
    values = shape(table) if shape is pd.DataFrame else np.array(list(table.values()))
    with pytest.raises(ValueError, match="one column"):
        call(values)
    assert crm.gini(table["amount"]) == pytest.approx(0.4)


@pytest.mark.parametrize("call", [crm.gini, crm.lorenz])
def test_numbers_of_every_kind_are_numbers_and_yes_and_no_are_none(call):
    want = call([1.0, 7.0, 2.0])
    for kind in ("Int64", "Float64", "int64[pyarrow]", "object"):
        np.testing.assert_array_equal(call(pd.Series([1, 7, 2], dtype=kind)), want)
    with pytest.raises(crm.DataError, match="yes and no"):
        call(pd.Series([True, False, True]))
