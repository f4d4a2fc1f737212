"""RFM scores, cluster stability, drift, maps and supply: published figures, referees, properties."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, norm
from sklearn.base import BaseEstimator
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from stepmix.stepmix import StepMix

import crmlib as crm
from crmlib import DataError
from crmlib.data import load
from crmlib.segmentation.resampling import _jaccard

PROPERTIES = settings(max_examples=60, derandomize=True, database=None, deadline=None)


# --- rfm_scores ---------------------------------------------------------------------------------


def summary(recency, frequency, monetary, index=None):
    table = {"recency": recency, "frequency": frequency, "monetary": monetary}
    return pd.DataFrame(table, index).astype({"monetary": float})


def score_by_counting(values, bins):
    """Count those below and half of those alike, in fractions, and see in which bin that falls."""
    middles = [
        Fraction(2 * sum(w < v for w in values) + sum(w == v for w in values), 2 * len(values))
        for v in values
    ]
    return [math.floor(middle * bins) + 1 for middle in middles]


@st.composite
def histories(draw):
    n = draw(st.integers(2, 25))
    whole = st.integers(0, 5)
    frequency = draw(st.lists(whole, min_size=n, max_size=n))
    recency = draw(st.lists(st.integers(0, 60).map(lambda k: k / 7), min_size=n, max_size=n))
    spend = draw(st.lists(st.integers(-3, 30), min_size=n, max_size=n))
    monetary = [m if x else np.nan for m, x in zip(spend, frequency, strict=True)]
    return summary(recency, frequency, monetary), draw(st.integers(2, n))


@PROPERTIES
@given(histories())
def test_scores_are_what_counting_gives_in_any_order_of_the_rows(case):
    table, bins = case
    scores = crm.rfm_scores(table, bins=bins)
    assert scores["R"].tolist() == score_by_counting((-table["recency"]).tolist(), bins)
    assert scores["F"].tolist() == score_by_counting(table["frequency"].tolist(), bins)
    spent = table["monetary"].dropna()
    assert scores["M"].dropna().tolist() == score_by_counting(spent.tolist(), bins)
    assert scores.index[scores["M"].notna()].equals(spent.index)
    assert (scores.stack().dropna() >= 1).all() and (scores.stack().dropna() <= bins).all()
    turned = crm.rfm_scores(table[::-1], bins=bins)
    pd.testing.assert_frame_equal(turned[::-1], scores)


def test_without_ties_the_bins_are_quantiles():
    rng = np.random.default_rng(0)
    table = summary(rng.permutation(100), rng.permutation(100) + 1, rng.permutation(100))
    scores = crm.rfm_scores(table, bins=4)
    for score, values in (
        ("R", -table["recency"]),
        ("F", table["frequency"]),
        ("M", table["monetary"]),
    ):
        assert scores[score].tolist() == (pd.qcut(values, 4, labels=False) + 1).tolist()


def test_scores_of_cdnow():
    """methods_3_4: 59.9 % bought once; ties by the order of the rows changed 42.6 % of the scores."""
    log = load("cdnow")
    table = crm.rfm(log[log["date"] <= "1997-09-30"])
    scores = crm.rfm_scores(table)
    once = table["frequency"] == 0
    assert once.mean() == pytest.approx(0.599, abs=0.0005)
    assert set(scores.loc[once, "F"]) == {2} and set(scores["F"]) == {2, 4, 5}
    assert scores.loc[once, "M"].isna().all() and scores.loc[~once, "M"].notna().all()
    shuffled = crm.rfm_scores(table.sample(frac=1, random_state=1)).sort_index()
    pd.testing.assert_frame_equal(shuffled, scores)


def test_the_best_tenth_by_scores_comes_back():
    """methods_3_4: by sums of days and amounts, ties by their mean, .7896 of it buy later; all .2994."""
    log = load("cdnow")
    table = crm.holdout(log, split="1997-09-30")
    past = log[log["date"] <= "1997-09-30"]
    by_sums = table.assign(monetary=past.groupby("customer_id")["amount"].sum())
    total = crm.rfm_scores(by_sums).sum(axis=1)
    best = total.sort_values(ascending=False, kind="stable").index[: len(total) // 10]
    later = table["holdout_frequency"] > 0
    assert later.mean() == pytest.approx(0.2994, abs=5e-5)
    assert later[best].mean() == pytest.approx(0.7896, abs=0.005)


def test_scores_keep_the_index_and_the_types():
    table = summary([1, 2], [1, 0], [5, np.nan], ["007", "7"])
    for kind in ("Float64", "float64", object):
        scores = crm.rfm_scores(table.astype(kind), bins=2)
        assert scores.index.tolist() == ["007", "7"]
        assert scores.dtypes.astype(str).tolist() == ["int64", "int64", "Int64"]
    nobody = crm.rfm_scores(summary([1, 2], [0, 0], [np.nan, np.nan]), bins=2)
    assert nobody["M"].isna().all()


SUMMARIES = {
    "a column lacks": (summary([1], [0], [1]).drop(columns="recency"), "recency: there is no such"),
    "empty": (summary([], [], []), "summary: is empty"),
    "missing": (summary([1, np.nan], [0, 0], [1, 1]), "row 1, recency = nan: missing or infinite"),
    "infinite": (
        summary([1, 2], [0, 0], [1, np.inf]),
        "row 1, monetary = inf: missing or infinite",
    ),
    "text": (summary(["1", "2"], [0, 0], [1, 1]), "row 0, recency = 1: text, not a number"),
    "unknown": (summary([1, 2], [0, 3], [1, np.nan]), "row 1, monetary = nan: missing, though"),
    "two": (
        summary([1, 2], [0, 0], [1, 1]).iloc[:, [0, 1, 1, 2]],
        "frequency: two columns have this name",
    ),
}


@pytest.mark.parametrize(("table", "message"), SUMMARIES.values(), ids=SUMMARIES)
def test_summaries_that_are_refused(table, message):
    with pytest.raises(DataError, match=message):
        crm.rfm_scores(table, bins=2)


@pytest.mark.parametrize("bins", [1, 0, 3, 2.5, "5", True, None])
def test_bins_that_cannot_be(bins):
    with pytest.raises(ValueError, match="bins must be"):
        crm.rfm_scores(summary([1, 2], [0, 0], [1, 1]), bins=bins)


# --- stability ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ruspini():
    return load("ruspini")


def kmeans(k, n_init=10):
    return KMeans(k, n_init=n_init, random_state=0)


def test_the_jaccard_of_fpc():
    """clujaccard in the examples of R's fpc: ten against nine of them."""
    ten, nine = np.zeros(10, int), np.repeat([1, 0], [1, 9])
    assert _jaccard(ten, nine, np.array([0])) == pytest.approx([0.9], abs=1e-9)


@pytest.mark.parametrize(
    ("k", "least", "expected"),
    [(3, 0.03, [0.759, 0.782, 0.677]), (4, 0, [1, 1, 1, 1])],
)
def test_stability_of_ruspini(ruspini, k, least, expected):
    """methods_3_4, where another program drew the samples."""
    found = crm.stability(ruspini, kmeans(k))
    assert sorted(found["mean"]) == pytest.approx(sorted(expected), abs=least + 1e-9)


def test_five_clusters_of_ruspini_are_one_too_many(ruspini):
    assert crm.stability(ruspini, kmeans(5))["mean"].min() == pytest.approx(0.608, abs=0.05)
    four = kmeans(4).fit(ruspini)
    assert four.inertia_ == pytest.approx(12881.05, abs=0.005)
    assert silhouette_score(ruspini, four.labels_) == pytest.approx(0.7377, abs=5e-5)


def by_sets(X, estimator, n_boot, seed):
    """The same draws, clusters as sets of people, people counted once."""
    labels = estimator.fit_predict(X)
    rng, rows = np.random.default_rng(seed), []
    for _ in range(n_boot):
        drawn = rng.integers(len(X), size=len(X)).tolist()
        again = dict(zip(drawn, estimator.fit_predict(X[drawn]).tolist(), strict=True))
        new = [{i for i in again if again[i] == c} for c in set(again.values()) - {-1}]
        row = []
        for cluster in sorted(set(labels[labels >= 0])):
            old = {i for i in again if labels[i] == cluster}
            row.append(max([len(old & b) / len(old | b) for b in new] or [0]) if old else np.nan)
        rows.append(row)
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    "estimator",
    [kmeans(3, 1), GaussianMixture(2, random_state=1), AgglomerativeClustering(6), DBSCAN(0.9)],
    ids=lambda e: type(e).__name__,
)
def test_stability_is_that_of_sets_of_people(estimator):
    X = np.random.default_rng(3).normal(size=(30, 2))
    found = crm.stability(X, estimator, n_boot=25, seed=7)
    runs = by_sets(X, estimator, 25, 7)
    np.testing.assert_allclose(found["mean"], runs.mean())  # mean and quantile leave NaN out
    np.testing.assert_allclose(found["low"], runs.quantile(0.025))
    np.testing.assert_allclose(found["high"], runs.quantile(0.975))
    labels = pd.Series(estimator.fit_predict(X)).value_counts().drop(-1, errors="ignore")
    assert found["n"].to_dict() == labels.to_dict()
    assert found.index.name == "cluster" and list(found) == ["n", "mean", "low", "high"]


def test_stable_is_not_real():
    """methods_3_4: a square full of points has four stable clusters, a ball in five dimensions none."""
    rng = np.random.default_rng(5)
    square = crm.stability(rng.uniform(size=(300, 2)), kmeans(4, 3))
    assert 0.8 < square["mean"].mean() < 0.97
    ball = crm.stability(rng.normal(size=(1000, 5)), kmeans(5, 3), n_boot=20)
    assert ball["mean"].mean() == pytest.approx(0.446, abs=0.1)


def test_the_same_seed_gives_the_same_and_nothing_is_changed(ruspini):
    estimator, before = KMeans(3), ruspini.copy()
    settings_before = estimator.get_params()
    first = crm.stability(ruspini, estimator, n_boot=20, seed=4)
    pd.testing.assert_frame_equal(crm.stability(ruspini, estimator, n_boot=20, seed=4), first)
    pd.testing.assert_frame_equal(
        crm.stability(ruspini.to_numpy(), estimator, n_boot=20, seed=4), first
    )
    assert not crm.stability(ruspini, estimator, n_boot=20, seed=5).equals(first)
    assert estimator.get_params() == settings_before and not hasattr(estimator, "labels_")
    pd.testing.assert_frame_equal(ruspini, before)


def test_a_pipeline_scales_each_sample(ruspini):
    wide = ruspini * [1, 1000]
    scaled = make_pipeline(StandardScaler(), KMeans(4))
    found = crm.stability(wide, scaled, n_boot=20)
    pd.testing.assert_frame_equal(found, crm.stability(ruspini, scaled, n_boot=20))
    assert scaled[-1].random_state is None


def test_latent_classes_of_answers_are_clusters_too():
    rng = np.random.default_rng(0)
    group = np.repeat([0.15, 0.85], 200)
    X = (rng.random((400, 6)) < group[:, None]).astype(float)
    model = StepMix(2, measurement="binary", n_init=2, verbose=0, progress_bar=0)
    found = crm.stability(X, model, n_boot=20)
    assert found["mean"].min() > 0.9 and found["n"].tolist() == pytest.approx([200, 200], abs=10)


class Named(BaseEstimator):
    def fit_predict(self, X):
        return np.full(len(X), -1)


def test_clusterers_that_are_refused(ruspini):
    for estimator in (KMeans, "kmeans", None, StandardScaler()):
        with pytest.raises(ValueError, match="estimator must be a clusterer of scikit-learn"):
            crm.stability(ruspini, estimator)
    with pytest.raises(DataError, match="finds no cluster"):
        crm.stability(ruspini, Named())
    with pytest.raises(DataError, match="75 of its rows cannot be clustered"):
        crm.stability(ruspini, KMeans(76))
    with pytest.raises(DataError, match="cannot be clustered"):
        crm.stability(ruspini, KMeans("four"))


BAD_POINTS = {
    "missing": (pd.DataFrame({"x": [1, np.nan]}), "row 1, x = nan: missing or infinite"),
    "text": (pd.DataFrame({"x": ["1", "b"]}), "text, not a number"),
    "yes and no": (pd.DataFrame({"x": [True, False]}), "yes and no, not numbers"),
    "empty": (pd.DataFrame({"x": []}), "X: is empty"),
    "too far": (pd.DataFrame({"x": [1, 1e200]}), "values above 1e100"),
}


@pytest.mark.parametrize(("X", "message"), BAD_POINTS.values(), ids=BAD_POINTS)
def test_points_that_are_refused(X, message):
    with pytest.raises(DataError, match=message):
        crm.stability(X, KMeans(1))


@pytest.mark.parametrize("argument", ["n_boot", "seed"])
@pytest.mark.parametrize("value", [-1, 2.5, "20", None, True])
def test_draws_that_cannot_be(ruspini, argument, value):
    with pytest.raises(ValueError, match=argument):
        crm.stability(ruspini, KMeans(2), **{argument: value})


# --- drift --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shift", "published"), [(0.1, 0.009587), (0.2, 0.038311), (0.25, 0.059816), (0.5, 0.237749)]
)
def test_drift_of_a_normal_that_moves(shift, published):
    cuts = np.array([-np.inf, *norm.ppf(np.arange(1, 10) / 10), np.inf])
    b = np.diff(norm.cdf(cuts - shift))
    assert sum((b - 0.1) * np.log(b / 0.1)) == pytest.approx(published, abs=1e-6)
    grid = norm.ppf((np.arange(1_000_000) + 0.5) / 1_000_000)
    assert crm.drift(grid, grid + shift) == pytest.approx(published, abs=1e-5)


def test_drift_of_amounts_at_cdnow():
    log = load("cdnow")
    before, after = (log.loc[days, "amount"] for days in
                     (log["date"] < "1997-04-01", log["date"] >= "1998-04-01"))  # fmt: skip
    assert crm.drift(before, after) == pytest.approx(0.07238, abs=5e-6)


def by_bins(before, after, bins):
    """Put each value where it belongs, one by one."""
    cuts = sorted({float(np.quantile(before, k / bins)) for k in range(1, bins)})
    place = lambda v: sum(v >= cut for cut in cuts)  # noqa: E731
    return by_categories([place(v) for v in before], [place(v) for v in after])


def by_categories(before, after):
    total = 0.0
    for kind in set(before) | set(after):
        a = (before.count(kind) or 0.5) / len(before)
        b = (after.count(kind) or 0.5) / len(after)
        total += (b - a) * math.log(b / a)
    return total


VALUES = st.lists(st.integers(-5, 20).map(lambda k: k / 2), min_size=2, max_size=40)


@PROPERTIES
@given(VALUES, VALUES, st.data())
def test_drift_is_what_going_through_the_bins_gives(before, after, data):
    bins = data.draw(st.integers(2, len(before)))
    found = crm.drift(before, after, bins=bins)
    assert found == pytest.approx(by_bins(before, after, bins), abs=1e-12)
    assert found >= 0 and crm.drift(before, before, bins=bins) == 0
    assert crm.drift(before, before * 2, bins=bins) == pytest.approx(0, abs=1e-12)
    larger = [2 * v + 8 for v in before], [2 * v + 8 for v in after]
    assert crm.drift(*larger, bins=bins) == pytest.approx(found, abs=1e-12)


WORDS = st.lists(st.sampled_from("abcde"), min_size=1, max_size=30)


@PROPERTIES
@given(WORDS, WORDS)
def test_drift_of_categories(before, after):
    found = crm.drift(before, after)
    assert found == pytest.approx(by_categories(before, after), abs=1e-12)
    assert crm.drift(after, before) == pytest.approx(found, abs=1e-12)
    kinds = pd.CategoricalDtype([*"abcdefg"], ordered=True)
    typed = [pd.Series(values, dtype=kinds) for values in (before, after)]
    assert crm.drift(*typed) == pytest.approx(found, abs=1e-12)
    codes = [pd.Series([ord(word) for word in values]) for values in (before, after)]
    assert crm.drift(*(s.astype("category") for s in codes)) == pytest.approx(found, abs=1e-12)
    assert crm.drift(*(s == "a" for s in typed)) == pytest.approx(
        by_categories([w == "a" for w in before], [w == "a" for w in after]), abs=1e-12
    )


@pytest.mark.parametrize("kind", ["Int64", "float32", object])
def test_the_type_of_numbers_makes_no_difference(kind):
    before, after = pd.Series(range(100)), pd.Series(range(30, 90))
    found = crm.drift(before.astype(kind), after.astype(kind))
    assert found == crm.drift(before, after) > 0.5


def test_an_empty_bin_counts_half_a_customer():
    third, half = 1 / 3, 0.5 / 4
    expected = (1 - 2 / 3) * math.log(1.5) + (half - third) * math.log(half / third)
    assert crm.drift(["a", "a", "b"], ["a"] * 4) == pytest.approx(expected)


def test_drift_where_nothing_changed():
    """methods_3_4: mean (k - 1)(1/n + 1/m) = .09 for two samples of 200, above .1 in a third of them."""
    rng = np.random.default_rng(0)
    found = np.array([crm.drift(*rng.normal(size=(2, 200))) for _ in range(400)])
    assert found.mean() == pytest.approx(0.0914, abs=0.006)
    assert np.mean(found > 0.1) == pytest.approx(0.356, abs=0.08)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ([1, 2, None], [1, 2], "row 2, before = nan: missing"),
        ([1, 2], ["a", None], "row 1, after = nan: missing"),
        ([1, 2], ["a", "b"], "numbers at one time and categories at the other"),
        ([True, False], [1, 0], "numbers at one time"),
        ([], [1.0], "before: has no values"),
        ([1.0, np.inf], [1.0], "row 1, before = inf: missing or infinite"),
    ],
)
def test_variables_that_are_refused(before, after, message):
    with pytest.raises(DataError, match=message):
        crm.drift(before, after, bins=2)


@pytest.mark.parametrize("bins", [1, 3, 2.5, "2", None])
def test_bins_of_a_drift_that_cannot_be(bins):
    with pytest.raises(ValueError, match="bins must be"):
        crm.drift([1, 2], [1, 2], bins=bins)
    with pytest.raises(ValueError, match="must be one column"):
        crm.drift("before", [1, 2])


# --- correspondence -----------------------------------------------------------------------------

CAITH = pd.DataFrame(
    [
        [326, 38, 241, 110, 3],
        [688, 116, 584, 188, 4],
        [343, 84, 909, 412, 26],
        [98, 48, 403, 681, 85],
    ],
    index=["blue", "light", "medium", "dark"],
    columns=["fair", "red", "medium", "dark", "black"],
)  # Fisher (1940), eyes and hair in Caithness; MASS::caith


def test_the_map_of_caithness():
    """Canonical correlations as R's MASS prints them; coordinates by prince 0.23.0."""
    found = crm.correspondence(CAITH)
    expected = [0.44636840, 0.17345540, 0.02931691]
    assert np.sqrt(found.inertia_).tolist() == pytest.approx(expected, abs=5e-9)
    share = found.inertia_ / found.inertia_.sum()
    assert share.tolist()[:2] == pytest.approx([0.8655627, 0.1307035], abs=5e-8)
    assert found.inertia_.sum() * CAITH.to_numpy().sum() == pytest.approx(1240.039, abs=5e-4)
    rows = [[-0.4003, -0.165411, 0.064158], [-0.440708, -0.088463, -0.031773],
            [0.033614, 0.245002, 0.005553], [0.702739, -0.133914, -0.004345]]  # fmt: skip
    columns = [[-0.543995, -0.173844, 0.012522], [-0.233261, -0.048279, -0.118055],
               [-0.042024, 0.208304, 0.003236], [0.588709, -0.10395, 0.010116],
               [1.094388, -0.286437, -0.046136]]  # fmt: skip
    for side, prince in ((found.rows_, rows), (found.columns_, columns)):
        np.testing.assert_allclose(side, prince, atol=6e-7)
    assert list(found.rows_) == list(found.columns_) == list(found.inertia_.index)
    assert list(found.rows_) == ["axis 1", "axis 2", "axis 3"]
    assert found.rows_.index.equals(CAITH.index) and found.columns_.index.equals(CAITH.columns)


TABLES = st.integers(2, 5).flatmap(
    lambda r: st.integers(2, 5).flatmap(
        lambda c: st.lists(st.lists(st.integers(0, 30), min_size=c, max_size=c), min_size=r, max_size=r)
    )
).map(lambda cells: np.array(cells) + np.eye(*np.shape(cells), dtype=int))  # fmt: skip


@PROPERTIES
@given(TABLES)
def test_distances_on_the_map_are_chi_square_distances(cells):
    cells[:, 0] += 1
    cells[0] += 1
    table = pd.DataFrame(cells)
    found = crm.correspondence(table)
    n, chi2 = cells.sum(), chi2_contingency(cells, correction=False).statistic
    assert found.inertia_.sum() == pytest.approx(chi2 / n, abs=1e-12)
    assert (found.inertia_.diff().dropna() <= 1e-15).all() and len(found.inertia_) == min(
        cells.shape
    ) - 1
    for side, counts in ((found.rows_, cells), (found.columns_, cells.T)):
        shares, mass = counts / counts.sum(axis=1, keepdims=True), counts.sum(axis=0) / n
        for i, j in itertools.combinations(range(len(counts)), 2):
            apart = sum((shares[i] - shares[j]) ** 2 / mass)
            assert sum((side.iloc[i] - side.iloc[j]) ** 2) == pytest.approx(apart, abs=1e-10)
        weights = counts.sum(axis=1) / n
        np.testing.assert_allclose(weights @ side, 0, atol=1e-9)  # the average in the origin
        np.testing.assert_allclose(weights @ side**2, found.inertia_, atol=1e-12)
        out = np.abs(found.rows_).to_numpy().argmax(axis=0)
        assert all(found.rows_.iloc[i, k] >= 0 for k, i in enumerate(out))


def test_rows_and_columns_change_places_with_the_table():
    found, turned = crm.correspondence(CAITH), crm.correspondence(CAITH.T)
    np.testing.assert_allclose(np.abs(turned.rows_), np.abs(found.columns_), atol=1e-12)
    np.testing.assert_allclose(np.abs(turned.columns_), np.abs(found.rows_), atol=1e-12)
    times = crm.correspondence(CAITH * 1e200)
    np.testing.assert_allclose(times.rows_, found.rows_, atol=1e-12)
    mixed = crm.correspondence(CAITH.iloc[::-1, ::-1])
    np.testing.assert_allclose(mixed.rows_.loc[CAITH.index], found.rows_, atol=1e-12)


def test_where_everybody_answers_alike_there_is_nothing_to_map():
    found = crm.correspondence(pd.DataFrame(np.outer([1, 2, 3], [10, 20, 5])))
    assert found.inertia_.tolist() == pytest.approx([0, 0], abs=1e-25)
    np.testing.assert_allclose(found.rows_, 0, atol=1e-12)


COUNTS = {
    "below zero": ([[1, 2], [3, -4]], "row 1, 1 = -4.0: below zero"),
    "missing": ([[1, 2], [3, None]], "row 1, 1 = nan: missing"),
    "text": ([["a", 2], [3, 4]], "not a number"),
    "empty row": ([[1, 2], [0, 0]], "1: has no counts"),
    "empty column": ([[1, 0, 2], [3, 0, 3]], "1: has no counts"),
    "one row": ([[1, 2]], "has 1 rows and 2 columns"),
    "one column": ([[1], [2]], "has 2 rows and 1 columns"),
    "nobody": ([[0, 0], [0, 0]], "has no counts"),
    "nothing": ([], "table: is empty"),
}


@pytest.mark.parametrize(("cells", "message"), COUNTS.values(), ids=COUNTS)
def test_tables_that_are_refused(cells, message):
    with pytest.raises(DataError, match=message):
        crm.correspondence(pd.DataFrame(cells))


def test_what_is_no_table_is_refused():
    with pytest.raises(ValueError, match="table must be a DataFrame"):
        crm.correspondence(CAITH.to_numpy())


# --- supply_caps --------------------------------------------------------------------------------


def caps(orders, sales, ceiling=10_000, promising=()):
    orders = pd.DataFrame(orders, [f"T{i}" for i in range(len(orders))])
    return crm.supply_caps(
        orders, pd.Series(sales, orders.index), ceiling=ceiling, promising=promising
    )


def test_groups_begin_where_the_rule_says():
    sales = [1000, 999.9, 500, 499.9, 200, 199.9, 100, 99.9, 0]
    found = caps([[10, 30, 20]] * 9, sales, promising=["T7"])
    assert found["group"].tolist() == [
        "large", "mid-large", "mid-large", "mid", "mid", "mid-small", "mid-small", "small", "small",
    ]  # fmt: skip
    assert found["cap"].tolist()[:-1] == [10, 30, 30, 39, 39, 60, 60, 60]
    assert np.isnan(found["cap"].iloc[-1])
    assert found["group"].max() == "large" and found["group"].min() == "small"  # in their order


def test_only_the_large_are_held_under_the_ceiling_of_their_city():
    found = caps([[1200, 1100, 1300], [1200, 1100, 1300], [700, 800, 900]], [1200, 1200, 800],
                 pd.Series([700, 900, 1000], ["T2", "T1", "T0"]))  # fmt: skip
    assert found["cap"].tolist() == [1000, 900, 900]


def rolling(start, sales, order, months):
    """A retailer's caps month by month, when each next order is what `order` makes of the cap."""
    orders, found = list(start), []
    for _ in range(months):
        cap = caps([orders[-3:]], [sales])["cap"].item()
        found.append(cap)
        orders.append(order(cap))
    return found


def test_who_orders_the_cap_climbs():
    """methods_3_4: mid retailers with a demand of 300; mid-small ones double every month."""
    climbing = rolling([300] * 3, 300, lambda cap: cap, 6)
    assert [round(cap) for cap in climbing] == [390, 507, 659, 857, 1114, 1448]
    assert rolling([150] * 3, 150, lambda cap: cap, 4) == [300, 600, 1200, 2400]
    assert (
        rolling([300] * 3, 300, lambda cap: 300, 6) == [390] * 6
    )  # who orders what sells does not


def test_one_month_changes_the_cap_for_a_quarter():
    assert rolling([300, 300, 600], 300, lambda cap: 300, 5) == [780] * 3 + [390] * 2
    assert rolling([1200, 1200, 400], 1200, lambda cap: 1200, 5) == [400] * 3 + [1200] * 2


def test_the_caps_of_the_firm():
    """The generator of the tables has the rule in code of its own; it rounds up, at least to 10."""
    supply, retailers = load("shihu/supply"), load("shihu/retailers").set_index("retailer_id")
    orders = supply.pivot(index="retailer_id", columns="month", values="ordered")
    months = pd.date_range("2025-02-01", "2025-08-01", freq="MS")  # no holiday in them
    for month in months:
        rows = supply[supply["month"] == month].set_index("retailer_id")
        past = pd.date_range(end=month, periods=4, freq="MS")[:3]
        tier = rows["tier"].map({"large": 1000, "mid-large": 500, "mid": 200, "mid-small": 100,
                                 "small": 0})  # fmt: skip
        hopeful = retailers.index[retailers["judged_promising"]]
        found = crm.supply_caps(
            orders[past],
            tier.astype(float),
            ceiling=rows["ceiling"].astype(float),
            promising=hopeful,
        )
        assert found["group"].tolist() == rows["tier"].tolist()
        known = found["cap"].notna()
        assert (~known).tolist() == ((rows["tier"] == "small") & ~rows.index.isin(hopeful)).tolist()
        expected = np.ceil(np.maximum(found["cap"], 10).round(6))[known]
        assert expected.tolist() == rows.loc[known, "cap"].tolist()


@PROPERTIES
@given(st.lists(st.tuples(*[st.integers(0, 2000)] * 4), min_size=1, max_size=20), st.data())
def test_caps_one_by_one(rows, data):
    hopeful = {f"T{i}" for i in data.draw(st.sets(st.integers(0, len(rows) - 1)))}
    found = caps([row[:3] for row in rows], [row[3] for row in rows], 800, hopeful)
    for (who, cap), (*orders, sales) in zip(found["cap"].items(), rows, strict=True):
        if sales >= 1000:
            assert cap == min(*orders, 800)
        elif sales < 100 and who not in hopeful:
            assert np.isnan(cap)
        else:
            factor = 1 if sales >= 500 else 1.3 if sales >= 200 else 2
            assert cap == pytest.approx(factor * max(orders))


def test_sales_are_matched_by_retailer():
    orders = pd.DataFrame([[5, 5, 5], [9, 9, 9]], ["a", "b"])
    found = crm.supply_caps(orders, pd.Series({"b": 600, "a": 150}), ceiling=100)
    assert found["cap"].tolist() == [10, 9]


GOOD = {
    "orders": pd.DataFrame([[1, 2, 3], [4, 5, 6]], ["a", "b"]),
    "sales": pd.Series([1, 2], ["a", "b"]),
}
SUPPLIES = {
    "two months": ({"orders": GOOD["orders"].iloc[:, :2]}, "has 2 columns; the rule takes three"),
    "below zero": ({"orders": GOOD["orders"] - 2}, "row a, 0 = -1.0: below zero"),
    "missing": ({"orders": GOOD["orders"].mask(GOOD["orders"] == 5)}, "row b, 1 = nan: missing"),
    "twice": ({"orders": GOOD["orders"].set_axis(["a", "a"])}, "a: stands in orders twice"),
    "nobody": ({"orders": GOOD["orders"][:0]}, "orders: is empty"),
    "others": (
        {"sales": pd.Series([1, 2], ["a", "c"])},
        "sales = c: is not in the index of orders",
    ),
    "text": ({"sales": pd.Series(["1", "2"], ["a", "b"])}, "text, not a number"),
    "a city": ({"ceiling": pd.Series([1.0], ["a"])}, "orders = b: is not in the index of ceiling"),
    "stranger": ({"promising": ["b", "aa"]}, "aa: there is no such retailer; the nearest is 'a'"),
}


@pytest.mark.parametrize(("change", "message"), SUPPLIES.values(), ids=SUPPLIES)
def test_supplies_that_are_refused(change, message):
    with pytest.raises(DataError, match=message):
        crm.supply_caps(**GOOD | {"ceiling": 9} | change)


@pytest.mark.parametrize("ceiling", [0, -1, np.nan, np.inf, "9", None, True])
def test_ceilings_that_cannot_be(ceiling):
    with pytest.raises(ValueError, match="ceiling must be a number above zero"):
        crm.supply_caps(**GOOD, ceiling=ceiling)


@pytest.mark.parametrize("promising", ["a", None, 5, {"a": True}])
def test_promising_is_a_list_of_ids(promising):
    with pytest.raises(ValueError, match="promising must be the ids of retailers"):
        crm.supply_caps(**GOOD, ceiling=9, promising=promising)


def test_inputs_are_not_changed():
    orders, sales = GOOD["orders"].copy(), GOOD["sales"].copy()
    crm.supply_caps(orders, sales, ceiling=9, promising=["a"])
    pd.testing.assert_frame_equal(orders, GOOD["orders"])
    pd.testing.assert_series_equal(sales, GOOD["sales"])
    caith, table = CAITH.copy(), summary([1, 2], [1, 0], [5, np.nan])
    crm.correspondence(caith), crm.rfm_scores(table, bins=2)
    pd.testing.assert_frame_equal(caith, CAITH)
    pd.testing.assert_frame_equal(table, summary([1, 2], [1, 0], [5, np.nan]))


def test_a_recency_below_zero_and_a_ceiling_of_nothing_are_refused():
    with pytest.raises(DataError, match=r"row 0, recency = -1\.0: below zero"):
        crm.rfm_scores(summary([-1, 2], [0, 0], [1, 1]), bins=2)
    orders = pd.DataFrame([[1200, 400, 1300]], index=["T1"])
    with pytest.raises(DataError, match=r"row T1, ceiling = 0\.0: not above zero"):
        crm.supply_caps(orders, pd.Series([1000], ["T1"]), ceiling=pd.Series([0], ["T1"]))


def test_a_classifier_is_no_clusterer():
    points = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 2, 4, 3]})
    with pytest.raises(ValueError, match="estimator must be a clusterer") as caught:
        crm.stability(points, LogisticRegression(), n_boot=20)
    assert not isinstance(caught.value, DataError)
