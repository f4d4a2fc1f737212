"""Brand measures, duplication, the wallet rule, lift and uplift: published figures and properties."""

import warnings

import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib import DataError
from crmlib.data import load

TUNA = {"buyer": "household", "brand": "brand"}


@pytest.fixture(scope="module")
def tuna():
    return load("tuna")


def panel(rows, **columns):
    table = pd.DataFrame([tuple(row) for row in rows.split()], columns=["buyer", "brand"])
    return table.assign(**columns)


BB = {"buyer": "buyer", "brand": "brand"}


def metrics(table, **options):
    return crm.brand_metrics(table, **BB, **options)


# --- brand_metrics ------------------------------------------------------------------------------


def test_measures_of_the_tuna_panel(tuna):
    """Counted apart from the library, by group-bys of pandas (methods_3_4, finding 1)."""
    expected = {
        "skw": [0.6857, 2.8548, 0.4418, 0.5246, 0.3206],
        "sko": [0.3527, 2.2356, 0.1780, 0.3535, 0.2172],
        "cosw": [0.3634, 1.9911, 0.1633, 0.2982, 0.1744],
        "coso": [0.3476, 1.7888, 0.1403, 0.2687, 0.1870],
        "pw": [0.1435, 2.3649, 0.0766, 0.3546, 0.1667],
    }
    columns = ["penetration", "frequency", "share", "scr", "sole"]
    expected = pd.DataFrame(expected, columns).T.rename_axis("brand")
    measured = crm.brand_metrics(tuna, **TUNA)
    pd.testing.assert_frame_equal(measured, expected, atol=5.1e-5, rtol=0)


def by_hand(table, population):
    """Walk through the buyers one by one."""
    baskets = {who: list(rows["brand"]) for who, rows in table.groupby("buyer")}
    lines = {}
    for brand in table["brand"].unique():
        mine = [basket for basket in baskets.values() if brand in basket]
        bought = sum(basket.count(brand) for basket in mine)
        lines[brand] = {
            "penetration": len(mine) / population,
            "frequency": bought / len(mine),
            "share": bought / len(table),
            "scr": bought / sum(map(len, mine)),
            "sole": sum(set(basket) == {brand} for basket in mine) / len(mine),
        }
    return pd.DataFrame(lines).T


@pytest.mark.parametrize("seed", range(5))
def test_measures_are_what_counting_by_hand_gives(seed):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {"buyer": rng.integers(0, 30, 200), "brand": rng.choice(list("abcd"), 200)}
    )
    measured = metrics(table, population=50)
    pd.testing.assert_frame_equal(
        measured, by_hand(table, 50).loc[measured.index], check_names=False
    )
    assert measured.drop(columns="frequency").stack().between(0, 1).all()
    assert measured["share"].sum() == pytest.approx(1)
    shuffled = table.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(metrics(shuffled, population=50), measured)


@pytest.mark.parametrize("kind", ["category", "object", "string", "str"])
def test_the_type_of_a_column_makes_no_difference(kind):
    table = panel("1a 1b 2a 2a 3b")
    pd.testing.assert_frame_equal(
        metrics(table.astype(kind)), metrics(table), check_index_type=False
    )


def test_categories_without_purchases_are_no_brands():
    table = panel("1a 1b 2a").assign(brand=pd.Categorical(["a", "b", "a"], ["a", "b", "gone"]))
    assert metrics(table).index.tolist() == ["a", "b"]


def test_ids_keep_their_leading_zeros():
    table = pd.DataFrame({"buyer": ["007", "7"], "brand": ["a", "a"]})
    assert metrics(table, population=4).loc["a", "penetration"] == 0.5


def test_blanks_around_names_are_stripped_and_counted():
    table = pd.DataFrame({"buyer": ["1", "1 ", "2"], "brand": ["a", "b", "a"]})
    with pytest.warns(UserWarning, match="buyer: blanks around 1 value were stripped, such as"):
        assert metrics(table).loc["b", "penetration"] == 0.5


def test_equal_rows_are_purchases_of_their_own():
    assert metrics(panel("1a 1a")).loc["a", "frequency"] == 2


def test_inputs_are_not_changed(tuna):
    before = tuna.copy()
    crm.brand_metrics(tuna, **TUNA), crm.duplication(tuna, **TUNA)
    pd.testing.assert_frame_equal(tuna, before)


PANELS = {
    "missing column": (
        {"buyers": ["1"], "brand": ["a"]},
        "buyer: there is no such column; the nearest",
    ),
    "empty": ({"buyer": [], "brand": []}, "purchases: is empty"),
    "missing buyer": ({"buyer": ["1", None], "brand": ["a", "a"]}, r"row 1, buyer = \S+: no buyer"),
    "missing brand": ({"buyer": [1, 2], "brand": ["a", np.nan]}, r"row 1, brand = nan: no brand"),
    "blank brand": ({"buyer": [1, 2], "brand": ["a", " "]}, r"row 1, brand = ' ': no brand"),
    "mixed ids": ({"buyer": [1, "1"], "brand": ["a", "a"]}, "some are text and others"),
    "lists": ({"buyer": [[1], [2]], "brand": ["a", "a"]}, "some are text and others"),
    "broken numbers": ({"buyer": [1.5, 2], "brand": ["a", "a"]}, "row 0, buyer = 1.5: not a whole"),
    "infinite": ({"buyer": [np.inf, 2], "brand": ["a", "a"]}, "row 0, buyer = inf: not a whole"),
    "scientific": ({"buyer": ["1.2E+05", "7"], "brand": ["a", "a"]}, "a spreadsheet has shortened"),
}


@pytest.mark.parametrize("call", [crm.brand_metrics, crm.duplication, crm.Dirichlet().fit])
@pytest.mark.parametrize(("columns", "message"), PANELS.values(), ids=PANELS)
def test_panels_that_are_refused(call, columns, message):
    with pytest.raises(DataError, match=message):
        call(pd.DataFrame(columns), **BB)


@pytest.mark.parametrize("call", [crm.brand_metrics, crm.duplication, crm.Dirichlet().fit])
def test_calls_that_are_refused(call):
    twice = pd.DataFrame([[1, "a", "b"]], columns=["buyer", "brand", "brand"])
    with pytest.raises(DataError, match="brand: two columns have this name"):
        call(twice, **BB)
    with pytest.raises(ValueError, match="purchases must be a DataFrame"):
        call([1, 2], **BB)
    with pytest.raises(ValueError, match="brand must be another column than buyer"):
        call(panel("1a"), buyer="buyer", brand="buyer")
    for name in ([1], {}, pd.Series([1])):
        with pytest.raises(ValueError, match="brand must be the name of a column"):
            call(panel("1a"), buyer="buyer", brand=name)
    with pytest.raises(DataError, match="None: there is no such column"):
        call(panel("1a"), buyer=None, brand="brand")


@pytest.mark.parametrize("call", [crm.brand_metrics, crm.Dirichlet().fit])
@pytest.mark.parametrize("population", [1, 0, -5, 2.5, np.nan, np.inf, "3", True, [3]])
def test_a_population_that_cannot_be(call, population):
    with pytest.raises(ValueError, match="population"):
        call(panel("1a 1a 2b"), **BB, population=population)


# --- duplication --------------------------------------------------------------------------------


def test_duplication_of_the_tuna_panel(tuna):
    shared = crm.duplication(tuna, **TUNA)
    assert shared.attrs["D"] == pytest.approx(0.98144, abs=1e-5)
    pairs = ~np.eye(5, dtype=bool)
    b = crm.brand_metrics(tuna, **TUNA)["penetration"]
    ratios = shared.loc[b.index, b.index] / b  # the two other estimators of D
    assert ratios.to_numpy()[pairs].mean() == pytest.approx(1.00138, abs=1e-5)
    assert shared.index.tolist() == ["skw", "cosw", "sko", "coso", "pw"]


def test_duplication_by_hand():
    shared = crm.duplication(panel("1a 1b 1b 2a 3a 3b 4c"), **BB)
    assert shared.loc["a", "b"] == pytest.approx(2 / 3) and shared.loc["b", "a"] == 1
    assert shared.loc["c", ["a", "b"]].tolist() == [0, 0]
    assert np.diag(shared).tolist() == [1, 1, 1]
    b = {"a": 0.75, "b": 0.5, "c": 0.25}
    pairs = [(x, y) for x in b for y in b if x != y]
    D = sum(shared.loc[x, y] * b[y] for x, y in pairs) / sum(b[y] ** 2 for _, y in pairs)
    assert shared.attrs["D"] == pytest.approx(D)


def test_one_brand_shares_with_nobody():
    with pytest.raises(DataError, match="a is the only brand"):
        crm.duplication(panel("1a 2a"), **BB)


# --- wallet_share -------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 5, 40])
def test_shares_of_a_wallet_sum_to_1_also_with_ties(n):
    assert sum(crm.wallet_share(r, n) for r in range(1, n + 1)) == pytest.approx(1)
    assert n * crm.wallet_share((n + 1) / 2, n) == pytest.approx(1)  # all tie


def test_wallet_shares_as_printed():
    """Keiningham et al. (2011): first of two 67 %, first of three 50, 33, 17 %."""
    said = [
        round(100 * crm.wallet_share(r, n)) for r, n in [(1, 2), (2, 2), (1, 3), (2, 3), (3, 3)]
    ]
    assert said == [67, 33, 50, 33, 17]
    assert isinstance(crm.wallet_share(np.int64(1), np.float64(2.0)), float)


@pytest.mark.parametrize("rank", [0, 0.5, 3, -1, np.nan, np.inf, "1", True, None, [1], pd.NA])
def test_ranks_that_cannot_be(rank):
    with pytest.raises(ValueError, match=r"rank must be"):
        crm.wallet_share(rank, 2)


@pytest.mark.parametrize("brands", [0, -2, 1.5, np.nan, "2", True, None, [2]])
def test_numbers_of_brands_that_cannot_be(brands):
    with pytest.raises(ValueError, match="brands must be a whole number"):
        crm.wallet_share(1, brands)


# --- lift_table ---------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [20, 100, 101, 997])
def test_lift_by_sorting(n):
    rng = np.random.default_rng(n)
    score, outcome = rng.permutation(n), np.append(rng.integers(0, 2, n - 2), [0, 1])
    table = crm.lift_table(outcome, score)
    assert table["n"].sum() == n and np.ptp(table["n"]) <= 1
    ordered = outcome[np.argsort(-score)]
    ends = table["n"].cumsum()
    positives = [part.sum() for part in np.split(ordered, ends[:-1])]
    assert table["positives"].tolist() == positives
    np.testing.assert_allclose(table["cumulative_share"], np.cumsum(positives) / outcome.sum())
    assert (table["lift"] * table["n"]).sum() / n == pytest.approx(1)
    assert table.index.tolist() == list(range(1, 11)) and table.index.name == "bin"


def test_equal_scores_stay_together_whatever_the_order_of_rows():
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"y": rng.integers(0, 2, 300), "s": rng.integers(0, 40, 300)})
    table = crm.lift_table(data["y"], data["s"])
    other = data.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(crm.lift_table(other["y"], other["s"]), table)
    assert table["n"].sum() == 300


def test_empty_bins_are_said():
    with pytest.warns(UserWarning, match=r"8 of 10 bins are empty.*2 different scores"):
        table = crm.lift_table([1, 0] * 50, [1, 1, 0, 0] * 25)
    assert table["n"].tolist() == [50, 50]


@pytest.mark.parametrize("bins", [1, 0, 11, 2.5, "10", True, None, np.nan])
def test_bins_that_cannot_be(bins):
    with pytest.raises(ValueError, match="bins must be"):
        crm.lift_table([0, 1] * 5, range(10), bins=bins)


# --- uplift_curve and qini ----------------------------------------------------------------------

TOY = [1, 0, 1, 1, 0, 1, 0, 1, 0, 0], [1, 0, 1, 1, 0, 0, 1, 0, 1, 0]


def test_the_toy_as_scikit_uplift_has_it():
    score = np.arange(10, 0, -1) / 10
    curve = crm.uplift_curve(*TOY, score)
    assert curve["gain"].tolist() == pytest.approx([0, 1, 1, 2, 3, 3, 2, 5 / 3, 1, 0.5, 1])
    np.testing.assert_allclose(curve["share"], np.arange(11) / 10)
    assert crm.qini(*TOY, score) == pytest.approx(0.576577, abs=5e-7)


def test_two_rows_of_scikit_uplifts_own_tests():
    assert crm.qini([0, 1], [1, 0], [0.1, 0.3]) == pytest.approx(1.0)


def referee(y, t, s):
    """Compute qini_auc_score(negative_effect=True) anew, customer by customer, score by score."""

    def area(score):
        x, gain = [0], [0.0]
        for cut in sorted(set(score), reverse=True):
            best = [i for i in range(len(y)) if score[i] >= cut]
            n_t, n_c = sum(t[i] for i in best), sum(1 - t[i] for i in best)
            r_t, r_c = sum(y[i] * t[i] for i in best), sum(y[i] * (1 - t[i]) for i in best)
            x.append(len(best))
            gain.append(r_t - (r_c * n_t / n_c if n_c else 0))
        trapezes = [(x[k] - x[k - 1]) * (gain[k] + gain[k - 1]) / 2 for k in range(1, len(x))]
        return sum(trapezes) - x[-1] * gain[-1] / 2

    perfect = [y[i] * t[i] - y[i] * (1 - t[i]) for i in range(len(y))]
    return area(s) / area(perfect)


@pytest.mark.parametrize("seed", range(12))
def test_qini_is_what_the_referee_finds(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 60))
    y, t = (np.append(rng.integers(0, 2, n), [0, 1]) for _ in range(2))
    s = rng.integers(0, 5 if seed % 2 else 10_000, n + 2) / 10
    assert crm.qini(y, t, s) == pytest.approx(referee(y.tolist(), t.tolist(), s.tolist()))


@pytest.mark.parametrize("seed", range(5))
def test_perfect_wrong_and_random_orders(seed):
    rng = np.random.default_rng(seed)
    y, t = rng.integers(0, 2, 20_000), rng.integers(0, 2, 20_000)
    assert crm.qini(y, t, y * (2 * t - 1)) == pytest.approx(1)
    assert crm.qini(y, t, -y * (2 * t - 1)) < -0.2
    assert abs(crm.qini(y, t, rng.random(20_000))) < 0.05
    assert crm.qini(y, t, np.zeros(20_000)) == pytest.approx(0, abs=1e-12)


def test_rows_in_another_order_and_other_units_change_nothing():
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"y": rng.integers(0, 2, 500), "t": rng.integers(0, 2, 500)})
    data["s"] = rng.integers(0, 30, 500)
    other = data.sample(frac=1, random_state=2)
    curve = crm.uplift_curve(data["y"], data["t"], data["s"])
    again = crm.uplift_curve(other["y"], other["t"], other["s"] / 7 - 100)
    pd.testing.assert_frame_equal(curve, again)
    effect = data.groupby("t")["y"].mean().diff().iloc[-1]
    assert curve["gain"].iloc[-1] == pytest.approx(effect * data["t"].sum())


# --- what outcomes, arms and scores must be -----------------------------------------------------

N = 40
INDEX = pd.Index([f"C{i:03}" for i in range(N)])
GOOD = {
    "outcome": pd.Series([0, 1] * 20, INDEX),
    "treated": pd.Series([0, 0, 1, 1] * 10, INDEX),
    "score": pd.Series(np.arange(N, dtype=float), INDEX),
}


def lift(outcome, treated, score):
    return crm.lift_table(outcome, score, bins=4)


scored = pytest.mark.parametrize("call", [lift, crm.uplift_curve, crm.qini])


def same(a, b):
    np.testing.assert_allclose(np.asarray(a, dtype=float), np.asarray(b, dtype=float))


FORMS = {
    "bool": lambda s: s.astype(bool),
    "boolean": lambda s: s.astype("boolean"),
    "Int64": lambda s: s.astype("Int64"),
    "float": lambda s: s.astype(float),
    "object": lambda s: s.astype(object),
    "category": lambda s: s.astype("category"),
    "arrow": lambda s: s.astype("int64[pyarrow]"),
    "array": lambda s: s.to_numpy(),
    "list": lambda s: s.tolist(),
    "other order": lambda s: s.iloc[::-1],
}


@scored
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_flags_mean_the_same_in_every_form(call, form):
    changed = GOOD | {name: form(GOOD[name]) for name in ("outcome", "treated")}
    same(call(**changed), call(**GOOD))


SCORES = {
    "Float64": lambda s: s.astype("Float64"),
    "object": lambda s: s.astype(object),
    "arrow": lambda s: s.astype("double[pyarrow]"),
    "other order": lambda s: s.sample(frac=1, random_state=0),
    "array": lambda s: s.to_numpy(),
}


@scored
@pytest.mark.parametrize("form", SCORES.values(), ids=SCORES)
def test_scores_mean_the_same_in_every_form(call, form):
    same(call(**GOOD | {"score": form(GOOD["score"])}), call(**GOOD))


def with_one(name, value):
    column = GOOD[name].astype(object).copy()
    column.iloc[3] = value
    return {name: column}


BAD = {
    "score NaN": (with_one("score", np.nan), "row C003, score = nan: missing or infinite"),
    "score NA": (with_one("score", pd.NA), "row C003, score = .*: missing or infinite"),
    "score None": (with_one("score", None), "row C003, score = .*: missing or infinite"),
    "score infinite": (with_one("score", np.inf), "row C003, score = inf: missing or infinite"),
    "score text": (with_one("score", "0.3"), "row C003, score = 0.3: text, not a number"),
    "all text": ({"score": GOOD["score"].astype("str")}, "row C000, score = 0.0: text, not a number"),
    "score bool": ({"score": GOOD["outcome"].astype(bool)}, "score: is bool, yes and no, not numbers"),
    "score dates": ({"score": pd.date_range("2024", periods=N)}, "score: is datetime64"),
    "score complex": ({"score": np.ones(N) * 1j}, "score: is complex128"),
    "outcome NaN": (with_one("outcome", np.nan), "row C003, outcome = nan: missing"),
    "outcome 2": (with_one("outcome", 2), "row C003, outcome = 2.0: neither 0 nor 1"),
    "outcome text": ({"outcome": ["yes", "no"] * 20}, "row 0, outcome = yes: text, not a number"),
    "no outcome": ({"outcome": GOOD["outcome"] * 0}, "outcome: every value is 0"),
    "all outcomes": ({"outcome": [1] * N}, "outcome: every value is 1"),
    "one too few": ({"score": np.arange(N - 1)}, "score: has 39 values for 40 rows of outcome"),
    "another index": ({"score": GOOD["score"].reset_index(drop=True)}, "is not in the index of outcome"),
    "an index twice": (
        {"score": GOOD["score"].rename({"C001": "C000"})},
        "outcome = C001: is not in the index of score",
    ),
    "a table": ({"score": GOOD["score"].to_frame()}, "score must be one column"),
    "a number": ({"score": 3}, "score must be one column"),
    "ragged": ({"score": [[1, 2], *range(N - 1)]}, "score = \\[1, 2\\]: not a number"),
}  # fmt: skip


@scored
@pytest.mark.parametrize(("changed", "message"), BAD.values(), ids=BAD)
def test_columns_that_are_refused(call, changed, message):
    with pytest.raises(ValueError, match=message):
        call(**GOOD | changed)


ARMS = {
    "everybody treated": ([1] * N, "treated: every value is 1"),
    "nobody treated": ([0] * N, "treated: every value is 0"),
    "three arms": ([0, 1, 2, 1] * 10, "row 2, treated = 2.0: neither 0 nor 1"),
    "missing": ([0, 1, None, 1] * 10, "row 2, treated = .*: missing"),
    "names": (["control", "mail"] * 20, "row 0, treated = control: text, not a number"),
}


@pytest.mark.parametrize("call", [crm.uplift_curve, crm.qini])
@pytest.mark.parametrize(("treated", "message"), ARMS.values(), ids=ARMS)
def test_arms_that_are_refused(call, treated, message):
    with pytest.raises(DataError, match=message):
        call(GOOD["outcome"], treated, GOOD["score"])


@scored
def test_nothing_to_score(call):
    with pytest.raises(DataError, match="outcome: there are no values"):
        call([], [], [])


@scored
def test_columns_are_not_changed(call):
    before = {name: column.copy() for name, column in GOOD.items()}
    with warnings.catch_warnings(action="error"):
        call(**GOOD)
    for name, column in GOOD.items():
        pd.testing.assert_series_equal(column, before[name])
