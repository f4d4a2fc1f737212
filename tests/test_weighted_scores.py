"""Scores with weights, missing answers and groups: against formulas of others and resampling."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.weightstats import DescrStatsW

import crmlib as crm
from crmlib.estimate import z_score

RANDOM = np.random.default_rng(8)
N = 400
SCORES = pd.Series(RANDOM.choice([0, 5, 6, 8, 9, 10], size=N), name="recommend")
WEIGHTS = pd.Series(RANDOM.gamma(2, size=N))
RATINGS = pd.Series(RANDOM.integers(1, 6, N), name="overall")
ITEMS = pd.DataFrame({"taste": RANDOM.integers(1, 11, N), "delivery": RANDOM.integers(1, 11, N)})
SIDES = (SCORES >= 9).astype(float) - (SCORES <= 6)
INDEX = 100 * (ITEMS.mean(axis=1) - 1) / 9
MEASURES = {
    "csat": (lambda w: crm.csat(RATINGS, weights=w), (RATINGS >= 4).astype(float)),
    "nps": (lambda w: crm.nps(SCORES, weights=w), SIDES),
    "wald": (lambda w: crm.nps(SCORES, weights=w, method="wald"), SIDES),
    "index": (lambda w: crm.weighted_index(ITEMS, respondents=w), INDEX),
}


def sandwich(x, w):
    """Estimate a mean as a weighted regression on a constant, with White's error (HC1)."""
    fit = sm.WLS(x.to_numpy(), np.ones(len(x)), weights=w).fit(cov_type="HC1")
    return fit.params[0], fit.bse[0]


@pytest.mark.parametrize("name", MEASURES)
def test_with_weights_value_and_error_are_the_linearised_ones(name):
    measure, x = MEASURES[name]
    found = measure(WEIGHTS)
    assert [found.value, found.se] == pytest.approx(sandwich(x, WEIGHTS))
    assert found.value == pytest.approx(DescrStatsW(x, WEIGHTS).mean)
    assert found.n == N and found.low < found.value < found.high
    # Large samples: every interval is about the value, plus and minus two errors.
    assert (found.high - found.low) / (2 * z_score() * found.se) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("name", MEASURES)
def test_the_error_is_that_of_a_bootstrap(name):
    measure, x = MEASURES[name]
    rng = np.random.default_rng(1)
    draws = []
    for rows in rng.integers(N, size=(2000, N)):
        w = WEIGHTS.to_numpy()[rows]
        draws.append(w @ x.to_numpy()[rows] / w.sum())
    assert measure(WEIGHTS).se == pytest.approx(np.std(draws), rel=0.06)


@pytest.mark.parametrize("name", MEASURES)
def test_equal_weights_change_nothing_but_rounding(name):
    measure, _ = MEASURES[name]
    plain, even = measure(None), measure(np.full(N, 7.5))
    assert [even.value, even.low, even.high] == pytest.approx([plain.value, plain.low, plain.high])
    assert even.se == pytest.approx(plain.se, rel=0.02)
    assert measure(WEIGHTS) == measure(WEIGHTS[::-1])  # matched by the index
    assert measure(WEIGHTS).value == pytest.approx(measure(WEIGHTS * 100).value)


@pytest.mark.slow
def test_intervals_with_weights_cover_as_often_as_they_say():
    rng = np.random.default_rng(3)
    covered = {"csat": 0, "nps": 0}
    for _ in range(600):
        satisfied = rng.random(80) < 0.85
        w = rng.gamma(2, size=80)
        share = crm.csat(np.where(satisfied, 5, 2), weights=w)
        net = crm.nps(np.where(satisfied, 10, 3), weights=w)
        covered["csat"] += share.low <= 0.85 <= share.high
        covered["nps"] += net.low <= 0.7 <= net.high
    assert all(0.92 < hits / 600 < 0.98 for hits in covered.values())


def test_answers_that_are_all_alike_are_not_certain_with_weights_either():
    w = [1, 1, 1, 5]
    for found in (crm.csat([5] * 4, weights=w), crm.nps([10] * 4, weights=w)):
        assert found.value == found.high == 1 and found.low < 0.7 and found.se > 0.05
    one = crm.csat([5, 1, 1], weights=[1, 0, 0])  # one answer counts
    assert one.low == pytest.approx(crm.csat([5]).low) and one.n == 3
    with pytest.raises(crm.DataError, match="one respondent only"):
        crm.weighted_index(ITEMS.head(3), respondents=[0, 2, 0])


@pytest.mark.parametrize("k", [1, 2, 3, 5])
@pytest.mark.parametrize("method", ["adjusted", "wald"])
def test_a_score_of_few_answers_lies_in_its_own_interval(k, method):
    for answer in (0, 7, 10):
        score = crm.nps([answer] * k, method=method)
        assert score.low <= score.value <= score.high
        assert score.se == pytest.approx((score.high - score.low) / (2 * z_score()))
    assert str(crm.nps([10])) == "1.00 (-0.48 to 1.00, n = 1)"


def test_the_error_of_a_share_belongs_to_its_interval():
    for answers in ([5] * 20, [5] * 3 + [1] * 9):
        share = crm.csat(answers)
        assert (
            share.se == pytest.approx((share.high - share.low) / (2 * z_score())) and share.se > 0
        )


def test_missing_answers_are_refused_or_counted():
    gaps = SCORES.astype("Int64").mask(SCORES == 8)
    with pytest.raises(crm.DataError, match="missing or infinite"):
        crm.nps(gaps)
    left = (SCORES != 8).sum()
    with pytest.warns(UserWarning, match=f"{N - left} of {N} respondents lack an answer") as said:
        found = crm.nps(gaps, missing="drop", weights=WEIGHTS)
    assert [w.filename for w in said] == [__file__]
    assert found == crm.nps(SCORES[SCORES != 8], weights=WEIGHTS[SCORES != 8])
    holes = ITEMS.astype(float).mask(ITEMS == 3)
    with pytest.warns(UserWarning, match="lack an answer"):
        index = crm.weighted_index(holes, respondents=WEIGHTS, missing="drop")
    keep = holes.notna().all(axis=1)
    assert index == crm.weighted_index(holes[keep], respondents=WEIGHTS[keep])
    with pytest.warns(UserWarning), pytest.raises(crm.DataError, match="there are no answers"):
        crm.csat([None, None], missing="drop")
    with pytest.raises(ValueError, match="missing must be 'refuse' or 'drop', not 'omit'"):
        crm.csat(RATINGS, missing="omit")


def test_scores_by_group():
    survey = crm.load("shihu/survey")
    by_wave = survey.dropna(subset="recommend").groupby("wave")["recommend"].apply(crm.nps)
    assert by_wave.index.name == "wave" and len(by_wave) == survey["wave"].nunique()
    for wave, score in by_wave.items():
        own = survey.loc[survey["wave"] == wave, "recommend"].dropna()
        assert score == crm.nps(own)
    with pytest.warns(UserWarning, match="lack an answer"):
        again = survey.groupby("wave")["recommend"].apply(crm.nps, missing="drop")
    assert again.tolist() == by_wave.tolist()
    change = by_wave.iloc[-1] - by_wave.iloc[0]
    assert change.n == by_wave.iloc[-1].n + by_wave.iloc[0].n


def test_a_panel_of_several_waves_scores_like_any_other():
    panel = pd.MultiIndex.from_product([[2024, 2025], range(N // 2)], names=["wave", "customer_id"])
    assert crm.nps(SCORES.set_axis(panel)) == crm.nps(SCORES)
    assert crm.weighted_index(ITEMS.set_axis(panel)) == crm.weighted_index(ITEMS)
    twice = pd.MultiIndex.from_tuples([(2024, "C1")] * 2, names=["wave", "customer_id"])
    with pytest.raises(crm.DataError, match=r"row \(2024, 'C1'\), wave, customer_id = "):
        crm.csat(pd.Series([5, 4], twice))


def test_the_scale_of_the_net_promoter_score():
    five = [5, 5, 5, 4, 4, 3]
    with pytest.raises(crm.DataError, match=r"no answer leaves 1 to 5(.|\n)*scale=\(1, 5\)"):
        crm.nps(five)
    assert crm.nps(five, scale=(0, 10)).value == -1
    assert crm.nps(five, scale=(1, 5)).value == pytest.approx((3 - 1) / 6)
    assert crm.nps([9, 7, 6, 1], scale=(1, 10)).value == -0.25
    with pytest.raises(crm.DataError, match="row 0, scores = 0: outside 1 to 10"):
        crm.nps([0, 9], scale=(1, 10))
    with pytest.raises(ValueError, match=r"scale must be .* not"):
        crm.nps([1, 2], scale=(1, 7))


def test_means_are_no_answers():
    with pytest.raises(crm.DataError, match=r"ratings = 3\.5: between two points(.|\n)*index"):
        crm.csat([3.5] * 10)
    assert crm.csat([0.5, 1.5], scale=(0.5, 4.5)).value == 0


@pytest.mark.parametrize("dtype", ["category", "Int64", "Float32", "object"])
def test_answers_of_any_type_of_numbers_count_alike(dtype):
    assert crm.csat(RATINGS.astype(dtype)) == crm.csat(RATINGS)
    there = pd.DataFrame({"x": [1, 2, 3]})
    pd.testing.assert_frame_equal(crm.kano(there.astype(dtype), there), crm.kano(there, there))


def test_a_code_of_kano_has_no_other_scale():
    with pytest.raises(crm.DataError, match=r"outside 1 to 5(.|\n)*Codes are 1 like") as caught:
        crm.kano(pd.DataFrame({"a": [0, 1]}), pd.DataFrame({"a": [4, 3]}))
    assert "scale" not in str(caught.value)


def test_kanos_intervals_are_wilsons():
    there = pd.DataFrame({"x": [1, 1, 1, 3, 2, 5]})
    missing = pd.DataFrame({"x": [3, 3, 5, 3, 5, 1]})
    row = crm.kano(there, missing).loc["x"]
    better = crm.csat([5] * 3 + [1] * 2)  # A, A, O of five that count
    worse = crm.csat([5] * 2 + [1] * 3)
    assert [row["better_low"], row["better_high"]] == pytest.approx([better.low, better.high])
    assert [row["worse_low"], row["worse_high"]] == pytest.approx([-worse.high, -worse.low])


def test_a_weight_belongs_to_its_item_whatever_the_order_of_columns():
    expected = pd.DataFrame({"reliability": [6, 7, 6], "empathy": [5, 4, 5]})
    perceived = pd.DataFrame({"reliability": [5, 6, 6], "empathy": [5, 5, 6]})
    weights = {"reliability": 2, "empathy": 1}
    table = crm.servqual_gap(expected, perceived, weights)
    turned = crm.servqual_gap(expected, perceived[["empathy", "reliability"]], weights)
    pd.testing.assert_frame_equal(table, turned)
    assert table["weight"].round(2).to_dict() == {"reliability": 0.67, "empathy": 0.33}


# importance


def drivers(n=80):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
    X["b"] += 0.8 * X["a"]
    return X, (X["a"] + 0.5 * X["b"] + rng.normal(size=n)).rename("y")


@pytest.mark.parametrize("method", ["lmg", "johnson"])
def test_weighted_shares_sum_to_the_r_squared_of_a_weighted_regression(method):
    X, y = drivers()
    w = pd.Series(np.random.default_rng(1).gamma(2, size=80))
    shares = crm.importance(X, y, method=method, weights=w)
    assert shares.sum() == pytest.approx(sm.WLS(y, sm.add_constant(X), weights=w).fit().rsquared)
    pd.testing.assert_series_equal(shares, crm.importance(X, y, method=method, weights=w[::-1]))


def test_a_whole_weight_is_an_answer_given_as_often():
    X, y = drivers()
    times = np.random.default_rng(1).integers(1, 4, 80)
    rows = np.repeat(np.arange(80), times)
    repeated = [table.iloc[rows].reset_index(drop=True) for table in (X, y)]
    pd.testing.assert_series_equal(crm.importance(X, y, weights=times), crm.importance(*repeated))


def test_y_is_matched_by_its_index():
    X, y = drivers()
    pd.testing.assert_series_equal(crm.importance(X, y), crm.importance(X, y[::-1]))
    dummies = pd.get_dummies(pd.Series(list("abcab") * 4))
    with pytest.raises(crm.DataError, match=r"is bool, yes and no(.|\n)*\.astype\(int\)"):
        crm.importance(dummies, pd.Series(range(20)))


def test_bootstrap_of_importance():
    X, y = drivers(200)
    table = crm.bootstrap(X, y, n=300, seed=4)
    pd.testing.assert_series_equal(table["value"], crm.importance(X, y), check_names=False)
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    rng, draws = np.random.default_rng(9), []
    for _ in range(300):
        again = X.assign(y=y).sample(len(X), replace=True, random_state=rng).reset_index(drop=True)
        draws.append(crm.importance(again.drop(columns="y"), again["y"]))
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    np.testing.assert_allclose(table["low"][:2], low[:2], atol=0.03)
    np.testing.assert_allclose(table["high"], high, atol=0.03)
    pd.testing.assert_frame_equal(table, crm.bootstrap(X, y, n=300, seed=4))
    rare = X.assign(c=(X.index == 0).astype(float))
    with pytest.raises(crm.DataError, match="one sample of ten cannot be used"):
        crm.bootstrap(rare, y, n=50)
    with pytest.raises(ValueError, match="n must be a whole number from 20 to 10,000, not 5"):
        crm.bootstrap(X, y, n=5)


# control limits


@pytest.mark.parametrize(
    "baseline",
    [slice("x", None), slice(2.5, "a"), ["a"], [True], 3, "a", [None] * 3, pd.Series([True] * 3)],
)
def test_a_baseline_that_fits_no_period_is_refused(baseline):
    events = pd.Series([4, 5, 6], pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"]))
    with pytest.raises(ValueError, match="baseline"):
        crm.control_limits(events, events * 10, baseline=baseline)


def test_exposure_is_matched_by_its_index():
    events = pd.Series([4, 5, 6], list("abc"))
    exposure = pd.Series([100, 200, 300], list("abc"))
    limits = crm.control_limits(events, exposure[::-1])
    pd.testing.assert_frame_equal(limits, crm.control_limits(events, exposure))
