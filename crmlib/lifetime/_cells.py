"""Customers with the same history, counted once."""

from __future__ import annotations

from copy import copy

import numpy as np
import pandas as pd

from crmlib import validate
from crmlib.errors import DataError, find, refuse, whole

MAKE = "Make the table with crm.rfm(log), which counts all of this the way the models need it."


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
        """Group a table that :func:`checked_summary` gave back."""
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


def checked_summary(summary: pd.DataFrame) -> pd.DataFrame:
    """Give the three columns back as floats, or refuse a table that no purchases can have made.

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
    summary = checked_columns(summary, ["frequency", "t_x", "T"])
    need_whole_numbers(summary["frequency"])
    x, t_x, T = (summary[c] for c in ("frequency", "t_x", "T"))
    tolerance = 1e-9 * T.abs()
    refuse(
        [
            find(t_x, t_x > T + tolerance, "the last purchase is after the end of observation (T)"),
            find(t_x, (x > 0) & (t_x <= 0), "repeat purchases, but no time between them"),
            find(t_x, (x == 0) & (t_x > 0), "no repeat purchase, but a last one after the first"),
        ],
        f"t_x is the customer's age at the last purchase, not the time since. {MAKE}",
    )
    return summary


def need_whole_numbers(x: pd.Series) -> None:
    """Refuse counts of purchases that are not whole numbers."""
    refuse([find(x, x != np.floor(x), "purchases are counted in whole numbers")], MAKE)


def checked_columns(summary: pd.DataFrame, names: list[str], advice: str = MAKE) -> pd.DataFrame:
    """Give these columns back as finite floats, none below zero, or refuse the table."""
    columns = getattr(summary, "columns", [])
    if "t_x" in names and "t_x" not in columns and "recency" in columns:
        problem = (
            "there is no such column; 'recency' counts from the last purchase to the end, "
            "t_x from the first to the last"
        )
        raise DataError(whole("t_x", problem), advice)
    validate.table(summary, "summary", names, advice=advice)
    table = pd.DataFrame({name: _numbers(summary[name]) for name in names})
    found = []
    for name in names:
        values = table[name]
        found += [
            find(values, ~np.isfinite(values), "missing or infinite"),
            find(values, values < 0, "below zero"),
        ]
    refuse(found, advice)
    return table


def _numbers(column: pd.Series) -> pd.Series:
    if pd.api.types.is_timedelta64_dtype(column.dtype):
        advice = "Take the days with .dt.days, and divide by the days in your unit of time."
        raise DataError(whole(str(column.name), f"is {column.dtype}, not numbers"), advice)
    return validate.numbers(column)


def checked_weights(weights, summary: pd.DataFrame) -> np.ndarray | None:
    """Return `weights` as an array: how many customers stand behind each row."""
    if weights is None:
        return None
    return validate.weights(weights, summary.index, other="summary").to_numpy()
