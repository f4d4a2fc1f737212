"""Things beside one another, each with its interval."""

from __future__ import annotations

import numpy as np

from crmlib.plots._axes import axes
from crmlib.plots.style import BLUE, SKY


def interval_bars(table, value, low, high, *, label=None, ax=None):
    """Rank things with their intervals: a dot for the value, a bar from `low` to `high`.

    Parameters
    ----------
    table : DataFrame
        One row for each thing, named by the index; the first row is drawn on top.
    value, low, high : str
        Columns of `table`.
    label : str, optional
        Label of the axis, with the unit; the column's name if not given.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> top = pd.DataFrame({"clv": [90, 70], "low": [60, 55], "high": [130, 88]}, ["c07", "c31"])
    >>> ax = interval_bars(top, "clv", "low", "high", label="Customer lifetime value ($)")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['c07', 'c31']
    """
    ax = axes(ax)
    rows = np.arange(len(table))
    ax.hlines(rows, table[low], table[high], color=SKY, linewidth=5)
    ax.plot(table[value], rows, linestyle="", marker="o", color=BLUE)
    ax.set_yticks(rows, table.index.astype(str))
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(label or value)
    if table.index.name:
        ax.set_ylabel(str(table.index.name).replace("_", " ").capitalize())
    return ax
