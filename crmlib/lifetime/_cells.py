"""Customers with the same history, counted once."""

from __future__ import annotations

from copy import copy
from difflib import get_close_matches

import numpy as np
import pandas as pd

from crmlib.errors import find, refuse, whole

_MAKE = "Make the table with crm.rfm(log), which counts all of this the way the models need it."


class Cells:
    """The distinct (frequency, t_x, T) of a customer base, with how many customers share each.

    The models see a customer only through these three numbers, so a likelihood costs as much as
    there are distinct histories, however many customers share them. Logarithms of time are taken
    once per distinct day, gamma functions once per distinct frequency: hence the index arrays.

    Attributes
    ----------
    weight : array
        Customers by cell.
    x, t_x, T : arrays
        The *distinct* values of each.
    ix, it, iT : arrays
        By cell, where in `x`, `t_x` and `T` its values stand.
    row : array
        By row of the table, its cell.
    """

    def __init__(self, summary: pd.DataFrame, weights=None):
        ix, self.x = _factorise(summary["frequency"])
        it, self.t_x = _factorise(summary["t_x"])
        iT, self.T = _factorise(summary["T"])
        code = (ix * len(self.t_x) + it) * len(self.T) + iT
        self.row, codes = pd.factorize(code)
        self.weight = np.bincount(self.row, weights=weights, minlength=len(codes)).astype(float)
        rest, self.iT = np.divmod(codes, len(self.T))
        self.ix, self.it = np.divmod(rest, len(self.t_x))

    def sample(self, n: int) -> Cells:
        """Keep about `n` customers, every k-th in the order of the cells, weighted to the whole."""
        every = self.weight.sum() / n
        kept = np.diff(np.floor(np.cumsum(self.weight) / every), prepend=0.0)
        part = copy(self)
        part.ix, part.it, part.iT = (i[kept > 0] for i in (self.ix, self.it, self.iT))
        part.weight = kept[kept > 0] * every
        return part

    def __len__(self) -> int:
        return len(self.weight)


def _factorise(column: pd.Series):
    index, values = pd.factorize(column.to_numpy(dtype=float))
    return index.astype(np.int64), values


def check_summary(summary: pd.DataFrame) -> None:
    """Refuse a table that no purchase history can have made.

    Parameters
    ----------
    summary : DataFrame
        Columns `frequency` (repeat purchases), `t_x` (first to last purchase), `T` (first purchase
        to the end of observation), as :func:`crmlib.rfm` makes it.

    Raises
    ------
    DataError
        Naming the rows: missing columns or values, negative or infinite times, `t_x` after `T`,
        counts that are not whole, repeat purchases that take no time.
    """
    columns(summary, ["frequency", "t_x", "T"])
    whole_numbers(summary["frequency"])
    x, t_x, T = (summary[c] for c in ("frequency", "t_x", "T"))
    tolerance = 1e-9 * T.abs()
    refuse(
        [
            find(t_x, t_x > T + tolerance, "the last purchase is after the end of observation (T)"),
            find(t_x, (x > 0) & (t_x <= 0), "repeat purchases, but no time between them"),
            find(t_x, (x == 0) & (t_x > 0), "no repeat purchase, but a last one after the first"),
        ],
        f"t_x is the customer's age at the last purchase, not the time since. {_MAKE}",
    )


def whole_numbers(x: pd.Series) -> None:
    """Refuse counts of purchases that are not whole numbers."""
    refuse([find(x, x != np.floor(x), "purchases are counted in whole numbers")], _MAKE)


def columns(summary: pd.DataFrame, names: list[str], advice: str = _MAKE) -> None:
    """Refuse a table without these columns of finite numbers, none below zero."""
    if not isinstance(summary, pd.DataFrame):
        raise TypeError(
            f"expected a DataFrame with one row a customer, not {type(summary).__name__}"
        )
    refuse(
        [
            whole(name, f"there is no such column{_nearest(name, summary.columns)}")
            for name in names
            if name not in summary.columns
        ],
        advice,
    )
    twice = [name for name in names if (summary.columns == name).sum() > 1]
    refuse([whole(name, "there are two columns of this name") for name in twice], "Rename one.")
    if summary.empty:
        refuse([whole(None, "the table has no rows")], "Check the filter that made it.")
    refuse(
        [
            whole(name, f"is {summary[name].dtype}, not numbers")
            for name in names
            if not pd.api.types.is_numeric_dtype(summary[name])
        ],
        "Convert text with pandas.to_numeric; differences of dates with .dt.days, divided by the "
        "days in your unit of time.",
    )
    found = []
    for name in names:
        values = summary[name].astype(float)
        found += [
            find(values, ~np.isfinite(values), "missing or infinite"),
            find(values, values < 0, "below zero"),
        ]
    refuse(found, advice)


def _nearest(name: str, there) -> str:
    if name == "t_x" and "recency" in there:
        return (
            "; 'recency' counts from the last purchase to the end, t_x from the first to the last"
        )
    near = get_close_matches(name.lower(), [str(c).lower() for c in there], n=1, cutoff=0.5)
    near = [str(c) for c in there if near and str(c).lower() == near[0]]
    return f"; did you mean '{near[0]}'?" if near else ""


def check_weights(weights, summary: pd.DataFrame) -> np.ndarray | None:
    """Return `weights` as an array: how many customers stand behind each row."""
    if weights is None:
        return None
    if isinstance(weights, pd.Series) and not weights.index.equals(summary.index):
        raise ValueError("weights and table do not have the same index: which belongs to which?")
    w = pd.Series(np.asarray(weights, dtype=float), name="weights")
    if len(w) != len(summary):
        raise ValueError(f"{len(w)} weights for {len(summary)} rows")
    bad = find(w, ~(np.isfinite(w) & (w >= 0)), "a count of customers cannot be this")
    refuse([bad], "Give the number of customers in each row.")
    if not w.sum():
        refuse([whole("weights", "are all zero")], "Give the number of customers in each row.")
    return w.to_numpy()
