import base64
import io
import re
import subprocess
import sys
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import crmlib as crm
from crmlib import DataError, plots
from crmlib.page import figures as showing
from crmlib.page import show
from crmlib.plots import use_style

ALT = "The shop sells half as much again as the web site."


def text(draw, capsys) -> str:
    """Draw on a fresh axes and give what show() says about it."""
    fig, ax = plt.subplots()
    draw(ax)
    show(fig, alt=ALT)
    return capsys.readouterr().out.strip()


def everything(*, noise=0.0, change=1.0, colour="blue", name="web", limit=100.0):
    """Make a drawing of each kind of mark that carries data."""
    x = np.arange(1, 7) * (1 + noise)
    y = np.array([3.0, 0.5, 12.0, 7.25, 0.12345, 0.0]) * (1 + noise) + noise

    def draw(ax):
        ax.plot(x, y * change, color=colour)
        ax.scatter(
            x, y, c=y * change, s=40 * np.abs(y), cmap="viridis" if colour == "blue" else "magma"
        )
        ax.bar(x, y, bottom=limit, color=colour)
        ax.fill_between(x, y - 1, y + 1, color=colour)
        ax.errorbar(x, y, yerr=np.abs(y) / 10 * change, ecolor=colour)
        ax.hlines(y, x, x + 1, color=colour)
        ax.pcolormesh(np.outer(y, x))
        ax.imshow(np.outer(y, x))
        ax.contour(np.outer(x, x))
        ax.text(1, 1, name)

    return draw


def test_the_same_figure_says_the_same(capsys):
    said = text(everything(), capsys)
    assert said == text(everything(), capsys)
    assert re.fullmatch(rf"\[Figure: {re.escape(ALT)} · [\d,]+ points · [0-9a-f]{{8}}]", said)


@pytest.mark.parametrize("noise", [1e-12, -1e-12, 1e-15])
def test_noise_makes_no_difference(capsys, noise):
    assert text(everything(), capsys) == text(everything(noise=noise), capsys)


def test_colours_and_resolution_make_no_difference(capsys):
    said = text(everything(), capsys)
    with plt.rc_context({"figure.dpi": 200, "font.size": 20, "figure.figsize": (3, 9)}):
        assert said == text(everything(colour="red"), capsys)


@pytest.mark.parametrize("change", [{"change": 1.01}, {"name": "shop"}, {"limit": 101.0}])
def test_other_data_or_words_make_a_difference(capsys, change):
    assert text(everything(), capsys) != text(everything(**change), capsys)


X = np.arange(1, 7)
Y = np.array([3.0, 0.5, 12.0, 7.25, 0.12345, 4.0])
MARKS = {
    "line": lambda ax, k: ax.plot(X, Y * k),
    "scatter": lambda ax, k: ax.scatter(X, Y * k),
    "colour of dots": lambda ax, k: ax.scatter(X, Y, c=Y * k),
    "size of dots": lambda ax, k: ax.scatter(X, Y, s=40 * Y * k),
    "bar": lambda ax, k: ax.bar(X, Y * k),
    "bar on a high bar": lambda ax, k: ax.bar(X, 0.1 * Y * k, bottom=1000),
    "lying bar": lambda ax, k: ax.barh(X, Y * k),
    "histogram": lambda ax, k: ax.hist(Y * k, bins=3),
    "pie": lambda ax, k: ax.pie([k, 2, 3]),
    "band": lambda ax, k: ax.fill_between(X, Y - 1, Y + k),
    "error bar": lambda ax, k: ax.errorbar(X, Y, yerr=k),
    "interval": lambda ax, k: ax.hlines(Y, X, X + k),
    "step": lambda ax, k: ax.stairs(Y * k),
    "box": lambda ax, k: ax.boxplot(Y * k),
    "heat map": lambda ax, k: ax.pcolormesh(np.outer(Y, X) * k),
    "image": lambda ax, k: ax.imshow(np.outer(Y, X) * k),
    "hexagons": lambda ax, k: ax.hexbin(X, Y, C=Y * k, gridsize=3),
    "contour": lambda ax, k: ax.contour(np.outer(X, X) * k, levels=[4, 9.5]),
    "filled contour": lambda ax, k: ax.contourf(np.outer(X, X) * k, levels=[4, 9.5]),
}


@pytest.mark.parametrize("draw", MARKS.values(), ids=MARKS)
def test_one_per_cent_is_noticed_and_noise_is_not(capsys, draw):
    said, noise, change = (
        text(lambda ax, k=k: draw(ax, k), capsys) for k in (1.0, 1 + 1e-12, 1.01)
    )
    assert said == noise
    assert said != change


def bars(ax):
    ax.bar(["shop", "web"], [120, 80], label="sales")
    ax.set(title="Sales", xlabel="channel", ylabel="sales ($)")
    ax.legend()


EDITS = {
    "a bar by 1 %": lambda ax: ax.patches[0].set_height(121.2),
    "a title": lambda ax: ax.set_title("Sale"),
    "a unit": lambda ax: ax.set_ylabel("sales (€)"),
    "a legend entry": lambda ax: ax.get_legend().texts[0].set_text("cost"),
    "a tick label": lambda ax: ax.set_xticks([0, 1], ["shop", "WeChat"]),
    "one bar fewer": lambda ax: ax.patches[0].remove(),
    "a hidden bar": lambda ax: ax.patches[0].set_visible(False),
    "a heading": lambda ax: ax.figure.suptitle("1998"),
    "a line across": lambda ax: ax.axhline(100),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_each_edit_of_a_bar_chart_is_noticed(capsys, edit):
    def edited(ax):
        bars(ax)
        edit(ax)

    assert text(bars, capsys) != text(edited, capsys)


def test_a_bar_that_is_zero_but_for_noise(capsys):
    said = [
        text(lambda ax, z=zero: ax.bar([0, 1], [100, z]), capsys) for zero in (0.0, -0.0, 1e-17)
    ]
    assert said[0] == said[1] == said[2]


def test_small_numbers_count_where_they_are_all_there_is(capsys):
    def line(ax, factor, scale):
        ax.plot([1, 2], [1e-12 * factor, 1.0 if scale == "log" else 3e-12])
        ax.set_yscale(scale)

    for scale in ("linear", "log"):
        one, two = (text(lambda ax, f=f, s=scale: line(ax, f, s), capsys) for f in (1, 2))
        assert one != two


def test_dates_are_told_apart_by_the_day(capsys):
    def dated(day):
        return lambda ax: ax.plot(pd.to_datetime(["1997-01-01", day]), [1, 2])

    assert text(dated("1997-09-30"), capsys) == text(dated("1997-09-30"), capsys)
    assert text(dated("1997-09-30"), capsys) != text(dated("1997-10-01"), capsys)


def test_gaps_and_infinities_can_be_shown(capsys):
    said = text(lambda ax: ax.plot([1, 2, 3], [1, np.nan, 3]), capsys)
    assert "· 3 points ·" in said
    assert said != text(lambda ax: ax.plot([1, 2, 3], [1, 2, 3]), capsys)


def test_points_are_counted_once(capsys):
    assert "· 4 points ·" in text(lambda ax: ax.errorbar(range(4), range(4), yerr=1), capsys)
    assert "· 1,200 points ·" in text(lambda ax: ax.scatter(range(1200), range(1200)), capsys)

    def heat(ax):
        ax.figure.colorbar(ax.pcolormesh(np.eye(3)), ax=ax)

    assert "· 9 points ·" in text(heat, capsys)


@pytest.mark.parametrize("alt", ["", "  \n ", "a line chart"])
def test_an_alt_text_that_says_nothing_is_refused(alt):
    with pytest.raises(ValueError, match="Write its message as a sentence"):
        show(plt.figure(), alt=alt)


def test_an_axes_is_not_a_figure():
    with pytest.raises(TypeError, match=r"ax\.figure"):
        show(plt.subplots()[1], alt=ALT)


@pytest.fixture
def displayed(monkeypatch):
    """Pretend to be in a notebook; collect what it would display."""
    import IPython.display

    calls = []
    monkeypatch.setattr(showing, "in_notebook", lambda: True)
    monkeypatch.setattr(IPython.display, "display", lambda *a, **k: calls.append((a[0], k)))
    return calls


def test_a_notebook_gets_picture_text_and_alt_once(displayed):
    use_style()
    fig, ax = plt.subplots()
    bars(ax)
    show(fig, alt=ALT)
    [(data, options)] = displayed
    assert options["raw"] and options["metadata"]["image/png"]["alt"] == ALT
    assert data["text/plain"].startswith(f"[Figure: {ALT} · 2 points · ")
    png = data["image/png"]
    png = base64.b64decode(png) if isinstance(png, str) else png
    image = Image.open(io.BytesIO(png))
    assert image.info["Description"] == data["text/plain"]
    assert len(png) < 80_000
    assert options["metadata"]["image/png"]["width"] < image.width
    assert plt.get_fignums() == []  # closed, so that the notebook does not show it again


def test_the_same_picture_on_every_run(displayed):
    for _ in range(2):
        fig, ax = plt.subplots()
        bars(ax)
        show(fig, alt=ALT)
    assert displayed[0][0]["image/png"] == displayed[1][0]["image/png"]


def test_chinese_words_draw_without_a_warning(displayed, caplog):
    use_style()
    fig, ax = plt.subplots()
    ax.set_title("石斛园: 客户流失")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        show(fig, alt=ALT)
    assert caplog.records == []


def test_the_style_tells_lines_apart_without_colour():
    with plt.rc_context():
        use_style()
        _, ax = plt.subplots()
        lines = [ax.plot([1, 2])[0] for _ in range(6)]
        dashes = {repr(line._dash_pattern) for line in lines}
        assert len(dashes) == 6 and len({line.get_color() for line in lines}) == 6


# --- the plots ----------------------------------------------------------------------------------

WEEKS = pd.RangeIndex(1, 9)
ACTUAL = pd.Series([5.0, 4, 6, 3, 2, 4, 3, 2], WEEKS)
EXPECTED = pd.DataFrame({"BG/NBD": 4.0, "Pareto/NBD": 4.0}, WEEKS)


def lines(ax) -> dict:
    return {line.get_label(): list(line.get_ydata()) for line in ax.lines}


def test_tracking_by_period_and_in_total():
    weekly = plots.tracking(ACTUAL, EXPECTED, split=4)
    assert lines(weekly)["actual"] == list(ACTUAL)
    assert [text.get_text().strip() for text in weekly.texts[:2]] == ["calibration", "holdout"]
    total = plots.tracking(ACTUAL, EXPECTED, cumulative=True, unit="month")
    assert lines(total)["BG/NBD"] == [4.0 * n for n in range(1, 9)]
    assert (total.get_xlabel(), total.get_ylabel()) == ("Month", "Repeat purchases so far")


def test_labels_at_the_end_of_lines_do_not_overlap():
    ax = plots.tracking(ACTUAL * 0 + 4, EXPECTED)
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == 3
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_tracking_over_dates():
    days = pd.date_range("1997-01-07", periods=8, freq="7D")
    ax = plots.tracking(ACTUAL.set_axis(days), EXPECTED.set_axis(days), split=days[3])
    assert ax.get_xlabel() == "" and lines(ax)["actual"] == list(ACTUAL)


def test_calibration_pools_the_most_frequent():
    frequency = pd.Series([0, 0, 1, 7, 9])
    actual = pd.Series([0.0, 1, 2, 6, 8])
    ax = plots.calibration(frequency, actual, pd.DataFrame({"BG/NBD": actual + 1}))
    assert lines(ax)["actual"] == [0.5, 2.0, 7.0]
    assert lines(ax)["BG/NBD"] == [1.5, 3.0, 8.0]
    [bars] = [c for c in ax.collections if len(c.get_segments()) == 3]
    heights = [np.ptp(segment[:, 1]) for segment in bars.get_segments()]
    assert heights == pytest.approx([2.0, 0.0, 4.0])  # four standard errors; none of one customer


def test_histories_draw_each_purchase_day_once():
    days = pd.to_datetime(["2026-01-01", "2026-02-01", "2026-02-01", "2026-03-01", "2026-01-15"])
    log = pd.DataFrame({"customer_id": ["a", "a", "a", "b", "c"], "date": days})
    ax = plots.histories(log, ["a", "b"], end="2026-06-30", split="2026-04-01")
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b"]
    assert [len(line.get_xdata()) for line in ax.lines[:2]] == [2, 1]


class Halves:
    """A model whose P(alive) is a half to the power of the months of silence."""

    def predict(self, summary, t):
        assert (summary["t_x"] > 0).all() and (summary["t_x"] <= summary["T"]).all()
        return pd.DataFrame({"p_alive": 0.5 ** ((summary["T"] - summary["t_x"]) / 4)})


def test_alive_map_asks_the_model_in_every_cell():
    ax = plots.alive_map(Halves(), T=40, frequencies=range(1, 6))
    mesh = ax.collections[0].get_array()
    assert mesh.shape[0] == 5
    assert np.allclose(mesh, 0.5 ** (np.linspace(0, 40, 80)[:-1] / 4))
    dashed = ax.collections[1].get_paths()[0].vertices[:, 0]
    assert dashed == pytest.approx(4.0, abs=0.05)


def test_interval_bars_keep_the_order_of_the_table():
    table = pd.DataFrame({"clv": [9, 7], "low": [5, 6], "high": [14, 8]}, ["c2", "c1"])
    ax = plots.interval_bars(table.rename_axis("customer_id"), "clv", "low", "high")
    assert [t.get_text() for t in ax.get_yticklabels()] == ["c2", "c1"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first row on top
    assert [s[:, 0].tolist() for s in ax.collections[0].get_segments()] == [[5, 14], [6, 8]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("clv", "Customer id")


def test_interval_bars_take_estimates_by_name():
    ax = plots.interval_bars({"one": crm.nps([10]), "two": crm.nps([10, 9, 3])})
    assert [t.get_text() for t in ax.get_yticklabels()] == ["one", "two"]
    assert ax.collections[0].get_segments()[0][1, 0] == 1.0
    by_year = pd.Series({2024: crm.csat([5, 4, 1]), 2025: crm.csat([5, 5])}).rename_axis("year")
    assert plots.interval_bars(by_year).get_ylabel() == "Year"
    with pytest.raises(DataError, match="lo: there is no such column; the nearest is 'low'"):
        plots.interval_bars(pd.DataFrame({"value": [1], "low": [0], "high": [2]}), low="lo")


def test_likert_bars_are_the_shares_of_each_item():
    answers = pd.DataFrame({"taste": [5, 4, 4, None], "delivery": [1, 3, 3, 2]})
    ax = plots.likert(answers)
    widths = np.reshape([bar.get_width() for bar in ax.patches], (5, 2)).T
    np.testing.assert_allclose(widths, [[0, 0, 0, 2 / 3, 1 / 3], [0.25, 0.25, 0.5, 0, 0]])
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "taste (n = 3)",
        "delivery (n = 4)",
    ]
    assert sorted(text.get_text() for text in ax.texts) == ["25%", "25%", "33%", "50%", "67%"]
    with pytest.raises(DataError, match=r"row 0, taste = 5\.0: no point of the scale"):
        plots.likert(answers, scale=(1, 4))


def test_importance_and_performance_divide_four_fields_at_their_means():
    importance = pd.DataFrame(
        {"value": [0.4, 0.2], "low": [0.3, 0.1], "high": [0.5, 0.3]}, ["a", "b"]
    )
    ax = plots.importance_performance(importance, pd.Series({"b": 8.0, "a": 5.0}))
    points, across, up = ax.lines
    np.testing.assert_allclose(points.get_xydata(), [[5, 0.4], [8, 0.2]])  # matched by name
    assert across.get_xdata()[0] == 6.5 and up.get_ydata()[0] == pytest.approx(0.3)
    words = [text.get_text() for text in ax.texts]
    assert words == ["fix first", "keep up", "can wait", "perhaps too much", "a", "b"]
    with pytest.raises(DataError, match="c: is in one table only"):
        plots.importance_performance(importance, pd.Series({"a": 5.0, "b": 8.0, "c": 1.0}))


def test_names_of_crowded_points_stand_apart():
    random = np.random.default_rng(3)
    points = pd.DataFrame(random.normal(size=(9, 2)) * 0.25, columns=["x", "y"])
    points.index = [f"feature {i}" for i in range(9)]
    ax = plots.importance_performance(points["y"], points["x"])
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text().startswith("feat")]
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i]]
    assert len(boxes) == 9 and sum(a.overlaps(b) for a, b in pairs) <= 1
    assert all(ax.get_window_extent().contains(box.x0, box.y0) for box in boxes)


def test_a_kano_map_shows_what_kano_computes():
    there = pd.DataFrame({"gift_box": [1, 1, 1, 3], "fresh": [2, 1, 3, 2], "odd": [5, 5, 5, 5]})
    missing = pd.DataFrame({"gift_box": [3, 3, 5, 3], "fresh": [5, 5, 5, 5], "odd": [1, 1, 1, 1]})
    with pytest.warns(UserWarning, match="No answer to odd"):
        table = crm.kano(there, missing)
    ax = plots.kano_map(table)
    points = ax.lines[0].get_xydata()
    np.testing.assert_allclose(points, [[0.25, 0.75], [1.0, 0.25]])
    assert [text.get_text() for text in ax.texts][4:] == ["gift box", "fresh"]
    corner = {text.get_text(): text.get_position() for text in ax.texts[:4]}
    nearest = [min(corner, key=lambda k: np.hypot(*(corner[k] - point))) for point in points]
    assert nearest == ["A", "M"] == table["category"].dropna().tolist()[:2]


def test_a_journey_marks_peak_pit_and_end_once():
    steps = pd.Series({"search": 7.0, "waiting": 5.0, "served": 9.0, "after": 6.0})
    said = [text.get_text() for text in plots.journey(steps).texts]
    assert said == ["peak 9.0", "pit 5.0", "end 6.0"]
    said = [text.get_text() for text in plots.journey(steps.iloc[:3]).texts]
    assert said == ["peak 9.0", "pit 5.0"]  # the peak is the end


def test_a_control_chart_rings_what_is_outside():
    week = pd.date_range("2026-01-05", periods=5, freq="7D")
    limits = crm.control_limits(
        pd.Series([4, 6, 5, 25, 5], week), pd.Series(100, week), baseline=slice(None, "2026-01-20")
    )
    ax = plots.control_chart(limits)
    rings = ax.lines[-1].get_xydata()
    assert len(rings) == 1 and rings[0][1] == 0.25
    assert ax.get_ylim()[0] == 0


def test_what_draws_computes_no_statistics():
    code = "import crmlib as crm, sys; crm.show; crm.plots.kano_map; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert "matplotlib" in loaded.split()
    assert not {"statsmodels", "sklearn"} & set(loaded.split())


def test_a_plot_draws_on_the_axes_it_is_given():
    _, ax = plt.subplots()
    assert plots.tracking(ACTUAL, EXPECTED, ax=ax) is ax
