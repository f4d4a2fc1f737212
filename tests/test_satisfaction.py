"""Scores, gaps, Kano, importance, control limits: what must always hold, and bad input."""

import warnings
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import crmlib as crm

RATINGS = pd.Series([5, 4, 3, 5, 1, 4, 2, 5], name="overall")
SCORES = [10, 9, 8, 7, 6, 0, 10, 3]
ITEMS = pd.DataFrame({"taste": [10, 7, 9, 4], "delivery": [5, 4, 8, 6]})
SCALES = {crm.csat: (1, 5), crm.nps: (0, 10), crm.weighted_index: (1, 10)}


def drivers(n=60, k=3, seed=0):
    random = np.random.default_rng(seed)
    X = pd.DataFrame(random.normal(size=(n, k)), columns=list("abcdefghijklmnopqrst")[:k])
    X["b"] += 0.8 * X["a"]
    return X, (X["a"] + 0.5 * X["b"] + random.normal(size=n)).rename("y")


# scores


def test_csat_is_the_share_in_the_top_points():
    assert crm.csat(RATINGS).value == 5 / 8
    assert crm.csat(RATINGS, top=1).value == 3 / 8
    assert crm.csat(RATINGS, scale=(1, 7), top=3).value == 3 / 8


def test_csat_of_a_few_all_satisfied_is_not_certain():
    certain = crm.csat([5, 5, 5])
    assert certain.value == 1 and certain.high == 1
    assert certain.low == pytest.approx(3 / (3 + 1.959964**2))  # Wilson, by hand


@pytest.mark.slow
def test_intervals_cover_as_often_as_they_say():
    random = np.random.default_rng(5)
    waves = random.choice([2, 3, 4, 5], p=[0.1, 0.2, 0.4, 0.3], size=(800, 60))
    covered = {
        "csat": np.mean([e.low <= 0.7 <= e.high for e in map(crm.csat, waves)]),
        "nps": np.mean([e.low <= 0.1 <= e.high for e in (crm.nps(w + 5) for w in waves)]),
    }  # 5 + 2..5 is 7..10: 0.7 promoters less 0 detractors
    assert 0.93 < covered["csat"] < 0.97
    share = random.choice([0, 8, 10], p=[0.2, 0.5, 0.3], size=(800, 60))
    assert 0.93 < np.mean([e.low <= 0.1 <= e.high for e in map(crm.nps, share)]) < 0.97


def test_index_covers_its_mean():
    random = np.random.default_rng(6)
    waves = random.choice([4, 6, 7, 9], p=[0.2, 0.3, 0.3, 0.2], size=(800, 12))
    mean = 100 * (4 * 0.2 + 6 * 0.3 + 7 * 0.3 + 9 * 0.2 - 1) / 9
    indices = [crm.weighted_index(pd.Series(wave)) for wave in waves]
    assert 0.93 < np.mean([e.low <= mean <= e.high for e in indices]) < 0.97


def test_nps_counts_nine_and_ten_less_zero_to_six():
    assert crm.nps(SCORES).value == (3 - 3) / 8
    assert crm.nps([10] * 5).value == 1 and crm.nps([6] * 5).value == -1
    assert crm.nps([10] * 5, method="wald").low == 1  # Wald is sure of five answers
    assert crm.nps([10] * 5).low < 0.9 and crm.nps([10] * 5).high == 1


def test_index_by_hand():
    index = crm.weighted_index(ITEMS, {"delivery": 1, "taste": 3})
    by_person = 100 * (3 * (ITEMS["taste"] - 1) + (ITEMS["delivery"] - 1)) / 9 / 4
    assert index.value == pytest.approx(by_person.mean())
    assert index.se == pytest.approx(by_person.std() / 2)
    assert crm.weighted_index(ITEMS).value == pytest.approx(100 * (ITEMS - 1).to_numpy().mean() / 9)


def test_index_depends_on_proportions_of_weights_only():
    first = crm.weighted_index(ITEMS, [3, 1])
    assert first == crm.weighted_index(ITEMS, pd.Series({"delivery": 10, "taste": 30}))
    assert crm.weighted_index(ITEMS, [1, 0]) == crm.weighted_index(ITEMS["taste"])


def test_index_does_not_mind_how_the_scale_is_numbered():
    wide = crm.weighted_index(ITEMS * 10, scale=(10, 100))
    assert wide.value == pytest.approx(crm.weighted_index(ITEMS).value)


def test_equal_answers_have_an_interval_and_a_warning_where_there_is_none():
    assert crm.csat([3, 3, 3, 3]).high > 0.3
    with pytest.warns(UserWarning, match="All 4 respondents have the index 50"):
        assert crm.weighted_index(pd.Series([3, 3, 3, 3]), scale=(1, 5)).value == 50


@pytest.mark.parametrize("measure", SCALES)
def test_scores_refuse_what_is_off_the_scale(measure):
    low, high = SCALES[measure]
    for wrong in (low - 1, high + 1):
        answers = pd.Series([low, wrong, high], index=["ann", "bob", "cat"], name="q1")
        message = f"row bob, q1 = {wrong}: outside {low} to {high}"
        with pytest.raises(crm.DataError, match=message):
            measure(answers)


@pytest.mark.parametrize("measure", SCALES)
@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        (pd.Series(["5", "4", "n/a"], name="q1"), "row 2, q1 = n/a: text, not a number"),
        (pd.Series([5, None, 4], name="q1"), "row 1, q1 = nan: missing"),
        (pd.Series([5, pd.NA, 4], dtype="Int64", name="q1"), "row 1.*missing"),
        (pd.Series([5.0, np.inf], name="q1"), "row 1, q1 = inf: missing or infinite"),
        (pd.Series([True, False], name="q1"), "q1: is bool, yes and no, not numbers"),
        (pd.Series([], dtype=float, name="q1"), "there are no answers"),
        (pd.Series([5, 4, 3], index=["C1", "C2", "C1"], name="q1"), "C1.*answered more than once"),
    ],
)
def test_scores_refuse_answers_that_are_none(measure, answers, problem):
    with pytest.raises(crm.DataError, match=problem):
        measure(answers)


def test_nullable_and_integer_columns_are_taken_as_they_are():
    assert crm.csat(RATINGS.astype("Int64")) == crm.csat(RATINGS) == crm.csat(RATINGS.tolist())


@pytest.mark.parametrize("top", [0, 5, 1.5, -1])
def test_csat_refuses_a_top_that_is_no_part_of_the_scale(top):
    problem = "top must be a (whole number from 1 up|part of the scale 1 to 5: 1 to 4), not"
    with pytest.raises(ValueError, match=problem):
        crm.csat(RATINGS, top=top)


@pytest.mark.parametrize("scale", [(5, 1), (3, 3), (1, np.inf), (1, 2, 3), 5, "15", ("1", "5")])
def test_a_scale_has_two_ends_in_order(scale):
    with pytest.raises(ValueError, match=r"scale must be (its lowest and|one number)"):
        crm.csat(RATINGS, scale=scale)


def test_nps_refuses_means_and_unknown_methods():
    with pytest.raises(crm.DataError, match=r"8\.5: between two points"):
        crm.nps([9, 8.5, 10])
    with pytest.raises(ValueError, match="method must be 'adjusted' or 'wald', not 'exact'"):
        crm.nps(SCORES, method="exact")


@pytest.mark.parametrize(
    ("weights", "problem"),
    [
        ({"taste": 1, "delivry": 2}, "delivry: there is no such item; the nearest is 'delivery'"),
        ({"taste": 1}, "delivery: there is no such weight"),
        ([1, 2, 3], "has 3 values for 2 rows of the items"),
        ({"taste": 1, "delivery": -2}, "row delivery, weights = -2.0: negative"),
        ([0, 0], "are all zero"),
        ([np.nan, 1], "negative, missing or infinite"),
    ],
)
def test_index_refuses_weights_that_are_none(weights, problem):
    with pytest.raises(crm.DataError, match=problem):
        crm.weighted_index(ITEMS, weights)


def test_one_respondent_makes_no_interval():
    with pytest.raises(crm.DataError, match="one respondent only"):
        crm.weighted_index(ITEMS.head(1))


# sample size


def test_sample_size_grows_with_precision_and_stays_within_the_population():
    assert crm.sample_size(0.05) < crm.sample_size(0.04) < crm.sample_size(0.04, confidence=0.99)
    assert crm.sample_size(0.05, share=0.1) < crm.sample_size(0.05)
    for population in (1, 2, 7, 50, 10**6, 10**12):
        assert 1 <= crm.sample_size(0.03, population=population) <= population
    assert crm.sample_size(0.05, population=10**12) == crm.sample_size(0.05)
    assert isinstance(crm.sample_size(0.05), int)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"margin": 5}, r"margin must be a share between 0 and 1, not 5\. 5 % is 0\.05"),
        ({"margin": 0}, "margin must be"),
        ({"margin": 1e-200}, r"margin must be a share of 0\.000001 or more"),
        ({"margin": "5 %"}, "margin must be a share between 0 and 1, not '5 %'"),
        ({"margin": 0.05, "share": 1}, "share must be"),
        ({"margin": 0.05, "confidence": 95}, r"95 % is 0\.95"),
        ({"margin": 0.05, "population": 0}, "population must be a number from 1 up, not 0"),
        ({"margin": 0.05, "population": "1000"}, "population must be .*, not '1000'"),
    ],
)
def test_sample_size_refuses_percentages(wrong, problem):
    with pytest.raises(ValueError, match=problem) as caught:
        crm.sample_size(**wrong)
    assert not isinstance(caught.value, crm.DataError)  # the call is wrong, not the data


# gaps


def test_gap_is_a_paired_difference():
    expected, perceived = ITEMS, ITEMS - np.array([[1, 0], [2, 1], [0, 0], [1, 3]])
    table = crm.servqual_gap(expected, perceived, {"delivery": 1, "taste": 3})
    difference = (perceived - expected)["taste"]
    assert table.loc["taste", "gap"] == difference.mean() == -1
    assert table.loc["taste", "se"] == pytest.approx(difference.sem())
    assert table["weight"].to_dict() == {"taste": 0.75, "delivery": 0.25}
    assert table["weighted"].sum() == pytest.approx(0.75 * -1 + 0.25 * -1)
    swapped = crm.servqual_gap(perceived, expected)
    np.testing.assert_allclose(swapped["gap"], -table["gap"])
    np.testing.assert_allclose(swapped["low"], -table["high"])


def test_gap_matches_respondents_by_their_index_and_items_by_name():
    shuffled = ITEMS.iloc[::-1, ::-1] + 1
    assert crm.servqual_gap(ITEMS, shuffled)["gap"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("perceived", "problem"),
    [
        (
            ITEMS.rename(columns={"taste": "tast"}),
            "tast: there is no such item in `expected`|taste",
        ),
        (ITEMS.iloc[1:], "expected = 0: answered here only"),
        (ITEMS.astype(object).replace(4, "four"), "four: text"),
        (ITEMS.where(ITEMS > 4), "missing"),
    ],
)
def test_gap_refuses_other_items_and_other_people(perceived, problem):
    with pytest.raises(crm.DataError, match=problem):
        crm.servqual_gap(ITEMS, perceived)


# Kano


def test_every_pair_of_answers_has_its_class():
    pairs = [(f, d) for f in range(1, 6) for d in range(1, 6)]
    classes = "QAAAO" + "RIIIM" * 3 + "RRRRQ"
    for (functional, dysfunctional), letter in zip(pairs, classes, strict=True):
        # A second respondent, indifferent, so that there is something to divide by.
        there, missing = (
            pd.DataFrame({"x": [functional, 3]}),
            pd.DataFrame({"x": [dysfunctional, 3]}),
        )
        counts = crm.kano(there, missing).loc["x", list("AOMIRQ")]
        assert counts[letter] == 1 + (letter == "I"), (functional, dysfunctional)


def test_coefficients_are_bounded_and_a_tie_goes_to_what_hurts_most():
    random = np.random.default_rng(3)
    there, missing = (pd.DataFrame(random.integers(1, 6, (40, 30))) for _ in range(2))
    table = crm.kano(there, missing)
    assert table["better"].between(0, 1).all() and table["worse"].between(-1, 0).all()
    assert (table[list("AOMIRQ")].sum(axis=1) == 40).all()
    tie = crm.kano(pd.DataFrame({"x": [1, 2, 3]}), pd.DataFrame({"x": [3, 5, 3]}))
    assert tie.loc["x", ["A", "M", "I"]].tolist() == [1, 1, 1] and tie.loc["x", "category"] == "M"


def test_pairs_that_were_not_asked_are_not_counted_and_half_pairs_are_refused():
    there, missing = pd.DataFrame({"x": [1, None, 2]}), pd.DataFrame({"x": [5, None, 5]})
    assert crm.kano(there, missing).loc["x", list("AOMIRQ")].tolist() == [0, 1, 1, 0, 0, 0]
    with pytest.raises(crm.DataError, match="x = 1: half a pair"):
        crm.kano(there, missing.fillna(3))


def test_kano_without_a_usable_answer_says_why_the_coefficients_are_empty():
    with pytest.warns(UserWarning, match="No answer to x can be used"):
        table = crm.kano(pd.DataFrame({"x": [1, 5]}), pd.DataFrame({"x": [1, 1]}))
    assert table["better"].isna().all() and table.loc["x", "category"] == "R"


@pytest.mark.parametrize(
    ("code", "problem"), [(0, "outside 1 to 5"), (2.5, "between two codes"), ("like", "text")]
)
def test_kano_refuses_other_codes(code, problem):
    with pytest.raises(crm.DataError, match=problem):
        crm.kano(pd.DataFrame({"x": [1, code]}), pd.DataFrame({"x": [5, 5]}))


def test_kano_refuses_other_people_and_features():
    there = pd.DataFrame({"x": [1, 2]}, index=["C1", "C2"])
    with pytest.raises(crm.DataError, match="answered here only"):
        crm.kano(there, there.rename({"C2": "C3"}))
    with pytest.raises(crm.DataError, match="there is no such feature"):
        crm.kano(there, there.rename(columns={"x": "y"}))


# importance


@pytest.mark.parametrize("method", ["lmg", "johnson"])
def test_shares_sum_to_r_squared_and_do_not_mind_units_or_order(method):
    X, y = drivers(k=5)
    shares = crm.importance(X, y, method=method)
    assert (shares >= 0).all()
    assert shares.sum() == pytest.approx(sm.OLS(y, sm.add_constant(X)).fit().rsquared)
    scaled = crm.importance(X * [1, 100, -1, 0.01, 7] + 3, 5 - 2 * y, method=method)
    np.testing.assert_allclose(scaled, shares, atol=1e-10)
    turned = crm.importance(X[X.columns[::-1]], y, method=method)
    np.testing.assert_allclose(turned[shares.index], shares, atol=1e-10)


def test_lmg_is_the_mean_over_all_orders_of_entry():
    X, y = drivers(k=4)

    def r_squared(names):
        return sm.OLS(y, sm.add_constant(X[list(names)])).fit().rsquared if names else 0.0

    orders = list(permutations(X))
    for driver in X:
        added = [
            r_squared(order[: order.index(driver) + 1]) - r_squared(order[: order.index(driver)])
            for order in orders
        ]
        assert crm.importance(X, y)[driver] == pytest.approx(np.mean(added))


@pytest.mark.parametrize("method", ["lmg", "johnson"])
def test_uncorrelated_drivers_get_their_squared_correlations(method):
    X = pd.DataFrame({"a": [1, 1, -1, -1] * 5, "b": [1, -1, 1, -1] * 5})
    y = (2 * X["a"] + X["b"] + np.random.default_rng(0).normal(size=20)).rename("y")
    squared = X.corrwith(y) ** 2
    pd.testing.assert_series_equal(crm.importance(X, y, method=method), squared, check_names=False)


def test_twins_share_alike():
    X, y = drivers()
    X["d"] = X["a"] + np.random.default_rng(1).normal(size=60) * 1e-3
    shares = crm.importance(X, y)
    assert shares["a"] == pytest.approx(shares["d"], rel=0.01)


def test_importance_refuses_what_no_regression_can_answer():
    X, y = drivers()
    cases = {
        "every answer is 3: it cannot explain": (X.assign(c=3.0), y),
        "every answer is 1: there is nothing to explain": (X, y * 0 + 1),
        "4 answers for 3 drivers": (X.head(4), y.head(4)),
        "can be computed from the others": (X.assign(d=X["a"] + X["b"]), y),
        "X = 59: is not in the index of y": (X, y.head(59)),
        "has 59 values for 60 rows of X": (X, y.head(59).tolist()),
        "a = nan: missing": (X.assign(a=X["a"].where(X.index != 5)), y),
        "takes at most 16": drivers(k=18),
    }
    for message, (wrong_X, wrong_y) in cases.items():
        with pytest.raises(crm.DataError, match=message):
            crm.importance(wrong_X, wrong_y)
    assert crm.importance(*drivers(k=18), method="johnson").sum() < 1
    with pytest.raises(ValueError, match="method must be 'lmg' or 'johnson'"):
        crm.importance(X, y, method="shapley")


# control limits


def test_limits_of_a_u_chart_by_hand():
    weeks = pd.Index(["w1", "w2", "w3"], name="week")
    limits = crm.control_limits(pd.Series([4, 9, 2], weeks), pd.Series([100, 225, 25], weeks))
    centre = 15 / 350
    half = 3 * np.sqrt(centre / np.array([100, 225, 25]))
    np.testing.assert_allclose(limits["high"], centre + half)
    np.testing.assert_allclose(limits["low"], np.maximum(centre - half, 0))
    assert limits["value"].tolist() == [0.04, 0.04, 0.08] and not limits["outside"].any()


def test_the_centre_comes_from_the_baseline_only():
    days = pd.date_range("2026-01-01", periods=10)
    events = pd.Series([5] * 6 + [30] * 4, days)
    exposure = pd.Series(100, days)
    blind = crm.control_limits(events, exposure)
    for baseline in (slice(None, "2026-01-06"), days <= "2026-01-06"):
        limits = crm.control_limits(events, exposure, baseline=baseline)
        assert (limits["centre"] == 0.05).all()
        assert limits["outside"].tolist() == [False] * 6 + [True] * 4
    assert blind["centre"].iloc[0] == 0.15


@pytest.mark.parametrize("kind", ["u", "p"])
def test_three_sigma_limits_are_left_about_as_often_as_they_should(kind):
    random = np.random.default_rng(4)
    exposure = pd.Series(random.integers(2000, 4000, 20_000))
    draw = random.poisson if kind == "u" else random.binomial
    events = draw(exposure * 0.05) if kind == "u" else draw(exposure, 0.05)
    limits = crm.control_limits(pd.Series(events), exposure, kind=kind)
    assert 0.0015 < limits["outside"].mean() < 0.004  # the normal curve says 0.0027


def test_limits_stay_where_a_share_can_be():
    limits = crm.control_limits(pd.Series([9, 10, 10]), pd.Series([10, 10, 10]), kind="p")
    assert limits["high"].eq(1).all()
    assert crm.control_limits(pd.Series([0, 0]), pd.Series([10, 10])).iloc[0].tolist() == [
        *(0, 0, 0, 0, False)
    ]


@pytest.mark.parametrize(
    ("events", "exposure", "kind", "problem"),
    [
        ([1, 2], [10, 0], "u", r"exposure = 0\.0: nothing was inspected"),
        ([1, -2], [10, 10], "u", "events = -2.*: negative, missing"),
        ([1, None], [10, 10], "u", "negative, missing"),
        ([1, 12], [10, 10], "p", "more than were inspected(.|\n)*kind='u'"),
        (
            [1, 2],
            [10, 10, 10],
            "u",
            "exposure = 2: is not in the index of events",
        ),
        (["1", "2"], [10, 10], "u", "text, not a number"),
        ([], [], "u", "no periods"),
    ],
)
def test_limits_refuse_what_is_no_count(events, exposure, kind, problem):
    with pytest.raises(crm.DataError, match=problem):
        crm.control_limits(pd.Series(events), pd.Series(exposure), kind=kind)


def test_limits_refuse_an_empty_baseline_and_another_kind():
    counts = pd.Series([1, 2])
    with pytest.raises(crm.DataError, match="no period is in it"):
        crm.control_limits(counts, counts + 5, baseline=[False, False])
    with pytest.raises(ValueError, match="kind must be 'u' or 'p'"):
        crm.control_limits(counts, counts, kind="c")


def test_nothing_warns_on_good_answers():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        crm.csat(RATINGS), crm.nps(SCORES), crm.weighted_index(ITEMS)
        crm.importance(*drivers()), crm.servqual_gap(ITEMS, ITEMS + 1)


# screening


FORMS = pd.DataFrame(
    {
        "who": ["ann", "bo", "ann", "cy", None, None, "di"],
        "a": [4, 3, 4, 5, 2, 2, 1],
        "b": [5, 3, 5, 4, 1, pd.NA, 2],
        "seconds": [90, 95, 80, 29, 100, 30, 88],
    }
).astype({"a": "Int64", "b": "Int64"})


def test_every_form_has_one_fate_by_the_first_rule_that_fits():
    answers, late = FORMS[["a", "b"]], [False, True, True, True, False, False, True]
    fate = crm.screen(answers, who=FORMS["who"], seconds=FORMS["seconds"], late=late)
    # the median is 88: a form of 29 seconds is too fast, one of 30 is not; one answer is no column;
    # two forms of nobody are not two forms of one customer
    assert fate.tolist() == [
        "kept", "one column", "sent twice", "too fast", "kept", "kept", "late"]  # fmt: skip
    assert fate.name == "fate"


def test_a_form_is_twice_only_within_its_keys():
    who = pd.DataFrame({"wave": [1, 1, 2, 1, 1, 1, 1], "who": FORMS["who"]})
    fate = crm.screen(FORMS[["a", "b"]], who=who, seconds=FORMS["seconds"])
    assert fate[2] == "kept" and "late" not in set(fate)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(seconds=FORMS["seconds"].mask(FORMS.index == 3)), "seconds"),
        (dict(seconds=-FORMS["seconds"]), "below zero"),
        (dict(seconds=FORMS["seconds"][:5]), "is not in the index of seconds"),
        (dict(who=FORMS["who"][1:]), "is not in the index of who"),
        (dict(late=["no"] * 7), "late"),
        (dict(answers=FORMS[["who", "a"]]), "text, not a number"),
    ],
)
def test_screening_names_what_it_cannot_read(change, message):
    call = dict(answers=FORMS[["a", "b"]], who=FORMS["who"], seconds=FORMS["seconds"]) | change
    with pytest.raises(crm.DataError, match=message):
        crm.screen(**call)


def test_the_firms_careless_forms_are_found():
    survey, truth = crm.load("shihu/survey"), crm.load("shihu/truth_survey")["kind"]
    statements = survey.filter(
        regex="^(image|expectations|quality|value|satisfaction|complaints|loyalty)_"
    )
    fate = crm.screen(statements, who=survey[["wave", "customer_id"]], seconds=survey["seconds"])
    careless = truth != "careful"
    assert ((fate != "kept") & careless).sum() > 0.95 * careless.sum()
    assert ((fate != "kept") & ~careless).sum() < 0.01 * (~careless).sum()
