"""The CDNOW sample: published parameters, and 39 weeks the models have not seen."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

import crmlib as crm
from crmlib.lifetime import gamma_gamma
from crmlib.lifetime._cells import Cells

PUBLISHED = json.loads((Path(__file__).parent / "published.json").read_text(encoding="utf-8"))
MODELS = {m.__name__: m for m in (crm.BGNBD, crm.MBGNBD, crm.ParetoNBD, crm.GammaGamma)}
PURCHASES = ["BGNBD", "MBGNBD", "ParetoNBD"]


@pytest.fixture(scope="module")
def base():
    return crm.holdout(crm.load("cdnow_sample"), split="1997-09-30")


@pytest.fixture(scope="module")
def fits(base):
    return {name: model().fit(base) for name, model in MODELS.items()}


def likelihood_of(name, base):
    model = MODELS[name]()
    if name in PURCHASES:
        return model._log_likelihood(Cells(base))
    again = base[base["frequency"] > 0]
    x, z = (again[c].to_numpy(dtype=float) for c in ("frequency", "monetary"))
    return gamma_gamma._log_likelihood(x, z, np.ones(len(x)))


def test_the_base_is_the_published_one(base):
    facts = PUBLISHED["cdnow_sample"]
    again = base["frequency"] > 0
    assert len(base) == facts["customers"]
    assert again.sum() == facts["repeat_customers"]
    assert base["frequency"].sum() == facts["repeat_transactions"]
    assert base["holdout_frequency"].sum() == facts["holdout_transactions"]
    assert base["monetary"][again].mean() == pytest.approx(facts["mean_spend"], abs=5e-3)


@pytest.mark.parametrize("name", ["BGNBD", "ParetoNBD", "GammaGamma"])
def test_parameters_and_likelihood_are_the_published_ones(name, fits):
    fit, want = fits[name], PUBLISHED[name]
    assert list(fit.params_.index) == list(want["params"])
    assert fit.params_.to_dict() == pytest.approx(
        want["params"], abs=want["tolerance"]["params"], rel=0
    )
    assert fit.log_likelihood_ == pytest.approx(
        want["log_likelihood"], abs=want["tolerance"]["log_likelihood"], rel=0
    )
    assert fit.warnings_ == []


@pytest.mark.parametrize("name", MODELS)
def test_standard_errors_are_those_of_the_curvature(name, fits, base):
    """The second differences of the *value* invert to the same covariance."""
    fit, value = fits[name], likelihood_of(name, base)
    z, h = np.log(fit.params_.to_numpy()), 2e-3
    steps = np.eye(len(z)) * h

    def at(move):
        return value(np.exp(z + move))[0]

    curvature = [
        [(at(a + b) - at(a - b) - at(b - a) + at(-a - b)) / (4 * h * h) for a in steps]
        for b in steps
    ]
    se = np.sqrt(np.diag(np.linalg.inv(-np.array(curvature))))
    table = fit.summary()
    assert list(table.columns) == ["estimate", "se", "low", "high"]
    assert list(table.index) == list(fit.params_.index)
    np.testing.assert_allclose(table["se"] / table["estimate"], se, rtol=1e-3)
    np.testing.assert_allclose(table["high"] / table["estimate"], np.exp(1.959964 * se), rtol=1e-2)
    np.testing.assert_allclose(table["low"] * table["high"], table["estimate"] ** 2)


@pytest.mark.parametrize("name", MODELS)
def test_no_other_start_climbs_higher(name, fits, base):
    fit, value = fits[name], likelihood_of(name, base)
    rng = np.random.default_rng(0)

    def downhill(z):
        v, gradient = value(np.exp(z))
        return -v, -gradient * np.exp(z)

    for _ in range(3):
        start = np.log(fit.params_.to_numpy()) + rng.normal(0, 1.5, len(fit.params_))
        box = [(v - 8, v + 8) for v in start]
        other = minimize(downhill, start, jac=True, method="L-BFGS-B", bounds=box)
        assert fit.log_likelihood_ > -other.fun - 1e-4


@pytest.mark.parametrize("name", PURCHASES)
def test_the_holdout_is_predicted(name, fits, base):
    """A sixth too few at most; half as wrong as carrying the past rate of each customer on."""
    predicted = fits[name].predict(base, 39)["purchases"]
    actual = base["holdout_frequency"]
    assert predicted.sum() == pytest.approx(actual.sum(), rel=1 / 6)
    assert np.corrcoef(predicted, actual)[0, 1] > 0.62
    naive = base["frequency"] / base["T"] * 39
    assert abs(predicted.sum() - actual.sum()) < abs(naive.sum() - actual.sum()) / 2
    assert fits[name].warnings_ == []


@pytest.mark.parametrize("name", PURCHASES)
def test_the_holdout_is_predicted_for_each_past_frequency(name, fits, base):
    """To a fifth in every group, while the groups range from 0.2 to 6.4 purchases."""
    group = base["frequency"].clip(upper=7)
    actual = base["holdout_frequency"].groupby(group).mean()
    predicted = fits[name].predict(base, 39)["purchases"].groupby(group).mean()
    assert (predicted.diff().dropna() > 0).all()
    np.testing.assert_allclose(predicted, actual, rtol=0.22, atol=0.06)


@pytest.mark.parametrize("name", PURCHASES)
@pytest.mark.parametrize("ahead, tolerance", [(0, 0.03), (39, 0.07)])
def test_tracking(name, ahead, tolerance, fits, base):
    """Repeat purchases of the whole base, seen from each first purchase, to week 39 and 78."""
    expected = fits[name].expected_purchases(base["T"].to_numpy() + ahead).sum()
    actual = base["frequency"].sum() + (base["holdout_frequency"].sum() if ahead else 0)
    assert expected == pytest.approx(actual, rel=tolerance)


@pytest.mark.parametrize("name", PURCHASES)
def test_intervals_of_predictions_are_plausible(name, fits, base):
    fit = fits[name]
    totals = [m.predict(base, 39)["purchases"].sum() for m in fit.draws(40, seed=1)]
    middle = fit.predict(base, 39)["purchases"].sum()
    assert min(totals) < middle < max(totals)
    assert 0.01 < np.std(totals) / middle < 0.15


def test_draws_scatter_as_the_standard_errors_say(fits):
    for fit in fits.values():
        logs = np.log([m.params_.to_numpy() for m in fit.draws(800, seed=3)])
        table = fit.summary()
        np.testing.assert_allclose(logs.std(axis=0), table["se"] / table["estimate"], rtol=0.1)
        np.testing.assert_allclose(logs.mean(axis=0), np.log(table["estimate"]), atol=0.04)


def test_spend_of_the_holdout(fits, base):
    """People who come back spend what was expected, and the expectation beats the overall mean."""
    back = base[(base["frequency"] > 0) & (base["holdout_frequency"] > 0)]
    actual = back["holdout_amount"] / back["holdout_frequency"]
    expected = fits["GammaGamma"].predict(back)
    assert expected.mean() == pytest.approx(actual.mean(), rel=0.1)
    overall = base["monetary"].mean()
    assert ((actual - expected) ** 2).sum() < ((actual - overall) ** 2).sum()
