"""Plots of chapter 3: stages and how customers move, brands, fields of a grid, whom to contact."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import PercentFormatter

from crmlib import validate
from crmlib.errors import DataError, find, refuse, whole
from crmlib.plots._axes import axes, name_points
from crmlib.plots.style import BLUE, COLOURS, DASHES, GREY, SKY

_GAP = 0.04  # between two stages of a flow, as a share of all customers
_BAR = 0.03  # width of a stage in a flow; from one side to the other is 1


def funnel(counts, *, passing=None, ax=None):
    """Show how many customers are at each stage, or have come that far.

    Parameters
    ----------
    counts : Series
        Customers by stage, the first stage first.
    passing : DataFrame, optional
        By stage, columns `value, low, high`: the share that came here from the stage before, with
        its interval. Stages without a row, as the first one, get no share.
    ax : Axes, optional

    Returns
    -------
    Axes
        A bar for each stage, the first on top, with its number; between two bars the share that
        passed.

    Raises
    ------
    DataError
        For counts that are missing or below zero, or shares of stages that have no count.

    Examples
    --------
    >>> counts = pd.Series({"prospect": 1000, "customer": 200, "client": 50})
    >>> passing = pd.DataFrame({"value": .2, "low": .18, "high": .23}, index=["customer"])
    >>> [text.get_text() for text in funnel(counts, passing=passing).texts]
    ['1,000', '200', '50', '↓ 20% (18% to 23%)']
    """
    counts = _people(counts, "counts")
    if counts.empty:
        raise DataError(whole("counts", "there are none"), "Check the filter that made them.")
    ax = axes(ax)
    rows, top = np.arange(len(counts)), max(counts.max(), 1)
    ax.barh(rows, counts, left=-counts / 2, height=0.62, color=BLUE)
    for row, n in zip(rows, counts, strict=True):
        inside = n > 0.12 * top
        ax.text(
            0 if inside else n / 2 + 0.01 * top, row, f"{n:,.0f}", va="center",
            ha="center" if inside else "left", color="white" if inside else "black",
        )  # fmt: skip
    if passing is not None:
        validate.table(passing, "passing", ["value", "low", "high"])
        unknown = [stage for stage in passing.index if stage not in counts.index]
        refuse([whole(str(s), "has a share but no count") for s in unknown], "Use the same names.")
        places = pd.Series(rows, counts.index)
        for stage, share in passing.iterrows():
            words = f"↓ {share['value']:.0%} ({share['low']:.0%} to {share['high']:.0%})"
            ax.text(0.5 * top, places[stage] - 0.5, words, ha="right", va="center", color=GREY)
    ax.set_yticks(rows, list(map(str, counts.index)))
    ax.set(xlim=(-0.55 * top, 0.55 * top), ylim=(len(rows) - 0.5, -0.5), xticks=[])
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    return ax


def flow(moves, *, before="before", after="after", ax=None):
    """Draw how customers moved from their stages on one day to those on another.

    Parameters
    ----------
    moves : DataFrame
        Customers by stage before (rows) and after (columns), as ``pandas.crosstab`` or
        :func:`crmlib.lifetime.transition_matrix` (its `counts`) give them.
    before, after : str
        What the two sides are called.
    ax : Axes, optional

    Returns
    -------
    Axes
        Stages as bars on both sides, the first on top, as high as they have customers; between
        them a stream for each move, in the colour of the stage it comes from.

    Raises
    ------
    DataError
        For counts that are missing or below zero, or if all are zero.

    Examples
    --------
    >>> stages = ["customer", "client"]
    >>> moves = pd.DataFrame([[60, 20], [5, 15]], stages, stages)
    >>> ax = flow(moves, before="May", after="June")
    >>> [text.get_text() for text in ax.texts]
    ['customer 80', 'client 20', 'customer 65', 'client 35']
    """
    validate.table(moves, "moves")
    table = np.column_stack([_people(moves[c], str(c)) for c in moves])
    total = table.sum()
    if not total:
        raise DataError(whole("moves", "nobody is in the table"), "Check the filter that made it.")
    ax = axes(ax)
    left, right = _tops(table.sum(axis=1) / total), _tops(table.sum(axis=0) / total)
    colours = [COLOURS[i % len(COLOURS)] for i in range(len(moves))]
    for i, j in np.argwhere(table > 0):  # each stream leaves below those of the stages before it
        start = left[i] - table[i, :j].sum() / total
        end = right[j] - table[:i, j].sum() / total
        ax.add_patch(_stream(start, end, table[i, j] / total, colours[i]))
    by_name = dict(zip(moves.index, colours, strict=True))
    sides = (
        (0 - _BAR, left, table.sum(axis=1), moves.index, "right"),
        (1, right, table.sum(axis=0), moves.columns, "left"),
    )
    for x, tops, sizes, names, side in sides:
        shades = [by_name.get(name, GREY) for name in names]
        ax.bar(x, -sizes / total, width=_BAR, bottom=tops, align="edge", color=shades)
        at = x - 0.015 if side == "right" else x + _BAR + 0.015
        for name, top, size in zip(names, tops, sizes, strict=True):
            ax.text(at, top - size / total / 2, f"{name} {size:,.0f}", ha=side, va="center")
    ax.set(xlim=(-0.35, 1.35), ylim=(-1 - _GAP * max(table.shape), _GAP))
    ax.set_xticks([-_BAR / 2, 1 + _BAR / 2], [before, after])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    return ax


def double_jeopardy(metrics, *, expected=None, ax=None):
    """Plot how often brands are bought against how many buy them.

    Parameters
    ----------
    metrics : DataFrame
        By brand, columns `penetration` and `frequency`, as :func:`crmlib.loyalty.brand_metrics`
        makes it.
    expected : DataFrame, optional
        The same from :meth:`crmlib.loyalty.Dirichlet.predict`.
    ax : Axes, optional

    Returns
    -------
    Axes
        A named point for each brand; the norm as a dashed line, and a thin one from each brand to
        its place on it: up if it is bought more often than a brand of its size would be.

    Raises
    ------
    DataError
        For missing columns, or a brand without expectation.

    Examples
    --------
    >>> metrics = pd.DataFrame(
    ...     {"penetration": [0.6, 0.1], "frequency": [2.8, 2.4]}, index=["leader", "own label"]
    ... )
    >>> ax = double_jeopardy(metrics)
    >>> [text.get_text() for text in ax.texts]
    ['leader', 'own label']
    """
    tables = {"metrics": metrics} | ({} if expected is None else {"expected": expected})
    for name, table in tables.items():
        validate.table(table, name, ["penetration", "frequency"])
        table[["penetration", "frequency"]].apply(validate.finite)
    ax = axes(ax)
    x, y = metrics["penetration"], metrics["frequency"]
    if expected is not None:
        alone = metrics.index.difference(expected.index)
        advice = "Predict for the brands that are measured."
        refuse([whole(str(brand), "has no expectation") for brand in alone], advice)
        norm = expected.loc[metrics.index]
        ends = [x, norm["penetration"]], [y, norm["frequency"]]
        ax.plot(*ends, color=GREY, linewidth=1, linestyle="-")
        norm = norm.sort_values("penetration")
        ax.plot(
            norm["penetration"], norm["frequency"], color=GREY, linestyle="--", marker="s",
            markersize=4, label="expected of a brand of its size",
        )  # fmt: skip
    ax.plot(x, y, linestyle="", marker="o", color=BLUE, label="observed")
    ax.margins(0.12, 0.18)
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set(xlabel="Penetration: share who bought the brand", ylabel="Purchases per buyer of it")
    if expected is not None:
        ax.legend(loc="lower right")
    name_points(ax, x, y, metrics.index)
    return ax


def grid(values, *, text=None, label=None, ax=None):
    """Colour the cells of a two-way table by their values and write into each.

    Parameters
    ----------
    values : DataFrame
        Numbers, such as profit by frequency (rows) and recency (columns). The names of index and
        columns become the labels of the axes.
    text : DataFrame, optional
        What to write, of the same rows and columns: an action, or number and size of the group.
        By default the values, with three digits. A line break makes two lines.
    label : str, optional
        What the colours stand for; draws their scale.
    ax : Axes, optional

    Returns
    -------
    Axes
        The first row on top. Cells without a value stay white and empty.

    Raises
    ------
    DataError
        For values that are not numbers, or texts of other rows or columns.

    Examples
    --------
    >>> values = pd.DataFrame([[5.25, 1], [0, -2]], ["often", "seldom"], ["just now", "long ago"])
    >>> [words.get_text() for words in grid(values).texts]
    ['5.25', '1', '0', '-2']
    """
    validate.table(values, "values")
    values = values.apply(validate.numbers)
    if values.isna().all(axis=None) or np.isinf(values).any(axis=None):
        raise DataError(whole("values", "are all missing, or infinite"), "Look at what made them.")
    if text is None:
        text = values.map(_short)
    elif not all(map(pd.Index.equals, validate.table(text, "text").axes, values.axes)):
        advice = "text.reindex_like(values) brings it into their order."
        raise DataError(whole("text", "has other rows or columns than the values"), advice)
    import seaborn as sns  # here, for few draw a grid and it takes as long to load as pandas

    shades = sns.light_palette(SKY, as_cmap=True)  # on which black can be read everywhere
    ax = sns.heatmap(
        values.astype(float), annot=text, fmt="", annot_kws={"size": 9.5, "color": "black"},
        cmap=shades, linewidths=1.5, cbar=label is not None, cbar_kws={"label": label}, ax=axes(ax),
    )  # fmt: skip
    ax.tick_params(length=0, rotation=0)
    ax.grid(visible=False)
    ax.set(xlabel=_title(values.columns.name), ylabel=_title(values.index.name))
    return ax


def uplift(curves, *, ax=None):
    """Draw what contacting the best share of the customers gains, for one score or several.

    Parameters
    ----------
    curves : DataFrame or dict of DataFrame
        Columns `share` and `gain` as :func:`crmlib.loyalty.uplift_curve` makes them; several by
        the name of their score, all of the same customers.
    ax : Axes, optional

    Returns
    -------
    Axes
        The straight line is what a random order would gain.

    Raises
    ------
    DataError
        For missing columns, or curves with different ends: not of the same customers.

    Examples
    --------
    >>> curve = pd.DataFrame({"share": [0, 0.5, 1], "gain": [0, 30, 20]})
    >>> ax = uplift({"forest": curve})
    >>> [label.get_text() for label in ax.get_legend().texts]
    ['random order', 'forest']
    """
    curves = {"by score": curves} if isinstance(curves, pd.DataFrame) else curves
    if not isinstance(curves, dict) or not curves:
        raise validate.wrong("curves", curves, "a DataFrame, or a dict of one for each score")
    for name, curve in curves.items():
        validate.table(curve, str(name), ["share", "gain"])
        curve[["share", "gain"]].apply(validate.finite)
    ends = {name: curve["gain"].iloc[-1] for name, curve in curves.items()}
    first, end = next(iter(ends.items()))
    apart = [whole(str(name), f"ends at {gain:.4g}, {first} at {end:.4g}")
             for name, gain in ends.items() if not np.isclose(gain, end)]  # fmt: skip
    refuse(apart, "Curves can be compared on the same customers only.")
    ax = axes(ax)
    ax.plot([0, 1], [0, end], color=GREY, linewidth=1, linestyle="-", label="random order")
    for i, (name, curve) in enumerate(curves.items()):
        style = {"color": COLOURS[i % len(COLOURS)], "linestyle": DASHES[i % len(DASHES)]}
        ax.plot(curve["share"], curve["gain"], **style, label=str(name))
    ax.axhline(0, color=GREY, linewidth=0.8, linestyle=":")
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set(xlim=(0, 1), ylabel="Outcomes gained")
    ax.set_xlabel("Share of customers contacted, best score first")
    ax.legend(loc="best")
    return ax


def _people(counts, name: str) -> pd.Series:
    counts = validate.finite(counts, name)
    refuse([find(counts, counts < 0, "below zero")], "Give how many customers there are.")
    return counts


def _tops(shares: np.ndarray) -> np.ndarray:
    """Give where each stage begins, from 0 down, with gaps between them."""
    return -np.concatenate([[0], np.cumsum(shares + _GAP)[:-1]])


def _stream(start: float, end: float, height: float, colour: str) -> PathPatch:
    """Make a band that leaves at `start` on the left and arrives at `end`, level at both."""
    there = [(0, start), (0.5, start), (0.5, end), (1, end)]
    back = [(1, end - height), (0.5, end - height), (0.5, start - height), (0, start - height)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3]
    return PathPatch(Path(there + back, codes), facecolor=colour, alpha=0.45, linewidth=0)


def _short(value: float) -> str:
    """Write a number with three digits, or all that stand before the point."""
    if not np.isfinite(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _title(name) -> str:
    return "" if name is None else str(name).replace("_", " ").capitalize()
