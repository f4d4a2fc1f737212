"""The plots of chapter 3 draw what they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib import DataError, plots

STAGES = ["prospect", "customer", "client"]


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def words(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


# --- funnel -------------------------------------------------------------------------------------


def test_a_funnel_is_as_wide_as_its_counts():
    counts = pd.Series([1000, 200, 0], STAGES)
    passing = pd.DataFrame({"value": [0.2], "low": [0.18], "high": [0.23]}, ["customer"])
    ax = plots.funnel(counts, passing=passing)
    assert [bar.get_width() for bar in ax.patches] == [1000, 200, 0]
    assert {bar.get_x() + bar.get_width() / 2 for bar in ax.patches} == {0}
    assert words(ax) == ["1,000", "200", "0", "↓ 20% (18% to 23%)"]
    assert ax.texts[-1].get_position()[1] == 0.5  # between the first bar and the second
    assert [label.get_text() for label in ax.get_yticklabels()] == STAGES


def test_the_shares_of_a_funnel_go_by_name():
    counts = pd.Series([9, 6, 3], STAGES)
    passing = pd.DataFrame({"value": [0.5, 2 / 3], "low": 0.1, "high": 0.9}, ["client", "customer"])
    places = {text.get_text()[:5]: text.get_position()[1] for text in
              plots.funnel(counts, passing=passing).texts[3:]}  # fmt: skip
    assert places == {"↓ 50%": 1.5, "↓ 67%": 0.5}


def test_a_funnel_of_nobody_is_drawn():
    assert words(plots.funnel(pd.Series([0, 0], STAGES[:2]))) == ["0", "0"]


@pytest.mark.parametrize("counts", [[5, -1], [5, np.nan], [], ["five", "one"]])
def test_counts_of_a_funnel_that_are_refused(counts):
    with pytest.raises(DataError):
        plots.funnel(pd.Series(counts, STAGES[: len(counts)]))


def test_shares_of_a_funnel_that_are_refused():
    counts, row = pd.Series([5, 1], STAGES[:2]), {"value": 0.2, "low": 0.1, "high": 0.3}
    with pytest.raises(DataError, match="fan: has a share but no count"):
        plots.funnel(counts, passing=pd.DataFrame(row, ["fan"]))
    with pytest.raises(DataError, match="high: there is no such column"):
        plots.funnel(counts, passing=pd.DataFrame(row, ["customer"]).drop(columns="high"))


# --- flow ---------------------------------------------------------------------------------------


def test_a_flow_has_a_stream_for_each_move_as_high_as_it_is_large():
    moves = pd.DataFrame([[50, 30, 0], [5, 10, 5]], STAGES[:2], STAGES)
    ax = plots.flow(moves, before="May", after="June")
    bars = [p for p in ax.patches if hasattr(p, "get_height")]
    streams = [p.get_path().vertices for p in ax.patches if not hasattr(p, "get_height")]
    assert [-bar.get_height() for bar in bars] == pytest.approx([0.8, 0.2, 0.55, 0.4, 0.05])
    heights = [stream[0, 1] - stream[-1, 1] for stream in streams]
    assert heights == pytest.approx([0.5, 0.3, 0.05, 0.1, 0.05])
    assert heights == pytest.approx([stream[3, 1] - stream[4, 1] for stream in streams])
    # what arrives at a stage fills its bar, from the top down
    top = {name: bar.get_y() for name, bar in zip(STAGES, bars[2:], strict=True)}
    arrivals = [stream[3, 1] for stream in streams]
    assert arrivals == pytest.approx(
        [
            top["prospect"],
            top["customer"],
            top["prospect"] - 0.5,
            top["customer"] - 0.3,
            top["client"],
        ]
    )
    assert words(ax)[:2] == ["prospect 80", "customer 20"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["May", "June"]


def test_a_stage_has_one_colour_on_both_sides():
    ax = plots.flow(pd.DataFrame([[5, 1], [1, 5]], STAGES[:2], STAGES[1::-1]))
    colours = [p.get_facecolor() for p in ax.patches if hasattr(p, "get_height")]
    assert colours[:2] == colours[3:1:-1]


@pytest.mark.parametrize("cells", [[[0, 0]], [[1, -1]], [[1, np.nan]], [["a", "b"]]])
def test_moves_that_are_refused(cells):
    with pytest.raises(DataError):
        plots.flow(pd.DataFrame(cells, columns=["a", "b"]))


# --- double_jeopardy ----------------------------------------------------------------------------

METRICS = pd.DataFrame({"penetration": [0.6, 0.1, 0.3], "frequency": [2.8, 2.4, 2.0]}, list("abc"))
NORM = pd.DataFrame({"penetration": [0.12, 0.58, 0.3], "frequency": [1.8, 2.8, 2.1]}, list("bac"))


def test_double_jeopardy_joins_each_brand_to_its_norm():
    ax = plots.double_jeopardy(METRICS, expected=NORM)
    *links, norm, observed = ax.lines
    assert [line.get_xydata().tolist() for line in links] == [
        [[0.6, 2.8], [0.58, 2.8]], [[0.1, 2.4], [0.12, 1.8]], [[0.3, 2.0], [0.3, 2.1]],
    ]  # fmt: skip
    assert norm.get_xdata().tolist() == [0.12, 0.3, 0.58]
    np.testing.assert_array_equal(observed.get_xydata(), METRICS)
    assert sorted(words(ax)) == ["a", "b", "c"]


def test_double_jeopardy_of_what_the_library_computes():
    tuna = crm.load("tuna")
    metrics = crm.brand_metrics(tuna, buyer="household", brand="brand")
    with pytest.warns(UserWarning, match="has no K"):
        model = crm.Dirichlet().fit(tuna, buyer="household", brand="brand")
    assert len(plots.double_jeopardy(metrics, expected=model.predict()).texts) == 5


def test_brands_that_are_refused():
    with pytest.raises(DataError, match="c: has no expectation"):
        plots.double_jeopardy(METRICS, expected=NORM.drop("c"))
    with pytest.raises(DataError, match="frequency: there is no such column"):
        plots.double_jeopardy(METRICS[["penetration"]])


# --- grid ---------------------------------------------------------------------------------------

VALUES = pd.DataFrame(
    [[5.25, 1000], [np.nan, -2]],
    pd.Index(["often", "seldom"], name="how_often"),
    pd.Index(["now", "long ago"], name="last"),
)


def test_a_grid_shows_the_table_as_it_is_read():
    ax = plots.grid(VALUES, label="Profit")
    mesh = ax.collections[0]
    np.testing.assert_array_equal(mesh.get_array().filled(np.nan), VALUES)
    assert words(ax) == ["5.25", "1,000", "-2"]  # nothing is known of the third
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first row on top
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Last", "How often")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["now", "long ago"]


def test_words_of_a_grid_can_be_read_on_their_colour():
    ax = plots.grid(VALUES, text=VALUES.map(lambda v: f"case\n{v}"))
    assert [text.get_text() for text in ax.texts] == ["case\n5.25", "case\n1000", "case\n-2"]
    assert {text.get_color() for text in ax.texts} == {"black"}
    shades = ax.collections[0].get_facecolors()[[0, 1, 3]]  # of the cells that have a value
    assert (shades[:, :3] @ [0.299, 0.587, 0.114] > 0.6).all()


def test_grids_that_are_refused():
    with pytest.raises(DataError, match=r"now = 5\.25: text, not a number"):
        plots.grid(VALUES.astype("str"))
    with pytest.raises(DataError, match="text: has other rows or columns"):
        plots.grid(VALUES, text=VALUES.iloc[::-1].astype("str"))
    with pytest.raises(DataError, match="values: is empty"):
        plots.grid(VALUES.iloc[:0])


# --- uplift -------------------------------------------------------------------------------------

CURVE = pd.DataFrame({"share": [0, 0.5, 1], "gain": [0, 30, 20]})


def test_uplift_draws_each_curve_and_the_straight_line():
    ax = plots.uplift({"forest": CURVE, "rule": CURVE.assign(gain=[0, 10, 20])})
    straight, forest, rule, _ = ax.lines
    assert straight.get_xydata().tolist() == [[0, 0], [1, 20]]
    np.testing.assert_array_equal(forest.get_xydata(), CURVE)
    assert rule.get_ydata().tolist() == [0, 10, 20]
    assert [t.get_text() for t in ax.get_legend().texts] == ["random order", "forest", "rule"]
    alone = plots.uplift(CURVE)
    assert [t.get_text() for t in alone.get_legend().texts] == ["random order", "by score"]


def test_curves_that_are_refused():
    for curves in ({}, None, 3, [1]):
        with pytest.raises(ValueError, match="curves must be a DataFrame"):
            plots.uplift(curves)
    with pytest.raises(DataError, match="gain: there is no such column"):
        plots.uplift(CURVE[["share"]])
    with pytest.raises(DataError, match="rule: ends at 25, forest at 20"):
        plots.uplift({"forest": CURVE, "rule": CURVE.assign(gain=[0, 10, 25])})


def test_a_plot_draws_on_the_axes_it_is_given():
    calls = [
        lambda ax: plots.funnel(pd.Series([3, 2], STAGES[:2]), ax=ax),
        lambda ax: plots.flow(pd.DataFrame([[1]], ["a"], ["a"]), ax=ax),
        lambda ax: plots.double_jeopardy(METRICS, ax=ax),
        lambda ax: plots.grid(VALUES, ax=ax),
        lambda ax: plots.uplift(CURVE, ax=ax),
    ]
    for call in calls:
        _, ax = plt.subplots()
        assert call(ax) is ax


@pytest.mark.parametrize("value", [None, 3, "x", [1, 2], {}, pd.Series([1, 2])])
def test_what_is_no_table_is_refused(value):
    calls = [
        plots.flow,
        plots.double_jeopardy,
        plots.grid,
        lambda v: plots.uplift({"a": v}),
        lambda v: plots.grid(VALUES, text="x" if v is None else v),
        lambda v: plots.double_jeopardy(METRICS, expected="x" if v is None else v),
        lambda v: plots.funnel(pd.Series([3, 2], STAGES[:2]), passing="x" if v is None else v),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="must be a DataFrame"):
            call(value)
