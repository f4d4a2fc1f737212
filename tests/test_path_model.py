"""The path model: what must hold for any answers, recovery of known paths, bad input."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import crmlib as crm

MEASURES = {"quality": ["q1", "q2", "q3"], "value": ["v1", "v2"], "loyalty": ["l1", "l2", "l3"]}
PATHS = [("quality", "value"), ("quality", "loyalty"), ("value", "loyalty")]


def answers(n=500, loading=0.85, seed=0):
    """Simulate standardised constructs (0.6; 0.3 and 0.5) and their items."""
    random = np.random.default_rng(seed)
    quality = random.normal(size=n)
    value = 0.6 * quality + 0.8 * random.normal(size=n)
    noise = np.sqrt(1 - (0.3**2 + 0.5**2 + 2 * 0.3 * 0.5 * 0.6))
    loyalty = 0.3 * quality + 0.5 * value + noise * random.normal(size=n)
    constructs = {"quality": quality, "value": value, "loyalty": loyalty}
    error = np.sqrt(1 - loading**2)
    return pd.DataFrame(
        {
            item: loading * constructs[name] + error * random.normal(size=n)
            for name, items in MEASURES.items()
            for item in items
        }
    )


def test_without_measurement_error_the_paths_are_found():
    model = crm.PathModel(MEASURES, PATHS).fit(answers(20_000, loading=1.0))
    np.testing.assert_allclose(model.paths_, [0.6, 0.3, 0.5], atol=0.02)
    np.testing.assert_allclose(model.loadings_, 1, atol=1e-9)
    assert model.warnings_ == []


def test_measurement_error_makes_paths_smaller():
    model = crm.PathModel(MEASURES, PATHS).fit(answers(20_000))
    assert model.paths_[("quality", "value")] < 0.55
    assert model.paths_[("value", "loyalty")] < 0.45


@pytest.mark.parametrize("scheme", ["path", "centroid", "factorial"])
def test_scores_explain_paths_loadings_and_r_squared(scheme):
    data = answers()
    model = crm.PathModel(MEASURES, PATHS, scheme=scheme).fit(data)
    scores = model.scores(data)
    np.testing.assert_allclose(scores.mean(), 0, atol=1e-12)
    np.testing.assert_allclose(scores.std(ddof=0), 1)
    among = scores[["quality", "value"]].corr().to_numpy()
    slopes = np.linalg.solve(among, scores.corr().loc[["quality", "value"], "loyalty"])
    np.testing.assert_allclose(model.paths_["quality":"value"].iloc[1:], slopes)
    residual = scores["loyalty"] - scores[["quality", "value"]] @ slopes
    assert model.r_squared_["loyalty"] == pytest.approx(1 - residual.var(ddof=0))
    for (construct, item), loading in model.loadings_.items():
        assert loading == pytest.approx(data[item].corr(scores[construct]))
    assert list(model.r_squared_.index) == ["value", "loyalty"]
    assert model.paths_.index.tolist() == PATHS


def test_units_and_order_of_rows_make_no_difference():
    data = answers()
    first = crm.PathModel(MEASURES, PATHS).fit(data)
    shuffled = (data * 1.7 + 4).sample(frac=1, random_state=1)
    second = crm.PathModel(MEASURES, PATHS).fit(shuffled)
    pd.testing.assert_series_equal(first.paths_, second.paths_)
    pd.testing.assert_frame_equal(first.scores(data), second.scores(shuffled).loc[data.index])


def test_a_turned_construct_turns_its_paths():
    data = answers()
    straight = crm.PathModel(MEASURES, PATHS).fit(data)
    turned = crm.PathModel(MEASURES, PATHS).fit(data.assign(**-data[["v1", "v2"]]))
    assert (turned.loadings_ > 0).all()
    np.testing.assert_allclose(turned.paths_, straight.paths_ * [-1, 1, -1])


def test_scores_of_new_respondents_are_on_the_scale_of_the_fit():
    data = answers()
    model = crm.PathModel(MEASURES, PATHS).fit(data)
    pd.testing.assert_frame_equal(model.scores(data.head(5)), model.scores(data).head(5))


def test_single_items_make_an_ordinary_regression():
    data = answers()
    model = crm.PathModel({"q": ["q1"], "v": ["v1"], "l": ["l1"]}, [("q", "l"), ("v", "l")])
    z = (data - data.mean()) / data.std()
    slopes = np.linalg.lstsq(z[["q1", "v1"]], z["l1"])[0]
    np.testing.assert_allclose(model.fit(data).paths_, slopes)


def test_it_is_an_estimator():
    model = crm.PathModel(MEASURES, PATHS, scheme="centroid")
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert copy.fit(answers()) is copy


def test_the_order_in_which_constructs_are_named_makes_no_difference():
    data = answers()
    turned = dict(reversed(MEASURES.items()))
    first, second = (crm.PathModel(m, PATHS).fit(data) for m in (MEASURES, turned))
    pd.testing.assert_series_equal(first.paths_, second.paths_)


@pytest.mark.parametrize(
    ("measures", "paths", "problem"),
    [
        (MEASURES, [*PATHS, ("valeu", "loyalty")], "valeu: there is no such construct"),
        (MEASURES, [*PATHS, ("loyalty", "quality")], "in a circle: loyalty, quality, value"),
        (MEASURES, PATHS[:1], "loyalty: is on no path"),
        (MEASURES, [*PATHS, PATHS[0]], "given twice"),
        (MEASURES | {"value": []}, PATHS, "value: has no items"),
        (MEASURES | {"value": ["v1", "v_2"]}, PATHS, "v_2: there is no such column(.|\n)*'v2'"),
        (MEASURES, [("value", "value")], "circle|is on no path"),
    ],
)
def test_a_diagram_that_cannot_be_fitted_is_refused(measures, paths, problem):
    with pytest.raises(ValueError, match=problem):
        crm.PathModel(measures, paths).fit(answers())


def test_answers_that_cannot_be_used_are_refused():
    data = answers(30)
    cases = {
        "row 3, v1 = nan: missing": data.assign(v1=data["v1"].where(data.index != 3)),
        "v2: every answer is 2": data.assign(v2=2.0),
        "4 answers for 2 paths": data.head(4),
        "text, not a number": data.assign(q1="often"),
        "answered more than once": pd.concat([data, data.head(1)]),
    }
    for message, wrong in cases.items():
        with pytest.raises(crm.DataError, match=message):
            crm.PathModel(MEASURES, PATHS).fit(wrong)
    with pytest.raises(
        ValueError, match="scheme must be 'path', 'centroid' or 'factorial', not 'pls'"
    ):
        crm.PathModel(MEASURES, PATHS, scheme="pls").fit(data)


def test_an_array_or_a_file_name_is_no_table():
    for wrong in (np.ones((9, 8)), "answers.csv", None):
        with pytest.raises(ValueError, match="data must be a DataFrame, not"):
            crm.PathModel(MEASURES, PATHS).fit(wrong)


@pytest.mark.parametrize("measures", [{"quality": "q1"}, ["q1"], {"quality": ["q1", "q1"]}, None])
def test_measures_that_are_none_are_refused(measures):
    with pytest.raises(ValueError, match="measures"):
        crm.PathModel(measures, PATHS).fit(answers())


@pytest.mark.parametrize("paths", [[], "quality", [("quality",)], None, [1]])
def test_paths_that_are_none_are_refused(paths):
    with pytest.raises(ValueError, match="paths must be"):
        crm.PathModel(MEASURES, paths).fit(answers())


def test_constructs_that_cannot_be_told_apart_are_refused():
    data = answers(50)
    shared = {"quality": ["q1", "q2"], "value": ["q1", "q2"], "loyalty": ["l1", "l2"]}
    paths = [("quality", "loyalty"), ("value", "loyalty")]
    for scheme in ("path", "centroid", "factorial"):
        with pytest.raises(crm.DataError, match="quality and value cannot be told apart"):
            crm.PathModel(shared, paths, scheme=scheme).fit(data)
    one_in_common = shared | {"value": ["q1", "v1"]}
    assert np.isfinite(crm.PathModel(one_in_common, paths).fit(data).paths_).all()
    with pytest.raises(crm.DataError, match="value: its items cancel out"):
        crm.PathModel(MEASURES, PATHS).fit(data.assign(v2=-data["v1"]))


def test_an_item_worded_the_other_way_round_is_said_at_the_readers_line_each_time():
    data = answers()
    data["q3"] = -data["q3"]
    for _ in range(2):
        with pytest.warns(UserWarning, match="q3 goes against the other items of quality") as said:
            model = crm.PathModel(MEASURES, PATHS).fit(data)
        assert [w.filename for w in said] == [__file__]
        assert len(model.warnings_) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        crm.PathModel(MEASURES, PATHS).fit(answers())


def test_its_name_says_whether_it_is_fitted():
    model = crm.PathModel(MEASURES, PATHS)
    assert repr(model) == "PathModel of 3 constructs and 3 paths, scheme 'path', not fitted"
    assert repr(model.fit(answers(40))).endswith("fitted to 40 answers")


def test_predictions_vary_as_much_as_r_squared_says():
    data = answers()
    model = crm.PathModel(MEASURES, PATHS).fit(data)
    found = model.predict(data.drop(columns=MEASURES["loyalty"]))
    assert list(found.columns) == ["value", "loyalty"]
    np.testing.assert_allclose(found.var(ddof=0), model.r_squared_)
    scores = model.scores(data)
    for name in found:  # what a regression predicts goes with its residual not at all
        assert abs(found[name].corr(scores[name] - found[name])) < 1e-9
    with pytest.raises(crm.DataError, match="q1: there is no such column"):
        model.predict(data.drop(columns="q1"))


def test_bootstrap_says_how_far_paths_move_from_sample_to_sample():
    table = crm.PathModel(MEASURES, PATHS).bootstrap(answers(300), n=200, seed=1)
    assert table.index.tolist() == PATHS and list(table) == ["value", "se", "low", "high"]
    assert (table["low"] <= table["value"]).all() and (table["value"] <= table["high"]).all()
    samples = [crm.PathModel(MEASURES, PATHS).fit(answers(300, seed=s)).paths_ for s in range(80)]
    np.testing.assert_allclose(table["se"], np.std(samples, axis=0, ddof=1), rtol=0.25)
    again = crm.PathModel(MEASURES, PATHS).bootstrap(answers(300), n=200, seed=1)
    pd.testing.assert_frame_equal(table, again)
    with pytest.raises(ValueError, match="n must be a whole number from 20 to 10,000"):
        crm.PathModel(MEASURES, PATHS).bootstrap(answers(300), n=2)
