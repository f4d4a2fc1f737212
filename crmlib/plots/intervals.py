"""Things beside one another, each with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlib import validate
from crmlib.estimate import Estimate
from crmlib.plots._axes import axes
from crmlib.plots.style import BLUE, SKY


def interval_bars(table, value="value", low="low", high="high", *, label=None, ax=None):
    """Rank things with their intervals: a dot for the value, a bar from `low` to `high`.

    Parameters
    ----------
    table : DataFrame, or Series or dict of Estimate
        One row for each thing, named by the index; the first row is drawn on top.
    value, low, high : str
        Columns of `table`; estimates have these names.
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
    >>> shares = {"2024": Estimate(0.6, 0.05, 0.5, 0.7, 90), "2025": Estimate(0.7, 0.05, 0.6, 0.8, 80)}
    >>> ax = interval_bars(shares, label="Share of satisfied customers")
    """
    if isinstance(table, dict | pd.Series):
        table = pd.Series(table, dtype=object)
        if table.map(lambda e: isinstance(e, Estimate)).all():
            table = pd.DataFrame([vars(e) for e in table], table.index)
    validate.table(table, "table", [value, low, high])
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
