"""Shifted beta-geometric: two published cohorts, sums without end, the truth recovered."""

import mpmath
import numpy as np
import pandas as pd
import pytest

import crmlib as crm

# Fader and Hardie (2007): twelve years, of which the paper fits the first seven renewals.
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173]


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta", "log_likelihood"),
    [(HIGH_END, 0.668088, 3.806095, -1611.158), (REGULAR, 0.704077, 1.182043, -1680.265)],
)
def test_the_published_cohorts(survivors, alpha, beta, log_likelihood):
    model = crm.SBG().fit(survivors[:8])
    assert model.params_.to_numpy() == pytest.approx([alpha, beta], abs=1e-5)
    assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=1e-3)
    assert model.warnings_ == []
    ahead = model.survival(np.arange(8, 13))
    assert ahead == pytest.approx(np.array(survivors[8:]) / 1000, abs=0.017)


def test_the_likelihood_is_that_of_the_lifetimes():
    """Those who left at renewal t have chance S(t-1) - S(t), those still there S(7)."""
    model, counts = crm.SBG().fit(HIGH_END[:8]), np.array(HIGH_END[:8])
    S = model.survival(np.arange(8))
    by_hand = -np.diff(counts) @ np.log(-np.diff(S)) + counts[-1] * np.log(S[-1])
    assert model.log_likelihood_ == pytest.approx(by_hand, rel=1e-12)


def test_survival_and_retention_agree():
    model = crm.SBG.from_params(alpha=0.67, beta=3.8)
    t = np.arange(1, 30)
    assert np.cumprod(model.retention(t)) == pytest.approx(model.survival(t), rel=1e-12)
    assert (np.diff(model.retention(t)) > 0).all()
    assert model.retention(1) == pytest.approx(3.8 / 4.47)
    assert model.survival(0) == 1.0
    assert isinstance(model.survival(3), float) and isinstance(model.retention(3), float)
    assert model.survival([[1, 2], [3, 4]]).shape == (2, 2)


def test_survival_is_the_mean_over_customers():
    theta = np.random.default_rng(0).beta(0.67, 3.8, 400_000)
    model = crm.SBG.from_params(alpha=0.67, beta=3.8)
    for t in (1, 5, 20):
        assert ((1 - theta) ** t).mean() == pytest.approx(model.survival(t), abs=0.003)


@pytest.mark.parametrize("params", [(0.668, 3.806), (3.8, 15.2), (0.067, 0.267)])
@pytest.mark.parametrize("rate", [0.05, 0.1, 0.5])
def test_residual_lifetime_is_the_sum_it_stands_for(params, rate):
    model = crm.SBG.from_params(alpha=params[0], beta=params[1])
    j = np.arange(2000)
    for k in (0, 1, 7):
        summed = model.survival(k + 1 + j) / model.survival(k) @ (1 + rate) ** -j
        assert model.derl(k, rate) == pytest.approx(summed, rel=1e-9)


def test_residual_lifetime_near_no_discount():
    model = crm.SBG.from_params(alpha=0.668, beta=3.806)
    exact = mpmath.mpf(3.806 + 4) / (4.474 + 4) * mpmath.hyp2f1(1, 8.806, 9.474, 1 / 1.0005)
    assert model.derl(4, 0.0005) == pytest.approx(float(exact), rel=1e-9)
    certain = crm.SBG.from_params(alpha=3.0, beta=6.0)
    # The mean of (1 - theta)/theta over beta (3, 6): 6 / (3 - 1).
    assert certain.derl(0, 0.0) == pytest.approx(3.0)
    with pytest.raises(ValueError, match="infinite"):
        model.derl(4, 0.0)


def test_who_renewed_more_often_is_worth_more():
    value = crm.SBG().fit(HIGH_END[:8]).derl(np.arange(8), rate=0.1)
    assert (np.diff(value) > 0).all()
    with pytest.raises(ValueError, match="rate must be a share"):
        crm.SBG.from_params(alpha=1, beta=1).derl(0, -0.1)


def test_shares_give_the_parameters_but_no_standard_errors():
    counts = crm.SBG().fit(HIGH_END[:8])
    with pytest.warns(UserWarning, match="shares do not say how many customers") as heard:
        shares = crm.SBG().fit(np.array(HIGH_END[:8]) / 1000)
    assert {w.filename for w in heard} == {__file__}
    assert np.isnan([*shares.summary().attrs.values(), shares.n_]).all()
    assert shares.params_.to_numpy() == pytest.approx(counts.params_.to_numpy(), rel=1e-8)
    assert shares.log_likelihood_ * 1000 == pytest.approx(counts.log_likelihood_)
    assert "per customer" in shares.warnings_[0]
    assert shares.summary()["se"].isna().all() and counts.summary()["se"].notna().all()
    with pytest.raises(ValueError, match="no standard errors"):
        shares.draws(10, seed=0)


def test_cohorts_that_started_later_are_fitted_together():
    model = crm.SBG.from_params(alpha=0.8, beta=4.0)
    customers = [model.simulate(5000, n, seed=n)["renewals"] for n in (6, 4, 2)]
    survivors = [[(c >= t).sum() for t in range(c.max() + 1)] for c in customers]
    table = pd.DataFrame({k: pd.Series(s) for k, s in zip("abc", survivors, strict=True)})
    both = crm.SBG().fit(table)
    truth = pd.Series({"alpha": 0.8, "beta": 4.0})
    assert both.n_ == 15_000
    assert both.summary()["low"].lt(truth).all() and both.summary()["high"].gt(truth).all()
    one = crm.SBG().fit(table["a"])
    assert (both.summary()["se"] < one.summary()["se"]).all()
    pd.testing.assert_series_equal(crm.SBG().fit(table[["a"]]).params_, one.params_)


def test_the_truth_is_recovered_within_its_intervals():
    truth = pd.Series({"alpha": 0.67, "beta": 3.8})
    covered = []
    for seed in range(100):
        c = crm.SBG.from_params(**truth).simulate(1000, 7, seed)["renewals"]
        table = crm.SBG().fit([(c >= t).sum() for t in range(8)]).summary()
        covered.append(table["low"].lt(truth) & table["high"].gt(truth))
    assert 0.9 < np.mean(covered) <= 1


def test_simulated_customers_carry_their_truth():
    model = crm.SBG.from_params(alpha=0.67, beta=3.8)
    table = model.simulate(50_000, 7, seed=1)
    assert table.columns.tolist() == ["renewals", "alive", "theta"]
    assert (table["alive"] == (table["renewals"] == 7)).all()
    assert table["alive"].mean() == pytest.approx(model.survival(7), abs=0.01)
    pd.testing.assert_frame_equal(table, model.simulate(50_000, 7, seed=1))


@pytest.mark.parametrize(
    ("survivors", "problem"),
    [
        ([1000, 869, 900], "more customers than the period before"),
        ([1000, -1, -2], "below zero"),
        ([1000, np.nan, 743], "missing or infinite"),
        ([1000, np.inf, 743], "missing or infinite"),
        ([100, 86.9, 74.3], "whole numbers"),
        ([0.9, 0.8, 0.7], "begin with 1"),
        ([1000, 869], "only one renewal"),
        ([1000], "only one renewal"),
        ([1000, 1000, 1000], "nobody left"),
        ([1000, 0, 0], "only one renewal"),
        ([], "there are none"),
        (["1000", "869", "743"], "not a number"),
    ],
)
def test_what_cannot_be_survivors_is_refused(survivors, problem):
    with pytest.raises(crm.DataError, match=problem):
        crm.SBG().fit(survivors)


def test_the_refusal_names_period_and_cohort():
    table = pd.DataFrame({"jan": [100, 80, 90], "feb": [100, 70, np.nan]})
    with pytest.raises(crm.DataError, match="row 2, jan = 90") as error:
        crm.SBG().fit(table)
    assert error.value.problems["row"].tolist() == [2]


@pytest.mark.parametrize(
    "survivors", [[1000, 500, 250, 125, 62], [1000, 900, 500, 100], [1000, 990, 700, 300]]
)
def test_cohorts_whose_retention_does_not_rise_are_warned_of(survivors):
    with pytest.warns(UserWarning, match="SBG"):
        model = crm.SBG().fit(survivors)
    assert model.warnings_
    assert np.isfinite(model.survival(np.arange(20))).all()


@pytest.mark.parametrize("t", [1.5, -1, np.nan, "two"])
def test_periods_are_whole(t):
    model = crm.SBG.from_params(alpha=1, beta=1)
    for call in (model.survival, model.retention, lambda t: model.derl(t, 0.1)):
        with pytest.raises(ValueError, match="whole number"):
            call(t)
    with pytest.raises(ValueError, match="from 1 up"):
        model.retention(0)
