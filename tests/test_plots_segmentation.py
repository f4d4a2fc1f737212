"""The plots of chapter 4 draw what they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib import DataError, plots

NAMES = ["gardeners", "gift buyers", "tea drinkers"]
VALUES = pd.DataFrame({"recency": [-0.8, 0.5, 0.1], "spend": [1.1, -0.4, 0.0]}, NAMES)
FACTS = pd.DataFrame(
    {"Need": ["advice", "a box by Friday", "health"], "Value": [820, 310, 540]}, NAMES
)
SHARES = pd.Series([0.22, 0.31, 0.47], NAMES)
PLACES = pd.DataFrame(
    [[-0.4, 0.1, 9], [0.5, 0.2, 9]], ["Shihu", "Rival"], ["axis 1", "axis 2", "axis 3"]
)
WORDS = pd.DataFrame([[-0.6, -0.2], [0.7, 0.3], [0.1, 0.0]], ["fresh", "cheap", "old"])


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def test_each_segment_has_a_line_of_its_own():
    ax = plots.profiles(VALUES, label="z")
    mean, *lines = ax.lines
    assert list(mean.get_xdata()) == [0, 0]
    assert [line.get_label() for line in lines] == NAMES
    for line, (_, row) in zip(lines, VALUES.iterrows(), strict=True):
        assert list(line.get_xdata()) == row.tolist() and list(line.get_ydata()) == [0, 1]
    assert len({line.get_color() for line in lines}) == len({ln.get_marker() for ln in lines}) == 3
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["recency", "spend"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert ax.get_xlabel() == "z"


def test_a_card_says_what_it_is_given():
    ax = plots.cards(FACTS, shares=SHARES[::-1])
    words = [text.get_text() for text in ax.texts]
    assert words[:3] == ["gardeners (22%)", "Need: advice", "Value: 820"]
    assert words[3:6] == ["gift buyers (31%)", "Need: a box by Friday", "Value: 310"]
    frames, heads = ax.patches[::2], ax.patches[1::2]
    assert [head.get_width() / 0.94 for head in heads] == pytest.approx(SHARES.tolist())
    for i, frame in enumerate(frames):
        inside = [t for t in ax.texts if frame.get_x() < t.get_position()[0] < frame.get_x() + 0.94]
        assert inside == ax.texts[3 * i : 3 * i + 3]


@pytest.mark.parametrize("n", [1, 3, 6])
def test_no_text_leaves_its_card(n):
    long = "a care subscription with a spray bottle, a visit in spring, and a call when it flowers"
    facts = pd.DataFrame(
        {"Offer": long, "Answers for it": "S4"}, [f"gift buyers, {i}" for i in range(n)]
    )
    ax = plots.cards(facts, shares=pd.Series(1 / n, facts.index))
    ax.figure.canvas.draw()
    frames = [patch.get_window_extent() for patch in ax.patches[::2]]
    for i, text in enumerate(ax.texts):
        box, frame = text.get_window_extent(), frames[i // 3]
        assert box.x0 >= frame.x0 and box.x1 <= frame.x1
        assert box.y0 >= frame.y0 and box.y1 <= frame.y1
    for upper, lower in zip(ax.texts, ax.texts[1:], strict=False):
        if upper.get_position()[0] == lower.get_position()[0]:
            assert upper.get_window_extent().y0 >= lower.get_window_extent().y1 - 3


def test_the_map_has_a_point_and_a_name_for_each_row_and_column():
    ax = plots.perception_map(PLACES, WORDS, inertia=pd.Series([0.6, 0.3, 0.1]))
    rows, columns = ax.lines[:2]
    np.testing.assert_array_equal(rows.get_xydata(), PLACES.iloc[:, :2])
    np.testing.assert_array_equal(columns.get_xydata(), WORDS)
    assert rows.get_marker() != columns.get_marker()
    names = {text.get_text(): tuple(text.xy) for text in ax.texts}
    assert names["Shihu"] == (-0.4, 0.1) and names["cheap"] == (0.7, 0.3) and len(names) == 5
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Axis 1 (60%)", "Axis 2 (30%)")
    assert ax.get_aspect() == 1
    assert plots.perception_map(PLACES, WORDS).get_xlabel() == "Axis 1"


def test_the_map_draws_a_correspondence_analysis():
    table = pd.DataFrame([[9, 2, 1], [3, 8, 2], [1, 2, 7]], NAMES, ["fresh", "cheap", "old"])
    found = crm.correspondence(table)
    ax = plots.perception_map(found.rows_, found.columns_, inertia=found.inertia_)
    assert sorted(text.get_text() for text in ax.texts) == sorted([*NAMES, "fresh", "cheap", "old"])


def test_given_axes_are_drawn_on():
    for draw in (
        lambda ax: plots.profiles(VALUES, ax=ax),
        lambda ax: plots.cards(FACTS, shares=SHARES, ax=ax),
        lambda ax: plots.perception_map(PLACES, WORDS, ax=ax),
    ):
        ax = plt.subplots()[1]
        assert draw(ax) is ax


def test_moves_between_segments_are_a_flow():
    moves = pd.crosstab(pd.Series(["large", "large", "mid"]), pd.Series(["large", "mid", "mid"]))
    words = [text.get_text() for text in plots.flow(moves).texts]
    assert words == ["large 2", "mid 1", "large 1", "mid 2"]


SEVEN = [f"s{i}" for i in range(7)]
REFUSED = {
    "hole": (
        lambda: plots.profiles(VALUES.mask(VALUES > 1)),
        "row gardeners, spend = nan: missing",
    ),
    "text": (lambda: plots.profiles(VALUES.astype(str)), "text, not a number"),
    "many": (lambda: plots.profiles(pd.DataFrame({"a": range(7)}, SEVEN)), "has 7 segments; 6 can"),
    "none": (lambda: plots.profiles(VALUES[:0]), "values: is empty"),
    "fact": (
        lambda: plots.cards(FACTS.mask(FACTS == 310), shares=SHARES),
        "row gift buyers, Value = nan: missing",
    ),
    "share": (
        lambda: plots.cards(FACTS, shares=SHARES * 100),
        "row gardeners, shares = 22.0: no share",
    ),
    "others": (lambda: plots.cards(FACTS, shares=SHARES[:2]), "facts = tea drinkers: is not in"),
    "seven": (
        lambda: plots.cards(pd.DataFrame({"a": "b"}, SEVEN), shares=pd.Series(0.1, SEVEN)),
        "has 7 segments",
    ),
    "one axis": (lambda: plots.perception_map(PLACES, WORDS.iloc[:, :1]), "columns: has one axis"),
    "lost": (lambda: plots.perception_map(PLACES.mask(PLACES > 0.4), WORDS), "missing or infinite"),
    "nothing": (
        lambda: plots.perception_map(PLACES, WORDS, inertia=pd.Series([0.0, 0.0])),
        "not all zero",
    ),
    "one part": (
        lambda: plots.perception_map(PLACES, WORDS, inertia=pd.Series([1.0])),
        "inertia: must have two parts or more",
    ),
}


@pytest.mark.parametrize(("call", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(call, message):
    with pytest.raises(DataError, match=message):
        call()


@pytest.mark.parametrize("value", [None, 3, "x", [1, 2], {}, pd.Series([1, 2])])
def test_what_is_no_table_is_refused(value):
    for call in (
        plots.profiles,
        lambda v: plots.cards(v, shares=SHARES),
        lambda v: plots.perception_map(v, WORDS),
        lambda v: plots.perception_map(PLACES, v),
    ):
        with pytest.raises(ValueError, match="must be a DataFrame"):
            call(value)
