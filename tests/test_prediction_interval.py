"""Prediction intervals hold what comes, for customers whose future is simulated."""

import numpy as np
import pandas as pd
import pytest

import crmlib as crm

MODELS = {
    "BGNBD": ({"r": 0.5, "alpha": 5.0, "a": 0.8, "b": 2.5}, 40.0, 40),
    "ParetoNBD": ({"r": 0.55, "alpha": 10.0, "s": 0.6, "beta": 12.0}, 40.0, 40),
    "BGBB": ({"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.8}, 6, 10),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_interval_holds_the_share_it_promises(name):
    """A small sample, so that the parameters are uncertain too; its future drawn from the truth.

    Counts are whole numbers: the interval can hold more than it promises, hardly less. Neither end
    may be far off, as one would be if chance or the parameters were left out.
    """
    params, T, t = MODELS[name]
    truth = getattr(crm, name).from_params(**params)
    seen = {0.5: [], 0.9: []}
    for seed in range(2):
        base = truth.simulate(500, T, seed)
        model = getattr(crm, name)().fit(base)
        came = truth.draw_future(base, t, seed=seed + 100)
        for level, shares in seen.items():
            ahead = crm.prediction_interval(model, base, t, level=level, draws=100, seed=seed)
            shares.append([(came < ahead["low"]).mean(), (came > ahead["high"]).mean()])
    for level, shares in seen.items():
        below, above = np.mean(shares, axis=0)
        assert 1 - below - above > level - 0.02
        assert max(below, above) < (1 - level) / 2 + 0.02


def test_for_frequent_buyers_the_promise_is_met_closely():
    """With many purchases the whole numbers no longer widen the interval."""
    truth = crm.BGBB.from_params(alpha=8, beta=8, gamma=0.5, delta=60)
    base = truth.simulate(1500, 40, seed=1)
    model = crm.BGBB().fit(base)
    lively = base[model.predict(base, 1)["p_alive"] > 0.99]
    ahead = crm.prediction_interval(model, lively, 100, level=0.8)
    came = truth.draw_future(lively, 100, seed=9)
    assert came.between(ahead["low"], ahead["high"]).mean() == pytest.approx(0.82, abs=0.05)


def test_parameters_in_doubt_widen_the_interval():
    truth = crm.BGNBD.from_params(**MODELS["BGNBD"][0])
    few, many = truth.simulate(60, 40.0, 3), truth.simulate(10_000, 40.0, 3)
    customers = many[many["frequency"] > 3].head(300)

    def width(base):
        ahead = crm.prediction_interval(crm.BGNBD().fit(base), customers, 40)
        return (ahead["high"] - ahead["low"]).mean()

    assert width(few) > 1.05 * width(many)


def test_the_table_is_the_customers_own():
    base = crm.holdout(crm.load("cdnow_sample"), split="1997-09-30").head(300)
    model = crm.BGNBD().fit(base)
    ahead = crm.prediction_interval(model, base, 39, seed=4)
    assert ahead.columns.tolist() == ["mean", "low", "high"]
    pd.testing.assert_index_equal(ahead.index, base.index)
    pd.testing.assert_series_equal(
        ahead["mean"], model.predict(base, 39)["purchases"].rename("mean")
    )
    assert (ahead[["low", "high"]] % 1 == 0).all(axis=None) and (
        ahead["low"] <= ahead["high"]
    ).all()
    pd.testing.assert_frame_equal(ahead, crm.prediction_interval(model, base, 39, seed=4))
    wide = crm.prediction_interval(model, base, 39, level=0.99, seed=4)
    assert (wide["low"] <= ahead["low"]).all() and (wide["high"] >= ahead["high"]).all()


def test_large_bases_are_worked_through_in_blocks(monkeypatch):
    truth = crm.BGNBD.from_params(**MODELS["BGNBD"][0])
    base = truth.simulate(500, 40.0, 1)
    model = crm.BGNBD().fit(base)
    whole = crm.prediction_interval(model, base, 40)
    monkeypatch.setattr("crmlib.lifetime.prediction._BLOCK", 200)
    blocks = crm.prediction_interval(model, base, 40)
    pd.testing.assert_frame_equal(blocks[["mean"]], whole[["mean"]])
    assert blocks.index.equals(base.index)
    width = [(ahead["high"] - ahead["low"]).mean() for ahead in (blocks, whole)]
    assert width[0] == pytest.approx(width[1], rel=0.03)


@pytest.mark.parametrize(("level", "draws"), [(0, 200), (1, 200), (90, 200), (0.9, 5)])
def test_what_is_no_interval_is_refused(level, draws):
    base = pd.DataFrame({"frequency": [2], "t_x": [20.0], "T": [39.0]})
    model = crm.BGNBD.from_params(r=0.2, alpha=4, a=0.8, b=2.4)
    with pytest.raises(
        ValueError, match=r"level must be a share between|draws must be .* from 20 up"
    ):
        crm.prediction_interval(model, base, 39, level=level, draws=draws)


def test_given_parameters_have_no_uncertainty_to_draw_from():
    base = pd.DataFrame({"frequency": [2], "t_x": [20.0], "T": [39.0]})
    model = crm.BGNBD.from_params(r=0.2, alpha=4, a=0.8, b=2.4)
    with pytest.raises(ValueError, match="given, not fitted"):
        crm.prediction_interval(model, base, 39)
