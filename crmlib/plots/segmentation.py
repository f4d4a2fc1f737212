"""Plots of chapter 4: what segments are like, on one line each, on a card, and where brands stand.

How customers move between segments is drawn by :func:`crmlib.plots.flow`.
"""

from __future__ import annotations

from textwrap import wrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from crmlib import validate
from crmlib.errors import DataError, find, refuse, whole
from crmlib.plots._axes import axes, name_points
from crmlib.plots.style import BLUE, COLOURS, DASHES, GREY, MARKERS, RED

_SIZE = 9.5  # of the letters on a card, in points
_LINE = 0.2  # its lines, in inches
_HEAD = 2.4  # lines of its head: room for two


def profiles(values: pd.DataFrame, *, label: str = "Standard deviations from the mean", ax=None):
    """Show what each segment is like: its mean of every variable, on one scale.

    Parameters
    ----------
    values : DataFrame
        A row for each segment, a column for each variable; standardised, so that 0 is the mean of
        all customers.
    label : str
        What the values are.
    ax : Axes, optional

    Returns
    -------
    Axes
        A line for each segment from the first variable (top) to the last, in a colour, a dash and
        a mark of its own; the mean of all as a thin line.

    Raises
    ------
    DataError
        For values that are missing or no numbers, or more than six segments: lines cannot be told
        apart, :func:`crmlib.plots.grid` colours a table of any size.

    Examples
    --------
    >>> values = pd.DataFrame(
    ...     {"recency": [-0.8, 0.5], "spend": [1.1, -0.4]}, index=["gardeners", "gift buyers"]
    ... )
    >>> [text.get_text() for text in profiles(values).get_legend().texts]
    ['gardeners', 'gift buyers']
    """
    values = _few(validate.table(values, "values").apply(validate.finite), "values")
    ax = axes(ax)
    rows = np.arange(values.shape[1])
    ax.axvline(0, color=GREY, linewidth=1)
    for i, (segment, means) in enumerate(values.iterrows()):
        style = {"color": COLOURS[i], "linestyle": DASHES[i], "marker": MARKERS[i]}
        ax.plot(means, rows, label=str(segment), **style)
    ax.set_yticks(rows, list(map(str, values.columns)))
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlabel(label)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    return ax


def cards(facts: pd.DataFrame, *, shares: pd.Series, ax=None):
    """Lay segments side by side, each on a card: its name, its size, and what to know of it.

    Parameters
    ----------
    facts : DataFrame
        A row for each segment, a column for each fact, written as it is to stand there: what they
        need, the offer, who is responsible.
    shares : Series
        By segment, its share of the customers, from 0 to 1.
    ax : Axes, optional
        By default as high as the text needs.

    Returns
    -------
    Axes
        A card for each segment, in the order of the rows; its head is filled as far as its share.

    Raises
    ------
    DataError
        For missing facts, shares of other segments or outside 0 to 1, or more than six segments.

    Examples
    --------
    >>> facts = pd.DataFrame({"Need": ["advice", "a box by Friday"]}, ["gardeners", "gift buyers"])
    >>> ax = cards(facts, shares=pd.Series([0.3, 0.7], facts.index))
    >>> [text.get_text() for text in ax.texts]
    ['gardeners (30%)', 'Need: advice', 'gift buyers (70%)', 'Need: a box by Friday']
    """
    facts = _few(validate.table(facts, "facts"), "facts")
    refuse([find(facts[c], facts[c].isna(), "missing") for c in facts], "Write '-' for none.")
    shares = validate.aligned(validate.finite(shares, "shares"), facts.index, "shares", "facts")
    refuse([find(shares, ~shares.between(0, 1), "no share")], "Give shares from 0 to 1.")
    inches = plt.rcParams["figure.figsize"][0]
    if ax is not None:
        inches = ax.figure.get_figwidth() * ax.get_position().width
    letters = max(int(inches / len(facts) * 72 / (0.62 * _SIZE)) - 2, 8)
    texts = [
        ["\n".join(wrap(f"{fact}: {words}", letters)) for fact, words in card.items()]
        for _, card in facts.iterrows()
    ]
    starts = [np.cumsum([_HEAD + 0.3, *(t.count("\n") + 1.2 for t in card)]) for card in texts]
    bottom = max(lines[-1] for lines in starts)
    if ax is None:
        ax = plt.figure(figsize=(inches, _LINE * bottom), layout="none").add_axes((0, 0, 1, 1))
    for i, (name, share) in enumerate(shares.items()):
        ax.bar(i, bottom, width=0.94, color="white", edgecolor=COLOURS[i])
        ax.barh(_HEAD / 2, 0.94 * share, _HEAD, left=i - 0.47, color=COLOURS[i], alpha=0.35)
        head = "\n".join(wrap(f"{name} ({share:.0%})", letters - 1))
        ax.text(i - 0.44, _HEAD / 2, head, va="center", weight="bold", size=_SIZE)
        for start, text in zip(starts[i], texts[i], strict=False):
            ax.text(i - 0.44, start, text, va="top", size=_SIZE)
    ax.set(xlim=(-0.5, len(facts) - 0.5), ylim=(bottom + 0.05, -0.05))
    ax.set_axis_off()
    return ax


def perception_map(rows: pd.DataFrame, columns: pd.DataFrame, *, inertia=None, ax=None):
    """Draw brands and what people say of them on one map.

    Parameters
    ----------
    rows, columns : DataFrame
        A named row for each point, its place in the first two columns: ``rows_`` and ``columns_`` of
        :func:`crmlib.correspondence`, or what another method gives.
    inertia : Series, optional
        What each axis shows, of all axes; its share is written beside the axis.
    ax : Axes, optional

    Returns
    -------
    Axes
        Rows as round points, columns as red triangles, one unit as long on both axes, so that
        distances can be read; dashed lines cross in the average.

    Raises
    ------
    DataError
        For points that are missing or infinite, fewer than two axes, or inertia below zero.

    Examples
    --------
    >>> brands = pd.DataFrame({"axis 1": [-0.4, 0.5], "axis 2": [0.1, 0.2]}, ["Shihu", "Rival"])
    >>> words = pd.DataFrame({"axis 1": [-0.6, 0.7], "axis 2": [-0.2, 0.3]}, ["fresh", "cheap"])
    >>> perception_map(brands, words, inertia=pd.Series([0.3, 0.1])).get_xlabel()
    'Axis 1 (75%)'
    """
    sides = [_places(rows, "rows"), _places(columns, "columns")]
    shares = ["", ""]
    if inertia is not None:
        parts = validate.finite(inertia, "inertia")
        if len(parts) < 2 or parts.min() < 0 or not parts.sum() > 0:
            problem = "must have two parts or more, none below zero, not all zero"
            raise DataError(whole("inertia", problem), "Give that of all axes.")
        shares = [f" ({part:.0%})" for part in parts / parts.sum()]
    ax = axes(ax)
    for at, colour, marker in zip(sides, (BLUE, RED), "o^", strict=True):
        ax.plot(at[:, 0], at[:, 1], linestyle="", marker=marker, color=colour)
    ax.axhline(0, color=GREY, linewidth=0.8, linestyle="--")
    ax.axvline(0, color=GREY, linewidth=0.8, linestyle="--")
    ax.margins(0.15)
    ax.set_aspect("equal", adjustable="datalim")
    ax.set(xlabel=f"Axis 1{shares[0]}", ylabel=f"Axis 2{shares[1]}")
    name_points(ax, *np.vstack(sides).T, [*rows.index, *columns.index])
    return ax


def _places(points: pd.DataFrame, name: str) -> np.ndarray:
    if validate.table(points, name).shape[1] < 2:
        raise DataError(whole(name, "has one axis; a map takes two"), "Draw a line of points.")
    return np.column_stack([validate.finite(points.iloc[:, i], name) for i in range(2)])


def _few(table: pd.DataFrame, name: str) -> pd.DataFrame:
    if len(table) > len(COLOURS):
        problem = f"has {len(table)} segments; {len(COLOURS)} can be told apart"
        raise DataError(whole(name, problem), "Draw some of them, or plots.grid for a table.")
    return table
