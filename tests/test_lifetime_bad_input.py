"""Impossible tables are refused in plain words; odd but possible ones never end in nonsense.

Everything here runs with numpy's errors raised: no overflow, no NaN on the way, no quiet warning.
"""

import warnings
from contextlib import contextmanager, nullcontext

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import crmlib as crm
from crmlib import DataError

MODELS = [crm.BGNBD, crm.MBGNBD, crm.ParetoNBD]
every_model = pytest.mark.parametrize("model", MODELS)
PARAMS = {
    crm.BGNBD: {"r": 0.5, "alpha": 6.0, "a": 0.8, "b": 2.4},
    crm.MBGNBD: {"r": 0.5, "alpha": 6.0, "a": 0.8, "b": 2.4},
    crm.ParetoNBD: {"r": 0.5, "alpha": 6.0, "s": 0.7, "beta": 12.0},
    crm.GammaGamma: {"p": 6.0, "q": 4.0, "gamma": 15.0},
}


@pytest.fixture(autouse=True)
def numpy_errors_are_raised():
    with np.errstate(over="raise", divide="raise", invalid="raise"), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


@contextmanager
def refused(*words):
    """Expect a DataError whose message has these words and an advice, and which lists them."""
    with pytest.raises(DataError) as caught:
        yield
    for word in [*words, "What to do: "]:
        assert word in str(caught.value)
    assert len(caught.value.problems)


def table(x, t_x, T):
    return pd.DataFrame({"frequency": x, "t_x": t_x, "T": T})


def good(n=300, seed=1):
    return crm.BGNBD.from_params(**PARAMS[crm.BGNBD]).simulate(n, 39.0, seed)


def spenders(n=300, seed=1, **params):
    x = np.random.default_rng(seed).geometric(0.4, n) - 1
    return crm.GammaGamma.from_params(**(PARAMS[crm.GammaGamma] | params)).simulate(x, seed)


def known(model):
    return model.from_params(**PARAMS[model])


BROKEN = {
    "t_x after T": ("t_x", 40.0, "after the end of observation"),
    "negative t_x": ("t_x", -1.0, "below zero"),
    "negative T": ("T", -1.0, "below zero"),
    "negative count": ("frequency", -1.0, "below zero"),
    "missing time": ("T", np.nan, "missing or infinite"),
    "missing count": ("frequency", np.nan, "missing or infinite"),
    "infinite time": ("T", np.inf, "missing or infinite"),
    "half a purchase": ("frequency", 2.5, "whole numbers"),
    "repeats without time": ("t_x", 0.0, "no time between them"),
    "time without repeats": ("frequency", 0.0, "no repeat purchase"),
}


@every_model
@pytest.mark.parametrize("case", BROKEN)
def test_impossible_rows_are_refused_by_name(model, case):
    column, value, words = BROKEN[case]
    base = good().astype({"frequency": float})
    row = base.index[base["frequency"] > 0][3]
    base.loc[row, column] = value
    for use in (model().fit, lambda b: known(model).predict(b, 3)):
        with refused(f"row {row}, ", words):
            use(base)


def test_all_bad_rows_are_listed():
    base = good()
    base["T"] = -1.0
    with pytest.raises(DataError) as caught:
        crm.BGNBD().fit(base)
    assert len(caught.value.problems) == len(base)


@every_model
def test_missing_columns_suggest_the_nearest(model):
    base = good()[["frequency", "t_x", "T", "recency"]]
    with refused("t_x: there is no such column", "recency", "from the first to the last"):
        model().fit(base.drop(columns="t_x"))
    with refused("frequency", "the nearest is 'Frequency'"):
        model().fit(base.rename(columns={"frequency": "Frequency"}))
    with refused("T: there is no such column"):
        model().fit(base[["frequency", "t_x"]])


@every_model
def test_other_things_than_numbers(model):
    base = good()
    with refused("not a number", "to_numeric"):
        model().fit(base.assign(frequency=base["frequency"].astype(str)))
    with refused("not numbers", ".dt.days"):
        model().fit(base.assign(T=pd.to_timedelta(base["T"], unit="D")))
    with refused("two columns have this name"):
        model().fit(pd.concat([base, base[["T"]]], axis=1))
    with pytest.raises(ValueError, match="summary must be a DataFrame, not"):
        model().fit(base.to_numpy())


@every_model
def test_nullable_columns_are_numbers(model):
    base = good()
    nullable = base.astype({"frequency": "Int64", "t_x": "Float64"})
    pd.testing.assert_series_equal(model().fit(base).params_, model().fit(nullable).params_)
    nullable.loc[5, "t_x"] = pd.NA
    with refused("row 5, t_x", "missing"):
        model().fit(nullable)


@every_model
def test_tables_too_poor_to_say_anything(model):
    base = good()
    with refused("summary: is empty"):
        model().fit(base.iloc[:0])
    with refused("nobody bought a second time"):
        model().fit(base[base["frequency"] == 0])
    with refused("only 1 different histories"):
        model().fit(base[base["frequency"] > 0].iloc[[0]])
    with refused("only 1 different histories"):
        model().fit(table([39] * 50, [39.0] * 50, [39.0] * 50))


@every_model
def test_weights_must_fit_the_table(model):
    base = good(50)
    with refused("has 49 values for 50 rows of summary"):
        model().fit(base, weights=np.ones(49))
    with refused("weights = 99: is not in the index of summary"):
        model().fit(base, weights=pd.Series(1, index=[*base.index[:-1], 99]))
    many = good(600)  # enough for every parameter to be told
    times = pd.Series(np.arange(600) % 3, many.index)
    one, other = model().fit(many, weights=times), model().fit(many, weights=times[::-1])
    pd.testing.assert_series_equal(one.params_, other.params_)
    for bad in (-1.0, np.nan, np.inf):
        weights = np.ones(50)
        weights[7] = bad
        with refused("row 7, weights"):
            model().fit(base, weights=weights)
    with refused("weights: are all zero"):
        model().fit(base, weights=np.zeros(50))
    with refused("nobody bought a second time"):
        model().fit(base, weights=(base["frequency"] == 0).astype(float))


@every_model
def test_a_table_in_another_unit_warns(model):
    weeks = good()
    fit = model().fit(weeks)
    days = weeks.assign(t_x=weeks["t_x"] * 7, T=weeks["T"] * 7)
    with pytest.warns(UserWarning, match="another unit of time"):
        fit.predict(days, 10)
    assert any("another unit" in text for text in fit.warnings_)
    other = model().fit(days)
    with pytest.warns(UserWarning, match="0.14 times as long"):
        other.draw_future(weeks, 10, seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model().fit(weeks).predict(weeks.head(20), 10)


@every_model
@pytest.mark.parametrize("t", [-1.0, np.nan, np.inf, [1.0, 2.0]])
def test_horizons_must_be_times(model, t):
    base, fit = good(20), known(model)
    for use in (fit.predict, lambda b, t: fit.draw_future(b, t, seed=1)):
        with pytest.raises(ValueError, match="zero or more"):
            use(base, t)
    if not isinstance(t, list):
        with pytest.raises(ValueError, match="finite and not negative"):
            fit.expected_purchases(t)
        with pytest.raises(ValueError, match="finite and not negative"):
            fit.simulate(5, t, seed=1)


@pytest.mark.parametrize("model", [*MODELS, crm.GammaGamma])
def test_unfitted_models_say_so(model):
    base = spenders(20) if model is crm.GammaGamma else good(20)
    calls = [model().summary, lambda: model().draws(3, seed=1)]
    if model is crm.GammaGamma:
        calls += [lambda: model().predict(base), lambda: model().simulate([1], seed=1)]
    else:
        calls += [lambda: model().predict(base, 3), lambda: model().expected_purchases(3)]
        calls += [lambda: model().simulate(3, 3, seed=1)]
    for call in calls:
        with pytest.raises(NotFittedError, match="not fitted yet"):
            call()


@pytest.mark.parametrize("model", [*MODELS, crm.GammaGamma])
def test_given_parameters(model):
    params = PARAMS[model]
    assert model.from_params(**params).params_.to_dict() == params
    with pytest.raises(TypeError, match=f"takes the parameters {', '.join(params)}"):
        model.from_params(**params, extra=1.0)
    with pytest.raises(TypeError, match="takes the parameters"):
        model.from_params(**dict(list(params.items())[1:]))
    for bad in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="must be a number above zero"):
            model.from_params(**{**params, next(iter(params)): bad})
    with pytest.raises(ValueError, match="given, not fitted"):
        model.from_params(**params).summary()


def odd_bases():
    """Possible, and hard: what a firm's log can really look like."""
    rng = np.random.default_rng(5)
    small = good(400)[["frequency", "t_x", "T"]]
    T = rng.uniform(200, 1400, 300).round()
    bought = rng.poisson(0.98 * T - 10).clip(1)
    giant, gone = small.copy(), small.copy()
    giant.iloc[0], gone.iloc[0] = [10_000, 38.9, 39.0], [10_000, 3.0, 39.0]
    alike = {"r": 1e4, "alpha": 2e4}
    simulated = {
        "all alike": crm.BGNBD.from_params(**alike, a=1e4, b=9e4),
        "nobody leaves": crm.BGNBD.from_params(r=0.5, alpha=2, a=1e-6, b=1),
        "all alike, nobody leaves": crm.BGNBD.from_params(**alike, a=1e-6, b=1),
        "all alike, any moment": crm.ParetoNBD.from_params(**alike, s=1e4, beta=2e5),
        "ten thousand each": crm.BGNBD.from_params(r=3, alpha=0.01, a=0.5, b=50),
    }
    when = rng.uniform(1, 39, 300)
    return {
        "daily for years": table(T, T, T),
        "nearly daily": table(bought, np.minimum(T, T - rng.poisson(1, 300)).clip(1), T),
        "a giant": giant,
        "a giant who left": gone,
        **{f"{n} customers, {seed}": good(n, seed) for n in (12, 25) for seed in range(6)},
        "four": table([0, 1, 2, 3], [0, 2.0, 5.0, 9.0], [10.0] * 4),
        "one repeat": table([0] * 200 + [1], [0.0] * 200 + [5.0], rng.uniform(20, 40, 201)),
        "one repeat each": table([1] * 200, rng.uniform(1, 20, 200), rng.uniform(20, 40, 200)),
        "all bought today": table(rng.integers(1, 9, 300), when, when),
        "all left at once": table(rng.integers(1, 9, 300), rng.uniform(0.1, 1, 300), [200.0] * 300),
        "some came today": pd.concat([small, table([0] * 50, [0.0] * 50, [0.0] * 50)]),
        **{name: m.simulate(1000, 39.0, seed=2) for name, m in simulated.items()},
    }


ODD = odd_bases()


@every_model
@pytest.mark.parametrize("case", ODD)
def test_odd_bases_give_a_right_number_or_a_plain_word(model, case):
    base = ODD[case].reset_index(drop=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            fit = model().fit(base)
    except DataError as refusal:
        assert "different histories" in str(refusal)
        return
    assert np.isfinite(fit.log_likelihood_)
    assert (np.isfinite(fit.params_) & (fit.params_ > 0)).all()
    summary = fit.summary()
    # Errors are missing, or a parameter known to less than a factor e^24, only with a warning.
    vague = ~(summary["se"] / summary["estimate"] < 12)
    assert fit.warnings_ or not vague.any()
    assert fit.warnings_ or fit.params_.between(1e-4, 1e4).all()
    horizons = np.median(base["T"]) * np.array([0.0, 0.5, 20.0])
    now, soon = (fit.predict(base, t) for t in horizons[:2])
    far = horizons[2] > 2 * base["T"].max()
    with pytest.warns(UserWarning, match="asked for") if far else nullcontext():
        late = fit.predict(base, horizons[2])
    for table in (now, soon, late):
        assert np.isfinite(table).all(axis=None) and (table >= 0).all(axis=None)
        assert (table["p_alive"] <= 1).all()
    assert (now["purchases"].abs() < 1e-9).all()
    assert (late["purchases"] >= soon["purchases"] * (1 - 1e-9)).all()
    expected = fit.expected_purchases(np.array([0.0, 1.0, 50.0, 5000.0]))
    assert np.isfinite(expected).all() and (np.diff(expected) >= 0).all()
    if "giant" not in case:
        # Even where the parameters mean nothing, they add up to what was seen.
        seen = fit.expected_purchases(base["T"].to_numpy()).sum()
        assert seen == pytest.approx(base["frequency"].sum(), rel=0.5)


def test_run_away_parameters_are_named():
    with pytest.warns(UserWarning) as heard:
        fit = crm.BGNBD().fit(ODD["nobody leaves"])
    assert [str(w.message) for w in heard] == [f"BGNBD: {text}" for text in fit.warnings_]
    assert {w.filename for w in heard} == {__file__}  # the line that is shown is the caller's
    assert any(text.startswith("a ran away") for text in fit.warnings_)
    with pytest.raises(ValueError, match="no standard errors to draw from"):
        fit.draws(5, seed=1)
    assert fit.predict(ODD["nobody leaves"], 10)["p_alive"].min() > 0.99


def test_one_vague_parameter_does_not_hide_the_others():
    with pytest.warns(UserWarning):
        fit = crm.ParetoNBD().fit(ODD["all left at once"])
    se = fit.summary()["se"]
    assert any("no standard errors for s and beta" in text for text in fit.warnings_)
    assert np.isfinite(se[["r", "alpha"]]).all() and se[["s", "beta"]].isna().all()


def test_a_giant_is_predicted_as_a_giant():
    """10,000 purchases in 39 weeks, the last yesterday: about as many again, if still there."""
    base = ODD["a giant"]
    for model in MODELS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            row = model().fit(base).predict(base, 1.0).iloc[0]
        assert row["purchases"] == pytest.approx(10_000 / 39 * row["p_alive"], rel=0.02)
        # Silent for 0.1 weeks at 256 a week is long: 25 purchases are missing.
        assert row["p_alive"] < 1e-4


SPEND_BROKEN = {
    "zero": (0.0, "above zero"),
    "refund": (-3.0, "below zero"),
    "missing": (np.nan, "missing or infinite"),
    "infinite": (np.inf, "missing or infinite"),
}


@pytest.mark.parametrize("case", SPEND_BROKEN)
def test_impossible_spend_is_refused_by_name(case):
    value, words = SPEND_BROKEN[case]
    base = spenders()
    row = base.index[base["frequency"] > 0][2]
    base.loc[row, "monetary"] = value
    with refused(f"row {row}, monetary", words):
        crm.GammaGamma().fit(base)


def test_spend_tables_too_poor_or_odd():
    base = spenders()
    with refused("monetary: there is no such column", "the nearest is 'Monetary'"):
        crm.GammaGamma().fit(base.rename(columns={"monetary": "Monetary"}))
    with refused("summary: is empty"):
        crm.GammaGamma().fit(base.iloc[:0])
    with refused("only 0 different means"):
        crm.GammaGamma().fit(base[base["frequency"] == 0])
    with refused("only 1 different means"):
        crm.GammaGamma().fit(base[base["frequency"] > 0].assign(monetary=9.99))
    with refused("whole numbers"):
        crm.GammaGamma().fit(base.assign(frequency=base["frequency"] + 0.5))
    with refused("monetary = ", "not a number"):
        crm.GammaGamma().fit(base.assign(monetary=base["monetary"].map("${:.2f}".format)))
    with refused("only 0 different means"):
        crm.GammaGamma().fit(base, weights=(base["frequency"] == 0).astype(float))


def test_heavy_tailed_spend_warns():
    base = spenders(1000, q=0.7, p=2.0)
    with pytest.warns(UserWarning, match="is not above 1, so mean spend over all customers is inf"):
        fit = crm.GammaGamma().fit(base)
    with pytest.warns(UserWarning, match="have no finite mean"):
        spend = fit.predict(base)
    once = base["frequency"] == 0
    assert np.isinf(spend[once]).all() and np.isfinite(spend[~once]).all()
    assert len(fit.warnings_) == 2


def with_one(monetary):
    one = pd.DataFrame({"frequency": [1], "monetary": [monetary]})
    return pd.concat([spenders(), one], ignore_index=True)


ODD_SPEND = {
    "one price, nearly": pd.DataFrame(
        {"frequency": [1, 2, 3, 4] * 5, "monetary": [10, 10.001, 10.002, 10.0, 10.003] * 4}
    ),
    "three prices": pd.DataFrame(
        {
            "frequency": np.arange(300) % 3 + 1,
            "monetary": np.repeat([9.9, 19.9, 29.9], 100),
        }
    ),
    "no spread between customers": spenders(1000, q=1e5, gamma=15e5),
    "no spread within customers": spenders(1000, p=1e5, gamma=1e-3),
    "no spread at all": spenders(1000, p=1e6, q=1e6, gamma=30.0),
    "very heavy": spenders(1000, q=0.1),
    "one enormous": with_one(1e9),
    "one next to nothing": with_one(1e-300),
    "thousands of purchases": crm.GammaGamma.from_params(**PARAMS[crm.GammaGamma]).simulate(
        np.arange(1000, 9000, 40), seed=1
    ),
    **{f"{n} customers, {seed}": spenders(n, seed) for n in (9, 15) for seed in range(5)},
}


@pytest.mark.parametrize("case", ODD_SPEND)
def test_odd_spend_gives_a_right_number_or_a_plain_word(case):
    base = ODD_SPEND[case]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        fit = crm.GammaGamma().fit(base)
        spend = fit.predict(base)
    assert np.isfinite(fit.log_likelihood_) and np.isfinite(fit.params_).all()
    summary = fit.summary()
    assert fit.warnings_ or (summary["se"] / summary["estimate"] < 12).all()
    back = base["frequency"] > 0
    assert np.isfinite(spend[back]).all() and (spend[back] > 0).all()
    # Between the customer's own mean and some common one.
    z = base["monetary"][back]
    if fit.params_["q"] > 1 and not any("slope" in text for text in fit.warnings_):
        common = fit.params_["p"] * fit.params_["gamma"] / (fit.params_["q"] - 1)
        low, high = np.minimum(z, common), np.maximum(z, common)
        assert ((spend[back] >= low * (1 - 1e-9)) & (spend[back] <= high * (1 + 1e-9))).all()


def test_what_was_seen_for_weeks_is_no_ground_for_years():
    """17 weeks of history, asked for a year ahead."""
    base = crm.BGNBD.from_params(**PARAMS[crm.BGNBD]).simulate(400, 17.0, seed=2)
    fit = crm.BGNBD().fit(base)
    for call in (fit.predict, lambda b, t: fit.pmf(b, 0, t), lambda b, t: fit.draw_future(b, t, 1)):
        with pytest.warns(
            UserWarning, match="52 ahead, fitted to customers watched for 17"
        ) as heard:
            call(base, 52)
        assert {w.filename for w in heard} == {__file__}
    assert sum("watched for 17" in text for text in fit.warnings_) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit.predict(base, 34)


def test_a_warning_is_said_again_and_points_at_the_readers_line():
    base = good()
    fit = crm.BGNBD().fit(base)
    days = base.assign(t_x=base["t_x"] * 7, T=base["T"] * 7)
    spend = crm.GammaGamma.from_params(**PARAMS[crm.GammaGamma])
    for _ in range(2):
        for call in (
            lambda: fit.predict(days, 10),
            lambda: crm.clv(fit, spend, days.assign(monetary=9.0), horizon=10, rate=0.1),
        ):
            with pytest.warns(UserWarning, match="another unit of time") as heard:
                call()
            assert {w.filename for w in heard} == {__file__}
    assert len(fit.warnings_) == 1


def test_all_amounts_alike_need_no_model():
    with refused("only 1 different means", "All spend alike"):
        crm.GammaGamma().fit(spenders().assign(monetary=9.99))


@pytest.mark.parametrize("model", [*MODELS, crm.BGBB, crm.SBG, crm.GammaGamma])
def test_models_say_whether_they_are_fitted(model):
    assert repr(model()) == f"{model.__name__}(): not fitted"
    known = model.from_params(**dict.fromkeys(model._names, 1.23456))
    inside = ", ".join(f"{name}=1.235" for name in model._names)
    assert repr(known) == f"{model.__name__}({inside})"
    assert known._repr_mimebundle_() == {"text/plain": repr(known)}
    assert repr(clone(known)) == repr(model())
