"""The NBD-Dirichlet: printed figures, exact sums, recovery of what was simulated, bad input."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaln

import crmlib as crm
from crmlib import DataError
from crmlib.data import load

BB = {"buyer": "buyer", "brand": "brand"}
TOOTHPASTE = [
    "Colgate DC", "Macleans", "Close Up", "Signal", "ultrabrite", "Gibbs SR", "Boots Priv. Label",
    "Sainsbury Priv. Lab.",
]  # fmt: skip
SHARES = pd.Series([0.25, 0.19, 0.10, 0.10, 0.09, 0.08, 0.03, 0.02], TOOTHPASTE)
PENETRATIONS = pd.Series([0.20, 0.17, 0.09, 0.08, 0.08, 0.07, 0.03, 0.02], TOOTHPASTE)


pytestmark = pytest.mark.filterwarnings(
    "ignore:Dirichlet. no S gives", "ignore:Dirichlet. S = 1.38"
)


def quietly(make, *args, **kwargs):
    with warnings.catch_warnings(action="ignore"):
        return make(*args, **kwargs)


@pytest.fixture(scope="module")
def toothpaste():
    return quietly(crm.Dirichlet.from_shares, 0.56, 2.6, SHARES, PENETRATIONS)


@pytest.fixture(scope="module")
def tuna():
    with pytest.warns(UserWarning, match="has no K"):
        return crm.Dirichlet().fit(load("tuna"), buyer="household", brand="brand")


def test_toothpaste_as_the_guide_of_the_r_package_prints_it(toothpaste):
    assert toothpaste.params_.index.tolist() == ["M", "K", "S"]
    assert f"{toothpaste.params_['M']:.3f}" == "1.456"
    assert f"{toothpaste.params_['K']:.2f}" == "0.78"
    assert f"{toothpaste.params_['S']:.1f}" == "1.3"
    colgate = toothpaste.predict().loc["Colgate DC"]
    of_category = colgate["frequency"] / colgate["scr"]
    said = [colgate["penetration"], colgate["frequency"], of_category]
    assert [f"{value:.2f}" for value in said] == ["0.20", "1.82", "3.16"]


def test_toothpaste_to_more_digits(toothpaste):
    assert toothpaste.params_.tolist() == pytest.approx([1.456, 0.778816, 1.2954], abs=2e-4)
    own = [1.298, 2.213, 1.603, 0.845, 1.449, 1.293, 2.220, 2.138]
    assert toothpaste.brand_S_.tolist() == pytest.approx(own, abs=6e-4)
    colgate = toothpaste.predict().loc["Colgate DC"]
    assert colgate[["scr", "sole"]].tolist() == pytest.approx([0.575, 0.452], abs=1e-3)


def test_the_choice_of_S_is_said():
    with pytest.warns(UserWarning, match="without Macleans, Boots"):
        model = crm.Dirichlet.from_shares(0.56, 2.6, SHARES, PENETRATIONS)
    [text] = model.warnings_
    assert "over all brands it is 1.55 (they run from 0.845 to 2.22" in text


def test_brands_are_matched_by_name(toothpaste):
    model = quietly(crm.Dirichlet.from_shares, 0.56, 2.6, SHARES.to_dict(), PENETRATIONS.iloc[::-1])
    pd.testing.assert_series_equal(model.params_, toothpaste.params_)
    pd.testing.assert_frame_equal(model.predict(), toothpaste.predict())


def test_tuna_given_each_households_purchases(tuna):
    assert tuna.params_["S"] == pytest.approx(3.4118, abs=1e-4)
    predicted = tuna.predict()[["penetration", "frequency", "scr", "sole"]]
    expected = {"skw": [0.6843, 2.8608, 0.5241, 0.3265], "pw": [0.1808, 1.8771, 0.2676, 0.1608]}
    for brand, values in expected.items():
        assert predicted.loc[brand].tolist() == pytest.approx(values, abs=5.1e-5)
    own = {"skw": 3.518, "sko": 2.656, "cosw": 4.903, "coso": 8.822, "pw": 1.323}
    assert tuna.brand_S_.to_dict() == pytest.approx(own, abs=6e-4)


def test_without_a_population_K_is_missing_and_said_to_be(tuna):
    assert np.isnan(tuna.params_["K"]) and tuna.params_["M"] == pytest.approx(13_705 / 3_093)
    [text] = tuna.warnings_
    assert "Give population=" in text
    assert tuna.predict().notna().all(axis=None)


def test_a_population_changes_the_category_but_not_S(tuna):
    with warnings.catch_warnings(action="error"):
        model = crm.Dirichlet().fit(load("tuna"), buyer="household", brand="brand", population=7180)
    M, K, S = model.params_
    assert pytest.approx(13_705 / 7180) == M and pytest.approx(tuna.params_["S"]) == S
    assert pytest.approx(1 - 3093 / 7180) == (1 + M / K) ** -K
    # 3,093 / 7,180 is what the NBD without its zeros implies (M 1.909, K .2698, by likelihood):
    # the two estimates of K should not be far apart.
    assert pytest.approx(0.2698, abs=0.02) == K


def simulate(seed, *, n=20_000, M=2.5, K=0.8, S=1.3, shares=(0.4, 0.3, 0.2, 0.1)):
    rng = np.random.default_rng(seed)
    bought = rng.negative_binomial(K, K / (K + M), n)
    chances = rng.dirichlet(S * np.array(shares), n)
    counts = rng.multinomial(bought, chances)
    who, brand = np.nonzero(counts)
    times = counts[who, brand]
    return pd.DataFrame({"buyer": np.repeat(who, times), "brand": np.repeat(brand, times)})


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("S", [0.4, 1.3, 6.0])
def test_what_was_simulated_is_found(seed, S):
    panel = simulate(seed, S=S, n=100_000)
    model = crm.Dirichlet().fit(panel, **BB, population=100_000)
    assert model.params_.to_dict() == pytest.approx({"M": 2.5, "K": 0.8, "S": S}, rel=0.03)
    measured = crm.brand_metrics(panel, **BB, population=100_000)
    pd.testing.assert_frame_equal(model.predict(), measured, rtol=0.02, atol=0.01)


@pytest.mark.parametrize("model", ["toothpaste", "tuna"])
def test_predictions_are_shares_and_agree_with_each_other(model, request):
    model = request.getfixturevalue(model)
    table = model.predict()
    shares = table.drop(columns="frequency")
    assert ((shares > 0) & (shares < 1)).all(axis=None)
    assert (table["sole"] < table["scr"]).all()  # sole buyers give all they buy
    bought = table["penetration"] * table["frequency"]
    np.testing.assert_allclose(bought, model.params_["M"] * table["share"], rtol=1e-6)
    # double jeopardy
    by_size = table.sort_values("share")
    assert (by_size[["penetration", "frequency", "scr", "sole"]].diff().dropna() >= 0).all(
        axis=None
    )


def choices(n, alpha):
    """Give every way n choices can fall on the brands, with its chance."""
    if len(alpha) == 1:
        yield (n,)
        return
    for first in range(n + 1):
        for rest in choices(n - first, alpha[1:]):
            yield (first, *rest)


def chance(x, alpha):
    """Dirichlet-multinomial, as a chain of beta-binomials: not the way the library computes it."""
    ln, left, rest = 0.0, sum(x), sum(alpha)
    for count, a in zip(x[:-1], alpha[:-1], strict=True):
        rest -= a
        ln += betaln(a + count, rest + left - count) - betaln(a, rest)
        ln -= np.log(left + 1) + betaln(count + 1, left - count + 1)
        left -= count
    return np.exp(ln)


def test_measures_are_sums_over_the_distribution_of_choices():
    panel = pd.DataFrame(
        [(who, brand) for who, basket in enumerate(
            ["a", "ab", "aab", "bbc", "aaaa", "abcc", "cc", "b", "ab"]) for brand in basket],
        columns=["buyer", "brand"],
    )  # fmt: skip
    model = quietly(crm.Dirichlet().fit, panel, **BB)
    alpha = (model.params_["S"] * model.shares_).tolist()
    people = panel["buyer"].value_counts().value_counts(normalize=True)
    buys = own = all_of = sole = total = 0.0
    for n, share in people.items():
        for x in choices(n, alpha):
            p = share * chance(x, alpha)
            total += p
            if x[0]:
                buys, own, all_of = buys + p, own + p * x[0], all_of + p * n
                sole += p * (x[0] == n)
    assert total == pytest.approx(1)
    first = model.predict().iloc[0]
    expected = [buys, own / buys, model.shares_.iloc[0], own / all_of, sole / buys]
    assert first.tolist() == pytest.approx(expected)


def test_likelihood_is_highest_at_S():
    panel = simulate(5, n=300)
    S = crm.Dirichlet().fit(panel, **BB, population=300).params_["S"]
    counts = pd.crosstab(panel["buyer"], panel["brand"])
    shares = counts.sum() / counts.to_numpy().sum()

    def ln_likelihood(S):
        alpha = (S * shares).tolist()
        return sum(np.log(chance(tuple(x), alpha)) for x in counts.to_numpy())

    best = ln_likelihood(S)
    assert best > ln_likelihood(S * 1.01) and best > ln_likelihood(S / 1.01)


def panel(rows):
    return pd.DataFrame([tuple(row) for row in rows.split()], columns=["buyer", "brand"])


def test_buyers_who_never_switch():
    with pytest.warns(UserWarning, match=r"S ran away to 0\.001.*stay with one brand each"):
        model = crm.Dirichlet().fit(panel("1a 1a 2b 2b 3a"), **BB, population=9)
    table = model.predict()
    assert np.isfinite(table).all(axis=None) and (table["sole"] > 0.99).all()


def test_buyers_who_all_switch_alike():
    with pytest.warns(UserWarning, match="S ran away to 10000.*are all alike"):
        model = crm.Dirichlet().fit(panel("1a 1b 2b 2a 3a 3b"), **BB, population=9)
    assert np.isfinite(model.predict()).all(axis=None)


def test_buying_more_even_than_chance():
    with pytest.warns(UserWarning, match=r"K ran away"):
        model = crm.Dirichlet.from_shares(0.64, 1.53, {"a": 0.5, "b": 0.3}, {"a": 0.36, "b": 0.23})
    assert np.isfinite(model.predict()).all(axis=None)


def test_nobody_bought_twice():
    with pytest.raises(DataError, match="nobody bought twice"):
        crm.Dirichlet().fit(panel("1a 2b 3a"), **BB, population=9)


def test_one_brand():
    with pytest.raises(DataError, match="a is the only brand"):
        crm.Dirichlet().fit(panel("1a 1a"), **BB)


def test_a_model_that_was_not_fitted():
    with pytest.raises(ValueError, match="not fitted"):
        crm.Dirichlet().predict()


@pytest.mark.parametrize("penetration", [0, 1, 56, -0.1, np.nan, np.inf, "0.5", True, None, [0.5]])
def test_penetrations_of_a_category_that_cannot_be(penetration):
    with pytest.raises(ValueError, match="penetration"):
        crm.Dirichlet.from_shares(penetration, 2.6, SHARES, PENETRATIONS)


@pytest.mark.parametrize("purchases", [0, 0.99, -1, np.nan, np.inf, "2.6", True, None, [2.6]])
def test_purchases_per_buyer_that_cannot_be(purchases):
    with pytest.raises(ValueError, match="purchases"):
        crm.Dirichlet.from_shares(0.56, purchases, SHARES, PENETRATIONS)


def test_purchases_beyond_any_buyer():
    with pytest.raises(DataError, match="mean buyers of more than 2,000,000 purchases"):
        crm.Dirichlet.from_shares(0.56, 1e7, SHARES, PENETRATIONS)


A, B = SHARES, PENETRATIONS
TABLES = {
    "per cent": (A * 100, B, "Colgate DC, shares = 25.0: not a share between 0 and 1"),
    "negative": (-A, B, "shares = -0.25: not a share"),
    "a zero": (A.replace(0.02, 0), B, "shares = 0.0: not a share"),
    "missing": (A.replace(0.02, np.nan), B, "shares = nan: missing"),
    "text": (A.astype("str"), B, "shares = 0.25: text, not a number"),
    "too much": (A * 1.2, B, "they sum to 1.032, more than 1"),
    "another brand": (A, B.rename({"Signal": "signal"}), "Signal: is not in the index of"),
    "one too few": (A, B.iloc[1:], "shares = Colgate DC: is not in the index of brand_pen"),
    "a brand twice": (
        A.rename({"Signal": "Close Up"}), B.rename({"Signal": "Close Up"}), "called 'Close Up'"
    ),
    "more than the category": (A, B + 0.4, "Colgate DC.*more than bought in the category, 0.56"),
    "no brands": (A.iloc[:0], B.iloc[:0], "shares: there are none"),
    "a number": (0.3, 0.2, "shares must be one column"),
    "none can be": (A / 50, B, "no brand's penetration goes with its share"),
}  # fmt: skip


@pytest.mark.parametrize(("shares", "penetrations", "message"), TABLES.values(), ids=TABLES)
def test_figures_of_brands_that_are_refused(shares, penetrations, message):
    with pytest.raises(ValueError, match=message):
        quietly(crm.Dirichlet.from_shares, 0.56, 2.6, shares, penetrations)


def test_a_brand_whose_figures_do_not_go_together_is_named():
    with pytest.warns(UserWarning, match="no S gives Signal the penetration"):
        model = crm.Dirichlet.from_shares(0.56, 2.6, SHARES, dict(PENETRATIONS) | {"Signal": 0.4})
    assert np.isnan(model.brand_S_["Signal"]) and np.isfinite(model.predict()).all(axis=None)


def test_inputs_are_not_changed():
    shares, penetrations, table = SHARES.copy(), PENETRATIONS.copy(), panel("1a 1b 2a")
    before = table.copy()
    quietly(crm.Dirichlet.from_shares, 0.56, 2.6, shares, penetrations)
    quietly(crm.Dirichlet().fit, table, **BB)
    pd.testing.assert_series_equal(shares, SHARES)
    pd.testing.assert_series_equal(penetrations, PENETRATIONS)
    pd.testing.assert_frame_equal(table, before)


def test_the_population_makes_no_difference_to_what_its_buyers_do():
    """Of ten thousand million people too: what is left out at the far end is a part of the buyers."""
    purchases = pd.DataFrame({"buyer": [1, 1, 2, 2, 3, 3, 3], "brand": list("xyxxyyx")})
    with warnings.catch_warnings(action="ignore"):
        few, many = (
            crm.Dirichlet().fit(purchases, buyer="buyer", brand="brand", population=n).predict()
            for n in (10**6, 10**10)
        )
    pd.testing.assert_frame_equal(few.iloc[:, 1:], many.iloc[:, 1:], rtol=1e-4)
    with pytest.raises(ValueError, match="population must be a whole number from 1 to 10,000,000"):
        crm.brand_metrics(purchases, buyer="buyer", brand="brand", population=10**15)


@pytest.mark.parametrize("purchases", [1e6, 1e300])
def test_impossible_purchases_are_refused_at_once(purchases):
    words = "mean buyers of more than 2,000,000 purchases"
    with warnings.catch_warnings(action="ignore"), pytest.raises(DataError, match=words):
        crm.Dirichlet.from_shares(0.56, purchases, [0.25, 0.19], [0.2, 0.17])


def test_a_model_prints_what_it_is():
    assert repr(crm.Dirichlet()) == "Dirichlet(): not fitted"
    with warnings.catch_warnings(action="ignore"):
        model = crm.Dirichlet.from_shares(0.56, 2.6, [0.25, 0.19], [0.2, 0.17])
    assert re.fullmatch(r"Dirichlet\(M=1\.456, K=0\.778\d?, S=[\d.]+\)", repr(model)), model
    assert model._repr_mimebundle_() == {"text/plain": repr(model)}
