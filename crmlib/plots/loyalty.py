"""Plots of chapter 3: stages and how customers move, brands, fields of a grid, whom to contact."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import PercentFormatter

from crmlib.errors import find, refuse, whole
from crmlib.plots._axes import axes, name_points
from crmlib.plots.style import BLUE, COLOURS, DASHES, GREY, SKY

_GAP = 0.04  # between two stages of a flow, as a share of all customers
_BAR = 0.03  # width of a stage in a flow; from one side to the other is 1
_THIN = 0.025  # a stage or a stream smaller than this share has no room for its number


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
    counts = _amounts(counts, "counts")
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
        unknown = [stage for stage in passing.index if stage not in counts.index]
        refuse([whole(str(s), "has a share but no count") for s in unknown], "Use the same names.")
        places = pd.Series(rows, counts.index)
        for stage, share in passing.iterrows():
            words = f"↓ {share['value']:.0%} ({share['low']:.0%} to {share['high']:.0%})"
            ax.text(0.5 * top, places[stage] - 0.5, words, ha="right", va="center", color=GREY)
    ax.set_yticks(rows, counts.index.astype(str))
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(-0.55 * top, 0.55 * top)
    ax.set_xticks([])
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
    refuse([_odd(moves[c]) for c in moves], "Give how many customers made each move.")
    table = moves.to_numpy(dtype=float)
    total = table.sum()
    if not total:
        refuse([whole("moves", "nobody is in the table")], "Check the filter that made it.")
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
    ax.set_xlim(-0.35, 1.35)
    ax.set_ylim(min(left[-1] - sizes_of(table, 0), right[-1] - sizes_of(table, 1)) - _GAP, 0.02)
    ax.set_xticks([-_BAR / 2, 1 + _BAR / 2], [before, after])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.set_yticks([])
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax
