"""How far customers have drifted from those for whom the segments were made."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api import types

from crmlib import validate
from crmlib.errors import DataError, find, refuse, whole

_NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal")  # as objects


def drift(before, after, *, bins: int = 10) -> float:
    r"""Compute the population stability index of one variable between two times.

    .. math:: \mathrm{PSI} = \sum_i (b_i - a_i) \ln \frac{b_i}{a_i}

    over bins with the shares a before and b after. It is 0 where nothing changed. Practice takes 0.1
    for a small change and 0.25 for a large one, whatever the number of customers; but without
    any change it is about (k - 1)(1/n + 1/m) for k bins and n and m customers, and its 95 % point
    that of chi-square with k - 1 degrees of freedom times (1/n + 1/m).

    Parameters
    ----------
    before, after : Series or arrays of shapes (n,) and (m,)
        Numbers are put into bins between the quantiles of `before`, each with its lower end;
        quantiles that are equal make one cut. Anything else (text, categories, yes and no) is
        compared as it is.
    bins : int
        For numbers, from 2 to n.

    Returns
    -------
    float
        Zero or more. A bin that is empty at one of the times counts half a customer there.

    Raises
    ------
    DataError
        For missing values, no values, or numbers at one time and none at the other.
    ValueError
        For impossible `bins`.

    References
    ----------
    Siddiqi, N. (2006). Credit risk scorecards. Wiley. Yurdakul, B. and Naranjo, J. (2020). Statistical
    properties of the population stability index. Journal of Risk Model Validation 14(4), 89-100.

    Examples
    --------
    >>> round(drift(["large"] * 50 + ["small"] * 50, ["large"] * 25 + ["small"] * 75), 4)
    0.2747
    """
    bins = validate.whole_number(bins, "bins", least=2)
    a, b = _column(before, "before"), _column(after, "after")
    kinds = [_is_number(column) for column in (a, b)]
    if kinds[0] != kinds[1]:
        problem = "numbers at one time and categories at the other"
        raise DataError(whole("after", problem), "Give the same variable twice.")
    if kinds[0]:
        a, b = (validate.finite(column).to_numpy() for column in (a, b))
        if bins > len(a):
            raise validate.wrong("bins", bins, f"at most {len(a)}, the number of values before")
        cuts = np.unique(np.quantile(a, np.arange(1, bins) / bins))
        a, b = (np.searchsorted(cuts, values, side="right") for values in (a, b))
    counts = [pd.Series(values, dtype=object).value_counts() for values in (a, b)]
    shares = pd.concat(counts, axis=1).fillna(0.5) / [len(a), len(b)]
    return float((np.diff(shares, axis=1) * np.diff(np.log(shares), axis=1)).sum())


def _column(values, name: str) -> pd.Series:
    column = validate.one_column(values, name).rename(name)
    if column.empty:
        raise DataError(whole(name, "has no values"), "Check the filter that made it.")
    advice = "Complete them, or let them be a category: .fillna('missing')."
    refuse([find(column, column.isna(), "missing")], advice)
    odd = find(column, ~column.map(types.is_hashable).astype(bool), "neither number nor name")
    refuse([odd], "Give one number or one name in each row.")
    return column


def _is_number(column: pd.Series) -> bool:
    if column.dtype == object:
        return types.infer_dtype(column) in _NUMBERS
    return types.is_numeric_dtype(column) and not types.is_bool_dtype(column)
