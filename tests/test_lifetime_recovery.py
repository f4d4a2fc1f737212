"""Simulated customers, whose truth is known: do the models find it, and own up to their doubt?"""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import binom
from sklearn.base import clone

import crmlib as crm
from crmlib.lifetime import _btyd
from crmlib.lifetime._cells import Cells, checked_summary

TRUTH = {
    "BGNBD": {"r": 0.6, "alpha": 5.0, "a": 0.8, "b": 2.4},
    "MBGNBD": {"r": 0.7, "alpha": 6.0, "a": 0.9, "b": 1.8},
    "ParetoNBD": {"r": 0.6, "alpha": 8.0, "s": 0.7, "beta": 12.0},
}
NAMES = list(TRUTH)


def world(name):
    return getattr(crm, name).from_params(**TRUTH[name])


def people(name, n=1500, T=52.0, seed=1):
    return world(name).simulate(n, T, seed)


def days(name, n=1500, seed=1):
    """As a log would have them: times in weeks, counted in days."""
    out = people(name, n, np.random.default_rng(seed).integers(30, 60, n) * 1.0, seed)
    out = out[["frequency", "t_x", "T"]].copy()
    out["t_x"] = np.where(out["frequency"] > 0, np.ceil(out["t_x"] * 7) / 7, 0)
    return out


@pytest.mark.parametrize("name", NAMES)
def test_simulated_customers_are_possible(name):
    T = np.random.default_rng(0).uniform(0, 60, 500)
    out = world(name).simulate(500, T, seed=3)
    checked_summary(out)
    assert list(out.columns[:4]) == ["frequency", "t_x", "T", "recency"]
    np.testing.assert_array_equal(out["T"], T)
    np.testing.assert_allclose(out["recency"], T - out["t_x"])
    pd.testing.assert_frame_equal(out, world(name).simulate(500, T, seed=3))
    assert not out.equals(world(name).simulate(500, T, seed=4))


@pytest.mark.parametrize("name", NAMES)
def test_expectations_agree_with_simulation(name):
    model, n = world(name), 100_000
    for T in (4.0, 52.0):
        out = model.simulate(n, T, seed=int(T))
        error = out["frequency"].std() / n**0.5
        assert abs(out["frequency"].mean() - model.expected_purchases(T)) < 4 * error


@pytest.mark.parametrize("name", NAMES)
def test_p_alive_agrees_with_simulation(name):
    """In every band of predicted P(alive), that share is alive."""
    out = people(name, 60_000)
    p = world(name).predict(out, 10)["p_alive"]
    band = (p * 10).clip(upper=9.5).astype(int)
    gap = (out["alive"] - p).groupby(band).sum()
    error = (p * (1 - p)).groupby(band).sum() ** 0.5
    assert (gap.abs() <= 4 * error + 1e-6).all()
    assert len(gap) > 5


@pytest.mark.parametrize("name", NAMES)
def test_prediction_agrees_with_simulation(name):
    """Watch the simulated for 30 weeks, predict 40 more, and look at what the simulation did."""
    model, n = world(name), 60_000
    past = model.simulate(n, 30.0, seed=5)
    predicted = model.predict(past, 40.0)
    drawn = model.draw_future(past, 40.0, seed=6)
    group = past["frequency"].clip(upper=6)
    error = drawn.groupby(group).std() / group.value_counts() ** 0.5
    gap = drawn.groupby(group).mean() - predicted["purchases"].groupby(group).mean()
    assert (gap.abs() < 4 * error).all()
    # and, without draw_future: seen from the start, 70 weeks are 30 and then 40.
    later = model.expected_purchases(70.0) - model.expected_purchases(30.0)
    assert abs(predicted["purchases"].mean() - later) < 4 * drawn.std() / n**0.5


def test_gamma_gamma_agrees_with_simulation():
    model = crm.GammaGamma.from_params(p=6.0, q=4.0, gamma=15.0)
    x = np.random.default_rng(0).integers(0, 6, 100_000)
    out = model.simulate(x, seed=1)
    assert (out["monetary"].isna() == (x == 0)).all()
    gap = (out["mean_spend"] - model.predict(out)).groupby(x).agg(["mean", "sem"])
    assert (gap["mean"].abs() < 4 * gap["sem"]).all()
    counts = np.arange(len(out)) % 4
    spent = model.draw_spend(out, counts, seed=2)
    assert (spent[counts == 0] == 0).all()
    gap = (spent - counts * model.predict(out)).groupby(counts).agg(["mean", "sem"])
    assert (gap["mean"].abs() <= 4 * gap["sem"]).all()


def spenders(seed, n=800):
    x = np.random.default_rng(seed).geometric(0.3, n)
    return crm.GammaGamma.from_params(p=6.0, q=4.0, gamma=15.0).simulate(x, seed)


@pytest.mark.parametrize("name", [*NAMES, "GammaGamma"])
def test_intervals_are_honest(name):
    """The truth lies in the 95 % interval as often as 95 % allow."""
    runs = 80
    truth = pd.Series(TRUTH.get(name, {"p": 6.0, "q": 4.0, "gamma": 15.0}))
    make = spenders if name == "GammaGamma" else lambda seed: people(name, seed=seed)
    hits = pd.Series(0, index=truth.index)
    off = []
    for seed in range(runs):
        fit = getattr(crm, name)().fit(make(100 + seed))
        table = fit.summary()
        hits += (table["low"] < truth) & (truth < table["high"])
        off.append(np.log(fit.params_ / truth) / (table["se"] / table["estimate"]))
    # A correct interval stays above the bound in all but one of 2,000 such tests.
    assert (hits >= binom.ppf(0.0005, runs, 0.95)).all(), hits
    spread = pd.DataFrame(off).std()
    assert ((spread > 0.7) & (spread < 1.35)).all(), spread


@pytest.mark.parametrize("name", NAMES)
def test_no_other_start_climbs_higher(name):
    """Also for a few dozen customers, where the likelihood can have two summits."""
    rng = np.random.default_rng(7)
    for n, seed in [*((15, seed) for seed in range(8)), (40, 6), (1500, 7)]:
        base = days(name, n, seed)
        fit = quietly(name, base)
        value = fit._log_likelihood(Cells(base))
        start = np.log(fit._start(base["frequency"].mean(), base["T"].mean()))

        def downhill(z, value=value):
            v, gradient = value(np.exp(z))
            return -v, -gradient * np.exp(z)

        for _ in range(8 if n < 100 else 2):
            at, box = start + rng.normal(0, 1.5, 4), [(v - 12, v + 12) for v in start]
            other = minimize(downhill, at, jac=True, method="L-BFGS-B", bounds=box)
            better = -other.fun - fit.log_likelihood_
            assert better < 1e-4 or (better < 0.01 and fit.warnings_)


def quietly(name, base, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return getattr(crm, name)().fit(base, **kwargs)


def assert_equal_fits(a, b, rtol=1e-6):
    np.testing.assert_allclose(b.params_, a.params_, rtol=rtol)
    np.testing.assert_allclose(b.summary()["se"], a.summary()["se"], rtol=max(rtol, 1e-4))
    assert b.log_likelihood_ == pytest.approx(a.log_likelihood_, rel=1e-10)
    assert b.n_ == a.n_


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_repeated_rows(name):
    base = days(name, 400)
    times = np.random.default_rng(2).integers(0, 4, 400)
    model = getattr(crm, name)
    repeated = base.loc[base.index.repeat(times)]
    assert_equal_fits(model().fit(repeated), model().fit(base, weights=times))


def test_weights_are_repeated_rows_of_spend():
    base = spenders(1)
    times = np.random.default_rng(2).integers(0, 4, len(base))
    repeated = base.loc[base.index.repeat(times)]
    assert_equal_fits(crm.GammaGamma().fit(repeated), crm.GammaGamma().fit(base, weights=times))


@pytest.mark.parametrize("name", NAMES)
def test_order_of_rows_is_irrelevant(name):
    base = days(name)
    mixed = base.sample(frac=1, random_state=3)
    model = getattr(crm, name)
    one, other = model().fit(base), model().fit(mixed)
    assert_equal_fits(one, other)
    a, b = one.predict(base, 20), other.predict(mixed, 20)
    pd.testing.assert_frame_equal(a, b.loc[a.index], rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("unit", [7.0, 7 / 36525, 604_800.0], ids=["days", "centuries", "seconds"])
def test_unit_of_time_only_scales(name, unit):
    base = days(name)
    scaled = base.assign(t_x=base["t_x"] * unit, T=base["T"] * unit)
    model = getattr(crm, name)
    one, other = model().fit(base), model().fit(scaled)
    scale = pd.Series({n: unit if n in ("alpha", "beta") else 1.0 for n in one.params_.index})
    np.testing.assert_allclose(other.params_, one.params_ * scale, rtol=1e-6)
    shift = -base["frequency"].sum() * np.log(unit)
    assert other.log_likelihood_ == pytest.approx(one.log_likelihood_ + shift, rel=1e-9, abs=1e-5)
    pd.testing.assert_frame_equal(
        one.predict(base, 20.0), other.predict(scaled, 20.0 * unit), rtol=1e-6
    )


@pytest.mark.parametrize("money", [100.0, 1e-9, 1e9])
def test_unit_of_money_only_scales(money):
    base = spenders(1)
    one = crm.GammaGamma().fit(base)
    other = crm.GammaGamma().fit(base.assign(monetary=base["monetary"] * money))
    np.testing.assert_allclose(other.params_, one.params_ * [1, 1, money], rtol=1e-6)
    shift = -(base["frequency"] > 0).sum() * np.log(money)
    assert other.log_likelihood_ == pytest.approx(one.log_likelihood_ + shift, rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_pilot_search_ends_at_the_same_summit(name, monkeypatch):
    base = people(name, 3000)
    model = getattr(crm, name)
    whole = model().fit(base)
    monkeypatch.setattr(_btyd, "_PILOT", 300)
    assert len(Cells(base)) > 600
    assert_equal_fits(whole, model().fit(base))


@pytest.mark.parametrize("name", [*NAMES, "GammaGamma"])
def test_a_scikit_learn_estimator(name):
    model = getattr(crm, name)()
    assert clone(model).get_params() == model.get_params()
    base = spenders(1) if name == "GammaGamma" else days(name)
    before = base.copy()
    assert model.fit(base) is model
    pd.testing.assert_frame_equal(base, before)
    assert clone(model) is not model and not hasattr(clone(model), "params_")


def test_model_that_made_the_data_wins():
    """Fitted to another model's customers, a model still describes them, a little worse."""
    for name in NAMES:
        base = people(name, 4000)
        fits = {other: getattr(crm, other)().fit(base).log_likelihood_ for other in NAMES}
        assert fits[name] > max(fits.values()) - 2
        assert min(fits.values()) > fits[name] * (1.02 if fits[name] < 0 else 0.98)
