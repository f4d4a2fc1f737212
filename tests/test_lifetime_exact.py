"""Every formula against its definition: integrate what one customer does over who they may be.

The referee knows only the story of the model, one customer with a known rate who leaves in a known
way, and sums over rates and ways of leaving on a fine grid. On a logarithmic (rate) or logit
(probability) scale the densities are smooth and die out to both sides, where the trapezoidal rule
is exact to nearly all digits.
"""

from itertools import product

import mpmath
import numpy as np
import pandas as pd
import pytest
from scipy.special import betaln, gammaln, logsumexp

import crmlib as crm
from crmlib.lifetime import bgnbd, gamma_gamma
from crmlib.lifetime._cells import Cells


def rates(shape, low, high=None, n=500):
    """Grid of ln(rate) that holds all of a gamma (shape, rate) for rates from `low` to `high`."""
    sd = shape**-0.5
    left, right = np.log(shape / (high or low)), np.log(shape / low)
    u = np.linspace(left - 9 * sd - 40 / shape, right + 9 * sd + np.log1p(40 / shape), n)
    return u, np.log(u[1] - u[0])


def chances(a, b):
    """Grid of logits that holds all of a beta (a, b), with ln p and ln (1 - p)."""
    sd = (1 / a + 1 / b) ** 0.5
    low, high = np.log(a / b) - 9 * sd - 40 / a, np.log(a / b) + 9 * sd + 40 / b
    u = np.linspace(low, high, max(1000, int((high - low) / 0.4)))
    return -np.logaddexp(0, -u), -np.logaddexp(0, u), np.log(u[1] - u[0])


def gamma_density(u, shape, rate):
    """Log density of ln(rate) = u."""
    return shape * (np.log(rate) + u) - rate * np.exp(u) - gammaln(shape)


def bg_by_hand(params, x, t_x, T, t, first_can_be_last):
    """Return ln L, P(alive) and the purchases expected in (T, T + t]."""
    r, alpha, a, b = params
    k = x + first_can_be_last

    def bought(until):
        u, du = rates(r + x, alpha + until)
        return u, gamma_density(u, r, alpha) + x * u - until * np.exp(u) + du

    def stayed(times, left):
        ln_p, ln_q, du = chances(a + left, b + times)
        return ln_p, (a + left) * ln_p + (b + times) * ln_q - betaln(a, b) + du

    u, alive_rate = bought(T)
    ln_p, alive_coin = stayed(k, 0)
    ln_alive = logsumexp(alive_rate) + logsumexp(alive_coin)
    ln_gone = -np.inf
    if k:
        ln_gone = logsumexp(bought(t_x)[1]) + logsumexp(stayed(k - 1, 1)[1])
    ln_l = np.logaddexp(ln_alive, ln_gone)
    p = np.maximum(np.exp(ln_p), 1e-290)
    rate = np.exp(u)[:, None]
    mean = -np.expm1(-rate * p * t) / p
    posterior = np.exp(alive_rate - logsumexp(alive_rate)) @ mean
    if_alive = posterior @ np.exp(alive_coin - logsumexp(alive_coin))
    p_alive = np.exp(ln_alive - ln_l)
    return ln_l, p_alive, p_alive * if_alive


def pareto_by_hand(params, x, t_x, T, t):
    """Return ln L, P(alive) and the purchases expected in (T, T + t]."""
    r, alpha, s, beta = params

    def grid(start, end):
        u, du = rates(r + x, alpha + start, alpha + end)
        v, dv = rates(s, beta + start, beta + end)
        prior = gamma_density(u, r, alpha)[:, None] + gamma_density(v, s, beta) + du + dv
        return np.exp(u)[:, None], np.exp(v), prior + x * u[:, None]

    buy, leave, ln = grid(T, T)
    alive = ln - (buy + leave) * T
    ln_alive = logsumexp(alive)
    if_alive = (np.exp(alive - ln_alive) * buy * -np.expm1(-leave * t) / leave).sum()
    ln_gone = -np.inf
    if t_x < T:
        # Bought x times, then left at some moment in (t_x, T).
        buy, leave, ln = grid(t_x, T)
        both = buy + leave
        ln_gone = logsumexp(
            ln + np.log(leave / both) - both * t_x + np.log(-np.expm1(-both * (T - t_x)))
        )
    ln_l = np.logaddexp(ln_alive, ln_gone)
    p_alive = np.exp(ln_alive - ln_l)
    return ln_l, p_alive, p_alive * if_alive


CUSTOMERS = {
    "never back": (0, 0.0, 39.0),
    "new today": (0, 0.0, 0.0),
    "once": (1, 2.0, 39.0),
    "today": (3, 39.0, 39.0),
    "long ago": (7, 5.0, 39.0),
    "daily for a year": (364, 52.0, 52.0),
    "thousands": (3000, 300.0, 520.0),
}
BG = {
    "CDNOW": (0.243, 4.414, 0.793, 2.426),
    "a + b < 1": (0.5, 6.0, 0.2, 0.3),
    "a + b = 1": (0.5, 6.0, 0.25, 0.75),
    "a = 1": (0.5, 6.0, 1.0, 2.5),
    "a near 1": (0.5, 6.0, 1 + 1e-6, 2.5),
    "a = 1 = b": (0.5, 6.0, 1.0, 1.0),
    "a - r whole": (0.5, 6.0, 2.5, 1.3),
    "all alike": (800.0, 900.0, 500.0, 1500.0),
    "hardly anyone leaves": (1.2, 3.0, 0.02, 9.0),
    "buyers of a minute": (0.3, 0.001, 0.8, 0.4),
}
PARETO = {
    "CDNOW": (0.553, 10.578, 0.606, 11.669),
    "s = 1": (0.5, 6.0, 1.0, 9.0),
    "s near 1": (0.5, 6.0, 1 - 1e-7, 9.0),
    "alpha = beta": (0.5, 6.0, 0.7, 6.0),
    "alpha nearly beta": (0.5, 6.0, 0.7, 6.0 + 1e-9),
    "beta tiny": (0.5, 6.0, 0.3, 1e-4),
    "alpha tiny": (0.2, 1e-4, 1.5, 8.0),
    "all alike": (300.0, 400.0, 200.0, 9000.0),
    "s large": (0.5, 6.0, 30.0, 900.0),
}


def table(x, t_x, T):
    return pd.DataFrame({"frequency": [x], "t_x": [t_x], "T": [T]})


def assert_same(model, customer, want):
    one = table(*customer)
    ln_l = model._log_likelihood(Cells(one))(model.params_.to_numpy())[0]
    assert ln_l == pytest.approx(want[0], rel=1e-9, abs=1e-7)
    got = model.predict(one, 26.0).iloc[0]
    assert got["p_alive"] == pytest.approx(want[1], rel=1e-6, abs=1e-12)
    assert got["purchases"] == pytest.approx(want[2], rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("params, customer", list(product(BG, CUSTOMERS)))
@pytest.mark.parametrize("model", [crm.BGNBD, crm.MBGNBD])
def test_bg_nbd_is_its_integral(model, params, customer):
    values, customer = BG[params], CUSTOMERS[customer]
    want = bg_by_hand(values, *customer, 26.0, model._first_can_be_last)
    fit = model.from_params(**dict(zip(model._names, values, strict=True)))
    assert_same(fit, customer, want)


@pytest.mark.parametrize("params, customer", list(product(PARETO, CUSTOMERS)))
def test_pareto_nbd_is_its_integral(params, customer):
    values, customer = PARETO[params], CUSTOMERS[customer]
    fit = crm.ParetoNBD.from_params(**dict(zip(crm.ParetoNBD._names, values, strict=True)))
    assert_same(fit, customer, pareto_by_hand(values, *customer, 26.0))


@pytest.mark.parametrize("params", BG)
def test_a_new_bg_customer_is_one_just_met(params):
    for model in (crm.BGNBD, crm.MBGNBD):
        fit = model.from_params(**dict(zip(model._names, BG[params], strict=True)))
        t = np.array([[0.0, 0.5], [26.0, 1500.0]])
        got = fit.expected_purchases(t)
        assert got.shape == t.shape and got[0, 0] == 0
        for time, value in zip(t.ravel(), got.ravel(), strict=True):
            want = bg_by_hand(BG[params], 0, 0.0, 0.0, time, model._first_can_be_last)[2]
            assert value == pytest.approx(want, rel=1e-6, abs=1e-12)
            assert fit.expected_purchases(float(time)) == value


@pytest.mark.parametrize("params", PARETO)
def test_a_new_pareto_customer_is_one_just_met(params):
    fit = crm.ParetoNBD.from_params(**dict(zip(crm.ParetoNBD._names, PARETO[params], strict=True)))
    for time in (0.5, 26.0, 1500.0):
        want = pareto_by_hand(PARETO[params], 0, 0.0, 0.0, time)[2]
        assert fit.expected_purchases(time) == pytest.approx(want, rel=1e-6)


@pytest.mark.parametrize("a", [0.3, 0.999999, 1.0, 1.00002, 2.0, 40.0])
@pytest.mark.parametrize("x, t", [(0, 1500.0), (1, 26.0), (4000, 26.0)])
def test_bg_expectation_agrees_with_the_hypergeometric_function(a, x, t):
    """Fader, Hardie and Lee's equation 10, in 60 digits; a moved by 1e-25, where a = 1 is 0/0."""
    with mpmath.workdps(60):
        shape, rate, b = mpmath.mpf(x) + 0.25, mpmath.mpf(43), mpmath.mpf(x) + 2.5
        a_, z = mpmath.mpf(a) + mpmath.mpf(10) ** -25, t / (rate + t)
        c = a_ + b - 1
        inner = mpmath.hyp2f1(c - shape, a_ - 1, c, z)
        want = float(c / (a_ - 1) * (1 - (1 - z) ** (a_ - 1) * inner))
    got = bgnbd._mean_purchases(np.array([x + 0.25]), 43.0, a, np.array([x + 2.5]), t)
    assert got[0] == pytest.approx(want, rel=1e-7)


def test_quadrature_and_closed_form_agree():
    """Over 300 random models, a few of them extreme; the closed form may pass, never be wrong."""
    rng = np.random.default_rng(4)
    finite = 0
    for _ in range(300):
        x = rng.choice([0, 1, 30, 3000])
        r, a, b = np.exp(rng.uniform([-8, -6, -6], [8, 8, 10]))
        rate, t = np.exp(rng.uniform([-5, -3], [7, 6]))
        at = np.array([r + x]), np.array([rate]), a, np.array([b + x]), np.array([t])
        got = bgnbd._mean_purchases(*at)[0]
        want = bgnbd._mean_by_quadrature(*at)[0]
        assert got == pytest.approx(want, rel=1e-4, abs=1e-9)
        finite += got != want
    assert finite > 150


GG = {"CDNOW": (6.25, 3.74, 15.44), "heavy": (0.4, 1.1, 3.0), "even": (300.0, 80.0, 10.0)}


@pytest.mark.parametrize(
    "params, customer", list(product(GG, [(1, 35.0), (4, 0.02), (2000, 81.0)]))
)
def test_gamma_gamma_is_its_integral(params, customer):
    """Average spend is gamma (p x, nu x), the rate nu is gamma (q, gamma), its mean p / nu."""
    (p, q, gamma), (x, z) = GG[params], customer
    u, du = rates(p * x + q, gamma + x * z, n=4000)
    ln = gamma_density(u, q, gamma) + du
    ln += p * x * (np.log(x) + u) + (p * x - 1) * np.log(z) - x * z * np.exp(u) - gammaln(p * x)
    value = gamma_gamma._log_likelihood(np.array([float(x)]), np.array([z]), np.ones(1))
    assert value(np.array([p, q, gamma]))[0] == pytest.approx(logsumexp(ln), rel=1e-9, abs=1e-7)
    mean = (np.exp(ln - logsumexp(ln)) * p / np.exp(u)).sum()
    fit = crm.GammaGamma.from_params(p=p, q=q, gamma=gamma)
    spend = fit.predict(pd.DataFrame({"frequency": [x, 0], "monetary": [z, np.nan]}))
    assert spend.iloc[0] == pytest.approx(mean, rel=1e-6)
    u, du = rates(q, gamma, n=20000)
    ln = gamma_density(u, q, gamma) + du
    # At q near 1 the mean itself has a long tail: reach further for customers nothing is known of.
    overall = (np.exp(ln) * p / np.exp(u)).sum()
    assert spend.iloc[1] == pytest.approx(overall, rel=2e-2 if q < 2 else 1e-6)


def base(n=60):
    rng = np.random.default_rng(8)
    T = rng.choice([13.0, 26.0, 39.5, 40.0], n)
    x = rng.choice([0, 0, 1, 2, 9, 500], n)
    t_x = np.where(x > 0, T * rng.choice([1.0, 0.3, 0.9], n), 0)
    return pd.DataFrame({"frequency": x, "t_x": t_x, "T": T})


def assert_gradient(function, theta):
    value, gradient = function(theta)
    assert np.isfinite(value)
    for i, slope in enumerate(gradient):
        h = theta[i] * 1e-5
        step = np.eye(len(theta))[i] * h
        numerical = (function(theta + step)[0] - function(theta - step)[0]) / (2 * h)
        scale = abs(slope) + abs(value) * 1e-9 / h
        assert slope == pytest.approx(numerical, abs=1e-5 * scale + 1e-8)


@pytest.mark.parametrize("model", [crm.BGNBD, crm.MBGNBD, crm.ParetoNBD])
@pytest.mark.parametrize("pilot", [False, True])
def test_gradient_is_the_slope_of_the_value(model, pilot):
    rng = np.random.default_rng(3)
    cells = Cells(base(), weights=rng.integers(0, 5, 60))
    function = model()._log_likelihood(cells.sample(30) if pilot else cells)
    for _ in range(25):
        assert_gradient(function, np.exp(rng.normal([0, 1, 0, 1], 1.5)))


def test_gamma_gamma_gradient_is_the_slope_of_the_value():
    rng = np.random.default_rng(3)
    x, z, w = rng.integers(1, 30, 50).astype(float), rng.lognormal(3, 1, 50), rng.random(50)
    for _ in range(25):
        theta = np.exp(rng.normal([1, 1, 2], 1.5))
        assert_gradient(gamma_gamma._log_likelihood(x, z, w), theta)


def test_sampled_cells_stand_for_the_whole():
    """Every k-th customer, weighted up: the same total, and nearly the same mean."""
    people = crm.BGNBD.from_params(r=0.5, alpha=6, a=0.8, b=2.4).simulate(5000, 39, seed=1)
    cells = Cells(people)
    part = cells.sample(1000)
    assert len(part) < len(cells)
    assert part.weight.sum() == pytest.approx(5000)
    mean = [c.weight @ c.x[c.ix] / c.weight.sum() for c in (cells, part)]
    assert mean[1] == pytest.approx(mean[0], rel=0.15)
