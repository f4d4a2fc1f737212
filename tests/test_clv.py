"""Customer lifetime value: what a customer is expected to bring, in today's money."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

import crmlib as crm

SPEND = crm.GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44)
MODELS = {
    "BG": crm.BGNBD.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426),
    "BG, a = 1": crm.BGNBD.from_params(r=0.243, alpha=4.414, a=1.0, b=2.426),
    "MBG, fast buyers": crm.MBGNBD.from_params(r=0.4, alpha=0.01, a=0.9, b=1.6),
    "Pareto": crm.ParetoNBD.from_params(r=0.553, alpha=10.578, s=0.606, beta=11.669),
    "Pareto, leaving at once": crm.ParetoNBD.from_params(r=0.6, alpha=1.0, s=0.7, beta=1e-3),
}
every_model = pytest.mark.parametrize("name", MODELS)


@pytest.fixture
def customers():
    return pd.DataFrame(
        {
            "frequency": [0, 0, 1, 5, 300],
            "t_x": [0.0, 0.0, 2.0, 20.0, 38.0],
            "T": [0.0, 39.0, 39.0, 39.0, 39.0],
            "monetary": [np.nan, np.nan, 20.0, 80.0, 35.0],
        },
        index=pd.Index(["ann", "bo", "cy", "di", "ed"], name="customer_id"),
    )


@every_model
def test_without_a_rate_it_is_margin_spend_and_purchases(name, customers):
    model = MODELS[name]
    value = crm.clv(model, SPEND, customers, horizon=52, rate=0, margin=0.3)
    want = 0.3 * SPEND.predict(customers) * model.predict(customers, 52)["purchases"]
    pd.testing.assert_series_equal(value, want.rename("clv"), rtol=1e-12)
    assert value.index.equals(customers.index) and value.name == "clv"


def discounted_by_hand(model, customers, horizon, force):
    """Cut the horizon into steps, short ones first, and discount each from its middle.

    The error of that falls with the square of the step, so two step widths give the limit.
    """

    p_alive = model.predict(customers, horizon)["p_alive"]
    who = list(zip(customers["frequency"], customers["T"], strict=True))

    def steps(n):
        t = horizon * np.linspace(0, 1, n + 1) ** 4
        discount = np.exp(-force * (t[1:] + t[:-1]) / 2)
        return np.array([discount @ np.diff(model._future(x, T, t)) for x, T in who]) * p_alive

    return (4 * steps(800) - steps(400)) / 3


@every_model
@pytest.mark.parametrize("horizon, rate", [(39, 0.12), (520, 0.12), (520, 0.9), (5200, 0.12)])
def test_discounting_agrees_with_small_steps(name, horizon, rate, customers):
    model = MODELS[name]
    value = crm.clv(model, SPEND, customers, horizon=horizon, rate=rate, margin=0.3)
    force = np.log1p(rate) * 7 / 365.25
    want = discounted_by_hand(model, customers, horizon, force)
    np.testing.assert_allclose(value, 0.3 * SPEND.predict(customers) * want, rtol=1e-6)


@every_model
def test_the_unit_of_time_does_not_matter(name, customers):
    def value(unit, days):
        scale = 7 / days
        params = {
            k: v * scale if k in ("alpha", "beta") else v
            for k, v in MODELS[name].params_.to_dict().items()
        }
        model = type(MODELS[name]).from_params(**params)
        table = customers.assign(t_x=customers["t_x"] * scale, T=customers["T"] * scale)
        return crm.clv(model, SPEND, table, horizon=52 * scale, rate=0.12, unit=unit)

    weeks = value("week", 7)
    for unit, days in [("day", 1), ("month", 365.25 / 12), ("year", 365.25)]:
        pd.testing.assert_series_equal(value(unit, days), weeks, rtol=1e-9)


@every_model
def test_more_time_is_worth_more_and_interest_less(name, customers):
    model = MODELS[name]
    horizons = [1, 13, 52, 520, 5200]
    values = [crm.clv(model, SPEND, customers, horizon=h, rate=0.12) for h in horizons]
    assert (np.diff(values, axis=0) > 0).all()
    rates = [0.0, 0.05, 0.12, 0.99]
    values = [crm.clv(model, SPEND, customers, horizon=520, rate=r) for r in rates]
    assert (np.diff(values, axis=0) < 0).all()


def test_after_fits_on_one_base():
    base = crm.holdout(crm.load("cdnow_sample"), split="1997-09-30")
    buying, spending = crm.ParetoNBD().fit(base), crm.GammaGamma().fit(base)
    weeks = crm.clv(buying, spending, base, horizon=52, rate=0.12)
    assert np.isfinite(weeks).all() and (weeks > 0).all()
    undiscounted = crm.clv(buying, spending, base, horizon=52, rate=0)
    # A year at 12 %: purchases come in its course, so about half of the year's interest.
    assert 1.12**-0.6 < weeks.sum() / undiscounted.sum() < 1.12**-0.4
    days = crm.holdout(crm.load("cdnow_sample"), split="1997-09-30", unit="day")
    in_days = crm.ParetoNBD().fit(days)
    same = crm.clv(in_days, spending, days, horizon=364, rate=0.12, unit="day")
    pd.testing.assert_series_equal(same, weeks, rtol=1e-5)
    with pytest.warns(UserWarning, match="another unit"):
        crm.clv(buying, spending, days, horizon=52, rate=0.12)


def test_infinite_spend_is_infinite_value_with_a_warning(customers):
    heavy = crm.GammaGamma.from_params(p=2.0, q=0.7, gamma=15.0)
    with pytest.warns(UserWarning, match="no finite mean"):
        value = crm.clv(MODELS["BG"], heavy, customers, horizon=52, rate=0.12)
    assert np.isinf(value[["ann", "bo"]]).all() and np.isfinite(value[["cy", "di", "ed"]]).all()


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"rate": 12}, "rate must be a share from 0 to below 1, not 12. 12 % is 0.12"),
        ({"rate": 1.5}, "1.5 % is 0.015"),
        ({"rate": -0.05}, "rate must be a share"),
        ({"rate": np.nan}, "rate must be a share"),
        ({"horizon": 0}, "horizon must be a number above zero"),
        ({"horizon": -4}, "horizon must be a number above zero"),
        ({"horizon": np.inf}, "horizon must be a number above zero"),
        ({"unit": "fortnight"}, "'day', 'week', 'month' or 'year', not 'fortnight'"),
        ({"margin": np.nan}, "margin must be a share"),
        ({"margin": 30}, "margin must be a share from 0 to 1, not 30. 30 % is 0.3"),
        ({"horizon": [52, 0]}, "horizon must be a number above zero"),
        ({"horizon": "year"}, "horizon must be a number above zero"),
    ],
)
def test_terms_that_make_no_sense_are_refused(wrong, words, customers):
    terms = {"horizon": 52, "rate": 0.12, "margin": 0.3} | wrong
    with pytest.raises(ValueError, match=words):
        crm.clv(MODELS["BG"], SPEND, customers, **terms)


def test_models_and_tables_that_do_not_fit(customers):
    terms = {"horizon": 52, "rate": 0.12}
    with pytest.raises(TypeError, match="a model of purchases, then a GammaGamma of spend"):
        crm.clv(SPEND, MODELS["BG"], customers, **terms)
    with pytest.raises(NotFittedError, match="BGNBD instance is not fitted"):
        crm.clv(crm.BGNBD(), SPEND, customers, **terms)
    with pytest.raises(NotFittedError, match="GammaGamma instance is not fitted"):
        crm.clv(MODELS["BG"], crm.GammaGamma(), customers, **terms)
    with pytest.raises(crm.DataError, match="monetary: there is no such column"):
        crm.clv(MODELS["BG"], SPEND, customers.drop(columns="monetary"), **terms)
    with pytest.raises(crm.DataError, match="row di, t_x = 50"):
        crm.clv(MODELS["BG"], SPEND, customers.replace({"t_x": {20.0: 50.0}}), **terms)


def test_a_margin_by_customer_is_aligned_by_name(customers):
    terms = {"horizon": 52, "rate": 0.12}
    margins = pd.Series([0.1, 0.2, 0.3, 0.4, 0.5], customers.index)
    value = crm.clv(MODELS["BG"], SPEND, customers, **terms, margin=margins[::-1])
    for name in customers.index:
        alone = crm.clv(MODELS["BG"], SPEND, customers.loc[[name]], **terms, margin=margins[name])
        assert value[name] == pytest.approx(alone.item(), rel=1e-12)
    whole = crm.clv(MODELS["BG"], SPEND, customers, **terms)
    pd.testing.assert_series_equal(value, (whole * margins).rename("clv"))
    with pytest.raises(crm.DataError, match="margin = zoe: is not in the index of summary"):
        crm.clv(MODELS["BG"], SPEND, customers, **terms, margin=margins.rename({"ed": "zoe"}))
    with pytest.raises(crm.DataError, match="row bo, margin = 30"):
        crm.clv(MODELS["BG"], SPEND, customers, **terms, margin=margins.replace(0.2, 30))


def test_several_horizons_are_a_table_of_single_ones(customers):
    horizons = [13, 52, 104.5]
    table = crm.clv(MODELS["Pareto"], SPEND, customers, horizon=horizons, rate=0.12, margin=0.3)
    assert table.columns.tolist() == horizons and table.columns.name == "horizon"
    assert table.index.equals(customers.index)
    for h in horizons:
        one = crm.clv(MODELS["Pareto"], SPEND, customers, horizon=h, rate=0.12, margin=0.3)
        pd.testing.assert_series_equal(table[h], one, check_names=False)


def test_a_value_worked_by_hand():
    """Hardly anyone leaves and all buy at a rate of 2 a week: a year of payments, discounted."""
    buying = crm.BGNBD.from_params(r=2e8, alpha=1e8, a=1e-7, b=1e3)
    spending = crm.GammaGamma.from_params(p=1e6, q=1e6 + 1, gamma=10.0)
    base = pd.DataFrame({"frequency": [20], "t_x": [9.9], "T": [10.0], "monetary": [10.0]})
    a_year = 365.25 / 7
    value = crm.clv(buying, spending, base, horizon=a_year, rate=0.12, margin=0.5).item()
    # 2 x 10 x 0.5 a week, a_year weeks, times (1 - 1/1.12) / ln 1.12.
    assert value == pytest.approx(10 * a_year * (1 - 1 / 1.12) / np.log(1.12), rel=1e-4)
