"""BG/BB: the published donors, every purchase string counted, the truth recovered."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.special import beta as B
from scipy.special import comb, gammaln, hyp2f1

import crmlib as crm
from crmlib.lifetime._cells import Cells
from crmlib.lifetime.bgbb import _as_opportunities

PAPER = {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}
ODD = {"alpha": 0.3, "beta": 4.0, "gamma": 1.0, "delta": 0.2}


@pytest.fixture(scope="module")
def donors():
    return crm.load("donations")


@pytest.fixture(scope="module")
def fitted(donors):
    return crm.BGBB().fit(donors, weights=donors["donors"])


def table(*rows):
    return pd.DataFrame(rows, columns=["frequency", "t_x", "n"])


# ---- Published -----------------------------------------------------------------------------------


def test_the_published_estimates(fitted):
    """Fader, Hardie and Shang (2010)."""
    assert fitted.params_.round(3).to_dict() == PAPER
    assert round(fitted.log_likelihood_, 1) == -33225.6
    assert (fitted.n_, fitted.warnings_) == (11_104, [])
    assert (fitted.summary()["low"] < fitted.params_).all()


@pytest.mark.parametrize(
    ("history", "p_alive"), [((0, 0, 6), 0.11), ((2, 4, 6), 0.59), ((6, 6, 6), 0.93)]
)
def test_alive_in_2002(fitted, history, p_alive):
    """Their Table 6: P(alive in 2002), the opportunity after the last one seen."""
    assert fitted.predict(table(history), 5)["p_alive"].round(2).item() == p_alive


def test_expected_giving_1997_to_2001_and_ahead(fitted, donors):
    """The authors' spreadsheet: 12,884.2 gifts in 2002-2006; 3,454.9 never and 1,253.1 always."""
    ahead = fitted.predict(donors, 5)["purchases"] @ donors["donors"]
    assert ahead == pytest.approx(12_884.2, abs=0.1)
    pmf = fitted_pmf(fitted, 6)
    assert 11_104 * pmf[0] == pytest.approx(3_454.9, abs=0.1)
    assert 11_104 * pmf[6] == pytest.approx(1_253.1, abs=0.1)


def test_customers_of_the_r_package(fitted):
    """BTYD's walkthrough: ten years ahead, its customers A and B (its own, rougher optimum)."""
    ahead = fitted.predict(table((0, 0, 6), (4, 5, 6)), 10)["purchases"]
    assert ahead.to_numpy() == pytest.approx([0.1302169, 3.627858], rel=1e-4)


def test_weights_are_customers(fitted, donors):
    one_by_one = donors.loc[donors.index.repeat(donors["donors"])].reset_index(drop=True)
    again = crm.BGBB().fit(one_by_one)
    pd.testing.assert_series_equal(again.params_, fitted.params_)
    assert again.log_likelihood_ == pytest.approx(fitted.log_likelihood_)


# ---- By enumeration ------------------------------------------------------------------------------


def strings(n, alpha, beta, gamma, delta):
    """Yield every purchase string of n opportunities with its chance, by when the customer left."""
    for string in itertools.product([0, 1], repeat=n):
        x, last = sum(string), max((k + 1 for k, y in enumerate(string) if y), default=0)
        lived = [
            B(alpha + x, beta + m - x) / B(alpha, beta) * B(gamma + 1, delta + m) / B(gamma, delta)
            for m in range(last, n)
        ]
        stayed = B(alpha + x, beta + n - x) / B(alpha, beta) * B(gamma, delta + n) / B(gamma, delta)
        yield string, sum(lived) + stayed


def log_likelihood(model, rows):
    cells = Cells(_as_opportunities(rows))
    return model._log_likelihood(cells)(model.params_.to_numpy())[0]


def fitted_pmf(model, n):
    """Chance of each frequency: a history (x, t_x) has as many strings as ways to place the rest."""
    pmf = np.zeros(n + 1)
    pmf[0] = np.exp(log_likelihood(model, table((0, 0, n))))
    for x in range(1, n + 1):
        for t_x in range(x, n + 1):
            one = np.exp(log_likelihood(model, table((x, t_x, n))))
            pmf[x] += comb(t_x - 1, x - 1) * one
    return pmf


@pytest.mark.parametrize("params", [PAPER, ODD])
def test_every_string_of_five_has_its_chance_and_they_sum_to_one(params):
    model = crm.BGBB.from_params(**params)
    total = 0
    for string, chance in strings(5, **params):
        t_x = max((k + 1 for k, y in enumerate(string) if y), default=0)
        one = np.exp(log_likelihood(model, table((sum(string), t_x, 5))))
        assert one == pytest.approx(chance, rel=1e-12)
        total += one
    assert total == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("params", [PAPER, ODD])
def test_predictions_are_those_of_longer_strings(params):
    """Purchases at 4, 5 and 6, given each history of three, from all strings of six."""
    model, n, t = crm.BGBB.from_params(**params), 3, 3
    chance, ahead = {}, {}
    for string, p in strings(n + t, **params):
        t_x = max((k + 1 for k, y in enumerate(string[:n]) if y), default=0)
        key = (sum(string[:n]), t_x, n)
        chance[key] = chance.get(key, 0) + p
        ahead[key] = ahead.get(key, 0) + p * sum(string[n:])
    got = model.predict(table(*chance), t)["purchases"]
    assert got.to_numpy() == pytest.approx([ahead[k] / chance[k] for k in chance], rel=1e-12)
    new = sum(p * sum(string) for string, p in strings(n + t, **params))
    assert model.expected_purchases(n + t) == pytest.approx(new, rel=1e-12)
    assert model.predict(table((0, 0, 0)), n + t)["purchases"].item() == pytest.approx(new)


def test_alive_is_bayes_rule():
    model, (x, t_x, n) = crm.BGBB.from_params(**PAPER), (2, 3, 5)
    a, b, g, d = PAPER.values()
    alive = B(a + x, b + n - x) / B(a, b) * B(g, d + n + 1) / B(g, d)
    expected = alive / np.exp(log_likelihood(model, table((x, t_x, n))))
    assert model.predict(table((x, t_x, n)), 1)["p_alive"].item() == pytest.approx(expected)


def test_the_gradient_is_that_of_the_value(donors):
    climb = crm.BGBB()._log_likelihood(Cells(_as_opportunities(donors), donors["donors"]))
    theta, h = np.array([0.7, 1.3, 0.4, 5.0]), 1e-5
    numeric = [(climb(theta + e)[0] - climb(theta - e)[0]) / (2 * h) for e in np.eye(4) * h]
    assert climb(theta)[1] == pytest.approx(numeric, rel=1e-6)


def test_discounted_purchases_end_in_the_closed_form():
    """Discounted expected residual transactions without end, against the paper's equation 14."""
    model, d, (x, t_x, n) = crm.BGBB.from_params(**PAPER), 0.1, (3, 5, 6)
    a, b, g, de = PAPER.values()
    like = np.exp(log_likelihood(model, table((x, t_x, n))))
    closed = (
        B(a + x + 1, b + n - x) / B(a, b) * B(g, de + n + 1) / B(g, de) / (1 + d) / like
    ) * hyp2f1(1, de + n + 1, g + de + n + 1, 1 / (1 + d))
    got = model.discounted_purchases(table((x, t_x, n)), 400, np.log1p(d)).item()
    assert got == pytest.approx(closed, rel=1e-9)
    undiscounted = model.discounted_purchases(table((x, t_x, n)), 7, 0.0).item()
    assert undiscounted == pytest.approx(model.predict(table((x, t_x, n)), 7)["purchases"].item())


def test_clv_discounts_by_opportunity(fitted, donors):
    """One opportunity a year: a gift k years ahead counts 1.1 to the power of -k."""
    spend = crm.GammaGamma.from_params(p=6.0, q=4.0, gamma=15.0)
    base = donors.assign(monetary=30.0)
    value = crm.clv(fitted, spend, base, horizon=3, rate=0.1, unit="year")
    ahead = np.array([fitted.predict(donors, k)["purchases"] for k in range(4)])
    by_hand = (np.diff(ahead, axis=0).T @ 1.1 ** -np.arange(1, 4)) * spend.predict(base)
    assert value.to_numpy() == pytest.approx(by_hand.to_numpy(), rel=1e-12)


# ---- Simulation ----------------------------------------------------------------------------------


def test_the_truth_is_recovered_within_its_intervals():
    truth = {"alpha": 1.5, "beta": 3.0, "gamma": 0.8, "delta": 6.0}
    covered = []
    for seed in range(30):
        n = np.random.default_rng(seed).integers(6, 25, 1500)
        base = crm.BGBB.from_params(**truth).simulate(1500, n, seed)
        summary = crm.BGBB().fit(base).summary()
        covered.append(summary["low"].lt(pd.Series(truth)) & summary["high"].gt(pd.Series(truth)))
    share = np.mean(covered)
    # 120 intervals of 95 %, four to a sample.
    assert 0.88 < share <= 1


def test_simulated_customers_are_alive_as_often_as_predicted():
    model = crm.BGBB.from_params(**PAPER)
    base = model.simulate(40_000, 6, seed=3)
    assert base.columns.tolist() == ["frequency", "t_x", "n", "alive", "p", "theta"]
    expected = model.predict(base, 1)["p_alive"]
    by_history = base.assign(expected=expected).groupby(["frequency", "t_x"])
    gap = by_history["alive"].mean() - by_history["expected"].mean()
    error = np.sqrt(by_history["expected"].agg(lambda p: p.iloc[0] * (1 - p.iloc[0]) / len(p)))
    assert (gap.abs() < 4 * error).all()
    assert base["frequency"].mean() == pytest.approx(model.expected_purchases(6), abs=0.05)
    pd.testing.assert_frame_equal(base, model.simulate(40_000, 6, seed=3))


def test_drawn_futures_have_the_predicted_mean():
    model = crm.BGBB.from_params(**PAPER)
    base = table(*[(3, 4, 6)] * 40_000)
    drawn = model.draw_future(base, 5, seed=1)
    assert drawn.max() == 5
    assert drawn.mean() == pytest.approx(model.predict(base[:1], 5)["purchases"].item(), abs=0.04)


# ---- Bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ((1.5, 2, 6), "not a whole number"),
        ((1, 2.5, 6), "not a whole number"),
        ((1, 7, 6), "after the last opportunity"),
        ((3, 2, 6), "more purchases than opportunities"),
        ((0, 2, 6), "a last purchase, but no purchase"),
        ((-1, 0, 6), "below zero"),
        ((np.nan, 0, 6), "missing or infinite"),
    ],
)
def test_impossible_histories_are_named(row, problem):
    rows = table((1, 1, 6), row).set_index(pd.Index(["ann", "bob"]))
    for call in (crm.BGBB().fit, lambda s: crm.BGBB.from_params(**PAPER).predict(s, 1)):
        with pytest.raises(crm.DataError, match=problem) as error:
            call(rows)
        assert error.value.problems["row"].tolist() == ["bob"]


def test_a_table_of_the_other_models_is_told_what_is_needed():
    base = pd.DataFrame({"frequency": [1], "t_x": [2.0], "T": [30.0]})
    with pytest.raises(crm.DataError, match=r"n: there is no such column(.|\n)*numbered 1, 2"):
        crm.BGBB().fit(base)
    text = table((1, 1, 6)).astype({"n": "str"})
    with pytest.raises(crm.DataError, match="to_numeric"):
        crm.BGBB().fit(text)


def test_poor_data_are_refused():
    with pytest.raises(crm.DataError, match="nobody bought"):
        crm.BGBB().fit(table((0, 0, 6), (0, 0, 5)))
    with pytest.raises(crm.DataError, match="only 2 different histories"):
        crm.BGBB().fit(table((0, 0, 6), (1, 1, 6)))


@pytest.mark.parametrize("t", [1.5, -1, np.nan, np.inf, "5"])
def test_half_an_opportunity_is_none(fitted, donors, t):
    for call in (fitted.predict, lambda s, t: fitted.draw_future(s, t, seed=0)):
        with pytest.raises(ValueError, match="whole number"):
            call(donors, t)
    with pytest.raises(ValueError, match="whole number"):
        fitted.expected_purchases(t)


def test_where_nobody_leaves_the_fit_says_so():
    rng = np.random.default_rng(0)
    taken = rng.random((400, 10)) < rng.beta(2, 2, (400, 1))
    last = np.where(taken.any(axis=1), 10 - taken[:, ::-1].argmax(axis=1), 0)
    base = pd.DataFrame({"frequency": taken.sum(axis=1), "t_x": last, "n": 10})
    with pytest.warns(UserWarning, match="BGBB"):
        model = crm.BGBB().fit(base)
    assert model.warnings_
    assert np.isfinite(model.predict(base, 10)).all(axis=None)


def test_thousands_of_as_opportunities_neither_overflow_nor_underflow():
    model = crm.BGBB.from_params(**PAPER)
    rows = table((0, 0, 5000), (3000, 3000, 5000), (4000, 5000, 5000), (5000, 5000, 5000))
    assert np.isfinite(log_likelihood(model, rows))
    ahead = model.predict(rows, 1000)
    assert np.isfinite(ahead).all(axis=None)
    # Their equation 13 for someone who took all of 5,000, alive for certain, by the closed form.
    (a, b, g, d), n, t = PAPER.values(), 5000, 1000
    ln_later = gammaln(d + n + 1 + t) - gammaln(g + d + n + t)
    ln_now = gammaln(d + n + 1) - gammaln(g + d + n)
    lived = (g + d + n) / (g - 1) * (1 - np.exp(ln_later - ln_now))
    expected = ahead["p_alive"].iloc[3] * (a + n) / (a + b + n) * lived
    assert ahead["purchases"].iloc[3] == pytest.approx(expected, rel=1e-8)
    assert ahead["p_alive"].iloc[1] < 1e-100


def test_new_customers_draw_no_warning(fitted):
    assert fitted.predict(table((0, 0, 1), (1, 1, 1)), 3)["p_alive"].between(0, 1).all()
    assert fitted.warnings_ == []
