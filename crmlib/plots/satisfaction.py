"""Plots of chapter 1: answers, what to fix first, the journey, and whether something changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.ticker import PercentFormatter

from crmlib import validate
from crmlib.errors import find, refuse, whole
from crmlib.plots._axes import axes, name_points, short_dates
from crmlib.plots.style import BLUE, GREY, RED, SKY

_MOST_POINTS = 101
_ROOM = 0.06  # a bar needs this share of the width to hold its number
_BESIDE = {  # where a mark of the journey is written: offset in points, alignment
    "peak": ((0, 10), "center", "bottom"),
    "pit": ((0, -12), "center", "top"),
    "end": ((9, 0), "left", "center"),
}


def likert(answers, *, scale=(1, 5), ax=None):
    """Show how the answers to each item are spread over the scale, as bars of 100 %.

    Parameters
    ----------
    answers : DataFrame
        A row for each respondent, a column for each item, whole numbers; missing answers are left
        out, item by item, and the number of answers stands beside the item's name.
    scale : (low, high)
        Ends of the scale.
    ax : Axes, optional

    Returns
    -------
    Axes
        One bar for each item, from the lowest answers (left) to the highest; shares of 6 % or
        more are written in.

    Raises
    ------
    DataError
        For answers off the scale or between its points.

    Examples
    --------
    >>> ax = likert(pd.DataFrame({"taste": [5, 4, 4, 2], "delivery": [1, 3, 3, 2]}))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['taste (n = 4)', 'delivery (n = 4)']
    """
    low, high = map(int, validate.scale(scale))
    points = range(low, high + 1)
    if len(points) > _MOST_POINTS:
        raise validate.wrong("scale", scale, f"one of at most {_MOST_POINTS} points")
    given = validate.table(answers, "answers")
    answers = pd.DataFrame({c: validate.numbers(given[c]) for c in given}, given.index)
    off = [find(given[c], answers[c].notna() & ~answers[c].isin(points), "no point of the scale")
           for c in given]  # fmt: skip
    refuse(off, f"Give whole answers from {low} to {high}, or another scale.")
    ax = axes(ax)
    shares = pd.DataFrame({c: answers[c].value_counts(normalize=True) for c in answers})
    shares = shares.reindex(points).fillna(0.0)
    rows, start = np.arange(shares.shape[1]), np.zeros(shares.shape[1])
    colours = colormaps["coolwarm_r"](np.linspace(0, 1, len(points)))
    for (point, share), colour in zip(shares.iterrows(), colours, strict=True):
        ax.barh(rows, share, left=start, color=colour, height=0.7, label=str(point))
        dark = colour[:3] @ (0.299, 0.587, 0.114) < 0.5
        for row, width, left in zip(rows, share, start, strict=True):
            if width >= _ROOM:
                ax.text(
                    left + width / 2, row, f"{width:.0%}",
                    ha="center", va="center", color="white" if dark else "black", fontsize=9,
                )  # fmt: skip
        start = start + share.to_numpy()
    ax.set_yticks(rows, [f"{c} (n = {answers[c].notna().sum():,})" for c in answers])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.grid(visible=False)
    ax.set_xlabel("Share of answers")
    ax.legend(ncols=len(points), loc="lower left", bbox_to_anchor=(0, 1), handlelength=1)
    return ax


def importance_performance(importance, performance, *, ax=None):
    """Map what matters against how well it is done, to see what to fix first.

    Parameters
    ----------
    importance, performance : DataFrame or Series
        One row for each driver: columns `value`, `low`, `high`; a Series has values only.
    ax : Axes, optional

    Returns
    -------
    Axes
        Performance to the right, importance upwards; dashed lines at the means divide four fields,
        of which the upper left is to be fixed first. A driver whose bars cross a line may belong to
        the field beyond it.

    Raises
    ------
    DataError
        If the two do not hold the same drivers.

    References
    ----------
    Martilla, J. A. and James, J. C. (1977). Importance-performance analysis. Journal of Marketing
    41(1), 77-79.

    Examples
    --------
    >>> importance = pd.Series({"quality": 0.4, "delivery": 0.3, "price": 0.1})
    >>> ax = importance_performance(importance, pd.Series({"quality": 8, "delivery": 5, "price": 6}))
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('Performance', 'Importance')
    """
    importance = _with_ends(importance, "importance")
    performance = _with_ends(performance, "performance")
    differ = importance.index.symmetric_difference(performance.index)
    refuse([whole(str(name), "is in one table only") for name in differ], "Give both all drivers.")
    performance = performance.loc[importance.index]
    means = performance["value"].mean(), importance["value"].mean()
    words = ["fix first", "keep up", "can wait", "perhaps too much"]
    ax = _fields(performance, importance, means, words, ax, style="italic")
    ax.margins(0.12, 0.18)
    ax.set(xlabel="Performance", ylabel="Importance")
    name_points(ax, performance["value"], importance["value"], importance.index)
    return ax


def kano_map(table, *, ax=None):
    """Map Kano's coefficients: whom a feature pleases, against who misses it.

    Parameters
    ----------
    table : DataFrame
        As :func:`crmlib.satisfaction.kano` makes it, a row for each feature.
    ax : Axes, optional

    Returns
    -------
    Axes
        `-worse` to the right, `better` upwards, each with its 95 % interval. The corners have the
        letters of the classes. A feature that many want *not* to have (R) is on this map like any
        other: look at its class as well.

    References
    ----------
    Berger, C. et al. (1993). Kano's methods for understanding customer-defined quality. Center for
    Quality of Management Journal 2(4), 3-36.

    Examples
    --------
    >>> from crmlib.satisfaction import kano
    >>> there = pd.DataFrame({"gift box": [1, 1, 1, 3], "fresh": [2, 1, 3, 2]})
    >>> missing = pd.DataFrame({"gift box": [3, 3, 5, 3], "fresh": [5, 5, 5, 5]})
    >>> ax = kano_map(kano(there, missing))
    >>> [text.get_text() for text in ax.texts]
    ['A', 'O', 'I', 'M', 'gift box', 'fresh']
    """
    ends = ["better_low", "better_high", "worse_low", "worse_high"]
    validate.table(table, "table", ["better", "worse", *ends])
    table = table.dropna(subset=["better", "worse"])
    names = {"better": "value", "better_low": "low", "better_high": "high"}
    pleased = table.rename(columns=names)
    # worse is below zero, so that minus its upper end is the lower one of who miss it
    names = {"worse": "value", "worse_high": "low", "worse_low": "high"}
    missed = -table[list(names)].rename(columns=names)
    ax = _fields(missed, pleased, (0.5, 0.5), "AOIM", ax, fontsize=16, weight="bold")
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="Share who miss it (minus worse)")
    ax.set_ylabel("Share whom it pleases (better)")
    words = [str(name).replace("_", " ") for name in table.index]
    name_points(ax, missed["value"], pleased["value"], words)
    return ax


def journey(ratings, *, ax=None):
    """Draw how customers feel from step to step: the emotion map, with its peak, pit and end.

    Parameters
    ----------
    ratings : DataFrame or Series
        One row for each step, in order: columns `value`, `low`, `high`; a Series has values only.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> ax = journey(pd.Series({"search": 7.1, "waiting": 5.2, "served": 8.3, "after": 6.9}))
    >>> [text.get_text() for text in ax.texts]
    ['peak 8.3', 'pit 5.2', 'end 6.9']
    """
    ratings = _with_ends(ratings, "ratings")
    ax = axes(ax)
    places, values = np.arange(len(ratings)), ratings["value"].to_numpy(float)
    ax.fill_between(places, ratings["low"], ratings["high"], color=SKY, alpha=0.4, linewidth=0)
    ax.plot(places, values, marker="o", color=BLUE, linestyle="-")
    marked = {"peak": values.argmax(), "pit": values.argmin(), "end": len(values) - 1}
    for name, at in marked.items():
        if name == "end" and at in (marked["peak"], marked["pit"]):
            continue  # the last step has its mark already
        offset, ha, va = _BESIDE[name]
        ax.annotate(
            f"{name} {values[at]:.1f}", (at, values[at]), xytext=offset, ha=ha, va=va,
            textcoords="offset points", annotation_clip=False,
        )  # fmt: skip
    ax.axhline(values.mean(), color=GREY, linewidth=1, linestyle="--")
    ax.set_xticks(places, [str(step) for step in ratings.index])
    ax.margins(y=0.25)
    ax.set_ylabel("Mean rating")
    return ax


def control_chart(limits, *, ax=None):
    """Draw a control chart: values over time, the centre, its limits, and what is beyond them.

    Parameters
    ----------
    limits : DataFrame
        As :func:`crmlib.satisfaction.control_limits` makes it: `value, centre, low, high, outside`,
        a row for each period in order of time.
    ax : Axes, optional

    Returns
    -------
    Axes
        Periods outside the limits are ringed.

    Examples
    --------
    >>> from crmlib.satisfaction import control_limits
    >>> week = pd.date_range("2026-01-05", periods=4, freq="7D")
    >>> limits = control_limits(pd.Series([4, 6, 5, 25], week), pd.Series(100, week))
    >>> ax = control_chart(limits)
    >>> int(limits["outside"].sum()), ax.get_ylabel()
    (1, 'Rate')
    """
    validate.table(limits, "limits", ["value", "centre", "low", "high", "outside"])
    ax = axes(ax)
    when = limits.index
    ax.plot(when, limits["value"], marker="o", markersize=4, color=BLUE, linestyle="-", linewidth=1)
    for end in ("high", "low"):
        ax.step(when, limits[end], where="mid", color=GREY, linewidth=1, linestyle="--")
    ax.plot(when, limits["centre"], color=GREY, linewidth=1, linestyle="-")
    outside = limits.loc[limits["outside"], "value"]
    ax.plot(
        outside.index, outside, linestyle="", marker="o", markersize=11, markerfacecolor="none",
        color=RED,
    )  # fmt: skip
    for column, name in (("high", "limit"), ("centre", "centre")):
        ax.annotate(
            name, (when[-1], limits[column].iloc[-1]), xytext=(6, 0), textcoords="offset points",
            va="center", color=GREY, annotation_clip=False,
        )  # fmt: skip
    ax.set_ylim(bottom=min(0.0, limits["low"].min()))
    ax.set_ylabel("Rate")
    if isinstance(when, pd.DatetimeIndex):
        short_dates(ax)
    return ax


def _fields(x, y, middle, words, ax, **style):
    """Draw points with their intervals in four fields, each with its words in the corner."""
    ax = axes(ax)
    ax.hlines(y["value"], x["low"], x["high"], color=SKY, linewidth=2)
    ax.vlines(x["value"], y["low"], y["high"], color=SKY, linewidth=2)
    ax.plot(x["value"], y["value"], linestyle="", marker="o", color=BLUE)
    ax.axvline(middle[0], color=GREY, linewidth=1, linestyle="--")
    ax.axhline(middle[1], color=GREY, linewidth=1, linestyle="--")
    for i, text in enumerate(words):  # the upper left, the upper right, and those below
        ax.text(
            (0.01, 0.99)[i % 2], (0.99, 0.01)[i // 2], text, transform=ax.transAxes, color=GREY,
            ha=("left", "right")[i % 2], va=("top", "bottom")[i // 2], **style,
        )  # fmt: skip
    return ax


def _with_ends(values, name: str) -> pd.DataFrame:
    """Give a table with `value, low, high`; without an interval its ends are the value."""
    if isinstance(values, pd.DataFrame):
        return validate.table(values, name, ["value", "low", "high"])
    series = validate.finite(values, name)
    return pd.DataFrame({"value": series, "low": series, "high": series})
