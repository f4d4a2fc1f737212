"""The chance of x purchases: against exact sums, drawn futures and the mean that is predicted."""

import mpmath
import numpy as np
import pandas as pd
import pytest

import crmlib as crm

MODELS = {
    "BG": crm.BGNBD.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426),
    "MBG": crm.MBGNBD.from_params(r=0.5, alpha=6.0, a=0.8, b=2.4),
    "Pareto": crm.ParetoNBD.from_params(r=0.553, alpha=10.578, s=0.606, beta=11.669),
    "BGBB": crm.BGBB.from_params(alpha=1.204, beta=0.75, gamma=0.657, delta=2.783),
}
each_model = pytest.mark.parametrize("name", MODELS)


def histories(name):
    """A one-time buyer, a regular, one gone silent, one who came today."""
    x, t_x, T = [0, 8, 8, 0], [0.0, 36.0, 9.0, 0.0], [39.0, 39.0, 39.0, 0.0]
    table = {"frequency": x, "t_x": t_x, "n" if name == "BGBB" else "T": T}
    return pd.DataFrame(table, index=["once", "regular", "silent", "new"])


@each_model
@pytest.mark.parametrize("t", [0, 1, 20])
def test_chances_sum_to_one_and_have_the_predicted_mean(name, t):
    model, base = MODELS[name], histories(name)
    x = np.arange(400)
    pmf = model.pmf(base, x, t)
    assert pmf.index.equals(base.index) and (pmf.to_numpy() >= 0).all()
    np.testing.assert_allclose(pmf.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(pmf @ x, model.predict(base, t)["purchases"], atol=1e-10)


@each_model
def test_chances_are_the_shares_of_drawn_futures(name):
    model, n = MODELS[name], 40_000
    base = histories(name)
    many = base.loc[base.index.repeat(n)]
    drawn = model.draw_future(many, 20, seed=4).to_numpy().reshape(len(base), n)
    pmf = model.pmf(base, range(12), 20)
    for x in pmf:
        share, p = (drawn == x).mean(axis=1), pmf[x].to_numpy()
        assert (np.abs(share - p) < 4.5 * np.sqrt(p * (1 - p) / n) + 5 / n).all(), x


@each_model
def test_chances_are_those_of_simulated_customers(name):
    """Without draw_future: whoever was just won, seen from the start."""
    model, n = MODELS[name], 40_000
    seen = model.simulate(n, 15, seed=3)["frequency"].value_counts() / n
    if name == "BGBB":  # there p_alive is the chance to be there at the first opportunity
        base = pd.DataFrame({"frequency": [0], "t_x": [0], "n": [0]})
    else:
        base = pd.DataFrame({"frequency": [0], "t_x": [0.0], "T": [0.0]})
    p = model.pmf(base, range(8), 15).iloc[0]
    error = np.sqrt(p * (1 - p) / n)
    assert ((seen.reindex(p.index).fillna(0) - p).abs() < 4.5 * error).all()


def test_one_number_is_a_column_of_several():
    model, base = MODELS["BG"], histories("BG")
    table = model.pmf(base, [2, 0], 10)
    assert table.columns.tolist() == [2, 0] and table.columns.name == "x"
    pd.testing.assert_series_equal(model.pmf(base, 2, 10), table[2].rename("pmf"))


def exact_pareto(y, x, T, t, theta):
    """The definition, with many digits, around the summit of the integrand in ln u."""
    r, alpha, s, beta = theta
    R, A, B = mpmath.mpf(r + x), mpmath.mpf(alpha + T), mpmath.mpf(beta + T)
    ways = mpmath.gamma(R + y) / mpmath.gamma(R) / mpmath.factorial(y)

    def bought(u):
        return ways * (A / (A + u)) ** R * (u / (A + u)) ** y

    def f(v):
        u = mpmath.e**v
        return s * B**s / (B + u) ** (s + 1) * bought(u) * u

    v = np.linspace(np.log(t) - 60, np.log(t), 6001)
    u = np.exp(v)
    ln_f = (y + 1) * v - (R.__float__() + y) * np.log(A.__float__() + u)
    ln_f -= (s + 1) * np.log(B.__float__() + u)
    there = v[ln_f > ln_f.max() - 60]
    pieces = [mpmath.mpf(p) for p in np.linspace(there[0], there[-1], 25)]
    return float(bought(mpmath.mpf(t)) * (B / (B + t)) ** s + mpmath.quad(f, pieces))


@pytest.mark.parametrize(
    "theta",
    [(0.553, 10.578, 0.606, 11.669), (1e3, 2e3, 50.0, 1e3), (0.05, 1.0, 0.05, 100.0)],
    ids=["CDNOW", "all alike", "all differ"],
)
@pytest.mark.parametrize("history", [(0, 0.0), (3, 39.0), (5000, 100.0)])
def test_pareto_agrees_with_the_integral_to_many_digits(theta, history):
    model = crm.ParetoNBD.from_params(**dict(zip(["r", "alpha", "s", "beta"], theta, strict=True)))
    x, T = history
    for t, y in [(39.0, 0), (39.0, 2), (500.0, 40)]:
        chance = model._future_pmf(y, np.array([x * 1.0]), np.array([T]), t).item()
        assert chance == pytest.approx(exact_pareto(y, x, T, t, theta), rel=1e-8, abs=1e-12)


def test_thousands_of_purchases_neither_overflow_nor_lose_chance():
    base = pd.DataFrame({"frequency": [5000], "t_x": [99.9], "T": [100.0]})
    for name in ("BG", "MBG", "Pareto"):
        model = MODELS[name]
        assert model.pmf(base, np.arange(900), 10).sum(axis=1).item() == pytest.approx(1, abs=1e-9)


@each_model
@pytest.mark.parametrize("x", [-1, 0.5, np.nan, "2", None])
def test_purchases_are_whole_numbers(name, x):
    with pytest.raises(ValueError, match="x must be a whole number from 0 up"):
        MODELS[name].pmf(histories(name), x, 10)


def test_information_criteria_compare_models_of_the_same_customers():
    """By hand from the published log-likelihoods: -9582.4 (BG/NBD), -9595.0 (Pareto/NBD)."""
    base = crm.holdout(crm.load("cdnow_sample"), split="1997-09-30")
    for model, ll in ((crm.BGNBD(), -9582.43), (crm.ParetoNBD(), -9594.98)):
        attrs = model.fit(base).summary().attrs
        assert attrs["aic"] == pytest.approx(-2 * ll + 8, abs=0.02)
        assert attrs["bic"] == pytest.approx(-2 * ll + 4 * np.log(2357), abs=0.02)
    donors = crm.load("donations")
    attrs = crm.BGBB().fit(donors, weights=donors["donors"]).summary().attrs
    assert attrs["bic"] - attrs["aic"] == pytest.approx(4 * (np.log(11104) - 2))
